//! `medallion rows`: rows of one partition, as a table, CSV, JSON lines or an Arrow stream.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use medallion_core::api::wire::{RowsRequest, Table, code};
use serde::Serialize;
use serde_json::Value;

use super::args::{RowFormat, RowsArgs};
use super::output::{Failure, Output};
use super::table::{self, count, plural};
use super::{Context, cells, refusal, show, unshowable};

/// Rows the engine sends at once.
const WINDOW: u32 = 2_000;
/// Rows a table for people may have: its columns line up only when all rows are known.
const TABLE_ROWS: u64 = 100_000;

/// Prints the rows, window by window.
pub(crate) fn answer(context: &Context, args: &RowsArgs) -> Result<u8, Failure> {
    let output = &context.output;
    let mut rows_of = args.rows.rows(show::partition(context, &args.rows.of)?);
    let mut wanted = if args.all { u64::MAX } else { args.limit };
    if args.format == RowFormat::Table || output.json {
        wanted = wanted.min(TABLE_ROWS);
    }
    let mut offset = args.offset;
    let mut shown = 0;
    let mut version: Option<String> = None;
    let mut window = Window::new(output, args.format);
    loop {
        let limit = u32::try_from(wanted - shown).unwrap_or(WINDOW).min(WINDOW);
        let request =
            RowsRequest { columns: args.columns.clone(), ..RowsRequest::window(rows_of.clone(), offset, limit) };
        let reply = context.engine.rows(request)?;
        // The newest partition and the first table stay the same ones for the next window.
        if !args.rows.whole {
            rows_of.of.id.clone_from(&reply.info.id);
            rows_of.table.clone_from(&reply.info.table);
        }
        if version.get_or_insert_with(|| reply.info.snapshot.clone()) != &reply.info.snapshot {
            let message = format!("`{}` was replaced while it was read, so rows would be mixed", rows_of.of.id);
            return Err(refusal(code::RUN012, message, Some("read it again".into())).into());
        }
        let rows = count_rows(&reply.batches);
        let total = reply.info.total.0;
        window.show(&reply)?;
        shown += rows;
        offset += rows;
        if rows == 0 || shown >= wanted || offset >= total {
            window.finish()?;
            if !output.json {
                let rest = if shown < total {
                    format!(" of {}, from row {}", count(total), count(args.offset))
                } else {
                    String::new()
                };
                let place = if rows_of.whole {
                    "all partitions".to_owned()
                } else {
                    format!("{} (version {})", rows_of.of.id, reply.info.version)
                };
                output.talk(&format!("{}{rest}: {} of {place}", plural(shown, "row"), reply.info.table));
            }
            return Ok(0);
        }
    }
}

/// Rows of all batches.
pub(crate) fn count_rows(batches: &[RecordBatch]) -> u64 {
    batches.iter().map(|batch| batch.num_rows() as u64).sum()
}

/// Writes windows of rows in one form, as they come.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    output: &'a Output,
    format: RowFormat,
    schema: Option<SchemaRef>,
    held: Vec<RecordBatch>,
    info: Value,
}

impl<'a> Window<'a> {
    /// Nothing written yet. `--json` overrules the format: one document with info and rows.
    pub(crate) fn new(output: &'a Output, format: RowFormat) -> Self {
        Self { output, format, schema: None, held: Vec::new(), info: Value::Null }
    }

    /// Takes a window; forms that need no look-ahead are written at once.
    pub(crate) fn show<I: Serialize>(&mut self, reply: &Table<I>) -> Result<(), Failure> {
        let first = self.schema.is_none();
        if let (true, Some(batch)) = (first, reply.batches.first()) {
            self.schema = Some(batch.schema());
            self.info = serde_json::to_value(&reply.info).map_err(std::io::Error::from)?;
            if self.format == RowFormat::Csv && !self.output.json {
                self.output.data(&cells::csv_heading(&batch.schema()))?;
            }
        }
        for batch in &reply.batches {
            match self.format {
                _ if self.output.json => self.held.push(batch.clone()),
                RowFormat::Table | RowFormat::Arrow => self.held.push(batch.clone()),
                RowFormat::Csv => self.output.data(&cells::csv(batch).map_err(|error| unshowable(&error))?)?,
                RowFormat::Jsonl => {
                    for row in cells::objects(batch).map_err(|error| unshowable(&error))? {
                        self.output.line(&row)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes what was held back.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Some(schema) = &self.schema else { return Ok(()) };
        if self.output.json {
            let rows: Result<Vec<Vec<Value>>, ArrowError> = self.held.iter().map(cells::objects).collect();
            let rows = rows.map_err(|error| unshowable(&error))?.concat();
            return self.output.reply(&serde_json::json!({ "info": self.info, "rows": rows }));
        }
        match self.format {
            RowFormat::Table => self.table(schema),
            RowFormat::Arrow => {
                let table = Table { info: self.info, batches: self.held };
                self.output.bytes(&table.to_ipc().map_err(|error| unshowable(&error))?)
            }
            RowFormat::Csv | RowFormat::Jsonl => Ok(()),
        }
    }

    fn table(&self, schema: &SchemaRef) -> Result<(), Failure> {
        let table = cells::table(schema, &self.held).map_err(|error| unshowable(&error))?;
        let rendered = table.render(self.output.colour, self.output.width);
        self.output.data(&rendered.text)?;
        if !rendered.hidden.is_empty() {
            let columns = plural(rendered.hidden.len() as u64, "column");
            let names = table::shorten(&rendered.hidden.join(", "), 60);
            self.output.talk(&format!("{columns} not shown: {names}; --format csv has all"));
        }
        if rendered.cut {
            self.output.talk("cells ending with … are cut; --format csv has all");
        }
        Ok(())
    }
}
