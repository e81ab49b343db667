//! Checks of folders and names.

use super::super::{Entry, Key};
use super::{Bench, ID, Outcome, each, same, told};

/// A folder has its files and folders, sorted, and nothing else.
pub(super) fn folders(bench: &Bench<'_>) -> Outcome {
    same("a folder that is not there", &bench.names(&bench.folder)?, &Vec::new())?;
    let files = ["a/1", "a/2", "a/b/3", "a/b/c/4", "ab/5", "a.txt", "b"];
    for file in files {
        bench.put(&bench.key(file), file.as_bytes())?;
    }
    for (folder, expected) in [
        ("", vec!["a/", "a.txt", "ab/", "b"]),
        ("a", vec!["1", "2", "b/"]),
        ("a/b", vec!["3", "c/"]),
        ("a/b/c", vec!["4"]),
        ("a/x", vec![]),
        // A folder, and not whatever begins so.
        ("ab", vec!["5"]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        same(&format!("the folder `{folder}`"), &bench.names(&bench.key(folder))?, &expected)?;
    }
    Ok(6)
}

/// All entries by pages of `limit`.
fn paged(bench: &Bench<'_>, folder: &Key, limit: usize) -> Result<Vec<String>, String> {
    let mut all: Vec<String> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = bench.store.page(folder, after.as_deref(), limit).map_err(|error| told(&error))?;
        if page.entries.len() > limit {
            return Err(format!("a page of {limit} has {} entries", page.entries.len()));
        }
        if page.more && page.entries.is_empty() {
            return Err("an empty page says that there is more".into());
        }
        all.extend(page.entries.iter().map(Entry::cursor));
        match page.next() {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// Pages of any size give each entry once, also where folders and files have similar names.
pub(super) fn pages(bench: &Bench<'_>) -> Outcome {
    let files = ["a/1", "a-b", "a.c", "a0", "b/1", "b/2", "c", "dt=1/x", "dt=2/x", "dt=2-old/x"];
    for file in files {
        bench.put(&bench.key(file), b"x")?;
    }
    let mut expected: Vec<String> =
        ["a/", "a-b", "a.c", "a0", "b/", "c", "dt=1/", "dt=2/", "dt=2-old/"].map(str::to_owned).to_vec();
    expected.sort();
    for limit in 1..=10 {
        let mut found = paged(bench, &bench.folder, limit)?;
        found.sort();
        same(&format!("pages of {limit}"), &found, &expected)?;
    }
    // The entry that a page ended with may be gone when the next one is asked for.
    let folder = bench.key("gone");
    for name in ["1", "2", "3", "4"] {
        bench.put(&folder.join(name), b"x")?;
    }
    let first = bench.store.page(&folder, None, 2).map_err(|error| told(&error))?;
    bench.store.remove(&folder.join("2")).map_err(|error| told(&error))?;
    let rest = bench.store.page(&folder, first.next().as_deref(), 9).map_err(|error| told(&error))?;
    let rest: Vec<String> = rest.entries.iter().map(Entry::cursor).collect();
    same("the page after an entry that is gone", &rest, &vec!["3".to_owned(), "4".to_owned()])?;
    Ok(11)
}

/// More files than services list at once.
pub(super) fn many(bench: &Bench<'_>) -> Outcome {
    let names: Vec<String> = (0..bench.effort.many).map(|index| format!("part-{index:05}.parquet")).collect();
    each(&names, |name| bench.store.replace(&bench.key(name), b"x", ID)).map_err(|error| told(&error))?;
    same("a whole listing", &bench.names(&bench.folder)?, &names)?;
    for limit in [names.len() + 1, 1000, 333] {
        same(&format!("pages of {limit}"), &paged(bench, &bench.folder, limit)?, &names)?;
    }
    let middle = names.len() / 2;
    if let Some(after) = names.get(middle) {
        let page = bench.store.page(&bench.folder, Some(after), 3).map_err(|error| told(&error))?;
        let found: Vec<String> = page.entries.iter().map(Entry::cursor).collect();
        let expected: Vec<String> = names.iter().skip(middle + 1).take(3).cloned().collect();
        same("a page that begins in the middle", &found, &expected)?;
    }
    Ok(names.len())
}

/// Names that addresses, signatures and XML like to change.
const ODD: [&str; 26] = [
    "with space",
    " leading",
    "plus+plus",
    "100%",
    "%2F",
    "%20",
    "a%2Fb",
    "k=v",
    "dt=2024-01-01",
    "=",
    "a&b",
    "a;b",
    "a,b",
    "a@b",
    "it's",
    "(paren)",
    "!bang",
    "$dollar",
    "~tilde",
    "__HIVE_DEFAULT_PARTITION__",
    "ünïcødé",
    "e\u{301}",
    "東京",
    "🦀",
    "кириллица",
    "..dots..",
];

/// Odd names come back as they were given, of files and of folders.
pub(super) fn odd_names(bench: &Bench<'_>) -> Outcome {
    for name in ODD {
        let key = bench.key("files").join(name);
        bench.put(&key, name.as_bytes())?;
        same(name, &bench.read(&key)?, &name.as_bytes().to_vec())?;
        let inside = bench.key("folders").join(name).join("part 1+%=ü.txt");
        bench.put(&inside, name.as_bytes())?;
        same("a folder", &bench.names(&bench.key("folders").join(name))?, &vec!["part 1+%=ü.txt".to_owned()])?;
        let opened = bench.store.open(&inside).map_err(|error| told(&error))?;
        let bytes = opened.0.bytes(0..name.len() as u64).map_err(|error| told(&error))?;
        same("a piece", &bytes.to_vec(), &name.as_bytes().to_vec())?;
    }
    let mut expected: Vec<String> = ODD.map(str::to_owned).to_vec();
    expected.sort();
    let mut found = bench.names(&bench.key("files"))?;
    found.sort();
    same("the names", &found, &expected)?;
    let mut found = paged(bench, &bench.key("files"), 4)?;
    found.sort();
    same("the names by pages", &found, &expected)?;
    let mut found: Vec<String> =
        bench.names(&bench.key("folders"))?.iter().map(|name| name.trim_end_matches('/').to_owned()).collect();
    found.sort();
    same("the names of folders", &found, &expected)?;
    for name in ODD {
        bench.store.remove(&bench.key("files").join(name)).map_err(|error| told(&error))?;
    }
    same("the names after removing", &bench.names(&bench.key("files"))?, &Vec::new())?;
    Ok(ODD.len() * 2)
}
