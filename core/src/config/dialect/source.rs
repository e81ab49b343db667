//! `source` and `silver` as the predecessor wrote them.

use std::rc::Rc;

use super::keys::{no_width, text as made_text};
use super::{Dialect, Keys, Translator, join_path};
use crate::config::syntax::{Node, ScalarKind};
use crate::diagnostic::{Diagnostic, Fix, code};

const OLD: Dialect = Dialect::Predecessor;
const ROWS: &str = "max_rows_per_file";
/// More rows than any part will have.
const NO_LIMIT: &str = "1000000000000";

impl Translator<'_, '_> {
    /// `alone`: it is the `source` of a file with one dataset, where the predecessor's defaults held.
    pub(super) fn section_source(&mut self, node: &Rc<Node>, path: &str, alone: bool) -> Rc<Node> {
        let Some(mut keys) = Keys::of(node) else { return node.clone() };
        if alone && !keys.has("type") {
            let place =
                keys.names().first().and_then(|key| keys.get(key)).map_or(node.extent, |entry| entry.key_extent);
            keys.take("type");
            keys.lead_with("type", place, made_text(place, "api"));
        }
        self.rename(OLD, &mut keys, path, "custom_extractor", "custom");
        self.no_equal(&mut keys, path, "pattern_id", "it was a label for sample scripts; remove it");
        self.no_equal(&mut keys, path, "config_name", "a dataset is called by `name`, beside `source`");
        let place = keys.get("run").or_else(|| keys.get("type")).map_or(node.extent, |entry| entry.key_extent);
        if let Some(mut run) = keys.section("run", place) {
            self.run(&mut run, &join_path(path, "run"), alone);
            if let Some(mut api) = keys.get("api").and_then(|entry| Keys::of(&entry.node)) {
                self.api(&mut api, &mut run, &join_path(path, "api"));
                keys.set("api", api.into_node());
            }
            if let Some(mut db) = keys.get("db").and_then(|entry| Keys::of(&entry.node)) {
                self.db(&mut db, &mut run, &join_path(path, "db"));
                keys.set("db", db.into_node());
            }
            keys.close("run", run, place);
        }
        keys.into_node()
    }

    fn run(&mut self, run: &mut Keys, path: &str, alone: bool) {
        self.rename(OLD, run, path, "local_output_dir", "output_dir");
        self.rename(OLD, run, path, "rate_limit_rps", "rate_limit_hz");
        for key in ["storage_enabled", "s3_enabled"] {
            if let Some(entry) = run.get(key).cloned() {
                let here = join_path(path, key);
                if matches!(entry.node.text(), Some("false" | "False" | "FALSE")) {
                    self.without_effect(
                        &here,
                        entry.key_extent,
                        "Bronze is written to the store of `storage_backend`; choose `local` to keep it on this machine",
                    );
                } else {
                    self.deprecated(OLD, &here, &here, entry.key_extent, None);
                }
                run.take(key);
            }
        }
        if alone {
            self.no_limit(run, path);
        }
    }

    /// The predecessor's 0 rows to a part: all of them in one.
    pub(super) fn no_limit(&mut self, run: &mut Keys, path: &str) {
        let Some(entry) = run.get(ROWS).filter(|entry| entry.node.text() == Some("0")).cloned() else { return };
        let mut finding = Diagnostic::warning(code::CFG070, "`max_rows_per_file: 0` is deprecated").help(format!(
            "write `{NO_LIMIT}` for one part of any length, or leave it out for parts of 100,000 rows; deprecated since 0.1, read until 2.0"
        ));
        let span = self.source.span(entry.node.extent);
        finding.fix = Some(Fix::one(format!("write `{NO_LIMIT}`"), span, NO_LIMIT, true));
        self.report(&join_path(path, ROWS), finding, entry.node.extent);
        run.set(ROWS, Node::scalar(no_width(entry.node.extent), NO_LIMIT, ScalarKind::Integer));
    }

    pub(super) fn api(&mut self, api: &mut Keys, run: &mut Keys, path: &str) {
        self.rename(Dialect::Canonical, api, path, "url", "base_url");
        self.api_auth(api, path);
        self.no_equal(
            api,
            path,
            "max_concurrency",
            "requests are bounded by `run.rate_limit_hz`, and pages asked ahead by `run.prefetch_pages`",
        );
        self.no_equal(
            api,
            path,
            "cursor_field",
            "it was only noted in the metadata; `incremental: {cursor_field, cursor_param}` asks for what is new",
        );
        self.shift(OLD, (api, path, "async"), (run, "use_async"));
        let place = api.get("rate_limit").map(|entry| entry.key_extent).unwrap_or_default();
        if let Some(mut limit) = api.get("rate_limit").and_then(|entry| Keys::of(&entry.node)) {
            self.shift(OLD, (&mut limit, &join_path(path, "rate_limit"), "rps"), (run, "rate_limit_hz"));
            api.close("rate_limit", limit, place);
        }
        let place = api.get("pagination").map(|entry| entry.key_extent).unwrap_or_default();
        if let Some(mut pagination) = api.get("pagination").and_then(|entry| Keys::of(&entry.node)) {
            let here = join_path(path, "pagination");
            self.shift(OLD, (&mut pagination, &here, "records_path"), (api, "data_path"));
            self.pagination(&mut pagination, &here);
            api.close("pagination", pagination, place);
        }
    }

