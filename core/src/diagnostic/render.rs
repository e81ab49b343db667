//! Text renderers of diagnostics.

use super::Diagnostic;

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
    let _ = (diagnostics, text, style);
    todo!()
}
