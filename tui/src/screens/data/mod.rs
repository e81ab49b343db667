//! Data: the rows of one table of a partition, or of all partitions of a layer, however many.
//!
//! Pages of rows are fetched when they are about to be seen. At most two requests are on their way
//! at once; what the person has scrolled past meanwhile is never asked for. Sorting, filtering, finding
//! and counting are the engine's.

mod pages;
mod tell;
mod view;
mod work;

#[cfg(test)]
mod tests;

use std::ops::Range;

use medallion_core::api::wire::{
    CellRequest, CellValue, Count, ErrorBody, OpenedRows, PartitionRef, RowDetail, RowRequest, RowsInfo, RowsOf,
    RowsRequest, SortKey, Table,
};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::shared::{Purpose, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::cells::Cell;
use crate::widgets::grid::{Grid, Rows};
use crate::widgets::list::Cursor;
use crate::widgets::text;
use pages::{CUT, PAGE, Pages};
use work::Work;

/// Requests on their way at once.
const AT_ONCE: usize = 2;
/// Key columns that stay in sight at most.
const KEYS: usize = 3;
const EXPORT_HINT: &str = "a file: .csv, .jsonl or .parquet";
/// Bytes of a value that is shown whole.
const WHOLE: u32 = 4 << 20;

/// State of the screen.
#[derive(Debug)]
pub(crate) struct Data {
    /// What is shown.
    rows: RowsOf,
    /// Names of the tables of the partition, and which of them is shown.
    tables: Vec<String>,
    table: usize,
    pages: Pages,
    grid: Grid,
    error: Option<ErrorBody>,
    work: Option<Work>,
    /// How many jobs there were, to name the next one.
    jobs: u64,
    /// Pages on their way.
    open: Vec<Fetch>,
    /// A value on its way, and whether it is copied instead of shown.
    cell: Option<(u64, u64, bool)>,
    /// Where the cursor was at the last look, to fetch ahead in the direction of travel.
    last_row: u64,
}

/// A page on its way.
#[derive(Debug)]
struct Fetch {
    generation: u64,
    page: u64,
    stretch: usize,
    since: u64,
}

impl Data {
    /// The rows of the table `at` of `tables`; they are opened when they are entered.
    pub(crate) fn new(partition: PartitionRef, tables: Vec<String>, at: usize) -> Self {
        let rows = RowsOf::table(partition, tables.get(at).cloned().unwrap_or_default());
        Self {
            rows,
            tables,
            table: at,
            pages: Pages::default(),
            grid: Grid::default(),
            error: None,
            work: None,
            jobs: 0,
            open: Vec::new(),
            cell: None,
            last_row: 0,
        }
    }

    fn total(&self) -> u64 {
        self.pages.total()
    }

    fn reload(&mut self, shared: &mut Shared) {
        self.pages = Pages::default();
        self.open.clear();
        self.error = None;
        self.open(self.rows.clone(), shared);
    }

    /// Rows are open: they take the place of those that were.
    fn opened(&mut self, rows: RowsOf, opened: OpenedRows, shared: &mut Shared) {
        let first = self.pages.opened.is_none();
        let same =
            self.rows == rows && self.pages.opened.as_ref().is_some_and(|known| known.snapshot == opened.snapshot);
        let here = self.pages.name(self.grid.column).map(str::to_owned);
        let anew = first || self.rows.whole != rows.whole || self.rows.table != rows.table;
        let other = (&self.rows.filter, &self.rows.sort) != (&rows.filter, &rows.sort);
        self.error = None;
        self.rows = rows;
        // The newest partition stays the same one.
        if !self.rows.whole && self.rows.of.folder.is_none() {
            self.rows.of.id.clone_from(&opened.id);
        }
        if !same {
            self.open.clear();
            self.pages = Pages::of(opened, &self.rows.sort, shared.theme);
        }
        if anew {
            let keys = self.pages.opened.as_ref().map_or(0, |opened| opened.keys.len());
            self.grid = Grid::default();
            self.grid.frozen = if keys <= KEYS { keys } else { 0 };
        } else {
            if other {
                self.grid.row = 0;
            }
            if let Some(column) = here.and_then(|name| self.pages.place(&name)) {
                self.grid.column = column;
            }
        }
        self.grid.clamp(self.pages.total(), self.pages.columns());
        self.fetch(shared);
    }

    /// Asks for the page nearest to the cursor that is not here, and one ahead.
    fn fetch(&mut self, shared: &mut Shared) {
        if self.pages.opened.is_none() || self.error.is_some() {
            return;
        }
        let last = self.total().saturating_sub(1) / PAGE;
        let shown = self.grid.around();
        let here = (self.grid.row / PAGE).min(last);
        let ahead = if self.grid.row >= self.last_row { (here + 1).min(last) } else { here.saturating_sub(1) };
        // The screen may show rows of a neighbour page, above or below.
        let near = [here, (shown.start / PAGE).min(last), (shown.end / PAGE).min(last), ahead];
        self.last_row = self.grid.row;
        let column = self.grid.column;
        let [frozen, visible] = self.grid.columns_shown();
        let stretches = self.pages.stretches(&[column..column + 1, frozen, visible]);
        for page in near {
            for stretch in &stretches {
                let known = self.pages.fetched.contains_key(&(page, *stretch))
                    || self.open.iter().any(|open| (open.page, open.stretch) == (page, *stretch));
                if known || self.open.len() >= AT_ONCE {
                    continue;
                }
                let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
                let request = RowsRequest {
                    columns: self.pages.names(*stretch),
                    cut: Some(CUT),
                    ..RowsRequest::window(self.rows.clone(), page * PAGE, limit)
                };
                let generation = shared.ask(Request::Rows(request));
                self.open.push(Fetch { generation, page, stretch: *stretch, since: shared.now });
            }
        }
    }

    fn take(&mut self, fetch: &Fetch, table: Table<RowsInfo>, shared: &mut Shared) {
        if self.pages.is_other(&table.info) {
            let version = table.info.version;
            shared.say(Mark::Info, format!("a run has committed version {version} meanwhile; these are its rows"));
            return self.open(self.rows.clone(), shared);
        }
        let rows: u64 = table.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        self.pages.take(fetch.page, fetch.stretch, table.batches, self.grid.row / PAGE);
        let from = fetch.page * PAGE;
        self.grid.measure(&self.pages, from, from + rows, shared.theme);
        self.grid.clamp(self.pages.total(), self.pages.columns());
    }

    /// Sorts by the column of the cursor: up, down, as it was written.
    fn sort_by_column(&mut self, add: bool, shared: &mut Shared) {
        let Some(column) = self.pages.name(self.grid.column).map(str::to_owned) else { return };
        let mut rows = self.rows.clone();
        let standing = rows.sort.iter().position(|key| key.column == column);
        let was = standing.map(|at| rows.sort[at].descending);
        if !add {
            rows.sort.retain(|key| key.column == column);
        }
        match (was, rows.sort.iter().position(|key| key.column == column)) {
            (Some(false), Some(at)) => rows.sort[at].descending = true,
            (Some(true), Some(at)) => {
                rows.sort.remove(at);
            }
            _ => rows.sort.push(SortKey { column, descending: false }),
        }
        self.open(rows, shared);
    }

    fn ask_filter(text: &str, shared: &mut Shared) {
        shared.prompt(Purpose::Filter, "Rows where", "amount > 100 and status = 'paid'; empty: all", text);
    }

    /// Only rows that have the value of the cell in this column.
    fn filter_alike(&mut self, shared: &mut Shared) {
        let Some(name) = self.pages.name(self.grid.column) else { return };
        let name = format!("\"{}\"", name.replace('"', "\"\""));
        let condition = match self.pages.cell(self.grid.row, self.grid.column) {
            None => return shared.say(Mark::Info, "the row is not here yet"),
            Some(Cell::Null) => format!("{name} is null"),
            Some(Cell::Text(text)) if text.len() >= CUT as usize => {
                return shared.say(Mark::Info, "the value is too long to be compared with");
            }
            Some(Cell::Text(text)) => format!("{name} = '{}'", text.replace('\'', "''")),
            Some(Cell::Value(value)) if value == "true" || value == "false" => format!("{name} = {value}"),
            Some(Cell::Value(value)) => format!("{name} = '{value}'"),
        };
        let mut rows = self.rows.clone();
        rows.filter = if rows.filter.is_empty() { condition } else { format!("({}) and {condition}", rows.filter) };
        self.open(rows, shared);
    }

    fn ask_cell(&mut self, copy: bool, shared: &mut Shared) {
        let Some(column) = self.pages.name(self.grid.column).map(str::to_owned) else { return };
        let (rows, row) = (self.rows.clone(), Count(self.grid.row));
        let request = CellRequest { rows, row, column, from: Count(0), limit: WHOLE };
        self.cell = Some((shared.ask(Request::Cell(request)), shared.now, copy));
    }

    /// Whether the cell under the cursor may be longer than what is here of it.
    fn may_be_cut(&self) -> bool {
        match self.pages.cell(self.grid.row, self.grid.column) {
            Some(Cell::Text(text)) => text.len() >= CUT as usize,
            Some(Cell::Value(value)) => value.len() >= CUT as usize,
            _ => false,
        }
    }

    fn take_cell(&self, copy: bool, cell: CellValue, shared: &mut Shared) {
        if copy {
            return match (cell.text, cell.cut) {
                (None, _) => shared.say(Mark::Info, "the cell is NULL, nothing was copied"),
                (Some(_), true) => shared.say(Mark::Warn, "the value is too long for the clipboard"),
                (Some(text), false) => shared.copy("the cell", &text),
            };
        }
        let dot = shared.theme.dot();
        let row = text::count(self.grid.row + 1);
        let about = format!("{}{dot}row {row}{dot}{}", cell.data_type, text::bytes(cell.bytes.0));
        shared.read(cell.column.clone(), about, tell::value(&cell, shared.theme));
    }

    fn take_row(detail: RowDetail, shared: &mut Shared) {
        let dot = shared.theme.dot();
        let of = text::count(detail.row_of_file.0 + 1);
        let about = format!("row {of} of {}{dot}{}", detail.file, detail.partition);
        let text = tell::row(&detail, shared.theme);
        shared.read(format!("row {}", text::count(detail.row.0 + 1)), about, text);
    }

    fn export_name(&self) -> String {
        let id = self.rows.of.id.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let id = id.split_once('=').map_or(id, |(_, value)| value);
        let dataset = &self.rows.of.of.dataset;
        match (self.rows.whole, id) {
            (true, _) | (_, "") => format!("{dataset}.csv"),
            (false, id) => format!("{dataset}_{id}.csv"),
        }
    }
}

impl Screen for Data {
    fn scope(&self) -> Scope {
        Scope::Data
    }

    fn enter(&mut self, shared: &mut Shared) {
        if self.pages.opened.is_none() && self.work.is_none() {
            self.open(self.rows.clone(), shared);
        }
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        let some = Can::when(self.total() > 0, "there are no rows");
        match action {
            Action::Inspect
            | Action::InspectRow
            | Action::Copy
            | Action::JumpToRow
            | Action::Find
            | Action::FindColumn
            | Action::Freeze
            | Action::FilterAlike
            | Action::Export
            | Action::Wider
            | Action::Narrower => some,
            Action::Filter | Action::Sort | Action::SortToo | Action::Profile => {
                Can::when(self.pages.opened.is_some(), "the rows are not open yet")
            }
            Action::AllPartitions => {
                Can::when(self.rows.of.folder.is_none() && self.pages.opened.is_some(), "no config names this folder")
            }
            Action::Cancel => Can::when(self.work.is_some(), "nothing is going on"),
            Action::FindNext | Action::FindPrevious => {
                Can::when(shared.find.is_some(), "nothing was looked for yet: / does")
            }
            Action::NextItem | Action::PreviousItem => {
                Can::when(self.tables.len() > 1, "the partition has one table only")
            }
            Action::Back | Action::Left | Action::Right | Action::LineStart | Action::LineEnd => Can::Yes,
            action if Cursor::default().act(action, 0) => Can::Yes,
            _ => Can::Absent,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        let (total, count) = (self.pages.total(), self.pages.columns());
        if self.grid.act(action, total, count) {
            return self.fetch(shared);
        }
        match action {
            Action::Refresh => self.reload(shared),
            // The innermost thing first: work, then the filter and the sort stay until the rows are left.
            Action::Back if self.pages.opened.is_some() && self.stop(shared) => shared.say(Mark::Info, "stopped"),
            Action::Back => {
                self.stop(shared);
                shared.way = Some(Way::LeaveRows);
            }
            Action::Cancel => {
                self.stop(shared);
                shared.say(Mark::Info, "stopped");
            }
            Action::NextItem | Action::PreviousItem => {
                let len = self.tables.len();
                self.table =
                    if action == Action::NextItem { (self.table + 1) % len } else { (self.table + len - 1) % len };
                self.grid = Grid::default();
                let table = self.tables.get(self.table).cloned().unwrap_or_default();
                self.rows = RowsOf { whole: self.rows.whole, ..RowsOf::table(self.rows.of.clone(), table) };
                self.reload(shared);
            }
            Action::Inspect if self.may_be_cut() => self.ask_cell(false, shared),
            Action::Inspect => inspect(&self.grid, &self.pages, shared),
            Action::InspectRow => {
                let request = RowRequest { rows: self.rows.clone(), row: Count(self.grid.row) };
                self.cell = Some((shared.ask(Request::Row(request)), shared.now, false));
            }
            Action::Copy if self.may_be_cut() => self.ask_cell(true, shared),
            Action::Copy => match self.pages.cell(self.grid.row, self.grid.column) {
                None => shared.say(Mark::Info, "the row is not here yet"),
                Some(Cell::Null) => shared.say(Mark::Info, "the cell is NULL, nothing was copied"),
                Some(Cell::Text(value)) => shared.copy("the cell", &value),
                Some(Cell::Value(value)) => shared.copy("the cell", &value),
            },
            Action::JumpToRow => shared.prompt(Purpose::Row, "Go to row", "a number from 1", ""),
            Action::FindColumn => shared.prompt(Purpose::Column, "Go to the column", "its name, or a part of it", ""),
            Action::Find => shared.prompt(Purpose::Find, "Find", "in all rows and columns", ""),
            Action::FindNext => {
                let next = self.grid.row + 1;
                if next < total { self.look(next, false, false, shared) } else { self.look(0, false, true, shared) }
            }
            Action::FindPrevious => match self.grid.row.checked_sub(1) {
                Some(before) => self.look(before, true, false, shared),
                None => self.look(total.saturating_sub(1), true, true, shared),
            },
            Action::Freeze => self.grid.freeze(),
            Action::Wider => self.grid.resize(true),
            Action::Narrower => self.grid.resize(false),
            Action::Sort => self.sort_by_column(false, shared),
            Action::SortToo => self.sort_by_column(true, shared),
            Action::Filter => Self::ask_filter(&self.rows.filter.clone(), shared),
            Action::FilterAlike => self.filter_alike(shared),
            Action::Profile => self.profile(shared),
            Action::Export => {
                let name = self.export_name();
                shared.prompt(Purpose::Export, "Export to", EXPORT_HINT, &name);
            }
            Action::AllPartitions => {
                let rows = RowsOf { whole: !self.rows.whole, ..self.rows.clone() };
                self.open(rows, shared);
            }
            _ => {}
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        match purpose {
            Purpose::Row => {
                let total = self.total();
                let digits: String = text.chars().filter(|character| !matches!(character, ',' | '_' | ' ')).collect();
                let row: u64 = digits.parse().map_err(|_| "a row is a number from 1".to_owned())?;
                if row == 0 || row > total {
                    return Err(format!("rows are 1 to {}", text::count(total)));
                }
                self.grid.row = row - 1;
            }
            Purpose::Column => go_to_column(&mut self.grid, &self.pages, text)?,
            Purpose::Filter => {
                let rows = RowsOf { filter: text.trim().to_owned(), ..self.rows.clone() };
                self.open(rows, shared);
            }
            Purpose::Export => return self.export(text, shared),
            _ => {
                shared.find = Some(text.to_owned()).filter(|text| !text.is_empty());
                self.look(self.grid.row, false, false, shared);
            }
        }
        self.fetch(shared);
        Ok(())
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        match answer {
            Answer::Rows(answer) => {
                let Some(at) = self.open.iter().position(|open| open.generation == generation) else { return };
                let fetch = self.open.remove(at);
                match answer {
                    Ok(table) => self.take(&fetch, table, shared),
                    Err(error) => self.error = Some(error),
                }
                self.fetch(shared);
            }
            Answer::Cell(answer) => {
                let Some((_, _, copy)) = self.cell.take_if(|(known, ..)| *known == generation) else { return };
                match answer {
                    Ok(cell) => self.take_cell(copy, cell, shared),
                    Err(error) => shared.say(Mark::Fail, format!("{}: {}", error.code, error.message)),
                }
            }
            Answer::Row(answer) => {
                if self.cell.take_if(|(known, ..)| *known == generation).is_none() {
                    return;
                }
                match answer {
                    Ok(detail) => Self::take_row(*detail, shared),
                    Err(error) => shared.say(Mark::Fail, format!("{}: {}", error.code, error.message)),
                }
            }
            answer => self.worked(generation, answer, shared),
        }
    }

    fn waiting(&self) -> Option<u64> {
        let pages = self.open.iter().map(|open| open.since);
        let cell = self.cell.map(|(_, since, _)| since);
        pages.chain(cell).chain(self.work.as_ref().map(|work| work.since)).min()
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}

/// Opens a window with the whole value of the chosen cell.
pub(crate) fn inspect(grid: &Grid, rows: &dyn Rows, shared: &mut Shared) {
    let Some((name, data_type)) = rows.column(grid.column) else { return };
    let about = format!("{data_type}{}row {}", shared.theme.dot(), text::count(grid.row + 1));
    match rows.cell(grid.row, grid.column) {
        None => shared.say(Mark::Info, "the row is not here yet"),
        Some(Cell::Null) => shared.read(name, about, "NULL (no value)"),
        Some(Cell::Text(value)) => {
            let length = text::counted(value.chars().count() as u64, "character", "characters");
            let about = format!("{about}{}{length}", shared.theme.dot());
            shared.read(name, about, value.into_owned());
        }
        Some(Cell::Value(value)) => shared.read(name, about, value),
    }
}

/// Goes to the column whose name is, or begins with, or has `text`.
pub(crate) fn go_to_column(grid: &mut Grid, rows: &dyn Rows, text: &str) -> Result<(), String> {
    let wanted = text.to_lowercase();
    let names: Vec<String> =
        (0..rows.columns()).filter_map(|column| rows.column(column)).map(|(name, _)| name.to_lowercase()).collect();
    let found = names
        .iter()
        .position(|name| *name == wanted)
        .or_else(|| names.iter().position(|name| name.starts_with(&wanted)))
        .or_else(|| names.iter().position(|name| name.contains(&wanted)));
    grid.column = found.ok_or_else(|| "no column has this in its name".to_owned())?;
    Ok(())
}

/// Goes to the next cell of `range` that has `wanted`, row by row, round and round.
pub(crate) fn find(grid: &mut Grid, rows: &dyn Rows, range: Range<u64>, forward: bool, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted.map(str::to_lowercase) else { return false };
    let count = rows.columns() as u64;
    let cells = (range.end.saturating_sub(range.start)).saturating_mul(count);
    if cells == 0 {
        return false;
    }
    let at = grid.row.saturating_sub(range.start) * count + grid.column as u64;
    for step in 1..=cells {
        let place = if forward { (at + step) % cells } else { (at + cells - step) % cells };
        let (row, column) = (range.start + place / count, usize::try_from(place % count).unwrap_or(0));
        let has = match rows.cell(row, column) {
            Some(Cell::Text(value)) => value.to_lowercase().contains(&wanted),
            Some(Cell::Value(value)) => value.to_lowercase().contains(&wanted),
            Some(Cell::Null) | None => false,
        };
        if has {
            (grid.row, grid.column) = (row, column);
            return true;
        }
    }
    false
}
