//! Laws of edits, on every configuration of the repository and on random documents: what an edit is not
//! about stays byte for byte, and the loader reads the new text as the old one with the edit applied.

use serde_json::Value as Json;

use super::operation::Asked;
use super::*;
use crate::config::path::steps;
use crate::config::syntax::{self, Node, ScalarKind, Value};

/// A small generator of numbers, so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
    fn pick<'p, T: ?Sized>(&mut self, from: &[&'p T]) -> &'p T {
        from[self.roll(from.len())]
    }
}

const TEXTS: [&str; 16] = [
    "x",
    "two words",
    "007",
    "yes",
    "null",
    "",
    " lead",
    "trail ",
    "a: b",
    "a #b",
    "it's \"both\"",
    "line\nline\n",
    "line\n\n  deep",
    "\u{1}\u{feff}é",
    "${HOME}/x",
    "[x]",
];
const KEYS: [&str; 9] = ["name", "a", "b c", "path", "type", "007", "é", "x.y", "source"];

/// Everything that may go wrong with places, once each.
const NASTY: [&str; 17] = [
    "# head\na:\n  # about x\n  x: 1 # one\n  # about y\n  y: 2\n# about b\nb: 3\n",
    "d: &d\n  x: 1\n  y: &e [1, 2]\na:\n  <<: *d\n  z: *e\nb: *d\n",
    "a: {x: 1, y: [p, q], } # c\nb: [ ]\nc: { }\n",
    "a: {\n  x: 1, # one\n  # two\n  y: 2 # two\n}\nb: [\n  1,\n  2,\n]\n",
    "a:\n  x: |\n    one\n      two\n\n  y: >-\n    f\n    g\n\n# tail\nb: |+\n  k\n\n\nc: 1\n",
    "a:\n- 1\n- x: 2\n  y:\n  - p\n  -\n  - q # c\nb: 1\n",
    "- - 1\n  - 2\n-   a: 1\n    b: 2\n-\n  c: 3\n",
    "a:\n     x: 1\n     y:\n      -    k: 1\n           l: 2\nb:\n  c:\n",
    "\"a\":\n  'x': 'it''s' # c\n  \"y\": \"z\\\"\"\n? e\n: f\n",
    "a: one\n  two # c\nb: \"three\n  four\"\nc:\n  five\n",
    "\u{feff}a: \"q\tw\"\t# tab\nb:\tv",
    "---\n# c\na: 1\n...\n",
    "%YAML 1.2\n---\na: !!str 5\nb: !!map\n  c: 1\nl: !!seq\n- 1\n",
    "a:\n\n\n  x: 1\n\n  # lone\n\n  y: 2\n\n\n\nb: 3\n\n\n",
    "a: # c\n  # d\n  x: # e\n    - 1 # f\n    # g\n  # h\n# i\nb: # j\n",
    "[a, {b: 1}, c: 2]\n",
    "a: {\"x\":1,'y':[2]}\nb: {x, y: }\n",
];

fn corpus() -> Vec<(String, String)> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["../configs", "../bench", "src/config/fixtures"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(here.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.extension().is_some_and(|suffix| suffix == "yaml")) {
            all.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
        }
    }
    assert!(all.len() > 15, "the folders of the corpus have moved");
    for case in include_str!("../predecessor_matrix.txt").split("=== ").skip(1) {
        let (name, text) = case.split_once('\n').unwrap();
        all.push((name.to_owned(), text.to_owned()));
    }
    all.extend(NASTY.iter().enumerate().map(|(index, text)| (format!("nasty {index}"), (*text).to_owned())));
    all
}

/// A document of random shape and style.
fn random(dice: &mut Dice) -> String {
    let mut text = String::new();
    if dice.roll(3) == 0 {
        text += "# of the file\n\n";
    }
    let step = [1, 2, 4][dice.roll(3)];
    mapping(dice, &mut text, 0, step, 0);
    if dice.roll(4) == 0 {
        text = text.trim_end_matches('\n').to_owned();
    }
    if dice.roll(4) == 0 {
        text = text.replace('\n', "\r\n");
    }
    if dice.roll(8) == 0 {
        text.insert(0, '\u{feff}');
    }
    text
}

fn scalar(dice: &mut Dice) -> String {
    dice.pick(&["1", "x", "'q'", "\"d\"", "null", "true", "two words", "2024-01-01", "~", "0.5", "\"a # b\"", "é"])
        .into()
}

