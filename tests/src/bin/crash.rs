//! Works on a workspace and dies, without any clean-up, at the n-th step that changes the disk.
//!
//! `crash FOLDER ACTION DATE STEP`: exits with the code of the action, `run`, `gc`, `verify` or
//! `retention`, if it has fewer steps. It is noon of that date.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use medallion_core::api::Engine;
use medallion_core::api::wire::{GcRequest, RetentionRequest, RunRequest, VerifyRequest};
use medallion_core::world::{Disk, DiskFile, FixedClock, RealDisk, World};

#[derive(Clone, Debug)]
struct Countdown(Arc<AtomicU64>);

impl Countdown {
    /// Dies if this is the step.
    fn step(&self) {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}

#[derive(Debug)]
struct DyingDisk(RealDisk, Countdown);

struct DyingFile(Box<dyn DiskFile>, Countdown);

impl Write for DyingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.step();
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl DiskFile for DyingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.1.step();
        self.0.sync()
    }
}

impl Disk for DyingDisk {
    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.1.step();
        self.0.create_folders(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.1.step();
        Ok(Box::new(DyingFile(self.0.create(path)?, self.1.clone())))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.1.step();
        self.0.link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.1.step();
        self.0.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.1.step();
        self.0.remove(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.1.step();
        self.0.remove_folder(path)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.1.step();
        self.0.sync_folder(path)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, action, date, step] = arguments.as_slice() else { return ExitCode::from(64) };
    let step = step.parse().expect("a number of steps");
    let date: chrono::NaiveDate = date.parse().expect("a date");
    let noon = date.and_hms_opt(12, 0, 0).expect("a time of day").and_utc();
    let disk = DyingDisk(RealDisk, Countdown(Arc::new(AtomicU64::new(step))));
    let engine = Engine::open(folder, World::real().with_disk(disk).with_clock(FixedClock(noon)));
    let exit = match action.as_str() {
        "run" => {
            let request = RunRequest { date: Some(date), ..RunRequest::default() };
            engine.run(request, &mut |_| {}).map(|report| report.exit)
        }
        "gc" => engine.gc(GcRequest::default(), &mut |_| {}).map(|report| report.exit),
        "verify" => engine.verify(VerifyRequest::default(), &mut |_| {}).map(|report| report.exit),
        "retention" => {
            let request = RetentionRequest { apply: true, ..RetentionRequest::default() };
            engine.retention(request).map(|report| report.exit)
        }
        _ => return ExitCode::from(64),
    };
    exit.map_or(ExitCode::FAILURE, ExitCode::from)
}
