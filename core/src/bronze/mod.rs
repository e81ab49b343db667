//! Lands a source as a Bronze partition: bounded memory, all of it or nothing, the same bytes for
//! the same source.

mod layout;
mod metadata;
mod reach;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use arrow::array::{StringBuilder, UInt64Builder};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate, Utc};

use crate::batch::{self, Cursor};
use crate::cancel::CancelToken;
use crate::config::settings::{Compression, Dataset, Formats};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::event::{Note, NoteLevel, Phase};
use crate::extract::{
    self, ExtractError, ExtractRequest, Extraction, Extractor, Misfit, Position, SourceSummary, Unreadable,
};
use crate::figures::counted;
use crate::publish::parts::{self, PartError, PartOptions, TableWriter, Times, Workers};
use crate::publish::{Attempt, Commit, CommittedTable, Draft, Partition, PublishError, Published, timestamp};
use crate::world::World;

pub(crate) use layout::{BronzeTable, Landed, Occasion};
pub(crate) use reach::{Reach, ReachError, incremental, reach};

/// What to land.
#[derive(Clone, Debug)]
pub(crate) struct Landing<'a> {
    /// From which dataset.
    pub(crate) dataset: &'a Dataset,
    /// For which date.
    pub(crate) date: NaiveDate,
    /// The Bronze it belongs to.
    pub(crate) table: &'a BronzeTable,
    /// Where in it.
    pub(crate) partition: Partition,
    /// Its path below the folder of the table.
    pub(crate) id: String,
    /// Identifies the run.
    pub(crate) run_id: String,
    /// The outside, for the source.
    pub(crate) world: &'a World,
    /// New, for this landing only.
    pub(crate) attempt: String,
    /// When it began.
    pub(crate) started: DateTime<Utc>,
    /// Threads that encode, this one included; changes no byte.
    pub(crate) workers: NonZeroUsize,
    /// Takes what an incremental extract took before once more.
    pub(crate) refetch: bool,
    /// Looked at between batches.
    pub(crate) cancel: CancelToken,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum LandedOutcome {
    /// There is a version that stands.
    Published {
        /// That one.
        published: Box<Published>,
        /// What is worth saying.
        notes: Vec<Note>,
    },
    /// The day of a cursor source is closed, so nothing was asked for.
    Closed {
        /// The day that is committed after it.
        by: NaiveDate,
        /// What stands.
        standing: Option<Box<Commit>>,
    },
}

/// Why nothing was landed. What stood before still stands.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BronzeError {
    /// The source could not be read.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The partition could not be written or committed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A part could not be written.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The partition was landed with another load pattern.
    #[error("{path} was landed with load pattern {standing}, not {wanted}")]
    OtherPattern {
        /// The partition.
        path: String,
        /// Of the version that stands.
        standing: String,
        /// Of the config.
        wanted: &'static str,
    },
    /// Only CSV is written, and it cannot hold a column.
    #[error("the column `{column}` of type {data_type} cannot be kept in CSV alone")]
    NotInCsv {
        /// Its name.
        column: String,
        /// Its type, as a person would write it.
        data_type: String,
    },
    /// The records have no fields, so there is nothing to keep of them.
    #[error("the records of the source have no fields")]
    NoColumns,
    /// It is not known from where to where an extract reaches.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// Another run took the same records meanwhile.
    #[error("another run of {path} has come further meanwhile")]
    Overtaken {
        /// The table.
        path: String,
    },
    /// A day is to be fetched anew up to a cursor, and the records do not have it.
    #[error("the records have no column `{column}`, so it is not known which of them belong to the day")]
    NoCursorColumn {
        /// Its name.
        column: String,
    },
    /// The reading thread ended without a word.
    #[error("reading the source ended unexpectedly")]
    ReaderLost,
}

