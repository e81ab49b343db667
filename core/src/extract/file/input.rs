//! The bytes of a text file, as UTF-8, piece by piece.
//!
//! Owns encodings, byte-order marks, and noticing that a file changes while it is read. A byte
//! that is no text in the source's encoding is handed on as bytes that are not UTF-8 either, so
//! that the record it stands in can be set aside.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::place::Stream;
use super::{Located, format_name};
use crate::extract::ExtractError;

/// How much is read at a time, at least.
pub(super) const PIECE: usize = 256 << 10;

/// An open text file.
pub(super) struct Input {
    stream: Stream,
    /// Read but not handed on: the first bytes.
    head: Vec<u8>,
    encoding: &'static Encoding,
    /// `None` for UTF-8.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    ended: bool,
}

impl Input {
    /// Opens the file and looks at its first bytes. A byte-order mark wins over the declared
    /// encoding.
    pub(super) fn open(located: &Located) -> Result<Self, ExtractError> {
        let path = located.path.clone();
        let label = located.source.encoding.as_bytes();
        let declared = Encoding::for_label_no_replacement(label).ok_or_else(|| ExtractError::Encoding {
            path: path.clone(),
            encoding: located.source.encoding.clone(),
            reason: "no encoding has this name".to_owned(),
        })?;
        let mut stream = Stream::open(located)?;
        let mut head = Vec::new();
        stream.take(8, &mut head)?;
        if let Some(kind) = foreign(&head) {
            let reason = format!("its first bytes are those of a {kind} file");
            return Err(ExtractError::Malformed { path, format: format_name(located.format), line: None, reason });
        }
        let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((declared, 0));
        head.drain(..mark);
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Self { stream, head, encoding, decoder, raw: Vec::new(), ended: false })
    }
    /// Size of the file in bytes, packed as it is, when it was opened.
    pub(super) const fn size(&self) -> u64 {
        self.stream.size()
    }
    /// Bytes of the file that were used, where `pending` of its text are not used yet.
    pub(super) fn used(&self, pending: usize) -> u64 {
        self.stream.used(pending)
    }
    /// Whether everything has been handed on.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }
    /// The encoding's own name.
    pub(super) fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// Appends about `want` more bytes of text.
    ///
    /// # Errors
    ///
    /// The system's, and one of its kind when the file is not the one that was opened.
    pub(super) fn fill(&mut self, into: &mut Vec<u8>, want: usize) -> Result<(), ExtractError> {
        if self.ended {
            return Ok(());
        }
        let want = want.max(PIECE);
        let Some(decoder) = &mut self.decoder else {
            into.append(&mut self.head);
            let got = self.stream.take(want, into)?;
            return if got < want { self.end() } else { Ok(()) };
        };
        self.raw.clear();
        self.raw.append(&mut self.head);
        let got = self.stream.take(want, &mut self.raw)?;
        let last = got < want;
        decode(decoder, &self.raw, last, into);
        if last { self.end() } else { Ok(()) }
    }

    /// A record as it was found, without its line end: what is text as it is, every other byte as
    /// `\xNN`.
    pub(super) fn raw_text(&self, mut bytes: &[u8]) -> String {
        while let [rest @ .., b'\n' | b'\r'] = bytes {
            bytes = rest;
        }
        let mut text = String::new();
        let mut spoilt = Vec::new();
        for chunk in bytes.get(..RAW_LIMIT).unwrap_or(bytes).utf8_chunks() {
            text.push_str(chunk.valid());
            if self.decoder.is_none() {
                chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
                continue;
            }
            spoilt.extend_from_slice(chunk.invalid());
            if let [high, middle, low] = spoilt[..] {
                text.push_str(&format!("\\x{:02x}", (high & 3) << 6 | (middle & 7) << 3 | low & 7));
                spoilt.clear();
            }
        }
        text.truncate(text.floor_char_boundary(RAW_LIMIT));
        text
    }

    fn end(&mut self) -> Result<(), ExtractError> {
        self.ended = true;
        self.stream.check()
    }
}

/// What a file is that certainly is not text.
fn foreign(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 6] = [
        (b"PAR1", "Parquet"),
        (b"PK\x03\x04", "zip or Excel"),
        (b"\x1f\x8b", "gzip"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (b"BZh9", "bzip2"),
        (b"\xd0\xcf\x11\xe0", "old Excel"),
    ];
    known.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| name)
}

/// A byte that is no text becomes three bytes that never occur in UTF-8, which hold its bits.
const SPOILT: u8 = 0xF8;

fn decode(decoder: &mut Decoder, mut raw: &[u8], last: bool, into: &mut Vec<u8>) {
    loop {
        let room = decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(raw.len() * 3 + 16);
        let start = into.len();
        into.resize(start + room, 0);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut into[start..], last);
        into.truncate(start + written);
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(bad, after) => {
                let end = read.saturating_sub(usize::from(after));
                let begin = end.saturating_sub(usize::from(bad));
                // The sequence may have begun in the piece before; then only its end is here.
                for byte in raw.get(begin..end).filter(|bytes| !bytes.is_empty()).unwrap_or(b"?") {
                    into.extend([SPOILT | byte >> 6, SPOILT | byte >> 3 & 7, SPOILT | byte & 7]);
                }
            }
        }
        raw = &raw[read..];
    }
}

/// At most this many bytes of an unreadable record are kept.
const RAW_LIMIT: usize = 64 << 10;
