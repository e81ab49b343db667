//! A join that is fully understood: two loads, the pairs of keys, the columns of the result. Everything
//! that can be wrong with what was asked is found here, before a row is read.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, new_null_array};
use arrow::compute::{cast, take};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use chrono::NaiveDate;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::columns::{self, From, OutColumn};
use super::encode::Encoder;
use super::pairs::{self, Pair};
use super::{JoinError, Side};
use crate::config::settings::{JoinKeys, JoinSettings, JoinType, SilverModel};
use crate::figures::hex;
use crate::publish::Column;

/// Changes whenever the same loads and settings would give other rows.
const SEMANTICS: u32 = 1;

/// Two loads that are joined.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    /// Whose order the result has.
    pub(crate) left: Side,
    /// The other.
    pub(crate) right: Side,
    /// Keys.
    pub(crate) pairs: Vec<Pair>,
    /// Which rows without a partner are kept.
    pub(crate) join_type: JoinType,
    /// Null equals null.
    pub(crate) null_keys_match: bool,
    /// Of the result.
    pub(crate) columns: Vec<OutColumn>,
    /// Of the result.
    pub(crate) schema: SchemaRef,
    /// What is read of each side.
    pub(super) needs: Needs,
    input_digest: String,
    config_digest: String,
}

/// What is read of each side: places of columns there, ascending.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    left: Vec<usize>,
    right: Vec<usize>,
}