impl Coded for BronzeError {
    fn code(&self) -> Code {
        match self {
            Self::Extract(error) => error.code(),
            Self::Publish(error) | Self::Reach(ReachError::Publish(error)) => error.code(),
            Self::Part(error) => error.code(),
            Self::OtherPattern { .. } => code::STG015,
            Self::NotInCsv { .. } => code::EXT022,
            Self::Reach(ReachError::Unreadable { .. }) => code::STATE010,
            Self::Reach(ReachError::OtherField { .. }) => code::STATE011,
            Self::Overtaken { .. } => code::STG012,
            Self::NoCursorColumn { .. } => code::STATE012,
            Self::NoColumns => code::EXT018,
            Self::ReaderLost => code::RUN013,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Extract(error) => error.stage(),
            Self::Publish(error) => error.stage(),
            Self::NotInCsv { .. } | Self::Reach(ReachError::OtherField { .. }) => Stage::Configuration,
            Self::Part(_) | Self::OtherPattern { .. } | Self::Overtaken { .. } | Self::Reach(_) => Stage::Storage,
            Self::NoCursorColumn { .. } | Self::NoColumns | Self::ReaderLost => Stage::Extraction,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Extract(error) => error.hint(),
            Self::Publish(error) => error.hint(),
            Self::Part(error) => error.hint(),
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        match self {
            Self::Publish(error) | Self::Reach(ReachError::Publish(error)) => error.is_transient(),
            Self::Overtaken { .. } => true,
            Self::Extract(error) => error.is_transient(),
            _ => false,
        }
    }
}

/// Reads the source to its end and commits it as the content of the partition.
pub(crate) fn land(
    landing: &Landing<'_>,
    now: &dyn Fn() -> DateTime<Utc>,
    progress: &mut dyn FnMut(Phase, Position),
) -> Result<LandedOutcome, BronzeError> {
    let settings = &landing.dataset.bronze;
    let mut attempt = landing.partition.begin(&landing.attempt)?;
    if !landing.dataset.conduct.cleanup_on_failure {
        attempt.keep_on_failure();
    }
    if let Some(standing) = attempt
        .last_known()
        .and_then(|commit| commit.text("load_pattern"))
        .filter(|standing| *standing != settings.load_pattern.as_str())
    {
        return Err(BronzeError::OtherPattern {
            path: landing.partition.place().to_string(),
            standing: standing.to_owned(),
            wanted: settings.load_pattern.as_str(),
        });
    }
    let reach = reach(landing.dataset, landing.table, landing.date, landing.refetch)?;
    if let Reach::Closed { by, standing } = reach {
        return Ok(LandedOutcome::Closed { by, standing });
    }
    // What an extract adds to has its columns already.
    let adds = matches!(reach, Reach::Since(_)).then(|| attempt.standing().cloned()).flatten();
    let extractor = extract::extractor(&landing.dataset.source);
    let mut request = ExtractRequest::of(landing.dataset, landing.date, None, landing.world, &landing.cancel);
    request.since = reach.since().cloned();
    for column in adds.iter().flat_map(|commit| &commit.tables).flat_map(|table| &table.columns) {
        if let Some(declared) = batch::declared_type(&column.arrow).filter(|_| !column.nulls_only) {
            request.declared.entry(column.name.clone()).or_insert(declared);
        }
    }
    let mut notes = Vec::new();
    let mut phase = Phase::Extract;
    let options = PartOptions {
        formats: settings.formats,
        compression: settings.compression,
        level: settings.compression_level,
        max_rows: settings.max_rows_per_file,
        max_bytes: settings.max_file_size_bytes,
    };
    let workers = Workers::new(landing.workers);
    let landed = loop {
        let writing = Writing { options, workers: &workers, reach: &reach, adds: adds.as_ref() };
        match read(extractor.as_ref(), &request, &mut attempt, writing, &mut |position| progress(phase, position)) {
            // Columns that were text already cannot misfit again, so this ends.
            Err(BronzeError::Extract(ExtractError::Misfit { columns }))
                if columns.iter().any(|misfit| !request.as_text.contains(&misfit.column)) =>
            {
                notes.extend(columns.iter().map(widened));
                request.as_text.extend(columns.into_iter().map(|misfit| misfit.column));
                attempt.restart().map_err(PublishError::from)?;
                phase = Phase::Reread;
            }
            other => break other?,
        }
    };
    progress(Phase::Commit, landed.position);
    if let Some(errors) = &landed.errors {
        notes.push(note(
            NoteLevel::Warning,
            code::EXT016,
            format!(
                "{} could not be read, the first at line {}: {}",
                counted(errors.table.rows, "record"),
                errors.first.line,
                errors.first.reason
            ),
        ));
    }
    if landed.table.rows == 0 {
        notes.push(note(NoteLevel::Warning, code::EXT021, "the source has no records".into()));
    }
    notes.extend(landed.notes.iter().cloned());
    let metadata = metadata::of(landing, &landed, adds.as_ref(), &notes, now());
    let cursor = match &reach {
        Reach::Anew { until: Some(until), .. } => Some(until.clone()),
        reach => landed.cursor.clone().or_else(|| reach.since().cloned()),
    };
    let draft = Draft {
        run_id: landing.run_id.clone(),
        committed_at: timestamp(now()),
        tables: vec![landed.table],
        errors: landed.errors.map(|errors| errors.table),
        metadata,
        // The date matters where the path does not have it.
        meaning: format!("{} {}", settings.load_pattern.as_str(), landing.date),
        record_unchanged: false,
        cursor,
    };
    let published = if matches!(reach, Reach::Since(_)) {
        // Runs for other days are not kept from committing by ours; they may have taken the same records.
        let now = reach::reach(landing.dataset, landing.table, landing.date, landing.refetch)?;
        if !matches!(&now, Reach::Since(since) if since.as_ref() == reach.since()) {
            return Err(BronzeError::Overtaken { path: landing.table.place().to_string() });
        }
        attempt.append(draft)?
    } else {
        attempt.commit(draft)?
    };
    extractor.landed();
    Ok(LandedOutcome::Published { published: Box::new(published), notes })
}

/// How rows are written.
#[derive(Clone, Copy)]
struct Writing<'a> {
    options: PartOptions,
    workers: &'a Arc<Workers>,
    reach: &'a Reach,
    /// What stands, if it is added to.
    adds: Option<&'a Commit>,
}

