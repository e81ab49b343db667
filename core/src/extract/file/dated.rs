//! Which dates have a file, for a path with `{run_date}`.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use chrono::NaiveDate;

use super::not_opened;
use crate::config::settings::FileSource;
use crate::extract::ExtractError;

const MARK: &str = "{run_date}";
/// Characters of a date, `2025-01-31`.
const WIDTH: usize = 10;

/// The dates for which there is a file, ascending. Without `{run_date}` in the path, none.
pub(crate) fn delivered(source: &FileSource) -> Result<Vec<NaiveDate>, ExtractError> {
    dates(&source.path).map_err(|(folder, error)| {
        // A variable in the path may be secret, so then the path is named as written.
        let hidden = source.path_as_written.contains("${");
        not_opened(if hidden { Path::new(&source.path_as_written) } else { &folder }, error)
    })
}

/// The same of a path alone; the error comes with the folder that cannot be listed.
fn dates(path: &Path) -> Result<Vec<NaiveDate>, (PathBuf, io::Error)> {
    let mut folder = PathBuf::new();
    let mut marked = None;
    for component in path.components() {
        marked = match component {
            Component::Normal(name) => name.to_str().and_then(|name| name.split_once(MARK)),
            _ => None,
        };
        if marked.is_some() {
            break;
        }
        folder.push(component);
    }
    let Some((before, after)) = marked else { return Ok(Vec::new()) };
    let listing = match std::fs::read_dir(&folder) {
        Ok(listing) => listing,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err((folder, error)),
    };
    let mut dates = Vec::new();
    for entry in listing.flatten() {
        let name = entry.file_name();
        let date = name
            .to_str()
            .and_then(|name| name.strip_prefix(before)?.get(..WIDTH))
            .and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        let Some(date) = date else { continue };
        let day = date.to_string();
        // The mark may stand again in the same name or further down.
        if name.to_str() == Some(&format!("{before}{day}{}", after.replace(MARK, &day))) {
            let place = path.to_str().map(|text| PathBuf::from(text.replace(MARK, &day)));
            if place.is_some_and(|place| place.is_file()) {
                dates.push(date);
            }
        }
    }
    dates.sort_unstable();
    Ok(dates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, path: &str) -> Vec<String> {
        dates(&folder.join(path)).unwrap().iter().map(ToString::to_string).collect()
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
        assert!(found(folder.path(), "none/{run_date}.csv").is_empty());
        assert!(found(folder.path(), "a.csv").is_empty());
    }
}
