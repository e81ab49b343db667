//! From where to where an incremental extract of a day reaches, told from commits alone.
//!
//! Cursor sources append: a day takes what came since the newest commit up to that day, and is closed
//! once a later day is committed.

use std::cmp::Ordering;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;

use super::BronzeTable;
use crate::batch::Cursor;
use crate::batch::cursor::compare;
use crate::batch::render::cell_text;
use crate::config::settings::{Dataset, Incremental, Source};
use crate::publish::{Commit, PublishError, Unreadable};

/// What an extract of a day takes.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// All there is, in place of what stands.
    Whole,
    /// What came since, beside what stands; since ever, where there is no cursor.
    Since(Option<Cursor>),
    /// What came since the days before, in place of what stands, but nothing that belongs to days after.
    Anew {
        /// Where the days before ended.
        since: Option<Cursor>,
        /// Where this day ended before days after it began.
        until: Option<Cursor>,
    },
    /// Nothing: a later day is committed.
    Closed {
        /// That day.
        by: NaiveDate,
        /// What stands.
        standing: Option<Box<Commit>>,
    },
}

impl Reach {
    /// Where the extract starts.
    pub(crate) fn since(&self) -> Option<&Cursor> {
        match self {
            Self::Since(since) | Self::Anew { since, .. } => since.as_ref(),
            Self::Whole | Self::Closed { .. } => None,
        }
    }
}

/// Why it is not known from where to where an extract reaches.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReachError {
    /// Commits cannot be listed, or one of them cannot be read.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A commit that may have the cursor is damaged.
    #[error("the commit of {id} cannot be read, so it is not known how far the extracts have come")]
    Unreadable {
        /// The partition.
        id: String,
    },
    /// The cursor in the commits is of another field than the config names.
    #[error("extracts have come to `{standing}` = {value}, but the config now goes by `{wanted}`")]
    OtherField {
        /// Of the newest commit.
        standing: String,
        /// Its value.
        value: String,
        /// Of the config.
        wanted: String,
    },
}

/// How a source is read that is read incrementally.
pub(crate) fn incremental(source: &Source) -> Option<&Incremental> {
    match source {
        Source::Api(api) => api.incremental.as_ref(),
        Source::Db(db) => db.incremental.as_ref(),
        Source::Custom(custom) => custom.incremental.as_ref(),
        Source::File(_) => None,
    }
}

/// What an extract for `date` takes. `refetch`: the day is made anew, closed or not.
pub(crate) fn reach(
    dataset: &Dataset,
    table: &BronzeTable,
    date: NaiveDate,
    refetch: bool,
) -> Result<Reach, ReachError> {
    let Some(incremental) = incremental(&dataset.source) else { return Ok(Reach::Whole) };
    let landed = table.landed()?;
    let may_count = |unreadable: &&Unreadable| unreadable.date.is_none_or(|of| of <= date);
    if let Some(unreadable) = landed.unreadable.iter().find(may_count) {
        return Err(ReachError::Unreadable { id: unreadable.id.clone() });
    }
    let days: Vec<Day<'_>> =
        landed.readable.iter().map(|landed| (landed.date, landed.commit.cursor.as_ref())).collect();
    if refetch {
        let (since, until) = anew(&days, &incremental.cursor, date)?;
        return Ok(Reach::Anew { since, until });
    }
    if let Some(by) = closed_by(&days, date) {
        let standing = landed.readable.into_iter().rfind(|landed| landed.date == date);
        return Ok(Reach::Closed { by, standing: standing.map(|landed| Box::new(landed.commit)) });
    }
    Ok(Reach::Since(furthest(&days, &incremental.cursor, &|of| of <= date)?))
}

/// A committed partition: its date, and how far the extract had come with it.
type Day<'a> = (NaiveDate, Option<&'a Cursor>);

