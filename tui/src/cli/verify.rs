//! `medallion verify`: holds files against what was committed, and lists what does not hold.

use medallion_core::api::wire::{FileFinding, Severity, VerifiedPartition, VerifyEvent, VerifyReport};

use super::args::VerifyArgs;
use super::output::{Failure, Ink, harmless, paint};
use super::table::{bytes, count, plural};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// Exit code of the report. With `--json`, every event is one line and the last has the report.
pub(crate) fn answer(context: &Context, args: &VerifyArgs) -> Result<u8, Failure> {
    let output = &context.output;
    interrupt::watch(context.engine.clone(), output.clone(), JOB.into());
    let mut all = 0;
    let mut stream = Ok(());
    let report = context.engine.verify(args.request(JOB), &mut |event| {
        if output.json {
            if stream.is_ok() {
                stream = output.line(&event);
            }
            return;
        }
        match event {
            VerifyEvent::Started { partitions } => all = partitions.0,
            VerifyEvent::Progress { partitions, files, bytes: read } => output.redraw(&format!(
                "{} of {} partitions verified, {}, {}",
                count(partitions.0),
                count(all),
                plural(files.0, "file"),
                bytes(read.0)
            )),
            VerifyEvent::Verified { partition } => {
                if stream.is_ok() && (output.verbose || !partition.findings.is_empty()) {
                    output.redraw("");
                    stream = output.data(&text(&partition, output.colour));
                }
            }
            VerifyEvent::Finished { .. } => output.redraw(""),
        }
    })?;
    if !output.json {
        output.talk(&closing(&report));
    }
    stream.map(|()| report.exit).or_else(|failure| if report.exit == 0 { Err(failure) } else { Ok(report.exit) })
}

/// A partition with what was found in it.
fn text(partition: &VerifiedPartition, colour: bool) -> String {
    let worst = partition.findings.iter().map(|finding| finding.severity).next();
    let (ink, word) = match worst {
        Some(Severity::Error) => (Ink::Bad, "damaged"),
        Some(_) => (Ink::Warn, "look"),
        None => (Ink::Good, "ok"),
    };
    let version = match partition.version.0 {
        _ if partition.predecessor => " (of the predecessor)".to_owned(),
        0 => String::new(),
        version => format!(" version {version}"),
    };
    let mut text = format!("{}: {}{version}\n", paint(colour, ink, word), harmless(&partition.path));
    let mut last = "";
    for finding in &partition.findings {
        text += &format!("  {}\n", line(finding, colour));
        // Files of one kind of damage have one cure.
        if finding.hint != last && !finding.hint.is_empty() {
            text += &format!("    {}: {}\n", paint(colour, Ink::Good, "help"), harmless(&finding.hint));
        }
        last = &finding.hint;
    }
    text
}

/// `error[STG062]: part-0001.parquet: its SHA-256 is not …`
pub(crate) fn line(finding: &FileFinding, colour: bool) -> String {
    let (ink, word) = match finding.severity {
        Severity::Error => (Ink::Bad, "error"),
        Severity::Warning => (Ink::Warn, "warning"),
        Severity::Info => (Ink::Faint, "note"),
    };
    let head = paint(colour, ink, &format!("{word}[{}]", finding.code));
    format!("{head}: {}: {}", harmless(&finding.file), harmless(&finding.message))
}

fn closing(report: &VerifyReport) -> String {
    let how = if report.quick { "sizes and footers of " } else { "" };
    let looked = format!(
        "{how}{} in {}, {}, verified in {:.2} s",
        plural(report.files.0, "file"),
        plural(report.partitions.0, "partition"),
        bytes(report.bytes.0),
        report.seconds
    );
    match (report.errors.0, report.warnings.0) {
        (0, 0) => format!("{looked}: all is as it was committed"),
        (0, warnings) => format!("{looked}: {}", plural(warnings, "warning")),
        (errors, warnings) => {
            let warnings = if warnings > 0 { format!(" and {}", plural(warnings, "warning")) } else { String::new() };
            format!("{looked}: {}{warnings}, {} damaged", plural(errors, "error"), count(report.damaged.0))
        }
    }
}
