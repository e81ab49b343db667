//! How a value is written: whether it needs quotes, which, and what is escaped.
//!
//! A text stays plain only if every reader takes it for that text: also one of YAML 1.1, for which
//! `yes` is a switch, `012` an octal number and `2024-01-31` a date.

use granit_parser::ScalarStyle;

use crate::config::syntax::{ScalarKind, resolve};

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// Among lines.
    Block,
    /// Inside `[…]` or `{…}`.
    Flow,
}

/// `text` in one line, in the style it had before where that still says it.
pub(super) fn line(text: &str, around: Around, before: Option<ScalarStyle>) -> String {
    match before {
        Some(ScalarStyle::SingleQuoted) if is_printable(text) => single(text),
        Some(ScalarStyle::DoubleQuoted) => double(text),
        _ if is_plain(text, around) => text.to_owned(),
        _ if is_printable(text) && text.contains(['"', '\\']) && !text.contains('\'') => single(text),
        _ => double(text),
    }
}

/// The lines of `text` after a `|`, with that header, if it can be written so.
pub(super) fn literal(text: &str) -> Option<(&'static str, Vec<String>)> {
    let body = text.strip_suffix('\n');
    let header = if body.is_some() { "|" } else { "|-" };
    let body = body.unwrap_or(text);
    let fits = text.contains('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && !body.ends_with('\n')
        && !body.is_empty()
        && body.split('\n').all(|line| is_printable(line) && (line.is_empty() || !line.trim().is_empty()));
    fits.then(|| (header, body.split('\n').map(str::to_owned).collect()))
}

/// Whether `text` without quotes is read as itself by every reader.
fn is_plain(text: &str, around: Around) -> bool {
    fits_plain(text, around) && !means_more(text)
}

/// Whether `text` without quotes is read as itself by a reader of YAML 1.2.
pub(super) fn fits_plain(text: &str, around: Around) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text.chars().nth(1);
    let starts = match first {
        '-' | '?' | ':' => {
            second.is_some_and(|c| !c.is_whitespace() && (around == Around::Block || !"[]{},".contains(c)))
        }
        _ => !"[]{},#&*!|>'\"%@`".contains(first),
    };
    starts
        && is_printable(text)
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.contains('\t')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.starts_with("---")
        && !text.starts_with("...")
        && (around == Around::Block || !text.contains(['[', ']', '{', '}', ',']) && !text.contains(':'))
        && resolve(text) == ScalarKind::Text
}

/// Whether nothing in `text` has to be escaped.
fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c != '\t' && needs_escape(c))
}

fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a reader of YAML 1.1 takes a plain `text` for something else than a text.
fn means_more(text: &str) -> bool {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "=", "<<"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || is_old_number(text) || is_date(text)
}

