//! The language of filters: one line such as `amount > 100 and status = 'paid'`, read against the
//! columns of a table. Owns how it is written and what may be compared; what a row gives is `matches`.

mod bind;
mod words;

use std::fmt;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use crate::nearest::nearest_or_all;
use crate::publish::Column;
use bind::Number;
use words::{Word, Words};

/// Parentheses and `not` within each other at most.
const DEPTH: u32 = 64;
/// Values of an `in` at most.
const VALUES: usize = 1_000;
/// Words at most.
const MOST: usize = 10_000;

/// Why a condition cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConditionError {
    /// What is wrong, without advice.
    pub(crate) message: String,
    /// First byte of the place.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
    /// The place in characters, from 1.
    pub(crate) character: usize,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.character)
    }
}

impl std::error::Error for ConditionError {}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A condition on the rows of a table. Columns are places in it.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    /// A column of booleans by itself.
    True(usize),
    Null(usize),
    Compare(usize, Test),
    /// Two columns of one type.
    Columns(usize, Comparison, usize),
    /// Any of these, in order of writing.
    In(usize, Vec<Test>),
    /// A pattern with `%` and `_`, on the text of the value.
    Like {
        column: usize,
        pattern: String,
        /// Letters are equal in any case.
        any_case: bool,
    },
}

/// What a value must be.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// No value is that.
    Never,
    /// Every value that is not NULL is that.
    Always,
    /// Of a float, as IEEE 754 compares.
    Float(Comparison, f64),
    /// As a value of this type.
    Value {
        comparison: Comparison,
        /// The type that the column is read as first; exact for all its values.
        as_type: DataType,
        /// One value of that type.
        value: ArrayRef,
    },
}

impl Condition {
    /// Reads a condition on these columns.
    pub(crate) fn parse(text: &str, columns: &[Column]) -> Result<Self, ConditionError> {
        let placed = |error: ConditionError| {
            let character = text.get(..error.start).map_or(0, |before| before.chars().count()) + 1;
            ConditionError { character, ..error }
        };
        Self::read(text, columns).map_err(placed)
    }

    fn read(text: &str, columns: &[Column]) -> Result<Self, ConditionError> {
        let mut reader = Reader { words: Words::of(text)?, columns, depth: 0, end: text.len() };
        if reader.words.len() > MOST {
            return Err(reader.wrong("the condition is too long", None));
        }
        let condition = reader.any()?;
        match reader.words.peek() {
            None => Ok(condition),
            Some(_) => Err(reader.wrong("`and` or `or` is missing here", None)),
        }
    }

    /// The columns it looks at, each once.
    pub(crate) fn columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.visit(&mut |column| {
            if !columns.contains(&column) {
                columns.push(column);
            }
        });
        columns
    }

    fn visit(&self, see: &mut impl FnMut(usize)) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::Not(inner) => inner.visit(see),
            Self::True(column)
            | Self::Null(column)
            | Self::Compare(column, _)
            | Self::In(column, _)
            | Self::Like { column, .. } => see(*column),
            Self::Columns(left, _, right) => {
                see(*left);
                see(*right);
            }
        }
    }
}

/// A value as it is written.
#[derive(Clone, Debug)]
enum Literal {
    Number(Number),
    Text(String),
    Truth(bool),
}

struct Reader<'a> {
    words: Words,
    columns: &'a [Column],
    depth: u32,
    end: usize,
}

