//! The parts of an SQL text: what is code, what stands in quotes or comments, what is a parameter.
//!
//! Knows the quotes of each database, and nothing else of SQL.

use std::ops::Range;

use crate::config::settings::Driver;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words, numbers, operators, white space.
    Code,
    /// A text or a quoted name.
    Quoted,
    /// A comment.
    Comment,
    /// `?`.
    Place,
    /// `??`, which stands for an operator `?`.
    QuestionMark,
    /// `:name`.
    Name,
    /// `;`.
    End,
}

/// All parts, in order, without gaps.
pub(super) fn tokens(sql: &str, driver: Driver) -> Vec<Token> {
    let mut lexer = Lexer { sql, bytes: sql.as_bytes(), driver, at: 0, tokens: Vec::new() };
    while lexer.at < lexer.bytes.len() {
        let (kind, length) = lexer.next();
        lexer.push(kind, length.clamp(1, lexer.bytes.len() - lexer.at));
    }
    lexer.tokens
}

struct Lexer<'a> {
    sql: &'a str,
    bytes: &'a [u8],
    driver: Driver,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn push(&mut self, kind: Kind, length: usize) {
        let range = self.at..self.at + length;
        self.at = range.end;
        match self.tokens.last_mut() {
            Some(last) if last.kind == Kind::Code && kind == Kind::Code => last.range.end = range.end,
            _ => self.tokens.push(Token { kind, range }),
        }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Kind and length of what begins here.
    fn next(&self) -> (Kind, usize) {
        let (byte, second) = (self.byte(0), self.byte(1));
        let (postgres, mysql) = (self.driver == Driver::Postgres, self.driver == Driver::Mysql);
        let brackets = matches!(self.driver, Driver::SqlServer | Driver::Sqlite);
        match byte {
            b'\'' => (Kind::Quoted, self.quoted(b'\'', mysql || (postgres && self.follows_e()))),
            b'"' => (Kind::Quoted, self.quoted(b'"', mysql)),
            b'`' if mysql || self.driver == Driver::Sqlite => (Kind::Quoted, self.quoted(b'`', false)),
            b'[' if brackets => (Kind::Quoted, self.quoted(b']', false)),
            b'-' if second == b'-' => (Kind::Comment, self.line()),
            b'#' if mysql => (Kind::Comment, self.line()),
            b'/' if second == b'*' => (Kind::Comment, self.block(postgres || self.driver == Driver::SqlServer)),
            b'$' if postgres && !self.in_word() => match self.dollars() {
                Some(length) => (Kind::Quoted, length),
                None => (Kind::Code, 1),
            },
            b';' => (Kind::End, 1),
            b'?' if second == b'?' => (Kind::QuestionMark, 2),
            // `?|` and `?&` are operators on JSON; `?||` is a parameter and a concatenation.
            b'?' if postgres && (second == b'&' || (second == b'|' && self.byte(2) != b'|')) => (Kind::Code, 2),
            b'?' => (Kind::Place, 1),
            b':' if second == b':' || second == b'=' => (Kind::Code, 2),
            b':' if !self.in_word() => match self.word(1) {
                0 => (Kind::Code, 1),
                _ if second.is_ascii_digit() => (Kind::Code, 1),
                length => (Kind::Name, 1 + length),
            },
            _ => (Kind::Code, self.sql[self.at..].chars().next().map_or(1, char::len_utf8)),
        }
    }

    /// Whether a word or a bracket ends right before.
    fn in_word(&self) -> bool {
        let before = self.sql[..self.at].chars().next_back();
        before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ']' | ')'))
    }

    /// Whether an `E` of its own stands right before: `E'\n'`.
    fn follows_e(&self) -> bool {
        let mut before = self.sql[..self.at].chars().rev();
        matches!(before.next(), Some('e' | 'E')) && !before.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    fn word(&self, from: usize) -> usize {
        let rest = &self.sql[self.at + from..];
        rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
    }

    /// To the closing quote; a doubled one does not close.
    fn quoted(&self, close: u8, escapes: bool) -> usize {
        let mut ahead = 1;
        while self.at + ahead < self.bytes.len() {
            match self.byte(ahead) {
                b'\\' if escapes => ahead += 2,
                byte if byte == close && self.byte(ahead + 1) == close => ahead += 2,
                byte if byte == close => return ahead + 1,
                _ => ahead += 1,
            }
        }
        self.bytes.len() - self.at
    }

    fn line(&self) -> usize {
        self.sql[self.at..].find('\n').map_or(self.bytes.len() - self.at, |end| end + 1)
    }

    fn block(&self, nested: bool) -> usize {
        let (mut depth, mut ahead) = (1, 2);
        while self.at + ahead < self.bytes.len() {
            match (self.byte(ahead), self.byte(ahead + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    ahead += 2;
                    if depth == 0 {
                        return ahead;
                    }
                }
                (b'/', b'*') if nested => {
                    depth += 1;
                    ahead += 2;
                }
                _ => ahead += 1,
            }
        }
        self.bytes.len() - self.at
    }

    /// `$$…$$` or `$tag$…$tag$`.
    fn dollars(&self) -> Option<usize> {
        let word = self.word(1);
        if self.byte(1 + word) != b'$' || (word > 0 && self.byte(1).is_ascii_digit()) {
            return None;
        }
        let tag = &self.sql[self.at..self.at + word + 2];
        let rest = &self.sql[self.at + tag.len()..];
        Some(rest.find(tag).map_or(self.bytes.len() - self.at, |end| tag.len() + end + tag.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters and ends, as they stand.
    fn found(sql: &str, driver: Driver) -> String {
        let tokens = tokens(sql, driver);
        let whole: String = tokens.iter().map(|token| &sql[token.range.clone()]).collect();
        assert_eq!(whole, sql, "no gaps");
        let marks = tokens.iter().filter(|token| !matches!(token.kind, Kind::Code | Kind::Quoted | Kind::Comment));
        marks.map(|token| &sql[token.range.clone()]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parameters_stand_outside_of_quotes_and_comments() {
        for (driver, sql, expected) in [
            (Driver::Sqlite, "select * from t where a > ? and b = :b", "? :b"),
            (Driver::Sqlite, "select '?', \"a:b\", `?`, [?], 'it''s ?' -- ? :c\n, ? /* ? */ from t", "?"),
            (Driver::Sqlite, "select /* /* */ ? */", "?"),
            (Driver::Postgres, "select /* /* */ ? */ :a", ":a"),
            (Driver::Postgres, "select x::int, a[1:n], '10:30', :_x, a := 1, :5", ":_x"),
            (Driver::Postgres, "select $$ ? :a $$, $t$ ? $$ $t$, $1, a$b ? ", "?"),
            (Driver::Postgres, "select 'a\\', ?, E'a\\' ? ', ?", "? ?"),
            (Driver::Postgres, "select j ?| array['a'], j ?& x, j ?? 'a', ?||'x'", "?? ?"),
            (Driver::Mysql, "select 'a\\' ? ', \"?\", `a``?` # ?\n, ?", "?"),
            (Driver::SqlServer, "select [a]]?], ? ; ", "? ;"),
            (Driver::Postgres, "select a[?] from t", "?"),
            (Driver::Postgres, "select 'open ?", ""),
            (Driver::Postgres, "select 'ü', ü, :ü", ":ü"),
            (Driver::Mysql, "", ""),
        ] {
            assert_eq!(found(sql, driver), expected, "{driver:?}: {sql}");
        }
    }
}
