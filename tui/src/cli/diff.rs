//! A change of a text as a unified diff, which people read and `patch` applies.

use medallion_core::api::wire::{DiffKind, DiffLine, Hunk, TextDiff};

use super::output::{Ink, harmless, paint};

/// The diff with its heading; empty if nothing changes.
pub(crate) fn unified(file: &str, diff: &TextDiff, colour: bool) -> String {
    if diff.hunks.is_empty() {
        return String::new();
    }
    let file = harmless(file);
    let mut text = paint(colour, Ink::Strong, &format!("--- {file}")) + "\n";
    text += &(paint(colour, Ink::Strong, &format!("+++ {file}")) + "\n");
    for hunk in &diff.hunks {
        text += &(paint(colour, Ink::Faint, &heading(hunk)) + "\n");
        for DiffLine { kind, text: line, .. } in &hunk.lines {
            let line = harmless(line);
            text += &match kind {
                DiffKind::Same => format!(" {line}"),
                DiffKind::Added => paint(colour, Ink::Good, &format!("+{line}")),
                DiffKind::Removed => paint(colour, Ink::Bad, &format!("-{line}")),
            };
            text.push('\n');
        }
    }
    text
}

/// `@@ -1,3 +1,4 @@`.
fn heading(hunk: &Hunk) -> String {
    let side = |number: fn(&DiffLine) -> Option<u32>| {
        let lines = hunk.lines.iter().filter_map(number);
        (lines.clone().next(), lines.count())
    };
    let (old, old_count) = side(|line| line.old_line);
    let (new, new_count) = side(|line| line.new_line);
    // A side without lines stands after the line before it.
    let before = |own: Option<u32>, other: Option<u32>| own.unwrap_or_else(|| other.unwrap_or(1).saturating_sub(1));
    format!("@@ -{},{old_count} +{},{new_count} @@", before(old, new), before(new, old))
}

#[cfg(test)]
mod tests {
    use super::*;
    use medallion_core::api::wire::Count;

    #[test]
    fn lines_have_their_signs_and_numbers() {
        let line = |kind, old_line, new_line, text: &str| DiffLine { kind, old_line, new_line, text: text.into() };
        let lines = vec![
            line(DiffKind::Same, Some(4), Some(4), "a:"),
            line(DiffKind::Removed, Some(5), None, "  url: x"),
            line(DiffKind::Added, None, Some(5), "  base_url: x"),
        ];
        let added = vec![line(DiffKind::Added, None, Some(1), "config_version: 1")];
        let hunks = vec![Hunk { lines: added }, Hunk { lines }];
        let diff = TextDiff { hunks, added: Count(2), removed: Count(1) };
        insta::assert_snapshot!(unified("a.yaml", &diff, false), @"
        --- a.yaml
        +++ a.yaml
        @@ -0,0 +1,1 @@
        +config_version: 1
        @@ -4,2 +4,2 @@
         a:
        -  url: x
        +  base_url: x
        ");
        assert_eq!(unified("a.yaml", &TextDiff::default(), true), "");
    }
}
