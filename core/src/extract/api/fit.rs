//! Whether records fit the JSON Schema that the config names.

use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use super::error::ApiError;

/// Of a reason.
const REASON: usize = 300;

/// The schema of a record.
#[derive(Debug)]
pub(super) struct Fit(Validator);

impl Fit {
    /// Reads the schema. References to other files and addresses are not followed.
    pub(super) fn read(path: &Path) -> Result<Self, ApiError> {
        let unusable = |reason: String| ApiError::Schema { path: path.to_path_buf(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let schema: Value = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        jsonschema::validator_for(&schema).map(Self).map_err(|error| unusable(error.to_string()))
    }

    /// Why a record does not fit; `None`: it does.
    pub(super) fn misses(&self, record: &str) -> Option<String> {
        let Ok(value) = serde_json::from_str::<Value>(record) else {
            // It is told when it is read.
            return None;
        };
        let error = self.0.iter_errors(&value).next()?;
        let place = error.instance_path().to_string();
        let what = if place.is_empty() { "the record".to_owned() } else { format!("`{place}`") };
        let reason = format!("{what} does not fit the response schema: {error}");
        Some(reason.chars().take(REASON).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        std::fs::write(&file, r#"{"required":["id"],"properties":{"id":{"type":"integer"}}}"#).unwrap();
        let fit = Fit::read(&file).unwrap();
        assert_eq!(fit.misses("{\"id\":12345678901234567890}"), None);
        assert_eq!(
            fit.misses("{\"id\":\"x\"}").unwrap(),
            "`/id` does not fit the response schema: \"x\" is not of type \"integer\""
        );
        assert!(fit.misses("{}").unwrap().starts_with("the record does not fit"));
        std::fs::write(&file, "{\"type\": 5}").unwrap();
        assert!(matches!(Fit::read(&file), Err(ApiError::Schema { .. })));
        assert!(matches!(Fit::read(&folder.path().join("b")), Err(ApiError::Schema { .. })));
    }
}
