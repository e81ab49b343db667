//! `cargo xtask bench grid`: how long a key takes to become a frame with a million rows open, in the real
//! app in a real terminal; and how long the first rows of a large Parquet partition take.
//!
//! Owns the data, the keys and the limits; a build without optimisation is measured, not judged.

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use medallion_core::api::Engine;
use medallion_core::api::wire::{
    Count, DatasetRef, Layer, OpenRowsRequest, PartitionRef, RowsOf, RowsRequest, SortKey, Target,
};
use medallion_core::world::World;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const GRID_ROWS: u64 = 1_000_000;
const FIRST_ROWS: u64 = 5_000_000;
const KEY_TO_FRAME: Duration = Duration::from_millis(16);
const FIRST: Duration = Duration::from_millis(100);
const KEYS: usize = 200;
/// What ends a frame.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// Measures and prints; fails if a limit is broken.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
pub(crate) fn command(root: &Path) -> Result<()> {
    let program = crate::bench::binary(root)?;
    let mut slow = Vec::new();
    println!("{}", program.display());
    let folder = root.join("bench").join("out").join("grid");
    for rows in [GRID_ROWS, FIRST_ROWS] {
        land(&program, &folder, rows)?;
    }
    first_rows(&folder, &mut slow)?;
    windows(&folder, &mut slow)?;
    keys(&program, &folder, &mut slow)?;
    if !slow.is_empty() && !cfg!(debug_assertions) {
        bail!("slower than they may be: {}", slow.join(", "));
    }
    Ok(())
}

fn place(folder: &Path, rows: u64) -> PathBuf {
    folder.join(rows.to_string())
}

/// Lands rows of twelve columns, unless they are there.
fn land(program: &Path, folder: &Path, rows: u64) -> Result<()> {
    let place = place(folder, rows);
    if place.join("landed").is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(&place)?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(place.join("rows.csv"))?);
    writeln!(file, "id,customer,amount,status,day,changed_at,city,quantity,share,active,code,note")?;
    for row in 0..rows {
        let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        writeln!(
            file,
            "{},{},{}.{:02},{},2025-{:02}-{:02},2025-01-01T{:02}:{:02}:{:02}Z,{},{},{},{},C{:06},{}",
            9_007_199_254_740_993 + row,
            mixed % 50_000,
            mixed % 10_000,
            mixed % 100,
            ["paid", "open", "shipped", "returned"][(mixed % 4) as usize],
            mixed % 12 + 1,
            mixed % 28 + 1,
            row / 3_600 % 24,
            row / 60 % 60,
            row % 60,
            ["東京", "Berlin", "São Paulo", "New York", "Nairobi"][(mixed % 5) as usize],
            mixed % 17,
            mixed as f64 / 1_048_576.0,
            mixed % 3 == 0,
            mixed % 1_000_000,
            if row % 10 == 0 { "a note that is somewhat longer than the others" } else { "" },
        )?;
    }
    file.flush()?;
    drop(file);
    std::fs::write(
        place.join("grid.yaml"),
        "config_version: 1\nplatform:\n  bronze: {storage_backend: local, output_dir: ./lake}\nsources:\n  - name: grid\n    source: {type: file, system: s, table: t, file: {path: ./rows.csv, format: csv}, run: {load_pattern: full}}\n",
    )?;
    let landed = Command::new(program)
        .args(["bronze", "grid.yaml", "--date", "2025-01-01", "--quiet"])
        .current_dir(&place)
        .status()
        .context("the program cannot be started")?;
    if !landed.success() {
        bail!("{rows} rows could not be landed");
    }
    std::fs::write(place.join("landed"), "")?;
    Ok(())
}

fn rows_of(filter: &str, sort: Option<&str>) -> RowsOf {
    let of = DatasetRef { target: Target::at("grid.yaml"), dataset: "grid".into() };
    let sort = sort.map(|column| SortKey { column: column.into(), descending: true });
    let rows = RowsOf::table(PartitionRef::new(of, Layer::Bronze, ""), "");
    RowsOf { filter: filter.into(), sort: sort.into_iter().collect(), ..rows }
}

/// The first window of five million rows by an engine that has read nothing yet.
fn first_rows(folder: &Path, slow: &mut Vec<String>) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..10 {
        let engine = Engine::open(place(folder, FIRST_ROWS), World::real());
        let began = Instant::now();
        let table = engine.rows(RowsRequest::window(rows_of("", None), 0, 500));
        times.push(began.elapsed());
        let table = table.map_err(|error| anyhow::anyhow!(error.message))?;
        if table.info.total != Count(FIRST_ROWS) {
            bail!("{} rows instead of {FIRST_ROWS}", table.info.total);
        }
    }
    report("first rows of 5,000,000 (cold engine)", &mut times, FIRST, slow);
    Ok(())
}