fn flow(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth > 2 { 1 } else { 4 }) {
        0 | 1 => scalar(dice),
        2 => format!("[{}]", (0..dice.roll(3)).map(|_| flow(dice, depth + 1)).collect::<Vec<_>>().join(", ")),
        _ => {
            let pairs: Vec<String> = (0..dice.roll(3)).map(|n| format!("k{n}: {}", flow(dice, depth + 1))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn comments(dice: &mut Dice, text: &mut String, column: usize) {
    for _ in 0..dice.roll(3).saturating_sub(1) {
        *text += &format!("{}# note {}\n", " ".repeat(column), dice.roll(100));
    }
    if dice.roll(6) == 0 {
        *text += "\n";
    }
}

fn mapping(dice: &mut Dice, text: &mut String, column: usize, step: usize, depth: usize) {
    for index in 0..=dice.roll(4) {
        if index > 0 || column == 0 {
            comments(dice, text, column);
            *text += &" ".repeat(column);
        }
        *text += &format!("{}{index}:", dice.pick(&["k", "key ", "a.b", "é"]));
        value(dice, text, column, step, depth);
    }
}

fn value(dice: &mut Dice, text: &mut String, column: usize, step: usize, depth: usize) {
    let note = if dice.roll(4) == 0 { " # c" } else { "" };
    match dice.roll(if depth > 3 { 4 } else { 8 }) {
        0 => *text += &format!("{note}\n"),
        1 | 2 => *text += &format!(" {}{note}\n", scalar(dice)),
        3 => *text += &format!(" {}{note}\n", flow(dice, 0)),
        4 => {
            let inner = " ".repeat(column + step);
            *text += &format!(" {}{note}\n{inner}one\n{inner}  two\n", dice.pick(&["|", ">", "|-", ">-"]));
        }
        5 | 6 => {
            *text += &format!("{note}\n{}", " ".repeat(column + step));
            mapping(dice, text, column + step, step, depth + 1);
        }
        _ => {
            *text += &format!("{note}\n");
            let dash = column + if dice.roll(2) == 0 { 0 } else { step };
            for _ in 0..=dice.roll(3) {
                comments(dice, text, dash);
                *text += &format!("{}-", " ".repeat(dash));
                if dice.roll(3) == 0 && depth < 4 {
                    *text += " ";
                    mapping(dice, text, dash + 2, step, depth + 1);
                } else {
                    *text += &format!(" {}\n", scalar(dice));
                }
            }
        }
    }
}

/// What the loader reads, aliases and merges expanded.
fn meaning(text: &str) -> Option<Json> {
    fn of(node: &Node) -> Json {
        match &node.value {
            Value::Scalar(scalar) => match scalar.kind {
                ScalarKind::Null => Json::Null,
                ScalarKind::Text => Json::String(scalar.text.clone()),
                kind => Json::String(format!("\0{kind:?} {}", scalar.text)),
            },
            Value::Sequence(items) => items.iter().map(|item| of(item)).collect(),
            Value::Mapping(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), of(&entry.node))).collect())
            }
        }
    }
    let (root, problems) = syntax::parse(&Source::new(text));
    (!problems.iter().any(|problem| problem.code == code::CFG010)).then(|| root.map_or(Json::Null, |root| of(&root)))
}

/// Every path of a document, with its loader's node.
fn paths(node: &Node, at: &str, all: &mut Vec<String>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                let path = format!("{at}{}", key_text(&entry.key, at.is_empty()));
                all.push(path.clone());
                paths(&entry.node, &path, all);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{at}[{index}]");
                all.push(path.clone());
                paths(item, &path, all);
            }
        }
        Value::Scalar(_) => {}
    }
}

fn descend<'j>(json: &'j mut Json, steps: &[Step]) -> Option<&'j mut Json> {
    steps.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => json.get_mut(key.as_str()),
        Step::Index(index) => json.get_mut(*index),
    })
}

