//! JSON objects of the usual kind, split in one pass: no nested values, no escapes.
//!
//! Says "no" to everything else, valid or not; that is the business of a slower reader. What it does
//! split is valid JSON, as far as bytes can tell that are known to be text.

use std::ops::Range;

/// A key and its value: where they are in the record, quotes not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) key: Range<usize>,
    /// `None`: the value is null.
    pub(super) value: Option<Range<usize>>,
    /// Whether the value is a string.
    pub(super) quoted: bool,
}

/// Splits `record` into `pairs`; `false` if it may be anything but a flat object without escapes.
pub(super) fn split(record: &[u8], pairs: &mut Vec<Pair>) -> bool {
    pairs.clear();
    Walk { record, at: 0 }.object(pairs).is_some()
}

struct Walk<'a> {
    record: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn object(&mut self, pairs: &mut Vec<Pair>) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return self.end();
        }
        loop {
            self.take(b'"')?;
            let key = self.string()?;
            self.take(b':')?;
            let start = {
                self.peek()?;
                self.at
            };
            let (value, quoted) = match self.record[start] {
                b'"' => {
                    self.at += 1;
                    (Some(self.string()?), true)
                }
                b'n' => {
                    self.word(b"null")?;
                    (None, false)
                }
                b't' => (Some(self.word(b"true")?), false),
                b'f' => (Some(self.word(b"false")?), false),
                _ => (Some(self.number()?), false),
            };
            pairs.push(Pair { key, value, quoted });
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return self.end();
                }
                _ => return None,
            }
        }
    }

    /// The next byte that is not white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.record.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    #[inline]
    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    /// Nothing but white space is left.
    fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// The text of a string whose first quote was taken.
    #[inline]
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let length = self.record[start..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        self.at = start + length + 1;
        (self.record[start + length] == b'"').then_some(start..start + length)
    }

    fn word(&mut self, word: &[u8]) -> Option<Range<usize>> {
        let range = self.at..self.at + word.len();
        self.at = range.end;
        (self.record.get(range.clone())? == word).then_some(range)
    }

    /// `-? (0 | [1-9] digits) [. digits] [e [+-] digits]`
    #[inline]
    fn number(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.at += usize::from(self.record[start] == b'-');
        let whole = self.at;
        let digits = self.digits()?;
        if digits > 1 && self.record[whole] == b'0' {
            return None;
        }
        if self.record.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.record.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.record.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(start..self.at)
    }

    /// How many digits there are; `None` without any.
    #[inline]
    fn digits(&mut self) -> Option<usize> {
        let rest = self.record.get(self.at..)?;
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        (count > 0).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The pairs as JSON that `serde_json` made of the record.
    fn check(record: &str) -> bool {
        let mut pairs = Vec::new();
        if !split(record.as_bytes(), &mut pairs) {
            return false;
        }
        let whole: Vec<(String, Value)> = {
            struct Pairs(Vec<(String, Value)>);
            impl<'de> serde::de::Visitor<'de> for Pairs {
                type Value = Vec<(String, Value)>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
                    while let Some(pair) = map.next_entry()? {
                        self.0.push(pair);
                    }
                    Ok(self.0)
                }
            }
            let mut reader = serde_json::Deserializer::from_str(record);
            let pairs = serde::Deserializer::deserialize_map(&mut reader, Pairs(Vec::new())).unwrap();
            reader.end().unwrap();
            pairs
        };
        assert_eq!(pairs.len(), whole.len(), "{record}");
        for (pair, (key, value)) in pairs.iter().zip(whole) {
            assert_eq!(&record[pair.key.clone()], key, "{record}");
            match &pair.value {
                None => assert!(value.is_null(), "{record}"),
                Some(range) if pair.quoted => assert_eq!(value, record[range.clone()], "{record}"),
                // Numbers keep their spelling.
                Some(range) => assert_eq!(value.to_string(), record[range.clone()], "{record}"),
            }
        }
        true
    }

    #[test]
    fn what_is_flat_is_split_and_all_else_is_left() {
        for record in [
            "{}",
            " { } ",
            "{\"a\":1}",
            "{\"a\": -0.5e+7 , \"b\":\"x, {y}\", \"c\":null,\"d\" :true,\"é\":false}",
            "{\"\":\"\"}",
            "{\"a\":0,\"a\":10}",
        ] {
            assert!(check(record), "{record}");
        }
        for record in [
            "",
            "{",
            "}",
            "[]",
            "1",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":1}}",
            "{\"a\":1} x",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":-}",
            "{\"a\":1e}",
            "{\"a\":+1}",
            "{\"a\":nul}",
            "{\"a\":\"x}",
            "{a:1}",
            "{\"a\":\"\\n\"}",
            "{\"a\\u0062\":1}",
            "{\"a\":\"\t\"}",
            "{\"a\":[1]}",
            "{\"a\":{}}",
            "{\"a\" 1}",
            "{\"a\":1 2}",
            "{\"a\":truex}",
            "{\"a\":\"x\"\"b\":1}",
        ] {
            assert!(!check(record), "{record}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_split_that_is_not_json(record in "\\{?( ?(\"[ab\\\\é]{0,3}\"|:|,|-|[0-9]{1,3}|\\.|e|null|tru?e|false|\\[|\\}) ?){0,12}\\}?") {
            check(&record);
        }

        #[test]
        fn every_flat_object_is_split(pairs in proptest::collection::vec(("[a-z{}:,é ]{0,6}", -1_000_i64..1_000, "[a-z\\[\\],: é]{0,9}"), 0..6)) {
            let text: Vec<String> =
                pairs.iter().enumerate().map(|(at, (key, number, text))| format!("\"{key}{at}\": {number},\"t{at}\":\"{text}\"")).collect();
            let record = format!("{{{}}}", text.join(" , "));
            prop_assert!(check(&record), "{}", record);
        }
    }
}
