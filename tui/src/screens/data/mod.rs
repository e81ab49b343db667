//! Data: the rows of one table of a partition, however many.
//!
//! Pages of rows are fetched when they are about to be seen. At most two requests are on their way
//! at once; what the person has scrolled past meanwhile is never asked for.

mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::record_batch::RecordBatch;
use medallion_core::api::wire::{Count, ErrorBody, PartitionRef, RowsInfo, RowsRequest};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::shared::{Purpose, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::cells::{self, Cell};
use crate::widgets::grid::{Grid, Rows};
use crate::widgets::list::Cursor;

/// Rows of a page.
const PAGE: u64 = 500;
/// Pages that are kept; those farthest from the cursor go first.
const KEPT: usize = 12;
/// Requests on their way at once.
const AT_ONCE: usize = 2;

/// State of the screen.
#[derive(Debug)]
pub(crate) struct Data {
    partition: PartitionRef,
    /// Names of the tables of the partition, and which of them is shown.
    tables: Vec<String>,
    table: usize,
    pages: Pages,
    grid: Grid,
    error: Option<ErrorBody>,
    /// Pages on their way: generation, page, since when.
    open: Vec<(u64, u64, u64)>,
    /// Where the cursor was at the last look, to fetch ahead in the direction of travel.
    last_row: u64,
}

/// The rows that are here.
#[derive(Debug, Default)]
struct Pages {
    info: Option<RowsInfo>,
    numbers: Vec<bool>,
    fetched: BTreeMap<u64, Vec<RecordBatch>>,
}

impl Rows for Pages {
    fn total(&self) -> u64 {
        self.info.as_ref().map_or(0, |info| info.total.0)
    }
    fn columns(&self) -> usize {
        self.info.as_ref().map_or(0, |info| info.columns.len())
    }
    fn column(&self, column: usize) -> Option<(&str, &str)> {
        self.info.as_ref()?.columns.get(column).map(|column| (column.name.as_str(), column.data_type.as_str()))
    }
    fn is_number(&self, column: usize) -> bool {
        self.numbers.get(column).copied().unwrap_or_default()
    }
    fn cell(&self, row: u64, column: usize) -> Option<Cell<'_>> {
        cells::cell_of(self.fetched.get(&(row / PAGE))?, usize::try_from(row % PAGE).ok()?, column)
    }
}

impl Data {
    /// The rows of the table `at` of `tables`; the first page is asked for when it is entered.
    pub(crate) fn new(partition: PartitionRef, tables: Vec<String>, at: usize) -> Self {
        Self {
            partition,
            tables,
            table: at,
            pages: Pages::default(),
            grid: Grid::default(),
            error: None,
            open: Vec::new(),
            last_row: 0,
        }
    }

    fn reload(&mut self, shared: &mut Shared) {
        self.pages = Pages::default();
        self.open.clear();
        self.error = None;
        self.fetch(shared);
    }

    /// Asks for the page nearest to the cursor that is not here, and one ahead.
    fn fetch(&mut self, shared: &mut Shared) {
        let total = self.pages.info.as_ref().map(|info| info.total.0);
        let last = total.map_or(0, |total| total.saturating_sub(1) / PAGE);
        let shown = self.grid.around();
        let here = (self.grid.row / PAGE).min(last);
        let ahead = if self.grid.row >= self.last_row { (here + 1).min(last) } else { here.saturating_sub(1) };
        // The screen may show rows of a neighbour page, above or below.
        let near = [here, (shown.start / PAGE).min(last), (shown.end / PAGE).min(last), ahead];
        self.last_row = self.grid.row;
        for page in near {
            let known = self.pages.fetched.contains_key(&page) || self.open.iter().any(|&(_, open, _)| open == page);
            if known || self.open.len() >= AT_ONCE || self.error.is_some() {
                continue;
            }
            let request = RowsRequest {
                of: self.partition.clone(),
                table: self.tables.get(self.table).cloned().unwrap_or_default(),
                offset: Count(page * PAGE),
                limit: u32::try_from(PAGE).unwrap_or(u32::MAX),
            };
            let generation = shared.ask(Request::Rows(request));
            self.open.push((generation, page, shared.now));
        }
    }

    fn take(&mut self, page: u64, info: RowsInfo, batches: Vec<RecordBatch>, shared: &mut Shared) {
        if let Some(known) = &self.pages.info
            && (known.version, &known.id) != (info.version, &info.id)
        {
            shared
                .say(Mark::Info, format!("a run has committed version {} meanwhile; these are its rows", info.version));
            self.pages = Pages::default();
            self.open.clear();
        }
        if let Some(first) = batches.first() {
            self.pages.numbers =
                first.schema().fields().iter().map(|field| cells::is_number(field.data_type())).collect();
        }
        let rows: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        self.pages.info = Some(info);
        self.pages.fetched.insert(page, batches);
        self.grid.measure(&self.pages, page * PAGE, page * PAGE + rows, shared.theme);
        self.grid.clamp(self.pages.total(), self.pages.columns());
        let here = self.grid.row / PAGE;
        while self.pages.fetched.len() > KEPT {
            let Some(farthest) = self.pages.fetched.keys().copied().max_by_key(|page| page.abs_diff(here)) else {
                break;
            };
            self.pages.fetched.remove(&farthest);
        }
    }

