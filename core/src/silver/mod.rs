//! Promotes Bronze to Silver: the function of SILVER.md, from config and committed partitions to
//! rows, committed as one load.

mod collect;
mod decide;
mod events;
mod expect;
mod fold;
mod gather;
mod input;
mod keys;
mod latest;
mod layout;
mod needs;
#[cfg(test)]
mod oracle;
mod order;
mod output;
mod picks;
mod prepare;
mod promote;
mod quality;
mod reading;
mod scan;
mod timeline;

use std::sync::Arc;

use arrow::error::ArrowError;
use chrono::NaiveDate;

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::publish::PublishError;
use crate::publish::parts::PartError;
use crate::query::QueryError;
use crate::storage::Place;

pub(crate) use expect::warnings;
pub(crate) use gather::{Split, close_some};
pub(crate) use input::{Input, lost};
pub(crate) use layout::{Load, SilverEntity};
pub(crate) use needs::Needs;
pub(crate) use promote::{Promotion, is_fresh, promote};

/// Why a load was not made. Silver is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SilverError {
    /// Nothing landed for the date.
    #[error("no Bronze partition is committed for {date}")]
    NoBronze {
        /// The date.
        date: NaiveDate,
    },
    /// A ruling leaves out all that would be promoted.
    #[error("the Bronze of {date} is ruled `skip`, so there is nothing to promote")]
    Skipped {
        /// The date.
        date: NaiveDate,
    },
    /// Partitions that the standing load was made of are gone.
    #[error("Bronze that the standing load was made of is gone: {}", partitions.join(", "))]
    LostHistory {
        /// Their ids.
        partitions: Vec<String>,
    },
    /// This version cannot make the model.
    #[error("the model `{model}` is not available in this version")]
    Unavailable {
        /// As written in configs.
        model: &'static str,
    },
    /// A partition has more bad rows than allowed.
    #[error("{bad} of {rows} rows of partition {partition} are bad ({first}), more than allowed")]
    TooManyBad {
        /// Its id.
        partition: String,
        /// Bad rows.
        bad: u64,
        /// Rows read.
        rows: u64,
        /// The commonest reason.
        first: String,
    },
    /// A full partition would delete too many keys.
    #[error("partition {partition} lacks {absent} of {live} live keys")]
    TooManyDeleted {
        /// Its id.
        partition: String,
        /// Keys that are gone.
        absent: u64,
        /// Keys that were live before it.
        live: u64,
    },
    /// A column that the config names is in no partition.
    #[error("the column `{column}` of `{setting}` is not in the Bronze data")]
    NoColumn {
        /// The column.
        column: String,
        /// Where it is named.
        setting: &'static str,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// A key or order column needs a declared type.
    #[error("the column `{column}` of `{setting}` {problem}")]
    NeedsType {
        /// The column.
        column: String,
        /// Where it is named.
        setting: &'static str,
        /// "has the types integer and text in different partitions", "is text".
        problem: String,
    },
    /// Two columns would have one name.
    #[error("two columns would be called `{column}` in Silver")]
    Clash {
        /// The name.
        column: String,
    },
    /// Loads of another model, or under another name, stand at the path.
    #[error("{path} has loads of {standing}, not of {wanted}")]
    OtherModel {
        /// The entity's folder.
        path: String,
        /// Of the newest load.
        standing: String,
        /// Of the config.
        wanted: &'static str,
    },
    /// Every column is a partition column, so nothing would be left for the files.
    #[error("every column is a partition column")]
    NothingLeft,
    /// A part is not what was committed.
    #[error("{place} is not the file that was committed")]
    Checksum {
        /// The part.
        place: Place,
    },
    /// The commit of a partition that may count cannot be read.
    #[error("the Bronze partition {partition} cannot be read")]
    Unreadable {
        /// Its id.
        partition: String,
        /// The cause.
        #[source]
        source: Arc<PublishError>,
    },
    /// Bronze could not be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Silver could not be written or committed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A part could not be written.
    #[error(transparent)]
    Part(#[from] PartError),
    /// Columns could not be computed.
    #[error("columns of partition {partition} cannot be computed")]
    Compute {
        /// Its id.
        partition: String,
        /// The cause.
        #[source]
        source: ArrowError,
    },
    /// Rows are not what is expected of them.
    #[error("{}", unmet.join("; "))]
    Unexpected {
        /// "`name` is not met: 3 of 100 rows", for each that is not.
        unmet: Vec<String>,
    },
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Coded for SilverError {
    fn code(&self) -> Code {
        match self {
            Self::NoBronze { .. } | Self::Skipped { .. } => code::RUN010,
            Self::LostHistory { .. } => code::RUN014,
            Self::TooManyBad { .. } => code::VAL010,
            Self::TooManyDeleted { .. } => code::VAL011,
            Self::NoColumn { .. } => code::VAL012,
            Self::NeedsType { .. } => code::VAL013,
            Self::Clash { .. } => code::VAL014,
            Self::Unexpected { .. } => code::VAL020,
            Self::OtherModel { .. } => code::STG015,
            Self::NothingLeft => code::CFG024,
            Self::Unavailable { .. } => code::CFG018,
            Self::Checksum { .. } => code::STG062,
            Self::Unreadable { source, .. } => source.code(),
            Self::Query(error) => error.code(),
            Self::Publish(error) => error.code(),
            Self::Part(error) => error.code(),
            Self::Compute { .. } => code::RUN013,
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Cancelled => Stage::Cancelled,
            Self::Publish(error) => error.stage(),
            Self::Checksum { .. } | Self::Unreadable { .. } | Self::Query(_) | Self::Part(_) => Stage::Storage,
            _ => Stage::Validation,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::OtherModel { .. } => Some("use another `silver.version`, or remove the old loads".into()),
            Self::NothingLeft => Some("remove a column from `silver.partitioning.columns`".into()),
            Self::NoColumn { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::NeedsType { column, .. } => Some(format!("declare it: `source.run.schema: {{{column}: …}}`")),
            Self::TooManyBad { partition, .. } | Self::TooManyDeleted { partition, .. } => {
                let date = partition.rsplit_once("dt=").map_or("DATE", |(_, date)| date);
                Some(format!("mend the source, or rule on it: `silver.rulings: {{{date}: accept}}`"))
            }
            Self::Unreadable { partition, .. } => {
                let date = partition.rsplit_once("dt=").map_or("its date", |(_, date)| date);
                Some(format!("run Bronze again for {date}, or rule on it: `silver.rulings: {{{date}: skip}}`"))
            }
            Self::Unexpected { .. } => {
                Some("mend the source, or let it pass with a warning: `on_fail: warn` under `silver.expect`".into())
            }
            Self::Query(error) => error.hint(),
            Self::Publish(error) => error.hint(),
            Self::Part(error) => error.hint(),
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        matches!(self, Self::Publish(error) if error.is_transient())
    }
}
