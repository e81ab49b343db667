//! Sheets through the extractor, case by case. The files are made here, from the parts the format asks for.

use super::super::contract::{file, read, read_widened, request, show, source};
use super::many_tests::zip;
use crate::config::settings::{DeclaredType, FileSource};
use crate::error::Coded;

/// A workbook with these sheets: name, and the XML of its rows. Style 1 is a date, 2 a time, 3 hours.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let number = |at: usize| at + 1;
    let listed: Vec<String> = sheets
        .iter()
        .enumerate()
        .map(|(at, (name, _))| format!("<sheet name=\"{name}\" sheetId=\"{0}\" r:id=\"rId{0}\"/>", number(at)))
        .collect();
    let related: Vec<String> = (0..sheets.len())
        .map(|at| {
            format!(
                "<Relationship Id=\"rId{0}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{0}.xml\"/>",
                number(at)
            )
        })
        .collect();
    let styles = format!(
        "<styleSheet xmlns=\"{main}\"><numFmts count=\"1\"><numFmt numFmtId=\"170\" formatCode=\"[h]:mm:ss\"/></numFmts><cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>"
    );
    let mut parts = vec![
        (
            "[Content_Types].xml".to_owned(),
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{}</sheets></workbook>", listed.concat()),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}\">{}<Relationship Id=\"rId99\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>",
                related.concat()
            ),
        ),
        ("xl/styles.xml".to_owned(), styles),
    ];
    for (at, (_, rows)) in sheets.iter().enumerate() {
        let text = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>");
        parts.push((format!("xl/worksheets/sheet{}.xml", number(at)), text));
    }
    let members: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zip(&members)
}

/// A row of cells: `text`, `=number`, `@N number` of style N, `?boolean`, `!error`, or nothing.
fn row(number: usize, cells: &[&str]) -> String {
    let cell = |(at, cell): (usize, &&str)| {
        let place = format!("{}{number}", char::from(b'A' + u8::try_from(at).unwrap()));
        match cell.split_at_checked(1) {
            None => String::new(),
            Some(("=", value)) => format!("<c r=\"{place}\"><v>{value}</v></c>"),
            Some(("?", value)) => format!("<c r=\"{place}\" t=\"b\"><v>{value}</v></c>"),
            Some(("!", value)) => format!("<c r=\"{place}\" t=\"e\"><v>{value}</v></c>"),
            Some(("@", styled)) => {
                let (style, value) = styled.split_once(' ').unwrap();
                format!("<c r=\"{place}\" s=\"{style}\"><v>{value}</v></c>")
            }
            Some(_) => format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
        }
    };
    format!("<row r=\"{number}\">{}</row>", cells.iter().enumerate().map(cell).collect::<String>())
}

fn typed() -> Vec<u8> {
    let rows = [
        row(2, &["id", "price", "code", "day", "at", "long", "ok", "none"]),
        row(3, &["=1", "=12.5", "007", "@1 45292", "@2 45292.5", "@3 1.5", "?1", "!#N/A"]),
        row(5, &["=2", "=3", "12", "@1 45293", "@2 45293", "@3 0.25", "?0", ""]),
        row(6, &["=3", "!#DIV/0!", "x"]),
        row(7, &["=4"]),
    ];
    workbook(&[("Data", &rows.concat()), ("Other sheet", &(row(1, &["a"]) + &row(2, &["=7"])))])
}

#[test]
fn cells_are_what_the_sheet_says() {
    let (_folder, path) = file("a.xlsx", typed());
    let all = read_widened(crate::extract::file(&source(&path)).as_ref(), request());
    assert_eq!(
        show(&all.whole),
        "id: integer | price: float | code: text | day: date | at: timestamp | long: text | ok: boolean | none: text?\n\
         1 | 12.5 | 007 | 2024-01-01 | 2024-01-01T12:00:00 | 36:00:00 | true | ∅\n\
         2 | 3.0 | 12 | 2024-01-02 | 2024-01-02T00:00:00 | 06:00:00 | false | ∅\n\
         4 | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅\n"
    );
    let bad = &all.unreadable[0];
    assert_eq!((bad.record, bad.line, bad.reason.as_str()), (3, 6, "B6 is #DIV/0!"));
    assert!(bad.raw.starts_with("3\t#DIV/0!\tx"), "{}", bad.raw);
    assert_eq!(all.unreadable.len(), 1);
}

#[test]
fn sheets_are_chosen_by_their_name() {
    let (_folder, path) = file("book.dat", typed());
    let with = |sheet: &str| FileSource {
        sheet: Some(sheet.into()),
        format: Some(crate::config::settings::FileFormat::Excel),
        ..source(&path)
    };
    let rows = |source: &FileSource| show(&read(crate::extract::file(source).as_ref(), &request()).unwrap().whole);
    assert_eq!(rows(&with("Other sheet")), "a: integer\n7\n");
    let error = read(crate::extract::file(&with("none")).as_ref(), &request()).unwrap_err();
    assert_eq!(error.code().as_str(), "EXT018");
    assert!(error.to_string().ends_with("it has no sheet `none`; it has `Data`, `Other sheet`"), "{error}");
    let headless =
        FileSource { has_header: false, fieldnames: Some(vec!["x".into(), "y".into()]), ..with("Other sheet") };
    let mut as_text = request();
    as_text.declared.insert("x".into(), DeclaredType::Text);
    let all = read(crate::extract::file(&headless).as_ref(), &as_text).unwrap();
    assert_eq!(show(&all.whole), "x: text | y: text?\na | ∅\n7 | ∅\n");
    let narrow = FileSource { fieldnames: Some(vec!["x".into()]), sheet: Some("Data".into()), ..headless };
    let error = read(crate::extract::file(&narrow).as_ref(), &request()).unwrap_err();
    assert!(error.to_string().contains("8 columns, and 1 are named"), "{error}");
}

#[test]
fn what_is_no_sheet_is_refused() {
    for (name, bytes, code) in [
        ("a.xlsx", b"id,name\n1,x\n".to_vec(), "EXT018"),
        ("a.xlsx", zip(&[("a.csv", b"id\n1\n")]), "EXT018"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "EXT018"),
        ("a.ods", Vec::new(), "EXT018"),
        ("a.xlsx", workbook(&[("Empty", "")]), "EXT012"),
        ("a.xlsx", workbook(&[("Twice", &(row(1, &["a", "a"]) + &row(2, &["=1", "=2"])))]), "EXT013"),
        ("a.xlsx", workbook(&[("Gap", &(row(1, &["a", "", "c"]) + &row(2, &["=1", "=2"])))]), "EXT018"),
    ] {
        let (_folder, path) = file(name, &bytes);
        let error = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap_err();
        assert_eq!(error.code().as_str(), code, "{name}: {error}");
    }
}

#[test]
fn a_packed_book_is_unpacked_and_an_archive_of_books_is_read() {
    let (_folder, path) = file("a.xlsx.gz", super::many_tests::gzip(&typed()));
    let gzipped = read_widened(crate::extract::file(&source(&path)).as_ref(), request());
    let (_folder, path) = file("books.zip", zip(&[("one.xlsx", &typed())]));
    let zipped = read_widened(crate::extract::file(&source(&path)).as_ref(), request());
    assert_eq!(show(&gzipped.whole), show(&zipped.whole));
    assert_eq!(gzipped.whole.num_rows(), 3);
}
