//! What is kept between calls, so that scrolling is cheap: open tables and parts, decoded blocks, and
//! the views that were worked out. Each within a budget; the least recently used goes first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arrow::array::{Array, ArrayRef};

use super::parts::OpenPart;
use super::table::RowTable;
use super::view::View;
use super::{QueryError, table::Piece};
use crate::api::wire::{RowsOf, SortKey};

/// Bytes of decoded blocks.
const BLOCK_BYTES: usize = 256 << 20;
/// Bytes of views.
const VIEW_BYTES: usize = 256 << 20;
/// Open parts, each with a file and its metadata.
const PARTS: usize = 128;
/// Open tables.
const TABLES: usize = 16;

/// Kept between calls. Cheap to make.
#[derive(Debug)]
pub(crate) struct Readings {
    blocks: Mutex<Kept<BlockKey, ArrayRef>>,
    parts: Mutex<Kept<(u64, usize), Arc<OpenPart>>>,
    tables: Mutex<Kept<RowsOf, (Arc<RowTable>, Instant)>>,
    views: Mutex<Kept<ViewKey, Arc<View>>>,
}

/// A column of a block: serial of the table, piece, column, block.
pub(super) type BlockKey = (u64, usize, usize, u32);
/// Serial of the table, filter, sort.
pub(crate) type ViewKey = (u64, String, Vec<SortKey>);

impl Default for Readings {
    fn default() -> Self {
        Self {
            blocks: Mutex::new(Kept::new(BLOCK_BYTES)),
            parts: Mutex::new(Kept::new(PARTS)),
            tables: Mutex::new(Kept::new(TABLES)),
            views: Mutex::new(Kept::new(VIEW_BYTES)),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Readings {
    /// A table that was opened, and when that was last looked after.
    pub(crate) fn table(&self, of: &RowsOf) -> Option<(Arc<RowTable>, Instant)> {
        locked(&self.tables).get(of).cloned()
    }

    /// Keeps an open table.
    pub(crate) fn keep_table(&self, of: RowsOf, table: Arc<RowTable>) {
        locked(&self.tables).put(of, (table, Instant::now()), 1);
    }

    /// Forgets tables, so that they are opened anew.
    pub(crate) fn forget_table(&self, of: &RowsOf) {
        locked(&self.tables).remove(of);
    }

    /// Forgets all tables, because something was written: whoever wrote it sees it at once.
    pub(crate) fn forget_tables(&self) {
        *locked(&self.tables) = Kept::new(TABLES);
    }

    /// A view that was worked out.
    pub(crate) fn view(&self, key: &ViewKey) -> Option<Arc<View>> {
        locked(&self.views).get(key).cloned()
    }

    /// Keeps a view.
    pub(crate) fn keep_view(&self, key: ViewKey, view: Arc<View>) {
        let bytes = view.bytes() + 1_024;
        locked(&self.views).put(key, view, bytes);
    }

    /// A part, open.
    pub(super) fn part(&self, table: &RowTable, piece: usize) -> Result<Arc<OpenPart>, QueryError> {
        let key = (table.serial, piece);
        if let Some(part) = locked(&self.parts).get(&key) {
            return Ok(part.clone());
        }
        let part = Arc::new(OpenPart::open(&table.pieces[piece])?);
        locked(&self.parts).put(key, part.clone(), 1);
        Ok(part)
    }

    /// Columns of one block.
    pub(super) fn block(
        &self,
        table: &RowTable,
        at: usize,
        columns: &[usize],
        (block, rows): (u32, &std::ops::Range<u64>),
    ) -> Result<Vec<ArrayRef>, QueryError> {
        let key = |column: usize| (table.serial, at, column, block);
        let mut found: Vec<Option<ArrayRef>> = {
            let mut blocks = locked(&self.blocks);
            columns.iter().map(|column| blocks.get(&key(*column)).cloned()).collect()
        };
        let missing: Vec<usize> =
            columns.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(column, _)| *column).collect();
        if !missing.is_empty() {
            let piece: &Piece = &table.pieces[at];
            let wanted: Vec<_> = missing.iter().map(|column| table.columns[*column].clone()).collect();
            let batch = self.part(table, at)?.block(piece, &wanted, block, rows)?;
            let mut blocks = locked(&self.blocks);
            for (column, array) in missing.iter().zip(batch.columns()) {
                blocks.put(key(*column), array.clone(), array.get_array_memory_size());
            }
            let mut fresh = batch.columns().iter().cloned();
            for slot in found.iter_mut().filter(|slot| slot.is_none()) {
                *slot = fresh.next();
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Whether a block of a column is here.
    pub(super) fn has_block(&self, key: &BlockKey) -> bool {
        locked(&self.blocks).entries.contains_key(key)
    }

    /// Bytes that blocks may take.
    pub(super) const fn room() -> usize {
        BLOCK_BYTES
    }
}

/// A few things with a size; the least recently used go when there are too many.
#[derive(Debug)]
struct Kept<K, V> {
    entries: HashMap<K, Entry<V>>,
    most: usize,
    size: usize,
    tick: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    size: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V> Kept<K, V> {
    fn new(most: usize) -> Self {
        Self { entries: HashMap::new(), most, size: 0, tick: 0 }
    }

    fn get(&mut self, key: &K) -> Option<&V> {
        self.tick += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.tick;
        Some(&entry.value)
    }

    fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.size -= entry.size;
        }
    }

    fn put(&mut self, key: K, value: V, size: usize) {
        self.tick += 1;
        self.remove(&key);
        self.size += size;
        self.entries.insert(key, Entry { value, size, used: self.tick });
        if self.size <= self.most {
            return;
        }
        // A quarter goes at once, so that this is rare. The newest stays, however large.
        let mut ages: Vec<(u64, K)> = self.entries.iter().map(|(key, entry)| (entry.used, key.clone())).collect();
        ages.sort_unstable_by_key(|(used, _)| *used);
        ages.pop();
        for (_, key) in ages {
            if self.size <= self.most / 4 * 3 {
                break;
            }
            self.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn the_least_recently_used_goes_first_and_the_newest_stays() {
        let mut kept = Kept::new(40);
        for number in 0..4 {
            kept.put(number, number, 10);
        }
        assert_eq!(kept.get(&0), Some(&0));
        kept.put(4, 4, 10);
        assert_eq!([1, 2, 0].map(|number| kept.get(&number).copied()), [None, None, Some(0)]);
        assert_eq!(kept.size, 30);
        kept.put(5, 5, 1_000);
        assert_eq!(kept.get(&5), Some(&5));
        assert_eq!((kept.entries.len(), kept.size), (1, 1_000));
        kept.put(5, 6, 10);
        assert_eq!(kept.get(&5), Some(&6));
        assert_eq!(kept.size, 10, "replaced, not counted twice");
    }
}
