//! What the records of a file are like: columns, types, texts that stand for null.
//!
//! Everything is read by the extractor that a run would use, through a config in the making, so that
//! no type is guessed twice in two ways.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;

use super::group::{Delivery, Group};
use super::sniff::Form;
use super::{Search, write};
use crate::batch::parse::{self, Grammar, Zone};
use crate::batch::render::cell_text;
use crate::batch::{is_nulls_only, type_name};
use crate::config;
use crate::extract::{self, ExtractError, ExtractRequest, Sample};
use crate::figures::count;
use crate::scaffold::ScaffoldError;

/// Records looked at for one dataset, over all its files.
const RECORDS: u64 = 10_000;
/// Files looked at for one dataset: the newest, the oldest, and one between.
const FILES: usize = 3;
/// Texts that often stand for null, beside the empty one.
const NULLS: [&str; 20] = [
    "NA", "N/A", "n/a", "na", "#N/A", "NULL", "Null", "null", "(null)", "\\N", "None", "none", "NaN", "nan", "-", "--",
    "?", ".", "missing", "unknown",
];

/// Those of them that seldom are anything else.
const SURE: [&str; 10] = ["NA", "N/A", "n/a", "#N/A", "NULL", "Null", "null", "(null)", "\\N", "None"];

/// Around a search.
#[derive(Debug)]
pub(super) struct Site<'a> {
    /// What is looked for.
    pub(super) search: &'a Search<'a>,
    /// The config file in the making, absolute.
    pub(super) config: &'a Path,
    /// Name of the system.
    pub(super) system: &'a str,
}

/// What was learned of a dataset.
#[derive(Debug)]
pub(super) struct Profile {
    /// How its files are read.
    pub(super) form: Form,
    /// In the order of the newest file.
    pub(super) columns: Vec<Column>,
    /// Records looked at.
    pub(super) rows: usize,
    /// Files looked at.
    pub(super) files: usize,
    /// Whether these were all records of those files.
    pub(super) whole: bool,
    /// Texts beside "" that stand for null, each with the columns that have a type because of it.
    pub(super) nulls: BTreeMap<String, Vec<String>>,
    /// Columns of text that have such a word too, and lose it.
    pub(super) also: Vec<String>,
    /// Words that nothing but text columns have, and these columns: null, or text?
    pub(super) doubtful: BTreeMap<String, Vec<String>>,
    /// The records, by file.
    pub(super) samples: Vec<Sample>,
    /// What is worth knowing.
    pub(super) notes: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// As `run.schema` writes it, or as Arrow calls it.
    pub(super) data_type: String,
    /// Records without a value.
    pub(super) nulls: usize,
    /// Records with one.
    pub(super) values: usize,
    /// Text of digits with zeros in front.
    pub(super) code: bool,
    /// Text of numbers that a float would not write as they are: digits before and after the point.
    pub(super) decimal: Option<(usize, usize)>,
    /// Longest text, in characters.
    pub(super) longest: usize,
}

impl Column {
    /// Whether it is a point in time.
    pub(super) fn is_temporal(&self) -> bool {
        matches!(self.data_type.as_str(), "date" | "timestamp" | "timestamptz")
    }
    /// Whether its type can be declared.
    pub(super) fn is_declarable(&self) -> bool {
        self.is_temporal() || matches!(self.data_type.as_str(), "text" | "integer" | "float" | "boolean")
    }
}

/// Reads samples of a dataset's files.
pub(super) fn profile(site: &Site<'_>, group: &Group, mut form: Form) -> Result<Profile, ScaffoldError> {
    let files = chosen(&group.files);
    let mut notes = Vec::new();
    let read = |form: &Form, nulls: &BTreeSet<String>| -> Result<Vec<Sample>, ScaffoldError> {
        files.iter().map(|file| read(site, group, file, form, nulls, files.len())).collect()
    };
    let mut samples = read(&form, &BTreeSet::new())?;
    // The first bytes may be plain ASCII, and a later one tell what the text really is.
    if form.encoding.is_none()
        && samples.iter().flat_map(|sample| &sample.unreadable).any(|row| row.reason.contains("utf-8"))
    {
        form.encoding = Some("windows-1252");
        samples = read(&form, &BTreeSet::new())?;
    }
    let text = matches!(form.format, "csv" | "tsv");
    let found = if text { tokens(&samples) } else { BTreeMap::new() };
    let mut nulls = BTreeMap::new();
    if !found.is_empty() {
        let typed = read(&form, &found.values().flatten().cloned().collect())?;
        nulls = justified(&samples, &typed, &found);
        let words: BTreeSet<String> = nulls.keys().cloned().collect();
        let all = found.values().flatten().all(|word| words.contains(word));
        if !words.is_empty() {
            samples = if all { typed } else { read(&form, &words)? };
        }
    }
    let (mut also, mut doubtful) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
    for (column, words) in &found {
        for word in words {
            match nulls.get(word) {
                Some(typed) if !typed.contains(column) => also.push(column.clone()),
                None if SURE.contains(&word.as_str()) => doubtful.entry(word.clone()).or_default().push(column.clone()),
                _ => {}
            }
        }
    }
    also.dedup();
    notes.extend(differences(&files, &samples));
    let profile = Profile::of(samples, form);
    notes.extend(profile.notes);
    Ok(Profile { files: files.len(), nulls, also, doubtful, notes, ..profile })
}

