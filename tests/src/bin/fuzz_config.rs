//! Looks for configurations that make the loader, the form or an edit panic, hang or lose something.
//!
//! `fuzz_config SECONDS [SEED]`: takes the configurations of the repository and the texts of
//! `tests/corpus`, damages them in random ways, and asks the engine everything about them. Stops at the
//! first failure with the text and the seed. A text that failed once belongs into `tests/corpus`.

#![expect(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, reason = "a tool for developers")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use medallion_core::api::wire::{Draft, Edit, EditRequest, EditValue, Field, FormRequest};
use medallion_core::api::{DraftText, Engine};
use medallion_core::world::{FixedEnvironment, World};

/// One input may take this long, also in a build without optimisation on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);
/// Longer texts are slow and find nothing more.
const MOST_BYTES: usize = 6_000;

const WORDS: [&str; 44] = [
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "- ",
    "-",
    ": ",
    ":",
    "#",
    " # c",
    "&a ",
    "*a",
    "<<: *a",
    "<<:",
    "{",
    "}",
    "[",
    "]",
    ",",
    "? ",
    "| ",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "!!str ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\u{feff}",
    "\0",
    "é",
    "${",
    "${X:",
    "}",
    "null",
    "~",
    "sources:\n",
    "extends: a.yaml\n",
    "datasets:\n",
    "\\",
    "\u{2028}",
];
const PATHS: [&str; 10] = [
    "",
    "sources",
    "sources[0]",
    "sources[99999999999]",
    "sources[0].source.file.path",
    "a..b",
    "[\"",
    "x[0][0]",
    "\u{0}",
    "platform.bronze",
];
const VALUES: [&str; 12] = [
    "x",
    "007",
    "",
    "a: b",
    "line\nline\n",
    " lead",
    "- x\n- y",
    "{a: [1, {b: c}]}",
    "a: 1\nb:\n  - 2",
    "&a x",
    "*a",
    "'",
];

/// A small generator of numbers, so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap_or(0)
    }
    fn pick<'p>(&mut self, from: &[&'p str]) -> &'p str {
        from.get(self.roll(from.len())).copied().unwrap_or_default()
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let seconds: u64 = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(60);
    let first: u64 = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(1);
    let until = Instant::now() + Duration::from_secs(seconds);
    let corpus = Arc::new(corpus());
    // The input at hand, so that one that never ends can be shown.
    let current: Arc<Mutex<(Instant, u64, String)>> = Arc::new(Mutex::new((Instant::now(), 0, String::new())));
    let worker = {
        let (corpus, current) = (corpus.clone(), current.clone());
        std::thread::spawn(move || work(&corpus, &current, first, until))
    };
    while !worker.is_finished() {
        std::thread::sleep(Duration::from_millis(200));
        let (began, seed, text) = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if began.elapsed() > LONGEST {
            eprintln!("seed {seed} takes more than {} s:\n{text}\n{text:?}", LONGEST.as_secs());
            return ExitCode::FAILURE;
        }
    }
    match worker.join() {
        Ok(Ok(tried)) => {
            println!("{tried} damaged configurations in {seconds} s, {} to start from: nothing found", corpus.len());
            ExitCode::SUCCESS
        }
        Ok(Err(failure)) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(corpus: &[String], current: &Mutex<(Instant, u64, String)>, first: u64, until: Instant) -> Result<u64, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let variables = BTreeMap::from([("HOME".to_owned(), "/home".to_owned())]);
    let engine = Engine::open(folder.path(), World::real().with_environment(FixedEnvironment(variables)));
    let mut seed = first;
    while Instant::now() < until {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // The texts as they are come first.
        let fresh = usize::try_from(seed - first).ok().and_then(|at| corpus.get(at)).cloned();
        let text = fresh.unwrap_or_else(|| damaged(corpus, &mut dice));
        if let Ok(mut now) = current.lock() {
            *now = (Instant::now(), seed, text.clone());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| examine(&engine, &text, &mut dice)));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => return Err(format!("seed {seed}: {problem}\nin\n{text}\n{text:?}")),
            Err(_) => return Err(format!("seed {seed}: a panic\nin\n{text}\n{text:?}")),
        }
        seed += 1;
    }
    Ok(seed - first)
}