impl Meeting {
    /// Works out what joining the sides means.
    pub(crate) fn of(left: Side, right: Side, settings: &JoinSettings) -> Result<Self, JoinError> {
        if settings.model != SilverModel::PeriodicSnapshot {
            return Err(JoinError::Unavailable { model: settings.model.as_str() });
        }
        let pairs = pairs::resolve(&settings.keys, &left, &right)?;
        let columns = columns::columns(&left, &right, &pairs, settings.join_type, &settings.select)?;
        if let Some(missing) =
            settings.partition_columns.iter().find(|name| columns.iter().all(|column| column.name != **name))
        {
            let nearest = crate::nearest::nearest(missing, columns.iter().map(|column| column.name.as_str()));
            let nearest = nearest.map(str::to_owned);
            return Err(JoinError::NoColumn { side: "the result".into(), column: missing.clone(), nearest });
        }
        if columns.iter().all(|column| settings.partition_columns.contains(&column.name)) {
            return Err(JoinError::NothingLeft);
        }
        let fields = columns.iter().map(|column| Field::new(&column.name, column.arrow.clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let mut needs = Needs::default();
        for pair in &pairs {
            needs.left.push(pair.left);
            needs.right.push(pair.right);
        }
        for column in &columns {
            match column.from {
                From::Left(at) => needs.left.push(at),
                From::Right(at) => needs.right.push(at),
                From::Either(_) => {}
            }
        }
        for places in [&mut needs.left, &mut needs.right] {
            places.sort_unstable();
            places.dedup();
        }
        let input_digest = digest(&json!([left.digest(), right.digest()]));
        let config_digest = digest(&described(settings, &pairs, &left, &right));
        let (join_type, null_keys_match) = (settings.join_type, settings.null_keys_match);
        Ok(Self { left, right, pairs, join_type, null_keys_match, columns, schema, needs, input_digest, config_digest })
    }

    /// The date of the result: the later one of the two loads.
    pub(crate) fn date(&self) -> NaiveDate {
        self.left.date.max(self.right.date)
    }

    /// Over everything of the sides that enters the rows.
    pub(crate) fn input_digest(&self) -> &str {
        &self.input_digest
    }

    /// Over every setting that enters the rows or their files.
    pub(crate) fn config_digest(&self) -> &str {
        &self.config_digest
    }

    /// Whether left rows without a partner are in the result.
    pub(crate) fn keeps_left(&self) -> bool {
        matches!(self.join_type, JoinType::Left | JoinType::Full)
    }

    /// Whether right rows without a partner are in the result.
    pub(crate) fn keeps_right(&self) -> bool {
        matches!(self.join_type, JoinType::Right | JoinType::Full)
    }

    /// Whether the result has rows of the left side only, once each.
    pub(crate) fn is_filter(&self) -> bool {
        matches!(self.join_type, JoinType::Semi | JoinType::Anti)
    }

    pub(super) fn encoder(&self) -> Result<Encoder, JoinError> {
        Ok(Encoder::new(&self.pairs, self.null_keys_match)?)
    }

    /// The columns that are read of the left side.
    pub(super) fn left_columns(&self) -> Vec<Column> {
        self.needs.left.iter().map(|at| self.left.columns()[*at].clone()).collect()
    }

    /// The columns that are read of the right side.
    pub(super) fn right_columns(&self) -> Vec<Column> {
        self.needs.right.iter().map(|at| self.right.columns()[*at].clone()).collect()
    }

    /// The keys among what was read of the left side.
    pub(super) fn left_keys(&self, columns: &[ArrayRef]) -> Vec<ArrayRef> {
        self.pairs.iter().map(|pair| columns[of(&self.needs.left, pair.left)].clone()).collect()
    }

    /// The keys among what was read of the right side.
    pub(super) fn right_keys(&self, columns: &[ArrayRef]) -> Vec<ArrayRef> {
        self.pairs.iter().map(|pair| columns[of(&self.needs.right, pair.right)].clone()).collect()
    }

    /// Rows of the result that have a left row. `left_rows` is `None` for all rows of `left` as they are.
    pub(super) fn gather(
        &self,
        left: &[ArrayRef],
        left_rows: Option<&UInt32Array>,
        right: &[ArrayRef],
        right_rows: &UInt32Array,
    ) -> Result<RecordBatch, ArrowError> {
        let rows = right_rows.len();
        let of_left = |at: usize| {
            let column = &left[of(&self.needs.left, at)];
            left_rows.map_or_else(|| Ok(column.clone()), |rows| take(column, rows, None))
        };
        self.batch(rows, |column| match column.from {
            From::Left(at) => of_left(at),
            From::Either(pair) => cast(&of_left(self.pairs[pair].left)?, &column.arrow),
            From::Right(at) => take(&right[of(&self.needs.right, at)], right_rows, None),
        })
    }

    /// Rows of the result that have no left row.
    pub(super) fn right_only(&self, right: &[ArrayRef], rows: &UInt32Array) -> Result<RecordBatch, ArrowError> {
        let of_right = |at: usize| take(&right[of(&self.needs.right, at)], rows, None);
        self.batch(rows.len(), |column| match column.from {
            From::Left(_) => Ok(new_null_array(&column.arrow, rows.len())),
            From::Either(pair) => cast(&of_right(self.pairs[pair].right)?, &column.arrow),
            From::Right(at) => of_right(at),
        })
    }

    fn batch(
        &self,
        rows: usize,
        column: impl Fn(&OutColumn) -> Result<ArrayRef, ArrowError>,
    ) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
    }
}

/// Where a column of a side is among those that are read.
fn of(places: &[usize], at: usize) -> usize {
    places.partition_point(|place| *place < at)
}

/// What of a join enters the rows or their files; its guards too, so that new ones are judged.
fn described(settings: &JoinSettings, pairs: &[Pair], left: &Side, right: &Side) -> Value {
    let keys: Vec<[&str; 2]> = pairs
        .iter()
        .map(|pair| [left.columns()[pair.left].name.as_str(), right.columns()[pair.right].name.as_str()])
        .collect();
    let guards = &settings.guards;
    json!({
        "semantics": SEMANTICS,
        "join_type": settings.join_type.as_str(),
        "keys": keys,
        "declared": settings.keys == JoinKeys::Auto,
        "null_keys_match": settings.null_keys_match,
        "select": settings.select.iter().collect::<Vec<_>>(),
        "model": settings.model.as_str(),
        "parquet": settings.formats.parquet,
        "csv": settings.formats.csv,
        "compression": settings.compression.as_str(),
        "partition_columns": settings.partition_columns,
        "guards": [json!([guards.min_rows, guards.max_rows, guards.match_ratio]), json!(guards.null_ratio), json!(guards.unique_keys)],
    })
}

fn digest(value: &Value) -> String {
    hex(&Sha256::digest(value.to_string().as_bytes()))
}
