//! `platform` as the predecessor wrote it.

use super::{Dialect, Keys, Translator, join_path};

impl Translator<'_, '_> {
    pub(super) fn platform(&mut self, platform: &mut Keys) {
        let at = |keys: &Keys, key: &str| keys.get(key).map(|entry| entry.key_extent).unwrap_or_default();
        if let Some(mut bronze) = platform.get("bronze").and_then(|entry| Keys::of(&entry.node)) {
            self.bronze_storage(&mut bronze);
            let place = at(platform, "bronze");
            platform.close("bronze", bronze, place);
        }
        self.connections(platform, "platform");
    }

    fn bronze_storage(&mut self, bronze: &mut Keys) {
        const PATH: &str = "platform.bronze";
        backend(bronze);
        for (key, name) in [
            ("s3_bucket", "bucket"),
            ("s3_prefix", "prefix"),
            ("azure_container", "bucket"),
            ("azure_prefix", "prefix"),
        ] {
            self.rename(Dialect::Predecessor, bronze, PATH, key, name);
        }
        self.rename(Dialect::Canonical, bronze, PATH, "local_path", "output_dir");
        self.no_equal(
            bronze,
            PATH,
            "local_root",
            "it was the target of copies made besides; `output_dir` is the one place where a local store is",
        );
        if let Some(mut defaults) = bronze.get("output_defaults").and_then(|entry| Keys::of(&entry.node)) {
            let path = join_path(PATH, "output_defaults");
            self.rename(
                Dialect::Predecessor,
                &mut defaults,
                &path,
                "default_parquet_compression",
                "parquet_compression",
            );
            bronze.set("output_defaults", defaults.into_node());
        }
        if let Some(mut metadata) = bronze.get("storage_metadata").and_then(|entry| Keys::of(&entry.node)) {
            // The predecessor took an empty text for nothing.
            if metadata.text("cloud_provider") == Some("") {
                metadata.take("cloud_provider");
            }
            bronze.set("storage_metadata", metadata.into_node());
        }
        let place = bronze.get("options").map(|entry| entry.key_extent).unwrap_or_default();
        if let Some(mut options) = bronze.get("options").and_then(|entry| Keys::of(&entry.node)) {
            if let Some(folder) = options.take("pattern_folder") {
                let path = "platform.bronze.options.pattern_folder";
                self.deprecated(Dialect::Predecessor, path, path, folder.key_extent, None);
                self.pattern_folder = Some(folder);
            }
            bronze.close("options", options, place);
        }
    }

    fn connections(&mut self, platform: &mut Keys, path: &str) {
        for (section, keys) in [
            ("s3_connection", &["endpoint_url_env", "access_key_env", "secret_key_env"][..]),
            ("azure_connection", &["connection_string_env", "account_name_env", "account_key_env"]),
        ] {
            let Some(mut connection) = platform.get(section).and_then(|entry| Keys::of(&entry.node)) else { continue };
            let path = join_path(path, section);
            for key in keys {
                self.rename(Dialect::Predecessor, &mut connection, &path, key, &format!("{key}_var"));
            }
            platform.set(section, connection.into_node());
        }
    }
}

/// The predecessor's default was `s3`; a bucket without a backend means that.
fn backend(bronze: &mut Keys) {
    if bronze.has("storage_backend") {
        return;
    }
    let meant = [("s3_bucket", "s3"), ("azure_container", "azure")].into_iter().find(|(key, _)| bronze.has(key));
    if let Some((key, backend)) = meant
        && let Some(place) = bronze.get(key).map(|entry| entry.key_extent)
    {
        bronze.take("storage_backend");
        bronze.lead_with("storage_backend", place, super::keys::text(place, backend));
    }
}
