//! Connections: how an object store is reached, and with whose credentials. Secrets are named by
//! environment variable; none is ever written here.

use schemars::JsonSchema;
use serde::Deserialize;

/// How S3, or a service that speaks like it, is reached.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3ConnectionOptions {
    /// Address of the service, for S3 services other than AWS. Default: AWS. Example: `http://localhost:9000`.
    #[schemars(extend("x-form" = "web_address", "examples" = ["http://localhost:9000", "https://s3.eu-central-1.wasabisys.com"]))]
    pub(crate) endpoint_url: Option<String>,
    /// Name of the environment variable that holds the address, in the place of `endpoint_url`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["S3_ENDPOINT"]))]
    pub(crate) endpoint_url_env_var: Option<String>,
    /// Region, where the layer names none. Default: `AWS_REGION`, else `us-east-1`.
    #[schemars(length(min = 1), extend("examples" = ["us-east-1"]))]
    pub(crate) region: Option<String>,
    /// Name of the environment variable that holds the access key. Default: `AWS_ACCESS_KEY_ID`; if that
    /// is not set either, whatever AWS finds on this machine.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "default" = "AWS_ACCESS_KEY_ID"))]
    pub(crate) access_key_env_var: Option<String>,
    /// Name of the environment variable that holds the secret key. Default: `AWS_SECRET_ACCESS_KEY`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "default" = "AWS_SECRET_ACCESS_KEY"))]
    pub(crate) secret_key_env_var: Option<String>,
    /// Name of the environment variable that holds the token of a session. Default: `AWS_SESSION_TOKEN`,
    /// if the default keys are used.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-advanced" = true, "examples" = ["AWS_SESSION_TOKEN"]))]
    pub(crate) session_token_env_var: Option<String>,
    /// Profile of `~/.aws/credentials` to use, in the place of keys from variables. Example: `analytics`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["analytics"]))]
    pub(crate) profile: Option<String>,
    /// Whether requests are not signed at all, for public buckets. Default: `false`.
    #[schemars(extend("x-advanced" = true, "default" = false))]
    pub(crate) anonymous: Option<bool>,
    /// Whether the bucket stands in the path, `https://host/bucket/key`, as most services other than AWS
    /// want it. Default: `true` with `endpoint_url`, else `false`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) path_style: Option<bool>,
    /// Whether the certificate of the service is verified. Switch it off only against a test service
    /// that nobody else can reach. Default: `true`.
    #[schemars(extend("x-advanced" = true, "default" = true))]
    pub(crate) verify_tls: Option<bool>,
    /// File with certificates of authorities to trust besides the system's, PEM. Default: none.
    #[schemars(extend("x-advanced" = true, "x-form" = "file_path", "examples" = ["./certs/ca.pem"]))]
    pub(crate) ca_file: Option<String>,
}

/// How Azure Storage is reached. One way to prove who asks is enough: a connection string, an account
/// key, a SAS, a service principal, or the identity of the machine.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AzureConnectionOptions {
    /// Name of the environment variable that holds the connection string. Example:
    /// `AZURE_STORAGE_CONNECTION_STRING`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["AZURE_STORAGE_CONNECTION_STRING"]))]
    pub(crate) connection_string_env_var: Option<String>,
    /// Name of the storage account. Example: `mylake`.
    #[schemars(length(min = 1), extend("examples" = ["mylake"]))]
    pub(crate) account_name: Option<String>,
    /// Name of the environment variable that holds the name of the account, in the place of `account_name`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["AZURE_STORAGE_ACCOUNT"]))]
    pub(crate) account_name_env_var: Option<String>,
    /// Name of the environment variable that holds the key of the account.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["AZURE_STORAGE_KEY"]))]
    pub(crate) account_key_env_var: Option<String>,
    /// Name of the environment variable that holds a shared access signature (SAS).
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["AZURE_STORAGE_SAS_TOKEN"]))]
    pub(crate) sas_token_env_var: Option<String>,
    /// Whether the identity that Azure gave to this machine is used. Default: `false`.
    #[schemars(extend("default" = false))]
    pub(crate) managed_identity: Option<bool>,
    /// Id of the service principal (with `client_secret_env_var`), or of one of several managed identities.
    /// Example: `11111111-2222-3333-4444-555555555555`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["11111111-2222-3333-4444-555555555555"]))]
    pub(crate) client_id: Option<String>,
    /// Id of the tenant of the service principal. Example: `11111111-2222-3333-4444-555555555555`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["11111111-2222-3333-4444-555555555555"]))]
    pub(crate) tenant_id: Option<String>,
    /// Name of the environment variable that holds the secret of the service principal.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-advanced" = true, "examples" = ["AZURE_CLIENT_SECRET"]))]
    pub(crate) client_secret_env_var: Option<String>,
    /// Address of the account, where it is not the usual one, such as that of a local emulator. Default:
    /// from the name of the account. Example: `http://127.0.0.1:10000/devstoreaccount1`.
    #[schemars(extend("x-form" = "web_address", "x-advanced" = true, "examples" = ["http://127.0.0.1:10000/devstoreaccount1"]))]
    pub(crate) account_url: Option<String>,
    /// Whether the account has real folders (Data Lake Storage Gen2, `abfss://`). Default: asked of the account.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) hierarchical_namespace: Option<bool>,
}

/// How Google Cloud Storage is reached.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GcsConnectionOptions {
    /// File with the key of a service account, JSON. Default: the application default credentials.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./secrets/lake.json"]))]
    pub(crate) credentials_file: Option<String>,
    /// Name of the environment variable that holds the key of a service account, JSON.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["GCS_CREDENTIALS"]))]
    pub(crate) credentials_env_var: Option<String>,
    /// Whether requests are not signed at all, for public buckets. Default: `false`.
    #[schemars(extend("x-advanced" = true, "default" = false))]
    pub(crate) anonymous: Option<bool>,
    /// Address of the service, such as that of a local emulator. Default: Google's.
    #[schemars(extend("x-form" = "web_address", "x-advanced" = true, "examples" = ["http://localhost:4443"]))]
    pub(crate) endpoint_url: Option<String>,
}
