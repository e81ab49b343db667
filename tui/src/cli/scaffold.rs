//! What `new` and `discover` share: printing a new config, or writing it to a file that is not there yet.

use medallion_core::api::wire::{ConfigTextRequest, NewConfig, SaveRequest, Saved, Severity, Target, code};
use medallion_core::api::{WIDTH, render, without_secrets};

use super::output::{Failure, harmless, style};
use super::table::plural;
use super::{Context, USAGE, refusal};

/// Where a new config goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination<'a> {
    /// The file; `None`: standard output.
    pub(super) output: Option<&'a str>,
    /// Over a file that is there.
    pub(super) force: bool,
}

/// Prints or writes the config; says what was seen and what is wrong. Exit code 1 if it has errors.
pub(super) fn deliver(context: &Context, made: &NewConfig, to: Destination<'_>) -> Result<u8, Failure> {
    let output = &context.output;
    for note in &made.notes {
        output.talk(&format!("note: {}", harmless(note)));
    }
    if !made.diagnostics.is_empty() {
        let text = |file: &str| (file == made.file).then(|| without_secrets(&made.text));
        let width = output.width.unwrap_or(WIDTH);
        output.talk(render(&made.diagnostics, &text, style(output.colour_talk), width).trim_end());
    }
    if let Some(file) = to.output {
        write(context, made, file, to.force)?;
    }
    if output.json {
        output.reply(made)?;
    } else if to.output.is_none() {
        output.data(&made.text)?;
    }
    let errors = made.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count() as u64;
    if errors > 0 {
        output.talk(&format!("it has {}; `medallion explain` has the page of each code", plural(errors, "error")));
    }
    Ok(if errors > 0 { USAGE } else { 0 })
}

fn write(context: &Context, made: &NewConfig, file: &str, force: bool) -> Result<(), Failure> {
    let (engine, output) = (&context.engine, &context.output);
    let mut base = None;
    if force {
        // Reading it as a target is what allows to ask for its text.
        engine.validate(Target::at(file))?;
        base = engine.config_text(ConfigTextRequest { file: file.to_owned() }).ok().map(|standing| standing.revision);
    }
    match engine.save_text(SaveRequest { file: file.to_owned(), text: made.text.clone(), base })? {
        Saved::Saved { .. } => {
            let name = harmless(file);
            output.talk(&format!("wrote {name}; next: medallion doctor {name}, medallion preview {name}"));
            Ok(())
        }
        Saved::Conflict { .. } => {
            let hint = Some("choose another name with --output, or say --force".to_owned());
            Err(refusal(code::CFG069, format!("there is a file `{file}` already"), hint).into())
        }
    }
}
