//! Paths as front ends write them, `sources[0].source.file.path`, taken apart and put together.
//!
//! The same form that findings have. A key that is not made of letters, digits, `_` and `-` stands
//! quoted in brackets: `schema["a b"]`.

use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

/// A path that cannot be read: bytes before the mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadPath(pub(crate) usize);

/// Takes a path apart.
pub(crate) fn parse(path: &str) -> Result<Vec<Step>, BadPath> {
    let mut steps = Vec::new();
    let mut at = 0;
    while at < path.len() {
        let rest = path.get(at..).unwrap_or_default();
        let (step, length) = if let Some(inside) = rest.strip_prefix('[') {
            let (step, length) = bracket(inside).ok_or(BadPath(at))?;
            (step, length + 1)
        } else {
            let dot = usize::from(!steps.is_empty());
            if dot == 1 && !rest.starts_with('.') {
                return Err(BadPath(at));
            }
            let key = rest.get(dot..).unwrap_or_default();
            let key = key.get(..key.find(['.', '[']).unwrap_or(key.len())).unwrap_or_default();
            if key.is_empty() {
                return Err(BadPath(at));
            }
            (Step::Key(key.to_owned()), dot + key.len())
        };
        steps.push(step);
        at += length;
    }
    Ok(steps)
}

/// What stands in brackets, and the bytes up to and with the closing one.
fn bracket(inside: &str) -> Option<(Step, usize)> {
    let Some(quoted) = inside.strip_prefix('"') else {
        let end = inside.find(']')?;
        let digits = inside.get(..end)?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        return Some((Step::Index(digits.parse().ok()?), end + 1));
    };
    let mut key = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                quoted.get(at + 1..)?.strip_prefix(']')?;
                return Some((Step::Key(key), at + 3));
            }
            '\\' => key.push(match characters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let hex: String = characters
                        .by_ref()
                        .map(|(_, c)| c)
                        .skip_while(|c| *c == '{')
                        .take_while(|c| *c != '}')
                        .collect();
                    char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?
                }
                other => other,
            }),
            other => key.push(other),
        }
    }
    None
}

/// Steps, shown as a path.
pub(crate) struct Shown<'s>(pub(crate) &'s [Step]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if !is_simple(key) => write!(f, "[{key:?}]")?,
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_simple(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_and_put_together() {
        let key = |text: &str| Step::Key(text.into());
        for (path, steps) in [
            ("", vec![]),
            ("a", vec![key("a")]),
            ("sources[0].source", vec![key("sources"), Step::Index(0), key("source")]),
            ("a[\"b c\"].d[12]", vec![key("a"), key("b c"), key("d"), Step::Index(12)]),
            ("[\"x.y\"][\"[\"]", vec![key("x.y"), key("[")]),
            ("[3][4]", vec![Step::Index(3), Step::Index(4)]),
            (r#"a["\"\\\n\u{1}é"]"#, vec![key("a"), key("\"\\\n\u{1}é")]),
            (r#"a[""].b"#, vec![key("a"), key(""), key("b")]),
        ] {
            assert_eq!(parse(path).as_deref(), Ok(steps.as_slice()), "{path}");
            assert_eq!(Shown(&steps).to_string(), path);
        }
        for (path, at) in [
            (".a", 0),
            ("a..b", 1),
            ("a.", 1),
            ("a[x]", 1),
            ("a[", 1),
            ("a[]", 1),
            ("a[\"b]", 1),
            ("a[0]b", 4),
            ("a[\"b\"", 1),
        ] {
            assert_eq!(parse(path), Err(BadPath(at)), "{path}");
        }
    }
}
