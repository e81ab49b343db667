//! Signs requests with a secret, over a text that the config writes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::Signature;
use crate::config::settings::{HmacAlgorithm, SignatureEncoding};
use crate::extract::api::error::ApiError;
use crate::extract::api::request::{Prepared, header};
use crate::figures::hex;

/// The digest of a text with a key.
pub(super) fn digest(algorithm: HmacAlgorithm, key: &[u8], text: &[u8]) -> Result<Vec<u8>, ApiError> {
    fn of<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
        mac.update(text);
        Some(mac.finalize().into_bytes().to_vec())
    }
    match algorithm {
        HmacAlgorithm::Sha256 => of::<Hmac<Sha256>>(key, text),
        HmacAlgorithm::Sha512 => of::<Hmac<Sha512>>(key, text),
        HmacAlgorithm::Sha1 => of::<Hmac<Sha1>>(key, text),
    }
    .ok_or_else(|| ApiError::Request { reason: "the secret cannot be used as a key".to_owned() })
}

impl Signature {
    /// Adds the signature, and the time where it is asked for.
    pub(super) fn sign(&self, request: &mut Prepared, now: DateTime<Utc>) -> Result<(), ApiError> {
        let timestamp = now.timestamp().to_string();
        let path = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        // The body comes last: it may have the other names in it.
        let text = self
            .signed_text
            .replace("{method}", request.method.as_str())
            .replace("{timestamp}", &timestamp)
            .replace("{path}", &path)
            .replace("{body}", request.body.as_deref().unwrap_or_default());
        let digest = digest(self.algorithm, self.secret.as_bytes(), text.as_bytes())?;
        let signature = match self.encoding {
            SignatureEncoding::Hex => hex(&digest),
            SignatureEncoding::Base64 => STANDARD.encode(digest),
        };
        if let Some(name) = &self.timestamp_header {
            header(&mut request.headers, name, &timestamp)?;
        }
        header(&mut request.headers, &self.header, &signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        let text = b"The quick brown fox jumps over the lazy dog";
        let of = |algorithm| hex(&digest(algorithm, b"key", text).unwrap());
        assert_eq!(of(HmacAlgorithm::Sha256), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
        assert_eq!(of(HmacAlgorithm::Sha1), "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
        assert!(of(HmacAlgorithm::Sha512).starts_with("b42af09057bac1e2d41708e48a902e09b5ff7f12ab428a4f"));
    }

    #[test]
    fn the_text_that_is_signed_is_the_one_of_the_config() {
        let signature = Signature {
            secret: "key".into(),
            algorithm: HmacAlgorithm::Sha256,
            header: "X-Signature".into(),
            timestamp_header: Some("X-Time".into()),
            encoding: SignatureEncoding::Hex,
            signed_text: "{method}|{path}|{timestamp}|{body}".into(),
        };
        let mut request = Prepared {
            method: http::Method::POST,
            url: "https://a.example/v1/x?b=%20".parse().unwrap(),
            shown: String::new(),
            headers: http::HeaderMap::new(),
            body: Some("{\"q\":\"{path}\"}".into()),
            shown_body: None,
        };
        signature.sign(&mut request, DateTime::from_timestamp(1_700_000_000, 0).unwrap()).unwrap();
        let expected =
            digest(HmacAlgorithm::Sha256, b"key", b"POST|/v1/x?b=%20|1700000000|{\"q\":\"{path}\"}").unwrap();
        assert_eq!(request.headers["x-signature"], hex(&expected).as_str());
        assert_eq!(request.headers["x-time"], "1700000000");
    }
}
