//! `medallion ls`: datasets with their newest state, or the partitions of one dataset.

use medallion_core::api::wire::{
    DatasetList, DatasetRef, ErrorBody, Layer, LayerState, NoteLevel, PartitionPage, PartitionsRequest, Target, code,
};

use super::args::LsArgs;
use super::output::{Failure, Ink, Output, findings, harmless, style};
use super::table::{Align, Cell, Table, bytes, count, plural};
use super::{Context, USAGE};

/// Lists.
pub(crate) fn answer(context: &Context, args: &LsArgs) -> Result<u8, Failure> {
    match &args.source {
        Some(name) => partitions(context, args, name),
        None => datasets(context, args.target.target()),
    }
}

fn datasets(context: &Context, target: Target) -> Result<u8, Failure> {
    let output = &context.output;
    let list = context.engine.list_datasets(target)?;
    // Nothing to list because nothing could be understood is a failure; a broken file beside others is not.
    let exit = if list.datasets.is_empty() && !list.unreadable.is_empty() { USAGE } else { 0 };
    if output.json {
        if exit != 0 {
            let diagnostics: Vec<_> = list.unreadable.into_iter().flat_map(|file| file.diagnostics).collect();
            return Err(Failure::from(ErrorBody {
                code: diagnostics.first().map_or(code::CFG025, |finding| finding.code),
                diagnostics,
                ..ErrorBody::unexpected("there is no dataset to list")
            }));
        }
        output.reply(&list)?;
        return Ok(exit);
    }
    let table = dataset_table(&list);
    if !table.is_empty() {
        output.data(&table.render(output.colour, output.width).text)?;
    }
    for summary in &list.datasets {
        for note in &summary.attention {
            output.note(&summary.dataset, note);
        }
    }
    for file in &list.unreadable {
        output.talk(findings(&context.engine, &file.diagnostics, style(output.colour_talk), output.width).trim_end());
    }
    let begin = if list.datasets.is_empty() && list.unreadable.is_empty() {
        "; `medallion new` or `medallion discover` makes a config"
    } else {
        ""
    };
    output.talk(&format!("{} in {}{begin}", plural(list.datasets.len() as u64, "dataset"), harmless(&list.root)));
    Ok(exit)
}

fn dataset_table(list: &DatasetList) -> Table {
    let mut table = Table::new([
        ("dataset", Align::Left),
        ("pattern", Align::Left),
        ("model", Align::Left),
        ("Bronze", Align::Left),
        ("rows", Align::Right),
        ("bytes", Align::Right),
        ("Silver", Align::Left),
        ("rows", Align::Right),
        ("quarantined", Align::Right),
        ("state", Align::Left),
    ]);
    let date = |state: &Option<LayerState>| match state {
        Some(LayerState { date: Some(date), .. }) => Cell::from(date.to_string()),
        Some(_) => Cell::from("undated"),
        None => Cell::new("-", Ink::Faint),
    };
    let number = |state: &Option<LayerState>, write: fn(&LayerState) -> String| {
        state.as_ref().map_or(Cell::new("-", Ink::Faint), |state| write(state).into())
    };
    for summary in &list.datasets {
        let state = match summary.attention.first() {
            Some(note) if note.level == NoteLevel::Warning => Cell::new("look", Ink::Warn),
            _ if summary.errors > 0 => Cell::new("invalid", Ink::Bad),
            _ if summary.silver.as_ref().is_some_and(|state| state.stale) => Cell::new("stale", Ink::Warn),
            _ if summary.bronze.is_none() => Cell::new("new", Ink::Faint),
            _ => Cell::new("ok", Ink::Good),
        };
        table.row(vec![
            summary.dataset.as_str().into(),
            summary.load_pattern.as_str().into(),
            summary.model.as_deref().unwrap_or("-").into(),
            date(&summary.bronze),
            number(&summary.bronze, |state| count(state.rows.0)),
            number(&summary.bronze, |state| bytes(state.bytes.0)),
            date(&summary.silver),
            number(&summary.silver, |state| count(state.rows.0)),
            number(&summary.silver, |state| count(state.rejected.0)),
            state,
        ]);
    }
    table
}

fn partitions(context: &Context, args: &LsArgs, name: &str) -> Result<u8, Failure> {
    let output = &context.output;
    let of = DatasetRef { target: args.target.target(), dataset: name.to_owned() };
    let layers = args.layer.map_or(vec![Layer::Bronze, Layer::Silver], |layer| vec![layer.into()]);
    for layer in layers {
        let request = PartitionsRequest { of: of.clone(), layer, offset: 0, limit: args.limit };
        let page = context.engine.list_partitions(request)?;
        if output.json {
            output.line(&page)?;
        } else {
            page_text(output, layer, &page)?;
        }
    }
    Ok(0)
}

fn page_text(output: &Output, layer: Layer, page: &PartitionPage) -> Result<(), Failure> {
    if page.partitions.is_empty() {
        output.talk(&format!("{}: nothing committed yet", layer.as_str()));
        return Ok(());
    }
    let rejected = if layer == Layer::Bronze { "unreadable" } else { "quarantined" };
    let mut table = Table::new([
        (layer.as_str(), Align::Left),
        ("version", Align::Right),
        ("rows", Align::Right),
        ("parts", Align::Right),
        ("bytes", Align::Right),
        (rejected, Align::Right),
        ("committed", Align::Left),
        ("state", Align::Left),
    ]);
    for partition in &page.partitions {
        table.row(vec![
            partition.date.map_or_else(|| partition.id.clone(), |date| date.to_string()).into(),
            partition.version.to_string().into(),
            count(partition.rows.0).into(),
            count(partition.parts.0).into(),
            bytes(partition.bytes.0).into(),
            count(partition.rejected.0).into(),
            partition.committed_at.as_str().into(),
            match (partition.version.0, partition.stale) {
                _ if partition.unreadable.is_some() => Cell::new("damaged", Ink::Bad),
                (0, _) => Cell::new("refused", Ink::Bad),
                (_, true) => Cell::new("stale", Ink::Warn),
                _ => Cell::new("ok", Ink::Good),
            },
        ]);
    }
    output.data(&table.render(output.colour, output.width).text)?;
    for partition in &page.partitions {
        if let Some(why) = &partition.unreadable {
            output.talk(&format!("{}: {}; run {} again for its date", partition.id, harmless(why), layer.as_str()));
        }
    }
    let shown = page.partitions.len() as u64;
    let all =
        if shown < page.total.0 { format!("newest {} of {}", count(shown), count(page.total.0)) } else { count(shown) };
    output.talk(&format!("{all} in {}", harmless(&page.root)));
    Ok(())
}
