//! From rows to batches: decides on types that the database does not tell, builds columns within bounds
//! of rows and bytes, and hands them on to whoever waits for them.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, BooleanArray, RecordBatchOptions};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, timeout};

use super::boundary::Boundary;
use super::error::DbError;
use super::value::{Builder, Extent, Shape, Value, spelled};
use super::{Job, no_column};
use crate::batch::cast::cast;
use crate::batch::column::arrow_type;
use crate::batch::render::cell_text;
use crate::batch::{Cursor, NULLS_ONLY, type_name};
use crate::config::settings::{DeclaredType, NullCursor};
use crate::extract::{ExtractError, Misfit, Unreadable};

/// Rows that decide on types which the database does not tell.
const SAMPLE: usize = 1_000;
/// A batch ends here.
const BATCH_BYTES: usize = 16 << 20;
/// Rows that are taken at once from what has arrived.
const READY: usize = 64;
/// The raw text of a row that cannot be read.
const RAW: usize = 64 << 10;

/// A row as it came.
pub(super) trait Row: Send + 'static {
    /// How a column arrives.
    type Native: Clone + Send + Sync + 'static;
    /// Shows each value in turn, from the first column to the last.
    ///
    /// # Errors
    ///
    /// When the row is not made like the others.
    fn visit(&self, natives: &[Self::Native], see: impl FnMut(usize, Value<'_>)) -> Result<(), String>;
    /// About how many bytes it had.
    fn size(&self) -> usize;
}

/// A column of the result.
#[derive(Clone, Debug)]
pub(super) struct Column<N> {
    pub(super) name: String,
    pub(super) native: N,
    pub(super) hint: Hint,
}

/// What is known of a column's type before a row came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// All.
    Known(Shape),
    /// An exact number without bounds.
    Number,
    /// Each value has a type of its own; most have this one.
    Any(Option<Shape>),
}

/// What is told to the reader.
pub(super) enum Told {
    /// Once, before anything else.
    Schema(SchemaRef),
    Batch(Delivery),
    /// All of it was told. Without it, silence is a failure.
    End,
    Failed(ExtractError),
}

/// Rows, and what goes with them.
pub(super) struct Delivery {
    pub(super) batch: RecordBatch,
    pub(super) unreadable: Vec<Unreadable>,
    pub(super) cursor: Option<Cursor>,
    pub(super) bytes: u64,
    /// Rows left out because they have no cursor.
    pub(super) excluded: u64,
    pub(super) parsing: Duration,
}

/// Whether somebody still waits for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    More,
    Enough,
}

/// Rows on their way to batches.
pub(super) struct Feed<R: Row> {
    job: Arc<Job>,
    natives: Vec<R::Native>,
    names: Vec<String>,
    hints: Vec<Hint>,
    sender: Sender<Told>,
    /// Rows that came before the types were decided.
    pending: Vec<R>,
    table: Option<Table>,
    /// Tells the schema as soon as it is decided.
    tells_schema: bool,
    only_sampling: bool,
    /// Rows so far, those that cannot be read included.
    seen: u64,
    received: u64,
    misfits: Vec<Misfit>,
}

/// Columns in the making.
struct Table {
    schema: SchemaRef,
    shapes: Vec<Shape>,
    builders: Vec<Builder>,
    declared: Vec<Option<DeclaredType>>,
    cursor: Option<usize>,
    rows: usize,
    bytes: usize,
    /// Rows that go on; shorter than `rows` as long as all do.
    kept: Vec<bool>,
    unreadable: Vec<Unreadable>,
    excluded: u64,
    parsing: Duration,
}

