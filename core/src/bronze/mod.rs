//! Lands a source as a Bronze partition: bounded memory, all of it or nothing, the same bytes for
//! the same source.

mod layout;
mod metadata;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use arrow::array::{StringBuilder, UInt64Builder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate, Utc};

use crate::batch;
use crate::cancel::CancelToken;
use crate::config::settings::{Compression, Dataset, Formats, Source};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::event::{Note, NoteLevel, Phase, counted};
use crate::extract::{
    self, ExtractError, ExtractRequest, Extraction, Extractor, Misfit, Position, SourceSummary, Unreadable,
};
use crate::publish::parts::{self, PartError, PartOptions, TableWriter};
use crate::publish::{Attempt, CommittedTable, Draft, Partition, PublishError, Published, timestamp};

pub(crate) use layout::{BronzeTable, Landed};

/// What to land.
#[derive(Clone, Debug)]
pub(crate) struct Landing<'a> {
    /// From which dataset.
    pub(crate) dataset: &'a Dataset,
    /// For which date.
    pub(crate) date: NaiveDate,
    /// Where.
    pub(crate) partition: Partition,
    /// Identifies the run.
    pub(crate) run_id: String,
    /// New, for this landing only.
    pub(crate) attempt: String,
    /// When it began.
    pub(crate) started: DateTime<Utc>,
    /// Looked at between batches.
    pub(crate) cancel: CancelToken,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct LandedOutcome {
    /// The version that stands.
    pub(crate) published: Published,
    /// What is worth saying.
    pub(crate) notes: Vec<Note>,
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
    /// The reading thread ended without a word.
    #[error("reading the source ended unexpectedly")]
    ReaderLost,
}

impl Coded for BronzeError {
    fn code(&self) -> Code {
        match self {
            Self::Extract(error) => error.code(),
            Self::Publish(error) => error.code(),
            Self::Part(PartError::Storage(error)) => error.code(),
            Self::Part(PartError::Encode { .. }) => code::STG010,
            Self::OtherPattern { .. } => code::STG015,
            Self::NotInCsv { .. } => code::EXT022,
            Self::NoColumns => code::EXT018,
            Self::ReaderLost => code::RUN013,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Extract(error) => error.stage(),
            Self::Publish(_) | Self::Part(_) | Self::OtherPattern { .. } => Stage::Storage,
            Self::NotInCsv { .. } => Stage::Configuration,
            Self::NoColumns | Self::ReaderLost => Stage::Extraction,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Extract(error) => error.hint(),
            Self::Publish(error) => error.hint(),
            Self::Part(PartError::Storage(error)) => error.hint(),
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        matches!(self, Self::Publish(error) if error.is_transient())
    }
}

/// The extractor of a dataset's source.
pub(crate) fn extractor(source: &Source) -> Box<dyn Extractor> {
    match source {
        Source::File(file) => extract::file(file),
        other => extract::unavailable(other.kind()),
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
    if let Some(standing) = attempt
        .last_known()
        .and_then(|commit| commit.text("load_pattern"))
        .filter(|standing| *standing != settings.load_pattern.as_str())
    {
        return Err(BronzeError::OtherPattern {
            path: landing.partition.place().display().to_string(),
            standing: standing.to_owned(),
            wanted: settings.load_pattern.as_str(),
        });
    }
    let extractor = extractor(&landing.dataset.source);
    let mut request = ExtractRequest::of(landing.dataset, landing.date, None, &landing.cancel);
    let mut notes = Vec::new();
    let mut phase = Phase::Extract;
    let options = PartOptions {
        formats: settings.formats,
        compression: settings.compression,
        max_rows: settings.max_rows_per_file,
        max_bytes: settings.max_file_size_bytes,
    };
    let landed = loop {
        match read(extractor.as_ref(), &request, &mut attempt, options, &mut |position| progress(phase, position)) {
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
    let metadata = metadata::of(landing, &landed, &notes, now());
    let draft = Draft {
        run_id: landing.run_id.clone(),
        committed_at: timestamp(now()),
        tables: vec![landed.table],
        errors: landed.errors.map(|errors| errors.table),
        metadata,
        // The date matters where the path does not have it.
        meaning: format!("{} {}", settings.load_pattern.as_str(), landing.date),
        record_unchanged: false,
    };
    let published = attempt.commit(draft)?;
    Ok(LandedOutcome { published, notes })
}

/// What a reading of the source left as files.
struct Content {
    table: CommittedTable,
    errors: Option<ErrorTable>,
    source: SourceSummary,
    position: Position,
}

struct ErrorTable {
    table: CommittedTable,
    first: Unreadable,
}

/// What the reading thread sends.
enum Message {
    Batch(RecordBatch, Vec<Unreadable>, Position),
    End(Vec<Unreadable>, Position, SourceSummary),
    Failed(ExtractError),
}

fn read(
    extractor: &dyn Extractor,
    request: &ExtractRequest,
    attempt: &mut Attempt,
    options: PartOptions,
    progress: &mut dyn FnMut(Position),
) -> Result<Content, BronzeError> {
    let extraction = extractor.open(request)?;
    let schema = extraction.schema();
    let lossy = |field: &&arrow::datatypes::FieldRef| !batch::reads_back(field.data_type());
    if let Some(field) = schema.fields().iter().find(lossy).filter(|_| !options.formats.parquet) {
        return Err(BronzeError::NotInCsv {
            column: field.name().clone(),
            data_type: batch::type_name(field.data_type()),
        });
    }
    let mut rows = TableWriter::new("part", &schema, options);
    let mut errors = UnreadableWriter::default();
    let mut valued = vec![false; schema.fields().len()];
    // Reading and encoding overlap; the channel's length bounds memory.
    let (position, source) = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(4);
        scope.spawn(move || produce(extraction, &sender));
        consume(&receiver, |batch, unreadable, position| {
            if batch.num_columns() == 0 && batch.num_rows() > 0 {
                return Err(BronzeError::NoColumns);
            }
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
    let table = rows.finish("data", columns)?;
    Ok(Content { table, errors: errors.finish()?, source, position })
}

fn produce(mut extraction: Box<dyn Extraction>, sender: &SyncSender<Message>) {
    loop {
        let message = match extraction.next() {
            Ok(Some(batch)) => Message::Batch(batch, extraction.take_unreadable(), extraction.progress()),
            Ok(None) => Message::End(extraction.take_unreadable(), extraction.progress(), extraction.summary()),
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
) -> Result<(Position, SourceSummary), BronzeError> {
    let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
    loop {
        match receiver.recv() {
            Ok(Message::Batch(batch, unreadable, position)) => write(&batch, &unreadable, position)?,
            Ok(Message::End(unreadable, position, source)) => {
                write(&nothing, &unreadable, position)?;
                return Ok((position, source));
            }
            Ok(Message::Failed(error)) => return Err(error.into()),
            Err(_) => return Err(BronzeError::ReaderLost),
        }
    }
}

/// Writes records that could not be read into `_errors/`.
#[derive(Default)]
struct UnreadableWriter(Option<(TableWriter, Unreadable)>);

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
        let (writer, _) = self.0.get_or_insert_with(|| {
            let options = PartOptions {
                formats: Formats { parquet: true, csv: false },
                compression: Compression::Snappy,
                max_rows: 1_000_000,
                max_bytes: None,
            };
            (TableWriter::new("_errors/part", &Self::schema(), options), first.clone())
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

    fn finish(self) -> Result<Option<ErrorTable>, PartError> {
        let Some((writer, first)) = self.0 else { return Ok(None) };
        let table = writer.finish("_errors", parts::columns(&Self::schema(), |_| false))?;
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
