//! Wire types of reading: rows with a sort and a filter, profiles, exports, files, and the tree of what
//! stands in storage.
//!
//! Values travel as Arrow, or as text with every digit; never as JSON numbers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ColumnInfo, Count, Layer, PartitionRef, Target};

/// Which rows, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct RowsOf {
    /// Which partition; with `whole`, of which dataset and layer.
    pub of: PartitionRef,
    /// [`super::TableInfo::name`]; empty means the first.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub table: String,
    /// All partitions of the layer, newest last, with the columns that stand in their paths.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub whole: bool,
    /// A condition such as `amount > 100 and status = 'paid'`; empty means all rows.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub filter: String,
    /// What they are sorted by, the most important first; empty means as they were written. NULL comes
    /// last either way, and rows that are equal stay as they were written.
    #[serde(default)]
    #[ts(as = "Option<Vec<SortKey>>", optional)]
    pub sort: Vec<SortKey>,
}

impl RowsOf {
    /// All rows of a table as they were written.
    pub fn table(of: PartitionRef, table: impl Into<String>) -> Self {
        Self { of, table: table.into(), whole: false, filter: String::new(), sort: Vec::new() }
    }
}

/// A column to sort by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct SortKey {
    /// Its name.
    pub column: String,
    /// The greatest first.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub descending: bool,
}

/// Asks for a window of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RowsRequest {
    /// Which rows.
    #[serde(flatten)]
    #[ts(flatten)]
    pub rows: RowsOf,
    /// Columns wanted, in this order; empty means all.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub columns: Vec<String>,
    /// First row, from 0, of those that the filter leaves, in their order.
    pub offset: Count,
    /// At most this many; at most 2,000.
    pub limit: u32,
    /// Texts and bytes longer than this many bytes are cut, for screens; [`RowsInfo::cut`] says if any
    /// was. `None`: never.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub cut: Option<u32>,
    /// A name for the job, with which `cancel` ends a sort or a filter that has to be worked out first.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub job: String,
}

impl RowsRequest {
    /// A window with all columns, uncut.
    pub fn window(rows: RowsOf, offset: u64, limit: u32) -> Self {
        Self { rows, columns: Vec::new(), offset: Count(offset), limit, cut: None, job: String::new() }
    }
}

/// What comes with a window of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RowsInfo {
    /// The partition's id, also where the newest was asked for.
    pub id: String,
    /// The table that was opened.
    pub table: String,
    /// Version the rows are of; it changes when a run commits. 0 where they are of several partitions.
    pub version: Count,
    /// Identifies exactly these rows: partitions, versions and table.
    pub snapshot: String,
    /// Rows that the filter leaves.
    pub total: Count,
    /// First row of this window, from 0.
    pub offset: Count,
    /// Columns of the window with their types.
    pub columns: Vec<ColumnInfo>,
    /// Whether a value was cut.
    pub cut: bool,
}

/// Opens rows: finds out how many there are, sorting and filtering where asked to. What was worked out
/// is kept, so that windows of it come at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenRowsRequest {
    /// Which rows.
    pub rows: RowsOf,
    /// A name for the job, with which `cancel` ends it.
    #[serde(default)]
    pub job: String,
}

/// How opening goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum OpenRowsEvent {
    /// How far it is; at most ten a second.
    Progress(ReadProgress),
    /// The last event.
    Opened(Box<OpenedRows>),
}

/// How far reading is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReadProgress {
    /// What is being done: `filter`, `sort`, `find`, `profile`, `export`.
    pub doing: String,
    /// Rows so far.
    pub rows: Count,
    /// Rows in all.
    pub total: Count,
}

/// Rows that are open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenedRows {
    /// As in [`RowsInfo`].
    pub id: String,
    /// The table that was opened.
    pub table: String,
    /// As in [`RowsInfo`].
    pub version: Count,
    /// As in [`RowsInfo`].
    pub snapshot: String,
    /// Rows that the filter leaves.
    pub total: Count,
    /// Rows without the filter.
    pub unfiltered: Count,
    /// Every column.
    pub columns: Vec<ColumnInfo>,
    /// Key columns, as far as the config names them and they are there: those to keep in sight.
    pub keys: Vec<String>,
    /// Partitions the rows are of.
    pub partitions: Count,
}

