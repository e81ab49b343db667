//! Texts that must have a form: what a delimiter, a time zone or a declared type may be.
//!
//! Each form has one reader; the check asks it whether a text is right, [`super::resolve`] asks it
//! for the value.

use std::str::FromStr;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::settings::DeclaredType;
use crate::diagnostic::{Code, code};
use crate::nearest::nearest;

/// Why a text has not the form. The text itself is not in it: it may come from a variable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Mostly CFG016.
    pub(crate) code: Code,
    /// Goes on after the text: "is not a time zone".
    pub(crate) reason: String,
    /// What to do.
    pub(crate) help: String,
    /// The text that may have been meant.
    pub(crate) nearest: Option<String>,
}

fn misfit<T>(reason: impl Into<String>, help: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit { code: code::CFG016, reason: reason.into(), help: help.into(), nearest: None })
}

/// Whether `text` has the form of this name (an `x-form` of the schema).
pub(crate) fn check(form: &str, text: &str) -> Result<(), Misfit> {
    match form {
        "name" => name(text),
        "own_name" => own_name(text),
        "title" => title(text),
        "prefix" => prefix(text).map(drop),
        "folder" => folder(text),
        "file_path" => file_path(text),
        "delimiter" => delimiter(text).map(drop),
        "encoding" => encoding(text).map(drop),
        "timezone" => timezone(text).map(drop),
        "declared_type" => declared_type(text).map(drop),
        "date" => date(text).map(drop),
        "variable" => variable(text),
        "web_address" => web_address(text),
        "base_url" => base_url(text),
        "endpoint" => endpoint(text),
        "header" => header(text),
        _ => Ok(()),
    }
}

/// A part of a path: `system`, `table`, `domain`, ….
fn name(text: &str) -> Result<(), Misfit> {
    const HELP: &str = "it becomes part of a folder's name: use letters, digits, `_`, `-` and `.`";
    if text.is_empty() {
        return misfit("is empty", HELP);
    }
    if let Some(bad) = text.chars().find(|c| c.is_control() || "/\\:*?\"<>|=".contains(*c)) {
        return misfit(format!("contains {}, which no folder can have", describe(bad)), HELP);
    }
    if text.trim() != text || text.ends_with('.') || text.starts_with('.') {
        return misfit("starts or ends with a space or a dot", HELP);
    }
    if text.len() > 200 {
        return misfit("is longer than 200 bytes", HELP);
    }
    Ok(())
}

/// A name of a dataset's own folder or partition, beside those that the program makes.
fn own_name(text: &str) -> Result<(), Misfit> {
    if text.starts_with('_') {
        return misfit("starts with `_`, as the program's own folders do", "choose a name that starts with a letter");
    }
    name(text)
}

fn title(text: &str) -> Result<(), Misfit> {
    if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        return misfit("is no name for a dataset", "use a short name without spaces around it, for example `orders`");
    }
    Ok(())
}

/// Path below a root, without slashes at its ends.
pub(crate) fn prefix(text: &str) -> Result<String, Misfit> {
    let inside = text.trim_matches('/');
    for segment in inside.split('/') {
        if inside.is_empty() {
            break;
        }
        if matches!(segment, "" | "." | "..") || segment.chars().any(|c| c.is_control() || "\\:*?\"<>|".contains(c)) {
            return misfit(
                "is not a path below the root",
                "name folders separated by `/`, without `..` and without special characters, for example `bronze/`",
            );
        }
    }
    Ok(inside.to_owned())
}

fn folder(text: &str) -> Result<(), Misfit> {
    if text.trim().is_empty() || text.contains('\0') {
        return misfit("is not a folder", "name a folder, for example `./output`");
    }
    match scheme(text) {
        Some(_) => misfit(
            "is an address, not a folder",
            "name a folder of this machine; other storage is chosen by `storage_backend`",
        ),
        None => Ok(()),
    }
}

fn file_path(text: &str) -> Result<(), Misfit> {
    if text.trim().is_empty() || text.contains('\0') {
        return misfit("is not a path", "name a file, for example `./data/orders.csv`");
    }
    if let Some(scheme) = scheme(text)
        && !REMOTE_SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return misfit(
            "is an address of a kind that is not known",
            format!("name a file of this machine, or an address that starts with {}", {
                let known: Vec<String> = REMOTE_SCHEMES.iter().map(|known| format!("`{known}://`")).collect();
                known.join(", ")
            }),
        );
    }
    if let Some((scheme, rest)) = scheme(text).zip(text.split_once("://").map(|(_, rest)| rest)) {
        remote_address(&scheme.to_ascii_lowercase(), rest)?;
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((inner, after)) = after.split_once('}') else { break };
        if inner != "run_date" {
            return misfit(
                "has a placeholder that nothing fills in",
                "the one placeholder is `{run_date}`, the date of the run as YYYY-MM-DD",
            );
        }
        rest = after;
    }
    Ok(())
}

