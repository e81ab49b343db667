//! `medallion validate`: every problem of the configuration, each with its place.

use medallion_core::api::RenderStyle;

use super::args::ValidateArgs;
use super::output::{Failure, Ink, findings, harmless, paint, style};
use super::table::plural;
use super::{Context, USAGE};

/// Exit code 1 if there is an error, 0 if there are only warnings.
pub(crate) fn answer(context: &Context, args: &ValidateArgs) -> Result<u8, Failure> {
    let output = &context.output;
    let validation = context.engine.validate(args.target.target())?;
    let exit = if validation.errors > 0 { USAGE } else { 0 };
    if output.json {
        output.reply(&validation)?;
        return Ok(exit);
    }
    let style = if args.lines { RenderStyle::Lines } else { style(output.colour) };
    for file in &validation.files {
        if file.diagnostics.is_empty() {
            if !args.lines {
                let good = paint(output.colour, Ink::Good, "ok");
                let names = file.datasets.join(", ");
                output.data(&format!(
                    "{}: {good}, {} ({})\n",
                    harmless(&file.file),
                    plural(file.datasets.len() as u64, "dataset"),
                    harmless(&names)
                ))?;
            }
            continue;
        }
        output.data(&findings(&context.engine, &file.diagnostics, style))?;
    }
    output.talk(&format!(
        "{} checked: {}, {}",
        plural(validation.files.len() as u64, "file"),
        plural(u64::from(validation.errors), "error"),
        plural(u64::from(validation.warnings), "warning")
    ));
    Ok(exit)
}
