//! `medallion run`, `bronze` and `silver`: does the work, tells how it goes, ends with the table.

use std::collections::HashMap;

use clap::Args;
use medallion_core::api::wire::{Count, Layer, Layers, NoteLevel, Outcome, RunReport, RunRequest, StepReport};

use super::args::{Dates, TargetArg, dates};
use super::output::{Failure, Ink, Output, harmless};
use super::progress::{Progress, outcome_name};
use super::table::{Align, Cell, Table, bytes, count, plural};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// `medallion run`, `bronze` and `silver`
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    target: TargetArg,
    /// A date, or a first and a last one: 2013-01-01..2013-01-03. Default: today.
    #[arg(short, long, value_name = "DATE[..DATE]", value_parser = dates)]
    date: Option<Dates>,
    /// Only this dataset; may be repeated, or a list with commas. Default: all.
    #[arg(short, long = "source", value_name = "NAME", value_delimiter = ',')]
    sources: Vec<String>,
    /// A Silver date without Bronze is no failure.
    #[arg(long)]
    allow_missing: bool,
    /// Build Silver although Bronze that the standing load was made of is gone.
    #[arg(long)]
    accept_lost_history: bool,
    /// Build Silver anew although it is up to date, as after its files were damaged.
    #[arg(long)]
    rebuild: bool,
    /// Fetch days of sources with a cursor once more, also those that are closed.
    #[arg(long)]
    refetch: bool,
    /// What Silver may hold of the keys of a dataset at a time: 512MiB, 4GiB. Default: a quarter of the memory.
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory_limit: Option<u64>,
    /// Run also more than 10,000 steps.
    #[arg(short, long)]
    yes: bool,
}

/// Bytes, as people write them: `512MiB`, `4g`.
fn memory(text: &str) -> Result<u64, String> {
    let text = text.trim().to_ascii_lowercase();
    let at = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let factor = match unit.trim() {
        "kib" | "kb" | "k" => Some(1_u64 << 10),
        "" | "mib" | "mb" | "m" => Some(1 << 20),
        "gib" | "gb" | "g" => Some(1 << 30),
        _ => None,
    };
    let bytes = factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor)).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| "a size is a number with a unit: `512MiB`, `4GiB`".to_owned())
}

impl RunArgs {
    /// As the engine wants it.
    pub(crate) fn request(&self, layers: Layers, job: &str) -> RunRequest {
        RunRequest {
            target: self.target.target(),
            sources: self.sources.clone(),
            date: self.date.map(|dates| dates.first),
            until: self.date.and_then(|dates| dates.last),
            layers,
            allow_missing: self.allow_missing,
            accept_lost_history: self.accept_lost_history,
            rebuild: self.rebuild,
            refetch: self.refetch,
            memory_limit: self.memory_limit.map(Count),
            ask_sources: false,
            accept_many_steps: self.yes,
            job: job.into(),
        }
    }
}

/// Exit code of the report. With `--json`, every event is one line and the last has the report.
pub(crate) fn answer(context: &Context, args: &RunArgs, layers: Layers) -> Result<u8, Failure> {
    let output = &context.output;
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    let mut progress = Progress::default();
    // A reader that went away does not stop the run.
    let mut stream = Ok(());
    let report = context.engine.run(args.request(layers, JOB), &mut |event| {
        if !output.json {
            progress.show(&event, output);
        } else if stream.is_ok() {
            stream = output.line(&event);
        }
    })?;
    if output.json {
        return stream.map(|()| report.exit).or(Ok(report.exit));
    }
    let summary = output.data(&summary(&report, output.colour, output.width));
    output.talk(&closing(&report, output));
    summary.map(|()| report.exit).or_else(|failure| if report.exit == 0 { Err(failure) } else { Ok(report.exit) })
}

/// What happened to one dataset on one date.
struct Line<'a> {
    first: &'a StepReport,
    bronze: Option<&'a StepReport>,
    silver: Option<&'a StepReport>,
}

