//! Kinds of storage: those the engine has, and those that a program adds.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::failure::{Cause, Failure};
use super::refusing::RefusingStore;
use super::{Patience, Store};
use crate::config::settings::StorageSettings;
use crate::world::{Environment, World};

/// Makes stores of a scheme that the engine does not have. A program adds it to its
/// [`World`](crate::world::World::with_storage); a config names it by `storage_backend: custom` and
/// `storage_scheme`.
pub trait StorageFactory: Send + Sync + fmt::Debug {
    /// The word that configs say: `storage_scheme: <scheme>`.
    fn scheme(&self) -> &str;
    /// What it is, in a few words.
    fn description(&self) -> &str;
    /// What a config has to say for it, one sentence each.
    fn needs(&self) -> Vec<String> {
        Vec::new()
    }
    /// Opens the store of a layer. Called again for each command, so what stores share is kept by the
    /// factory. Asks nobody: a store says what is wrong when it is asked itself.
    ///
    /// # Errors
    ///
    /// What is missing, in one sentence without a secret.
    fn open(&self, opening: &Opening<'_>) -> Result<Arc<dyn Store>, String>;
}

/// What a factory knows of the store it opens.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// `bucket`, if the config has it.
    pub bucket: Option<&'a str>,
    /// `storage_options`, as written.
    pub options: &'a BTreeMap<String, String>,
    /// A folder for what is on its way; nothing lands there.
    pub scratch: &'a Path,
    /// Environment variables, for secrets.
    pub environment: &'a dyn Environment,
    /// How long services are waited for, and how long a sign of life counts.
    pub patience: Patience,
}

/// A kind of storage, for people.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    /// What configs say.
    pub(crate) name: String,
    /// What it is.
    pub(crate) description: String,
    /// What a config has to say for it.
    pub(crate) needs: Vec<String>,
    /// Whether a program added it.
    pub(crate) added: bool,
}

const OWN: [(&str, &str, &[&str]); 4] = [
    ("local", "a folder of this machine", &["`output_dir`: the folder; by default `./output` and `./silver_output`"]),
    (
        "s3",
        "Amazon S3, and services that speak like it",
        &[
            "`bucket`",
            "keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `s3_connection` with other variables, a `profile`, or `anonymous`; else the identity of the machine",
            "`s3_connection.endpoint_url` for a service other than AWS",
        ],
    ),
    (
        "azure",
        "Azure Blob Storage and Data Lake Storage Gen2",
        &[
            "`bucket`: the container",
            "`azure_connection` with the account, and one of `connection_string_env_var`, `account_key_env_var`, `sas_token_env_var`, a service principal or `managed_identity`",
        ],
    ),
    (
        "gcs",
        "Google Cloud Storage",
        &[
            "`bucket`",
            "`gcs_connection.credentials_file` or `credentials_env_var`; else the application default credentials",
        ],
    ),
];

/// All kinds there are, those that the program added last.
pub(crate) fn kinds(world: &World) -> Vec<Kind> {
    let own = OWN.iter().map(|(name, description, needs)| Kind {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        added: false,
    });
    let added = world.factories.iter().map(|factory| Kind {
        name: factory.scheme().to_owned(),
        description: factory.description().to_owned(),
        needs: factory.needs(),
        added: true,
    });
    own.chain(added).collect()
}

/// Opens a store of a scheme that a program added.
pub(super) fn open(settings: &StorageSettings, world: &World) -> Arc<dyn Store> {
    let refuse = |what: String| -> Arc<dyn Store> {
        Arc::new(RefusingStore { address: settings.address(), failure: Failure::new(Cause::Setup(what)) })
    };
    let StorageSettings::Custom { scheme, bucket, options, scratch } = settings else {
        return refuse("no program adds this kind of storage".to_owned());
    };
    let Some(factory) = world.factories.iter().rev().find(|factory| factory.scheme() == scheme) else {
        let there: Vec<String> = world.factories.iter().map(|factory| format!("`{}`", factory.scheme())).collect();
        let there =
            if there.is_empty() { "none was added to it".to_owned() } else { format!("it has {}", there.join(", ")) };
        return refuse(format!("this program has no storage of the scheme `{scheme}`; {there}"));
    };
    let opening = Opening {
        bucket: bucket.as_deref(),
        options,
        scratch,
        environment: world.env.as_ref(),
        patience: world.connections.patience(),
    };
    factory.open(&opening).unwrap_or_else(refuse)
}