impl<R: Row> Feed<R> {
    /// For the columns of a result.
    ///
    /// # Errors
    ///
    /// When the result has not the columns that the config names, or two of one name.
    pub(super) fn new(job: &Arc<Job>, columns: &[Column<R::Native>], sender: Sender<Told>) -> Result<Self, DbError> {
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        if names.is_empty() {
            return Err(DbError::NotAQuery { reason: "gives no columns".into() });
        }
        for (number, name) in names.iter().enumerate() {
            if names[..number].contains(name) {
                return Err(DbError::Twice { column: name.clone() });
            }
        }
        let cursor = job.source.incremental.as_ref().map(|incremental| &incremental.cursor);
        for column in job.request.declared.keys().chain(cursor) {
            if !names.contains(column) {
                return Err(no_column(column, &names));
            }
        }
        let hints = columns.iter().map(|column| {
            let text = job.request.as_text.contains(&column.name)
                || job.request.declared.get(&column.name) == Some(&DeclaredType::Text);
            if text { Hint::Known(Shape::Text) } else { column.hint }
        });
        Ok(Self {
            job: Arc::clone(job),
            natives: columns.iter().map(|column| column.native.clone()).collect(),
            hints: hints.collect(),
            names,
            sender,
            pending: Vec::new(),
            table: None,
            tells_schema: true,
            only_sampling: false,
            seen: 0,
            received: 0,
            misfits: Vec::new(),
        })
    }

    /// One of several that have the same columns, decided before.
    pub(super) fn beside(&self, sender: Sender<Told>) -> Result<Self, ExtractError> {
        let mut beside = Self {
            job: Arc::clone(&self.job),
            natives: self.natives.clone(),
            names: self.names.clone(),
            hints: self.table.as_ref().map_or_else(
                || self.hints.clone(),
                |table| table.shapes.iter().map(|shape| Hint::Known(*shape)).collect(),
            ),
            sender,
            pending: Vec::new(),
            table: None,
            tells_schema: false,
            only_sampling: false,
            seen: 0,
            received: 0,
            misfits: Vec::new(),
        };
        beside.decide()?;
        Ok(beside)
    }

    /// Whether rows only decide on types, and are not told.
    pub(super) fn sampling(&mut self, only: bool) {
        self.only_sampling = only;
        if !only {
            self.pending.clear();
            self.seen = 0;
        }
    }

    /// Tells the schema.
    pub(super) async fn announce(&mut self) -> Flow {
        self.tell_schema().await
    }

    /// Passes on what another feed made.
    pub(super) async fn forward(&self, told: Told) -> Flow {
        if self.sender.send(told).await.is_err() { Flow::Enough } else { Flow::More }
    }

    /// Rows so far.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// Bytes so far.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Whether all types are known.
    pub(super) fn is_decided(&self) -> bool {
        self.table.is_some() || self.hints.iter().all(|hint| matches!(hint, Hint::Known(_)))
    }

    /// The schema, once it is decided.
    pub(super) fn schema(&self) -> Option<SchemaRef> {
        self.table.as_ref().map(|table| Arc::clone(&table.schema))
    }

    /// Takes rows as they come, until they end or nobody wants more.
    ///
    /// `split` makes rows of what came, none or several.
    ///
    /// # Errors
    ///
    /// When the database fails or is too slow, or a row has no cursor and must have one.
    pub(super) async fn take<T, E>(
        &mut self,
        stream: impl Stream<Item = Result<T, E>> + Unpin,
        mut split: impl FnMut(T, &mut Vec<R>) -> Result<(), String>,
        fail: impl Fn(E) -> DbError,
    ) -> Result<Flow, ExtractError> {
        if self.is_decided() && self.table.is_none() && !self.only_sampling {
            self.decide()?;
            if self.tell_schema().await == Flow::Enough {
                return Ok(Flow::Enough);
            }
        }
        let mut chunks = stream.ready_chunks(READY);
        let patience = self.job.patience();
        let mut rows = Vec::new();
        loop {
            let Ok(chunk) = timeout(self.job.left(patience)?, chunks.next()).await else {
                return Err(self.job.slow().into());
            };
            let Some(chunk) = chunk else { return Ok(Flow::More) };
            for item in chunk {
                let broken = |reason: String| DbError::Lost { reason };
                split(item.map_err(&fail)?, &mut rows).map_err(broken)?;
                for row in rows.drain(..) {
                    if self.push(row).await? == Flow::Enough {
                        return Ok(Flow::Enough);
                    }
                }
            }
        }
    }

