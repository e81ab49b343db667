//! Takes secrets out of whatever is told of requests and answers.
//!
//! What is known to be secret is replaced wherever it stands; values that the config gives, and that may
//! have come from a variable, are hidden by those who write them.

use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::request::encode;
use crate::figures::hex;

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "***";
/// Shorter texts are not looked for: they stand everywhere.
const SHORTEST: usize = 4;
/// Of an answer, for people.
const SAID: usize = 300;
/// Headers that carry secrets by custom.
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token"];

/// The secrets of a source.
#[derive(Debug, Default)]
pub(super) struct Veil {
    secrets: Mutex<Vec<String>>,
    /// Names of headers, in small letters.
    headers: Vec<String>,
}

impl Veil {
    /// Hides the values of these headers, too.
    pub(super) fn new(headers: impl IntoIterator<Item = String>) -> Self {
        let headers = headers.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { secrets: Mutex::default(), headers }
    }
    /// From now on this is secret.
    pub(super) fn add(&self, secret: &str) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for form in [secret.to_owned(), encode(secret)] {
            if form.len() >= SHORTEST && !secrets.contains(&form) {
                secrets.push(form);
            }
        }
        // A secret that contains another one goes first.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }
    /// The same for the same secrets, and tells none.
    pub(super) fn digest(&self) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        hex(&Sha256::digest(secrets.join("\n").as_bytes())[..8])
    }
    /// The text without secrets.
    pub(super) fn hide(&self, text: &str) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), HIDDEN) } else { text }
        })
    }
    /// Headers without secrets.
    pub(super) fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let secret = SECRET_HEADERS.contains(&name.as_str()) || self.headers.iter().any(|own| own == name.as_str());
            let value = if secret { HIDDEN.to_owned() } else { self.hide(&String::from_utf8_lossy(value.as_bytes())) };
            (name.as_str().to_owned(), value)
        };
        headers.iter().map(shown).collect()
    }
    /// What a server said, in one line and not too long.
    pub(super) fn said(&self, body: &[u8]) -> String {
        let body = body.get(..SAID * 8).unwrap_or(body);
        let text = self.hide(&String::from_utf8_lossy(body));
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = words.join(" ");
        if line.starts_with('<') {
            return "a page for people (HTML)".to_owned();
        }
        let mut short: String = line.chars().filter(|character| !character.is_control()).take(SAID).collect();
        if short.len() < line.len() {
            short.push('…');
        }
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_seen_in_any_form() {
        let veil = Veil::new(["X-Own".to_owned()]);
        for secret in ["tok/en 1", "tok/en 12", "abc"] {
            veil.add(secret);
        }
        assert_eq!(veil.hide("a tok/en 12 b tok%2Fen%201 abc"), "a *** b *** abc");
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", "Bearer x"), ("x-own", "y"), ("x-other", "tok/en 1!")] {
            headers.insert(name, value.parse().unwrap());
        }
        let shown: Vec<String> = veil.headers(&headers).into_iter().map(|(_, value)| value).collect();
        assert_eq!(shown, ["***", "***", "***!"]);
        assert_eq!(veil.said(b"{\"error\":\n  \"tok/en 1\"}"), "{\"error\": \"***\"}");
        assert_eq!(veil.said(b"<!doctype html>"), "a page for people (HTML)");
        assert_eq!(veil.said("é".repeat(400).as_bytes()).chars().count(), 301);
    }
}
