//! Text renderers of diagnostics: with excerpts of the source, one line each, as annotations of a
//! GitHub workflow, as SARIF.
//!
//! What comes from the user's file is made harmless for a terminal. Owns the looks only: what is
//! wrong and where was decided before.

mod excerpt;
mod github;
mod sarif;
mod window;

use super::{Diagnostic, Severity};

pub use sarif::sarif;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderStyle {
    /// With excerpts of the source and colour (ANSI).
    Colour,
    /// With excerpts of the source, no colour.
    Plain,
    /// One line each: `file:line:column: error[CODE]: message`.
    Lines,
    /// One workflow command of GitHub each: `::error file=…::message`.
    Github,
}

/// Columns of the terminals that everybody has.
pub const WIDTH: usize = 80;
/// No terminal is taken to be narrower than this.
const NARROWEST: usize = 40;
/// Nobody reads longer lines.
const WIDEST: usize = 120;

/// Writes findings, each as a paragraph or line of its own. `text` gives the content of a file, as the
/// finding names it, for the excerpts; findings of a file without one are written without excerpt.
/// `width` is that of the terminal in columns, see [`WIDTH`].
pub fn render(
    diagnostics: &[Diagnostic],
    text: &dyn Fn(&str) -> Option<String>,
    style: RenderStyle,
    width: usize,
) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let paragraphs = match style {
        RenderStyle::Lines => diagnostics.iter().map(|diagnostic| line(diagnostic) + "\n").collect(),
        RenderStyle::Github => diagnostics.iter().map(|diagnostic| github::command(diagnostic) + "\n").collect(),
        RenderStyle::Colour | RenderStyle::Plain => {
            let mut texts = excerpt::Texts::new(text, diagnostics);
            let colour = style == RenderStyle::Colour;
            diagnostics.iter().map(|diagnostic| excerpt::paragraph(diagnostic, &mut texts, colour, width)).collect()
        }
    };
    let paragraphs: Vec<String> = paragraphs;
    paragraphs.join(if matches!(style, RenderStyle::Lines | RenderStyle::Github) { "" } else { "\n" })
}

fn line(diagnostic: &Diagnostic) -> String {
    let place = match diagnostic.span {
        Some(span) => format!("{}:{}:{}: ", diagnostic.file, span.line, span.column),
        None if diagnostic.file.is_empty() => String::new(),
        None => format!("{}: ", diagnostic.file),
    };
    let severity = severity(diagnostic.severity);
    harmless(&format!("{place}{severity}[{}]: {}", diagnostic.code, diagnostic.message))
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// Text without what would steer a terminal or turn the direction of writing.
fn harmless(text: &str) -> String {
    text.chars().map(harmless_char).collect()
}

const fn harmless_char(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => '\u{fffd}',
        other => other,
    }
}

/// The message with its help, as one text for readers that show nothing else.
fn told(diagnostic: &Diagnostic) -> String {
    match advice(diagnostic) {
        Some(help) => format!("{}\n{help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// What to do.
fn advice(diagnostic: &Diagnostic) -> Option<&str> {
    diagnostic.help.as_deref().or_else(|| diagnostic.fix.as_ref().map(|fix| fix.title.as_str()))
}

#[cfg(test)]
mod tests;