    async fn push(&mut self, row: R) -> Result<Flow, ExtractError> {
        let limit = self.job.request.limit.unwrap_or(u64::MAX);
        if self.table.is_some() && self.seen >= limit {
            return Ok(Flow::Enough);
        }
        self.seen += 1;
        self.received += row.size() as u64;
        if self.only_sampling {
            self.pending.push(row);
            return Ok(if self.pending.len() >= SAMPLE { Flow::Enough } else { Flow::More });
        }
        if self.table.is_none() {
            self.pending.push(row);
            if self.pending.len() < SAMPLE {
                return Ok(Flow::More);
            }
            let flow = self.begin().await?;
            return Ok(if self.seen >= limit { Flow::Enough } else { flow });
        }
        self.append(&row, self.seen)?;
        if self.table.as_ref().is_some_and(|table| table.rows >= self.job.batch_rows() || table.bytes >= BATCH_BYTES) {
            return self.flush().await;
        }
        Ok(Flow::More)
    }

    /// Decides, and goes through the rows that waited for it.
    async fn begin(&mut self) -> Result<Flow, ExtractError> {
        self.decide()?;
        if self.tell_schema().await == Flow::Enough {
            return Ok(Flow::Enough);
        }
        let mut pending = std::mem::take(&mut self.pending);
        let before = self.seen - pending.len() as u64;
        // Those beyond the limit have decided on the types, and that was all.
        let limit = self.job.request.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        pending.truncate(limit);
        self.seen = before + pending.len() as u64;
        for (number, row) in pending.into_iter().enumerate() {
            self.append(&row, before + number as u64 + 1)?;
        }
        // Somebody may be looking on, and the first rows are here.
        self.flush().await
    }

    /// The end of the rows.
    ///
    /// # Errors
    ///
    /// [`ExtractError::Misfit`] when values did not fit their columns.
    pub(super) async fn finish(&mut self) -> Result<(), ExtractError> {
        if self.table.is_none() {
            self.begin().await?;
        }
        self.flush().await?;
        if self.misfits.is_empty() {
            return Ok(());
        }
        Err(ExtractError::Misfit { columns: std::mem::take(&mut self.misfits) })
    }

    /// Decides on the types by the rows that came so far.
    pub(super) fn decide(&mut self) -> Result<(), ExtractError> {
        let mut shapes = Vec::with_capacity(self.hints.len());
        for (column, hint) in self.hints.iter().enumerate() {
            shapes.push(match hint {
                Hint::Known(shape) => (*shape, false),
                Hint::Number => self.extent(column)?,
                Hint::Any(likely) => self.fitting(column, *likely)?,
            });
        }
        self.table = Some(Table::new(&self.job, &self.names, &shapes));
        Ok(())
    }

