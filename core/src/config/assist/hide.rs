//! Comments that hide a finding: where one is put, so that it says nothing else.

use super::format::same_meaning;
use super::sketch::Sketch;
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Code, TextEdit};

/// What such a comment starts with.
const MARK: &str = "# medallion: ignore ";

/// The change that hides findings of `code` on the line of byte `offset`; `None` if a comment has no
/// place there, as inside of a long text.
pub(crate) fn hide(text: &str, offset: usize, code: Code) -> Option<TextEdit> {
    let sketch = Sketch::of(text);
    let index = sketch.line_at(super::boundary(text, offset));
    let line = *sketch.lines.get(index)?;
    let above = index.checked_sub(1).and_then(|above| sketch.lines.get(above));
    let codes = above.and_then(|above| {
        let comment = sketch.slice(Extent::new(above.content, above.end));
        comment.starts_with(MARK).then_some(above.content + MARK.len())
    });
    let (at, new) = if let Some(at) = codes {
        (at, format!("{code}, "))
    } else {
        let indent = sketch.slice(Extent::new(line.start, line.content));
        (line.start, format!("{indent}{MARK}{code}{}", sketch.line_end()))
    };
    let after = format!("{}{new}{}", &text[..at], &text[at..]);
    let source = Source::new(text);
    same_meaning(text, &after).then(|| TextEdit { span: source.span(Extent::new(at, at)), text: new })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;

    #[test]
    fn a_comment_goes_above_the_line_or_into_the_one_that_is_there() {
        let hidden = |text: &str, at: &str| {
            let edit = hide(text, text.find(at).unwrap(), code::CFG023)?;
            let start = edit.span.start as usize;
            Some(format!("{}{}{}", &text[..start], edit.text, &text[start..]))
        };
        assert_eq!(hidden("a:\n  b: 1\n", "b").as_deref(), Some("a:\n  # medallion: ignore CFG023\n  b: 1\n"));
        assert_eq!(
            hidden("a:\n  # medallion: ignore CFG004 why\n  b: 1\n", "b:").as_deref(),
            Some("a:\n  # medallion: ignore CFG023, CFG004 why\n  b: 1\n")
        );
        assert_eq!(hidden("a: |\n  text\n", "text"), None);
    }
}
