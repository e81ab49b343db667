//! Which files are one dataset: those whose names differ by their date only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::scaffold::{ScaffoldError, identifier};

/// Entries of a folder looked at, at most.
const MOST_ENTRIES: usize = 200_000;
/// So many files of one pattern of numbers are pieces, not datasets.
const PIECES: usize = 4;
const MARK: &str = "{run_date}";
/// Endings that this version reads.
const ENDINGS: [&str; 6] = ["csv", "tsv", "json", "jsonl", "ndjson", "parquet"];

/// What a folder holds.
#[derive(Debug)]
pub(super) struct Found {
    /// One for each dataset, by name.
    pub(super) groups: Vec<Group>,
    /// The folder.
    pub(super) folder: PathBuf,
    /// What was left out.
    pub(super) notes: Vec<String>,
}

/// The files of a dataset.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// A name for the table.
    pub(super) stem: String,
    /// As messages call it: the name, with the date as `{run_date}`.
    pub(super) shown: String,
    /// The path that a config needs, absolute; with `{run_date}` if the files are dated.
    pattern: PathBuf,
    /// By date, the newest last.
    pub(super) files: Vec<Delivery>,
    /// The last of them.
    pub(super) newest: Delivery,
    /// What is worth knowing.
    pub(super) notes: Vec<String>,
}

/// A file.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// `None` if its name has none.
    pub(super) date: Option<NaiveDate>,
    /// Absolute.
    pub(super) path: PathBuf,
}

impl Group {
    /// Whether a run of a date finds the file of that date.
    pub(super) fn is_dated(&self) -> bool {
        self.pattern.to_str().is_some_and(|pattern| pattern.contains(MARK))
    }
    /// The path as a config at `config` writes it.
    pub(super) fn path(&self, config: &Path) -> String {
        super::written(&self.pattern, config)
    }
}

/// One file on its own; its date, if its name has one, stands for all dates.
pub(super) fn file(path: &Path) -> Found {
    let folder = path.parent().unwrap_or(path).to_owned();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut names = Names::default();
    names.add(&folder, &name, path.to_owned());
    let mut groups = names.groups();
    for group in &mut groups {
        if group.is_dated() {
            group.notes.push("the date in its name stands as `{run_date}`, the date of the run".to_owned());
        }
    }
    Found { groups, folder, notes: Vec::new() }
}

/// Every dataset in a folder, and in folders inside it that are named by a date.
pub(super) fn folder(place: &Path) -> Result<Found, ScaffoldError> {
    let refused = |source| ScaffoldError::Unlisted { path: place.to_owned(), source };
    let mut names = Names::default();
    let (mut others, mut folders, mut odd) = (Vec::new(), 0_usize, 0_usize);
    for entry in std::fs::read_dir(place).map_err(refused)?.take(MOST_ENTRIES) {
        let path = entry.map_err(refused)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            odd += 1;
            continue;
        };
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            if date_in(&name).is_some_and(|(_, _, written)| written == Written::Iso) {
                names.dated_folder(place, &name, &path);
            } else {
                folders += 1;
            }
        } else if !has_known_ending(&name) {
            let lower = name.to_lowercase();
            if !(lower.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "yaml" | "yml"))) {
                others.push(name);
            }
        } else if name.contains(['{', '}']) {
            odd += 1;
        } else {
            names.add(place, &name, path);
        }
    }
    let mut notes = Vec::new();
    others.sort();
    if !others.is_empty() {
        let shown: Vec<&str> = others.iter().take(5).map(String::as_str).collect();
        let more = if others.len() > 5 { format!(" and {} more", others.len() - 5) } else { String::new() };
        notes.push(format!("left out, because the names do not say what they are: {}{more}", shown.join(", ")));
    }
    if odd > 0 {
        let (files, names) =
            if odd == 1 { ("1 file is".to_owned(), "its name") } else { (format!("{odd} files are"), "their names") };
        notes.push(format!("{files} left out, because {names} cannot be written in a config"));
    }
    if folders > 0 {
        let (were, them) = if folders == 1 { ("1 folder was", "it") } else { ("", "them") };
        let were = if folders == 1 { were.to_owned() } else { format!("{folders} folders were") };
        notes.push(format!("{were} not looked into; discover {them} apart"));
    }
    Ok(Found { groups: names.groups(), folder: place.to_owned(), notes })
}

