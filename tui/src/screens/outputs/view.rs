//! How Outputs looks: the tree, and beside it (or, on a narrow screen, instead of it) the detail.

use medallion_core::api::wire::{NoteLevel, PartitionDetail, PartitionSummary};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as Text;

use super::tree::Line;
use super::verify::Subject;
use super::{Outputs, Tab};
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::{pane, text};

/// Narrower than this, one pane at a time.
const BOTH: u16 = 76;

pub(super) fn view(outputs: &mut Outputs, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    if area.width < BOTH {
        if outputs.on_detail {
            view_detail(outputs, frame, area, shared);
        } else {
            view_tree(outputs, frame, area, shared);
        }
        return;
    }
    let width = (area.width * 2 / 5).clamp(34, 56);
    view_tree(outputs, frame, Rect { width, ..area }, shared);
    view_detail(outputs, frame, Rect { x: area.x + width, width: area.width - width, ..area }, shared);
}

fn view_tree(outputs: &mut Outputs, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let inside = pane::framed(frame, area, "Outputs", theme, !outputs.on_detail);
    let lines = outputs.tree.lines();
    if lines.is_empty() {
        let said = match (shared.datasets.value(), shared.datasets.error()) {
            (None, Some(error)) => error_lines(error),
            (None, None) => vec![("reading the configuration…".to_owned(), Tone::Dim)],
            (Some(_), _) => vec![("there is no dataset, so there is no output".to_owned(), Tone::Dim)],
        };
        let said: Vec<(&str, Tone)> = said.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        return pane::message(frame, inside, &said, theme);
    }
    let window = outputs.cursor.window(lines.len(), usize::from(inside.height));
    for (y, at) in (0..).zip(window) {
        pane::line(frame, inside, y, &tree_line(&lines[at], usize::from(inside.width), shared));
        if at == outputs.cursor.at {
            let tone = if outputs.on_detail { Tone::CursorAway } else { Tone::Cursor };
            pane::paint(frame, inside, y, tone, theme);
        }
    }
}

