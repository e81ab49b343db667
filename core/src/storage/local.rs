//! A folder of this machine as a store.
//!
//! A whole small file appears by hard link (create-only) or rename (replace) of a synced temporary
//! one, so that a crash leaves either nothing or all of it. Signs of life are file locks, which the
//! system drops when a process ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::blob::LocalBlob;
use super::{Disk, DiskFile, Entry, Hold, Key, Life, Opened, Place, StorageError, Store, Upload};

#[derive(Debug)]
pub(crate) struct LocalStore {
    root: PathBuf,
    disk: Arc<dyn Disk>,
    /// Folders at or above the root that were made here and whose names are not durable yet.
    made: Mutex<Vec<PathBuf>>,
}

impl LocalStore {
    pub(crate) fn new(root: PathBuf, disk: Arc<dyn Disk>) -> Self {
        Self { root, disk, made: Mutex::default() }
    }

    fn path(&self, key: &Key) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(key.as_str().split('/').filter(|segment| !segment.is_empty()));
        path
    }

    fn make_folder_of(&self, path: &Path) -> Result<(), StorageError> {
        let folder = path.parent().map_or_else(|| self.root.clone(), Path::to_path_buf);
        if !folder.is_dir() {
            let made = self.root.ancestors().take_while(|above| !above.exists()).map(Path::to_path_buf);
            self.made.lock().unwrap_or_else(PoisonError::into_inner).extend(made);
            self.disk.create_folders(&folder).map_err(|source| refused_folder(&folder, source))?;
        }
        Ok(())
    }

    /// Makes a new file and its folder. Another run may remove the folder in between because it
    /// was empty, so that is tried again.
    fn make(&self, path: &Path) -> Result<Box<dyn DiskFile>, StorageError> {
        let mut tries = 3;
        loop {
            self.make_folder_of(path)?;
            tries -= 1;
            match self.disk.create(path) {
                Err(error) if error.kind() == ErrorKind::NotFound && tries > 0 => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Err(StorageError::Exists { place: path.to_path_buf().into() });
                }
                Err(source) => return Err(StorageError::Write { place: path.to_path_buf().into(), source }),
                Ok(file) => return Ok(file),
            }
        }
    }

    /// A synced temporary file beside `path`; its name carries the attempt, so a sweep can tell
    /// whose it was.
    fn stage(&self, path: &Path, bytes: &[u8], attempt: &str) -> Result<PathBuf, StorageError> {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let staged = path.with_file_name(format!(".{name}-{attempt}.tmp"));
        let refused = |source| StorageError::Write { place: staged.clone().into(), source };
        if staged.exists() {
            self.disk.remove(&staged).map_err(refused)?;
        }
        let mut file = self.make(&staged)?;
        file.write_all(bytes).and_then(|()| file.sync()).map_err(refused)?;
        Ok(staged)
    }
}

/// Tells "a file stands in the way" from other refusals to make a folder.
fn refused_folder(folder: &Path, source: io::Error) -> StorageError {
    match folder.ancestors().find(|above| above.exists()) {
        Some(above) if !above.is_dir() => StorageError::IsFile { place: above.to_path_buf().into() },
        _ => StorageError::Write { place: folder.to_path_buf().into(), source },
    }
}

fn unreadable(path: PathBuf, source: io::Error) -> StorageError {
    match source.kind() {
        ErrorKind::NotFound => StorageError::Missing { place: path.into() },
        _ => StorageError::Read { place: path.into(), source },
    }
}

struct LocalUpload {
    path: PathBuf,
    file: BufWriter<Box<dyn DiskFile>>,
}

impl Write for LocalUpload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Upload for LocalUpload {
    fn finish(mut self: Box<Self>) -> Result<(), StorageError> {
        let refused = |source| StorageError::Write { place: self.path.clone().into(), source };
        self.file.flush().map_err(refused)?;
        self.file.get_mut().sync().map_err(|source| StorageError::Write { place: self.path.clone().into(), source })
    }
}

#[derive(Debug)]
struct LocalHold {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    // Dropping the file drops the lock; it is kept until the name is gone.
    _locked: File,
}

impl Hold for LocalHold {}

impl Drop for LocalHold {
    fn drop(&mut self) {
        // Left behind, it is only an unlocked file that the next sweep removes.
        drop(self.disk.remove(&self.path));
    }
}

impl Store for LocalStore {
    fn create(&self, key: &Key) -> Result<Box<dyn Upload>, StorageError> {
        let path = self.path(key);
        let file = self.make(&path)?;
        Ok(Box::new(LocalUpload { path, file: BufWriter::with_capacity(1 << 18, file) }))
    }

