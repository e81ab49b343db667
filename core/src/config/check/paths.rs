//! Every dataset writes to a place of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::view::{DatasetView, Entries, Mark};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::path::Scope;
use crate::config::resolve;
use crate::config::settings::StorageSettings;
use crate::diagnostic::{Diagnostic, Related, Span, code};

/// A path that a dataset writes to, and the words of the config that make it so.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// Position of the dataset in `sources`.
    pub(crate) dataset: usize,
    layer: &'static str,
    place: PathBuf,
    path: String,
    span: Span,
}

impl Claim {
    fn clash(&self, with: &str) -> Diagnostic {
        let help = if self.layer == "Bronze" {
            "give it another `system` or `table`"
        } else {
            "give it another `domain`, `entity` or `version`"
        };
        Diagnostic::error(
            code::CFG020,
            format!("the {} of this dataset is at the same path as that of {with}", self.layer),
        )
        .at(self.path.clone(), Some(self.span))
        .help(help)
    }

    /// Its folder is inside of another dataset's: that one would take its files for its own.
    fn nested(&self, inside: &str) -> Diagnostic {
        Diagnostic::error(
            code::CFG020,
            format!("the {} of this dataset is inside of the folder of {inside}", self.layer),
        )
        .at(self.path.clone(), Some(self.span))
        .help("give one of them another `prefix`, folder, `system` or `table`; files of the inner one would count as the outer one's")
    }
}

/// What each dataset writes to.
pub(crate) fn claims(entries: &Entries<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    for dataset in entries.datasets() {
        let mut claim = |layer, place: Option<PathBuf>, key: &str, mark| {
            if let Some(place) = place {
                let path = format!("sources[{}].{key}", dataset.index);
                claims.push(Claim { dataset: dataset.index, layer, place, path, span: dataset.span(key, mark) });
            }
        };
        claim("Bronze", bronze_place(&dataset), "source.table", Mark::Value);
        if dataset.given("silver.entity") {
            claim("Silver", silver_place(&dataset), "silver.entity", Mark::Value);
        } else {
            claim("Silver", silver_place(&dataset), "silver", Mark::Key);
        }
    }
    claims
}

/// Within one file: all but the first that claims a place are at fault.
pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    let claims = claims(entries);
    let mut seen: HashMap<&Path, &Claim> = HashMap::new();
    for claim in &claims {
        if let Some(first) = seen.get(claim.place.as_path()) {
            let mut finding = claim.clash(&format!("sources[{}]", first.dataset));
            finding.related.push(Related::here("the other one", first.span));
            findings.push(Scope::Dataset(claim.dataset), finding);
        } else {
            seen.insert(&claim.place, claim);
        }
    }
    for claim in &claims {
        if let Some(outer) = around(claim, &seen) {
            let mut finding = claim.nested(&format!("sources[{}]", outer.dataset));
            finding.related.push(Related::here("the other one", outer.span));
            findings.push(Scope::Dataset(claim.dataset), finding);
        }
    }
}

/// The claim of a folder around this one.
fn around<'c>(claim: &Claim, claims: &HashMap<&Path, &'c Claim>) -> Option<&'c Claim> {
    claim.place.ancestors().skip(1).find_map(|folder| claims.get(folder).copied())
}

/// Over the files of a workspace: gives what is wrong with each, and which datasets are at fault.
/// `claims` are those of the valid datasets of each file, under the file's name.
pub(crate) fn between_files(claims: &[(String, Vec<Claim>)]) -> Vec<(usize, usize, Diagnostic)> {
    let mut seen: HashMap<&Path, (usize, &Claim)> = HashMap::new();
    let mut faults = Vec::new();
    let name = |file: usize| claims.get(file).map_or("another file", |(display, _)| display.as_str());
    let mut fault = |file: usize, claim: &Claim, mut finding: Diagnostic| {
        name(file).clone_into(&mut finding.file);
        faults.push((file, claim.dataset, finding));
    };
    for (file, claim) in claims.iter().enumerate().flat_map(|(file, (_, list))| list.iter().map(move |c| (file, c))) {
        match seen.get(claim.place.as_path()) {
            Some((first, _)) if *first != file => {
                fault(file, claim, claim.clash(&format!("a dataset in `{}`", name(*first))));
            }
            Some(_) => {}
            None => {
                seen.insert(&claim.place, (file, claim));
            }
        }
    }
    for (file, claim) in claims.iter().enumerate().flat_map(|(file, (_, list))| list.iter().map(move |c| (file, c))) {
        let outer = claim.place.ancestors().skip(1).find_map(|folder| seen.get(folder));
        if let Some((other, _)) = outer.filter(|(other, _)| *other != file) {
            fault(file, claim, claim.nested(&format!("a dataset in `{}`", name(*other))));
        }
    }
    faults
}

fn bronze_place(dataset: &DatasetView<'_>) -> Option<PathBuf> {
    let source = dataset.source()?;
    let platform = dataset.around().platform.bronze.as_ref();
    let prefix = forms::prefix(platform.and_then(|bronze| bronze.prefix.as_deref()).unwrap_or_default()).ok()?;
    let by_pattern = platform.and_then(|bronze| bronze.partitioning.as_ref()?.use_pattern_folder).unwrap_or(true);
    let pattern = match dataset.run().and_then(|run| run.pattern_folder.as_deref()) {
        _ if !by_pattern => String::new(),
        Some(folder) => format!("pattern={folder}"),
        None => format!("pattern={}", dataset.load_pattern()?.as_str()),
    };
    let (system, table) = (source.system.as_ref()?, source.table.as_ref()?);
    let root = root(&resolve::bronze_storage(dataset.run(), dataset.around())?);
    Some(root.join(prefix).join(format!("system={system}")).join(format!("table={table}")).join(pattern))
}

fn silver_place(dataset: &DatasetView<'_>) -> Option<PathBuf> {
    let (silver, source) = (dataset.silver()?, dataset.source()?);
    let platform = dataset.around().platform.silver.as_ref();
    let prefix = forms::prefix(platform.and_then(|silver| silver.prefix.as_deref()).unwrap_or_default()).ok()?;
    let pattern = match silver.include_pattern_folder {
        Some(true) => format!("pattern={}", dataset.load_pattern()?.as_str()),
        _ => String::new(),
    };
    let domain = silver.domain.as_ref().or(source.system.as_ref())?;
    let entity = silver.entity.as_ref().or(source.table.as_ref())?;
    let version = silver.version.unwrap_or(1);
    let root = root(&resolve::silver_storage(Some(silver), dataset.around())?).join(prefix);
    Some(
        root.join(format!("domain={domain}"))
            .join(format!("entity={entity}"))
            .join(format!("v{version}"))
            .join(pattern),
    )
}

/// Stands for a store: equal for equal ones.
fn root(storage: &StorageSettings) -> PathBuf {
    match storage {
        StorageSettings::Local { root } => root.clone(),
        StorageSettings::S3 { connection, .. } => {
            format!("{:?}/{}", connection.endpoint, storage.address().replace('/', "|")).into()
        }
        StorageSettings::Azure { connection, .. } => {
            format!("{:?}{:?}/{}", connection.account, connection.account_url, storage.address().replace('/', "|"))
                .into()
        }
        StorageSettings::Gcs { connection, .. } => {
            format!("{:?}/{}", connection.endpoint, storage.address().replace('/', "|")).into()
        }
        StorageSettings::Custom { options, .. } => {
            format!("{options:?}/{}", storage.address().replace('/', "|")).into()
        }
    }
}
