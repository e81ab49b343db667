//! Drafts of config files: checking, editing, comparing, saving.

use std::path::{Path, PathBuf};

use super::Engine;
use super::validate::{datasets, refused, revision};
use super::wire::{
    CompareRequest, Count, DiffKind, DiffLine, Draft, DraftCheck, Edit, EditRequest, EditValue, Edited, ErrorBody, Fix,
    Hunk, SaveRequest, Saved, TextDiff, ThreeWay,
};
use crate::config::edit::{self, Asked, Change, compare, mend};
use crate::config::files::{is_config_below, is_overlay_below, normalise};
use crate::config::form::language;
use crate::config::save::{self, Outcome, SaveError};
use crate::config::{self, LoadedFile};
use crate::scaffold::{SCHEMA_FILE, SCHEMA_LINE};
use crate::world::Disk;

impl Engine {
    /// See the command table.
    pub fn check_text(&self, request: Draft) -> Result<DraftCheck, ErrorBody> {
        let file = self.load_draft(&request);
        let path = normalise(&self.root.join(&request.file));
        let saved = if self.may_show(&path) { save::standing(&path).unwrap_or_default() } else { None };
        Ok(DraftCheck {
            datasets: datasets(&file),
            changed: saved.as_deref() != Some(request.text.as_str()),
            diagnostics: file.diagnostics,
        })
    }

    /// See the command table.
    pub fn edit_text(&self, request: EditRequest) -> Result<Edited, ErrorBody> {
        let changes: Vec<Change> = request.edits.into_iter().map(change).collect();
        let edited = edit::edit(&request.draft.text, &changes, &language::order);
        edited.map(wired).map_err(|error| ErrorBody::of(&error))
    }

    /// See the command table.
    pub fn fix_text(&self, request: Draft) -> Result<Edited, ErrorBody> {
        let find = |text: &str| -> Vec<Fix> {
            let file = self.load_draft(&Draft { text: text.to_owned(), ..request.clone() });
            let own = file.diagnostics.into_iter().filter(|finding| finding.file == file.display);
            own.filter_map(|finding| finding.fix).collect()
        };
        Ok(wired(mend::mend(&request.text, &find)))
    }

    /// See the command table.
    pub fn diff_text(&self, request: Draft) -> Result<TextDiff, ErrorBody> {
        let path = self.place(&request.file)?;
        let saved = standing(&path)?.unwrap_or_default();
        Ok(diff(&saved, &request.text))
    }

    /// See the command table.
    pub fn compare_text(&self, request: CompareRequest) -> Result<ThreeWay, ErrorBody> {
        let path = self.place(&request.draft.file)?;
        let theirs = standing(&path)?;
        Ok(ThreeWay {
            ours: diff(&request.base, &request.draft.text),
            theirs: diff(&request.base, theirs.as_deref().unwrap_or_default()),
            revision: theirs.as_deref().map(revision),
            merged: theirs.as_deref().and_then(|theirs| compare::merge(&request.base, &request.draft.text, theirs)),
            text: theirs,
        })
    }

    /// See the command table.
    pub fn save_text(&self, request: SaveRequest) -> Result<Saved, ErrorBody> {
        let path = self.place(&request.file)?;
        let expected = |standing: Option<&str>| standing.map(revision) == request.base;
        let id = self.world.entropy.id();
        let outcome = save::save(&*self.world.disk, &path, &request.text, &id, &expected);
        match outcome.map_err(|error: SaveError| ErrorBody::of(&error))? {
            Outcome::Written => {
                let revision = revision(&request.text);
                if request.base.is_none() {
                    publish_schema(&*self.world.disk, &path, &request.text, &id);
                }
                self.give_out(path, request.text);
                Ok(Saved::Saved { revision })
            }
            Outcome::Other(theirs) => {
                let base = self.given_out(&path).filter(|text| Some(revision(text)) == request.base);
                let merged =
                    base.zip(theirs.as_ref()).and_then(|(base, theirs)| compare::merge(&base, &request.text, theirs));
                Ok(Saved::Conflict { revision: theirs.as_deref().map(revision), theirs, merged })
            }
        }
    }

    /// A draft as if it were saved.
    pub(super) fn load_draft(&self, draft: &Draft) -> LoadedFile {
        config::load_text(&self.root, &draft.file, &draft.text, draft.environment.as_deref(), &*self.world.env)
    }

    /// The path of a configuration that may be read and written: one that may be shown, or a new one
    /// below the root.
    fn place(&self, file: &str) -> Result<PathBuf, ErrorBody> {
        let path = normalise(&self.root.join(file));
        let new = |below: &Path| (is_config_below(below) || is_overlay_below(below)) && !path.is_dir();
        if self.may_show(&path) || path.strip_prefix(normalise(&self.root)).is_ok_and(new) {
            Ok(path)
        } else {
            Err(ErrorBody { code: crate::diagnostic::code::CFG056, ..refused(file) })
        }
    }

