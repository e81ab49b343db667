//! Wire types of the effective configuration: what counts, and who said it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Diagnostic, Origin};

/// A config file with everything that counts for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EffectiveConfig {
    /// The file, as the user would name it.
    pub file: String,
    /// The other files that count: those it extends, and the overlay of the environment.
    pub layers: Vec<String>,
    /// The overlays there are for this file, by name, sorted.
    pub environments: Vec<String>,
    /// Every value that is given, in the order of the document, each section followed by the defaults of
    /// the keys it leaves out.
    pub values: Vec<EffectiveValue>,
    /// Everything found.
    pub diagnostics: Vec<Diagnostic>,
}

/// One single value, or an empty collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EffectiveValue {
    /// Where: `sources[0].source.run.load_pattern`, in the canonical form.
    pub path: String,
    /// What counts. `None`: it comes from a variable or may be a secret, which are never shown.
    pub value: Option<String>,
    /// As it is written, with `${…}`; `None` for defaults, and for what may be a secret.
    pub written: Option<String>,
    /// Who gave it.
    pub origin: Origin,
    /// Line of the value in the file that gave it, from 1.
    pub line: Option<u32>,
}
