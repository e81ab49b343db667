//! `medallion validate --watch`: what is wrong now, and again whenever a file changes.

use std::collections::BTreeMap;

use medallion_core::api::wire::{Diagnostic, FileValidation, Severity, Target, WatchEvent, WatchRequest, code};

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
        let mut said: Vec<Diagnostic> = Vec::new();
        for file in files {
            let told = once(&file, &mut said);
            match self.format {
                ReportFormat::Pretty => output.data(&file_report(self.context, &told))?,
                ReportFormat::Plain => {
                    let style = self.format.style(output.colour);
                    output.data(&findings(&self.context.engine, &told.diagnostics, style, output.width))?;
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
        let mut said = Vec::new();
        for file in self.files.values() {
            once(file, &mut said);
        }
        let count = |severity| said.iter().filter(|finding| finding.severity == severity).count() as u64;
        format!(
            "watching {}: {}, {}; Ctrl-C ends",
            plural(self.files.len() as u64, "file"),
            plural(count(Severity::Error), "error"),
            plural(count(Severity::Warning), "warning")
        )
    }
}

/// What is still to be told of a file when `said` was said before: a parent that several files share is the
/// same to all of them, and they only name it.
fn once(file: &FileValidation, said: &mut Vec<Diagnostic>) -> FileValidation {
    let mut told = FileValidation { diagnostics: Vec::new(), ..file.clone() };
    for finding in &file.diagnostics {
        // Seen from another file the same thing can have another path, such as `sources[1]` for `sources[0]`.
        let same = |other: &Diagnostic| {
            (&other.file, other.code, other.span, &other.message)
                == (&finding.file, finding.code, finding.span, &finding.message)
        };
        if !said.iter().any(same) {
            said.push(finding.clone());
            told.diagnostics.push(finding.clone());
        } else if finding.severity == Severity::Error && !told.held_back_by.contains(&finding.file) {
            told.held_back_by.push(finding.file.clone());
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use medallion_core::api::wire::code;

    use super::*;

    fn finding(file: &str, message: &str) -> Diagnostic {
        Diagnostic {
            code: code::CFG013,
            severity: Severity::Error,
            message: message.into(),
            file: file.into(),
            path: String::new(),
            span: None,
            help: None,
            fix: None,
            related: Vec::new(),
        }
    }

    #[test]
    fn a_parent_of_two_files_is_told_once() {
        let file = |name: &str, own: &str| FileValidation {
            file: name.into(),
            datasets: vec![name.into()],
            diagnostics: vec![finding("_base.yaml", "wrong"), finding(name, own)],
            held_back_by: Vec::new(),
        };
        let mut said = Vec::new();
        let (a, b) = (once(&file("a.yaml", "x"), &mut said), once(&file("b.yaml", "y"), &mut said));
        let messages = |told: &FileValidation| -> Vec<String> {
            told.diagnostics.iter().map(|finding| format!("{} {}", finding.file, finding.message)).collect()
        };
        assert_eq!(messages(&a), ["_base.yaml wrong", "a.yaml x"]);
        assert_eq!((messages(&b), b.held_back_by), (vec!["b.yaml y".to_owned()], vec!["_base.yaml".to_owned()]));
        assert_eq!(said.len(), 3);
        // A file without anything of its own says what holds it back.
        let bare = FileValidation { diagnostics: vec![finding("_base.yaml", "wrong")], ..file("c.yaml", "") };
        let c = once(&bare, &mut said);
        assert!(c.diagnostics.is_empty() && c.held_back_by == ["_base.yaml"]);
    }
}
