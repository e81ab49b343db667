//! What a person should know of the first records before a run: keys, order, types, cursor. Each with its
//! code and the place in the config where it is decided.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;

use super::schema::has;
use crate::api::wire::{ColumnDelta, ColumnVerdict, Finding, FindingPlace, NoteLevel, PreviewState};
use crate::batch;
use crate::config::settings::{Dataset, SilverModel, SilverSettings, Source};
use crate::config::{LoadedFile, assist};
use crate::diagnostic::code::{self, Code};
use crate::extract::Sample;
use crate::figures::counted;

/// What is looked at.
pub(super) struct Look<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) sample: &'a Sample,
    pub(super) schema: &'a [ColumnDelta],
    pub(super) state: Option<&'a PreviewState>,
}

/// Findings without their places yet.
struct Found {
    list: Vec<(Finding, &'static [&'static str])>,
}

impl Found {
    fn add(
        &mut self,
        level: NoteLevel,
        code: Option<Code>,
        column: Option<&str>,
        path: &'static [&'static str],
        message: String,
    ) {
        let finding = Finding {
            level,
            code: code.map(|code| code.to_string()),
            message,
            column: column.map(str::to_owned),
            place: None,
        };
        self.list.push((finding, path));
    }
    fn warn(&mut self, code: Code, column: Option<&str>, path: &'static [&'static str], message: String) {
        self.add(NoteLevel::Warning, Some(code), column, path, message);
    }
}

/// Everything that is found, warnings first. `failed`: the source could not be read to the end of the
/// limits, so nothing is said of what did not come.
pub(super) fn findings(look: &Look<'_>, failed: bool, file: &LoadedFile) -> Vec<Finding> {
    let mut found = Found { list: Vec::new() };
    let source = source_path(&look.dataset.source);
    for note in &look.sample.notes {
        let path = match note.code.as_deref().unwrap_or_default() {
            code if code.starts_with("PAGE") => &["source", "api", "pagination"],
            code if code.starts_with("STATE") => incremental_path(&look.dataset.source),
            _ => source,
        };
        found.add(note.level, note.code.as_deref().and_then(Code::find), None, path, note.message.clone());
    }
    let rows = look.sample.rows();
    if rows == 0 && !failed && look.sample.unreadable.is_empty() {
        found.warn(code::RUN085, None, source, "the source has no records".into());
    }
    if rows > 0 {
        types(look, &mut found);
        cursor(look, &mut found);
        if let Some(silver) = &look.dataset.silver {
            keys(look, silver, &mut found);
            order(look, silver, &mut found);
        }
    }
    let parts = assist::outline(&file.text);
    let mut list: Vec<Finding> = found
        .list
        .into_iter()
        .map(|(finding, path)| Finding { place: place(&parts, &look.dataset.name, path, file), ..finding })
        .collect();
    list.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    list
}

fn source_path(source: &Source) -> &'static [&'static str] {
    match source {
        Source::File(_) => &["source", "file"],
        Source::Api(_) => &["source", "api"],
        Source::Db(_) => &["source", "db"],
        Source::Custom(_) => &["source", "custom"],
    }
}

fn incremental_path(source: &Source) -> &'static [&'static str] {
    match source {
        Source::Db(_) => &["source", "db", "incremental"],
        _ => &["source", "api", "incremental"],
    }
}

/// Columns that are missing, without a value, or with values that do not have their declared type.
fn types(look: &Look<'_>, found: &mut Found) {
    const SCHEMA: &[&str] = &["source", "run", "schema"];
    for delta in look.schema {
        let name = delta.name.as_str();
        let declared = delta.declared.as_deref().unwrap_or_default();
        match delta.verdict {
            ColumnVerdict::Missing => {
                let message = format!("column `{name}` is declared as {declared}, but the source does not have it");
                found.warn(code::RUN086, Some(name), SCHEMA, message);
            }
            ColumnVerdict::Misfit => misfit(look, name, declared, found),
            ColumnVerdict::Unknown => {
                let message = format!("column `{name}` has no value in these records");
                found.add(NoteLevel::Info, Some(code::RUN087), Some(name), SCHEMA, message);
            }
            ColumnVerdict::Fits | ColumnVerdict::Narrowed | ColumnVerdict::Inferred => {}
        }
    }
}

