//! The whole app without a terminal: keys in, a screen with its colours out.
//!
//! A scripted engine answers at once, or, while answers are held, not before a test says so. Time
//! stands still unless a test moves it.

pub(crate) mod authoring;
mod scenes;

#[cfg(test)]
pub(crate) use scenes::preview_info;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use medallion_core::api::wire::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier, Style};

use crate::app::App;
use crate::app::door::{Answered, Door};
use crate::app::jobs::answer;
use crate::app::message::{Answer, Effect, Exit, Message, Request};
use crate::theme::Theme;

/// What the scripted engine says.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) datasets: Answered<DatasetList>,
    pub(crate) texts: BTreeMap<String, Answered<ConfigText>>,
    pub(crate) preview: Answered<Table<PreviewInfo>>,
    /// Partitions of every dataset, Bronze and Silver.
    pub(crate) partitions: Answered<u64>,
    pub(crate) detail: Answered<PartitionDetail>,
    /// Rows of every table.
    pub(crate) rows: Answered<u64>,
    pub(crate) version: u64,
    /// Both changes together, where somebody else changed a file too.
    pub(crate) merged: Option<String>,
}

/// The app under test.
pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) script: Script,
    terminal: Terminal<TestBackend>,
    /// Requests that wait for an answer, while answers are held; runs always wait.
    pub(crate) open: Vec<(u64, Request)>,
    hold: bool,
    /// The generations of what tells its events when a test wants it.
    pub(crate) watch: u64,
    pub(crate) doctor: Option<(u64, DoctorRequest)>,
    pub(crate) verify: Option<(u64, VerifyRequest)>,
    pub(crate) copied: Vec<String>,
    pub(crate) exit: Option<Exit>,
}

impl Bench {
    /// The app on a screen of this size, before the first answer.
    pub(crate) fn held(width: u16, height: u16, script: Script, theme: Theme) -> Self {
        let app = App::new(Target::default(), theme);
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut bench = Self {
            app,
            script,
            terminal,
            open: Vec::new(),
            hold: true,
            watch: 0,
            doctor: None,
            verify: None,
            copied: Vec::new(),
            exit: None,
        };
        bench.settle();
        bench
    }

    /// The app on a screen of this size, with the first answers taken in.
    pub(crate) fn open(width: u16, height: u16, script: Script) -> Self {
        let mut bench = Self::held(width, height, script, COLOUR);
        bench.release();
        bench
    }

    /// From now on nobody answers.
    pub(crate) fn hold(&mut self) {
        self.hold = true;
    }

    /// Answers what waits, and from now on at once.
    pub(crate) fn release(&mut self) {
        self.hold = false;
        let (runs, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|(_, request)| matches!(request, Request::Run(_)));
        self.open = runs;
        for (generation, request) in others {
            self.answer(generation, request);
        }
    }

