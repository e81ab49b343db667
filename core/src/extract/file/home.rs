//! Where the files of a source are kept: on this machine, in an object store, or at an address of the web.
//!
//! Owns how they are looked for and opened there. A file from elsewhere is read in pieces, each with the
//! mark the file had when it was opened, so that two contents are never mixed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use ::parquet::errors::Result as ParquetResult;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::{Buf, Bytes};

use super::not_opened;
use super::pattern::Kind;
use crate::cancel::CancelToken;
use crate::config::settings::{Elsewhere, FileSource};
use crate::extract::ExtractError;
use crate::storage::failure::{Cause, Failure};
use crate::storage::{self, Key, Opened, StorageError, Store, Web};
use crate::world::World;

/// See the module. Cloning shares the connection.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// This machine: places are absolute paths.
    Disk,
    /// An object store: places are keys.
    Store(Arc<dyn Store>),
    /// The web: places are addresses, and nothing is listed.
    Web(Result<Web, Failure>, CancelToken),
}

/// What stands at a place.
pub(super) enum Seen {
    File,
    Folder,
    /// A pipe, a socket, a device.
    Other,
}

impl Home {
    /// That of a source. Asks nobody yet.
    pub(super) fn of(source: &FileSource, world: &World, cancel: &CancelToken) -> Self {
        match &source.elsewhere {
            None => Self::Disk,
            Some(Elsewhere::Store(settings)) => Self::Store(storage::open(settings, world)),
            Some(Elsewhere::Web { headers, header_env_vars }) => {
                let given = headers.iter().map(|(name, value)| Ok((name.clone(), value.reveal().to_owned())));
                let named = header_env_vars.iter().map(|(name, variable)| {
                    let missing = || Failure::new(Cause::Setup(format!("`{}` is not set", variable.name())));
                    variable.value(world.env.as_ref()).map(|value| (name.clone(), value)).ok_or_else(missing)
                });
                let headers: Result<Vec<_>, Failure> = given.chain(named).collect();
                let web = headers.and_then(|headers| Web::new(&world.connections, world, &headers, cancel.clone()));
                Self::Web(web, cancel.clone())
            }
        }
    }

    /// Whether it can say what files it has.
    pub(super) const fn lists(&self) -> bool {
        !matches!(self, Self::Web(..))
    }

