//! How Home looks.

use medallion_core::api::wire::{
    DatasetSummary, FileValidation, JoinStrategy, JoinSummary, LayerState, Note, NoteLevel, Severity,
};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as Text;

use super::{Home, Line, lines};
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::{pane, text};

pub(super) fn view(home: &mut Home, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let lines = lines(shared);
    // Where there is little room the list has all of it.
    let detail = match area.height {
        14.. => (area.height / 3).clamp(6, 10),
        10.. => 4,
        _ => 0,
    };
    let top = Rect { height: area.height - detail, ..area };
    let bottom = Rect { y: area.y + top.height, height: detail, ..area };

    let title = match shared.datasets.value() {
        None => "Datasets".to_owned(),
        Some(list) => {
            let stale =
                if shared.datasets.error().is_some() { ", as they were: reading them again failed" } else { "" };
            format!("Datasets {}{}needs you first{stale}", list.datasets.len(), theme.dot())
        }
    };
    let inside = pane::framed(frame, top, &title, theme, true);
    if lines.is_empty() {
        view_nothing(frame, inside, shared);
    } else {
        view_list(home, frame, inside, &lines, theme);
    }

    if detail == 0 {
        return;
    }
    let name = match lines.get(home.cursor.at) {
        Some(Line::Dataset(summary)) => summary.dataset.clone(),
        Some(Line::File(file)) => file.file.clone(),
        Some(Line::Join(join)) => join.name.clone(),
        None => String::new(),
    };
    let inside = pane::framed(frame, bottom, &name, theme, false);
    let mut said = Vec::new();
    if let (Some(error), Some(_)) = (shared.datasets.error(), shared.datasets.value()) {
        said.extend(error_lines(error));
    }
    match lines.get(home.cursor.at) {
        Some(Line::Dataset(summary)) => said.extend(about_dataset(summary, theme)),
        Some(Line::File(file)) => said.extend(about_file(file, theme)),
        Some(Line::Join(join)) => said.extend(about_join(join, theme)),
        None => {}
    }
    let said: Vec<(&str, Tone)> = said.iter().map(|(sentence, tone)| (sentence.as_str(), *tone)).collect();
    pane::message(frame, inside, &said, theme);
}

fn view_nothing(frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    if let Some(error) = shared.datasets.error() {
        let lines = error_lines(error);
        let said: Vec<(&str, Tone)> = lines.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        return pane::message(frame, area, &said, theme);
    }
    let Some(list) = shared.datasets.value() else {
        return pane::message(frame, area, &[("reading the configuration…", Tone::Dim)], theme);
    };
    let place = format!("No config file with a dataset in {}", list.root);
    let advice = "One YAML file describes a dataset: where it comes from, how it lands, how it is promoted. Press n for a new one, \
                  from a template or from data that is there; one that is put there appears by itself.";
    let elsewhere = "Another folder or file: medallion app PATH";
    let gap = ("", Tone::Plain);
    let said = [(place.as_str(), Tone::Strong), gap, (advice, Tone::Plain), gap, (elsewhere, Tone::Dim)];
    pane::message(frame, area, &said, theme);
}

/// Columns of the list. Those at the end go first when the screen is narrow.
struct Columns {
    name: usize,
    config: usize,
    layer: usize,
    rejected: usize,
    model: usize,
}

impl Columns {
    fn fit(width: usize, longest: usize, stale: bool) -> Self {
        // A date and, where there is room, a count; "stale" only where something is.
        let layer = if width >= 74 { 20 } else { 10 } + if stale { 6 } else { 0 };
        let config = 10;
        // The sign in front, and a space between two columns.
        let fixed = 3 + config + 2 * (layer + 1) + 2;
        let rejected = if width >= fixed + 12 + 10 { 9 } else { 0 };
        let mut rest = width.saturating_sub(fixed + if rejected > 0 { rejected + 1 } else { 0 });
        let wanted = longest.max(7);
        let model = if rest >= wanted.min(32) + 19 { 18 } else { 0 };
        if model > 0 {
            rest -= model + 1;
        }
        Self { name: wanted.min(rest).max(6), config, layer, rejected, model }
    }
}