/// The meaning that the new text must have; `None` where this test has no opinion.
fn expected(mut json: Json, change: &Change) -> Option<Json> {
    let text = |asked: &Asked| match asked {
        Asked::Text(text) => Some(Json::String(text.clone())),
        _ => None,
    };
    let all = steps(change.path())?;
    let (last, above) = all.split_last()?;
    match change {
        Change::Set { value, .. } => {
            let value = text(value)?;
            match (descend(&mut json, above)?, last) {
                (Json::Object(object), Step::Key(key)) => drop(object.insert(key.clone(), value)),
                (Json::Array(items), Step::Index(index)) if *index < items.len() => items[*index] = value,
                _ => return None,
            }
        }
        Change::Unset { .. } => match (descend(&mut json, above)?, last) {
            (Json::Object(object), Step::Key(key)) => drop(object.shift_remove(key)?),
            (Json::Array(items), Step::Index(index)) => drop(items.remove(*index)),
            _ => return None,
        },
        Change::Insert { index, value, .. } => {
            let value = text(value)?;
            let Json::Array(items) = descend(&mut json, &all)? else { return None };
            items.insert(index.unwrap_or(items.len()), value);
        }
        Change::Rename { key, .. } => {
            let (Json::Object(object), Step::Key(old)) = (descend(&mut json, above)?, last) else { return None };
            *object = object
                .iter()
                .map(|(name, value)| (if name == old { key.clone() } else { name.clone() }, value.clone()))
                .collect();
        }
        Change::Move { .. } => return None,
    }
    Some(json)
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(object) => {
            let mut pairs: Vec<_> = object.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(pairs.into_iter().collect())
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn comment_lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with('#')).collect()
}

fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|one| whole.any(|other| other == one))
}

/// What must hold of an edit that was made.
fn hold(name: &str, old: &str, change: &Change, done: &Edited) {
    let say = || format!("{change:?}\nof {name}\n{old}\nmade\n{}\n{old:?}\n{:?}", done.text, done.text);
    let mut script = Script::of(old);
    assert!(script.apply(&done.changes, |_| true), "the changes do not fit: {}", say());
    assert_eq!(script.text(), done.text, "the changes lead elsewhere: {}", say());
    assert_eq!(old.starts_with('\u{feff}'), done.text.starts_with('\u{feff}'), "{}", say());
    let lone = |text: &str| text.matches('\n').count() - text.matches("\r\n").count();
    if old.contains('\n') && lone(old) == 0 {
        assert_eq!(lone(&done.text), 0, "another line end: {}", say());
    }
    let before = meaning(old).unwrap();
    let after = meaning(&done.text).unwrap_or_else(|| panic!("it cannot be read: {}", say()));
    // What an anchor says changes wherever it is used; the edit itself checks that case.
    let shared = old.contains(['&', '*']);
    if !shared && let Some(expected) = expected(before, change) {
        let empty_root = expected == Json::Object(serde_json::Map::new()) && after == Json::Null;
        assert!(empty_root || sorted(&after) == sorted(&expected), "{after}\nis not\n{expected}\n{}", say());
    }
    let (lines, new_lines): (Vec<&str>, Vec<&str>) = (old.lines().collect(), done.text.lines().collect());
    let comments = (comment_lines(old), comment_lines(&done.text));
    match change {
        Change::Rename { .. } => {
            let differing = lines.iter().zip(&new_lines).filter(|(one, other)| one != other).count();
            assert!(lines.len() == new_lines.len() && differing <= 1, "a rename changes one line: {}", say());
        }
        Change::Unset { .. } => {
            // At most the line that the next one was joined to, or the parent, is another.
            let strange = new_lines.iter().filter(|line| !lines.contains(line)).count();
            assert!(strange <= 1, "removing made {strange} new lines: {}", say());
            assert!(is_subsequence(&comments.1, &comments.0), "a comment came up or moved: {}", say());
        }
        Change::Insert { .. } => {
            let lost: Vec<_> = lines.iter().filter(|line| !new_lines.contains(line)).collect();
            assert!(lost.len() <= 1, "adding changed {lost:?}: {}", say());
            assert_eq!(comments.0, comments.1, "{}", say());
        }
        Change::Set { .. } | Change::Move { .. } => {}
    }
    // Everything before the first and after the last change is as it was.
    let first = done.changes.first().map_or(0, |edit| edit.span.start as usize);
    let last = done.changes.last().map_or(0, |edit| edit.span.end as usize);
    assert!(done.text.starts_with(&old[..first]) && done.text.ends_with(&old[last..]), "{}", say());
}

