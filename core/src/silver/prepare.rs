//! From Bronze batches to Silver columns: rename, reorder, normalise text, cast, and tell which rows
//! cannot be used. The order of these steps is SILVER.md §4's.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray, StringBuilder, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;
use rustc_hash::FxBuildHasher;

use super::SilverError;
use super::fold::Operation;
use super::order::Clock;
use super::picks::Added;
use crate::batch;
use crate::bronze::Landed;
use crate::config::settings::{
    CdcSettings, Dataset, DeclaredType, DeleteMode, LoadPattern, SilverModel, SilverSettings,
};
use crate::publish::{Column, CommittedTable, Part};
use crate::query;

/// The columns of a load, and how each partition's rows become them.
#[derive(Clone, Debug)]
pub(crate) struct Shape<'a> {
    settings: &'a SilverSettings,
    timezone: Tz,
    columns: Vec<ShapeColumn>,
    /// Positions of the key columns; empty where the model has no use for keys.
    pub(crate) keys: Vec<usize>,
    /// Positions of the order columns.
    pub(crate) orders: Vec<usize>,
    operation: Option<usize>,
    soft_delete: Option<usize>,
    /// End and flag of versions that the source brings, where the model takes them from there.
    given: [Option<usize>; 2],
    /// Whether the model takes versions from the source.
    brings_history: bool,
    /// What the model adds.
    added: Vec<Added>,
}

#[derive(Clone, Debug)]
struct ShapeColumn {
    name: String,
    data_type: DataType,
    declared: Option<DeclaredType>,
    /// No partition has a value in it.
    nulls_only: bool,
}

/// Why a row cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A key column is null or missing.
    NullKey,
    /// A value does not have its declared type.
    FailedCast,
    /// The order value does not have its declared type.
    BadOrder,
    /// The operation code is none of the configured ones.
    UnknownOperation,
    /// The value is not what `silver.expect` says.
    Unexpected,
}

impl Reason {
    /// As written in the quarantine.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NullKey => "null_key",
            Self::FailedCast => "failed_cast",
            Self::BadOrder => "bad_order_value",
            Self::UnknownOperation => "unknown_operation",
            Self::Unexpected => "unexpected_value",
        }
    }
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    /// Why.
    pub(crate) reason: Reason,
    /// Silver name of the column at fault.
    pub(crate) column: String,
    /// The value as it was in Bronze; `None` is null.
    pub(crate) raw: Option<String>,
}

/// A batch in Silver's columns.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The columns that were asked for, in that order.
    pub(crate) columns: Vec<ArrayRef>,
    /// Number of rows.
    pub(crate) rows: usize,
    /// What each row does to its key; `None` where every row is an upsert.
    pub(crate) operations: Option<Vec<Operation>>,
    /// Rows that cannot be used, by row; each once, with its first reason.
    pub(crate) bad: BTreeMap<usize, Bad>,
}

