//! Telling of changes to configs and outputs.

use super::Engine;
use super::run::Job;
use super::validate::{file_validation, revision};
use super::wire::{ErrorBody, WatchEvent, WatchRequest, WatchedFile};
use crate::config::LoadedFile;
use crate::config::files::normalise;
use crate::diagnostic::code;
use crate::watch::{self, Change, Sight, Subject};

impl Engine {
    /// See the command table. Blocks until the job is cancelled; events come on this thread, in order.
    ///
    /// # Errors
    ///
    /// CFG026 for a request without a job, which nobody could end.
    pub fn watch(&self, request: WatchRequest, emit: &mut dyn FnMut(WatchEvent)) -> Result<(), ErrorBody> {
        if request.job.is_empty() {
            return Err(ErrorBody {
                code: code::CFG026,
                hint: Some("choose a name, with which `cancel` ends it".into()),
                ..ErrorBody::unexpected("a watch without the name of a job would never end")
            });
        }
        let job = Job::begin(self, &request.job);
        let target = normalise(&self.root.join(&request.target.path));
        let load = || self.load_config(&request.target);
        let subject = Subject { target: &target, root: &self.root, load: &load, world: self.world.clone() };
        watch::watch(&subject, Sight::Best, &job.token, &mut |change| emit(event(change)));
        Ok(())
    }
}

fn event(change: Change<'_>) -> WatchEvent {
    let watched = |files: Vec<&LoadedFile>| files.into_iter().map(watched).collect();
    match change {
        Change::Started { files } => WatchEvent::Started { files: watched(files) },
        Change::Configs { files, removed } => WatchEvent::Changed { files: watched(files), removed },
        Change::Outputs { datasets } => WatchEvent::Outputs { datasets },
        Change::Blind { reason } => WatchEvent::Blind { reason },
    }
}

fn watched(file: &LoadedFile) -> WatchedFile {
    WatchedFile { validation: file_validation(file), revision: revision(&file.text) }
}