fn has_known_ending(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Files by what their names have in common.
#[derive(Default)]
struct Names {
    /// By the name with the date as a mark; whether the date is written as a run writes it.
    dated: BTreeMap<(String, Written), Vec<(Delivery, PathBuf)>>,
    plain: BTreeMap<String, PathBuf>,
}

/// How a date stands in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// 2025-01-31, as `{run_date}` is filled in.
    Iso,
    /// 20250131, 2025_01_31, 31-01-2025.
    Otherwise,
}

impl Names {
    fn add(&mut self, folder: &Path, name: &str, path: PathBuf) {
        match date_in(name) {
            Some((date, text, written)) => {
                let marked = name.replace(&text, MARK);
                let pattern = if written == Written::Iso { folder.join(&marked) } else { path.clone() };
                let delivery = Delivery { date: Some(date), path };
                self.dated.entry((marked, written)).or_default().push((delivery, pattern));
            }
            None => {
                self.plain.insert(name.to_owned(), path);
            }
        }
    }

    /// `2025-01-31/orders.csv`, `dt=2025-01-31/orders_2025-01-31.csv`.
    fn dated_folder(&mut self, place: &Path, name: &str, path: &Path) {
        let Some((date, text, _)) = date_in(name) else { return };
        let marked = name.replace(&text, MARK);
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten().take(MOST_ENTRIES) {
            let Ok(file) = entry.file_name().into_string() else { continue };
            if file.starts_with(['.', '_']) || !has_known_ending(&file) || file.contains(['{', '}']) {
                continue;
            }
            let inside = file.replace(&text, MARK);
            let key = format!("{marked}/{inside}");
            let delivery = Delivery { date: Some(date), path: entry.path() };
            let pattern = place.join(&marked).join(&inside);
            self.dated.entry((key, Written::Iso)).or_default().push((delivery, pattern));
        }
    }

    fn groups(self) -> Vec<Group> {
        let mut groups: Vec<Group> =
            self.dated.into_iter().filter_map(|((key, written), files)| dated(&key, written, files)).collect();
        let mut pieces: BTreeMap<String, Vec<(String, PathBuf)>> = BTreeMap::new();
        for (name, path) in self.plain {
            pieces.entry(without_numbers(&name)).or_default().push((name, path));
        }
        for (pattern, files) in pieces {
            // Without numbers in the name there is one file of it.
            let count = files.len();
            if count >= PIECES && pattern.contains('#') {
                let Some((name, path)) = files.last().cloned() else { continue };
                let mut group = plain(&name, path);
                group.stem = identifier(&without_ending(&pattern).replace('#', ""));
                group.notes.push(format!(
                    "one of {count} files called {pattern}, which look like pieces of one dataset; a run reads one file, so only this one is described"
                ));
                groups.push(group);
            } else {
                groups.extend(files.into_iter().map(|(name, path)| plain(&name, path)));
            }
        }
        groups.sort_by(|a, b| a.stem.cmp(&b.stem));
        groups
    }
}

fn dated(key: &str, written: Written, mut files: Vec<(Delivery, PathBuf)>) -> Option<Group> {
    files.sort_by(|(a, _), (b, _)| (a.date, &a.path).cmp(&(b.date, &b.path)));
    let mut notes = Vec::new();
    let name = key.rsplit('/').next().unwrap_or(key);
    let stem = identifier(&without_ending(name).replace(MARK, " "));
    // A folder of dates may hold nothing but a date's own file.
    let stem = if stem == "data" { identifier(&without_ending(key).replace(MARK, " ")) } else { stem };
    let (newest, pattern) = files.last().cloned()?;
    let shown = match written {
        Written::Iso => key.to_owned(),
        Written::Otherwise => {
            let count = files.len();
            notes.push(format!(
                "{count} files differ by a date that is not written like 2025-01-31, so `{MARK}` cannot stand for it; only the newest is described"
            ));
            pattern.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }
    };
    let files = match written {
        Written::Iso => files.into_iter().map(|(delivery, _)| delivery).collect(),
        Written::Otherwise => vec![newest.clone()],
    };
    Some(Group { stem, shown, pattern, files, newest, notes })
}

fn plain(name: &str, path: PathBuf) -> Group {
    Group {
        stem: identifier(without_ending(name)),
        shown: name.to_owned(),
        pattern: path.clone(),
        files: vec![Delivery { date: None, path: path.clone() }],
        newest: Delivery { date: None, path },
        notes: Vec::new(),
    }
}

