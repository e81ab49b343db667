//! Verifying what the cursor is on: how far it is, and what does not hold.
//!
//! Owns what is asked and shown; what is wrong with a file, and what mends it, comes from the engine.

use medallion_core::api::wire::{
    CancelRequest, ErrorBody, Layer, PartitionDetail, PartitionRef, Severity, Target, VerifiedPartition, VerifyEvent,
    VerifyReport, VerifyRequest,
};

use crate::app::door::Answered;
use crate::app::message::Request;
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::text;

/// No config names the partition.
const NOTHING: &str = "STG072";

/// What is verified.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    /// A partition or load.
    Partition(PartitionRef),
    /// All of a layer of a dataset.
    Dataset(Layer, String),
}

/// A verification, going on or done.
#[derive(Debug)]
pub(super) struct Verification {
    subject: Subject,
    /// Its folder, for a partition that no config names.
    path: String,
    generation: u64,
    job: String,
    since: u64,
    going: bool,
    stopped: bool,
    expected: u64,
    /// Partitions, files and bytes so far.
    progress: (u64, u64, u64),
    found: Vec<VerifiedPartition>,
    report: Option<VerifyReport>,
    error: Option<ErrorBody>,
}

impl Verification {
    /// Begins. `detail` is that of a partition.
    pub(super) fn start(subject: Subject, detail: Option<&PartitionDetail>, shared: &mut Shared) -> Self {
        let job = format!("verify-{}", shared.now);
        let request = match &subject {
            Subject::Dataset(layer, dataset) => VerifyRequest {
                target: shared.target.clone(),
                sources: vec![dataset.clone()],
                layer: Some(*layer),
                ..VerifyRequest::default()
            },
            Subject::Partition(of) => VerifyRequest {
                target: of.of.target.clone(),
                // A folder that was found by looking may be of any dataset, or of none.
                sources: if of.folder.is_some() { Vec::new() } else { vec![of.of.dataset.clone()] },
                layer: Some(of.layer),
                partition: match &of.folder {
                    Some(folder) => folder.path.clone(),
                    None => detail.map_or_else(|| of.id.clone(), |detail| detail.summary.id.clone()),
                },
                ..VerifyRequest::default()
            },
        };
        let generation = shared.ask(Request::Verify(VerifyRequest { job: job.clone(), ..request }));
        Self {
            subject,
            path: detail.map(|detail| detail.path.clone()).unwrap_or_default(),
            generation,
            job,
            since: shared.now,
            going: true,
            stopped: false,
            expected: 0,
            progress: (0, 0, 0),
            found: Vec::new(),
            report: None,
            error: None,
        }
    }

    /// What it is of.
    pub(super) const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Since when it goes on; `None` when it does not.
    pub(super) fn going(&self) -> Option<u64> {
        self.going.then_some(self.since)
    }

    /// Stops it as soon as can be.
    pub(super) fn stop(&mut self, shared: &mut Shared) {
        if self.going && !self.stopped {
            self.stopped = true;
            shared.ask(Request::Cancel(CancelRequest { job: self.job.clone() }));
        }
    }

    pub(super) fn event(&mut self, generation: u64, event: VerifyEvent) {
        if generation != self.generation {
            return;
        }
        match event {
            VerifyEvent::Started { partitions } => self.expected = partitions.0,
            VerifyEvent::Progress { partitions, files, bytes } => self.progress = (partitions.0, files.0, bytes.0),
            VerifyEvent::Verified { partition } => self.found.push(*partition),
            VerifyEvent::Finished { report } => self.report = Some(report),
        }
    }

    pub(super) fn ended(&mut self, generation: u64, answer: Answered<VerifyReport>, shared: &mut Shared) {
        if generation != self.generation {
            return;
        }
        let folder = matches!(&self.subject, Subject::Partition(of) if of.folder.is_some());
        match answer {
            Err(error) if folder && error.code.as_str() == NOTHING && !self.path.is_empty() && !self.stopped => {
                let target = Target::at(std::mem::take(&mut self.path));
                let request = VerifyRequest { target, job: self.job.clone(), ..VerifyRequest::default() };
                self.generation = shared.ask(Request::Verify(request));
            }
            // A dataset that has not landed yet is no failure.
            Err(error) if error.code.as_str() == NOTHING => {
                (self.going, self.report) = (false, Some(VerifyReport::default()));
            }
            Err(error) => (self.going, self.error) = (false, Some(error)),
            Ok(report) => {
                self.found.sort_by(|a, b| b.id.cmp(&a.id));
                (self.going, self.report) = (false, Some(report));
            }
        }
    }

