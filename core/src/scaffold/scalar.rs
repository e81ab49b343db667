//! Texts as YAML values: quoted where YAML, or the loader, would read something else.

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// After `key: ` in block style.
    Block,
    /// Inside `[…]` or `{…}`.
    Flow,
}

/// `text` as a text of YAML, whatever is in it.
pub(super) fn text(text: &str, place: Place) -> String {
    // `${` would be taken for a variable.
    let text = text.replace("${", "$${");
    if is_plain(&text, place) { text } else { quoted(&text) }
}

/// A list in flow style.
pub(super) fn list<'t>(items: impl IntoIterator<Item = &'t str>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| text(item, Place::Flow)).collect();
    format!("[{}]", items.join(", "))
}

/// Where comments behind values stand.
const COMMENTS: usize = 37;

/// A line with the comment behind its value, if there is one, where all comments stand.
pub(super) fn aligned(line: &str) -> String {
    match line.rsplit_once("  # ") {
        Some((code, comment)) if !code.trim_start().starts_with('#') && !code.trim().is_empty() => {
            let code = code.trim_end();
            let gap = COMMENTS.saturating_sub(code.chars().count()).max(2);
            format!("{code}{}# {comment}", " ".repeat(gap))
        }
        _ => line.to_owned(),
    }
}

fn is_plain(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"];
    let starts = first.is_alphabetic() || matches!(first, '.' | '/' | '_') || first.is_ascii_digit();
    let inside = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '.' | '/' | '_' | '-' | '+' | '@' | '%' | '(' | ')' | '=' | '$')
            || (c == ' ' || ((c == '{' || c == '}' || c == ',') && place == Place::Block))
    };
    starts
        && text.chars().all(inside)
        && !text.ends_with(' ')
        && !text.contains("  ")
        && text.parse::<f64>().is_err()
        && !looks_numeric(text)
        && !words.contains(&text.to_lowercase().as_str())
}

/// What some reader of YAML may take for a number or a date: `0x1f`, `1_000`, `.inf`, `2025-01-01`.
fn looks_numeric(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !text.starts_with("./") && !text.starts_with("../")
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_quotes_gets_them() {
        for plain in ["orders", "./data/a_{run_date}.csv", "my table", "münchen", "N/A", "a.b-c", "x=1"] {
            assert_eq!(text(plain, Place::Block), plain);
        }
        for (value, expected) in [
            ("", "\"\""),
            ("true", "\"true\""),
            ("No", "\"No\""),
            ("1e5", "\"1e5\""),
            ("007", "\"007\""),
            ("2025-01-01", "\"2025-01-01\""),
            ("9E", "\"9E\""),
            ("nan", "\"nan\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("- a", "\"- a\""),
            (" a", "\" a\""),
            ("*x", "\"*x\""),
            ("{a}", "\"{a}\""),
            ("a\n\"b\\", "\"a\\n\\\"b\\\\\""),
            ("\u{1}\u{85}", "\"\\x01\\u0085\""),
            ("\\N", "\"\\\\N\""),
            ("a${b}", "a$${b}"),
        ] {
            assert_eq!(text(value, Place::Block), expected, "{value:?}");
        }
        assert_eq!(list(["a", "a,b", "", "{x}"]), "[a, \"a,b\", \"\", \"{x}\"]");
    }
}
