//! Saving, leaving, and changes that somebody else made to the file.
//!
//! Nothing is overwritten silently: a save shows its diff first, a file that changed meanwhile is a
//! conflict that a person settles, and what is not saved is never thrown away unasked.

use medallion_core::api::wire::{ConfigText, Saved, TextDiff, ThreeWay, WatchedFile};

use super::Config;
use super::document::What;
use crate::app::choice::{Choice, Choosing, Detail, Item};
use crate::app::shared::{Overlay, Shared, Way};
use crate::screens::ScreenId;
use crate::theme::Mark;
use crate::widgets::{diff, text};

impl Config {
    /// Number of files with changes that are not saved.
    pub(crate) fn unsaved(&self) -> usize {
        self.documents.values().filter(|document| document.is_changed()).count()
    }

    /// Configs changed outside, or were there when watching began.
    pub(crate) fn changed_outside(&mut self, files: &[WatchedFile], removed: &[String], shared: &mut Shared) {
        for file in files {
            self.names.insert(file.validation.file.clone());
            if let Some(document) = self.documents.get_mut(&file.validation.file)
                && !document.is_saving()
                && document.editor.buffer().draft().revision() != Some(file.revision.as_str())
            {
                // What stands in the file now is not what this text comes from.
                if document.is_changed() {
                    document.ask_compare(shared);
                } else {
                    document.ask_read(shared);
                }
            }
            // The same text may have other findings now, since a parent or `.env` changed.
            if let Some(document) = self.documents.get_mut(&file.validation.file) {
                document.check_soon(shared);
            }
        }
        for file in removed {
            self.names.remove(file);
            if let Some(document) = self.documents.get_mut(file)
                && !document.is_saving()
                && !document.is_new()
            {
                document.ask_compare(shared);
            }
        }
    }

    /// Nobody tells of changes: looks at the files that are open.
    pub(crate) fn look_outside(&mut self, shared: &mut Shared) {
        for document in self.documents.values_mut().filter(|document| !document.is_new() && !document.is_saving()) {
            document.ask_read(shared);
        }
    }

    /// The file as it stands now.
    pub(super) fn read_again(&mut self, file: &str, now: ConfigText, shared: &mut Shared) {
        let Some(document) = self.documents.get_mut(file) else { return };
        if document.editor.buffer().draft().revision() == Some(now.revision.as_str()) {
            return;
        }
        if document.is_changed() {
            return document.ask_compare(shared);
        }
        document.editor.replace_all(&now.text);
        document.editor.rebase(now.text, Some(now.revision));
        document.follow(shared);
        document.check_soon(shared);
        document.outside = None;
        if self.file.as_deref() == Some(file) {
            shared.say(Mark::Info, format!("{file} was changed outside and read again (Ctrl-Z shows it as it was)"));
        }
    }

    /// How text and file got apart.
    pub(super) fn compared(&mut self, file: &str, now: ThreeWay, shared: &mut Shared) {
        let Some(document) = self.documents.get_mut(file) else { return };
        let draft = document.editor.buffer().draft();
        if now.text.as_deref() == Some(draft.base()) || now.text.as_deref() == Some(draft.text()) {
            // Nothing but the time of the file changed, or somebody wrote the very same.
            document.editor.rebase(now.text.unwrap_or_default(), now.revision);
            document.outside = None;
            return;
        }
        document.outside = Some(now);
        if self.conflict_wanted {
            self.conflict_wanted = false;
            self.show_outside(shared);
        } else {
            shared.say(Mark::Warn, format!("{file} was changed outside while it has unsaved changes: F6 shows both"));
        }
    }

    /// What may become of a change made outside.
    pub(super) fn show_outside(&mut self, shared: &mut Shared) {
        let Some(document) = self.current() else { return };
        let Some(now) = &document.outside else { return };
        let mut items = Vec::new();
        if let Some(merged) = &now.merged {
            let lines = diff::of_texts(document.editor.text(), merged);
            items.push(Item::new("Take both together", "they touch different lines", Detail::Diff(lines)));
        }
        let size = |change: &TextDiff| format!("+{} -{}", change.added, change.removed);
        let (theirs, ours) = (Detail::Diff(diff::of(&now.theirs)), Detail::Diff(diff::of(&now.ours)));
        if now.text.is_some() {
            items.push(Item::new(
                "Take theirs",
                format!("{} outside; Ctrl-Z brings mine back", size(&now.theirs)),
                theirs,
            ));
            items.push(Item::new(
                "Keep mine",
                format!("{} here; the next save writes over theirs", size(&now.ours)),
                ours,
            ));
        } else {
            items.push(Item::new(
                "Keep mine",
                format!("{} here; the next save makes the file anew", size(&now.ours)),
                ours,
            ));
            items.push(Item::new("Let it go", "close the text, its changes are lost", Detail::Text(String::new())));
        }
        let title = if now.text.is_some() {
            format!("{} was changed outside", document.file)
        } else {
            format!("{} was removed outside", document.file)
        };
        shared.overlay = Some(Overlay::Choice(Choice::new(Choosing::Outside, title, items)));
    }