    /// The name of what stands at a place, without folders.
    pub(super) fn name(&self, place: &Path) -> String {
        match self {
            Self::Web(..) => {
                let address = place.to_string_lossy();
                let plain = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
                let name = plain.rsplit('/').next().unwrap_or_default();
                storage::hive::unescape(name)
            }
            Self::Disk | Self::Store(_) => {
                place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
        }
    }

    /// Whether a folder is something by itself, not only by what is in it.
    pub(super) const fn has_folders(&self) -> bool {
        matches!(self, Self::Disk)
    }

    /// The place as messages name it.
    pub(super) fn told(&self, place: &Path) -> PathBuf {
        match self {
            Self::Disk => place.to_path_buf(),
            Self::Store(store) => PathBuf::from(store.place(&key(place)).to_string()),
            Self::Web(..) => PathBuf::from(storage::shown(&place.to_string_lossy())),
        }
    }

    /// What stands at a place, which messages call `path`.
    ///
    /// # Errors
    ///
    /// When nothing does, or nobody can tell.
    pub(super) fn look(&self, place: &Path, path: &Path) -> Result<Seen, ExtractError> {
        match self {
            Self::Disk => {
                let about = std::fs::metadata(place).map_err(|error| not_opened(path, error))?;
                Ok(if about.is_dir() {
                    Seen::Folder
                } else if about.is_file() {
                    Seen::File
                } else {
                    Seen::Other
                })
            }
            // What is opened stays open, so nothing is asked twice.
            Self::Web(..) => self.open(place, path).map(|_| Seen::File),
            Self::Store(store) => {
                let key = key(place);
                let nothing = match store.open(&key) {
                    Ok(opened) if opened.0.is_empty() => None,
                    Ok(_) => return Ok(Seen::File),
                    Err(error) if error.failure().is_some() && key != Key::root() => return Err(refused(path, error)),
                    Err(error) => Some(refused(path, error)),
                };
                // A folder is there by what is in it; some stores have a file without bytes of its name too.
                let page = store.page(&key, None, 1).map_err(|error| refused(path, error))?;
                match (page.entries.is_empty(), nothing) {
                    (false, _) => Ok(Seen::Folder),
                    (true, None) => Ok(Seen::File),
                    (true, Some(error)) => Err(error),
                }
            }
        }
    }

    /// The entries of a folder below `base`. One that is not there has none.
    pub(super) fn list(&self, base: &Path, folder: &str, path: &Path) -> Result<Vec<(String, Kind)>, ExtractError> {
        match self {
            Self::Disk => listed(base, folder, path),
            Self::Web(..) => Ok(Vec::new()),
            Self::Store(store) => {
                let entries = store.list(&key(&base.join(folder))).map_err(|error| refused(path, error))?;
                let kind = |folder| if folder { Kind::Folder } else { Kind::File };
                Ok(entries.into_iter().map(|entry| (entry.name, kind(entry.folder))).collect())
            }
        }
    }

    /// Opens a file.
    pub(super) fn open(&self, place: &Path, path: &Path) -> Result<Content, ExtractError> {
        match self {
            Self::Disk => File::open(place).map(Content::Here).map_err(|error| not_opened(path, error)),
            Self::Store(store) => store.open(&key(place)).map(Content::There).map_err(|error| refused(path, error)),
            Self::Web(Err(failure), _) => {
                Err(ExtractError::Io { path: path.to_path_buf(), source: failure.clone().into_io() })
            }
            Self::Web(Ok(web), cancel) => {
                let opened = web.open(&place.to_string_lossy()).map(Content::There);
                opened
                    .map_err(|error| if cancel.is_cancelled() { ExtractError::Cancelled } else { refused(path, error) })
            }
        }
    }
}

/// A place as a store calls it.
fn key(place: &Path) -> Key {
    let names = place.components().filter_map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    names.fold(Key::root(), |key, name| key.join(name))
}

fn refused(path: &Path, error: StorageError) -> ExtractError {
    let path = path.to_path_buf();
    match error {
        StorageError::Missing { .. } => ExtractError::NotFound { path },
        StorageError::Read { source, .. } | StorageError::Write { source, .. } => ExtractError::Io { path, source },
        other => ExtractError::Io { path, source: io::Error::other(other) },
    }
}

fn listed(base: &Path, folder: &str, path: &Path) -> Result<Vec<(String, Kind)>, ExtractError> {
    let listing = match std::fs::read_dir(base.join(folder)) {
        Ok(listing) => listing,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(not_opened(path, error)),
    };
    let mut entries = Vec::new();
    for entry in listing {
        let entry = entry.map_err(|error| not_opened(path, error))?;
        // A name that is not text cannot stand in a pattern, nor in a column.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type().map_err(|error| not_opened(path, error))?;
        let followed = if kind.is_symlink() {
            std::fs::metadata(entry.path()).ok().map(|about| about.file_type())
        } else {
            Some(kind)
        };
        match followed {
            Some(followed) if followed.is_dir() && kind.is_symlink() => entries.push((name, Kind::Linked)),
            Some(followed) if followed.is_dir() => entries.push((name, Kind::Folder)),
            Some(followed) if followed.is_file() => entries.push((name, Kind::File)),
            _ => {}
        }
    }
    Ok(entries)
}

/// An open file.
#[derive(Debug)]
pub(super) enum Content {
    Here(File),
    There(Opened),
}

/// Bytes that are read from front to back, and jumped about in.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Content {
    /// Another handle of the same file.
    pub(super) fn again(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Here(file) => Self::Here(file.try_clone()?),
            Self::There(opened) => Self::There(opened.clone()),
        })
    }

    /// Its size in bytes, and when it was last changed: other ones mean another content.
    pub(super) fn stamp(&self) -> io::Result<(u64, Option<SystemTime>)> {
        match self {
            Self::Here(file) => file.metadata().map(|about| (about.len(), about.modified().ok())),
            Self::There(opened) => Ok((opened.0.len(), opened.0.modified())),
        }
    }

    /// Its bytes from the start.
    pub(super) fn reader(self) -> Box<dyn ReadSeek> {
        match self {
            Self::Here(file) => Box::new(file),
            Self::There(opened) => {
                Box::new(Pieces { opened, at: 0, near: Bytes::new(), has_jumped: true, ahead: None })
            }
        }
    }

    /// The error, or what the store said: a decoder takes a store that is away for a damaged file.
    pub(super) fn blame(&self, error: ExtractError) -> ExtractError {
        match (self, error) {
            (Self::There(opened), ExtractError::Malformed { path, format, line, reason }) => match opened.0.trouble() {
                Some(source) => ExtractError::Io { path, source },
                None => ExtractError::Malformed { path, format, line, reason },
            },
            (_, error) => error,
        }
    }
}

impl Length for Content {
    fn len(&self) -> u64 {
        match self {
            Self::Here(file) => Length::len(file),
            Self::There(opened) => Length::len(opened),
        }
    }
}

impl ChunkReader for Content {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        match self {
            Self::Here(file) => Ok(Box::new(file.get_read(start)?)),
            Self::There(opened) => opened.get_read(start),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        match self {
            Self::Here(file) => file.get_bytes(start, length),
            Self::There(opened) => opened.get_bytes(start, length),
        }
    }
}

/// Bytes that are asked for first after a jump: who jumps about needs little at each place.
const NEAR: u64 = 64 << 10;

/// A file of a store from front to back, with jumps.
struct Pieces {
    opened: Opened,
    at: u64,
    /// What was asked for after a jump.
    near: Bytes,
    has_jumped: bool,
    /// Reads on and on, large pieces ahead.
    ahead: Option<Box<dyn Read + Send>>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.opened.0.len();
        if self.at >= end || buffer.is_empty() {
            return Ok(0);
        }
        if self.has_jumped {
            self.near = self.opened.0.bytes(self.at..end.min(self.at.saturating_add(NEAR)))?;
            self.has_jumped = false;
        }
        let read = if self.near.is_empty() {
            if self.ahead.is_none() {
                self.ahead = Some(self.opened.0.reader(self.at)?);
            }
            self.ahead.as_mut().map_or(Ok(0), |ahead| ahead.read(buffer))?
        } else {
            let read = buffer.len().min(self.near.len());
            self.near.copy_to_slice(&mut buffer[..read]);
            read
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let wanted = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.opened.0.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let wanted = wanted.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the start"))?;
        if wanted != self.at {
            let step = wanted.checked_sub(self.at).and_then(|by| usize::try_from(by).ok());
            if let Some(by) = step.filter(|by| *by < self.near.len()) {
                self.near.advance(by);
            } else {
                (self.near, self.ahead, self.has_jumped) = (Bytes::new(), None, true);
            }
            self.at = wanted;
        }
        Ok(wanted)
    }
}
