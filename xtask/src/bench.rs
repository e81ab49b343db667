//! `cargo xtask bench`: the engine beside DuckDB and Polars, in one run on one machine.
//!
//! Owns the order of the runs and the table of ratios; the kit is in `bench/`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

const JOBS: [&str; 3] = ["bronze", "scd_type_1", "scd_type_2"];
pub(crate) const ENGINES: [&str; 3] = ["medallion", "duckdb", "polars"];
pub(crate) const REPETITIONS: usize = 3;
/// Any date will do; a fixed one keeps paths equal between runs.
const DATE: &str = "2025-01-01";

/// What one run used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    /// MiB.
    pub(crate) memory: f64,
}

impl Figures {
    pub(crate) fn least(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), cpu: self.cpu.min(other.cpu), memory: self.memory.min(other.memory) }
    }
}

/// Where things are.
pub(crate) struct Kit {
    pub(crate) bench: PathBuf,
    out: PathBuf,
    pub(crate) python: PathBuf,
    medallion: PathBuf,
    pub(crate) rows: u64,
}

/// Measures and prints; fails if the engines' results differ.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
pub(crate) fn command(root: &Path, rows: &str) -> Result<()> {
    let rows: u64 = rows.replace('_', "").parse().context("ROWS is a number")?;
    let kit = Kit::new(root, rows)?;
    println!("{rows} rows, least of {REPETITIONS} runs, {}", kit.medallion.display());
    kit.data()?;
    let mut table = String::new();
    for job in JOBS {
        let mut figures: BTreeMap<&str, Figures> = BTreeMap::new();
        let mut sums: Vec<(&str, String)> = Vec::new();
        kit.prepare(job)?;
        for repetition in 0..REPETITIONS {
            for engine in ENGINES {
                let measured = kit.measure(job, engine, "csv")?;
                figures.entry(engine).and_modify(|least| *least = least.least(measured)).or_insert(measured);
                if repetition == 0 {
                    sums.push((engine, kit.sums(job, engine)?));
                }
            }
        }
        table += &lines(job, &figures);
        if let Some((engine, other)) = sums.iter().find(|(_, sum)| *sum != sums[0].1) {
            print!("{table}");
            bail!("{job}: {engine} and {} disagree:\n  {other}\n  {}", sums[0].0, sums[0].1);
        }
        println!("{job}: all engines agree: {}", sums[0].1);
    }
    print!("\n{HEADING}{table}");
    Ok(())
}

pub(crate) const HEADING: &str = "job         engine       CPU s   wall s  peak MiB  ours/theirs:  CPU  wall  memory\n";

pub(crate) fn lines(job: &str, figures: &BTreeMap<&str, Figures>) -> String {
    let ours = figures.get(ENGINES[0]);
    let mut text = String::new();
    for engine in ENGINES {
        let (Some(theirs), Some(ours)) = (figures.get(engine), ours) else { continue };
        text += &format!("{job:<11} {engine:<10} {:>7.2}  {:>7.2}  {:>8.0}", theirs.cpu, theirs.wall, theirs.memory);
        if engine != ENGINES[0] {
            let ratio = |ours: f64, theirs: f64| ours / theirs.max(0.001);
            text += &format!(
                "              {:>5.2} {:>5.2}  {:>6.2}",
                ratio(ours.cpu, theirs.cpu),
                ratio(ours.wall, theirs.wall),
                ratio(ours.memory, theirs.memory)
            );
        }
        text.push('\n');
    }
    text
}

impl Kit {
    pub(crate) fn new(root: &Path, rows: u64) -> Result<Self> {
        let bench = root.join("bench");
        Ok(Self { out: bench.join("out"), bench, python: python()?, medallion: binary(root)?, rows })
    }

    pub(crate) fn data_folder(&self) -> PathBuf {
        self.out.join("data")
    }

    /// The orders in a format.
    pub(crate) fn source(&self, format: &str) -> PathBuf {
        self.data_folder().join(format!("orders_{}.{format}", self.rows))
    }

    pub(crate) fn data(&self) -> Result<()> {
        let data = self.out.join("data");
        if !data.join(format!("changes_{}.parquet", self.rows)).is_file() {
            run(Command::new(&self.python).arg(self.bench.join("gen.py")).arg(self.rows.to_string()).arg(&data))?;
        }
        Ok(())
    }

    pub(crate) fn folder(&self, job: &str, engine: &str) -> PathBuf {
        self.out.join(format!("{engine}_{job}_{}", self.rows))
    }

