//! Text renderers of diagnostics: with an excerpt of the source, or one line each.
//!
//! What comes from the user's file is made harmless for a terminal; long lines are cut around the
//! place that is meant. Owns the looks only.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity, Span};

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

/// Columns of the terminals that everybody has.
const WIDTH: usize = 80;
/// Characters of a source line that are shown; the rest is for the line number.
const EXCERPT: usize = WIDTH - 12;
/// Characters shown before the place that is meant, where a line is cut.
const BEFORE: usize = 20;
/// Lines between two places that are shown together, at most.
const FAR: u32 = 10_000;

/// Writes findings of one file. `text` is the file's content, for the excerpt; without it the
/// findings are written without excerpt.
pub fn render(diagnostics: &[Diagnostic], text: Option<&str>, style: RenderStyle) -> String {
    let mut result = String::new();
    for diagnostic in diagnostics {
        match style {
            RenderStyle::Lines => result += &line(diagnostic),
            RenderStyle::Colour => {
                result += &excerpt(diagnostic, text, Renderer::styled());
                result.push('\n');
            }
            RenderStyle::Plain => {
                result += &excerpt(diagnostic, text, Renderer::plain());
                result.push('\n');
            }
        }
        result.push('\n');
    }
    result
}

fn line(diagnostic: &Diagnostic) -> String {
    let place = match diagnostic.span {
        Some(span) => format!("{}:{}:{}: ", diagnostic.file, span.line, span.column),
        None if diagnostic.file.is_empty() => String::new(),
        None => format!("{}: ", diagnostic.file),
    };
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    harmless(&format!("{place}{severity}[{}]: {}", diagnostic.code, diagnostic.message))
}

fn excerpt(diagnostic: &Diagnostic, text: Option<&str>, renderer: Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = Group::with_title(level.primary_title(harmless(&diagnostic.message)).id(diagnostic.code.as_str()));
    group = match (diagnostic.span, text) {
        (Some(span), Some(text)) => places(group, diagnostic, span, text),
        (Some(span), None) => {
            let origin = Origin::path(harmless(&diagnostic.file));
            group.element(origin.line(span.line as usize).char_column(span.column as usize))
        }
        (None, _) if diagnostic.file.is_empty() => group,
        (None, _) => group.element(Origin::path(harmless(&diagnostic.file))),
    };
    let help = diagnostic.help.as_deref().or_else(|| diagnostic.fix.as_ref().map(|fix| fix.title.as_str()));
    if let Some(help) = help {
        group = group.element(Level::HELP.message(wrap(&harmless(help), WIDTH - 14)));
    }
    renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH * 2).render(&[group])
}

/// The lines that are meant, as one piece of source: those in between stand empty and are folded.
fn places<'a>(group: Group<'a>, diagnostic: &Diagnostic, span: Span, text: &str) -> Group<'a> {
    let mut places = vec![(span, None)];
    for related in &diagnostic.related {
        // One line can be shown once, and a place far away is no help beside this one.
        let near = span.line.abs_diff(related.span.line) < FAR;
        if near && places.iter().all(|(other, _): &(Span, _)| other.line != related.span.line) {
            places.push((related.span, Some(harmless(&related.message))));
        }
    }
    places.sort_by_key(|(span, _)| span.line);
    let first = places.first().map_or(1, |(span, _)| span.line);
    let mut source = String::new();
    let mut line = first;
    let mut annotations = Vec::new();
    let mut cut = false;
    for (at, label) in places {
        while line < at.line {
            source.push('\n');
            line += 1;
        }
        let Window { text, range, skipped } = window(text, at);
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        cut |= skipped && label.is_none();
        annotations.push(kind.span(source.len() + range.start..source.len() + range.end).label(label));
        source += &text;
    }
    let snippet = Snippet::source(source).line_start(first as usize).annotations(annotations);
    if cut {
        // The column in the excerpt is not that of the file.
        let origin =
            Origin::path(harmless(&diagnostic.file)).line(span.line as usize).char_column(span.column as usize);
        return group.element(origin).element(snippet);
    }
    group.element(snippet.path(harmless(&diagnostic.file)))
}

/// A line of the source, cut to a width, with the place that is meant in bytes of it.
struct Window {
    text: String,
    range: std::ops::Range<usize>,
    /// Whether its start is cut off.
    skipped: bool,
}

fn window(text: &str, span: Span) -> Window {
    let bytes = text.as_bytes();
    let at = (span.start as usize).min(bytes.len());
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
    let line = text.get(start..end).unwrap_or_default().trim_end_matches('\r');
    let line = if start == 0 { line.trim_start_matches('\u{feff}') } else { line };
    let first = (span.column as usize).saturating_sub(1);
    // A span over several lines is marked on its first one.
    let width = if span.end_line == span.line { span.end_column.saturating_sub(span.column) as usize } else { EXCERPT };
    let skipped = if line.len() > EXCERPT && first + width > EXCERPT { first.saturating_sub(BEFORE) } else { 0 };
    let mut window = Window { text: String::new(), range: 0..0, skipped: skipped > 0 };
    if skipped > 0 {
        window.text.push_str("...");
    }
    let mut characters = line.chars().skip(skipped);
    let mut position = skipped;
    let mut start = None;
    for character in characters.by_ref().take(EXCERPT) {
        if position == first {
            start = Some(window.text.len());
        }
        window.text.push(harmless_char(character));
        position += 1;
        if position == first + width {
            window.range.end = window.text.len();
        }
    }
    window.range.start = start.unwrap_or(window.text.len());
    if window.range.end <= window.range.start {
        window.range.end = if width == 0 { window.range.start } else { window.text.len() };
    }
    if characters.next().is_some() {
        window.text.push_str("...");
    }
    window
}

