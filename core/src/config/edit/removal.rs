//! Taking out a key that a finding says to remove, as a fix of that finding.
//!
//! The text is laid out once for all findings of a file, and only when there is such a finding. Never
//! guesses: where the key does not stand in the text at the place of the finding, there is no fix.

use std::cell::OnceCell;

use super::layout::{Kind, Layout};
use super::operation::Operation;
use super::{in_order, read};
use crate::config::path::steps;
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Fix, Span, TextEdit};

/// Fixes that remove keys of one text.
pub(crate) struct Removals<'t> {
    source: &'t Source<'t>,
    layout: OnceCell<Option<Layout>>,
}

impl<'t> Removals<'t> {
    /// For the file of `source`; what it extends has no fixes.
    pub(crate) const fn of(source: &'t Source<'t>) -> Self {
        Self { source, layout: OnceCell::new() }
    }

    /// Takes out the key at `path` with its comment, if that is what stands at `key`. It is not safe to do
    /// unasked: a key without effect may be kept for the day on which it has one.
    pub(crate) fn fix(&self, path: &str, key: Span) -> Option<Fix> {
        let text = self.source.text_at(0);
        let layout = self.layout.get_or_init(|| read(text).ok()).as_ref()?;
        let operation = Operation { text, layout, order: &|_| Vec::new(), careful: false };
        let steps = steps(path)?;
        let (_, found) = operation.standing(path, &steps).ok()?;
        let (parent, index) = found.parent?;
        let Kind::Mapping { pairs, .. } = &parent.kind else { return None };
        let pair = pairs.get(index)?;
        if pair.key.start != key.start as usize {
            return None;
        }
        let edit = |splice: super::Splice| TextEdit {
            span: self.source.span(Extent::new(splice.start, splice.end)),
            text: splice.text,
        };
        let edits = in_order(operation.removal(&found, parent, index).ok()?)?.into_iter().map(edit).collect();
        Some(Fix { title: format!("remove `{}`", pair.name()?), edits, safe: false })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::{Change, Script, edit};
    use crate::config::fixture::load_one;

    /// In every fixture: the fix is what an edit would do, which is checked in itself, and the finding is gone.
    #[test]
    fn what_has_no_effect_is_removed_and_nothing_else() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures");
        let folder = tempfile::tempdir().unwrap();
        let mut tried = 0;
        for entry in fs::read_dir(fixtures).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            fs::write(folder.path().join("config.yaml"), &text).unwrap();
            for finding in load_one(folder.path(), "config.yaml", &[]).diagnostics {
                let Some(fix) = finding.fix.filter(|fix| fix.title.starts_with("remove `")) else { continue };
                let mut fixed = Script::of(&text);
                assert!(fixed.apply(&fix.edits, |_| true));
                let fixed = fixed.finish().text;
                let unset = Change::Unset { path: finding.path.clone() };
                let edited = edit(&text, &[unset], &|_| Vec::new()).unwrap();
                assert_eq!(fixed, edited.text, "{} {}", path.display(), finding.path);
                fs::write(folder.path().join("fixed.yaml"), &fixed).unwrap();
                let left = load_one(folder.path(), "fixed.yaml", &[]).diagnostics;
                assert!(!left.iter().any(|left| left.code == finding.code && left.path == finding.path));
                tried += 1;
            }
        }
        assert!(tried > 30, "{tried}");
    }
}
