//! Folders of a store that has none: names are cut at `/`, and what other programs leave to mark a
//! folder is no file.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::{ListResult, ObjectStore};

use super::path_of;
use crate::storage::{Entry, Key, Page};

/// Pages whose continuation is remembered.
const REMEMBERED: usize = 256;
/// Entries that every service gives at once if asked.
const AT_ONCE: usize = 1000;

/// Continuations of listings, by folder and last entry: services that cannot begin at a name can go on.
#[derive(Debug, Default)]
pub(super) struct Continuations(Mutex<HashMap<(Key, String), String>>);

impl Continuations {
    fn get(&self, folder: &Key, after: &str) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&(folder.clone(), after.trim_end_matches('/').to_owned())).cloned()
    }
    fn put(&self, folder: &Key, after: &str, token: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert((folder.clone(), after.trim_end_matches('/').to_owned()), token);
    }
}

/// The entries of one answer, in the order of the store.
fn entries(folder: &Key, answer: &ListResult) -> Vec<Entry> {
    let name = |path: &str| {
        let below = Key::root().join(path).below(folder).map(str::to_owned)?;
        (!below.is_empty() && !below.contains('/')).then_some(below)
    };
    let folders: BTreeSet<String> = answer.common_prefixes.iter().filter_map(|path| name(path.as_ref())).collect();
    let mut entries: Vec<Entry> = answer
        .objects
        .iter()
        .filter_map(|object| Some((name(object.location.as_ref())?, object.size)))
        // An empty file that is called as a folder marks it.
        .filter(|(name, size)| *size > 0 || !folders.contains(name))
        .map(|(name, _)| Entry { name, folder: false })
        .collect();
    entries.extend(folders.into_iter().map(|name| Entry { name, folder: true }));
    entries.sort_by_cached_key(Entry::cursor);
    entries
}

/// Everything in a folder, sorted by name.
pub(super) async fn list(objects: Arc<dyn ObjectStore>, folder: Key) -> object_store::Result<Vec<Entry>> {
    let prefix = path_of(&folder)?;
    let answer = objects.list_with_delimiter((!prefix.is_root()).then_some(&prefix)).await?;
    let mut entries = entries(&folder, &answer);
    entries.sort();
    Ok(entries)
}

/// A page of a folder, without asking for more than it needs.
pub(super) async fn page(
    objects: Arc<dyn PaginatedListStore>,
    continuations: Arc<Continuations>,
    folder: Key,
    after: Option<String>,
    limit: usize,
    begins_anywhere: bool,
) -> object_store::Result<Page> {
    let limit = limit.max(1);
    let prefix = if folder == Key::root() { String::new() } else { format!("{folder}/") };
    let mut token = after.as_deref().and_then(|after| continuations.get(&folder, after));
    let offset =
        after.as_deref().filter(|_| token.is_none() && begins_anywhere).map(|after| match after.strip_suffix('/') {
            // Behind everything in that folder.
            Some(_) => format!("{prefix}{after}\u{10ffff}"),
            None => format!("{prefix}{after}"),
        });
    // Without a place to begin at, what was seen is passed over.
    let seen = after.as_deref().filter(|_| token.is_none());
    let mut found: Vec<Entry> = Vec::new();
    loop {
        let options = PaginatedListOptions {
            offset: offset.clone().filter(|_| token.is_none()),
            delimiter: Some("/".into()),
            max_keys: Some((limit - found.len()).min(AT_ONCE)),
            page_token: token.take(),
            ..PaginatedListOptions::default()
        };
        let answer = objects.list_paginated((!prefix.is_empty()).then_some(prefix.as_str()), options).await?;
        token = answer.page_token;
        let new = entries(&folder, &answer.result).into_iter().filter(|entry| match seen {
            Some(seen) => {
                entry.name != seen.trim_end_matches('/') && (begins_anywhere || entry.cursor().as_str() > seen)
            }
            None => true,
        });
        found.extend(new);
        if found.len() >= limit || token.is_none() {
            break;
        }
    }
    let more = token.is_some();
    if let (Some(token), Some(last)) = (token, found.last()) {
        continuations.put(&folder, &last.cursor(), token);
    }
    Ok(Page { entries: found, more })
}

#[cfg(test)]
mod tests {
    use object_store::path::Path;
    use object_store::{ListResult, ObjectMeta};

    use super::*;

    #[test]
    fn markers_of_folders_are_no_files() {
        let object = |path: &str, size| ObjectMeta {
            location: Path::parse(path).unwrap(),
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size,
            e_tag: None,
            version: None,
        };
        let answer = ListResult {
            common_prefixes: ["p/dt=1", "p/full"].map(|path| Path::parse(path).unwrap()).to_vec(),
            // `p` is `p/`, the marker of the folder itself.
            objects: vec![object("p", 0), object("p/dt=1", 0), object("p/empty", 0), object("p/full", 3)],
        };
        let found = entries(&Key::root().join("p"), &answer);
        let found: Vec<String> = found.iter().map(Entry::cursor).collect();
        assert_eq!(found, ["dt=1/", "empty", "full", "full/"]);
    }
}
