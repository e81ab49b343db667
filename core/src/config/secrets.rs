//! Which words of a config look like secrets, by the name of their key and by their form.
//!
//! Pure functions over text. They say what kind of secret it is and never repeat it. A name is no
//! proof and a form is no proof; together they miss little, and what they find deserves a look.

/// Words of a key that say "secret" alone.
const ALONE: [&str; 13] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "bearer",
    "authorization",
    "connectionstring",
    "dsn",
];
/// Pairs of words that say "secret" together.
const PAIRS: [(&str, &str); 12] = [
    ("api", "key"),
    ("access", "key"),
    ("account", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("shared", "key"),
    ("subscription", "key"),
    ("connection", "string"),
    ("conn", "str"),
    ("sas", "url"),
];
/// A key that ends so says something about a secret, not the secret.
const ABOUT: [&str; 30] = [
    "in",
    "env",
    "var",
    "variable",
    "header",
    "param",
    "params",
    "parameter",
    "field",
    "column",
    "columns",
    "type",
    "url",
    "uri",
    "endpoint",
    "path",
    "file",
    "name",
    "id",
    "expiry",
    "ttl",
    "seconds",
    "prefix",
    "length",
    "mode",
    "format",
    "scheme",
    "location",
    "required",
    "enabled",
];
/// How tokens of well-known services begin, with the characters that follow at least.
const SHAPES: [(&str, usize, &str); 14] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("xoxb-", 16, "a Slack token"),
    ("xoxp-", 16, "a Slack token"),
    ("sk_live_", 16, "a Stripe key"),
    ("rk_live_", 16, "a Stripe key"),
    ("AIza", 30, "a Google API key"),
    ("SG.", 30, "a SendGrid key"),
    ("dapi", 32, "a Databricks token"),
];
/// Parts of connection strings and of queries of URLs whose value is secret.
const PARTS: [&str; 14] = [
    "password",
    "pwd",
    "accountkey",
    "sharedaccesskey",
    "sharedaccesssignature",
    "secretaccesskey",
    "secret",
    "client_secret",
    "token",
    "access_token",
    "api_key",
    "apikey",
    "sig",
    "code_secret",
];

/// What kind of secret stands in `value` under the key `key`, if it looks like one.
pub(crate) fn look(key: &str, value: &str) -> Option<&'static str> {
    let literal = without_references(value);
    let shown = literal.trim();
    if shown.is_empty() || is_placeholder(shown) {
        return None;
    }
    by_form(shown).or_else(|| (by_name(key) && (!value.contains("${") || !literal.contains(GAP))).then_some("a secret"))
}

/// Stands where a reference was.
const GAP: char = '\u{1}';

/// `value` with each `${NAME}` as one [`GAP`], and each `${NAME:default}` as its default.
fn without_references(value: &str) -> String {
    let mut literal = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        literal.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('}') else {
            literal.push(GAP);
            return literal;
        };
        let inner = &rest[start + 2..start + length];
        match inner.split_once(':') {
            Some((_, default)) if !default.is_empty() => literal.push_str(default),
            _ => literal.push(GAP),
        }
        rest = &rest[start + length + 1..];
    }
    literal + rest
}

/// Whether somebody wrote it to be replaced: `<token>`, `***`, `xxx`, `…`.
fn is_placeholder(value: &str) -> bool {
    (value.starts_with('<') && value.ends_with('>'))
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '…' | '-' | GAP))
}

/// Whether a key of this name holds a secret.
fn by_name(key: &str) -> bool {
    let words = words(key);
    if words.last().is_none_or(|last| ABOUT.contains(&last.as_str())) {
        return false;
    }
    words.iter().any(|word| ALONE.contains(&word.as_str()))
        || words.windows(2).any(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())))
}

/// `clientSecret`, `client_secret` and `Client-Secret` are `client`, `secret`.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in key.chars() {
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && lower);
        if starts && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a value is by its form, whatever its key.
