//! What editors ask of a draft beside its findings: outline, form, comments that hide findings.

use super::Engine;
use super::wire::{Draft, Edited, ErrorBody, IgnoreRequest, Outline, Part, TextEdit};
use crate::config::assist::{self, FormatError};
use crate::diagnostic::code::{self, Code};

impl Engine {
    /// See the command table.
    pub fn outline(&self, request: Draft) -> Result<Outline, ErrorBody> {
        let parts = assist::outline(&request.text).into_iter().map(part).collect();
        Ok(Outline { ours: assist::is_ours(&request.text), parts })
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG060 for a text that cannot be formatted with certainty; nothing is changed then.
    pub fn format_text(&self, request: Draft) -> Result<Edited, ErrorBody> {
        match assist::format(&request.text) {
            Ok(changes) => Ok(edited(&request.text, changes)),
            Err(error) => {
                let message = format!("`{}`: {error}", request.file);
                let hint = match error {
                    FormatError::Broken { .. } => "mend what is listed first; nothing was changed",
                    FormatError::Changes => "indent the lines by hand; nothing was changed",
                };
                let mut diagnostics = match error {
                    FormatError::Broken { found } => found,
                    FormatError::Changes => Vec::new(),
                };
                for finding in &mut diagnostics {
                    finding.file.clone_from(&request.file);
                }
                Err(refusal(code::CFG060, message, hint, diagnostics))
            }
        }
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG061 for a line that can have no comment; CFG026 for a code that does not exist.
    pub fn ignore_text(&self, request: IgnoreRequest) -> Result<Edited, ErrorBody> {
        let text = &request.draft.text;
        let Some(code) = Code::find(&request.code) else {
            let message = format!("there is no code `{}`", request.code);
            return Err(refusal(code::CFG026, message, "`medallion explain` lists the codes", Vec::new()));
        };
        if let Some(change) = assist::hide(text, request.offset as usize, code) {
            return Ok(edited(text, vec![change]));
        }
        let message = format!("`{}`: no comment can stand above this line", request.draft.file);
        let hint = "write it above the key that this text belongs to, or behind that key on its line";
        Err(refusal(code::CFG061, message, hint, Vec::new()))
    }
}

fn part(part: assist::Part) -> Part {
    Part {
        name: part.name,
        detail: part.detail,
        dataset: part.dataset,
        span: part.span,
        key: part.key,
        parts: part.parts.into_iter().map(self::part).collect(),
    }
}

fn edited(text: &str, changes: Vec<TextEdit>) -> Edited {
    let mut result = String::with_capacity(text.len());
    let mut from = 0;
    for change in &changes {
        result.push_str(text.get(from..change.span.start as usize).unwrap_or_default());
        result.push_str(&change.text);
        from = change.span.end as usize;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    Edited { text: result, changes }
}

fn refusal(code: Code, message: String, hint: &str, diagnostics: Vec<crate::diagnostic::Diagnostic>) -> ErrorBody {
    ErrorBody { code, message, causes: Vec::new(), hint: Some(hint.into()), diagnostics, exit: 1, transient: false }
}
