//! Values in Hive-style paths: `column=value`, escaped as Hive does it.

/// Stands for null in a path.
pub(crate) const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// `value` as it may stand in one path segment: control characters and those that mean something in
/// a path become `%XX`, as in Hive's own escaping.
pub(crate) fn escape(value: &str) -> String {
    const SPECIAL: &[char] = &['"', '#', '%', '\'', '*', '/', ':', '=', '?', '\\', '{', '[', ']', '^', '\u{7f}'];
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_ascii_control() || SPECIAL.contains(&character) {
            escaped.push_str(&format!("%{:02X}", character as u32));
        } else {
            escaped.push(character);
        }
    }
    // The text that stands for null is no null.
    if escaped == NULL {
        escaped = escaped.replacen('_', "%5F", 1);
    }
    // A segment of dots only would walk the tree.
    if escaped == "." || escaped == ".." {
        escaped = escaped.replace('.', "%2E");
    }
    escaped
}

/// The value of a segment that [`escape`] made.
pub(crate) fn unescape(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%').then(|| tail.get(..2)).flatten();
        let byte = code.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_and_never_leave_their_segment() {
        for value in ["plain", "a/b", "a=b", "100%", "x:y", "..", ".", "%2F", "tab\there", "東京", "a b", "{}", NULL]
        {
            let segment = escape(value);
            assert!(!segment.contains('/') && segment != ".." && segment != ".", "{segment}");
            assert_eq!(unescape(&segment), value);
        }
        assert_eq!(escape("a/b"), "a%2Fb");
    }
}
