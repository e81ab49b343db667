//! Workspaces that tests of screens look at: full, empty, and with names that are long or wide.

use super::*;

fn layer(date: (i32, u32, u32), rows: u64, rejected: u64, stale: bool) -> LayerState {
    LayerState {
        date: chrono::NaiveDate::from_ymd_opt(date.0, date.1, date.2),
        rows: Count(rows),
        bytes: Count(rows * 54),
        rejected: Count(rejected),
        committed_at: "2026-11-23T09:46:12Z".into(),
        partitions: Count(3),
        stale,
    }
}

/// A dataset in which all is well.
fn dataset(name: &str) -> DatasetSummary {
    DatasetSummary {
        dataset: name.into(),
        file: format!("{name}.yaml"),
        source_type: "file".into(),
        load_pattern: "full".into(),
        model: Some("periodic_snapshot".into()),
        errors: 0,
        warnings: 0,
        bronze: Some(layer((2013, 1, 3), 914, 0, false)),
        silver: Some(layer((2013, 1, 3), 914, 0, false)),
        attention: Vec::new(),
        fingerprint: "3f9c".into(),
    }
}

/// Two files: one with an error and a warning, one with nothing found.
const ORDERS: &str = "# Orders of the shop\nconfig_version: 1\nsources:\n  - name: orders  # the name\n    source:\n      typo: file\n      file: {path: \"data/#1.csv\"}\n";

impl Script {
    /// Datasets in every state.
    pub(crate) fn full() -> Self {
        let warning = |code: Option<&str>, message: &str| Note {
            level: NoteLevel::Warning,
            code: code.map(Into::into),
            message: message.into(),
        };
        let orders = DatasetSummary {
            errors: 1,
            warnings: 1,
            bronze: None,
            silver: None,
            attention: vec![warning(Some("CFG013"), "orders.yaml has 1 error; nothing runs until it is mended")],
            ..dataset("orders")
        };
        let customers = DatasetSummary {
            model: Some("scd_type_1".into()),
            bronze: Some(layer((2013, 1, 4), 1_234_567, 37, false)),
            silver: Some(layer((2013, 1, 3), 1_230_001, 0, true)),
            attention: vec![
                warning(None, "37 records could not be read"),
                warning(None, "Silver is older than its input"),
            ],
            ..dataset("customers")
        };
        let raw = DatasetSummary { model: None, bronze: None, silver: None, ..dataset("raw_events") };
        let list = DatasetList {
            root: "/home/ada/pipelines".into(),
            datasets: vec![orders, customers, dataset("flights"), raw],
            joins: Vec::new(),
            unreadable: Vec::new(),
            environments: Vec::new(),
        };
        let info = PreviewInfo {
            more: true,
            unreadable: vec![UnreadableRecord {
                line: Count(118),
                reason: "5 fields instead of 4".into(),
                raw: "1,2,\"a\tb\",4,5".into(),
            }],
            findings: vec![Finding {
                level: NoteLevel::Warning,
                code: Some("RUN081".into()),
                message: "key customer: null in 20 records, which would be quarantined".into(),
                column: Some("customer".into()),
                place: Some(FindingPlace {
                    file: "orders.yaml".into(),
                    path: "silver.primary_keys".into(),
                    line: 3,
                    column: 5,
                }),
            }],
            ..preview_info()
        };
        let detail = PartitionDetail {
            summary: partition(2),
            path: String::new(),
            tables: vec![
                TableInfo { name: "data".into(), rows: Count(842), columns: record_columns() },
                TableInfo {
                    name: "_errors".into(),
                    rows: Count(37),
                    columns: vec![column("reason", "text"), column("raw", "text")],
                },
            ],
            files: vec![FileInfo {
                path: "part-0001-3f9c0a1b.parquet".into(),
                rows: Count(842),
                bytes: Count(45_200),
                sha256: "9f86d081884c7d65".into(),
            }],
            history: vec![VersionInfo {
                version: Count(3),
                committed_at: "2026-11-23T09:46:12Z".into(),
                run_id: "run-7".into(),
                rows: Count(842),
                rejected: Count(37),
                parts: Count(1),
                bytes: Count(45_200),
                changes: vec!["58 rows fewer".into()],
            }],
            metadata: "{\n  \"row_count\": 842\n}".into(),
            problems: vec![warning(Some("STG014"), "part-0002 is missing")],
            control: vec![ControlFile { path: "_metadata.json".into(), bytes: Count(1_204) }],
        };
        let mut script = Self {
            datasets: Ok(list),
            texts: BTreeMap::new(),
            preview: Ok(Table { info, batches: vec![records(0, 60), records(60, 40)] }),
            partitions: Ok(131),
            detail: Ok(detail),
            rows: Ok(1_000_000),
            version: 1,
            merged: None,
        };
        script.write("orders.yaml", ORDERS);
        script.write("flights.yaml", "config_version: 1\n");
        script
    }

    /// A folder without any dataset.
    pub(crate) fn empty() -> Self {
        let list = DatasetList {
            root: "/home/ada/pipelines".into(),
            datasets: Vec::new(),
            joins: Vec::new(),
            unreadable: Vec::new(),
            environments: Vec::new(),
        };
        Self { datasets: Ok(list), texts: BTreeMap::new(), ..Self::full() }
    }

    /// Names that are long or wide.
    pub(crate) fn wide() -> Self {
        let mut script = Self::full();
        let long = "a_dataset_whose_name_somebody_made_very_long_indeed_for_a_reason_unknown";
        let list = DatasetList {
            root: "/home/ada/a folder with a rather long name/それから日本語/pipelines".into(),
            datasets: vec![dataset("東京の注文データセット"), dataset(long), dataset("e\u{301}te\u{301}")],
            joins: Vec::new(),
            unreadable: vec![FileValidation {
                file: "broken/壊れた設定.yaml".into(),
                datasets: Vec::new(),
                diagnostics: Vec::new(),
                held_back_by: Vec::new(),
            }],
            environments: Vec::new(),
        };
        script.datasets = Ok(list);
        script
    }
}

/// A preview of which nothing can be said.
pub(crate) fn preview_info() -> PreviewInfo {
    PreviewInfo {
        dataset: "orders".into(),
        file: "orders.yaml".into(),
        fingerprint: "3f9c".into(),
        source: "./data/orders.csv".into(),
        columns: record_columns(),
        schema: record_columns()
            .into_iter()
            .map(|column| ColumnDelta {
                name: column.name,
                found: Some(column.data_type.clone()),
                declared: None,
                verdict: ColumnVerdict::Inferred,
                accept: Some(column.data_type),
            })
            .collect(),
        more: false,
        stopped: None,
        unreadable: Vec::new(),
        findings: Vec::new(),
        exchanges: Vec::new(),
        state: None,
        log: vec![LogLine { millis: 0, level: NoteLevel::Info, message: "reading orders, at most 100 records".into() }],
        error: None,
    }
}