/// The table: one line for each dataset and date.
fn summary(report: &RunReport, colour: bool, width: Option<usize>) -> String {
    let lines = lines(report);
    if lines.is_empty() {
        return String::new();
    }
    let whole = table(&lines, true).render(colour, width);
    if !whole.cut && whole.hidden.is_empty() {
        return whole.text;
    }
    // Too wide for this terminal: the places stand below, where they can be copied whole, and the
    // headings are short enough for 80 columns.
    let mut text = table(&lines, false).render(colour, width).text;
    let mut places: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.first.step.dataset.as_str(), place(line))).collect();
    places.dedup_by_key(|(dataset, _)| dataset.to_owned());
    let longest = places.iter().map(|(dataset, _)| dataset.chars().count()).max().unwrap_or(0);
    text += "\n";
    for (dataset, path) in places {
        text += &format!("{:longest$}  {}\n", harmless(dataset), harmless(path));
    }
    text
}

fn lines(report: &RunReport) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut known = HashMap::new();
    for step in &report.steps {
        let index = *known.entry((&step.step.dataset, step.step.date)).or_insert_with(|| {
            lines.push(Line { first: step, bronze: None, silver: None });
            lines.len() - 1
        });
        match step.step.layer {
            Layer::Bronze => lines[index].bronze = Some(step),
            Layer::Silver => lines[index].silver = Some(step),
        }
    }
    lines.sort_by(|a, b| (&a.first.step.dataset, a.first.step.date).cmp(&(&b.first.step.dataset, b.first.step.date)));
    lines
}

fn table(lines: &[Line<'_>], with_place: bool) -> Table {
    // Seldom anything but 0, and 80 columns are few.
    let with_unreadable = lines.iter().filter_map(|line| line.bronze).any(|step| step.rejected.0 > 0);
    let mut columns = vec![
        ("dataset", Align::Left),
        ("date", Align::Left),
        ("result", Align::Left),
        (if with_place { "Bronze rows" } else { "Bronze" }, Align::Right),
        ("parts", Align::Right),
        ("bytes", Align::Right),
        (if with_place { "Silver rows" } else { "Silver" }, Align::Right),
        ("quarantined", Align::Right),
        ("seconds", Align::Right),
    ];
    if with_unreadable {
        columns.insert(6, ("unreadable", Align::Right));
    }
    if with_place {
        columns.push(("where", Align::Left));
    }
    let mut table = Table::of(columns.into_iter().map(|(name, align)| (name.to_owned(), align)).collect());
    for line in lines {
        let number = |step: Option<&StepReport>, write: fn(&StepReport) -> String| match step {
            Some(step) if matches!(step.outcome, Outcome::Written | Outcome::Unchanged) => Cell::from(write(step)),
            _ => Cell::new("-", Ink::Faint),
        };
        let seconds: f64 = [line.bronze, line.silver].into_iter().flatten().map(|step| step.seconds).sum();
        let mut cells = vec![
            line.first.step.dataset.as_str().into(),
            line.first.step.date.to_string().into(),
            result(line),
            number(line.bronze, |step| count(step.rows.0)),
            number(line.bronze, |step| count(step.parts.0)),
            number(line.bronze, |step| bytes(step.bytes.0)),
            number(line.silver, |step| count(step.rows.0)),
            number(line.silver, |step| count(step.rejected.0)),
            format!("{seconds:.2}").into(),
        ];
        if with_unreadable {
            cells.insert(6, number(line.bronze, |step| count(step.rejected.0)));
        }
        if with_place {
            cells.push(place(line).into());
        }
        table.row(cells);
    }
    table
}

/// The worse of the two outcomes, in one word.
fn result(line: &Line<'_>) -> Cell {
    let weight = |outcome: Outcome| match outcome {
        Outcome::Unchanged => 0,
        Outcome::Written => 1,
        Outcome::Skipped => 2,
        Outcome::Cancelled => 3,
        Outcome::Failed => 4,
    };
    let outcomes = [line.bronze, line.silver].into_iter().flatten().map(|step| step.outcome);
    let (ink, word) = outcomes.max_by_key(|outcome| weight(*outcome)).map_or((Ink::Plain, "-"), outcome_name);
    Cell::new(word, ink)
}

/// Where the result is: Silver if the dataset is promoted, else Bronze.
fn place<'a>(line: &Line<'a>) -> &'a str {
    let step = line.silver.or(line.bronze).unwrap_or(line.first);
    &step.path
}

