//! The full-screen app.
//!
//! One thread reads the keyboard, workers call the engine, and one loop does everything else:
//! messages in, [`App::update`] without any I/O, a frame out. Owns that flow and what is around the
//! screens (title, keys, help, questions); what a screen shows is in `screens`.

pub(crate) mod choice;
pub(crate) mod doctor;
pub(crate) mod door;
mod environment;
mod event_loop;
mod frame;
pub(crate) mod jobs;
pub(crate) mod message;
pub(crate) mod new;
mod overlay;
mod palette;
pub(crate) mod remote;
pub(crate) mod shared;
mod update;
mod watch;

#[cfg(test)]
mod tests;

use std::io::IsTerminal as _;
use std::sync::Arc;

use medallion_core::api::Engine;
use medallion_core::api::wire::Target;
use medallion_core::world::Environment;

pub(crate) use door::Door;

use crate::keys::{Action, Scope};
use crate::screens::{Can, ScreenId, config, data, home, outputs, preview, run};
use crate::theme::Theme;
use choice::Choosing;
use crossterm::event::KeyEvent;
use message::{Answer, Exit};
use shared::{Overlay, Purpose, Shared};

/// How the app may look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AppOptions {
    /// Use no colours (`NO_COLOR`).
    pub(crate) no_colour: bool,
    /// Use ASCII only (`MEDALLION_ASCII`, or a locale that is not UTF-8).
    pub(crate) ascii: bool,
    /// The background is light (`MEDALLION_BACKGROUND=light`, or what `COLORFGBG` says).
    pub(crate) light: bool,
    /// The terminal says of itself that it can show nothing (`TERM=dumb`).
    pub(crate) dumb: bool,
}

impl AppOptions {
    /// What the environment says about the terminal.
    pub(crate) fn from_environment(environment: &dyn Environment) -> Self {
        let set = |name: &str| environment.var(name).filter(|value| !value.is_empty());
        let flag = |name: &str| set(name).is_some_and(|value| value != "0");
        // The first one that is set decides, as POSIX says. None at all is common in containers and
        // on Windows, whose terminals speak UTF-8 all the same.
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        // "foreground;background", each one of the sixteen colours; 7 and 15 are the light ones.
        let light = match set("MEDALLION_BACKGROUND") {
            Some(wanted) => wanted.eq_ignore_ascii_case("light"),
            None => set("COLORFGBG").is_some_and(|pair| matches!(pair.rsplit(';').next(), Some("7" | "15"))),
        };
        Self {
            light,
            no_colour: set("NO_COLOR").is_some(),
            ascii: flag("MEDALLION_ASCII") || (!utf8 && set("MEDALLION_ASCII").is_none()),
            dumb: set("TERM").is_some_and(|term| term == "dumb"),
        }
    }
}

/// Why the app could not run, or did not end as wanted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    /// Input or output is a pipe or a file. The command line has the same things without a screen.
    #[error("the app needs a terminal, and standard input or output is none")]
    NoTerminal,
    /// `TERM=dumb`.
    #[error("the app needs a terminal that can move its cursor, and TERM=dumb cannot")]
    Dumb,
    /// The terminal could not be used.
    #[error("the terminal failed")]
    Terminal(#[from] std::io::Error),
    /// A signal ended the app; the terminal is restored. By custom the exit code is 128 + `signal`.
    #[error("ended by signal {signal}")]
    Signalled {
        /// Its number.
        signal: i32,
    },
}

/// Runs the app on `target` until the person leaves it. The terminal is restored on every way out.
///
/// # Errors
///
/// [`AppError::NoTerminal`] and [`AppError::Dumb`] before anything was shown; the others after.
pub(crate) fn run(engine: Arc<Engine>, target: Target, options: AppOptions) -> Result<(), AppError> {
    if options.dumb {
        return Err(AppError::Dumb);
    }
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(AppError::NoTerminal);
    }
    let theme = Theme { colour: !options.no_colour, ascii: options.ascii, light: options.light };
    match event_loop::run(App::new(target, theme), engine)? {
        Exit::Wanted => Ok(()),
        Exit::Signal(signal) => Err(AppError::Signalled { signal }),
        Exit::InputLost => Err(AppError::NoTerminal),
    }
}

