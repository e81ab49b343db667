//! The tabs of Preview beside its records: requests, schema, state and log, as lines.

use medallion_core::api::wire::{ColumnVerdict, CursorState, Exchange, Header, NoteLevel, PreviewInfo, PreviewState};

use crate::theme::Tone;
use crate::widgets::text;

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    #[default]
    Records,
    Requests,
    Schema,
    State,
    Log,
}

impl Tab {
    pub(super) const ALL: [Self; 5] = [Self::Records, Self::Requests, Self::Schema, Self::State, Self::Log];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Records => "Records",
            Self::Requests => "Requests",
            Self::Schema => "Schema",
            Self::State => "State",
            Self::Log => "Log",
        }
    }

    /// The one after it; the first after the last.
    pub(super) fn next(self) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// The lines of a tab that is not the grid.
pub(super) fn lines(tab: Tab, info: &PreviewInfo) -> Vec<(String, Tone)> {
    match tab {
        Tab::Records => Vec::new(),
        Tab::Requests if info.exchanges.is_empty() => {
            vec![(" no requests: the source is a file".to_owned(), Tone::Dim)]
        }
        Tab::Requests => info.exchanges.iter().map(request).collect(),
        Tab::Schema if info.schema.is_empty() => vec![(" no columns are known".to_owned(), Tone::Dim)],
        Tab::Schema => schema(info),
        Tab::State => info
            .state
            .as_ref()
            .map_or_else(|| vec![(" no cursor: the source is read whole each time".to_owned(), Tone::Dim)], state),
        Tab::Log => {
            let line = |line: &medallion_core::api::wire::LogLine| {
                let tone = if line.level == NoteLevel::Warning { Tone::Warn } else { Tone::Plain };
                (format!(" {:>6} ms  {}", line.millis, text::clean(&line.message)), tone)
            };
            info.log.iter().map(line).collect()
        }
    }
}

fn failed(exchange: &Exchange) -> bool {
    exchange.error.is_some() || exchange.status.is_some_and(|status| status >= 400)
}

fn request(exchange: &Exchange) -> (String, Tone) {
    let page = match exchange.page.0 {
        0 => "token".to_owned(),
        page => format!("{page}"),
    };
    let status = exchange.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let tone = if failed(exchange) { Tone::Fail } else { Tone::Plain };
    let records = text::counted(exchange.records.0, "record", "records");
    let said = format!(
        " {page:>5}  {status:>3}  {:>6} ms  {records}  {} {}",
        exchange.millis,
        exchange.method,
        text::clean(&exchange.target)
    );
    (said, tone)
}

/// The whole of a request and its answer.
pub(super) fn whole(exchange: &Exchange) -> String {
    let mut said = format!("{} {}\n", exchange.method, exchange.target);
    part(&mut said, &exchange.request_headers, exchange.request_body.as_deref());
    if let Some(status) = exchange.status {
        said += &format!("\n{status}\n");
        part(&mut said, &exchange.headers, exchange.body.as_deref());
    }
    if let Some(error) = &exchange.error {
        said += &format!("\n{error}\n");
    }
    said
}

fn part(said: &mut String, headers: &[Header], body: Option<&str>) {
    for header in headers {
        *said += &format!("{}: {}\n", header.name, header.value);
    }
    if let Some(body) = body {
        *said += &format!("\n{body}\n");
    }
}

fn schema(info: &PreviewInfo) -> Vec<(String, Tone)> {
    let width = info.schema.iter().map(|column| text::width(&text::clean(&column.name))).max().unwrap_or(0).min(30);
    let line = |column: &medallion_core::api::wire::ColumnDelta| {
        let found = column.found.as_deref().unwrap_or("-");
        let declared = column.declared.as_deref().unwrap_or_default();
        let (said, tone) = match column.verdict {
            ColumnVerdict::Fits => (format!("declared {declared}"), Tone::Plain),
            ColumnVerdict::Narrowed => (format!("declared {declared}, fits"), Tone::Plain),
            ColumnVerdict::Misfit => (format!("declared {declared}, does not fit"), Tone::Warn),
            ColumnVerdict::Missing => (format!("declared {declared}, not in the source"), Tone::Warn),
            ColumnVerdict::Inferred => ("not declared".to_owned(), Tone::Plain),
            ColumnVerdict::Unknown => ("no value yet".to_owned(), Tone::Dim),
        };
        (format!(" {:width$}  {found:<16}  {said}", text::clean(&column.name)), tone)
    };
    info.schema.iter().map(line).collect()
}

fn state(state: &PreviewState) -> Vec<(String, Tone)> {
    let at = |cursor: &Option<CursorState>| {
        cursor.as_ref().map_or_else(|| "the beginning".to_owned(), |cursor| text::clean(&cursor.value))
    };
    let reached = match &state.to {
        Some(to) => (format!(" this preview  from {} to {}", at(&state.from), text::clean(&to.value)), Tone::Plain),
        None => (format!(" this preview  from {}, and got no further", at(&state.from)), Tone::Warn),
    };
    let run = match (&state.problem, state.closed_by) {
        (Some(problem), _) => {
            (format!(" a run         {}: {}", problem.code, text::clean(&problem.message)), Tone::Warn)
        }
        (None, Some(by)) => {
            (format!(" a run         takes nothing: {by} is committed, so the day is closed"), Tone::Plain)
        }
        (None, None) => (format!(" a run         would start from {}", at(&state.run_from)), Tone::Plain),
    };
    vec![(format!(" cursor        {}", text::clean(&state.field)), Tone::Strong), reached, run]
}
