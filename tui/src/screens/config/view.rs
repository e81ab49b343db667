//! How Config looks: line numbers, a sign for each line with a problem, squiggles, the problems.

use medallion_core::api::wire::{Diagnostic, Severity};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar as _;

use super::Config;
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::{pane, text};

/// From this width on, the problems stand beside the text.
const BESIDE: u16 = 120;
/// Of a line of the file, at most this many characters are looked at.
const LONGEST: usize = 10_000;

pub(super) fn view(config: &mut Config, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let problems = config.problems().len();
    let (text_area, problem_area) = if area.width >= BESIDE {
        let width = area.width * 2 / 5;
        (Rect { width: area.width - width, ..area }, Rect { x: area.right() - width, width, ..area })
    } else {
        let wanted = u16::try_from(problems * 2 + 2).unwrap_or(u16::MAX).clamp(3, (area.height / 3).max(4));
        (Rect { height: area.height - wanted, ..area }, Rect { y: area.bottom() - wanted, height: wanted, ..area })
    };

    let inside = pane::framed(frame, text_area, &title(config, theme), theme, !config.on_problems);
    match (config.text.value(), config.text.error()) {
        (None, Some(error)) => {
            let lines = error_lines(error);
            let said: Vec<(&str, Tone)> = lines.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
            pane::message(frame, inside, &said, theme);
        }
        (None, None) => {
            let said = if config.waiting_for_any() { "reading the file…" } else { "there is no config file here" };
            pane::message(frame, inside, &[(said, Tone::Dim)], theme);
        }
        (Some(text), _) if text.text.is_empty() => {
            pane::message(frame, inside, &[("the file is empty", Tone::Dim)], theme);
        }
        (Some(_), _) => view_text(config, frame, inside, theme),
    }
    view_problems(config, frame, problem_area, theme);
}

impl Config {
    fn waiting_for_any(&self) -> bool {
        self.text.waiting().is_some() || self.files.waiting().is_some()
    }
}

fn title(config: &Config, theme: Theme) -> String {
    let mut title = config.file.clone().unwrap_or_else(|| "Config".to_owned());
    if let Some(all) = config.files.value()
        && all.files.len() > 1
        && let Some(at) = all.files.iter().position(|file| Some(&file.file) == config.file.as_ref())
    {
        title = format!("{title} ({} of {})", at + 1, all.files.len());
    }
    let state = if config.text.value().is_some() && config.text.error().is_some() {
        "as it was: reading it again failed"
    } else {
        "read-only"
    };
    format!("{title}{}{state}", theme.dot())
}

fn view_text(config: &mut Config, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let total = config.line_spans.len();
    let window = config.line.window(total, usize::from(area.height));
    let gutter = total.to_string().len().max(2);
    let room = usize::from(area.width).saturating_sub(gutter + 4);
    for (y, at) in (0..).zip(window) {
        let here: Vec<&Diagnostic> = config.problems().iter().filter(|problem| touches(problem, at + 1)).collect();
        let worst = here.iter().map(|problem| problem.severity).min();
        let sign = worst.map_or(" ", |severity| theme.glyph(mark(severity)));
        let sign_tone = worst.map_or(Tone::Plain, |severity| tone(mark(severity)));
        let number_tone = if at == config.line.at { Tone::Accent } else { Tone::Dim };
        let mut spans = vec![
            pane::span(sign, sign_tone, theme),
            pane::span(format!("{:>gutter$} ", at + 1), number_tone, theme),
            pane::span(theme.pick("│ ", "| "), Tone::Dim, theme),
        ];
        spans.extend(coloured(config.text_line(at), at + 1, &here, config.left, room, theme));
        pane::line(frame, area, y, &Line::from(spans));
        if at == config.line.at && !config.on_problems {
            let x = area.x + u16::try_from(gutter + 2).unwrap_or(0);
            let buffer = frame.buffer_mut();
            buffer.set_style(Rect::new(area.x + 1, area.y + y, x - area.x - 2, 1), theme.style(Tone::Cursor));
        }
    }
}

fn touches(problem: &Diagnostic, line: usize) -> bool {
    problem.span.is_some_and(|span| {
        // A span that ends at the start of a line does not touch that line.
        let last = if span.end_column <= 1 && span.end_line > span.line { span.end_line - 1 } else { span.end_line };
        // Marking a whole block would hide the place; its first line is enough.
        let last = if last > span.line + 3 { span.line } else { last };
        (span.line as usize..=last as usize).contains(&line)
    })
}

/// One line of YAML: comments dim, keys in colour, the places of problems underlined. This looks at
/// characters only; what the text means, the engine says.
fn coloured(
    line: &str,
    number: usize,
    here: &[&Diagnostic],
    left: usize,
    room: usize,
    theme: Theme,
) -> Vec<Span<'static>> {
    let characters: Vec<char> = line.chars().take(LONGEST).collect();
    let comment = comment_start(&characters);
    let key = key_end(&characters, comment);
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    let mut run = (String::new(), Tone::Plain);
    for (at, &character) in characters.iter().enumerate().skip(left) {
        let squiggle = here.iter().find(|problem| covers(problem, number, at + 1, characters.len()));
        let tone = match squiggle {
            Some(problem) => Tone::Squiggle(mark(problem.severity)),
            None if at >= comment => Tone::Dim,
            None if key.contains(&at) => Tone::Accent,
            None => Tone::Plain,
        };
        // Tabs are shown as a sign: in YAML they are a problem, not a distance.
        let shown =
            if character == '\t' { theme.pick("→", ">").to_owned() } else { text::clean(&character.to_string()) };
        let wide = if character.is_control() {
            text::width(&shown)
        } else {
            character.width().unwrap_or(0).max(text::width(&shown))
        };
        if used + wide >= room && at + 1 < characters.len() {
            run.0.push_str(theme.ellipsis());
            break;
        }
        used += wide;
        if tone != run.1 && !run.0.is_empty() {
            spans.push(pane::span(std::mem::take(&mut run.0), run.1, theme));
        }
        run.1 = tone;
        run.0.push_str(&shown);
    }
    if !run.0.is_empty() {
        spans.push(pane::span(run.0, run.1, theme));
    }
    // A place behind the last character, such as a missing value.
    if here.iter().any(|problem| covers(problem, number, characters.len() + 1, characters.len() + 1))
        && used + 1 < room
        && characters.len() >= left
    {
        spans.push(pane::span(" ", Tone::Squiggle(Mark::Fail), theme));
    }
    spans
}

