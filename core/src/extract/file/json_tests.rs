//! JSON and JSON lines through the extractor, case by case.

use super::super::contract::{self, All, file, read, read_widened, request, show, source};
use crate::config::settings::{DeclaredType, FileSource};
use crate::error::Coded;
use crate::extract::ExtractError;

fn all(name: &str, text: impl AsRef<[u8]>, path: Option<&str>) -> All {
    let (_folder, file) = file(name, text);
    let source = FileSource { json_path: path.map(str::to_owned), ..source(&file) };
    read_widened(crate::extract::file(&source).as_ref(), request())
}

fn fails(name: &str, text: impl AsRef<[u8]>, path: Option<&str>) -> String {
    let (folder, file) = file(name, text);
    let source = FileSource { json_path: path.map(str::to_owned), ..source(&file) };
    let error = read(crate::extract::file(&source).as_ref(), &request()).map(|_| ()).unwrap_err();
    format!("{} {error}", error.code()).replace(&folder.path().display().to_string(), "…")
}

const FIVE: &str = r#"[{"id": 1, "name": "a", "ok": true}, {"id": 2, "ok": null}, {"id": 3, "name": "5", "ok": false},
 {"id": 4, "name": null, "ok": true}, {"ok": true, "name": "e", "id": 5}]"#;

#[test]
fn every_promise_of_an_extractor() {
    let lines = FIVE.trim_matches(['[', ']']).replace("}, ", "}\n").replace("},\n", "}\n\n");
    let wrapped =
        format!("{{\"n\": [1, {{\"x\": \"]}}\"}}], \"data\": {{\"a\\u0062\": {FIVE}, \"more\": []}}, \"z\": {{}}}}");
    for (name, text, path) in
        [("a.json", FIVE, None), ("a.jsonl", lines.as_str(), None), ("b.json", wrapped.as_str(), Some("data.ab"))]
    {
        let (_folder, file) = file(name, text);
        let source = FileSource { json_path: path.map(str::to_owned), ..source(&file) };
        contract::check(&|source| crate::extract::file(&source), &source);
    }
}

#[test]
fn values_keep_what_the_source_says() {
    let all = all(
        "a.json",
        r#"[{"id": 1, "price": 1.50, "text": "007", "mixed": 1.50, "nested": {"a": [1, {"b" : "x y"}], "c": 1E5}, "day": "2020-01-01"},
            {"id": -2, "price": 2, "mixed": "x", "big": 12345678901234567890, "esc": "a\"\u00e9\n"},
            {"id": null, "price": 1e3, "mixed": true}]"#,
        None,
    );
    insta::assert_snapshot!(show(&all.whole), @r#"
    id: integer | price: float | text: text | mixed: text | nested: text | day: text | big: text | esc: text
    1 | 1.5 | 007 | 1.50 | {"a":[1,{"b":"x y"}],"c":1E5} | 2020-01-01 | ∅ | ∅
    -2 | 2.0 | ∅ | x | ∅ | ∅ | 12345678901234567890 | a"é

    ∅ | 1000.0 | ∅ | true | ∅ | ∅ | ∅ | ∅
    "#);
}

#[test]
fn one_object_is_one_record_and_an_empty_list_is_none() {
    assert_eq!(show(&all("a.json", "{\"id\": 1, \"n\": \"x\"}\n", None).whole), "id: integer | n: text\n1 | x\n");
    assert_eq!(show(&all("a.json", "{\"d\": {\"r\": {\"id\": 1}}, \"z\": 1}", Some("d.r")).whole), "id: integer\n1\n");
    assert_eq!(show(&all("a.json", " [ ] ", None).whole), "\n");
    assert_eq!(show(&all("a.jsonl", "\n\n", None).whole), "\n");
    assert_eq!(all("a.json", "[{}, {}]", None).whole.num_rows(), 2);
}

#[test]
fn broken_records_are_set_aside_and_the_others_read() {
    let shown = |all: &All| -> Vec<String> {
        all.unreadable.iter().map(|bad| format!("{} {} {}: {}", bad.record, bad.line, bad.reason, bad.raw)).collect()
    };
    let lines = all(
        "a.jsonl",
        b"{\"id\":1}\n{\"id\":2,}\n42\n\n{\"id\":3,\"id\":4,\"late\":1}\n{\"id\":\"\xff\"}\n{\"id\":5}",
        None,
    );
    assert_eq!(show(&lines.whole), "id: integer\n1\n5\n");
    assert_eq!(
        shown(&lines),
        [
            "2 2 a key that is not in double quotes (column 9): {\"id\":2,}",
            "3 3 not an object: 42",
            "4 5 the key `id` stands twice: {\"id\":3,\"id\":4,\"late\":1}",
            "5 6 bytes that are not text: {\"id\":\"\\xff\"}",
        ]
    );
    let list = all("a.json", "[{\"id\":1},\n{id:2},\n7, {\"id\":3}]", None);
    assert_eq!(show(&list.whole), "id: integer\n1\n3\n");
    assert_eq!(shown(&list), ["2 2 a key that is not in double quotes (column 9): {id:2}", "3 3 not an object: 7"]);
}