    /// Feeds keys, separated by spaces: `j`, `enter`, `ctrl-p`, `space`.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.message(Message::Key(parse(key)));
        }
        self
    }

    /// Types a text, key by key.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            self.message(Message::Key(KeyEvent::from(KeyCode::Char(character))));
        }
        self
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, milliseconds: u64) -> &mut Self {
        self.app.shared.now += milliseconds;
        self.message(Message::Tick);
        self
    }

    /// Feeds any message, and does what the app asks for.
    pub(crate) fn message(&mut self, message: Message) {
        self.app.update(message);
        self.settle();
        // Scroll offsets follow when a frame is drawn, as in the real loop.
        self.terminal.draw(|frame| self.app.view(frame)).unwrap();
    }

    /// The generation and the request of the run that is going on.
    pub(crate) fn run(&self) -> (u64, RunRequest) {
        self.open
            .iter()
            .rev()
            .find_map(|(generation, request)| match request {
                Request::Run(request) => Some((*generation, request.clone())),
                _ => None,
            })
            .expect("a run was asked for")
    }

    /// Lets the run say something.
    pub(crate) fn event(&mut self, event: RunEvent) {
        let generation = self.run().0;
        self.message(Message::Answer { generation, answer: Answer::RunEvent(Box::new(event)) });
    }

    /// Lets the run end.
    pub(crate) fn run_ends(&mut self, result: Answered<RunReport>) {
        let generation = self.run().0;
        self.message(Message::Answer { generation, answer: Answer::RunEnded(result) });
    }

    /// Makes the screen another size.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
        self.message(Message::Resize);
    }

    /// The screen: its text, then the same screen with a letter for each style, then what the
    /// letters mean.
    pub(crate) fn screen(&mut self) -> String {
        // The frame itself: the backend of ratatui keeps what a wide character has covered.
        let buffer = self.terminal.draw(|frame| self.app.view(frame)).unwrap().buffer;
        let mut legend: Vec<Style> = Vec::new();
        let (mut text, mut styles) = (String::new(), String::new());
        for y in 0..buffer.area.height {
            let (mut line, mut marks) = (String::new(), String::new());
            let mut skip = 0;
            for x in 0..buffer.area.width {
                let cell = &buffer[(x, y)];
                if skip > 0 {
                    skip -= 1;
                } else {
                    line.push_str(cell.symbol());
                    skip = crate::widgets::text::width(cell.symbol()).saturating_sub(1);
                }
                let style = Style { underline_color: None, ..cell.style() };
                marks.push(if described(style).is_empty() {
                    '.'
                } else {
                    let at = legend.iter().position(|known| *known == style).unwrap_or_else(|| {
                        legend.push(style);
                        legend.len() - 1
                    });
                    char::from(b'a' + u8::try_from(at).unwrap())
                });
            }
            text.push_str(line.trim_end());
            text.push('\n');
            styles.push_str(marks.trim_end_matches('.'));
            styles.push('\n');
        }
        let legend: Vec<String> = legend
            .iter()
            .enumerate()
            .map(|(at, style)| format!("{} {}", char::from(b'a' + u8::try_from(at).unwrap()), described(*style)))
            .collect();
        format!("{text}{}\n{styles}{}", "=".repeat(20), legend.join("\n"))
    }

    /// Only the text of the screen.
    pub(crate) fn text(&mut self) -> String {
        self.screen().split("====================\n").next().unwrap_or_default().to_owned()
    }

    /// Somebody else writes a file, or removes it, and who watches tells of it.
    pub(crate) fn written_outside(&mut self, file: &str, text: Option<&str>) {
        let mut event = (Vec::new(), Vec::new());
        if let Some(text) = text {
            self.script.write(file, text);
            let validation = FileValidation {
                file: file.into(),
                datasets: Vec::new(),
                diagnostics: Vec::new(),
                held_back_by: Vec::new(),
            };
            event.0.push(WatchedFile { validation, revision: authoring::revision(text) });
        } else {
            self.script.texts.remove(file);
            event.1.push(file.to_owned());
        }
        let event = WatchEvent::Changed { files: event.0, removed: event.1 };
        self.message(Message::Answer { generation: self.watch, answer: Answer::WatchEvent(Box::new(event)) });
    }

    /// The doctor says something.
    pub(crate) fn doctor_says(&mut self, event: DoctorEvent) {
        let generation = self.doctor.as_ref().expect("the doctor was asked").0;
        self.message(Message::Answer { generation, answer: Answer::DoctorEvent(Box::new(event)) });
    }

    /// The doctor has ended.
    pub(crate) fn doctor_ends(&mut self, result: Answered<()>) {
        let generation = self.doctor.as_ref().expect("the doctor was asked").0;
        self.message(Message::Answer { generation, answer: Answer::DoctorEnded(result) });
    }

    /// The verification that was asked for says something.
    pub(crate) fn verify_says(&mut self, event: VerifyEvent) {
        let generation = self.verify.as_ref().expect("a verification was asked").0;
        self.message(Message::Answer { generation, answer: Answer::VerifyEvent(Box::new(event)) });
    }

    /// The verification has ended.
    pub(crate) fn verify_ends(&mut self, result: Answered<VerifyReport>) {
        let generation = self.verify.as_ref().expect("a verification was asked").0;
        self.message(Message::Answer { generation, answer: Answer::VerifyEnded(result) });
    }

    fn save(&mut self, request: SaveRequest) -> Saved {
        let standing = self.script.texts.get(&request.file).and_then(|text| text.as_ref().ok()).cloned();
        let revision = standing.as_ref().map(|text| text.revision.clone());
        if revision != request.base {
            let theirs = standing.map(|text| text.text);
            return Saved::Conflict { theirs, revision, merged: self.script.merged.clone() };
        }
        self.script.write(&request.file, &request.text);
        Saved::Saved { revision: authoring::revision(&request.text) }
    }

    fn settle(&mut self) {
        loop {
            let effects = self.app.shared.take_effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Ask { generation, request: Request::Watch(_) } => self.watch = generation,
                    Effect::Ask { generation, request: Request::Doctor(request) } => {
                        self.doctor = Some((generation, request));
                    }
                    Effect::Ask { generation, request: Request::Verify(request) } => {
                        self.verify = Some((generation, request));
                    }
                    Effect::Ask { generation, request } if self.hold || matches!(request, Request::Run(_)) => {
                        self.open.push((generation, request));
                    }
                    Effect::Ask { generation, request } => self.answer(generation, request),
                    Effect::Copy(text) => self.copied.push(text),
                    Effect::Leave(exit) => self.exit = Some(exit),
                    Effect::Suspend | Effect::Redraw => {}
                }
            }
        }
    }

    fn answer(&mut self, generation: u64, request: Request) {
        let answer = match request {
            Request::Cancel(_) => Answer::Cancelled(Ok(true)),
            Request::Save(request) => Answer::Save(Ok(self.save(request))),
            Request::Discover(request) => {
                let note = format!("{}: key `id` is unique and never null in 1,000 records", request.from);
                Answer::NewConfig(Ok(authoring::new_config("found", vec![note])))
            }
            request => answer(&self.script, request).unwrap(),
        };
        self.message(Message::Answer { generation, answer });
    }
}