impl<'a> Shape<'a> {
    /// The shape of a load of these partitions.
    ///
    /// # Errors
    ///
    /// [`SilverError::NoColumn`], [`SilverError::NeedsType`] and [`SilverError::Clash`].
    pub(crate) fn of(
        dataset: &'a Dataset,
        settings: &'a SilverSettings,
        partitions: &[Landed],
    ) -> Result<Self, SilverError> {
        let silver_name = |bronze: &str| settings.rename_map.get(bronze).map_or(bronze, String::as_str).to_owned();
        let mut schemas: Vec<SchemaRef> = Vec::new();
        let mut declared: HashMap<String, DeclaredType> = HashMap::new();
        for landed in partitions {
            let mut fields: Vec<Field> = Vec::new();
            for column in landed.commit.tables.iter().flat_map(|table| &table.columns) {
                let name = silver_name(&column.name);
                if name == settings.load_partition_name || fields.iter().any(|field| *field.name() == name) {
                    return Err(SilverError::Clash { column: name });
                }
                if let Some(kind) = dataset.bronze.schema.get(&column.name) {
                    declared.entry(name.clone()).or_insert(*kind);
                }
                let notes = column.nulls_only.then(|| (batch::NULLS_ONLY.to_owned(), "true".to_owned()));
                fields.push(Field::new(name, column.arrow.clone(), true).with_metadata(notes.into_iter().collect()));
            }
            schemas.push(Arc::new(Schema::new(fields)));
        }
        let unified = batch::unify::unify(&schemas, &|_, _| false);
        let column = |field: &Arc<Field>| {
            let declared = declared.get(field.name()).copied();
            let data_type = declared.as_ref().map_or_else(|| field.data_type().clone(), batch::column::arrow_type);
            ShapeColumn { name: field.name().clone(), data_type, declared, nulls_only: batch::is_nulls_only(field) }
        };
        let columns = ordered(&settings.column_order, unified.schema.fields().iter().map(column).collect());
        let differs =
            |name: &String| unified.differing.iter().find(|(column, _)| column == name && !declared.contains_key(name));
        let uses_keys = settings.model != SilverModel::PeriodicSnapshot;
        let brings_history = uses_keys && dataset.bronze.load_pattern == LoadPattern::CurrentHistory;
        let mut shape = Self {
            settings,
            timezone: dataset.bronze.timezone,
            columns,
            keys: Vec::new(),
            orders: Vec::new(),
            operation: None,
            soft_delete: None,
            given: [None, None],
            brings_history,
            added: added(settings),
        };
        shape.refuse_clashes()?;
        let computed = |name: &&String| shape.added.iter().any(|added| added.name() == *name);
        let of_source: Vec<String> =
            settings.partition_columns.iter().filter(|name| !computed(name)).cloned().collect();
        let split = shape.positions(&of_source, "silver.partitioning.columns")?;
        if let Some(column) =
            split.iter().map(|position| &shape.columns[*position]).find(|column| !batch::reads_back(&column.data_type))
        {
            return Err(SilverError::NeedsType {
                column: column.name.clone(),
                setting: "silver.partitioning.columns",
                problem: format!(
                    "has the type {}, which no folder's name can hold",
                    batch::type_name(&column.data_type)
                ),
            });
        }
        let of_source = shape.output().len();
        if !split.is_empty() && settings.partition_columns.len() >= of_source + shape.added.len() {
            return Err(SilverError::NothingLeft);
        }
        if uses_keys {
            let keys = settings.primary_keys.iter().map(|name| (name, "silver.primary_keys"));
            let orders = order_columns(settings, brings_history);
            for (name, setting) in keys.chain(orders.iter().map(|(name, setting)| (*name, *setting))) {
                if let Some((column, types)) = differs(name) {
                    let types: Vec<String> = types.iter().map(batch::type_name).collect();
                    let problem = format!("has the types {} in different partitions", types.join(" and "));
                    return Err(SilverError::NeedsType { column: column.clone(), setting, problem });
                }
            }
            shape.keys = shape.positions(&settings.primary_keys, "silver.primary_keys")?;
            for (name, setting) in orders {
                let position = shape.positions(std::slice::from_ref(name), setting)?[0];
                let column = &shape.columns[position];
                if column.data_type == DataType::Utf8 && !column.nulls_only {
                    let problem = "is text, so its order would be a guess".into();
                    return Err(SilverError::NeedsType { column: column.name.clone(), setting, problem });
                }
                shape.orders.push(position);
            }
            if brings_history {
                shape.given = shape.bounds()?;
            }
            // Without these columns a delete would pass for an upsert.
            let has_changes = partitions.iter().any(|landed| landed.pattern == LoadPattern::Cdc);
            if let Some(cdc) = settings.cdc.as_ref().filter(|_| has_changes) {
                shape.positions(std::slice::from_ref(&cdc.operation_column), "silver.cdc.operation_column")?;
            }
            let flag: Vec<String> = settings.soft_delete_column.iter().cloned().collect();
            shape.positions(&flag, "silver.soft_delete_column")?;
            shape.operation = settings.cdc.as_ref().and_then(|cdc| shape.position(&cdc.operation_column));
            shape.soft_delete = settings.soft_delete_column.as_ref().and_then(|name| shape.position(name));
        }
        Ok(shape)
    }

    /// Columns of ours and columns of the source do not share a name. The bounds that a source brings
    /// under our names are ours.
    fn refuse_clashes(&self) -> Result<(), SilverError> {
        let validity = &self.settings.validity;
        let brought = |name: &str| {
            self.brings_history && [&validity.from, &validity.to, &validity.current].iter().any(|given| *given == name)
        };
        let taken =
            |name: &str| name == self.settings.load_partition_name || (self.position(name).is_some() && !brought(name));
        match self.added.iter().find(|added| taken(added.name())) {
            Some(added) => Err(SilverError::Clash { column: added.name().to_owned() }),
            None => Ok(()),
        }
    }

