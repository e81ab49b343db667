//! New configurations: templates and discovery. Nothing is written: `save_text` does that.

use super::Engine;
use super::document::absent_schema;
use super::run::Job;
use super::wire::{DiscoverRequest, ErrorBody, NewConfig, NewRequest, Nothing, Template};
use crate::config;
use crate::config::files::normalise;
use crate::scaffold::{self, SCHEMA_FILE, Search};

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// None.
    pub fn templates(&self, request: Nothing) -> Result<Vec<Template>, ErrorBody> {
        let Nothing {} = request;
        Ok(scaffold::templates())
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG065 and CFG066 for a template, a question or an answer that there is not.
    pub fn new_config(&self, request: NewRequest) -> Result<NewConfig, ErrorBody> {
        let made = scaffold::fill(&request.template, &request.answers, &request.file, &self.root);
        let (file, text) = made.map_err(|error| ErrorBody::of(&error))?;
        Ok(self.unsaved(file, text, Vec::new()))
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG067 and CFG068 where there is nothing that can be described, EXT codes where it cannot be read.
    pub fn discover(&self, request: DiscoverRequest) -> Result<NewConfig, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let search = Search {
            from: &request.from,
            file: &request.file,
            token: &request.auth_env_var,
            system: &request.system,
            root: &self.root,
            world: &self.world,
            cancel: &job.token,
        };
        let found = scaffold::discover(&search).map_err(|error| ErrorBody::of(&error))?;
        Ok(self.unsaved(found.file, found.text, found.notes))
    }

    /// A config with what is wrong with it, as if it were saved.
    fn unsaved(&self, file: String, text: String, notes: Vec<String>) -> NewConfig {
        let mut notes = notes;
        if absent_schema(&normalise(&self.root.join(&file)), &text).is_some() {
            notes.push(format!("saving it writes `{SCHEMA_FILE}` beside it too, from which editors know the keys"));
        }
        let loaded = config::load_text(&self.root, &file, &text, None, self.world.env.as_ref());
        NewConfig { file, text, diagnostics: loaded.diagnostics, notes }
    }
}
