//! A table as it is read: the parts of one partition, or of all of a layer, one behind the other.
//!
//! Every row has a number, from 0, that stays the same as long as the snapshot does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use super::readings::ViewKey;
use super::{QueryError, hive_segments};
use crate::api::wire::SortKey;
use crate::batch;
use crate::figures::hex;
use crate::nearest::nearest_or_all;
use crate::publish::{Column, CommittedTable, Part, Partition};

/// A committed table to read from.
pub(crate) struct Source<'a> {
    /// The partition's path below the root of its layer.
    pub(crate) id: &'a str,
    /// Where its paths start.
    pub(crate) partition: &'a Partition,
    /// The version that stands.
    pub(crate) version: u64,
    /// The attempt that made it.
    pub(crate) attempt: &'a str,
    /// The table.
    pub(crate) table: &'a CommittedTable,
}

/// Rows that can be read by number.
#[derive(Debug)]
pub(crate) struct RowTable {
    /// Different for every table that is opened.
    pub(super) serial: u64,
    /// The partition's id; of several, that of the newest.
    pub(crate) id: String,
    /// Name of the table.
    pub(crate) name: String,
    /// Its version; 0 of several partitions.
    pub(crate) version: u64,
    /// Identifies exactly these rows.
    pub(crate) snapshot: String,
    /// Columns, those in paths included.
    pub(crate) columns: Vec<Column>,
    /// The same for Arrow.
    pub(crate) schema: SchemaRef,
    /// Rows in all.
    pub(crate) rows: u64,
    /// Partitions.
    pub(crate) partitions: u64,
    pub(super) pieces: Vec<Piece>,
    /// Its partition, if it is of one only.
    home: Option<Partition>,
}

/// A part with its place among the rows.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) id: String,
    pub(super) partition: Partition,
    pub(super) part: Part,
    /// Number of its first row.
    pub(super) start: u64,
    /// Values that stand in the path of the partition.
    pub(super) outside: IndexMap<String, Option<String>>,
}

impl RowTable {
    /// The rows of one table.
    pub(crate) fn of(source: &Source<'_>) -> Self {
        Self::new(std::slice::from_ref(source), source.table.columns.clone(), source.version, false)
    }

    /// The rows of tables that mean the same, in this order. A column that has not the same type in all
    /// of them is text.
    pub(crate) fn whole(sources: &[Source<'_>]) -> Self {
        let mut columns: IndexMap<String, Column> = IndexMap::new();
        for source in sources {
            for (name, value) in hive_segments(source.id) {
                let date = value.as_ref().is_none_or(|value| value.parse::<chrono::NaiveDate>().is_ok());
                add(&mut columns, path_column(name, date));
            }
        }
        for column in sources.iter().flat_map(|source| &source.table.columns) {
            add(&mut columns, column.clone());
        }
        Self::new(sources, columns.into_values().collect(), 0, true)
    }

    fn new(sources: &[Source<'_>], columns: Vec<Column>, version: u64, whole: bool) -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let (mut pieces, mut rows, mut hasher) = (Vec::new(), 0, Sha256::new());
        for source in sources {
            let place = source.partition.place();
            hasher.update(format!("{place}\n{}\n{}\n{}\n", source.version, source.attempt, source.table.name));
            let outside: IndexMap<_, _> = if whole { hive_segments(source.id).collect() } else { IndexMap::new() };
            for part in source.table.readable() {
                pieces.push(Piece {
                    id: source.id.to_owned(),
                    partition: source.partition.clone(),
                    part: part.clone(),
                    start: rows,
                    outside: outside.clone(),
                });
                rows += part.rows;
            }
        }
        pieces.retain(|piece| piece.part.rows > 0);
        let fields: Vec<Field> =
            columns.iter().map(|column| Field::new(&column.name, column.arrow.clone(), true)).collect();
        let newest = sources.last();
        Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            id: newest.map(|source| source.id.to_owned()).unwrap_or_default(),
            name: newest.map(|source| source.table.name.clone()).unwrap_or_default(),
            version,
            snapshot: hex(&hasher.finalize()[..8]),
            columns,
            schema: Arc::new(Schema::new(fields)),
            rows,
            partitions: sources.len() as u64,
            pieces,
            home: newest.filter(|_| !whole).map(|source| source.partition.clone()),
        }
    }

    /// The same under another name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// What a view of it is kept under.
    pub(crate) fn view_key(&self, filter: &str, sort: &[SortKey]) -> ViewKey {
        (self.serial, filter.to_owned(), sort.to_vec())
    }

    /// Whether this version of the only partition still stands, as far as can be found out.
    pub(crate) fn stands(&self) -> bool {
        self.home.as_ref().is_some_and(|home| home.numbers().last() == Some(&self.version))
    }

    /// The column of a name.
    ///
    /// # Errors
    ///
    /// [`QueryError::NoColumn`].
    pub(crate) fn column(&self, name: &str) -> Result<usize, QueryError> {
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            QueryError::NoColumn { name: name.to_owned(), known: nearest_or_all(name, &names) }
        })
    }

    /// The columns of these names; all, if there is no name.
    ///
    /// # Errors
    ///
    /// [`QueryError::NoColumn`].
    pub(crate) fn columns_of(&self, names: &[String]) -> Result<Vec<usize>, QueryError> {
        if names.is_empty() {
            return Ok((0..self.columns.len()).collect());
        }
        names.iter().map(|name| self.column(name)).collect()
    }

    /// The part that has a row, and the row's place in it.
    pub(super) fn locate(&self, row: u64) -> Option<(usize, u64)> {
        let at = self.pieces.partition_point(|piece| piece.start <= row).checked_sub(1)?;
        let piece = &self.pieces[at];
        (row - piece.start < piece.part.rows).then(|| (at, row - piece.start))
    }
}

fn path_column(name: String, date: bool) -> Column {
    let arrow = if date { DataType::Date32 } else { DataType::Utf8 };
    Column { name, type_name: batch::type_name(&arrow), arrow, declared: false, nulls_only: false }
}

fn add(columns: &mut IndexMap<String, Column>, column: Column) {
    match columns.get_mut(&column.name) {
        None => {
            columns.insert(column.name.clone(), column);
        }
        Some(known) if known.nulls_only && !column.nulls_only => *known = column,
        Some(known) if known.arrow != column.arrow && !column.nulls_only => {
            known.arrow = DataType::Utf8;
            known.type_name = batch::type_name(&known.arrow);
            known.declared = false;
        }
        Some(_) => {}
    }
}