fn without_ending(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Runs of digits as `#`.
fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in without_ending(name).chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out + &name[without_ending(name).len()..]
}

/// The first date in a name, as it stands there.
fn date_in(name: &str) -> Option<(NaiveDate, String, Written)> {
    let found = |format: &str, width: usize, separator: Option<char>, written| {
        name.char_indices().find_map(|(at, _)| {
            let text = name.get(at..at + width)?;
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let alone = !digit(name[..at].chars().next_back()) && !digit(name[at + width..].chars().next());
            let shape = text.chars().all(|c| c.is_ascii_digit() || Some(c) == separator);
            let date = NaiveDate::parse_from_str(text, format).ok().filter(|_| alone && shape)?;
            let plausible = (1900..2200).contains(&chrono::Datelike::year(&date));
            plausible.then(|| (date, text.to_owned(), written))
        })
    };
    found("%Y-%m-%d", 10, Some('-'), Written::Iso)
        .or_else(|| found("%Y_%m_%d", 10, Some('_'), Written::Otherwise))
        .or_else(|| found("%Y.%m.%d", 10, Some('.'), Written::Otherwise))
        .or_else(|| found("%Y%m%d", 8, None, Written::Otherwise))
        .or_else(|| found("%d-%m-%Y", 10, Some('-'), Written::Otherwise))
        .or_else(|| found("%d.%m.%Y", 10, Some('.'), Written::Otherwise))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(names: &[&str]) -> (Vec<(String, String, usize)>, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        for name in names {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let found = folder(root.path()).unwrap();
        let groups = found
            .groups
            .iter()
            .map(|group| (group.stem.clone(), group.path(&root.path().join("c.yaml")), group.files.len()))
            .collect();
        (groups, found.notes)
    }

    #[test]
    fn files_that_differ_by_their_date_are_one_dataset() {
        let (groups, notes) = grouped(&[
            "flights_2013-01-02.csv",
            "flights_2013-01-01.csv",
            "flights_2013-01-01.json",
            "airlines.csv",
            "2013-01-02 Orders.CSV",
            "notes.txt",
            "README.md",
            ".hidden.csv",
            "_metadata.json",
            "c.yaml",
            "a{b}.csv",
            "sub/x.csv",
        ]);
        let expected = [
            ("airlines", "./airlines.csv", 1),
            ("flights", "./flights_{run_date}.csv", 2),
            ("flights", "./flights_{run_date}.json", 1),
            ("orders", "./{run_date} Orders.CSV", 1),
        ];
        let expected: Vec<_> = expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), *c)).collect();
        assert_eq!(groups, expected);
        assert_eq!(
            notes,
            [
                "left out, because the names do not say what they are: README.md, notes.txt",
                "1 file is left out, because its name cannot be written in a config",
                "1 folder was not looked into; discover it apart",
            ]
        );
    }

    #[test]
    fn folders_of_dates_are_looked_into() {
        let (groups, _) =
            grouped(&["2025-01-01/orders.csv", "2025-01-02/orders.csv", "dt=2025-01-01/x_2025-01-01.parquet"]);
        let paths: Vec<&str> = groups.iter().map(|(_, path, _)| path.as_str()).collect();
        assert_eq!(paths, ["./{run_date}/orders.csv", "./dt={run_date}/x_{run_date}.parquet"]);
    }

    #[test]
    fn other_dates_and_pieces_are_described_by_their_last_file() {
        let (groups, _) = grouped(&[
            "a_20250101.csv",
            "a_20250102.csv",
            "p-1.csv",
            "p-2.csv",
            "p-3.csv",
            "p-10.csv",
            "q1.csv",
            "q2.csv",
        ]);
        let seen: Vec<(&str, &str)> = groups.iter().map(|(stem, path, _)| (stem.as_str(), path.as_str())).collect();
        assert_eq!(seen, [("a", "./a_20250102.csv"), ("p", "./p-3.csv"), ("q1", "./q1.csv"), ("q2", "./q2.csv")]);
    }

    #[test]
    fn names_become_names_of_tables() {
        for (text, name) in [
            ("Kunden Stamm (neu)", "kunden_stamm_neu"),
            ("__x__", "x"),
            ("東京", "東京"),
            ("---", "data"),
            ("a.b-c", "a_b_c"),
        ] {
            assert_eq!(identifier(text), name);
        }
    }
}
