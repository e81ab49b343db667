//! Edits, with the texts they make: every kind of change in every form of YAML it may meet.

use super::operation::Asked;
use super::*;

/// `set PATH = text x`, `unset PATH`, `insert PATH [INDEX] = yaml x`, `rename PATH > key`, `move PATH > PATH`.
fn change(line: &str) -> Change {
    let (verb, rest) = line.split_once(' ').unwrap();
    let (left, right) = rest.split_once(" = ").or_else(|| rest.split_once(" > ")).unwrap_or((rest, ""));
    let value = || {
        let (kind, text) = right.split_once(' ').unwrap_or((right, ""));
        let text = text.replace("\\n", "\n").replace("\\r", "\r");
        match kind {
            "text" => Asked::Text(text),
            "literal" => Asked::Literal(text),
            "yaml" => Asked::Yaml(text),
            other => panic!("{other}"),
        }
    };
    let path = left.to_owned();
    match verb {
        "set" => Change::Set { path, value: value() },
        "unset" => Change::Unset { path },
        "insert" => match left.split_once(' ') {
            Some((path, index)) => {
                Change::Insert { path: path.into(), index: Some(index.parse().unwrap()), value: value() }
            }
            None => Change::Insert { path, index: None, value: value() },
        },
        "rename" => Change::Rename { path, key: right.to_owned() },
        "move" => Change::Move { path, to: right.to_owned() },
        other => panic!("{other}"),
    }
}

fn order(_: &[Step]) -> Vec<String> {
    ["first", "a", "b", "c", "d", "last"].map(String::from).to_vec()
}

fn applied(text: &str, edits: &[TextEdit]) -> String {
    let mut script = Script::of(text);
    assert!(script.apply(edits, |_| true));
    script.text().to_owned()
}

fn edited(text: &str, changes: &[&str]) -> Result<String, String> {
    let changes: Vec<Change> = changes.iter().map(|line| change(line)).collect();
    let result = edit(text, &changes, &order).map_err(|error| format!("{} {error}", error.code()))?;
    assert_eq!(applied(text, &result.changes), result.text, "the changes lead to the text");
    Ok(result.text)
}

