//! `cargo xtask bench edits`: how long an author waits for an edit, a check, a form, a completion of a large file.
//!
//! Owns the file, the questions and the limits; a build without optimisation is measured, not judged.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use medallion_core::api::Engine;
use medallion_core::api::wire::{CursorRequest, Draft, Edit, EditRequest, EditValue, FormRequest};
use medallion_core::world::World;

const REPETITIONS: usize = 20;
/// Nobody notices these.
const EDIT: Duration = Duration::from_millis(20);
const FORM: Duration = Duration::from_millis(50);

/// Measures and prints; fails if a limit is broken.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
pub(crate) fn command() -> Result<()> {
    let text = text();
    let engine = Engine::open(std::env::temp_dir(), World::real());
    let draft = || Draft { file: "large.yaml".into(), text: text.clone(), environment: None };
    let path = |field: &str| format!("sources[240].source.{field}");
    let set = |field: &str| Edit::Set { path: path(field), value: EditValue::Text("another".into()) };
    let mut slow = Vec::new();
    println!("{} lines, {} bytes, least of {REPETITIONS}", text.lines().count(), text.len());
    let edits = [
        ("set a value", set("file.path")),
        ("add a section", set("run.timezone")),
        ("remove a dataset", Edit::Unset { path: "sources[240]".into() }),
        ("move a dataset", Edit::Move { path: "sources[240]".into(), to: "sources[3]".into() }),
    ];
    for (name, edit) in edits {
        let least = least(|| engine.edit_text(EditRequest { draft: draft(), edits: vec![edit.clone()] }).is_ok());
        report(name, least, EDIT, &mut slow);
    }
    report(
        "form",
        least(|| engine.form(FormRequest { draft: draft(), path: Some("sources[240]".into()) }).is_ok()),
        FORM,
        &mut slow,
    );
    report("check", least(|| engine.check_text(draft()).is_ok()), FORM, &mut slow);
    let cursor = |at: &str| {
        let offset = text.rfind(at).map_or(0, |start| start + at.len());
        CursorRequest { draft: draft(), offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    };
    let offers = |at: &str| engine.complete(cursor(at)).is_ok_and(|found| !found.items.is_empty());
    report("complete a key", least(|| offers("\n      primary")), EDIT, &mut slow);
    report("complete a value", least(|| offers("load_pattern: f")), EDIT, &mut slow);
    let known = |at: &str| engine.hover(cursor(at)).is_ok_and(|page| !page.text.is_empty());
    report("hover", least(|| known("\n        load_pat")), EDIT, &mut slow);
    if !slow.is_empty() && !cfg!(debug_assertions) {
        bail!("too slow: {}", slow.join(", "));
    }
    Ok(())
}

fn least(ask: impl Fn() -> bool) -> Option<Duration> {
    let once = || {
        let start = Instant::now();
        ask().then(|| start.elapsed())
    };
    (0..REPETITIONS).map(|_| once()).min().flatten()
}

#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
fn report(name: &str, least: Option<Duration>, limit: Duration, slow: &mut Vec<String>) {
    match least {
        Some(least) => println!("{name:18} {:8.2} ms, limit {} ms", least.as_secs_f64() * 1e3, limit.as_millis()),
        None => println!("{name:18} failed"),
    }
    if least.is_none_or(|least| least > limit) {
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
