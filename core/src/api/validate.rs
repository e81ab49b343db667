//! `validate` and `config_text`: what is wrong with the configuration.

use std::path::{Path, PathBuf};

use super::Engine;
use super::wire::{ConfigText, ConfigTextRequest, ErrorBody, FileValidation, Severity, Target, Validation};
use crate::config::{self, Loaded, LoadedFile};
use crate::diagnostic::code;

impl Engine {
    /// See the command table.
    pub fn validate(&self, target: Target) -> Result<Validation, ErrorBody> {
        let files: Vec<FileValidation> = self.load_config(&target).files.into_iter().map(file_validation).collect();
        let count = |severity| {
            let found =
                files.iter().flat_map(|file| &file.diagnostics).filter(|finding| finding.severity == severity).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        Ok(Validation { errors: count(Severity::Error), warnings: count(Severity::Warning), files })
    }

    /// See the command table. Only configurations can be asked for: those below the root, and those
    /// that a call has named as its target.
    pub fn config_text(&self, request: ConfigTextRequest) -> Result<ConfigText, ErrorBody> {
        let path = config::files::normalise(&self.root.join(&request.file));
        if !self.may_show(&path) {
            return Err(refused(&request.file));
        }
        let loaded = config::load(&self.root, &request.file, &*self.world.env);
        match loaded.files.into_iter().next() {
            Some(file) if file.path == path => Ok(ConfigText {
                datasets: datasets(&file),
                file: file.display,
                text: file.text,
                diagnostics: file.diagnostics,
            }),
            _ => Err(refused(&request.file)),
        }
    }

    /// Reads the configuration that a call names. Every use case loads through here, so that
    /// [`Engine::config_text`] can show what was named.
    pub(super) fn load_config(&self, target: &Target) -> Loaded {
        let loaded = config::load(&self.root, &target.path, &*self.world.env);
        if let Ok(mut shown) = self.shown.lock() {
            shown.extend(loaded.files.iter().map(|file| file.path.clone()));
        }
        loaded
    }

    fn may_show(&self, path: &PathBuf) -> bool {
        let below = |root: &Path| path.strip_prefix(root).is_ok_and(config::files::is_config_below);
        below(&config::files::normalise(&self.root)) && path.is_file()
            || self.shown.lock().is_ok_and(|shown| shown.contains(path))
    }
}

fn file_validation(file: LoadedFile) -> FileValidation {
    FileValidation { datasets: datasets(&file), file: file.display, diagnostics: file.diagnostics }
}

fn datasets(file: &LoadedFile) -> Vec<String> {
    file.pipeline.iter().flat_map(|pipeline| &pipeline.datasets).map(|dataset| dataset.name.clone()).collect()
}

fn refused(file: &str) -> ErrorBody {
    ErrorBody {
        code: code::CFG026,
        message: format!("`{file}` is not one of the configurations of this workspace"),
        causes: Vec::new(),
        hint: Some("`validate` lists the files that can be shown".into()),
        diagnostics: Vec::new(),
        exit: 1,
        transient: false,
    }
}
