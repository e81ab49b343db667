//! How far a run is: one moving line on a terminal, one plain line for each step otherwise.
//!
//! Owns what is drawn, not when: the engine limits how often it reports.

use medallion_core::api::wire::{Outcome, Phase, RunEvent, Step};

use super::output::{Ink, Output, error_text, harmless, last_words, paint};
use super::table::{count, shorten};

/// Cells of the bar.
const BAR: usize = 20;

/// Follows one run.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    steps: usize,
    done: usize,
    rows: u64,
}

impl Progress {
    /// Shows what an event changes.
    pub(crate) fn show(&mut self, event: &RunEvent, output: &Output) {
        match event {
            RunEvent::Started { steps, .. } => self.steps = steps.len(),
            RunEvent::StepStarted { step } => {
                self.rows = 0;
                self.draw(step, "", None, output);
            }
            RunEvent::Progress { step, phase, rows, bytes, total_bytes } => {
                self.rows = self.rows.max(rows.0);
                let share = match (bytes, total_bytes) {
                    (Some(bytes), Some(total)) if total.0 > 0 => Some((bytes.0 as f64 / total.0 as f64).min(1.0)),
                    _ => None,
                };
                self.draw(step, phase_name(*phase), share, output);
            }
            RunEvent::Noted { step, note } => {
                output.redraw("");
                output.note(&step_name(step), note);
            }
            RunEvent::StepFinished { step, outcome, error } => {
                self.done += 1;
                output.redraw("");
                if !output.animate || output.verbose {
                    let (ink, word) = outcome_name(*outcome);
                    let word = paint(output.colour_talk, ink, word);
                    output.talk(&format!("[{}/{}] {}: {word}", self.done, self.steps, harmless(&step_name(step))));
                }
                if let Some(error) = error {
                    // Also when quiet: nothing else would say why.
                    last_words(error_text(error, output.colour_talk).trim_end());
                }
            }
            RunEvent::Finished { .. } => {
                output.redraw("");
            }
        }
    }

    fn draw(&self, step: &Step, phase: &str, share: Option<f64>, output: &Output) {
        if output.animate {
            let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
            output.redraw(&shorten(&harmless(&self.line(step, phase, share)), width.saturating_sub(1)));
        }
    }

    fn line(&self, step: &Step, phase: &str, share: Option<f64>) -> String {
        let within = share.unwrap_or(0.0);
        let whole = if self.steps == 0 { 0.0 } else { (self.done as f64 + within) / self.steps as f64 };
        let full = (0..BAR).take_while(|cell| (*cell as f64 + 1.0) / BAR as f64 <= whole + 1e-9).count();
        let bar = "█".repeat(full) + &"░".repeat(BAR - full);
        let position = (self.done + 1).min(self.steps.max(1));
        let rows = if self.rows > 0 { format!(" {} rows", count(self.rows)) } else { String::new() };
        let phase = if phase.is_empty() { String::new() } else { format!(": {phase}") };
        format!("{bar} {position}/{} {}{phase}{rows}", self.steps, step_name(step))
    }
}

/// A step as people name it: `bronze flights 2013-01-01`.
pub(crate) fn step_name(step: &Step) -> String {
    format!("{} {} {}", step.layer.as_str(), step.dataset, step.date)
}

/// A phase as people name it.
fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Extract => "extracting",
        Phase::Reread => "reading again, with columns kept as text",
        Phase::Judge => "judging partitions",
        Phase::Fold => "deciding which rows count",
        Phase::Write => "writing",
        Phase::Commit => "committing",
    }
}

/// An outcome in one word.
pub(crate) fn outcome_name(outcome: Outcome) -> (Ink, &'static str) {
    match outcome {
        Outcome::Written => (Ink::Good, "written"),
        Outcome::Unchanged => (Ink::Faint, "unchanged"),
        Outcome::Failed => (Ink::Bad, "failed"),
        Outcome::Skipped => (Ink::Warn, "skipped"),
        Outcome::Cancelled => (Ink::Warn, "cancelled"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use medallion_core::api::wire::Layer;

    use super::*;

    #[test]
    fn the_bar_shows_finished_steps_and_the_share_of_this_one() {
        let step = Step {
            dataset: "flights".into(),
            date: NaiveDate::from_ymd_opt(2013, 1, 1).unwrap(),
            layer: Layer::Bronze,
        };
        let mut progress = Progress { steps: 4, done: 1, rows: 0 };
        assert_eq!(progress.line(&step, "", None), "█████░░░░░░░░░░░░░░░ 2/4 bronze flights 2013-01-01");
        progress.rows = 1200;
        assert_eq!(
            progress.line(&step, "extracting", Some(0.4)),
            "███████░░░░░░░░░░░░░ 2/4 bronze flights 2013-01-01: extracting 1,200 rows"
        );
        progress.done = 4;
        assert_eq!(
            progress.line(&step, "", None),
            "████████████████████ 4/4 bronze flights 2013-01-01: 1,200 rows".replace(": 1", " 1")
        );
    }
}
