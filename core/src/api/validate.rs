//! `validate` and `config_text`: what is wrong with the configuration.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Engine;
use super::wire::{ConfigText, ConfigTextRequest, ErrorBody, FileValidation, Severity, Target, Validation};
use crate::config::once::{Told, told_once};
use crate::config::{self, Loaded, LoadedFile, save};
use crate::diagnostic::code;
use crate::figures::hex;

impl Engine {
    /// See the command table.
    pub fn validate(&self, target: Target) -> Result<Validation, ErrorBody> {
        let files: Vec<FileValidation> =
            told_once(&self.load_config(&target).files).into_iter().map(validation).collect();
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
        let loaded = config::load(&self.root, &request.file, None, &*self.world.env);
        match loaded.files.into_iter().next() {
            Some(file) if file.path == path => {
                let read_only = save::is_read_only(&path);
                self.give_out(path, file.text.clone());
                Ok(ConfigText {
                    read_only,
                    datasets: datasets(&file),
                    file: file.display,
                    revision: revision(&file.text),
                    text: file.text,
                    diagnostics: file.diagnostics,
                })
            }
            _ => Err(refused(&request.file)),
        }
    }

    /// Reads the configuration that a call names. Every use case loads through here, so that
    /// [`Engine::config_text`] can show what was named.
    pub(super) fn load_config(&self, target: &Target) -> Loaded {
        let loaded = config::load(&self.root, &target.path, target.environment.as_deref(), &*self.world.env);
        if let Ok(mut shown) = self.shown.lock() {
            for file in &loaded.files {
                shown.extend(file.layers.iter().cloned().chain([file.path.clone()]));
            }
        }
        loaded
    }

    pub(super) fn may_show(&self, path: &PathBuf) -> bool {
        let shows = |path: &Path| config::files::is_config_below(path) || config::files::is_overlay_below(path);
        let below = |root: &Path| path.strip_prefix(root).is_ok_and(shows);
        below(&config::files::normalise(&self.root)) && path.is_file()
            || self.shown.lock().is_ok_and(|shown| shown.contains(path))
    }
}

/// Identifies a text: the SHA-256 of its bytes.
pub(super) fn revision(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// A file as `validate` tells of it.
pub(super) fn file_validation(file: &LoadedFile) -> FileValidation {
    FileValidation {
        datasets: datasets(file),
        file: file.display.clone(),
        diagnostics: file.diagnostics.clone(),
        held_back_by: Vec::new(),
    }
}

fn validation(told: Told) -> FileValidation {
    let Told { file, datasets, diagnostics, held_back_by } = told;
    FileValidation { file, datasets, diagnostics, held_back_by }
}

pub(super) fn datasets(file: &LoadedFile) -> Vec<String> {
    file.pipeline.iter().flat_map(|pipeline| &pipeline.datasets).map(|dataset| dataset.name.clone()).collect()
}

pub(super) fn refused(file: &str) -> ErrorBody {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::world::{FixedClock, FixedEnvironment, World};

    const FINE: &str =
        "config_version: 1\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n";

    fn engine(root: &Path) -> Engine {
        let world = World {
            env: Arc::new(FixedEnvironment::default()),
            clock: Arc::new(FixedClock(DateTime::UNIX_EPOCH)),
            ..World::real()
        };
        Engine::open(root, world)
    }

    fn text(engine: &Engine, file: &str) -> Result<String, String> {
        let reply = engine.config_text(ConfigTextRequest { file: file.into() });
        reply.map(|reply| reply.text).map_err(|error| error.code.as_str().to_owned())
    }

    #[test]
    fn validation_counts_over_all_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), FINE).unwrap();
        std::fs::write(folder.path().join("b.yaml"), FINE.replace("config_version: 1\n", "").replace("table", "tabel"))
            .unwrap();
        let found = engine(folder.path()).validate(Target::default()).unwrap();
        assert_eq!((found.errors, found.warnings), (1, 1));
        let files: Vec<(&str, usize)> =
            found.files.iter().map(|file| (file.file.as_str(), file.datasets.len())).collect();
        assert_eq!(files, [("a.yaml", 1), ("b.yaml", 0)]);
    }

    #[test]
    fn only_configurations_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        for name in [
            "root/a.yaml",
            "root/.secret/b.yaml",
            "root/data/c.yaml",
            "root/notes.txt",
            "outside.yaml",
            "root/sub/d.yml",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, FINE).unwrap();
        }
        let engine = engine(&root);
        let outside = folder.path().join("outside.yaml").to_str().unwrap().to_owned();
        for shown in ["a.yaml", "./a.yaml", "sub/../a.yaml", "sub/d.yml", root.join("a.yaml").to_str().unwrap()] {
            assert_eq!(text(&engine, shown), Ok(FINE.into()), "{shown}");
        }
        for refused in [
            "",
            "sub",
            "none.yaml",
            "notes.txt",
            ".secret/b.yaml",
            "data/c.yaml",
            "../outside.yaml",
            "/etc/passwd",
            &outside,
        ] {
            assert_eq!(text(&engine, refused), Err("CFG026".into()), "{refused}");
        }
        engine.validate(Target::at(outside.clone())).unwrap();
        assert_eq!(text(&engine, &outside), Ok(FINE.into()), "it was named as a target");
        assert_eq!(text(&engine, "../outside.yaml"), Ok(FINE.into()));
        assert_eq!(text(&engine, "/etc/passwd"), Err("CFG026".into()));
    }
}
