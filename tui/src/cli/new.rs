//! `medallion new`: a config from a template, by flags or by questions on a terminal.

use std::io::{self, IsTerminal};

use medallion_core::api::wire::{Answer, NewRequest, Nothing, Question, Template, code};

use super::args::NewArgs;
use super::output::{Failure, Ink, harmless, paint};
use super::scaffold::{Destination, deliver};
use super::table::{Align, Cell, Table};
use super::{Context, refusal};
use crate::widgets::text::wrap;

/// Columns of a terminal that does not tell.
const USUAL: usize = 80;
/// Columns below which wrapped text helps nobody.
const NARROWEST: usize = 20;

/// Exit code 1 if the config has errors.
pub(crate) fn answer(context: &Context, args: &NewArgs) -> Result<u8, Failure> {
    let templates = context.engine.templates(Nothing {})?;
    if args.list {
        return list(context, &templates).map(|()| 0);
    }
    let asking = io::stdin().is_terminal() && io::stderr().is_terminal() && !context.output.json;
    let (template, mut answers, asked) = match &args.template {
        Some(name) => (name.clone(), args.set.clone(), false),
        None if asking => {
            let Some(template) = choose(context, &templates)? else { return Ok(0) };
            let Some(answers) = interview(context, template, &args.set)? else { return Ok(0) };
            (template.name.clone(), answers, true)
        }
        None => {
            let names: Vec<&str> = templates.iter().map(|template| template.name.as_str()).collect();
            let hint = format!("name one with --template: {}", names.join(", "));
            return Err(refusal(code::CFG026, "no template is named".into(), Some(hint)).into());
        }
    };
    answers.retain(|answer| !answer.value.is_empty());
    let file = args.output.clone().unwrap_or_default();
    let made = context.engine.new_config(NewRequest { template, answers, file })?;
    let wanted = match (&args.output, asked) {
        (None, true) => match context.output.ask(&format!("Write it to which file? [{}] ", harmless(&made.file)))? {
            None => return Ok(0),
            Some(named) if named.is_empty() => Some(made.file.clone()),
            Some(named) => Some(named),
        },
        (output, _) => output.clone(),
    };
    deliver(context, &made, Destination { output: wanted.as_deref(), force: args.force })
}

fn list(context: &Context, templates: &[Template]) -> Result<(), Failure> {
    let output = &context.output;
    if output.json {
        return output.reply(&templates);
    }
    if !output.verbose {
        let mut table = Table::new([("template", Align::Left), ("for", Align::Left)]);
        for template in templates {
            table.row(vec![Cell::new(&template.name, Ink::Strong), template.summary.as_str().into()]);
        }
        output.data(&table.render(output.colour, output.width).text)?;
        output.talk("--verbose lists the questions of each too");
        return Ok(());
    }
    for template in templates {
        output.data(&format!("{}: {}\n", paint(output.colour, Ink::Strong, &template.name), template.summary))?;
        for question in &template.questions {
            output.data(&format!("  --set {}={}\n      {}\n", question.name, question.default, text(question)))?;
        }
    }
    Ok(())
}

/// The question with its choices.
fn text(question: &Question) -> String {
    if question.choices.is_empty() {
        question.text.clone()
    } else {
        format!("{} One of {}.", question.text, question.choices.join(", "))
    }
}

/// The template that the person chooses by number or name; `None` when the input has ended.
fn choose<'t>(context: &Context, templates: &'t [Template]) -> Result<Option<&'t Template>, Failure> {
    let output = &context.output;
    let name = templates.iter().map(|template| template.name.len()).max().unwrap_or(0);
    let indent = " ".repeat(name + 6);
    // Standard error is the terminal here; where it does not say how wide it is, it is taken for a usual one.
    let columns = output.width.unwrap_or(USUAL).saturating_sub(indent.len()).max(NARROWEST);
    for (index, template) in templates.iter().enumerate() {
        for (line, piece) in wrap(&template.summary, columns).iter().enumerate() {
            output.talk(&match line {
                0 => format!("{:>2}  {:<name$}  {piece}", index + 1, template.name),
                _ => format!("{indent}{piece}"),
            });
        }
    }
    loop {
        let Some(answer) = output.ask("Which one? [1] ")? else { return Ok(None) };
        let chosen = match answer.as_str() {
            "" => templates.first(),
            named => match named.parse::<usize>() {
                Ok(number) => number.checked_sub(1).and_then(|index| templates.get(index)),
                Err(_) => templates.iter().find(|template| template.name == named),
            },
        };
        if chosen.is_some() {
            return Ok(chosen);
        }
        output.talk(&format!("a number from 1 to {}, or a name", templates.len()));
    }
}

/// Asks every question that no flag has answered.
fn interview(context: &Context, template: &Template, given: &[Answer]) -> Result<Option<Vec<Answer>>, Failure> {
    let output = &context.output;
    let mut answers = given.to_vec();
    for question in &template.questions {
        if given.iter().any(|answer| answer.name == question.name) {
            continue;
        }
        for line in wrap(&text(question), output.width.unwrap_or(USUAL).max(NARROWEST)) {
            output.talk(&line);
        }
        loop {
            let Some(answer) = output.ask(&format!("  [{}] ", question.default))? else {
                return Ok(None);
            };
            if answer.is_empty() || question.choices.is_empty() || question.choices.contains(&answer) {
                answers.push(Answer { name: question.name.clone(), value: answer });
                break;
            }
            output.talk(&format!("  one of {}", question.choices.join(", ")));
        }
    }
    Ok(Some(answers))
}
