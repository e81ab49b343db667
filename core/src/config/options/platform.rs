//! `platform`: where the layers are stored. Owned by whoever runs the machines.

use schemars::JsonSchema;
use serde::Deserialize;

use super::CompressionOption;

/// Storage of the two layers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformOptions {
    /// Name of the environment, by custom `dev`, `test` or `prod`. Nothing depends on it.
    pub(crate) environment: Option<String>,
    /// `onprem` refuses storage in a cloud. Default: `cloud`, which allows both.
    pub(crate) storage_scope: Option<StorageScope>,
    /// Storage of Bronze, the raw landing.
    pub(crate) bronze: Option<BronzeOptions>,
    /// Storage of Silver, the curated datasets.
    pub(crate) silver: Option<SilverStorageOptions>,
}

/// Where data may be stored.
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
#[schemars(inline, extend("x-unavailable" = ["s3", "azure", "gcs"]))]
pub(crate) enum Backend {
    /// A folder on this machine.
    Local,
    /// Amazon S3 and what speaks like it.
    S3,
    /// Azure Blob Storage and ADLS.
    Azure,
    /// Google Cloud Storage.
    Gcs,
}

/// Storage of Bronze.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BronzeOptions {
    /// Kind of storage. Default: `local`.
    pub(crate) storage_backend: Option<Backend>,
    /// Name of the S3 bucket or Azure container.
    #[schemars(length(min = 1))]
    pub(crate) bucket: Option<String>,
    /// Path below the root under which everything is written, for example `bronze/`. Default: none.
    #[schemars(extend("x-form" = "prefix"))]
    pub(crate) prefix: Option<String>,
    /// Region of the bucket, for example `us-east-1`.
    pub(crate) region: Option<String>,
    /// Folder of a local store; relative paths start at the folder of this file. Default: `./output`.
    #[schemars(extend("x-form" = "folder"))]
    pub(crate) output_dir: Option<String>,
    /// The former name of `output_dir`.
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "output_dir", "x-code" = "CFG001", "x-form" = "folder"))]
    pub(crate) local_path: Option<String>,
    /// What datasets may write, and defaults for what they do not say.
    pub(crate) output_defaults: Option<OutputDefaults>,
    /// Folders of a partition's path.
    pub(crate) partitioning: Option<BronzePartitioning>,
    /// Where the storage stands, for `storage_scope`.
    pub(crate) storage_metadata: Option<StorageMetadata>,
    /// How long partitions are kept, `{days: 90}`. Default: for ever.
    #[schemars(extend("x-unavailable" = "warning"))]
    pub(crate) retention: Option<BronzeRetention>,
}

/// What datasets may write.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputDefaults {
    /// Whether Parquet may be written at all. Default: `true`.
    pub(crate) allow_parquet: Option<bool>,
    /// Whether CSV may be written at all. Default: `true`.
    pub(crate) allow_csv: Option<bool>,
    /// Upper bound of one part file in MiB, where a dataset does not say. Default: no bound.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub(crate) max_file_size_mb: Option<f64>,
    /// Parquet codec, where a dataset does not say. Default: `snappy`.
    pub(crate) parquet_compression: Option<CompressionOption>,
}

/// Folders of a Bronze path.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BronzePartitioning {
    /// Whether paths have `dt=YYYY-MM-DD`. Default: `true`.
    pub(crate) use_dt_partition: Option<bool>,
    /// Whether paths have `pattern=<load pattern>`. Default: `true`.
    pub(crate) use_pattern_folder: Option<bool>,
}

/// Where a storage stands.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StorageMetadata {
    /// Inside or outside of the own network.
    pub(crate) boundary: Option<StorageScope>,
    /// What kind of service it is.
    pub(crate) provider_type: Option<ProviderType>,
    /// Who runs it.
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
    /// Days that a partition is kept.
    #[schemars(range(min = 1))]
    pub(crate) days: Option<u32>,
}

/// Storage of Silver.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverStorageOptions {
    /// Kind of storage. Default: `local`.
    pub(crate) storage_backend: Option<Backend>,
    /// Name of the S3 bucket or Azure container.
    #[schemars(length(min = 1))]
    pub(crate) bucket: Option<String>,
    /// Path below the root under which everything is written, for example `silver/`. Default: none.
    #[schemars(extend("x-form" = "prefix"))]
    pub(crate) prefix: Option<String>,
    /// Region of the bucket, for example `us-east-1`.
    pub(crate) region: Option<String>,
    /// Folder of a local store; relative paths start at the folder of this file. Default: `./silver_output`.
    #[schemars(extend("x-form" = "folder"))]
    pub(crate) output_dir: Option<String>,
    /// What datasets may write, and defaults for what they do not say.
    pub(crate) output_defaults: Option<OutputDefaults>,
    /// Where the storage stands, for `storage_scope`.
    pub(crate) storage_metadata: Option<StorageMetadata>,
}
