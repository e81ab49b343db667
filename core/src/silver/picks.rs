//! What is written: for each partition of the input, the rows that go into the datasets of a load and
//! what is added to them. Holds decisions; makes none.

use super::fold::Locator;

/// The rows of a partition that count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
}

impl Marks {
    /// The row counts.
    pub(crate) fn set(&mut self, row: u64) {
        let word = usize::try_from(row / 64).unwrap_or(usize::MAX);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (row % 64);
    }
    /// Whether the row counts.
    pub(crate) fn contains(&self, row: u64) -> bool {
        usize::try_from(row / 64)
            .ok()
            .and_then(|word| self.words.get(word))
            .is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

/// A row that is written as a version of its key, or as a change: small, because all of a load are
/// held at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    row: u64,
    from: i64,
    to: i64,
}

const OPEN: u64 = 1 << 63;
const UNKNOWN_START: u64 = 1 << 62;
const DELETED: u64 = 1 << 61;
const ROW: u64 = DELETED - 1;

impl Pick {
    /// A version from `from` (`None`: unknown) to `to` (`None`: open), microseconds since the epoch.
    pub(crate) fn version(row: u64, from: Option<i64>, to: Option<i64>, deleted: bool) -> Self {
        let mut bits = row & ROW;
        bits |= if to.is_none() { OPEN } else { 0 };
        bits |= if from.is_none() { UNKNOWN_START } else { 0 };
        bits |= if deleted { DELETED } else { 0 };
        Self { row: bits, from: from.unwrap_or(0), to: to.unwrap_or(0) }
    }
    /// A change.
    pub(crate) fn change(row: u64, kind: ChangeKind) -> Self {
        Self { row: row & ROW, from: kind as i64, to: 0 }
    }
    /// Number of the row in its partition.
    pub(crate) fn row(self) -> u64 {
        self.row & ROW
    }
    /// What picks of a partition are sorted by.
    fn place(&self) -> impl Ord + use<> {
        (self.row(), self.from(), self.to().is_none(), self.to())
    }
    /// Start of the version.
    pub(crate) fn from(self) -> Option<i64> {
        (self.row & UNKNOWN_START == 0).then_some(self.from)
    }
    /// Its end; `None`: open.
    pub(crate) fn to(self) -> Option<i64> {
        (!self.is_open()).then_some(self.to)
    }
    /// Whether the version is the current one.
    pub(crate) fn is_open(self) -> bool {
        self.row & OPEN != 0
    }
    /// Whether the version says that the key is deleted.
    pub(crate) fn is_deleted(self) -> bool {
        self.row & DELETED != 0
    }
    /// What the change did.
    pub(crate) fn kind(self) -> ChangeKind {
        match self.from {
            0 => ChangeKind::Insert,
            1 => ChangeKind::Update,
            _ => ChangeKind::Delete,
        }
    }
}

/// What a change does to its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    /// The key is new, or back.
    Insert = 0,
    /// The key has other values.
    Update = 1,
    /// The key is gone.
    Delete = 2,
}

impl ChangeKind {
    /// As written in `_operation`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// What is written of the input.
#[derive(Clone, Debug)]
pub(crate) enum Picks {
    /// Every row that can be used.
    Usable,
    /// For each partition, rows as they are.
    Rows(Vec<Marks>),
    /// For each partition, rows with what is added to them, in order of the rows. A row may stand
    /// more than once.
    Listed(Vec<Vec<Pick>>),
}

impl Picks {
    /// Whether a row that can be used is written.
    pub(crate) fn has(&self, partition: usize, row: u64) -> bool {
        match self {
            Self::Usable => true,
            Self::Rows(marks) => marks[partition].contains(row),
            Self::Listed(listed) => listed[partition].binary_search_by_key(&row, |pick| pick.row()).is_ok(),
        }
    }
}

/// Collects picks by partition.
#[derive(Debug)]
pub(crate) struct Listing(Vec<Vec<Pick>>);

impl Listing {
    /// For so many partitions.
    pub(crate) fn new(partitions: usize) -> Self {
        Self(vec![Vec::new(); partitions])
    }
    /// Takes a version.
    pub(crate) fn version(&mut self, of: Locator, from: Option<i64>, to: Option<i64>, deleted: bool) {
        self.0[of.partition as usize].push(Pick::version(of.row, from, to, deleted));
    }
    /// Takes a change.
    pub(crate) fn change(&mut self, of: Locator, kind: ChangeKind) {
        self.0[of.partition as usize].push(Pick::change(of.row, kind));
    }
    /// Takes what another collected.
    pub(crate) fn append(&mut self, other: Self) {
        for (all, mut more) in self.0.iter_mut().zip(other.0) {
            all.append(&mut more);
        }
    }
    /// Brings what was collected so far into order, so that [`Self::finish`] has little to do.
    pub(crate) fn sort(&mut self) {
        for picks in &mut self.0 {
            picks.sort_unstable_by_key(Pick::place);
        }
    }
    /// In the order in which rows are read; versions of one row by their start.
    pub(crate) fn finish(mut self) -> Picks {
        for picks in &mut self.0 {
            // The stable sort merges what is in order already.
            picks.sort_by_key(Pick::place);
        }
        Picks::Listed(self.0)
    }
}

/// A column that a model adds behind those of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// Start of a version.
    EffectiveFrom,
    /// Its end; null is open.
    EffectiveTo,
    /// 1 where the end is open.
    IsCurrent,
    /// 1 where the key is deleted.
    IsDeleted,
    /// What a change does.
    Operation,
}

impl Added {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EffectiveFrom => "effective_from",
            Self::EffectiveTo => "effective_to",
            Self::IsCurrent => "is_current",
            Self::IsDeleted => "_is_deleted",
            Self::Operation => "_operation",
        }
    }
}
