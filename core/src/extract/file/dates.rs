//! Which dates a dated source has files for. Reads names only.

use chrono::NaiveDate;

use crate::config::settings::FileSource;

/// Stands for the date in a path.
const PLACEHOLDER: &str = "{run_date}";
/// Names that are looked at.
const MOST: usize = 10_000;

/// The greatest date for which the file is there. `None` if there is none, or if the path has no date.
pub(crate) fn newest(source: &FileSource) -> Option<NaiveDate> {
    let path = source.path.to_str()?;
    let (before, _) = path.split_once(PLACEHOLDER)?;
    let (folder, start) = before.rsplit_once(['/', '\\'])?;
    let folder = if folder.is_empty() { "/" } else { folder };
    let dates = std::fs::read_dir(folder).ok()?.flatten().take(MOST).filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let date = name.strip_prefix(start)?.get(..10)?;
        NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|parsed| parsed.to_string() == date)
    });
    let mut dates: Vec<NaiveDate> = dates.collect();
    dates.sort_unstable();
    dates.into_iter().rev().find(|date| std::path::Path::new(&path.replace(PLACEHOLDER, &date.to_string())).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::contract::source;

    #[test]
    fn the_newest_file_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a_2025-01-01.csv", "a_2025-01-03.csv", "a_2025-01-09.txt", "b_2025-02-01.csv", "a_2025-13-01.csv"]
        {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let newest = |name: &str| newest(&source(&folder.path().join(name))).map(|date| date.to_string());
        assert_eq!(newest("a_{run_date}.csv").as_deref(), Some("2025-01-03"));
        assert_eq!(newest("c_{run_date}.csv"), None);
        assert_eq!(newest("a_2025-01-01.csv"), None);
    }
}
