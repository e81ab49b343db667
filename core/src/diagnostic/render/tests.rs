//! How findings look: each style, and what must not break it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::*;
use crate::diagnostic::{Fix, Related, Span, code};

fn at(text: &str, needle: &str) -> Span {
    let start = text.find(needle).unwrap();
    let line = text[..start].matches('\n').count() + 1;
    let column = text[..start].rsplit('\n').next().unwrap().chars().count() + 1;
    let number = |value: usize| u32::try_from(value).unwrap();
    Span {
        start: number(start),
        end: number(start + needle.len()),
        line: number(line),
        column: number(column),
        end_line: number(line),
        end_column: number(column + needle.chars().count()),
    }
}

fn finding(span: Option<Span>) -> Diagnostic {
    let mut finding =
        Diagnostic::error(code::CFG013, "unknown key `delimeter`").at("a.b", span).help("did you mean `delimiter`?");
    finding.file = "configs/a.yaml".into();
    finding
}

fn shown(finding: Diagnostic, text: &str, width: usize) -> String {
    render(&[finding], &|_| Some(text.to_owned()), RenderStyle::Plain, width)
}

fn related(mut finding: Diagnostic, message: &str, span: Span, file: &str) -> Diagnostic {
    finding.related.push(Related { message: message.into(), span, file: file.into() });
    finding
}

