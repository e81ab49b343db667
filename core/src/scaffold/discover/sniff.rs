//! What a file is, from its first bytes: format, encoding, delimiter, whether it has a header.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes looked at.
const HEAD: u64 = 256 << 10;
/// A JSON document up to here is read whole, to find the list of its records.
const DOCUMENT: u64 = 16 << 20;
/// Records that decide on a delimiter.
const LINES: usize = 100;
/// What separates fields, in the order of preference.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// csv, tsv, json, jsonl or parquet.
    pub(super) format: &'static str,
    /// If it is not the format's own.
    pub(super) delimiter: Option<char>,
    /// If it is not UTF-8.
    pub(super) encoding: Option<&'static str>,
    /// CSV: whether the first record names the columns.
    pub(super) has_header: bool,
    /// CSV: fields of the first record.
    pub(super) fields: usize,
    /// JSON: dotted path to the records.
    pub(super) json_path: Option<String>,
}

/// Looks at a file; the error says why it is no data.
pub(super) fn sniff(path: &Path) -> Result<Form, String> {
    let refused = |error: std::io::Error| format!("it cannot be read: {error}");
    let about = std::fs::metadata(path).map_err(refused)?;
    // A pipe would wait for ever.
    if !about.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head)).map_err(refused)?;
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if head.is_empty() {
        return Err("it is empty".to_owned());
    }
    if head.starts_with(b"PAR1") {
        return Ok(plain("parquet"));
    }
    if ending == "parquet" {
        return Err("it ends in `.parquet`, but its bytes are not those of a Parquet file".to_owned());
    }
    if let Some(kind) = packed(&head) {
        return Err(format!("it is a {kind} file"));
    }
    let encoding = encoding(&head)?;
    let whole = about.len() <= HEAD;
    let (text, _, _) = encoding.decode(&head);
    // Half a record at the end says nothing.
    let text = if whole { &*text } else { text.rsplit_once('\n').map_or(&*text, |(before, _)| before) };
    let text = text.trim_start_matches('\u{feff}');
    let marked = Encoding::for_bom(&head).is_some();
    let named = (encoding != UTF_8 && !marked).then(|| label(encoding));
    let first = text.trim_start().chars().next();
    let json = matches!(ending.as_str(), "json" | "jsonl" | "ndjson");
    let form = if json || (!["csv", "tsv"].contains(&ending.as_str()) && matches!(first, Some('{' | '['))) {
        json_form(path, text, about.len())
    } else {
        csv_form(text, &ending)
    };
    Ok(Form { encoding: named, ..form })
}

impl Form {
    /// Of JSON that needs no file.
    pub(super) const fn json() -> Self {
        plain("json")
    }
}

const fn plain(format: &'static str) -> Form {
    Form { format, delimiter: None, encoding: None, has_header: true, fields: 0, json_path: None }
}

/// Kinds of files that hold other files or are no text.
fn packed(head: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 9] = [
        (b"\x1f\x8b", "gzip"),
        (b"PK\x03\x04", "zip (or Office)"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"Obj\x01", "Avro"),
        (b"ORC", "ORC"),
        (b"%PDF", "PDF"),
        (b"SQLite format 3", "SQLite"),
    ];
    kinds.iter().find(|(start, _)| head.starts_with(start)).map(|(_, kind)| *kind)
}

fn encoding(head: &[u8]) -> Result<&'static Encoding, String> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    if half >= 4 && zeros(1) * 10 > half * 4 && zeros(0) * 10 < half {
        return Ok(UTF_16LE);
    }
    if half >= 4 && zeros(0) * 10 > half * 4 && zeros(1) * 10 < half {
        return Ok(UTF_16BE);
    }
    let odd = head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)).count();
    if head.contains(&0) || odd * 50 > head.len() {
        return Err("it is no text: it has bytes that text does not have".to_owned());
    }
    match std::str::from_utf8(head) {
        Ok(_) => Ok(UTF_8),
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => Ok(UTF_8),
        Err(_) => Ok(WINDOWS_1252),
    }
}

