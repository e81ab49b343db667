//! The app in a real terminal: the program is started in a pseudo terminal, driven by keys, and the
//! terminal must be as it was when the program has ended.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a failed expectation is what a test reports")]

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use medallion_tests::{Project, coverage, program};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// No step takes longer than this, also on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

const ROWS: NonZeroU16 = NonZeroU16::new(30).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(100).unwrap();

/// A terminal with a shell in it that runs `medallion` and then says how the terminal was left.
struct Session {
    screen: vt100::Parser,
    /// All that was ever written.
    history: Vec<u8>,
    bytes: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Session {
    /// `after` is what the shell does when the app has given the terminal back.
    fn start(project: &Project, arguments: &str, after: &str) -> Self {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo terminal");
        let mut command = CommandBuilder::new("/bin/sh");
        let line = format!(
            "set -m; sh -c 'echo \"pid=$$.\"; exec \"$0\" {arguments}' \"$0\"; {after} echo \"left with $?\"; stty -a; exit 0"
        );
        command.args(["-c", &line, program("medallion").to_str().expect("a path in UTF-8")]);
        command.cwd(project.path(""));
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("HOME", project.path(""));
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        if let Some((name, value)) = coverage() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the shell starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("the terminal can be read");
        let keys = pair.master.take_writer().expect("the terminal can be written");
        let (out, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 8_192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if out.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            history: Vec::new(),
            bytes,
            keys,
            child,
            _terminal: pair.master,
        }
    }

    /// Reads until the screen is as it should be.
    #[track_caller]
    fn wait_for(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self.screen.screen()) {
            match self.bytes.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.history.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("waited for {what}, but the screen is:\n{}", self.screen.screen().contents());
                }
            }
        }
    }

    #[track_caller]
    fn wait_for_text(&mut self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys can be sent");
        self.keys.flush().expect("keys can be sent");
    }

    /// The program has ended with `code`, and the terminal is as a shell needs it.
    #[track_caller]
    fn is_restored(&mut self, code: u8) {
        self.wait_for_text(&format!("left with {code}"));
        self.wait_for_text("icanon");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is visible");
        assert!(!screen.bracketed_paste(), "pastes come as they are");
        let text = screen.contents();
        let modes: Vec<&str> = text.split_whitespace().collect();
        for mode in ["icanon", "isig", "echo", "icrnl", "opost"] {
            assert!(
                modes.contains(&mode) || modes.contains(&format!("{mode};").as_str()),
                "{mode} is on again:\n{text}"
            );
        }
        self.child.wait().expect("the shell ends");
    }
}

#[test]
fn from_home_over_a_run_to_the_rows_and_back_to_the_shell() {
    let project = Project::flights();
    let mut session = Session::start(&project, "", "");
    session.wait_for_text("Datasets 4");
    assert!(session.screen.screen().alternate_screen() && session.screen.screen().hide_cursor());

    session.keys("2");
    session.wait_for_text("no problem was found");
    session.wait_for_text("flights_{run_date}.csv");

    session.keys("4");
    session.wait_for_text("of 4 datasets chosen");
    session.keys("a");
    session.wait_for_text("4 of 4 datasets chosen");
    session.keys("d2013-01-01..2013-01-03\r");
    session.wait_for_text("3 days");
    session.keys("\r");
    session.wait_for_text("done: 24 written");

    // The newest partition of Silver flights; its rows.
    session.keys("1");
    session.wait_for_text("Datasets 4");
    session.keys("/flights\r");
    session.keys("o");
    session.wait_for_text("silver flights · 2013-01-03");
    session.wait_for_text("914 rows");
    session.keys("\r");
    session.wait_for_text("row 1 of 914");
    session.keys("G");
    session.wait_for_text("row 914 of 914");

    session.keys("\u{3}");
    session.is_restored(0);
}

#[test]
fn rows_are_filtered_sorted_counted_and_exported() {
    let project = Project::people();
    drop(project.medallion(&["run", "people.yaml", "--date", "2025-01-01"]).ended(0));
    let mut session = Session::start(&project, "app people.yaml", "");
    session.wait_for_text("Datasets 1");
    session.keys("o");
    session.wait_for_text("silver people · 2025-01-01");
    session.wait_for_text("3 rows");
    session.keys("\r");
    session.wait_for_text("row 1 of 3");

    session.keys("&id >\r");
    session.wait_for_text("a value is missing");
    session.keys(" 1\r");
    session.wait_for_text("row 1 of 2 (of 3)");
    session.keys("s");
    session.wait_for_text("sorted by id up");
    session.keys("s");
    session.wait_for_text("sorted by id down");
    session.keys("I");
    session.wait_for_text("Most frequent values");
    session.keys("\u{1b}");
    session.wait_for("the rows", |screen| !screen.contents().contains("Most frequent"));

    session.keys("e");
    session.wait_for_text("people_2025-01-01.csv");
    session.keys("\u{15}out.csv\r");
    session.wait_for_text("in out.csv");
    let written = std::fs::read_to_string(project.path("out.csv")).expect("the file is there");
    let ids: Vec<&str> = written.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(ids, ["3", "2"], "{written}");

    // The folders of the layer, down to the same rows.
    session.keys("\u{1b}");
    session.wait_for_text("all folders");
    session.keys("\u{3}");
    session.is_restored(0);
}

#[test]
fn a_signal_restores_the_terminal_and_shows_in_the_exit_code() {
    let project = Project::flights();
    let mut session = Session::start(&project, "app", "");
    session.wait_for_text("Datasets 4");
    let history = String::from_utf8_lossy(&session.history).into_owned();
    let pid = history.split("pid=").nth(1).and_then(|rest| rest.split('.').next()).expect("the app said its id");
    let status = std::process::Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status();
    assert!(status.is_ok_and(|status| status.success()), "the app was there");
    session.is_restored(143);
}

