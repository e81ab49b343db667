//! `verify`, `gc`, `retention`, `lifecycle` and `adopt`: looking after what has landed.

use super::Engine;
use super::run::Job;
use super::wire::{
    AdoptReport, AdoptRequest, ErrorBody, GcEvent, GcReport, GcRequest, Layer, Lifecycle, LifecycleRequest,
    RetentionReport, RetentionRequest, Target, VerifyEvent, VerifyReport, VerifyRequest, code,
};
use crate::config::Loaded;
use crate::config::settings::Dataset;
use crate::publish::PublishError;
use crate::run::{self, Selection};
use crate::upkeep::{self, Found, Grounds};

impl Engine {
    /// See the command table. Blocks until all is looked at; events come on this thread, the last one
    /// with the report.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, STG072 where nothing is to be verified, STG codes where a layer
    /// cannot be listed.
    pub fn verify(&self, request: VerifyRequest, emit: &mut dyn FnMut(VerifyEvent)) -> Result<VerifyReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let grounds = self.grounds();
        let loaded = self.site().load(&request.target);
        let mut subjects: Vec<(Option<&Dataset>, Found)> = Vec::new();
        let folder = self.root.join(&request.target.path);
        // A file that cannot be read is a config that is wrong, not a folder without one.
        if folder.is_dir() && has_no_config(&loaded) {
            let found = upkeep::of_folder(&folder, &self.world).map_err(unlisted)?;
            subjects.extend(found.into_iter().map(|found| (None, found)));
        } else {
            let selection = run::select(&loaded, &request.sources)?;
            let found = subjects_of(&selection, &self.world)?;
            subjects.extend(found.into_iter().map(|(dataset, found)| (Some(dataset), found)));
        }
        subjects.retain(|(_, found)| request.layer.is_none_or(|layer| found.layer == layer) && means(found, &request));
        if subjects.is_empty() {
            let message = format!("there is nothing to verify in {}", named(&request.target));
            return Err(refusal(code::STG072, message));
        }
        Ok(upkeep::verify(&grounds, &subjects, request.quick, &job.token, emit))
    }

    /// See the command table. Events come on this thread, the last one with the report.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, STG codes where a layer cannot be listed. What keeps a single
    /// partition from being cleared is in the report.
    pub fn gc(&self, request: GcRequest, emit: &mut dyn FnMut(GcEvent)) -> Result<GcReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let loaded = self.site().load(&request.target);
        let selection = run::select(&loaded, &request.sources)?;
        let subjects = subjects_of(&selection, &self.world)?;
        let report = upkeep::clear(&self.grounds(), &subjects, request.dry_run, &job.token, emit);
        self.readings.forget_tables();
        Ok(report)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, STG073 if no dataset has a retention.
    pub fn retention(&self, request: RetentionRequest) -> Result<RetentionReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let loaded = self.site().load(&request.target);
        let selection = run::select(&loaded, &request.sources)?;
        let datasets = with_retention(&selection)?;
        let report = upkeep::retain(&self.grounds(), &datasets, request.apply, request.force, &job.token);
        self.readings.forget_tables();
        Ok(report)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `retention`.
    pub fn lifecycle(&self, request: LifecycleRequest) -> Result<Lifecycle, ErrorBody> {
        let loaded = self.site().load(&request.target);
        let selection = run::select(&loaded, &request.sources)?;
        let datasets = with_retention(&selection)?;
        Ok(upkeep::lifecycle(&self.world, &datasets, request.provider, request.force))
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// STG072 if nothing of the predecessor is there; STG codes if it cannot be listed; CFG codes for a
    /// configuration.
    pub fn adopt(&self, request: AdoptRequest) -> Result<AdoptReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let place = self.root.join(&request.path);
        let found = if place.is_file() {
            let loaded = self.site().load(&Target::at(&request.path));
            let selection = run::select(&loaded, &[])?;
            let all = selection.datasets.iter().map(|(_, dataset)| *dataset);
            let found = all.map(|dataset| upkeep::of_dataset(dataset, Layer::Bronze, &self.world).map_err(unlisted));
            found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
        } else {
            upkeep::of_folder(&place, &self.world).map_err(unlisted)?
        };
        let report = upkeep::adopt(&self.grounds(), &found, request.write, &job.token);
        self.readings.forget_tables();
        if report.folders.is_empty() {
            let target = Target::at(request.path);
            let hint = "only Bronze that the predecessor wrote is adopted; what this program landed is its own already";
            let refused = refusal(code::STG072, format!("there is nothing to adopt in {}", named(&target)));
            return Err(ErrorBody { hint: Some(hint.into()), ..refused });
        }
        Ok(report)
    }

    fn grounds(&self) -> Grounds<'_> {
        Grounds { world: &self.world, root: &self.root }
    }
}

/// Whether no config was found at all.
fn has_no_config(loaded: &Loaded) -> bool {
    loaded.files.iter().all(|file| file.text.is_empty() && file.pipeline.is_none())
}

fn subjects_of<'a>(
    selection: &Selection<'a>,
    world: &crate::world::World,
) -> Result<Vec<(&'a Dataset, Found)>, ErrorBody> {
    let mut subjects = Vec::new();
    for (_, dataset) in &selection.datasets {
        for layer in [Layer::Bronze, Layer::Silver] {
            let found = upkeep::of_dataset(dataset, layer, world).map_err(unlisted)?;
            subjects.extend(found.into_iter().map(|found| (*dataset, found)));
        }
    }
    Ok(subjects)
}

fn means(found: &Found, request: &VerifyRequest) -> bool {
    // Loads are called by the last part of their path, as `list_partitions` does.
    let id = request.partition.as_str();
    id.is_empty() || found.id == id || found.id.strip_suffix(id).is_some_and(|above| above.ends_with('/'))
}

fn with_retention<'a>(selection: &Selection<'a>) -> Result<Vec<&'a Dataset>, ErrorBody> {
    let all = selection.datasets.iter().map(|(_, dataset)| *dataset);
    let datasets: Vec<&Dataset> = all.filter(|dataset| dataset.bronze.retention_days.is_some()).collect();
    if datasets.is_empty() {
        return Err(refusal(code::STG073, "none of the datasets has a retention".into()));
    }
    Ok(datasets)
}

fn named(target: &Target) -> &str {
    if target.path.is_empty() { "." } else { &target.path }
}

fn refusal(code: code::Code, message: String) -> ErrorBody {
    let hint = code.entry().map(|entry| entry.cure().to_owned());
    ErrorBody { code, hint, ..ErrorBody::unexpected(message) }
}

fn unlisted(error: crate::storage::StorageError) -> ErrorBody {
    ErrorBody::of(&PublishError::from(error))
}
