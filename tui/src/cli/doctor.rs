//! `medallion doctor`: checks configurations and the world they need; `--fix` mends what is safe.

use std::io::{self, IsTerminal};

use medallion_core::api::wire::{
    Check, CheckOutcome, ConfigTextRequest, DoctorEvent, DoctorReport, DoctorRequest, Draft, ErrorBody, SaveRequest,
    Saved,
};

use super::args::DoctorArgs;
use super::output::{Failure, Ink, Output, findings, harmless, paint, style};
use super::table::{count, plural};
use super::{Context, diff, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// Exit code of the report: that of the earliest stage that would fail.
pub(crate) fn answer(context: &Context, args: &DoctorArgs) -> Result<u8, Failure> {
    let output = &context.output;
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    let mut report = examine(context, args.request(JOB))?;
    if args.fix && mend(context, args, &report)? {
        report = examine(context, args.request(JOB))?;
    }
    if output.json {
        output.reply(&report)?;
        return Ok(report.exit);
    }
    for check in report.checks.iter().filter(|check| output.verbose || is_wrong(check)) {
        output.data(&text(context, check))?;
    }
    output.talk(&closing(&report));
    Ok(report.exit)
}

/// Makes all checks, telling on a terminal how far they are.
fn examine(context: &Context, request: DoctorRequest) -> Result<DoctorReport, Failure> {
    let output = &context.output;
    let (mut all, mut done) = (0, 0);
    let mut report = None;
    context.engine.doctor(request, &mut |event| match event {
        DoctorEvent::Started { checks } => all = checks,
        DoctorEvent::Checked { check } => {
            done += 1;
            output.redraw(&format!("{done} of {all} checks made: {}", harmless(&check.title)));
        }
        DoctorEvent::Finished { report: finished } => {
            output.redraw("");
            report = Some(finished);
        }
    })?;
    report.ok_or_else(|| ErrorBody::unexpected("the doctor ended without a report").into())
}

const fn is_wrong(check: &Check) -> bool {
    matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::Warned)
}

/// One check. A finding is shown where it stands in the file.
fn text(context: &Context, check: &Check) -> String {
    let colour = context.output.colour;
    if let Some(finding) = check.finding.as_ref().filter(|_| is_wrong(check)) {
        return findings(&context.engine, std::slice::from_ref(finding), style(colour), context.output.width);
    }
    let (ink, word) = match check.outcome {
        CheckOutcome::Failed => (Ink::Bad, "failed"),
        CheckOutcome::Warned => (Ink::Warn, "warning"),
        CheckOutcome::Passed => (Ink::Good, "ok"),
        CheckOutcome::Skipped => (Ink::Faint, "skipped"),
    };
    let code = check.code.map(|code| format!("[{code}]")).unwrap_or_default();
    let head = paint(colour, ink, &format!("{word}{code}"));
    let detail = if check.detail.is_empty() { String::new() } else { format!(": {}", harmless(&check.detail)) };
    let mut text = format!("{head}: {}{detail}\n", harmless(&check.title));
    if !is_wrong(check) {
        return text;
    }
    if let Some(users) = users(check) {
        text += &format!("  needed by {}\n", harmless(&users));
    }
    if let Some(hint) = &check.hint {
        text += &format!("  {}: {}\n", paint(colour, Ink::Good, "help"), harmless(hint));
    }
    text
}

/// Which datasets need it, and which file says so.
fn users(check: &Check) -> Option<String> {
    const NAMED: usize = 5;
    let shown: Vec<&str> = check.datasets.iter().take(NAMED).map(String::as_str).collect();
    let more = check.datasets.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    let file = if check.file.is_empty() { String::new() } else { format!(" in {}", check.file) };
    match (shown.is_empty(), check.file.is_empty()) {
        (false, _) => Some(format!("{}{more}{file}", shown.join(", "))),
        (true, false) => Some(check.file.clone()),
        (true, true) => None,
    }
}

/// `3 failed, 1 warning, 14 passed, 2 skipped in 0.41 s`.
fn closing(report: &DoctorReport) -> String {
    let passed = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Passed).count() as u64;
    let warnings = plural(u64::from(report.warned), "warning");
    let parts = [
        (u64::from(report.failed), format!("{} failed", count(u64::from(report.failed)))),
        (u64::from(report.warned), warnings),
        (passed, format!("{} passed", count(passed))),
        (u64::from(report.skipped), format!("{} skipped", count(u64::from(report.skipped)))),
    ];
    let told: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text).collect();
    let told = if told.is_empty() { "nothing to check".to_owned() } else { told.join(", ") };
    format!("{told} in {:.2} s", report.seconds)
}

/// Shows what the safe fixes would change, and applies them if that is wanted. Gives whether a file
/// was changed.
fn mend(context: &Context, args: &DoctorArgs, report: &DoctorReport) -> Result<bool, Failure> {
    let mut files: Vec<&str> = Vec::new();
    for finding in report.checks.iter().filter_map(|check| check.finding.as_ref()) {
        let safe = finding.fix.as_ref().is_some_and(|fix| fix.safe);
        if safe && !files.contains(&finding.file.as_str()) {
            files.push(&finding.file);
        }
    }
    let output = &context.output;
    if files.is_empty() {
        output.talk("nothing can be mended safely by itself");
    }
    let mut changed = false;
    for file in files {
        changed |= mend_file(context, args, file)?;
    }
    Ok(changed)
}

fn mend_file(context: &Context, args: &DoctorArgs, file: &str) -> Result<bool, Failure> {
    let (engine, output) = (&context.engine, &context.output);
    let standing = engine.config_text(ConfigTextRequest { file: file.to_owned() })?;
    let draft = |text: &str| Draft { file: file.to_owned(), text: text.to_owned(), environment: None };
    let mended = engine.fix_text(draft(&standing.text))?.text;
    if mended == standing.text {
        return Ok(false);
    }
    if !output.json {
        output.data(&diff::unified(file, &engine.diff_text(draft(&mended))?, output.colour))?;
    }
    if !args.yes && !wanted(output, file)? {
        return Ok(false);
    }
    let save = SaveRequest { file: file.to_owned(), text: mended, base: Some(standing.revision) };
    match engine.save_text(save)? {
        Saved::Saved { .. } => {
            output.talk(&format!("{}: mended", harmless(file)));
            Ok(true)
        }
        Saved::Conflict { .. } => {
            output.talk(&format!("{}: changed by someone else meanwhile, left as it is", harmless(file)));
            Ok(false)
        }
    }
}

fn wanted(output: &Output, file: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        output.talk(&format!("{}: left as it is; `--yes` applies the change", harmless(file)));
        return Ok(false);
    }
    let answer = output.ask(&format!("apply this to {}? [y/N] ", harmless(file)))?;
    Ok(answer.is_some_and(|answer| matches!(answer.to_lowercase().as_str(), "y" | "yes")))
}
