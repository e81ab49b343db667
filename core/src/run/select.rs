//! Which datasets a request means.

use crate::config::settings::Dataset;
use crate::config::{Loaded, LoadedFile};
use crate::diagnostic::Severity;
use crate::nearest::nearest;

use super::RunError;

/// The datasets of a request, in the order of the files.
#[derive(Clone, Debug)]
pub(crate) struct Selection<'a> {
    /// Each with the file that describes it.
    pub(crate) datasets: Vec<(&'a LoadedFile, &'a Dataset)>,
}

/// The datasets with these names; without names, all.
///
/// # Errors
///
/// [`RunError::Config`] if a file that matters has errors: any file when all datasets are meant,
/// otherwise those that might have described a dataset that was named and not understood.
pub(crate) fn select<'a>(loaded: &'a Loaded, names: &[String]) -> Result<Selection<'a>, RunError> {
    let all: Vec<(&LoadedFile, &Dataset)> = loaded
        .files
        .iter()
        .flat_map(|file| {
            file.pipeline.iter().flat_map(move |pipeline| pipeline.datasets.iter().map(move |dataset| (file, dataset)))
        })
        .collect();
    if names.is_empty() {
        refuse_errors(loaded)?;
        if all.is_empty() {
            let diagnostics = loaded.files.iter().flat_map(|file| file.diagnostics.clone()).collect();
            return Err(RunError::Nothing { diagnostics });
        }
        return Ok(Selection { datasets: all });
    }
    let mut datasets: Vec<(&LoadedFile, &Dataset)> = Vec::new();
    for name in names {
        let found: Vec<_> = all.iter().filter(|(_, dataset)| dataset.name == *name).copied().collect();
        match found.as_slice() {
            // Named twice is meant once.
            [(_, one)] if datasets.iter().any(|(_, chosen)| std::ptr::eq(*chosen, *one)) => {}
            [one] => datasets.push(*one),
            [] => {
                refuse_errors(loaded)?;
                let names: Vec<String> = all.iter().map(|(_, dataset)| dataset.name.clone()).collect();
                let nearest = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
                return Err(RunError::NoDataset { name: name.clone(), nearest, names });
            }
            many => {
                let files = many.iter().map(|(file, _)| file.display.clone()).collect();
                return Err(RunError::Ambiguous { name: name.clone(), files });
            }
        }
    }
    Ok(Selection { datasets })
}

/// The one dataset of this name.
pub(crate) fn dataset<'a>(loaded: &'a Loaded, name: &str) -> Result<(&'a LoadedFile, &'a Dataset), RunError> {
    let selection = select(loaded, &[name.to_owned()])?;
    let none = || RunError::NoDataset { name: name.to_owned(), nearest: None, names: Vec::new() };
    selection.datasets.first().copied().ok_or_else(none)
}

fn refuse_errors(loaded: &Loaded) -> Result<(), RunError> {
    let all = loaded.files.iter().flat_map(|file| &file.diagnostics);
    let errors = all.clone().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors == 0 {
        return Ok(());
    }
    Err(RunError::Config { errors, diagnostics: all.cloned().collect() })
}
