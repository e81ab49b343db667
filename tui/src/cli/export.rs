//! `medallion export`: rows as a file.

use medallion_core::api::wire::{ExportEvent, ExportFormat, ExportRequest, code};

use super::args::ExportArgs;
use super::output::Failure;
use super::table::{bytes, count, plural};
use super::{Context, refusal, show};

/// Writes the file, and tells how far it is.
pub(crate) fn answer(context: &Context, args: &ExportArgs) -> Result<u8, Failure> {
    let output = &context.output;
    let format = match args.to.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("csv") => ExportFormat::Csv,
        Some("jsonl" | "ndjson" | "json") => ExportFormat::Jsonl,
        Some("parquet") => ExportFormat::Parquet,
        _ => {
            let message = format!("what `{}` should be cannot be told from its name", args.to);
            return Err(refusal(code::CFG026, message, Some("end it with .csv, .jsonl or .parquet".into())).into());
        }
    };
    let request = ExportRequest {
        rows: args.rows.rows(show::partition(context, &args.rows.of)?),
        columns: args.columns.clone(),
        format,
        path: args.to.clone(),
        replace: args.replace,
        job: String::new(),
    };
    let done = context.engine.export_rows(request, &mut |event| {
        if let ExportEvent::Progress(progress) = event {
            output.redraw(&format!(
                "{} {} of {} rows",
                progress.doing,
                count(progress.rows.0),
                count(progress.total.0)
            ));
        }
    })?;
    output.redraw("");
    if output.json {
        output.reply(&done)?;
    } else if let ExportEvent::Exported { path, rows, bytes: size } = done {
        output.talk(&format!("{}, {}, in {path}", plural(rows.0, "row"), bytes(size.0)));
    }
    Ok(0)
}
