//! `medallion adopt`: makes Bronze of the predecessor ours, as it is.

use medallion_core::api::wire::{AdoptReport, AdoptedFolder};

use super::args::AdoptArgs;
use super::output::{Failure, Ink, harmless};
use super::table::{Align, Cell, Table, bytes, count, plural};
use super::{Context, interrupt, verify};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// Exit code of the report.
pub(crate) fn answer(context: &Context, args: &AdoptArgs) -> Result<u8, Failure> {
    let output = &context.output;
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    let report = context.engine.adopt(args.request(JOB))?;
    if output.json {
        output.reply(&report)?;
        return Ok(report.exit);
    }
    output.data(&table(&report).render(output.colour, output.width).text)?;
    for folder in report.folders.iter().filter(|folder| !folder.findings.is_empty()) {
        output.talk(&refusal(folder, output.colour_talk));
    }
    output.talk(&closing(&report));
    Ok(report.exit)
}

fn table(report: &AdoptReport) -> Table {
    let mut table = Table::new([
        ("date", Align::Left),
        ("pattern", Align::Left),
        ("rows", Align::Right),
        ("files", Align::Right),
        ("bytes", Align::Right),
        ("", Align::Left),
        ("folder", Align::Left),
    ]);
    for folder in &report.folders {
        let verdict = match (folder.findings.is_empty(), report.written) {
            (false, _) => Cell::new("refused", Ink::Bad),
            (true, true) => Cell::new("adopted", Ink::Good),
            (true, false) => Cell::new("can be", Ink::Good),
        };
        table.row(vec![
            folder.date.map_or_else(|| "-".to_owned(), |date| date.to_string()).into(),
            folder.load_pattern.as_str().into(),
            count(folder.rows.0).into(),
            count(folder.files.0).into(),
            bytes(folder.bytes.0).into(),
            verdict,
            folder.path.as_str().into(),
        ]);
    }
    table
}

fn refusal(folder: &AdoptedFolder, colour: bool) -> String {
    let lines = folder.findings.iter().map(|finding| format!("\n  {}", verify::line(finding, colour)));
    format!("{} is refused:{}", harmless(&folder.path), lines.collect::<String>())
}

fn closing(report: &AdoptReport) -> String {
    let adopted = plural(report.adopted.0, "folder");
    let refused = if report.refused.0 > 0 { format!("; {} refused", count(report.refused.0)) } else { String::new() };
    match (report.written, report.adopted.0) {
        (true, _) => format!("{adopted} adopted{refused}"),
        (false, 0) => format!("nothing can be adopted{refused}"),
        (false, _) => format!("{adopted} can be adopted{refused}; `--write` does it"),
    }
}