/// What stands behind the scheme of an address: the bucket, then the key; or the host, then the path.
fn remote_address(scheme: &str, rest: &str) -> Result<(), Misfit> {
    let bucket = rest.split_once('/').map_or(rest, |(bucket, _)| bucket);
    let (container, host) = bucket.split_once('@').map_or((bucket, None), |(name, host)| (name, Some(host)));
    match scheme {
        "http" | "https" => {
            web_address(&format!("{scheme}://{rest}"))?;
            if rest.split(['?', '#']).next().is_some_and(|path| path.contains('*')) {
                return misfit(
                    "is a pattern, and servers of the web list no files",
                    "name one file; `{run_date}` may stand in the address",
                );
            }
            Ok(())
        }
        _ if container.is_empty() => misfit(
            "names no bucket",
            format!("write `{scheme}://bucket/key`: behind `://` stands the bucket or the container"),
        ),
        _ if bucket.contains(['*', '?', '[', '{']) => misfit(
            "has a pattern or a place-holder where the bucket stands",
            "name one bucket; patterns and `{run_date}` stand in the key behind it",
        ),
        "abfs" | "abfss" if host.is_none_or(str::is_empty) => misfit(
            "names no account",
            format!("write `{scheme}://container@account.dfs.core.windows.net/key`, or `az://container/key`"),
        ),
        _ => Ok(()),
    }
}

/// Schemes of addresses of files that are not on this machine.
const REMOTE_SCHEMES: [&str; 8] = ["s3", "s3a", "gs", "az", "abfs", "abfss", "http", "https"];

/// `s3` of `s3://bucket/key`. One letter is a Windows drive.
pub(crate) fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    (scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)))
        .then_some(scheme)
}

/// The byte between fields.
pub(crate) fn delimiter(text: &str) -> Result<u8, Misfit> {
    let text = if text == "\\t" { "\t" } else { text };
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Ok(*byte),
        _ => misfit(
            "is not a delimiter",
            "use one ASCII character that is neither a quote nor a line break, for example `;`, `|` or `\"\\t\"`",
        ),
    }
}

/// The label of a text encoding, as the WHATWG Encoding Standard names them.
pub(crate) fn encoding(text: &str) -> Result<&'static encoding_rs::Encoding, Misfit> {
    if let Some(encoding) = encoding_rs::Encoding::for_label_no_replacement(text.as_bytes()) {
        return Ok(encoding);
    }
    const COMMON: [&str; 12] = [
        "utf-8",
        "latin1",
        "windows-1252",
        "utf-16le",
        "utf-16be",
        "iso-8859-1",
        "iso-8859-15",
        "windows-1250",
        "windows-1251",
        "shift_jis",
        "gb18030",
        "ascii",
    ];
    // `utf_8`, `UTF8-SIG` and `cp-1252` are how other programs write some of them.
    let plain: String = text.to_lowercase().replace('_', "-").trim_end_matches("-sig").to_owned();
    let meant = if encoding_rs::Encoding::for_label_no_replacement(plain.as_bytes()).is_some() {
        Some(plain)
    } else {
        nearest(text, COMMON).map(str::to_owned)
    };
    Err(Misfit {
        code: code::CFG016,
        reason: "is not a known encoding".into(),
        help:
            "use a label of the WHATWG Encoding Standard, for example `utf-8`, `latin1`, `windows-1252` or `utf-16le`"
                .into(),
        nearest: meant,
    })
}

/// A time zone of the IANA database.
pub(crate) fn timezone(text: &str) -> Result<Tz, Misfit> {
    Tz::from_str(text).map_err(|_| Misfit {
        code: code::CFG016,
        reason: "is not a time zone".into(),
        help: "use a name of the IANA database, for example `UTC` or `Europe/Berlin`".into(),
        nearest: nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())).map(str::to_owned),
    })
}

/// A calendar day.
pub(crate) fn date(text: &str) -> Result<NaiveDate, Misfit> {
    let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) if shaped => Ok(date),
        _ => misfit("is not a date", "write it as YYYY-MM-DD, for example 2025-01-31"),
    }
}

