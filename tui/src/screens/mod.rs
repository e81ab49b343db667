//! The screens. Each has its state and what actions do to it (`mod.rs`), and how it looks
//! (`view.rs`).
//!
//! A screen asks the engine through [`Shared::ask`](crate::app::shared::Shared::ask) and gets the
//! answer as a message; it never opens a file, parses a config or computes a path.

pub(crate) mod config;
pub(crate) mod data;
pub(crate) mod home;
pub(crate) mod outputs;
pub(crate) mod preview;
pub(crate) mod run;

/// The screens that have a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ScreenId {
    Home,
    Config,
    Preview,
    Run,
    Outputs,
}

impl ScreenId {
    /// In the order of their numbers.
    pub(crate) const ALL: [Self; 5] = [Self::Home, Self::Config, Self::Preview, Self::Run, Self::Outputs];

    /// Its name.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Config => "Config",
            Self::Preview => "Preview",
            Self::Run => "Run",
            Self::Outputs => "Outputs",
        }
    }
}

/// Whether an action can be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Can {
    /// Yes.
    Yes,
    /// It belongs here, but not now; the reason is shown.
    No(&'static str),
    /// It means nothing here.
    Absent,
}

impl Can {
    /// `Yes`, or the reason why not.
    pub(crate) fn when(condition: bool, reason: &'static str) -> Self {
        if condition { Self::Yes } else { Self::No(reason) }
    }
}
