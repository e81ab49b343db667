//! `medallion quarantine`: rows that were set aside, in groups and one by one.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use medallion_core::api::wire::{
    Count, ErrorBody, Layer, QuarantineReport, QuarantineRequest, QuarantineRow, QuarantineRowsRequest,
};

use super::args::{LayerArg, TargetArg};
use super::output::{Failure, Ink};
use super::table::{Align, Cell, Table, count, plural};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";
/// Rows the engine sends at once.
const WINDOW: u32 = 1_000;

/// `medallion quarantine`
#[derive(Debug, Args)]
pub(crate) struct QuarantineArgs {
    #[command(subcommand)]
    verb: QuarantineVerb,
}

/// What is done with the quarantine.
#[derive(Debug, Subcommand)]
enum QuarantineVerb {
    /// Count the rows by reason, column and file.
    Ls(WhichBadRows),
    /// Print the rows, with the places they came from.
    Show(BadRowsArgs),
}

/// Which rows that were set aside.
#[derive(Debug, Args)]
struct WhichBadRows {
    #[command(flatten)]
    target: TargetArg,
    /// Only this dataset; may be repeated, or a list with commas. Default: all.
    #[arg(short, long = "source", value_name = "NAME", value_delimiter = ',')]
    sources: Vec<String>,
    /// One layer only.
    #[arg(long, value_name = "LAYER")]
    layer: Option<LayerArg>,
    /// Of this date and later ones.
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Of this date and earlier ones.
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// With this reason only, as `ls` tells it.
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// With this column at fault only.
    #[arg(long, value_name = "COLUMN")]
    column: Option<String>,
}

impl WhichBadRows {
    /// As the engine wants it.
    fn request(&self, job: &str) -> QuarantineRequest {
        QuarantineRequest {
            target: self.target.target(),
            sources: self.sources.clone(),
            layer: self.layer.map(Layer::from),
            from: self.from,
            to: self.to,
            reason: self.reason.clone(),
            column: self.column.clone(),
            job: job.into(),
        }
    }
}

/// `medallion quarantine show`
#[derive(Debug, Args)]
struct BadRowsArgs {
    #[command(flatten)]
    which: WhichBadRows,
    /// Skip this many rows.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// At most this many rows.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: u64,
}

/// Lists or shows.
pub(crate) fn answer(context: &Context, args: &QuarantineArgs) -> Result<u8, Failure> {
    interrupt::watch(context.engine.clone(), context.output.clone(), JOB.into());
    match &args.verb {
        QuarantineVerb::Ls(args) => list(context, args.request(JOB)),
        QuarantineVerb::Show(args) => show(context, &args.which.request(JOB), args.offset, args.limit),
    }
}

fn list(context: &Context, request: QuarantineRequest) -> Result<u8, Failure> {
    let output = &context.output;
    let report = context.engine.list_quarantine(request)?;
    if output.json {
        output.reply(&report)?;
        return Ok(report.exit);
    }
    let table = groups(&report);
    if !table.is_empty() {
        output.data(&table.render(output.colour, output.width).text)?;
    }
    tell(context, &report.errors);
    output.talk(&closing(&report));
    Ok(report.exit)
}

fn groups(report: &QuarantineReport) -> Table {
    let mut table = Table::new([
        ("dataset", Align::Left),
        ("layer", Align::Left),
        ("reason", Align::Left),
        ("column", Align::Left),
        ("rows", Align::Right),
        ("first", Align::Left),
        ("last", Align::Left),
        ("", Align::Left),
        ("samples", Align::Left),
        ("file", Align::Left),
    ]);
    for group in &report.groups {
        let date = |day: Option<&medallion_core::api::wire::QuarantineDay>| {
            day.map(|day| day.date.to_string()).unwrap_or_default()
        };
        let samples: Vec<String> = group.samples.iter().map(|sample| quoted(sample.as_deref())).collect();
        table.row(vec![
            group.dataset.as_str().into(),
            group.layer.as_str().into(),
            group.reason.as_str().into(),
            group.column.as_str().into(),
            count(group.rows.0).into(),
            date(group.days.first()).into(),
            date(group.days.last()).into(),
            if group.refused { Cell::new("refused", Ink::Bad) } else { "".into() },
            samples.join(", ").into(),
            group.file.as_str().into(),
        ]);
    }
    table
}

fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| format!("{value:?}"))
}

fn closing(report: &QuarantineReport) -> String {
    if report.rows.0 + report.refused.0 == 0 {
        return "nothing is in quarantine".to_owned();
    }
    let groups = plural(report.groups.len() as u64, "group");
    let mut text = format!("{} in {groups}", plural(report.rows.0 + report.refused.0, "row"));
    if report.refused.0 > 0 {
        text += &format!("; {} of them from refused loads", count(report.refused.0));
    }
    if report.ungrouped.0 > 0 {
        text += &format!("; {} more than there is room for groups", count(report.ungrouped.0));
    }
    text
}

fn show(context: &Context, of: &QuarantineRequest, mut offset: u64, limit: u64) -> Result<u8, Failure> {
    let output = &context.output;
    let mut rows: Vec<QuarantineRow> = Vec::new();
    loop {
        let missing = limit.saturating_sub(rows.len() as u64);
        let window = u32::try_from(missing).unwrap_or(WINDOW).min(WINDOW);
        let request = QuarantineRowsRequest { of: of.clone(), offset: Count(offset), limit: window };
        let mut reply = context.engine.quarantine_rows(request)?;
        let came = reply.rows.len() as u64;
        offset += came;
        rows.append(&mut reply.rows);
        if came > 0 && (rows.len() as u64) < limit && offset < reply.total.0 {
            continue;
        }
        reply.rows = rows;
        if output.json {
            output.reply(&reply)?;
            return Ok(reply.exit);
        }
        if !reply.rows.is_empty() {
            output.data(&shown(&reply.rows).render(output.colour, output.width).text)?;
        }
        tell(context, &reply.errors);
        let (seen, total) = (reply.rows.len() as u64, reply.total.0);
        output.talk(&match (seen, total) {
            (_, 0) => "nothing is in quarantine".to_owned(),
            (seen, total) if seen == total => plural(total, "row"),
            (seen, total) => format!("{} of {}", count(seen), plural(total, "row")),
        });
        return Ok(reply.exit);
    }
}

fn shown(rows: &[QuarantineRow]) -> Table {
    let mut table = Table::new([
        ("dataset", Align::Left),
        ("layer", Align::Left),
        ("date", Align::Left),
        ("reason", Align::Left),
        ("column", Align::Left),
        ("value", Align::Left),
        ("row", Align::Right),
        ("file", Align::Left),
        ("record", Align::Left),
    ]);
    for row in rows {
        let file = if row.bronze_file.is_empty() {
            row.bronze_partition.clone()
        } else {
            format!("{}/{}", row.bronze_partition, row.bronze_file)
        };
        table.row(vec![
            row.dataset.as_str().into(),
            row.layer.as_str().into(),
            row.date.to_string().into(),
            row.reason.as_str().into(),
            row.column.as_str().into(),
            quoted(row.value.as_deref()).into(),
            count(row.number.0).into(),
            file.into(),
            row.record.as_deref().unwrap_or_default().into(),
        ]);
    }
    table
}

fn tell(context: &Context, errors: &[ErrorBody]) {
    for error in errors {
        context.output.error(&context.engine, error);
    }
}
