//! `platform`: where the layers are stored. Owned by whoever runs the machines.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AzureConnectionOptions, CompressionOption, GcsConnectionOptions, S3ConnectionOptions};

/// Storage of the two layers, and who is told about runs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformOptions {
    /// Name of the environment, by custom `dev`, `test` or `prod`. It stands in metadata; nothing
    /// depends on it. Example: `prod`.
    #[schemars(extend("examples" = ["dev", "test", "prod"]))]
    pub(crate) environment: Option<String>,
    /// Where data may be stored. `onprem` refuses storage in a cloud before anything runs. Default:
    /// `cloud`, which allows both.
    #[schemars(extend("default" = "cloud"))]
    pub(crate) storage_scope: Option<StorageScope>,
    /// Storage of Bronze, the raw landing.
    pub(crate) bronze: Option<BronzeOptions>,
    /// Storage of Silver, the curated datasets.
    pub(crate) silver: Option<SilverStorageOptions>,
    /// How S3, or a service that speaks like it, is reached, for every layer and source that does not
    /// say otherwise. Default: AWS, with the credentials of the usual AWS variables.
    pub(crate) s3_connection: Option<S3ConnectionOptions>,
    /// How Azure Storage is reached, for every layer and source that does not say otherwise.
    pub(crate) azure_connection: Option<AzureConnectionOptions>,
    /// How Google Cloud Storage is reached, for every layer and source that does not say otherwise.
    /// Default: the application default credentials.
    pub(crate) gcs_connection: Option<GcsConnectionOptions>,
    /// Addresses that are told how a run ended, by one POST of JSON each. A webhook that fails never
    /// changes the result of a run. Default: none.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) webhooks: Option<Vec<WebhookOptions>>,
}

/// Where data may be stored, or stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum StorageScope {
    /// On own machines only.
    Onprem,
    /// Anywhere.
    Cloud,
}

/// Kinds of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Backend {
    /// A folder on this machine.
    Local,
    /// Amazon S3 and what speaks like it.
    S3,
    /// Azure Blob Storage and Data Lake Storage.
    Azure,
    /// Google Cloud Storage.
    Gcs,
    /// A kind that a program added to the engine, named by `storage_scheme`.
    Custom,
}

impl Backend {
    /// As written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::S3 => "s3",
            Self::Azure => "azure",
            Self::Gcs => "gcs",
            Self::Custom => "custom",
        }
    }
}

/// Storage of Bronze.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BronzeOptions {
    /// Kind of storage. Default: `local`.
    #[schemars(extend("default" = "local"))]
    pub(crate) storage_backend: Option<Backend>,
    /// Name of a kind of storage that a program added to the engine, with `storage_backend: custom`.
    /// `medallion --list-backends` lists those of this program. Example: `memory`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["custom"] }, "examples" = ["memory"]))]
    pub(crate) storage_scheme: Option<String>,
    /// What the storage of `storage_scheme` wants to know; secrets as names of variables. Default: nothing.
    /// Example: `{region: north}`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["custom"] }, "examples" = [{ "region": "north" }]))]
    pub(crate) storage_options: Option<IndexMap<String, String>>,
    /// Name of the S3 or GCS bucket, or of the Azure container. Needed by `s3`, `azure` and `gcs`.
    /// Example: `my-bronze`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "storage_backend", "in": ["s3", "azure", "gcs"] }, "examples" = ["my-bronze"]))]
    pub(crate) bucket: Option<String>,
    /// Path below the root under which everything is written. Default: none. Example: `bronze/`.
    #[schemars(extend("x-form" = "prefix", "default" = "", "examples" = ["bronze/"]))]
    pub(crate) prefix: Option<String>,
    /// Region of the S3 bucket. Default: that of `s3_connection`, else `AWS_REGION`. Example: `us-east-1`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "storage_backend", "in": ["s3"] }, "examples" = ["us-east-1", "eu-central-1"]))]
    pub(crate) region: Option<String>,
    /// Folder that a `local` store writes to; relative paths start at the folder of this file. Beside
    /// another storage it is scratch space for parts on their way: nothing lands there. Default: `./output`.
    #[schemars(extend("x-form" = "folder", "default" = "./output", "examples" = ["./output"]))]
    pub(crate) output_dir: Option<String>,
    /// The former name of `output_dir`.
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "output_dir", "x-code" = "CFG001", "x-form" = "folder"))]
    pub(crate) local_path: Option<String>,
    /// What datasets may write, and defaults for what they do not say.
    pub(crate) output_defaults: Option<OutputDefaults>,
    /// Folders of a partition's path.
    pub(crate) partitioning: Option<BronzePartitioning>,
    /// Where the storage stands and who runs it, for `storage_scope`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) storage_metadata: Option<StorageMetadata>,
    /// How long partitions are kept. Default: for ever. What a kept or rebuildable Silver load is made
    /// of is never removed. Example: `{days: 90}`.
    #[schemars(extend("x-advanced" = true, "examples" = [{ "days": 90 }]))]
    pub(crate) retention: Option<BronzeRetention>,
    /// How S3 is reached for Bronze, in the place of `platform.s3_connection`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["s3"] }))]
    pub(crate) s3_connection: Option<S3ConnectionOptions>,
    /// How Azure Storage is reached for Bronze, in the place of `platform.azure_connection`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["azure"] }))]
    pub(crate) azure_connection: Option<AzureConnectionOptions>,
    /// How Google Cloud Storage is reached for Bronze, in the place of `platform.gcs_connection`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["gcs"] }))]
    pub(crate) gcs_connection: Option<GcsConnectionOptions>,
}

