//! Where a layer is stored, and with whose credentials.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{EnvVar, Named};

/// Storage of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StorageSettings {
    /// A folder of this machine.
    Local {
        /// Absolute.
        root: PathBuf,
    },
    /// A bucket of S3, or of a service that speaks like it.
    S3 {
        /// Its name.
        bucket: String,
        /// How it is reached.
        connection: S3Connection,
        /// Absolute folder for parts on their way; nothing lands there.
        scratch: PathBuf,
    },
    /// A container of Azure Storage.
    Azure {
        /// Its name.
        container: String,
        /// How it is reached.
        connection: AzureConnection,
        /// Absolute folder for parts on their way; nothing lands there.
        scratch: PathBuf,
    },
    /// A bucket of Google Cloud Storage.
    Gcs {
        /// Its name.
        bucket: String,
        /// How it is reached.
        connection: GcsConnection,
        /// Absolute folder for parts on their way; nothing lands there.
        scratch: PathBuf,
    },
    /// A kind that a program added to the engine.
    Custom {
        /// Its name.
        scheme: String,
        /// Its bucket, if it has such.
        bucket: Option<String>,
        /// What only it understands.
        options: BTreeMap<String, String>,
        /// Absolute folder for parts on their way; nothing lands there.
        scratch: PathBuf,
    },
}

impl StorageSettings {
    /// As written in configs.
    pub(crate) const fn backend(&self) -> &'static str {
        match self {
            Self::Local { .. } => "local",
            Self::S3 { .. } => "s3",
            Self::Azure { .. } => "azure",
            Self::Gcs { .. } => "gcs",
            Self::Custom { .. } => "custom",
        }
    }
    /// The folder of a local store.
    pub(crate) fn local_root(&self) -> Option<&Path> {
        match self {
            Self::Local { root } => Some(root),
            _ => None,
        }
    }
    /// The place as a person would name it: a folder, or `s3://bucket`.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Local { root } => root.display().to_string(),
            Self::S3 { bucket, .. } => format!("s3://{bucket}"),
            Self::Azure { container, .. } => format!("az://{container}"),
            Self::Gcs { bucket, .. } => format!("gs://{bucket}"),
            Self::Custom { scheme, bucket, .. } => format!("{scheme}://{}", bucket.as_deref().unwrap_or_default()),
        }
    }
}

/// How S3 is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct S3Connection {
    /// Address of the service. `None`: AWS.
    pub(crate) endpoint: Option<Named<String>>,
    /// `None`: `AWS_REGION`, else `us-east-1`.
    pub(crate) region: Option<String>,
    /// Access key; an unset variable means whatever AWS finds on this machine.
    pub(crate) access_key: EnvVar,
    /// Secret key.
    pub(crate) secret_key: EnvVar,
    /// Token of a session.
    pub(crate) session_token: Option<EnvVar>,
    /// Profile, in the place of keys.
    pub(crate) profile: Option<String>,
    /// Requests are not signed.
    pub(crate) anonymous: bool,
    /// The bucket stands in the path.
    pub(crate) path_style: bool,
    /// The certificate of the service is verified.
    pub(crate) verify_tls: bool,
    /// Absolute file with further authorities.
    pub(crate) ca_file: Option<PathBuf>,
}

/// How Azure Storage is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AzureConnection {
    /// Name of the account. `None`: it stands in the connection string or in `account_url`.
    pub(crate) account: Option<Named<String>>,
    /// Address of the account. `None`: from its name.
    pub(crate) account_url: Option<String>,
    /// Who asks.
    pub(crate) credential: AzureCredential,
    /// Whether it has real folders. `None`: asked of the account.
    pub(crate) hierarchical_namespace: Option<bool>,
}

/// Who asks Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AzureCredential {
    /// Whoever has this connection string.
    ConnectionString(EnvVar),
    /// Whoever has the key of the account.
    AccountKey(EnvVar),
    /// Whoever has this shared access signature.
    Sas(EnvVar),
    /// A service principal.
    ServicePrincipal {
        /// Of its tenant.
        tenant_id: String,
        /// Its own.
        client_id: String,
        /// Its secret.
        secret: EnvVar,
    },
    /// The identity of this machine, or one of several.
    ManagedIdentity {
        /// Which of several.
        client_id: Option<String>,
    },
    /// Whatever Azure finds on this machine.
    Default,
}

/// How Google Cloud Storage is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GcsConnection {
    /// Key of a service account: an absolute file, or a variable. `None`: application default credentials.
    pub(crate) credentials: Option<Named<PathBuf>>,
    /// Requests are not signed.
    pub(crate) anonymous: bool,
    /// Address of the service. `None`: Google's.
    pub(crate) endpoint: Option<String>,
}
