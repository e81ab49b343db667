//! A text as a YAML scalar: plain where YAML reads it as the same text, quoted otherwise.

use super::place::Written;
use super::sketch::Style;
use crate::config::syntax::{ScalarKind, resolve};

/// `text` as it has to be written at a place, and how many bytes of closing quote stand at its end.
pub(super) fn write(text: &str, written: Written) -> (String, usize) {
    let (body, tail) = match written.style {
        Style::Plain if is_plain(text, written.flow) => (text.to_owned(), 0),
        Style::Plain => (format!("\"{}\"", escape(text)), 1),
        Style::Single => (text.replace('\'', "''"), 0),
        Style::Double => (escape(text), 0),
    };
    let closing = match written.style {
        Style::Single if written.unclosed => "'",
        Style::Double if written.unclosed => "\"",
        _ => "",
    };
    let space = if written.space { " " } else { "" };
    (format!("{space}{body}{closing}"), tail + closing.len())
}

/// Whether YAML reads the text without quotes as this very text.
pub(super) fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let special = match first {
        '-' | '?' | ':' => text[1..].chars().next().is_none_or(|next| next == ' ' || flow && ",[]{}".contains(next)),
        _ => ",[]{}#&*!|>'\"%@`".contains(first),
    };
    !special
        && resolve(text) == ScalarKind::Text
        && text.trim() == text
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(|c| c.is_control() || c == '\u{feff}')
        && !(flow && (text.contains([',', '[', ']', '{', '}'])))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            control if control.is_control() => escaped.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_they_are_needed() {
        for (text, block, flow) in [
            ("orders", true, true),
            ("./data/a b.csv", true, true),
            ("a,b", true, false),
            ("{run_date}.csv", false, false),
            ("flights_{run_date}.csv", true, false),
            ("2013", false, false),
            ("true", false, false),
            ("", false, false),
            ("a: b", false, false),
            ("a #b", false, false),
            ("a#b", true, true),
            ("- a", false, false),
            ("-a", true, true),
            ("*a", false, false),
            ("ü", true, true),
            ("x:", false, false),
        ] {
            assert_eq!((is_plain(text, false), is_plain(text, true)), (block, flow), "{text:?}");
        }
    }

    #[test]
    fn a_text_fits_the_quotes_it_stands_in() {
        let at = |style, unclosed| Written { style, unclosed, space: false, flow: false };
        assert_eq!(write("it's \"x\"", at(Style::Single, false)).0, "it''s \"x\"");
        assert_eq!(write("it's \"x\"", at(Style::Double, true)).0, "it's \\\"x\\\"\"");
        assert_eq!(write("2013", Written { space: true, ..at(Style::Plain, false) }), (" \"2013\"".into(), 1));
    }
}