fn view_list(home: &mut Home, frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>], theme: Theme) {
    let longest = lines
        .iter()
        .map(|line| match line {
            Line::Dataset(summary) => text::width(&summary.dataset),
            Line::Join(join) => text::width(&join.name),
            Line::File(_) => 0,
        })
        .max()
        .unwrap_or(0);
    let stale = lines.iter().any(|line| {
        let states = match line {
            Line::Dataset(summary) => [&summary.bronze, &summary.silver],
            Line::Join(join) => [&None, &join.state],
            Line::File(_) => [&None, &None],
        };
        states.into_iter().flatten().any(|state| state.stale)
    });
    let columns = Columns::fit(usize::from(area.width), longest, stale);
    let head = row(
        [" ", "dataset", "config", "bronze", "silver", "rejected", "model"].map(|name| (name.to_owned(), Tone::Dim)),
        &columns,
        theme,
    );
    pane::line(frame, area, 0, &head);
    let height = usize::from(area.height.saturating_sub(1));
    for (y, at) in (1..).zip(home.cursor.window(lines.len(), height)) {
        let line = match &lines[at] {
            Line::Dataset(summary) => dataset_row(summary, &columns, theme),
            Line::File(file) => file_row(file, usize::from(area.width), theme),
            Line::Join(join) => join_row(join, &columns, theme),
        };
        pane::line(frame, area, y, &line);
        if at == home.cursor.at {
            pane::paint(frame, area, y, Tone::Cursor, theme);
        }
    }
}

fn row(cells: [(String, Tone); 7], columns: &Columns, theme: Theme) -> Text<'static> {
    let [glyph, name, config, bronze, silver, rejected, model] = cells;
    let mut spans = vec![pane::span(format!(" {} ", glyph.0), glyph.1, theme)];
    for ((value, tone), width) in
        [(name, columns.name), (config, columns.config), (bronze, columns.layer), (silver, columns.layer)]
    {
        spans.push(pane::span(text::left(&value, width, theme), tone, theme));
        spans.push(" ".into());
    }
    if columns.rejected > 0 {
        spans.push(pane::span(text::right(&rejected.0, columns.rejected, theme), rejected.1, theme));
        spans.push(" ".into());
    }
    if columns.model > 0 {
        spans.push(pane::span(text::left(&model.0, columns.model, theme), model.1, theme));
    }
    Text::from(spans)
}

fn mark(summary: &DatasetSummary) -> Mark {
    let worst = summary.attention.iter().map(|note| note.level).max();
    match (summary.errors, worst) {
        (1.., _) => Mark::Fail,
        (0, Some(NoteLevel::Warning)) => Mark::Warn,
        (0, _) if summary.bronze.is_none() && summary.silver.is_none() => Mark::Idle,
        (0, _) => Mark::Ok,
    }
}

fn tone(mark: Mark) -> Tone {
    match mark {
        Mark::Fail => Tone::Fail,
        Mark::Warn => Tone::Warn,
        Mark::Ok => Tone::Ok,
        Mark::Busy => Tone::Busy,
        Mark::Idle | Mark::Info => Tone::Dim,
    }
}

fn dataset_row(summary: &DatasetSummary, columns: &Columns, theme: Theme) -> Text<'static> {
    let mark = mark(summary);
    let config = match (summary.errors, summary.warnings) {
        (0, 0) => ("ok".to_owned(), Tone::Ok),
        (0, warnings) => (text::counted(warnings.into(), "warning", "warnings"), Tone::Warn),
        (errors, _) => (text::counted(errors.into(), "error", "errors"), Tone::Fail),
    };
    let rejected: u64 = [&summary.bronze, &summary.silver].into_iter().flatten().map(|state| state.rejected.0).sum();
    let rejected = match rejected {
        0 => (theme.none().to_owned(), Tone::Dim),
        many => (text::count(many), Tone::Warn),
    };
    let model = summary.model.clone().map_or(("bronze only".to_owned(), Tone::Dim), |model| (model, Tone::Plain));
    let silver = if summary.model.is_some() {
        layer(summary.silver.as_ref(), columns.layer, theme)
    } else {
        (theme.none().to_owned(), Tone::Dim)
    };
    row(
        [
            (theme.glyph(mark).to_owned(), tone(mark)),
            (summary.dataset.clone(), Tone::Strong),
            config,
            layer(summary.bronze.as_ref(), columns.layer, theme),
            silver,
            rejected,
            model,
        ],
        columns,
        theme,
    )
}

fn layer(state: Option<&LayerState>, width: usize, theme: Theme) -> (String, Tone) {
    let Some(state) = state else { return ("not yet".to_owned(), Tone::Dim) };
    let date = state.date.map_or_else(|| "current".to_owned(), |date| date.to_string());
    let stale = if state.stale { " stale" } else { "" };
    let tone = if state.stale { Tone::Warn } else { Tone::Plain };
    let rows = text::count(state.rows.0);
    // On a narrow screen the date matters more than the count.
    if width < 20 {
        return (format!("{date}{stale}"), tone);
    }
    let room = width.saturating_sub(text::width(&date) + 1 + stale.len());
    (format!("{date} {}{stale}", text::right(&rows, room.min(9), theme)), tone)
}

