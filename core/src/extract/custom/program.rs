//! A program being run: what it writes is kept in a private file, so that it is run once however often
//! its records are read.
//!
//! Owns the process and its children: it is ended when it is too slow, when somebody cancels, and when
//! nobody reads it any more. What it writes to standard error is read always, and its end kept.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::error::CustomError;
use crate::cancel::CancelToken;
use crate::extract::ExtractError;
use crate::extract::scratch::Scratch;

/// Of what a program says to standard error, the end is kept.
const SAID: usize = 4 << 10;
/// How often somebody who waits looks around.
const TICK: Duration = Duration::from_millis(50);
/// Bytes at a time.
const PIECE: usize = 256 << 10;

/// How it is run.
pub(super) struct Launch {
    pub(super) command: Command,
    /// For messages.
    pub(super) program: String,
    /// What must not be told.
    pub(super) secrets: Vec<String>,
    /// Without a word.
    pub(super) patience: f64,
    /// In all, in seconds.
    pub(super) deadline: Option<u64>,
    /// Removed when it has ended.
    pub(super) files: Vec<PathBuf>,
}

/// A program that was started.
pub(super) struct Running {
    shared: Arc<Shared>,
    program: String,
    secrets: Vec<String>,
    patience: f64,
    deadline: Option<u64>,
    began: Instant,
    process: u32,
    files: Vec<PathBuf>,
}

struct Shared {
    state: Mutex<State>,
    bell: Condvar,
}

struct State {
    scratch: Scratch,
    written: u64,
    last: Instant,
    said: VecDeque<u8>,
    /// How it ended; a text if not well.
    ended: Option<Result<(), End>>,
}

enum End {
    Status(String),
    Scratch(io::Error),
    /// Already told.
    Told,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Starts it; it shall write to `scratch`.
    pub(super) fn start(mut launch: Launch, scratch: Scratch) -> Result<Self, CustomError> {
        launch.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that its children end with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut launch.command, 0);
        let mut child = launch
            .command
            .spawn()
            .map_err(|source| CustomError::NotStarted { program: launch.program.clone(), source })?;
        let state = State { scratch, written: 0, last: Instant::now(), said: VecDeque::new(), ended: None };
        let shared = Arc::new(Shared { state: Mutex::new(state), bell: Condvar::new() });
        let running = Self {
            shared: Arc::clone(&shared),
            program: launch.program,
            secrets: launch.secrets,
            patience: launch.patience,
            deadline: launch.deadline,
            began: Instant::now(),
            process: child.id(),
            files: launch.files,
        };
        let (out, said) = (child.stdout.take(), child.stderr.take());
        let listener = said.map(|said| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || listen(said, &shared))
        });
        let _detached = thread::spawn(move || {
            let end = out.map_or(Ok(()), |out| keep(out, &shared)).map_err(End::Scratch);
            let end = end.and_then(|()| wait(&mut child));
            // What it said last is part of why it failed. A child of it may hold the pipe open for ever.
            let since = Instant::now();
            while listener.as_ref().is_some_and(|listener| !listener.is_finished()) && since.elapsed() < TICK * 10 {
                thread::sleep(TICK / 10);
            }
            shared.state().ended.get_or_insert(end);
            shared.bell.notify_all();
        });
        Ok(running)
    }

    /// Appends more of what it wrote, from `at`; `false` at the end of a program that ended well.
    pub(super) fn read(&self, at: u64, into: &mut Vec<u8>, cancel: &CancelToken) -> Result<bool, ExtractError> {
        let mut state = self.shared.state();
        loop {
            if cancel.is_cancelled() {
                drop(state);
                self.kill();
                return Err(ExtractError::Cancelled);
            }
            if at < state.written {
                let want = state.written.saturating_sub(at).min(PIECE as u64);
                let file = &mut state.scratch.file;
                let got = file.seek(SeekFrom::Start(at)).and_then(|_| file.take(want).read_to_end(into));
                got.map_err(|source| CustomError::Scratch { source })?;
                return Ok(true);
            }
            let told = state.told();
            match &mut state.ended {
                Some(Ok(())) => return Ok(false),
                Some(Err(end)) => return Err(self.failure(std::mem::replace(end, End::Told), &told).into()),
                None => {}
            }
            let silent = state.last.elapsed().as_secs_f64() > self.patience;
            let late = self.deadline.filter(|seconds| self.began.elapsed() > Duration::from_secs(*seconds));
            if silent || late.is_some() {
                drop(state);
                self.kill();
                let (program, said) = (self.program.clone(), self.redact(&told));
                return Err(match late {
                    Some(seconds) => CustomError::Deadline { program, seconds },
                    None => CustomError::Silent { program, seconds: self.patience, said },
                }
                .into());
            }
            state = self.shared.bell.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether it ended well and all it wrote ends at `at`.
    pub(super) fn ends_at(&self, at: u64) -> bool {
        let state = self.shared.state();
        matches!(state.ended, Some(Ok(()))) && state.written == at
    }

    /// Bytes in all, once that is known.
    pub(super) fn total(&self) -> Option<u64> {
        let state = self.shared.state();
        state.ended.is_some().then_some(state.written)
    }

    fn failure(&self, end: End, told: &str) -> CustomError {
        let (program, said) = (self.program.clone(), self.redact(told));
        match end {
            End::Status(status) => CustomError::Failed { program, status, said },
            End::Told => CustomError::Failed { program, status: "it failed before".to_owned(), said },
            End::Scratch(source) => CustomError::Scratch { source },
        }
    }

    fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }

    /// Ends it and what it started.
    fn kill(&self) {
        if self.shared.state().ended.is_some() {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.process).ok().and_then(rustix::process::Pid::from_raw) {
            let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(windows)]
        let _gone = Command::new("taskkill").args(["/T", "/F", "/PID", &self.process.to_string()]).output();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        for file in &self.files {
            let _gone = std::fs::remove_file(file);
        }
    }
}

impl State {
    fn told(&self) -> String {
        let bytes: Vec<u8> = self.said.iter().copied().collect();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }
}

/// Keeps what it writes, until it closes its output.
fn keep(mut out: impl Read, shared: &Shared) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let got = match out.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut state = shared.state();
        let end = state.written;
        state.scratch.file.seek(SeekFrom::Start(end))?;
        state.scratch.file.write_all(&piece[..got])?;
        state.written += got as u64;
        state.last = Instant::now();
        drop(state);
        shared.bell.notify_all();
    }
}

fn listen(mut said: impl Read, shared: &Shared) {
    let mut piece = vec![0; 8 << 10];
    while let Ok(got @ 1..) = said.read(&mut piece) {
        let mut state = shared.state();
        state.last = Instant::now();
        state.said.extend(&piece[..got]);
        let excess = state.said.len().saturating_sub(SAID);
        state.said.drain(..excess);
    }
}

fn wait(child: &mut Child) -> Result<(), End> {
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(End::Status(status.to_string())),
        Err(error) => Err(End::Scratch(error)),
    }
}

/// The program that a word names: one with a folder in it starts at the working folder.
pub(super) fn resolve(word: &str, working: &Path) -> PathBuf {
    let path = Path::new(word);
    if path.is_relative() && path.components().count() > 1 || word.starts_with("./") {
        working.join(path)
    } else {
        path.to_path_buf()
    }
}
