//! Joins two committed Silver loads into a third: which rows meet, what their columns are called, what
//! must hold of the result. Never writes beside what `publish` commits, and never reads what is not
//! committed.
//!
//! The result of a join is a pure function of the two loads and of what was asked: rows come in the
//! order of the left side, the partners of a row in the order of the right side, and right rows without a
//! partner at the end, whatever the memory and the number of threads.

mod columns;
mod encode;
mod flow;
mod guard;
mod hits;
mod load;
mod meeting;
mod merge;
mod pairs;
mod reading;
mod side;
mod spill;
mod table;
mod target;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use arrow::error::ArrowError;
use chrono::NaiveDate;

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::publish::PublishError;
use crate::publish::parts::PartError;
use crate::query::QueryError;
use crate::storage::{Place, StorageError};

pub(crate) use columns::OutColumn;
pub(crate) use flow::{Figures, Means};
pub(crate) use guard::Verdict;
pub(crate) use load::{Joining, is_fresh, sample};
pub(crate) use meeting::Meeting;
pub(crate) use side::{Choice, Side};
pub(crate) use target::Target;

/// Bytes of the right side that are held in memory, if nobody says otherwise.
pub(crate) const MEMORY: u64 = 1 << 30;

/// Why two loads were not joined. The result is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    /// A side has no load.
    #[error("no Silver load stands in {place}{}", as_of.map_or_else(String::new, |date| format!(" on or before {date}")))]
    NoLoad {
        /// Where it was looked for.
        place: String,
        /// Not after this date.
        as_of: Option<NaiveDate>,
    },
    /// A dataset that is joined is not promoted to Silver.
    #[error("the dataset `{dataset}` has no Silver")]
    NoSilver {
        /// Its name.
        dataset: String,
    },
    /// Several things could be meant.
    #[error("{place} has {}", choices.join(", "))]
    Choices {
        /// Where.
        place: String,
        /// What there is, as it would be asked for.
        choices: Vec<String>,
        /// The option that chooses.
        option: &'static str,
    },
    /// Nothing says how the sides are matched.
    #[error("nothing says by which columns `{left}` and `{right}` are joined: {why}")]
    NoKeys {
        /// Name of the left side.
        left: String,
        /// Name of the right side.
        right: String,
        /// What was found of declared keys.
        why: String,
        /// Pairs that could be meant: `customer_id=id`.
        proposed: Vec<String>,
    },
    /// A column that is named is not there.
    #[error("`{side}` has no column `{column}`")]
    NoColumn {
        /// Name of the side, or "the result".
        side: String,
        /// The column.
        column: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// Values of two types are never equal.
    #[error("`{left}` is of the type {left_type} and `{right}` of the type {right_type}, which cannot be compared")]
    Types {
        /// Column of the left side.
        left: String,
        /// Its type.
        left_type: String,
        /// Column of the right side.
        right: String,
        /// Its type.
        right_type: String,
    },
    /// Two columns of the result would have one name.
    #[error("two columns of the result would be called `{name}`: {first} and {second}")]
    Clash {
        /// The name.
        name: String,
        /// One origin.
        first: String,
        /// The other.
        second: String,
    },
    /// Every column is a partition column.
    #[error("every column is a partition column")]
    NothingLeft,
    /// What must hold of the result does not.
    #[error("the result breaks {}", if broken.len() == 1 { "a guard" } else { "its guards" })]
    Guards {
        /// What is broken, a sentence each.
        broken: Vec<String>,
    },
    /// Something else stands where the result would go.
    #[error("{place} has loads of {standing}, not of this join")]
    Taken {
        /// Where.
        place: Place,
        /// What is there.
        standing: String,
    },
    /// This version cannot keep the result by that model.
    #[error("the result of a join cannot be kept as `{model}` in this version")]
    Unavailable {
        /// As written in configs.
        model: &'static str,
    },
    /// What does not fit into memory could not be put elsewhere.
    #[error("{} cannot hold what does not fit into memory", folder.display())]
    Scratch {
        /// Where it was put.
        folder: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The sides could not be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The result could not be committed, or a side not found.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A part could not be written.
    #[error(transparent)]
    Part(#[from] PartError),
    /// Columns could not be computed.
    #[error("the columns of the result cannot be computed")]
    Compute(#[from] ArrowError),
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl From<StorageError> for JoinError {
    fn from(error: StorageError) -> Self {
        Self::Publish(error.into())
    }
}

impl Coded for JoinError {
    fn code(&self) -> Code {
        match self {
            Self::NoLoad { .. } | Self::NoSilver { .. } => code::JOIN001,
            Self::Choices { .. } => code::JOIN002,
            Self::NoKeys { .. } => code::JOIN003,
            Self::Types { .. } => code::JOIN004,
            Self::NoColumn { .. } => code::JOIN005,
            Self::Clash { .. } => code::JOIN006,
            Self::Guards { .. } => code::JOIN007,
            Self::Taken { .. } => code::JOIN008,
            Self::Scratch { .. } => code::JOIN009,
            Self::NothingLeft => code::CFG024,
            Self::Unavailable { .. } => code::CFG018,
            Self::Query(error) => error.code(),
            Self::Publish(error) => error.code(),
            Self::Part(error) => error.code(),
            Self::Compute(_) => code::RUN013,
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Choices { .. }
            | Self::NoKeys { .. }
            | Self::NoColumn { .. }
            | Self::Types { .. }
            | Self::Clash { .. }
            | Self::NothingLeft
            | Self::Taken { .. }
            | Self::Unavailable { .. }
            | Self::NoSilver { .. } => Stage::Configuration,
            Self::NoLoad { .. } | Self::Guards { .. } | Self::Compute(_) => Stage::Validation,
            Self::Scratch { .. } | Self::Part(_) => Stage::Storage,
            Self::Query(error) => error.stage(),
            Self::Publish(error) => error.stage(),
            Self::Cancelled => Stage::Cancelled,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Choices { option, .. } => Some(format!("choose one: {option}")),
            Self::NoKeys { proposed, .. } if proposed.is_empty() => {
                Some("name them: `--join-keys \"left_column=right_column\"`, or `join_key_pairs`".into())
            }
            Self::NoKeys { proposed, .. } => {
                Some(format!("perhaps `--join-keys \"{}\"`, or `join_key_pairs`", proposed.join(",")))
            }
            Self::NoColumn { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Types { right, .. } => {
                Some(format!("cast one of them: declare the type of `{right}` in `source.run.schema` of its dataset"))
            }
            Self::Clash { .. } => {
                Some("name the columns of the result: `select_columns: {right.name: other_name}`".into())
            }
            Self::NothingLeft => Some("remove a column from `partition_columns`".into()),
            Self::Guards { broken } => Some(broken.join("; ")),
            Self::Taken { .. } => Some("choose another folder with --output-path or `output.path`".into()),
            Self::Unavailable { .. } => Some("leave `model` out, or say `periodic_snapshot`".into()),
            Self::Query(error) => error.hint(),
            Self::Publish(error) => error.hint(),
            Self::Part(error) => error.hint(),
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        match self {
            Self::Publish(error) => error.is_transient(),
            _ => false,
        }
    }
}
