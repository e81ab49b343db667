//! `medallion explain`: the page of a code.

use medallion_core::api::wire::ExplainRequest;

use super::Context;
use super::args::ExplainArgs;
use super::output::{Failure, Ink, paint};
use super::table::{Align, Table};

/// Prints one page, or the list of all codes.
pub(crate) fn answer(context: &Context, args: &ExplainArgs) -> Result<u8, Failure> {
    let output = &context.output;
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
