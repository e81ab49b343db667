//! Proposals of files and folders: one level, relative to the folder of the config.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::values::Candidate;
use super::{Around, Kind};
use crate::config::{forms, layers};

/// Entries of a folder that are looked at.
const MOST: usize = 1_000;

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Data,
    Folders,
    Configs,
}

/// Files of data, and the folders on the way to them.
pub(super) fn data(around: &Around<'_>, typed: &str) -> Vec<Candidate> {
    list(around, typed, Wanted::Data)
}

/// Folders.
pub(super) fn folders(around: &Around<'_>, typed: &str) -> Vec<Candidate> {
    list(around, typed, Wanted::Folders)
}

/// Other configurations.
pub(super) fn configs(around: &Around<'_>, typed: &str) -> Vec<Candidate> {
    list(around, typed, Wanted::Configs)
}

/// Names of the overlays that there are.
pub(super) fn environments(around: &Around<'_>) -> Vec<String> {
    layers::environments(around.site).into_iter().map(|(name, _)| name).collect()
}

fn list(around: &Around<'_>, typed: &str, wanted: Wanted) -> Vec<Candidate> {
    let (parent, begun) = match typed.rfind('/') {
        Some(at) => typed.split_at(at + 1),
        None => ("", typed),
    };
    // Which folder it will be is not known here.
    if parent.contains("${") || parent.contains('{') {
        return Vec::new();
    }
    let folder: PathBuf = match (parent.strip_prefix("~/"), around.variables.get("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => around.site.folder.join(parent),
    };
    let lead = if typed.is_empty() { "./" } else { parent };
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut names: Vec<(bool, String)> = entries
        .flatten()
        .take(MOST)
        .filter_map(|entry| {
            let is_folder = std::fs::metadata(entry.path()).ok()?.is_dir();
            Some((is_folder, entry.file_name().into_string().ok()?))
        })
        .filter(|(_, name)| !name.starts_with('.') || begun.starts_with('.'))
        .collect();
    names.sort();
    let mut found = Vec::new();
    if wanted == Wanted::Data {
        let dated: BTreeSet<String> =
            names.iter().filter(|(is_folder, _)| !is_folder).filter_map(|(_, name)| with_run_date(name)).collect();
        found.extend(dated.into_iter().map(|name| candidate(lead, &name, "one file for each date", 0)));
    }
    for (is_folder, name) in names {
        let fits = match wanted {
            _ if is_folder => true,
            Wanted::Folders => false,
            Wanted::Configs => is_yaml(&name) && around.site.path.file_name().is_none_or(|own| own != name.as_str()),
            Wanted::Data => !is_yaml(&name),
        };
        if is_folder {
            let inside = Candidate { open: true, ..candidate(lead, &format!("{name}/"), "folder", 1) };
            found.push(inside);
        } else if fits {
            found.push(candidate(lead, &name, "file", 1));
        }
    }
    found
}

fn is_yaml(name: &str) -> bool {
    let suffix = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    suffix.eq_ignore_ascii_case("yaml") || suffix.eq_ignore_ascii_case("yml")
}

fn candidate(lead: &str, name: &str, detail: &str, rank: u8) -> Candidate {
    let text = format!("{lead}{name}");
    Candidate { label: name.to_owned(), kind: Kind::File, rank, ..Candidate::value(&text, detail, "") }
}

/// `orders_{run_date}.csv` of `orders_2025-01-31.csv`.
fn with_run_date(name: &str) -> Option<String> {
    let is_date = |text: &str| forms::date(text).is_ok();
    (0..name.len())
        .filter_map(|at| Some((at, name.get(at..at + 10)?)))
        .find(|(_, part)| is_date(part))
        .map(|(at, part)| format!("{}{{run_date}}{}", &name[..at], &name[at + part.len()..]))
}

#[cfg(test)]
mod tests {
    use super::with_run_date;

    #[test]
    fn a_date_in_a_name_stands_for_all_dates() {
        assert_eq!(with_run_date("a_2025-01-31.csv").as_deref(), Some("a_{run_date}.csv"));
        assert_eq!(with_run_date("ü2025-01-31").as_deref(), Some("ü{run_date}"));
        assert_eq!(with_run_date("a_2025-02-31.csv"), None);
    }
}