impl Profile {
    /// What records are like that were read once and are as they are.
    pub(super) fn of(samples: Vec<Sample>, form: Form) -> Self {
        let mut notes = Vec::new();
        let columns = columns(&samples);
        let rows = samples.iter().map(Sample::rows).sum();
        let unreadable: usize = samples.iter().map(|sample| sample.unreadable.len()).sum();
        if let Some(first) = samples.iter().flat_map(|sample| &sample.unreadable).next() {
            notes.push(format!(
                "{unreadable} records cannot be read, the first at line {}: {}; a run sets them aside",
                first.line, first.reason
            ));
        }
        if rows == 0 {
            notes.push("it has no records, so nothing is known of its columns but their names".to_owned());
        }
        let whole = samples.iter().all(|sample| !sample.more);
        let (nulls, also, doubtful) = Default::default();
        Self { form, columns, rows, files: 1, whole, nulls, also, doubtful, samples, notes }
    }
}

/// The newest, the oldest, and one between.
fn chosen(files: &[Delivery]) -> Vec<Delivery> {
    let last = files.len().saturating_sub(1);
    let mut places: Vec<usize> = [last, 0, last / 2].into_iter().take(FILES).collect();
    places.dedup();
    if places.len() == 3 && (places[2] == places[0] || places[2] == places[1]) {
        places.pop();
    }
    places.into_iter().filter_map(|place| files.get(place).cloned()).collect()
}

/// The first records of a file, as a run with these settings would read it.
fn read(
    site: &Site<'_>,
    group: &Group,
    file: &Delivery,
    form: &Form,
    nulls: &BTreeSet<String>,
    files: usize,
) -> Result<Sample, ScaffoldError> {
    let Search { root, world, cancel, .. } = site.search;
    if cancel.is_cancelled() {
        return Err(ScaffoldError::Cancelled);
    }
    let path = if group.is_dated() { group.path(site.config) } else { super::written(&file.path, site.config) };
    let text = write::probe(&path, form, nulls.iter().map(String::as_str));
    let config = site.config.display().to_string();
    let loaded = config::load_text(root, &config, &text, None, world.env.as_ref());
    let Some(dataset) = loaded.pipeline.as_ref().and_then(|pipeline| pipeline.datasets.first()) else {
        let why = loaded.diagnostics.first().map(|finding| finding.message.clone()).unwrap_or_default();
        return Err(ScaffoldError::Nothing { path: file.path.clone(), why });
    };
    let date = file.date.unwrap_or(NaiveDate::MIN);
    let request = ExtractRequest::of(dataset, date, None, world, cancel);
    let limit = RECORDS / files.max(1) as u64;
    extract::sample(extract::extractor(&dataset.source).as_ref(), &request, limit).map_err(|error| match error {
        ExtractError::Cancelled => ScaffoldError::Cancelled,
        other => other.into(),
    })
}

/// Every value of a column, as text; `None` where there is none.
pub(super) fn values<'s>(samples: &'s [Sample], name: &'s str) -> impl Iterator<Item = Option<String>> + 's {
    samples.iter().flat_map(|sample| &sample.batches).flat_map(move |batch| cells(batch, name))
}

/// The same of one batch.
pub(super) fn cells<'b>(batch: &'b RecordBatch, name: &str) -> impl Iterator<Item = Option<String>> + 'b {
    let column = batch.column_by_name(name);
    (0..batch.num_rows()).map(move |row| column.and_then(|column| cell_text(column.as_ref(), row)))
}

/// Names in the order of the newest file, then those of the others.
fn names(samples: &[Sample]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in samples.iter().flat_map(|sample| sample.schema.fields()) {
        if !names.contains(field.name()) {
            names.push(field.name().clone());
        }
    }
    names
}

fn types<'s>(samples: &'s [Sample], name: &'s str) -> impl Iterator<Item = (&'s DataType, bool)> + 's {
    samples.iter().filter_map(move |sample| {
        let field = sample.schema.field_with_name(name).ok()?;
        Some((field.data_type(), is_nulls_only(field)))
    })
}

fn is_text(samples: &[Sample], name: &str) -> bool {
    types(samples, name).any(|(data_type, nulls_only)| type_name(data_type) == "text" && !nulls_only)
}

