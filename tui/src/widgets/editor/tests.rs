//! The editor as it reacts: keys in, text and cursor out.

use super::*;

fn open(text: impl Into<String>) -> Editor {
    Editor::new(DraftText::open(text, None))
}

const THEME: Theme = Theme { colour: true, ascii: false, light: false };

/// The text with `|` at the cursor and `<` at the other end of the selection.
fn shown(editor: &Editor) -> String {
    let mut text = editor.text().to_owned();
    let mut marks = vec![(editor.at(), '|')];
    if let Some(range) = editor.selection() {
        marks.push((if range.start == editor.at() { range.end } else { range.start }, '<'));
    }
    marks.sort_unstable();
    for (at, mark) in marks.into_iter().rev() {
        text.insert(at, mark);
    }
    text
}

fn at(text: &str) -> Editor {
    let place = text.find('|').unwrap();
    let mut editor = open(text.replace('|', ""));
    editor.go_to(place);
    editor
}

#[test]
fn motions_go_where_a_person_expects() {
    for (text, motions, expected) in [
        ("ab|c\nlonger line\nx", vec![Motion::Down], "abc\nlo|nger line\nx"),
        ("longer l|ine\nab\nlonger", vec![Motion::Down, Motion::Down], "longer line\nab\nlonger|"),
        ("日本|x\nabcdef", vec![Motion::Down], "日本x\nabcd|ef"),
        ("abc|\n日本語", vec![Motion::Down], "abc\n日|本語"),
        ("  a: |b", vec![Motion::LineStart], "  |a: b"),
        ("  |a: b", vec![Motion::LineStart], "|  a: b"),
        ("a|b", vec![Motion::Up], "|ab"),
        ("a|b", vec![Motion::Down], "ab|"),
        ("a|\r\nb", vec![Motion::Right], "a\r\n|b"),
        ("a\r\n|b", vec![Motion::Left], "a|\r\nb"),
        ("a|b\nc", vec![Motion::End], "ab\nc|"),
        ("load_pattern|: x", vec![Motion::WordLeft], "|load_pattern: x"),
        ("|load_pattern: x", vec![Motion::WordRight, Motion::WordRight], "load_pattern: x|"),
    ] {
        let mut editor = at(text);
        for motion in motions {
            editor.go(motion, false, THEME);
        }
        assert_eq!(shown(&editor), expected, "{text}");
    }
}

#[test]
fn new_lines_are_indented_as_yaml_wants_them() {
    for (text, expected) in [
        ("sources:|", "sources:\n  |"),
        ("  - name: a|", "  - name: a\n    |"),
        ("    source:|", "    source:\n      |"),
        ("  - source:|", "  - source:\n      |"),
        ("a: 1|", "a: 1\n|"),
        ("  a: b| c", "  a: b\n  | c"),
        ("  query: ||", "  query: |\n    |"),
        ("  -|", "  -\n    |"),
        ("a: 1\r\nb:|", "a: 1\r\nb:\r\n  |"),
        ("|", "\n|"),
    ] {
        let place = text.rfind('|').unwrap();
        let mut editor = open(format!("{}{}", &text[..place], &text[place + 1..]));
        editor.go_to(place);
        editor.new_line();
        let mut shown = editor.text().to_owned();
        shown.insert(editor.at(), '|');
        assert_eq!(shown, expected, "{text}");
    }
}

#[test]
fn deleting_takes_whole_characters_and_whole_levels() {
    for (text, motion, expected) in [
        ("e\u{301}|x", Motion::Left, "|x"),
        ("a\r\n|b", Motion::Left, "a|b"),
        ("a|\r\nb", Motion::Right, "a|b"),
        ("    |x", Motion::Left, "  |x"),
        ("   |x", Motion::Left, "  |x"),
        ("  a|", Motion::Left, "  |"),
        ("one two|", Motion::WordLeft, "one |"),
        ("|", Motion::Left, "|"),
        ("|", Motion::Right, "|"),
    ] {
        let mut editor = at(text);
        editor.delete(motion);
        assert_eq!(shown(&editor), expected, "{text:?}");
    }
}

