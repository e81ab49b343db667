//! `cargo xtask bench edits`: how long an author waits for an edit, a check, a form, a completion of a large file.
//!
//! Owns the file, the questions and the limits; a build without optimisation is measured, not judged.

use std::time::Duration;

use anyhow::{Result, bail};
use medallion_core::api::Engine;
use medallion_core::api::wire::{CursorRequest, Draft, Edit, EditRequest, EditValue, FormRequest};
use medallion_core::world::World;

use crate::bench_config;
use crate::worked::{Took, milliseconds};

const REPETITIONS: usize = 20;
/// Nobody notices these.
const EDIT: Duration = Duration::from_millis(20);
const FORM: Duration = Duration::from_millis(50);

/// Measures and prints; fails if a limit is broken.
pub(crate) fn command() -> Result<()> {
    let mut slow = Vec::new();
    measure("without problems", &text(), &mut slow);
    measure("with 200 problems", &bench_config::text(), &mut slow);
    if !slow.is_empty() && !cfg!(debug_assertions) {
        bail!("too slow: {}", slow.join(", "));
    }
    Ok(())
}

/// Asks everything of one text.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
fn measure(name: &str, text: &str, slow: &mut Vec<String>) {
    let engine = Engine::open(std::env::temp_dir(), World::real());
    let draft = || Draft { file: "large.yaml".into(), text: text.to_owned(), environment: None };
    let path = |field: &str| format!("sources[240].source.{field}");
    let set = |field: &str| Edit::Set { path: path(field), value: EditValue::Text("another".into()) };
    println!("{} lines, {} bytes, {name}; least of {REPETITIONS}", text.lines().count(), text.len());
    let edits = [
        ("set a value", set("table")),
        ("add a section", set("run.retry.max_attempts")),
        ("remove a dataset", Edit::Unset { path: "sources[240]".into() }),
        ("move a dataset", Edit::Move { path: "sources[240]".into(), to: "sources[3]".into() }),
    ];
    for (name, edit) in edits {
        let least = least(|| engine.edit_text(EditRequest { draft: draft(), edits: vec![edit.clone()] }).is_ok());
        report(name, least, EDIT, slow);
    }
    report(
        "form",
        least(|| engine.form(FormRequest { draft: draft(), path: Some("sources[240]".into()) }).is_ok()),
        FORM,
        slow,
    );
    report("check", least(|| engine.check_text(draft()).is_ok()), FORM, slow);
    let cursor = |at: &str| {
        let offset = text.rfind(at).map_or(0, |start| start + at.len());
        CursorRequest { draft: draft(), offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    };
    let offers = |at: &str| engine.complete(cursor(at)).is_ok_and(|found| !found.items.is_empty());
    report("complete a key", least(|| offers("\n      sys")), EDIT, slow);
    report("complete a value", least(|| offers("load_pattern: f")), EDIT, slow);
    let known = |at: &str| engine.hover(cursor(at)).is_ok_and(|page| !page.text.is_empty());
    report("hover", least(|| known("\n        load_pat")), EDIT, slow);
}

fn least(ask: impl Fn() -> bool) -> Option<Took> {
    Took::least(REPETITIONS, ask)
}

#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
fn report(name: &str, took: Option<Took>, limit: Duration, slow: &mut Vec<String>) {
    match took {
        Some(Took { work, clock }) => println!(
            "{name:18} {:8.2} ms of work, {:8.2} ms by the clock, limit {} ms",
            milliseconds(work),
            milliseconds(clock),
            limit.as_millis()
        ),
        None => println!("{name:18} failed"),
    }
    if took.is_none_or(|took| took.work > limit) {
        slow.push(name.to_owned());
    }
}

/// A workspace in one file, as large as they get.
fn text() -> String {
    let mut text = String::from("config_version: 1\nplatform:\n  bronze: {output_dir: ./lake/bronze}\nsources:\n");
    for index in 0..357 {
        text += &format!(
            "  # Dataset {index}\n  - name: dataset_{index}\n    source:\n      type: file\n      system: shop\n      table: t{index}\n      file:\n        path: ./data/t{index}.csv # delivered daily\n      run:\n        load_pattern: full\n        schema: {{id: integer, price: \"decimal(18,2)\"}}\n    silver:\n      primary_keys: [id]\n\n"
        );
    }
    text
}
