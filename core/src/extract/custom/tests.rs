//! Programs that behave, and programs that do not.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::super::contract::{read, read_widened, request, show};
use super::CustomExtractor;
use crate::batch::Cursor;
use crate::config::settings::{CustomSource, EnvVar, Incremental, NullCursor, Program, Protocol, Secret};
use crate::error::Coded;
use crate::extract::{ExtractRequest, Extractor};
use crate::world::{FixedEnvironment, World};

fn shell(script: &str) -> CustomSource {
    let words = ["sh", "-c", script].map(str::to_owned).to_vec();
    CustomSource {
        program: Program::Command(words),
        protocol: Protocol::Jsonl,
        stream: "orders".into(),
        working_dir: std::env::temp_dir(),
        env_vars: IndexMap::new(),
        config: Secret::new("{}"),
        incremental: None,
    }
}

fn singer(script: &str) -> CustomSource {
    CustomSource { protocol: Protocol::Singer, ..shell(script) }
}

fn fails(source: CustomSource, request: &ExtractRequest) -> String {
    let error = read(&CustomExtractor::new(source), request).map(|all| show(&all.whole)).unwrap_err();
    let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{} {error}{hint}", error.code())
}

#[test]
fn each_line_is_a_record() {
    let source = shell("printf '{\"id\":1,\"t\":\"a\"}\\n\\n{\"id\":2.50}\\nnonsense\\n{\"id\":3,\"t\":\"é\"}'");
    let all = read(&CustomExtractor::new(source), &request()).unwrap();
    assert_eq!(show(&all.whole), "id: float | t: text\n1.0 | a\n2.5 | ∅\n3.0 | é\n");
    let bad = &all.unreadable[0];
    assert_eq!((bad.record, bad.line, bad.raw.as_str()), (3, 4, "nonsense"));
}

#[test]
fn half_a_line_is_set_aside() {
    let all = read(&CustomExtractor::new(shell("printf '{\"id\":1}\\n{\"id\":'")), &request()).unwrap();
    assert_eq!((all.whole.num_rows(), all.unreadable[0].raw.as_str()), (1, "{\"id\":"));
}

#[test]
fn the_program_runs_once_however_often_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo x >> runs; i=0; while [ $i -lt 3000 ]; do echo \"{\\\"id\\\":$i}\"; i=$((i+1)); done; echo '{\"id\":\"late\",\"new\":1}'";
    let source = CustomSource { working_dir: folder.path().into(), ..shell(script) };
    let extractor = CustomExtractor::new(source);
    assert!(read(&extractor, &request()).is_err(), "the last value does not fit");
    let all = read_widened(&extractor, request());
    assert_eq!(all.whole.num_rows(), 3_001);
    assert_eq!(std::fs::read_to_string(folder.path().join("runs")).unwrap(), "x\n");
}

#[test]
fn messages_of_other_streams_are_left_out_and_the_state_is_kept() {
    let script = "echo '{\"type\":\"SCHEMA\",\"stream\":\"orders\",\"schema\":{},\"key_properties\":[]}'
        echo '{\"type\":\"RECORD\",\"stream\":\"orders\",\"record\":{\"id\":1,\"n\":12345678901234567890.10}}'
        echo '{\"type\":\"STATE\",\"value\":{\"at\":1}}'
        echo '{\"type\":\"RECORD\",\"stream\":\"lines\",\"record\":{\"id\":9}}'
        echo '{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"orders\",\"version\":1}'
        echo '{\"id\":1}'
        echo '{\"type\":\"STATE\",\"value\":{\"at\":2}}'";
    let incremental = Incremental {
        cursor: "state".into(),
        param: None,
        end_param: None,
        cursor_type: None,
        initial_value: None,
        end_value: None,
        lag: 0.0,
        closed: false,
        null_cursor: NullCursor::Include,
        boundary_keys: Vec::new(),
    };
    let extractor = CustomExtractor::new(CustomSource { incremental: Some(incremental), ..singer(script) });
    let mut declared = request();
    declared.as_text.insert("n".to_owned());
    let mut extraction = extractor.open(&declared).unwrap();
    let mut rows = String::new();
    while let Some(batch) = extraction.next().unwrap() {
        rows += &show(&batch);
    }
    assert_eq!(rows, "id: integer | n: text\n1 | 12345678901234567890.10\n");
    assert_eq!(extraction.take_unreadable()[0].reason, "not a Singer message: it has no `type`");
    assert_eq!(extraction.take_notes()[0].message, "1 record of other streams left out: lines");
    let cursor = extraction.cursor().unwrap();
    assert_eq!((cursor.value.as_str(), cursor.type_name.as_str()), ("{\"at\":2}", "state"));
    // What was told last counts, however it compares as text.
    let earlier = Cursor { value: "{\"at\":10}".into(), ..cursor.clone() };
    assert_eq!(earlier.clone().further(cursor.clone()), cursor);

    let given = singer(
        "printf '{\"type\":\"RECORD\",\"stream\":\"orders\",\"record\":%s}\\n' \"$(cat \"$0\")\"; echo \"$0\" >&2",
    );
    let Program::Command(mut words) = given.program.clone() else { panic!() };
    words.push("{state_file}".into());
    let extractor = CustomExtractor::new(CustomSource { program: Program::Command(words), ..given });
    let all = read(&extractor, &ExtractRequest { since: Some(earlier), ..request() }).unwrap();
    assert_eq!(show(&all.whole), "at: integer\n10\n");
}