/// Lines of a single value that is set: all others are as they were.
fn others_stay(name: &str, old: &str, path: &str, done: &Edited) {
    let (Some(root), _) = syntax::parse(&Source::new(old)) else { return };
    let mut node = root;
    let mut key_line = 0;
    for step in steps(path).unwrap() {
        let next = match &step {
            Step::Key(key) => node.entry(key).map(|entry| {
                key_line = entry.key_extent.start;
                entry.node.clone()
            }),
            Step::Index(index) => node.items().and_then(|items| items.get(*index)).cloned(),
        };
        let Some(next) = next else { return };
        node = next;
    }
    if node.text().is_none() || node.is_null() {
        return;
    }
    let from = old[..key_line.min(node.extent.start)].rfind('\n').map_or(0, |at| at + 1);
    let end = node.extent.end.max(node.extent.start);
    let to = if old[..end].ends_with('\n') { end } else { old[end..].find('\n').map_or(old.len(), |at| end + at + 1) };
    assert!(
        done.text.starts_with(&old[..from]) && done.text.ends_with(&old[to..]),
        "setting `{path}` of {name} changed other lines\n{old}\nmade\n{}",
        done.text
    );
}

/// Random edits of one document; says how many were made.
fn exercise(name: &str, text: &str, dice: &mut Dice, times: usize) -> usize {
    let (Some(root), _) = syntax::parse(&Source::new(text)) else { return 0 };
    let mut all = Vec::new();
    paths(&root, "", &mut all);
    let borrowed: Vec<&str> = all.iter().map(String::as_str).collect();
    if borrowed.is_empty() {
        return 0;
    }
    let order = |_: &[Step]| vec!["name".to_owned(), "source".to_owned(), "a".to_owned()];
    let mut made = 0;
    for _ in 0..times {
        let path = dice.pick(&borrowed).to_owned();
        let value = Asked::Text(dice.pick(&TEXTS).to_owned());
        let below = format!("{path}{}", key_text(dice.pick(&KEYS), false));
        let change = match dice.roll(8) {
            0 | 1 => Change::Set { path: path.clone(), value },
            2 => Change::Set { path: below, value },
            3 => Change::Unset { path: path.clone() },
            4 => Change::Insert { path: path.clone(), index: [None, Some(0)][dice.roll(2)], value },
            5 => Change::Rename { path: path.clone(), key: dice.pick(&KEYS).to_owned() },
            6 => Change::Move { path: path.clone(), to: dice.pick(&borrowed).to_owned() },
            _ => Change::Move { path: path.clone(), to: below },
        };
        match edit(text, std::slice::from_ref(&change), &order) {
            Ok(done) => {
                hold(name, text, &change, &done);
                if matches!(change, Change::Set { .. }) && !text.contains(['&', '*']) {
                    others_stay(name, text, change.path(), &done);
                }
                made += usize::from(done.text != text);
            }
            Err(EditError::Elsewhere { path }) if !text.contains(['&', '*']) => {
                panic!("`{path}` of {name} is refused for no reason: {change:?}\n{text}\n{text:?}");
            }
            Err(_) => {}
        }
    }
    made
}

#[test]
fn edits_of_every_configuration_keep_the_rest() {
    let mut dice = Dice(0x5eed);
    let mut made = 0;
    for (name, text) in corpus() {
        // What is a list is no configuration, and is not edited.
        if read(&text).is_err() || text.starts_with("- ") {
            continue;
        }
        made += exercise(&name, &text, &mut dice, 25);
        made += exercise(&name, &text.replace("\r\n", "\n").replace('\n', "\r\n"), &mut dice, 8);
        made += exercise(&name, text.trim_end(), &mut dice, 8);
    }
    assert!(made > 1_500, "only {made} edits were made");
}

#[test]
fn edits_of_random_documents_keep_the_rest() {
    let mut made = 0;
    for seed in 1..250_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let text = random(&mut dice);
        assert!(meaning(&text).is_some(), "seed {seed} made no YAML:\n{text}");
        made += exercise(&format!("seed {seed}"), &text, &mut dice, 25);
    }
    assert!(made > 1_500, "only {made} edits were made");
}

#[test]
fn both_readings_of_a_text_agree() {
    for (name, text) in corpus() {
        assert_eq!(Layout::of(&text).is_ok(), meaning(&text).is_some(), "{name}");
    }
}
