//! `medallion join`: joins two Silver datasets into a third, by a config or by two folders.

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use medallion_core::api::wire::{
    Count, JoinEvent, JoinFigures, JoinFolders, JoinGuard, JoinKey, JoinPlan, JoinReport, JoinRequest, JoinStrategy,
    Outcome,
};

use super::args::{RowFormat, TargetArg, date};
use super::output::{Failure, Ink, Output, harmless, paint};
use super::rows::Window;
use super::table::{bytes, count, plural};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// `medallion join`
#[derive(Debug, Args)]
pub(crate) struct JoinArgs {
    #[command(flatten)]
    target: TargetArg,
    /// A folder of Silver, in the place of a config: …/v1 means its newest load.
    #[arg(long, value_name = "FOLDER", requires = "right_path")]
    left_path: Option<String>,
    /// The other folder.
    #[arg(long, value_name = "FOLDER", requires = "left_path")]
    right_path: Option<String>,
    /// The table of the left folder, where a load has several. Default: the only one, else `current`.
    #[arg(long, value_name = "TABLE", requires = "left_path")]
    left_dataset: Option<String>,
    /// The table of the right folder.
    #[arg(long, value_name = "TABLE", requires = "right_path")]
    right_dataset: Option<String>,
    /// Pairs of columns, "left=right,…". Default: the keys that both sides declare.
    #[arg(long, value_name = "PAIRS", requires = "left_path", value_parser = keys)]
    join_keys: Option<Keys>,
    /// Which rows without a partner are kept.
    #[arg(long, value_name = "STRATEGY", requires = "left_path", default_value = "inner")]
    strategy: Strategy,
    /// Take the newest load of each side on or before this date.
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<NaiveDate>,
    /// Folder of the result. Default: beside the left side.
    #[arg(long, value_name = "FOLDER")]
    output_path: Option<String>,
    /// Show what it would do; reads no rows and writes nothing.
    #[arg(long, conflicts_with_all = ["preview", "rebuild"])]
    plan: bool,
    /// Join without writing: figures of all rows, and the first ones.
    #[arg(long, conflicts_with = "rebuild")]
    preview: bool,
    /// Rows that --preview shows.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Make it although the result stands already.
    #[arg(long)]
    rebuild: bool,
    /// Memory for the right side; what does not fit goes to disk. Default: 1G.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory_limit: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Strategy {
    Inner,
    Left,
    Right,
    #[value(alias = "outer")]
    Full,
    Semi,
    Anti,
}

#[derive(Clone, Debug)]
struct Keys(Vec<JoinKey>);

fn keys(text: &str) -> Result<Keys, String> {
    let pair = |pair: &str| {
        let (left, right) = pair.split_once('=').unwrap_or((pair, pair));
        let (left, right) = (left.trim().to_owned(), right.trim().to_owned());
        let is_whole = !left.is_empty() && !right.is_empty() && !right.contains('=');
        is_whole.then_some(JoinKey { left, right }).ok_or_else(|| "pairs are written left=right,left=right".to_owned())
    };
    text.split(',').map(pair).collect::<Result<_, _>>().map(Keys)
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().trim_end_matches("ib").trim_end_matches('b') {
        "" => Some(0),
        "k" => Some(10),
        "m" => Some(20),
        "g" => Some(30),
        _ => None,
    };
    let bytes = digits.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(1 << unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "sizes are written 512M or 2G".to_owned())
}

impl JoinArgs {
    fn request(&self) -> JoinRequest {
        let strategy = match self.strategy {
            Strategy::Inner => JoinStrategy::Inner,
            Strategy::Left => JoinStrategy::Left,
            Strategy::Right => JoinStrategy::Right,
            Strategy::Full => JoinStrategy::Full,
            Strategy::Semi => JoinStrategy::Semi,
            Strategy::Anti => JoinStrategy::Anti,
        };
        let folders = self.left_path.as_ref().zip(self.right_path.as_ref()).map(|(left, right)| JoinFolders {
            left: left.clone(),
            right: right.clone(),
            left_table: self.left_dataset.clone(),
            right_table: self.right_dataset.clone(),
            keys: self.join_keys.as_ref().map(|keys| keys.0.clone()).unwrap_or_default(),
            strategy,
        });
        JoinRequest {
            target: self.target.target(),
            folders,
            as_of: self.as_of,
            output: self.output_path.clone(),
            rebuild: self.rebuild,
            memory: self.memory_limit.map(Count),
            limit: self.limit,
            job: JOB.into(),
        }
    }
}

