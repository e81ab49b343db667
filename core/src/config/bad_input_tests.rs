//! Bad input: whatever stands in a file, loading ends soon, with a finding, and without a panic.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::LoadedFile;
use super::fixture::load_one;
use super::syntax::{MAX_BYTES, ScalarKind, resolve};
use crate::diagnostic::render;

fn load_bytes(bytes: &[u8]) -> LoadedFile {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), bytes).unwrap();
    load_one(folder.path(), "c.yaml", &[("A", "x")])
}

#[track_caller]
fn only_finding(file: &LoadedFile, code: &str) -> String {
    let codes: Vec<&str> = file.diagnostics.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, [code], "{:#?}", file.diagnostics);
    file.diagnostics[0].message.clone()
}

/// What is found in each text: the text, then `line:column CODE message`.
fn found_in(texts: &[&str]) -> String {
    let mut result = String::new();
    for text in texts {
        result += &format!("{text:?}\n");
        for finding in load_bytes(text.as_bytes()).diagnostics {
            let place = finding.span.map_or_else(
                || "-".into(),
                |span| format!("{}:{}-{}:{}", span.line, span.column, span.end_line, span.end_column),
            );
            result += &format!("  {place} {} {}\n", finding.code, finding.message);
        }
    }
    result
}

#[test]
fn broken_syntax_says_where_and_what() {
    let found = found_in(&[
        "sources:\n\t- name: a\n",
        "sources:\n  - name: a\n  \tsource: b\n",
        "a: \"open\nb: 1\n",
        "sources: [a, b\nx: 1\n",
        "sources: {a: [1}\n",
        "name: a: b\n",
        "sources:\n  - a\n - b\n",
        "a: 1\n  b: 2\n",
        "a: *nobody\n",
        "a: &a [*a]\n",
        "sources: [${A}]\n",
        "key\nother: 1\n",
        "%YAML 3.0\n---\na: 1\n",
        "a: \"\\q\"\n",
        "a: \0\n",
    ]);
    insta::assert_snapshot!(found, @r##"
        "sources:\n\t- name: a\n"
          2:1-2:2 CFG010 a tab where YAML wants spaces
        "sources:\n  - name: a\n  \tsource: b\n"
          3:3-3:4 CFG010 a tab where YAML wants spaces
        "a: \"open\nb: 1\n"
          1:4-1:9 CFG010 a quote that is not closed
        "sources: [a, b\nx: 1\n"
          2:2-2:3 CFG010 something in brackets that is followed neither by `,` nor by the closing bracket
        "sources: {a: [1}\n"
          1:14-1:17 CFG010 the bracket `[` is closed by `}`
        "name: a: b\n"
          1:8-1:9 CFG010 a `:` where no key can be
        "sources:\n  - a\n - b\n"
          3:2-3:3 CFG010 this line does not fit the indentation around it
        "a: 1\n  b: 2\n"
          2:4-2:5 CFG010 a `:` where no key can be
        "a: *nobody\n"
          1:4-1:11 CFG010 no anchor of this name comes before `*nobody`
        "a: &a [*a]\n"
          1:8-1:10 CFG010 an anchor refers to itself
        "sources: [${A}]\n"
          1:12-1:16 CFG010 something in brackets that is followed neither by `,` nor by the closing bracket
        "key\nother: 1\n"
          2:6-2:7 CFG010 a `:` where no key can be
        "%YAML 3.0\n---\na: 1\n"
          1:1-1:6 CFG010 not valid YAML: unsupported YAML major version
        "a: \"\\q\"\n"
          1:4-1:8 CFG010 not valid YAML: found unknown escape character
        "a: \0\n"
          1:4-1:5 CFG010 a control character, which YAML does not allow
        "##);
}

#[test]
fn what_is_not_a_configuration() {
    let found = found_in(&[
        "",
        "# only a comment\n",
        "- a\n- b\n",
        "just text\n",
        "~\n",
        "---\n...\n",
        "config_version: 1\n",
        "config_version: 1\nsources:\n",
        "config_version: 1\nsources: []\n",
        "sources: {a: b}\nconfig_version:\n",
    ]);
    insta::assert_snapshot!(found, @r##"
        ""
          - CFG011 the file is empty
        "# only a comment\n"
          - CFG011 the file is empty
        "- a\n- b\n"
          1:1-1:4 CFG011 the file is a list, not a mapping of keys to values
        "just text\n"
          1:1-1:10 CFG011 the file is a text, not a mapping of keys to values
        "~\n"
          1:1-1:2 CFG011 the file is empty
        "---\n...\n"
          - CFG011 the file is empty
        "config_version: 1\n"
          1:1-1:1 CFG025 the file describes no dataset
        "config_version: 1\nsources:\n"
          2:1-2:8 CFG025 the file describes no dataset
        "config_version: 1\nsources: []\n"
          2:1-2:8 CFG025 the file describes no dataset
        "sources: {a: b}\nconfig_version:\n"
          1:1-1:1 CFG004 `config_version` is missing
          1:1-1:8 CFG015 `sources` must be a list, not a mapping
        "##);
}

#[test]
fn several_documents() {
    let one = "config_version: 1\nsources:\n- source: {type: file, system: s, table: t, file: {path: a.csv}}\n";
    let more: Vec<String> = ["---\nconfig_version: 1\n", "---\n", "...\n", "---\n[broken\n", "---\n---\n"]
        .map(|end| format!("{one}{end}"))
        .into();
    let found = found_in(&more.iter().map(String::as_str).collect::<Vec<_>>());
    insta::assert_snapshot!(found.replace(format!("{one:?}").trim_matches('"'), "..."), @r##"
        "...---\nconfig_version: 1\n"
          4:1-4:4 CFG028 a second document starts here
        "...---\n"
        "......\n"
        "...---\n[broken\n"
          4:1-4:4 CFG028 a second document starts here
        "...---\n---\n"
        "##);
}

#[test]
fn byte_order_marks_and_other_encodings() {
    let text =
        "config_version: 1\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}, x: 1}\n";
    let plain = load_bytes(text.as_bytes());
    let marked = load_bytes(format!("\u{feff}{text}").as_bytes());
    let place = |file: &LoadedFile| {
        let span = file.diagnostics[0].span.unwrap();
        (file.diagnostics.len(), span.line, span.column, file.text[span.start as usize..span.end as usize].to_owned())
    };
    assert_eq!(place(&plain), (1, 3, 68, "x".into()));
    assert_eq!(place(&marked), place(&plain));
    let crlf = load_bytes(text.replace('\n', "\r\n").as_bytes());
    assert_eq!(place(&crlf), place(&plain));
    let first = load_bytes("\u{feff}x: 1\nconfig_version: 1\nsources: []\n".as_bytes());
    let span = first.diagnostics[0].span.unwrap();
    assert_eq!((span.line, span.column, &first.text[span.start as usize..span.end as usize]), (1, 1, "x"));

    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let file = load_bytes(&utf16);
    assert_eq!(only_finding(&file, "CFG019"), "the file is not UTF-8 text");
    assert!(file.diagnostics[0].help.as_deref().is_some_and(|help| help.contains("UTF-16")));
    let latin = load_bytes(b"a: 1\nb: caf\xe9\n");
    only_finding(&latin, "CFG019");
    let span = latin.diagnostics[0].span.unwrap();
    assert_eq!((span.line, span.column), (2, 7));
    load_bytes(b"a: \0\n");
}

#[test]
fn bombs_end_soon() {
    let megabytes = 2 * 1024 * 1024;
    let started = spent();
    let laughs = {
        let mut text = "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for (before, name) in ["a", "b", "c", "d", "e", "f", "g"].iter().zip(["b", "c", "d", "e", "f", "g", "h"]) {
            let uses = vec![format!("*{before}"); 10].join(",");
            text += &format!("x-{name}: &{name} [{uses}]\n");
        }
        text
    };
    let mut merges = "x-0: &m0 {k0: 1}\n".to_owned();
    for at in 1..1500 {
        merges += &format!("x-{at}: &m{at} {{<<: *m{}, k{at}: 1}}\n", at - 1);
    }
    for (name, text) in [
        ("aliases", laughs),
        ("merges", merges),
        ("flow", "[".repeat(megabytes)),
        ("flow mappings", "{a: ".repeat(megabytes / 4)),
        ("block sequences", "- ".repeat(megabytes / 2)),
        ("blocks", (0..4000).map(|depth| " ".repeat(depth) + "a:\n").collect()),
        ("nested lists", format!("sources:\n{}", "- [[[[[[[[1]]]]]]]]\n".repeat(megabytes / 16))),
    ] {
        let file = load_bytes(text.as_bytes());
        assert!(file.pipeline.is_none_or(|pipeline| pipeline.datasets.is_empty()), "{name}");
        let codes: Vec<&str> = file.diagnostics.iter().map(|finding| finding.code.as_str()).collect();
        eprintln!("{name}: {:?} {:?}", codes.first(), spent().saturating_sub(started));
        assert!(codes.contains(&"CFG027") || codes.contains(&"CFG010"), "{name}: {codes:?}");
    }
    let unknown: String = (0..20_000).fold(String::new(), |text, at| text + "key_" + &at.to_string() + ": 1\n");
    let file = load_bytes(unknown.as_bytes());
    assert!(file.diagnostics.len() <= 1_001, "{}", file.diagnostics.len());
    eprintln!("unknown keys: {:?}", spent().saturating_sub(started));
    let took = spent().saturating_sub(started);
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// Time that this thread has worked, whatever else the machine does; where the system does not say so, the
/// time of day.
fn spent() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

#[test]
fn files_beyond_the_limit_are_not_read() {
    let file = load_bytes(&vec![b'#'; MAX_BYTES + 1]);
    assert!(only_finding(&file, "CFG019").contains("16777217 bytes"));
}

#[test]
fn a_value_of_a_megabyte() {
    let text = format!(
        "config_version: 1\nsources:\n  - name: {}\n    source: {{type: file, system: s, table: t, file: {{path: a.csv}}, {}: 1}}\n",
        "n".repeat(1 << 20),
        "k".repeat(1000)
    );
    let file = load_bytes(text.as_bytes());
    let message = only_finding(&file, "CFG013");
    assert!(message.chars().count() < 100, "{message}");
}

#[test]
fn targets_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let missing = load_one(folder.path(), "none.yaml", &[]);
    assert!(only_finding(&missing, "CFG019").starts_with("there is no file or folder"));
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    only_finding(&load_one(folder.path(), "empty", &[]), "CFG025");
    std::fs::write(folder.path().join("file"), "").unwrap();
    only_finding(&load_one(folder.path(), "file/below.yaml", &[]), "CFG019");
    assert_eq!(missing.display, "none.yaml");
}

#[cfg(unix)]
#[test]
fn devices_and_dangling_links_are_no_configurations() {
    let folder = tempfile::tempdir().unwrap();
    only_finding(&load_one(folder.path(), "/dev/zero", &[]), "CFG019");
    std::os::unix::fs::symlink("nowhere.yaml", folder.path().join("link.yaml")).unwrap();
    let file = load_one(folder.path(), "", &[]);
    assert_eq!(file.display, "link.yaml");
    only_finding(&file, "CFG019");
}

#[test]
fn scalars_have_the_types_of_yaml_1_2() {
    use ScalarKind::{Bool, Float, Integer, Null, Text};
    for (kind, texts) in [
        (Null, &["", "~", "null", "Null", "NULL"][..]),
        (Bool(true), &["true", "True", "TRUE"]),
        (Bool(false), &["false", "False", "FALSE"]),
        (Integer, &["0", "-1", "+5", "007", "0x1F", "0o17", "99999999999999999999"]),
        (Float, &["1.5", "-.5", "1.", "1e3", "1.5E-3", ".inf", "-.Inf", ".nan"]),
        (
            Text,
            &[
                "yes",
                "no",
                "on",
                "off",
                "y",
                "tRue",
                "nULL",
                "1_000",
                "0x",
                "0b1",
                ".",
                "-",
                "+",
                "e5",
                "1e",
                "1.2.3",
                "2025-01-01",
                "12:30",
                "-.nan",
                "0xG",
                "1 ",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(resolve(text), kind, "{text:?}");
        }
    }
}

/// YAML-like text: pieces of the language in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "config_version",
        "sources",
        "source",
        "silver",
        "platform",
        "type",
        "file",
        "path",
        "run",
        "schema",
        "name",
        "model",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "<<",
        "!!str ",
        "!x ",
        "\"",
        "'",
        "# ",
        "|\n",
        ">-\n ",
        "---\n",
        "...\n",
        "? ",
        "\t",
        "\r\n",
        "${A}",
        "${",
        "}",
        "$${",
        "${B:c}",
        "1",
        "-5",
        "true",
        "~",
        "ü",
        "\u{feff}",
        "\u{1F600}",
        "\0",
        "a.csv",
        "api",
        "scd_type_1",
        "%YAML 1.2\n",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_loader_panic(text in prop_oneof![any::<String>(), pieces()]) {
        let file = load_bytes(text.as_bytes());
        for finding in &file.diagnostics {
            let Some(span) = finding.span else { continue };
            prop_assert!(span.start <= span.end && span.end as usize <= file.text.len(), "{finding:?}");
            prop_assert!(file.text.is_char_boundary(span.start as usize) && file.text.is_char_boundary(span.end as usize), "{finding:?}");
            prop_assert!(span.line >= 1 && span.column >= 1 && (span.line, span.column) <= (span.end_line, span.end_column), "{finding:?}");
        }
        let valid = file.pipeline.is_some_and(|pipeline| !pipeline.datasets.is_empty());
        prop_assert!(valid || !file.diagnostics.is_empty());
        render::render(&file.diagnostics, &|_| Some(file.text.clone()), render::RenderStyle::Plain, render::WIDTH);
    }

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        load_bytes(&bytes);
    }
}