#[track_caller]
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = String::new();
    for (text, line, expected) in cases {
        for windows_ends in [false, text.contains('\n')] {
            let written = |text: &str| if windows_ends { text.replace('\n', "\r\n") } else { text.to_owned() };
            let (text, expected) = (written(text), written(expected));
            let found = edited(&text, &[line]).unwrap_or_else(|error| error);
            if found != expected {
                wrong += &format!("\n=== {line}\nin\n{text}\nis\n{found}\nnot\n{expected}\n{found:?}\n");
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn values_are_set_in_place() {
    check(&[
        ("a: 1 # c\nb: 2\n", "set a = literal 7", "a: 7 # c\nb: 2\n"),
        ("a: 1", "set a = text x", "a: x"),
        ("\u{feff}a: 1\n", "set a = text x", "\u{feff}a: x\n"),
        ("a: 1\n", "set a = text 007", "a: \"007\"\n"),
        ("a: x\n", "set a = text x", "a: x\n"),
        ("a: 'x'   # c\n", "set a = text w", "a: 'w'   # c\n"),
        ("a: \"x\"\n", "set a = text w", "a: \"w\"\n"),
        ("a:   x\n", "set a = text w", "a:   w\n"),
        ("a:\tx\t# c\n", "set a = text w", "a:\tw\t# c\n"),
        ("a: x\n  y # c\nb: 1\n", "set a = text z", "a: z # c\nb: 1\n"),
        ("a:\n  x\nb: 1\n", "set a = text z", "a: z\nb: 1\n"),
        ("\"a\": 1\n'b': 2\n", "set a = literal 3", "\"a\": 3\n'b': 2\n"),
        ("a:\nb: 1\n", "set a = text z", "a: z\nb: 1\n"),
        ("a: # c\nb: 1\n", "set a = text z", "a: z # c\nb: 1\n"),
        ("a: ~\n", "set a = literal 1", "a: 1\n"),
        ("- 1\n-\n- 3 # c\n", "set [1] = literal 2", "- 1\n- 2\n- 3 # c\n"),
        ("a: &x 1 # c\nb: *x\n", "set a = literal 2", "a: &x 2 # c\nb: *x\n"),
        ("a: &x # c\nb: *x\n", "set a = literal 2", "a: &x 2 # c\nb: *x\n"),
        ("a: !!str 5\n", "set a = literal 6", "a: 6\n"),
        ("a: !!str &x 5\nb: *x\n", "set a = text w", "a: &x w\nb: *x\n"),
        ("d: &x 1\na: *x\n", "set a = literal 2", "d: &x 1\na: 2\n"),
        ("? a\n: 1\nb: 2\n", "set a = literal 3", "? a\n: 3\nb: 2\n"),
        ("schema: {\"x y\": 1}\n", "set schema[\"x y\"] = literal 2", "schema: {\"x y\": 2}\n"),
    ]);
}

#[test]
fn long_texts_are_literals() {
    check(&[
        ("a: 1 # c\nb: 2\n", "set a = text x\\n  y\\n", "a: | # c\n  x\n    y\nb: 2\n"),
        ("a: 1\n", "set a = text x\\n\\ny", "a: |-\n  x\n\n  y\n"),
        ("a: 1", "set a = text x\\ny\\n", "a: |\n  x\n  y\n"),
        (
            "a:\n    b: |  # c\n        x\n\n    d: 1\n",
            "set a.b = text y\\nz\\n",
            "a:\n    b: | # c\n        y\n        z\n\n    d: 1\n",
        ),
        ("a: 1\n    # deep\nb: 2\n", "set a = text x\\ny", "a: \"x\\ny\"\n    # deep\nb: 2\n"),
        ("a: |\n  x\n  y\n# t\nb: 1\n", "set a = text z", "a: z\n# t\nb: 1\n"),
        ("a: |+ # c\n  x\n\n\nb: 1\n", "set a = text z", "a: z # c\nb: 1\n"),
        ("a: >-\n  x\n  y", "set a = literal 1", "a: 1"),
        ("- x\n", "set [0] = text a\\nb", "- |-\n  a\n  b\n"),
        ("-   x: 1\n", "insert  = text a\\nb", "-   x: 1\n-   |-\n    a\n    b\n"),
        ("a: {b: 1}\n", "set a.b = text x\\ny", "a: {b: \"x\\ny\"}\n"),
        ("a: 1\n", "set a = text x\\r\\ny", "a: \"x\\r\\ny\"\n"),
    ]);
}

#[test]
fn sections_are_replaced() {
    check(&[
        ("a:\n  x: 1\n  # y\nb: 2\n", "set a = text z", "a: z\nb: 2\n"),
        ("a: # c\n  x: 1\n\n  # y\n\n# b\nb: 2\n", "set a = text z", "a: z # c\n\n# b\nb: 2\n"),
        ("a: &k # c\n  x: 1\nb: *k\n", "set a = text z", "a: &k z # c\nb: *k\n"),
        ("a: 1 # c\nb: 2\n", "set a = yaml x: 1\\ny: [2]", "a: # c\n  x: 1\n  y: [2]\nb: 2\n"),
        ("a:\n- 1\n- 2\nb: 2\n", "set a = yaml - 3", "a:\n- 3\nb: 2\n"),
        (
            "a:\n    x: 1\nb: 2\n",
            "set b = yaml - p: 1\\n  q: 2\\n- r",
            "a:\n    x: 1\nb:\n    - p: 1\n      q: 2\n    - r\n",
        ),
        ("- a: 1\n  b: 2\n- 5\n", "set [0] = literal 3", "- 3\n- 5\n"),
        ("- a: 1\n- 5 # c\n", "set [1] = yaml x: 1\\ny: 2", "- a: 1\n- x: 1 # c\n  y: 2\n"),
        ("- &k 1\n- *k\n", "set [0] = yaml x: 1\\ny: 2", "- &k\n  x: 1\n  y: 2\n- *k\n"),
        ("a: [1, 2] # c\n", "set a = yaml - 3\\n- 4", "a: # c\n  - 3\n  - 4\n"),
        ("a: [1, {b: 2}]\n", "set a[1] = yaml x: 1\\ny:\\n  - yes", "a: [1, {x: 1, y: [yes]}]\n"),
        ("a: 1\n", "set a = yaml  - x\\n ", "a:\n  - x\n"),
        ("a: 1\n", "set a = yaml {x: 1}", "a: {x: 1}\n"),
        ("a: 1\n", "set a = yaml |\\n  x\\n  y", "a: |\n    x\n    y\n"),
        ("a: 1\n", "set a = yaml # c\\nx: 1 # d", "a:\n  # c\n  x: 1 # d\n"),
    ]);
}

#[test]
fn new_keys_stand_in_the_order_of_the_language() {
    check(&[
        ("a: 1\nc: 3 # c\n", "set b = literal 2", "a: 1\nb: 2\nc: 3 # c\n"),
        ("c: 3\n", "set a = literal 1", "a: 1\nc: 3\n"),
        ("a: 1\n", "set c = literal 3", "a: 1\nc: 3\n"),
        ("a: 1", "set c = literal 3", "a: 1\nc: 3"),
        ("x: 1\ny: 2\n", "set c = literal 3", "x: 1\ny: 2\nc: 3\n"),
        ("a: 1\nx: 1\n", "set zz = literal 3", "a: 1\nx: 1\nzz: 3\n"),
        ("# file\nb: 1\n", "set a = literal 3", "# file\na: 3\nb: 1\n"),
        ("x:\n  # about b\n  b: 1\n", "set x.a = literal 3", "x:\n  a: 3\n  # about b\n  b: 1\n"),
        ("- b: 1\n  c: 2\n", "set [0].a = literal 3", "- a: 3\n  b: 1\n  c: 2\n"),
        ("-  # c\n   b: 1\n", "set [0].a = literal 3", "-  # c\n   a: 3\n   b: 1\n"),
        ("a:\n  x: 1\n  # y: 2\n\nc: 3\n", "set b = literal 2", "a:\n  x: 1\n  # y: 2\nb: 2\n\nc: 3\n"),
        ("a: |\n  x\n\nc: 3\n", "set b = literal 2", "a: |\n  x\nb: 2\n\nc: 3\n"),
        ("a: |+\n  x\n\nc: 3\n", "set b = literal 2", "a: |+\n  x\n\nb: 2\nc: 3\n"),
        ("a: >\n  x", "set b = text p\\nq\\n", "a: >\n  x\nb: |\n  p\n  q\n"),
        ("d: &d {a: 1}\nx:\n  <<: *d\n  c: 3\n", "set x.a = literal 2", "d: &d {a: 1}\nx:\n  <<: *d\n  a: 2\n  c: 3\n"),
        ("a: 1\n...\n", "set b = literal 2", "a: 1\nb: 2\n...\n"),
        ("---\na: 1\n", "set first = literal 2", "---\nfirst: 2\na: 1\n"),
        ("a: 1\n\n\n", "set b = literal 2", "a: 1\nb: 2\n\n\n"),
        ("a: 1\n", "set [\"x y\"] = text z", "a: 1\nx y: z\n"),
        ("a: 1\n", "set [\"yes\"] = text z", "a: 1\n\"yes\": z\n"),
    ]);
}

#[test]
fn missing_sections_are_made() {
    check(&[
        ("", "set a.b = literal 1", "a:\n  b: 1\n"),
        ("# c\n", "set a = literal 1", "# c\na: 1\n"),
        ("# c", "set a = literal 1", "# c\na: 1\n"),
        ("---\n", "set a = literal 1", "---\na: 1\n"),
        ("a: 1\n", "set b.c.d = text x", "a: 1\nb:\n  c:\n    d: x\n"),
        ("a:\n    x: 1\n", "set b.c.d = text x", "a:\n    x: 1\nb:\n    c:\n        d: x\n"),
        ("a:\nb: 1\n", "set a.x.w = text z", "a:\n  x:\n    w: z\nb: 1\n"),
        ("a: # c\nb: 1\n", "set a.x = text z", "a: # c\n  x: z\nb: 1\n"),
        ("a: {}\n", "set a.x.w = text z", "a: {x: {w: z}}\n"),
        ("a: 1\n", "set l[0].x = text z", "a: 1\nl:\n  - x: z\n"),
        ("k:\n- 1\n", "set l[0].x = text z", "k:\n- 1\nl:\n- x: z\n"),
        ("a:\n  l:\n    -   x: 1\n", "set a.l[1].w = text z", "a:\n  l:\n    -   x: 1\n    -   w: z\n"),
        ("", "insert a.l = text x", "a:\n  l:\n    - x\n"),
        ("a: 1\n", "set l[1] = text z", "CFG050 there is no `[1]` in the text"),
        ("a: 1\n", "set a.b = text z", "CFG050 `a` is a single value, so it has no keys"),
        ("a: [1]\n", "set a[3] = text z", "CFG050 there is no `a[3]` in the text"),
        ("a: [1]\n", "set a.b = text z", "CFG050 `a` is a list, so it has no keys"),
        ("a: {b: 1}\n", "set a[0] = text z", "CFG050 `a` is a mapping, so it has no items"),
        ("just text\n", "set a = text z", "CFG050 `the document` is a single value, so it has no keys"),
    ]);
}

#[test]
fn items_are_inserted() {
    check(&[
        ("l:\n  - 1\n  - 2 # c\nb: 1\n", "insert l = literal 3", "l:\n  - 1\n  - 2 # c\n  - 3\nb: 1\n"),
        ("l:\n- 1\n# two\n- 2\n", "insert l 1 = literal 3", "l:\n- 1\n- 3\n# two\n- 2\n"),
        ("l:\n- 1\n", "insert l 0 = yaml a: 1\\nb:\\n  - 2", "l:\n- a: 1\n  b:\n    - 2\n- 1\n"),
        ("l:\n  # one\n  - 1\n", "insert l 0 = literal 0", "l:\n  - 0\n  # one\n  - 1\n"),
        ("l:\n  - a: 1\n    # b: 2\n\nx: 1\n", "insert l = yaml a: 2", "l:\n  - a: 1\n    # b: 2\n  - a: 2\n\nx: 1\n"),
        (
            "l:\n  -   a: 1\n      b: 2\n",
            "insert l = yaml a: 1\\nb: 2",
            "l:\n  -   a: 1\n      b: 2\n  -   a: 1\n      b: 2\n",
        ),
        ("l: [a, b] # c\n", "insert l = text x, y", "l: [a, b, \"x, y\"] # c\n"),
        ("l: [a, b]\n", "insert l 1 = text x", "l: [a, x, b]\n"),
        ("l: [a, b,]\n", "insert l 0 = text x", "l: [x, a, b,]\n"),
        ("l: []\n", "insert l = text x", "l: [x]\n"),
        ("l: [\n  a, # one\n  b # two\n]\n", "insert l = text x", "l: [\n  a, # one\n  b, # two\n  x\n]\n"),
        ("l: [\n  a,\n  b, # two\n]\n", "insert l = text x", "l: [\n  a,\n  b, # two\n  x,\n]\n"),
        ("l: [\n  a,\n  # two\n  b]\n", "insert l = text x", "l: [\n  a,\n  # two\n  b,\n  x]\n"),
        ("l: [\n  a,\n  # two\n  b]\n", "insert l 1 = text x", "l: [\n  a,\n  x,\n  # two\n  b]\n"),
        ("l:\n", "insert l = text x", "l:\n  - x\n"),
        ("- - 1\n  - 2\n", "insert [0] = literal 3", "- - 1\n  - 2\n  - 3\n"),
        ("- - 1\n  - 2\n", "insert [0] 0 = literal 3", "- - 3\n  - 1\n  - 2\n"),
        ("l: 5\n", "insert l = text x", "CFG050 `l` is a single value, so it has no items"),
        ("l: [1]\n", "insert l 2 = text x", "CFG050 there is no `l[2]` in the text"),
    ]);
}

#[test]
fn what_is_removed_takes_its_comments_with_it() {
    check(&[
        ("a: 1\nb: 2\nc: 3\n", "unset b", "a: 1\nc: 3\n"),
        ("a: 1\n\n# b\n# more\nb: 2 # c\n\n# c\nc: 3\n", "unset b", "a: 1\n\n\n# c\nc: 3\n"),
        ("# file\n\n# a\na: 1\nb: 2\n", "unset a", "# file\n\nb: 2\n"),
        ("# file\na: 1\nb: 2\n", "unset a", "# file\nb: 2\n"),
        ("a:\n  x: 1\n  # y\n  y:\n    z: 1\n    # zz\n  w: 1\n", "unset a.y", "a:\n  x: 1\n  w: 1\n"),
        ("a:\n  x: |\n    1\n\n  y: 2\n", "unset a.x", "a:\n\n  y: 2\n"),
        ("a: 1\nb: 2", "unset b", "a: 1"),
        ("a: 1\nb: 2", "unset a", "b: 2"),
        ("a: |+\n  k\n\n\nc: 1", "unset c", "a: |+\n  k\n\n\n"),
        ("a:\n  x: 1\nb: 2\n", "unset a.x", "a: {}\nb: 2\n"),
        ("a: # c\n  x: 1\n", "unset a.x", "a: {} # c\n"),
        ("a:\n  - 1\nb: 2\n", "unset a[0]", "a: []\nb: 2\n"),
        ("- a: 1\n- 2\n", "unset [0].a", "- {}\n- 2\n"),
        ("a: 1\n", "unset a", ""),
        ("# file\na: 1\n# end\n", "unset a", "# file\n# end\n"),
        ("- a: 1\n  b: 2\n", "unset [0].a", "- b: 2\n"),
        ("- a: 1 # c\n  # b\n  b: 2\n", "unset [0].a", "-\n  # b\n  b: 2\n"),
        ("- a: 1\n  b: 2\n", "unset [0].b", "- a: 1\n"),
        ("l:\n  # one\n  - 1\n  # two\n  - 2 # c\n", "unset l[1]", "l:\n  # one\n  - 1\n"),
        ("l:\n  - a: 1\n\n  - b: 2\n", "unset l[0]", "l:\n\n  - b: 2\n"),
        ("- - 1\n  - 2\n- 3\n", "unset [0][0]", "- - 2\n- 3\n"),
        ("a: {x: 1, y: 2, z: 3}\n", "unset a.y", "a: {x: 1, z: 3}\n"),
        ("a: {x: 1, y: 2}\n", "unset a.x", "a: {y: 2}\n"),
        ("a: {x: 1, y: 2}\n", "unset a.y", "a: {x: 1}\n"),
        ("a: {x: 1 , }\n", "unset a.x", "a: {}\n"),
        ("a: [\n  1, # one\n  2 # two\n]\n", "unset a[1]", "a: [\n  1, # one\n]\n"),
        ("a: [\n  # one\n  1,\n  2\n]\n", "unset a[0]", "a: [\n  2\n]\n"),
        ("a: &x 1\nb: *x\n", "unset a", "CFG052 the edit of `a` would change something else in the text"),
        ("d: &x 1\na: *x\n", "unset a", "d: &x 1\n"),
        ("a: 1\n", "unset b", "CFG050 there is no `b` in the text"),
        (
            "? a\n: 1\n? b\n: 2\n",
            "unset a",
            "CFG052 `a` cannot be changed in place: the keys beside it are written with `?`",
        ),
        ("a: 1\na: 2\n", "unset a", "CFG052 `a` cannot be changed in place: the key stands there twice"),
        ("a: 1\na: 2\n", "set a = literal 3", "a: 3\na: 2\n"),
        ("[a: 1]\n", "unset [0].a", "CFG052 `[0].a` cannot be changed in place: it is a single pair without braces"),
    ]);
}

#[test]
fn keys_are_renamed() {
    check(&[
        ("a: 1 # c\nb:\n  c: 2\n", "rename b.c > d", "a: 1 # c\nb:\n  d: 2\n"),
        ("'a': 1\n", "rename a > b", "'b': 1\n"),
        ("a: 1\n", "rename a > yes", "\"yes\": 1\n"),
        ("{a: 1, b: 2}\n", "rename a > x", "{x: 1, b: 2}\n"),
        ("&k a: 1\nb: *k\n", "rename a > x", "&k x: 1\nb: *k\n"),
        ("a: 1\nb: 2\n", "rename a > b", "CFG054 there is a `b` already"),
        ("- 1\n", "rename [0] > b", "CFG050 `[0]` is an item of a list, so it has no key"),
        ("a: 1\n", "rename a > a", "a: 1\n"),
        ("a: {b: 1}\n", "rename a.x > y", "CFG050 there is no `a.x` in the text"),
    ]);
}

#[test]
fn what_is_shared_is_not_changed_through_its_uses() {
    let text = "d: &d\n  x: 1\n  s: {p: 1}\na: *d\nb:\n  <<: *d\n  y: 2\n";
    check(&[
        (text, "set a.x = literal 2", "CFG051 `a` is not written here: it comes from the alias `*d`"),
        (text, "unset a.x", "CFG051 `a` is not written here: it comes from the alias `*d`"),
        (text, "set b.s.p = literal 2", "CFG051 `b.s` is not written here: it comes from `<<: *d`"),
        (text, "unset b.x", "CFG051 `b.x` is not written here: it comes from `<<: *d`"),
        (text, "rename b.x > z", "CFG051 `b.x` is not written here: it comes from `<<: *d`"),
        (text, "insert a = text x", "CFG051 `a` is not written here: it comes from the alias `*d`"),
        (text, "set b.x = literal 2", "d: &d\n  x: 1\n  s: {p: 1}\na: *d\nb:\n  <<: *d\n  y: 2\n  x: 2\n"),
        (text, "set d.x = literal 2", "d: &d\n  x: 2\n  s: {p: 1}\na: *d\nb:\n  <<: *d\n  y: 2\n"),
        (text, "unset d", "CFG052 the edit of `d` would change something else in the text"),
    ]);
}

#[test]
fn things_are_moved() {
    let list = "l:\n  # one\n  - a: 1\n    b: 2 # c\n  - two\n  # three\n  - 3\n";
    check(&[
        (list, "move l[2] > l[0]", "l:\n  # three\n  - 3\n  # one\n  - a: 1\n    b: 2 # c\n  - two\n"),
        (list, "move l[0] > l[3]", "l:\n  - two\n  # three\n  - 3\n  # one\n  - a: 1\n    b: 2 # c\n"),
        (list, "move l[0] > l[1]", list),
        (list, "move l[0] > l[0]", list),
        ("- 1\n- 2", "move [1] > [0]", "- 2\n- 1"),
        ("a: [1, 2, 3]\n", "move a[0] > a[3]", "a: [2, 3, 1]\n"),
        ("a: 1 # c\nb:\n  x: 1\n", "move a > b.a", "b:\n  x: 1\n  a: 1 # c\n"),
        (
            "x:\n    # about a\n    a: # c\n        k: 1 # d\n        l:\n            - 1\n    z: 1\nb:\n    y: 1\n",
            "move x.a > b.d",
            "x:\n    z: 1\nb:\n    y: 1\n    # about a\n    d: # c\n        k: 1 # d\n        l:\n            - 1\n",
        ),
        (
            "x:\n  a: |\n    t\n    u\n  z: 1\ny:\n  - k: 1\n",
            "move x.a > y[0].a",
            "x:\n  z: 1\ny:\n  - k: 1\n    a: |\n      t\n      u\n",
        ),
        ("a: 1\nb: {x: 1}\n", "move a > b.a", "b: {x: 1, a: 1}\n"),
        ("a:\n  p: 1\n  q: [x]\nb: {x: 1}\n", "move a > b.w", "b: {x: 1, w: {p: 1, q: [x]}}\n"),
        (
            "a: 1 # c\nb: {x: 1}\n",
            "move a > b.a",
            "CFG052 `a` cannot be changed in place: its comments have no place in brackets",
        ),
        ("a: {x: 1, y: 2}\n", "move a.x > x", "a: {y: 2}\nx: 1\n"),
        ("a: 1\nb: 2\n", "move a > c.d.e", "b: 2\nc:\n  d:\n    e: 1\n"),
        ("- a: 1\n  b: 2\n- c: 3\n", "move [0].b > [1].b", "- a: 1\n- b: 2\n  c: 3\n"),
        ("a: 1\nb: 2\n", "move a > z", "z: 1\nb: 2\n"),
        ("a: 1\nb: 2\n", "move a > b", "CFG054 there is a `b` already"),
        ("a: {b: 1}\n", "move a > a.b.c", "CFG054 `a` cannot be moved to `a.b.c`, which is inside it"),
        (
            "a: &x 1\nb: *x\nc:\n  d: 1\n",
            "move a > c.a",
            "CFG052 the edit of `a` would change something else in the text",
        ),
        ("a: 1\nb: 2\n", "move x > b", "CFG050 there is no `x` in the text"),
    ]);
}

#[test]
fn what_leads_to_the_same_text_is_no_change() {
    for (text, line) in [
        ("l: [a, a]\n", "move l[1] > l[0]"),
        ("l:\n  - a\n  - a\n", "move l[0] > l[1]"),
        ("a: 1\n", "set a = literal 1"),
    ] {
        let made = edit(text, &[change(line)], &order).unwrap();
        assert_eq!((made.text.as_str(), made.changes.len()), (text, 0), "{line}");
    }
}

#[test]
fn edits_that_are_none_are_refused() {
    check(&[
        ("a: 1\n", "set a = literal x", "CFG053 `x` is not a number, `true`, `false` or `null`"),
        ("a: 1\n", "set a = literal", "CFG053 `` is not a number, `true`, `false` or `null`"),
        ("a: 1\n", "set a = yaml [", "CFG053 `[` is not one value in YAML"),
        ("a: 1\n", "set a = yaml", "CFG053 `` is not one value in YAML"),
        ("a: 1\n", "set a = yaml 1\\n---\\n2", "CFG053 `1…` is not one value in YAML"),
        ("a: 1\n", "set a = yaml *x", "CFG053 `*x` is not one value in YAML"),
        ("a: 1\n", "set a[ = text x", "CFG050 `a[` is not a path"),
        ("a: 1\n", "set  = text x", "CFG050 `` is not a path"),
        ("a: [\n", "set a = text x", "CFG055 the text is not valid YAML, so nothing in it can be found"),
        ("a: *x\n", "set a = text x", "CFG055 the text is not valid YAML, so nothing in it can be found"),
    ]);
    assert_eq!(
        edited("a: 1\rb: 2\r", &["set a = text x"]),
        Err("CFG052 `` cannot be changed in place: a line ends with a carriage return alone".into())
    );
}

#[test]
fn several_edits_are_one_change_of_the_old_text() {
    let text = "a: 1\nb:\n  - x: 1\n  - y: 2\nc: 3\n";
    let found = edited(
        text,
        &["insert b 0 = yaml n: 0", "set b[0].n = text new", "set b[1].x = literal 10", "unset c", "rename a > first"],
    );
    assert_eq!(found.as_deref(), Ok("first: 1\nb:\n  - n: new\n  - x: 10\n  - y: 2\n"));
    assert!(edited(text, &["set a = literal 2", "unset zz"]).is_err());
    let result = edit(text, &["set a = literal 2", "set c = literal 4"].map(change), &order).unwrap();
    let changes: Vec<(u32, u32, &str)> =
        result.changes.iter().map(|edit| (edit.span.start, edit.span.end, edit.text.as_str())).collect();
    assert_eq!(changes, [(3, 4, "2"), (29, 30, "4")]);
}