    /// All there is to say, in lines of at most `room` columns.
    pub(super) fn lines(&self, room: usize, now: u64, theme: Theme) -> Vec<(String, Tone)> {
        let dot = theme.dot();
        if self.going {
            let (partitions, files, bytes) = self.progress;
            let what = if self.stopped { "stopping" } else { "verifying" };
            let of = match self.expected {
                0 | 1 => String::new(),
                all => format!("{} of {}{dot}", text::count(partitions), text::counted(all, "partition", "partitions")),
            };
            let so_far = format!("{of}{}{dot}{}", text::counted(files, "file", "files"), text::bytes(bytes));
            return vec![
                (format!(" {} {what}: {so_far}", theme.spinner(now)), Tone::Plain),
                ("   v stops it".to_owned(), Tone::Dim),
            ];
        }
        if let Some(error) = &self.error {
            return wrapped(error_lines(error), room);
        }
        let Some(report) = &self.report else { return Vec::new() };
        let files = text::counted(report.files.0, "file", "files");
        let facts = format!("{files}{dot}{}{dot}{}", text::bytes(report.bytes.0), text::seconds(report.seconds));
        let (mark, said, tone) = match (report.partitions.0, report.errors.0, report.warnings.0) {
            _ if self.stopped => (Mark::Warn, "stopped before the end".to_owned(), Tone::Warn),
            (0, ..) => (Mark::Warn, "nothing was found to verify".to_owned(), Tone::Warn),
            (_, 0, 0) => (Mark::Ok, "all is as it was committed".to_owned(), Tone::Ok),
            (_, 0, warnings) => (Mark::Warn, text::counted(warnings, "warning", "warnings"), Tone::Warn),
            (_, errors, warnings) => {
                let more = match warnings {
                    0 => String::new(),
                    warnings => format!(", {}", text::counted(warnings, "warning", "warnings")),
                };
                (Mark::Fail, format!("{}{more}", text::counted(errors, "error", "errors")), Tone::Fail)
            }
        };
        let mut lines = vec![(format!(" {} {said}", theme.glyph(mark)), tone), (format!("   {facts}"), Tone::Dim)];
        for partition in self.found.iter().filter(|partition| !partition.findings.is_empty()) {
            if matches!(self.subject, Subject::Dataset(..)) {
                lines.push((format!(" {}", text::tail(&partition.id, room.saturating_sub(1), theme)), Tone::Strong));
            }
            for finding in &partition.findings {
                lines.extend(told(&partition.path, finding, room, theme));
            }
        }
        lines
    }
}

fn told(
    folder: &str,
    finding: &medallion_core::api::wire::FileFinding,
    room: usize,
    theme: Theme,
) -> Vec<(String, Tone)> {
    let (mark, tone) = match finding.severity {
        Severity::Error => (Mark::Fail, Tone::Fail),
        _ => (Mark::Warn, Tone::Warn),
    };
    // The folder stands above already.
    let file =
        finding.file.strip_prefix(folder).map_or(finding.file.as_str(), |name| name.trim_start_matches(['/', '\\']));
    let head = format!(" {} {} {file}", theme.glyph(mark), finding.code);
    let mut lines = vec![(text::cut(&head, room, theme), tone)];
    lines.extend(wrapped(vec![(finding.message.clone(), Tone::Plain), (finding.hint.clone(), Tone::Accent)], room));
    lines
}

fn wrapped(lines: Vec<(String, Tone)>, room: usize) -> Vec<(String, Tone)> {
    let wrap = |(line, tone): (String, Tone)| {
        text::wrap(line.trim_start(), room.saturating_sub(4).max(8))
            .into_iter()
            .map(move |piece| (format!("   {piece}"), tone))
    };
    lines.into_iter().filter(|(line, _)| !line.is_empty()).flat_map(wrap).collect()
}
