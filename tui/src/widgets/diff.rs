//! Lines of a diff, each with a sign, and what edits would change as such lines.

use std::ops::Range;

use medallion_core::api::wire::{DiffKind, DiffLine, TextDiff};
use ratatui::text::Line;

use super::editor::buffer::Replace;
use super::{pane, text};
use crate::theme::{Theme, Tone};

/// Lines of context around a change.
const CONTEXT: usize = 2;

/// The lines of a diff of the engine; a line of dots between two hunks.
pub(crate) fn of(diff: &TextDiff) -> Vec<DiffLine> {
    let mut lines: Vec<DiffLine> = Vec::new();
    for hunk in &diff.hunks {
        if !lines.is_empty() {
            lines.push(gap());
        }
        lines.extend(hunk.lines.iter().cloned());
    }
    lines
}

/// What edits, in order and not overlapping, would change in `whole`.
pub(crate) fn of_edits(whole: &str, edits: &[Replace]) -> Vec<DiffLine> {
    let starts: Vec<usize> = std::iter::once(0).chain(whole.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_of = |offset: usize| starts.partition_point(|&start| start <= offset).saturating_sub(1);
    let line_end = |line: usize| starts.get(line + 1).copied().unwrap_or(whole.len());
    let mut lines = Vec::new();
    // How many lines the edits before have added.
    let mut grown: i64 = 0;
    let mut at = 0;
    while at < edits.len() {
        let (first, mut last) = (line_of(edits[at].range.start), line_of(edits[at].range.end));
        let mut until = at + 1;
        while until < edits.len() && line_of(edits[until].range.start) <= last + 2 * CONTEXT + 1 {
            last = last.max(line_of(edits[until].range.end));
            until += 1;
        }
        let place = starts[first]..line_end(last);
        let Some(old) = whole.get(place.clone()) else { return lines };
        let new = applied(whole, &place, &edits[at..until]);
        if !lines.is_empty() {
            lines.push(gap());
        }
        let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let shared = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
        let rest = before.len().min(after.len()) - shared;
        let tail =
            before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
        let mut numbers = Numbers { old: first + 1, grown };
        numbers.rewind(CONTEXT.min(first + shared), first + shared);
        let from = (first + shared).saturating_sub(CONTEXT);
        for line in from..first + shared {
            lines.push(numbers.same(whole.get(starts[line]..line_end(line)).unwrap_or_default()));
        }
        for line in &before[shared..before.len() - tail] {
            lines.push(numbers.removed(line));
        }
        for line in &after[shared..after.len() - tail] {
            lines.push(numbers.added(line));
        }
        let end = last + 1 - tail;
        for line in end..(end + CONTEXT).min(starts.len()) {
            let text = whole.get(starts[line]..line_end(line)).unwrap_or_default();
            // Behind the last line end there is no line.
            if line + 1 < starts.len() || !text.is_empty() {
                lines.push(numbers.same(text));
            }
        }
        grown += i64::try_from(after.len()).unwrap_or(0) - i64::try_from(before.len()).unwrap_or(0);
        at = until;
    }
    lines
}

fn applied(whole: &str, place: &Range<usize>, edits: &[Replace]) -> String {
    let mut new = String::new();
    let mut at = place.start;
    for edit in edits {
        new.push_str(whole.get(at..edit.range.start).unwrap_or_default());
        new.push_str(&edit.text);
        at = edit.range.end;
    }
    new.push_str(whole.get(at..place.end).unwrap_or_default());
    new
}

struct Numbers {
    /// The next line of the old text, from 1.
    old: usize,
    /// How much later the same line is in the new text.
    grown: i64,
}

impl Numbers {
    fn rewind(&mut self, context: usize, line: usize) {
        self.old = line + 1 - context;
    }

    fn new_line(&self) -> Option<u32> {
        u32::try_from(i64::try_from(self.old).ok()? + self.grown).ok()
    }

    fn same(&mut self, text: &str) -> DiffLine {
        let line = line(DiffKind::Same, u32::try_from(self.old).ok(), self.new_line(), text);
        self.old += 1;
        line
    }

    fn removed(&mut self, text: &str) -> DiffLine {
        let line = line(DiffKind::Removed, u32::try_from(self.old).ok(), None, text);
        self.old += 1;
        self.grown -= 1;
        line
    }

    fn added(&mut self, text: &str) -> DiffLine {
        let line = line(DiffKind::Added, None, self.new_line(), text);
        self.grown += 1;
        line
    }
}

fn line(kind: DiffKind, old_line: Option<u32>, new_line: Option<u32>, text: &str) -> DiffLine {
    DiffLine { kind, old_line, new_line, text: text.trim_end_matches(['\n', '\r']).to_owned() }
}

fn gap() -> DiffLine {
    DiffLine { kind: DiffKind::Same, old_line: None, new_line: None, text: String::new() }
}

/// The lines as they are shown: number, sign, text.
pub(crate) fn shown(lines: &[DiffLine], columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let longest = lines.iter().filter_map(|line| line.new_line.or(line.old_line)).max().unwrap_or(1);
    let digits = longest.to_string().len().max(2);
    lines
        .iter()
        .map(|line| {
            let Some(number) = line.new_line.or(line.old_line) else {
                return Line::styled(format!(" {}", theme.ellipsis()), theme.style(Tone::Dim));
            };
            let (sign, tone) = match line.kind {
                DiffKind::Same => (' ', Tone::Dim),
                DiffKind::Added => ('+', Tone::Added),
                DiffKind::Removed => ('-', Tone::Removed),
            };
            let room = columns.saturating_sub(digits + 4);
            Line::from(vec![
                pane::span(format!(" {number:>digits$} "), Tone::Dim, theme),
                pane::span(format!("{sign} {}", text::cut(&line.text, room, theme)), tone, theme),
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, text: &str) -> Replace {
        Replace { range, text: text.into() }
    }

    fn written(lines: &[DiffLine]) -> String {
        let theme = Theme { colour: false, ascii: true, light: false };
        shown(lines, 40, theme).iter().map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn only_the_lines_that_differ_are_shown_with_two_around_them() {
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n";
        insta::assert_snapshot!(written(&of_edits(text, &[edit(10..11, "see")])), @"
          1   a: 1
          2   b: 2
          3 - c: 3
          3 + see: 3
          4   d: 4
          5   e: 5
        ");
        insta::assert_snapshot!(written(&of_edits(text, &[edit(0..0, "x: 0\n"), edit(20..25, "")])), @"
          1 + x: 0
          2   a: 1
          3   b: 2
          4   c: 3
          5   d: 4
          5 - e: 5
        ");
        insta::assert_snapshot!(written(&of_edits("one", &[edit(3..3, "\ntwo")])), @"
          1   one
          2 + two
        ");
        assert!(of_edits("", &[]).is_empty());
        assert_eq!(of_edits("", &[edit(0..0, "a")]).len(), 1);
    }

    #[test]
    fn changes_far_apart_are_apart() {
        let text: String = (0..40).map(|line| format!("line {line:02}\n")).collect();
        let shown = written(&of_edits(&text, &[edit(0..4, "LINE"), edit(270..274, "LINE\nx")]));
        assert!(shown.contains('~') && shown.contains("31 + LINE") && shown.contains("33   line 31"), "{shown}");
    }
}