fn tree_line(line: &Line<'_>, width: usize, shared: &Shared) -> Text<'static> {
    let theme = shared.theme;
    let sign = |open: bool| if open { theme.pick("▾", "-") } else { theme.pick("▸", "+") };
    let two = |left: String, left_tone: Tone, right: String, right_tone: Tone| {
        let room = width.saturating_sub(text::width(&right) + 2);
        Text::from(vec![
            pane::span(text::left(&left, room, theme), left_tone, theme),
            pane::span(format!(" {right} "), right_tone, theme),
        ])
    };
    match line {
        Line::Layer { layer, open, datasets } => two(
            format!(" {} {}", sign(*open), layer.as_str()),
            Tone::Strong,
            text::counted(*datasets as u64, "dataset", "datasets"),
            Tone::Dim,
        ),
        Line::Dataset { dataset, open, count, waiting, .. } => {
            let count = match (waiting, count) {
                (true, _) => theme.spinner(shared.now).to_owned(),
                (false, Some(count)) => text::count(*count),
                (false, None) => "not yet".to_owned(),
            };
            two(format!("   {} {dataset}", sign(*open)), Tone::Plain, count, Tone::Dim)
        }
        Line::Partition { summary, .. } => {
            let (mark, word, tone) = state(summary);
            let right = format!("{} {}{word}", text::count(summary.rows.0), theme.glyph(mark));
            two(format!("       {}", name(summary)), Tone::Plain, right, tone)
        }
        Line::More { left, waiting, .. } => {
            let sign = if *waiting { theme.spinner(shared.now) } else { theme.ellipsis() };
            two(format!("       {sign} {} more", text::count(*left)), Tone::Accent, "Enter".to_owned(), Tone::Dim)
        }
        Line::Storage { open, waiting, .. } => {
            let right = if *waiting { theme.spinner(shared.now) } else { "" };
            two(format!("   {} all folders", sign(*open)), Tone::Dim, right.to_owned(), Tone::Dim)
        }
        Line::Entry { entry, glance, open, waiting, depth, .. } => {
            let indent = " ".repeat(1 + depth * 2);
            let standing = glance.filter(|glance| glance.partition);
            let sign = if !entry.folder || standing.is_some() { " " } else { sign(*open) };
            let (right, tone) = match standing {
                _ if *waiting => (theme.spinner(shared.now).to_owned(), Tone::Dim),
                Some(glance) if glance.problem.is_some() => ("damaged".to_owned(), Tone::Fail),
                Some(glance) => {
                    let mark = if glance.rejected.0 > 0 { Mark::Warn } else { Mark::Ok };
                    let tone = if glance.rejected.0 > 0 { Tone::Warn } else { Tone::Ok };
                    (format!("{} {}", text::count(glance.rows.0), theme.glyph(mark)), tone)
                }
                None => (String::new(), Tone::Dim),
            };
            let tone_left = if entry.folder { Tone::Plain } else { Tone::Dim };
            two(format!("{indent}{sign} {}", entry.name), tone_left, right, tone)
        }
        Line::MoreEntries { waiting, depth, .. } => {
            let indent = " ".repeat(3 + depth * 2);
            let sign = if *waiting { theme.spinner(shared.now) } else { theme.ellipsis() };
            two(format!("{indent}{sign} more"), Tone::Accent, "Enter".to_owned(), Tone::Dim)
        }
        Line::Told { text: said, bad, depth } => {
            let tone = if *bad { Tone::Fail } else { Tone::Dim };
            let indent = " ".repeat(3 + depth * 2);
            Text::styled(text::cut(&format!("{indent}{said}"), width, theme), theme.style(tone))
        }
        Line::Said { text: said, bad, .. } => {
            let tone = if *bad { Tone::Fail } else { Tone::Dim };
            Text::styled(text::cut(&format!("       {said}"), width, theme), theme.style(tone))
        }
    }
}

fn state(summary: &PartitionSummary) -> (Mark, &'static str, Tone) {
    match (summary.stale, summary.rejected.0) {
        (true, _) => (Mark::Warn, " stale", Tone::Warn),
        (false, 0) => (Mark::Ok, "", Tone::Ok),
        (false, _) => (Mark::Warn, " rejects", Tone::Warn),
    }
}

fn name(summary: &PartitionSummary) -> String {
    let folder = || summary.id.trim_end_matches('/').rsplit('/').next().unwrap_or(&summary.id).to_owned();
    summary.date.map_or_else(folder, |date| date.to_string())
}

fn view_detail(outputs: &mut Outputs, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let dot = theme.dot();
    let title = outputs.wanted.as_ref().map_or_else(
        || match outputs.subject() {
            Some(Subject::Dataset(layer, dataset)) => format!("{} {dataset}", layer.as_str()),
            _ => "Partition".to_owned(),
        },
        |wanted| {
            let of = match &wanted.folder {
                Some(folder) => format!("{} {}", wanted.layer.as_str(), folder.root),
                None => format!("{} {}", wanted.layer.as_str(), wanted.of.dataset),
            };
            outputs.detail().map_or_else(|| of.clone(), |detail| format!("{of}{dot}{}", name(&detail.summary)))
        },
    );
    let inside = pane::framed(frame, area, &title, theme, outputs.on_detail);
    let room = usize::from(inside.width.saturating_sub(1));
    let mut cursor = outputs.tab_cursor;
    let verified: Vec<Text<'static>> = outputs.verification().map_or_else(Vec::new, |verification| {
        let lines = verification.lines(room, shared.now, theme);
        lines.into_iter().map(|(line, tone)| Text::styled(text::cut(&line, room, theme), theme.style(tone))).collect()
    });
    outputs.verified_lines = verified.len();
    if outputs.wanted.is_none() && !verified.is_empty() {
        let window = cursor.window(verified.len(), usize::from(inside.height));
        for (y, at) in (0..).zip(window) {
            pane::line(frame, inside, y, &verified[at]);
        }
        outputs.tab_cursor = cursor;
        return;
    }
    let Some(detail) = outputs.detail() else {
        let said = match (&outputs.wanted, outputs.detail.error()) {
            (None, _) => vec![
                ("Enter opens a branch; on a partition it opens the rows.".to_owned(), Tone::Dim),
                ("Tab goes to the facts about the partition.".to_owned(), Tone::Dim),
                ("v verifies a partition or a whole dataset.".to_owned(), Tone::Dim),
            ],
            (Some(_), Some(error)) => error_lines(error),
            (Some(_), None) => vec![("reading the partition…".to_owned(), Tone::Dim)],
        };
        let said: Vec<(&str, Tone)> = said.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        return pane::message(frame, inside, &said, theme);
    };
    let summary = &detail.summary;
    let facts = format!(
        " {}{dot}{}{dot}{}{dot}version {}",
        text::counted(summary.rows.0, "row", "rows"),
        text::counted(summary.parts.0, "part", "parts"),
        text::bytes(summary.bytes.0),
        summary.version,
    );
    let (mark, _, tone) = state(summary);
    let standing = match (summary.stale, summary.rejected.0) {
        (true, _) => "stale: its input has changed since".to_owned(),
        (false, 0) => "nothing rejected".to_owned(),
        (false, many) => format!("{} rejected, see _errors", text::count(many)),
    };
    let mut y = 0;
    for (line, tone) in [
        (facts, Tone::Plain),
        (format!(" committed {}{dot}{} {standing}", text::instant(&summary.committed_at), theme.glyph(mark)), tone),
        (format!(" {}", text::tail(&detail.path, room, theme)), Tone::Dim),
    ] {
        pane::line(frame, inside, y, &Text::styled(text::cut(&line, room, theme), theme.style(tone)));
        y += 1;
    }
    pane::line(frame, inside, y, &tabs(outputs.tab, detail, room, theme));
    let below = Rect { y: inside.y + y + 1, height: inside.height.saturating_sub(y + 1), ..inside };
    let mut lines = tab_lines(outputs.tab, detail, room, theme);
    if outputs.tab == Tab::Problems {
        lines.extend(verified);
    }
    let window = cursor.window(lines.len(), usize::from(below.height));
    for (y, at) in (0..).zip(window) {
        pane::line(frame, below, y, &lines[at]);
        if at == cursor.at && outputs.on_detail {
            pane::paint(frame, below, y, Tone::Cursor, theme);
        }
    }
    if lines.is_empty() {
        let said = match outputs.tab {
            Tab::Problems => {
                format!("{} every file is there and has the size it should have; v reads them", theme.glyph(Mark::Ok))
            }
            Tab::Tables => "there is no table".to_owned(),
            Tab::Files => "there are no files: the partition is empty".to_owned(),
            Tab::Metadata | Tab::History => "nothing was written down".to_owned(),
        };
        pane::message(frame, below, &[(&said, if outputs.tab == Tab::Problems { Tone::Ok } else { Tone::Dim })], theme);
    }
    outputs.tab_cursor = cursor;
}

