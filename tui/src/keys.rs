//! The one table of keys: it feeds the dispatch, the bottom bar, the help and the palette.
//!
//! Owns which key means which action where; never what an action does. Only chords that every
//! terminal can send are used.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::screens::ScreenId;
use crate::theme::Theme;
use crate::widgets::editor::Motion;

/// Something a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Help,
    Palette,
    Back,
    Quit,
    Leave,
    Suspend,
    Refresh,
    Go(ScreenId),
    NextPane,
    PreviousPane,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    First,
    Last,
    LineStart,
    LineEnd,
    Open,
    Mark,
    MarkAll,
    Find,
    FindNext,
    FindPrevious,
    Copy,
    PreviewIt,
    RunIt,
    OutputsOfIt,
    PreviousItem,
    NextItem,
    Explain,
    Fetch,
    NextTab,
    Dates,
    Limit,
    Layers,
    Start,
    Cancel,
    Again,
    Follow,
    Inspect,
    InspectRow,
    JumpToRow,
    FindColumn,
    Freeze,
    Wider,
    Narrower,
    Sort,
    SortToo,
    Filter,
    FilterAlike,
    Profile,
    Export,
    AllPartitions,
    Accept,
    Dismiss,
    /// Letters become text.
    Type,
    Save,
    Undo,
    Redo,
    Fix,
    FixAll,
    Migrate,
    About,
    Complete,
    NextProblem,
    PreviousProblem,
    Replace,
    Outside,
    Form,
    Move(Motion),
    Select(Motion),
    SelectAll,
    Delete(Motion),
    Cut,
    Paste,
    NewLine,
    Indent,
    Dedent,
    Comment,
    Doctor,
    New,
    Advanced,
    Edit,
    Add,
    Remove,
    Rename,
    ToText,
    DetailUp,
    DetailDown,
    Environment,
    Verify,
}

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everywhere, except while text is typed.
    Everywhere,
    /// Everywhere, also while text is typed.
    Always,
    /// In all lists, texts and grids.
    Moving,
    Home,
    /// The text of a config, with the cursor in it, while letters are keys.
    ConfigText,
    /// The same while letters are text.
    ConfigTyping,
    ConfigProblems,
    ConfigForm,
    /// All of Config.
    Config,
    /// In the list of proposals above the text.
    Completing,
    Preview,
    RunForm,
    RunLive,
    Outputs,
    Data,
    /// In a window that shows text above a screen.
    Reading,
    /// In a question.
    Question,
    /// While text is typed.
    Typing,
    /// In the palette.
    Palette,
    /// In a list of things to choose from.
    Choosing,
    /// In the window of the doctor.
    Doctor,
    /// In the questions of a new config.
    New,
}

/// A key, perhaps with Ctrl, Alt or Shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    code: KeyCode,
    control: bool,
    alt: bool,
    shift: bool,
}

const fn key(code: KeyCode) -> Key {
    Key { code, control: false, alt: false, shift: false }
}

const fn shift(code: KeyCode) -> Key {
    Key { shift: true, ..key(code) }
}

const fn alt(code: KeyCode) -> Key {
    Key { alt: true, ..key(code) }
}

const fn control(code: KeyCode) -> Key {
    Key { control: true, ..key(code) }
}

const fn control_shift(code: KeyCode) -> Key {
    Key { shift: true, ..control(code) }
}

const fn ch(character: char) -> Key {
    key(KeyCode::Char(character))
}

const fn ctrl(character: char) -> Key {
    control(KeyCode::Char(character))
}

impl Key {
    /// Whether a person pressed it. Shift is part of the character; with other keys it matters only
    /// where a binding asks for it.
    pub(crate) fn matches(self, event: KeyEvent) -> bool {
        let has = |modifier| event.modifiers.contains(modifier);
        self.alt == has(KeyModifiers::ALT)
            && self.control == has(KeyModifiers::CONTROL)
            && (!self.shift || has(KeyModifiers::SHIFT))
            && self.code == event.code
    }

