//! How Run looks: the form, then the steps with bars and counters, then the same with the result.

use medallion_core::api::wire::{Layer, Layers, NoteLevel, Outcome, Phase};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Run;
use super::live::{Live, State, StepLine};
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::{pane, text};

pub(super) fn view(run: &mut Run, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    match &mut run.live {
        Some(live) => view_live(live, frame, area, shared),
        None => view_form(run, frame, area, shared),
    }
}

fn view_form(run: &mut Run, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    // Where there is little room the datasets have it.
    let tight = area.height < 10;
    let height = if tight { 3 } else { 5 };
    let top = Rect { height: area.height - height, ..area };
    let bottom = Rect { y: top.bottom(), height, ..area };
    let datasets = shared.summaries();
    let of = text::counted(datasets.len() as u64, "dataset", "datasets");
    let title = format!("Run{}{} of {of} chosen", theme.dot(), run.chosen.len());
    let inside = pane::framed(frame, top, &title, theme, true);
    if datasets.is_empty() {
        let said = match (shared.datasets.value(), shared.datasets.error()) {
            (None, Some(error)) => error_lines(error),
            (None, None) => vec![("reading the configuration…".to_owned(), Tone::Dim)],
            (Some(_), _) => vec![("there is no dataset to run".to_owned(), Tone::Dim)],
        };
        let said: Vec<(&str, Tone)> = said.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        pane::message(frame, inside, &said, theme);
    }
    let longest = datasets.iter().map(|summary| text::width(&summary.dataset)).max().unwrap_or(0);
    let name = longest.clamp(8, usize::from(inside.width).saturating_sub(40).max(8));
    for (y, at) in (0..).zip(run.cursor.window(datasets.len(), usize::from(inside.height))) {
        let summary = &datasets[at];
        let sign = if run.chosen.contains(&summary.dataset) { "[x]" } else { "[ ]" };
        let config = match summary.errors {
            0 => (String::new(), Tone::Plain),
            errors => (
                format!(
                    "{} {} in its config",
                    theme.glyph(Mark::Fail),
                    text::counted(errors.into(), "error", "errors")
                ),
                Tone::Fail,
            ),
        };
        let what =
            format!("{}{}{}", summary.load_pattern, theme.dot(), summary.model.as_deref().unwrap_or("bronze only"));
        let line = Line::from(vec![
            pane::span(format!(" {sign} "), Tone::Accent, theme),
            pane::span(text::left(&summary.dataset, name, theme), Tone::Strong, theme),
            pane::span(format!("  {what}  "), Tone::Dim, theme),
            pane::span(config.0, config.1, theme),
        ]);
        pane::line(frame, inside, y, &line);
        if at == run.cursor.at {
            pane::paint(frame, inside, y, Tone::Cursor, theme);
        }
    }

    let inside = if tight { bottom } else { pane::framed(frame, bottom, "With", theme, false) };
    let dates = match run.dates {
        None => "today (in each dataset's time zone)".to_owned(),
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => {
            let days = u64::try_from((last - first).num_days() + 1).unwrap_or(0);
            format!("{first} to {last} ({})", text::counted(days, "day", "days"))
        }
    };
    let chosen =
        |layers: Layers, word: &str| if run.layers == layers { format!("[{word}]") } else { format!(" {word} ") };
    let narrow = inside.width < 72;
    let both = if narrow { "both" } else { "bronze and silver" };
    let layers = format!(
        "{} {} {}",
        chosen(Layers::Both, both),
        chosen(Layers::Bronze, "bronze"),
        chosen(Layers::Silver, "silver")
    );
    let keys = if narrow { ["d", "l"] } else { ["d changes them", "l changes them"] };
    let dates = if narrow && run.dates.is_none() { "today".to_owned() } else { dates };
    for (y, (name, value, key)) in (0..).zip([("dates", dates, keys[0]), ("layers", layers, keys[1])]) {
        let room = usize::from(inside.width).saturating_sub(text::width(key) + 14);
        let line = Line::from(vec![
            pane::span(format!(" {name:<8}"), Tone::Dim, theme),
            pane::span(text::cut(&value, room, theme), Tone::Strong, theme),
            pane::span(format!("   {key}"), if narrow { Tone::Accent } else { Tone::Dim }, theme),
        ]);
        pane::line(frame, inside, y, &line);
    }
    let ready = if run.chosen.is_empty() { "Space chooses a dataset" } else { "Enter starts the run" };
    pane::line(frame, inside, 2, &Line::styled(format!(" {ready}"), theme.style(Tone::Accent)));
}

