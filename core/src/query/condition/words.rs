//! Words of a condition: names, texts, numbers and signs, each with its place.

use super::ConditionError;
use super::bind::Number;

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name or a keyword.
    Name(String),
    /// A name in double quotes or backticks; never a keyword.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    /// A number, and how it is written.
    Number(Number, String),
    /// A sign.
    Sign(&'static str),
}

/// The words of a condition, to be taken one by one.
#[derive(Debug)]
pub(super) struct Words {
    all: Vec<(Word, usize, usize)>,
    at: usize,
}

const SIGNS: [&str; 13] = ["<=", ">=", "<>", "!=", "==", "=", "<", ">", "(", ")", ",", "&&", "||"];

impl Words {
    /// Takes a condition apart.
    pub(super) fn of(text: &str) -> Result<Self, ConditionError> {
        let mut all = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            let start = text.len() - rest.len();
            let Some(first) = rest.chars().next() else { break };
            let wrong = |message: String, end: usize, hint: &str| ConditionError {
                message,
                start,
                end,
                character: 0,
                hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()),
            };
            let (word, length) = if matches!(first, '\'' | '"' | '`') {
                let (inside, length) = quoted(rest, first)
                    .ok_or_else(|| wrong(format!("the closing {first} is missing"), text.len(), ""))?;
                (if first == '\'' { Word::Text(inside) } else { Word::Quoted(inside) }, length)
            } else if first.is_ascii_digit()
                || (matches!(first, '-' | '+' | '.') && rest[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.'))
            {
                let length = number_length(rest);
                let written = &rest[..length];
                let number = Number::parse(written).ok_or_else(|| {
                    wrong(format!("`{written}` is no number"), start + length, "texts stand in single quotes")
                })?;
                (Word::Number(number, written.to_owned()), length)
            } else if first.is_alphabetic() || first == '_' {
                let length =
                    rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))).unwrap_or(rest.len());
                (Word::Name(rest[..length].to_owned()), length)
            } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                match *sign {
                    "&&" => return Err(wrong("`&&` is not known here".to_owned(), start + 2, "write `and`")),
                    "||" => return Err(wrong("`||` is not known here".to_owned(), start + 2, "write `or`")),
                    _ => (Word::Sign(sign), sign.len()),
                }
            } else {
                let hint = "names with other characters stand in double quotes, texts in single ones";
                return Err(wrong(format!("`{first}` means nothing here"), start + first.len_utf8(), hint));
            };
            all.push((word, start, start + length));
            rest = &rest[length..];
        }
        Ok(Self { all, at: 0 })
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The next word.
    pub(super) fn peek(&self) -> Option<&Word> {
        self.all.get(self.at).map(|(word, ..)| word)
    }

    /// Where it is.
    pub(super) fn place(&self) -> Option<(usize, usize)> {
        self.all.get(self.at).map(|(_, start, end)| (*start, *end))
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }
}

/// What stands between quotes, where a doubled one is one; and the length with them.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote {
            inside.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
            inside.push(quote);
            characters.next();
        } else {
            return Some((inside, at + 1));
        }
    }
    None
}

fn number_length(text: &str) -> usize {
    let mut before = ' ';
    text.find(|c: char| {
        let sign = matches!(c, '-' | '+') && matches!(before, 'e' | 'E' | ' ');
        before = c;
        !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || sign)
    })
    .unwrap_or(text.len())
}