/// Columns of text with the words in them that may stand for null.
fn tokens(samples: &[Sample]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for name in names(samples).into_iter().filter(|name| is_text(samples, name)) {
        let words: BTreeSet<String> =
            values(samples, &name).flatten().filter(|value| NULLS.contains(&value.as_str())).collect();
        if !words.is_empty() {
            found.insert(name, words);
        }
    }
    found
}

/// The words that stand between a column and its type: without them it is no text any more.
fn justified(
    before: &[Sample],
    after: &[Sample],
    found: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeMap<String, Vec<String>> {
    let mut nulls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (column, words) in found {
        // A column in which nothing but such a word stands says nothing about it.
        let typed = types(after, column).any(|(_, nulls_only)| !nulls_only);
        if is_text(before, column) && !is_text(after, column) && typed {
            for word in words {
                nulls.entry(word.clone()).or_default().push(column.clone());
            }
        }
    }
    nulls
}

fn columns(samples: &[Sample]) -> Vec<Column> {
    names(samples).into_iter().map(|name| column(samples, name)).collect()
}

fn column(samples: &[Sample], name: String) -> Column {
    let mut kinds: Vec<String> = types(samples, &name)
        .filter(|(_, nulls_only)| !nulls_only)
        .map(|(data_type, _)| type_name(data_type))
        .collect();
    kinds.sort();
    kinds.dedup();
    let data_type = match kinds.as_slice() {
        [one] => one.clone(),
        [a, b] if a == "float" && b == "integer" => "float".to_owned(),
        _ => "text".to_owned(),
    };
    let (mut nulls, mut filled, mut longest) = (0, 0, 0);
    let (mut digits, mut zero) = (true, false);
    let mut decimal = Some((0, 0));
    let text = data_type == "text";
    for value in values(samples, &name) {
        let Some(value) = value else {
            nulls += 1;
            continue;
        };
        filled += 1;
        if text {
            longest = longest.max(value.chars().count());
            digits = digits && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            zero |= value.len() > 1 && value.starts_with('0');
            decimal = decimal.zip(places(&value)).map(|((a, b), (c, d))| (a.max(c), b.max(d)));
        }
    }
    let seen = text && filled > 0;
    let code = seen && digits && zero;
    let decimal = decimal.filter(|_| seen && !digits);
    // JSON has no type for times, so they come as text; declared, they are read as what they say.
    let json = samples.iter().any(|sample| matches!(sample.summary.format, "json" | "jsonl"));
    let data_type = match written_time(samples, &name) {
        Some(time) if json && seen => time.to_owned(),
        _ => data_type,
    };
    Column { name, data_type, nulls, values: filled, code, decimal, longest }
}

/// The type of time that every value of a column is written as, if there is one.
fn written_time(samples: &[Sample], name: &str) -> Option<&'static str> {
    let mut found = None;
    for value in values(samples, name).flatten() {
        let bytes = value.as_bytes();
        let kind = match parse::timestamp(bytes, Grammar::Inferred) {
            _ if parse::date(bytes, Grammar::Inferred).is_some() => "date",
            Some((_, Zone::Naive)) => "timestamp",
            Some((_, Zone::Known)) => "timestamptz",
            None => return None,
        };
        if found.is_some_and(|other| other != kind) {
            return None;
        }
        found = Some(kind);
    }
    found
}

/// Digits before and after the point of a plain number.
fn places(value: &str) -> Option<(usize, usize)> {
    let number = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction) && !whole.is_empty()).then_some((whole.len(), fraction.len()))
}

/// Columns that some files have and others have not.
fn differences(files: &[Delivery], samples: &[Sample]) -> Vec<String> {
    let mut notes = Vec::new();
    for name in names(samples) {
        let without: Vec<String> = files
            .iter()
            .zip(samples)
            .filter(|(_, sample)| sample.rows() > 0 && sample.schema.field_with_name(&name).is_err())
            .filter_map(|(file, _)| file.date.map(|date| date.to_string()))
            .collect();
        if !without.is_empty() {
            notes.push(format!("the column `{name}` is not in the file of {}", without.join(", ")));
        }
    }
    notes
}

impl Profile {
    /// "all 16 records", "the first 10,000 records of 3 files".
    pub(super) fn looked_at(&self) -> String {
        let number = count(self.rows as u64);
        let records = if self.rows == 1 { "record" } else { "records" };
        let files = if self.files > 1 { format!(" of {} files", self.files) } else { String::new() };
        if self.whole {
            format!("all {number} {records}{files}")
        } else {
            format!("the first {number} {records}{files}")
        }
    }
    /// Whether a column has a value in every record that was looked at.
    pub(super) fn is_full(&self, column: &Column) -> bool {
        column.nulls == 0 && column.values == self.rows && self.rows > 0
    }
}
