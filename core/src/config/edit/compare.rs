//! Texts line by line: how they differ, and two changes of one text taken together. Pure.

use std::ops::Range;
use std::time::Duration;

use similar::{DiffOp, DiffTag, TextDiff};

/// Lines around a change.
const AROUND: usize = 3;
/// After this a difference is told more coarsely, never wrongly.
const PATIENCE: Duration = Duration::from_secs(1);

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays.
    Same,
    /// It is new.
    Added,
    /// It goes.
    Removed,
}

/// A line with its numbers in the old and the new text, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) fate: Fate,
    pub(crate) old: Option<usize>,
    pub(crate) new: Option<usize>,
    /// Without its end.
    pub(crate) text: String,
}

/// Stretches of change with the lines around them.
pub(crate) fn hunks(old: &str, new: &str) -> Vec<Vec<Line>> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let line = |change: similar::Change<&str>| Line {
        fate: match change.tag() {
            similar::ChangeTag::Equal => Fate::Same,
            similar::ChangeTag::Insert => Fate::Added,
            similar::ChangeTag::Delete => Fate::Removed,
        },
        old: change.old_index().map(|index| index + 1),
        new: change.new_index().map(|index| index + 1),
        text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
    };
    diff.grouped_ops(AROUND)
        .iter()
        .map(|group| group.iter().flat_map(|op| diff.iter_changes(op)).map(line).collect())
        .collect()
}

/// One side's change: lines of the base, and what takes their place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Region {
    base: Range<usize>,
    lines: Vec<String>,
}

/// `ours` and `theirs` together, both made from `base`; `None` where they touch the same or neighbouring
/// lines in different ways, because then nobody but a person can say what is meant.
pub(crate) fn merge(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (mut mine, others) = (regions(base, ours), regions(base, theirs));
    for other in others {
        if mine.contains(&other) {
            continue;
        }
        if mine.iter().any(|own| own.base.start <= other.base.end && other.base.start <= own.base.end) {
            return None;
        }
        mine.push(other);
    }
    mine.sort_by_key(|region| (region.base.start, region.base.end));
    let lines: Vec<&str> = base.split_inclusive('\n').collect();
    let mut merged = String::with_capacity(ours.len().max(theirs.len()));
    let mut at = 0;
    for region in mine {
        merged.extend(lines.get(at..region.base.start)?.iter().copied());
        merged.extend(region.lines);
        at = region.base.end;
    }
    merged.extend(lines.get(at..)?.iter().copied());
    Some(merged)
}

fn regions(base: &str, changed: &str) -> Vec<Region> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(base, changed);
    let new: Vec<&str> = changed.split_inclusive('\n').collect();
    let mut regions: Vec<Region> = Vec::new();
    for op in diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal) {
        let lines = new.get(op.new_range()).unwrap_or_default().iter().map(|line| (*line).to_owned());
        match regions.last_mut() {
            // A removal and an insertion side by side are one change.
            Some(last) if last.base.end == op.old_range().start => {
                last.base.end = op.old_range().end;
                last.lines.extend(lines);
            }
            _ => regions.push(Region { base: DiffOp::old_range(op), lines: lines.collect() }),
        }
    }
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_with_three_lines_around() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        let new = old.replace("2\n3", "2\nx").replace("12\n", "12");
        let shown: Vec<Vec<String>> = hunks(old, &new)
            .iter()
            .map(|hunk| {
                hunk.iter()
                    .map(|line| {
                        let sign = match line.fate {
                            Fate::Same => ' ',
                            Fate::Added => '+',
                            Fate::Removed => '-',
                        };
                        format!("{sign}{} {:?} {:?}", line.text, line.old, line.new)
                    })
                    .collect()
            })
            .collect();
        assert_eq!(shown.len(), 2);
        assert_eq!(
            shown[0],
            [
                " 1 Some(1) Some(1)",
                " 2 Some(2) Some(2)",
                "-3 Some(3) None",
                "+x None Some(3)",
                " 4 Some(4) Some(4)",
                " 5 Some(5) Some(5)",
                " 6 Some(6) Some(6)",
            ]
        );
        assert_eq!(shown[1].last().unwrap(), "+12 None Some(12)");
        assert!(hunks(old, old).is_empty());
    }

    #[test]
    fn changes_of_different_lines_go_together() {
        let base = "a\nb\nc\nd\ne\n";
        for (ours, theirs, merged) in [
            ("A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", Some("A\nb\nc\nd\nE\n")),
            ("b\nc\nd\ne\n", "a\nb\nc\nd\ne\nf\n", Some("b\nc\nd\ne\nf\n")),
            ("A\nb\nc\nd\ne\n", "a\nb\nC\nd\ne\n", Some("A\nb\nC\nd\ne\n")),
            ("A\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n", None),
            ("A\nb\nc\nd\ne\n", "X\nb\nc\nd\ne\n", None),
            ("A\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", Some("A\nb\nc\nd\nE\n")),
            ("a\nx\nb\nc\nd\ne\n", "a\nz\nb\nc\nd\ne\n", None),
            ("a\nx\nb\nc\nd\ne\n", "a\nb\nc\nz\nd\ne\n", Some("a\nx\nb\nc\nz\nd\ne\n")),
            (base, "other\n", Some("other\n")),
            ("other\n", base, Some("other\n")),
            ("same\n", "same\n", Some("same\n")),
            ("a\nb\nc\nd\ne", "A\nb\nc\nd\ne\n", Some("A\nb\nc\nd\ne")),
        ] {
            assert_eq!(merge(base, ours, theirs).as_deref(), merged, "{ours:?} and {theirs:?}");
            if ours != theirs {
                assert_eq!(merge(base, theirs, ours).as_deref(), merged, "the other way round");
            }
        }
        assert_eq!(merge("", "a\n", ""), Some("a\n".into()));
        assert_eq!(merge("", "a\n", "b\n"), None);
    }
}
