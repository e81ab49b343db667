//! JSON as bytes that are known to be valid: where values begin and end, and what is wrong with others.
//!
//! Nothing is copied before it is asked for, so that numbers keep their spelling and keys their order.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// Whether a text is one JSON value.
///
/// # Errors
///
/// What is wrong with it, in our words, and where.
pub(in crate::extract) fn check(text: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| reason(&error, text))
}

/// The keys of an object and their values, in order. `object` begins with `{` and is valid JSON.
pub(in crate::extract) struct Fields<'a> {
    object: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// Of what is no object: none.
    pub(in crate::extract) fn of(object: &'a [u8]) -> Self {
        let at = if object.first() == Some(&b'{') { 1 } else { object.len() };
        Self { object, at }
    }
}

impl<'a> Iterator for Fields<'a> {
    /// A key may have an escape that is half a character; then what is wrong with it.
    type Item = (Result<Cow<'a, str>, String>, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.object;
        let start = next_token(bytes, self.at).filter(|at| bytes[*at] == b'"')?;
        let key_end = value_end(bytes, start);
        let key = string(&bytes[start..key_end]);
        let colon = next_token(bytes, key_end).unwrap_or(key_end);
        let value = next_token(bytes, colon + 1).unwrap_or(colon);
        let end = value_end(bytes, value);
        let comma = next_token(bytes, end).unwrap_or(end);
        self.at = comma + 1;
        Some((key, &bytes[value..end]))
    }
}

/// The values of a list, in order. `list` begins with `[` and is valid JSON.
pub(in crate::extract) struct Elements<'a> {
    list: &'a [u8],
    at: usize,
}

impl<'a> Elements<'a> {
    /// Of what is no list: none.
    pub(in crate::extract) fn of(list: &'a [u8]) -> Self {
        let at = if list.first() == Some(&b'[') { 1 } else { list.len() };
        Self { list, at }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = next_token(self.list, self.at).filter(|at| self.list[*at] != b']')?;
        let end = value_end(self.list, start);
        let comma = next_token(self.list, end).unwrap_or(end);
        self.at = comma + 1;
        Some(&self.list[start..end])
    }
}

/// What stands at a path of keys; numbers count in lists.
pub(in crate::extract) fn at<'a>(mut value: &'a [u8], path: &[String]) -> Option<&'a [u8]> {
    for key in path {
        value = match value.first() {
            Some(b'{') => Fields::of(value).find(|(name, _)| name.as_ref().is_ok_and(|name| name == key))?.1,
            Some(b'[') => Elements::of(value).nth(key.parse().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// A number, a text or a word as text; `None` for null, lists and objects.
pub(in crate::extract) fn plain(value: &[u8]) -> Option<String> {
    match value.first()? {
        b'n' | b'{' | b'[' => None,
        b'"' => string(value).ok().map(Cow::into_owned),
        _ => String::from_utf8(value.to_vec()).ok(),
    }
}

/// What is wrong, in our words, and where in the record.
pub(super) fn reason(error: &serde_json::Error, record: &str) -> String {
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or_default();
    let words = WORDS.iter().find(|(theirs, _)| said == *theirs).map_or(said, |(_, ours)| ours);
    let line = record.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    // The parser counts bytes, people count characters.
    let bytes = error.column().saturating_sub(1).min(line.len());
    let column = 1 + line.char_indices().take_while(|(at, _)| *at < bytes).count();
    if error.line() > 1 {
        format!("{words} (line {} of the record, column {column})", error.line())
    } else {
        format!("{words} (column {column})")
    }
}

/// What the parser says, and what we say.
const WORDS: &[(&str, &str)] = &[
    ("EOF while parsing a list", "it ends within a list"),
    ("EOF while parsing an object", "it ends within an object"),
    ("EOF while parsing a string", "it ends within a text"),
    ("EOF while parsing a value", "it ends where a value is needed"),
    ("expected `:`", "a `:` is missing after a key"),
    ("expected `,` or `]`", "a `,` or `]` is missing after a value"),
    ("expected `,` or `}`", "a `,` or `}` is missing after a value"),
    ("expected ident", "a word that is none of `true`, `false` and `null`"),
    ("expected value", "something that is no value"),
    ("expected `\"`", "a `\"` is missing"),
    ("invalid escape", "an escape that JSON does not have"),
    ("invalid number", "a number in a form that JSON does not have"),
    ("number out of range", "a number that is too large"),
    ("invalid unicode code point", "an escape that is no character"),
    ("lone leading surrogate in hex escape", "an escape that is half a character"),
    ("unexpected end of hex escape", "an escape that is half a character"),
    ("control character (\\u0000-\\u001F) found while parsing a string", "a control character within a text"),
    ("key must be a string", "a key that is not in double quotes"),
    ("trailing comma", "a `,` before a closing bracket"),
    ("trailing characters", "something after the end of the record"),
    ("recursion limit exceeded", "more than 127 lists and objects within one another"),
];

pub(super) fn next_token(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(|byte| !byte.is_ascii_whitespace()).map(|offset| from + offset)
}

/// Where the value that begins at `start` ends, in valid JSON.
pub(super) fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth <= 1 {
                    // Of a number or a word: the end of what it stands in.
                    return at + depth;
                }
                depth -= 1;
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where the string that begins at `start` ends.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += next;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// The text of a JSON string with its quotes.
pub(in crate::extract) fn string(quoted: &[u8]) -> Result<Cow<'_, str>, String> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).map(Cow::Borrowed).map_err(|error| error.to_string());
    }
    serde_json::from_slice::<String>(quoted)
        .map(Cow::Owned)
        .map_err(|error| reason(&error, &String::from_utf8_lossy(quoted)))
}

/// Appends JSON without the white space between its tokens.
pub(in crate::extract) fn compact(bytes: &[u8], into: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' {
            let end = string_end(bytes, at);
            into.extend_from_slice(&bytes[at..end]);
            at = end;
            continue;
        }
        if !byte.is_ascii_whitespace() {
            into.push(*byte);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn values_are_found_where_they_stand() {
        let text =
            r#" {"a" : {"b\u0063": [1, {"x": "}]"}, [2]]}, "n":null,"t":"q\"e" , "big": 12345678901234567890.50} "#
                .trim();
        check(text).unwrap();
        let found = |at_path: &str| {
            at(text.as_bytes(), &path(at_path)).map(|value| String::from_utf8_lossy(value).into_owned())
        };
        assert_eq!(found("a.bc.0"), Some("1".into()));
        assert_eq!(found("a.bc.1.x"), Some("\"}]\"".into()));
        assert_eq!(found("a.bc.2.0"), Some("2".into()));
        assert_eq!(found("a.bc.3"), None);
        assert_eq!(found("t.x"), None);
        assert_eq!(at(text.as_bytes(), &path("t")).and_then(plain), Some("q\"e".into()));
        assert_eq!(at(text.as_bytes(), &path("big")).and_then(plain), Some("12345678901234567890.50".into()));
        assert_eq!(at(text.as_bytes(), &path("n")).and_then(plain), None);
        let keys: Vec<String> = Fields::of(text.as_bytes()).map(|(key, _)| key.unwrap().into_owned()).collect();
        assert_eq!(keys, ["a", "n", "t", "big"]);
        assert_eq!(Elements::of(b"[ ]").count() + Elements::of(b"{}").count() + Fields::of(b"{}").count(), 0);
        assert_eq!(Elements::of(b"[1 , 2,[3]]").count(), 3);
    }
}
