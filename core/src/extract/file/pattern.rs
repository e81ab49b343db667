//! Patterns of names: `*`, `?`, `[a-z]`, `[!a-z]` within a name, `**` for any folders.
//!
//! Knows names only; what is listed, and from where, is the caller's.

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A folder by way of a link: it is entered where it is named, and not by `**`, so that no walk
    /// runs in circles.
    Linked,
}

/// Whether the text has a character that stands for others.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Names that begin so are marks and leavings of other programs: `.git`, `_SUCCESS`, `_temporary`.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

/// Whether a name fits the pattern of a name.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => match set(&pattern[at..], name[seen]) {
                Some((length, true)) => Some(length),
                Some((_, false)) => None,
                None => (name[seen] == '[').then_some(1),
            },
            Some(other) => (*other == name[seen]).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(length), _) => {
                at += length;
                seen += 1;
            }
            // What the last star stands for is one character longer.
            (None, Some((place, from))) => {
                star = Some((place, from + 1));
                (at, seen) = (place + 1, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

/// The length of the set that begins here, and whether the character is in it; `None`: it does not end.
fn set(pattern: &[char], character: char) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let first = 1 + usize::from(negated);
    // A bracket right at the start is a member.
    let end = first + 1 + pattern.get(first + 1..)?.iter().position(|other| *other == ']')?;
    let members = &pattern[first..end];
    let mut at = 0;
    let mut found = false;
    while at < members.len() {
        if at + 2 < members.len() && members[at + 1] == '-' {
            found |= (members[at]..=members[at + 2]).contains(&character);
            at += 3;
        } else {
            found |= members[at] == character;
            at += 1;
        }
    }
    Some((end + 1, found != negated))
}

/// Whether a path, of names joined by `/`, fits a pattern of the same form.
pub(super) fn fits_path(pattern: &str, path: &str) -> bool {
    fn fit(pattern: &[&str], names: &[&str]) -> bool {
        match (pattern.split_first(), names.split_first()) {
            (None, None) => true,
            (Some((&"**", [])), _) => !names.is_empty(),
            (Some((&"**", rest)), Some((_, behind))) => fit(rest, names) || fit(pattern, behind),
            (Some((part, rest)), Some((name, behind))) => fits(part, name) && fit(rest, behind),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
    fit(&pattern.split('/').collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>())
}

/// A folder's entries, by its names joined by `/`, from where the walk began.
pub(super) type List<'a, E> = &'a dyn Fn(&str) -> Result<Vec<(String, Kind)>, E>;

/// The files below a folder whose path from there fits the pattern, sorted. Hidden names fit only
/// where the pattern says their first character.
pub(super) fn walk<E>(pattern: &str, list: List<'_, E>) -> Result<Vec<String>, E> {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let mut found = Vec::new();
    enter("", &parts, list, &mut found)?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn enter<E>(folder: &str, parts: &[&str], list: List<'_, E>, found: &mut Vec<String>) -> Result<(), E> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    let inside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    if *part == "**" {
        if !rest.is_empty() {
            enter(folder, rest, list, found)?;
        }
        for (name, kind) in list(folder)? {
            match kind {
                _ if is_hidden(&name) => {}
                Kind::Folder => enter(&inside(&name), parts, list, found)?,
                Kind::File if rest.is_empty() => found.push(inside(&name)),
                Kind::File | Kind::Linked => {}
            }
        }
        return Ok(());
    }
    for (name, kind) in list(folder)? {
        let said = !is_hidden(&name) || part.starts_with(['.', '_']);
        if !said || !fits(part, &name) {
            continue;
        }
        match (kind, rest.is_empty()) {
            (Kind::File, true) => found.push(inside(&name)),
            (Kind::Folder | Kind::Linked, false) => enter(&inside(&name), rest, list, found)?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns() {
        for (pattern, right, wrong) in [
            ("*", &["a", "a.csv", "é"][..], &[][..]),
            ("*.csv", &["a.csv", ".csv", "a.csv.csv"], &["a.csv.gz", "csv"]),
            ("a*b*c", &["abc", "a-b-b-c", "abbcc"], &["ab", "acb"]),
            ("?", &["a", "é"], &["", "ab"]),
            ("[a-c]x", &["ax", "cx"], &["dx", "x"]),
            ("[!a-c]x", &["dx", "-x"], &["ax"]),
            ("[]x]", &["]", "x"], &["a"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[a", &["[a"], &["a"]),
            ("a**b", &["ab", "axb"], &["a"]),
        ] {
            assert!(right.iter().all(|name| fits(pattern, name)), "{pattern}");
            assert!(!wrong.iter().any(|name| fits(pattern, name)), "{pattern}");
        }
    }

    #[test]
    fn a_walk_finds_files_in_a_stable_order() {
        let list = |folder: &str| -> Result<Vec<(String, Kind)>, ()> {
            let entry = |name: &str, kind| (name.to_owned(), kind);
            Ok(match folder {
                "" => vec![
                    entry("b", Kind::Folder),
                    entry("z.csv", Kind::File),
                    entry("a", Kind::Folder),
                    entry("_SUCCESS", Kind::File),
                    entry("loop", Kind::Linked),
                ],
                "a" => vec![entry("2.csv", Kind::File), entry("1.csv", Kind::File), entry("deep", Kind::Folder)],
                "a/deep" => vec![entry("3.csv", Kind::File), entry(".x.csv", Kind::File)],
                "b" => vec![entry("1.csv", Kind::File), entry("1.json", Kind::File)],
                "loop" => vec![entry("9.csv", Kind::File)],
                _ => Vec::new(),
            })
        };
        let found = |pattern: &str| walk(pattern, &list).unwrap().join(" ");
        assert_eq!(found("*.csv"), "z.csv");
        assert_eq!(found("*/*.csv"), "a/1.csv a/2.csv b/1.csv loop/9.csv");
        assert_eq!(found("**/*.csv"), "a/1.csv a/2.csv a/deep/3.csv b/1.csv z.csv");
        assert_eq!(found("**"), "a/1.csv a/2.csv a/deep/3.csv b/1.csv b/1.json z.csv");
        assert_eq!(found("a/**/3.csv"), "a/deep/3.csv");
        assert_eq!(found("[ab]/1.*"), "a/1.csv b/1.csv b/1.json");
        assert_eq!(found("_*"), "_SUCCESS");
        assert_eq!(found("c/*"), "");
        for path in ["a/1.csv", "a/2.csv", "a/deep/3.csv", "b/1.csv", "z.csv"] {
            assert!(fits_path("**/*.csv", path), "{path}");
        }
        assert!(!fits_path("*.csv", "a/1.csv") && !fits_path("a/*", "a") && fits_path("**", "a/b"));
    }
}
