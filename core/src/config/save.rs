//! Writing a configuration: whole or not at all, and never over what somebody else wrote meanwhile.
//!
//! The new text goes to a temporary file beside the old one and takes its name in one step. Owns the
//! steps and their order; which places are configurations is [`super::files`]'s.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::syntax::MAX_BYTES;
use crate::diagnostic::{Code, code};
use crate::error::{Coded, Stage};
use crate::world::Disk;

/// Why a configuration was not written. What stood in the file still does.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    /// The file may only be read.
    #[error("`{}` is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A link to nothing.
    #[error("`{}` is a link that leads nowhere", path.display())]
    DeadLink {
        /// The link.
        path: PathBuf,
    },
    /// A folder, a device, a pipe.
    #[error("`{}` is not a file", path.display())]
    NoFile {
        /// What is there.
        path: PathBuf,
    },
    /// More than a configuration may have.
    #[error("the text has {bytes} bytes, more than the {MAX_BYTES} a configuration may have")]
    TooLarge {
        /// Of the text.
        bytes: usize,
    },
    /// The system refused.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Coded for SaveError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => code::CFG027,
            _ => code::CFG057,
        }
    }
    fn stage(&self) -> Stage {
        Stage::Storage
    }
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ReadOnly { .. } => "make it writable, or save under another name".into(),
            Self::DeadLink { .. } => "mend or remove the link, or save under another name".into(),
            Self::NoFile { .. } => "save under another name".into(),
            Self::TooLarge { .. } => return None,
            Self::Refused { .. } => "check permissions and free space of its folder".into(),
        })
    }
}

/// What became of the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It stands in the file.
    Written,
    /// The file holds something else than expected; `None`: there is none. Nothing was written.
    Other(Option<String>),
}