/// The last word: how many steps did what.
fn closing(report: &RunReport, output: &Output) -> String {
    let number = |outcome| report.steps.iter().filter(|step| step.outcome == outcome).count() as u64;
    let steps = plural(report.steps.len() as u64, "step");
    let seconds = report.seconds;
    let warnings =
        report.steps.iter().flat_map(|step| &step.notes).filter(|note| note.level == NoteLevel::Warning).count() as u64;
    let warned = if warnings > 0 { format!(", {}", plural(warnings, "warning")) } else { String::new() };
    let run = if output.verbose { format!(" (run {})", report.run_id) } else { String::new() };
    if number(Outcome::Unchanged) == report.steps.len() as u64 {
        return format!("{steps} in {seconds:.2} s: everything was up to date, nothing was written{warned}{run}");
    }
    let parts = [Outcome::Written, Outcome::Unchanged, Outcome::Failed, Outcome::Skipped, Outcome::Cancelled];
    let counts: Vec<String> = parts
        .into_iter()
        .filter(|outcome| number(*outcome) > 0)
        .map(|outcome| format!("{} {}", count(number(outcome)), outcome_name(outcome).1))
        .collect();
    let quiet = if number(Outcome::Written) == 0 { "; nothing was written" } else { "" };
    format!("{steps} in {seconds:.2} s: {}{quiet}{warned}{run}", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use medallion_core::api::wire::{Count, Step};

    use super::*;

    #[test]
    fn memory_has_a_unit() {
        for (text, bytes) in
            [("512MiB", 512 << 20), ("4g", 4 << 30), ("64", 64 << 20), (" 1 gb", 1 << 30), ("9kib", 9 << 10)]
        {
            assert_eq!(memory(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "MiB", "1.5GiB", "-1", "12 parsecs", "99999999999999999999g", "18446744073709551615g"] {
            assert!(memory(text).is_err(), "{text}");
        }
    }

    fn report() -> RunReport {
        let step = |dataset: &str, day, layer, outcome, rows, path: &str| StepReport {
            step: Step { dataset: dataset.into(), date: NaiveDate::from_ymd_opt(2013, 1, day).unwrap(), layer },
            outcome,
            rows: Count(rows),
            parts: Count(1),
            bytes: Count(rows * 34),
            rejected: Count(0),
            path: path.into(),
            seconds: 0.021,
            notes: Vec::new(),
            error: None,
        };
        let bronze = "demo/lake/bronze/system=nyc/table=flights/dt=2013-01-01";
        let silver = "demo/lake/silver/domain=aviation/entity=flights/v1";
        RunReport {
            run_id: "r1".into(),
            steps: vec![
                step("flights", 1, Layer::Bronze, Outcome::Written, 842, bronze),
                step("flights", 2, Layer::Bronze, Outcome::Unchanged, 943, bronze),
                step("flights", 1, Layer::Silver, Outcome::Written, 842, silver),
                step("flights", 2, Layer::Silver, Outcome::Failed, 0, silver),
                step(
                    "airlines",
                    1,
                    Layer::Bronze,
                    Outcome::Unchanged,
                    16,
                    "demo/lake/bronze/system=nyc/table=airlines/dt=2013-01-01",
                ),
            ],
            exit: 4,
            seconds: 0.1,
        }
    }

    #[test]
    fn one_line_for_each_dataset_and_date() {
        insta::assert_snapshot!(summary(&report(), false, None), @"
        dataset   date        result     Bronze rows  parts     bytes  Silver rows  quarantined  seconds  where
        airlines  2013-01-01  unchanged           16      1     544 B            -            -     0.02  demo/lake/bronze/system=nyc/table=airlines/dt=2013-01-01
        flights   2013-01-01  written            842      1  28.0 KiB          842            0     0.04  demo/lake/silver/domain=aviation/entity=flights/v1
        flights   2013-01-02  failed             943      1  31.3 KiB            -            -     0.04  demo/lake/silver/domain=aviation/entity=flights/v1
        ");
    }

    #[test]
    fn a_narrow_terminal_gets_the_places_below() {
        for width in [80, 100] {
            let text = summary(&report(), false, Some(width));
            let table = text.split("\n\n").next().unwrap();
            assert!(table.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            assert!(table.contains("seconds") && text.contains("flights   demo/lake/silver"), "{text}");
        }
    }
}
