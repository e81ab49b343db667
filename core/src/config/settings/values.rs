//! Values that must not be seen, and names of variables that hold some.

use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::world::Environment;

/// The name of an environment variable that holds a secret. The engine asks for the value when it is
/// needed, and forgets it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct EnvVar {
    name: String,
    /// What a `.env` beside the config says, for when the environment says nothing.
    kept: Option<Secret>,
}

impl EnvVar {
    /// The variable with this name.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), kept: None }
    }
    /// With the value that a `.env` gives it.
    pub(crate) fn kept(mut self, value: Option<String>) -> Self {
        self.kept = value.map(Secret::new);
        self
    }
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
    /// What it holds, in the environment or else in a `.env`; empty counts as nothing.
    pub(crate) fn value(&self, environment: &dyn Environment) -> Option<String> {
        let kept = || self.kept.as_ref().map(|secret| secret.reveal().to_owned());
        environment.var(&self.name).or_else(kept).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for EnvVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EnvVar").field(&self.name).finish()
    }
}

impl Serialize for EnvVar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// A value, or the variable that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Named<T> {
    /// It stands in the config.
    Given(T),
    /// It stands in this variable.
    Variable(EnvVar),
}

/// A text that may have come from a variable, and so may be a secret. Neither `Debug` nor `Display`
/// nor serialising shows it; digests still see whether it changed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Secret(String);

impl Secret {
    /// Hides a text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The text itself, for the request that needs it and for nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Goes into digests only, never out of the process.
        let digest = Sha256::digest(self.0.as_bytes());
        let head = digest.iter().take(8).fold(0_u64, |head, byte| (head << 8) | u64::from(*byte));
        serializer.serialize_str(&format!("{head:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new("hunter2");
        let shown = format!("{secret:?} {:?} {}", Named::Given(secret.clone()), serde_json::json!({ "a": secret }));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(secret.reveal(), "hunter2");
        assert_ne!(serde_json::json!(secret), serde_json::json!(Secret::new("other")), "digests see the change");
    }
}
