//! What the characters of a line of YAML are, for colours only.
//!
//! Looks at characters, one line after the other; what the text means, the engine says.

use std::ops::Range;

/// Of a line, at most this many bytes are looked at.
const LONGEST: usize = 10_000;

/// What a stretch of characters is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Plain,
    Key,
    /// Quoted, or a line of a block.
    Text,
    /// A number, `true`, `false`, `null`.
    Literal,
    Comment,
    /// `&name`, `*name`, `!tag`, `---`.
    Reference,
    /// `-`, `:`, brackets, `|`.
    Sign,
    /// `${NAME}`.
    Variable,
}

/// What goes on from the line before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Plain,
    /// Lines of a block, which are indented more than this.
    Block(usize),
    /// Inside of quotes.
    Quoted(u8),
}

/// The tokens of a line, in order and without gaps, and what goes on in the next line.
pub(crate) fn tokens(line: &str, state: State) -> (Vec<(Range<usize>, Token)>, State) {
    let mut end = line.len().min(LONGEST);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let mut scan = Scan { line: &line[..end], at: 0, found: Vec::new(), flow: 0 };
    let next = scan.run(state);
    if end < line.len() {
        scan.found.push((end..line.len(), Token::Plain));
    }
    (scan.found, next)
}

struct Scan<'a> {
    line: &'a str,
    at: usize,
    found: Vec<(Range<usize>, Token)>,
    /// Depth of brackets that were opened on this line.
    flow: usize,
}

impl Scan<'_> {
    fn run(&mut self, state: State) -> State {
        let indent = self.line.len() - self.line.trim_start_matches(' ').len();
        match state {
            State::Block(outer) if indent > outer || self.line.trim().is_empty() => {
                self.scalar(self.line.len(), Token::Text);
                return state;
            }
            State::Quoted(quote) => {
                let end = quoted_end(self.line, 0, quote);
                self.scalar(end.unwrap_or(self.line.len()), Token::Text);
                if end.is_none() {
                    return state;
                }
            }
            State::Block(_) | State::Plain => {}
        }
        if self.at == 0 && self.line.starts_with(['%']) {
            self.push(self.line.len(), Token::Reference);
            return State::Plain;
        }
        if self.at == 0 && (self.line.starts_with("---") || self.line.starts_with("...")) {
            self.push(3, Token::Reference);
        }
        let mut value = false;
        while self.at < self.line.len() {
            if let Some(next) = self.one(&mut value, indent) {
                return next;
            }
        }
        State::Plain
    }

    /// One token; `Some` when the line has ended with it.
    fn one(&mut self, value: &mut bool, indent: usize) -> Option<State> {
        let rest = &self.line[self.at..];
        let first = *rest.as_bytes().first()?;
        let ends = |text: &str| text.is_empty() || text.starts_with([' ', '\t']);
        match first {
            b' ' | b'\t' => {
                let wide = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                self.push(self.at + wide, Token::Plain);
            }
            b'#' if self.at == 0 || self.line.as_bytes()[self.at - 1].is_ascii_whitespace() => {
                self.push(self.line.len(), Token::Comment);
            }
            b'-' | b'?' | b':' if ends(&rest[1..]) => {
                *value |= first == b':';
                self.push(self.at + 1, Token::Sign);
            }
            b'{' | b'[' => {
                self.flow += 1;
                self.push(self.at + 1, Token::Sign);
            }
            b'}' | b']' if self.flow > 0 => {
                self.flow -= 1;
                self.push(self.at + 1, Token::Sign);
            }
            b',' if self.flow > 0 => self.push(self.at + 1, Token::Sign),
            b'&' | b'*' | b'!' => {
                let end = rest.find([' ', ',', ']', '}']).unwrap_or(rest.len());
                self.push(self.at + end.max(1), Token::Reference);
            }
            b'|' | b'>' if self.flow == 0 && is_block_head(rest) => {
                self.push(self.at + 1, Token::Sign);
                self.rest_after_block_head();
                return Some(State::Block(indent));
            }
            b'"' | b'\'' => {
                let Some(end) = quoted_end(self.line, self.at + 1, first) else {
                    self.scalar(self.line.len(), Token::Text);
                    return Some(State::Quoted(first));
                };
                let key = is_key_end(&self.line[end..], self.flow > 0);
                self.scalar(end, if key { Token::Key } else { Token::Text });
            }
            _ => {
                let end = self.plain_end();
                let word = self.line[self.at..end].trim_end();
                if is_key_end(&self.line[end..], self.flow > 0) {
                    self.push(end, Token::Key);
                } else {
                    let token = if is_literal(word) { Token::Literal } else { Token::Plain };
                    self.scalar(end, token);
                }
            }
        }
        None
    }

    fn rest_after_block_head(&mut self) {
        let comment = self.line[self.at..].find(" #").map_or(self.line.len(), |found| self.at + found + 1);
        self.push(comment, Token::Sign);
        self.push(self.line.len(), Token::Comment);
    }

    /// Where a scalar without quotes ends.
    fn plain_end(&self) -> usize {
        let bytes = self.line.as_bytes();
        let mut at = self.at;
        while at < bytes.len() {
            let next = bytes.get(at + 1).copied();
            let stops = match bytes[at] {
                b':' => {
                    next.is_none_or(|next| next == b' ' || next == b'\t' || (self.flow > 0 && b",]}".contains(&next)))
                }
                b' ' | b'\t' => next == Some(b'#'),
                b',' | b']' | b'}' => self.flow > 0 && !self.in_variable(at),
                _ => false,
            };
            if stops {
                break;
            }
            at += 1;
        }
        at.max(self.at + 1).min(bytes.len())
    }

    fn in_variable(&self, at: usize) -> bool {
        self.line[self.at..at].rfind("${").is_some_and(|open| !self.line[self.at + open..at].contains('}'))
    }

    /// A value, with the variables in it.
    fn scalar(&mut self, end: usize, token: Token) {
        while let Some(open) = self.line[self.at..end].find("${") {
            let open = self.at + open;
            let Some(close) = self.line[open..end].find('}') else { break };
            self.push(open, token);
            self.push(open + close + 1, Token::Variable);
        }
        self.push(end, token);
    }

    fn push(&mut self, end: usize, token: Token) {
        if end > self.at {
            self.found.push((self.at..end, token));
            self.at = end;
        }
    }
}

