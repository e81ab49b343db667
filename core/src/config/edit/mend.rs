//! All safe fixes at once, again and again until there are none.

use super::{Edited, Script, is_readable};
use crate::diagnostic::{Fix, TextEdit};

/// Rounds at most: what one fix brings up, the next round mends; more would be fixes that fight.
const ROUNDS: usize = 20;

/// Applies the safe fixes that `find` finds in `text`. Of fixes that touch the same place the first one
/// is made, and the others are looked for again. A round after which the text could no longer be read is
/// not made.
pub(crate) fn mend(text: &str, find: &dyn Fn(&str) -> Vec<Fix>) -> Edited {
    let mut script = Script::of(text);
    let mut seen = vec![text.to_owned()];
    for _ in 0..ROUNDS {
        let readable = is_readable(script.text());
        let edits = together(find(script.text()));
        if edits.is_empty() {
            break;
        }
        let new = |changed: &str| !seen.iter().any(|old| old == changed) && (!readable || is_readable(changed));
        if !script.apply(&edits, new) {
            break;
        }
        seen.push(script.text().to_owned());
    }
    script.finish()
}

/// The edits of all fixes that do not get in each other's way.
fn together(fixes: Vec<Fix>) -> Vec<TextEdit> {
    let mut edits: Vec<TextEdit> = Vec::new();
    for fix in fixes.into_iter().filter(|fix| fix.safe) {
        let free = |edit: &TextEdit| {
            edits.iter().all(|other| edit.span.end < other.span.start || other.span.end < edit.span.start)
        };
        if fix.edits.iter().all(free) {
            edits.extend(fix.edits);
        }
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Extent, Source};

    /// A fix for each `from` in a text.
    fn replacing<'a>(pairs: &'a [(&'a str, &'a str)], safe: bool) -> impl Fn(&str) -> Vec<Fix> + 'a {
        move |text| {
            let source = Source::new(text);
            let found = |(from, to): &(&str, &str)| {
                text.find(from).map(|at| Fix::one("", source.span(Extent::new(at, at + from.len())), *to, safe))
            };
            pairs.iter().filter_map(found).collect()
        }
    }

    #[test]
    fn fixes_are_made_until_there_are_none() {
        let text = "a: 1\nb: 2\n";
        for (pairs, expected) in [
            (vec![("a:", "x:"), ("b:", "y:"), ("x: 1", "z: 1")], "z: 1\ny: 2\n"),
            (vec![("a: 1", "x: 1"), ("1\nb", "3\nb")], "x: 3\nb: 2\n"),
            (vec![("1", "2"), ("2", "1")], "a: 2\nb: 1\n"),
            (vec![("1", "[")], text),
            (vec![("1", "11")], "a: 11\nb: 2\n"),
        ] {
            let pairs: Vec<(&str, &str)> = pairs;
            let mended = mend(text, &replacing(&pairs, true));
            if pairs == [("1", "11")] {
                assert_eq!(mended.text.len(), text.len() + ROUNDS, "fixes that never end are stopped");
                continue;
            }
            assert_eq!(mended.text, expected, "{pairs:?}");
            assert_eq!(mended.changes.is_empty(), expected == text);
        }
        assert_eq!(mend(text, &replacing(&[("a:", "x:")], false)).text, text, "a guess is not made");
    }
}