fn by_form(value: &str) -> Option<&'static str> {
    if value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    for token in value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '=' | '&' | '/')) {
        for (start, rest, what) in SHAPES {
            let tail = token.strip_prefix(start).unwrap_or_default();
            if tail.len() >= rest && tail.bytes().all(is_token) {
                return Some(what);
            }
        }
        if is_web_token(token) {
            return Some("a web token");
        }
    }
    for scheme in ["Bearer ", "Basic ", "Token "] {
        let rest = value.strip_prefix(scheme).unwrap_or_default().trim();
        if rest.len() >= 8 && rest.bytes().all(is_token) {
            return Some("a credential for a header");
        }
    }
    if has_user_info(value) {
        return Some("a password in an address");
    }
    has_secret_part(value).then_some("a secret in a connection string")
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b'~')
}

/// `eyJ….eyJ….…`: three parts of base64.
fn is_web_token(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    matches!(parts.as_slice(), [header, body, _] if header.starts_with("eyJ") && body.starts_with("eyJ") && header.len() > 10)
        && token.bytes().all(is_token)
}

/// `scheme://user:password@host`, with a password that is no reference.
fn has_user_info(value: &str) -> bool {
    value.match_indices("://").any(|(at, _)| {
        let authority = value[at + 3..].split(['/', '?', '#', ' ']).next().unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else { return false };
        user.split_once(':').is_some_and(|(_, password)| is_literal(password))
    })
}

/// `Server=h;Password=p`, `host=h password=p`, `https://h/?sig=…`.
fn has_secret_part(value: &str) -> bool {
    let pairs = value.matches('=').count();
    let separated = value.contains(';') || value.contains('?') || (pairs > 1 && value.contains(' '));
    separated
        && value.split([';', '&', '?', ' ']).any(|part| {
            part.split_once('=').is_some_and(|(name, secret)| {
                let name: String = name.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
                PARTS.contains(&name.as_str()) && is_literal(secret.trim_matches(['\'', '"']))
            })
        })
}

fn is_literal(secret: &str) -> bool {
    !secret.is_empty() && !secret.contains(GAP) && !is_placeholder(secret) && secret != "?" && !secret.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen() {
        for (key, value, what) in [
            ("password", "hunter2", "a secret"),
            ("db_password", "${DB_PASSWORD:hunter2}", "a secret"),
            ("clientSecret", "abc", "a secret"),
            ("X-API-Key", "abc123", "a secret"),
            ("Authorization", "Bearer abcdefgh1234", "a credential for a header"),
            ("conn_str", "anything", "a secret"),
            ("base_url", "https://ana:pw@example.com/x", "a password in an address"),
            ("url", "postgres://u:p%40ss@h:5432/db", "a password in an address"),
            ("query", "Server=h;Database=d;User Id=u;Password=p;", "a secret in a connection string"),
            ("dsn_text", "host=h user=u password='p'", "a secret in a connection string"),
            (
                "x",
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v==;EndpointSuffix=e",
                "a secret in a connection string",
            ),
            ("endpoint", "https://h/c?sv=1&sig=abc%3D", "a secret in a connection string"),
            ("note", "AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
            ("note", "token ghp_0123456789abcdefghijklmnopqrstuvwxyz", "a GitHub token"),
            ("note", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "a web token"),
            ("note", "-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"),
        ] {
            assert_eq!(look(key, value), Some(what), "{key}");
        }
    }

    #[test]
    fn what_is_no_secret_is_left_alone() {
        for (key, value) in [
            ("auth_env_var", "API_TOKEN"),
            ("auth_token_env", "API_TOKEN"),
            ("auth_header", "X-API-Key"),
            ("token_url", "https://example.com/oauth/token"),
            ("next_page_token_field", "next"),
            ("primary_keys", "id"),
            ("password", "${DB_PASSWORD}"),
            ("password", "${DB_PASSWORD:}"),
            ("password", ""),
            ("password", "<your password>"),
            ("password", "********"),
            ("Authorization", "Bearer ${TOKEN}"),
            ("url", "postgres://u:${PW}@h/db"),
            ("url", "https://example.com/a?b=c"),
            ("url", "https://ana@example.com"),
            ("conn", "Server=h;Password=${PW};"),
            ("query", "SELECT token, password FROM t WHERE id = 1; -- a = b"),
            ("query", "SELECT * FROM t WHERE password = ?"),
            ("max_tokens", "100"),
            ("path", "./data/tokens_{run_date}.csv"),
            ("auth_type", "bearer"),
            ("system", "crm"),
        ] {
            assert_eq!(look(key, value), None, "{key}: {value}");
        }
    }
}