    pub(super) fn settle_outside(&mut self, at: usize, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        let Some(now) = document.outside.take() else { return };
        let merged = usize::from(now.merged.is_some());
        let Some(theirs) = now.text else {
            if at == 0 {
                document.editor.rebase(String::new(), None);
                shared.say(Mark::Info, "kept; Ctrl-S makes the file anew");
            } else {
                let file = document.file.clone();
                self.close(&file, shared);
            }
            return;
        };
        let said = match (at.checked_sub(merged), now.merged) {
            (None, Some(both)) => {
                document.editor.replace_all(&both);
                "both changes are in the text now; Ctrl-S saves"
            }
            (Some(0), _) => {
                document.editor.replace_all(&theirs);
                "the text is as in the file now; Ctrl-Z brings mine back"
            }
            _ => "kept; the next save writes over what was changed outside",
        };
        document.editor.rebase(theirs, now.revision);
        document.follow(shared);
        document.check_soon(shared);
        shared.say(Mark::Ok, said);
    }

    /// Shows what a save would write.
    pub(super) fn save(&mut self, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        if document.outside.is_some() {
            self.show_outside(shared);
        } else if document.is_changed() {
            document.ask_diff(shared);
        } else {
            shared.say(Mark::Info, "nothing has changed since it was saved");
        }
    }

    /// What the text changes in the file.
    pub(super) fn differs(&mut self, file: &str, difference: &TextDiff, shared: &mut Shared) {
        let Some(document) = self.documents.get(file) else { return };
        let (errors, warnings) = document.counts();
        let state = match (document.is_checked(), errors, warnings) {
            (false, ..) => "not checked yet".to_owned(),
            (_, 0, 0) => "no problem was found".to_owned(),
            (_, 0, warnings) => text::counted(warnings, "warning", "warnings"),
            (_, errors, _) => {
                format!("{} remain; nothing runs until they are mended", text::counted(errors, "error", "errors"))
            }
        };
        let new = if document.is_new() { "a new file" } else { "changed lines" };
        let title = format!("Save {file}");
        let about = format!("{new}: +{} -{}; {state}", difference.added, difference.removed);
        let lines = diff::of(difference);
        let detail = if lines.is_empty() {
            Detail::Text("The lines are the same as in the file.".to_owned())
        } else {
            Detail::Diff(lines)
        };
        let item = Item::new(format!("Write {file}"), "", detail);
        shared.overlay = Some(Overlay::Choice(Choice::new(Choosing::Save, title, vec![item]).about(about)));
    }

    /// What became of a save.
    pub(super) fn saved(&mut self, file: &str, what: What, answer: Saved, shared: &mut Shared) {
        let Some(document) = self.documents.get_mut(file) else { return };
        match (answer, what) {
            (Saved::Saved { revision }, What::Save(written)) => {
                if document.editor.text() == written {
                    document.editor.saved(revision);
                } else {
                    // Something was typed meanwhile: only what was written is saved.
                    document.editor.rebase(written, Some(revision));
                }
                document.outside = None;
                document.check_soon(shared);
                self.names.insert(file.to_owned());
                shared.say(Mark::Ok, format!("{file} was written"));
                shared.ask_datasets();
                if std::mem::take(&mut self.leaving) {
                    shared.way = Some(Way::Screen(ScreenId::Home));
                }
            }
            (Saved::Conflict { .. }, _) => {
                self.leaving = false;
                self.conflict_wanted = true;
                document.ask_compare(shared);
            }
            (Saved::Saved { .. }, _) => {}
        }
    }

    /// Asks what becomes of unsaved changes before the screen is left.
    pub(super) fn ask_to_leave(&mut self, shared: &mut Shared) {
        let Some(document) = self.current() else { return };
        let items = vec![
            Item::new("Keep them for later", "the text stays open", Detail::Text(String::new())),
            Item::new("Save", "shows what has changed first", Detail::Text(String::new())),
            Item::new("Throw them away", "the file stays as it is", Detail::Text(String::new())),
        ];
        let title = format!("{} has unsaved changes", document.file);
        shared.overlay = Some(Overlay::Choice(Choice::new(Choosing::Leave, title, items)));
    }

    pub(super) fn leave(&mut self, at: usize, shared: &mut Shared) {
        match at {
            0 => shared.way = Some(Way::Screen(ScreenId::Home)),
            1 => {
                self.leaving = true;
                self.save(shared);
            }
            _ => {
                let file = self.file.clone().unwrap_or_default();
                self.close(&file, shared);
                shared.way = Some(Way::Screen(ScreenId::Home));
            }
        }
    }

    /// Forgets a text.
    fn close(&mut self, file: &str, shared: &mut Shared) {
        self.documents.remove(file);
        self.typing = false;
        self.popup = None;
        if self.file.as_deref() == Some(file) {
            self.file = None;
            self.text.clear();
            let next = self.names.iter().find(|name| name.as_str() != file).cloned();
            if let Some(next) = next {
                self.show(next, shared);
            }
        }
    }
}
