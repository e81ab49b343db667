//! A text being edited, with its undo stack: for front ends whose editor component has none.
//!
//! Owns text, history and the question whether anything is unsaved. Pure: reads no file, knows no
//! YAML, no clock and no cursor beyond the places of changes.

use std::ops::Range;

use crate::diagnostic::TextEdit;

/// Bytes of removed and inserted text that the history holds at most; the oldest steps go first.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// An edit that does not fit its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MisplacedEdit {
    /// A place beyond the end, inside a character, or with its end before its start.
    #[error("no place in the text is called {start}..{end}")]
    NoPlace {
        /// Byte where it starts.
        start: usize,
        /// Byte where it ends.
        end: usize,
    },
    /// Two edits of one change touch the same place, or are out of order.
    #[error("the edit at byte {start} overlaps the one before it")]
    Overlap {
        /// Byte where the later one starts.
        start: usize,
    },
}

/// A text in an editor: what it was when it was last saved, what was done since, and how to take that
/// back. All places are byte offsets.
///
/// Every change is one step of [`DraftText::undo`]; typed characters join into steps of a word, see
/// [`DraftText::type_over`].
#[derive(Clone, Debug, Default)]
pub struct DraftText {
    text: String,
    /// As last read from the file or written to it.
    base: String,
    revision: Option<String>,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Whether the next typed character may join the last step.
    open: bool,
}

/// One step of the history: replacements in the order of the text, not overlapping.
#[derive(Clone, Debug, Default)]
struct Step {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    /// Where it starts in the text before the step.
    before: usize,
    /// Where it starts in the text after the step.
    after: usize,
    removed: String,
    inserted: String,
}

impl Step {
    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.removed.len() + part.inserted.len() + size_of::<Part>()).sum()
    }
    /// The step that takes this one back.
    fn inverse(&self) -> Self {
        let turn = |part: &Part| Part {
            before: part.after,
            after: part.before,
            removed: part.inserted.clone(),
            inserted: part.removed.clone(),
        };
        Self { parts: self.parts.iter().map(turn).collect() }
    }
    /// From the first to the last change, in the text after the step.
    fn place(&self) -> Range<usize> {
        let start = self.parts.first().map_or(0, |part| part.after);
        let end = self.parts.last().map_or(0, |part| part.after + part.inserted.len());
        start..end
    }
}