/// Colours, and more than ASCII.
pub(crate) const COLOUR: Theme = Theme { colour: true, ascii: false, light: false };
/// Neither.
pub(crate) const PLAIN: Theme = Theme { colour: false, ascii: true, light: false };

fn parse(key: &str) -> KeyEvent {
    let (mut name, mut modifiers) = (key, KeyModifiers::NONE);
    for (prefix, modifier) in
        [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)]
    {
        if let Some(rest) = name.strip_prefix(prefix) {
            (name, modifiers) = (rest, modifiers | modifier);
        }
    }
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "backtab" => KeyCode::BackTab,
        function if function.strip_prefix('f').is_some_and(|number| number.parse::<u8>().is_ok()) => {
            KeyCode::F(function[1..].parse().unwrap())
        }
        one if one.chars().count() == 1 => KeyCode::Char(one.chars().next().unwrap()),
        other => panic!("no key is named {other}"),
    };
    KeyEvent::new(code, modifiers)
}

fn described(style: Style) -> String {
    let mut words = Vec::new();
    for (colour, ground) in [(style.fg, ""), (style.bg, "on ")] {
        if let Some(colour) = colour.filter(|colour| *colour != Color::Reset) {
            words.push(format!("{ground}{colour}").to_lowercase());
        }
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if style.add_modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}

impl Script {
    /// Puts a text into a file.
    pub(crate) fn write(&mut self, file: &str, text: &str) {
        let diagnostics = authoring::findings(file, text);
        let datasets = vec![file.trim_end_matches(".yaml").to_owned()];
        let (file, text, revision) = (file.to_owned(), text.to_owned(), authoring::revision(text));
        self.texts
            .insert(file.clone(), Ok(ConfigText { file, text, datasets, diagnostics, revision, read_only: false }));
    }

    fn standing(&self, file: &str) -> Option<String> {
        self.texts.get(file)?.as_ref().ok().map(|text| text.text.clone())
    }
}

impl Door for Script {
    fn check_text(&self, draft: Draft) -> Answered<DraftCheck> {
        let changed = self.standing(&draft.file).as_ref() != Some(&draft.text);
        Ok(DraftCheck { datasets: Vec::new(), diagnostics: authoring::findings(&draft.file, &draft.text), changed })
    }
    fn complete(&self, request: CursorRequest) -> Answered<Completions> {
        Ok(authoring::completions(&request.draft.text, request.offset as usize))
    }
    fn hover(&self, request: CursorRequest) -> Answered<Hover> {
        Ok(authoring::hover(&request.draft.text, request.offset as usize))
    }
    fn form(&self, request: FormRequest) -> Answered<Form> {
        Ok(authoring::form(&request.draft.file, &request.draft.text))
    }
    fn edit_text(&self, request: EditRequest) -> Answered<Edited> {
        Ok(authoring::edited(&request.draft.file, &request.draft.text, &request.edits))
    }
    fn fix_text(&self, draft: Draft) -> Answered<Edited> {
        let changes: Vec<TextEdit> = authoring::findings(&draft.file, &draft.text)
            .into_iter()
            .filter_map(|found| found.fix.filter(|fix| fix.safe))
            .flat_map(|fix| fix.edits)
            .collect();
        Ok(Edited { text: String::new(), changes })
    }
    fn migrate_text(&self, draft: Draft) -> Answered<Edited> {
        Ok(Edited { text: draft.text, changes: Vec::new() })
    }
    fn diff_text(&self, draft: Draft) -> Answered<TextDiff> {
        Ok(authoring::diff(&self.standing(&draft.file).unwrap_or_default(), &draft.text))
    }
    fn compare_text(&self, request: CompareRequest) -> Answered<ThreeWay> {
        let theirs = self.standing(&request.draft.file);
        Ok(ThreeWay {
            ours: authoring::diff(&request.base, &request.draft.text),
            theirs: authoring::diff(&request.base, theirs.as_deref().unwrap_or_default()),
            revision: theirs.as_deref().map(authoring::revision),
            text: theirs,
            merged: self.merged.clone(),
        })
    }
    fn save_text(&self, _: SaveRequest) -> Answered<Saved> {
        unreachable!("the bench saves")
    }
    fn templates(&self, _: Nothing) -> Answered<Vec<Template>> {
        Ok(authoring::templates())
    }
    fn new_config(&self, request: NewRequest) -> Answered<NewConfig> {
        let name = request.answers.first().map_or("new", |answer| answer.value.as_str());
        Ok(authoring::new_config(name, Vec::new()))
    }
    fn discover(&self, _: DiscoverRequest) -> Answered<NewConfig> {
        unreachable!("the bench discovers")
    }
    fn doctor(&self, _: DoctorRequest, _: &mut dyn FnMut(DoctorEvent)) -> Answered<()> {
        unreachable!("tests say what the doctor finds")
    }
    fn verify(&self, _: VerifyRequest, _: &mut dyn FnMut(VerifyEvent)) -> Answered<VerifyReport> {
        unreachable!("tests say what is found")
    }
    fn watch(&self, _: WatchRequest, _: &mut dyn FnMut(WatchEvent)) -> Answered<()> {
        unreachable!("tests say what changes")
    }

    fn validate(&self, _: Target) -> Answered<Validation> {
        let files = self
            .texts
            .values()
            .flatten()
            .map(|text| FileValidation {
                file: text.file.clone(),
                datasets: text.datasets.clone(),
                diagnostics: text.diagnostics.clone(),
                held_back_by: Vec::new(),
            })
            .collect();
        Ok(Validation { files, errors: 0, warnings: 0 })
    }
    fn config_text(&self, request: ConfigTextRequest) -> Answered<ConfigText> {
        self.texts.get(&request.file).cloned().unwrap_or_else(|| Err(failure(&format!("cannot read {}", request.file))))
    }
    fn explain(&self, request: ExplainRequest) -> Answered<Vec<Explanation>> {
        let code = Code::find(&request.code).unwrap();
        Ok(vec![Explanation {
            code,
            title: "a title".into(),
            explanation: "What it means.\n\nHow to mend it.".into(),
            example: None,
            predecessor: String::new(),
            successors: Vec::new(),
        }])
    }
    fn run(&self, _: RunRequest, _: &mut dyn FnMut(RunEvent)) -> Answered<RunReport> {
        unreachable!("tests say how a run goes")
    }
    fn cancel(&self, _: CancelRequest) -> Answered<CancelReply> {
        Ok(CancelReply { found: true })
    }
    fn preview(&self, _: PreviewRequest) -> Answered<Table<PreviewInfo>> {
        self.preview.clone()
    }
    fn list_datasets(&self, _: Target) -> Answered<DatasetList> {
        self.datasets.clone()
    }
    fn list_partitions(&self, request: PartitionsRequest) -> Answered<PartitionPage> {
        let total = self.partitions.clone()?;
        let partitions = (u64::from(request.offset)..total).take(request.limit as usize).map(partition).collect();
        Ok(PartitionPage { root: "./lake/bronze".into(), total: Count(total), partitions })
    }
    fn partition_detail(&self, request: PartitionRef) -> Answered<PartitionDetail> {
        let mut detail = self.detail.clone()?;
        detail.path = format!("./lake/{}/{}", request.layer.as_str(), request.id);
        Ok(detail)
    }
    fn open_rows(&self, request: OpenRowsRequest, _: &mut dyn FnMut(OpenRowsEvent)) -> Answered<OpenedRows> {
        let rows = request.rows;
        if rows.filter.contains("statsu") {
            let mut finding = failure("there is no column `statsu`");
            finding.hint = Some("did you mean `status`?".into());
            return Err(finding);
        }
        let unfiltered = self.rows.clone()?;
        let total = if rows.filter.is_empty() { unfiltered } else { unfiltered / 4 };
        Ok(OpenedRows {
            id: rows.of.id,
            table: rows.table,
            version: Count(self.version),
            snapshot: format!("v{}", self.version),
            total: Count(total),
            unfiltered: Count(unfiltered),
            columns: record_columns(),
            keys: Vec::new(),
            partitions: Count(1),
        })
    }
    fn row(&self, request: RowRequest) -> Answered<RowDetail> {
        let cell = |column: &str, text: Option<&str>| CellValue {
            column: column.into(),
            data_type: "text".into(),
            text: text.map(str::to_owned),
            bytes: Count(text.map_or(0, str::len) as u64),
            cut: false,
        };
        Ok(RowDetail {
            row: request.row,
            snapshot: format!("v{}", self.version),
            partition: request.rows.of.id,
            file: "part-0001-3f9c0a1b.parquet".into(),
            row_of_file: request.row,
            cells: vec![cell("id", Some("9007199254740993")), cell("customer", None), cell("note", Some("two\nlines"))],
        })
    }
    fn cell(&self, request: CellRequest) -> Answered<CellValue> {
        let text = Some("x".repeat(3_000));
        Ok(CellValue { column: request.column, data_type: "text".into(), text, bytes: Count(3_000), cut: false })
    }
    fn find_row(&self, request: FindRequest, _: &mut dyn FnMut(FindEvent)) -> Answered<FindEvent> {
        // Every fifth row is of 東京, as `records` has it.
        let total = self.rows.clone()?;
        let at = request.from.0;
        let hits = request.text == "東京";
        let found = if request.backwards {
            (0..=at).rev().find(|row| row % 5 == 3)
        } else {
            (at..total).find(|row| row % 5 == 3)
        };
        Ok(found.filter(|_| hits).map_or(FindEvent::Absent, |row| FindEvent::Found {
            row: Count(row),
            column: record_columns()[1].name.clone(),
        }))
    }
    fn profile_column(&self, request: ProfileRequest, _: &mut dyn FnMut(ProfileEvent)) -> Answered<ColumnProfile> {
        let bucket = |from: &str, count| Bucket { from: from.into(), to: from.into(), count: Count(count) };
        let top = |value: &str, count| ValueCount { value: value.into(), count: Count(count) };
        Ok(ColumnProfile {
            column: request.column,
            data_type: "integer".into(),
            arrow_type: "Int64".into(),
            rows: Count(1_000_000),
            nulls: Count(200_000),
            empty: Count(0),
            distinct: Count(800_000),
            distinct_exact: false,
            least: Some("9007199254740993".into()),
            greatest: Some("9007199255740992".into()),
            numbers: Some(NumberProfile {
                sum: Some("7205759403792794400000".into()),
                mean: 9_007_199_255_240_992.0,
                deviation: 288_675.1,
                not_finite: Count(0),
                quantiles: vec![Quantile { percent: 50.0, value: "9007199255240993".into() }],
                quantiles_exact: true,
            }),
            lengths: None,
            top: vec![top("9007199254740993", 3), top("", 1)],
            top_exact: false,
            histogram: vec![bucket("9007199254740993", 500_000), bucket("9007199255240993", 300_000)],
        })
    }
    fn export_rows(&self, request: ExportRequest, _: &mut dyn FnMut(ExportEvent)) -> Answered<ExportEvent> {
        if request.path == "there.csv" && !request.replace {
            return Err(failure("there.csv exists already"));
        }
        Ok(ExportEvent::Exported { path: request.path, rows: Count(self.rows.clone()?), bytes: Count(48_000_000) })
    }
    fn browse(&self, request: BrowseRequest) -> Answered<BrowsePage> {
        let none = BrowsePage { roots: Vec::new(), entries: Vec::new(), total: None, next: None };
        let Some(folder) = request.folder else {
            let root = BrowseRoot {
                root: format!("lake/{}", request.layer.as_str()),
                storage: "local".into(),
                datasets: vec!["flights".into()],
            };
            return Ok(BrowsePage { roots: vec![root], ..none });
        };
        let start: u64 = request.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let name = |at: u64| {
            if folder.path.is_empty() { format!("system=s{at}") } else { format!("dt=2025-01-{:02}", at + 1) }
        };
        let path =
            |name: &str| if folder.path.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.path) };
        let total = if folder.path.is_empty() { 400_000 } else { 2 };
        let end = total.min(start + u64::from(request.limit));
        let entries = (start..end)
            .map(|at| BrowseEntry { path: path(&name(at)), name: name(at), folder: true, dataset: None })
            .collect();
        Ok(BrowsePage { entries, next: (end < total).then(|| end.to_string()), ..none })
    }
    fn glance(&self, request: GlanceRequest) -> Answered<Vec<Glance>> {
        let glance = |path: &String| Glance {
            path: path.clone(),
            partition: path.contains("dt="),
            version: Count(1),
            rows: Count(842),
            bytes: Count(45_200),
            rejected: Count(0),
            committed_at: "2026-11-23T09:46:12Z".into(),
            problem: None,
        };
        Ok(request.paths.iter().map(glance).collect())
    }
    fn view_file(&self, request: FileRequest) -> Answered<FileView> {
        let text = TextPiece { from: Count(0), to: Count(20), text: "{\n  \"row_count\": 842\n}".into() };
        let place = format!("lake/bronze/{}", request.path);
        Ok(FileView { place, path: request.path, bytes: Count(20), parquet: None, text: Some(text) })
    }
    fn rows(&self, request: RowsRequest) -> Answered<Table<RowsInfo>> {
        let total = self.rows.clone()?;
        let batch = records(request.offset.0, total.saturating_sub(request.offset.0).min(request.limit.into()));
        let info = RowsInfo {
            id: request.rows.of.id,
            table: request.rows.table,
            version: Count(self.version),
            total: Count(total),
            offset: request.offset,
            columns: record_columns(),
            snapshot: format!("v{}", self.version),
            cut: false,
        };
        Ok(Table { info, batches: vec![batch] })
    }
}

