//! The table of deprecations: keys that are still read, since when they have a successor, and when
//! they stop being read. The check, `migrate` and `explain --deprecated` all read this table.
//!
//! Owns what is said about old keys; never reads a document.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::code::{self, Code};

/// The form of configuration that a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The canonical form: `platform` and `sources`.
    Canonical,
    /// The predecessor's own keys: one `source` in a file, `s3_bucket`, `conn_str_env`.
    Predecessor,
    /// The intent form: `system`, `entity`, `bronze`, `silver`, or a list of such `datasets`.
    Intent,
}

/// One deprecated key, or one deprecated omission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Deprecation {
    /// Where the key stands, by its path without list positions. What belongs to a dataset starts at
    /// the dataset: `source.api.url` is meant both in an entry of `sources` and at the top of a file
    /// with one `source`.
    pub path: &'static str,
    /// The form of configuration it belongs to.
    pub dialect: Dialect,
    /// The code of the finding.
    pub code: Code,
    /// Version of the program that deprecated it.
    pub since: &'static str,
    /// Version of the program that will refuse it.
    pub removal: &'static str,
    /// The path that replaces it, in the canonical form; a sentence where it is not one key.
    pub replacement: &'static str,
}

impl Deprecation {
    /// Whether `replacement` is a path, so that the value moves there as it is.
    pub fn is_move(&self) -> bool {
        !self.replacement.is_empty() && !self.replacement.contains(' ')
    }
}

/// The deprecation of `path`, which may have list positions and may start at an entry of a list:
/// `sources[2].source.api.url`.
pub(crate) fn find(dialect: Dialect, path: &str) -> Option<&'static Deprecation> {
    let plain = plain(path);
    let inner = ["sources.", "datasets."].iter().find_map(|list| plain.strip_prefix(list)).unwrap_or(&plain);
    DEPRECATIONS.iter().find(|row| row.dialect == dialect && row.path == inner)
}

/// A path without its list positions.
fn plain(path: &str) -> String {
    let mut result = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            other if !inside => result.push(other),
            _ => {}
        }
    }
    result
}

/// The version that deprecated everything below: the first one, which knew better names from the start.
const SINCE: &str = "0.1";
/// The version that will read none of it.
const REMOVAL: &str = "2.0";

macro_rules! deprecations {
    ($($dialect:ident $code:ident { $($path:literal => $replacement:literal)* })*) => {
        /// Every deprecation, in the order of the reference.
        pub(crate) const DEPRECATIONS: &[Deprecation] = &[$($(Deprecation {
            path: $path,
            dialect: Dialect::$dialect,
            code: code::$code,
            since: SINCE,
            removal: REMOVAL,
            replacement: $replacement,
        }),*),*];
    };
}