/// Asks for one row, all columns, uncut as far as each is shorter than 64 KiB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RowRequest {
    /// Which rows.
    pub rows: RowsOf,
    /// Which of them, from 0.
    pub row: Count,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RowDetail {
    /// Which, from 0.
    pub row: Count,
    /// As in [`RowsInfo`].
    pub snapshot: String,
    /// The partition it is in.
    pub partition: String,
    /// The file it is in, below the partition's base.
    pub file: String,
    /// Which row of that file, from 0.
    pub row_of_file: Count,
    /// Its values, in the order of the columns.
    pub cells: Vec<CellValue>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CellValue {
    /// Name of the column.
    pub column: String,
    /// Its type as a person would write it.
    pub data_type: String,
    /// The value as text with every digit; bytes in hexadecimal. `None`: NULL.
    pub text: Option<String>,
    /// Bytes of the whole text.
    pub bytes: Count,
    /// Whether `text` is only a piece of it.
    pub cut: bool,
}

/// Asks for one value, or a piece of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CellRequest {
    /// Which rows.
    pub rows: RowsOf,
    /// Which of them, from 0.
    pub row: Count,
    /// Name of the column.
    pub column: String,
    /// First byte of its text; moved back to the start of a character.
    #[serde(default)]
    pub from: Count,
    /// At most this many bytes; at most 4 MiB.
    pub limit: u32,
}

/// Asks for the next row that has a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindRequest {
    /// Which rows.
    pub rows: RowsOf,
    /// What to find, in any case.
    pub text: String,
    /// In this column; `None`: in any.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub column: Option<String>,
    /// Look from this row on, from 0, itself included.
    pub from: Count,
    /// Look towards the first row.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub backwards: bool,
    /// Count the rows that have it, instead of finding the next.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub count: bool,
    /// A name for the job, with which `cancel` ends it.
    #[serde(default)]
    pub job: String,
}

/// How finding goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FindEvent {
    /// How far it is; at most ten a second.
    Progress(ReadProgress),
    /// The last event: it is there.
    Found {
        /// The row, from 0.
        row: Count,
        /// The first column that has it.
        column: String,
    },
    /// The last event: up to the end there is none.
    Absent,
    /// The last event, where counting was asked for.
    Counted {
        /// Rows that have it.
        hits: Count,
        /// Those of them that are before [`FindRequest::from`].
        before: Count,
    },
}

/// Asks what the values of a column are like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProfileRequest {
    /// Which rows; their order does not matter.
    pub rows: RowsOf,
    /// Name of the column.
    pub column: String,
    /// A name for the job, with which `cancel` ends it.
    #[serde(default)]
    pub job: String,
}

/// How profiling goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ProfileEvent {
    /// How far it is; at most ten a second.
    Progress(ReadProgress),
    /// The last event.
    Profiled(Box<ColumnProfile>),
}

/// What the values of a column are like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ColumnProfile {
    /// Its name.
    pub column: String,
    /// Its type as a person would write it.
    pub data_type: String,
    /// Its type in Arrow's words.
    pub arrow_type: String,
    /// Rows looked at.
    pub rows: Count,
    /// Of them NULL.
    pub nulls: Count,
    /// Texts that are empty, which is not NULL.
    pub empty: Count,
    /// Different values, NULL not counted.
    pub distinct: Count,
    /// Whether `distinct` is exact; otherwise within about two percent.
    pub distinct_exact: bool,
    /// The least value, as text; cut at 200 characters.
    pub least: Option<String>,
    /// The greatest value, likewise.
    pub greatest: Option<String>,
    /// Of numbers.
    pub numbers: Option<NumberProfile>,
    /// Of texts.
    pub lengths: Option<LengthProfile>,
    /// The most frequent values, at most 20.
    pub top: Vec<ValueCount>,
    /// Whether the counts of `top` are exact, and no other value is more frequent.
    pub top_exact: bool,
    /// How the values of numbers, dates and times spread, from the least to the greatest.
    pub histogram: Vec<Bucket>,
}

/// Of a column of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct NumberProfile {
    /// The sum with every digit; of floats as near as they are. `None`: it has no room.
    pub sum: Option<String>,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the values as a whole.
    pub deviation: f64,
    /// Values that are not a number, or infinite.
    pub not_finite: Count,
    /// Quantiles that are values of the column.
    pub quantiles: Vec<Quantile>,
    /// Whether the quantiles are exact; otherwise they are of a sample of a million values.
    pub quantiles_exact: bool,
}

