//! What is around the screens: keys, help, palette, sizes, the environment.

use std::collections::BTreeMap;

use medallion_core::world::FixedEnvironment;

use super::AppOptions;
use super::message::{Exit, Message, Request};
use crate::harness::{Bench, COLOUR, Script};
use crate::screens::ScreenId;

#[test]
fn numbers_go_to_the_screens_and_q_comes_back() {
    let mut bench = Bench::open(80, 24, Script::full());
    for (key, screen) in ["1", "2", "3", "4", "5"].into_iter().zip(ScreenId::ALL) {
        bench.keys(key);
        assert_eq!(bench.app.screen, screen);
    }
    bench.keys("q");
    assert_eq!((bench.app.screen, bench.exit), (ScreenId::Home, None));
    bench.keys("q");
    assert_eq!(bench.exit, Some(Exit::Wanted));
}

#[test]
fn ctrl_c_ends_from_everywhere() {
    for keys in ["", "2", "?", "ctrl-p", "4 d", "5"] {
        let mut bench = Bench::open(80, 24, Script::full());
        bench.keys(keys).keys("ctrl-c");
        assert_eq!(bench.exit, Some(Exit::Wanted), "{keys}");
    }
}

#[test]
fn help_has_the_keys_of_the_place_first() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("2 ?");
    insta::assert_snapshot!(bench.screen());
    bench.keys("G");
    assert!(bench.text().contains("Ctrl-Z"), "{}", bench.text());
    bench.keys("?");
    assert!(bench.app.shared.overlay.is_none());
}

#[test]
fn the_palette_finds_actions_by_their_words() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("ctrl-p").types("first rec");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    assert_eq!(bench.app.screen, ScreenId::Preview);
    bench.keys("ctrl-p").types("no such thing");
    assert!(bench.text().contains("no action has these words"));
    bench.keys("esc");
    assert_eq!(bench.app.screen, ScreenId::Preview);
}

#[test]
fn letters_are_text_while_something_is_typed() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("/").types("q1?Q");
    assert_eq!((bench.exit, bench.app.screen), (None, ScreenId::Home));
    assert!(bench.text().contains("Find a dataset: q1?Q"), "{}", bench.text());
    bench.keys("esc");
    assert!(!bench.text().contains("Find a dataset"));
}

#[test]
fn escape_leaves_things_and_never_the_program() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("esc esc esc");
    assert_eq!((bench.exit, bench.app.screen), (None, ScreenId::Home));
    bench.keys("5 esc");
    assert_eq!((bench.exit, bench.app.screen), (None, ScreenId::Home));
    bench.keys("q");
    assert!(bench.exit.is_some());
}

#[test]
fn the_smallest_screen_shows_what_it_is_about() {
    let mut bench = Bench::open(40, 10, Script::full());
    assert!(bench.text().contains("orders") && bench.text().contains("1 error"), "{}", bench.text());
    bench.keys("4");
    let text = bench.text();
    assert!(text.contains("[x]") && text.contains("dates") && text.contains("Enter starts the run"), "{text}");
}

#[test]
fn a_key_that_cannot_be_used_now_says_why() {
    let mut bench = Bench::open(80, 24, Script::empty());
    bench.keys("x");
    assert!(bench.text().contains("there is no dataset here"), "{}", bench.text());
}

#[test]
fn every_screen_survives_every_size() {
    for script in [Script::full(), Script::wide(), Script::empty()] {
        let mut bench = Bench::open(80, 24, script);
        for keys in ["1", "2", "3", "4", "5 j enter j", "tab", "enter", "?", "esc ctrl-p"] {
            bench.keys(keys);
            for (width, height) in [
                (1, 1),
                (20, 5),
                (39, 10),
                (40, 9),
                (40, 10),
                (41, 11),
                (60, 15),
                (75, 12),
                (76, 13),
                (120, 20),
                (250, 80),
            ] {
                bench.resize(width, height);
                let text = bench.text();
                assert!(text.lines().count() <= usize::from(height), "{width}x{height}: {text}");
            }
            bench.resize(80, 24);
        }
    }
}