fn is_old_number(text: &str) -> bool {
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let digits: String = number.chars().filter(|c| *c != '_').collect();
    if digits.starts_with("0b") && digits.bytes().skip(2).all(|byte| matches!(byte, b'0' | b'1')) {
        return true;
    }
    // Hours, minutes and seconds count as one number.
    let whole = digits.split_once('.').map_or(digits.as_str(), |(whole, _)| whole);
    let sixties = whole.contains(':')
        && whole.split(':').enumerate().all(|(index, part)| {
            let short = part.len() <= 2 && part.parse::<u8>().is_ok_and(|part| part < 60);
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (index == 0 || short)
        });
    (sixties
        && digits.rsplit('.').next().is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')))
        || resolve(&digits) != ScalarKind::Text
}

/// `2024-1-31`, with or without a time.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    if digits(0) != 4 || bytes.get(4) != Some(&b'-') {
        return false;
    }
    let month = digits(5);
    if !(1..=2).contains(&month) || bytes.get(5 + month) != Some(&b'-') {
        return false;
    }
    let day = digits(6 + month);
    let end = 6 + month + day;
    (1..=2).contains(&day) && bytes.get(end).is_none_or(|byte| matches!(byte, b'T' | b't' | b' '))
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            c if needs_escape(c) => {
                let number = u32::from(c);
                quoted += &if number < 0x100 { format!("\\x{number:02x}") } else { format!("\\u{number:04x}") };
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_exactly_when_they_would_be_read_otherwise() {
        for plain in [
            "a",
            "a b",
            "data/*.csv",
            "./x",
            "-x",
            "--flag",
            "?x",
            ":x",
            "a:b",
            "http://x/y?z#w",
            "a#b",
            "${HOME}/x",
            "10.0.0.1",
            "1.2.3",
            "v1",
            "1st",
            "0x",
            "é",
            "a,b",
            "a]",
            "x{y}",
            "yesterday",
            "nope",
            "2024-01",
            "2024-01-31x",
            "12:99",
            "a: b".trim_end_matches(": b"),
            "_1",
            "+",
            "e3",
            "it's",
            "a\"b",
            "decimal(18,2)",
            "Europe/Berlin",
        ] {
            assert_eq!(line(plain, Around::Block, None), plain);
        }
        for (text, quoted) in [
            ("", "\"\""),
            (" a", "\" a\""),
            ("a ", "\"a \""),
            ("007", "\"007\""),
            ("42", "\"42\""),
            ("-1.5", "\"-1.5\""),
            ("1e3", "\"1e3\""),
            (".5", "\".5\""),
            ("1_000", "\"1_000\""),
            ("0b11", "\"0b11\""),
            ("0x1F", "\"0x1F\""),
            ("12:30:45", "\"12:30:45\""),
            ("1:30", "\"1:30\""),
            (".inf", "\".inf\""),
            ("yes", "\"yes\""),
            ("No", "\"No\""),
            ("ON", "\"ON\""),
            ("y", "\"y\""),
            ("true", "\"true\""),
            ("null", "\"null\""),
            ("~", "\"~\""),
            ("=", "\"=\""),
            ("<<", "\"<<\""),
            ("2024-01-31", "\"2024-01-31\""),
            ("2024-1-3", "\"2024-1-3\""),
            ("2024-01-31T10:00:00Z", "\"2024-01-31T10:00:00Z\""),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("a #b", "\"a #b\""),
            ("#a", "\"#a\""),
            ("- a", "\"- a\""),
            ("-", "\"-\""),
            ("*a", "\"*a\""),
            ("&a", "\"&a\""),
            ("!a", "\"!a\""),
            ("%a", "\"%a\""),
            ("@a", "\"@a\""),
            ("`a", "\"`a\""),
            ("[a", "\"[a\""),
            ("{a", "\"{a\""),
            ("|", "\"|\""),
            ("'a'", "\"'a'\""),
            ("\"a\"", "'\"a\"'"),
            ("--- a", "\"--- a\""),
            ("\\d: \\w", "'\\d: \\w'"),
            ("a\nb", "\"a\\nb\""),
            ("\u{1}\u{feff}\u{85}", "\"\\x01\\ufeff\\x85\""),
            ("a\tb", "\"a\\tb\""),
        ] {
            assert_eq!(line(text, Around::Block, None), quoted);
        }
        for (text, quoted) in [("a,b", "\"a,b\""), ("${X}", "\"${X}\""), ("a:b", "\"a:b\""), ("x", "x"), ("a b", "a b")]
        {
            assert_eq!(line(text, Around::Flow, None), quoted);
        }
    }

    #[test]
    fn the_style_of_before_is_kept_where_it_can_be() {
        for (before, text, written) in [
            (ScalarStyle::SingleQuoted, "a", "'a'"),
            (ScalarStyle::SingleQuoted, "it's", "'it''s'"),
            (ScalarStyle::SingleQuoted, "a\nb", "\"a\\nb\""),
            (ScalarStyle::DoubleQuoted, "a", "\"a\""),
            (ScalarStyle::DoubleQuoted, "a\\b", "\"a\\\\b\""),
            (ScalarStyle::Plain, "a", "a"),
            (ScalarStyle::Plain, "1", "\"1\""),
            (ScalarStyle::Folded, "a", "a"),
        ] {
            assert_eq!(line(text, Around::Block, Some(before)), written);
        }
    }

    #[test]
    fn several_lines_are_a_literal_where_that_is_exact() {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(literal("select 1\nfrom t\n"), Some(("|", lines(&["select 1", "from t"]))));
        assert_eq!(literal("a\n\n  b"), Some(("|-", lines(&["a", "", "  b"]))));
        for text in ["a", "", "\n", "a\n\n", " a\nb", "\na", "a\r\nb", "a\n  \nb", "a\u{1}\nb"] {
            assert_eq!(literal(text), None, "{text:?}");
        }
    }
}