impl Reader<'_> {
    fn wrong(&self, message: impl Into<String>, hint: Option<&str>) -> ConditionError {
        let (start, end) = self.words.place().unwrap_or((self.end, self.end));
        ConditionError { message: message.into(), start, end, character: 0, hint: hint.map(str::to_owned) }
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let is = matches!(self.words.peek(), Some(Word::Name(name)) if name.eq_ignore_ascii_case(keyword));
        if is {
            self.words.skip();
        }
        is
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.words.peek(), Some(Word::Sign(found)) if *found == sign);
        if is {
            self.words.skip();
        }
        is
    }

    fn deeper(&mut self) -> Result<(), ConditionError> {
        self.depth += 1;
        if self.depth > DEPTH { Err(self.wrong("too many parentheses within each other", None)) } else { Ok(()) }
    }

    fn any(&mut self) -> Result<Condition, ConditionError> {
        let mut left = self.all()?;
        while self.takes("or") {
            left = Condition::Or(Box::new(left), Box::new(self.all()?));
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Condition, ConditionError> {
        let mut left = self.one()?;
        while self.takes("and") {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, ConditionError> {
        if self.takes("not") {
            self.deeper()?;
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.takes_sign("(") {
            self.deeper()?;
            let inner = self.any()?;
            self.depth -= 1;
            if !self.takes_sign(")") {
                return Err(self.wrong("a closing parenthesis is missing", None));
            }
            return Ok(inner);
        }
        let place = self.words.place();
        let column = self.column()?;
        self.about(column, place)
    }

    fn column(&mut self) -> Result<usize, ConditionError> {
        let name = match self.words.peek() {
            Some(Word::Name(name) | Word::Quoted(name)) => name.clone(),
            Some(Word::Text(_)) => {
                let hint = "names of columns stand in double quotes or in none, texts in single ones";
                return Err(self.wrong("a condition begins with the name of a column, not with a text", Some(hint)));
            }
            Some(_) => return Err(self.wrong("a condition begins with the name of a column", None)),
            None => return Err(self.wrong("the condition ends where the name of a column should be", None)),
        };
        let found = self.find(&name).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            let hint = nearest_or_all(&name, &names);
            self.wrong(format!("there is no column `{name}`"), hint.as_deref())
        })?;
        self.words.skip();
        Ok(found)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column.name == *name);
        exact.or_else(|| {
            let mut alike = (0..self.columns.len()).filter(|at| self.columns[*at].name.eq_ignore_ascii_case(name));
            let first = alike.next()?;
            alike.next().is_none().then_some(first)
        })
    }

    fn about(&mut self, column: usize, place: Option<(usize, usize)>) -> Result<Condition, ConditionError> {
        if self.takes("is") {
            let not = self.takes("not");
            if !self.takes("null") {
                return Err(self.wrong("after `is` comes `null` or `not null`", None));
            }
            let null = Condition::Null(column);
            return Ok(if not { Condition::Not(Box::new(null)) } else { null });
        }
        let not = self.takes("not");
        let found = self.special(column)?;
        if let Some(found) = found {
            return Ok(if not { Condition::Not(Box::new(found)) } else { found });
        }
        if not {
            return Err(self.wrong("after `not` comes `in`, `like`, `between` or `contains`", None));
        }
        let comparison = match self.words.peek() {
            Some(Word::Sign("=" | "==")) => Comparison::Equal,
            Some(Word::Sign("<>" | "!=")) => Comparison::Unequal,
            Some(Word::Sign("<")) => Comparison::Less,
            Some(Word::Sign("<=")) => Comparison::AtMost,
            Some(Word::Sign(">")) => Comparison::Greater,
            Some(Word::Sign(">=")) => Comparison::AtLeast,
            _ if bind::plain(&self.columns[column].arrow) == DataType::Boolean => return Ok(Condition::True(column)),
            _ => {
                let name = &self.columns[column].name;
                let hint = "such as `> 100`, `= 'paid'`, `is null`, `in (…)`, `like 'a%'` or `contains 'x'`";
                let mut error = self.wrong(format!("it is not said what `{name}` should be"), Some(hint));
                if self.words.peek().is_none()
                    && let Some((start, end)) = place
                {
                    (error.start, error.end) = (start, end);
                }
                return Err(error);
            }
        };
        self.words.skip();
        // Another column may stand on the right.
        if let Some(Word::Name(name) | Word::Quoted(name)) = self.words.peek()
            && !matches!(name.to_ascii_lowercase().as_str(), "true" | "false" | "null")
        {
            let right = self.column()?;
            if self.columns[column].arrow != self.columns[right].arrow {
                let (left, right) = (&self.columns[column], &self.columns[right]);
                let said = format!("`{}` is {} and `{}` is {}", left.name, left.type_name, right.name, right.type_name);
                return Err(self.wrong(said, Some("columns are compared that have the same type")));
            }
            return Ok(Condition::Columns(column, comparison, right));
        }
        self.test(column, comparison).map(|test| Condition::Compare(column, test))
    }

    /// What is written in words.
    fn special(&mut self, column: usize) -> Result<Option<Condition>, ConditionError> {
        if self.takes("in") {
            if !self.takes_sign("(") {
                return Err(self.wrong("after `in` comes a list in parentheses", Some("such as `in ('a', 'b')`")));
            }
            let mut tests = Vec::new();
            loop {
                tests.push(self.test(column, Comparison::Equal)?);
                if tests.len() > VALUES {
                    return Err(self.wrong(format!("more than {VALUES} values"), None));
                }
                if self.takes_sign(")") {
                    return Ok(Some(Condition::In(column, tests)));
                }
                if !self.takes_sign(",") {
                    return Err(self.wrong("a comma or a closing parenthesis is missing", None));
                }
            }
        }
        if self.takes("between") {
            let low = self.test(column, Comparison::AtLeast)?;
            if !self.takes("and") {
                return Err(self.wrong("`between` needs two values with `and`", Some("such as `between 1 and 10`")));
            }
            let high = self.test(column, Comparison::AtMost)?;
            let [low, high] = [low, high].map(|test| Box::new(Condition::Compare(column, test)));
            return Ok(Some(Condition::And(low, high)));
        }
        for (keyword, any_case) in [("like", false), ("ilike", true)] {
            if self.takes(keyword) {
                let pattern = self.text(column)?;
                return Ok(Some(Condition::Like { column, pattern, any_case }));
            }
        }
        let (before, after) = if self.takes("contains") {
            ("%", "%")
        } else if self.takes("starts") {
            self.with()?;
            ("", "%")
        } else if self.takes("ends") {
            self.with()?;
            ("%", "")
        } else {
            return Ok(None);
        };
        let text = self.text(column)?;
        let mut pattern = before.to_owned();
        for character in text.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push_str(after);
        Ok(Some(Condition::Like { column, pattern, any_case: true }))
    }

    fn with(&mut self) -> Result<(), ConditionError> {
        if self.takes("with") { Ok(()) } else { Err(self.wrong("`with` is missing", None)) }
    }

    fn text(&mut self, column: usize) -> Result<String, ConditionError> {
        let of = &self.columns[column];
        if bind::plain(&of.arrow).is_nested() || bind::plain(&of.arrow).is_binary() {
            return Err(self.wrong(format!("`{}` is {}, which is not text", of.name, of.type_name), None));
        }
        match self.words.peek() {
            Some(Word::Text(text) | Word::Number(_, text)) => {
                let text = text.clone();
                self.words.skip();
                Ok(text)
            }
            _ => Err(self.wrong("a text in single quotes is missing", None)),
        }
    }

    fn test(&mut self, column: usize, comparison: Comparison) -> Result<Test, ConditionError> {
        let literal = match self.words.peek() {
            Some(Word::Number(number, _)) => Literal::Number(*number),
            Some(Word::Text(text)) => Literal::Text(text.clone()),
            Some(Word::Name(name)) if name.eq_ignore_ascii_case("true") => Literal::Truth(true),
            Some(Word::Name(name)) if name.eq_ignore_ascii_case("false") => Literal::Truth(false),
            Some(Word::Name(name)) if name.eq_ignore_ascii_case("null") => {
                let hint = "write `is null` or `is not null`";
                return Err(self.wrong("nothing is equal to NULL, nor greater or less", Some(hint)));
            }
            Some(Word::Name(_) | Word::Quoted(_)) => {
                return Err(self.wrong("a value is missing", Some("texts stand in single quotes: 'paid'")));
            }
            _ => return Err(self.wrong("a value is missing", None)),
        };
        let of = &self.columns[column];
        match bind::test(of, comparison, &literal) {
            Ok(test) => {
                self.words.skip();
                Ok(test)
            }
            Err(wanted) => {
                let said = format!("`{}` is {} and cannot be compared with this", of.name, of.type_name);
                Err(self.wrong(said, Some(wanted)))
            }
        }
    }
}