/// What a reading of the source left as files.
struct Content {
    table: CommittedTable,
    errors: Option<ErrorTable>,
    source: SourceSummary,
    position: Position,
    cursor: Option<Cursor>,
    notes: Vec<Note>,
    reading: Reading,
    writing: Times,
}

struct ErrorTable {
    table: CommittedTable,
    first: Unreadable,
}

/// What the reading thread sends.
enum Message {
    Batch(RecordBatch, Vec<Unreadable>, Position),
    End(Vec<Unreadable>, Box<Ending>),
    Failed(ExtractError),
}

/// What is known at the end of a source.
struct Ending {
    position: Position,
    source: SourceSummary,
    cursor: Option<Cursor>,
    notes: Vec<Note>,
    reading: Reading,
}

fn read(
    extractor: &dyn Extractor,
    request: &ExtractRequest,
    attempt: &mut Attempt,
    writing: Writing<'_>,
    progress: &mut dyn FnMut(Position),
) -> Result<Content, BronzeError> {
    let extraction = extractor.open(request)?;
    let schema = extraction.schema();
    let lossy = |field: &&arrow::datatypes::FieldRef| !batch::reads_back(field.data_type());
    if let Some(field) = schema.fields().iter().find(lossy).filter(|_| !writing.options.formats.parquet) {
        return Err(BronzeError::NotInCsv {
            column: field.name().clone(),
            data_type: batch::type_name(field.data_type()),
        });
    }
    let there = |table: &CommittedTable| u32::try_from(table.readable().count()).unwrap_or(u32::MAX);
    let standing = writing.adds.and_then(|commit| commit.tables.first()).map_or(0, there);
    let mut rows = TableWriter::new("part", &schema, writing.options, writing.workers).after(standing);
    let standing = writing.adds.and_then(|commit| commit.errors.as_ref()).map_or(0, there);
    let mut errors = UnreadableWriter { after: standing, ..UnreadableWriter::default() };
    let mut valued = vec![false; schema.fields().len()];
    // Reading and encoding overlap; the channel's length bounds memory.
    let ending = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(4);
        scope.spawn(move || produce(extraction, &sender));
        consume(&receiver, |batch, unreadable, position| {
            if batch.num_columns() == 0 && batch.num_rows() > 0 {
                return Err(BronzeError::NoColumns);
            }
            let batch = &within(batch, writing.reach)?;
            rows.write(attempt, batch)?;
            for (valued, array) in valued.iter_mut().zip(batch.columns()) {
                *valued |= array.null_count() < array.len();
            }
            errors.write(attempt, unreadable)?;
            progress(position);
            Ok(())
        })
    })?;
    let mut columns =
        parts::columns(&schema, |name| request.declared.contains_key(name) && !request.as_text.contains(name));
    for (column, valued) in columns.iter_mut().zip(valued) {
        // The extractor saw none among the first records; one further on takes the mark away.
        column.nulls_only &= !valued;
    }
    let table = rows.finish(attempt, "data", columns)?;
    let writing = writing.workers.times();
    let errors = errors.finish(attempt)?;
    let Ending { position, source, cursor, notes, reading } = ending;
    Ok(Content { table, errors, source, position, cursor, notes, reading, writing })
}

/// The rows that belong to the day.
fn within(batch: &RecordBatch, reach: &Reach) -> Result<RecordBatch, BronzeError> {
    let Reach::Anew { until: Some(until), .. } = reach else { return Ok(batch.clone()) };
    if batch.num_rows() == 0 {
        return Ok(batch.clone());
    }
    let mask = reach::not_beyond(batch, until);
    let mask = mask.ok_or_else(|| BronzeError::NoCursorColumn { column: until.field.clone() })?;
    filter_record_batch(batch, &mask)
        .map_err(|error| PartError::Encode { place: "part".into(), source: error.into() }.into())
}

