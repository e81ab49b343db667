//! Which files are configurations, and their text.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::layers::ENVIRONMENTS;
use super::syntax::MAX_BYTES;

/// Folders inside folders at most.
const MAX_FOLDERS: usize = 32;

/// A file that cannot be used as a configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// There is nothing of this name.
    #[error("there is no file or folder `{}`", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("`{}` cannot be read: {source}", path.display())]
    Refused {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Neither a file nor a folder.
    #[error("`{}` is neither a file nor a folder", path.display())]
    Special {
        /// The path.
        path: PathBuf,
    },
    /// More bytes than a configuration may have.
    #[error("`{}` has {bytes} bytes, more than the {MAX_BYTES} a configuration may have", path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
}

/// What a target turned out to be.
#[derive(Debug)]
pub(crate) enum Target {
    /// One file.
    File(PathBuf),
    /// A folder with these configurations, sorted, and the folders that could not be read.
    Folder {
        /// The configurations.
        files: Vec<PathBuf>,
        /// What stood in the way.
        problems: Vec<ReadError>,
    },
}

/// Looks at `path`; of a folder, at everything below it.
pub(crate) fn find(path: &Path) -> Result<Target, ReadError> {
    let about = std::fs::metadata(path).map_err(|source| refused(path, source))?;
    if about.is_file() {
        return Ok(Target::File(path.to_owned()));
    }
    if !about.is_dir() {
        return Err(ReadError::Special { path: path.to_owned() });
    }
    let mut search = Search { files: Vec::new(), problems: Vec::new(), visited: BTreeSet::new() };
    search.folder(path, 0);
    search.files.sort();
    Ok(Target::Folder { files: search.files, problems: search.problems })
}

/// The folders in which `find` looks, by their real paths; none if `path` is no folder.
pub(crate) fn folders(path: &Path) -> BTreeSet<PathBuf> {
    let mut search = Search { files: Vec::new(), problems: Vec::new(), visited: BTreeSet::new() };
    if path.is_dir() {
        search.folder(path, 0);
    }
    search.visited
}

/// Whether `relative` is a configuration below a folder: one that `find` would come upon, or a part of it.
pub(crate) fn is_config_below(relative: &Path) -> bool {
    let mut names = Vec::new();
    for component in relative.components() {
        match component {
            Component::Normal(name) => names.push(name),
            Component::CurDir => {}
            _ => return false,
        }
    }
    match names.split_last() {
        Some((file, folders)) => {
            is_config_name(file) && folders.len() <= MAX_FOLDERS && folders.iter().all(|folder| is_searched(folder))
        }
        None => false,
    }
}

/// Whether the name of a file says that it is only a part of others: `_base.yaml`.
pub(crate) fn is_part(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with('_'))
}

/// Whether `relative` is the overlay of an environment below a folder.
pub(crate) fn is_overlay_below(relative: &Path) -> bool {
    let (Some(folder), Some(file)) = (relative.parent(), relative.file_name()) else { return false };
    let Some(around) = folder.parent().filter(|_| folder.file_name().is_some_and(|name| name == ENVIRONMENTS)) else {
        return false;
    };
    is_config_below(&around.join(file))
}

/// The bytes of a file, within the limit.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let refused = |source| refused(path, source);
    let about = std::fs::metadata(path).map_err(refused)?;
    // A device or a pipe would never end.
    if !about.is_file() {
        return Err(ReadError::Special { path: path.to_owned() });
    }
    if about.len() > MAX_BYTES as u64 {
        return Err(ReadError::TooLarge { path: path.to_owned(), bytes: about.len() });
    }
    std::fs::read(path).map_err(refused)
}

/// `path` without `.` and `..`, looking at nothing.
pub(crate) fn normalise(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            // Above the root there is the root.
            Component::ParentDir if result.has_root() => {}
            other => result.push(other),
        }
    }
    result
}

fn refused(path: &Path, source: std::io::Error) -> ReadError {
    let path = path.to_owned();
    match source.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing { path },
        _ => ReadError::Refused { path, source },
    }
}

