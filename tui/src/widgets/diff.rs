//! Lines of a diff, each with a sign, and what edits would change as such lines.

use std::time::Duration;

use medallion_core::api::wire::{DiffKind, DiffLine, TextDiff};
use ratatui::text::Line;
use similar::{ChangeTag, TextDiff as Differ};

use super::editor::buffer::Replace;
use super::{pane, text};
use crate::theme::{Theme, Tone};

/// Lines of context around a change.
const CONTEXT: usize = 2;
/// After this the diff is as good as it is by then: the screen must not wait.
const PATIENCE: Duration = Duration::from_millis(100);

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
    let mut new = String::new();
    let mut at = 0;
    for edit in edits {
        new.push_str(whole.get(at..edit.range.start).unwrap_or_default());
        new.push_str(&edit.text);
        at = edit.range.end;
    }
    new.push_str(whole.get(at..).unwrap_or_default());
    of_texts(whole, &new)
}

/// What is different in `new`.
pub(crate) fn of_texts(old: &str, new: &str) -> Vec<DiffLine> {
    // Line ends are no part of the comparison: the last line may have none.
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let diff = Differ::configure().timeout(PATIENCE).diff_slices(&old, &new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        if !lines.is_empty() {
            lines.push(gap());
        }
        lines.extend(group.iter().flat_map(|op| diff.iter_changes(op)).map(|change| {
            let kind = match change.tag() {
                ChangeTag::Equal => DiffKind::Same,
                ChangeTag::Insert => DiffKind::Added,
                ChangeTag::Delete => DiffKind::Removed,
            };
            let number = |at: Option<usize>| at.and_then(|at| u32::try_from(at + 1).ok());
            line(kind, number(change.old_index()), number(change.new_index()), change.value())
        }));
    }
    lines
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
    use std::ops::Range;

    use super::*;

    fn edit(range: Range<usize>, text: &str) -> Replace {
        Replace { range, text: text.into() }
    }

    fn written(lines: &[DiffLine]) -> String {
        let theme = Theme { colour: false, ascii: true, light: false };
        let lines: Vec<String> = shown(lines, 40, theme).iter().map(ToString::to_string).collect();
        lines.join("\n")
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
        let lines: Vec<String> = (0..40).map(|line| format!("line {line:02}")).collect();
        let text = lines.join("\n");
        let shown = written(&of_edits(&text, &[edit(0..4, "LINE"), edit(240..244, "LINE\nx\nLINE")]));
        assert!(shown.contains('~') && shown.contains("31 + LINE") && shown.contains("34   line 31"), "{shown}");
    }
}