#[test]
fn a_screen_below_the_smallest_says_what_it_needs() {
    let mut bench = Bench::held(38, 8, Script::full(), COLOUR);
    assert_eq!(bench.text().trim_end(), " 38 by 8 is too small: needs 40 by 10");
}

#[test]
fn nothing_moves_when_nothing_is_going_on() {
    let mut bench = Bench::open(80, 24, Script::full());
    for keys in ["2", "3", "4", "5", "1"] {
        bench.keys(keys);
        assert!(!bench.app.is_moving(), "{keys}");
    }
}

#[test]
fn a_pasted_text_outside_of_a_line_does_nothing() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.message(Message::Paste("q".into()));
    assert_eq!(bench.exit, None);
    assert!(bench.text().contains("nothing is typed here"));
}

#[test]
fn a_lost_terminal_ends_the_app() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.message(Message::InputLost("end of file".into()));
    assert_eq!(bench.exit, Some(Exit::InputLost));
}

#[test]
fn the_environment_says_what_the_terminal_can() {
    for (variables, light) in [
        ("COLORFGBG=15;0", false),
        ("COLORFGBG=0;15", true),
        ("COLORFGBG=0;default;7", true),
        ("COLORFGBG=0;15 MEDALLION_BACKGROUND=dark", false),
        ("MEDALLION_BACKGROUND=light", true),
    ] {
        assert_eq!(environment(variables), AppOptions { light, ..AppOptions::default() }, "{variables}");
    }
    for (variables, no_colour, ascii, dumb) in [
        ("", false, false, false),
        ("LANG=en_US.UTF-8", false, false, false),
        ("LANG=C", false, true, false),
        ("LANG=C LC_ALL=C.utf8", false, false, false),
        ("LANG=de_DE.UTF-8 LC_CTYPE=POSIX", false, true, false),
        ("LANG=C MEDALLION_ASCII=0", false, false, false),
        ("LANG=C.UTF-8 MEDALLION_ASCII=1", false, true, false),
        ("NO_COLOR=1 TERM=xterm", true, false, false),
        ("NO_COLOR= TERM=dumb", false, false, true),
    ] {
        let expected = AppOptions { no_colour, ascii, dumb, light: false };
        assert_eq!(environment(variables), expected, "{variables}");
    }
}

fn environment(variables: &str) -> AppOptions {
    let set: BTreeMap<String, String> = variables
        .split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    AppOptions::from_environment(&FixedEnvironment(set))
}

#[test]
fn an_environment_is_chosen_for_all_screens() {
    let mut bench = Bench::open(100, 24, Script::full());
    bench.keys("E");
    assert!(bench.text().contains("there is no file environments/<name>.yaml"), "{}", bench.text());
    let mut script = Script::full();
    script.datasets.as_mut().unwrap().environments = vec!["dev".into(), "prod".into()];
    let mut bench = Bench::open(100, 24, script);
    assert!(bench.text().lines().next().unwrap().contains("no environment"), "{}", bench.text());
    bench.keys("2 E");
    insta::assert_snapshot!(bench.text());
    bench.hold();
    bench.keys("down down enter");
    assert_eq!(bench.app.shared.target.environment.as_deref(), Some("prod"));
    let shown = bench.text();
    assert!(shown.lines().next().unwrap().contains("env prod"), "{shown}");
    let of = |request: &Request| match request {
        Request::Datasets(target) => Some(target.environment.clone()),
        _ => None,
    };
    assert_eq!(bench.open.iter().find_map(|(_, request)| of(request)), Some(Some("prod".into())));
    // The open text is checked under it.
    bench.wait(1);
    let checked = bench.open.iter().find_map(|(_, request)| match request {
        Request::Check(draft) => draft.environment.clone(),
        _ => None,
    });
    assert_eq!(checked.as_deref(), Some("prod"));
    bench.release();
    bench.keys("E up up enter");
    assert_eq!(bench.app.shared.target.environment, None);
}