    /// As written on a key cap.
    pub(crate) fn label(self, theme: Theme) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(character) if self.control => character.to_ascii_uppercase().to_string(),
            KeyCode::Char(character) => character.to_string(),
            KeyCode::Up => theme.pick("↑", "Up").to_owned(),
            KeyCode::Down => theme.pick("↓", "Down").to_owned(),
            KeyCode::Left => theme.pick("←", "Left").to_owned(),
            KeyCode::Right => theme.pick("→", "Right").to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::F(number) => format!("F{number}"),
            other => format!("{other:?}"),
        };
        let shift = if self.shift { "Shift-" } else { "" };
        let alt = if self.alt { "Alt-" } else { "" };
        let control = if self.control { "Ctrl-" } else { "" };
        format!("{control}{alt}{shift}{name}")
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    /// Stable name, for documentation and settings.
    pub(crate) id: &'static str,
    pub(crate) action: Action,
    pub(crate) scope: Scope,
    /// The first one is the one that is shown.
    pub(crate) keys: &'static [Key],
    /// One or two words for the bottom bar; empty keeps it out of the bar.
    pub(crate) label: &'static str,
    /// A sentence for help and palette.
    pub(crate) help: &'static str,
}

macro_rules! bindings {
    ($( $scope:ident $id:literal $action:expr, [$($key:expr),+], $label:literal, $help:literal; )*) => {
        /// Every binding. Where two hold at once, the earlier one wins; it is also the order of the
        /// bottom bar.
        pub(crate) static BINDINGS: &[Binding] = &[$(
            Binding { id: $id, action: $action, scope: Scope::$scope, keys: &[$($key),+], label: $label, help: $help }
        ),*];
    };
}

