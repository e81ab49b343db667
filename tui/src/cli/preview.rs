//! `medallion preview`: the first records of a source, typed as Bronze would type them, and how they came.

use medallion_core::api::wire::{
    ColumnDelta, ColumnVerdict, CursorState, Exchange, Finding, Header, Note, PreviewInfo, PreviewRequest, PreviewState,
};

use super::args::PreviewArgs;
use super::output::{Failure, Output, error_text, harmless};
use super::rows::{self, Window};
use super::table::plural;
use super::{Context, dataset};

/// Lines of a body that are shown.
const BODY_LINES: usize = 40;

/// Prints the records; unreadable ones, findings and requests are told besides. The exit code is that of
/// what went wrong on the way.
pub(crate) fn answer(context: &Context, args: &PreviewArgs) -> Result<u8, Failure> {
    let (of, _) = dataset(context, args.target.target(), args.source.as_deref())?;
    let request = PreviewRequest {
        of,
        date: args.date,
        limit: args.limit,
        pages: Some(args.pages),
        seconds: Some(args.seconds),
        resume: args.resume,
        ..PreviewRequest::default()
    };
    let reply = context.engine.preview(request)?;
    let output = &context.output;
    let mut window = Window::new(output, args.format);
    window.show(&reply)?;
    window.finish()?;
    if !output.json {
        tell(output, args, &reply.info, rows::count_rows(&reply.batches));
    }
    Ok(reply.info.error.as_ref().map_or(0, |error| error.exit))
}

fn tell(output: &Output, args: &PreviewArgs, info: &PreviewInfo, rows: u64) {
    for record in &info.unreadable {
        output.talk(&format!(
            "line {} cannot be read: {}: {}",
            record.line,
            harmless(&record.reason),
            harmless(&record.raw)
        ));
    }
    if args.requests || output.verbose || info.error.is_some() {
        for exchange in &info.exchanges {
            tell_exchange(output, exchange, args.requests);
        }
    }
    for finding in &info.findings {
        output.note("", &note(finding));
    }
    if let Some(error) = &info.error {
        output.talk(error_text(error, output.colour).trim_end());
    }
    if output.verbose {
        tell_schema(output, &info.schema);
    }
    if let Some(state) = &info.state {
        tell_state(output, state);
    }
    let more = if info.error.is_some() || info.more { "first " } else { "all " };
    let stopped = info.stopped.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
    output.talk(&format!("{more}{} of {}{stopped}", plural(rows, "record"), harmless(&info.source)));
}

/// A finding with its place, for people.
fn note(finding: &Finding) -> Note {
    let place = finding.place.as_ref().filter(|_| finding.level != medallion_core::api::wire::NoteLevel::Info);
    let place = place.map(|place| format!(" ({}:{}:{})", place.file, place.line, place.column)).unwrap_or_default();
    Note { level: finding.level, code: finding.code.clone(), message: format!("{}{place}", finding.message) }
}

fn tell_exchange(output: &Output, exchange: &Exchange, whole: bool) {
    let status = exchange.status.map(|status| format!("  {status}")).unwrap_or_default();
    let records = plural(exchange.records.0, "record");
    output.talk(&format!(
        "{} {}{status}  {} ms  {} bytes  {records}{}",
        harmless(&exchange.method),
        harmless(&exchange.target),
        exchange.millis,
        exchange.bytes,
        exchange.error.as_ref().map(|error| format!("  {}", harmless(error))).unwrap_or_default(),
    ));
    if !whole {
        return;
    }
    tell_part(output, '>', &exchange.request_headers, exchange.request_body.as_deref());
    tell_part(output, '<', &exchange.headers, exchange.body.as_deref());
}

fn tell_part(output: &Output, sign: char, headers: &[Header], body: Option<&str>) {
    for header in headers {
        output.talk(&format!("  {sign} {}: {}", harmless(&header.name), harmless(&header.value)));
    }
    let Some(body) = body else { return };
    for line in body.lines().take(BODY_LINES) {
        output.talk(&format!("  {sign} {}", harmless(line)));
    }
    let hidden = body.lines().count().saturating_sub(BODY_LINES);
    if hidden > 0 {
        output.talk(&format!("  {sign} … {}", plural(hidden as u64, "more line")));
    }
}

fn tell_schema(output: &Output, schema: &[ColumnDelta]) {
    let width = schema.iter().map(|column| column.name.chars().count()).max().unwrap_or(0);
    for column in schema {
        let found = column.found.as_deref().unwrap_or("-");
        let declared = column.declared.as_deref().unwrap_or_default();
        let verdict = match column.verdict {
            ColumnVerdict::Fits => format!(" (declared {declared})"),
            ColumnVerdict::Narrowed => format!(" (declared {declared}, which fits)"),
            ColumnVerdict::Misfit => format!(" (declared {declared}, which does not fit)"),
            ColumnVerdict::Missing => format!(" (declared {declared}, not in the source)"),
            ColumnVerdict::Inferred => String::new(),
            ColumnVerdict::Unknown => " (no value yet)".to_owned(),
        };
        output.talk(&format!("  {:width$}  {found}{verdict}", harmless(&column.name)));
    }
}

fn tell_state(output: &Output, state: &PreviewState) {
    let at = |cursor: &Option<CursorState>| {
        cursor.as_ref().map_or_else(|| "the beginning".to_owned(), |cursor| harmless(&cursor.value))
    };
    let to = state.to.as_ref().map_or_else(String::new, |to| format!(" to {}", harmless(&to.value)));
    let run = match (&state.problem, state.closed_by) {
        (Some(problem), _) => format!("a run does not know where to start: {}", problem.message),
        (None, Some(by)) => format!("a run would take nothing, because {by} is committed"),
        (None, None) => format!("a run would start from {}", at(&state.run_from)),
    };
    output.talk(&format!("cursor {}: from {}{to}; {run}", harmless(&state.field), at(&state.from)));
}
