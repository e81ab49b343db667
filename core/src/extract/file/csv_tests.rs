//! CSV and TSV through the extractor, case by case.

use super::super::contract::{self, file, read, read_widened, request, show, source};
use crate::config::settings::{DeclaredType, FileFormat, FileSource};
use crate::error::Coded;
use crate::extract::{ExtractError, ExtractRequest};

/// What a CSV with this text gives.
fn rows(text: impl AsRef<[u8]>) -> String {
    let (_folder, path) = file("a.csv", text);
    show(&read_widened(crate::extract::file(&source(&path)).as_ref(), request()).whole)
}

fn fails(name: &str, text: impl AsRef<[u8]>, change: impl Fn(FileSource) -> FileSource) -> String {
    let (folder, path) = file(name, text);
    let extractor = crate::extract::file(&change(source(&path)));
    let error = read(extractor.as_ref(), &request()).map(|_| ()).unwrap_err();
    let message = error.to_string().replace(&folder.path().display().to_string(), "…");
    format!("{} {message}{}", error.code(), error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default())
}

#[test]
fn every_promise_of_an_extractor() {
    let text = "id,name,day,amount,gone\n1,a,2020-01-01,1.5,\n2,,2020-01-02,2,\n3,\"x\ny\",2020-01-03,,\n\n4,d,,4.25,\n5,e,2020-01-05,5,\n6,z\n";
    for (name, text) in [("a.csv", text.to_owned()), ("a.TSV", text.replace(',', "\t"))] {
        let (_folder, path) = file(name, text);
        contract::check(&|source| crate::extract::file(&source), &source(&path));
    }
}

