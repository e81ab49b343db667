//! Several files as one source, and files that are packed.

use std::io::Write;
use std::path::Path;

use super::super::contract::{check, read, read_widened, request, show, source};
use crate::config::settings::{Elsewhere, FileFormat, FileSource, StorageSettings};
use crate::error::Coded;
use crate::extract::ExtractError;
use crate::world::World;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (at, (name, bytes)) in members.iter().enumerate() {
        // Half of them are stored as they are.
        let method = if at % 2 == 0 { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        archive.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn shown(source: &FileSource) -> String {
    show(&read_widened(crate::extract::file(source).as_ref(), request()).whole)
}

fn fails(source: &FileSource) -> String {
    let error = read(crate::extract::file(source).as_ref(), &request()).unwrap_err();
    let folder = source.path.parent().unwrap().to_string_lossy().into_owned();
    format!("{} {}", error.code(), error.to_string().replace(&folder, "…"))
}

const TABLE: &[u8] = b"id,name\n1,a\n2,b\n";

#[test]
fn packed_files_are_unpacked_by_their_bytes_whatever_their_name() {
    let zipped = zip(&[("orders.csv", TABLE)]);
    let twice = [gzip(b"id,name\n1,a\n"), gzip(b"2,b\n")].concat();
    for (name, bytes) in [
        ("a.csv.gz", gzip(TABLE)),
        ("b.csv.zst", zstd(TABLE)),
        ("c.csv.bz2", bzip2(TABLE)),
        ("d.zip", zipped.clone()),
        ("e.csv", gzip(TABLE)),
        ("f.csv", zipped),
        ("g.CSV.GZ", twice),
    ] {
        let folder = folder(&[(name, &bytes)]);
        let source = source(&folder.path().join(name));
        assert_eq!(shown(&source), "id: integer | name: text\n1 | a\n2 | b\n", "{name}");
        let mut extraction = crate::extract::file(&source).open(&request()).unwrap();
        while extraction.next().unwrap().is_some() {}
        let position = extraction.progress();
        assert_eq!(position.total_bytes, Some(bytes.len() as u64), "{name}");
        assert!(position.bytes <= bytes.len() as u64, "{name}");
    }
}

#[test]
fn packed_files_keep_the_promises_of_all_extractors() {
    let text = "id,name,price\n1,a,1.5\n2,b,2.5\n3,c,\n4,,4.5\n5,e,5.5\n6,f,6.5\n";
    for (name, bytes) in [("a.csv.gz", gzip(text.as_bytes())), ("a.csv.bz2", bzip2(text.as_bytes()))] {
        let folder = folder(&[(name, &bytes)]);
        check(&|source| crate::extract::file(&source), &source(&folder.path().join(name)));
    }
    let half = "id,name,price\n7,a,1.5\n8,b,2.5\n";
    let folder = folder(&[("x/a.csv", text.as_bytes()), ("x/b.csv.gz", &gzip(half.as_bytes()))]);
    check(&|source| crate::extract::file(&source), &source(&folder.path().join("x/*.csv*")));
}

#[test]
fn damaged_archives_are_told() {
    let long = (0..50_000).fold("id,name\n".to_owned(), |text, id| text + &format!("{id},{}\n", id * 7919 % 1000));
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let mut wrong_sum = gzip(TABLE);
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    let mut flipped = zip(&[("x.txt", b""), ("a.csv", TABLE)]);
    let at = flipped.windows(4).position(|bytes| bytes == b"2,b\n").unwrap();
    flipped[at] = b'9';
    for (name, bytes, expected) in [
        ("a.csv.gz", cut(gzip(long.as_bytes())), "gzip: it ends too early"),
        ("a.csv.zst", cut(zstd(long.as_bytes())), "Zstandard: it ends too early"),
        ("a.csv.bz2", cut(bzip2(long.as_bytes())), "bzip2: it ends too early"),
        ("a.csv.gz", wrong_sum, "gzip: corrupt gzip stream does not have a matching checksum"),
        ("a.csv.gz", TABLE.to_vec(), "gzip: its first bytes are those of something else"),
        ("a.csv.gz", Vec::new(), "gzip: its first bytes are those of something else"),
    ] {
        let folder = folder(&[(name, &bytes)]);
        let found = fails(&source(&folder.path().join(name)));
        assert_eq!(found, format!("EXT081 …/{name} cannot be unpacked as {expected}"));
    }
    let folder = folder(&[("a.zip", &flipped), ("b.zip", &cut(zip(&[("a.csv", long.as_bytes())])))]);
    let set = FileSource { member: Some("*.csv".into()), ..source(&folder.path().join("a.zip")) };
    assert_eq!(fails(&set), "EXT081 …/a.zip/a.csv cannot be unpacked as zip: its checksum is wrong");
    assert!(fails(&source(&folder.path().join("b.zip"))).starts_with("EXT081 …/b.zip cannot be unpacked as zip: "));
}

#[test]
fn an_archive_within_an_archive_is_refused() {
    let folder = folder(&[
        ("a.csv.gz", &gzip(&gzip(TABLE))),
        ("b.zip", &zip(&[("inner.zip", &zip(&[("a.csv", TABLE)]))])),
        ("c.zip", &zip(&[("_x/a.csv", TABLE), (".b.csv", TABLE)])),
    ]);
    let at = |name: &str| source(&folder.path().join(name));
    assert_eq!(
        fails(&at("a.csv.gz")),
        "EXT018 …/a.csv.gz cannot be read as csv: its first bytes are those of a gzip file"
    );
    assert_eq!(fails(&at("b.zip")), "EXT014 the format of …/b.zip/inner.zip cannot be told from its name");
    let set = FileSource { format: Some(FileFormat::Csv), ..at("b.zip") };
    assert!(fails(&set).ends_with("its first bytes are those of a zip or Excel file"));
    assert_eq!(fails(&at("c.zip")), "EXT080 no file of the source is at …/c.zip");
}

/// Much comes out of little; a record is bounded, and so is memory.
#[test]
fn what_unpacks_to_very_much_is_read_in_pieces() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(b"id,t\n1,").unwrap();
    for _ in 0..64 {
        packer.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    packer.write_all(b"\n2,b\n").unwrap();
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let folder = folder(&[("a.csv.gz", &bomb)]);
    let all = read(crate::extract::file(&source(&folder.path().join("a.csv.gz"))).as_ref(), &request()).unwrap();
    assert_eq!((all.whole.num_rows(), all.unreadable.len()), (1, 1));
    assert_eq!(all.unreadable[0].reason, "longer than 2 MiB");
}

#[test]
fn files_are_one_source_in_the_order_of_their_names() {
    let folder = folder(&[
        ("in/b.csv", b"name,id,extra\nB,2,x\n"),
        ("in/a.csv", b"id,name\n1,A\n"),
        ("in/c.csv.gz", &gzip(b"id,price\n3,1.5\n")),
        ("in/_tmp.csv", b"id\n99\n"),
        ("in/deep/d.csv", b"id\n4\n"),
    ]);
    let set = FileSource {
        file_name_column: Some("file".into()),
        is_folder: true,
        format: Some(FileFormat::Csv),
        ..source(&folder.path().join("in"))
    };
    assert_eq!(
        shown(&set),
        "id: integer | name: text | extra: text | price: float | file: text\n\
         1 | A | ∅ | ∅ | a.csv\n2 | B | x | ∅ | b.csv\n3 | ∅ | ∅ | 1.5 | c.csv.gz\n"
    );
    let set =
        FileSource { columns: Some(vec!["price".into(), "id".into()]), ..source(&folder.path().join("in/**/*.csv*")) };
    assert_eq!(shown(&set), "price: float | id: integer\n∅ | 1\n∅ | 2\n1.5 | 3\n∅ | 4\n");
    let absent = FileSource { columns: Some(vec!["pric".into()]), ..set.clone() };
    let said = fails(&absent);
    assert!(said.starts_with("EXT017 ") && said.ends_with("/a.csv has no column `pric`"), "{said}");
    let none = FileSource { path: folder.path().join("in/*.parquet"), ..set.clone() };
    assert_eq!(fails(&none), "EXT080 no file of the source is at …/*.parquet");
    let taken = FileSource { file_name_column: Some("id".into()), columns: None, ..set };
    assert!(fails(&taken).starts_with("EXT082 "), "{}", fails(&taken));
    let folder_without_slash = source(&folder.path().join("in"));
    assert!(fails(&folder_without_slash).starts_with("EXT011 "));
}

#[test]
fn a_column_has_a_type_that_holds_what_all_files_have() {
    let folder = folder(&[
        ("a.csv", b"int,mixed,day,none,late\n1,1,2024-01-01,,\n".as_slice()),
        ("b.csv", b"int,mixed,day,none,late\n2,x1,2024-01-02,7,\n"),
        ("c.csv", b"int,mixed,day,none,late\n3.5,3,2024-01-03 10:00:00,8,5\n"),
    ]);
    assert_eq!(
        shown(&source(&folder.path().join("?.csv"))),
        "int: float | mixed: text | day: timestamp | none: integer | late: integer\n\
         1.0 | 1 | 2024-01-01T00:00:00 | ∅ | ∅\n2.0 | x1 | 2024-01-02T00:00:00 | 7 | ∅\n\
         3.5 | 3 | 2024-01-03T10:00:00 | 8 | 5\n"
    );
    // What a fraction cannot hold keeps its digits.
    let folder = folder_of_large_numbers();
    assert_eq!(shown(&source(&folder.path().join("*.csv"))), "n: text\n9007199254740993\n1.5\n");
}

fn folder_of_large_numbers() -> tempfile::TempDir {
    folder(&[("a.csv", b"n\n9007199254740993\n"), ("b.csv", b"n\n1.5\n")])
}

#[test]
fn a_value_that_fits_no_type_makes_text_of_the_column_in_all_files() {
    let many = (0..2_000).fold("id\n".to_owned(), |text, id| text + &format!("{id}\n")) + "x\n";
    let folder =
        folder(&[("a.csv", many.as_bytes()), ("b.csv", b"id,n\n8,1\n"), ("c.jsonl", b"{\"id\":7,\"n\":2.50}\n")]);
    let set = source(&folder.path().join("*"));
    match read(crate::extract::file(&set).as_ref(), &request()) {
        Err(ExtractError::Misfit { columns }) => assert_eq!(columns[0].column, "id"),
        other => panic!("{:?}", other.map(|all| show(&all.whole))),
    }
    let all = read_widened(crate::extract::file(&set).as_ref(), request());
    assert_eq!(show(&all.whole.slice(1_999, 4)), "id: text | n: float\n1999 | ∅\nx | ∅\n8 | 1.0\n7 | 2.5\n");
}

#[test]
fn what_cannot_be_read_is_counted_over_all_files_and_an_empty_one_is_told() {
    let folder = folder(&[("a.csv", b"id,n\n1,2,3\n4,5\n".as_slice()), ("b.csv", b""), ("c.csv", b"id,n\n6,7\n8\n")]);
    let extractor = crate::extract::file(&source(&folder.path().join("*.csv")));
    let all = read(extractor.as_ref(), &request()).unwrap();
    let bad: Vec<String> =
        all.unreadable.iter().map(|bad| format!("{} {} {}", bad.record, bad.line, bad.reason)).collect();
    assert_eq!(bad, ["1 2 3 fields, 2 expected (a.csv)", "4 3 1 field, 2 expected (c.csv)"]);
    let mut extraction = extractor.open(&request()).unwrap();
    let notes = extraction.take_notes();
    assert_eq!(notes[0].code.as_deref(), Some("EXT012"));
    assert!(notes[0].message.contains("b.csv"));
    std::fs::write(folder.path().join("a.csv"), "").unwrap();
    std::fs::write(folder.path().join("c.csv"), "").unwrap();
    assert!(fails(&source(&folder.path().join("*.csv"))).starts_with("EXT012 "));
}

#[test]
fn a_name_with_brackets_is_that_file_if_it_is_there() {
    let folder = folder(&[("a[1].csv", b"id\n1\n".as_slice()), ("a1.csv", b"id\n2\n")]);
    assert_eq!(shown(&source(&folder.path().join("a[1].csv"))), "id: integer\n1\n");
    std::fs::remove_file(folder.path().join("a[1].csv")).unwrap();
    assert_eq!(shown(&source(&folder.path().join("a[1].csv"))), "id: integer\n2\n");
}

#[test]
fn the_files_of_a_day_and_of_an_archive() {
    let folder = folder(&[
        ("2013-01-01/b.csv", b"id\n2\n"),
        ("2013-01-01/a.csv", b"id\n1\n"),
        ("2013-01-02/a.csv", b"id\n9\n"),
        ("day_2013-01-01.zip", &zip(&[("z.csv", b"id\n1\n"), ("sub/a.csv", b"id\n2\n"), ("read.me", b"?")])),
    ]);
    let dated = |path: &str| FileSource { path_as_written: path.into(), ..source(&folder.path().join(path)) };
    assert_eq!(shown(&dated("{run_date}/*.csv")), "id: integer\n1\n2\n");
    let archive = FileSource {
        member: Some("*.csv".into()),
        file_name_column: Some("file".into()),
        ..dated("day_{run_date}.zip")
    };
    let name = Path::new("day_2013-01-01.zip").display();
    assert_eq!(shown(&archive), format!("id: integer | file: text\n2 | {name}/sub/a.csv\n1 | {name}/z.csv\n"));
}

/// A mark at the beginning, another encoding, a bad header among good ones.
#[test]
fn each_file_has_its_own_mark_and_encoding() {
    let wide: Vec<u8> = "\u{feff}id,name\n2,é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = folder(&[("a.csv", "\u{feff}id,name\n1,ü\n".as_bytes()), ("b.csv", &wide)]);
    assert_eq!(shown(&source(&folder.path().join("*.csv"))), "id: integer | name: text\n1 | ü\n2 | é\n");
    std::fs::write(folder.path().join("c.csv"), "id,id\n1,2\n").unwrap();
    assert!(fails(&source(&folder.path().join("*.csv"))).starts_with("EXT013 …/c.csv"));
}

#[test]
fn a_store_gives_what_a_folder_gives() {
    // Longer than what is asked for after a jump.
    let long: String =
        std::iter::once("id,name\n".to_owned()).chain((0..20_000).map(|id| format!("{id},n{id}\n"))).collect();
    let lake = folder(&[
        ("one.csv", TABLE),
        ("long.csv.gz", &gzip(long.as_bytes())),
        ("long.csv", long.as_bytes()),
        ("days/o_2013-01-01.csv", b"id,name\n7,g\n"),
        ("days/o_2013-01-02.csv", b"id,name\n8,h\n"),
        ("deep/a/1.jsonl", b"{\"id\": 1}\n"),
        ("deep/b/2.jsonl", b"{\"id\": 2}\n"),
        ("deep/_SUCCESS", b""),
        ("two.zip", &zip(&[("x.csv", long.as_bytes()), ("y.csv", TABLE), ("z.csv", long.as_bytes())])),
    ]);
    let at = |path: &str| FileSource {
        path: path.trim_end_matches('/').into(),
        elsewhere: Some(Elsewhere::Store(Box::new(StorageSettings::Local { root: lake.path().to_path_buf() }))),
        is_folder: path.ends_with('/'),
        file_name_column: Some("from".into()),
        ..source(Path::new(path))
    };
    let here = |there: FileSource| FileSource { path: lake.path().join(&there.path), elsewhere: None, ..there };
    let paths =
        ["one.csv", "long.csv.gz", "long.csv", "days/o_{run_date}.csv", "days/", "deep/**/*.jsonl", "*.csv", "two.zip"];
    for path in paths {
        assert_eq!(shown(&at(path)), shown(&here(at(path))), "{path}");
    }
    for path in ["none.csv", "none/*.csv"] {
        let code = |said: String| said.split(' ').next().map(str::to_owned);
        assert_eq!(code(fails(&at(path))), code(fails(&here(at(path)))), "{path}");
    }
    assert!(fails(&at("none/")).starts_with("EXT080"), "a folder of a store is there by what is in it");
    let days = crate::extract::delivered(&at("days/o_{run_date}.csv"), &World::real()).unwrap();
    assert_eq!(days.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2013-01-01", "2013-01-02"]);
}
