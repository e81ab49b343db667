//! The intent form: `system`, `entity`, `bronze` and `silver`, or a list of such `datasets`.

use std::rc::Rc;

use super::keys::{Keys, made, text as made_text};
use super::{Dialect, Translator, join_path, made_list};
use crate::config::syntax::{Entry, Node, ScalarKind};
use crate::config::text::Extent;
use crate::diagnostic::code;

const INTENT: Dialect = Dialect::Intent;

/// What all datasets of a file share.
#[derive(Default)]
struct Shared {
    domain: Option<Entry>,
    /// `partitioning_strategy` and `output_defaults` of the datasets, which the platform has for all.
    strategy: Vec<Entry>,
    defaults: Vec<Entry>,
    /// How many datasets there are.
    datasets: usize,
}

impl Translator<'_, '_> {
    /// One dataset, whose keys stand at the top.
    pub(super) fn single_intent(&mut self, top: &mut Keys) {
        let mut own = Keys::made(Extent::default());
        let mut place = Extent::default();
        for key in ["name", "domain", "system", "entity", "bronze", "silver", "pattern_id", "bronze_status"] {
            if let Some(entry) = top.take(key) {
                place = if key == "bronze" { entry.key_extent } else { place };
                own.put(key, entry);
            }
        }
        let mut shared = Shared { datasets: 1, ..Shared::default() };
        let entry = self.dataset(own, "", place, &mut shared);
        top.put("sources", made_list(place, vec![entry]));
        self.platform_of(top, shared, place);
        self.said(place, "bronze");
    }