    /// Remembers the text of a file that a front end has now, so that a conflict can be told three ways.
    pub(super) fn give_out(&self, path: PathBuf, text: String) {
        if let Ok(mut given) = self.given.lock() {
            given.insert(path, text);
        }
    }

    fn given_out(&self, path: &Path) -> Option<String> {
        self.given.lock().ok()?.get(path).cloned()
    }
}

fn standing(path: &Path) -> Result<Option<String>, ErrorBody> {
    save::standing(path).map_err(|error| ErrorBody::of(&error))
}

/// Writes the JSON Schema to the place beside a new config where its first line says that it is, if nothing
/// is there. Editors help less without it, and nothing else does, so that a failure is no error.
fn publish_schema(disk: &dyn Disk, config: &Path, text: &str, id: &str) {
    if let Some(place) = absent_schema(config, text) {
        drop(save::save(disk, &place, &super::config_schema_text(), id, &|standing| standing.is_none()));
    }
}

/// Where the schema is expected that the first line of a config names, if it is not there.
pub(super) fn absent_schema(config: &Path, text: &str) -> Option<PathBuf> {
    let named = text.lines().next()?.strip_prefix(SCHEMA_LINE)?.trim();
    (named == SCHEMA_FILE).then(|| config.with_file_name(SCHEMA_FILE)).filter(|place| !place.exists())
}

fn wired(edited: edit::Edited) -> Edited {
    Edited { text: edited.text, changes: edited.changes }
}

fn change(edit: Edit) -> Change {
    let asked = |value| match value {
        EditValue::Text(text) => Asked::Text(text),
        EditValue::Literal(text) => Asked::Literal(text),
        EditValue::Yaml(text) => Asked::Yaml(text),
    };
    match edit {
        Edit::Set { path, value } => Change::Set { path, value: asked(value) },
        Edit::Unset { path } => Change::Unset { path },
        Edit::Insert { path, index, value } => {
            Change::Insert { path, index: index.map(|index| index as usize), value: asked(value) }
        }
        Edit::Rename { path, key } => Change::Rename { path, key },
        Edit::Move { path, to } => Change::Move { path, to },
    }
}