/// How many values of a column do not have its type, with the first of them.
fn misfit(look: &Look<'_>, name: &str, declared: &str, found: &mut Found) {
    let Some(kind) = look.dataset.bronze.schema.get(name) else { return };
    let (mut unfit, mut first) = (0_u64, None);
    for array in look.sample.batches.iter().filter_map(|batch| batch.column_by_name(name)) {
        let failed = batch::cast::cast(array, kind, look.dataset.bronze.timezone).1;
        unfit += failed.count_set_bits() as u64;
        if first.is_none() {
            first = failed.set_indices().next().and_then(|row| batch::render::cell_text(array.as_ref(), row));
        }
    }
    let example = first.map(|value| format!(", such as `{}`", shortened(&value))).unwrap_or_default();
    let rows = look.sample.rows();
    let outcome = if look.dataset.silver.is_some() { ", and would be quarantined" } else { "" };
    let message = format!(
        "column `{name}`: {unfit} of {} {} not {declared}{example}{outcome}",
        counted(rows as u64, "value"),
        if unfit == 1 { "is" } else { "are" }
    );
    found.warn(code::RUN082, Some(name), &["source", "run", "schema"], message);
}

fn shortened(value: &str) -> String {
    const MOST: usize = 40;
    let short: String = value.chars().take(MOST).collect();
    if short.len() < value.len() { format!("{short}…") } else { short }
}

/// Whether the cursor gets further.
fn cursor(look: &Look<'_>, found: &mut Found) {
    let Some(state) = look.state else { return };
    let path = incremental_path(&look.dataset.source);
    if state.to.is_none() {
        let message = format!("none of these records is further than the start by `{}`", state.field);
        found.warn(code::RUN084, Some(&state.field), path, message);
    } else if state.to == state.from {
        let value = state.to.as_ref().map(|to| to.value.clone()).unwrap_or_default();
        let message = format!("`{}` does not advance: it starts and ends at {value}", state.field);
        found.warn(code::RUN084, Some(&state.field), path, message);
    }
    if let Some(by) = state.closed_by {
        let message = format!("a run would take nothing: the day is closed, because {by} is committed");
        found.add(NoteLevel::Info, None, None, path, message);
    }
}

/// The name in Bronze of a column of Silver.
fn bronze_name(silver: &SilverSettings, name: &str) -> String {
    silver.rename_map.iter().find(|(_, to)| *to == name).map_or(name, |(from, _)| from.as_str()).to_owned()
}

/// Values as Silver takes them: white space cut, empty texts null, as the config says.
fn is_null(silver: &SilverSettings, array: &ArrayRef, row: usize) -> bool {
    array.is_null(row)
        || (silver.empty_strings_as_null
            && *array.data_type() == DataType::Utf8
            && batch::render::cell_text(array.as_ref(), row)
                .is_some_and(|text| if silver.trim_strings { text.trim().is_empty() } else { text.is_empty() }))
}