#[test]
fn programs_that_fail_land_nothing() {
    let good = "echo '{\"id\":1}'; ";
    assert_eq!(
        fails(shell(&format!("{good} echo broken pipe of mine >&2; exit 3")), &request()),
        "EXT085 `sh` failed: exit status: 3 (it said: broken pipe of mine)"
    );
    assert!(fails(shell(&format!("{good} kill -9 $$")), &request()).starts_with("EXT085 `sh` failed: signal: 9"));
    assert_eq!(
        fails(shell("echo done"), &request()),
        "EXT088 the program wrote no readable record; line 1: something that is no value (column 1)"
    );
    let other = singer("echo '{\"type\":\"RECORD\",\"stream\":\"lines\",\"record\":{}}'");
    assert_eq!(fails(other, &request()), "EXT087 the program wrote no stream `orders`, but `lines`");
    let nothing = CustomSource { program: Program::Command(vec!["./no/such".into()]), ..shell("") };
    assert_eq!(fails(nothing, &request()), "EXT083 `./no/such` cannot be started");
}

/// A program that never ends is ended, and so is what it started.
#[test]
fn programs_that_hang_are_ended_with_their_children() {
    let folder = tempfile::tempdir().unwrap();
    let script = "(sleep 2; echo late > survived) & echo '{\"id\":1}'; sleep 100";
    let hanging = || CustomSource { working_dir: folder.path().into(), ..shell(script) };
    let mut short = request();
    short.conduct.timeout_seconds = 0.3;
    let began = Instant::now();
    assert_eq!(fails(hanging(), &short), "EXT086 `sh` wrote nothing for 0.3 seconds");
    let mut late = request();
    late.conduct.deadline_seconds = Some(0);
    assert_eq!(fails(hanging(), &late), "EXT086 `sh` was not done within 0 seconds");
    let cancelled = request();
    let token = cancelled.cancel.clone();
    let bell = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        token.cancel();
    });
    assert!(fails(hanging(), &cancelled).starts_with("RUN011 "));
    bell.join().unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    std::thread::sleep(Duration::from_millis(2_500));
    assert!(!folder.path().join("survived").exists(), "a child was left behind");
}

#[test]
fn what_it_says_is_read_always_and_secrets_are_not_told() {
    let flood = "i=0; while [ $i -lt 20000 ]; do echo 'this is a long line of complaint that says nothing at all' >&2; i=$((i+1)); done; ";
    let all = read(&CustomExtractor::new(shell(&format!("{flood} echo '{{\"id\":1}}'"))), &request()).unwrap();
    assert_eq!(all.whole.num_rows(), 1);

    let world = World::real().with_environment(FixedEnvironment(
        [("MINE", "s3cret-value"), ("PATH", "/usr/bin:/bin"), ("HOME", "/tmp")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    ));
    let request = ExtractRequest { world, ..request() };
    let env_vars: IndexMap<String, EnvVar> = [("TOKEN".to_owned(), EnvVar::new("MINE"))].into();
    let source = CustomSource {
        env_vars,
        config: Secret::new("{\"password\":\"hunter22\"}"),
        ..shell("echo \"$TOKEN $MEDALLION_CONFIG ${MINE:-unseen}\" >&2; exit 1")
    };
    assert_eq!(
        fails(source, &request),
        "EXT085 `sh` failed: exit status: 1 (it said: *** {\"password\":\"***\"} unseen)"
    );
    let unset = CustomSource { env_vars: [("TOKEN".to_owned(), EnvVar::new("OURS"))].into(), ..shell("") };
    assert_eq!(fails(unset, &request), "EXT084 the variable `OURS`, which the program shall see, is not set");
}

#[test]
fn a_line_longer_than_a_record_may_be_is_one_bad_record() {
    let script = "echo '{\"id\":1}'; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo '{\"id\":2}'";
    let all = read(&CustomExtractor::new(shell(script)), &request()).unwrap();
    assert_eq!(show(&all.whole), "id: integer\n1\n2\n");
    assert_eq!((all.unreadable[0].line, all.unreadable[0].raw.len()), (2, 64 << 10));
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/custom")
}

#[test]
fn the_examples_run() {
    let words = ["python3", "./ten_lines.py", "{run_date}"].map(str::to_owned).to_vec();
    let script = CustomSource { program: Program::Command(words), working_dir: examples(), ..shell("") };
    let all = read(&CustomExtractor::new(script), &request()).unwrap();
    assert_eq!(
        show(&all.whole.slice(0, 2)),
        "id: integer | day: text | price: float\n1 | 2013-01-01 | 0.5\n2 | 2013-01-01 | 1.0\n"
    );

    let class = Program::Python { module: "orders_extractor".into(), class_name: "OrdersExtractor".into() };
    let class =
        CustomSource { program: class, working_dir: examples(), config: Secret::new("{\"count\":3}"), ..shell("") };
    let all = read(&CustomExtractor::new(class.clone()), &request()).unwrap();
    assert_eq!(
        show(&all.whole),
        "id: integer | day: text | amount: text\n1 | 2013-01-01 | 0.10\n2 | 2013-01-01 | 0.20\n3 | 2013-01-01 | 0.30\n"
    );
    let since = Cursor {
        field: "state".into(),
        value: "{\"cursor\":\"2\"}".into(),
        type_name: "state".into(),
        boundary: Vec::new(),
    };
    let all = read(&CustomExtractor::new(class), &ExtractRequest { since: Some(since), ..request() }).unwrap();
    assert_eq!(all.whole.num_rows(), 1, "it goes on behind its cursor");
}
