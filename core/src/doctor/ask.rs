//! APIs: whether one answers the first request of a dataset, accepts the credentials, and has records
//! where the config says.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::{About, Probe, Verdict};
use crate::cancel::CancelToken;
use crate::config::settings::{ApiSource, Dataset, Method, Source};
use crate::extract::{self, ApiError, ExtractError, ExtractRequest};
use crate::world::World;

/// Asks for the first page of records.
#[derive(Debug)]
pub(super) struct AskApi {
    about: About,
    dataset: Dataset,
    today: NaiveDate,
    world: World,
}

impl AskApi {
    /// Asks nobody yet.
    pub(super) fn new(about: About, dataset: &Dataset, today: NaiveDate, world: &World) -> Self {
        let mut dataset = dataset.clone();
        // What fails is told at once.
        dataset.conduct.retry.max_attempts = 1;
        dataset.conduct.pages_in_flight = 1;
        Self { about, dataset, today, world: world.clone() }
    }

    fn api(&self) -> Option<&ApiSource> {
        match &self.dataset.source {
            Source::Api(api) => Some(api),
            _ => None,
        }
    }
}

impl Probe for AskApi {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn known(&self) -> Option<Verdict> {
        let changes = |api: &ApiSource| !matches!(api.method, Method::Get | Method::Post);
        self.api().filter(|api| changes(api)).map(|_| Verdict::skipped("its method may change something"))
    }

    fn lane(&self) -> Option<PathBuf> {
        self.api().map(|api| PathBuf::from(&api.base_url))
    }

    fn examine(&self, cancel: &CancelToken) -> Verdict {
        let request = ExtractRequest::of(&self.dataset, self.today, Some(1), &self.world, cancel);
        match extract::sample(extract::extractor(&self.dataset.source).as_ref(), &request, 1) {
            Ok(sample) => {
                let columns = sample.schema.fields().len();
                let columns = if columns == 1 { "1 column".to_owned() } else { format!("{columns} columns") };
                if sample.rows() == 0 { Verdict::passed("no records") } else { Verdict::passed(columns) }
            }
            Err(ExtractError::Api(ApiError::MissingSecret { variables })) => {
                Verdict::skipped(format!("without {} nothing is sent", variables.join(", ")))
            }
            Err(error) => Verdict::error(&error),
        }
    }
}