    /// End and flag of the versions that the source brings.
    fn bounds(&self) -> Result<[Option<usize>; 2], SilverError> {
        let validity = &self.settings.validity;
        let timed = [(&validity.from, "silver.validity.from_column"), (&validity.to, "silver.validity.to_column")];
        for (name, setting) in timed {
            let Some(column) = self.position(name).map(|position| &self.columns[position]) else { continue };
            let is_time = Clock::of(&column.data_type, self.timezone).is_some();
            if !is_time && !column.nulls_only {
                let problem = format!("is {}, not a point in time", batch::type_name(&column.data_type));
                return Err(SilverError::NeedsType { column: column.name.clone(), setting, problem });
            }
        }
        Ok([self.position(&validity.to), self.position(&validity.current)])
    }

    /// Columns of the end and of the flag of versions that the source brings.
    pub(crate) fn given_bounds(&self) -> [Option<usize>; 2] {
        self.given
    }

    /// Time zone of times without one.
    pub(crate) fn timezone(&self) -> Tz {
        self.timezone
    }

    /// What the model adds, behind the columns of [`Self::output`].
    pub(crate) fn added(&self) -> &[Added] {
        &self.added
    }

    /// The columns that are written: all that the model does not take the place of.
    pub(crate) fn output(&self) -> Vec<usize> {
        // The bounds of versions have their place in the history, not beside a last state.
        let bounds = [Added::EffectiveFrom, Added::EffectiveTo, Added::IsCurrent];
        let replaced = |name: &str| {
            self.added.iter().any(|added| added.name() == name)
                || (self.settings.model == SilverModel::ScdType1
                    && self.brings_history
                    && bounds.iter().any(|bound| bound.name() == name))
        };
        (0..self.columns.len()).filter(|position| !replaced(&self.columns[*position].name)).collect()
    }