#[test]
fn an_excerpt_shows_the_line() {
    let text = "a:\n  delimeter: ü\n";
    insta::assert_snapshot!(shown(finding(Some(at(text, "delimeter"))), text, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:2:3
      |
    2 |   delimeter: ü
      |   ^^^^^^^^^
      |
      = help: did you mean `delimiter`?
    ");
}

#[test]
fn related_places_and_long_help() {
    let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\na: 6\n";
    let mut finding = finding(Some(at(text, "a: 6"))).help(
        "a help that goes on for so long that it must be broken between two words to fit a terminal of eighty columns",
    );
    finding.severity = Severity::Warning;
    let finding = related(finding, "first defined here", at(text, "a: 1"), "");
    insta::assert_snapshot!(shown(finding, text, WIDTH), @"
    warning[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:6:1
      |
    1 | a: 1
      | ---- first defined here
    ...
    6 | a: 6
      | ^^^^
      |
      = help: a help that goes on for so long that it must be broken between two
              words to fit a terminal of eighty columns
    ");
}

#[test]
fn several_places_of_one_line() {
    let text = "{one: 1, two: 2, three: 3}\n";
    let finding = related(finding(Some(at(text, "two"))), "left of it", at(text, "one"), "");
    let finding = related(finding, "right of it", at(text, "three"), "");
    insta::assert_snapshot!(shown(finding.clone(), text, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:1:10
      |
    1 | {one: 1, two: 2, three: 3}
      |  ---     ^^^     ----- right of it
      |  left of it
      |
      = help: did you mean `delimiter`?
    ");
    let finding = related(finding, "all of it", at(text, "{one: 1, two: 2, three: 3}"), "");
    insta::assert_snapshot!(shown(finding, text, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:1:10
      |
    1 | {one: 1, two: 2, three: 3}
      | ---------^^^--------------
      |                  right of it
      |  left of it
      | all of it
      |
      = help: did you mean `delimiter`?
    ");
}

#[test]
fn places_in_other_files() {
    let (mine, parent) = ("x: 1\n", "a: 1\nb: 2\n");
    let mut finding = related(finding(Some(at(mine, "x"))), "overrides this", at(parent, "b: 2"), "../base.yaml");
    finding.related.push(Related { message: "and this".into(), span: at("z", "z"), file: "gone.yaml".into() });
    let texts = |file: &str| match file {
        "configs/a.yaml" => Some(mine.to_owned()),
        "../base.yaml" => Some(parent.to_owned()),
        _ => None,
    };
    insta::assert_snapshot!(render(&[finding], &texts, RenderStyle::Plain, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:1:1
      |
    1 | x: 1
      | ^
      |
     ::: ../base.yaml:2:1
      |
    2 | b: 2
      | ---- overrides this
      |
      = help: did you mean `delimiter`?
      = note: and this: gone.yaml:1:1
    ");
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = format!("{} delimeter {}", "x".repeat(1_000_000), "y".repeat(1_000_000));
    insta::assert_snapshot!(shown(finding(Some(at(&text, "delimeter"))), &text, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:1:1000002
      |
    1 | ...xxxxxxxxxxxxxxxxxx delimeter yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
      |                       ^^^^^^^^^
      |
      = help: did you mean `delimiter`?
    ");
    insta::assert_snapshot!(shown(finding(Some(at(&text, "delimeter"))), &text, 40), @"
    error[CFG013]: unknown key `delimeter`
     --> configs/a.yaml:1:1000002
      |
    1 | ...xxxxxxxx delimeter yyyyyyyyyyy...
      |             ^^^^^^^^^
      |
      = help: did you mean `delimiter`?
    ");
    let far = related(finding(Some(at(&text, "delimeter"))), "it begins here", at(&text, "xxxx"), "");
    assert!(shown(far, &text, WIDTH).contains("= note: it begins here: line 1, column 1\n"));
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for text in [
        format!("{}key", "é".repeat(200)),
        format!("{}key", "漢字".repeat(200)),
        format!("{}key", "\t".repeat(90)),
        format!("key{}", "e\u{301}".repeat(200)),
        "short: key".to_owned(),
    ] {
        for width in [40, 57, 80, 120] {
            for needle in ["key", text.as_str()] {
                let mut finding = finding(Some(at(&text, needle)));
                finding.help = Some("words ".repeat(60));
                let shown = shown(finding, &text, width);
                let widest = shown.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap();
                assert!(widest <= width, "{widest} > {width}:\n{shown}");
                assert!(shown.contains('^'), "{shown}");
            }
        }
    }
}

#[test]
fn marks_stand_under_what_they_mean() {
    for (text, needle) in
        [("\ta: 漢字 key", "key"), ("漢: 字", "字"), ("e\u{301}: key", "key"), ("a:\tkey\t# x", "key")]
    {
        let shown = shown(finding(Some(at(text, needle))), text, WIDTH);
        let lines: Vec<&str> = shown.lines().collect();
        let (source, marks) = (lines[3], lines[4]);
        let column = |line: &str, sign: &str| unicode_width::UnicodeWidthStr::width(&line[..line.find(sign).unwrap()]);
        assert_eq!(column(source, needle), column(marks, "^"), "{shown}");
        assert_eq!(marks.matches('^').count(), unicode_width::UnicodeWidthStr::width(needle), "{shown}");
    }
}

#[test]
fn without_text_or_place() {
    let none = |_: &str| None;
    insta::assert_snapshot!(render(&[finding(None)], &none, RenderStyle::Plain, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
    --> configs/a.yaml
     = help: did you mean `delimiter`?
    ");
    let place = finding(Some(at("delimeter", "delimeter")));
    insta::assert_snapshot!(render(std::slice::from_ref(&place), &none, RenderStyle::Plain, WIDTH), @"
    error[CFG013]: unknown key `delimeter`
    --> configs/a.yaml:1:1
     = help: did you mean `delimiter`?
    ");
    insta::assert_snapshot!(render(&[finding(None), place], &none, RenderStyle::Lines, WIDTH), @"
    configs/a.yaml: error[CFG013]: unknown key `delimeter`
    configs/a.yaml:1:1: error[CFG013]: unknown key `delimeter`
    ");
}

#[test]
fn nothing_steers_the_terminal() {
    let text = "a: \u{1b}[31mred\u{7}\u{202e}\tb\r\n";
    let mut finding = finding(Some(at(text, "red")));
    finding.message = "bad \u{1b}]0;title\u{7}".into();
    let texts = |_: &str| Some(text.to_owned());
    for style in [RenderStyle::Plain, RenderStyle::Lines] {
        let shown = render(std::slice::from_ref(&finding), &texts, style, WIDTH);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\t', '\r']), "{shown:?}");
    }
    let coloured = render(&[finding], &texts, RenderStyle::Colour, WIDTH);
    assert!(coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}[31mred"), "{coloured:?}");
}

#[test]
fn secrets_are_not_quoted_whatever_else_their_line_has() {
    let text = "{url: https://ann:p\u{e4}ss@host, url: 2}\n";
    let mut secret = Diagnostic::error(code::CFG030, "a secret").at("", Some(at(text, "https://ann:p\u{e4}ss@host")));
    secret.file = "configs/a.yaml".into();
    let other = finding(Some(at(text, "url: 2")));
    for findings in [vec![secret.clone(), other.clone()], vec![other, secret]] {
        let shown = render(&findings, &|_| Some(text.to_owned()), RenderStyle::Plain, WIDTH);
        assert!(!shown.contains("ann") && !shown.contains("ss@") && shown.contains("******"), "{shown}");
    }
}

#[test]
fn every_place_of_a_text_can_be_shown() {
    let text = "\u{feff}a: b\n\nc: \"ü\"";
    for start in 0..=text.len() + 2 {
        for end in start..=text.len() + 2 {
            let number = |value: usize| u32::try_from(value).unwrap();
            let span = Span {
                start: number(start),
                end: number(end),
                line: 1,
                column: 1 + number(start),
                end_line: 1,
                end_column: 1 + number(end),
            };
            let finding = related(finding(Some(span)), "x", span, "");
            assert!(shown(finding, text, WIDTH).contains('^'));
        }
    }
}

/// What the published schema of SARIF 2.1.0 asks of the parts that are written here.
#[test]
fn sarif_has_the_form_of_its_schema() {
    let text = "a: 1\nb c: 2\n";
    let mut first = related(finding(Some(at(text, "b c"))), "here", at(text, "a"), "");
    first.file = "dir with space/a.yaml".into();
    first.fix = Some(Fix::one("rename to `b`", at(text, "b c"), "b", false));
    let second = Diagnostic::new(code::CFG004, Severity::Info, "no place");
    let mut third = Diagnostic::warning(code::CFG024, "absolute").at("x", None);
    third.file = "/tmp/ü.yaml".into();
    let log = sarif(&[first, second, third]);
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "medallion");
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!((rules.len(), ids.len()), (3, 3));
    assert!(rules.iter().all(|rule| rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string()));
    let results = run["results"].as_array().unwrap();
    assert_eq!(
        results.iter().map(|result| result["level"].as_str().unwrap()).collect::<Vec<_>>(),
        ["error", "note", "warning"]
    );
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
        each(result, "region", &|region| assert_region(region));
        each(result, "deletedRegion", &|region| assert_region(region));
        each(result, "uri", &|uri| {
            let uri = uri.as_str().unwrap();
            assert!(uri.is_ascii() && !uri.contains([' ', '\\']), "{uri}");
        });
    }
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "dir%20with%20space/a.yaml");
    assert_eq!(results[2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "file:///tmp/%C3%BC.yaml");
    assert_eq!(results[0]["relatedLocations"][0]["message"]["text"], "here");
    let change = &results[0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "b");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 2);
    assert_eq!(results[1].get("locations"), None);
    let none = sarif(&[]);
    assert_eq!(none["runs"][0]["results"], Json::Array(Vec::new()), "no result is a result too");
}

fn assert_region(region: &Json) {
    let number = |name: &str| region[name].as_u64().unwrap();
    assert!(number("startLine") >= 1 && number("startColumn") >= 1);
    assert!((number("endLine"), number("endColumn")) >= (number("startLine"), number("startColumn")), "{region}");
}

/// Calls `check` with every value that stands under `key`.
fn each(value: &Json, key: &str, check: &dyn Fn(&Json)) {
    match value {
        Json::Object(object) => {
            for (name, inner) in object {
                if name == key {
                    check(inner);
                }
                each(inner, key, check);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| each(item, key, check)),
        _ => {}
    }
}