#[test]
fn a_key_that_appears_late_becomes_a_column_of_text() {
    let mut text = String::new();
    for id in 0..20_000 {
        text += &if id == 15_000 {
            format!("{{\"late\": 1.50, \"id\": {id}, \"never\": null}}\n")
        } else {
            format!("{{\"id\":{id}}}\n")
        };
    }
    let (_folder, path) = file("a.jsonl", &text);
    let extractor = crate::extract::file(&source(&path));
    let Err(ExtractError::Misfit { columns }) = read(extractor.as_ref(), &request()) else { panic!("it was lost") };
    assert_eq!((columns[0].column.as_str(), columns[0].value.as_str(), columns[0].line), ("late", "1.50", 15_001));
    assert_eq!(columns.len(), 1);
    let all = read_widened(extractor.as_ref(), request());
    let shown = show(&all.whole);
    assert!(shown.starts_with("id: integer | late: text\n0 | ∅\n"));
    assert!(shown.contains("\n15000 | 1.50\n15001 | ∅\n"));

    let chosen = FileSource { columns: Some(vec!["late".into()]), ..source(&path) };
    let late = read_widened(crate::extract::file(&chosen).as_ref(), request());
    assert_eq!((late.whole.num_rows(), late.whole.num_columns()), (20_000, 1));
    assert!(show(&late.whole).contains("\n1.50\n"));
}

#[test]
fn a_string_among_numbers_is_a_misfit_even_if_it_looks_like_one() {
    let mut text = "{\"n\":1}\n".repeat(9_000);
    text += "{\"n\":\"2\"}\n";
    let (_folder, path) = file("a.jsonl", &text);
    let error = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap_err();
    assert!(matches!(error, ExtractError::Misfit { .. }));
}

#[test]
fn declared_types_hold_for_strings_too_and_a_declared_key_may_be_absent() {
    let (_folder, path) = file("a.jsonl", "{\"at\":\"2020-01-01T10:00:00+02:00\",\"n\":\"7\"}\n{\"n\":8}\n");
    let mut request = request();
    request.declared.insert("at".into(), DeclaredType::Timestamptz);
    request.declared.insert("n".into(), DeclaredType::Integer);
    request.declared.insert("gone".into(), DeclaredType::Date);
    assert_eq!(
        show(&read(crate::extract::file(&source(&path)).as_ref(), &request).unwrap().whole),
        "at: timestamptz | n: integer | gone: date\n2020-01-01T08:00:00Z | 7 | ∅\n∅ | 8 | ∅\n"
    );
}

#[test]
fn what_is_wrong_with_a_document_is_said_with_its_line() {
    let at = |line: u32| format!("EXT018 …/a.json cannot be read as json at line {line}: ");
    for (text, path, line, reason) in [
        ("42", None, 1, "the document is a number, not a list of objects or an object"),
        ("", None, 1, "there is no value in it"),
        ("[{\"a\":1}\n", None, 2, "the list has no end"),
        ("[{\"a\":1}\n{\"a\":2}]", None, 2, "a comma is missing between two values"),
        ("[{\"a\":1},]", None, 1, "a value is missing behind a comma"),
        ("[{\"a\":1]}", None, 1, "`]` closes nothing"),
        ("[{\"a\":\"x", None, 1, "the document ends within a value"),
        (
            "{\"a\":1}\n{\"a\":2}\n",
            None,
            2,
            "more follows behind the end of the document; if each line is a record, the format is jsonl",
        ),
        ("{\"a\":{\"b\":1}}", Some("a.c"), 1, "there is no `a.c`"),
        ("{\"a\":[1]}", Some("a.c"), 1, "`a` is a list, not an object"),
        ("{\"a\":null}", Some("a"), 1, "`a` is null, not a list of objects or an object"),
        ("{\"a\":[]", Some("a"), 1, "the document has no end"),
        ("[1, 2]", None, 1, "not an object"),
    ] {
        assert_eq!(fails("a.json", text, path), at(line) + reason, "{text}");
    }
    assert_eq!(
        fails("a.jsonl", "id,name\n1,x\n", None),
        "EXT018 …/a.jsonl cannot be read as jsonl at line 1: something that is no value (column 1)"
    );
}

#[test]
fn a_broken_record_is_described_in_our_words() {
    for (line, reason) in [
        (r#"{"a":nul}"#, "a word that is none of `true`, `false` and `null` (column 9)"),
        (r#"{"a":[1,2}"#, "a `,` or `]` is missing after a value (column 10)"),
        (r#"{"a" 1}"#, "a `:` is missing after a key (column 6)"),
        (r#"{"ä":"ü" "b"}"#, "a `,` or `}` is missing after a value (column 10)"),
        (r#"{"a":1,}"#, "a key that is not in double quotes (column 8)"),
        (r#"{a:1}"#, "a key that is not in double quotes (column 2)"),
        (r#"{"a":"x"#, "it ends within a text (column 7)"),
        (r#"{"a":01}"#, "a number in a form that JSON does not have (column 7)"),
        (r#"{"a":"\q"}"#, "an escape that JSON does not have (column 8)"),
        (r#"{"a":"\ud800"}"#, "an escape that is half a character (column 8)"),
        (r#"{"a":1} {"#, "something after the end of the record (column 9)"),
    ] {
        let (_folder, path) = file("a.jsonl", &format!("{{\"a\":1}}\n{line}\n"));
        let all = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap();
        assert_eq!(all.unreadable.iter().map(|bad| bad.reason.as_str()).collect::<Vec<_>>(), [reason], "{line}");
    }
}