#[test]
fn the_shell_is_one_key_away_and_the_app_comes_back_as_it_was() {
    let project = Project::flights();
    let mut session = Session::start(&project, "", "echo \"stopped with $?\"; read go; fg;");
    session.wait_for_text("Datasets 4");
    session.keys("4");
    session.wait_for_text("of 4 datasets chosen");
    session.keys("\u{1a}");
    session.wait_for_text("stopped with 14");
    assert!(!session.screen.screen().alternate_screen() && !session.screen.screen().hide_cursor());
    session.keys("\r");
    session
        .wait_for("the app", |screen| screen.alternate_screen() && screen.contents().contains("of 4 datasets chosen"));
    session.keys("\u{3}");
    session.is_restored(0);
}

/// A dataset with a mistake in a key, one in a value, and a key that is missing.
const MISTAKEN: &str = "config_version: 1\nsources:\n  - name: carriers\n    sorce:\n      type: file\n      system: nyc\n      table: carriers\n      file:\n        path: ./data/nycflights13/airlines.csv\n        format: cvs\n      run:\n        load_pattern: full\n    silver:\n      domain: aviation\n      entity: carriers\n      model: scd_type_1\n";

#[test]
fn a_key_shows_at_once_in_a_config_of_five_thousand_lines() {
    let dataset = |number: usize| {
        format!(
            "  - name: s{number}\n    source:\n      type: file\n      system: a\n      table: t{number}\n      file:\n        path: ./x{number}.csv\n        format: csv\n      run:\n        load_pattern: full\n"
        )
    };
    let text: String = (0..500).map(dataset).collect();
    let project = Project::empty().with("big.yaml", format!("config_version: 1\nsources:\n{text}"));
    let mut session = Session::start(&project, "app", "");
    session.wait_for_text("Datasets 500");
    session.keys("2");
    session.wait_for_text("big.yaml");
    session.wait_for_text("no problem was found");
    session.keys("G\r");
    session.wait_for_text("typing");
    session.keys("\x1b[F #");
    session.wait_for_text(" #");
    let mut typed = String::from("#");
    let mut took: Vec<Duration> = Vec::new();
    for letter in "the last line is typed at the end of a long file".chars().filter(|letter| *letter != ' ') {
        typed.push(letter);
        let start = Instant::now();
        session.keys(&letter.to_string());
        session.wait_for_text(&typed);
        took.push(start.elapsed());
    }
    took.sort_unstable();
    let (middle, worst) = (took[took.len() / 2], took[took.len() - 1]);
    // Optimised it takes a millisecond or two; this is for a debug build on a machine with other work.
    assert!(middle < Duration::from_millis(100), "half of the keys took longer than {middle:?}, one took {worst:?}");
    session.keys("\x13");
    session.wait_for_text("Write");
    session.keys("\r");
    session.wait_for_text("no problem was found");
    session.keys("\x03");
    session.is_restored(0);
    assert!(std::fs::read_to_string(project.path("big.yaml")).is_ok_and(|saved| saved.trim_end().ends_with(&typed)));
}

#[test]
fn a_config_with_mistakes_is_mended_saved_and_valid() {
    let project = Project::flights();
    std::fs::write(project.path("carriers.yaml"), MISTAKEN).expect("a config can be written");
    let mut session = Session::start(&project, "", "");
    session.wait_for_text("carriers.yaml");
    session.keys("\r");
    session.wait_for_text("Problems · 2 errors");

    // The fix is shown as a diff first.
    session.keys("f");
    session.wait_for_text("+     source:");
    session.keys("\r");
    session.wait_for_text("cannot be `cvs`");

    // The next problem is that of the value; its fix too.
    session.keys("g\u{1b}[19~");
    session.wait_for_text("10:17");
    session.keys("f");
    session.wait_for_text("+         format: csv");
    session.keys("\r");
    session.wait_for_text("needs `primary_keys`");

    // The missing key is proposed while it is typed.
    session.keys("G");
    session.wait_for_text("17:1");
    session.keys("i");
    session.wait_for_text("typing");
    session.keys("      prim");
    session.wait_for_text("load_partition_name");
    session.keys("\t");
    session.wait_for("the key", |screen| screen.contents().contains("primary_keys:"));
    // What was accepted has the list open already.
    session.keys("carrier");
    session.wait_for_text("no problem was found");
    session.keys("\u{1b}");
    session.wait_for("no typing", |screen| !screen.contents().contains("typing"));

    // Somebody else changes the file meanwhile: nothing is lost on either side.
    let theirs = format!("# Carriers of the flights\n{MISTAKEN}");
    std::fs::write(project.path("carriers.yaml"), &theirs).expect("a config can be written");
    session.wait_for_text("changed outside");
    session.keys("\u{1b}[17~");
    session.wait_for_text("Take both together");
    session.keys("\r");
    session.wait_for_text("Carriers of the flights");

    session.keys("\u{13}");
    session.wait_for_text("Write carriers.yaml");
    session.keys("\r");
    session.wait_for_text("carriers.yaml was written");
    let written = std::fs::read_to_string(project.path("carriers.yaml")).expect("the config is there");
    assert!(written.starts_with("# Carriers of the flights\n") && written.contains("    source:\n"), "{written}");

    session.keys("1");
    session.wait_for_text("Datasets 5");
    session.keys("\u{3}");
    session.is_restored(0);
}