fn view_live(live: &mut Live, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let below = if area.height >= 14 { (area.height / 3).clamp(5, 12) } else { 4.min(area.height / 2) };
    let top = Rect { height: area.height - below, ..area };
    let bottom = Rect { y: top.bottom(), height: below, ..area };
    let title = format!("Run{}{}", theme.dot(), live.what);
    let inside = pane::framed(frame, top, &title, theme, true);
    let steps = view_summary(live, frame, inside, shared);
    view_steps(live, frame, steps, shared);
    view_below(live, frame, bottom, theme);
}

/// One line about the whole run; returns what is left for the steps.
fn view_summary(live: &Live, frame: &mut Frame<'_>, area: Rect, shared: &Shared) -> Rect {
    let theme = shared.theme;
    let room = usize::from(area.width.saturating_sub(1));
    let (mark, verdict) = live.verdict();
    let line = if let Some(waits) = live.waits_for(shared.now) {
        Line::styled(
            text::cut(&format!(" {} {waits}", theme.spinner(shared.now)), room, theme),
            theme.style(Tone::Warn),
        )
    } else if live.is_going() {
        let ended = live.steps.iter().filter(|line| matches!(line.state, State::Ended(_))).count() as f64;
        let going: f64 = live.steps.iter().filter(|line| line.state == State::Going).filter_map(StepLine::share).sum();
        let share = if live.steps.is_empty() { 0.0 } else { (ended + going) / live.steps.len() as f64 };
        let width = room.saturating_sub(24).clamp(8, 40);
        Line::from(vec![
            pane::span(format!(" {} ", theme.spinner(shared.now)), Tone::Busy, theme),
            pane::span(bar(share, width, theme), Tone::Busy, theme),
            pane::span(format!(" {verdict}, {}", text::seconds(live.seconds(shared.now))), Tone::Plain, theme),
        ])
    } else {
        let written = [Layer::Bronze, Layer::Silver].map(|layer| {
            let of_layer =
                live.steps.iter().filter(|line| line.step.layer == layer).filter_map(|line| line.report.as_ref());
            let rows: u64 =
                of_layer.filter(|report| report.outcome == Outcome::Written).map(|report| report.rows.0).sum();
            if rows > 0 {
                format!(", {} to {}", text::counted(rows, "row", "rows"), layer.as_str())
            } else {
                String::new()
            }
        });
        let written = written.concat();
        let said = format!(" {} {verdict}{written}, {}", theme.glyph(mark), text::seconds(live.seconds(shared.now)));
        Line::styled(text::cut(&said, room, theme), theme.mark_style(mark))
    };
    pane::line(frame, area, 0, &line);
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

/// Widths of the columns of the steps.
struct Columns {
    name: usize,
    date: usize,
    layer: usize,
    state: usize,
    /// Parts and bytes.
    facts: bool,
    /// Records that could not be read, or rows in quarantine.
    rejected: bool,
    time: bool,
}

impl Columns {
    fn fit(width: usize, longest: usize) -> Self {
        let facts = width >= 92;
        let time = width >= 58;
        let rejected = width >= 70;
        let optional = [(facts, 19), (rejected, 10), (time, 9)];
        let fixed = 42 + optional.iter().filter(|(shown, _)| *shown).map(|(_, wide)| wide).sum::<usize>();
        let name = longest.clamp(7, width.saturating_sub(fixed).max(7));
        Self { name, date: 10, layer: 6, state: 9, facts, rejected, time }
    }
}

fn view_steps(live: &mut Live, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    if let Some(error) = &live.error {
        let lines = error_lines(error);
        let said: Vec<(&str, Tone)> = lines.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        return pane::message(frame, area, &said, theme);
    }
    if live.steps.is_empty() {
        let said = if live.is_going() { "looking at what is to be done…" } else { "" };
        return pane::message(frame, area, &[(said, Tone::Dim)], theme);
    }
    let longest = live.steps.iter().map(|line| text::width(&line.step.dataset)).max().unwrap_or(0);
    let columns = Columns::fit(usize::from(area.width), longest);
    let mut head = format!(
        "   {} {} {} {} {}",
        text::left("dataset", columns.name, theme),
        text::left("date", columns.date, theme),
        text::left("layer", columns.layer, theme),
        text::left("state", columns.state, theme),
        text::right("rows", 10, theme),
    );
    if columns.facts {
        head.push_str(&format!(" {:>7} {:>10}", "parts", "bytes"));
    }
    if columns.rejected {
        head.push_str(&format!(" {:>9}", "rejected"));
    }
    if columns.time {
        head.push_str(&format!(" {:>8}", "time"));
    }
    pane::line(frame, area, 0, &Line::styled(head, theme.style(Tone::Dim)));
    let height = usize::from(area.height.saturating_sub(1));
    let window = live.cursor.window(live.steps.len(), height);
    for (y, at) in (1..).zip(window) {
        pane::line(frame, area, y, &step_line(&live.steps[at], &columns, usize::from(area.width), shared));
        if at == live.cursor.at {
            pane::paint(frame, area, y, Tone::Cursor, theme);
        }
    }
}

fn step_line(line: &StepLine, columns: &Columns, width: usize, shared: &Shared) -> Line<'static> {
    let theme = shared.theme;
    let (mark, word) = standing(line);
    let glyph = if line.state == State::Going { theme.spinner(shared.now) } else { theme.glyph(mark) };
    let mut spans = vec![
        ratatui::text::Span::styled(format!(" {glyph} "), theme.mark_style(mark)),
        pane::span(format!("{} ", text::left(&line.step.dataset, columns.name, theme)), Tone::Strong, theme),
        pane::span(
            format!("{} {} ", line.step.date, text::left(line.step.layer.as_str(), columns.layer, theme)),
            Tone::Plain,
            theme,
        ),
        ratatui::text::Span::styled(text::left(word, columns.state, theme), theme.mark_style(mark)),
    ];
    if line.state == State::Waiting {
        return Line::from(spans);
    }
    // Of a step that did not come to its end, the engine reports the version that stands; here it
    // would read as the result.
    let ended = matches!(line.state, State::Ended(Outcome::Written | Outcome::Unchanged));
    let report = line.report.as_ref().filter(|_| ended);
    let rows = match (report, line.state) {
        (Some(report), _) => text::count(report.rows.0),
        (None, State::Ended(Outcome::Written | Outcome::Unchanged) | State::Going) => text::count(line.rows),
        (None, _) => theme.none().to_owned(),
    };
    spans.push(pane::span(format!(" {}", text::right(&rows, 10, theme)), Tone::Plain, theme));
    if line.state == State::Going {
        let used = 3 + columns.name + 1 + columns.date + 1 + columns.layer + 1 + columns.state + 11;
        let room = width.saturating_sub(used + 2);
        let rate = line.rate(shared.now).map(|rate| format!(" {} rows/s", text::count(rate))).unwrap_or_default();
        let share = line.share();
        let percent = share.map(|share| format!(" {:>3.0}%", share * 100.0)).unwrap_or_default();
        let left = room.saturating_sub(text::width(&percent));
        let rate = if left >= text::width(&rate) + 8 { rate } else { String::new() };
        let wide = left.saturating_sub(text::width(&rate)).min(24);
        if let Some(share) = share.filter(|_| wide >= 4) {
            spans.push(pane::span(format!(" {}", bar(share, wide - 1, theme)), Tone::Busy, theme));
        }
        spans.push(pane::span(format!("{percent}{rate}"), Tone::Plain, theme));
        return Line::from(spans);
    }
    if columns.facts {
        let facts = report.map_or_else(String::new, |report| {
            format!(
                " {} {}",
                text::right(&text::count(report.parts.0), 7, theme),
                text::right(&text::bytes(report.bytes.0), 10, theme)
            )
        });
        spans.push(pane::span(text::left(&facts, 19, theme), Tone::Plain, theme));
    }
    let rejected = report.map_or(0, |report| report.rejected.0);
    if columns.rejected {
        let (said, tone) = match report {
            Some(_) if rejected > 0 => (text::count(rejected), Tone::Warn),
            Some(_) => (theme.none().to_owned(), Tone::Dim),
            None => (String::new(), Tone::Dim),
        };
        spans.push(pane::span(format!(" {}", text::right(&said, 9, theme)), tone, theme));
    }
    if columns.time {
        spans.push(pane::span(format!(" {:>8}", text::seconds(line.seconds(shared.now))), Tone::Dim, theme));
        if rejected > 0 && !columns.rejected {
            spans.push(pane::span(format!(" {} rejected", text::count(rejected)), Tone::Warn, theme));
        }
    }
    Line::from(spans)
}

