//! The loop: wait, update, do what the update asked for, draw.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crossterm::execute;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

use super::jobs::Jobs;
use super::message::{Effect, Exit, Message};
use super::{App, Door};
use crate::terminal::{self, Guard, Screen};

/// At most one frame in this time, however much happens.
const FRAME: Duration = Duration::from_millis(10);
/// A key does not wait that long: a person feels it, and nobody types faster than this.
const HURRY: Duration = Duration::from_millis(2);
/// Between two frames of something that moves by itself.
const TICK: Duration = Duration::from_millis(80);
/// At most this many messages between two frames.
const DRAINED: usize = 1_024;

/// Runs `app` until it leaves.
pub(crate) fn run(mut app: App, door: Arc<dyn Door>) -> io::Result<Exit> {
    let (out, messages) = channel();
    let jobs = Jobs::start(door, out.clone())?;
    let guard = Guard::take()?;
    let mut screen = terminal::screen()?;
    terminal::listen_to_signals(out.clone())?;
    terminal::read_input(out)?;
    let exit = turn(&mut app, &jobs, &mut screen, &messages);
    drop(guard);
    exit
}

fn turn(app: &mut App, jobs: &Jobs, screen: &mut Screen, messages: &Receiver<Message>) -> io::Result<Exit> {
    let start = Instant::now();
    let mut drawn: Option<Instant> = None;
    let mut dirty = true;
    // A key has been pressed since the last frame.
    let mut hurry = false;
    if let Some(exit) = perform(app.shared.take_effects(), jobs, screen)? {
        return Ok(exit);
    }
    loop {
        let pause = if hurry { HURRY } else { FRAME };
        if dirty && drawn.is_none_or(|drawn| drawn.elapsed() >= pause) {
            draw(app, screen)?;
            drawn = Some(Instant::now());
            (dirty, hurry) = (false, false);
        }
        let since = drawn.map_or(Duration::ZERO, |drawn| drawn.elapsed());
        let now = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = app.due().map(|due| Duration::from_millis(due.saturating_sub(now)));
        let patience = match (dirty, app.is_moving()) {
            (true, _) => Some(pause.saturating_sub(since)),
            (false, true) => Some(due.unwrap_or(TICK).min(TICK.saturating_sub(since))),
            (false, false) => due,
        };
        let first = match patience {
            None => messages.recv().ok(),
            Some(patience) => match messages.recv_timeout(patience) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) if dirty => continue,
                Err(RecvTimeoutError::Timeout) => Some(Message::Tick),
                Err(RecvTimeoutError::Disconnected) => None,
            },
        };
        let Some(first) = first else { return Ok(Exit::InputLost) };
        let mut next = Some(first);
        for _ in 0..DRAINED {
            let Some(message) = next else { break };
            app.shared.now = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            hurry |= matches!(message, Message::Key(_));
            app.update(message);
            if let Some(exit) = perform(app.shared.take_effects(), jobs, screen)? {
                return Ok(exit);
            }
            next = messages.try_recv().ok();
        }
        dirty = true;
    }
}

fn perform(effects: Vec<Effect>, jobs: &Jobs, screen: &mut Screen) -> io::Result<Option<Exit>> {
    for effect in effects {
        match effect {
            Effect::Ask { generation, request } => jobs.ask(generation, request),
            Effect::Copy(text) => terminal::send(&crate::clipboard::sequence(&text))?,
            Effect::Suspend => {
                terminal::suspend()?;
                terminal::forget(screen)?;
            }
            Effect::Redraw => terminal::forget(screen)?,
            Effect::Leave(exit) => return Ok(Some(exit)),
        }
    }
    Ok(None)
}

fn draw(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    execute!(screen.backend_mut(), BeginSynchronizedUpdate)?;
    screen.draw(|frame| app.view(frame))?;
    execute!(screen.backend_mut(), EndSynchronizedUpdate)
}