fn is_key_end(rest: &str, flow: bool) -> bool {
    let Some(rest) = rest.trim_start_matches(' ').strip_prefix(':') else { return false };
    rest.is_empty() || rest.starts_with([' ', '\t']) || (flow && rest.starts_with([',', ']', '}']))
}

fn is_block_head(text: &str) -> bool {
    let rest = text[1..].trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    rest.trim().is_empty() || rest.trim_start().starts_with('#')
}

fn is_literal(word: &str) -> bool {
    matches!(word, "true" | "false" | "null" | "~" | "True" | "False" | "Null" | "TRUE" | "FALSE" | "NULL")
        || (word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.'))
            && word.parse::<f64>().is_ok())
}

/// One past the closing quote.
fn quoted_end(line: &str, from: usize, quote: u8) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            // Two single quotes are one that belongs to the text.
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &str) -> String {
        let mut state = State::Plain;
        let mut out = String::new();
        for line in lines.split('\n') {
            let (found, next) = tokens(line, state);
            let mut at = 0;
            for (range, token) in &found {
                assert_eq!(range.start, at, "no gap in {line:?}");
                at = range.end;
                let sign = match token {
                    Token::Plain => '.',
                    Token::Key => 'k',
                    Token::Text => 't',
                    Token::Literal => 'l',
                    Token::Comment => 'c',
                    Token::Reference => 'r',
                    Token::Sign => 's',
                    Token::Variable => 'v',
                };
                out.extend(line[range.clone()].chars().map(|_| sign));
            }
            assert_eq!(at, line.len());
            out.push('\n');
            state = next;
        }
        out
    }

    #[test]
    fn every_kind_of_line_is_told_apart() {
        insta::assert_snapshot!(shown(
            "# comment\nconfig_version: 1\nsources:\n  - name: orders  # the name\n    \"quoted key\": 'it''s #1' # c\n    url: http://a:80/b#c\n    base: ${URL:http://x} and ${Y}\n    list: [a, 2, \"b\", {k: v}]\n    anchor: &a *b !t x\n    sql: |  # why\n      select 1\n\n      from x # no comment\n    next: true\n    long: \"goes\n      on\" \n    at: 2024-01-01\n---\n日本: 語"
        ), @"
        ccccccccc
        kkkkkkkkkkkkkks.l
        kkkkkkks
        ..s.kkkks.........cccccccccc
        ....kkkkkkkkkkkks.tttttttttt.ccc
        ....kkks................
        ....kkkks.vvvvvvvvvvvvvvv.....vvvv
        ....kkkks.s.s.ls.ttts.sks..ss
        ....kkkkkks.rr.rr.rr..
        ....kkks.sssccccc
        tttttttttttttt

        ttttttttttttttttttttttttt
        ....kkkks.llll
        ....kkkks.ttttt
        ttttttttt.
        ....kks...........
        rrr
        kks..
        ");
    }

    #[test]
    fn strange_lines_lose_nothing() {
        for line in [
            "",
            ":",
            "-",
            "#",
            "'",
            "\"",
            "a:b",
            "${",
            "${a",
            "|",
            "- - - x",
            "]}",
            "{[",
            "\t",
            "&",
            "*",
            "!",
            "日本語: 値",
            "%YAML 1.2",
        ] {
            shown(line);
        }
        shown(&"x: ".repeat(20_000));
    }
}
