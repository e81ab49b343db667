//! A join of two Silver datasets.

use std::path::PathBuf;

use chrono::NaiveDate;
use indexmap::IndexMap;

use super::{Compression, Formats, SilverModel};

/// `silver_join`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JoinSettings {
    /// Left side.
    pub(crate) left: JoinSide,
    /// Right side.
    pub(crate) right: JoinSide,
    /// Absolute folder of the result. `None`: beside the left side.
    pub(crate) output: Option<PathBuf>,
    /// Which rows without a partner are kept.
    pub(crate) join_type: JoinType,
    /// By which columns.
    pub(crate) keys: JoinKeys,
    /// Null equals null in keys.
    pub(crate) null_keys_match: bool,
    /// Column and its name in the result; empty: all.
    pub(crate) select: IndexMap<String, String>,
    /// By which the result is kept.
    pub(crate) model: SilverModel,
    /// Empty: those of the left side.
    pub(crate) primary_keys: Vec<String>,
    /// `None`: that of the left side.
    pub(crate) order_column: Option<String>,
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// Columns whose values make folders.
    pub(crate) partition_columns: Vec<String>,
    /// What must hold of the result.
    pub(crate) guards: JoinGuards,
    /// Absolute folder for what does not fit into memory.
    pub(crate) spill_dir: Option<PathBuf>,
}

/// One side of a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JoinSide {
    /// A dataset of this workspace.
    Dataset {
        /// Its name.
        name: String,
        /// Which of its tables.
        table: Option<String>,
        /// Date of the load. `None`: the newest.
        as_of: Option<NaiveDate>,
    },
    /// A folder.
    Folder {
        /// Absolute.
        path: PathBuf,
        /// For metadata.
        name: Option<String>,
        /// Which of its tables.
        table: Option<String>,
        /// Date of the load. `None`: the newest.
        as_of: Option<NaiveDate>,
    },
}

/// Which rows without a partner are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinType {
    /// None.
    Inner,
    /// Left ones.
    Left,
    /// Right ones.
    Right,
    /// Both.
    Full,
    /// Left rows with a partner, once each.
    Semi,
    /// Left rows without one.
    Anti,
}

impl JoinType {
    /// As written in configs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inner => "inner",
            Self::Left => "left",
            Self::Right => "right",
            Self::Full => "full",
            Self::Semi => "semi",
            Self::Anti => "anti",
        }
    }
}

/// By which columns two sides are joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JoinKeys {
    /// The keys that both sides declare.
    Auto,
    /// Left and right column.
    Pairs(Vec<(String, String)>),
}

/// What must hold of a join's result.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JoinGuards {
    /// Rows at least.
    pub(crate) min_rows: Option<u64>,
    /// Rows at most.
    pub(crate) max_rows: Option<u64>,
    /// Column and largest share of nulls, 0 to 1.
    pub(crate) null_ratio: Vec<(String, f64)>,
    /// Columns that together must be unique.
    pub(crate) unique_keys: Vec<Vec<String>>,
    /// Smallest share of left rows with a partner, 0 to 1.
    pub(crate) match_ratio: Option<f64>,
}
