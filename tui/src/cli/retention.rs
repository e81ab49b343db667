//! `medallion retention`: Bronze that is older than it is kept, and rules for object stores.

use medallion_core::api::wire::{RetentionReport, RetentionVerdict};

use super::args::RetentionArgs;
use super::output::{Failure, Ink};
use super::table::{Align, Cell, Table, bytes, count, plural};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// Exit code of the report.
pub(crate) fn answer(context: &Context, args: &RetentionArgs) -> Result<u8, Failure> {
    let output = &context.output;
    if let Some(provider) = args.print_lifecycle {
        let lifecycle = context.engine.lifecycle(args.lifecycle(provider))?;
        if output.json {
            output.reply(&lifecycle)?;
        } else {
            output.data(&format!("{}\n", lifecycle.rules))?;
            for note in &lifecycle.notes {
                output.note("", note);
            }
        }
        return Ok(0);
    }
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    let report = context.engine.retention(args.request(JOB))?;
    if output.json {
        output.reply(&report)?;
        return Ok(report.exit);
    }
    let table = table(&report);
    if !table.is_empty() {
        output.data(&table.render(output.colour, output.width).text)?;
    }
    for error in &report.errors {
        output.error(&context.engine, error);
    }
    output.talk(&closing(&report));
    Ok(report.exit)
}

fn table(report: &RetentionReport) -> Table {
    let mut table = Table::new([
        ("dataset", Align::Left),
        ("date", Align::Left),
        ("days old", Align::Right),
        ("rows", Align::Right),
        ("bytes", Align::Right),
        ("", Align::Left),
        ("why", Align::Left),
    ]);
    for partition in &report.partitions {
        let verdict = match partition.verdict {
            RetentionVerdict::Removable => Cell::new("can go", Ink::Warn),
            RetentionVerdict::Removed => Cell::new("removed", Ink::Good),
            RetentionVerdict::Needed => Cell::new("stays", Ink::Faint),
            RetentionVerdict::Failed => Cell::new("failed", Ink::Bad),
        };
        table.row(vec![
            partition.dataset.as_str().into(),
            partition.date.to_string().into(),
            count(u64::from(partition.age_days)).into(),
            count(partition.rows.0).into(),
            bytes(partition.bytes.0).into(),
            verdict,
            partition.reason.as_str().into(),
        ]);
    }
    table
}

fn closing(report: &RetentionReport) -> String {
    if report.partitions.is_empty() {
        return "no partition is older than it is kept".to_owned();
    }
    let needed = match report.needed.0 {
        0 => String::new(),
        needed => format!("; {} needed", plural(needed, "partition") + if needed == 1 { " is" } else { " are" }),
    };
    let removable = plural(report.removable.0, "partition");
    match (report.applied, report.removable.0) {
        (_, 0) => format!("nothing can go{needed}"),
        (true, _) => {
            let removed =
                report.partitions.iter().filter(|partition| partition.verdict == RetentionVerdict::Removed).count();
            format!("{} of {removable} removed, {}{needed}", count(removed as u64), bytes(report.bytes.0))
        }
        (false, _) => format!("{removable}, {} can go{needed}; `--yes` removes them", bytes(report.bytes.0)),
    }
}
