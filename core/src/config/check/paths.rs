//! Every dataset writes to a place of its own.

use std::collections::HashMap;
use std::path::PathBuf;

use super::view::{DatasetView, Entries, Mark};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::resolve;
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
    let mut seen: HashMap<&PathBuf, &Claim> = HashMap::new();
    for claim in &claims {
        if let Some(first) = seen.get(&claim.place) {
            let mut finding = claim.clash(&format!("sources[{}]", first.dataset));
            finding.related.push(Related::here("the other one", first.span));
            findings.push(crate::config::path::Scope::Dataset(claim.dataset), finding);
        } else {
            seen.insert(&claim.place, claim);
        }
    }
}

/// Over the files of a workspace: gives what is wrong with each, and which datasets are at fault.
/// `claims` are those of the valid datasets of each file, under the file's name.
pub(crate) fn between_files(claims: &[(String, Vec<Claim>)]) -> Vec<(usize, usize, Diagnostic)> {
    let mut seen: HashMap<&PathBuf, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (file, (display, claims_of_file)) in claims.iter().enumerate() {
        for claim in claims_of_file {
            match seen.get(&claim.place) {
                Some(first) if *first != file => {
                    let other = claims.get(*first).map_or("another file", |(display, _)| display.as_str());
                    let mut finding = claim.clash(&format!("a dataset in `{other}`"));
                    finding.file.clone_from(display);
                    faults.push((file, claim.dataset, finding));
                }
                Some(_) => {}
                None => {
                    seen.insert(&claim.place, file);
                }
            }
        }
    }
    faults
}

fn bronze_place(dataset: &DatasetView<'_>) -> Option<PathBuf> {
    let source = dataset.source()?;
    let platform = dataset.around().platform.bronze.as_ref();
    let prefix = forms::prefix(platform.and_then(|bronze| bronze.prefix.as_deref()).unwrap_or_default()).ok()?;
    let by_pattern = platform.and_then(|bronze| bronze.partitioning.as_ref()?.use_pattern_folder).unwrap_or(true);
    let pattern = if by_pattern { dataset.load_pattern()?.as_str() } else { "" };
    let (system, table) = (source.system.as_ref()?, source.table.as_ref()?);
    let root = resolve::bronze_root(dataset.around());
    Some(root.join(prefix).join(format!("system={system}")).join(format!("table={table}")).join(pattern))
}

fn silver_place(dataset: &DatasetView<'_>) -> Option<PathBuf> {
    let (silver, source) = (dataset.silver()?, dataset.source()?);
    let platform = dataset.around().platform.silver.as_ref();
    let prefix = forms::prefix(platform.and_then(|silver| silver.prefix.as_deref()).unwrap_or_default()).ok()?;
    let pattern = if silver.include_pattern_folder == Some(true) { dataset.load_pattern()?.as_str() } else { "" };
    let domain = silver.domain.as_ref().or(source.system.as_ref())?;
    let entity = silver.entity.as_ref().or(source.table.as_ref())?;
    let version = silver.version.unwrap_or(1);
    let root = resolve::silver_root(dataset.around()).join(prefix);
    Some(
        root.join(format!("domain={domain}"))
            .join(format!("entity={entity}"))
            .join(format!("v{version}"))
            .join(pattern),
    )
}