/// Text without what would steer a terminal or turn the direction of writing.
fn harmless(text: &str) -> String {
    text.chars().map(harmless_char).collect()
}

fn harmless_char(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other if other.is_control() => '\u{fffd}',
        other => other,
    }
}

/// Breaks between words, so that no line is longer than `width` where that can be.
fn wrap(text: &str, width: usize) -> String {
    let mut result = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            result.push('\n');
            used = 0;
        } else if used > 0 {
            result.push(' ');
            used += 1;
        }
        result.push_str(word);
        used += length;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Related, code};

    fn at(text: &str, needle: &str) -> Span {
        let start = text.find(needle).unwrap();
        let line = text[..start].matches('\n').count() + 1;
        let column = text[..start].rsplit('\n').next().unwrap().chars().count() + 1;
        let number = |value: usize| u32::try_from(value).unwrap();
        Span {
            start: number(start),
            end: number(start + needle.len()),
            line: number(line),
            column: number(column),
            end_line: number(line),
            end_column: number(column + needle.chars().count()),
        }
    }

    fn finding(span: Option<Span>) -> Diagnostic {
        let mut finding = Diagnostic::error(code::CFG013, "unknown key `delimeter`")
            .at("a.b", span)
            .help("did you mean `delimiter`?");
        finding.file = "configs/a.yaml".into();
        finding
    }

    #[test]
    fn an_excerpt_shows_the_line() {
        let text = "a:\n  delimeter: ü\n";
        let shown = render(&[finding(Some(at(text, "delimeter")))], Some(text), RenderStyle::Plain);
        insta::assert_snapshot!(shown, @"
        error[CFG013]: unknown key `delimeter`
         --> configs/a.yaml:2:3
          |
        2 |   delimeter: ü
          |   ^^^^^^^^^
          |
          = help: did you mean `delimiter`?
        ");
    }

    #[test]
    fn related_places_and_long_help() {
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\na: 6\n";
        let mut finding = finding(Some(at(text, "a: 6"))).help("a help that goes on for so long that it must be broken between two words to fit a terminal of eighty columns");
        finding.related.push(Related::here("first defined here", at(text, "a: 1")));
        finding.severity = Severity::Warning;
        insta::assert_snapshot!(render(&[finding], Some(text), RenderStyle::Plain), @"
        warning[CFG013]: unknown key `delimeter`
         --> configs/a.yaml:6:1
          |
        1 | a: 1
          | ---- first defined here
        ...
        6 | a: 6
          | ^^^^
          |
          = help: a help that goes on for so long that it must be broken between two
                  words to fit a terminal of eighty columns
        ");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{} delimeter {}", "x".repeat(1_000_000), "y".repeat(1_000_000));
        let shown = render(&[finding(Some(at(&text, "delimeter")))], Some(&text), RenderStyle::Plain);
        insta::assert_snapshot!(shown, @"
        error[CFG013]: unknown key `delimeter`
         --> configs/a.yaml:1:1000002
          |
         ::: 
        1 | ...xxxxxxxxxxxxxxxxxxx delimeter yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
          |                        ^^^^^^^^^
          |
          = help: did you mean `delimiter`?
        ");
        let wide = format!("{}key", "é".repeat(200));
        let shown = render(&[finding(Some(at(&wide, &wide)))], Some(&wide), RenderStyle::Plain);
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
    }

    #[test]
    fn without_text_or_place() {
        insta::assert_snapshot!(render(&[finding(None)], None, RenderStyle::Plain), @"
        error[CFG013]: unknown key `delimeter`
        --> configs/a.yaml
         = help: did you mean `delimiter`?
        ");
        let lines = render(&[finding(None), finding(Some(at("delimeter", "delimeter")))], None, RenderStyle::Lines);
        insta::assert_snapshot!(lines, @"
        configs/a.yaml: error[CFG013]: unknown key `delimeter`
        configs/a.yaml:1:1: error[CFG013]: unknown key `delimeter`
        ");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let text = "a: \u{1b}[31mred\u{7}\u{202e}\tb\r\n";
        let mut finding = finding(Some(at(text, "red")));
        finding.message = "bad \u{1b}]0;title\u{7}".into();
        for style in [RenderStyle::Plain, RenderStyle::Lines] {
            let shown = render(std::slice::from_ref(&finding), Some(text), style);
            assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\t', '\r']), "{shown:?}");
        }
        let coloured = render(&[finding], Some(text), RenderStyle::Colour);
        assert!(coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}[31mred"), "{coloured:?}");
    }

    #[test]
    fn every_place_of_a_text_can_be_shown() {
        let text = "\u{feff}a: b\n\nc: \"ü\"";
        for start in 0..=text.len() + 2 {
            for end in start..=text.len() + 2 {
                let number = |value: usize| u32::try_from(value).unwrap();
                let span = Span {
                    start: number(start),
                    end: number(end),
                    line: 1,
                    column: 1 + number(start),
                    end_line: 1,
                    end_column: 1 + number(end),
                };
                assert!(!render(&[finding(Some(span))], Some(text), RenderStyle::Plain).is_empty());
            }
        }
    }
}
