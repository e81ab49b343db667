//! Preview: the first records of a source, typed as Bronze would type them, how they came, and what is odd
//! in them.

mod tabs;
mod view;

#[cfg(test)]
mod tests;

use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;
use medallion_core::api::wire::{Exchange, PreviewInfo, PreviewRequest, Table};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::remote::Remote;
use crate::app::shared::{Purpose, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::{Can, data, run};
use crate::theme::Mark;
use crate::widgets::cells::{self, Cell};
use crate::widgets::grid::{Grid, Rows};
use crate::widgets::list::Cursor;
use tabs::Tab;

/// State of the screen.
#[derive(Debug)]
pub(crate) struct Preview {
    /// Whose records are shown, or on their way.
    dataset: Option<String>,
    /// For `{run_date}`; `None` is today.
    date: Option<NaiveDate>,
    /// Whether the person chose the date.
    date_chosen: bool,
    limit: u32,
    records: Remote<Records>,
    grid: Grid,
    findings: Cursor,
    on_findings: bool,
    tab: Tab,
    /// In the lines of a tab.
    line: Cursor,
}

impl Default for Preview {
    fn default() -> Self {
        Self {
            dataset: None,
            date: None,
            date_chosen: false,
            limit: 100,
            records: Remote::default(),
            grid: Grid::default(),
            findings: Cursor::default(),
            on_findings: false,
            tab: Tab::default(),
            line: Cursor::default(),
        }
    }
}

/// What was fetched.
#[derive(Debug)]
struct Records {
    info: PreviewInfo,
    batches: Vec<RecordBatch>,
    total: u64,
}

impl Rows for Records {
    fn total(&self) -> u64 {
        self.total
    }
    fn columns(&self) -> usize {
        self.info.columns.len()
    }
    fn column(&self, column: usize) -> Option<(&str, &str)> {
        self.info.columns.get(column).map(|column| (column.name.as_str(), column.data_type.as_str()))
    }
    fn is_number(&self, column: usize) -> bool {
        let schema = self.batches.first().map(RecordBatch::schema);
        schema
            .is_some_and(|schema| schema.fields().get(column).is_some_and(|field| cells::is_number(field.data_type())))
    }
    fn cell(&self, row: u64, column: usize) -> Option<Cell<'_>> {
        cells::cell_of(&self.batches, usize::try_from(row).ok()?, column)
    }
}

impl Preview {
    /// A run has changed what can be known; the next visit fetches again.
    pub(crate) fn forget(&mut self) {
        if !self.date_chosen {
            self.dataset = None;
        }
    }

    fn fetch(&mut self, shared: &mut Shared) {
        let Some(dataset) = self.dataset.clone() else { return };
        let request = PreviewRequest {
            of: shared.dataset_ref(&dataset),
            date: self.date,
            limit: self.limit,
            ..PreviewRequest::default()
        };
        self.records.ask(Request::Preview(request), shared);
    }

    fn show(&mut self, dataset: String, shared: &mut Shared) {
        // Without a wish of the person: the day that was landed last is known to have a source.
        if !self.date_chosen {
            self.date =
                shared.summary(&dataset).and_then(|summary| summary.bronze.as_ref()).and_then(|state| state.date);
        }
        self.dataset = Some(dataset);
        self.records.clear();
        self.grid = Grid::default();
        self.findings = Cursor::default();
        self.on_findings = false;
        self.line = Cursor::default();
        self.fetch(shared);
    }

    fn findings_len(&self) -> usize {
        self.records.value().map_or(0, |records| records.info.findings.len() + records.info.unreadable.len())
    }

    /// Lines of the tab; the grid has none.
    fn lines_len(&self) -> usize {
        self.records.value().map_or(0, |records| tabs::lines(self.tab, &records.info).len())
    }

    /// The request that is chosen.
    fn exchange(&self) -> Option<&Exchange> {
        let records = self.records.value().filter(|_| self.tab == Tab::Requests)?;
        records.info.exchanges.get(self.line.at)
    }

