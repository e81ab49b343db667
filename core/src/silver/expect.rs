//! Expectations: what the rows of a load must meet before it becomes visible. They are asked of the first
//! dataset of a load, after the model and before the commit.
//!
//! A null meets every expectation but `not_null`, as in SQL; rows with a null are left out of account by
//! `unique`. Only those expectations set rows aside that look at one row alone, so that what another row
//! or another load says never decides which rows stand.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;
use regex::Regex;
use rustc_hash::FxBuildHasher;
use serde_json::{Value, json};
use twox_hash::XxHash3_128;

use super::SilverError;
use super::order::Clock;
use crate::batch;
use crate::config::settings::{Check, Expectation, OnFail};
use crate::figures::{count, counted};
use crate::nearest::nearest;

const SETTING: &str = "silver.expect";
/// Values at fault that are told.
const EXAMPLES: usize = 3;
/// Characters of each.
const EXAMPLE_LENGTH: usize = 40;

/// The expectations of a dataset, ready to be asked.
#[derive(Debug)]
pub(crate) struct Expectations<'a> {
    asked: Vec<Asked<'a>>,
}

#[derive(Debug)]
struct Asked<'a> {
    expectation: &'a Expectation,
    test: Test,
}

/// One that is asked of batches, with positions of columns.
#[derive(Debug)]
enum Test {
    /// Of each value alone.
    Value { columns: Vec<usize>, allows: Allows },
    /// Of all rows together.
    Unique { columns: Vec<usize> },
    /// Of the greatest value.
    Freshness { columns: Vec<(usize, Clock)>, max_age_hours: f64 },
    /// Of the number of rows.
    RowCount,
}

/// Which values are allowed.
#[derive(Debug)]
enum Allows {
    NotNull,
    InSet(HashSet<String, FxBuildHasher>),
    Range(Option<f64>, Option<f64>),
    Regex(Regex),
}

/// What a batch says.
#[derive(Debug)]
pub(crate) struct Look(Vec<Seen>);

#[derive(Debug)]
enum Seen {
    /// Rows at fault, and examples of their values.
    Values { at_fault: u64, examples: Vec<String> },
    /// Fingerprints of the rows without null.
    Prints(Vec<u128>),
    /// The greatest value of each column, microseconds since the epoch.
    Newest(Vec<Option<i64>>),
    /// Nothing but that it has rows.
    Rows,
}

/// A row that an expectation sets aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcast {
    /// Its number in the batch.
    pub(crate) row: usize,
    /// Number of the expectation.
    expectation: usize,
    /// The column.
    pub(crate) column: String,
    /// Its value.
    pub(crate) raw: Option<String>,
}

impl<'a> Expectations<'a> {
    /// Of rows with these columns, of which the first `of_source` come from the source.
    ///
    /// # Errors
    ///
    /// [`SilverError::NoColumn`] for a column that is not there, [`SilverError::NeedsType`] for one that
    /// cannot be looked at in this way.
    pub(crate) fn of(
        all: &'a [Expectation],
        schema: &Schema,
        of_source: usize,
        timezone: Tz,
    ) -> Result<Self, SilverError> {
        let asked = |expectation: &'a Expectation| {
            let test = test(expectation, schema, timezone)?;
            if let (OnFail::Quarantine, Test::Value { columns, .. }) = (expectation.on_fail, &test)
                && let Some(column) = columns.iter().find(|column| **column >= of_source)
            {
                return Err(SilverError::NeedsType {
                    column: schema.field(*column).name().clone(),
                    setting: SETTING,
                    problem: "is made by the model, so no row is set aside for it: use `on_fail: fail`".into(),
                });
            }
            Ok(Asked { expectation, test })
        };
        Ok(Self { asked: all.iter().map(asked).collect::<Result<_, SilverError>>()? })
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Whether any of them sets rows aside.
    pub(crate) fn set_aside(&self) -> bool {
        self.asked.iter().any(|asked| asked.expectation.on_fail == OnFail::Quarantine)
    }