    /// `datasets`, over `environment` and `domain` at the top.
    pub(super) fn datasets(&mut self, top: &mut Keys) {
        let Some(list) = top.get("datasets").cloned() else { return };
        let at = list.key_extent;
        if top.has("sources") {
            let message = "`datasets` and `sources` stand beside each other";
            self.wrong(code::CFG024, "datasets", at, message, "make each of `datasets` an entry of `sources`");
            return;
        }
        let Some(items) = list.node.items() else { return };
        top.take("datasets");
        let mut shared = Shared { domain: top.take("domain"), datasets: items.len(), ..Shared::default() };
        let mut environments: Vec<Entry> = Vec::new();
        let mut entries = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let Some(mut own) = Keys::of(item) else {
                entries.push(item.clone());
                continue;
            };
            environments.extend(own.take("environment"));
            entries.push(self.dataset(own, &format!("datasets[{index}]"), item.extent, &mut shared));
        }
        top.take("sources");
        top.put("sources", Entry { node: Node::sequence(list.node.extent, entries), ..list });
        self.one_environment(top, environments);
        self.platform_of(top, shared, at);
        self.said(at, "datasets");
    }

    fn said(&mut self, at: Extent, path: &str) {
        self.deprecated(INTENT, path, path, at, None);
        let differs = [
            "relative paths start at the folder of this file, not at the working folder",
            "without `local_output_dir` Bronze goes to `./output`",
            "without `silver.output_dir` Silver goes to `./silver_output`",
        ];
        self.differs(path, at, &differs);
    }

    fn one_environment(&mut self, top: &mut Keys, environments: Vec<Entry>) {
        let mut all = environments.into_iter();
        let Some(first) = all.next() else { return };
        let same = |entry: &Entry| entry.node.text() == first.node.text();
        let given = top.get("environment").cloned();
        if all.as_slice().iter().all(same) && given.as_ref().is_none_or(same) {
            if given.is_none() {
                top.put("environment", first);
            }
        } else {
            self.without_effect("datasets", first.key_extent, "a file has one environment: `platform.environment`");
        }
    }

    /// One dataset as an entry of `sources`.
    fn dataset(&mut self, mut own: Keys, path: &str, item: Extent, shared: &mut Shared) -> Rc<Node> {
        let place = |keys: &Keys, key: &str| keys.get(key).map(|entry| entry.key_extent);
        let at = place(&own, "bronze").or_else(|| place(&own, "system")).unwrap_or(item);
        let mut source = Keys::made(at);
        let mut silver = own.get("silver").and_then(|entry| Keys::of(&entry.node));
        let mut bronze = own.get("bronze").and_then(|entry| Keys::of(&entry.node)).unwrap_or_else(|| Keys::made(at));
        let bronze_path = join_path(path, "bronze");
        self.kind(&mut bronze, &bronze_path, &mut source, at);
        if let Some(entry) = own.take("system") {
            source.put("system", entry);
        }
        if let Some(entry) = own.take("entity") {
            source.put("table", entry);
        }
        self.bronze(bronze, &bronze_path, &mut source, silver.as_ref(), at, shared);
        for (key, help) in [
            ("pattern_id", "it was a label for sample scripts; remove it"),
            ("bronze_status", "it was a note without effect; remove it"),
        ] {
            self.no_equal(&mut own, path, key, help);
        }
        let domain = own.take("domain").or_else(|| shared.domain.clone());
        if let (Some(silver), Some(domain)) = (&mut silver, domain)
            && !silver.has("domain")
        {
            silver.put("domain", domain);
        }
        let mut entry = Keys::made(item);
        if let Some(name) = own.take("name") {
            entry.put("name", name);
        }
        entry.put(
            "source",
            own.take("bronze").map_or_else(
                || made("source", at, Node::scalar(at, "", ScalarKind::Null)),
                |bronze| Entry { node: Node::scalar(at, "", ScalarKind::Null), ..bronze },
            ),
        );
        entry.set("source", source.into_node());
        match (own.take("silver"), silver) {
            (Some(given), Some(silver)) if !silver.has("entity_kind") => {
                let message = "the intent form needs `silver.entity_kind`";
                let help = "add `entity_kind: event`, `state`, `derived_state` or `derived_event`";
                self.wrong(code::CFG014, &join_path(path, "silver.entity_kind"), given.key_extent, message, help);
                entry.put("silver", Entry { node: silver.into_node(), ..given });
            }
            (Some(given), Some(silver)) => entry.put("silver", Entry { node: silver.into_node(), ..given }),
            (Some(given), None) => entry.put("silver", given),
            (None, _) => {
                let message = "the intent form needs `silver`";
                let help = "add `silver:` with `entity_kind` and `natural_keys`";
                self.wrong(code::CFG014, &join_path(path, "silver"), at, message, help);
            }
        }
        // What is left is unknown, and the check says so.
        for key in own.names() {
            if let Some(rest) = own.take(&key) {
                entry.put(&key, rest);
            }
        }
        Node::mapping(item, entry.into_node().entries().unwrap_or_default().to_vec())
    }

    fn kind(&mut self, bronze: &mut Keys, path: &str, source: &mut Keys, at: Extent) {
        match bronze.take("source_type") {
            Some(kind) => {
                let here = join_path(path, "source_type");
                self.deprecated(INTENT, "bronze.source_type", &here, kind.key_extent, None);
                source.put("type", kind);
            }
            None => source.add("type", at, made_text(at, "file")),
        }
    }

    fn bronze(
        &mut self,
        mut bronze: Keys,
        path: &str,
        source: &mut Keys,
        silver: Option<&Keys>,
        at: Extent,
        shared: &mut Shared,
    ) {
        if let Some(enabled) = bronze.take("enabled")
            && matches!(enabled.node.text(), Some("false" | "False" | "FALSE"))
        {
            let help = "the predecessor extracted all the same; leave the dataset out to stop that";
            self.without_effect(&join_path(path, "enabled"), enabled.key_extent, help);
        }
        self.no_equal(&mut bronze, path, "partition_column", "it never had an effect; remove it");
        let kind = source.text("type").unwrap_or_default().to_ascii_lowercase();
        let options_at = bronze.get("options").map_or(at, |entry| entry.key_extent);
        let mut options = bronze.section("options", options_at).unwrap_or_else(|| Keys::made(options_at));
        bronze.take("options");
        let options_path = join_path(path, "options");
        let mut run = Keys::made(options_at);
        let mut section = match kind.as_str() {
            "custom" => options.section("custom_extractor", at),
            other => options.section(other, at),
        }
        .unwrap_or_else(|| Keys::made(at));
        let named = if kind == "custom" { "custom_extractor" } else { kind.as_str() };
        let section_entry = options.take(named);
        self.access(&mut bronze, path, &kind, &mut section);
        match kind.as_str() {
            "file" => self.file(&mut options, &options_path, &mut section, at),
            "api" => {
                self.shift(INTENT, (&mut options, &options_path, "pagination"), (&mut section, "pagination"));
                self.api(&mut section, &mut run, &join_path(&options_path, "api"));
            }
            "db" => self.db(&mut section, &mut run, &join_path(&options_path, "db")),
            _ => {}
        }
        if kind != "file" {
            self.no_equal(&mut options, &options_path, "format", "only a source of type `file` has a format");
        }
        let home = match kind.as_str() {
            kind @ ("file" | "api" | "db" | "custom") => kind,
            _ => "file",
        };
        if !section.is_empty() {
            let entry = section_entry.unwrap_or_else(|| made(home, at, Node::scalar(at, "", ScalarKind::Null)));
            source.put(home, Entry { node: section.into_node(), ..entry });
        }
        self.options(options, &options_path, &mut run, shared);
        for key in ["write_parquet", "write_csv"] {
            // The formats of `silver` were those of Bronze too.
            if let Some(entry) = silver.and_then(|silver| silver.get(key)) {
                run.add(key, entry.key_extent, entry.node.clone());
            }
        }
        if !run.is_empty() {
            source.add("run", options_at, run.into_node());
        }
        for key in bronze.names() {
            if let Some(rest) = bronze.take(&key) {
                source.put(&key, rest);
            }
        }
    }

    /// Where the data is: `path_pattern`, `connection_name`, `source_query`.
    fn access(&mut self, bronze: &mut Keys, path: &str, kind: &str, section: &mut Keys) {
        let names: [(&str, Option<&str>); 3] = match kind {
            "file" => [("path_pattern", Some("path")), ("connection_name", None), ("source_query", None)],
            "db" => [("path_pattern", None), ("connection_name", Some("dsn_env_var")), ("source_query", Some("query"))],
            "api" => {
                [("path_pattern", None), ("connection_name", Some("base_url")), ("source_query", Some("endpoint"))]
            }
            _ => [("path_pattern", None), ("connection_name", None), ("source_query", None)],
        };
        for (key, name) in names {
            match name {
                Some(name) => {
                    // For databases the key counted more than the options, for APIs less.
                    if kind == "db" && bronze.has(key) {
                        let older = if name == "query" { "base_query" } else { "conn_str_env" };
                        for other in [older, name] {
                            let help = format!("`{key}` is given too, and that is used");
                            self.no_equal(section, &join_path(path, "options.db"), other, &help);
                        }
                    }
                    if kind == "api" && name == "base_url" && section.has("url") && bronze.has(key) {
                        let help = "`url` is given too, and that is used";
                        self.no_equal(bronze, path, key, help);
                        continue;
                    }
                    self.shift(INTENT, (bronze, path, key), (section, name));
                }
                None => self.no_equal(bronze, path, key, "a source of this type has no use for it; remove it"),
            }
        }
    }

    fn file(&mut self, options: &mut Keys, path: &str, section: &mut Keys, at: Extent) {
        self.shift(INTENT, (options, path, "format"), (section, "format"));
        let suffixed = section.text("path").is_none_or(|path| path.to_ascii_lowercase().ends_with(".csv"));
        if !section.has("format") && !suffixed {
            section.take("format");
            // What the predecessor took every file for when nothing was said.
            section.add("format", at, made_text(at, "csv"));
        }
    }

    fn options(&mut self, mut options: Keys, path: &str, run: &mut Keys, shared: &mut Shared) {
        for (key, name) in [
            ("local_output_dir", "output_dir"),
            ("load_pattern", "load_pattern"),
            ("pattern_folder", "pattern_folder"),
            ("max_rows_per_file", "max_rows_per_file"),
            ("max_file_size_mb", "max_file_size_mb"),
            ("parallel_workers", "parallel_workers"),
            ("reference_mode", "reference_mode"),
            ("cleanup_on_failure", "cleanup_on_failure"),
            ("batch_id", "batch_id"),
        ] {
            self.shift(INTENT, (&mut options, path, key), (run, name));
        }
        self.no_limit(run, path);
        for (key, help) in [
            ("storage_enabled", "the store is chosen by `platform.bronze.storage_backend`"),
            ("delta_mode", "it never had an effect; remove it"),
            ("match_dir", "it never had an effect; remove it"),
        ] {
            self.no_equal(&mut options, path, key, help);
        }
        for (key, list) in [("partitioning_strategy", &mut shared.strategy), ("output_defaults", &mut shared.defaults)]
        {
            if let Some(entry) = options.take(key) {
                let here = join_path(path, key);
                self.deprecated(INTENT, &format!("bronze.options.{key}"), &here, entry.key_extent, None);
                list.push(entry);
            }
        }
        for section in ["file", "db", "api", "custom_extractor"] {
            self.no_equal(&mut options, path, section, "it belongs to another `source_type`; remove it");
        }
        // What is left is unknown, and the check says so.
        for key in options.names() {
            if let Some(rest) = options.take(&key) {
                run.put(&key, rest);
            }
        }
    }

    /// What datasets said and the platform has for all of them.
    fn platform_of(&mut self, top: &mut Keys, shared: Shared, at: Extent) {
        let Shared { strategy, defaults, datasets, .. } = shared;
        let Some(mut platform) = top.section("platform", at) else { return };
        let Some(mut bronze) = platform.section("bronze", at) else { return };
        if let Some(first) = self.common(&strategy, datasets, "partitioning_strategy")
            && let Some(mut partitioning) = bronze.section("partitioning", first.key_extent)
            && !partitioning.has("partition_strategy")
        {
            let place = first.key_extent;
            partitioning.put("partition_strategy", first);
            bronze.close("partitioning", partitioning, place);
        }
        if let Some(first) = self.common(&defaults, datasets, "output_defaults")
            && !bronze.has("output_defaults")
        {
            let node = Keys::of(&first.node).map(|mut keys| {
                let path = "platform.bronze.output_defaults";
                self.rename(
                    Dialect::Predecessor,
                    &mut keys,
                    path,
                    "default_parquet_compression",
                    "parquet_compression",
                );
                keys.into_node()
            });
            bronze.put("output_defaults", Entry { node: node.unwrap_or_else(|| first.node.clone()), ..first });
        }
        platform.close("bronze", bronze, at);
        top.close("platform", platform, at);
    }

    /// The value that every dataset gives; a finding if they differ.
    fn common(&mut self, given: &[Entry], datasets: usize, key: &str) -> Option<Entry> {
        let first = given.first()?;
        let same = |entry: &Entry| super::write::equal(&entry.node, &first.node);
        if given.len() == datasets && given.iter().all(same) {
            return Some(first.clone());
        }
        let help = "datasets of one file share it; put those that differ into files of their own";
        let message = format!("the datasets of this file differ in `{key}`");
        self.wrong(code::CFG044, "datasets", first.key_extent, &message, help);
        None
    }
}
