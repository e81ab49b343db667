//! Places and files as the protocol names them, and as the engine does.

use std::path::{Path, PathBuf};

use lsp_types::{Position, PositionEncodingKind, Range, Uri};
use medallion_core::api::wire::Span;

/// How the client counts characters of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// In 16-bit units, what every client knows.
    #[default]
    Utf16,
    /// In bytes, what is the cheapest for both.
    Utf8,
}

impl Encoding {
    /// The best of those that a client offers.
    pub(super) fn chosen(offered: Option<&[PositionEncodingKind]>) -> Self {
        match offered {
            Some(offered) if offered.contains(&PositionEncodingKind::UTF8) => Self::Utf8,
            _ => Self::Utf16,
        }
    }

    /// As the protocol calls it.
    pub(super) const fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf8 => PositionEncodingKind::UTF8,
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf16 => character.len_utf16(),
            Self::Utf8 => character.len_utf8(),
        }
    }
}

/// The line starts of a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Of `text`. A line ends with `\n`, `\r\n` or `\r`, as the protocol has it.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let mut starts = vec![0];
        starts.extend(ends.map(|(at, _)| at + 1));
        Self { starts }
    }

    /// The byte that a position names. What is beyond a line means its end, what is beyond the text means
    /// the end of that; inside of a character means its start.
    pub(super) fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let Some(start) = self.starts.get(position.line as usize).copied() else { return text.len() };
        let end = self.starts.get(position.line as usize + 1).copied().unwrap_or(text.len());
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, character) in line.char_indices() {
            let width = encoding.width(character);
            if left < width {
                return start + at;
            }
            left -= width;
        }
        start + line.len()
    }

    /// The position of a byte.
    pub(super) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let character: usize = text[start..offset].chars().map(|character| encoding.width(character)).sum();
        Position { line: small(line), character: small(character) }
    }

    /// The range of a span.
    pub(super) fn range(&self, text: &str, span: Span, encoding: Encoding) -> Range {
        Range {
            start: self.position(text, span.start as usize, encoding),
            end: self.position(text, span.end as usize, encoding),
        }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The file that an address names; `None` for what is no file of this machine.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // A host may stand before the path; the only one that means this machine is none, or its name.
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return None;
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let path = String::from_utf8(bytes).ok()?;
    // `/C:/folder` is how a Windows path is written.
    let drive = path.as_bytes().get(2) == Some(&b':') && path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    Some(PathBuf::from(if drive { &path[1..] } else { &path }))
}

/// The address of a file.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace('\\', "/");
    let mut text = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_both_encodings() {
        let text = "a𝄞ü\r\nx\rlast";
        let lines = Lines::of(text);
        let at = |line, character| Position { line, character };
        for (encoding, position, offset) in [
            (Encoding::Utf16, at(0, 0), 0),
            (Encoding::Utf16, at(0, 1), 1),
            (Encoding::Utf16, at(0, 3), 5),
            (Encoding::Utf16, at(0, 4), 7),
            (Encoding::Utf8, at(0, 5), 5),
            (Encoding::Utf16, at(1, 1), 10),
            (Encoding::Utf8, at(2, 4), 15),
        ] {
            assert_eq!(lines.offset(text, position, encoding), offset, "{position:?}");
            assert_eq!(lines.position(text, offset, encoding), position, "{offset}");
        }
        // Inside of a pair of surrogates, beyond a line, beyond the text.
        assert_eq!(lines.offset(text, at(0, 2), Encoding::Utf16), 1);
        assert_eq!(lines.offset(text, at(0, 99), Encoding::Utf16), 7);
        assert_eq!(lines.offset(text, at(9, 0), Encoding::Utf16), text.len());
        assert_eq!(lines.position(text, 3, Encoding::Utf16), at(0, 1));
    }

    #[test]
    fn addresses_and_paths() {
        let path = |text: &str| path_of(&text.parse().unwrap()).map(|path| path.to_str().unwrap().to_owned());
        assert_eq!(path("file:///a/b%20c/%C3%BC.yaml").as_deref(), Some("/a/b c/ü.yaml"));
        assert_eq!(path("file:///C%3A/a.yaml").as_deref(), Some("C:/a.yaml"));
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file://server/share/a.yaml"), None);
        let uri = uri_of(Path::new("/a/b c/ü#.yaml")).unwrap();
        assert_eq!(uri.as_str(), "file:///a/b%20c/%C3%BC%23.yaml");
        assert_eq!(path_of(&uri).unwrap(), Path::new("/a/b c/ü#.yaml"));
    }
}
