//! The one table of keys: it feeds the dispatch, the bottom bar, the help and the palette.
//!
//! Owns which key means which action where; never what an action does. Only chords that every
//! terminal can send are used.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::screens::ScreenId;
use crate::theme::Theme;

/// Something a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Help,
    Palette,
    Back,
    Quit,
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
    Dates,
    Limit,
    Layers,
    Start,
    Cancel,
    Again,
    Follow,
    Inspect,
    JumpToRow,
    FindColumn,
    Freeze,
    Accept,
    Dismiss,
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
    Config,
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
}

/// A key, perhaps with Ctrl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    code: KeyCode,
    control: bool,
}

const fn key(code: KeyCode) -> Key {
    Key { code, control: false }
}

const fn ch(character: char) -> Key {
    key(KeyCode::Char(character))
}

const fn ctrl(character: char) -> Key {
    Key { code: KeyCode::Char(character), control: true }
}

impl Key {
    /// Whether a person pressed it. Shift is part of the character.
    pub(crate) fn matches(self, event: KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        !event.modifiers.contains(KeyModifiers::ALT) && self.control == control && self.code == event.code
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
        if self.control { format!("Ctrl-{name}") } else { name }
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

    Config "config.open" Action::Open, [key(KeyCode::Enter)], "go to line", "Go to the line of the chosen problem";
    Config "config.explain" Action::Explain, [ch('e')], "explain", "What the code of the chosen problem means and how to mend it";
    Config "config.next-file" Action::NextItem, [ch(']')], "next file", "Next config file";
    Config "config.previous-file" Action::PreviousItem, [ch('[')], "", "Previous config file";
    Config "config.next-problem" Action::FindNext, [ch('n')], "next problem", "Go to the next problem";
    Config "config.previous-problem" Action::FindPrevious, [ch('N')], "", "Go to the previous problem";
    Config "config.line-start" Action::LineStart, [ch('0'), key(KeyCode::Home)], "", "Start of the lines";

    Preview "preview.inspect" Action::Inspect, [key(KeyCode::Enter), ch(' ')], "cell", "Show the whole value of the cell";
    Preview "preview.dates" Action::Dates, [ch('d')], "date", "Choose the date of the source";
    Preview "preview.limit" Action::Limit, [ch('m')], "how many", "Fetch 100 or 1,000 records";
    Preview "preview.next" Action::NextItem, [ch(']')], "next dataset", "Next dataset";
    Preview "preview.previous" Action::PreviousItem, [ch('[')], "", "Previous dataset";
    Preview "preview.fetch" Action::Fetch, [ch('p')], "fetch", "Fetch again";
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
    Outputs "outputs.copy" Action::Copy, [ch('y')], "copy path", "Copy the path of the partition";
    Outputs "outputs.run" Action::RunIt, [ch('x')], "", "Prepare a run of this dataset";

    Data "data.inspect" Action::Inspect, [key(KeyCode::Enter), ch(' ')], "cell", "Show the whole value of the cell";
    Data "data.row" Action::JumpToRow, [ch(':')], "go to row", "Go to a row by number";
    Data "data.column" Action::FindColumn, [ch('c')], "column", "Go to a column by name";
    Data "data.freeze" Action::Freeze, [ch('f')], "freeze", "Keep the columns up to this one in place";
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
    Everywhere "help" Action::Help, [ch('?'), key(KeyCode::F(1))], "help", "All keys that are valid here";
    Everywhere "palette" Action::Palette, [ctrl('p')], "", "Find an action by name";
    Everywhere "back" Action::Back, [key(KeyCode::Esc), ch('q')], "back", "Leave the innermost thing; from Home, q ends the program";
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
