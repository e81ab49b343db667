//! `medallion preview`: the first records of a source, typed as Bronze would type them.

use medallion_core::api::wire::{PreviewInfo, PreviewRequest};

use super::args::PreviewArgs;
use super::output::{Failure, Output, harmless};
use super::rows::{self, Window};
use super::table::plural;
use super::{Context, dataset};

/// Prints the records; unreadable ones and notes are told besides.
pub(crate) fn answer(context: &Context, args: &PreviewArgs) -> Result<u8, Failure> {
    let (of, _) = dataset(context, args.target.target(), args.source.as_deref())?;
    let reply = context.engine.preview(PreviewRequest { of, date: args.date, limit: args.limit })?;
    let output = &context.output;
    let mut window = Window::new(output, args.format);
    window.show(&reply)?;
    window.finish()?;
    if !output.json {
        tell(output, &reply.info, rows::count_rows(&reply.batches));
    }
    Ok(0)
}

fn tell(output: &Output, info: &PreviewInfo, rows: u64) {
    for record in &info.unreadable {
        output.talk(&format!(
            "line {} cannot be read: {}: {}",
            record.line,
            harmless(&record.reason),
            harmless(&record.raw)
        ));
    }
    for note in &info.notes {
        output.note("", note);
    }
    if output.verbose {
        let width = info.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or(0);
        for column in &info.columns {
            let declared = if column.declared { " (declared)" } else { "" };
            output.talk(&format!("  {:width$}  {}{declared}", harmless(&column.name), column.data_type));
        }
    }
    let more = if info.more { "first " } else { "all " };
    output.talk(&format!("{more}{} of {}", plural(rows, "record"), harmless(&info.source)));
}