    /// Whether the config says something else of the dataset now than when the records were fetched.
    fn is_stale(&self, shared: &Shared) -> bool {
        let now = self.dataset.as_ref().and_then(|dataset| shared.summary(dataset));
        let fetched = self.records.value().map(|records| records.info.fingerprint.as_str());
        now.zip(fetched).is_some_and(|(now, fetched)| now.fingerprint != fetched)
    }

    fn columns(&self) -> usize {
        self.records.value().map_or(0, |records| records.info.columns.len())
    }
}

impl Screen for Preview {
    fn scope(&self) -> Scope {
        Scope::Preview
    }

    fn enter(&mut self, shared: &mut Shared) {
        let wanted = shared.dataset.clone().or_else(|| shared.neighbour(None, true));
        if let Some(dataset) = wanted
            && self.dataset.as_ref() != Some(&dataset)
        {
            self.show(dataset, shared);
        }
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        let records = Can::when(self.records.value().is_some_and(|records| records.total > 0), "there are no records");
        match action {
            Action::Dates | Action::Limit | Action::Fetch | Action::RunIt => {
                Can::when(self.dataset.is_some(), "there is no dataset")
            }
            Action::NextItem | Action::PreviousItem => {
                Can::when(shared.summaries().len() > 1, "there is no other dataset")
            }
            Action::NextTab => Can::when(self.records.value().is_some(), "nothing was fetched yet"),
            Action::Copy => Can::when(
                self.exchange().is_some_and(|exchange| exchange.curl.is_some()),
                "choose a request first: t shows them",
            ),
            Action::Inspect => match self.tab {
                _ if self.on_findings => Can::Yes,
                Tab::Records => records,
                _ => Can::when(self.lines_len() > 0, "there is nothing to show"),
            },
            Action::Find | Action::FindColumn | Action::Freeze => records,
            Action::FindNext | Action::FindPrevious => {
                Can::when(shared.find.is_some(), "nothing was looked for yet: / does")
            }
            Action::NextPane | Action::PreviousPane => Can::when(self.findings_len() > 0, "there are no findings"),
            Action::Left | Action::Right | Action::LineStart | Action::LineEnd => Can::Yes,
            Action::Back if self.on_findings => Can::Yes,
            action if Cursor::default().act(action, 0) => Can::Yes,
            _ => Can::Absent,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        match action {
            Action::Refresh | Action::Fetch => self.fetch(shared),
            Action::Dates => {
                let text = self.date.map(|date| date.to_string()).unwrap_or_default();
                shared.prompt(Purpose::Dates, "Date", "YYYY-MM-DD, nothing for today", &text);
            }
            Action::Limit => {
                self.limit = if self.limit == 100 { 1_000 } else { 100 };
                self.fetch(shared);
            }
            Action::NextItem | Action::PreviousItem => {
                if let Some(dataset) = shared.neighbour(self.dataset.as_deref(), action == Action::NextItem) {
                    shared.dataset = Some(dataset.clone());
                    shared.file = shared.summary(&dataset).map(|summary| summary.file.clone());
                    self.show(dataset, shared);
                }
            }
            Action::RunIt => shared.way = self.dataset.clone().map(Way::RunOf),
            Action::NextPane | Action::PreviousPane => self.on_findings = !self.on_findings,
            Action::Back => self.on_findings = false,
            Action::Find => shared.prompt(Purpose::Find, "Find in the records", "", ""),
            Action::FindColumn => shared.prompt(Purpose::Column, "Go to the column", "its name, or a part of it", ""),
            Action::FindNext | Action::FindPrevious => {
                if let Some(records) = self.records.value() {
                    let found = data::find(
                        &mut self.grid,
                        records,
                        0..records.total,
                        action == Action::FindNext,
                        shared.find.as_deref(),
                    );
                    if !found {
                        shared.say(Mark::Info, "no other cell has this text");
                    }
                }
            }
            Action::NextTab => {
                self.tab = self.tab.next();
                self.line = Cursor::default();
                self.on_findings = false;
            }
            Action::Copy => {
                if let Some(line) = self.exchange().and_then(|exchange| exchange.curl.clone()) {
                    shared.copy("the request", &line);
                }
            }
            Action::Inspect if self.on_findings => self.inspect_finding(shared),
            Action::Inspect if self.tab != Tab::Records => self.inspect_line(shared),
            Action::Inspect => {
                if let Some(records) = self.records.value() {
                    data::inspect(&self.grid, records, shared);
                }
            }
            Action::Freeze => self.grid.freeze(),
            action if self.on_findings => {
                self.findings.act(action, self.findings_len());
            }
            action if self.tab != Tab::Records => {
                self.line.act(action, self.lines_len());
            }
            action => {
                let (total, columns) = (self.records.value().map_or(0, |records| records.total), self.columns());
                self.grid.act(action, total, columns);
            }
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        match purpose {
            Purpose::Dates => {
                self.date = run::read_date(text)?;
                self.date_chosen = true;
                self.fetch(shared);
            }
            Purpose::Column => {
                let Some(records) = self.records.value() else { return Ok(()) };
                data::go_to_column(&mut self.grid, records, text)?;
            }
            _ => {
                shared.find = Some(text.to_owned()).filter(|text| !text.is_empty());
                let Some(records) = self.records.value() else { return Ok(()) };
                if shared.find.is_some()
                    && !data::find(&mut self.grid, records, 0..records.total, true, shared.find.as_deref())
                {
                    shared.find = None;
                    return Err("no cell of these records has this".to_owned());
                }
            }
        }
        Ok(())
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        let Answer::Preview(answer) = answer else { return };
        let answer = (*answer).map(|Table { info, batches }| {
            let total = batches.iter().map(|batch| batch.num_rows() as u64).sum();
            Records { info, batches, total }
        });
        if self.records.accept(generation, answer)
            && let Some(records) = self.records.value()
        {
            self.grid.measure(records, 0, records.total, shared.theme);
            self.grid.clamp(records.total, records.info.columns.len());
            let findings = self.findings_len();
            self.findings.clamp(findings);
            self.on_findings &= findings > 0;
            // Where nothing came but an answer that says why, that is what is looked at.
            if let Some(Records { info: PreviewInfo { error: Some(_), exchanges, .. }, total: 0, .. }) =
                self.records.value()
                && !exchanges.is_empty()
                && self.tab == Tab::Records
            {
                self.tab = Tab::Requests;
            }
            let lines = self.lines_len();
            self.line.clamp(lines);
        }
    }

    fn waiting(&self) -> Option<u64> {
        self.records.waiting()
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}

impl Preview {
    fn inspect_line(&self, shared: &mut Shared) {
        if let Some(exchange) = self.exchange() {
            let took = format!("{} ms, {} bytes", exchange.millis, exchange.bytes);
            shared.read("Request and response", took, tabs::whole(exchange));
        } else if let Some(records) = self.records.value() {
            let lines = tabs::lines(self.tab, &records.info);
            if let Some((line, _)) = lines.get(self.line.at) {
                shared.read(self.tab.name(), String::new(), line.trim().to_owned());
            }
        }
    }

    fn inspect_finding(&self, shared: &mut Shared) {
        let Some(records) = self.records.value() else { return };
        let notes = records.info.findings.len();
        if let Some(note) = records.info.findings.get(self.findings.at) {
            let place = note.place.as_ref();
            let place = place.map(|place| format!("\n\n{}:{}:{}", place.file, place.line, place.column));
            let message = format!("{}{}", note.message, place.unwrap_or_default());
            shared.read("Finding", note.code.clone().unwrap_or_default(), message);
        } else if let Some(record) = records.info.unreadable.get(self.findings.at - notes) {
            shared.read(
                format!("Unreadable record at line {}", record.line),
                record.reason.clone(),
                record.raw.clone(),
            );
        }
    }
}