fn label(encoding: &'static Encoding) -> &'static str {
    match encoding {
        encoding if encoding == UTF_16LE => "utf-16le",
        encoding if encoding == UTF_16BE => "utf-16be",
        _ => "windows-1252",
    }
}

fn json_form(path: &Path, text: &str, size: u64) -> Form {
    let start = text.trim_start();
    let mut lines = start.lines().map(str::trim).filter(|line| !line.is_empty());
    let object = |line: Option<&str>| line.is_some_and(|line| line.starts_with('{') && line.ends_with('}'));
    let (first, second) = (lines.next(), lines.next());
    let ended = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl") || ending.eq_ignore_ascii_case("ndjson"));
    if ended || (object(first) && object(second)) {
        return plain("jsonl");
    }
    let mut form = plain("json");
    if start.starts_with('{')
        && size <= DOCUMENT
        && let Some(document) = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
    {
        form.json_path = records(&document);
    }
    form
}

/// The longest list of objects in an object, one or two keys down.
fn records(document: &serde_json::Value) -> Option<String> {
    let length = |value: &serde_json::Value| {
        value
            .as_array()
            .filter(|items| !items.is_empty() && items.iter().all(serde_json::Value::is_object))
            .map(Vec::len)
    };
    let mut found: Vec<(usize, String)> = Vec::new();
    for (key, value) in document.as_object()? {
        found.extend(length(value).map(|length| (length, key.clone())));
        for (inner, value) in value.as_object().into_iter().flatten() {
            found.extend(length(value).map(|length| (length, format!("{key}.{inner}"))));
        }
    }
    // A key with a dot in it cannot be written as a path.
    found.retain(|(_, path)| path.matches('.').count() <= 1);
    found.into_iter().max_by_key(|(length, _)| *length).map(|(_, path)| path)
}

fn csv_form(text: &str, ending: &str) -> Form {
    let (format, own) = if ending == "tsv" { ("tsv", '\t') } else { ("csv", ',') };
    let best = DELIMITERS
        .into_iter()
        .filter_map(|delimiter| Some((regularity(text, delimiter)?, delimiter)))
        .max_by_key(|((share, fields), delimiter)| (*share, *delimiter == own, *fields));
    let delimiter = best.map_or(own, |(_, delimiter)| delimiter);
    // Tabs make it a TSV, whatever it is called.
    let (format, own) = if delimiter == '\t' && ending != "csv" { ("tsv", '\t') } else { (format, own) };
    let sample = split(text, delimiter, LINES);
    let has_header = has_header(&sample);
    Form {
        format,
        delimiter: (delimiter != own).then_some(delimiter),
        encoding: None,
        has_header,
        fields: sample.first().map_or(0, Vec::len),
        json_path: None,
    }
}

/// The share, in tenths, of records that have as many fields as the first one, and how many; `None` if
/// the delimiter separates nothing or too little agrees.
fn regularity(text: &str, delimiter: char) -> Option<(usize, usize)> {
    let records = split(text, delimiter, LINES);
    let fields = records.first().map(Vec::len).filter(|fields| *fields > 1)?;
    let same = records.iter().filter(|record| record.len() == fields).count();
    let share = same * 10 / records.len().max(1);
    (share >= 7).then_some((share, fields))
}

/// The first records, as fields without their quotes. Blank lines are no records.
fn split(text: &str, delimiter: char, most: usize) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            c if quoted => field.push(c),
            c if c == delimiter => record.push(std::mem::take(&mut field)),
            '\r' => {}
            '\n' => {
                if !(record.is_empty() && field.is_empty()) {
                    record.push(std::mem::take(&mut field));
                    records.push(std::mem::take(&mut record));
                    if records.len() >= most {
                        return records;
                    }
                }
            }
            c => field.push(c),
        }
    }
    if !(record.is_empty() && field.is_empty()) {
        record.push(field);
        records.push(record);
    }
    records
}