/// What reading took, of one thread.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    read: Duration,
    parse: Duration,
}

fn produce(mut extraction: Box<dyn Extraction>, sender: &SyncSender<Message>) {
    let mut busy = Duration::ZERO;
    loop {
        let began = Instant::now();
        let next = extraction.next();
        busy += began.elapsed();
        let message = match next {
            Ok(Some(batch)) => Message::Batch(batch, extraction.take_unreadable(), extraction.progress()),
            Ok(None) => {
                let parse = extraction.parsing();
                let reading = Reading { read: busy.saturating_sub(parse), parse };
                let ending = Ending {
                    position: extraction.progress(),
                    source: extraction.summary(),
                    cursor: extraction.cursor(),
                    notes: extraction.take_notes(),
                    reading,
                };
                Message::End(extraction.take_unreadable(), Box::new(ending))
            }
            Err(error) => Message::Failed(error),
        };
        let more = matches!(message, Message::Batch(..));
        // The other side hangs up when it failed itself.
        if sender.send(message).is_err() || !more {
            return;
        }
    }
}

fn consume(
    receiver: &Receiver<Message>,
    mut write: impl FnMut(&RecordBatch, &[Unreadable], Position) -> Result<(), BronzeError>,
) -> Result<Ending, BronzeError> {
    let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
    loop {
        match receiver.recv() {
            Ok(Message::Batch(batch, unreadable, position)) => write(&batch, &unreadable, position)?,
            Ok(Message::End(unreadable, ending)) => {
                write(&nothing, &unreadable, ending.position)?;
                return Ok(*ending);
            }
            Ok(Message::Failed(error)) => return Err(error.into()),
            Err(_) => return Err(BronzeError::ReaderLost),
        }
    }
}

/// Writes records that could not be read into `_errors/`.
#[derive(Default)]
struct UnreadableWriter {
    /// Parts that stand, to which these are added.
    after: u32,
    open: Option<(TableWriter, Unreadable)>,
}

impl UnreadableWriter {
    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("record", DataType::UInt64, false),
            Field::new("line", DataType::UInt64, false),
            Field::new("reason", DataType::Utf8, false),
            Field::new("raw", DataType::Utf8, false),
        ]))
    }

    fn write(&mut self, attempt: &mut Attempt, unreadable: &[Unreadable]) -> Result<(), PartError> {
        let Some(first) = unreadable.first() else { return Ok(()) };
        let after = self.after;
        let (writer, _) = self.open.get_or_insert_with(|| {
            let options = PartOptions {
                formats: Formats { parquet: true, csv: false },
                compression: Compression::Snappy,
                level: None,
                max_rows: 1_000_000,
                max_bytes: None,
            };
            let writer = TableWriter::new("_errors/part", &Self::schema(), options, &Workers::none());
            (writer.after(after), first.clone())
        });
        let (mut record, mut line) = (UInt64Builder::new(), UInt64Builder::new());
        let (mut reason, mut raw) = (StringBuilder::new(), StringBuilder::new());
        for row in unreadable {
            record.append_value(row.record);
            line.append_value(row.line);
            reason.append_value(&row.reason);
            raw.append_value(&row.raw);
        }
        let columns: Vec<arrow::array::ArrayRef> =
            vec![Arc::new(record.finish()), Arc::new(line.finish()), Arc::new(reason.finish()), Arc::new(raw.finish())];
        let batch = RecordBatch::try_new(Self::schema(), columns)
            .map_err(|error| PartError::Encode { place: "_errors".into(), source: error.into() })?;
        writer.write(attempt, &batch)
    }

    fn finish(self, attempt: &mut Attempt) -> Result<Option<ErrorTable>, PartError> {
        let Some((writer, first)) = self.open else { return Ok(None) };
        let table = writer.finish(attempt, "_errors", parts::columns(&Self::schema(), |_| false))?;
        Ok(Some(ErrorTable { table, first }))
    }
}

fn widened(misfit: &Misfit) -> Note {
    let Misfit { column, value, line, data_type } = misfit;
    note(
        NoteLevel::Warning,
        code::EXT020,
        format!("column `{column}` is kept as text: `{value}` at line {line} is no {data_type}"),
    )
}

fn note(level: NoteLevel, code: Code, message: String) -> Note {
    Note { level, code: Some(code.to_string()), message }
}