fn diff(old: &str, new: &str) -> TextDiff {
    let number = |line: Option<usize>| line.map(|line| u32::try_from(line).unwrap_or(u32::MAX));
    let line = |line: compare::Line| DiffLine {
        kind: match line.fate {
            compare::Fate::Same => DiffKind::Same,
            compare::Fate::Added => DiffKind::Added,
            compare::Fate::Removed => DiffKind::Removed,
        },
        old_line: number(line.old),
        new_line: number(line.new),
        text: line.text,
    };
    let hunks: Vec<Hunk> = compare::hunks(old, new)
        .into_iter()
        .map(|lines| Hunk { lines: lines.into_iter().map(line).collect() })
        .collect();
    let count = |kind| Count::from(hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count());
    TextDiff { added: count(DiffKind::Added), removed: count(DiffKind::Removed), hunks }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::api::wire::{ConfigTextRequest, Target};
    use crate::world::{FixedClock, FixedEnvironment, World};

    const FINE: &str =
        "config_version: 1\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n";

    fn engine(root: &Path) -> Engine {
        let world = World {
            env: Arc::new(FixedEnvironment::default()),
            clock: Arc::new(FixedClock(DateTime::UNIX_EPOCH)),
            ..World::real()
        };
        Engine::open(root, world)
    }

    fn draft(file: &str, text: &str) -> Draft {
        Draft { file: file.into(), text: text.into(), environment: None }
    }

    #[test]
    fn a_draft_is_checked_as_if_it_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), FINE).unwrap();
        let engine = engine(folder.path());
        let check = engine.check_text(draft("a.yaml", FINE)).unwrap();
        assert_eq!((check.datasets.as_slice(), check.changed), (&["s.t".to_owned()][..], false));
        let check = engine.check_text(draft("a.yaml", &FINE.replace("system", "sistem"))).unwrap();
        assert!(check.changed && check.datasets.is_empty());
        assert!(check.diagnostics.iter().any(|finding| finding.code.as_str() == "CFG013" && finding.file == "a.yaml"));
        assert!(engine.check_text(draft("new.yaml", FINE)).unwrap().changed, "it is not saved");
    }

    #[test]
    fn edits_and_fixes_answer_with_changes_of_the_draft() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        let edit = |path: &str, value: &str| Edit::Set { path: path.into(), value: EditValue::Text(value.into()) };
        let edits = vec![edit("sources[0].name", "orders"), edit("sources[0].source.file.path", "b.csv")];
        let edited = engine.edit_text(EditRequest { draft: draft("a.yaml", FINE), edits }).unwrap();
        assert_eq!(edited.text, FINE.replace("- source", "- name: orders\n    source").replace("a.csv", "b.csv"));
        assert_eq!(edited.changes.len(), 2);
        let refused =
            engine.edit_text(EditRequest { draft: draft("a.yaml", FINE), edits: vec![edit("sources[7].name", "x")] });
        assert_eq!(refused.unwrap_err().code.as_str(), "CFG050");
        let wrong = "platform:\n  bronze:\n    local_path: out\nsources:\n  - source: {type: File, system: s, table: t, file: {path: a.csv}}\n";
        let mended = engine.fix_text(draft("a.yaml", wrong)).unwrap();
        assert!(mended.text.contains("config_version: 1") && !mended.text.contains("local_path"), "{}", mended.text);
        assert!(!mended.changes.is_empty());
        assert_eq!(engine.fix_text(draft("a.yaml", &mended.text)).unwrap().changes, []);
    }

    #[test]
    fn saving_tells_a_conflict_from_three_sides() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        let base = "# one\n# two\n# three\n".to_owned() + FINE;
        std::fs::write(&path, &base).unwrap();
        let engine = engine(folder.path());
        let opened = engine.config_text(ConfigTextRequest { file: "a.yaml".into() }).unwrap();
        let ours = base.replace("# one", "# ours");
        let theirs = base.replace("# three", "# theirs");
        std::fs::write(&path, &theirs).unwrap();
        let compared =
            engine.compare_text(CompareRequest { draft: draft("a.yaml", &ours), base: base.clone() }).unwrap();
        let both = ours.replace("# three", "# theirs");
        assert_eq!(compared.merged.as_deref(), Some(both.as_str()));
        assert_eq!((compared.ours.added, compared.theirs.removed), (Count(1), Count(1)));
        let save = |text: &str, base: Option<String>| {
            engine.save_text(SaveRequest { file: "a.yaml".into(), text: text.into(), base }).unwrap()
        };
        let Saved::Conflict { theirs: found, revision, merged } = save(&ours, Some(opened.revision)) else { panic!() };
        assert_eq!((found.as_deref(), merged.as_deref()), (Some(theirs.as_str()), Some(both.as_str())));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), theirs, "nothing was written");
        let Saved::Saved { revision } = save(&both, revision) else { panic!() };
        assert_eq!(std::fs::read_to_string(&path).unwrap(), both);
        std::fs::remove_file(&path).unwrap();
        let gone = Saved::Conflict { theirs: None, revision: None, merged: None };
        assert_eq!(save("x", Some(revision)), gone);
        assert!(matches!(save("x", None), Saved::Saved { .. }));
        assert!(matches!(save("y", None), Saved::Conflict { .. }), "there is a file already");
        assert_eq!(engine.diff_text(draft("a.yaml", "x")).unwrap(), TextDiff::default());
        let new = engine.diff_text(draft("new.yaml", "x\ny\n")).unwrap();
        assert_eq!((new.added, new.removed), (Count(2), Count(0)));
    }

    #[test]
    fn only_configurations_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(folder.path().join("outside.yaml"), FINE).unwrap();
        std::fs::create_dir(root.join("folder.yaml")).unwrap();
        let engine = engine(&root);
        let save = |file: &str, base: Option<String>| {
            let saved = engine.save_text(SaveRequest { file: file.into(), text: FINE.into(), base });
            saved.map_err(|error| error.code.as_str().to_owned())
        };
        for file in [
            "x.txt",
            "x",
            "",
            ".",
            "../outside.yaml",
            "../new.yaml",
            "/etc/new.yaml",
            ".git/x.yaml",
            "data/x.yaml",
            "folder.yaml",
            "system=s/x.yaml",
        ] {
            assert_eq!(save(file, None), Err("CFG056".into()), "{file}");
            assert_eq!(engine.diff_text(draft(file, "")).map_err(|error| error.code.as_str()), Err("CFG056"), "{file}");
        }
        for file in ["x.yaml", "team/y.yml", "environments/prod.yaml", "a/../z.yaml"] {
            assert!(matches!(save(file, None), Ok(Saved::Saved { .. })), "{file}");
        }
        assert_eq!(std::fs::read_to_string(root.join("team/y.yml")).unwrap(), FINE);
        let outside = folder.path().join("outside.yaml").to_str().unwrap().to_owned();
        engine.validate(Target::at(outside.clone())).unwrap();
        assert!(matches!(save(&outside, Some(revision(FINE))), Ok(Saved::Saved { .. })), "it was named as a target");
    }
}