    /// Rows of a batch of the source's columns that are to be set aside, each once, by the first expectation
    /// that it does not meet.
    pub(crate) fn outcasts(&self, batch: &RecordBatch) -> Result<Vec<Outcast>, ArrowError> {
        let mut found: BTreeMap<usize, Outcast> = BTreeMap::new();
        let quarantines = |(_, asked): &(usize, &Asked<'_>)| asked.expectation.on_fail == OnFail::Quarantine;
        for (expectation, asked) in self.asked.iter().enumerate().filter(quarantines) {
            let Test::Value { columns, allows } = &asked.test else { continue };
            for column in columns {
                let array = batch.column(*column);
                for row in allows.at_fault(array)? {
                    found.entry(row).or_insert_with(|| {
                        let column = batch.schema_ref().field(*column).name().clone();
                        Outcast { row, expectation, column, raw: batch::render::cell_text(array, row) }
                    });
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// Looks at a batch of the first dataset. Runs on any thread.
    pub(crate) fn look(&self, batch: &RecordBatch) -> Result<Look, ArrowError> {
        let seen = |asked: &Asked<'_>| match &asked.test {
            Test::Value { columns, allows } => values(batch, columns, allows),
            Test::Unique { columns } => Ok(Seen::Prints(prints(batch, columns))),
            Test::Freshness { columns, .. } => {
                let newest = |(column, clock): &(usize, Clock)| {
                    let instants = clock.instants(batch.column(*column))?;
                    Ok(instants.as_primitive::<Int64Type>().iter().flatten().max())
                };
                Ok(Seen::Newest(columns.iter().map(newest).collect::<Result<_, ArrowError>>()?))
            }
            Test::RowCount => Ok(Seen::Rows),
        };
        Ok(Look(self.asked.iter().map(seen).collect::<Result<_, _>>()?))
    }
}

impl Allows {
    /// Rows of a column that are at fault.
    fn at_fault(&self, array: &ArrayRef) -> Result<Vec<usize>, ArrowError> {
        let given = |row: &usize| !array.is_null(*row);
        let text = |row: usize| batch::render::cell_text(array, row).unwrap_or_default();
        let rows = 0..array.len();
        Ok(match self {
            Self::NotNull => rows.filter(|row| !given(row)).collect(),
            Self::InSet(values) => rows.filter(given).filter(|row| !values.contains(text(*row).as_str())).collect(),
            Self::Regex(pattern) => rows.filter(given).filter(|row| !pattern.is_match(&text(*row))).collect(),
            Self::Range(min, max) => {
                let numbers = numbers(array)?;
                // NaN is in no range.
                let fits = |value: f64| {
                    min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max) && !value.is_nan()
                };
                rows.filter(given).filter(|row| numbers.is_null(*row) || !fits(numbers.value(*row))).collect()
            }
        })
    }
}

fn numbers(array: &ArrayRef) -> Result<Float64Array, ArrowError> {
    Ok(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

fn values(batch: &RecordBatch, columns: &[usize], allows: &Allows) -> Result<Seen, ArrowError> {
    let mut at_fault = vec![false; batch.num_rows()];
    let mut examples = Vec::new();
    for column in columns {
        let array = batch.column(*column);
        for row in allows.at_fault(array)? {
            at_fault[row] = true;
            let example = batch::render::cell_text(array, row).map_or_else(|| "null".to_owned(), |text| quoted(&text));
            if examples.len() < EXAMPLES && !examples.contains(&example) {
                examples.push(example);
            }
        }
    }
    let at_fault = BooleanArray::from(at_fault).true_count() as u64;
    Ok(Seen::Values { at_fault, examples })
}

fn prints(batch: &RecordBatch, columns: &[usize]) -> Vec<u128> {
    let row = |row: usize| {
        let mut bytes = Vec::new();
        for column in columns {
            let text = batch::render::cell_text(batch.column(*column), row)?;
            // With its length, so that where one ends cannot be mistaken.
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Some(XxHash3_128::oneshot(&bytes))
    };
    (0..batch.num_rows()).filter_map(row).collect()
}

fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(EXAMPLE_LENGTH).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_debug())
}

fn test(expectation: &Expectation, schema: &Schema, timezone: Tz) -> Result<Test, SilverError> {
    let position = |column: &String| {
        schema.index_of(column).map_err(|_| {
            let names = schema.fields().iter().map(|field| field.name().as_str());
            let nearest = nearest(column, names).map(str::to_owned);
            SilverError::NoColumn { column: column.clone(), setting: SETTING, nearest }
        })
    };
    let positions = |columns: &[String]| columns.iter().map(position).collect::<Result<Vec<_>, _>>();
    let unfit = |column: usize, wanted: &str| {
        let field = schema.field(column);
        let problem = format!("has the type {}, and {wanted}", batch::type_name(field.data_type()));
        SilverError::NeedsType { column: field.name().clone(), setting: SETTING, problem }
    };
    let value = |columns: &[String], allows| Ok(Test::Value { columns: positions(columns)?, allows });
    match &expectation.check {
        Check::NotNull { columns } => value(columns, Allows::NotNull),
        Check::InSet { columns, values } => value(columns, Allows::InSet(values.iter().cloned().collect())),
        Check::Regex { columns, pattern } => {
            // The config was checked; what is no pattern fits nothing.
            let whole = Regex::new(&format!(r"\A(?:{pattern})\z")).or_else(|_| Regex::new(r"\A\z.\A"));
            match whole {
                Ok(pattern) => value(columns, Allows::Regex(pattern)),
                Err(_) => Ok(Test::RowCount),
            }
        }
        Check::Range { columns, min, max } => {
            let columns = positions(columns)?;
            let number = |column: &usize| {
                let kind = schema.field(*column).data_type();
                kind.is_numeric() || *kind == DataType::Utf8 || *kind == DataType::Null
            };
            match columns.iter().find(|column| !number(column)) {
                Some(column) => Err(unfit(*column, "`range` is of numbers")),
                None => Ok(Test::Value { columns, allows: Allows::Range(*min, *max) }),
            }
        }
        Check::Unique { columns } => Ok(Test::Unique { columns: positions(columns)? }),
        Check::Freshness { columns, max_age_hours } => {
            let clock = |column: usize| {
                Clock::microseconds(schema.field(column).data_type(), timezone)
                    .map(|clock| (column, clock))
                    .ok_or_else(|| unfit(column, "`freshness` is of points in time"))
            };
            let columns = positions(columns)?.into_iter().map(clock).collect::<Result<_, _>>()?;
            Ok(Test::Freshness { columns, max_age_hours: *max_age_hours })
        }
        Check::RowCount { .. } => Ok(Test::RowCount),
        Check::Reference { .. } => Err(SilverError::Unavailable { model: "check: reference" }),
    }
}

/// What all batches said together.
#[derive(Debug)]
pub(crate) struct Tally<'e, 'a> {
    expectations: &'e Expectations<'a>,
    rows: u64,
    set_aside: u64,
    sums: Vec<Sum>,
}

#[derive(Debug, Default)]
struct Sum {
    at_fault: u64,
    examples: Vec<String>,
    prints: HashSet<u128, FxBuildHasher>,
    newest: Vec<Option<i64>>,
}

/// What became of an expectation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is met.
    pub(crate) met: bool,
    /// What happens if not.
    pub(crate) on_fail: OnFail,
    /// Why not: "3 of 100 rows: \"x\"".
    pub(crate) why: String,
    at_fault: u64,
}

impl Answer {
    /// That it is not met, and why.
    pub(crate) fn told(&self) -> String {
        told(&self.name, &self.why)
    }
    /// As written in the metadata.
    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "met": self.met,
            "on_fail": self.on_fail,
            "rows_at_fault": self.at_fault,
            "why": if self.met { Value::Null } else { self.why.as_str().into() },
        })
    }
}