/// What datasets may write.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputDefaults {
    /// Whether Parquet may be written at all. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) allow_parquet: Option<bool>,
    /// Whether CSV may be written at all. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) allow_csv: Option<bool>,
    /// Upper bound of one part file in MiB, where a dataset does not say. Default: no bound. Example: `256`.
    #[schemars(extend("exclusiveMinimum" = 0, "examples" = [256]))]
    pub(crate) max_file_size_mb: Option<f64>,
    /// Parquet codec, where a dataset does not say. Default: `snappy`.
    #[schemars(extend("default" = "snappy"))]
    pub(crate) parquet_compression: Option<CompressionOption>,
    /// Level of the codec: 0–9 for gzip, 0–11 for brotli, 1–22 for zstd; higher is smaller and slower.
    /// Default: the codec's own (gzip 6, brotli 1, zstd 3). Example: `9`.
    #[schemars(range(max = 22), extend("x-advanced" = true, "examples" = [9]))]
    pub(crate) parquet_compression_level: Option<u32>,
}

/// Folders of a Bronze path.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BronzePartitioning {
    /// Whether paths have `dt=YYYY-MM-DD`, the date of the run. Without it there is one partition,
    /// which every run replaces. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) use_dt_partition: Option<bool>,
    /// Whether paths have `pattern=<load pattern>`. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) use_pattern_folder: Option<bool>,
    /// What makes a partition: the day, or a part of it for several extracts a day. Default: `date`.
    #[schemars(extend("default" = "date"))]
    pub(crate) partition_strategy: Option<PartitionStrategyOption>,
}

/// What makes a Bronze partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum PartitionStrategyOption {
    /// The day: `dt=YYYY-MM-DD`.
    Date,
    /// The hour in which the run began: `dt=…/hour=HH`; an hour that comes twice, because clocks go
    /// back, is `hour=HHB` the second time.
    Hourly,
    /// The minute in which the run began: `dt=…/batch=YYYYMMDD_HHMM`.
    Timestamp,
    /// A name given by `source.run.batch_id`, else made from the time: `dt=…/batch_id=<id>`.
    BatchId,
}

/// Where a storage stands.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StorageMetadata {
    /// Inside or outside of the own network. `storage_scope: onprem` asks for `onprem` here.
    pub(crate) boundary: Option<StorageScope>,
    /// What kind of service it is. Example: `s3_local`, an S3 service on own machines.
    pub(crate) provider_type: Option<ProviderType>,
    /// Who runs it, if it is a cloud. Default: nobody.
    pub(crate) cloud_provider: Option<CloudProvider>,
}

/// Kinds of storage service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ProviderType {
    /// S3 protocol on own machines.
    S3Local,
    /// S3 of a cloud.
    S3Cloud,
    /// Azure Blob Storage.
    AzureBlob,
    /// Azure Data Lake Storage.
    AzureAdls,
    /// Google Cloud Storage.
    GcsCloud,
    /// A file system.
    LocalGeneric,
}

/// Clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum CloudProvider {
    /// Microsoft Azure.
    Azure,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
}

/// How long Bronze is kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BronzeRetention {
    /// Days that a partition is kept, counted from its date. Example: `90`.
    #[schemars(required, range(min = 1), extend("examples" = [90]))]
    pub(crate) days: Option<u32>,
}