fn keys(look: &Look<'_>, silver: &SilverSettings, found: &mut Found) {
    const KEYS: &[&str] = &["silver", "primary_keys"];
    if silver.primary_keys.is_empty() {
        return;
    }
    let keys: Vec<String> = silver.primary_keys.iter().map(|name| bronze_name(silver, name)).collect();
    let schema = &look.sample.schema;
    if let Some(missing) = keys.iter().find(|key| !has(schema, key)) {
        let near = crate::nearest::nearest(missing, schema.fields().iter().map(|field| field.name().as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = format!("key column `{missing}` is not in the source{near}");
        found.warn(code::VAL012, Some(missing), KEYS, message);
        return;
    }
    let name = keys.join(", ");
    let (mut seen, mut nulls, mut repeated) = (HashSet::new(), 0_u64, 0_u64);
    for batch in &look.sample.batches {
        let arrays: Vec<&ArrayRef> = keys.iter().filter_map(|key| batch.column_by_name(key)).collect();
        for row in 0..batch.num_rows() {
            if arrays.iter().any(|array| is_null(silver, array, row)) {
                nulls += 1;
                continue;
            }
            let key: Vec<Option<String>> =
                arrays.iter().map(|array| batch::render::cell_text(array.as_ref(), row)).collect();
            repeated += u64::from(!seen.insert(key));
        }
    }
    let first = keys.first().map(String::as_str);
    if nulls > 0 {
        let message = format!("key {name}: null in {}, which would be quarantined", counted(nulls, "record"));
        found.warn(code::RUN081, first, KEYS, message);
    }
    if repeated > 0 {
        let message = format!("key {name}: repeated in {}", counted(repeated, "record"));
        // A history has many rows of a key by nature, a snapshot keeps them all.
        let level = if silver.order_columns.is_empty() { NoteLevel::Warning } else { NoteLevel::Info };
        found.add(level, Some(code::RUN080), first, KEYS, message);
    }
    if nulls == 0 && repeated == 0 {
        let message = format!("key {name}: unique and never null in these records");
        found.add(NoteLevel::Info, None, first, KEYS, message);
    }
}

fn order(look: &Look<'_>, silver: &SilverSettings, found: &mut Found) {
    const ORDER: &[&str] = &["silver", "order_column"];
    if silver.model == SilverModel::PeriodicSnapshot {
        return;
    }
    for name in &silver.order_columns {
        let column = bronze_name(silver, name);
        let Some(field) = look.sample.schema.fields().iter().find(|field| *field.name() == column) else {
            let message = format!("order column `{column}` is not in the source");
            found.warn(code::VAL012, Some(&column), ORDER, message);
            continue;
        };
        let all = || look.sample.batches.iter().filter_map(|batch| batch.column_by_name(&column));
        let nulls: usize = all().map(Array::null_count).sum();
        if nulls > 0 {
            let message = format!("order column `{column}`: null in {}", counted(nulls as u64, "record"));
            found.warn(code::RUN083, Some(&column), ORDER, message);
        }
        if *field.data_type() == DataType::Utf8 && nulls < look.sample.rows() {
            let message = match look.dataset.bronze.schema.get(&column) {
                Some(kind) => {
                    let unfit: usize = all()
                        .map(|array| batch::cast::cast(array, kind, look.dataset.bronze.timezone).1.count_set_bits())
                        .sum();
                    let kind = batch::type_name(&batch::column::arrow_type(kind));
                    if unfit == 0 && kind != "text" {
                        continue;
                    }
                    if kind == "text" {
                        format!("order column `{column}` is text, so its order would be a guess")
                    } else {
                        format!("order column `{column}`: {} cannot be read as {kind}", counted(unfit as u64, "value"))
                    }
                }
                None => format!("order column `{column}` is text, so its order would be a guess"),
            };
            found.warn(code::RUN083, Some(&column), ORDER, message);
        }
    }
}

/// The deepest section on the way to a key that the text has.
fn place(parts: &[assist::Part], dataset: &str, path: &[&str], file: &LoadedFile) -> Option<FindingPlace> {
    fn find<'p>(parts: &'p [assist::Part], dataset: &str) -> Option<&'p assist::Part> {
        parts
            .iter()
            .find_map(|part| if part.dataset && part.name == dataset { Some(part) } else { find(&part.parts, dataset) })
    }
    let all = parts.iter().flat_map(|part| std::iter::once(part).chain(&part.parts));
    let only = || {
        let mut datasets = all.clone().filter(|part| part.dataset);
        datasets.next().filter(|_| datasets.next().is_none())
    };
    let dataset = find(parts, dataset).or_else(only);
    let (mut below, mut at) = dataset.map_or((parts, None), |dataset| (&dataset.parts[..], Some(dataset)));
    for step in path {
        let Some(next) = below.iter().find(|part| part.name == *step) else { break };
        (below, at) = (&next.parts, Some(next));
    }
    let at = at?;
    let file = file.display.clone();
    Some(FindingPlace { file, path: path.join("."), line: at.key.line, column: at.key.column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_section_that_stands_there_is_the_place() {
        let text = "sources:\n  - name: a\n    source:\n      file: {path: a.csv}\n  - name: b\n    source:\n      type: api\n      api:\n        base_url: x\n        pagination: {type: page}\n    silver:\n      primary_keys: [id]\n";
        let parts = assist::outline(text);
        let file = LoadedFile { display: "c.yaml".into(), ..LoadedFile::default() };
        let at =
            |dataset: &str, path: &[&str]| place(&parts, dataset, path, &file).map(|place| (place.line, place.column));
        assert_eq!(at("b", &["source", "api", "pagination"]), Some((10, 9)));
        assert_eq!(at("b", &["silver", "primary_keys"]), Some((12, 7)));
        assert_eq!(at("b", &["source", "run", "schema"]), Some((6, 5)), "the section that would have it");
        assert_eq!(at("a", &["silver", "primary_keys"]), Some((2, 3)), "the dataset itself");
        assert_eq!(at("c", &["silver"]), None, "one of two, and nobody knows which");
    }
}
