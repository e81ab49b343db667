//! Text renderers of diagnostics: with an excerpt for people, one line each for other programs.
//!
//! Pure functions of findings and text. What comes from a file never steers the terminal.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Padding, Renderer, Snippet};

use super::{Diagnostic, Severity, Span};

/// Lines shown before and after the place of a finding.
const CONTEXT: usize = 1;
/// A finding that covers more lines is shown at its first one.
const TALLEST: u32 = 6;
/// Bytes an excerpt may have; with longer lines only the place is named.
const WIDEST: usize = 4_096;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderStyle {
    /// With source excerpt and colour (ANSI).
    Colour,
    /// With source excerpt, no colour.
    Plain,
    /// One line each: `file:line:column: error[CODE]: message`.
    Lines,
}

/// Writes findings of one file. `text` is the file's content, for the excerpt; without it the
/// findings are written without excerpt.
pub fn render(diagnostics: &[Diagnostic], text: Option<&str>, style: RenderStyle) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        match style {
            RenderStyle::Lines => out.push_str(&line(diagnostic)),
            RenderStyle::Plain => out.push_str(&excerpt(diagnostic, text, &Renderer::plain())),
            RenderStyle::Colour => out.push_str(&excerpt(diagnostic, text, &Renderer::styled())),
        }
        out.push('\n');
    }
    out
}

fn line(diagnostic: &Diagnostic) -> String {
    let (name, _) = level(diagnostic.severity);
    let mut place = if diagnostic.file.is_empty() { String::new() } else { one_line(&diagnostic.file) };
    if let Some(span) = diagnostic.span {
        place += &format!(":{}:{}", span.line, span.column);
    }
    let separator = if place.is_empty() { "" } else { ": " };
    let help = diagnostic.help.as_deref().map(|help| format!(" ({})", one_line(help))).unwrap_or_default();
    format!("{place}{separator}{name}[{}]: {}{help}", diagnostic.code, one_line(&diagnostic.message))
}

fn excerpt(diagnostic: &Diagnostic, text: Option<&str>, renderer: &Renderer) -> String {
    let (_, level) = level(diagnostic.severity);
    let title = level.primary_title(harmless(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut elements: Vec<Element<'_>> = Vec::new();
    let file = one_line(&diagnostic.file);
    let window = text.zip(diagnostic.span).and_then(|(text, span)| window(text, span));
    match (&window, diagnostic.span) {
        (Some(window), Some(span)) => {
            let primary = AnnotationKind::Primary.span(window.place(span));
            let label = if diagnostic.path.is_empty() { None } else { Some(harmless(&diagnostic.path)) };
            let related = diagnostic.related.iter().filter(|related| window.covers(related.span)).map(
                |related| -> Annotation<'_> {
                    AnnotationKind::Context.span(window.place(related.span)).label(harmless(&related.message))
                },
            );
            elements.push(
                Snippet::source(window.text.clone())
                    .line_start(window.first_line)
                    .path(file.clone())
                    .fold(false)
                    .annotation(primary.label(label))
                    .annotations(related)
                    .into(),
            );
        }
        (None, Some(span)) => {
            elements.push(Origin::path(file.clone()).line(span.line as usize).char_column(span.column as usize).into());
        }
        (_, None) if !file.is_empty() => elements.push(Origin::path(file.clone()).into()),
        _ => {}
    }
    let far =
        diagnostic.related.iter().filter(|related| !window.as_ref().is_some_and(|window| window.covers(related.span)));
    let notes: Vec<Element<'_>> = far
        .map(|related| {
            let place =
                format!("{} at {file}:{}:{}", harmless(&related.message), related.span.line, related.span.column);
            Level::NOTE.message(place).into()
        })
        .chain(diagnostic.help.as_deref().map(|help| Level::HELP.message(harmless(help)).into()))
        .collect();
    if !notes.is_empty() && !elements.is_empty() {
        elements.push(Padding.into());
    }
    elements.extend(notes);
    let group: Group<'_> = title.elements(elements);
    renderer.clone().decor_style(DecorStyle::Ascii).render(&[group]) + "\n"
}

/// The lines around a finding. Only they are handed to the renderer, so a large file costs nothing.
struct Window {
    text: String,
    first_line: usize,
    /// Bytes of the file before it.
    start: usize,
    end: usize,
}

impl Window {
    fn covers(&self, span: Span) -> bool {
        span.start as usize >= self.start && (span.end as usize) <= self.end
    }

    /// A finding's place inside the window: at least one byte, at most to the end of what is shown.
    fn place(&self, span: Span) -> Range<usize> {
        let start = (span.start as usize).saturating_sub(self.start).min(self.text.len());
        let end = (span.end as usize).min(self.end).saturating_sub(self.start);
        start..end.max(start).min(self.text.len())
    }
}

fn window(text: &str, span: Span) -> Option<Window> {
    let at = span.start as usize;
    if !text.is_char_boundary(at) {
        return None;
    }
    let mut start = at;
    for step in 0..=CONTEXT {
        // The line feed before the place belongs to the line before.
        let end = if step == 0 { start } else { start.saturating_sub(1) };
        start = text.get(..end)?.rfind('\n').map_or(0, |position| position + 1);
    }
    let before = text.get(start..at)?.matches('\n').count();
    let last = if span.end_line.saturating_sub(span.line) > TALLEST {
        at
    } else {
        (span.end as usize).max(at).min(text.len())
    };
    let mut end = last;
    for step in 0..=CONTEXT {
        let rest = text.get(end..)?;
        // The first line feed closes the finding's own line, the next one the context.
        match rest.find('\n') {
            Some(position) => end += position + usize::from(step < CONTEXT),
            None => end = text.len(),
        }
    }
    if end - start > WIDEST {
        return None;
    }
    // Escaping would move the places, so control characters are replaced one by one.
    let shown: String = text
        .get(start..end)?
        .chars()
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { " ".repeat(c.len_utf8()) } else { c.to_string() })
        .collect();
    Some(Window { text: shown, first_line: (span.line as usize).saturating_sub(before).max(1), start, end })
}