fn join_row(join: &JoinSummary, columns: &Columns, theme: Theme) -> Text<'static> {
    let mark = match (&join.state, join.attention.is_empty()) {
        (_, false) => Mark::Warn,
        (None, true) => Mark::Idle,
        (Some(_), true) => Mark::Ok,
    };
    let none = (theme.none().to_owned(), Tone::Dim);
    row(
        [
            (theme.glyph(mark).to_owned(), tone(mark)),
            (join.name.clone(), Tone::Strong),
            none.clone(),
            none.clone(),
            layer(join.state.as_ref(), columns.layer, theme),
            none,
            (format!("{} join", strategy(join.strategy)), Tone::Plain),
        ],
        columns,
        theme,
    )
}

fn strategy(strategy: JoinStrategy) -> &'static str {
    match strategy {
        JoinStrategy::Inner => "inner",
        JoinStrategy::Left => "left",
        JoinStrategy::Right => "right",
        JoinStrategy::Full => "full",
        JoinStrategy::Semi => "semi",
        JoinStrategy::Anti => "anti",
    }
}

fn about_join(join: &JoinSummary, theme: Theme) -> Vec<(String, Tone)> {
    let dot = theme.dot();
    let mut said: Vec<(String, Tone)> = join.attention.iter().map(|note| about_note(note, theme)).collect();
    let kind = strategy(join.strategy);
    said.push((format!("{}{dot}{} {kind} join {}", join.file, join.left, join.right), Tone::Plain));
    said.push(match &join.state {
        Some(state) => (
            format!(
                "newest {}{dot}{}{dot}{}{dot}{}",
                state.date.map_or_else(String::new, |date| date.to_string()),
                text::counted(state.rows.0, "row", "rows"),
                text::bytes(state.bytes.0),
                text::instant(&state.committed_at),
            ),
            Tone::Dim,
        ),
        None => ("it has never been made".to_owned(), Tone::Dim),
    });
    said.push((format!("medallion join {} --plan, --preview, or neither to make it", join.file), Tone::Dim));
    said
}

/// Something a person should know.
fn about_note(note: &Note, theme: Theme) -> (String, Tone) {
    let (glyph, tone) = match note.level {
        NoteLevel::Warning => (theme.glyph(Mark::Warn), Tone::Warn),
        NoteLevel::Info => (theme.glyph(Mark::Info), Tone::Plain),
    };
    let code = note.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
    (format!("{glyph} {code}{}", note.message), tone)
}

fn file_row(file: &FileValidation, width: usize, theme: Theme) -> Text<'static> {
    let errors = file.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let what = if errors == 0 { "unreadable".to_owned() } else { text::counted(errors as u64, "error", "errors") };
    let room = width.saturating_sub(text::width(&what) + 5);
    Text::from(vec![
        pane::span(format!(" {} ", theme.glyph(Mark::Fail)), Tone::Fail, theme),
        pane::span(text::left(&text::tail(&file.file, room, theme), room, theme), Tone::Strong, theme),
        pane::span(format!(" {what}"), Tone::Fail, theme),
    ])
}

fn about_dataset(summary: &DatasetSummary, theme: Theme) -> Vec<(String, Tone)> {
    let dot = theme.dot();
    let mut said: Vec<(String, Tone)> = summary.attention.iter().map(|note| about_note(note, theme)).collect();
    let model = summary.model.as_deref().unwrap_or("no silver");
    said.push((
        format!("{}{dot}{} source{dot}{}{dot}{model}", summary.file, summary.source_type, summary.load_pattern),
        Tone::Plain,
    ));
    for (name, state) in [("bronze", &summary.bronze), ("silver", &summary.silver)] {
        let line = match state {
            Some(state) => format!(
                "{name} {}{dot}{}{dot}{}{dot}{} rejected{dot}{}{dot}{}",
                state.date.map_or_else(|| "current".to_owned(), |date| date.to_string()),
                text::counted(state.rows.0, "row", "rows"),
                text::bytes(state.bytes.0),
                text::count(state.rejected.0),
                text::counted(state.partitions.0, "partition", "partitions"),
                text::instant(&state.committed_at),
            ),
            None if name == "silver" && summary.model.is_none() => continue,
            None => format!("{name} has never been written: x prepares a run"),
        };
        said.push((line, Tone::Dim));
    }
    said
}

fn about_file(file: &FileValidation, theme: Theme) -> Vec<(String, Tone)> {
    file.diagnostics
        .iter()
        .map(|diagnostic| {
            let place = diagnostic.span.map(|span| format!("{}:{} ", span.line, span.column)).unwrap_or_default();
            let mark = match diagnostic.severity {
                Severity::Error => Mark::Fail,
                Severity::Warning => Mark::Warn,
                Severity::Info => Mark::Info,
            };
            (format!("{} {place}{}: {}", theme.glyph(mark), diagnostic.code, diagnostic.message), tone(mark))
        })
        .collect()
}
