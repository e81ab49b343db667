//! `medallion validate --watch`: what is wrong now, and again whenever a file changes.

use std::collections::BTreeMap;

use medallion_core::api::wire::{FileValidation, Severity, Target, WatchEvent, WatchRequest, code};

use super::args::ReportFormat;
use super::output::{Failure, findings, harmless};
use super::table::plural;
use super::validate::{exit, file_report};
use super::{Context, interrupt, refusal};

/// The name of the one job of this process.
const JOB: &str = "watch";

/// Tells of changes until Ctrl-C; then the exit code is that of the last state.
pub(crate) fn answer(context: &Context, target: Target, format: ReportFormat) -> Result<u8, Failure> {
    if matches!(format, ReportFormat::Github | ReportFormat::Sarif) {
        let hint = "use `--format pretty`, `plain` or `json`";
        let message = "`--watch` has no end, and this format needs one".to_owned();
        return Err(refusal(code::CFG026, message, Some(hint.into())).into());
    }
    interrupt::end_on_signal(context.engine.clone(), JOB.into());
    let mut state = State { context, format, files: BTreeMap::new() };
    let mut stream = Ok(());
    let request = WatchRequest { target, job: JOB.into() };
    context.engine.watch(request, &mut |event| {
        if stream.is_ok() {
            stream = state.take(event);
            if stream.is_err() {
                // Nobody reads any more.
                interrupt::end(&context.engine, JOB);
            }
        }
    })?;
    stream?;
    let files: Vec<FileValidation> = state.files.into_values().collect();
    Ok(exit(&files))
}

struct State<'a> {
    context: &'a Context,
    format: ReportFormat,
    /// The last word on each file, by its name.
    files: BTreeMap<String, FileValidation>,
}

impl State<'_> {
    fn take(&mut self, event: WatchEvent) -> Result<(), Failure> {
        if self.format == ReportFormat::Json {
            self.context.output.line(&event)?;
        }
        match event {
            WatchEvent::Started { files } => {
                let files: Vec<FileValidation> = files.into_iter().map(|file| file.validation).collect();
                self.show(files, &[])
            }
            WatchEvent::Changed { files, removed } => {
                let files: Vec<FileValidation> = files.into_iter().map(|file| file.validation).collect();
                self.show(files, &removed)
            }
            WatchEvent::Outputs { .. } => Ok(()),
            WatchEvent::Blind { reason } => {
                self.context.output.talk(&format!("changes are not seen here: {}", harmless(&reason)));
                Ok(())
            }
        }
    }

    fn show(&mut self, files: Vec<FileValidation>, removed: &[String]) -> Result<(), Failure> {
        let output = &self.context.output;
        for file in removed {
            self.files.remove(file);
        }
        for file in files {
            match self.format {
                ReportFormat::Pretty => output.data(&file_report(self.context, &file))?,
                ReportFormat::Plain => {
                    let style = self.format.style(output.colour);
                    output.data(&findings(&self.context.engine, &file.diagnostics, style, output.width))?;
                }
                ReportFormat::Json | ReportFormat::Github | ReportFormat::Sarif => {}
            }
            self.files.insert(file.file.clone(), file);
        }
        if self.format != ReportFormat::Json {
            for file in removed {
                output.talk(&format!("{}: gone", harmless(file)));
            }
            output.talk(&self.status());
        }
        Ok(())
    }

    /// One line: how things stand.
    fn status(&self) -> String {
        let count = |severity| {
            let all = self.files.values().flat_map(|file| &file.diagnostics);
            all.filter(|finding| finding.severity == severity).count() as u64
        };
        format!(
            "watching {}: {}, {}; Ctrl-C ends",
            plural(self.files.len() as u64, "file"),
            plural(count(Severity::Error), "error"),
            plural(count(Severity::Warning), "warning")
        )
    }
}