/// The text that stands in the file at `path`; `None` if there is no file. Bytes that are no text are
/// read as replacement characters.
///
/// # Errors
///
/// When there is something that cannot be read.
pub(crate) fn standing(path: &Path) -> Result<Option<String>, SaveError> {
    let refused = |source| SaveError::Refused { path: path.to_owned(), verb: "read", source };
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => return Err(SaveError::NoFile { path: path.to_owned() }),
        Ok(about) if about.len() > MAX_BYTES as u64 => {
            return Err(SaveError::TooLarge { bytes: usize::try_from(about.len()).unwrap_or(usize::MAX) });
        }
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(refused(error)),
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// Whether the file at `path`, or the folder a new one would be in, may only be read. A look at the mode,
/// which may be wrong about what the system allows.
pub(crate) fn is_read_only(path: &Path) -> bool {
    let Ok(path) = real(path) else { return true };
    let closed = |path: &Path| fs::metadata(path).is_ok_and(|about| about.permissions().readonly());
    closed(&path) || path.parent().is_some_and(closed)
}

/// Writes `text` to `path` if what stands there is what is `expected`, looked at once more right before
/// the text takes the name. Links are followed; the mode is kept. `id` makes the name of the temporary
/// file unique.
///
/// # Errors
///
/// See [`SaveError`].
pub(crate) fn save(
    disk: &dyn Disk,
    path: &Path,
    text: &str,
    id: &str,
    expected: &dyn Fn(Option<&str>) -> bool,
) -> Result<Outcome, SaveError> {
    if text.len() > MAX_BYTES {
        return Err(SaveError::TooLarge { bytes: text.len() });
    }
    let path = real(path)?;
    let now = standing(&path)?;
    if !expected(now.as_deref()) {
        return Ok(Outcome::Other(now));
    }
    if now.as_deref() == Some(text) {
        return Ok(Outcome::Written);
    }
    let is_new = now.is_none();
    if !is_new && fs::metadata(&path).is_ok_and(|about| about.permissions().readonly()) {
        return Err(SaveError::ReadOnly { path });
    }
    let refused = |verb| {
        let path = path.clone();
        move |source| SaveError::Refused { path, verb, source }
    };
    let folder = path.parent().unwrap_or(&path);
    if is_new {
        let made = disk.create_folders(folder);
        made.map_err(|source| SaveError::Refused { path: folder.to_owned(), verb: "made", source })?;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let staged = folder.join(format!(".{name}.{id}.tmp"));
    let outcome = (|| {
        let mut file = disk.create(&staged).map_err(refused("written"))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync()).map_err(refused("written"))?;
        drop(file);
        if !is_new {
            disk.copy_mode(&path, &staged).map_err(refused("written"))?;
        }
        let now = standing(&path)?;
        if !expected(now.as_deref()) {
            return Ok(Outcome::Other(now));
        }
        take_name(disk, &staged, &path, is_new).map_err(refused("written"))
    })();
    if !matches!(&outcome, Ok(Outcome::Written)) {
        // It may not exist; if it stays behind, it is hidden and nobody's configuration.
        drop(disk.remove(&staged));
    }
    if matches!(&outcome, Ok(Outcome::Written)) {
        // The text stands there; if the name is not durable yet, the next sync of the system makes it so.
        drop(disk.sync_folder(folder));
    }
    match outcome {
        Ok(Outcome::Other(_)) => Ok(Outcome::Other(standing(&path)?)),
        other => other,
    }
}

/// Gives a finished file its name. A new one must not replace another that came up meanwhile.
fn take_name(disk: &dyn Disk, staged: &Path, path: &Path, is_new: bool) -> io::Result<Outcome> {
    if !is_new {
        return disk.rename(staged, path).map(|()| Outcome::Written);
    }
    match disk.link(staged, path) {
        Ok(()) => {
            drop(disk.remove(staged));
            Ok(Outcome::Written)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Outcome::Other(None)),
        // Some file systems know no second names.
        Err(error) if error.kind() == ErrorKind::Unsupported => disk.rename(staged, path).map(|()| Outcome::Written),
        Err(error) => Err(error),
    }
}

/// The file that a path stands for, links followed.
fn real(path: &Path) -> Result<PathBuf, SaveError> {
    if !fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        return Ok(path.to_owned());
    }
    path.canonicalize().map_err(|source| match source.kind() {
        ErrorKind::NotFound => SaveError::DeadLink { path: path.to_owned() },
        _ => SaveError::Refused { path: path.to_owned(), verb: "read", source },
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::world::{DiskFile, RealDisk};

    /// A disk on which one step fails, or before one step somebody else writes.
    #[derive(Debug, Default)]
    struct Trouble {
        step: AtomicUsize,
        fails_at: Option<usize>,
        /// Before this step, this file gets this text.
        meanwhile: Option<(usize, PathBuf, Option<&'static str>)>,
    }

    impl Trouble {
        fn step(&self) -> io::Result<()> {
            let step = self.step.fetch_add(1, Ordering::Relaxed);
            if let Some((at, path, text)) = &self.meanwhile
                && *at == step
            {
                match text {
                    Some(text) => fs::write(path, text)?,
                    None => fs::remove_file(path)?,
                }
            }
            if self.fails_at == Some(step) { Err(io::Error::other("no space left")) } else { Ok(()) }
        }
    }

    struct TroubleFile(Box<dyn DiskFile>, bool);

    impl Write for TroubleFile {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1 && bytes.len() > 1 {
                return self.0.write(&bytes[..1]);
            }
            if self.1 { Err(io::Error::other("no space left")) } else { self.0.write(bytes) }
        }
        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    impl DiskFile for TroubleFile {
        fn sync(&mut self) -> io::Result<()> {
            self.0.sync()
        }
    }

    impl Disk for Trouble {
        fn create_folders(&self, path: &Path) -> io::Result<()> {
            self.step().and_then(|()| RealDisk.create_folders(path))
        }
        fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            self.step()?;
            let breaks = self.step().is_err();
            Ok(Box::new(TroubleFile(RealDisk.create(path)?, breaks)))
        }
        fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step().and_then(|()| RealDisk.link(from, to))
        }
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step().and_then(|()| RealDisk.rename(from, to))
        }
        fn remove(&self, path: &Path) -> io::Result<()> {
            RealDisk.remove(path)
        }
        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            RealDisk.remove_folder(path)
        }
        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            self.step().and_then(|()| RealDisk.sync_folder(path))
        }
        fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step().and_then(|()| RealDisk.copy_mode(from, to))
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_step_that_fails_leaves_what_was() {
        for start in [Some("old\n"), None] {
            let mut failures = 0;
            for fails_at in 0.. {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("a.yaml");
                if let Some(text) = start {
                    fs::write(&path, text).unwrap();
                }
                let disk = Trouble { fails_at: Some(fails_at), ..Trouble::default() };
                let outcome = save(&disk, &path, "new\n", "id", &|now| now == start);
                let there = fs::read_to_string(&path).ok();
                if let Err(error) = outcome {
                    failures += 1;
                    assert_eq!(error.code(), code::CFG057);
                    assert_eq!(there.as_deref(), start, "step {fails_at}: {error}");
                } else {
                    assert_eq!(there.as_deref(), Some("new\n"), "step {fails_at}");
                }
                assert_eq!(names(folder.path()), if there.is_some() { vec!["a.yaml"] } else { vec![] });
                if disk.step.into_inner() <= fails_at {
                    break;
                }
            }
            assert_eq!(failures, 4, "every step but the last can fail");
        }
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        for (start, theirs) in [(Some("old\n"), Some("theirs\n")), (Some("old\n"), None), (None, Some("theirs\n"))] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.yaml");
            if let Some(text) = start {
                fs::write(&path, text).unwrap();
            }
            // Step 2 is the last one before the name is taken: the mode of an old file, the link of a new one.
            let at = if start.is_some() { 2 } else { 3 };
            let disk = Trouble { meanwhile: Some((at, path.clone(), theirs)), ..Trouble::default() };
            let outcome = save(&disk, &path, "new\n", "id", &|now| now == start);
            match (outcome, theirs) {
                (Ok(Outcome::Other(found)), theirs) => assert_eq!(found.as_deref(), theirs),
                // The file went away while its mode was copied.
                (Err(SaveError::Refused { .. }), None) => {}
                (other, _) => panic!("{other:?}"),
            }
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), theirs);
            assert_eq!(names(folder.path()).len(), usize::from(theirs.is_some()));
        }
    }

    #[test]
    fn a_file_that_is_not_as_expected_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        let never = |_: Option<&str>| false;
        assert_eq!(save(&RealDisk, &path, "x", "id", &never).unwrap(), Outcome::Other(None));
        fs::write(&path, "old").unwrap();
        assert_eq!(save(&RealDisk, &path, "x", "id", &never).unwrap(), Outcome::Other(Some("old".into())));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn bytes_are_written_as_given_and_new_folders_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/deep/a.yaml");
        let text = "\u{feff}a: é\r\nb: 2";
        assert_eq!(save(&RealDisk, &path, text, "id", &|now| now.is_none()).unwrap(), Outcome::Written);
        assert_eq!(fs::read(&path).unwrap(), text.as_bytes());
        let huge = "x".repeat(MAX_BYTES + 1);
        assert!(matches!(save(&RealDisk, &path, &huge, "id", &|_| true), Err(SaveError::TooLarge { .. })));
        assert!(matches!(save(&RealDisk, folder.path(), "x", "id", &|_| true), Err(SaveError::NoFile { .. })));
        let below_a_file = path.join("b.yaml");
        assert!(matches!(save(&RealDisk, &below_a_file, "x", "id", &|_| true), Err(SaveError::Refused { .. })));
        assert_eq!(fs::read(&path).unwrap(), text.as_bytes());
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_links_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.yaml"), folder.path().join("link.yaml"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.yaml", &link).unwrap();
        let always = |_: Option<&str>| true;
        assert_eq!(save(&RealDisk, &link, "new", "id", &always).unwrap(), Outcome::Written);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
        assert!(matches!(save(&RealDisk, &link, "newer", "id", &always), Err(SaveError::ReadOnly { .. })));
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        fs::remove_file(&real).unwrap();
        assert!(matches!(save(&RealDisk, &link, "newer", "id", &always), Err(SaveError::DeadLink { .. })));
        assert_eq!(names(folder.path()), ["link.yaml"]);
    }
}
