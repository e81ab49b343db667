//! Run: what to run, and how the run goes.

mod live;
mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use medallion_core::api::wire::{CancelRequest, ExplainRequest, Layers, RunRequest};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::shared::{Overlay, Purpose, Question, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::list::Cursor;
use live::Live;

/// A run of more steps than this is asked about first: a slip in a year makes thousands.
const ASKED: u64 = 1_000;

/// State of the screen.
#[derive(Debug, Default)]
pub(crate) struct Run {
    cursor: Cursor,
    /// Names of the datasets that were chosen.
    chosen: BTreeSet<String>,
    /// First and last date; `None` is today.
    dates: Option<(NaiveDate, NaiveDate)>,
    layers: Layers,
    /// The run that is going on, or has ended and is still looked at.
    live: Option<Live>,
}

impl Run {
    /// Whether a run is going on.
    pub(crate) fn is_going(&self) -> bool {
        self.live.as_ref().is_some_and(Live::is_going)
    }

    /// How the last run ended, in one line.
    pub(crate) fn verdict(&self) -> (Mark, String) {
        self.live.as_ref().map_or((Mark::Idle, "nothing was run".to_owned()), Live::verdict)
    }

    /// Shows the form with `dataset` chosen; a run that is going on stays in view.
    pub(crate) fn prepare(&mut self, dataset: &str, shared: &mut Shared) {
        if self.is_going() {
            return shared.say(Mark::Info, "a run is going on; another one can be prepared when it has ended");
        }
        self.live = None;
        self.chosen = BTreeSet::from([dataset.to_owned()]);
        if let Some(at) = shared.summaries().iter().position(|summary| summary.dataset == dataset) {
            self.cursor.set(at);
        }
    }

    /// The list of datasets is new; a dataset that is gone cannot be chosen any more.
    pub(crate) fn datasets_changed(&mut self, shared: &Shared) {
        self.chosen.retain(|dataset| shared.summary(dataset).is_some());
        self.cursor.clamp(shared.summaries().len());
    }

    /// Asks the run that is going on to stop.
    pub(crate) fn cancel(&mut self, shared: &mut Shared) {
        if let Some(live) = self.live.as_mut()
            && live.begin_cancel(shared.now)
        {
            shared.ask(Request::Cancel(CancelRequest { job: live.job.clone() }));
        }
    }

    pub(crate) fn start(&mut self, shared: &mut Shared) {
        // All of them is what "none named" means to the engine; then also those whose file is broken
        // are reported.
        let all = self.chosen.len() == shared.summaries().len();
        let sources = if all { Vec::new() } else { self.chosen.iter().cloned().collect() };
        let mut request = RunRequest {
            target: shared.target.clone(),
            sources,
            date: self.dates.map(|(first, _)| first),
            until: self.dates.map(|(_, last)| last).filter(|last| Some(*last) != self.dates.map(|(first, _)| first)),
            layers: self.layers,
            ..RunRequest::default()
        };
        // Whoever starts so much was asked about it.
        request.accept_many_steps = self.steps(shared) > ASKED;
        request.job = format!("app-{}", shared.now);
        let job = request.job.clone();
        let generation = shared.ask(Request::Run(request));
        self.live = Some(Live::new(generation, job, self.what(), shared.now));
    }

    /// At most how many steps this is: a dataset, a day and a layer each.
    fn steps(&self, shared: &Shared) -> u64 {
        let days = self.dates.map_or(1, |(first, last)| u64::try_from((last - first).num_days() + 1).unwrap_or(1));
        let layers = |silver: bool| match self.layers {
            Layers::Both => 1 + u64::from(silver),
            Layers::Bronze => 1,
            Layers::Silver => u64::from(silver),
        };
        let chosen = shared.summaries().iter().filter(|summary| self.chosen.contains(&summary.dataset));
        chosen.map(|summary| layers(summary.model.is_some())).sum::<u64>().saturating_mul(days)
    }

    /// What is going to be run, in a few words.
    fn what(&self) -> String {
        let dates = match self.dates {
            None => "today".to_owned(),
            Some((first, last)) if first == last => first.to_string(),
            Some((first, last)) => format!("{first} to {last}"),
        };
        let layers = match self.layers {
            Layers::Both => "bronze and silver",
            Layers::Bronze => "bronze",
            Layers::Silver => "silver",
        };
        let datasets = match self.chosen.len() {
            1 => self.chosen.iter().next().cloned().unwrap_or_default(),
            many => format!("{many} datasets"),
        };
        format!("{datasets}, {dates}, {layers}")
    }
}

/// Reads `YYYY-MM-DD`; nothing, or `today`, is no date.
pub(crate) fn read_date(text: &str) -> Result<Option<NaiveDate>, String> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("today") {
        return Ok(None);
    }
    let written = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Some).map_err(|_| {
        if written { format!("there is no day {text}") } else { "a date is written YYYY-MM-DD".to_owned() }
    })
}

