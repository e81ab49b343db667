//! Watching a workspace: tells when findings or commits are others than before, until it is cancelled.
//!
//! Loads configurations again when something they are made of looks different, and compares; a change
//! that changes nothing is not told. Idle, it sleeps. Writes nothing.

mod eyes;
mod places;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use crate::cancel::CancelToken;
use crate::config::{Loaded, LoadedFile};
use crate::world::World;

use eyes::{Eyes, Glimpse};
use places::{Configs, Shelf};

pub(crate) use eyes::Sight;

/// What is watched.
pub(crate) struct Subject<'a> {
    /// A config file or folder, absolute; it need not be there.
    pub(crate) target: &'a Path,
    /// The engine's root, absolute.
    pub(crate) root: &'a Path,
    /// Reads the target.
    pub(crate) load: &'a dyn Fn() -> Loaded,
    /// Where the outputs are.
    pub(crate) world: World,
}

/// Something changed.
#[derive(Debug)]
pub(crate) enum Change<'a> {
    /// The state at the beginning.
    Started {
        /// All files.
        files: Vec<&'a LoadedFile>,
    },
    /// Texts or findings are others.
    Configs {
        /// New and different files.
        files: Vec<&'a LoadedFile>,
        /// Names of those that are gone.
        removed: Vec<String>,
    },
    /// Commits are others.
    Outputs {
        /// Names of the datasets.
        datasets: Vec<String>,
    },
    /// The target cannot be looked at.
    Blind {
        /// Why.
        reason: String,
    },
}

/// Watches on this thread until `cancel` is cancelled.
pub(crate) fn watch(subject: &Subject<'_>, sight: Sight, cancel: &CancelToken, emit: &mut dyn FnMut(Change<'_>)) {
    let mut watching = Watching::begin(subject, Eyes::open(sight, cancel));
    emit(Change::Started { files: watching.loaded.files.iter().collect() });
    watching.tell_blindness(emit);
    // At what changed while the first look was taken.
    watching.eyes.look_again();
    while let Some(glimpse) = watching.eyes.wait() {
        watching.take(&glimpse, emit);
        if cancel.is_cancelled() {
            break;
        }
    }
}

struct Watching<'a> {
    subject: &'a Subject<'a>,
    eyes: Eyes,
    loaded: Loaded,
    configs: Configs,
    shelves: Vec<Shelf>,
    /// Whether it was said that the target cannot be looked at.
    blind: bool,
}

impl<'a> Watching<'a> {
    fn begin(subject: &'a Subject<'a>, eyes: Eyes) -> Self {
        let configs = Configs::find(subject.target, subject.root, None);
        let loaded = (subject.load)();
        let shelves = Shelf::all(&loaded, &subject.world, Vec::new());
        let mut watching = Self { subject, eyes, loaded, configs, shelves, blind: false };
        watching.look_at();
        watching
    }

    /// Watches the folders that are known now. Whether any of them was not watched before.
    fn look_at(&mut self) -> bool {
        let mut folders = places::output_folders(&self.shelves);
        folders.extend(self.configs.folders.iter().cloned());
        self.eyes.look_at(&folders)
    }

    fn take(&mut self, glimpse: &Glimpse, emit: &mut dyn FnMut(Change<'_>)) {
        if glimpse.missed {
            self.eyes.forget_all();
        }
        for path in &glimpse.moved {
            self.eyes.forget(path);
        }
        let near = |path: &Path| {
            self.configs.folders.contains(path)
                || path.parent().is_some_and(|folder| self.configs.folders.contains(folder))
        };
        let anything = glimpse.missed || glimpse.again;
        let configs = anything || glimpse.paths.iter().any(|path| near(path));
        let outputs =
            anything || self.shelves.iter().any(|shelf| glimpse.paths.iter().any(|path| shelf.concerns(path)));
        self.renew(configs, outputs, emit);
    }

    /// Looks again at what may have changed.
    fn renew(&mut self, configs: bool, outputs: bool, emit: &mut dyn FnMut(Change<'_>)) {
        let mut outputs = outputs;
        if configs {
            let found = Configs::find(self.subject.target, self.subject.root, Some(&self.loaded));
            if found != self.configs {
                self.configs = found;
                self.reload(emit);
                outputs = true;
            }
        }
        if outputs {
            self.look_at_outputs(emit);
        }
        if self.look_at() {
            // What came before its folder was watched is seen by looking once more, when it is quiet.
            self.eyes.look_again();
        }
        self.tell_blindness(emit);
    }

    fn reload(&mut self, emit: &mut dyn FnMut(Change<'_>)) {
        let loaded = (self.subject.load)();
        let before = std::mem::replace(&mut self.loaded, loaded);
        let known = |name: &str| before.files.iter().find(|file| file.display == name);
        let differs = |file: &&LoadedFile| known(&file.display).is_none_or(|before| !is_same(before, file));
        let files: Vec<&LoadedFile> = self.loaded.files.iter().filter(differs).collect();
        let names: BTreeSet<&str> = self.loaded.files.iter().map(|file| file.display.as_str()).collect();
        let removed: Vec<String> = before
            .files
            .iter()
            .map(|file| &file.display)
            .filter(|name| !names.contains(name.as_str()))
            .cloned()
            .collect();
        if !(files.is_empty() && removed.is_empty()) {
            emit(Change::Configs { files, removed });
        }
        let shelves = std::mem::take(&mut self.shelves);
        self.shelves = Shelf::all(&self.loaded, &self.subject.world, shelves);
    }

    fn look_at_outputs(&mut self, emit: &mut dyn FnMut(Change<'_>)) {
        let mut datasets: Vec<String> = Vec::new();
        for shelf in &mut self.shelves {
            if shelf.look() && !datasets.contains(&shelf.dataset) {
                datasets.push(shelf.dataset.clone());
            }
        }
        if !datasets.is_empty() {
            emit(Change::Outputs { datasets });
        }
    }

    fn tell_blindness(&mut self, emit: &mut dyn FnMut(Change<'_>)) {
        let refusal = match std::fs::metadata(self.subject.target) {
            Ok(about) if about.is_dir() => std::fs::read_dir(self.subject.target).err(),
            Ok(_) => None,
            Err(error) => Some(error),
        };
        let refusal = refusal.filter(|error| error.kind() != std::io::ErrorKind::NotFound);
        if let Some(error) = refusal.as_ref().filter(|_| !self.blind) {
            emit(Change::Blind { reason: format!("`{}` cannot be read: {error}", self.subject.target.display()) });
        }
        self.blind = refusal.is_some();
    }
}

/// Whether both say the same of a file.
fn is_same(a: &LoadedFile, b: &LoadedFile) -> bool {
    let names = |file: &LoadedFile| -> Vec<String> {
        file.pipeline.iter().flat_map(|pipeline| &pipeline.datasets).map(|dataset| dataset.name.clone()).collect()
    };
    a.text == b.text && a.diagnostics == b.diagnostics && names(a) == names(b)
}