deprecations! {
    Canonical CFG001 { "platform.bronze.local_path" => "platform.bronze.output_dir" }
    Canonical CFG002 { "source.api.url" => "source.api.base_url" }
    Canonical CFG003 { "source.api.endpoint" => "write `endpoint: /` where it was left out" }
    Canonical CFG004 { "config_version" => "write `config_version: 1` where it was left out" }
    Predecessor CFG070 {
        "source" => "sources[].source"
        "silver" => "sources[].silver"
        "environment" => "platform.environment"
        "platform.bronze.s3_bucket" => "platform.bronze.bucket"
        "platform.bronze.s3_prefix" => "platform.bronze.prefix"
        "platform.bronze.azure_container" => "platform.bronze.bucket"
        "platform.bronze.azure_prefix" => "platform.bronze.prefix"
        "platform.bronze.output_defaults.default_parquet_compression" =>
            "platform.bronze.output_defaults.parquet_compression"
        "platform.bronze.options.pattern_folder" => "sources[].source.run.pattern_folder"
        "platform.s3_connection.endpoint_url_env" => "platform.s3_connection.endpoint_url_env_var"
        "platform.s3_connection.access_key_env" => "platform.s3_connection.access_key_env_var"
        "platform.s3_connection.secret_key_env" => "platform.s3_connection.secret_key_env_var"
        "platform.azure_connection.connection_string_env" => "platform.azure_connection.connection_string_env_var"
        "platform.azure_connection.account_name_env" => "platform.azure_connection.account_name_env_var"
        "platform.azure_connection.account_key_env" => "platform.azure_connection.account_key_env_var"
        "source.run.local_output_dir" => "source.run.output_dir"
        "source.run.storage_enabled" => "choose the store with `platform.bronze.storage_backend`"
        "source.run.s3_enabled" => "choose the store with `platform.bronze.storage_backend`"
        "source.run.rate_limit_rps" => "source.run.rate_limit_hz"
        "source.db.conn_str_env" => "source.db.dsn_env_var"
        "source.db.base_query" => "source.db.query"
        "source.db.batch_size" => "source.db.fetch_batch_size"
        "source.db.incremental_key" => "source.db.incremental.cursor_column"
        "source.db.statement_timeout_seconds" => "source.run.timeout_seconds"
        "source.api.auth_token_env" => "source.api.auth_env_var"
        "source.api.auth_key_env" => "source.api.auth_env_var"
        "source.api.auth_key_header" => "source.api.auth_header"
        "source.api.auth_username_env" => "source.api.auth_username_env_var"
        "source.api.auth_password_env" => "source.api.auth_password_env_var"
        "source.api.rate_limit.rps" => "source.run.rate_limit_hz"
        "source.api.async" => "source.run.use_async"
        "source.api.pagination.page_size_param" => "source.api.pagination.limit_param"
        "source.api.pagination.cursor_param" => "source.api.pagination.cursor.param"
        "source.api.pagination.cursor_path" => "source.api.pagination.cursor.field"
        "source.api.pagination.next_token_path" => "source.api.pagination.cursor.field"
        "source.api.pagination.records_path" => "source.api.data_path"
        "source.custom_extractor" => "source.custom"
        "silver.partitioning.column" => "silver.partitioning.columns"
        "silver_join.output.join_key_mapping" => "silver_join.output.join_key_pairs"
        "silver_join.output.projection" => "silver_join.output.select_columns"
        "silver_join.output.join_key_pairs.list" => "write the pairs as a mapping: `{left: right}`"
        "silver_join.output.select_columns.list" => "write the new names as a mapping: `{column: name}`"
        "silver_join.output.quality_guards.unique_keys.keys" => "silver_join.output.quality_guards.unique_keys.columns"
    }
    Intent CFG071 {
        "datasets" => "sources"
        "bronze" => "sources[].source"
        "bronze.source_type" => "sources[].source.type"
        "bronze.connection_name" => "sources[].source.db.dsn_env_var"
        "bronze.source_query" => "sources[].source.db.query"
        "bronze.path_pattern" => "sources[].source.file.path"
        "bronze.options.format" => "sources[].source.file.format"
        "bronze.options.pagination" => "sources[].source.api.pagination"
        "bronze.options.local_output_dir" => "sources[].source.run.output_dir"
        "bronze.options.load_pattern" => "sources[].source.run.load_pattern"
        "bronze.options.pattern_folder" => "sources[].source.run.pattern_folder"
        "bronze.options.max_rows_per_file" => "sources[].source.run.max_rows_per_file"
        "bronze.options.max_file_size_mb" => "sources[].source.run.max_file_size_mb"
        "bronze.options.parallel_workers" => "sources[].source.run.parallel_workers"
        "bronze.options.reference_mode" => "sources[].source.run.reference_mode"
        "bronze.options.cleanup_on_failure" => "sources[].source.run.cleanup_on_failure"
        "bronze.options.batch_id" => "sources[].source.run.batch_id"
        "bronze.options.partitioning_strategy" => "platform.bronze.partitioning.partition_strategy"
        "bronze.options.output_defaults" => "platform.bronze.output_defaults"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_what_takes_its_place() {
        for (index, row) in DEPRECATIONS.iter().enumerate() {
            assert!(!row.path.is_empty() && !row.replacement.is_empty(), "{row:?}");
            assert!(!row.path.contains('['), "paths have no list positions: {row:?}");
            assert!(row.code.entry().is_some(), "{row:?}");
            let later = DEPRECATIONS.iter().skip(index + 1);
            assert!(
                later.clone().all(|other| (other.dialect, other.path) != (row.dialect, row.path)),
                "twice: {row:?}"
            );
        }
    }

    #[test]
    fn a_key_is_found_wherever_its_dataset_stands() {
        for path in ["source.api.url", "sources[0].source.api.url", "sources[17].source.api.url"] {
            assert_eq!(find(Dialect::Canonical, path).map(|row| row.code), Some(code::CFG002), "{path}");
        }
        assert_eq!(find(Dialect::Predecessor, "platform.bronze.s3_bucket").map(Deprecation::is_move), Some(true));
        assert_eq!(find(Dialect::Intent, "datasets[3].bronze.path_pattern").map(|row| row.code), Some(code::CFG071));
        assert_eq!(find(Dialect::Canonical, "sources[0].source.api.base_url"), None);
    }
}