/// Windows at random places, as they are scrolled to.
fn windows(folder: &Path, slow: &mut Vec<String>) -> Result<()> {
    let engine = Engine::open(place(folder, GRID_ROWS), World::real());
    let views = [
        ("window anywhere", rows_of("", None)),
        ("window anywhere, filtered", rows_of("amount > 5000 and status = 'paid'", None)),
        ("window anywhere, sorted", rows_of("", Some("amount"))),
    ];
    for (name, rows) in views {
        let began = Instant::now();
        let opened = engine
            .open_rows(OpenRowsRequest { rows: rows.clone(), job: String::new() }, &mut |_| {})
            .map_err(|error| anyhow::anyhow!(error.message))?;
        let mut opening = vec![began.elapsed()];
        report(&format!("{name}: opening"), &mut opening, Duration::from_secs(5), slow);
        let mut times = Vec::new();
        for step in 0..KEYS as u64 * 2 {
            let offset = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (opened.total.0 - 500);
            let began = Instant::now();
            engine
                .rows(RowsRequest::window(rows.clone(), offset, 500))
                .map_err(|error| anyhow::anyhow!(error.message))?;
            times.push(began.elapsed());
        }
        // The first half warms up.
        report(&format!("{name}: 500 rows"), &mut times.split_off(KEYS), KEY_TO_FRAME, slow);
    }
    Ok(())
}

/// The app in a terminal.
struct Terminal {
    bytes: Receiver<(Instant, Vec<u8>)>,
    keys: Box<dyn std::io::Write + Send>,
    seen: Vec<u8>,
    screen: vt100::Parser,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Terminal {
    /// Sends keys, and waits for the end of the next frame.
    fn frame(&mut self, keys: &str) -> Result<Duration> {
        while self.bytes.try_recv().map(|(_, bytes)| self.screen.process(&bytes)).is_ok() {}
        self.seen.clear();
        let began = Instant::now();
        self.keys.write_all(keys.as_bytes())?;
        self.keys.flush()?;
        loop {
            let (at, bytes) = self.bytes.recv_timeout(Duration::from_mins(1)).context("no frame came")?;
            self.screen.process(&bytes);
            self.seen.extend_from_slice(&bytes);
            if self.seen.windows(FRAME_END.len()).any(|window| window == FRAME_END) {
                return Ok(at - began);
            }
        }
    }

    /// Waits until the screen is as it should be.
    fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> Result<Duration> {
        let began = Instant::now();
        while !holds(&self.screen.screen().contents()) {
            let next = self.bytes.recv_timeout(Duration::from_mins(1));
            let (_, bytes) =
                next.with_context(|| format!("waited for {what}:\n{}", self.screen.screen().contents()))?;
            self.screen.process(&bytes);
        }
        Ok(began.elapsed())
    }
}

fn open(program: &Path, folder: &Path) -> Result<Terminal> {
    let size = PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new(program);
    command.args(["app", "grid.yaml"]);
    command.cwd(place(folder, GRID_ROWS));
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    drop(pair.slave.spawn_command(command)?);
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader()?;
    let keys = pair.master.take_writer()?;
    let (out, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if out.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    let screen = vt100::Parser::new(
        std::num::NonZeroU16::new(50).context("rows")?,
        std::num::NonZeroU16::new(200).context("columns")?,
        0,
    );
    Ok(Terminal { bytes, keys, seen: Vec::new(), screen, _master: pair.master })
}

fn keys(program: &Path, folder: &Path, slow: &mut Vec<String>) -> Result<()> {
    let mut terminal = open(program, folder)?;
    terminal.until("Home", |screen| screen.contains("Datasets 1"))?;
    terminal.frame("o")?;
    terminal.until("the partition", |screen| screen.contains("1,000,000 rows"))?;
    terminal.frame("\r")?;
    terminal.until("the rows", |screen| screen.contains("row 1 of 1,000,000"))?;
    let no_filter: fn(&str) -> bool = |_| true;
    let cases = [
        ("", no_filter),
        ("&amount > 5000 and status = 'paid'\r", |screen: &str| screen.contains("(of 1,000,000)")),
        ("s", |screen: &str| screen.contains("sorted by")),
    ];
    let mut view = "all rows";
    for (open, holds) in cases {
        if !open.is_empty() {
            terminal.frame(open)?;
            terminal.until("the view", holds)?;
            view = if open == "s" { "filtered and sorted" } else { "filtered" };
        }
        for (name, key) in [("PgDn", "\x1b[6~"), ("Down", "\x1b[B"), ("Right", "\x1b[C"), ("PgUp", "\x1b[5~")] {
            let mut times = Vec::new();
            for _ in 0..KEYS {
                times.push(terminal.frame(key)?);
                std::thread::sleep(Duration::from_millis(15));
            }
            report(&format!("key to frame, {view}: {name}"), &mut times, KEY_TO_FRAME, slow);
        }
        let mut times = Vec::new();
        for step in 0..KEYS as u64 {
            let row = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 100_000 + 1;
            terminal.frame(":")?;
            for digit in row.to_string().chars() {
                terminal.frame(&digit.to_string())?;
            }
            times.push(terminal.frame("\r")?);
        }
        report(&format!("key to frame, {view}: jump anywhere"), &mut times, KEY_TO_FRAME, slow);
    }
    terminal.keys.write_all(b"\x03")?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
fn report(name: &str, times: &mut [Duration], limit: Duration, slow: &mut Vec<String>) {
    times.sort_unstable();
    let at = |percent: usize| times[((times.len() * percent).div_ceil(100)).clamp(1, times.len()) - 1];
    let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
    let worst = at(99);
    let verdict = if worst <= limit { "ok" } else { "SLOW" };
    println!(
        "{name:<52} median {:>8.2} ms   p99 {:>8.2} ms   limit {:>5} ms   {verdict}",
        milliseconds(at(50)),
        milliseconds(worst),
        limit.as_millis()
    );
    if worst > limit {
        slow.push(name.to_owned());
    }
}