    /// The rows around the cursor that are here without a gap.
    fn here(&self) -> Range<u64> {
        let page = self.grid.row / PAGE;
        let mut from = page;
        let mut to = page;
        while from > 0 && self.pages.fetched.contains_key(&(from - 1)) {
            from -= 1;
        }
        while self.pages.fetched.contains_key(&to) {
            to += 1;
        }
        from * PAGE..(to * PAGE).min(self.pages.total())
    }

    fn find(&mut self, forward: bool, shared: &mut Shared) -> bool {
        let here = self.here();
        let all = here == (0..self.pages.total());
        let found = find(&mut self.grid, &self.pages, here.clone(), forward, shared.find.as_deref());
        if !all && !found {
            let said = format!("not in rows {} to {}, the ones that are here", here.start + 1, here.end);
            shared.say(Mark::Info, said);
        }
        found
    }
}

impl Screen for Data {
    fn scope(&self) -> Scope {
        Scope::Data
    }

    fn enter(&mut self, shared: &mut Shared) {
        self.fetch(shared);
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        let some = Can::when(self.pages.total() > 0, "there are no rows");
        match action {
            Action::Inspect | Action::Copy | Action::JumpToRow | Action::Find | Action::FindColumn | Action::Freeze => {
                some
            }
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
            Action::Back => shared.way = Some(Way::LeaveRows),
            Action::NextItem | Action::PreviousItem => {
                let len = self.tables.len();
                self.table =
                    if action == Action::NextItem { (self.table + 1) % len } else { (self.table + len - 1) % len };
                self.grid = Grid::default();
                self.reload(shared);
            }
            Action::Inspect => inspect(&self.grid, &self.pages, shared),
            Action::Copy => match self.pages.cell(self.grid.row, self.grid.column) {
                None => shared.say(Mark::Info, "the row is not here yet"),
                Some(Cell::Null) => shared.say(Mark::Info, "the cell is NULL, nothing was copied"),
                Some(Cell::Text(value)) => shared.copy("the cell", &value),
                Some(Cell::Value(value)) => shared.copy("the cell", &value),
            },
            Action::JumpToRow => shared.prompt(Purpose::Row, "Go to row", "a number from 1", ""),
            Action::FindColumn => shared.prompt(Purpose::Column, "Go to the column", "its name, or a part of it", ""),
            Action::Find => shared.prompt(Purpose::Find, "Find", "in the rows that are here", ""),
            Action::FindNext | Action::FindPrevious => {
                let found = self.find(action == Action::FindNext, shared);
                if !found && shared.status.is_none() {
                    shared.say(Mark::Info, "no other cell has this text");
                }
                self.fetch(shared);
            }
            Action::Freeze => self.grid.freeze(),
            _ => {}
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        match purpose {
            Purpose::Row => {
                let total = self.pages.total();
                let digits: String = text.chars().filter(|character| !matches!(character, ',' | '_' | ' ')).collect();
                let row: u64 = digits.parse().map_err(|_| "a row is a number from 1".to_owned())?;
                if row == 0 || row > total {
                    return Err(format!("rows are 1 to {}", crate::widgets::text::count(total)));
                }
                self.grid.row = row - 1;
            }
            Purpose::Column => go_to_column(&mut self.grid, &self.pages, text)?,
            _ => {
                shared.find = Some(text.to_owned()).filter(|text| !text.is_empty());
                if shared.find.is_some() && !self.find(true, shared) {
                    let said = shared.status.take().map_or_else(|| "no cell has this".to_owned(), |status| status.text);
                    shared.find = None;
                    return Err(said);
                }
            }
        }
        self.fetch(shared);
        Ok(())
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        let Answer::Rows(answer) = answer else { return };
        let Some(at) = self.open.iter().position(|&(known, ..)| known == generation) else { return };
        let (_, page, _) = self.open.remove(at);
        match answer {
            Ok(table) => {
                self.error = None;
                self.take(page, table.info, table.batches, shared);
            }
            Err(error) => self.error = Some(error),
        }
        self.fetch(shared);
    }

    fn waiting(&self) -> Option<u64> {
        self.open.iter().map(|&(.., since)| since).min()
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}

/// Opens a window with the whole value of the chosen cell.
pub(crate) fn inspect(grid: &Grid, rows: &dyn Rows, shared: &mut Shared) {
    let Some((name, data_type)) = rows.column(grid.column) else { return };
    let about = format!("{data_type}{}row {}", shared.theme.dot(), crate::widgets::text::count(grid.row + 1));
    match rows.cell(grid.row, grid.column) {
        None => shared.say(Mark::Info, "the row is not here yet"),
        Some(Cell::Null) => shared.read(name, about, "NULL (no value)"),
        Some(Cell::Text(value)) => {
            let length = crate::widgets::text::counted(value.chars().count() as u64, "character", "characters");
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