    fn settle(&self, folders: &[Key]) -> Result<(), StorageError> {
        // A new folder's own name lies in the folder above it, so each is synced up to the root.
        let mut all: Vec<PathBuf> = Vec::new();
        for folder in folders {
            let mut current = Some(folder.clone());
            while let Some(key) = current {
                let place = self.path(&key);
                if !all.contains(&place) {
                    all.push(place);
                }
                current = key.parent();
            }
        }
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.extend(made.iter().filter_map(|folder| Some(folder.parent()?.to_path_buf())));
        for path in all.into_iter().filter(|path| path.is_dir()) {
            self.disk
                .sync_folder(&path)
                .map_err(|source| StorageError::Write { place: path.clone().into(), source })?;
        }
        self.made.lock().unwrap_or_else(PoisonError::into_inner).retain(|folder| !made.contains(folder));
        Ok(())
    }

    fn put_new(&self, key: &Key, bytes: &[u8], attempt: &str) -> Result<(), StorageError> {
        let path = self.path(key);
        let staged = self.stage(&path, bytes, attempt)?;
        let linked = self.disk.link(&staged, &path).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => StorageError::Exists { place: path.clone().into() },
            _ => StorageError::Write { place: path.clone().into(), source },
        });
        // The name decides; a staged file that stays behind is swept later.
        drop(self.disk.remove(&staged));
        linked?;
        self.settle(&[key.parent().unwrap_or_default()])
    }

    fn replace(&self, key: &Key, bytes: &[u8], attempt: &str) -> Result<(), StorageError> {
        let path = self.path(key);
        let staged = self.stage(&path, bytes, attempt)?;
        self.disk
            .rename(&staged, &path)
            .map_err(|source| StorageError::Write { place: path.clone().into(), source })?;
        self.settle(&[key.parent().unwrap_or_default()])
    }

    fn read(&self, key: &Key) -> Result<Vec<u8>, StorageError> {
        let path = self.path(key);
        fs::read(&path).map_err(|source| unreadable(path, source))
    }

    fn open(&self, key: &Key) -> Result<Opened, StorageError> {
        let path = self.path(key);
        let blob = File::open(&path).and_then(LocalBlob::new).map_err(|source| unreadable(path, source))?;
        Ok(Opened(Arc::new(blob)))
    }

    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError> {
        let path = self.path(folder);
        let refused = |source: io::Error| match source.kind() {
            ErrorKind::NotADirectory => StorageError::IsFile { place: path.clone().into() },
            _ => StorageError::Read { place: path.clone().into(), source },
        };
        let listing = match fs::read_dir(&path) {
            Ok(listing) => listing,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(refused(error)),
        };
        let mut entries = Vec::new();
        for entry in listing {
            let entry = entry.map_err(refused)?;
            // A name that is not text is none of ours.
            if let Ok(name) = entry.file_name().into_string() {
                let folder = entry.path().is_dir();
                entries.push(Entry { name, folder });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn remove(&self, key: &Key) -> Result<(), StorageError> {
        let path = self.path(key);
        match self.disk.remove(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StorageError::Write { place: path.into(), source: error })
            }
            _ => Ok(()),
        }
    }

    fn remove_if_empty(&self, folder: &Key) -> Result<(), StorageError> {
        let path = self.path(folder);
        match self.disk.remove_folder(&path) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                Err(StorageError::Write { place: path.into(), source: error })
            }
            _ => Ok(()),
        }
    }

    fn hold(&self, key: &Key, _plan: u64) -> Result<Box<dyn Hold>, StorageError> {
        let path = self.path(key);
        let refused = |source| StorageError::Write { place: path.clone().into(), source };
        // Locked before it has its name, so that whoever sees the name sees the lock. A sweep of
        // another run may take the unnamed file for a dead one's, so that is tried again.
        let unnamed = path.with_extension("tmp");
        let mut tries = 5;
        let file = loop {
            drop(self.make(&unnamed)?);
            let named = OpenOptions::new().write(true).open(&unnamed).and_then(|file| {
                file.lock()?;
                self.disk.rename(&unnamed, &path).map(|()| file)
            });
            tries -= 1;
            match named {
                Ok(file) => break file,
                Err(error) if error.kind() == ErrorKind::NotFound && tries > 0 => {}
                Err(error) => return Err(refused(error)),
            }
        };
        Ok(Box::new(LocalHold { path, disk: self.disk.clone(), _locked: file }))
    }

    fn life(&self, key: &Key) -> Result<Life, StorageError> {
        let path = self.path(key);
        let file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Life::Gone),
            Err(source) => return Err(StorageError::Read { place: path.into(), source }),
        };
        match file.try_lock() {
            Ok(()) => Ok(Life::Gone),
            Err(TryLockError::WouldBlock) => Ok(Life::Alive),
            Err(TryLockError::Error(source)) => Err(StorageError::Read { place: path.into(), source }),
        }
    }

    fn place(&self, key: &Key) -> Place {
        self.path(key).into()
    }
}
