//! `cargo xtask bench bronze`: files to Bronze beside DuckDB and Polars, where the time goes, and the
//! memory that a large source takes.
//!
//! Owns the order of these runs and what is printed of them; how one run is measured is in [`super::bench`].

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::bench::{ENGINES, Figures, HEADING, Kit, REPETITIONS, figures, lines, run};

/// Rows that each format is measured with.
const ROWS: [u64; 2] = [1_000_000, 5_000_000];
const FORMATS: [&str; 3] = ["csv", "jsonl", "parquet"];
/// Rows of the source whose memory is looked at, and the bound of it in MiB.
const LARGE: u64 = 20_000_000;
const MEMORY: f64 = 300.0;

/// Measures and prints; fails if the engines' results differ or memory is not bounded. `only` are the
/// rows to measure, without the large source.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
pub(crate) fn command(root: &Path, only: Option<&str>) -> Result<()> {
    let rows: Vec<u64> = match only {
        Some(rows) => vec![rows.replace('_', "").parse().context("ROWS is a number")?],
        None => ROWS.to_vec(),
    };
    let mut table = String::new();
    for rows in &rows {
        let kit = Kit::new(root, *rows)?;
        kit.data()?;
        if !kit.source("jsonl").is_file() {
            run(Command::new(&kit.python)
                .arg(kit.bench.join("lines.py"))
                .arg(rows.to_string())
                .arg(kit.data_folder()))?;
        }
        for format in FORMATS {
            table += &compare(&kit, format)?;
        }
        println!("{}", stages(&kit)?);
    }
    println!("least of {REPETITIONS} runs\n{HEADING}{table}");
    if only.is_none() {
        println!("{}", large(root)?);
    }
    Ok(())
}

/// One format by every engine, in turns.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
fn compare(kit: &Kit, format: &str) -> Result<String> {
    let mut least: BTreeMap<&str, Figures> = BTreeMap::new();
    let mut sums: Vec<(&str, String)> = Vec::new();
    kit.prepare("bronze")?;
    for repetition in 0..REPETITIONS {
        for engine in ENGINES {
            let measured = kit.measure("bronze", engine, format)?;
            least.entry(engine).and_modify(|least| *least = least.least(measured)).or_insert(measured);
            if repetition == 0 {
                sums.push((engine, kit.sums("bronze", engine)?));
            }
        }
    }
    if let Some((engine, other)) = sums.iter().find(|(_, sum)| *sum != sums[0].1) {
        bail!("{format}: {engine} and {} disagree:\n  {other}\n  {}", sums[0].0, sums[0].1);
    }
    println!("{format}, {} rows: all engines agree: {}", kit.rows, sums[0].1);
    Ok(lines(&format!("{format} {}M", kit.rows / 1_000_000), &least))
}

/// What each step from CSV takes: ours with one worker, and the floors of one thread of DuckDB.
fn stages(kit: &Kit) -> Result<String> {
    kit.prepare("bronze")?;
    let mut command = kit.medallion("bronze", "bronze");
    run(command.env("BENCH_WORKERS", "1"))?;
    let metadata = kit
        .folder("bronze", ENGINES[0])
        .join("lake/bronze/system=bench/table=orders/pattern=full/dt=2025-01-01/_metadata.json");
    let metadata: Value = serde_json::from_slice(&std::fs::read(&metadata).context("no metadata")?)?;
    let ours = |name: &str| metadata["timings"][name].as_f64().with_context(|| format!("no timing of {name}"));
    let output = run(Command::new(&kit.python)
        .arg(kit.bench.join("floors.py"))
        .arg(kit.rows.to_string())
        .arg(kit.data_folder()))?;
    let floors: BTreeMap<&str, f64> = output
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(step, seconds)| Some((step, seconds.parse().ok()?)))
        .collect();
    let floor = |name: &str| floors.get(name).copied().with_context(|| format!("no floor of {name}"));
    let mut text = format!("{} rows of CSV, seconds of one thread:\nstep         ours   floor\n", kit.rows);
    let tokenise = floor("tokenise")?;
    for (step, ours, floor) in [
        ("tokenise", ours("read")?, Some(tokenise)),
        ("parse", ours("parse")?, Some(floor("parse")? - tokenise)),
        ("encode", ours("encode")?, Some(floor("encode")?)),
        ("hash", ours("hash")?, Some(floor("hash")?)),
        ("write", ours("write")?, None),
        ("sync", ours("sync")?, None),
    ] {
        let floor = floor.map_or_else(|| "      -".to_owned(), |floor| format!("{floor:>7.2}"));
        text += &format!("{step:<10} {ours:>6.2} {floor}\n");
    }
    Ok(text)
}

/// Memory for a source of many rows.
fn large(root: &Path) -> Result<String> {
    let (kit, part) = (Kit::new(root, LARGE)?, Kit::new(root, ROWS[1])?);
    if !kit.source("csv").is_file() {
        let times = LARGE / ROWS[1];
        let mut command = Command::new(&kit.python);
        command.arg(kit.bench.join("repeat.py")).arg(part.source("csv")).arg(times.to_string()).arg(kit.source("csv"));
        run(&mut command)?;
    }
    kit.prepare("bronze")?;
    let used = figures(&run(&mut kit.medallion("bronze", "bronze"))?)?;
    if used.memory > MEMORY {
        bail!("{LARGE} rows take {:.0} MiB, more than {MEMORY}", used.memory);
    }
    Ok(format!(
        "{LARGE} rows of CSV: {:.0} MiB at most (bound: {MEMORY}), {:.1} s of CPU in {:.1} s",
        used.memory, used.cpu, used.wall
    ))
}
