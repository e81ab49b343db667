//! `medallion migrate`: config files in the canonical form, their comments kept.

use medallion_core::api::wire::{
    ConfigText, ConfigTextRequest, Diagnostic, Draft, ErrorBody, SaveRequest, Saved, Severity, Target, code,
};
use serde::Serialize;

use super::args::MigrateArgs;
use super::diff;
use super::output::{Failure, findings, harmless, style};
use super::table::plural;
use super::{Context, refusal};

/// What became of one file.
#[derive(Debug, Serialize)]
struct Outcome {
    file: String,
    /// Whether the text changes.
    changed: bool,
    /// Whether the new text was written.
    written: bool,
    /// The text in the canonical form.
    text: String,
}

/// Exit code 1 if a file cannot be migrated; the others are done all the same.
pub(crate) fn answer(context: &Context, args: &MigrateArgs) -> Result<u8, Failure> {
    let mut outcomes = Vec::new();
    let mut exit = 0;
    for target in args.targets() {
        for file in files(context, target)? {
            match migrate(context, &file, args.write) {
                Ok(outcome) => outcomes.push(outcome),
                Err(Failure::Engine(body)) => {
                    context.output.error(&context.engine, &body);
                    exit = body.exit.max(exit);
                }
                Err(other) => return Err(other),
            }
        }
    }
    let count = |test: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| test(outcome)).count() as u64;
    if context.output.json {
        context.output.reply(&outcomes)?;
    } else if args.write {
        context.output.talk(&format!("{} rewritten", plural(count(|outcome| outcome.written), "file")));
    } else {
        let changed = count(|outcome| outcome.changed);
        let hint = if changed > 0 { "; `--write` writes the changes" } else { "" };
        context.output.talk(&format!("{} would change{hint}", plural(changed, "file")));
    }
    Ok(exit)
}

/// The files of a target, as the engine names them.
fn files(context: &Context, target: Target) -> Result<Vec<String>, Failure> {
    Ok(context.engine.validate(target)?.files.into_iter().map(|file| file.file).collect())
}

fn migrate(context: &Context, file: &str, write: bool) -> Result<Outcome, Failure> {
    let engine = &context.engine;
    let output = &context.output;
    let standing = engine.config_text(ConfigTextRequest { file: file.to_owned() })?;
    if let Some(absent) = absent(&standing) {
        return Err(absent.into());
    }
    let draft = Draft { file: file.to_owned(), text: standing.text.clone(), environment: None };
    let edited = engine.migrate_text(draft)?;
    let changed = edited.text != standing.text;
    let mut outcome = Outcome { file: file.to_owned(), changed, written: false, text: edited.text };
    if !changed {
        output.talk(&format!("{}: already in the canonical form", harmless(file)));
        return Ok(outcome);
    }
    // The places are those of the standing text, so this is said before it goes.
    tell_losses(context, &standing);
    if write {
        let text = outcome.text.clone();
        let request = SaveRequest { file: file.to_owned(), text, base: Some(standing.revision.clone()) };
        match engine.save_text(request)? {
            Saved::Saved { .. } => outcome.written = true,
            Saved::Conflict { .. } => {
                let message = format!("`{file}` was changed by someone else meanwhile; nothing was written");
                return Err(refusal(code::CFG026, message, Some("migrate it again".into())).into());
            }
        }
        output.talk(&format!("{}: rewritten", harmless(file)));
    } else if !output.json {
        let draft = Draft { file: file.to_owned(), text: outcome.text.clone(), environment: None };
        output.data(&diff::unified(file, &engine.diff_text(draft)?, output.colour))?;
    }
    Ok(outcome)
}

/// That there is no text to migrate: no such file, or a folder without one.
fn absent(standing: &ConfigText) -> Option<ErrorBody> {
    let nowhere = |finding: &&Diagnostic| finding.severity == Severity::Error && finding.span.is_none();
    let found: Vec<Diagnostic> = standing.diagnostics.iter().filter(nowhere).cloned().collect();
    let code = found.first().filter(|_| standing.text.is_empty())?.code;
    let message = format!("`{}` cannot be migrated", standing.file);
    Some(ErrorBody { diagnostics: found, ..refusal(code, message, None) })
}

/// What the new text has not, or means otherwise.
fn tell_losses(context: &Context, standing: &ConfigText) {
    let differs = |code| code == code::CFG044 || code == code::CFG046;
    let told: Vec<_> = standing.diagnostics.iter().filter(|finding| differs(finding.code)).cloned().collect();
    if !told.is_empty() && !context.output.json {
        let text = findings(&context.engine, &told, style(context.output.colour_talk), context.output.width);
        context.output.talk(text.trim_end());
    }
    let left = standing.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count() as u64;
    if left > 0 {
        context.output.talk(&format!(
            "{}: {} beside the form, see `medallion validate`",
            harmless(&standing.file),
            plural(left, "error")
        ));
    }
}