/// A value below which a part of all values are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Quantile {
    /// In percent.
    pub percent: f64,
    /// The value as text.
    pub value: String,
}

/// Of a column of texts, in characters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LengthProfile {
    /// The shortest.
    pub least: Count,
    /// The longest.
    pub greatest: Count,
    /// Mean.
    pub mean: f64,
}

/// A value with how often it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ValueCount {
    /// The value as text; cut at 200 characters.
    pub value: String,
    /// How often.
    pub count: Count,
}

/// One bar of a histogram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Bucket {
    /// Its least value as text.
    pub from: String,
    /// Its greatest value as text.
    pub to: String,
    /// Values in it; of a sample where there are more than a million.
    pub count: Count,
}

/// What a file of exported rows is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated, RFC 4180; NULL is nothing, the empty text is `""`.
    #[default]
    Csv,
    /// One JSON object a line; 64-bit integers and decimals are text.
    Jsonl,
    /// Parquet with snappy.
    Parquet,
}

/// Asks to write rows to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportRequest {
    /// Which rows.
    pub rows: RowsOf,
    /// Columns wanted, in this order; empty means all.
    #[serde(default)]
    pub columns: Vec<String>,
    /// In which form.
    pub format: ExportFormat,
    /// The file; a relative path starts where the front end opened the engine.
    pub path: String,
    /// Whether a file of that name may be replaced.
    #[serde(default)]
    pub replace: bool,
    /// A name for the job, with which `cancel` ends it; then nothing is written.
    #[serde(default)]
    pub job: String,
}

/// How exporting goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ExportEvent {
    /// How far it is; at most ten a second.
    Progress(ReadProgress),
    /// The last event: the file is there, whole.
    Exported {
        /// As the user would name it.
        path: String,
        /// Rows.
        rows: Count,
        /// Bytes.
        bytes: Count,
    },
}

/// A folder of a layer, as `browse` named it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct FolderRef {
    /// [`BrowseRoot::root`].
    pub root: String,
    /// [`BrowseEntry::path`].
    pub path: String,
}

/// Asks what is in a folder of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowseRequest {
    /// A config file or a workspace folder: it says where the layers are.
    #[serde(default)]
    pub target: Target,
    /// Which layer.
    pub layer: Layer,
    /// Which folder; `None`: the roots of the layer.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub folder: Option<FolderRef>,
    /// [`BrowsePage::next`] of the page before.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub after: Option<String>,
    /// At most this many entries; at most 1,000.
    pub limit: u32,
}

/// A page of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowsePage {
    /// The roots, where they were asked for.
    pub roots: Vec<BrowseRoot>,
    /// What is in the folder. Partitions by date come newest first where the folder has at most 1,000
    /// entries, otherwise in the order of the storage.
    pub entries: Vec<BrowseEntry>,
    /// Entries in all, where that is known.
    pub total: Option<Count>,
    /// Pass it back for the next page; `None`: there is none.
    pub next: Option<String>,
}

/// A place where a layer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowseRoot {
    /// As the user would name it; identifies it.
    pub root: String,
    /// Kind of storage: `local`, `s3`, `azure`, `gcs`.
    pub storage: String,
    /// Datasets that land there.
    pub datasets: Vec<String>,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowseEntry {
    /// Its name.
    pub name: String,
    /// Its path below the root.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// The dataset whose table or entity it is, or is in, if a config names it.
    pub dataset: Option<String>,
}

/// Asks what folders are, for those that are on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GlanceRequest {
    /// As in [`BrowseRequest`].
    #[serde(default)]
    pub target: Target,
    /// Which layer.
    pub layer: Layer,
    /// Which root.
    pub root: String,
    /// Paths below it, at most 100.
    pub paths: Vec<String>,
}

/// What a folder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Glance {
    /// Its path below the root.
    pub path: String,
    /// Whether a version is committed there.
    pub partition: bool,
    /// The version that stands, from 1.
    pub version: Count,
    /// Its rows.
    pub rows: Count,
    /// Its bytes.
    pub bytes: Count,
    /// Unreadable records or quarantined rows.
    pub rejected: Count,
    /// When it was committed, RFC 3339, UTC.
    pub committed_at: String,
    /// Why it cannot be said.
    pub problem: Option<String>,
}