/// The first committed day after `date`.
fn closed_by(days: &[Day<'_>], date: NaiveDate) -> Option<NaiveDate> {
    days.iter().map(|(of, _)| *of).filter(|of| *of > date).min()
}

/// From where to where a day reaches that is fetched once more.
fn anew(days: &[Day<'_>], field: &str, date: NaiveDate) -> Result<(Option<Cursor>, Option<Cursor>), ReachError> {
    let until = match closed_by(days, date) {
        // A day that took nothing ended where the days before it did.
        Some(_) => furthest(days, field, &|of| of <= date)?,
        None => None,
    };
    Ok((furthest(days, field, &|of| of < date)?, until))
}

/// The furthest cursor of some days.
fn furthest(days: &[Day<'_>], field: &str, counts: &dyn Fn(NaiveDate) -> bool) -> Result<Option<Cursor>, ReachError> {
    let mut furthest: Option<Cursor> = None;
    for cursor in days.iter().filter(|(of, _)| counts(*of)).filter_map(|(_, cursor)| *cursor) {
        if cursor.field != field {
            let (standing, value) = (cursor.field.clone(), cursor.value.clone());
            return Err(ReachError::OtherField { standing, value, wanted: field.to_owned() });
        }
        furthest = Some(furthest.map_or_else(|| cursor.clone(), |other| other.further(cursor.clone())));
    }
    Ok(furthest)
}

/// Which rows are not beyond a cursor; `None` if the batch has no such column. A row without a value
/// stays.
pub(super) fn not_beyond(batch: &RecordBatch, until: &Cursor) -> Option<BooleanArray> {
    let column = batch.column_by_name(&until.field)?;
    let within = |row: usize| {
        let value = cell_text(column.as_ref(), row);
        value.is_none_or(|value| compare(&until.type_name, &value, &until.value) != Some(Ordering::Greater))
    };
    Some((0..batch.num_rows()).map(|row| Some(within(row))).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int64Array;

    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 3, day).unwrap()
    }

    fn at(value: &str) -> Cursor {
        Cursor { field: "id".into(), value: value.into(), type_name: "integer".into(), boundary: Vec::new() }
    }

    #[test]
    fn an_extract_goes_on_where_the_days_up_to_it_ended() {
        let (nine, ten, late) = (at("9"), at("10"), at("99"));
        let days = [(day(1), Some(&nine)), (day(2), Some(&ten)), (day(2), None), (day(4), Some(&late))];
        let value = |found: Result<Option<Cursor>, ReachError>| found.unwrap().map(|cursor| cursor.value);
        assert_eq!(value(furthest(&days, "id", &|of| of <= day(1))).as_deref(), Some("9"));
        assert_eq!(value(furthest(&days, "id", &|of| of <= day(3))).as_deref(), Some("10"), "by type, not as text");
        assert_eq!(value(furthest(&days, "id", &|of| of < day(1))), None);
        assert_eq!(closed_by(&days, day(2)), Some(day(4)));
        assert_eq!(closed_by(&days, day(4)), None);
    }

    #[test]
    fn a_closed_day_is_fetched_anew_up_to_where_it_ended() {
        let (nine, ten, late) = (at("9"), at("10"), at("99"));
        let days = [(day(1), Some(&nine)), (day(2), Some(&ten)), (day(3), None), (day(4), Some(&late))];
        assert_eq!(anew(&days, "id", day(2)).unwrap(), (Some(nine.clone()), Some(ten.clone())));
        assert_eq!(anew(&days, "id", day(1)).unwrap(), (None, Some(nine.clone())));
        assert_eq!(anew(&days, "id", day(3)).unwrap(), (Some(ten.clone()), Some(ten.clone())), "it had nothing");
        assert_eq!(anew(&days, "id", day(4)).unwrap(), (Some(ten.clone()), None), "an open day has no end");
    }

    #[test]
    fn a_cursor_of_another_field_is_no_cursor() {
        let nine = at("9");
        let refused = furthest(&[(day(1), Some(&nine))], "updated_at", &|_| true);
        assert!(matches!(refused, Err(ReachError::OtherField { .. })), "{refused:?}");
    }

    #[test]
    fn rows_beyond_the_end_of_a_day_are_not_its_own() {
        let ids = Int64Array::from(vec![Some(9), Some(10), None, Some(11)]);
        let batch = RecordBatch::try_from_iter([("id", Arc::new(ids) as arrow::array::ArrayRef)]).unwrap();
        let within = not_beyond(&batch, &at("10")).unwrap();
        assert_eq!(within.iter().flatten().collect::<Vec<_>>(), [true, true, true, false]);
        assert!(not_beyond(&batch, &Cursor { field: "other".into(), ..at("1") }).is_none());
    }
}
