//! One extract over one connection or several: describe, decide, put bounds around the query, stream.
//!
//! What a database has of its own is behind [`Session`].

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

use super::bound::{Comparison, lowered};
use super::error::DbError;
use super::feed::{Column, Feed, Flow, Hint, Row, Told};
use super::statement::{Bind, Piece, Rendered, Statement, Wrap, quoted};
use super::value::{Shape, moment_text};
use super::{AHEAD, Job, no_column};
use crate::batch::parse::{self, Grammar};
use crate::config::settings::{Driver, NullCursor};
use crate::error::Coded;
use crate::extract::ExtractError;
use crate::extract::observe::{Seen, Waiting};

/// Rows by which types are decided before several connections read.
const SAMPLE: u64 = 1_000;

/// A connection within its read-only transaction.
pub(super) trait Session: Sized + Send + 'static {
    type Row: Row;

    /// Connects and begins. With a `snapshot`, it sees what the connection sees that told it.
    fn connect(job: &Job, snapshot: Option<&str>) -> impl Future<Output = Result<Self, ExtractError>> + Send;
    /// The columns of a query, and the query with the types of its parameters.
    fn describe(
        &mut self,
        job: &Job,
        statement: Statement,
    ) -> impl Future<Output = Result<Described<Self>, DbError>> + Send;
    /// Runs a query into the feed.
    fn stream(
        &mut self,
        job: &Job,
        rendered: &Rendered,
        feed: &mut Feed<Self::Row>,
    ) -> impl Future<Output = Result<Flow, ExtractError>> + Send;
    /// The first row of a query, as text.
    fn first(
        &mut self,
        job: &Job,
        rendered: &Rendered,
    ) -> impl Future<Output = Result<Vec<Option<String>>, DbError>> + Send;
    /// Lets other connections see the same state, where the database can do that.
    fn snapshot(&mut self, job: &Job) -> impl Future<Output = Result<Option<String>, DbError>> + Send;
    /// Ends the transaction. What fails here changes nothing.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// The column of a session's rows.
pub(super) type ColumnOf<S> = Column<<<S as Session>::Row as Row>::Native>;

/// What a query gives.
pub(super) struct Described<S: Session> {
    pub(super) columns: Vec<ColumnOf<S>>,
    pub(super) statement: Statement,
    /// What is selected of it, where the server has to change something: `None`: all as it is.
    pub(super) select: Option<String>,
    /// For a column: its type in the words of the database, and how it is ordered by its bytes.
    pub(super) types: Vec<(Option<String>, &'static str)>,
}

/// Reads to the end, or until nobody wants more, and tells how it ended.
pub(super) async fn read<S: Session>(job: Arc<Job>, sender: Sender<Told>) {
    let ended = all::<S>(&job, &sender).await;
    // Nobody may be there to hear it.
    let _unheard = sender.send(ended.map_or_else(Told::Failed, |()| Told::End)).await;
}

async fn all<S: Session>(job: &Arc<Job>, sender: &Sender<Told>) -> Result<(), ExtractError> {
    let mut pace = Pace::new(job);
    let mut session = connect::<S>(job, None).await?;
    pace.wait(job).await;
    let statement = job.statement.clone();
    let described = job.answer(session.describe(job, statement)).await?;
    let mut feed = Feed::new(job, &described.columns, sender.clone())?;
    let (statement, wrap) = asked(job, &described)?;
    match &job.source.parallel_reads {
        Some(reads) if reads.connections > 1 && job.request.limit.is_none() => {
            divided(job, session, feed, &described, (statement, wrap), &mut pace).await
        }
        _ => {
            let rendered = statement.wrapped(wrap, job.driver()).rendered(job.driver());
            pace.wait(job).await;
            told(job, 1, &mut session, &rendered, &mut feed).await?;
            session.close().await;
            feed.finish().await
        }
    }
}

/// Connects, with tries again as the config says.
async fn connect<S: Session>(job: &Job, snapshot: Option<&str>) -> Result<S, ExtractError> {
    let retry = job.request.conduct.retry;
    let mut attempt = 1;
    loop {
        let work = async { Ok::<_, DbError>(S::connect(job, snapshot).await) };
        let connected = match job.answer(work).await {
            Ok(connected) => connected,
            Err(slow) => Err(slow.into()),
        };
        match connected {
            Err(ExtractError::Db(error)) if attempt < retry.max_attempts && error.is_transient() => {
                let pause =
                    (retry.base_seconds * 2_f64.powi(i32::try_from(attempt - 1).unwrap_or(30))).min(retry.max_seconds);
                let pause = Duration::try_from_secs_f64(pause).unwrap_or(Duration::ZERO);
                attempt += 1;
                job.request.observer.saw(Seen::Waiting(Waiting::Retry(attempt), pause));
                tokio::time::sleep(job.left(pause)?.min(pause)).await;
            }
            other => return other,
        }
    }
}

/// Runs a query, and tells whoever looks on.
async fn told<S: Session>(
    job: &Job,
    part: u64,
    session: &mut S,
    rendered: &Rendered,
    feed: &mut Feed<S::Row>,
) -> Result<Flow, ExtractError> {
    let began = Instant::now();
    let flow = session.stream(job, rendered, feed).await;
    let error = flow.as_ref().err().map(ToString::to_string);
    job.tell(part, rendered, began, feed.seen(), feed.received(), error);
    flow
}

/// `rate_limit_hz` for queries.
struct Pace {
    gap: Option<Duration>,
    next: Option<Instant>,
}

impl Pace {
    fn new(job: &Job) -> Self {
        let gap = job.request.conduct.rate_limit_hz.and_then(|hertz| Duration::try_from_secs_f64(1.0 / hertz).ok());
        Self { gap, next: None }
    }