impl DraftText {
    /// A text as it stands in a file with this revision; `None` for a file that does not exist yet.
    pub fn open(text: impl Into<String>, revision: Option<String>) -> Self {
        let text = text.into();
        Self { base: text.clone(), text, revision, ..Self::default() }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that the editing began with, or that was last saved: the `base` of `compare_text`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Identifies [`DraftText::base`]: the `base` of `save_text`. `None` if there is no file yet.
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// Whether there is something to save.
    pub fn is_dirty(&self) -> bool {
        self.revision.is_none() || self.text != self.base
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to do again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Applies edits of the engine (`Edited::changes`, `Fix::edits`) as one step, and answers where the
    /// text changed: the cursor belongs at the end of it.
    ///
    /// # Errors
    ///
    /// When the edits do not fit the text or overlap; then nothing is changed.
    pub fn apply(&mut self, edits: &[TextEdit]) -> Result<Range<usize>, MisplacedEdit> {
        let edits: Vec<(Range<usize>, &str)> =
            edits.iter().map(|edit| (edit.span.start as usize..edit.span.end as usize, edit.text.as_str())).collect();
        let step = self.step(&edits)?;
        self.open = false;
        if step.parts.is_empty() {
            let place = edits.first().map_or(self.text.len(), |(place, _)| place.start);
            return Ok(place..place);
        }
        let place = self.perform(&step);
        self.push(step);
        Ok(place)
    }

    /// Replaces `place` by what was typed there: one character, a deletion (empty `typed`), a paste.
    /// Characters typed one after the other join into one step up to the end of a word or line, and so
    /// do deletions of neighbouring characters.
    ///
    /// # Errors
    ///
    /// When `place` is no place of the text; then nothing is changed.
    pub fn type_over(&mut self, place: Range<usize>, typed: &str) -> Result<Range<usize>, MisplacedEdit> {
        let step = self.step(&[(place.clone(), typed)])?;
        let Some(part) = step.parts.first().cloned() else { return Ok(place.start..place.start) };
        let joins = self.open && self.done.last().is_some_and(|last| joins(last, &part));
        let changed = self.perform(&step);
        match self.done.last_mut() {
            Some(last) if joins => {
                join(last, part);
                self.undone.clear();
            }
            _ => self.push(step),
        }
        // A paste or a replaced selection is a step of its own.
        self.open = is_small(typed) && (typed.is_empty() || place.is_empty());
        Ok(changed)
    }

    /// Ends the step that typing may still join: after a moved cursor, a lost focus, a pause.
    pub const fn seal(&mut self) {
        self.open = false;
    }

    /// Puts another text in place of the whole one as one step that changes only what differs: a reload,
    /// a merge.
    pub fn replace(&mut self, text: &str) -> Range<usize> {
        let (prefix, suffix) = common(&self.text, text);
        let place = prefix..self.text.len() - suffix;
        let inserted = text.get(prefix..text.len() - suffix).unwrap_or_default();
        self.open = false;
        match self.step(&[(place, inserted)]) {
            Ok(step) if !step.parts.is_empty() => {
                let changed = self.perform(&step);
                self.push(step);
                changed
            }
            _ => prefix..prefix,
        }
    }

    /// Takes the last step back and answers where the text changed; `None` if there is none.
    pub fn undo(&mut self) -> Option<Range<usize>> {
        let step = self.done.pop()?;
        let place = self.perform(&step.inverse());
        self.undone.push(step);
        self.open = false;
        Some(place)
    }

    /// Does the step again that was last taken back.
    pub fn redo(&mut self) -> Option<Range<usize>> {
        let step = self.undone.pop()?;
        let place = self.perform(&step);
        self.done.push(step);
        self.open = false;
        Some(place)
    }

    /// The text was written to its file, which has `revision` now. The history stays.
    pub fn saved(&mut self, revision: impl Into<String>) {
        let text = self.text.clone();
        self.rebase(text, Some(revision.into()));
    }

    /// The file holds `base` now, changed by someone else, and the draft counts from there: after a
    /// conflict was settled.
    pub fn rebase(&mut self, base: impl Into<String>, revision: Option<String>) {
        self.base = base.into();
        self.revision = revision;
        self.open = false;
    }

    fn step(&self, edits: &[(Range<usize>, &str)]) -> Result<Step, MisplacedEdit> {
        let mut parts = Vec::with_capacity(edits.len());
        let mut end = 0;
        let mut grown: usize = 0;
        let mut shrunk: usize = 0;
        for (place, inserted) in edits {
            let removed =
                self.text.get(place.clone()).ok_or(MisplacedEdit::NoPlace { start: place.start, end: place.end })?;
            if place.start < end {
                return Err(MisplacedEdit::Overlap { start: place.start });
            }
            end = place.end;
            if removed != *inserted {
                parts.push(Part {
                    before: place.start,
                    after: place.start + grown - shrunk,
                    removed: removed.to_owned(),
                    inserted: (*inserted).to_owned(),
                });
            }
            grown += inserted.len();
            shrunk += removed.len();
        }
        Ok(Step { parts })
    }

    fn perform(&mut self, step: &Step) -> Range<usize> {
        for part in step.parts.iter().rev() {
            let end = part.before + part.removed.len();
            self.text.replace_range(part.before..end, &part.inserted);
        }
        step.place()
    }

    fn push(&mut self, step: Step) {
        self.undone.clear();
        self.done.push(step);
        let mut bytes: usize = self.done.iter().map(Step::bytes).sum();
        while bytes > MOST_BYTES && self.done.len() > 1 {
            bytes -= self.done.remove(0).bytes();
        }
    }
}

/// Where a place of the old text is in the new one, after `edits` as [`DraftText::apply`] takes them. A
/// place inside a replaced stretch goes to the end of what replaced it.
pub fn moved(offset: usize, edits: &[TextEdit]) -> usize {
    let mut result = offset;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if end <= offset && !(start == offset && end == offset) {
            result = result + edit.text.len() - (end - start);
        } else if start < offset {
            return result - (offset - start) + edit.text.len();
        } else {
            break;
        }
    }
    result
}

fn is_small(typed: &str) -> bool {
    typed.chars().nth(1).is_none() && !typed.starts_with(['\n', '\r'])
}

/// Whether `part` continues what `last` did: typing on at its end, deleting on at either side.
fn joins(last: &Step, part: &Part) -> bool {
    let [one] = last.parts.as_slice() else { return false };
    if part.removed.is_empty() && one.removed.is_empty() {
        let ends_word = one.inserted.ends_with(char::is_whitespace) && !part.inserted.starts_with(char::is_whitespace);
        return is_small(&part.inserted) && part.before == one.after + one.inserted.len() && !ends_word;
    }
    if part.inserted.is_empty() && one.inserted.is_empty() {
        let backward = part.before + part.removed.len() == one.before;
        return is_small(&part.removed) && (backward || part.before == one.before);
    }
    false
}

fn join(last: &mut Step, part: Part) {
    let Some(one) = last.parts.first_mut() else { return };
    if part.removed.is_empty() {
        one.inserted.push_str(&part.inserted);
    } else if part.before < one.before {
        one.removed.insert_str(0, &part.removed);
        one.before = part.before;
        one.after = part.after;
    } else {
        one.removed.push_str(&part.removed);
    }
}

/// Bytes that two texts share at their start and at their end, in whole characters, not overlapping.
pub(super) fn common(old: &str, new: &str) -> (usize, usize) {
    let start = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let start = (0..=start).rev().find(|at| old.is_char_boundary(*at) && new.is_char_boundary(*at)).unwrap_or(0);
    let most = old.len().min(new.len()) - start;
    let end = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(old, new)| old == new).count();
    let fits = |at: &usize| old.is_char_boundary(old.len() - at) && new.is_char_boundary(new.len() - at);
    (start, (0..=end).rev().find(fits).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    fn edit(place: Range<usize>, text: &str) -> TextEdit {
        let small = |at: usize| u32::try_from(at).unwrap();
        let span =
            Span { start: small(place.start), end: small(place.end), line: 1, column: 1, end_line: 1, end_column: 1 };
        TextEdit { span, text: text.into() }
    }

    fn typed(draft: &mut DraftText, at: usize, text: &str) {
        let mut at = at;
        for character in text.chars() {
            at = draft.type_over(at..at, &character.to_string()).unwrap().end;
        }
    }

    #[test]
    fn edits_of_one_change_are_one_step() {
        let mut draft = DraftText::open("a: 1\nb: 2\nc: 3\n", Some("r1".into()));
        assert!(!draft.is_dirty() && !draft.can_undo());
        let place = draft.apply(&[edit(3..4, "100"), edit(5..10, ""), edit(13..14, "30")]).unwrap();
        assert_eq!(draft.text(), "a: 100\nc: 30\n");
        assert_eq!(place, 3..12);
        assert!(draft.is_dirty());
        assert_eq!(draft.undo(), Some(3..14));
        assert_eq!(draft.text(), "a: 1\nb: 2\nc: 3\n");
        assert!(!draft.is_dirty() && draft.can_redo());
        assert_eq!(draft.redo(), Some(3..12));
        assert_eq!(draft.text(), "a: 100\nc: 30\n");
        assert_eq!((draft.redo(), draft.can_undo()), (None, true));
    }

    #[test]
    fn edits_that_do_not_fit_change_nothing() {
        let mut draft = DraftText::open("é: 1", Some("r1".into()));
        for (edits, expected) in [
            (vec![edit(0..1, "e")], MisplacedEdit::NoPlace { start: 0, end: 1 }),
            (vec![edit(3..9, "")], MisplacedEdit::NoPlace { start: 3, end: 9 }),
            (vec![edit(2..4, "x"), edit(3..5, "y")], MisplacedEdit::Overlap { start: 3 }),
            (vec![edit(4..5, "x"), edit(2..3, "y")], MisplacedEdit::Overlap { start: 2 }),
        ] {
            assert_eq!(draft.apply(&edits), Err(expected));
            assert_eq!((draft.text(), draft.can_undo()), ("é: 1", false));
        }
        #[expect(clippy::reversed_empty_ranges, reason = "that is the mistake")]
        let backwards = draft.type_over(4..2, "x");
        assert_eq!(backwards, Err(MisplacedEdit::NoPlace { start: 4, end: 2 }));
        assert_eq!(draft.apply(&[edit(3..5, " 1")]), Ok(3..3), "it says what stands there already");
        assert!(!draft.can_undo());
    }

    #[test]
    fn typed_characters_join_into_words() {
        let mut draft = DraftText::open("", Some("r1".into()));
        typed(&mut draft, 0, "ab cd\nef");
        let mut texts = vec![draft.text().to_owned()];
        while draft.undo().is_some() {
            texts.push(draft.text().to_owned());
        }
        assert_eq!(texts, ["ab cd\nef", "ab cd\n", "ab cd", "ab ", ""]);
        typed(&mut draft, 0, "xy");
        assert!(!draft.can_redo(), "what is typed ends what could be done again");
        draft.seal();
        typed(&mut draft, 2, "z");
        typed(&mut draft, 0, "w");
        assert_eq!(draft.text(), "wxyz");
        draft.undo();
        assert_eq!(draft.text(), "xyz", "elsewhere is another step");
        draft.undo();
        assert_eq!(draft.text(), "xy", "after a seal is another step");
    }

    #[test]
    fn deleted_characters_join_and_a_paste_stands_alone() {
        let mut draft = DraftText::open("abcdef", Some("r1".into()));
        for at in [3, 2, 1] {
            draft.type_over(at..at + 1, "").unwrap();
        }
        draft.type_over(1..2, "").unwrap();
        assert_eq!(draft.text(), "af");
        draft.undo();
        assert_eq!(draft.text(), "abcdef", "backwards and forwards are one step");
        draft.redo();
        assert_eq!(draft.text(), "af");
        draft.type_over(1..1, "a paste").unwrap();
        typed(&mut draft, 8, "!");
        draft.undo();
        assert_eq!(draft.text(), "aa pastef");
        draft.undo();
        draft.type_over(0..2, "x").unwrap();
        typed(&mut draft, 1, "y");
        assert_eq!(draft.text(), "xy");
        draft.undo();
        assert_eq!(draft.text(), "x", "a replaced selection is a step");
        draft.undo();
        assert_eq!(draft.text(), "af");
    }

    #[test]
    fn another_text_changes_only_what_differs() {
        let mut draft = DraftText::open("a: é\nb: 2\n", Some("r1".into()));
        assert_eq!(draft.replace("a: è\nb: 2\n"), 3..5);
        assert_eq!(draft.text(), "a: è\nb: 2\n");
        assert_eq!(draft.undo(), Some(3..5));
        assert_eq!(draft.replace("a: é\nb: 2\n"), 11..11);
        assert!(!draft.can_undo(), "the same text is no step");
        assert_eq!(draft.replace("a: é\nb: 2\nb: 2\n"), 11..16);
    }

    #[test]
    fn what_was_saved_is_not_dirty_and_can_still_be_taken_back() {
        let mut draft = DraftText::open("a: 1\n", None);
        assert!(draft.is_dirty(), "there is no file yet");
        draft.saved("r1");
        assert!(!draft.is_dirty());
        typed(&mut draft, 4, "23");
        draft.saved("r2");
        assert_eq!((draft.revision(), draft.base(), draft.is_dirty()), (Some("r2"), "a: 123\n", false));
        typed(&mut draft, 6, "4");
        draft.undo();
        assert!(!draft.is_dirty(), "back at what was saved");
        draft.undo();
        assert_eq!((draft.text(), draft.is_dirty()), ("a: 1\n", true));
        draft.rebase("a: 1\n", Some("r3".into()));
        assert!(!draft.is_dirty());
    }

    #[test]
    fn the_history_is_bounded() {
        let big = "x".repeat(MOST_BYTES / 4 - 1000);
        let mut draft = DraftText::open("", Some("r1".into()));
        for _ in 0..6 {
            let end = draft.text().len();
            draft.apply(&[edit(end..end, &big)]).unwrap();
        }
        let mut steps = 0;
        while draft.undo().is_some() {
            steps += 1;
        }
        assert_eq!(steps, 4);
        assert_eq!(draft.text().len(), 2 * big.len());
    }

    #[test]
    fn places_move_with_edits() {
        let edits = [edit(2..4, "wxyz"), edit(6..6, "++"), edit(8..9, "")];
        let after: Vec<usize> = (0..=10).map(|offset| moved(offset, &edits)).collect();
        assert_eq!(after, [0, 1, 2, 6, 6, 7, 8, 11, 12, 12, 13]);
    }
}