/// Reads one date or `FIRST..LAST`.
fn read_dates(text: &str) -> Result<Option<(NaiveDate, NaiveDate)>, String> {
    let Some((first, last)) = text.split_once("..") else {
        return Ok(read_date(text)?.map(|date| (date, date)));
    };
    match (read_date(first)?, read_date(last)?) {
        (Some(first), Some(last)) if first <= last => Ok(Some((first, last))),
        (Some(_), Some(_)) => Err("the first date is after the last".to_owned()),
        _ => Err("a range is written YYYY-MM-DD..YYYY-MM-DD".to_owned()),
    }
}

impl Screen for Run {
    fn scope(&self) -> Scope {
        if self.live.is_some() { Scope::RunLive } else { Scope::RunForm }
    }

    fn enter(&mut self, shared: &mut Shared) {
        self.datasets_changed(shared);
        if self.chosen.is_empty() && self.live.is_none() {
            self.chosen.extend(shared.dataset.clone().filter(|dataset| shared.summary(dataset).is_some()));
            if let Some(at) =
                shared.summaries().iter().position(|summary| Some(&summary.dataset) == shared.dataset.as_ref())
            {
                self.cursor.set(at);
            }
        }
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        let some = Can::when(!shared.summaries().is_empty(), "there is no dataset");
        match (action, &self.live) {
            (action, _) if Cursor::default().act(action, 0) => Can::Yes,
            (Action::Start, None) => {
                Can::when(!self.chosen.is_empty(), "no dataset is chosen: Space chooses one, a all")
            }
            (Action::Mark | Action::MarkAll | Action::Dates, None) => some,
            (Action::Layers, None) => Can::Yes,
            (Action::Cancel, Some(live)) => live.can_cancel(),
            (Action::Again, Some(live)) => Can::when(!live.is_going(), "the run is still going on"),
            (Action::OutputsOfIt, Some(live)) => Can::when(live.chosen().is_some(), "no step is chosen"),
            (Action::Explain, Some(live)) => Can::when(live.chosen_code().is_some(), "the chosen step has not failed"),
            (Action::Follow, Some(live)) if live.is_going() => Can::Yes,
            (Action::Back, Some(live)) if !live.is_going() => Can::Yes,
            _ => Can::Absent,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        if let Some(live) = &mut self.live {
            match action {
                Action::Cancel => self.cancel(shared),
                Action::Again | Action::Back => self.live = None,
                Action::Follow => live.follow = true,
                Action::Explain => {
                    if let Some(code) = live.chosen_code() {
                        shared.ask(Request::Explain(ExplainRequest { code }));
                    }
                }
                Action::OutputsOfIt => {
                    if let Some(step) = live.chosen() {
                        shared.way = Some(Way::OutputsOf(step.dataset.clone(), Some(step.layer)));
                    }
                }
                action => live.act(action),
            }
            return;
        }
        let datasets = shared.summaries();
        if self.cursor.act(action, datasets.len()) {
            return;
        }
        match action {
            Action::Mark => {
                if let Some(summary) = datasets.get(self.cursor.at)
                    && !self.chosen.remove(&summary.dataset)
                {
                    self.chosen.insert(summary.dataset.clone());
                }
            }
            Action::MarkAll => {
                let all = self.chosen.len() == datasets.len();
                self.chosen = if all {
                    BTreeSet::new()
                } else {
                    datasets.iter().map(|summary| summary.dataset.clone()).collect()
                };
            }
            Action::Dates => {
                let text = match self.dates {
                    None => String::new(),
                    Some((first, last)) if first == last => first.to_string(),
                    Some((first, last)) => format!("{first}..{last}"),
                };
                shared.prompt(Purpose::Dates, "Dates", "one, or FIRST..LAST; nothing for today", &text);
            }
            Action::Layers => {
                self.layers = match self.layers {
                    Layers::Both => Layers::Bronze,
                    Layers::Bronze => Layers::Silver,
                    Layers::Silver => Layers::Both,
                };
            }
            Action::Start => {
                let steps = self.steps(shared);
                if steps > ASKED {
                    shared.overlay = Some(Overlay::Question(Question::ManySteps(steps)));
                } else {
                    self.start(shared);
                }
            }
            _ => {}
        }
    }

    fn typed(&mut self, _: Purpose, text: &str, _: &mut Shared) -> Result<(), String> {
        self.dates = read_dates(text)?;
        Ok(())
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        let Some(live) = self.live.as_mut() else { return };
        match answer {
            Answer::Cancelled(answer) => live.cancel_answered(answer, shared),
            Answer::RunEvent(event) if live.generation == generation => live.event(*event, shared.now),
            Answer::RunEnded(answer) if live.generation == generation => live.ended(answer, shared.now),
            _ => {}
        }
    }

    fn waiting(&self) -> Option<u64> {
        None
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}