fn covers(problem: &Diagnostic, line: usize, column: usize, len: usize) -> bool {
    let Some(span) = problem.span else { return false };
    let (line, column) = (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
    let from = if span.line == line { span.column } else { 1 };
    let to = if span.end_line == line { span.end_column } else { u32::try_from(len + 1).unwrap_or(u32::MAX) };
    // An empty place is one character wide.
    (from..to.max(from + 1)).contains(&column)
}

fn comment_start(characters: &[char]) -> usize {
    let mut quote = None;
    for (at, &character) in characters.iter().enumerate() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, '#') if at == 0 || characters[at - 1].is_whitespace() => return at,
            _ => {}
        }
    }
    characters.len()
}

fn key_end(characters: &[char], comment: usize) -> std::ops::Range<usize> {
    let start = characters.iter().position(|character| !matches!(character, ' ' | '-')).unwrap_or(0);
    let end =
        (start..comment).find(|&at| characters[at] == ':' && characters.get(at + 1).is_none_or(|next| *next == ' '));
    start..end.unwrap_or(start)
}

pub(super) fn mark(severity: Severity) -> Mark {
    match severity {
        Severity::Error => Mark::Fail,
        Severity::Warning => Mark::Warn,
        Severity::Info => Mark::Info,
    }
}

fn tone(mark: Mark) -> Tone {
    match mark {
        Mark::Fail => Tone::Fail,
        Mark::Warn => Tone::Warn,
        _ => Tone::Plain,
    }
}

fn view_problems(config: &mut Config, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let count = |severity| config.problems().iter().filter(|problem| problem.severity == severity).count() as u64;
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let title = if config.problems().is_empty() {
        "Problems".to_owned()
    } else {
        format!(
            "Problems{}{}{}{}",
            theme.dot(),
            text::counted(errors, "error", "errors"),
            theme.dot(),
            text::counted(warnings, "warning", "warnings")
        )
    };
    let inside = pane::framed(frame, area, &title, theme, config.on_problems);
    if config.problems().is_empty() {
        if config.text.value().is_some() {
            let said = format!("{} no problem was found", theme.glyph(Mark::Ok));
            pane::message(frame, inside, &[(&said, Tone::Ok)], theme);
        }
        return;
    }
    // Each problem has as many lines as it needs; the window is counted in problems.
    let columns = usize::from(inside.width.saturating_sub(1));
    let blocks: Vec<Vec<Line<'static>>> =
        config.problems().iter().map(|problem| block(problem, columns, theme)).collect();
    let height = usize::from(inside.height);
    let mut cursor = config.problem;
    cursor.clamp(blocks.len());
    cursor.top = cursor.top.min(cursor.at);
    while cursor.top < cursor.at && blocks[cursor.top..=cursor.at].iter().map(Vec::len).sum::<usize>() > height {
        cursor.top += 1;
    }
    let mut y = 0;
    for (at, block) in blocks.iter().enumerate().skip(cursor.top) {
        if y >= inside.height {
            break;
        }
        for (place, line) in block.iter().enumerate() {
            pane::line(frame, inside, y, line);
            if at == cursor.at && place == 0 {
                pane::paint(frame, inside, y, if config.on_problems { Tone::Cursor } else { Tone::Strong }, theme);
            }
            y += 1;
        }
    }
    config.problem = cursor;
}

fn block(problem: &Diagnostic, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mark = mark(problem.severity);
    let place = problem.span.map_or_else(|| "file".to_owned(), |span| format!("{}:{}", span.line, span.column));
    let head = format!("{} {place} {} {}", theme.glyph(mark), problem.code, problem.message);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (at, piece) in text::wrap(&head, columns).into_iter().enumerate() {
        let indent = if at == 0 { "" } else { "  " };
        lines.push(Line::styled(text::cut(&format!("{indent}{piece}"), columns, theme), theme.style(tone(mark))));
    }
    let help = match (&problem.help, &problem.fix) {
        (Some(help), _) => Some(help.clone()),
        (None, Some(fix)) => Some(fix.title.clone()),
        (None, None) => None,
    };
    for piece in help.iter().flat_map(|help| text::wrap(help, columns.saturating_sub(2))) {
        lines.push(Line::styled(format!("  {piece}"), theme.style(Tone::Plain)));
    }
    for related in &problem.related {
        let said = format!("  {}:{} {}", related.span.line, related.span.column, related.message);
        lines.push(Line::styled(text::cut(&said, columns, theme), theme.style(Tone::Dim)));
    }
    lines
}