/// What every screen does. The state is its own; everything else comes as `shared`.
pub(crate) trait Screen {
    /// Where its keys are in the table.
    fn scope(&self) -> Scope;
    /// Where keys are looked up while no window is above it.
    fn scopes(&self) -> Vec<Scope> {
        vec![self.scope(), Scope::Everywhere, Scope::Moving, Scope::Always]
    }
    /// Where the actions are that the palette and the help show.
    fn offers(&self) -> Vec<Scope> {
        self.scopes()
    }
    /// Takes a key that is text here. False when it means nothing.
    fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> bool {
        let _ = (key, shared);
        false
    }
    /// Takes pasted text. False when nothing is typed here.
    fn paste(&mut self, text: &str, shared: &mut Shared) -> bool {
        let _ = (text, shared);
        false
    }
    /// When it wants to be woken.
    fn due(&self) -> Option<u64> {
        None
    }
    /// Time has passed.
    fn tick(&mut self, shared: &mut Shared) {
        let _ = shared;
    }
    /// Something was chosen in the window that it opened.
    fn chosen(&mut self, purpose: Choosing, at: usize, shared: &mut Shared) {
        let _ = (purpose, at, shared);
    }
    /// It is shown now.
    fn enter(&mut self, shared: &mut Shared);
    /// Whether `action` can be done now.
    fn can(&self, action: Action, shared: &Shared) -> Can;
    /// Does `action`; only called when it can be done.
    fn act(&mut self, action: Action, shared: &mut Shared);
    /// Takes what was typed, or says why not.
    fn typed(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String>;
    /// Takes an answer of the engine; it may belong to somebody else.
    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared);
    /// Since when it has been waiting for the engine.
    fn waiting(&self) -> Option<u64>;
    /// Draws it.
    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared);
}

/// All state of the app.
pub(crate) struct App {
    pub(crate) shared: Shared,
    pub(crate) screen: ScreenId,
    pub(crate) home: home::Home,
    pub(crate) config: config::Config,
    pub(crate) preview: preview::Preview,
    pub(crate) run: run::Run,
    pub(crate) outputs: outputs::Outputs,
    /// The rows of a partition, above the outputs.
    pub(crate) data: Option<data::Data>,
    /// What the doctor found, while something else is looked at.
    pub(crate) doctor: Option<doctor::Doctor>,
    ending: Option<Ending>,
}

/// The app is about to end, as soon as the run has stopped.
#[derive(Clone, Copy, Debug)]
struct Ending {
    exit: Exit,
    /// After this instant it does not wait any longer.
    at_latest: Option<u64>,
}

impl App {
    pub(crate) fn new(target: Target, theme: Theme) -> Self {
        let mut shared = Shared::new(target, theme);
        shared.ask_datasets();
        shared.ask_watch();
        Self {
            shared,
            screen: ScreenId::Home,
            home: home::Home::default(),
            config: config::Config::default(),
            preview: preview::Preview::default(),
            run: run::Run::default(),
            outputs: outputs::Outputs::default(),
            data: None,
            doctor: None,
            ending: None,
        }
    }

    /// The screen that gets the keys, and what it shares with the others.
    pub(crate) fn active(&mut self) -> (&mut dyn Screen, &mut Shared) {
        let screen: &mut dyn Screen = match (self.screen, &mut self.data) {
            (ScreenId::Outputs, Some(data)) => data,
            (ScreenId::Home, _) => &mut self.home,
            (ScreenId::Config, _) => &mut self.config,
            (ScreenId::Preview, _) => &mut self.preview,
            (ScreenId::Run, _) => &mut self.run,
            (ScreenId::Outputs, None) => &mut self.outputs,
        };
        (screen, &mut self.shared)
    }

    /// The same, only to be looked at.
    pub(crate) fn active_ref(&self) -> &dyn Screen {
        match (self.screen, &self.data) {
            (ScreenId::Outputs, Some(data)) => data,
            (ScreenId::Home, _) => &self.home,
            (ScreenId::Config, _) => &self.config,
            (ScreenId::Preview, _) => &self.preview,
            (ScreenId::Run, _) => &self.run,
            (ScreenId::Outputs, None) => &self.outputs,
        }
    }

    /// Since when the oldest request that is still open has been waiting.
    pub(crate) fn waiting(&self) -> Option<u64> {
        let screens: [&dyn Screen; 5] = [&self.home, &self.config, &self.preview, &self.run, &self.outputs];
        let data = self.data.as_ref().and_then(Screen::waiting);
        let window = match &self.shared.overlay {
            Some(Overlay::New(new)) => new.waiting(),
            _ => None,
        };
        screens
            .iter()
            .filter_map(|screen| screen.waiting())
            .chain(self.shared.datasets.waiting())
            .chain(data)
            .chain(window)
            .min()
    }

    /// The next instant at which something is to be done without anybody asking.
    pub(crate) fn due(&self) -> Option<u64> {
        let watch = &self.shared.watch;
        // What waits for an answer that is on its way is not due before it comes.
        let refresh = watch.refresh_at.filter(|_| self.shared.datasets.waiting().is_none());
        [self.config.due(), watch.ask_at, refresh].into_iter().flatten().min()
    }

    /// Whether anything on the screen moves by itself.
    pub(crate) fn is_moving(&self) -> bool {
        let checking = matches!(&self.shared.overlay, Some(Overlay::Doctor(doctor)) if doctor.is_going());
        self.waiting().is_some() || self.run.is_going() || self.ending.is_some() || checking
    }
}