/// All texts to start from.
fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned();
    let mut texts = Vec::new();
    for folder in ["configs", "bench", "core/src/config/fixtures", "tests/corpus"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder of the corpus");
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|suffix| suffix == "yaml")) {
            let bytes = std::fs::read(path).expect("a file of the corpus");
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    texts
}

/// A text with random damage.
fn damaged(corpus: &[String], dice: &mut Dice) -> String {
    let mut text = corpus.get(dice.roll(corpus.len())).cloned().unwrap_or_default();
    shorten(&mut text, dice);
    for _ in 0..=dice.roll(6) {
        let (from, to) = {
            let (one, other) = (place(&text, dice), place(&text, dice));
            (one.min(other), one.max(other))
        };
        match dice.roll(9) {
            0 | 1 => text.insert_str(from, dice.pick(&WORDS)),
            2 => text.replace_range(from..place_near(&text, from, dice), ""),
            3 => text.replace_range(from..place_near(&text, from, dice), dice.pick(&WORDS)),
            4 => drop(text.drain(from..to)),
            5 => {
                let part = text.get(from..to).unwrap_or_default().to_owned();
                let at = place(&text, dice);
                text.insert_str(at, &part);
            }
            6 => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                let (one, other) = (dice.roll(lines.len()), dice.roll(lines.len()));
                if !lines.is_empty() {
                    lines.swap(one, other);
                }
                text = lines.concat();
            }
            7 => {
                let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
                let at = dice.roll(lines.len());
                if let Some(line) = lines.get_mut(at) {
                    *line =
                        if dice.roll(2) == 0 { format!("  {line}") } else { line.trim_start_matches(' ').to_owned() };
                }
                text = lines.concat();
            }
            _ => {
                let other = corpus.get(dice.roll(corpus.len())).map_or("", String::as_str);
                let part = other.get(place(other, dice)..).unwrap_or_default().to_owned();
                text.truncate(from);
                text.push_str(&part);
            }
        }
        shorten(&mut text, dice);
    }
    text
}