fn level(severity: Severity) -> (&'static str, Level<'static>) {
    match severity {
        Severity::Error => ("error", Level::ERROR),
        Severity::Warning => ("warning", Level::WARNING),
        Severity::Info => ("info", Level::INFO),
    }
}

fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::diagnostic::{Related, code};

    /// The span of the first `needle` in `text`.
    fn span(text: &str, needle: &str) -> Span {
        let start = text.find(needle).unwrap();
        let place = |at: usize| {
            let line = text[..at].matches('\n').count() + 1;
            let column = text[..at].rsplit('\n').next().unwrap().chars().count() + 1;
            (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
        };
        let ((line, column), (end_line, end_column)) = (place(start), place(start + needle.len()));
        Span {
            start: u32::try_from(start).unwrap(),
            end: u32::try_from(start + needle.len()).unwrap(),
            line,
            column,
            end_line,
            end_column,
        }
    }

    fn finding(text: &str, needle: &str) -> Diagnostic {
        let mut finding = Diagnostic::error(code::CFG013, "unknown key `pahts`")
            .at("sources[0].pahts", Some(span(text, needle)))
            .help("did you mean `path`?");
        finding.file = "a.yaml".into();
        finding
    }

    const TEXT: &str = "config_version: 1\nsources:\n  - name: é\n    pahts: x\n    type: file\n    more: y\n";

    #[test]
    fn a_finding_stands_in_its_lines() {
        assert_snapshot!(render(&[finding(TEXT, "pahts")], Some(TEXT), RenderStyle::Plain), @"
        error[CFG013]: unknown key `pahts`
         --> a.yaml:4:5
          |
        3 |   - name: é
        4 |     pahts: x
          |     ^^^^^ sources[0].pahts
        5 |     type: file
          |
          = help: did you mean `path`?
        ");
    }

    #[test]
    fn without_text_the_place_is_named() {
        assert_snapshot!(render(&[finding(TEXT, "pahts")], None, RenderStyle::Plain), @"
        error[CFG013]: unknown key `pahts`
        --> a.yaml:4:5
         |
         = help: did you mean `path`?
        ");
        let mut finding = Diagnostic::warning(code::CFG025, "no datasets");
        finding.file = "a.yaml".into();
        assert_snapshot!(render(&[finding], Some(TEXT), RenderStyle::Plain), @"
        warning[CFG025]: no datasets
        --> a.yaml
        ");
    }

    #[test]
    fn other_places_are_shown_near_and_named_far() {
        let mut near = finding(TEXT, "pahts");
        near.related = vec![Related { message: "of this dataset".into(), span: span(TEXT, "name") }];
        assert_snapshot!(render(&[near], Some(TEXT), RenderStyle::Plain), @"
        error[CFG013]: unknown key `pahts`
         --> a.yaml:4:5
          |
        3 |   - name: é
          |     ---- of this dataset
        4 |     pahts: x
          |     ^^^^^ sources[0].pahts
        5 |     type: file
          |
          = help: did you mean `path`?
        ");
        let mut far = finding(TEXT, "more");
        far.related = vec![Related { message: "first defined here".into(), span: span(TEXT, "config_version") }];
        assert_snapshot!(render(&[far], Some(TEXT), RenderStyle::Plain), @"
        error[CFG013]: unknown key `pahts`
         --> a.yaml:6:5
          |
        5 |     type: file
        6 |     more: y
          |     ^^^^ sources[0].pahts
          |
          = note: first defined here at a.yaml:1:1
          = help: did you mean `path`?
        ");
    }

    #[test]
    fn lines_are_for_programs() {
        assert_snapshot!(render(&[finding(TEXT, "pahts")], Some(TEXT), RenderStyle::Lines), @"a.yaml:4:5: error[CFG013]: unknown key `pahts` (did you mean `path`?)");
    }

    #[test]
    fn places_at_the_edges_and_long_lines_do_no_harm() {
        for text in ["", "a", "a\n", "\n\n\n", "é", "tab\t\x1b[2J\n"] {
            for start in 0..=text.len() {
                if !text.is_char_boundary(start) {
                    continue;
                }
                for end in [start, text.len(), text.len() + 7] {
                    let line = u32::try_from(text[..start].matches('\n').count() + 1).unwrap();
                    let (start, end) = (u32::try_from(start).unwrap(), u32::try_from(end).unwrap());
                    let span = Span { start, end, line, column: 1, end_line: line, end_column: 1 };
                    let finding = Diagnostic::error(code::CFG010, "x\x1b[2J").at("", Some(span));
                    let shown = render(&[finding], Some(text), RenderStyle::Plain);
                    assert!(!shown.contains('\x1b'), "{shown:?}");
                }
            }
        }
        let long = format!("{}: x\n", "k".repeat(1_000_000));
        let mut finding = finding(&long, &"k".repeat(1_000_000));
        finding.message = "a long key".into();
        assert!(render(&[finding], Some(&long), RenderStyle::Plain).len() < 1_000);
    }
}
