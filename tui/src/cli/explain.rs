//! `medallion explain`: the page of a code.

use medallion_core::api::wire::{Dialect, ExplainRequest, Nothing};

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
            output.data(&format!(
                "{}\n\n{}\n",
                paint(output.colour, Ink::Strong, &format!("{}: {}", page.code, page.title)),
                page.explanation
            ))?;
        }
    }
    Ok(0)
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
