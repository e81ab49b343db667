//! Which rows stand at the cursor: those that an earlier extract landed do not come again, and those at the
//! new cursor are marked for the next one.
//!
//! A closed bound asks for the rows at the cursor once more, since some may have come since. Values are
//! compared as the cursor is, marks are made of what the source wrote.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Scalar, StringArray};
use arrow::compute::kernels::cmp;
use arrow::compute::{CastOptions, SortOptions, cast_with_options, sort_to_indices};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use crate::batch::cast::cast;
use crate::batch::render::cell_text;
use crate::batch::{Cursor, type_name};
use crate::config::settings::{DeclaredType, Incremental};
use crate::figures::hex;

/// The cursor column of a batch, and the columns that tell its rows apart.
pub(super) struct Boundary<'a> {
    field: &'a str,
    /// As it came.
    native: &'a ArrayRef,
    /// As it is compared.
    compared: ArrayRef,
    declared: Option<DeclaredType>,
    zone: Tz,
    /// What marks a row.
    marking: Vec<&'a ArrayRef>,
    closed: bool,
}

impl<'a> Boundary<'a> {
    /// `None` if the rows have no such column. Without keys, or where one of them is not there, a row is
    /// marked by all that it has.
    pub(super) fn new(spec: &'a Incremental, names: &[String], columns: &'a [ArrayRef], zone: Tz) -> Option<Self> {
        let place = |name: &String| names.iter().position(|other| other == name).and_then(|at| columns.get(at));
        let native = place(&spec.cursor)?;
        let compared = spec.cursor_type.map_or_else(|| native.clone(), |declared| cast(native, &declared, zone).0);
        let keys: Option<Vec<&ArrayRef>> = spec.boundary_keys.iter().map(place).collect();
        Some(Self {
            field: &spec.cursor,
            native,
            compared,
            declared: spec.cursor_type,
            zone,
            marking: keys.filter(|keys| !keys.is_empty()).unwrap_or_else(|| columns.iter().collect()),
            closed: spec.closed,
        })
    }

    /// Rows that an earlier extract, which ended at `since`, has landed.
    pub(super) fn landed(&self, since: &Cursor, raw: &dyn Fn(usize) -> Option<String>) -> Vec<usize> {
        if !self.closed || since.boundary.is_empty() {
            return Vec::new();
        }
        let mut rows = self.at(&since.value);
        rows.retain(|row| since.boundary.binary_search(&self.mark(*row, raw)).is_ok());
        rows
    }

    /// The greatest value, told as the source writes it, and who stands there.
    pub(super) fn greatest(&self, raw: &dyn Fn(usize) -> Option<String>) -> Option<Cursor> {
        let last = SortOptions { descending: true, nulls_first: false };
        let at = sort_to_indices(&self.compared, Some(last), Some(1)).ok()?;
        let at = usize::try_from(at.values().first().copied()?).ok()?;
        if self.compared.is_null(at) {
            return None;
        }
        let value = cell_text(self.native.as_ref(), at)?;
        let mut boundary = Vec::new();
        if self.closed {
            let rows = self.equal(&self.compared.slice(at, 1)).unwrap_or_else(|| self.spelled(&value));
            boundary.extend(rows.into_iter().take(Cursor::BOUNDARY).map(|row| self.mark(row, raw)));
            boundary.sort_unstable();
            boundary.dedup();
        }
        Some(Cursor { field: self.field.to_owned(), value, type_name: type_name(self.compared.data_type()), boundary })
    }

    /// Rows at a value.
    fn at(&self, value: &str) -> Vec<usize> {
        let text: ArrayRef = Arc::new(StringArray::from(vec![value]));
        let one = match &self.declared {
            Some(declared) => Some(cast(&text, declared, self.zone).0),
            None => cast_with_options(
                &text,
                self.compared.data_type(),
                &CastOptions { safe: true, ..CastOptions::default() },
            )
            .ok()
            // Only what is read as it was written.
            .filter(|one| cell_text(one.as_ref(), 0).as_deref() == Some(value)),
        };
        one.filter(|one| one.is_valid(0)).and_then(|one| self.equal(&one)).unwrap_or_else(|| self.spelled(value))
    }

    /// Rows equal to an array of one; `None` where such values cannot be compared.
    fn equal(&self, one: &ArrayRef) -> Option<Vec<usize>> {
        let equal: BooleanArray = cmp::eq(&self.compared, &Scalar::new(one.clone())).ok()?;
        Some((0..equal.len()).filter(|row| equal.is_valid(*row) && equal.value(*row)).collect())
    }

    fn spelled(&self, value: &str) -> Vec<usize> {
        (0..self.native.len()).filter(|row| cell_text(self.native.as_ref(), *row).as_deref() == Some(value)).collect()
    }

    /// What tells a row from others at its value; of a row that cannot be read it is its raw text.
    fn mark(&self, row: usize, raw: &dyn Fn(usize) -> Option<String>) -> String {
        let mut hasher = Sha256::new();
        if let Some(raw) = raw(row) {
            hasher.update(raw.as_bytes());
        } else {
            for column in &self.marking {
                match cell_text(column.as_ref(), row) {
                    // The length keeps ("a", "bc") and ("ab", "c") apart.
                    Some(text) => {
                        hasher.update((text.len() as u64).to_le_bytes());
                        hasher.update(text.as_bytes());
                    }
                    None => hasher.update(u64::MAX.to_le_bytes()),
                }
            }
        }
        hex(&hasher.finalize()[..8])
    }
}
