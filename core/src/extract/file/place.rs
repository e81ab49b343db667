//! Where the files of a source are: one, those of a folder, those that fit a pattern, those in an
//! archive; in a stable order.
//!
//! Owns what is found and what each file is called. Reads names, and the first bytes of files.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::home::{Content, Home, Seen};
use super::pattern;
use super::unpack::{self, Meter, Outer, Packing};
use super::{Located, format_of, not_opened};
use crate::config::settings::{FileFormat, FileSource};
use crate::extract::scratch::{self, Scratch};
use crate::extract::{ExtractError, ExtractRequest};

/// A file, packed or not.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// What is opened.
    pub(super) place: PathBuf,
    /// What messages call it: the same, or as written where a variable stands in it, whose value may be
    /// secret.
    pub(super) path: PathBuf,
    /// Its name from where the folders of the source begin, with `/` between folders.
    pub(super) label: String,
}

/// The files of a source for a day.
///
/// # Errors
///
/// When there is none.
pub(super) fn find(source: &FileSource, home: &Home, day: &str, location: &str) -> Result<Vec<Found>, ExtractError> {
    // A path that is not text has no place-holder in it.
    let place =
        source.path.to_str().map_or_else(|| source.path.clone(), |text| PathBuf::from(text.replace("{run_date}", day)));
    let hidden = location.contains("${");
    let path = if hidden { PathBuf::from(location) } else { home.told(&place) };
    let several = |base: &Path, labels: Vec<String>| -> Vec<Found> {
        let told = |label: &str| if hidden { Path::new(location).join(label) } else { home.told(&base.join(label)) };
        let found = labels.into_iter().map(|label| Found { place: base.join(&label), path: told(&label), label });
        found.collect()
    };
    let seen = if source.is_folder && !home.has_folders() { Ok(Seen::Folder) } else { home.look(&place, &path) };
    let found = match seen {
        Ok(Seen::Folder) if source.is_folder => {
            several(&place, pattern::walk("*", &|folder| home.list(&place, folder, &path))?)
        }
        Ok(Seen::Folder) => return Err(ExtractError::IsFolder { path }),
        Ok(Seen::Other) => {
            let reason = io::Error::new(io::ErrorKind::InvalidInput, "it is a device, not a regular file");
            return Err(ExtractError::Io { path, source: reason });
        }
        Ok(Seen::File) => vec![Found { label: home.name(&place), place, path: path.clone() }],
        Err(error) if !home.lists() => return Err(error),
        Err(error) => match split(&place) {
            Some((base, rest)) => several(&base, pattern::walk(&rest, &|folder| home.list(&base, folder, &path))?),
            None => return Err(error),
        },
    };
    if found.is_empty() { Err(ExtractError::NoMatch { path }) } else { Ok(found) }
}

/// Whether there is a file.
pub(super) fn exists(source: &FileSource, home: &Home, day: &str) -> bool {
    find(source, home, day, "").is_ok()
}

/// The folder that a pattern begins in, and the pattern from there; `None`: it is none.
pub(super) fn split(path: &Path) -> Option<(PathBuf, String)> {
    let mut base = PathBuf::new();
    let mut rest: Vec<&str> = Vec::new();
    for component in path.components() {
        let text = component.as_os_str().to_str()?;
        if !rest.is_empty() || pattern::is_pattern(text) {
            rest.push(text);
        } else {
            base.push(component);
        }
    }
    (!rest.is_empty()).then(|| (base, rest.join("/")))
}

/// What is in a file, each with its format: itself, or the members of an archive.
pub(super) fn locate(
    source: &FileSource,
    home: &Home,
    found: Found,
    location: &str,
) -> Result<Vec<Located>, ExtractError> {
    let mut file = home.open(&found.place, &found.path)?.reader();
    let mut head = Vec::new();
    (&mut file).take(unpack::HEAD as u64).read_to_end(&mut head).map_err(|error| not_opened(&found.path, error))?;
    let name = home.name(&found.place);
    let (claimed, stem) = unpack::by_name(&name);
    // Spreadsheets are zip archives by themselves.
    let is_sheet =
        claimed != Outer::Zip && source.format.or_else(|| format_of(Path::new(&name))) == Some(FileFormat::Excel);
    let outer = match unpack::by_magic(&head) {
        Outer::Zip if is_sheet => Outer::Plain,
        outer => outer,
    };
    let damaged =
        |packing: &'static str, reason: String| ExtractError::Damaged { path: found.path.clone(), packing, reason };
    if claimed != Outer::Plain && outer == Outer::Plain && !head.starts_with(b"PAR1") {
        let packing = packing(claimed).name();
        return Err(damaged(packing, "its first bytes are those of something else".to_owned()));
    }
    let one = |packing: Packing, path: PathBuf, label: String, name: &str| {
        let format = source.format.or_else(|| format_of(Path::new(name)));
        let format = format.ok_or_else(|| ExtractError::UnknownFormat { path: path.clone() })?;
        Ok::<_, ExtractError>(Located {
            source: source.clone(),
            home: home.clone(),
            place: found.place.clone(),
            packing,
            path,
            location: location.to_owned(),
            label,
            format,
        })
    };
    if outer != Outer::Zip {
        let stem = if outer == Outer::Plain { &name } else { stem };
        return Ok(vec![one(packing(outer), found.path.clone(), found.label.clone(), stem)?]);
    }
    file.seek(SeekFrom::Start(0)).map_err(|error| not_opened(&found.path, error))?;
    let members = unpack::members(file).map_err(|error| not_opened(&found.path, error))?;
    let members = members.map_err(|reason| damaged("zip", reason))?;
    let wanted = |name: &str| {
        source.member.as_deref().is_none_or(|pattern| {
            pattern::fits_path(pattern, name) || pattern::fits(pattern, name.rsplit('/').next().unwrap_or(name))
        })
    };
    let mut located = Vec::new();
    for member in members {
        if wanted(&member.name) {
            let (path, label, name) =
                (found.path.join(&member.name), format!("{}/{}", found.label, member.name), member.name.clone());
            located.push(one(Packing::Zip(member), path, label, &name)?);
        }
    }
    if located.is_empty() { Err(ExtractError::NoMatch { path: found.path.clone() }) } else { Ok(located) }
}