fn is_config_name(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase());
        !name.starts_with('.') && matches!(suffix.as_deref(), Some("yaml" | "yml"))
    })
}

fn is_searched(folder: &OsStr) -> bool {
    folder.to_str().is_none_or(|name| {
        !name.starts_with('.')
            && !is_output(name)
            && !matches!(name, "templates" | ENVIRONMENTS | "schema" | "node_modules" | "data")
    })
}

/// The first folder of every Bronze or Silver path.
fn is_output(name: &str) -> bool {
    name.starts_with("system=") || name.starts_with("domain=")
}

struct Search {
    files: Vec<PathBuf>,
    problems: Vec<ReadError>,
    /// Real paths, so that links in a circle end.
    visited: BTreeSet<PathBuf>,
}

impl Search {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let real = match folder.canonicalize() {
            Ok(real) => real,
            Err(source) => return self.problems.push(refused(folder, source)),
        };
        if depth > MAX_FOLDERS || !self.visited.insert(real) {
            return;
        }
        let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).and_then(Iterator::collect);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(source) => return self.problems.push(refused(folder, source)),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        // The root of an output is no place for configurations, but the workspace itself may be one.
        if depth > 0 && entries.iter().any(|entry| entry.file_name().to_str().is_some_and(is_output)) {
            return;
        }
        for entry in entries {
            let path = entry.path();
            // Links are followed; one that leads nowhere is nobody's configuration, unless it is named like one.
            match std::fs::metadata(&path) {
                Ok(about) if about.is_dir() && !is_searched(&entry.file_name()) => {}
                Ok(about) if about.is_dir() => self.folder(&path, depth + 1),
                Ok(about) if !about.is_file() => {}
                _ if is_config_name(&entry.file_name()) && !is_part(&path) => self.files.push(path),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        match find(root).unwrap() {
            Target::Folder { files, problems } => {
                assert!(problems.is_empty(), "{problems:?}");
                files.iter().map(|file| file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/")).collect()
            }
            Target::File(file) => panic!("{file:?} is a file"),
        }
    }

    #[test]
    fn configurations_are_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let all = [
            "b.yaml",
            "a.YML",
            "notes.txt",
            ".hidden.yaml",
            ".git/x.yaml",
            "templates/x.yaml",
            "environments/x.yaml",
            "schema/x.yaml",
            "node_modules/x.yaml",
            "data/x.yaml",
            "team/deep/c.yaml",
            "team/_base.yaml",
            "lake/bronze/system=s/x.yaml",
            "lake/bronze/x.yaml",
            "domain=d/x.yaml",
        ];
        for name in all {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "").unwrap();
        }
        assert_eq!(names(root), ["a.YML", "b.yaml", "team/deep/c.yaml"]);
        for name in all {
            let expected =
                matches!(name, "a.YML" | "b.yaml" | "team/deep/c.yaml" | "team/_base.yaml" | "lake/bronze/x.yaml");
            assert_eq!(is_config_below(Path::new(name)), expected, "{name}");
        }
        for (name, expected) in [
            ("environments/x.yaml", true),
            ("team/environments/x.yml", true),
            ("b.yaml", false),
            ("environments/a/x.yaml", false),
            ("../environments/x.yaml", false),
            ("environments/x.txt", false),
        ] {
            assert_eq!(is_overlay_below(Path::new(name)), expected, "{name}");
        }
        assert!(
            !is_config_below(Path::new("../x.yaml"))
                && !is_config_below(Path::new("/x.yaml"))
                && !is_config_below(Path::new(""))
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/a.yaml"), "").unwrap();
        std::os::unix::fs::symlink(root, root.join("sub/up")).unwrap();
        std::os::unix::fs::symlink(root.join("sub"), root.join("again")).unwrap();
        assert_eq!(names(root), ["again/a.yaml"]);
    }

    #[test]
    fn paths_are_normalised_without_looking() {
        for (path, expected) in [("/a/./b/../c", "/a/c"), ("/../a", "/a"), ("a/../../b", "../b"), ("/a/..", "/")] {
            assert_eq!(normalise(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
