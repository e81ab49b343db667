//! Wire types of new configurations: templates, and configs discovered from what is there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Diagnostic;

/// A config to start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Template {
    /// Its name: `file-full`.
    pub name: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// Type of source: `api`, `db`, `file`, `custom`.
    pub source: String,
    /// Load pattern: `full`, `cdc`, `current_history`.
    pub load_pattern: String,
    /// What it asks for, in order.
    pub questions: Vec<Question>,
}

/// Something a template asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Question {
    /// The name of the answer: `path`.
    pub name: String,
    /// What is asked.
    pub text: String,
    /// Used when nothing is answered; empty if an answer is needed.
    pub default: String,
    /// The answers there are; empty: any text.
    pub choices: Vec<String>,
}

/// Asks for a config from a template. Nothing is written: `save_text` does that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewRequest {
    /// Name of the template.
    pub template: String,
    /// Answers by the name of the question.
    pub answers: Vec<Answer>,
    /// The file it shall become, as `validate` would name it; empty: one that does not exist yet.
    #[serde(default)]
    pub file: String,
}

/// The answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Answer {
    /// The question's name.
    pub name: String,
    /// What was answered.
    pub value: String,
}

/// Asks for a config that describes what is there. Nothing is written: `save_text` does that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscoverRequest {
    /// A file, a folder of files, the address of a database or of an API.
    pub from: String,
    /// Variable with the token that the API is asked with; empty: none.
    #[serde(default)]
    pub auth_env_var: String,
    /// The file it shall become, as `validate` would name it; empty: one that does not exist yet.
    #[serde(default)]
    pub file: String,
    /// Name of the source's system; empty: from the name of the folder.
    #[serde(default)]
    pub system: String,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// A config that is not saved yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewConfig {
    /// The file it would become.
    pub file: String,
    /// Its whole text, with comments that teach.
    pub text: String,
    /// What was found in it, as if it were saved.
    pub diagnostics: Vec<Diagnostic>,
    /// What was seen while looking: "orders.csv: key `id` is unique and never null in 1,000 records".
    pub notes: Vec<String>,
}