    async fn wait(&mut self, job: &Job) {
        let Some(gap) = self.gap else { return };
        let now = Instant::now();
        let next = self.next.unwrap_or(now).max(now);
        if next > now {
            job.request.observer.saw(Seen::Waiting(Waiting::RateLimit, next - now));
            tokio::time::sleep_until(next).await;
        }
        self.next = Some(next + gap);
    }
}

/// The query with its cursor, and what is put around it.
fn asked<S: Session>(job: &Job, described: &Described<S>) -> Result<(Statement, Wrap), DbError> {
    let driver = job.driver();
    let mut statement = described.statement.clone();
    let mut wrap = Wrap { select: described.select.clone(), ..Wrap::default() };
    if let Some(incremental) = &job.source.incremental {
        let names: Vec<String> = described.columns.iter().map(|column| column.name.clone()).collect();
        let at = names
            .iter()
            .position(|name| *name == incremental.cursor)
            .ok_or_else(|| no_column(&incremental.cursor, &names))?;
        let shape = shape(driver, described.columns[at].hint);
        let (cast, collation) = &described.types[at];
        let of =
            Comparison { column: &incremental.cursor, shape, cast: cast.clone(), driver, zone: job.request.timezone };
        let column = format!("{}{collation}", quoted(&incremental.cursor, driver));
        let since = match &job.request.since {
            Some(since) => Some(moved_back(job, &incremental.cursor, &since.value, &since.type_name, shape)?),
            None => incremental.initial_value.clone(),
        };
        let low = since.map(|value| of.bind(&value)).transpose()?;
        let nulls = |condition: Vec<Piece>| -> Vec<Piece> {
            // Rows without a cursor come along: the reader counts or refuses them.
            let mut pieces = condition;
            pieces.push(Piece::Sql(format!(" OR {column} IS NULL")));
            pieces
        };
        let policy = |condition: Vec<Piece>| {
            if incremental.null_cursor == NullCursor::Exclude && job.request.limit.is_some() {
                condition
            } else {
                nulls(condition)
            }
        };
        if statement.asks_for_cursor() {
            let bind = low.ok_or_else(|| DbError::NoValue { name: "?".to_owned() })?;
            // The query compares by itself; what it compares with is not known here.
            let bind = if driver == Driver::Postgres { bind } else { Bind { cast: None, ..bind } };
            statement = statement.with_cursor(&bind);
        } else if let Some(bind) = low {
            let operator = if incremental.closed { ">=" } else { ">" };
            let condition = vec![Piece::Sql(format!("{column} {operator} ")), Piece::Bind(bind)];
            wrap.conditions.push(policy(condition));
        }
        if let Some(end) = &incremental.end_value {
            let condition = vec![Piece::Sql(format!("{column} < ")), Piece::Bind(of.bind(end)?)];
            wrap.conditions.push(policy(condition));
        }
        wrap.order = Some(column.clone());
    }
    // Rows that decide on types are read whatever the limit, so that it changes no type.
    let decided = described.columns.iter().all(|column| matches!(column.hint, Hint::Known(_)));
    wrap.limit = job.request.limit.map(|limit| if decided { limit } else { limit.max(SAMPLE) });
    Ok((statement, wrap))
}

/// The type that values of a column are compared as.
fn shape(driver: Driver, hint: Hint) -> Option<Shape> {
    match hint {
        Hint::Known(shape) => Some(shape),
        Hint::Number => Some(Shape::Decimal(38, 0)),
        Hint::Any(Some(shape @ (Shape::Int | Shape::Float))) if driver == Driver::Sqlite => Some(shape),
        Hint::Any(_) => None,
    }
}

fn moved_back(job: &Job, column: &str, value: &str, type_name: &str, shape: Option<Shape>) -> Result<String, DbError> {
    let lag = job.source.incremental.as_ref().map_or(0.0, |incremental| incremental.lag);
    let kept = if type_name.is_empty() {
        shape.map(|shape| crate::batch::type_name(&shape.data_type()))
    } else {
        Some(type_name.to_owned())
    };
    lowered(value, kept.as_deref().unwrap_or("text"), lag).ok_or_else(|| DbError::Cursor {
        column: column.to_owned(),
        value: value.to_owned(),
        type_name: "value that `lag` can be taken from".to_owned(),
    })
}

/// Over several connections: each reads a range of the column, and their batches are taken in turn, so
/// that the order of rows is the same each time.
async fn divided<S: Session>(
    job: &Arc<Job>,
    mut session: S,
    mut feed: Feed<S::Row>,
    described: &Described<S>,
    (statement, wrap): (Statement, Wrap),
    pace: &mut Pace,
) -> Result<(), ExtractError> {
    let driver = job.driver();
    if !feed.is_decided() {
        let sample = Wrap { limit: Some(SAMPLE), ..wrap.clone() };
        let rendered = statement.clone().wrapped(sample, driver).rendered(driver);
        pace.wait(job).await;
        feed.sampling(true);
        session.stream(job, &rendered, &mut feed).await?;
    }
    feed.decide()?;
    feed.sampling(false);
    let conditions = ranges(job, &mut session, described, &statement, &wrap, pace).await?;
    let snapshot = job.answer(session.snapshot(job)).await?;
    feed.announce().await;
    let mut receivers: Vec<Receiver<Told>> = Vec::new();
    let mut first = Some(session);
    for (number, condition) in conditions.into_iter().enumerate() {
        let (sender, receiver) = channel(AHEAD);
        receivers.push(receiver);
        let mut wrap = wrap.clone();
        wrap.conditions.push(condition);
        let rendered = statement.clone().wrapped(wrap, driver).rendered(driver);
        let mut session = match first.take() {
            // The first connection keeps its snapshot alive until all others have it.
            Some(session) => session,
            None => connect::<S>(job, snapshot.as_deref()).await?,
        };
        let mut feed = feed.beside(sender.clone())?;
        let job = Arc::clone(job);
        pace.wait(&job).await;
        tokio::spawn(async move {
            let part = number as u64 + 1;
            let ended = match told(&job, part, &mut session, &rendered, &mut feed).await {
                Ok(_) => feed.finish().await,
                Err(error) => Err(error),
            };
            let _unheard = sender.send(ended.map_or_else(Told::Failed, |()| Told::End)).await;
            session.close().await;
        });
    }
    in_turn(receivers, &feed).await
}

/// One batch of each, again and again, until all are at their end.
async fn in_turn<R: Row>(receivers: Vec<Receiver<Told>>, feed: &Feed<R>) -> Result<(), ExtractError> {
    let mut open: Vec<Receiver<Told>> = receivers;
    let mut misfits: Vec<crate::extract::Misfit> = Vec::new();
    while !open.is_empty() {
        let mut still = Vec::with_capacity(open.len());
        for mut receiver in open {
            match receiver.recv().await {
                Some(Told::End) => continue,
                None => return Err(DbError::Gone.into()),
                // All of them are looked at, so that one further reading is enough.
                Some(Told::Failed(ExtractError::Misfit { columns })) => {
                    for misfit in columns {
                        if misfits.iter().all(|known| known.column != misfit.column) {
                            misfits.push(misfit);
                        }
                    }
                    continue;
                }
                Some(Told::Failed(error)) => return Err(error),
                Some(told) => {
                    if misfits.is_empty() && feed.forward(told).await == Flow::Enough {
                        return Ok(());
                    }
                }
            }
            still.push(receiver);
        }
        open = still;
    }
    if misfits.is_empty() { Ok(()) } else { Err(ExtractError::Misfit { columns: misfits }) }
}

/// Conditions that divide the rows: by equal steps from the least value to the greatest, and rows
/// without a value with the last.
async fn ranges<S: Session>(
    job: &Job,
    session: &mut S,
    described: &Described<S>,
    statement: &Statement,
    wrap: &Wrap,
    pace: &mut Pace,
) -> Result<Vec<Vec<Piece>>, ExtractError> {
    let driver = job.driver();
    let Some(reads) = &job.source.parallel_reads else { return Ok(vec![vec![Piece::Sql("1 = 1".into())]]) };
    let names: Vec<String> = described.columns.iter().map(|column| column.name.clone()).collect();
    let at = names.iter().position(|name| *name == reads.column).ok_or_else(|| no_column(&reads.column, &names))?;
    let shape = shape(driver, described.columns[at].hint);
    let shape = shape
        .filter(|shape| matches!(shape, Shape::Int | Shape::Decimal(..) | Shape::Day | Shape::Moment | Shape::Instant));
    let Some(shape) = shape else {
        let reason = "it has no numbers and no dates".to_owned();
        return Err(DbError::Indivisible { column: reads.column.clone(), reason }.into());
    };
    let column = quoted(&reads.column, driver);
    let extremes = Wrap {
        select: Some(format!("MIN({column}), MAX({column})")),
        conditions: wrap.conditions.clone(),
        ..Wrap::default()
    };
    let rendered = statement.clone().wrapped(extremes, driver).rendered(driver);
    pace.wait(job).await;
    let began = Instant::now();
    let found = job.answer(session.first(job, &rendered)).await;
    job.tell(0, &rendered, began, 1, 0, found.as_ref().err().map(ToString::to_string));
    let found = found?;
    let whole = |text: &Option<String>| text.as_ref().and_then(|text| position(text, shape));
    let bounds = match found.as_slice() {
        [least, greatest] => whole(least).zip(whole(greatest)),
        _ => None,
    };
    let Some((least, greatest)) = bounds else { return Ok(vec![vec![Piece::Sql("1 = 1".into())]]) };
    let of = Comparison {
        column: &reads.column,
        shape: Some(shape),
        cast: described.types[at].0.clone(),
        driver,
        zone: chrono_tz::Tz::UTC,
    };
    let steps = steps(least, greatest, reads.connections);
    let mut conditions = Vec::with_capacity(steps.len() + 1);
    let bind = |position: i128| of.bind(&spell(position, shape)).map(Piece::Bind);
    let mut low: Option<i128> = None;
    for step in steps.iter().copied().map(Some).chain([None]) {
        let mut condition = Vec::new();
        if let Some(low) = low {
            condition.push(Piece::Sql(format!("{column} >= ")));
            condition.push(bind(low)?);
        }
        match (step, low) {
            (Some(step), low) => {
                condition.push(Piece::Sql(format!("{}{column} < ", if low.is_some() { " AND " } else { "" })));
                condition.push(bind(step)?);
            }
            (None, Some(_)) => condition.push(Piece::Sql(format!(" OR {column} IS NULL"))),
            (None, None) => condition.push(Piece::Sql("1 = 1".into())),
        }
        conditions.push(condition);
        low = step;
    }
    Ok(conditions)
}

/// Where ranges end, between the least value and the greatest.
fn steps(least: i128, greatest: i128, ranges: u32) -> Vec<i128> {
    let ranges = i128::from(ranges.max(1));
    let width = (greatest - least) / ranges + 1;
    (1..ranges).map(|number| least + number * width).take_while(|step| *step <= greatest).collect()
}

/// A value as a whole number: decimals are cut, times are microseconds.
fn position(text: &str, shape: Shape) -> Option<i128> {
    let text = text.trim();
    match shape {
        Shape::Day => parse::date(text.get(..10)?.as_bytes(), Grammar::Declared).map(i128::from),
        Shape::Moment | Shape::Instant => {
            crate::batch::zone::read_instant(text.as_bytes(), chrono_tz::Tz::UTC).map(i128::from)
        }
        _ => text.split('.').next()?.parse().ok(),
    }
}

fn spell(position: i128, shape: Shape) -> String {
    let micros = i64::try_from(position).unwrap_or(i64::MAX);
    match shape {
        Shape::Day => super::value::day_text(micros),
        Shape::Moment => moment_text(micros),
        Shape::Instant => moment_text(micros) + "Z",
        _ => position.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_everything_once() {
        assert_eq!(steps(1, 100, 4), [26, 51, 76]);
        assert_eq!(steps(1, 2, 4), [2]);
        assert_eq!(steps(5, 5, 4), Vec::<i128>::new());
        assert_eq!(steps(-10, 10, 2), [1]);
        assert_eq!(steps(1, 100, 1), Vec::<i128>::new());
        assert_eq!(position("-12.75", Shape::Decimal(10, 2)), Some(-12));
        assert_eq!(spell(position("2025-03-01", Shape::Day).unwrap(), Shape::Day), "2025-03-01");
        let moment = position("2025-03-01 12:00:00.5+00", Shape::Instant).unwrap();
        assert_eq!(spell(moment, Shape::Instant), "2025-03-01T12:00:00.500000Z");
    }
}