fn told(name: &str, why: &str) -> String {
    format!("the expectation `{name}` is not met: {why}")
}

/// Warnings of a load that stands, as its metadata has them.
pub(crate) fn warnings(metadata: &Value) -> Vec<String> {
    let answers = metadata.get("expectations").and_then(Value::as_array);
    let text = |answer: &Value, key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let unmet = answers.into_iter().flatten().filter(|answer| answer.get("met") == Some(&Value::Bool(false)));
    unmet.map(|answer| told(&text(answer, "name"), &text(answer, "why"))).collect()
}

/// What the whole load is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion {
    /// The end of its date, microseconds since the epoch.
    pub(crate) end: i64,
    /// Rows of the first dataset in the load before, if there is one.
    pub(crate) rows_before: Option<u64>,
}

impl<'e, 'a> Tally<'e, 'a> {
    /// Nothing seen yet.
    pub(crate) fn new(expectations: &'e Expectations<'a>) -> Self {
        let sums = expectations.asked.iter().map(|_| Sum::default()).collect();
        Self { expectations, rows: 0, set_aside: 0, sums }
    }

    /// Takes what a batch of `rows` rows says.
    pub(crate) fn add(&mut self, rows: u64, look: Look) {
        self.rows += rows;
        for (sum, seen) in self.sums.iter_mut().zip(look.0) {
            match seen {
                Seen::Values { at_fault, examples } => {
                    sum.at_fault += at_fault;
                    let fresh = examples.into_iter().filter(|example| !sum.examples.contains(example));
                    let fresh: Vec<String> = fresh.take(EXAMPLES - sum.examples.len()).collect();
                    sum.examples.extend(fresh);
                }
                Seen::Prints(prints) => {
                    sum.at_fault += prints.into_iter().filter(|print| !sum.prints.insert(*print)).count() as u64;
                }
                Seen::Newest(newest) => {
                    sum.newest.resize(newest.len(), None);
                    for (all, new) in sum.newest.iter_mut().zip(newest) {
                        *all = (*all).max(new);
                    }
                }
                Seen::Rows => {}
            }
        }
    }

