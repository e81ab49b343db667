//! `medallion validate`: every problem of the configuration, each with its place; mends what a machine
//! can mend (`--fix`), and stays to tell of changes (`--watch`).

use medallion_core::api::sarif;
use medallion_core::api::wire::{
    ConfigTextRequest, Diagnostic, Draft, FileValidation, SaveRequest, Saved, Target, TextDiff, Validation, code,
};

use super::args::{ReportFormat, ValidateArgs};
use super::output::{Failure, Ink, findings, harmless, paint, style};
use super::table::plural;
use super::{Context, USAGE, diff, refusal, watch};

/// Exit code 1 if there is an error, 0 if there are only warnings.
pub(crate) fn answer(context: &Context, args: &ValidateArgs) -> Result<u8, Failure> {
    let format = if context.output.json { ReportFormat::Json } else { args.format };
    let target = args.target.target();
    if args.diff {
        return show_fixes(context, &target);
    }
    if args.fix {
        mend(context, &target)?;
    }
    if args.watch {
        return watch::answer(context, target, format);
    }
    let validation = context.engine.validate(target)?;
    report(context, &validation, format)?;
    Ok(exit(&validation.files))
}

/// The exit code of these findings.
pub(crate) fn exit(files: &[FileValidation]) -> u8 {
    let mut all = files.iter().flat_map(|file| &file.diagnostics);
    if all.any(|finding| finding.severity == medallion_core::api::wire::Severity::Error) { USAGE } else { 0 }
}

fn report(context: &Context, validation: &Validation, format: ReportFormat) -> Result<(), Failure> {
    let output = &context.output;
    let all: Vec<Diagnostic> = validation.files.iter().flat_map(|file| file.diagnostics.clone()).collect();
    match format {
        ReportFormat::Json => return output.reply(validation),
        ReportFormat::Sarif => return output.reply(&sarif(&all)),
        ReportFormat::Pretty => {
            for (index, file) in validation.files.iter().enumerate() {
                let gap = if index > 0 && !file.diagnostics.is_empty() { "\n" } else { "" };
                output.data(&format!("{gap}{}", file_report(context, file)))?;
            }
        }
        ReportFormat::Plain | ReportFormat::Github => {
            output.data(&findings(&context.engine, &all, format.style(output.colour), output.width))?;
        }
    }
    output.talk(&closing(validation));
    Ok(())
}

/// What is said about one file: its findings, or that it has none.
pub(crate) fn file_report(context: &Context, file: &FileValidation) -> String {
    let output = &context.output;
    if !file.diagnostics.is_empty() {
        return findings(&context.engine, &file.diagnostics, style(output.colour), output.width);
    }
    if !file.held_back_by.is_empty() {
        let bad = paint(output.colour, Ink::Bad, "held back");
        let by = harmless(&file.held_back_by.join(", "));
        return format!("{}: {bad} by the errors of {by}\n", harmless(&file.file));
    }
    let good = paint(output.colour, Ink::Good, "ok");
    let names = harmless(&file.datasets.join(", "));
    format!("{}: {good}, {} ({names})\n", harmless(&file.file), plural(file.datasets.len() as u64, "dataset"))
}

fn closing(validation: &Validation) -> String {
    let all = || validation.files.iter().flat_map(|file| &file.diagnostics);
    let mut text = format!(
        "{} checked: {}, {}",
        plural(validation.files.len() as u64, "file"),
        plural(u64::from(validation.errors), "error"),
        plural(u64::from(validation.warnings), "warning")
    );
    let safe = all().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safe)).count();
    if safe > 0 {
        text += &format!("; `--fix` mends {safe} of them");
    }
    text
}

/// A config file with the text that its safe fixes would leave.
struct Mended {
    file: String,
    revision: String,
    text: String,
    diff: TextDiff,
    changes: usize,
}

/// The files of the target that have safe fixes.
fn mended(context: &Context, target: &Target) -> Result<Vec<Mended>, Failure> {
    let engine = &context.engine;
    let mut all = Vec::new();
    for validated in engine.validate(target.clone())?.files {
        let own =
            |finding: &&Diagnostic| finding.file == validated.file && finding.fix.as_ref().is_some_and(|fix| fix.safe);
        let changes = validated.diagnostics.iter().filter(own).count();
        if changes == 0 {
            continue;
        }
        let standing = engine.config_text(ConfigTextRequest { file: validated.file.clone() })?;
        let mut draft = Draft { file: validated.file, text: standing.text, environment: target.environment.clone() };
        let edited = engine.fix_text(draft.clone())?;
        if edited.changes.is_empty() {
            continue;
        }
        draft.text = edited.text;
        let diff = engine.diff_text(draft.clone())?;
        all.push(Mended { file: draft.file, revision: standing.revision, text: draft.text, diff, changes });
    }
    Ok(all)
}

/// `--diff`: what `--fix` would change. Exit code 1 if there is anything.
fn show_fixes(context: &Context, target: &Target) -> Result<u8, Failure> {
    let output = &context.output;
    let all = mended(context, target)?;
    for one in &all {
        output.data(&diff::unified(&one.file, &one.diff, output.colour))?;
    }
    output.talk(&match all.len() {
        0 => "nothing to mend".to_owned(),
        files => format!("{} would change; `--fix` writes", plural(files as u64, "file")),
    });
    Ok(if all.is_empty() { 0 } else { USAGE })
}

/// `--fix`: shows each change, then writes it.
fn mend(context: &Context, target: &Target) -> Result<(), Failure> {
    let output = &context.output;
    for one in mended(context, target)? {
        output.talk(diff::unified(&one.file, &one.diff, output.colour_talk).trim_end());
        let request = SaveRequest { file: one.file.clone(), text: one.text, base: Some(one.revision) };
        match context.engine.save_text(request)? {
            Saved::Saved { .. } => {
                let fixes = plural(one.changes as u64, "finding");
                output.talk(&format!(
                    "{}: {} {fixes}",
                    harmless(&one.file),
                    paint(output.colour_talk, Ink::Good, "mended")
                ));
            }
            Saved::Conflict { .. } => {
                let message = format!("`{}` was changed by someone else meanwhile, nothing was written", one.file);
                return Err(refusal(code::CFG019, message, Some("try again".into())).into());
            }
        }
    }
    Ok(())
}
