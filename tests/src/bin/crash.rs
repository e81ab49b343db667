//! Runs a workspace and dies, without any clean-up, at the n-th step that changes the disk.
//!
//! `crash FOLDER DATE STEP`: exits with the run's code if the run has fewer steps.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use medallion_core::api::Engine;
use medallion_core::api::wire::RunRequest;
use medallion_core::world::{Disk, DiskFile, RealDisk, World};

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
    let [_, folder, date, step] = arguments.as_slice() else { return ExitCode::from(64) };
    let step = step.parse().expect("a number of steps");
    let world = World::real().with_disk(DyingDisk(RealDisk, Countdown(Arc::new(AtomicU64::new(step)))));
    let engine = Engine::open(folder, world);
    let request = RunRequest { date: date.parse().ok(), ..RunRequest::default() };
    engine.run(request, &mut |_| {}).map_or(ExitCode::FAILURE, |report| ExitCode::from(report.exit))
}