#[test]
fn types_come_from_the_values_and_null_is_not_the_empty_string() {
    insta::assert_snapshot!(rows(
        "id,code,ok,price,day,at,instant,none,text,big\n\
         1,007,true,1.5,2024-02-29,2024-01-01 10:00:00,2024-01-01T10:00:00Z,,a,9223372036854775808\n\
         -2,1,FALSE,2,2024-03-01,2024-01-01T10:00:00.25,2024-01-01T10:00:00+00:00,,\"\",1\n\
         ,,,,,,,,,\n"
    ), @r"
    id: integer | code: text | ok: boolean | price: float | day: date | at: timestamp | instant: timestamptz | none: text? | text: text | big: text
    1 | 007 | true | 1.5 | 2024-02-29 | 2024-01-01T10:00:00 | 2024-01-01T10:00:00Z | ∅ | a | 9223372036854775808
    -2 | 1 | false | 2.0 | 2024-03-01 | 2024-01-01T10:00:00.250 | 2024-01-01T10:00:00Z | ∅ |  | 1
    ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅
    ");
}

#[test]
fn quotes_line_ends_blank_lines_and_marks() {
    insta::assert_snapshot!(rows("\u{feff}a,b\r\n\"x \"\"y\"\", z\",\"two\r\nlines\"\r\n\r\n1\"2,last"), @r#"
    a: text | b: text
    x "y", z | two
    lines
    1"2 | last
    "#);
    assert_eq!(rows("a,b\r1,2\r3,4"), rows("a,b\n1,2\n3,4\n"));
}

#[test]
fn a_blank_line_is_a_record_where_records_have_one_field() {
    assert_eq!(rows("a\n1\n\n3\n"), "a: integer\n1\n∅\n3\n");
    assert_eq!(rows("a\nx\n\"\"\n\r\n"), "a: text\nx\n\n∅\n");
}

#[test]
fn broken_records_are_set_aside_and_the_others_read() {
    let (_folder, path) =
        file("a.csv", b"a,b\n1,2\n3\n4,5,6\n7,\"x\"y\n\xff,8\n9,\"open\n10,11\n12,\"a\nb\" c\n13,14\n");
    let all = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap();
    assert_eq!(show(&all.whole), "a: integer | b: integer\n1 | 2\n10 | 11\n13 | 14\n");
    let lines: Vec<String> = all
        .unreadable
        .iter()
        .map(|bad| format!("record {} line {}: {}: {}", bad.record, bad.line, bad.reason, bad.raw))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    record 2 line 3: 1 field, 2 expected: 3
    record 3 line 4: 3 fields, 2 expected: 4,5,6
    record 4 line 5: text after a closing quote: 7,"x"y
    record 5 line 6: field 1 is not UTF-8 text: \xff,8
    record 6 line 7: a quoted field is not closed: 9,"open
    record 8 line 9: a quoted field is not closed: 12,"a
    record 9 line 10: 1 field, 2 expected: b" c
    "#);
}

#[test]
fn a_value_after_the_sample_makes_the_column_text_as_it_stands_in_the_source() {
    let mut text = String::from("id,price,flag\n");
    for id in 0..20_000 {
        text += &format!("{id},{}.50,true\n", id % 7);
    }
    let text = text.replace("\n15000,6.50,", "\n15000,n/a,").replace("\n19000,2.50,true", "\n19000,2.50,maybe");
    let (_folder, path) = file("a.csv", &text);
    let extractor = crate::extract::file(&source(&path));
    let Err(ExtractError::Misfit { columns }) = read(extractor.as_ref(), &request()) else { panic!("it fits") };
    let named: Vec<String> = columns
        .iter()
        .map(|misfit| format!("{} {} {} {}", misfit.column, misfit.value, misfit.line, misfit.data_type))
        .collect();
    assert_eq!(named, ["price n/a 15002 float", "flag maybe 19002 boolean"]);
    let all = read_widened(extractor.as_ref(), request());
    let back = show(&all.whole).replace(" | ", ",");
    assert_eq!(back.split_once('\n').unwrap().1, text.split_once('\n').unwrap().1);
}

#[test]
fn declared_types_are_exact_or_text() {
    let (_folder, path) = file("a.csv", "id,price,at\n007,1.50,2020-01-01\n8,12.345,\n");
    let mut request = request();
    request.declared.insert("price".into(), DeclaredType::Decimal { precision: 10, scale: 3 });
    request.declared.insert("id".into(), DeclaredType::Integer);
    request.declared.insert("at".into(), DeclaredType::Timestamp);
    let extractor = crate::extract::file(&source(&path));
    assert_eq!(
        show(&read(extractor.as_ref(), &request).unwrap().whole),
        "id: integer | price: decimal(10,3) | at: timestamp\n7 | 1.500 | 2020-01-01T00:00:00\n8 | 12.345 | ∅\n"
    );
    request.declared.insert("price".into(), DeclaredType::Decimal { precision: 10, scale: 2 });
    let Err(ExtractError::Misfit { columns }) = read(extractor.as_ref(), &request) else { panic!("it was rounded") };
    assert_eq!((columns[0].column.as_str(), columns[0].value.as_str(), columns[0].line), ("price", "12.345", 3));
    assert_eq!(
        show(&read_widened(extractor.as_ref(), request).whole),
        "id: integer | price: text | at: timestamp\n7 | 1.50 | 2020-01-01T00:00:00\n8 | 12.345 | ∅\n"
    );
}

#[test]
fn null_values_are_texts_of_unquoted_fields() {
    let (_folder, path) = file("a.csv", "a,b\nNA,NA\n\"NA\",\n1,\"\"\n");
    let request = ExtractRequest { null_values: vec!["NA".into()], ..request() };
    let all = read(crate::extract::file(&source(&path)).as_ref(), &request).unwrap();
    assert_eq!(show(&all.whole), "a: text | b: text\n∅ | ∅\nNA | \n1 | \n");
}

#[test]
fn encodings() {
    let (_folder, path) = file("a.csv", b"id,name\n1,caf\xe9\n");
    let read_as = |encoding: &str, path: &std::path::Path| {
        let source = FileSource { encoding: encoding.into(), ..source(path) };
        read(crate::extract::file(&source).as_ref(), &request()).unwrap()
    };
    assert_eq!(show(&read_as("latin1", &path).whole), "id: integer | name: text\n1 | café\n");
    let wrong = read_as("utf-8", &path);
    assert_eq!(wrong.whole.num_rows(), 0);
    assert_eq!(wrong.unreadable[0].raw, "1,caf\\xe9");
    assert_eq!(wrong.unreadable[0].reason, "field 2 is not UTF-8 text");

    let wide: Vec<u8> = "\u{feff}id,名\r\n1,\"日,本\"\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (_folder, path) = file("a.csv", &wide);
    for encoding in ["utf-8", "utf-16", "utf-16le"] {
        assert_eq!(show(&read_as(encoding, &path).whole), "id: integer | 名: text\n1 | 日,本\n");
    }
    let broken: Vec<u8> = "id,x\n1,".encode_utf16().chain([0xD800, 10]).flat_map(u16::to_be_bytes).collect();
    let (_folder, path) = file("a.csv", &broken);
    let all = read_as("utf-16be", &path);
    assert_eq!((all.whole.num_rows(), all.unreadable[0].raw.as_str()), (0, "1,\\xd8\\x00"));
}

#[test]
fn files_without_a_header() {
    let (_folder, path) = file("a.csv", "1,x\n2,y\n");
    let bare = FileSource { has_header: false, ..source(&path) };
    let shown = |source: &FileSource| show(&read(crate::extract::file(source).as_ref(), &request()).unwrap().whole);
    assert_eq!(shown(&bare), "column_1: integer | column_2: text\n1 | x\n2 | y\n");
    let named = FileSource { fieldnames: Some(vec!["id".into(), "name".into()]), ..bare };
    assert_eq!(shown(&named), "id: integer | name: text\n1 | x\n2 | y\n");
    let (_folder, path) = file("a.csv", "");
    assert_eq!(shown(&FileSource { path, ..named }), "id: text? | name: text?\n");
}

#[test]
fn a_header_alone_is_an_empty_source() {
    assert_eq!(rows("a,b"), "a: text? | b: text?\n");
    assert_eq!(rows("\n\na,b\n\n"), "a: text? | b: text?\n");
}

#[test]
fn long_lines_and_odd_sizes() {
    let long = "x".repeat(1 << 20);
    let text = format!("id,text\n1,{long}\n2,\"{long}\"\n3,{}\n", "y".repeat(300_000));
    let (_folder, path) = file("a.csv", &text);
    let all = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap();
    assert_eq!(
        show(&all.whole),
        text.replace("id,text", "id: integer | text: text")
            .replace([',', '"'], " | ")
            .replace(" |  | ", " | ")
            .replace(" | \n", "\n")
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_code() {
    let same = |source| source;
    assert_eq!(fails("a.csv", "", same), "EXT012 …/a.csv is empty: it has no header");
    assert_eq!(fails("a.csv", "\n\r\n", same), "EXT012 …/a.csv is empty: it has no header");
    assert_eq!(
        fails("a.csv", "a,b,a\n", same),
        "EXT013 …/a.csv: the column `a` stands twice in the header (fields 1 and 3)"
    );
    assert_eq!(
        fails("a.csv", "a,,c\n", same),
        "EXT018 …/a.csv cannot be read as csv at line 1: field 2 of the header has no name"
    );
    assert_eq!(
        fails("a.csv", b"a,\xffb\n", same),
        "EXT015 …/a.csv is not utf-8 text: field 2 of the header holds other bytes"
    );
    assert_eq!(
        fails("a.csv", "a,\"b\n1,2\n", same),
        "EXT018 …/a.csv cannot be read as csv at line 1: header: a quoted field is not closed"
    );
    assert_eq!(fails("a.txt", "a\n", same), "EXT014 the format of …/a.txt cannot be told from its name");
    assert_eq!(
        fails("a.csv", "PAR1....", same),
        "EXT018 …/a.csv cannot be read as csv: its first bytes are those of a Parquet file"
    );
    assert_eq!(
        fails("a.csv", "a\n", |source| FileSource { encoding: "utf-9".into(), ..source }),
        "EXT015 …/a.csv is not utf-9 text: no encoding has this name"
    );
    assert_eq!(
        fails("a.csv", "id,amount\n", |source| FileSource { columns: Some(vec!["amout".into()]), ..source }),
        "EXT017 …/a.csv has no column `amout` (did you mean `amount`?)"
    );
    assert_eq!(
        fails("a.csv", "", |source| FileSource { path: source.path.with_file_name("b.csv"), ..source }),
        "EXT010 there is no file …/b.csv"
    );
    assert_eq!(
        fails("a.csv", "", |source| FileSource { path: source.path.parent().unwrap().into(), ..source }),
        "EXT011 … is a folder, not a file"
    );
}

#[test]
fn the_date_of_the_run_is_part_of_the_path() {
    let (folder, _) = file("day_2013-01-01.csv", "a\n1\n");
    let path = folder.path().join("day_{run_date}.csv");
    let dated = FileSource { path_as_written: "day_{run_date}.csv".into(), ..source(&path) };
    let extraction = crate::extract::file(&dated).open(&request()).unwrap();
    assert_eq!(extraction.summary().location, "day_2013-01-01.csv");
    assert_eq!((extraction.summary().format, extraction.summary().bytes), ("csv", 4));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_read_to_its_end() {
    let (_folder, path) = file("a.csv", "id,text\n".to_owned() + &"1,abcdefgh\n".repeat(200_000));
    let extractor = crate::extract::file(&source(&path));
    let mut extraction = extractor.open(&request()).unwrap();
    extraction.next().unwrap();
    std::fs::write(&path, "id,text\n").unwrap();
    let error = loop {
        match extraction.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a truncated file was taken for a whole one"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), crate::diagnostic::code::EXT019);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("changed while it was read"));
}

#[test]
fn a_delimiter_of_ones_own_and_a_format_that_the_name_does_not_tell() {
    let (_folder, path) = file("a.dat", "id;name\n1;a,b\n");
    let set = FileSource { format: Some(FileFormat::Csv), delimiter: Some(b';'), ..source(&path) };
    let all = read(crate::extract::file(&set).as_ref(), &request()).unwrap();
    assert_eq!(show(&all.whole), "id: integer | name: text\n1 | a,b\n");
}

#[test]
fn a_line_longer_than_a_record_may_be_is_set_aside() {
    let long = "x".repeat((2 << 20) + 300_000);
    for (name, first, bad, last) in [
        ("a.csv", "id,t\n1,a\n", format!("2,{long}\n"), "3,c\n"),
        ("a.jsonl", "{\"id\":1}\n", format!("{{\"id\":\"{long}\"}}\n"), "{\"id\":3}\n"),
    ] {
        let (_folder, path) = file(name, format!("{first}{bad}{last}x\n"));
        let all = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap();
        assert_eq!(all.whole.num_rows(), 2);
        let bad = &all.unreadable[0];
        assert_eq!((bad.record, bad.reason.as_str(), bad.raw.len()), (2, "longer than 2 MiB", 64 << 10));
        // The line after it is counted right.
        let lines: Vec<u64> = all.unreadable.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, if name == "a.csv" { [3, 5] } else { [2, 4] });
    }
}

/// An unclosed quote does not swallow the file, however long that is.
#[test]
fn a_quote_that_is_never_closed_costs_one_record() {
    let mut text = String::from("id,t\n1,\"open\n");
    for id in 2..30_000 {
        text += &format!("{id},x\n");
    }
    let (_folder, path) = file("a.csv", text);
    let all = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap();
    assert_eq!((all.whole.num_rows(), all.unreadable.len()), (29_998, 1));
    assert_eq!(all.unreadable[0].raw, "1,\"open");
}

#[test]
fn lines_of_fixed_width_are_cut_at_their_places() {
    let text = "id   name      amount\n1    Müller     12.50\n 2   \n\n3    too long a name 1\n4    b          7.00 and more\n";
    let (_folder, path) = file("a.txt", text);
    let fixed = |widths: &[usize]| FileSource {
        format: Some(FileFormat::FixedWidth),
        widths: Some(widths.to_vec()),
        ..source(&path)
    };
    let all = read_widened(crate::extract::file(&fixed(&[5, 10, 6])).as_ref(), request());
    assert_eq!(show(&all.whole), "id: integer | name: text | amount: float\n1 | Müller | 12.5\n2 | ∅ | ∅\n");
    let set_aside: Vec<String> = all.unreadable.iter().map(|bad| format!("{}: {}", bad.line, bad.reason)).collect();
    assert_eq!(set_aside, ["5: text behind the last field", "6: text behind the last field"]);
    let named = FileSource {
        has_header: false,
        fieldnames: Some(vec!["a".into(), "b".into()]),
        columns: Some(vec!["b".into()]),
        ..fixed(&[5, 30])
    };
    let rows = read_widened(crate::extract::file(&named).as_ref(), request());
    assert_eq!(rows.whole.num_rows(), 5, "every line is a record: {}", show(&rows.whole));
}
