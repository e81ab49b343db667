//! Findings as workflow commands, which GitHub shows beside the lines of a change.

use std::fmt::Write as _;

use super::told;
use crate::diagnostic::{Diagnostic, Severity};

/// `::error file=a.yaml,line=1,col=2,endLine=1,endColumn=5,title=CFG013::message`.
pub(super) fn command(diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut text = format!("::{command} ");
    if !diagnostic.file.is_empty() {
        write!(text, "file={},", property(&diagnostic.file.replace('\\', "/"))).unwrap_or_default();
    }
    if let Some(span) = diagnostic.span {
        write!(text, "line={},", span.line).unwrap_or_default();
        // Columns are understood within one line only.
        if span.end_line == span.line {
            write!(text, "col={},endLine={},endColumn={},", span.column, span.end_line, span.end_column)
                .unwrap_or_default();
        } else {
            write!(text, "endLine={},", span.end_line).unwrap_or_default();
        }
    }
    write!(text, "title={}::{}", property(diagnostic.code.as_str()), data(&told(diagnostic))).unwrap_or_default();
    text
}

/// What would end the command or begin another.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// And what would end a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Span, code};

    #[test]
    fn what_steers_the_runner_is_escaped() {
        let span = Span { start: 0, end: 3, line: 2, column: 1, end_line: 2, end_column: 4 };
        let mut finding =
            Diagnostic::error(code::CFG013, "100% wrong\r\n::error::x").at("", Some(span)).help("a, b: c");
        finding.file = "odd, name:1%.yaml".into();
        assert_eq!(
            command(&finding),
            "::error file=odd%2C name%3A1%25.yaml,line=2,col=1,endLine=2,endColumn=4,title=CFG013::100%25 wrong%0D%0A::error::x%0Aa, b: c"
        );
    }

    #[test]
    fn without_a_place() {
        let finding = Diagnostic::new(code::CFG025, Severity::Info, "nothing here");
        assert_eq!(command(&finding), "::notice title=CFG025::nothing here");
        let span = Span { start: 0, end: 9, line: 1, column: 3, end_line: 4, end_column: 4 };
        let finding = Diagnostic::warning(code::CFG012, "several lines").at("", Some(span));
        assert_eq!(command(&finding), "::warning line=1,endLine=4,title=CFG012::several lines");
    }
}
