//! Colours, modifiers and glyphs: what a meaning looks like on this terminal.
//!
//! Owns every colour of the app; uses the sixteen ANSI names only, so that the user's own scheme
//! decides what they look like. Never says something by colour alone: each status has a glyph and a
//! word too.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// What this terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// Colours may be used. Without them, bold, dim, underline and reverse carry the meaning.
    pub(crate) colour: bool,
    /// Only ASCII may be used.
    pub(crate) ascii: bool,
    /// The background is light: yellow, cyan and green could not be read on it.
    pub(crate) light: bool,
}

/// A meaning that has a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Dim,
    Strong,
    Accent,
    Ok,
    Warn,
    Fail,
    Busy,
    /// The thing under the cursor, in the pane that has the focus.
    Cursor,
    /// The thing under the cursor of a pane that has not.
    CursorAway,
    /// A cell without a value.
    Null,
    /// The place a finding is about.
    Squiggle(Mark),
    /// A key of YAML.
    Key,
    /// A text in quotes, or of several lines.
    Quoted,
    /// A number, `true`, `false` or `null`.
    Literal,
    /// Anchors, aliases and tags.
    Reference,
    /// `${NAME}`.
    Variable,
    /// What was looked for.
    Match,
    /// What is selected.
    Selected,
    /// A line that is new; it has a sign too.
    Added,
    /// A line that goes; it has a sign too.
    Removed,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Ok,
    Warn,
    Fail,
    Busy,
    Idle,
    Info,
}

impl Theme {
    /// The look of `tone`.
    pub(crate) fn style(self, tone: Tone) -> Style {
        let plain = Style::default();
        let (colour, modifier) = match tone {
            Tone::Plain => return plain,
            Tone::Dim | Tone::Null => return plain.add_modifier(Modifier::DIM),
            Tone::Strong => return plain.add_modifier(Modifier::BOLD),
            // Over whatever is there: reversed colours in patches, or reversed dim, is hard to read.
            Tone::Cursor => {
                return plain.fg(Color::Reset).add_modifier(Modifier::REVERSED).remove_modifier(Modifier::DIM);
            }
            Tone::CursorAway => return plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Tone::Selected => return plain.add_modifier(Modifier::REVERSED),
            Tone::Match => return plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED | Modifier::REVERSED),
            Tone::Key => (Color::Cyan, Modifier::empty()),
            Tone::Literal => (Color::Magenta, Modifier::empty()),
            Tone::Variable => (Color::Yellow, Modifier::BOLD),
            Tone::Removed => (Color::Red, Modifier::empty()),
            Tone::Accent => (Color::Cyan, Modifier::BOLD),
            Tone::Ok | Tone::Quoted | Tone::Added => (Color::Green, Modifier::empty()),
            Tone::Warn => (Color::Yellow, Modifier::empty()),
            Tone::Fail => (Color::Red, Modifier::BOLD),
            Tone::Busy | Tone::Reference => (Color::Blue, Modifier::empty()),
            Tone::Squiggle(Mark::Fail) => (Color::Red, Modifier::UNDERLINED | Modifier::BOLD),
            Tone::Squiggle(_) => (Color::Yellow, Modifier::UNDERLINED),
        };
        let styled = plain.add_modifier(modifier);
        match (self.colour, self.light, colour) {
            (true, true, Color::Cyan) => styled.fg(Color::Blue),
            (true, true, Color::Yellow) => styled.fg(Color::Magenta),
            // Green is too bright on white in most schemes; the sign and the word say it.
            (false, ..) | (true, true, Color::Green) => styled,
            (true, _, colour) => styled.fg(colour),
        }
    }

    /// The look of a status.
    pub(crate) fn mark_style(self, mark: Mark) -> Style {
        self.style(match mark {
            Mark::Ok => Tone::Ok,
            Mark::Warn => Tone::Warn,
            Mark::Fail => Tone::Fail,
            Mark::Busy => Tone::Busy,
            Mark::Idle => Tone::Dim,
            Mark::Info => Tone::Plain,
        })
    }

    /// The glyph of a status: one cell wide.
    pub(crate) fn glyph(self, mark: Mark) -> &'static str {
        match (mark, self.ascii) {
            (Mark::Ok, false) => "✓",
            (Mark::Ok, true) => "+",
            (Mark::Warn, _) => "!",
            (Mark::Fail, _) => "x",
            (Mark::Busy, false) => "▸",
            (Mark::Busy, true) => ">",
            (Mark::Idle, false) => "·",
            (Mark::Idle, true) => ".",
            (Mark::Info, _) => "i",
        }
    }

    /// One of the frames of the sign that something is going on; `now` in milliseconds.
    pub(crate) fn spinner(self, now: u64) -> &'static str {
        const DOTS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        const STICKS: [&str; 4] = ["|", "/", "-", "\\"];
        let step = usize::try_from(now / 80).unwrap_or(0);
        if self.ascii { STICKS[step % STICKS.len()] } else { DOTS[step % DOTS.len()] }
    }

    /// The first form, or the second where only ASCII may be used.
    pub(crate) fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    /// What ends a text that was cut.
    pub(crate) fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }

    /// What stands for a missing value.
    pub(crate) fn null(self) -> &'static str {
        self.pick("∅", "NULL")
    }

    /// What stands where there is nothing to say.
    pub(crate) fn none(self) -> &'static str {
        self.pick("–", "-")
    }

    /// What separates two facts on one line.
    pub(crate) fn dot(self) -> &'static str {
        self.pick(" · ", ", ")
    }

    /// The lines around a pane.
    pub(crate) fn border(self) -> border::Set<'static> {
        const ASCII: border::Set<'static> = border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        };
        if self.ascii { ASCII } else { border::PLAIN }
    }
}
