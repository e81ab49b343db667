//! `migrate_text`: a draft in the canonical form.

use super::Engine;
use super::wire::{Draft, Edited, ErrorBody};
use crate::config;
use crate::diagnostic::code;

impl Engine {
    /// See the command table.
    pub fn migrate_text(&self, request: Draft) -> Result<Edited, ErrorBody> {
        match config::migrate(&self.root, &request.file, &request.text) {
            Ok(migrated) => Ok(Edited { text: migrated.text, changes: migrated.changes }),
            Err(mut diagnostics) => {
                for finding in &mut diagnostics {
                    finding.file.clone_from(&request.file);
                }
                let first = diagnostics.first();
                Err(ErrorBody {
                    code: first.map_or(code::CFG049, |finding| finding.code),
                    message: format!("`{}` cannot be migrated", request.file),
                    causes: Vec::new(),
                    hint: Some("mend what is listed first; nothing was changed".into()),
                    diagnostics,
                    exit: 1,
                    transient: false,
                })
            }
        }
    }
}
