//! `medallion explain`: the page of a code.

use medallion_core::api::wire::{Dialect, ExplainRequest, Explanation, Nothing};

use super::Context;
use super::args::ExplainArgs;
use super::output::{Failure, Ink, paint};
use super::table::{Align, Table};

/// Prints one page, or the list of all codes.
pub(crate) fn answer(context: &Context, args: &ExplainArgs) -> Result<u8, Failure> {
    let output = &context.output;
    if args.deprecated {
        return deprecated(context);
    }
    let pages = context.engine.explain(ExplainRequest { code: args.code.clone() })?;
    if output.json {
        output.reply(&pages)?;
    } else if args.code.trim().is_empty() {
        let mut table = Table::new([("code", Align::Left), ("meaning", Align::Left)]);
        for page in &pages {
            table.row(vec![page.code.as_str().into(), page.title.as_str().into()]);
        }
        output.data(&table.render(output.colour, None).text)?;
    } else {
        for page in &pages {
            output.data(&whole(page, output.colour))?;
        }
    }
    Ok(0)
}

/// One page with all that belongs to it.
fn whole(page: &Explanation, colour: bool) -> String {
    let strong = |text: &str| paint(colour, Ink::Strong, text);
    let mut text = format!("{}\n\n{}\n", strong(&format!("{}: {}", page.code, page.title)), page.explanation);
    if let Some(example) = &page.example {
        for (heading, lines) in [("For example", &example.before), ("Mended", &example.after)] {
            text += &format!("\n{}\n\n", strong(heading));
            for line in lines.lines() {
                text += &format!("    {}\n", line.replace('\t', "\u{2192}   "));
            }
        }
    }
    if !page.predecessor.is_empty() && page.example.is_some() {
        text += &format!("\n{}\n\n{}\n", strong("In the predecessor"), page.predecessor);
    }
    if !page.successors.is_empty() {
        let codes: Vec<&str> = page.successors.iter().map(|code| code.as_str()).collect();
        text += &format!("\nSee also: {}\n", codes.join(", "));
    }
    text
}

/// Prints the keys that have a successor.
fn deprecated(context: &Context) -> Result<u8, Failure> {
    let output = &context.output;
    let rows = context.engine.deprecations(Nothing {})?;
    if output.json {
        output.reply(&rows)?;
        return Ok(0);
    }
    let headings = ["code", "form", "key", "since", "removal", "replacement"].map(|name| (name, Align::Left));
    let mut table = Table::new(headings);
    for row in &rows {
        let dialect = match row.dialect {
            Dialect::Canonical => "canonical",
            Dialect::Predecessor => "predecessor",
            Dialect::Intent => "intent",
        };
        table.row(
            [row.code.as_str(), dialect, row.path, row.since, row.removal, row.replacement].map(Into::into).into(),
        );
    }
    output.data(&table.render(output.colour, None).text)?;
    Ok(0)
}