    /// Takes rows that were set aside by an expectation.
    pub(crate) fn outcast(&mut self, outcasts: &[Outcast]) {
        for outcast in outcasts {
            let sum = &mut self.sums[outcast.expectation];
            sum.at_fault += 1;
            let example = outcast.raw.as_deref().map_or_else(|| "null".to_owned(), quoted);
            if sum.examples.len() < EXAMPLES && !sum.examples.contains(&example) {
                sum.examples.push(example);
            }
        }
        self.set_aside += outcasts.len() as u64;
    }

    /// What became of each.
    pub(crate) fn answers(self, occasion: Occasion) -> Vec<Answer> {
        let (rows, looked_at) = (self.rows, self.rows + self.set_aside);
        let answer = |(asked, sum): (&Asked<'_>, Sum)| {
            let why = asked.why(&sum, (rows, looked_at), occasion);
            Answer {
                name: asked.expectation.name.clone(),
                met: why.is_none(),
                on_fail: asked.expectation.on_fail,
                why: why.unwrap_or_default(),
                at_fault: sum.at_fault,
            }
        };
        self.expectations.asked.iter().zip(self.sums).map(answer).collect()
    }
}

impl Asked<'_> {
    /// Why it is not met.
    fn why(&self, sum: &Sum, (rows, looked_at): (u64, u64), occasion: Occasion) -> Option<String> {
        match (&self.test, &self.expectation.check) {
            (Test::Value { .. } | Test::Unique { .. }, _) => {
                let examples = sum.examples.join(", ");
                let colon = if examples.is_empty() { "" } else { ": " };
                (sum.at_fault > 0)
                    .then(|| format!("{} of {}{colon}{examples}", count(sum.at_fault), counted(looked_at, "row")))
            }
            (Test::Freshness { max_age_hours, .. }, Check::Freshness { columns, .. }) => {
                let newest = |index: usize| sum.newest.get(index).copied().flatten();
                columns.iter().enumerate().find_map(|(index, column)| match newest(index) {
                    None => Some(format!("`{column}` has no value")),
                    Some(newest) => {
                        let hours = (occasion.end - newest) as f64 / 3.6e9;
                        (hours > *max_age_hours).then(|| {
                            format!("the newest `{column}` is {hours:.1} hours older than the end of the date")
                        })
                    }
                })
            }
            (_, Check::RowCount { min, max, max_change_percent }) => {
                let number = rows as f64;
                if let Some(min) = min.filter(|min| number < *min) {
                    return Some(format!("{}, fewer than {min}", counted(rows, "row")));
                }
                if let Some(max) = max.filter(|max| number > *max) {
                    return Some(format!("{}, more than {max}", counted(rows, "row")));
                }
                let (limit, before) = ((*max_change_percent)?, occasion.rows_before?);
                let change = (number - before as f64).abs() * 100.0 / (before as f64).max(1.0);
                (change > limit)
                    .then(|| format!("{} after {}, a change of {change:.1} %", counted(rows, "row"), count(before)))
            }
            _ => None,
        }
    }
}