/// A first record without a number, a date or a repetition names columns; one whose fields look like
/// those below does not.
fn has_header(records: &[Vec<String>]) -> bool {
    let Some((first, rest)) = records.split_first() else { return true };
    let value = |text: &str| {
        let text = text.trim();
        text.parse::<f64>().is_ok()
            || chrono::NaiveDate::parse_from_str(text.get(..10).unwrap_or(text), "%Y-%m-%d").is_ok()
    };
    let like_below = |(column, text): (usize, &String)| {
        value(text) && !rest.is_empty() && rest.iter().filter_map(|record| record.get(column)).any(|below| value(below))
    };
    !first.iter().enumerate().any(like_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(name: &str, content: &[u8]) -> Result<Form, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        sniff(&path)
    }

    #[test]
    fn text_tells_its_delimiter_and_header() {
        for (name, text, format, delimiter, has_header, fields) in [
            ("a.csv", "a,b\n1,2\n", "csv", None, true, 2),
            ("a.csv", "a;b;c\n1,5;2;x\n1,6;3;y\n", "csv", Some(';'), true, 3),
            ("a.csv", "a\tb\n1\t2\n", "csv", Some('\t'), true, 2),
            ("a.txt", "a\tb\n1\t2\n", "tsv", None, true, 2),
            ("a.tsv", "a\tb\n1\t2\n", "tsv", None, true, 2),
            ("a.dat", "a|b|c\n1|2|3\n", "csv", Some('|'), true, 3),
            ("a.csv", "1,x,5\n2,y,6\n", "csv", None, false, 3),
            ("a.csv", "2025-01-01,x\n2025-01-02,y\n", "csv", None, false, 2),
            ("a.csv", "name,2024,2025\nx,a,b\n", "csv", None, true, 3),
            ("a.csv", "only\nvalue\n", "csv", None, true, 1),
            ("a.csv", "time\n10:00\n", "csv", None, true, 1),
            ("a.csv", "a,b\n\"x;y;z\",\"1\n2\"\n", "csv", None, true, 2),
            ("a.csv", "\u{feff}a,b\r\n1,2\r\n", "csv", None, true, 2),
            ("a.csv", "a", "csv", None, true, 1),
        ] {
            let form = sniffed(name, text.as_bytes()).unwrap();
            assert_eq!(
                (form.format, form.delimiter, form.has_header, form.fields, form.encoding),
                (format, delimiter, has_header, fields, None),
                "{text:?}"
            );
        }
    }

    #[test]
    fn json_tells_where_its_records_are() {
        for (name, text, format, path) in [
            ("a.json", "[{\"a\":1}]", "json", None),
            ("a.json", "{\"a\":1}\n{\"a\":2}\n", "jsonl", None),
            ("a.jsonl", "{\"a\":1}\n", "jsonl", None),
            ("a.txt", "{\"a\":1}\n{\"a\":2}\n", "jsonl", None),
            ("a.json", "{\"meta\": {\"n\": 2}, \"data\": [{\"a\":1}], \"x\": []}", "json", Some("data")),
            (
                "a.json",
                "{\"result\": {\"items\": [{\"a\":1},{\"a\":2}]}, \"errors\": [{\"e\":1}]}",
                "json",
                Some("result.items"),
            ),
            ("a.json", "{\"a\": 1}", "json", None),
            ("a.json", "{\"a\": ", "json", None),
        ] {
            let form = sniffed(name, text.as_bytes()).unwrap();
            assert_eq!((form.format, form.json_path.as_deref()), (format, path), "{text}");
        }
    }

    #[test]
    fn encodings_are_told_apart() {
        let utf16: Vec<u8> = "a,b\nü,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut marked = vec![0xff, 0xfe];
        marked.extend(&utf16);
        for (content, encoding) in [
            ("a,b\nü,1\n".as_bytes().to_vec(), None),
            (b"a,b\n\xfc,1\n".to_vec(), Some("windows-1252")),
            (utf16, Some("utf-16le")),
            (marked, None),
        ] {
            assert_eq!(sniffed("a.csv", &content).unwrap().encoding, encoding);
        }
    }

    #[test]
    fn what_is_no_data_is_named() {
        for (name, content, why) in [
            ("a.csv", &b""[..], "it is empty"),
            ("a.csv", b"\x1f\x8b\x08", "it is a gzip file"),
            ("a.xlsx", b"PK\x03\x04abc", "it is a zip (or Office) file"),
            (
                "a.bin",
                b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x00",
                "it is no text: it has bytes that text does not have",
            ),
            ("a.parquet", b"hello", "it ends in `.parquet`, but its bytes are not those of a Parquet file"),
        ] {
            assert_eq!(sniffed(name, content), Err(why.to_owned()), "{name}");
        }
        assert_eq!(sniffed("x", b"PAR1abc").unwrap().format, "parquet");
    }
}