const fn packing(outer: Outer) -> Packing {
    match outer {
        Outer::Gzip => Packing::Gzip,
        Outer::Zstd => Packing::Zstd,
        Outer::Bzip2 => Packing::Bzip2,
        Outer::Plain | Outer::Zip => Packing::Plain,
    }
}

/// A file to jump about in: itself, or what it is unpacked, in a file that goes with its last handle.
pub(super) fn seekable(
    located: &Located,
    request: &ExtractRequest,
) -> Result<(Content, Option<Scratch>), ExtractError> {
    let failed = |error| not_opened(&located.path, error);
    if located.packing == Packing::Plain {
        return Ok((located.home.open(&located.place, &located.path)?, None));
    }
    let world = &request.world;
    let mut scratch = Scratch::new(&scratch::folder(world.env.as_ref()), world.entropy.as_ref()).map_err(failed)?;
    let mut stream = Stream::open(located)?;
    let mut piece = Vec::new();
    loop {
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        piece.clear();
        if stream.take(PIECE, &mut piece)? == 0 {
            stream.check()?;
            break;
        }
        scratch.file.write_all(&piece).map_err(failed)?;
    }
    scratch.file.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok((Content::Here(scratch.file.try_clone().map_err(failed)?), Some(scratch)))
}

/// Bytes that are unpacked at a time.
const PIECE: usize = 1 << 20;

/// The bytes of a file, unpacked, and whether it stays the file it was.
pub(super) struct Stream {
    path: PathBuf,
    packing: &'static str,
    reader: Box<dyn Read + Send>,
    meter: Meter,
    size: u64,
    /// The open file, and when it was last changed.
    content: Content,
    modified: Option<SystemTime>,
    is_packed: bool,
}

impl Stream {
    pub(super) fn open(located: &Located) -> Result<Self, ExtractError> {
        let path = located.path.clone();
        let content = located.home.open(&located.place, &path)?;
        let (size, modified) = content.stamp().map_err(|error| not_opened(&path, error))?;
        let meter = Meter::default();
        let again = content.again().map_err(|error| not_opened(&path, error))?;
        let reader =
            unpack::reader(&located.packing, again.reader(), &meter).map_err(|error| not_opened(&path, error))?;
        Ok(Self {
            path,
            packing: located.packing.name(),
            reader,
            meter,
            size,
            modified,
            content,
            is_packed: located.packing != Packing::Plain,
        })
    }

    /// Size of the file in bytes, packed as it is, when it was opened.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of the file that were used, where `pending` unpacked ones are not used yet.
    pub(super) fn used(&self, pending: usize) -> u64 {
        let pending = if self.is_packed { 0 } else { pending as u64 };
        self.meter.bytes().min(self.size).saturating_sub(pending)
    }

    /// Appends at most `want` bytes; fewer only at the end.
    pub(super) fn take(&mut self, want: usize, into: &mut Vec<u8>) -> Result<usize, ExtractError> {
        match (&mut self.reader).take(want as u64).read_to_end(into) {
            Ok(got) => Ok(got),
            Err(source) if self.is_packed && !self.meter.failed() => Err(self.damaged(&source)),
            Err(source) => Err(ExtractError::Io { path: self.path.clone(), source }),
        }
    }

    fn damaged(&self, error: &io::Error) -> ExtractError {
        let reason = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
            _ => error.to_string(),
        };
        ExtractError::Damaged { path: self.path.clone(), packing: self.packing, reason }
    }

    /// At the end: whether it is still the file that was opened.
    pub(super) fn check(&self) -> Result<(), ExtractError> {
        let now = self.content.stamp().map_err(|error| not_opened(&self.path, error))?;
        let whole = self.is_packed || self.meter.bytes() == self.size;
        if !whole || now != (self.size, self.modified) {
            let reason = format!("it changed while it was read: {} bytes at first, {} now", self.size, now.0);
            return Err(ExtractError::Io { path: self.path.clone(), source: io::Error::other(reason) });
        }
        Ok(())
    }
}
