//! The clock: the time that a storage gives to files against that of this machine.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::storage::{SharedTrial, Tried};
use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::diagnostic::code;

/// Differences up to here come from coarse file times.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let probe = |place: &super::Place| {
        let about = About {
            group: CheckGroup::Machine,
            title: format!("clock against {}", place.shown),
            datasets: Vec::new(),
            file: place.file.clone(),
            span: None,
        };
        Box::new(CompareClocks { about, lane: place.lane(), trial: place.trial.clone() }) as Box<dyn Probe>
    };
    patient.places.iter().map(probe).collect()
}

/// Looks at the time of the trial file.
#[derive(Debug)]
struct CompareClocks {
    about: About,
    lane: PathBuf,
    trial: Arc<SharedTrial>,
}

impl Probe for CompareClocks {
    fn about(&self) -> About {
        self.about.clone()
    }
    fn lane(&self) -> Option<PathBuf> {
        Some(self.lane.clone())
    }
    fn examine(&self, _: &CancelToken) -> Verdict {
        let Ok(tried) = self.trial.result() else {
            return Verdict::skipped("nothing could be written there");
        };
        let Some(modified) = tried.trial.modified else {
            return Verdict::skipped("the storage keeps no times of files");
        };
        let skew = skew(tried, DateTime::<Utc>::from(modified));
        if skew.abs() <= TOLERANCE {
            return Verdict::passed("they agree");
        }
        let (seconds, way) = (skew.num_seconds().abs(), if skew > TimeDelta::zero() { "ahead of" } else { "behind" });
        Verdict::warned(code::DOC009, format!("files there are {seconds} s {way} the clock of this machine"))
    }
}

/// How far the storage is ahead, negative if it is behind.
fn skew(tried: &Tried, modified: DateTime<Utc>) -> TimeDelta {
    if modified > tried.after {
        modified - tried.after
    } else if modified < tried.before {
        modified - tried.before
    } else {
        TimeDelta::zero()
    }
}
