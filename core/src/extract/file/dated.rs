//! Which dates have files, for a path with `{run_date}`. Reads names only.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indexmap::IndexSet;

use super::home::Home;
use super::{pattern, place};
use crate::cancel::CancelToken;
use crate::config::settings::FileSource;
use crate::extract::ExtractError;
use crate::world::World;

const MARK: &str = "{run_date}";
/// What a date looks like, as a pattern.
const SHAPE: &str = "????-??-??";
/// Characters of a date, `2025-01-31`.
const WIDTH: usize = 10;

/// The dates for which there is a file, ascending. Without `{run_date}` in the path, and where nothing is
/// listed, none.
///
/// # Errors
///
/// When a folder cannot be listed.
pub(crate) fn delivered(source: &FileSource, world: &World) -> Result<Vec<NaiveDate>, ExtractError> {
    let Some(text) = source.path.to_str().filter(|text| text.contains(MARK)) else { return Ok(Vec::new()) };
    let hidden = source.path_as_written.contains("${");
    let Some((base, rest)) = place::split(&PathBuf::from(text.replace(MARK, SHAPE))) else { return Ok(Vec::new()) };
    let home = Home::of(source, world, &CancelToken::new());
    if !home.lists() {
        return Ok(Vec::new());
    }
    let told = home.told(&base);
    // A variable in the path may be secret, so then the path is named as written.
    let named = if hidden { Path::new(&source.path_as_written) } else { &told };
    let parts = if source.is_folder { format!("{rest}/*") } else { rest };
    let found = pattern::walk(&parts, &|folder| home.list(&base, folder, named))?;
    let dates: IndexSet<NaiveDate> = found.iter().flat_map(|path| named_in(path)).collect();
    let mut dates: Vec<NaiveDate> =
        dates.into_iter().filter(|date| place::exists(source, &home, &date.to_string())).collect();
    dates.sort_unstable();
    Ok(dates)
}

/// Everything in a path that reads as a date.
fn named_in(path: &str) -> impl Iterator<Item = NaiveDate> {
    path.char_indices().filter_map(|(at, _)| {
        let text = path.get(at..at + WIDTH)?;
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::contract::source;

    fn found(folder: &Path, path: &str) -> Vec<String> {
        delivered(&source(&folder.join(path)), &World::real()).unwrap().iter().map(ToString::to_string).collect()
    }
    #[test]
    fn dates_are_found_in_names_of_files_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a_2025-01-02.csv",
            "a_2024-12-31.csv",
            "a_2025-01-32.csv",
            "a_2025-01-03.csv.gz",
            "b_2025-01-04.csv",
            "2025-02-01/x_2025-02-01.csv",
            "2025-02-02/x_2025-02-03.csv",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("a_2025-01-05.csv")).unwrap();
        assert_eq!(found(folder.path(), "a_{run_date}.csv"), ["2024-12-31", "2025-01-02"]);
        assert_eq!(found(folder.path(), "{run_date}/x_{run_date}.csv"), ["2025-02-01"]);
        assert_eq!(found(folder.path(), "?_{run_date}*.c*"), ["2024-12-31", "2025-01-02", "2025-01-03", "2025-01-04"]);
        assert_eq!(found(folder.path(), "*/x_{run_date}.csv"), ["2025-02-01", "2025-02-03"]);
        assert!(found(folder.path(), "none/{run_date}.csv").is_empty());
        assert!(found(folder.path(), "a.csv").is_empty());
    }
}
