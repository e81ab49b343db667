//! Configurations from what is there: a file, a folder of files, a database, or an API.
//!
//! Reads samples through the engine's own loader and extractors, so that what is written means here
//! what it will mean in a run. Bounded in files, records and time; says how much it looked at.

mod api;
mod database;
mod group;
mod judge;
mod profile;
mod sniff;
mod write;

use std::path::{Path, PathBuf};

use super::{ScaffoldError, free_name, head, identifier};
use crate::cancel::CancelToken;
use crate::config::files::normalise;
use crate::nearest::nearest;
use crate::world::World;

use group::{Found, Group};
use write::{Entry, Origin};

/// Datasets described in one file at most.
const MOST: usize = 50;

/// What to look for, and for whom.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    /// A file, a folder, an address, or `env:` and the variable that holds it.
    pub(crate) from: &'a str,
    /// The config file it shall become; empty: one that does not exist yet.
    pub(crate) file: &'a str,
    /// Variable with the token of an API; empty: none is sent.
    pub(crate) token: &'a str,
    /// Name of the system; empty: from the folder.
    pub(crate) system: &'a str,
    /// Relative paths start here.
    pub(crate) root: &'a Path,
    /// The outside.
    pub(crate) world: &'a World,
    /// Looked at between files.
    pub(crate) cancel: &'a CancelToken,
}

impl Search<'_> {
    /// What is looked at, as it may be shown.
    fn shown(&self) -> PathBuf {
        if self.from.contains("://") { PathBuf::from("what is at the address") } else { PathBuf::from(self.from) }
    }
}

/// A config that describes what was found.
#[derive(Debug)]
pub(crate) struct Discovered {
    /// The file it would become, as the user would name it.
    pub(crate) file: String,
    /// Its text.
    pub(crate) text: String,
    /// What was seen.
    pub(crate) notes: Vec<String>,
}

/// Looks, and writes down what was found.
pub(crate) fn discover(search: &Search<'_>) -> Result<Discovered, ScaffoldError> {
    if let Some(found) = database::meant(search) {
        return database::discover(search, found);
    }
    if let Some(endpoint) = api::meant(search)? {
        return api::discover(search, endpoint);
    }
    refuse_addresses(search.from)?;
    let place = normalise(&search.root.join(search.from));
    let about = std::fs::metadata(&place).map_err(|error| missing(&place, error))?;
    let Found { groups, folder, mut notes } = if about.is_dir() { group::folder(&place)? } else { group::file(&place) };
    let total = groups.len();
    let system = match search.system {
        "" => system_of(&folder),
        named => named.to_owned(),
    };
    let file = match search.file {
        "" => free_name(search.root, &system),
        named => named.to_owned(),
    };
    let config = normalise(&search.root.join(&file));
    let site = profile::Site { search, config: &config, system: &system };
    let mut entries: Vec<Entry> = Vec::new();
    let single = !about.is_dir();
    for group in groups.into_iter().take(MOST) {
        if search.cancel.is_cancelled() {
            return Err(ScaffoldError::Cancelled);
        }
        match describe(&site, &group, &entries) {
            Ok((entry, said)) => {
                notes.extend(said);
                entries.push(entry);
            }
            Err(ScaffoldError::Cancelled) => return Err(ScaffoldError::Cancelled),
            Err(error) if single => return Err(error),
            Err(error) => notes.push(format!("{}: left out: {error}", group.shown)),
        }
    }
    if total > MOST {
        notes.push(format!("the folder has {total} different files; the first {MOST} are described"));
    }
    if entries.is_empty() {
        return Err(ScaffoldError::Nothing { path: place, why: notes.join("; ") });
    }
    let text = write::config(&site, search.from, &entries);
    Ok(Discovered { file, text, notes })
}

/// One dataset, and what is worth saying about it.
fn describe(site: &profile::Site<'_>, group: &Group, others: &[Entry]) -> Result<(Entry, Vec<String>), ScaffoldError> {
    let newest = &group.newest.path;
    let form = sniff::sniff(newest).map_err(|why| ScaffoldError::Nothing { path: newest.clone(), why })?;
    let profile = profile::profile(site, group, form)?;
    let judgement = judge::judge(&group.stem, &profile);
    let names = [group.stem.clone(), format!("{}_{}", group.stem, profile.form.format)].into_iter();
    let mut names = names.chain((2..).map(|number| format!("{}_{number}", group.stem)));
    let table = names.find(|name| others.iter().all(|other| other.table != *name)).unwrap_or_default();
    let mut notes: Vec<String> = group.notes.clone();
    notes.extend(profile.notes.iter().cloned());
    notes.extend(judgement.notes.iter().cloned());
    let notes = notes.into_iter().map(|note| format!("{}: {note}", group.shown)).collect();
    let origin = Origin::Files { path: group.path(site.config), group: group.clone() };
    Ok((Entry { table, origin, profile, judgement }, notes))
}

/// Kinds of database that are not known, and object stores: what cannot be done yet is said, not tried. The
/// address may hold secrets and is not repeated.
fn refuse_addresses(from: &str) -> Result<(), ScaffoldError> {
    let Some((scheme, _)) = from.split_once("://") else { return Ok(()) };
    let (what, template) = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => ("an address that is not complete", "api-full"),
        "s3" | "az" | "azure" | "abfs" | "abfss" | "gs" | "gcs" => ("a folder of an object store", "file-full"),
        "file" => ("an address of a file (give its path instead)", "file-full"),
        _ => ("a database", "db-full"),
    };
    Err(ScaffoldError::NotYet { what, template })
}

fn missing(place: &Path, error: std::io::Error) -> ScaffoldError {
    if !matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) {
        return ScaffoldError::Unlisted { path: place.to_owned(), source: error };
    }
    let beside = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    };
    let names = place.parent().map(beside).unwrap_or_default();
    let wanted = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let nearest = nearest(&wanted, names.iter().map(String::as_str)).map(str::to_owned);
    ScaffoldError::Missing { path: place.to_owned(), nearest }
}

/// The folder's name, if it says anything.
fn system_of(folder: &Path) -> String {
    let says_nothing = ["data", "input", "in", "files", "csv", "raw", "source", "sources", "landing", "tmp", ""];
    folder
        .ancestors()
        .filter_map(|above| above.file_name())
        .map(|name| identifier(&name.to_string_lossy()))
        .find(|name| !says_nothing.contains(&name.as_str()))
        .unwrap_or_else(|| "source".to_owned())
}

/// A path as the config writes it.
fn written(path: &Path, config: &Path) -> String {
    let folder: PathBuf = config.parent().unwrap_or(config).to_owned();
    head::relative(path, &folder)
}
