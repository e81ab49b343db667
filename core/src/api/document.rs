//! Drafts of config files: checking, editing, comparing, saving.

use super::Engine;
use super::wire::{
    CompareRequest, Draft, DraftCheck, EditRequest, Edited, ErrorBody, SaveRequest, Saved, TextDiff, ThreeWay,
};

impl Engine {
    /// See the command table.
    pub fn check_text(&self, request: Draft) -> Result<DraftCheck, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn edit_text(&self, request: EditRequest) -> Result<Edited, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn fix_text(&self, request: Draft) -> Result<Edited, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn diff_text(&self, request: Draft) -> Result<TextDiff, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn compare_text(&self, request: CompareRequest) -> Result<ThreeWay, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn save_text(&self, request: SaveRequest) -> Result<Saved, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
