//! Text that fits: escapes, widths, and numbers as people read them.
//!
//! Everything that goes to a cell of the screen passes through here, so that no control character
//! of the data ever reaches the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::theme::Theme;

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` in at most `columns`, control characters as escapes, the end replaced by an ellipsis
/// where it was cut. Looks at no more of the text than fits.
pub(crate) fn cut(text: &str, columns: usize, theme: Theme) -> String {
    let mut shown = String::new();
    let mut used = 0;
    // Where to cut back to when the rest does not fit: one column is kept for the ellipsis.
    let mut keep = 0;
    let mut escape = String::new();
    for character in text.chars() {
        escape.clear();
        push_visible(&mut escape, character);
        let wide = width(&escape);
        if used + wide > columns {
            shown.truncate(keep);
            if columns > 0 {
                shown.push_str(theme.ellipsis());
            }
            return shown;
        }
        used += wide;
        shown.push_str(&escape);
        if used < columns {
            keep = shown.len();
        }
    }
    shown
}

/// `text` with control characters as escapes, whole.
pub(crate) fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push_visible(&mut shown, character);
    }
    shown
}

fn push_visible(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        // Marks that reorder or hide what follows would make a screen lie about its data.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            escape(text, character);
        }
        _ if character.is_control() => escape(text, character),
        _ => text.push(character),
    }
}

fn escape(text: &mut String, character: char) {
    text.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
}

/// `text` cut to `columns` and filled up with spaces on the right.
pub(crate) fn left(text: &str, columns: usize, theme: Theme) -> String {
    let mut shown = cut(text, columns, theme);
    let missing = columns.saturating_sub(width(&shown));
    shown.extend(std::iter::repeat_n(' ', missing));
    shown
}

/// `text` cut to `columns` and filled up with spaces on the left.
pub(crate) fn right(text: &str, columns: usize, theme: Theme) -> String {
    let shown = cut(text, columns, theme);
    let missing = columns.saturating_sub(width(&shown));
    format!("{}{shown}", " ".repeat(missing))
}

/// A path cut at its start: the end tells more.
pub(crate) fn tail(text: &str, columns: usize, theme: Theme) -> String {
    let shown = clean(text);
    let whole = width(&shown);
    if whole <= columns {
        return shown;
    }
    let mut rest = whole;
    let mut start = shown.len();
    for (at, character) in shown.char_indices() {
        if rest < columns {
            start = at;
            break;
        }
        rest -= character.width().unwrap_or(0);
    }
    if columns == 0 { String::new() } else { format!("{}{}", theme.ellipsis(), &shown[start..]) }
}

/// Lines of at most `columns`, broken at spaces where there are some.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        // What is indented stays so, also where it goes on in the next line.
        let words = paragraph.trim_start_matches(' ');
        let indent = (paragraph.len() - words.len()).min(columns / 2);
        let columns = columns - indent;
        let first = lines.len();
        let mut line = String::new();
        let mut used = 0;
        for word in words.split(' ') {
            let word = clean(word);
            let wide = width(&word);
            if used > 0 && used + 1 + wide > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else if used > 0 || !line.is_empty() {
                line.push(' ');
                used += 1;
            }
            if wide <= columns {
                line.push_str(&word);
                used += wide;
                continue;
            }
            for character in word.chars() {
                let wide = character.width().unwrap_or(0);
                if used + wide > columns {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push(character);
                used += wide;
            }
        }
        lines.push(line);
        for line in &mut lines[first..] {
            line.insert_str(0, &" ".repeat(indent));
        }
    }
    lines
}

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A size in the units of the command line: powers of 1,024.
pub(crate) use crate::cli::bytes;

/// A duration in seconds.
pub(crate) fn seconds(value: f64) -> String {
    if value < 9.95 {
        return format!("{value:.1} s");
    }
    if value < 59.5 {
        return format!("{value:.0} s");
    }
    if value < 3_599.5 {
        return format!("{:.0} min {:02.0} s", (value / 60.0).floor(), (value % 60.0).floor());
    }
    format!("{:.0} h {:02.0} min", (value / 3_600.0).floor(), (value % 3_600.0 / 60.0).floor())
}

/// An RFC 3339 instant in UTC, to the minute.
pub(crate) fn instant(text: &str) -> String {
    match (text.get(..10), text.get(10..11), text.get(11..16)) {
        (Some(date), Some("T"), Some(time)) => format!("{date} {time}Z"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNICODE: Theme = Theme { colour: true, ascii: false, light: false };

    #[test]
    fn a_cut_text_never_takes_more_columns_than_it_may() {
        for text in
            ["", "a", "abcdef", "日本語の名前", "e\u{301}e\u{301}e\u{301}e\u{301}", "a\tb\u{1b}[31m", "👩‍👩‍👧 family"]
        {
            for columns in 0..14 {
                let shown = cut(text, columns, UNICODE);
                assert!(width(&shown) <= columns, "{text:?} in {columns}: {shown:?}");
                assert!(!shown.chars().any(char::is_control), "{shown:?}");
            }
        }
        assert_eq!(cut("abcdef", 6, UNICODE), "abcdef");
        assert_eq!(cut("abcdef", 5, UNICODE), "abcd…");
        assert_eq!(cut("日本語", 5, UNICODE), "日本…");
        assert_eq!(cut("日本語", 4, UNICODE), "日…");
        assert_eq!(cut("a\u{1b}b", 20, UNICODE), "a\\u{1b}b");
        assert_eq!(cut("abcdef", 4, Theme { ascii: true, ..UNICODE }), "abc~");
    }

    #[test]
    fn a_path_loses_its_start() {
        assert_eq!(tail("/a/b/c.yaml", 20, UNICODE), "/a/b/c.yaml");
        assert_eq!(tail("/a/b/c.yaml", 8, UNICODE), "…/c.yaml");
        assert_eq!(tail("日本/語.csv", 6, UNICODE), "….csv");
        for columns in 0..20 {
            assert!(width(&tail("データ/日本語の長い名前.csv", columns, UNICODE)) <= columns);
        }
    }

    #[test]
    fn lines_are_broken_at_spaces_and_inside_words_that_are_too_long() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(wrap("a\n  one two", 6), ["a", "  one", "  two"]);
        for line in wrap("日本語 と long words", 3) {
            assert!(width(&line) <= 3, "{line:?}");
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567, u64::MAX].map(count).join(" "),
            "0 999 1,000 1,234,567 18,446,744,073,709,551,615"
        );
        assert_eq!(
            [0.04, 3.25, 12.4, 61.0, 3_725.0].map(seconds).join(", "),
            "0.0 s, 3.2 s, 12 s, 1 min 01 s, 1 h 02 min"
        );
        assert_eq!(instant("2026-11-23T09:46:12.123Z"), "2026-11-23 09:46Z");
        assert_eq!(instant("?"), "?");
    }
}
