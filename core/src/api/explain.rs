//! `explain`: the pages of the codes.

use super::Engine;
use super::wire::{Deprecation, ErrorBody, ExplainRequest, Explanation, Nothing};
use crate::diagnostic::code::{self, Code, Entry};
use crate::diagnostic::deprecation::DEPRECATIONS;

impl Engine {
    /// See the command table.
    pub fn explain(&self, request: ExplainRequest) -> Result<Vec<Explanation>, ErrorBody> {
        let asked = request.code.trim();
        if asked.is_empty() {
            return Ok(code::TABLE.iter().map(page).collect());
        }
        if let Some(entry) = Code::find(asked).and_then(Code::entry) {
            return Ok(vec![page(entry)]);
        }
        let nearest = code::TABLE.iter().map(|entry| entry.code.as_str()).max_by(|a, b| {
            let score = |candidate: &str| strsim::jaro_winkler(candidate, &asked.to_ascii_uppercase());
            score(a).total_cmp(&score(b))
        });
        Err(ErrorBody {
            code: code::CFG026,
            message: format!("there is no code `{asked}`"),
            causes: Vec::new(),
            hint: nearest
                .map(|nearest| format!("did you mean {nearest}? `medallion explain` without a code lists all")),
            diagnostics: Vec::new(),
            exit: 1,
            transient: false,
        })
    }
}

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// None.
    pub fn deprecations(&self, _: Nothing) -> Result<Vec<Deprecation>, ErrorBody> {
        Ok(DEPRECATIONS.to_vec())
    }
}

fn page(entry: &Entry) -> Explanation {
    Explanation { code: entry.code, title: entry.title.into(), explanation: entry.explanation.into() }
}