/// An error of the engine.
pub(crate) fn failure(message: &str) -> ErrorBody {
    ErrorBody {
        causes: vec!["permission denied".into()],
        hint: Some("look at its rights".into()),
        ..ErrorBody::unexpected(message)
    }
}

/// The `number`-th newest partition.
fn partition(number: u64) -> PartitionSummary {
    let date = chrono::NaiveDate::from_ymd_opt(2013, 1, 31).unwrap() - chrono::Days::new(number);
    PartitionSummary {
        id: format!("system=nyc/table=flights/dt={date}"),
        date: Some(date),
        version: Count(1 + number % 3),
        rows: Count(842 + number),
        parts: Count(1),
        bytes: Count(45_200),
        rejected: Count(if number == 2 { 37 } else { 0 }),
        committed_at: "2026-11-23T09:46:12Z".into(),
        stale: number == 1,
        unreadable: None,
    }
}

/// A column.
pub(crate) fn column(name: &str, data_type: &str) -> ColumnInfo {
    ColumnInfo { name: name.into(), data_type: data_type.into(), declared: false }
}

/// Columns of [`records`].
pub(crate) fn record_columns() -> Vec<ColumnInfo> {
    vec![column("order_id", "integer"), column("customer", "text"), column("amount", "double"), column("note", "text")]
}