    pub(crate) fn medallion(&self, job: &str, verb: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.bench.join("measure.py")).arg(&self.medallion).arg(verb);
        command.arg(self.folder(job, ENGINES[0]).join("config.yaml")).args(["--date", DATE, "--quiet"]);
        command.env("BENCH_DATA", self.out.join("data")).env("BENCH_ROWS", self.rows.to_string());
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        command.env("BENCH_WORKERS", workers.to_string());
        command
    }

    /// Our folder with its config, and for Silver the Bronze it reads.
    pub(crate) fn prepare(&self, job: &str) -> Result<()> {
        let folder = self.folder(job, ENGINES[0]);
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        std::fs::copy(self.bench.join(format!("medallion_{job}.yaml")), folder.join("config.yaml"))?;
        if job != "bronze" {
            figures(&run(&mut self.medallion(job, "bronze"))?)?;
        }
        Ok(())
    }

    pub(crate) fn measure(&self, job: &str, engine: &str, format: &str) -> Result<Figures> {
        let folder = self.folder(job, engine);
        let mut command = if engine == ENGINES[0] {
            let verb = if job == "bronze" { "bronze" } else { "silver" };
            remove(&folder.join("lake").join(verb))?;
            let mut command = self.medallion(job, verb);
            command.env("BENCH_FORMAT", format);
            command
        } else {
            let mut command = Command::new(&self.python);
            command.arg(self.bench.join("measure.py")).arg(&self.python);
            command.arg(self.bench.join("jobs").join(format!("{engine}_job.py")));
            command.arg(job).arg(self.rows.to_string()).arg(&folder).arg(format);
            command
        };
        figures(&run(&mut command)?).with_context(|| format!("{job} by {engine}"))
    }

    pub(crate) fn sums(&self, job: &str, engine: &str) -> Result<String> {
        let mut folder = self.folder(job, engine);
        if engine == ENGINES[0] {
            folder.push("lake");
            folder.push(if job == "bronze" { "bronze" } else { "silver" });
        }
        let output = run(Command::new(&self.python).arg(self.bench.join("check.py")).arg(job).arg(folder))?;
        Ok(output.trim().to_owned())
    }
}

/// Reads the line that `measure.py` prints.
pub(crate) fn figures(output: &str) -> Result<Figures> {
    let words: Vec<&str> = output.split_whitespace().collect();
    let [wall, cpu, memory] = words.as_slice() else { bail!("no figures in {output:?}") };
    Ok(Figures { wall: wall.parse()?, cpu: cpu.parse()?, memory: memory.parse()? })
}

pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{:?} failed:\n{}", command.get_args().collect::<Vec<_>>(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The interpreter with the peers in it, as `make bench` prepares it.
fn python() -> Result<PathBuf> {
    let venv = std::env::var_os("MEDALLION_VENV").map(PathBuf::from);
    let venv = venv.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/medallion-workbench/venv")));
    let python = venv.map(|venv| venv.join("bin").join("python"));
    python
        .filter(|python| python.is_file())
        .context("the Python environment with DuckDB and Polars is missing; `make bench` makes it")
}

/// The optimised binary, the released one if there is one.
pub(crate) fn binary(root: &Path) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let name = OsString::from(format!("medallion{}", std::env::consts::EXE_SUFFIX));
    let candidates = ["release", "demo"].map(|profile| target.join(profile).join(&name));
    let newest =
        candidates.iter().filter_map(|path| Some((std::fs::metadata(path).ok()?.modified().ok()?, path))).max();
    newest.map(|(_, path)| path.clone()).context("there is no optimised binary; `make bench` builds it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_ours_by_theirs() {
        let figure = |cpu, wall, memory| Figures { wall, cpu, memory };
        let figures = BTreeMap::from([("medallion", figure(1.0, 0.5, 100.0)), ("duckdb", figure(2.0, 1.0, 50.0))]);
        let text = format!("{HEADING}{}", lines("bronze", &figures));
        let ratios: Vec<&str> = text.lines().nth(2).unwrap().split_whitespace().collect();
        assert_eq!(ratios, ["bronze", "duckdb", "2.00", "1.00", "50", "0.50", "0.50", "2.00"]);
    }

    #[test]
    fn figures_are_three_numbers() {
        assert_eq!(figures("1.5 2.5 100.0\n").unwrap(), Figures { wall: 1.5, cpu: 2.5, memory: 100.0 });
        assert!(figures("1.5 2.5\n").is_err());
        assert!(figures("").is_err());
    }
}