#[test]
fn selections_are_replaced_copied_and_cut() {
    let mut editor = at("one |two three");
    editor.go(Motion::WordRight, true, THEME);
    assert_eq!(shown(&editor), "one <two| three");
    assert_eq!(editor.copied(), "two");
    editor.type_text("2");
    assert_eq!(shown(&editor), "one 2| three");
    assert!(editor.undo());
    assert_eq!(editor.text(), "one two three");

    let mut editor = at("a: 1\nb|: 2\nc: 3");
    assert_eq!(editor.cut(), "b: 2\n", "without a selection, the whole line");
    assert_eq!(shown(&editor), "a: 1\n|c: 3");
    editor.paste("x: 1\r\ny: 2\rz: 3\n");
    assert_eq!(editor.text(), "a: 1\nx: 1\ny: 2\nz: 3\nc: 3", "terminals send carriage returns");
    assert!(editor.undo());
    assert_eq!(editor.text(), "a: 1\nc: 3", "a paste is one change");
}

#[test]
fn lines_move_by_levels_and_become_comments() {
    let mut editor = at("a:\n  b: 1\n\n  c: 2|");
    editor.select(3..16);
    editor.indent();
    assert_eq!(editor.text(), "a:\n    b: 1\n\n    c: 2");
    editor.dedent();
    editor.dedent();
    assert_eq!(editor.text(), "a:\nb: 1\n\nc: 2");
    editor.undo();
    editor.comment();
    assert_eq!(editor.text(), "a:\n  b: 1\n\n  c: 2".replace("  c", "  # c"));
    editor.select(0..editor.text().len());
    editor.comment();
    assert_eq!(editor.text(), "# a:\n#   b: 1\n\n#   # c: 2");
    editor.comment();
    assert_eq!(editor.text(), "a:\n  b: 1\n\n  # c: 2");
    let mut editor = at("  a|: 1");
    editor.indent();
    assert_eq!(shown(&editor), "  a | : 1".replace(" | ", " |"));
}

#[test]
fn the_cursor_stays_at_its_text_when_something_above_changes() {
    let mut editor = at("a: 1\nb: 2\nc|: 3");
    assert!(
        editor.apply_around(&[
            Replace { range: 0..1, text: "alpha".into() },
            Replace { range: 5..10, text: String::new() }
        ])
    );
    assert_eq!(shown(&editor), "alpha: 1\nc|: 3");
    assert!(editor.apply_around(&[Replace { range: 9..13, text: "x".into() }]));
    assert_eq!(editor.text(), "alpha: 1\nx");
}

#[test]
fn whatever_is_done_the_cursor_is_at_a_border_and_undo_brings_everything_back() {
    let first = "# 日本\r\nsources:\r\n  - näme: e\u{301}te\u{301} 👩‍👩‍👧\r\n\tx: |\n";
    for seed in 1..60_u64 {
        let mut editor = open(first);
        let mut random = seed;
        for _ in 0..120 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let choice = random >> 33;
            let motions = [
                Motion::Up,
                Motion::Down,
                Motion::Left,
                Motion::Right,
                Motion::WordLeft,
                Motion::WordRight,
                Motion::LineStart,
                Motion::LineEnd,
                Motion::PageUp,
                Motion::HalfDown,
                Motion::Start,
                Motion::End,
            ];
            let motion = motions[usize::try_from(choice).unwrap() / 16 % motions.len()];
            match choice % 14 {
                0..=4 => editor.go(motion, choice % 3 == 0, THEME),
                5 => editor.type_text(["x", "\u{301}", "日", "\n", "👩"][usize::try_from(choice).unwrap() / 14 % 5]),
                6 => editor.new_line(),
                7 => editor.delete(motion),
                8 => editor.paste("a\r\nb\u{200d}"),
                9 => editor.indent(),
                10 => editor.dedent(),
                11 => editor.comment(),
                12 => drop(editor.cut()),
                _ => drop(editor.undo()),
            }
            assert_eq!(editor.buffer().floor(editor.at()), editor.at(), "seed {seed} in {:?}", editor.text());
            if let Some(range) = editor.selection() {
                assert!(editor.text().is_char_boundary(range.start) && editor.text().is_char_boundary(range.end));
            }
        }
        while editor.undo() {}
        assert_eq!(editor.text(), first, "seed {seed}");
    }
}
