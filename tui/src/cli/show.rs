//! `medallion show`: all about one partition.

use medallion_core::api::wire::{Layer, PartitionDetail, PartitionRef, PartitionsRequest, code};

use super::args::PartitionArgs;
use super::output::{Failure, Ink, harmless, paint};
use super::table::{Align, Table, bytes, count, plural};
use super::{Context, dataset, refusal};

/// Partitions asked for at once while looking for a date.
const PAGE: u32 = 1_000;

/// Prints files, columns, history and problems; with `--verbose` the metadata too.
pub(crate) fn answer(context: &Context, args: &PartitionArgs) -> Result<u8, Failure> {
    let of = partition(context, args)?;
    let layer = of.layer;
    let name = of.of.dataset.clone();
    let detail = context.engine.partition_detail(of)?;
    let output = &context.output;
    if output.json {
        output.reply(&detail)?;
        return Ok(0);
    }
    output.data(&text(&name, layer, &detail, output.colour, output.width))?;
    if output.verbose {
        output.data(&format!("\n{}\n", harmless(&detail.metadata)))?;
    }
    for problem in &detail.problems {
        output.note("", problem);
    }
    Ok(0)
}

/// The partition that the arguments mean.
pub(crate) fn partition(context: &Context, args: &PartitionArgs) -> Result<PartitionRef, Failure> {
    let (of, promoted) = dataset(context, args.target.target(), args.source.as_deref())?;
    let layer = args.layer.map_or(if promoted { Layer::Silver } else { Layer::Bronze }, Layer::from);
    let mut id = args.partition.clone().unwrap_or_default();
    if let Some(date) = args.date {
        let mut offset = 0;
        loop {
            let request = PartitionsRequest { of: of.clone(), layer, offset, limit: PAGE };
            let page = context.engine.list_partitions(request)?;
            if let Some(found) = page.partitions.iter().find(|partition| partition.date == Some(date)) {
                id.clone_from(&found.id);
                break;
            }
            offset = offset.saturating_add(PAGE);
            if page.partitions.is_empty() || u64::from(offset) >= page.total.0 {
                let message = format!("{} of `{}` has no partition of {date}", layer.as_str(), of.dataset);
                let hint = format!("`medallion ls --source {}` lists those there are", of.dataset);
                return Err(refusal(code::RUN012, message, Some(hint)).into());
            }
        }
    }
    Ok(PartitionRef::new(of, layer, id))
}

fn text(name: &str, layer: Layer, detail: &PartitionDetail, colour: bool, width: Option<usize>) -> String {
    let strong = |text: &str| paint(colour, Ink::Strong, text);
    let summary = &detail.summary;
    let mut text = format!("{}\n", strong(&format!("{} {} {}", layer.as_str(), harmless(name), harmless(&summary.id))));
    let stale = if summary.stale { ", stale: its input has changed since" } else { "" };
    text += &format!("  version {}, committed {}{stale}\n", summary.version, summary.committed_at);
    let rejected = if layer == Layer::Bronze { "unreadable" } else { "quarantined" };
    text += &format!(
        "  {}, {}, {}, {} {rejected}\n  {}\n",
        plural(summary.rows.0, "row"),
        plural(summary.parts.0, "part"),
        bytes(summary.bytes.0),
        count(summary.rejected.0),
        harmless(&detail.path)
    );
    for table in &detail.tables {
        text += &format!(
            "\n{}\n",
            strong(&format!(
                "{}: {}, {}",
                harmless(&table.name),
                plural(table.rows.0, "row"),
                plural(table.columns.len() as u64, "column")
            ))
        );
        let mut columns = Table::new([("  column", Align::Left), ("type", Align::Left), ("", Align::Left)]);
        for column in &table.columns {
            let declared = if column.declared { "declared" } else { "" };
            columns.row(vec![format!("  {}", column.name).into(), column.data_type.as_str().into(), declared.into()]);
        }
        text += &columns.render(colour, width).text;
    }
    text += &format!("\n{}\n", strong("files"));
    let mut files =
        Table::new([("  rows", Align::Right), ("bytes", Align::Right), ("sha256", Align::Left), ("path", Align::Left)]);
    for file in &detail.files {
        let hash = file.sha256.get(..12).unwrap_or(&file.sha256);
        files.row(vec![count(file.rows.0).into(), bytes(file.bytes.0).into(), hash.into(), file.path.as_str().into()]);
    }
    text += &files.render(colour, None).text;
    text += &format!("\n{}\n", strong("history"));
    let mut history = Table::new([
        ("  version", Align::Right),
        ("committed", Align::Left),
        ("rows", Align::Right),
        (rejected, Align::Right),
        ("run", Align::Left),
    ]);
    for version in &detail.history {
        history.row(vec![
            version.version.to_string().into(),
            version.committed_at.as_str().into(),
            count(version.rows.0).into(),
            count(version.rejected.0).into(),
            version.run_id.as_str().into(),
        ]);
    }
    text + &history.render(colour, width).text
}
