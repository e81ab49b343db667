//! The terminal: taken over once, given back on every way out.
//!
//! Owns raw mode, the alternate screen, bracketed paste and the cursor, the panic hook and the
//! signals. [`restore`] may be called any number of times, from any thread.

use std::cell::RefCell;
use std::io::{self, BufWriter, Stdout, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, KeyEventKind};
use crossterm::style::ResetColor;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use crate::app::message::Message;

/// Names threads whose panics are caught, and which must not print.
const WORKER: &str = "worker";

static TAKEN: AtomicBool = AtomicBool::new(false);

thread_local! {
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What frames are drawn on.
pub(crate) type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Gives the terminal back when it goes out of scope.
#[derive(Debug)]
pub(crate) struct Guard(());

impl Guard {
    /// Takes the terminal over.
    pub(crate) fn take() -> io::Result<Self> {
        install_panic_hook();
        take()?;
        Ok(Self(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the terminal over, also again after it was given back.
pub(crate) fn take() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

/// Gives the terminal back, if it is taken. Errors are of no use any more: there is nobody to tell.
pub(crate) fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        drop(execute!(io::stdout(), DisableBracketedPaste, ResetColor, LeaveAlternateScreen, cursor::Show));
        drop(disable_raw_mode());
    }
}

/// A screen to draw on.
pub(crate) fn screen() -> io::Result<Screen> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())))
}

/// Clears the screen; the next frame draws every cell. `Terminal::clear` would ask the terminal for
/// its cursor, and the answer would go to the thread that reads keys.
pub(crate) fn forget(screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    screen.resize(Rect::new(0, 0, size.width, size.height))
}

/// Sends a sequence that is not part of a frame.
pub(crate) fn send(sequence: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(sequence.as_bytes())?;
    out.flush()
}

/// The builder of a thread that calls the engine.
pub(crate) fn worker() -> thread::Builder {
    thread::Builder::new().name(WORKER.to_owned())
}

/// Where this thread panicked last.
pub(crate) fn last_panic_place() -> Option<String> {
    PANICKED_AT.take()
}

/// A panic of a worker is caught and shown by the app; any other one restores the terminal first,
/// so that its message can be read.
fn install_panic_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() == Some(WORKER) {
            let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
            PANICKED_AT.set(place);
        } else {
            restore();
            before(panic);
        }
    }));
}

/// Starts the thread that reads keys, pastes and sizes. It ends with the process.
pub(crate) fn read_input(out: Sender<Message>) -> io::Result<()> {
    thread::Builder::new().name("input".to_owned()).spawn(move || {
        loop {
            let message = match crossterm::event::read() {
                // Windows and kitty send releases too.
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => Message::Key(key),
                Ok(Event::Paste(text)) => Message::Paste(text),
                Ok(Event::Resize(..)) => Message::Resize,
                Ok(_) => continue,
                Err(error) => Message::InputLost(error.to_string()),
            };
            let last = matches!(message, Message::InputLost(_));
            if out.send(message).is_err() || last {
                return;
            }
        }
    })?;
    Ok(())
}

/// Starts the thread that listens to signals. The first one is a message; at the second one the
/// terminal is restored and the process ends as if nobody had listened.
#[cfg(unix)]
pub(crate) fn listen_to_signals(out: Sender<Message>) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGCONT, SIGTSTP])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut asked = false;
        for signal in signals.forever() {
            let message = match signal {
                SIGCONT => Message::Resumed,
                SIGTSTP => Message::Suspend,
                _ => Message::Signal(signal),
            };
            let ends = matches!(message, Message::Signal(_));
            if out.send(message).is_err() || (ends && asked) {
                restore();
                drop(emulate_default_handler(signal));
            }
            asked |= ends;
        }
    })?;
    Ok(())
}

/// Elsewhere the console ends the process itself.
#[cfg(not(unix))]
pub(crate) fn listen_to_signals(out: Sender<Message>) -> io::Result<()> {
    drop(out);
    Ok(())
}

/// Gives the terminal back, stops the process until it is continued, and takes it over again.
#[cfg(unix)]
pub(crate) fn suspend() -> io::Result<()> {
    restore();
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    take()
}

/// There is no way to stop a process here.
#[cfg(not(unix))]
pub(crate) fn suspend() -> io::Result<()> {
    Ok(())
}