fn standing(line: &StepLine) -> (Mark, &'static str) {
    match line.state {
        State::Waiting => (Mark::Idle, "waiting"),
        State::Going => (
            Mark::Busy,
            match line.phase {
                None => "starting",
                Some(Phase::Extract) => "reading",
                Some(Phase::Reread) => "re-reading",
                Some(Phase::Judge) => "judging",
                Some(Phase::Fold) => "folding",
                Some(Phase::Write) => "writing",
                Some(Phase::Commit) => "commit",
            },
        ),
        State::Ended(Outcome::Written) => (Mark::Ok, "written"),
        State::Ended(Outcome::Unchanged) => (Mark::Ok, "unchanged"),
        State::Ended(Outcome::Failed) => (Mark::Fail, "failed"),
        State::Ended(Outcome::Skipped) => (Mark::Idle, "skipped"),
        State::Ended(Outcome::Cancelled) => (Mark::Warn, "cancelled"),
    }
}

fn bar(share: f64, width: usize, theme: Theme) -> String {
    // Rounded down: a full bar means that it is really over.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share between 0 and 1 of a small width"
    )]
    let full = ((share.clamp(0.0, 1.0) * width as f64).floor() as usize).min(width);
    format!("{}{}", theme.pick("█", "#").repeat(full), theme.pick("░", ".").repeat(width - full))
}

