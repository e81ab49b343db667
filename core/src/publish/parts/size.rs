//! How large files are, and how large those of further rows will be.
//!
//! Pure arithmetic: what was measured goes in, how many bytes of cells to encode next comes out.

/// Bytes in each format; 0 for one that is not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Of the Parquet file.
    pub(super) parquet: u64,
    /// Of the CSV file.
    pub(super) csv: u64,
}

impl Sizes {
    /// Both with more added.
    pub(super) const fn and(self, more: Self) -> Self {
        Self { parquet: self.parquet + more.parquet, csv: self.csv + more.csv }
    }
    /// The larger one.
    pub(super) fn largest(self) -> u64 {
        self.parquet.max(self.csv)
    }
}

/// What became of cells so far, the last row groups above all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Experience {
    cells: f64,
    parquet: f64,
    csv: f64,
}

impl Experience {
    /// Takes in that `cells` bytes became `sizes`.
    pub(super) fn learn(&mut self, cells: u64, sizes: Sizes) {
        let add = |sum: &mut f64, more: u64| *sum = *sum / 2.0 + more as f64;
        add(&mut self.cells, cells.max(1));
        add(&mut self.parquet, sizes.parquet);
        add(&mut self.csv, sizes.csv);
    }
    /// Whether there is any.
    pub(super) fn is_new(&self) -> bool {
        self.cells == 0.0
    }
    /// What `cells` bytes will become.
    pub(super) fn expect(&self, cells: u64) -> Sizes {
        let bytes = |sum: f64| whole(cells as f64 * sum / self.cells.max(1.0));
        Sizes { parquet: bytes(self.parquet), csv: bytes(self.csv) }
    }
    /// How many bytes of cells take files of size `filled` to `target`; 0 if they are there.
    pub(super) fn cells_to(&self, filled: Sizes, target: u64) -> u64 {
        let cells = |filled: u64, sum: f64| {
            let room = target.saturating_sub(filled) as f64;
            if sum > 0.0 { whole(room * self.cells / sum) } else { u64::MAX }
        };
        cells(filled.parquet, self.parquet).min(cells(filled.csv, self.csv))
    }
}

/// How many of `rows` rows, all of which take `sizes`, take files of size `filled` to `target`.
pub(super) fn share(rows: u64, sizes: Sizes, filled: Sizes, target: u64) -> u64 {
    let share = |all: u64, filled: u64| {
        let room = target.saturating_sub(filled);
        if all <= room { rows } else { whole(rows as f64 * room as f64 / all as f64) }
    };
    share(sizes.parquet, filled.parquet).min(share(sizes.csv, filled.csv))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are neither negative nor near 2^63")]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

/// Bounds of one part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Rows at most; at least 1.
    pub(super) rows: u64,
    /// Bytes of the largest of its files at most.
    pub(super) bytes: Option<u64>,
}

impl Bounds {
    /// Bytes from which a part is full enough: there would be no more than a crumb to add.
    pub(super) fn enough(self) -> Option<u64> {
        self.bytes.map(|limit| limit - limit / 12)
    }
    /// Bytes that are aimed at: estimates err to both sides.
    pub(super) fn target(self) -> Option<u64> {
        self.bytes.map(|limit| limit - limit / 25)
    }
    /// Whether a part of this size is full.
    pub(super) fn is_full(self, rows: u64, sizes: Sizes) -> bool {
        rows >= self.rows || self.enough().is_some_and(|enough| sizes.largest() >= enough)
    }
    /// Whether a part may be of this size.
    pub(super) fn allows(self, rows: u64, sizes: Sizes) -> bool {
        rows <= self.rows && self.bytes.is_none_or(|limit| sizes.largest() <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_last_weighs_most() {
        let mut experience = Experience::default();
        assert!(experience.is_new());
        experience.learn(1_000, Sizes { parquet: 500, csv: 0 });
        assert_eq!(experience.expect(2_000), Sizes { parquet: 1_000, csv: 0 });
        assert_eq!(experience.cells_to(Sizes { parquet: 900, csv: 0 }, 1_000), 200);
        assert_eq!(experience.cells_to(Sizes { parquet: 1_100, csv: 0 }, 1_000), 0);
        for _ in 0..20 {
            experience.learn(1_000, Sizes { parquet: 100, csv: 2_000 });
        }
        let expected = experience.expect(1_000);
        assert!((100..=101).contains(&expected.parquet) && (1_999..=2_000).contains(&expected.csv), "{expected:?}");
        let cells = experience.cells_to(Sizes::default(), 1_000);
        assert!((499..=501).contains(&cells), "the larger format decides: {cells}");
    }

    #[test]
    fn bounds_hold_for_the_larger_file() {
        let bounds = Bounds { rows: 10, bytes: Some(1_200) };
        let of = |parquet, csv| Sizes { parquet, csv };
        assert!(bounds.allows(10, of(1_200, 0)) && !bounds.allows(11, of(0, 0)) && !bounds.allows(1, of(0, 1_201)));
        assert!(bounds.is_full(10, of(0, 0)) && bounds.is_full(1, of(1_100, 0)) && !bounds.is_full(9, of(1_099, 0)));
        let unbounded = Bounds { rows: 10, bytes: None };
        assert!(unbounded.allows(10, of(u64::MAX, 0)) && !unbounded.is_full(9, of(u64::MAX, 0)));
        assert_eq!(unbounded.enough(), None);
    }
}