/// Does the join, or says what it would do.
pub(crate) fn answer(context: &Context, args: &JoinArgs) -> Result<u8, Failure> {
    let output = &context.output;
    if args.plan {
        let plan = context.engine.plan_join(args.request())?;
        if output.json {
            output.reply(&plan)?;
        } else {
            output.data(&plan_text(&plan, output.colour))?;
            let end = if plan.up_to_date { "it stands already" } else { "nothing was written" };
            output.talk(&format!("1 join planned; {end}"));
        }
        return Ok(0);
    }
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    if args.preview {
        let reply = context.engine.preview_join(args.request())?;
        let mut window = Window::new(output, RowFormat::Table);
        window.show(&reply)?;
        window.finish()?;
        if !output.json {
            tell_figures(output, &reply.info.figures);
            tell_guards(output, &reply.info.guards);
            output.talk("nothing was written");
        }
        let holds = reply.info.guards.iter().all(|guard| guard.holds);
        return Ok(if holds { 0 } else { 4 });
    }
    let mut stream = Ok(());
    let report = context.engine.join(args.request(), &mut |event| {
        if output.json {
            if stream.is_ok() {
                stream = output.line(&event);
            }
        } else if let JoinEvent::Progress { rows, .. } = event {
            output.redraw(&format!("{} joined", plural(rows.0, "row")));
        }
    });
    output.redraw("");
    let report = report?;
    if !output.json {
        tell(output, &report);
    }
    stream.map(|()| 0)
}

fn plan_text(plan: &JoinPlan, colour: bool) -> String {
    let mut text = format!("{} ({})\n", paint(colour, Ink::Strong, &harmless(&plan.name)), word(plan.strategy));
    for (which, side) in [("left", &plan.left), ("right", &plan.right)] {
        text += &format!(
            "  {which:7} {} {} of {} (version {}), {}\n",
            harmless(&side.table),
            harmless(&side.load),
            harmless(&side.path),
            side.version,
            plural(side.rows.0, "row")
        );
    }
    let keys: Vec<String> =
        plan.keys.iter().map(|key| format!("{} = {}", harmless(&key.left), harmless(&key.right))).collect();
    text += &format!("  keys    {}\n", keys.join(", "));
    let default = if plan.output_is_default { " (default; --output-path chooses)" } else { "" };
    text += &format!("  writes  {}{default}, load_date={}\n", harmless(&plan.output), plan.load_date);
    for column in &plan.columns {
        let name = harmless(&column.name);
        text += &format!("  column  {name}: {}, {}.{}\n", column.data_type, column.side, harmless(&column.original));
    }
    text
}

fn word(strategy: JoinStrategy) -> &'static str {
    match strategy {
        JoinStrategy::Inner => "inner",
        JoinStrategy::Left => "left",
        JoinStrategy::Right => "right",
        JoinStrategy::Full => "full",
        JoinStrategy::Semi => "semi",
        JoinStrategy::Anti => "anti",
    }
}

fn tell(output: &Output, report: &JoinReport) {
    if let Some(figures) = &report.figures {
        tell_figures(output, figures);
    }
    tell_guards(output, &report.guards);
    let done = match report.outcome {
        Outcome::Written => paint(output.colour, Ink::Good, "written"),
        _ => "up to date, nothing was written".to_owned(),
    };
    output.talk(&format!(
        "{} {done}: {} in {}, {}, {:.1} s",
        harmless(&report.plan.name),
        plural(report.rows.0, "row"),
        plural(report.parts.0, "part"),
        bytes(report.bytes.0),
        report.seconds
    ));
    let default = if report.plan.output_is_default { " (default; --output-path chooses)" } else { "" };
    output.talk(&format!("  {} load_date={}{default}", harmless(&report.plan.output), report.plan.load_date));
}

fn tell_figures(output: &Output, figures: &JoinFigures) {
    let keyless = |rows: Count| if rows.0 > 0 { format!(", {} without a key", count(rows.0)) } else { String::new() };
    output.talk(&format!(
        "left   {} of {} have a partner ({:.2} %){}",
        count(figures.left_matched.0),
        plural(figures.left_rows.0, "row"),
        figures.match_ratio * 100.0,
        keyless(figures.left_without_key)
    ));
    output.talk(&format!(
        "right  {} of {} have a partner{}",
        count(figures.right_matched.0),
        plural(figures.right_rows.0, "row"),
        keyless(figures.right_without_key)
    ));
    output.talk(&format!(
        "result {}; at most {} for a left row",
        plural(figures.rows.0, "row"),
        plural(figures.most_partners.0, "partner")
    ));
}

fn tell_guards(output: &Output, guards: &[JoinGuard]) {
    for guard in guards {
        let (ink, sign) = if guard.holds { (Ink::Good, "holds") } else { (Ink::Bad, "broken") };
        let sign = paint(output.colour, ink, sign);
        output.talk(&format!("guard  {sign}: {}; found {}", harmless(&guard.guard), harmless(&guard.found)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_refused() {
        let pairs =
            |text| keys(text).map(|keys| keys.0.into_iter().map(|key| (key.left, key.right)).collect::<Vec<_>>());
        let pair = |left: &str, right: &str| (left.to_owned(), right.to_owned());
        assert_eq!(pairs("a=b, c"), Ok(vec![pair("a", "b"), pair("c", "c")]));
        assert!(["", "a=", "a=b=c", "a,,b"].into_iter().all(|text| pairs(text).is_err()));
        assert_eq!(["512", "64k", "2G", "3MiB"].map(size), [Ok(512), Ok(64 << 10), Ok(2 << 30), Ok(3 << 20)]);
        assert!(["", "0", "G", "1T", "99999999999G", "1.5G"].into_iter().all(|text| size(text).is_err()));
    }
}