/// A type that a config can declare, in any case.
pub(crate) fn declared_type(text: &str) -> Result<DeclaredType, Misfit> {
    const NAMES: [&str; 12] = [
        "text",
        "string",
        "integer",
        "int",
        "bigint",
        "float",
        "double",
        "boolean",
        "bool",
        "date",
        "timestamp",
        "timestamptz",
    ];
    let word = text.trim().to_ascii_lowercase();
    Ok(match word.as_str() {
        "text" | "string" => DeclaredType::Text,
        "integer" | "int" | "bigint" => DeclaredType::Integer,
        "float" | "double" => DeclaredType::Float,
        "boolean" | "bool" => DeclaredType::Boolean,
        "date" => DeclaredType::Date,
        "timestamp" => DeclaredType::Timestamp,
        "timestamptz" => DeclaredType::Timestamptz,
        _ => {
            if let Some(arguments) = word.strip_prefix("decimal") {
                return decimal(arguments.trim());
            }
            return Err(Misfit {
                code: code::CFG016,
                reason: "is not a type".into(),
                help: "the types are text, integer, float, decimal(p,s), boolean, date, timestamp and timestamptz"
                    .into(),
                nearest: nearest(&word, NAMES).map(str::to_owned),
            });
        }
    })
}

fn decimal(arguments: &str) -> Result<DeclaredType, Misfit> {
    let numbers = arguments.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).and_then(|inside| {
        let (precision, scale) = inside.split_once(',').unwrap_or((inside, "0"));
        Some((precision.trim().parse::<u8>().ok()?, scale.trim().parse::<i8>().ok()?))
    });
    match numbers {
        Some((precision @ 1..=38, scale))
            if scale >= 0 && u8::try_from(scale).is_ok_and(|scale| scale <= precision) =>
        {
            Ok(DeclaredType::Decimal { precision, scale })
        }
        _ => misfit(
            "is not a decimal type",
            "write \"decimal(p,s)\" with p digits in all, 1 to 38, and s of them after the point, for example \"decimal(18,2)\"",
        ),
    }
}

/// The name of an environment variable. A text that is none may be the secret itself, so nobody shows it.
fn variable(text: &str) -> Result<(), Misfit> {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if first && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(());
    }
    Err(Misfit {
        code: code::CFG030,
        reason: "must be the name of an environment variable, not its value".into(),
        help: "set the variable outside of this file, and write its name here: letters, digits and `_`".into(),
        nearest: None,
    })
}

/// An address of the web, with its host. Says nothing about who may ask there.
fn web_address(text: &str) -> Result<(), Misfit> {
    const HELP: &str = "write it whole, for example `https://api.example.com`";
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else {
        return match scheme(text) {
            Some(_) => misfit("is not an address of the web", "it must start with `https://` or `http://`"),
            None => misfit("has no `https://`", HELP),
        };
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(Misfit {
            code: code::CFG030,
            reason: "has a user name or password in it".into(),
            help: "take them out; secrets come from environment variables, which are named by keys beside this one"
                .into(),
            nearest: None,
        });
    }
    let host = host
        .rsplit_once(':')
        .map_or(host, |(host, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { "" });
    if host.is_empty() && !rest.starts_with('[') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return misfit("is not an address of the web", HELP);
    }
    Ok(())
}

/// An address to which a path is added.
fn base_url(text: &str) -> Result<(), Misfit> {
    web_address(text)?;
    if text.contains(['?', '#']) {
        return misfit("has a query", "query parameters stand in `params`");
    }
    Ok(())
}

/// A path of an API.
fn endpoint(text: &str) -> Result<(), Misfit> {
    if text.contains("://") {
        return misfit("is a whole address", "put what comes before the path into `base_url`");
    }
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return misfit("is not a path", "write it as it follows the address, for example `/v1/users`");
    }
    if text.contains('?') {
        return misfit("has a query", "query parameters stand in `params`");
    }
    placeholders(text).map(drop)
}

/// The names in braces.
pub(crate) fn placeholders(text: &str) -> Result<Vec<&str>, Misfit> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let inner = rest[at..].strip_prefix('{').and_then(|after| after.split_once('}'));
        let Some((name, after)) = inner.filter(|(name, _)| !name.is_empty() && !name.contains('{')) else {
            return misfit("has a brace without its partner", "a name in braces is filled in, for example `{team}`");
        };
        names.push(name);
        rest = after;
    }
    Ok(names)
}

/// The words of a command: a list as it is, one text cut at spaces outside of quotes.
pub(crate) fn command(words: &[String]) -> Result<Vec<String>, Misfit> {
    const HELP: &str = "write the program and its arguments as a list, for example `[python3, ./extract.py]`";
    let words = match words {
        [line] => {
            let (mut cut, mut word, mut quote) = (Vec::new(), None::<String>, None);
            for character in line.chars() {
                match (quote, character) {
                    (Some(open), _) if character == open => quote = None,
                    (None, '"' | '\'') => {
                        quote = Some(character);
                        word.get_or_insert_default();
                    }
                    (None, _) if character.is_whitespace() => cut.extend(word.take()),
                    _ => word.get_or_insert_default().push(character),
                }
            }
            if quote.is_some() {
                return misfit("has a quote that is not closed", HELP);
            }
            cut.extend(word);
            cut
        }
        list => list.to_vec(),
    };
    if words.first().is_none_or(|program| program.trim().is_empty()) || words.iter().any(|word| word.contains('\0')) {
        return misfit("names no program", HELP);
    }
    Ok(words)
}