bindings! {
    Typing "typing.accept" Action::Accept, [key(KeyCode::Enter)], "accept", "Take what was typed";
    Typing "typing.dismiss" Action::Dismiss, [key(KeyCode::Esc)], "leave", "Leave without changing anything";
    Palette "palette.accept" Action::Accept, [key(KeyCode::Enter)], "do it", "Do the chosen action";
    Palette "palette.up" Action::Up, [key(KeyCode::Up), ctrl('p')], "", "Previous action";
    Palette "palette.down" Action::Down, [key(KeyCode::Down), ctrl('n')], "", "Next action";
    Palette "palette.dismiss" Action::Dismiss, [key(KeyCode::Esc)], "leave", "Close the palette";
    Question "question.accept" Action::Accept, [ch('y'), key(KeyCode::Enter)], "yes", "Do it";
    Question "question.dismiss" Action::Dismiss, [key(KeyCode::Esc), ch('n'), ch('q')], "no", "Leave things as they are";
    Reading "reading.copy" Action::Copy, [ch('y')], "copy", "Copy the whole text";
    Reading "reading.dismiss" Action::Dismiss, [key(KeyCode::Esc), ch('q'), key(KeyCode::Enter), ch(' '), ch('?'), key(KeyCode::F(1))], "close", "Close this window";

    Home "home.config" Action::Open, [key(KeyCode::Enter)], "config", "Open the configuration of the chosen dataset";
    Home "home.preview" Action::PreviewIt, [ch('p')], "preview", "Look at the first records of its source";
    Home "home.run" Action::RunIt, [ch('x')], "run", "Prepare a run of it";
    Home "home.outputs" Action::OutputsOfIt, [ch('o')], "outputs", "Look at its partitions";
    Home "home.new" Action::New, [ch('n')], "new", "A new config, from a template or from data that is there";
    Home "home.doctor" Action::Doctor, [ch('D')], "doctor", "Check all configs and the world they need";
    Home "home.next" Action::FindNext, [key(KeyCode::F(3))], "", "Next dataset with what was looked for";

    Choosing "choosing.accept" Action::Accept, [key(KeyCode::Enter)], "do it", "Do what is chosen";
    Choosing "choosing.down" Action::Down, [key(KeyCode::Down), ch('j'), key(KeyCode::Tab)], "choose", "Next one";
    Choosing "choosing.up" Action::Up, [key(KeyCode::Up), ch('k')], "", "Previous one";
    Choosing "choosing.detail-down" Action::DetailDown, [key(KeyCode::PageDown), ch(' ')], "scroll", "Further down in what is said about it";
    Choosing "choosing.detail-up" Action::DetailUp, [key(KeyCode::PageUp)], "", "Further up in what is said about it";
    Choosing "choosing.dismiss" Action::Dismiss, [key(KeyCode::Esc), ch('q')], "leave", "Leave without doing anything";
    Doctor "doctor.open" Action::Open, [key(KeyCode::Enter)], "go to line", "Go to the line that the check is about";
    Doctor "doctor.fix" Action::Fix, [ch('f')], "fix", "Show the change that mends it";
    Doctor "doctor.explain" Action::Explain, [ch('e')], "explain", "What the code of the check means";
    Doctor "doctor.copy" Action::Copy, [ch('y')], "copy report", "Copy the whole report";
    Doctor "doctor.again" Action::Again, [ch('r')], "again", "Check everything again";
    Doctor "doctor.cancel" Action::Cancel, [ch('x')], "cancel", "Stop checking";
    Doctor "doctor.dismiss" Action::Dismiss, [key(KeyCode::Esc), ch('q')], "close", "Close this window; what is still being checked is cancelled";
    New "new.accept" Action::Accept, [key(KeyCode::Enter)], "next", "Take the answer; after the last one, make the config";
    New "new.down" Action::Down, [key(KeyCode::Down), key(KeyCode::Tab)], "next line", "Next line";
    New "new.up" Action::Up, [key(KeyCode::Up), key(KeyCode::BackTab)], "", "Previous line";
    New "new.right" Action::Right, [key(KeyCode::Right)], "other answer", "Next answer of those there are";
    New "new.left" Action::Left, [key(KeyCode::Left)], "", "Previous answer of those there are";
    New "new.dismiss" Action::Dismiss, [key(KeyCode::Esc)], "back", "A step back; nothing is written";

    Completing "completing.accept" Action::Accept, [key(KeyCode::Tab), key(KeyCode::Enter)], "take it", "Insert the chosen proposal";
    Completing "completing.up" Action::Up, [key(KeyCode::Up)], "", "Previous proposal";
    Completing "completing.down" Action::Down, [key(KeyCode::Down)], "choose", "Next proposal";
    Completing "completing.page-up" Action::PageUp, [key(KeyCode::PageUp)], "", "Proposals further up";
    Completing "completing.page-down" Action::PageDown, [key(KeyCode::PageDown)], "", "Proposals further down";
    Completing "completing.about" Action::About, [key(KeyCode::F(1))], "about", "Everything about the chosen proposal";
    Completing "completing.dismiss" Action::Dismiss, [key(KeyCode::Esc)], "close", "Close the proposals";

    ConfigTyping "typing.stop" Action::Back, [key(KeyCode::Esc)], "stop typing", "Letters are keys again";
    Config "config.save" Action::Save, [ctrl('s')], "save", "Show what has changed, then write the file";
    ConfigText "config.type" Action::Type, [key(KeyCode::Enter), ch('i')], "type", "Change the text: letters become text until Esc";
    ConfigText "config.calm" Action::Dismiss, [key(KeyCode::Esc)], "", "End the selection and the marks of what was found; q leaves";
    ConfigForm "form.edit" Action::Edit, [key(KeyCode::Enter), ch(' ')], "change", "Change the value, or open and close the section";
    ConfigForm "form.add" Action::Add, [ch('a')], "add", "Add an item to the list, or an entry to the section";
    ConfigForm "form.remove" Action::Remove, [ch('d'), key(KeyCode::Delete)], "remove", "Remove what is written here; a value from elsewhere counts again";
    ConfigForm "form.rename" Action::Rename, [ch('R')], "", "Give the entry another name";
    ConfigForm "form.advanced" Action::Advanced, [ch('b')], "basic/all", "Show only what is needed often, or everything";
    ConfigForm "form.text" Action::ToText, [ch('t')], "to text", "Go to its place in the text";
    ConfigForm "form.close" Action::Left, [key(KeyCode::Left), ch('h')], "", "Close the section, or go to the one around it";
    ConfigForm "form.open" Action::Right, [key(KeyCode::Right), ch('l')], "", "Open the section";
    ConfigProblems "problems.open" Action::Open, [key(KeyCode::Enter)], "go to line", "Go to the place of the chosen problem";
    Config "config.fix" Action::Fix, [alt(KeyCode::Enter), key(KeyCode::F(4))], "", "Show the changes that mend the problems of this line";
    ConfigText "config.fix-here" Action::Fix, [ch('f')], "fix", "Show the changes that mend the problems of this line";
    ConfigProblems "problems.fix" Action::Fix, [ch('f')], "fix", "Show the change that mends the chosen problem";
    ConfigForm "form.fix" Action::Fix, [ch('f')], "", "Show the changes that mend the problems of this field";
    ConfigText "config.about-here" Action::About, [ch('K')], "", "What is known about the place of the cursor";
    ConfigForm "form.about" Action::About, [ch('K')], "", "Everything about this field";
    Config "config.about" Action::About, [key(KeyCode::F(1))], "about", "What is known about the place of the cursor, or about the field";
    Config "config.form" Action::Form, [key(KeyCode::F(2))], "form/text", "The same document as a form, or as text again";
    ConfigTyping "config.complete" Action::Complete, [ctrl(' '), ctrl('n')], "propose", "Show what may stand here";
    ConfigTyping "config.newline" Action::NewLine, [key(KeyCode::Enter)], "", "New line, indented as YAML wants it";
    ConfigTyping "config.indent" Action::Indent, [key(KeyCode::Tab)], "", "One level to the right";
    ConfigTyping "config.dedent" Action::Dedent, [key(KeyCode::BackTab)], "", "One level to the left";
    ConfigText "config.explain" Action::Explain, [ch('e')], "explain", "What the code of the problem means and how to mend it";
    ConfigProblems "problems.explain" Action::Explain, [ch('e')], "explain", "What the code of the problem means and how to mend it";
    Config "config.next-problem" Action::NextProblem, [key(KeyCode::F(8))], "next problem", "Go to the next problem";
    Config "config.previous-problem" Action::PreviousProblem, [key(KeyCode::F(7))], "", "Go to the previous problem";
    ConfigText "config.next" Action::FindNext, [ch('n')], "", "Next place of what was looked for; else the next problem";
    ConfigText "config.previous" Action::FindPrevious, [ch('N')], "", "Previous place of what was looked for; else the previous problem";
    ConfigForm "form.next" Action::FindNext, [ch('n')], "", "Next field with what was looked for; else with a problem";
    ConfigForm "form.previous" Action::FindPrevious, [ch('N')], "", "Previous field with what was looked for; else with a problem";
    Config "config.find" Action::Find, [ctrl('f')], "", "Find a text";
    Config "config.find-next" Action::FindNext, [key(KeyCode::F(3))], "", "Next place of what was looked for";
    Config "config.replace" Action::Replace, [ctrl('r')], "", "Replace a text by another one";
    Config "config.undo" Action::Undo, [ctrl('z')], "undo", "Take the last change back, made in text or form";
    Config "config.redo" Action::Redo, [ctrl('y')], "", "Make the change again that was taken back";
    ConfigText "config.undo-here" Action::Undo, [ch('u')], "", "Take the last change back";
    ConfigForm "form.undo" Action::Undo, [ch('u')], "", "Take the last change back";
    Config "config.paste" Action::Paste, [ctrl('v')], "", "Insert what was copied or cut here last";
    Config "config.cut" Action::Cut, [ctrl('x')], "", "Cut the selection, or the line";
    ConfigText "config.cut-here" Action::Cut, [ch('d')], "", "Cut the selection, or the line";
    ConfigTyping "typing.copy" Action::Copy, [ctrl('c')], "", "Copy the selection; without one, end the program";
    ConfigText "config.copy" Action::Copy, [ch('y')], "", "Copy the selection, or the line";
    ConfigProblems "problems.copy" Action::Copy, [ch('y')], "", "Copy the problem";
    ConfigText "config.select" Action::Mark, [ch('v')], "", "Begin a selection here, or end it";
    Config "config.select-all" Action::SelectAll, [ctrl('a')], "", "Select the whole text";
    ConfigText "config.comment" Action::Comment, [ch('#')], "", "Make a comment of the line or the selection, or text again";
    Config "config.fix-all" Action::FixAll, [key(KeyCode::F(9))], "", "Show what all safe fixes together would change";
    ConfigText "config.migrate" Action::Migrate, [ch('M')], "", "Show the document in the canonical form, comments kept";
    Config "config.outside" Action::Outside, [key(KeyCode::F(6))], "changed outside", "Choose what becomes of a change that was made outside";
    ConfigText "config.doctor" Action::Doctor, [ch('D')], "", "Check this file and the world it needs";
    ConfigText "config.next-file" Action::NextItem, [ch(']')], "next file", "Next config file";
    ConfigText "config.previous-file" Action::PreviousItem, [ch('[')], "", "Previous config file";
    ConfigProblems "problems.next-file" Action::NextItem, [ch(']')], "next file", "Next config file";
    ConfigProblems "problems.previous-file" Action::PreviousItem, [ch('[')], "", "Previous config file";
    ConfigForm "form.next-file" Action::NextItem, [ch(']')], "", "Next config file";
    ConfigForm "form.previous-file" Action::PreviousItem, [ch('[')], "", "Previous config file";
    ConfigText "config.line-start" Action::LineStart, [ch('0'), key(KeyCode::Home)], "", "Start of the line";
    ConfigText "config.line-end" Action::LineEnd, [ch('$'), key(KeyCode::End)], "", "End of the line";
    ConfigText "config.word-right" Action::Move(Motion::WordRight), [ch('w'), control(KeyCode::Right)], "", "To the end of the word";
    ConfigText "config.word-left" Action::Move(Motion::WordLeft), [ch('b'), control(KeyCode::Left)], "", "To the start of the word";
    ConfigTyping "typing.select-up" Action::Select(Motion::Up), [shift(KeyCode::Up)], "", "Select up to the line above";
    ConfigTyping "typing.select-down" Action::Select(Motion::Down), [shift(KeyCode::Down)], "", "Select down to the line below";
    ConfigTyping "typing.select-word-left" Action::Select(Motion::WordLeft), [control_shift(KeyCode::Left)], "", "Select to the start of the word";
    ConfigTyping "typing.select-word-right" Action::Select(Motion::WordRight), [control_shift(KeyCode::Right)], "", "Select to the end of the word";
    ConfigTyping "typing.select-left" Action::Select(Motion::Left), [shift(KeyCode::Left)], "", "Select the character before";
    ConfigTyping "typing.select-right" Action::Select(Motion::Right), [shift(KeyCode::Right)], "", "Select the character behind";
    ConfigTyping "typing.select-start" Action::Select(Motion::LineStart), [shift(KeyCode::Home)], "", "Select to the start of the line";
    ConfigTyping "typing.select-end" Action::Select(Motion::LineEnd), [shift(KeyCode::End)], "", "Select to the end of the line";
    ConfigTyping "typing.select-page-up" Action::Select(Motion::PageUp), [shift(KeyCode::PageUp)], "", "Select one page up";
    ConfigTyping "typing.select-page-down" Action::Select(Motion::PageDown), [shift(KeyCode::PageDown)], "", "Select one page down";
    ConfigTyping "typing.word-left" Action::Move(Motion::WordLeft), [control(KeyCode::Left)], "", "To the start of the word";
    ConfigTyping "typing.word-right" Action::Move(Motion::WordRight), [control(KeyCode::Right)], "", "To the end of the word";
    ConfigTyping "typing.start" Action::Move(Motion::Start), [control(KeyCode::Home)], "", "To the start of the text";
    ConfigTyping "typing.end" Action::Move(Motion::End), [control(KeyCode::End)], "", "To the end of the text";
    ConfigTyping "typing.up" Action::Move(Motion::Up), [key(KeyCode::Up)], "", "Up";
    ConfigTyping "typing.down" Action::Move(Motion::Down), [key(KeyCode::Down)], "", "Down";
    ConfigTyping "typing.left" Action::Move(Motion::Left), [key(KeyCode::Left)], "", "Left";
    ConfigTyping "typing.right" Action::Move(Motion::Right), [key(KeyCode::Right)], "", "Right";
    ConfigTyping "typing.line-start" Action::Move(Motion::LineStart), [key(KeyCode::Home)], "", "Start of the line";
    ConfigTyping "typing.line-end" Action::Move(Motion::LineEnd), [key(KeyCode::End), ctrl('e')], "", "End of the line";
    ConfigTyping "typing.page-up" Action::Move(Motion::PageUp), [key(KeyCode::PageUp)], "", "One page up";
    ConfigTyping "typing.page-down" Action::Move(Motion::PageDown), [key(KeyCode::PageDown)], "", "One page down";
    ConfigTyping "typing.delete-word" Action::Delete(Motion::WordLeft), [ctrl('w')], "", "Delete the word before";
    ConfigTyping "typing.delete-back" Action::Delete(Motion::Left), [key(KeyCode::Backspace)], "", "Delete the character before";
    ConfigTyping "typing.delete" Action::Delete(Motion::Right), [key(KeyCode::Delete)], "", "Delete the character behind";
    ConfigTyping "typing.palette" Action::Palette, [ctrl('p')], "", "Find an action by name";

    Preview "preview.inspect" Action::Inspect, [key(KeyCode::Enter), ch(' ')], "cell", "Show the whole value of the cell";
    Preview "preview.tab" Action::NextTab, [ch('t')], "tab", "Records, requests, schema, state, log";
    Preview "preview.dates" Action::Dates, [ch('d')], "date", "Choose the date of the source";
    Preview "preview.limit" Action::Limit, [ch('m')], "how many", "Fetch 100 or 1,000 records";
    Preview "preview.next" Action::NextItem, [ch(']')], "next dataset", "Next dataset";
    Preview "preview.previous" Action::PreviousItem, [ch('[')], "", "Previous dataset";
    Preview "preview.fetch" Action::Fetch, [ch('p')], "fetch", "Fetch again";
    Preview "preview.copy" Action::Copy, [ch('y')], "", "Copy the request as a command line of curl, secrets out";
    Preview "preview.column" Action::FindColumn, [ch('c')], "", "Go to a column by name";
    Preview "preview.freeze" Action::Freeze, [ch('f')], "", "Keep the columns up to this one in place";
    Preview "preview.line-start" Action::LineStart, [ch('0'), key(KeyCode::Home)], "", "First column";
    Preview "preview.line-end" Action::LineEnd, [ch('$'), key(KeyCode::End)], "", "Last column";
    Preview "preview.run" Action::RunIt, [ch('x')], "", "Prepare a run of this dataset";

    RunForm "run.start" Action::Start, [key(KeyCode::Enter)], "start", "Start the run";
    RunForm "run.mark" Action::Mark, [ch(' ')], "choose", "Choose the dataset, or not";
    RunForm "run.all" Action::MarkAll, [ch('a')], "all", "Choose all datasets, or none";
    RunForm "run.dates" Action::Dates, [ch('d')], "dates", "Choose a date or a range of dates";
    RunForm "run.layers" Action::Layers, [key(KeyCode::Right), ch('l'), key(KeyCode::Left), ch('h')], "layers", "Bronze, Silver or both";

    RunLive "run.cancel" Action::Cancel, [ch('x')], "cancel", "Stop at the next safe point";
    RunLive "run.again" Action::Again, [ch('n')], "new run", "Prepare another run";
    RunLive "run.outputs" Action::OutputsOfIt, [ch('o'), key(KeyCode::Enter)], "outputs", "Look at what the chosen step wrote";
    RunLive "run.explain" Action::Explain, [ch('e')], "explain", "What the code of the chosen step's failure means";
    RunLive "run.follow" Action::Follow, [ch('f')], "follow", "Keep the step that is running in view";

    Outputs "outputs.open" Action::Open, [key(KeyCode::Enter)], "open", "Open the branch, or the rows of the partition";
    Outputs "outputs.close" Action::Left, [key(KeyCode::Left), ch('h')], "", "Close the branch, or the tab before";
    Outputs "outputs.expand" Action::Right, [key(KeyCode::Right), ch('l')], "", "Open the branch, or the next tab";
    Outputs "outputs.verify" Action::Verify, [ch('v')], "verify", "Hold every file of the partition or dataset against what was committed; again: stop";
    Outputs "outputs.copy" Action::Copy, [ch('y')], "copy path", "Copy the path of the partition";
    Outputs "outputs.run" Action::RunIt, [ch('x')], "", "Prepare a run of this dataset";

    Data "data.row-detail" Action::InspectRow, [key(KeyCode::Enter)], "row", "Show all values of the row";
    Data "data.inspect" Action::Inspect, [ch(' ')], "cell", "Show the whole value of the cell";
    Data "data.sort" Action::Sort, [ch('s')], "sort", "Sort by this column: up, down, as it was written";
    Data "data.filter" Action::Filter, [ch('&')], "filter", "Show only rows that fulfil a condition";
    Data "data.profile" Action::Profile, [ch('I')], "profile", "What the values of this column are like";
    Data "data.export" Action::Export, [ch('e')], "export", "Write the rows that are shown to a CSV, JSON lines or Parquet file";
    Data "data.cancel" Action::Cancel, [ch('x')], "stop", "Stop what is going on";
    Data "data.row" Action::JumpToRow, [ch(':')], "go to row", "Go to a row by number";
    Data "data.column" Action::FindColumn, [ch('c')], "column", "Go to a column by name";
    Data "data.sort-too" Action::SortToo, [ch('S')], "", "Sort by this column too, behind those it is sorted by already";
    Data "data.alike" Action::FilterAlike, [ch('=')], "", "Show only rows that have this value in this column";
    Data "data.whole" Action::AllPartitions, [ch('A')], "", "The rows of all partitions of the layer, or of this one again";
    Data "data.freeze" Action::Freeze, [ch('f')], "freeze", "Keep the columns up to this one in place";
    Data "data.wider" Action::Wider, [ch('+')], "", "Make the column wider";
    Data "data.narrower" Action::Narrower, [ch('-')], "", "Make the column narrower";
    Data "data.next-table" Action::NextItem, [ch(']')], "next table", "Next table of the partition";
    Data "data.previous-table" Action::PreviousItem, [ch('[')], "", "Previous table of the partition";
    Data "data.copy" Action::Copy, [ch('y')], "copy", "Copy the value of the cell";
    Data "data.line-start" Action::LineStart, [ch('0'), key(KeyCode::Home)], "", "First column";
    Data "data.line-end" Action::LineEnd, [ch('$'), key(KeyCode::End)], "", "Last column";

    Everywhere "find" Action::Find, [ch('/')], "find", "Find a text in what is shown";
    Everywhere "find.next" Action::FindNext, [ch('n')], "", "Next place with the text";
    Everywhere "find.previous" Action::FindPrevious, [ch('N')], "", "Previous place with the text";
    Moving "move.up" Action::Up, [key(KeyCode::Up), ch('k')], "", "Up";
    Moving "move.down" Action::Down, [key(KeyCode::Down), ch('j')], "", "Down";
    Moving "move.left" Action::Left, [key(KeyCode::Left), ch('h')], "", "Left";
    Moving "move.right" Action::Right, [key(KeyCode::Right), ch('l')], "", "Right";
    Moving "move.page-up" Action::PageUp, [key(KeyCode::PageUp), ctrl('b')], "", "One page up";
    Moving "move.page-down" Action::PageDown, [key(KeyCode::PageDown), ctrl('f')], "", "One page down";
    Moving "move.half-up" Action::HalfUp, [ctrl('u')], "", "Half a page up";
    Moving "move.half-down" Action::HalfDown, [ctrl('d')], "", "Half a page down";
    Moving "move.first" Action::First, [ch('g'), key(KeyCode::Home)], "", "To the first line";
    Moving "move.last" Action::Last, [ch('G'), key(KeyCode::End)], "", "To the last line";
    Everywhere "pane.next" Action::NextPane, [key(KeyCode::Tab)], "pane", "Next pane";
    Everywhere "pane.previous" Action::PreviousPane, [key(KeyCode::BackTab)], "", "Previous pane";
    Everywhere "refresh" Action::Refresh, [ch('r')], "refresh", "Read everything again";
    Everywhere "go.home" Action::Go(ScreenId::Home), [ch('1')], "", "Home: datasets and their state";
    Everywhere "go.config" Action::Go(ScreenId::Config), [ch('2')], "", "Config: the text and its problems";
    Everywhere "go.preview" Action::Go(ScreenId::Preview), [ch('3')], "", "Preview: the first records of a source";
    Everywhere "go.run" Action::Go(ScreenId::Run), [ch('4')], "", "Run: extract and promote";
    Everywhere "go.outputs" Action::Go(ScreenId::Outputs), [ch('5')], "", "Outputs: partitions and their rows";
    Everywhere "environment" Action::Environment, [ch('E')], "", "Choose the environment that is laid over all configs";
    Everywhere "help" Action::Help, [ch('?'), key(KeyCode::F(1))], "help", "All keys that are valid here";
    Everywhere "palette" Action::Palette, [ctrl('p')], "", "Find an action by name";
    Everywhere "back" Action::Back, [ch('q')], "back", "Leave the innermost thing; from Home, end the program";
    Everywhere "leave" Action::Leave, [key(KeyCode::Esc)], "", "Leave the innermost thing";
    Always "quit" Action::Quit, [ctrl('c')], "", "End the program";
    Everywhere "quit.at-once" Action::Quit, [ch('Q')], "", "End the program";
    Always "suspend" Action::Suspend, [ctrl('z')], "", "Back to the shell for a while (`fg` returns)";
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASCII: Theme = Theme { colour: false, ascii: true, light: false };

    #[test]
    fn ids_are_unique_and_no_key_means_two_things_in_one_place() {
        for (place, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[place + 1..] {
                assert_ne!(one.id, other.id);
                if one.scope == other.scope {
                    for key in one.keys {
                        assert!(!other.keys.contains(key), "{} and {} share {}", one.id, other.id, key.label(ASCII));
                    }
                }
            }
        }
    }

    #[test]
    fn every_binding_has_a_sentence_and_a_key_that_plain_terminals_send() {
        for binding in BINDINGS {
            assert!(!binding.help.is_empty() && !binding.help.ends_with('.'), "{}", binding.id);
            for key in binding.keys {
                // Ctrl-H, -I, -J, -M and -[ arrive as other keys.
                let lost = key.control && matches!(key.code, KeyCode::Char('h' | 'i' | 'j' | 'm' | '['));
                assert!(!lost, "{}", binding.id);
            }
        }
    }
}