/// Records `from..from + count`: numbers beyond 2^53, NULL beside "", wide characters, control
/// characters, and a long text.
pub(crate) fn records(from: u64, count: u64) -> RecordBatch {
    let rows = from..from + count;
    let ids = Int64Array::from_iter_values(rows.clone().map(|row| 9_007_199_254_740_993 + i64::try_from(row).unwrap()));
    let customers: StringArray = rows
        .clone()
        .map(|row| match row % 5 {
            0 => Some("Ada"),
            1 => None,
            2 => Some(""),
            3 => Some("東京の顧客"),
            _ => Some("tab\there\u{1b}[31m"),
        })
        .collect();
    let amounts: Float64Array = rows.clone().map(|row| (row % 7 != 3).then_some(row as f64 * 1.25)).collect();
    let long = "a long note that does not fit its column, and goes on and on";
    let notes: StringArray = rows.map(|row| if row % 4 == 0 { Some(long) } else { Some("short") }).collect();
    let schema = Schema::new(vec![
        Field::new("order_id", DataType::Int64, true),
        Field::new("customer", DataType::Utf8, true),
        Field::new("amount", DataType::Float64, true),
        Field::new("note", DataType::Utf8, true),
    ]);
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(customers), Arc::new(amounts), Arc::new(notes)];
    RecordBatch::try_new(schema.into(), columns).unwrap()
}
