//! `medallion plan`: what a run would do. Nothing is written to find out.

use clap::Args;
use medallion_core::api::wire::{Layers, PlannedColumn, PlannedStep, RunRequest};

use super::Context;
use super::args::LayerArg;
use super::output::{Failure, Ink, error_text, harmless, paint};
use super::progress::step_name;
use super::run::RunArgs;
use super::table::plural;

/// `medallion plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Plan one layer only.
    #[arg(long, value_name = "LAYER")]
    pub(crate) layer: Option<LayerArg>,
    /// Ask servers and databases for their columns, too. Without it no network is used.
    #[arg(long)]
    pub(crate) ask: bool,
}

/// Exit code of the earliest stage that a step cannot pass, 0 if all can run.
pub(crate) fn answer(context: &Context, args: &PlanArgs) -> Result<u8, Failure> {
    let output = &context.output;
    let layers = args.layer.map_or(Layers::Both, Layers::from);
    let plan = context.engine.plan(RunRequest { ask_sources: args.ask, ..args.run.request(layers, "") })?;
    let exit = plan.steps.iter().flat_map(|step| &step.problems).map(|problem| problem.exit).min().unwrap_or(0);
    if output.json {
        output.reply(&plan)?;
        return Ok(exit);
    }
    for step in &plan.steps {
        output.data(&step_text(step, output.colour))?;
    }
    let stuck = plan.steps.iter().filter(|step| !step.problems.is_empty()).count();
    let problems = if stuck > 0 { format!(", {stuck} of them cannot run") } else { String::new() };
    output.talk(&format!("{} planned{problems}; nothing was written", plural(plan.steps.len() as u64, "step")));
    Ok(exit)
}

fn step_text(step: &PlannedStep, colour: bool) -> String {
    let form = match &step.model {
        Some(model) => model,
        None => &step.load_pattern,
    };
    let mut text = format!(
        "{} ({form}): {}\n",
        paint(colour, Ink::Strong, &harmless(&step_name(&step.step))),
        harmless(&step.action)
    );
    for read in &step.reads {
        text += &format!("  reads   {}\n", harmless(read));
    }
    text += &format!("  writes  {}\n", harmless(&step.writes));
    if let Some(cursor) = &step.cursor {
        let from = match (&cursor.from, &cursor.initial) {
            (Some(from), _) => harmless(&from.value),
            (None, Some(initial)) => harmless(initial),
            (None, None) => "the beginning".to_owned(),
        };
        let until = cursor.until.as_deref().map_or_else(|| "the newest record".to_owned(), harmless);
        text += &format!("  cursor  {} from {from} to {until}\n", harmless(&cursor.field));
    }
    if let (Some(rows), Some(parts)) = (step.standing_rows, step.standing_parts) {
        text += &format!("  stands  {} in {}\n", plural(rows.0, "row"), plural(parts.0, "part"));
    }
    if let Some(size) = &step.estimate {
        let (rows, parts) = (plural(size.rows.0, "row"), plural(size.parts.0, "part"));
        text += &format!("  about   {rows} in {parts}, as {} has\n", harmless(&size.like));
    }
    for column in &step.schema {
        text += &format!("  column  {}\n", column_text(column));
    }
    for problem in &step.problems {
        for line in error_text(problem, colour).lines() {
            text += &format!("  {line}\n");
        }
    }
    text
}

fn column_text(column: &PlannedColumn) -> String {
    let name = harmless(&column.name);
    match (&column.standing, &column.coming) {
        (Some(standing), Some(coming)) => format!("{name}: {standing} becomes {coming}"),
        (None, Some(coming)) => format!("{name}: new, {coming}"),
        (Some(standing), None) => format!("{name}: gone, was {standing}"),
        (None, None) => name,
    }
}