/// Storage of Silver.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverStorageOptions {
    /// Kind of storage. Default: `local`.
    #[schemars(extend("default" = "local"))]
    pub(crate) storage_backend: Option<Backend>,
    /// Name of a kind of storage that a program added to the engine, with `storage_backend: custom`.
    /// `medallion --list-backends` lists those of this program. Example: `memory`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["custom"] }, "examples" = ["memory"]))]
    pub(crate) storage_scheme: Option<String>,
    /// What the storage of `storage_scheme` wants to know; secrets as names of variables. Default: nothing.
    /// Example: `{region: north}`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["custom"] }, "examples" = [{ "region": "north" }]))]
    pub(crate) storage_options: Option<IndexMap<String, String>>,
    /// Name of the S3 or GCS bucket, or of the Azure container. Needed by `s3`, `azure` and `gcs`.
    /// Example: `my-silver`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "storage_backend", "in": ["s3", "azure", "gcs"] }, "examples" = ["my-silver"]))]
    pub(crate) bucket: Option<String>,
    /// Path below the root under which everything is written. Default: none. Example: `silver/`.
    #[schemars(extend("x-form" = "prefix", "default" = "", "examples" = ["silver/"]))]
    pub(crate) prefix: Option<String>,
    /// Region of the S3 bucket. Default: that of `s3_connection`, else `AWS_REGION`. Example: `us-east-1`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "storage_backend", "in": ["s3"] }, "examples" = ["us-east-1", "eu-central-1"]))]
    pub(crate) region: Option<String>,
    /// Folder that a `local` store writes to; relative paths start at the folder of this file. Beside
    /// another storage it is scratch space for parts on their way: nothing lands there. Default:
    /// `./silver_output`.
    #[schemars(extend("x-form" = "folder", "default" = "./silver_output", "examples" = ["./silver_output"]))]
    pub(crate) output_dir: Option<String>,
    /// What datasets may write, and defaults for what they do not say.
    pub(crate) output_defaults: Option<OutputDefaults>,
    /// Where the storage stands and who runs it, for `storage_scope`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) storage_metadata: Option<StorageMetadata>,
    /// How S3 is reached for Silver, in the place of `platform.s3_connection`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["s3"] }))]
    pub(crate) s3_connection: Option<S3ConnectionOptions>,
    /// How Azure Storage is reached for Silver, in the place of `platform.azure_connection`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["azure"] }))]
    pub(crate) azure_connection: Option<AzureConnectionOptions>,
    /// How Google Cloud Storage is reached for Silver, in the place of `platform.gcs_connection`.
    #[schemars(extend("x-advanced" = true, "x-when" = { "key": "storage_backend", "in": ["gcs"] }))]
    pub(crate) gcs_connection: Option<GcsConnectionOptions>,
}

/// An address that is told how a run ended.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookOptions {
    /// The address, `https://…`. Where the address itself is a secret, use `url_env_var`.
    #[schemars(extend("x-form" = "web_address", "examples" = ["https://hooks.example.com/medallion"]))]
    pub(crate) url: Option<String>,
    /// Name of the environment variable that holds the address, in the place of `url`. Example: `SLACK_HOOK`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["SLACK_HOOK"]))]
    pub(crate) url_env_var: Option<String>,
    /// After which runs it is told. Default: `always`.
    #[schemars(extend("default" = "always"))]
    pub(crate) when: Option<WebhookWhen>,
    /// Headers whose values are secrets: header name to the name of the environment variable that holds
    /// its value. Example: `{Authorization: HOOK_TOKEN}`.
    #[schemars(with = "Option<IndexMap<String, VariableText>>", extend("x-env" = true, "x-key-form" = "header", "examples" = [{ "Authorization": "HOOK_TOKEN" }]))]
    pub(crate) header_env_vars: Option<IndexMap<String, String>>,
    /// Seconds after which the address is given up; the result of the run stays what it is. Default: 5.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 5))]
    pub(crate) timeout_seconds: Option<f64>,
}

/// After which runs a webhook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum WebhookWhen {
    /// Those that went well.
    Success,
    /// Those that failed.
    Failure,
    /// All.
    Always,
}

/// Stands for the name of a variable in the schema; it is read as text.
#[derive(JsonSchema)]
#[schemars(inline, transparent, extend("x-form" = "variable", "x-env" = true))]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct VariableText(String);
