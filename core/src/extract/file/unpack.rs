//! What a file is packed as, and its bytes unpacked, piece by piece.
//!
//! Memory does not grow with what comes out, however small it went in. Damage is told apart from a disk
//! or a network that fails: the bytes below a decoder are counted by [`Meter`], which knows whether they
//! could be had.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use zip::{CompressionMethod, ZipArchive};

/// How a file is packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
    /// One member of an archive.
    Zip(Member),
}

/// A file within a zip archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// As the archive has it, with `/` between folders.
    pub(super) name: String,
    /// Where its bytes begin, and how many there are.
    start: u64,
    packed: u64,
    /// When unpacked.
    size: u64,
    crc: u32,
    deflated: bool,
}

impl Packing {
    /// For messages.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
            Self::Bzip2 => "bzip2",
            Self::Zip(_) => "zip",
        }
    }
}

/// What a file seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outer {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
    Zip,
}

/// By its first bytes.
pub(super) fn by_magic(head: &[u8]) -> Outer {
    // Of bzip2 the first block is told too, or the end of an empty file: `BZh9` alone may be text.
    let bzip2 = head.starts_with(b"BZh")
        && matches!(head.get(3), Some(b'1'..=b'9'))
        && matches!(head.get(4..10), Some(b"\x31\x41\x59\x26\x53\x59" | b"\x17\x72\x45\x38\x50\x90"));
    match head {
        [0x1f, 0x8b, 8, ..] => Outer::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Outer::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Outer::Zip,
        _ if bzip2 => Outer::Bzip2,
        _ => Outer::Plain,
    }
}

/// By the last suffix of its name, and the name without it.
pub(super) fn by_name(name: &str) -> (Outer, &str) {
    let Some((stem, suffix)) = name.rsplit_once('.') else { return (Outer::Plain, name) };
    let outer = match suffix.to_ascii_lowercase().as_str() {
        "gz" | "gzip" => Outer::Gzip,
        "zst" | "zstd" => Outer::Zstd,
        "bz2" => Outer::Bzip2,
        "zip" => Outer::Zip,
        _ => return (Outer::Plain, name),
    };
    (outer, stem)
}

/// Bytes to look at to know.
pub(super) const HEAD: usize = 10;

/// The files in an archive, by name. Folders and what other programs leave there are no files.
///
/// # Errors
///
/// A text of why it cannot be used; or what the disk says.
pub(super) fn members(archive: impl Read + Seek) -> io::Result<Result<Vec<Member>, String>> {
    let mut archive = match ZipArchive::new(BufReader::new(archive)) {
        Ok(archive) => archive,
        Err(zip::result::ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        Err(error) => return Ok(Err(words(&error))),
    };
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let file = match archive.by_index_raw(index) {
            Ok(file) => file,
            Err(zip::result::ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            Err(error) => return Ok(Err(words(&error))),
        };
        let Ok(name) = file.name().map(|name| name.replace('\\', "/")) else {
            return Ok(Err("the name of a file in it is no text".to_owned()));
        };
        let hidden = name.split('/').any(super::pattern::is_hidden);
        if file.is_dir() || hidden {
            continue;
        }
        if file.encrypted() {
            return Ok(Err(format!("`{name}` is encrypted")));
        }
        let deflated = match file.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => return Ok(Err(format!("`{name}` is packed by {other:?}, which is not known here"))),
        };
        let Some(start) = file.data_start() else {
            return Ok(Err(format!("`{name}` is not where the archive says")));
        };
        let (packed, size, crc) = (file.compressed_size(), file.size(), file.crc32());
        found.push(Member { name, start, packed, size, crc, deflated });
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    if let Some(twice) = found.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Ok(Err(format!("it has two files named `{}`", twice[0].name)));
    }
    Ok(Ok(found))
}

fn words(error: &zip::result::ZipError) -> String {
    match error {
        zip::result::ZipError::Io(_) => "it ends too early".to_owned(),
        other => other.to_string(),
    }
}

/// Counts the bytes of a file, and knows whether all of them could be had.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    bytes: AtomicU64,
    failed: AtomicBool,
}

impl Meter {
    pub(super) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }
    /// Whether the file itself could not be read.
    pub(super) fn failed(&self) -> bool {
        self.0.failed.load(Ordering::Relaxed)
    }
}

/// A file that is counted.
pub(super) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => {
                self.meter.0.bytes.fetch_add(read as u64, Ordering::Relaxed);
                Ok(read)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.meter.0.failed.store(true, Ordering::Relaxed);
                }
                Err(error)
            }
        }
    }
}

/// The bytes of a file as they were before it was packed.
pub(super) fn reader(
    packing: &Packing,
    mut file: impl Read + Seek + Send + 'static,
    meter: &Meter,
) -> io::Result<Box<dyn Read + Send>> {
    if let Packing::Zip(member) = packing {
        file.seek(SeekFrom::Start(member.start))?;
        let packed =
            BufReader::with_capacity(BUFFER, Metered { inner: file, meter: meter.clone() }).take(member.packed);
        let checked = |inner: Box<dyn Read + Send>| Checked {
            inner,
            left: member.size,
            crc: member.crc,
            hasher: crc32fast::Hasher::new(),
        };
        return Ok(if member.deflated {
            Box::new(checked(Box::new(flate2::bufread::DeflateDecoder::new(packed))))
        } else {
            Box::new(checked(Box::new(packed)))
        });
    }
    let file = Metered { inner: file, meter: meter.clone() };
    if *packing == Packing::Plain {
        return Ok(Box::new(file));
    }
    let file = BufReader::with_capacity(BUFFER, file);
    Ok(match packing {
        Packing::Plain | Packing::Zip(_) => Box::new(file),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(file)?;
            // A file may ask for more memory than there is.
            decoder.window_log_max(WINDOW_LOG)?;
            Box::new(decoder)
        }
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
    })
}

/// Bytes that are asked of a file at a time.
const BUFFER: usize = 128 << 10;
/// 128 MiB: what `zstd --ultra -22` needs, and no more.
const WINDOW_LOG: u32 = 27;

/// A member of an archive, held against the size and the sum that the archive has for it.
struct Checked<R> {
    inner: R,
    left: u64,
    crc: u32,
    hasher: crc32fast::Hasher,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        let wrong = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
        self.hasher.update(&buffer[..read]);
        match self.left.checked_sub(read as u64) {
            None => return Err(wrong("more comes out than the archive says")),
            Some(left) => self.left = left,
        }
        if read == 0 && self.left > 0 {
            return Err(wrong("it ends too early"));
        }
        if self.left == 0 && self.hasher.clone().finalize() != self.crc {
            return Err(wrong("its checksum is wrong"));
        }
        Ok(read)
    }
}
