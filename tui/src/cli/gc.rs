//! `medallion gc`: removes what crashes left and nobody needs, or lists it.

use medallion_core::api::wire::{ClearedFile, GcEvent, GcReport, KeptFiles};

use super::args::GcArgs;
use super::output::{Failure, harmless};
use super::table::{Align, Table, bytes, plural};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// Exit code of the report. With `--json`, every event is one line and the last has the report.
pub(crate) fn answer(context: &Context, args: &GcArgs) -> Result<u8, Failure> {
    let output = &context.output;
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    let (mut cleared, mut kept) = (Vec::new(), Vec::new());
    let mut stream = Ok(());
    let report = context.engine.gc(args.request(JOB), &mut |event| {
        if output.json {
            if stream.is_ok() {
                stream = output.line(&event);
            }
            return;
        }
        match event {
            GcEvent::Cleared { file } => cleared.push(*file),
            GcEvent::Kept { files } => kept.push(*files),
            GcEvent::Finished { .. } => {}
        }
    })?;
    if !output.json {
        stream = listing(context, &cleared);
        for files in &kept {
            output.talk(&told(files));
        }
        for error in &report.errors {
            output.error(&context.engine, error);
        }
        output.talk(&closing(&report));
    }
    stream.map(|()| report.exit).or_else(|failure| if report.exit == 0 { Err(failure) } else { Ok(report.exit) })
}

fn listing(context: &Context, cleared: &[ClearedFile]) -> Result<(), Failure> {
    if cleared.is_empty() {
        return Ok(());
    }
    let output = &context.output;
    let mut table = Table::new([("bytes", Align::Right), ("why", Align::Left), ("file", Align::Left)]);
    for file in cleared {
        table.row(vec![bytes(file.bytes.0).into(), file.reason.as_str().into(), file.file.as_str().into()]);
    }
    // Files are there to be copied whole, so nothing is cut.
    output.data(&table.render(output.colour, None).text)
}

fn told(kept: &KeptFiles) -> String {
    let files = if kept.files.0 > 0 { format!("{} stay: ", plural(kept.files.0, "file")) } else { String::new() };
    format!("{}: {files}{}", harmless(&kept.path), harmless(&kept.reason))
}

fn closing(report: &GcReport) -> String {
    let partitions = plural(report.partitions.0, "partition");
    if report.files.0 == 0 {
        return format!("nothing to remove in {partitions}");
    }
    let done = if report.dry_run { "would be removed" } else { "removed" };
    let fenced = match report.fenced.0 {
        0 => String::new(),
        fenced => format!("; {} used up, so that silent runs cannot commit any more", plural(fenced, "version number")),
    };
    format!("{}, {} {done} in {partitions}{fenced}", plural(report.files.0, "file"), bytes(report.bytes.0))
}