/// What the chosen step has to say, then the notes of the others.
fn view_below(live: &Live, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(chosen) = live.steps.get(live.cursor.at) else {
        pane::framed(frame, area, "Notes", theme, false);
        return;
    };
    let title = format!("{} {} {}", chosen.step.dataset, chosen.step.date, chosen.step.layer.as_str());
    let inside = pane::framed(frame, area, &title, theme, false);
    let mut said: Vec<(String, Tone)> = Vec::new();
    if let Some(error) = &chosen.error {
        said.extend(error_lines(error));
    }
    let note_line = |note: &medallion_core::api::wire::Note, whose: &str| {
        let (mark, tone) =
            if note.level == NoteLevel::Warning { (Mark::Warn, Tone::Warn) } else { (Mark::Info, Tone::Plain) };
        let code = note.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
        (format!("{} {whose}{code}{}", theme.glyph(mark), note.message), tone)
    };
    said.extend(live.notes.iter().filter(|(step, _)| *step == chosen.step).map(|(_, note)| note_line(note, "")));
    if let Some(report) = &chosen.report {
        let told = |note: &&medallion_core::api::wire::Note| {
            !live.notes.iter().any(|(step, known)| *step == chosen.step && known == *note)
        };
        said.extend(report.notes.iter().filter(told).map(|note| note_line(note, "")));
        if !report.path.is_empty() {
            said.push((text::tail(&report.path, usize::from(inside.width).saturating_sub(2), theme), Tone::Dim));
        }
    }
    said.extend(
        live.notes
            .iter()
            .filter(|(step, _)| *step != chosen.step)
            .map(|(step, note)| note_line(note, &format!("{} {} {}: ", step.dataset, step.date, step.layer.as_str()))),
    );
    let said: Vec<(&str, Tone)> = said.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
    pane::message(frame, inside, &said, theme);
}
