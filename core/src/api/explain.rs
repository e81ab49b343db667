//! `explain` and `deprecations`: the pages of the codes, and the keys that have a successor.

use super::Engine;
use super::wire::{Deprecation, ErrorBody, Example, ExplainRequest, Explanation, Nothing};
use crate::diagnostic::code::{self, Code, Entry};
use crate::diagnostic::deprecation::DEPRECATIONS;
use crate::diagnostic::examples::{self, Part};
use crate::diagnostic::predecessor::{self, FORMER, Former};
use crate::nearest::nearest;

impl Engine {
    /// See the command table. Codes of the predecessor are answered too; all of them stand at the end of
    /// the list.
    ///
    /// # Errors
    ///
    /// CFG026 for a code that nobody had.
    pub fn explain(&self, request: ExplainRequest) -> Result<Vec<Explanation>, ErrorBody> {
        let asked = request.code.trim();
        if asked.is_empty() {
            let former = FORMER.iter().filter(|former| former.code.entry().is_none());
            return Ok(code::TABLE.iter().map(page).chain(former.map(former_page)).collect());
        }
        if let Some(entry) = Code::find(asked).and_then(Code::entry) {
            return Ok(vec![page(entry)]);
        }
        if let Some(former) = predecessor::find(asked) {
            return Ok(vec![former_page(former)]);
        }
        let all = code::TABLE.iter().map(|entry| entry.code).chain(FORMER.iter().map(|former| former.code));
        let lists_all = "`medallion explain` without a code lists all";
        let hint = nearest(asked, all.map(Code::as_str))
            .map_or_else(|| lists_all.to_owned(), |nearest| format!("did you mean {nearest}? {lists_all}"));
        Err(ErrorBody {
            code: code::CFG026,
            hint: Some(hint),
            ..ErrorBody::unexpected(format!("there is no code `{asked}`"))
        })
    }

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
    let example = examples::of(entry.code).map(|sample| Example {
        before: sample.before.into(),
        after: sample.after.into(),
        yaml: sample.part != Part::Other,
    });
    let former = predecessor::find(entry.code.as_str());
    Explanation {
        code: entry.code,
        title: entry.title.into(),
        explanation: entry.explanation.into(),
        example,
        predecessor: former.map(|former| format!("{} {}", former.meaning, former.here)).unwrap_or_default(),
        successors: former.map(|former| others(former, entry.code)).unwrap_or_default(),
    }
}

fn former_page(former: &Former) -> Explanation {
    Explanation {
        code: former.code,
        title: format!("{} (a code of the predecessor)", former.title),
        explanation: format!("{}\n\n{}", former.meaning, former.here),
        example: None,
        predecessor: former.meaning.into(),
        successors: others(former, former.code),
    }
}

fn others(former: &Former, than: Code) -> Vec<Code> {
    former.successors.iter().copied().filter(|code| *code != than).collect()
}
