//! Config, as it looks and as it reacts.

use medallion_core::api::wire::Form;

use super::Pane;
use crate::app::message::{Answer, Exit, Message, Request};
use crate::harness::{Bench, COLOUR, PLAIN, Script};
use crate::screens::ScreenId;

fn orders(width: u16, height: u16) -> Bench {
    let mut bench = Bench::open(width, height, Script::full());
    bench.keys("2");
    bench
}

/// `orders.yaml` with another text.
fn with(text: &str) -> Bench {
    let mut script = Script::full();
    script.write("orders.yaml", text);
    let mut bench = Bench::open(80, 24, script);
    bench.keys("2");
    bench
}

fn text(bench: &Bench) -> &str {
    bench.app.config.current().unwrap().editor.text()
}

const SMALL: &str = "config_version: 1\nsources:\n  - name: orders\n    source:\n      type: file\n      run:\n        load_pattern: full\n";

#[test]
fn the_text_with_its_problems() {
    insta::assert_snapshot!(orders(80, 24).screen());
}

#[test]
fn the_text_at_60_by_15_in_ascii_without_colour() {
    let mut bench = Bench::held(60, 15, Script::full(), PLAIN);
    bench.release();
    bench.keys("2");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn every_kind_of_yaml_has_its_colour() {
    let mut bench = with(
        "# A comment\nconfig_version: 1\nsources: &all\n  - name: 'orders'  # its name\n    url: ${SHOP_URL:http://x}/v1\n    on: true\n    query: |\n      select *\n    again: *all\n",
    );
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn an_empty_file_and_a_loading_one() {
    insta::assert_snapshot!(with("").screen());
    let mut bench = Bench::open(80, 24, Script::full());
    bench.hold();
    bench.keys("2");
    assert!(bench.text().contains("reading the file"), "{}", bench.text());
}

#[test]
fn form_and_text_stand_beside_each_other_where_there_is_room() {
    let mut bench = orders(130, 26);
    bench.keys("f2");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn the_form_says_where_each_value_comes_from() {
    let mut bench = with(SMALL);
    bench.keys("f2");
    insta::assert_snapshot!(bench.screen());
    bench.keys("b");
    assert!(bench.text().contains("timeout_seconds"), "{}", bench.text());
}

#[test]
fn a_form_of_broken_text_says_why_there_is_none() {
    let mut bench = with("\ta: 1\n");
    bench.keys("f2");
    assert!(bench.text().contains("There is no form: line 1 begins with a tab"), "{}", bench.text());
}

#[test]
fn proposals_stand_beside_the_cursor() {
    let mut bench = with(SMALL);
    bench.keys("G i").types("        pa");
    bench.keys("backspace");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    assert!(text(&bench).ends_with("        partition_strategy: "), "{}", text(&bench));
    assert!(bench.app.config.popup.is_some(), "after a key comes its value");
    bench.keys("esc");
    assert!(bench.app.config.popup.is_none() && bench.app.config.typing, "Esc closes the proposals first");
}

#[test]
fn a_new_line_is_not_taken_for_a_choice() {
    let mut bench = with(SMALL);
    bench.keys("G i enter");
    assert!(bench.app.config.popup.as_ref().is_some_and(|popup| popup.at.is_none()));
    bench.keys("down enter");
    assert!(text(&bench).contains("load_pattern: "), "{}", text(&bench));
}

#[test]
fn values_are_proposed_and_what_is_there_already_is_not() {
    let mut bench = with("load_pattern: ");
    bench.keys("G i").types("c");
    assert!(bench.text().contains("cdc") && bench.text().contains("current_history"));
    bench.types("dc");
    assert!(bench.app.config.popup.is_none(), "it stands there");
    bench.keys("ctrl-space");
    assert!(bench.app.config.popup.is_some(), "but it was asked for");
    bench.keys("esc").types(" # c");
    assert!(bench.app.config.popup.is_none(), "nothing is proposed in a comment");
}

#[test]
fn the_text_is_checked_after_a_pause_and_late_answers_are_dropped() {
    let mut bench = with("typo: 1\n");
    assert!(bench.text().contains("unknown key"));
    bench.keys("i").types("x");
    assert!(bench.text().contains("checking") && bench.text().contains("unknown key"), "what was known stays");
    bench.hold();
    bench.wait(150);
    assert!(!bench.open.iter().any(|(_, request)| matches!(request, Request::Check(_))), "not yet");
    bench.wait(60);
    assert!(bench.open.iter().any(|(_, request)| matches!(request, Request::Check(_))));
    // The text goes on while the check is under way.
    bench.keys("delete delete delete delete").release();
    assert!(bench.text().contains("checking"), "{}", bench.text());
    bench.wait(250);
    assert!(bench.text().contains("no problem was found"), "{}", bench.text());
    assert!(!bench.app.is_moving() && bench.app.due().is_none(), "nothing is left to do");
}

#[test]
fn a_problem_stays_at_its_text_while_something_is_typed_above() {
    let mut bench = with("a: 1\ntypo: 1\n");
    bench.keys("g i enter esc");
    let shown = bench.text();
    let line = shown.lines().find(|line| line.contains("typo: 1")).unwrap();
    assert!(line.contains('x') && line.contains("unknown key"), "{shown}");
}

#[test]
fn a_fix_is_shown_before_it_is_made_and_can_be_taken_back() {
    let mut bench = orders(80, 24);
    bench.keys("f");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    assert!(text(&bench).contains("      type: file"), "{}", text(&bench));
    bench.wait(10);
    assert!(!bench.text().contains("unknown key"), "{}", bench.text());
    bench.keys("ctrl-z");
    assert!(text(&bench).contains("typo: file"));
}

#[test]
fn all_safe_fixes_are_shown_together() {
    let mut bench = with("typo: 1\nload_pattern: FULL\n");
    bench.keys("f9");
    assert!(bench.text().contains("+ load_pattern: full"), "{}", bench.text());
    bench.keys("enter");
    assert_eq!(text(&bench), "typo: 1\nload_pattern: full\n", "a guess is not safe");
    bench.keys("f9");
    assert!(bench.text().contains("nothing to change"), "{}", bench.text());
}

#[test]
fn what_is_known_about_a_place_stands_beside_it() {
    let mut bench = orders(80, 24);
    bench.keys("K");
    insta::assert_snapshot!(bench.screen());
    bench.keys("f1");
    assert!(bench.text().contains("About this"), "{}", bench.text());
    bench.keys("esc");
    assert!(!bench.text().contains("Default:"));
}

#[test]
fn enter_goes_to_the_line_and_e_explains() {
    let mut bench = orders(80, 24);
    let line = |bench: &Bench| bench.app.config.current().unwrap().editor.line();
    assert_eq!(line(&bench), 5, "the first problem is shown first");
    bench.keys("g tab j enter");
    assert_eq!((line(&bench), bench.app.config.pane), (6, Pane::Text));
    bench.keys("n");
    assert_eq!(line(&bench), 5, "round and round");
    bench.keys("f8");
    assert_eq!(line(&bench), 6);
    bench.keys("f7 e");
    assert!(bench.text().contains("How to mend it."), "{}", bench.text());
}

#[test]
fn saving_shows_what_changes_and_then_writes() {
    let mut bench = orders(80, 24);
    bench.keys("f enter ctrl-s");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    assert!(bench.script.texts["orders.yaml"].as_ref().unwrap().text.contains("type: file"));
    assert!(bench.text().contains("orders.yaml was written") && !bench.text().contains("changed"), "{}", bench.text());
    bench.keys("ctrl-s");
    assert!(bench.text().contains("nothing has changed"), "{}", bench.text());
}

#[test]
fn a_file_that_changed_outside_is_read_again_where_nothing_is_lost() {
    let mut bench = with(SMALL);
    bench.written_outside("orders.yaml", Some("config_version: 1\n"));
    assert_eq!(text(&bench), "config_version: 1\n");
    assert!(bench.text().contains("was changed outside and read again"), "{}", bench.text());
}

#[test]
fn a_change_outside_beside_unsaved_ones_is_a_bar_and_a_choice() {
    let mut bench = with(SMALL);
    bench.keys("g i").types("# mine").keys("enter esc");
    bench.script.merged = Some(format!("# mine\n{SMALL}# theirs\n"));
    bench.written_outside("orders.yaml", Some(&format!("{SMALL}# theirs\n")));
    assert!(text(&bench).starts_with("# mine\n") && !text(&bench).contains("theirs"), "nothing is overwritten");
    insta::assert_snapshot!(bench.screen());
    bench.keys("f6");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    assert!(text(&bench).contains("# mine") && text(&bench).contains("# theirs"));
    bench.keys("ctrl-s enter");
    assert!(bench.text().contains("was written"), "{}", bench.text());
}

#[test]
fn theirs_can_be_taken_and_mine_kept() {
    let theirs = "# theirs\n";
    for (key, expected) in [("enter", theirs), ("down enter", "mine# x\n")] {
        let mut bench = with("# x\n");
        bench.keys("g i").types("mine").keys("esc");
        bench.written_outside("orders.yaml", Some(theirs));
        bench.keys("f6").keys(key);
        assert_eq!(text(&bench), expected);
        assert!(!bench.text().contains("F6"), "{}", bench.text());
        bench.keys("ctrl-s");
        if expected == theirs {
            assert!(bench.text().contains("nothing has changed"), "{}", bench.text());
            bench.keys("ctrl-z");
            assert_eq!(text(&bench), "mine# x\n", "and mine comes back");
        } else {
            bench.keys("enter");
            assert_eq!(bench.script.texts["orders.yaml"].as_ref().unwrap().text, expected);
        }
    }
}

#[test]
fn a_save_that_comes_too_late_writes_nothing_and_asks() {
    let mut bench = with("# x\n");
    bench.keys("g i").types("mine").keys("esc");
    // Nobody told of this change.
    bench.script.write("orders.yaml", "# theirs\n");
    bench.keys("ctrl-s enter");
    assert!(bench.text().contains("Take theirs"), "{}", bench.text());
    assert_eq!(bench.script.texts["orders.yaml"].as_ref().unwrap().text, "# theirs\n");
}

#[test]
fn a_file_removed_outside_can_be_made_anew() {
    let mut bench = with("# x\n");
    bench.keys("g i").types("mine").keys("esc");
    bench.written_outside("orders.yaml", None);
    assert!(bench.text().contains("removed outside"), "{}", bench.text());
    bench.keys("f6 enter ctrl-s enter");
    assert_eq!(bench.script.texts["orders.yaml"].as_ref().unwrap().text, "mine# x\n");
}

#[test]
fn leaving_with_unsaved_changes_asks() {
    let mut bench = with("# x\n");
    bench.keys("g i").types("mine").keys("esc esc esc");
    assert_eq!((bench.app.screen, bench.app.shared.overlay.is_none()), (ScreenId::Config, true), "Esc stays");
    bench.keys("q");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    assert_eq!((bench.app.screen, bench.app.config.unsaved()), (ScreenId::Home, 1));
    bench.keys("ctrl-c");
    assert!(bench.text().contains("1 file has unsaved changes") && bench.exit.is_none(), "{}", bench.text());
    bench.keys("n 2");
    assert_eq!(text(&bench), "mine# x\n");
    bench.keys("q down enter enter");
    assert_eq!((bench.app.screen, bench.app.config.unsaved()), (ScreenId::Home, 0), "saved, then left");
    bench.keys("2 i").types("again").keys("esc q up enter");
    assert_eq!((bench.app.screen, bench.app.config.unsaved()), (ScreenId::Home, 0), "thrown away");
    bench.keys("ctrl-c");
    assert_eq!(bench.exit, Some(Exit::Wanted));
}

#[test]
fn fields_are_changed_by_edits_of_the_text() {
    let mut bench = with(SMALL);
    bench.keys("f2 /").types("load_pattern").keys("enter enter");
    insta::assert_snapshot!(bench.screen());
    bench.keys("down enter");
    assert!(text(&bench).contains("load_pattern: cdc"), "{}", text(&bench));
    bench.keys("u");
    assert!(text(&bench).contains("load_pattern: full"), "one undo for both");
    bench.keys("/").types("write_csv").keys("enter space");
    assert!(text(&bench).contains("write_csv: false"), "{}", text(&bench));
    bench.keys("/").types("name").keys("enter enter").types("_2");
    assert!(bench.text().contains("orders_2"), "{}", bench.text());
    bench.keys("enter");
    assert!(text(&bench).contains("- name: orders_2"), "{}", text(&bench));
    bench.keys("/").types("rows_per").keys("enter enter").types("x").keys("enter");
    assert!(bench.text().contains("this is a whole number"), "{}", bench.text());
    bench.keys("esc /").types("null_values").keys("enter a").types("NA").keys("enter");
    assert!(text(&bench).contains("null_values: [NA]"), "{}", text(&bench));
    bench.keys("/").types("load_pattern").keys("enter d");
    assert!(!text(&bench).contains("load_pattern"), "{}", text(&bench));
}

#[test]
fn the_form_opens_at_the_place_of_the_text_and_back() {
    let mut bench = with(SMALL);
    bench.keys("/").types("load_pattern").keys("enter f2");
    assert_eq!(bench.app.config.current().unwrap().state.chosen, "sources[0].source.run.load_pattern");
    bench.keys("/").types("name").keys("enter t");
    assert_eq!(bench.app.config.current().unwrap().editor.line(), 2);
}

#[test]
fn texts_are_found_and_replaced() {
    let mut bench = with("a: x\nb: x\nc: X\n");
    bench.keys("/").types("x").keys("enter");
    assert!(bench.text().contains("3 places"), "{}", bench.text());
    bench.keys("n f3");
    assert_eq!(bench.app.config.current().unwrap().editor.line(), 2);
    bench.keys("g ctrl-r ctrl-u").types("x").keys("enter").types("why").keys("enter");
    assert!(bench.text().contains("Replace `x` by `why`"), "{}", bench.text());
    bench.keys("enter down enter");
    assert_eq!(text(&bench), "a: why\nb: why\nc: why\n");
    bench.keys("u u");
    assert_eq!(text(&bench), "a: x\nb: x\nc: X\n");
}

#[test]
fn a_paste_is_one_change() {
    let mut bench = with("a: 1\n");
    bench.keys("G");
    bench.message(Message::Paste("b: 2\rc: 3\r".into()));
    assert_eq!(text(&bench), "a: 1\nb: 2\nc: 3\n");
    bench.keys("u");
    assert_eq!(text(&bench), "a: 1\n");
}

#[test]
fn lines_are_selected_copied_and_cut() {
    let mut bench = with("a: 1\nb: 2\nc: 3\n");
    bench.keys("g v j y");
    assert_eq!(bench.copied, ["a: 1\n"]);
    bench.keys("d ctrl-v");
    assert!(text(&bench).starts_with("a: 1\n"), "{}", text(&bench));
    bench.keys("i shift-down ctrl-c");
    assert_eq!((bench.copied.len(), bench.exit), (3, None), "with a selection, Ctrl-C copies");
    bench.keys("esc k #");
    assert!(text(&bench).contains("# "), "{}", text(&bench));
}

#[test]
fn a_file_that_cannot_be_read() {
    let mut script = Script::full();
    script.texts.remove("orders.yaml");
    let mut bench = Bench::open(80, 24, script);
    bench.keys("2");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn brackets_go_from_file_to_file_and_keep_what_was_typed() {
    let mut bench = orders(80, 24);
    bench.keys("i").types("mine").keys("esc ]");
    let shown = bench.text();
    assert!(shown.contains("flights.yaml (1 of 2)") && shown.contains("no problem was found"), "{shown}");
    bench.keys("[");
    assert!(bench.text().contains("orders.yaml (2 of 2)") && text(&bench).contains("mine"));
}

#[test]
fn an_answer_for_a_file_that_was_left_is_dropped() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("2");
    bench.hold();
    bench.keys("] [");
    let mut late = std::mem::take(&mut bench.open);
    late.reverse();
    bench.open = late;
    bench.release();
    assert!(bench.text().contains("Orders of the shop"), "{}", bench.text());
}

#[test]
fn strange_texts_do_no_harm() {
    for strange in [
        "",
        "\n\n\n",
        "\ta: 1",
        "日本語: 値\u{202e}abc",
        "a: \u{1b}[31mred",
        &"x".repeat(300_000),
        "no end",
        "a: 'it''s #1' # c",
        "\r\n\r\n",
        "e\u{301}\u{301}: 👩‍👩‍👧\r\n",
    ] {
        let mut bench = with(strange);
        bench.keys("r G l l l n i x down end x home up ctrl-z esc $ f2 j enter b f2 K");
        let shown = bench.text();
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    }
}

#[test]
fn without_any_file() {
    let mut bench = Bench::open(80, 24, Script::empty());
    bench.keys("2");
    assert!(bench.text().contains("there is no config file here"), "{}", bench.text());
}

#[test]
fn random_keys_never_do_harm() {
    let keys = [
        "i",
        "esc",
        "tab",
        "backtab",
        "f2",
        "f8",
        "f7",
        "f9",
        "f1",
        "f",
        "K",
        "enter",
        "up",
        "down",
        "left",
        "right",
        "a",
        "b",
        "d",
        "x",
        "n",
        "N",
        "u",
        "v",
        "y",
        "#",
        "G",
        "g",
        "t",
        "R",
        "M",
        "e",
        "]",
        "ctrl-z",
        "ctrl-y",
        "ctrl-s",
        "ctrl-f",
        "ctrl-r",
        "ctrl-space",
        "ctrl-x",
        "ctrl-v",
        "ctrl-a",
        "alt-enter",
        "shift-down",
        "backspace",
        "delete",
        "pgdn",
        "pgup",
        "home",
        "end",
        "space",
        "日",
        "\u{301}",
        ":",
        "0",
        "$",
        "f6",
        "f3",
        "/",
        "ctrl-w",
    ];
    for seed in 1..25_u64 {
        let mut bench = orders(80, 24);
        let mut random = seed;
        for _ in 0..150 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = keys[usize::try_from(random >> 33).unwrap() % keys.len()];
            bench.keys(key);
            if random % 11 == 0 {
                bench.wait(260);
            }
            if random % 37 == 0 {
                let outside = format!("# {random}\r\nconfig_version: 1\r\n");
                bench.written_outside("orders.yaml", Some(&outside));
            }
            if let Some(document) = bench.app.config.current() {
                let editor = &document.editor;
                assert_eq!(editor.buffer().floor(editor.at()), editor.at(), "seed {seed}");
            }
        }
        assert_eq!(bench.exit, None, "seed {seed}: nothing ends the program");
    }
}

#[test]
fn a_conflict_at_80_by_24_in_ascii_without_colour() {
    let mut script = Script::full();
    script.write("orders.yaml", SMALL);
    for theme in [PLAIN, COLOUR] {
        let mut bench = Bench::held(80, 24, script.clone(), theme);
        bench.release();
        bench.keys("2 i").types("# mine").keys("enter esc");
        bench.written_outside("orders.yaml", Some("# theirs\n"));
        let said = "changed outside";
        assert!(bench.text().contains(said), "{}", bench.text());
    }
}

#[test]
fn a_file_of_many_lines_stays_quick_to_draw() {
    let lines: Vec<String> = (0..5_000).map(|line| format!("key_{line}: value  # comment")).collect();
    let text = lines.join("\n");
    let mut bench = with(&text);
    bench.keys("G i");
    let start = std::time::Instant::now();
    for _ in 0..20 {
        bench.types("x");
    }
    // Unoptimised and on a busy machine; the real number is measured in the real program.
    assert!(start.elapsed().as_millis() < 4_000, "{:?}", start.elapsed());
}

/// The datasets for which forms were asked that nobody has answered.
fn forms_asked(bench: &Bench) -> Vec<(u64, Option<String>)> {
    let form = |(generation, request): &(u64, Request)| match request {
        Request::Form(form) => Some((*generation, form.path.clone())),
        _ => None,
    };
    bench.open.iter().filter_map(form).collect()
}

#[test]
fn of_many_datasets_the_chosen_one_is_asked_for_in_full() {
    let mut bench = with(SMALL);
    bench.hold();
    bench.keys("G k f2");
    let [(generation, None)] = forms_asked(&bench)[..] else { panic!("{:?}", bench.open) };
    bench.open.clear();
    let mut form = crate::harness::authoring::form("orders.yaml", SMALL);
    form.in_part = true;
    let sources = form.fields.last_mut().unwrap();
    let mut second = sources.children[0].clone();
    second.path = "sources[1]".into();
    second.children.clear();
    sources.children.push(second);
    bench.message(Message::Answer { generation, answer: Answer::Form(Ok(form.clone())) });
    let asked = forms_asked(&bench);
    assert_eq!(asked.iter().map(|(_, path)| path.as_deref()).collect::<Vec<_>>(), [Some("sources[0]")]);
    // While that is on its way nothing is asked twice, and going to another dataset asks for that one.
    bench.keys("j k");
    assert_eq!(forms_asked(&bench).len(), 1);
    bench.keys("G");
    assert_eq!(forms_asked(&bench).last().unwrap().1.as_deref(), Some("sources[1]"));
    let (generation, _) = *forms_asked(&bench).last().unwrap();
    bench.open.clear();
    bench.message(Message::Answer { generation, answer: Answer::Form(Ok(Form { in_part: true, ..form })) });
    assert!(forms_asked(&bench).is_empty(), "what is shown is in full");
}

#[test]
fn a_file_that_may_only_be_read_says_so_when_it_is_opened() {
    let mut script = Script::full();
    script.texts.get_mut("orders.yaml").unwrap().as_mut().unwrap().read_only = true;
    let mut bench = Bench::open(80, 24, script);
    bench.keys("2");
    let shown = bench.text();
    assert!(shown.contains("orders.yaml is read-only: changes cannot be saved there"), "{shown}");
    bench.keys("j");
    assert!(bench.text().lines().nth(1).unwrap().contains("read-only"), "{}", bench.text());
}
