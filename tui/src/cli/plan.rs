//! `medallion plan`: what a run would do. Nothing is written to find out.

use medallion_core::api::wire::{Layers, PlannedStep};

use super::Context;
use super::args::PlanArgs;
use super::output::{Failure, Ink, error_text, harmless, paint};
use super::progress::step_name;
use super::table::plural;

/// Exit code of the earliest stage that a step cannot pass, 0 if all can run.
pub(crate) fn answer(context: &Context, args: &PlanArgs) -> Result<u8, Failure> {
    let output = &context.output;
    let layers = args.layer.map_or(Layers::Both, Layers::from);
    let plan = context.engine.plan(args.run.request(layers, ""))?;
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
    for problem in &step.problems {
        for line in error_text(problem, colour).lines() {
            text += &format!("  {line}\n");
        }
    }
    text
}