/// The name of an HTTP header.
fn header(text: &str) -> Result<(), Misfit> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
        return Ok(());
    }
    misfit("is not the name of a header", "use letters, digits and `-`, for example `X-API-Key`")
}

fn describe(character: char) -> String {
    if character.is_control() { "a control character".into() } else { format!("`{character}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_are_read_in_any_case() {
        let check = |text: &str, expected: DeclaredType| assert_eq!(declared_type(text), Ok(expected), "{text}");
        check("Text", DeclaredType::Text);
        check("STRING", DeclaredType::Text);
        check("BigInt", DeclaredType::Integer);
        check("double", DeclaredType::Float);
        check("Bool", DeclaredType::Boolean);
        check("TimestampTZ", DeclaredType::Timestamptz);
        check("Decimal( 18 , 2 )", DeclaredType::Decimal { precision: 18, scale: 2 });
        check("decimal(38)", DeclaredType::Decimal { precision: 38, scale: 0 });
        for bad in [
            "",
            "decimal",
            "decimal(39,2)",
            "decimal(0,0)",
            "decimal(5,6)",
            "decimal(5,-1)",
            "decimal(5",
            "varchar",
            "decimal()x",
        ] {
            assert!(declared_type(bad).is_err(), "{bad}");
        }
        assert_eq!(declared_type("timestmp").unwrap_err().nearest.as_deref(), Some("timestamp"));
    }

    #[test]
    fn commands_are_cut_into_words() {
        let cut = |line: &str| command(&[line.to_owned()]);
        assert_eq!(cut("a 'b c' \"\" d\"e\"").unwrap(), ["a", "b c", "", "de"]);
        assert_eq!(command(&["a b".into(), "c".into()]).unwrap(), ["a b", "c"], "a list is not cut");
        for bad in ["", "  ", "a 'b"] {
            assert!(cut(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn texts_with_a_form() {
        for (form, right, wrong) in [
            (
                "name",
                &["orders", "dbo.orders", "a b", "ü", "a-b_c"][..],
                &["", "a/b", "..", ".x", "x ", "a=b", "a\nb"][..],
            ),
            ("prefix", &["", "/", "bronze/", "/a/b/", "env=prod"], &["..", "a/../b", "a//b", "a\\b"]),
            ("delimiter", &[",", ";", "\t", "\\t", "|", "\u{1}"], &["", ",,", "\"", "\n", "ü"]),
            ("encoding", &["utf-8", "UTF8", "latin1", "utf-16le", "windows-1252"], &["utf_8", "klingon", ""]),
            ("timezone", &["UTC", "Europe/Berlin"], &["Europe/Berln", "", "+02:00"]),
            ("date", &["2025-01-31", "2024-02-29"], &["2025-02-29", "2025-1-31", "x", "+2025-01-3"]),
            ("folder", &["./out", "/abs", "C:\\out", "out"], &["", " ", "s3://bucket/x"]),
            (
                "file_path",
                &["a.csv", "{run_date}.csv", "a{b.csv", "C:/a.csv", "s3://b/x.csv"],
                &["", "{date}.csv", "{}", "ftp://x/y.csv"],
            ),
            ("title", &["orders", "nyc.flights"], &["", " x", "a\tb"]),
            ("variable", &["A", "_x9", "MY_KEY"], &["", "9A", "sk-12345", "a b", "Ä"]),
            (
                "web_address",
                &["https://a.b", "http://localhost:90/x?y", "http://[::1]:9000"],
                &["", "a.b", "ftp://a", "https://", "https://u:p@a", "https://a b", "https://a:x"],
            ),
            ("base_url", &["https://a.b/v1"], &["https://a?x=1", "https://a#x"]),
            ("endpoint", &["/v1/{team}/x", "items", "/"], &["", "https://a/b", "/a?x=1", "/a b", "/{a", "/a}", "/{}"]),
            ("header", &["X-API-Key", "accept"], &["", "a b", "a:b", "ä"]),
        ] {
            for text in right {
                assert_eq!(check(form, text), Ok(()), "{form}: {text:?}");
            }
            for text in wrong {
                assert!(check(form, text).is_err(), "{form}: {text:?}");
            }
        }
        assert_eq!(encoding("utf_8").unwrap_err().nearest.as_deref(), Some("utf-8"));
        assert_eq!(timezone("Europe/Berln").unwrap_err().nearest.as_deref(), Some("Europe/Berlin"));
    }
}