    fn each(&self, column: usize, mut see: impl FnMut(&Value<'_>)) -> Result<(), ExtractError> {
        for row in &self.pending {
            row.visit(&self.natives, |at, value| {
                if at == column {
                    see(&value);
                }
            })
            .map_err(|reason| DbError::Lost { reason })?;
        }
        Ok(())
    }

    /// A type for exact numbers; text if there is none to go by.
    fn extent(&self, column: usize) -> Result<(Shape, bool), ExtractError> {
        let (mut extent, mut any) = (Extent::default(), false);
        self.each(column, |value| {
            any |= *value != Value::Null;
            extent.see(value);
        })?;
        Ok(if any { (extent.shape(), false) } else { (Shape::Text, true) })
    }

    /// The first type that takes all values.
    fn fitting(&self, column: usize, likely: Option<Shape>) -> Result<(Shape, bool), ExtractError> {
        let candidates: Vec<Shape> =
            likely.into_iter().chain([Shape::Int, Shape::Float, Shape::Bytes, Shape::Text]).collect();
        let mut builders: Vec<(Builder, bool)> = candidates.iter().map(|shape| (Builder::new(*shape), true)).collect();
        let mut any = false;
        self.each(column, |value| {
            any |= *value != Value::Null;
            for (builder, fits) in builders.iter_mut().filter(|(_, fits)| *fits) {
                *fits = builder.push(value);
            }
        })?;
        if !any {
            return Ok((likely.unwrap_or(Shape::Text), likely.is_none()));
        }
        let first = candidates.iter().zip(&builders).find(|(_, (_, fits))| *fits);
        Ok((first.map_or(Shape::Text, |(shape, _)| *shape), false))
    }

    async fn tell_schema(&mut self) -> Flow {
        let Some(schema) = self.schema().filter(|_| self.tells_schema) else { return Flow::More };
        self.tells_schema = false;
        if self.sender.send(Told::Schema(schema)).await.is_err() { Flow::Enough } else { Flow::More }
    }

    /// Puts the row with this number into the columns.
    fn append(&mut self, row: &R, record: u64) -> Result<(), ExtractError> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let (mut broken, mut no_cursor) = (None, false);
        let (names, misfits) = (&self.names, &mut self.misfits);
        row.visit(&self.natives, |column, value| {
            let Some(builder) = table.builders.get_mut(column) else { return };
            if let Value::Broken(reason) = &value {
                broken.get_or_insert_with(|| format!("column `{}`: {reason}", names[column]));
                builder.push(&Value::Null);
                return;
            }
            no_cursor |= table.cursor == Some(column) && value == Value::Null;
            if !builder.push(&value) && misfits.iter().all(|misfit| misfit.column != names[column]) {
                misfits.push(Misfit {
                    column: names[column].clone(),
                    value: spelled(&value).chars().take(100).collect(),
                    line: record,
                    data_type: type_name(&table.shapes[column].data_type()),
                });
            }
        })
        .map_err(|reason| DbError::Lost { reason })?;
        table.rows += 1;
        table.bytes += row.size();
        if let Some(reason) = broken {
            let raw = raw(row, &self.natives, names);
            table.unreadable.push(Unreadable { record, line: record, reason, raw });
            table.leave_out();
        } else if no_cursor {
            match self.job.source.incremental.as_ref().map(|incremental| incremental.null_cursor) {
                Some(NullCursor::Exclude) => {
                    table.excluded += 1;
                    table.leave_out();
                }
                Some(NullCursor::Fail) => {
                    let column = table.cursor.map(|column| names[column].clone()).unwrap_or_default();
                    return Err(DbError::NullCursor { column, row: record }.into());
                }
                Some(NullCursor::Include) | None => {}
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<Flow, ExtractError> {
        let Some(table) = &mut self.table else { return Ok(Flow::More) };
        if table.rows == 0 {
            return Ok(Flow::More);
        }
        let began = Instant::now();
        let mut delivery = table.delivery(&self.job, &self.names, &mut self.misfits, self.seen)?;
        delivery.parsing = began.elapsed();
        // What does not fit makes all of it be read again; until then there is nothing to be had.
        if !self.misfits.is_empty() {
            return Ok(if self.sender.is_closed() { Flow::Enough } else { Flow::More });
        }
        Ok(if self.sender.send(Told::Batch(delivery)).await.is_err() { Flow::Enough } else { Flow::More })
    }
}

impl Table {
    fn new(job: &Job, names: &[String], shapes: &[(Shape, bool)]) -> Self {
        let declared: Vec<Option<DeclaredType>> = names
            .iter()
            .zip(shapes)
            .map(|(name, (shape, _))| {
                let declared = job.request.declared.get(name).filter(|_| !job.request.as_text.contains(name));
                declared.copied().filter(|declared| arrow_type(declared) != shape.data_type())
            })
            .collect();
        let fields = names.iter().zip(shapes).zip(&declared).map(|((name, (shape, unseen)), declared)| {
            let field = Field::new(name, declared.as_ref().map_or_else(|| shape.data_type(), arrow_type), true);
            match declared {
                None if *unseen => field.with_metadata([(NULLS_ONLY.to_owned(), "true".to_owned())].into()),
                _ => field,
            }
        });
        let cursor = job.source.incremental.as_ref().map(|incremental| &incremental.cursor);
        Self {
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            builders: shapes.iter().map(|(shape, _)| Builder::new(*shape)).collect(),
            shapes: shapes.iter().map(|(shape, _)| *shape).collect(),
            declared,
            cursor: cursor.and_then(|cursor| names.iter().position(|name| name == cursor)),
            rows: 0,
            bytes: 0,
            kept: Vec::new(),
            unreadable: Vec::new(),
            excluded: 0,
            parsing: Duration::ZERO,
        }
    }

    /// The last row does not go on.
    fn leave_out(&mut self) {
        self.kept.resize(self.rows.saturating_sub(1), true);
        self.kept.push(false);
    }

    /// Leaves out what an earlier extract has landed, and says how far these rows come.
    fn reach(&mut self, job: &Job, names: &[String], native: &[ArrayRef], rows: usize, seen: u64) -> Option<Cursor> {
        let boundary = Boundary::new(job.source.incremental.as_ref()?, names, native, job.request.timezone)?;
        let before = seen - rows as u64;
        let unreadable = |row: usize| self.unreadable.iter().find(|each| each.record == before + row as u64 + 1);
        let raw = |row: usize| unreadable(row).map(|each| each.raw.clone());
        let landed = job.request.since.as_ref().map(|since| boundary.landed(since, &raw)).unwrap_or_default();
        let cursor = boundary.greatest(&raw);
        for row in landed {
            self.unreadable.retain(|each| each.record != before + row as u64 + 1);
            self.kept.resize(self.kept.len().max(row + 1), true);
            self.kept[row] = false;
        }
        cursor
    }

    /// The rows so far as a batch; nothing is left of them here.
    fn delivery(
        &mut self,
        job: &Job,
        names: &[String],
        misfits: &mut Vec<Misfit>,
        seen: u64,
    ) -> Result<Delivery, ExtractError> {
        let arrow = |error: arrow::error::ArrowError| DbError::Lost { reason: error.to_string() };
        let rows = std::mem::take(&mut self.rows);
        let native: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        let cursor = self.reach(job, names, &native, rows, seen);
        let mut columns = Vec::with_capacity(native.len());
        for (column, (array, declared)) in native.into_iter().zip(&self.declared).enumerate() {
            let Some(declared) = declared else {
                columns.push(array);
                continue;
            };
            let (converted, failed) = cast(&array, declared, job.request.timezone);
            misfit(&names[column], &array, &failed, *declared, seen - rows as u64, misfits);
            columns.push(converted);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let mut batch =
            RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(arrow)?;
        if !self.kept.is_empty() {
            let mut kept = std::mem::take(&mut self.kept);
            kept.resize(rows, true);
            batch = filter_record_batch(&batch, &BooleanArray::from(kept)).map_err(arrow)?;
        }
        Ok(Delivery {
            batch,
            unreadable: std::mem::take(&mut self.unreadable),
            cursor,
            bytes: std::mem::take(&mut self.bytes) as u64,
            excluded: std::mem::take(&mut self.excluded),
            parsing: std::mem::take(&mut self.parsing),
        })
    }
}

/// Notes the first value of a column that is none of the declared type.
fn misfit(
    name: &str,
    array: &ArrayRef,
    failed: &BooleanBuffer,
    declared: DeclaredType,
    before: u64,
    misfits: &mut Vec<Misfit>,
) {
    let Some(row) = failed.set_indices().next() else { return };
    if misfits.iter().any(|misfit| misfit.column == name) {
        return;
    }
    let value = cell_text(array.as_ref(), row).unwrap_or_default();
    misfits.push(Misfit {
        column: name.to_owned(),
        value: value.chars().take(100).collect(),
        line: before + row as u64 + 1,
        data_type: type_name(&arrow_type(&declared)),
    });
}

/// A row that cannot be read, as JSON.
fn raw<R: Row>(row: &R, natives: &[R::Native], names: &[String]) -> String {
    let mut object = serde_json::Map::new();
    let visited = row.visit(natives, |column, value| {
        let name = names.get(column).cloned().unwrap_or_default();
        let text = match value {
            Value::Null => serde_json::Value::Null,
            value => spelled(&value).into(),
        };
        object.insert(name, text);
    });
    let text = serde_json::Value::Object(object).to_string();
    match visited {
        Ok(()) => text.chars().take(RAW).collect(),
        Err(reason) => reason,
    }
}