    /// The columns whose change makes a new version.
    pub(crate) fn compared(&self) -> Vec<usize> {
        let named = self.keys.iter().chain(&self.orders).chain(&self.operation).chain(&self.soft_delete);
        let apart: Vec<usize> = named.copied().collect();
        let counts = |position: &usize| {
            let name = &self.columns[*position].name;
            !apart.contains(position) && !name.starts_with('_') && !self.settings.ignore_changes.contains(name)
        };
        (0..self.columns.len()).filter(counts).collect()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    fn positions(&self, names: &[String], setting: &'static str) -> Result<Vec<usize>, SilverError> {
        let find = |name: &String| {
            self.position(name).ok_or_else(|| SilverError::NoColumn {
                column: name.clone(),
                setting,
                nearest: crate::nearest::nearest(name, self.columns.iter().map(|column| column.name.as_str()))
                    .map(str::to_owned),
            })
        };
        names.iter().map(find).collect()
    }

    /// Every column.
    pub(crate) fn all(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }

    /// The columns that decide which rows count and which are bad: keys first, then order columns,
    /// then the others. A column that is both key and order stands twice.
    pub(crate) fn deciding(&self) -> Vec<usize> {
        let named = self.keys.iter().chain(&self.orders).chain(&self.operation).chain(&self.soft_delete).copied();
        let declared = (0..self.columns.len()).filter(|position| self.columns[*position].declared.is_some());
        let mut all: Vec<usize> = named.collect();
        for position in declared {
            if !all.contains(&position) {
                all.push(position);
            }
        }
        all
    }

    /// The schema of these columns.
    pub(crate) fn schema(&self, columns: &[usize]) -> SchemaRef {
        let field = |position: &usize| {
            Field::new(&self.columns[*position].name, self.columns[*position].data_type.clone(), true)
        };
        Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
    }

    /// Reads a part of a partition in order, batch by batch, in the shape of `columns`.
    ///
    /// # Errors
    ///
    /// [`SilverError::Query`], [`SilverError::Compute`], and those of `each`.
    pub(crate) fn part(
        &self,
        landed: &Landed,
        table: &CommittedTable,
        part: &Part,
        columns: &[usize],
        each: &mut dyn FnMut(Prepared) -> Result<(), SilverError>,
    ) -> Result<(), SilverError> {
        let wanted: Vec<(usize, Option<&Column>)> =
            columns.iter().map(|position| (*position, self.bronze(table, *position))).collect();
        let bronze: Vec<Column> = wanted.iter().filter_map(|(_, column)| column.cloned()).collect();
        for raw in query::part(&landed.partition, part, &bronze)? {
            let prepared = self
                .prepare(&raw?, &wanted, landed.pattern)
                .map_err(|source| SilverError::Compute { partition: landed.id.clone(), source })?;
            each(prepared)?;
        }
        Ok(())
    }

    /// The Bronze column that becomes the Silver column at `position`.
    fn bronze<'t>(&self, table: &'t CommittedTable, position: usize) -> Option<&'t Column> {
        let name = &self.columns[position].name;
        let silver = |column: &&Column| self.settings.rename_map.get(&column.name).unwrap_or(&column.name) == name;
        table.columns.iter().find(silver)
    }

    fn prepare(
        &self,
        raw: &RecordBatch,
        wanted: &[(usize, Option<&Column>)],
        pattern: LoadPattern,
    ) -> Result<Prepared, ArrowError> {
        let rows = raw.num_rows();
        let mut bad = BTreeMap::new();
        let mut columns = Vec::with_capacity(wanted.len());
        for (position, bronze) in wanted {
            let column = &self.columns[*position];
            let Some(original) = bronze.and_then(|bronze| raw.column_by_name(&bronze.name)) else {
                columns.push(new_null_array(&column.data_type, rows));
                continue;
            };
            let text = self.normalise(original);
            let (array, failed) = self.cast(column, &text)?;
            for row in failed {
                let reason = if self.orders.contains(position) { Reason::BadOrder } else { Reason::FailedCast };
                bad.entry(row).or_insert_with(|| Bad {
                    reason,
                    column: column.name.clone(),
                    raw: batch::render::cell_text(original, row),
                });
            }
            columns.push(array);
        }
        let array =
            |position: usize| wanted.iter().position(|(wanted, _)| *wanted == position).map(|index| &columns[index]);
        for key in self.keys.iter().filter_map(|key| Some((*key, array(*key)?))) {
            if key.1.null_count() > 0 {
                for row in (0..rows).filter(|row| key.1.is_null(*row)) {
                    bad.entry(row).or_insert_with(|| Bad {
                        reason: Reason::NullKey,
                        column: self.columns[key.0].name.clone(),
                        raw: None,
                    });
                }
            }
        }
        let operations =
            self.operations(rows, pattern, self.operation.and_then(array), self.soft_delete.and_then(array), &mut bad);
        Ok(Prepared { columns, rows, operations, bad })
    }

    /// Cuts white space and turns "" into null, in text columns.
    fn normalise(&self, array: &ArrayRef) -> ArrayRef {
        let (trim, empty_as_null) = (self.settings.trim_strings, self.settings.empty_strings_as_null);
        let Some(text) = array.as_string_opt::<i32>().filter(|_| trim || empty_as_null) else { return array.clone() };
        let mut builder = StringBuilder::with_capacity(text.len(), text.value_data().len());
        for value in text {
            let value = value.map(|value| if trim { value.trim() } else { value });
            builder.append_option(value.filter(|value| !(empty_as_null && value.is_empty())));
        }
        Arc::new(builder.finish())
    }

    /// The array in the column's type, and the rows whose value does not have it.
    fn cast(&self, column: &ShapeColumn, array: &ArrayRef) -> Result<(ArrayRef, Vec<usize>), ArrowError> {
        if *array.data_type() == column.data_type {
            return Ok((array.clone(), Vec::new()));
        }
        if let Some(declared) = &column.declared {
            let (array, failed) = batch::cast::cast(array, declared, self.timezone);
            return Ok((array, failed.set_indices().collect()));
        }
        if column.data_type == DataType::Utf8 {
            return Ok((Arc::new(as_text(array)), Vec::new()));
        }
        Ok((cast(array, &column.data_type)?, Vec::new()))
    }

    /// What each row does. Operation codes speak in `cdc` partitions only; the flag everywhere.
    fn operations(
        &self,
        rows: usize,
        pattern: LoadPattern,
        operation: Option<&ArrayRef>,
        soft_delete: Option<&ArrayRef>,
        bad: &mut BTreeMap<usize, Bad>,
    ) -> Option<Vec<Operation>> {
        let operation = operation.filter(|_| pattern == LoadPattern::Cdc);
        if operation.is_none() && soft_delete.is_none() {
            return None;
        }
        let mut operations = vec![Operation::Upsert; rows];
        if let (Some(array), Some(cdc)) = (operation, &self.settings.cdc) {
            let text = as_text(array);
            let mut known: HashMap<&str, Option<Operation>, FxBuildHasher> = HashMap::default();
            for (row, (raw, slot)) in text.iter().zip(&mut operations).enumerate() {
                let Some(raw) = raw else { continue };
                match known.entry(raw).or_insert_with(|| operation_of(cdc, raw)) {
                    Some(operation) => *slot = *operation,
                    None => {
                        bad.entry(row).or_insert_with(|| Bad {
                            reason: Reason::UnknownOperation,
                            column: cdc.operation_column.clone(),
                            raw: Some(raw.to_owned()),
                        });
                    }
                }
            }
        }
        if let Some(array) = soft_delete {
            for (_, slot) in operations.iter_mut().enumerate().filter(|(row, _)| is_set(array, *row)) {
                *slot = Operation::Delete;
            }
        }
        Some(operations)
    }
}