/// Asks for a look into a file of a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileRequest {
    /// Which partition.
    pub of: PartitionRef,
    /// [`super::FileInfo::path`] or [`ControlFile::path`].
    pub path: String,
    /// Of a text file: first byte of the piece.
    #[serde(default)]
    pub from: Count,
    /// Of a text file: bytes of the piece, at most 1 MiB.
    pub limit: u32,
    /// Of a Parquet file: the row group whose column chunks are told, from 0.
    #[serde(default)]
    pub group: u32,
}

/// A file of a partition that is no part: a copy for other tools, or a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ControlFile {
    /// Pass it to `view_file`.
    pub path: String,
    /// Bytes.
    pub bytes: Count,
}

/// A look into a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct FileView {
    /// As it was asked for.
    pub path: String,
    /// Where it is, as the user would name it.
    pub place: String,
    /// Bytes.
    pub bytes: Count,
    /// Of a Parquet file.
    pub parquet: Option<Box<ParquetView>>,
    /// Of any other.
    pub text: Option<TextPiece>,
}

/// A piece of a text file, cut between characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextPiece {
    /// Its first byte.
    pub from: Count,
    /// The first byte behind it.
    pub to: Count,
    /// The text; bytes that are no UTF-8 are shown as U+FFFD.
    pub text: String,
}

/// What a Parquet file is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ParquetView {
    /// Rows.
    pub rows: Count,
    /// The program that wrote it, as it says.
    pub created_by: String,
    /// Version of the format.
    pub version: u32,
    /// Bytes of the metadata at the end of the file.
    pub footer_bytes: Count,
    /// The schema in Parquet's own words.
    pub schema: String,
    /// Key-value metadata; values are cut at 10,000 bytes.
    pub metadata: Vec<KeyValue>,
    /// Leaf columns, over all row groups.
    pub columns: Vec<ParquetColumn>,
    /// Row groups.
    pub groups: Vec<ParquetGroup>,
    /// Which row group `chunks` are of.
    pub group: u32,
    /// Column chunks of that row group.
    pub chunks: Vec<ParquetChunk>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeyValue {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}

/// A leaf column of a Parquet file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParquetColumn {
    /// Its path, with dots.
    pub path: String,
    /// Physical type.
    pub physical: String,
    /// Logical type, if it has one.
    pub logical: Option<String>,
    /// Type in Arrow's words, of the top-level column.
    pub arrow: String,
    /// `required`, `optional` or `repeated`.
    pub repetition: String,
    /// Bytes in the file.
    pub compressed: Count,
    /// Bytes before compression.
    pub uncompressed: Count,
    /// NULLs, as far as all row groups tell.
    pub nulls: Option<Count>,
    /// Compression of its chunks.
    pub compression: Vec<String>,
    /// Encodings of its chunks.
    pub encodings: Vec<String>,
}

/// A row group of a Parquet file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParquetGroup {
    /// Rows.
    pub rows: Count,
    /// Bytes in the file.
    pub compressed: Count,
    /// Bytes before compression.
    pub uncompressed: Count,
    /// What it says it is sorted by.
    pub sorted_by: Vec<String>,
}

/// A column chunk: a column in a row group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParquetChunk {
    /// Path of the column.
    pub column: String,
    /// Values, NULL included.
    pub values: Count,
    /// Where it starts in the file.
    pub start: Count,
    /// Bytes in the file.
    pub compressed: Count,
    /// Bytes before compression.
    pub uncompressed: Count,
    /// Compression.
    pub compression: String,
    /// Encodings of its pages.
    pub encodings: Vec<String>,
    /// NULLs, if told.
    pub nulls: Option<Count>,
    /// Different values, if told.
    pub distinct: Option<Count>,
    /// The least value as text; cut at 200 characters.
    pub least: Option<String>,
    /// The greatest value, likewise.
    pub greatest: Option<String>,
    /// Whether least and greatest are values of the column, not bounds of them.
    pub exact: bool,
    /// Pages, if the file has an index of them.
    pub pages: Option<u32>,
    /// Whether it has a Bloom filter.
    pub bloom: bool,
}