fn shorten(text: &mut String, dice: &mut Dice) {
    if text.len() > MOST_BYTES {
        let end = place(text, dice).min(MOST_BYTES);
        let end = (0..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
}

/// A border between two characters.
fn place(text: &str, dice: &mut Dice) -> usize {
    let at = dice.roll(text.len() + 1);
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn place_near(text: &str, from: usize, dice: &mut Dice) -> usize {
    let at = (from + dice.roll(12)).min(text.len());
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Asks everything about one text.
fn examine(engine: &Engine, text: &str, dice: &mut Dice) -> Result<(), String> {
    let draft = |text: &str| Draft { file: "a.yaml".into(), text: text.into(), environment: None };
    let check = engine.check_text(draft(text)).map_err(|error| format!("no check: {}", error.message))?;
    for finding in check.diagnostics.iter().filter(|finding| finding.file == "a.yaml") {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in finding.span.into_iter().chain(edits) {
            if text.get(span.start as usize..span.end as usize).is_none() {
                return Err(format!("a finding at no place: {finding:?}"));
            }
        }
    }
    let mended = engine.fix_text(draft(text)).map_err(|error| format!("no fixes: {}", error.message))?;
    leads_to(text, &mended.changes, &mended.text)?;
    let form = engine
        .form(FormRequest { draft: draft(text), path: None })
        .map_err(|error| format!("no form: {}", error.message))?;
    let before = written(&form.fields);
    let paths: Vec<&str> = before.keys().map(String::as_str).chain(PATHS).collect();
    for _ in 0..4 {
        let edit = edit(&paths, dice);
        let asked = EditRequest { draft: draft(text), edits: vec![edit.clone()] };
        let Ok(done) = engine.edit_text(asked) else { continue };
        leads_to(text, &done.changes, &done.text).map_err(|problem| format!("{edit:?}: {problem}"))?;
        let after = engine.form(FormRequest { draft: draft(&done.text), path: None }).map_err(|error| error.message)?;
        if let (Some(reason), None) = (after.unreadable, &form.unreadable) {
            return Err(format!("{edit:?} made a text that cannot be read: {reason}\n{}", done.text));
        }
        // An anchor says at its uses what it says; moving changes places in lists.
        if !text.contains(['&', '*']) {
            nothing_lost(&edit, &before, &written(&after.fields))
                .map_err(|problem| format!("{edit:?}: {problem}; the text became\n{}", done.text))?;
        }
    }
    Ok(())
}

fn edit(paths: &[&str], dice: &mut Dice) -> Edit {
    let path = dice.pick(paths).to_owned();
    let text = dice.pick(&VALUES).to_owned();
    let value = match dice.roll(4) {
        0 => EditValue::Yaml(text),
        1 => EditValue::Literal(["1", "true", "null", "x"][dice.roll(4)].to_owned()),
        _ => EditValue::Text(text),
    };
    match dice.roll(7) {
        0 | 1 => Edit::Set { path, value },
        2 => Edit::Set { path: format!("{path}.{}", dice.pick(&["x", "name", "[0]", "source"])), value },
        3 => Edit::Unset { path },
        4 => Edit::Insert { path, index: [None, Some(0), Some(9)][dice.roll(3)], value },
        5 => Edit::Rename { path, key: dice.pick(&["x", "a b", "name", "", "007"]).to_owned() },
        _ => Edit::Move { path, to: dice.pick(paths).to_owned() },
    }
}

/// Whether changes lead from one text to the other, and back.
fn leads_to(text: &str, changes: &[medallion_core::api::wire::TextEdit], to: &str) -> Result<(), String> {
    let mut edited = DraftText::open(text, Some(String::new()));
    edited.apply(changes).map_err(|error| error.to_string())?;
    if edited.text() != to {
        return Err(format!("the changes {changes:?} lead to\n{}\nnot to\n{to}", edited.text()));
    }
    let changed = text != to;
    if edited.undo().is_some() != changed || edited.text() != text {
        return Err("undo does not lead back".into());
    }
    Ok(())
}

/// Every single value by its path.
fn written(fields: &[Field]) -> BTreeMap<String, String> {
    fn collect(fields: &[Field], all: &mut BTreeMap<String, String>) {
        for field in fields {
            if field.children.is_empty()
                && let Some(written) = &field.written
            {
                all.insert(field.path.clone(), written.clone());
            }
            collect(&field.children, all);
        }
    }
    let mut all = BTreeMap::new();
    collect(fields, &mut all);
    all
}

/// Whether all values stayed that the edit is not about.
fn nothing_lost(
    edit: &Edit,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Result<(), String> {
    let path = match edit {
        Edit::Set { path, .. } | Edit::Insert { path, .. } | Edit::Unset { path } | Edit::Rename { path, .. } => path,
        Edit::Move { .. } => return Ok(()),
    };
    // Keys and positions beside it may change with it, and sections may come and go with a type.
    let around = path.rfind(['.', '[']).map_or("", |at| path.get(..at).unwrap_or_default());
    // What the edit goes through was empty, or is a section afterwards.
    let apart = |at: &str| !at.starts_with(around) && !path.starts_with(at);
    for (at, value) in before.iter().filter(|(at, _)| apart(at)) {
        match after.get(at) {
            Some(now) if now == value => {}
            now => return Err(format!("`{at}` was {value:?} and is {now:?}")),
        }
    }
    if let Edit::Set { path, value: EditValue::Text(text) } = edit
        && before.contains_key(path)
        && after.get(path).is_some_and(|now| now != text)
    {
        return Err(format!("`{path}` was set to {text:?} and is {:?}", after.get(path)));
    }
    Ok(())
}