    fn api_auth(&mut self, api: &mut Keys, path: &str) {
        let kind = api.text("auth_type").map(str::to_ascii_lowercase).unwrap_or_default();
        // Each kind of authentication had a key of its own for the same thing.
        let unused = if kind == "bearer" { "auth_key_env" } else { "auth_token_env" };
        if api.has("auth_token_env") && api.has("auth_key_env") {
            let help = "the other of the two is for the `auth_type` that is chosen; remove this one";
            self.no_equal(api, path, unused, help);
        }
        for (key, name) in [
            ("auth_token_env", "auth_env_var"),
            ("auth_key_env", "auth_env_var"),
            ("auth_key_header", "auth_header"),
            ("auth_username_env", "auth_username_env_var"),
            ("auth_password_env", "auth_password_env_var"),
        ] {
            self.rename(OLD, api, path, key, name);
        }
        if kind == "api_key"
            && let Some(entry) = api.get("auth_type").cloned()
        {
            let mut finding = Diagnostic::warning(code::CFG070, "`api_key` is deprecated")
                .help("write `apikey`; deprecated since 0.1, read until 2.0");
            finding.fix = Some(Fix::one("write `apikey`", self.source.span(entry.node.extent), "apikey", true));
            self.report(&join_path(path, "auth_type"), finding, entry.node.extent);
            api.set("auth_type", made_text(entry.node.extent, "apikey"));
        }
    }

    fn pagination(&mut self, pagination: &mut Keys, path: &str) {
        self.rename(OLD, pagination, path, "page_size_param", "limit_param");
        let found = ["cursor_param", "cursor_path", "next_token_path"].into_iter().find_map(|key| pagination.get(key));
        let Some(place) = found.map(|entry| entry.key_extent) else { return };
        let Some(mut cursor) = pagination.section("cursor", place) else { return };
        if !cursor.has("type") {
            cursor.take_null("type");
            cursor.lead_with("type", place, made_text(place, "response_field"));
        }
        self.shift(OLD, (pagination, path, "cursor_path"), (&mut cursor, "field"));
        self.shift(OLD, (pagination, path, "next_token_path"), (&mut cursor, "field"));
        self.shift(OLD, (pagination, path, "cursor_param"), (&mut cursor, "param"));
        if !cursor.has("field") {
            cursor.take_null("field");
            // What the predecessor looked for when nothing was said.
            cursor.add("field", place, made_text(place, "next_cursor"));
        }
        pagination.close("cursor", cursor, place);
    }

    pub(super) fn db(&mut self, db: &mut Keys, run: &mut Keys, path: &str) {
        self.rename(OLD, db, path, "conn_str_env", "dsn_env_var");
        self.rename(OLD, db, path, "base_query", "query");
        self.rename(OLD, db, path, "batch_size", "fetch_batch_size");
        self.shift(OLD, (db, path, "statement_timeout_seconds"), (run, "timeout_seconds"));
        self.no_equal(
            db,
            path,
            "incremental_cursor_env",
            "the cursor is kept with the commits of Bronze; `incremental.initial_value` is where the first run starts",
        );
        if let Some(key) = db.get("incremental_key").cloned()
            && let Some(mut incremental) = db.section("incremental", key.key_extent)
        {
            self.shift(OLD, (db, path, "incremental_key"), (&mut incremental, "cursor_column"));
            db.close("incremental", incremental, key.key_extent);
        }
        if let Some(mut incremental) = db.get("incremental").and_then(|entry| Keys::of(&entry.node)) {
            self.no_equal(
                &mut incremental,
                &join_path(path, "incremental"),
                "state_file",
                "the cursor is kept with the commits of Bronze",
            );
            db.set("incremental", incremental.into_node());
        }
    }

    pub(super) fn section_silver(&mut self, node: &Rc<Node>, path: &str) -> Rc<Node> {
        let Some(mut keys) = Keys::of(node) else { return node.clone() };
        if let Some(mut partitioning) = keys.get("partitioning").and_then(|entry| Keys::of(&entry.node)) {
            self.rename(OLD, &mut partitioning, &join_path(path, "partitioning"), "column", "columns");
            keys.set("partitioning", partitioning.into_node());
        }
        keys.into_node()
    }
}
