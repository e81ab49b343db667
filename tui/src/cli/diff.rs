//! A diff as text, in the unified form that people and `patch` know.

use medallion_core::api::wire::{DiffKind, Hunk, TextDiff};

use super::output::{Ink, harmless, paint};

/// The diff of `file`; empty if nothing changed.
pub(crate) fn text(diff: &TextDiff, file: &str, colour: bool) -> String {
    if diff.hunks.is_empty() {
        return String::new();
    }
    let name = harmless(file);
    let mut text = paint(colour, Ink::Strong, &format!("--- {name}\n+++ {name}")) + "\n";
    for hunk in &diff.hunks {
        text += &(paint(colour, Ink::Faint, &heading(hunk)) + "\n");
        for line in &hunk.lines {
            let (ink, sign) = match line.kind {
                DiffKind::Same => (Ink::Plain, ' '),
                DiffKind::Added => (Ink::Good, '+'),
                DiffKind::Removed => (Ink::Bad, '-'),
            };
            text += &(paint(colour, ink, &format!("{sign}{}", harmless(&line.text))) + "\n");
        }
    }
    text
}

/// `@@ -1,3 +1,4 @@`.
fn heading(hunk: &Hunk) -> String {
    let side = |numbers: Vec<u32>| match numbers.first() {
        Some(first) => format!("{first},{}", numbers.len()),
        None => "0,0".to_owned(),
    };
    let old = side(hunk.lines.iter().filter_map(|line| line.old_line).collect());
    let new = side(hunk.lines.iter().filter_map(|line| line.new_line).collect());
    format!("@@ -{old} +{new} @@")
}

#[cfg(test)]
mod tests {
    use medallion_core::api::wire::{Count, DiffLine};

    use super::*;

    #[test]
    fn it_reads_as_people_know_it() {
        let line = |kind, old_line, new_line, text: &str| DiffLine { kind, old_line, new_line, text: text.into() };
        let hunk = Hunk {
            lines: vec![
                line(DiffKind::Same, Some(4), Some(4), "a:"),
                line(DiffKind::Removed, Some(5), None, "  local_path: x"),
                line(DiffKind::Added, None, Some(5), "  output_dir: x"),
            ],
        };
        let diff = TextDiff { hunks: vec![hunk], added: Count(1), removed: Count(1) };
        assert_eq!(
            text(&diff, "a.yaml", false),
            "--- a.yaml\n+++ a.yaml\n@@ -4,2 +4,2 @@\n a:\n-  local_path: x\n+  output_dir: x\n"
        );
        assert_eq!(text(&TextDiff::default(), "a.yaml", false), "");
    }
}