fn tabs(chosen: Tab, detail: &PartitionDetail, room: usize, theme: Theme) -> Text<'static> {
    // Narrow: the names lose their counts, then their ends.
    let wide = room >= 56;
    let mut spans = Vec::new();
    for tab in Tab::ALL {
        let (name, short, count) = match tab {
            Tab::Tables => ("Tables", "Tables", detail.tables.len()),
            Tab::Files => ("Files", "Files", detail.files.len() + detail.control.len()),
            Tab::Metadata => ("Metadata", "Meta", 0),
            Tab::History => ("History", "Hist", detail.history.len()),
            Tab::Problems => ("Problems", "Problems", detail.problems.len()),
        };
        let name = if wide { name } else { short };
        let shown =
            if count > 0 && (wide || tab == Tab::Problems) { format!("{name} {count}") } else { name.to_owned() };
        let tone = match (tab == chosen, tab == Tab::Problems && count > 0) {
            (true, _) => Tone::Accent,
            (false, true) => Tone::Warn,
            (false, false) => Tone::Dim,
        };
        let shown = if tab == chosen { format!("[{shown}]") } else { format!(" {shown} ") };
        spans.push(pane::span(shown, tone, theme));
    }
    Text::from(spans)
}

fn tab_lines(tab: Tab, detail: &PartitionDetail, room: usize, theme: Theme) -> Vec<Text<'static>> {
    let dot = theme.dot();
    let plain = |line: String, tone: Tone| Text::styled(text::cut(&line, room, theme), theme.style(tone));
    match tab {
        Tab::Tables => detail
            .tables
            .iter()
            .map(|table| {
                let columns = text::counted(table.columns.len() as u64, "column", "columns");
                let names: Vec<String> =
                    table.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
                let rows = text::counted(table.rows.0, "row", "rows");
                plain(format!(" {}{dot}{rows}{dot}{columns}: {}", table.name, names.join(", ")), Tone::Plain)
            })
            .collect(),
        Tab::Files => detail
            .files
            .iter()
            .map(|file| {
                let hash = file.sha256.get(..12).unwrap_or(&file.sha256);
                // The name matters more than the hash; metadata has both in full.
                let hash = if room >= 70 { format!("  {hash}") } else { String::new() };
                let facts = format!(" {:>9} {:>8}{hash}", text::count(file.rows.0), text::bytes(file.bytes.0));
                let left = room.saturating_sub(text::width(&facts) + 1);
                plain(format!(" {}{facts}", text::left(&text::tail(&file.path, left, theme), left, theme)), Tone::Plain)
            })
            .chain(detail.control.iter().map(|file| {
                let facts = format!(" {:>8}", text::bytes(file.bytes.0));
                let left = room.saturating_sub(text::width(&facts) + 1);
                plain(format!(" {}{facts}", text::left(&text::tail(&file.path, left, theme), left, theme)), Tone::Dim)
            }))
            .collect(),
        Tab::Metadata => detail.metadata.lines().map(|line| plain(format!(" {line}"), Tone::Plain)).collect(),
        Tab::History => detail
            .history
            .iter()
            .map(|version| {
                let rejected = if version.rejected.0 > 0 {
                    format!("{dot}{} rejected", text::count(version.rejected.0))
                } else {
                    String::new()
                };
                let changes: String = version.changes.iter().flat_map(|change| [dot, change.as_str()]).collect();
                let rows = text::counted(version.rows.0, "row", "rows");
                plain(
                    format!(
                        " v{}  {}  {rows}{rejected}{dot}run {}{changes}",
                        version.version,
                        text::instant(&version.committed_at),
                        version.run_id
                    ),
                    Tone::Plain,
                )
            })
            .collect(),
        Tab::Problems => detail
            .problems
            .iter()
            .map(|note| {
                let (mark, tone) =
                    if note.level == NoteLevel::Warning { (Mark::Warn, Tone::Warn) } else { (Mark::Info, Tone::Plain) };
                let code = note.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
                plain(format!(" {} {code}{}", theme.glyph(mark), note.message), tone)
            })
            .collect(),
    }
}