/// Where a batch comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Number of its first row in the partition, from 0.
    pub(crate) row: u64,
    /// Its part.
    pub(crate) part: &'a Part,
    /// Number of its first row in the part, from 0.
    pub(crate) row_in_part: u64,
}

/// What a code stands for; `None`: it is none of the configured ones.
fn operation_of(cdc: &CdcSettings, code: &str) -> Option<Operation> {
    let code = code.trim().to_lowercase();
    let all = [
        (&cdc.delete_codes, Operation::Delete),
        (&cdc.insert_codes, Operation::Insert),
        (&cdc.update_codes, Operation::Update),
    ];
    all.into_iter().find(|(codes, _)| codes.contains(&code)).map(|(_, operation)| operation)
}

/// A column as text.
fn as_text(array: &ArrayRef) -> StringArray {
    let text = |row| batch::render::cell_text(array, row);
    array.as_string_opt::<i32>().cloned().unwrap_or_else(|| (0..array.len()).map(text).collect())
}

/// Whether a soft-delete flag says deleted. Text "0", "false", "n", "no", "f" and "" say no.
pub(crate) fn is_set(array: &ArrayRef, row: usize) -> bool {
    if array.is_null(row) {
        return false;
    }
    if let Some(flags) = array.as_any().downcast_ref::<BooleanArray>() {
        return flags.value(row);
    }
    let text = batch::render::cell_text(array, row).unwrap_or_default();
    let text = text.trim();
    if text.parse::<f64>().is_ok_and(|number| number == 0.0) {
        return false;
    }
    !["", "false", "f", "n", "no"].iter().any(|no| text.eq_ignore_ascii_case(no))
}

/// The columns with those named `first` in front, in that order.
fn ordered(first: &[String], columns: Vec<ShapeColumn>) -> Vec<ShapeColumn> {
    let rank = |column: &ShapeColumn| first.iter().position(|name| *name == column.name).unwrap_or(first.len());
    let mut columns = columns;
    columns.sort_by_key(rank);
    columns
}

/// What orders the rows of a key, and where it is named. Versions that the source brings begin when it
/// says so; the order columns decide between those that begin at once.
fn order_columns(settings: &SilverSettings, brings_history: bool) -> Vec<(&String, &'static str)> {
    let from = brings_history.then_some((&settings.validity.from, "silver.validity.from_column"));
    let others = settings.order_columns.iter().map(|name| (name, "silver.order_column"));
    let others = others.filter(|(name, _)| !brings_history || **name != settings.validity.from);
    from.into_iter().chain(others).collect()
}

/// What the model adds to the columns of the source.
fn added(settings: &SilverSettings) -> Vec<Added> {
    let mut added = match settings.model {
        SilverModel::ScdType2 => vec![Added::EffectiveFrom, Added::EffectiveTo, Added::IsCurrent],
        SilverModel::IncrementalMerge => vec![Added::Operation],
        _ => Vec::new(),
    };
    let has_current = matches!(settings.model, SilverModel::ScdType1 | SilverModel::ScdType2);
    if has_current && settings.delete_mode == Some(DeleteMode::TombstoneState) {
        added.push(Added::IsDeleted);
    }
    if settings.model == SilverModel::Event && settings.delete_mode == Some(DeleteMode::TombstoneEvent) {
        added.push(Added::IsDeleted);
    }
    added
}
