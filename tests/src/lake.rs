//! A small lake for tests of the engine: days of one dataset as CSV text, landed and promoted through
//! the door, and tables read back as text.

use std::fmt::Write as _;
use std::time::Duration;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use medallion_core::api::Engine;
use medallion_core::api::wire::{
    DatasetRef, ErrorBody, Layer, Layers, Outcome, PartitionRef, RowsInfo, RowsOf, RowsRequest, RunReport, RunRequest,
    StepReport, Table, Target,
};
use medallion_core::world::{Patience, World};

use crate::Project;

/// One dataset `t` with a config for each load pattern, all over the same Bronze and Silver.
#[derive(Debug)]
pub struct Lake {
    project: Project,
    engine: Engine,
    run: String,
    silver: String,
}

impl Lake {
    /// `run` are further keys of `source.run`, `silver` of `silver`, one a line in flow or block form.
    pub fn new(run: &str, silver: &str) -> Self {
        Self::with_world(World::real(), run, silver)
    }

    /// The same in another world.
    pub fn with_world(world: World, run: &str, silver: &str) -> Self {
        let project = Project::empty();
        let engine = Engine::open(project.path(""), world);
        Self { project, engine, run: run.to_owned(), silver: silver.to_owned() }
    }

    /// Its folder.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Its engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Other keys of `silver` from now on.
    pub fn set_silver(&mut self, silver: &str) {
        silver.clone_into(&mut self.silver);
    }

    fn config(&self, pattern: &str) -> Target {
        let indent = |text: &str| text.lines().fold(String::new(), |all, line| format!("{all}\n      {line}"));
        let run = indent(&self.run).replace("\n      ", "\n        ");
        let silver = indent(&self.silver);
        let text = format!(
            "config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ./bronze}}
  silver: {{storage_backend: local, output_dir: ./silver}}
sources:
  - name: t
    source:
      type: file
      system: s
      table: t
      file: {{path: './{pattern}_{{run_date}}.csv', format: csv}}
      run:
        load_pattern: {pattern}{run}
    silver:
      domain: d
      entity: e{silver}
"
        );
        self.project.write(&format!("{pattern}.yaml"), text);
        Target::at(format!("{pattern}.yaml"))
    }

    /// Lands a day: `csv` with header, rows separated by `|`.
    #[track_caller]
    pub fn land(&self, pattern: &str, date: &str, csv: &str) {
        self.project.write(&format!("{pattern}_{date}.csv"), format!("{}\n", csv.replace('|', "\n")));
        let step = self.step(pattern, date, Layers::Bronze);
        assert!(matches!(step.outcome, Outcome::Written | Outcome::Unchanged), "{step:?}");
    }

    /// Promotes a day, through the config of `pattern`.
    #[track_caller]
    pub fn promote(&self, pattern: &str, date: &str) -> StepReport {
        self.step(pattern, date, Layers::Silver)
    }

    /// Runs both layers.
    #[track_caller]
    pub fn run(&self, pattern: &str, date: &str) -> RunReport {
        self.request(pattern, date, Layers::Both)
    }

    #[track_caller]
    fn step(&self, pattern: &str, date: &str, layers: Layers) -> StepReport {
        self.request(pattern, date, layers).steps.remove(0)
    }

    #[track_caller]
    fn request(&self, pattern: &str, date: &str, layers: Layers) -> RunReport {
        let target = self.config(pattern);
        let date = Some(date.parse().expect("a date"));
        match self.engine.run(RunRequest { target, date, layers, ..RunRequest::default() }, &mut |_| {}) {
            Ok(report) => report,
            Err(error) => panic!("{error:#?}"),
        }
    }

    /// Rows of a table of the load or partition of a date, or why there are none.
    pub fn table(&self, pattern: &str, layer: Layer, date: &str, table: &str) -> Result<Table<RowsInfo>, ErrorBody> {
        let id = match layer {
            Layer::Bronze => format!("pattern={pattern}/dt={date}"),
            Layer::Silver => format!("load_date={date}"),
        };
        let of = PartitionRef::new(DatasetRef { target: self.config(pattern), dataset: "t".into() }, layer, id);
        self.engine.rows(RowsRequest::window(RowsOf::table(of, table), 0, 2000))
    }

    /// The Silver table of a date: `a=1 b=x` for each row, sorted, joined by ` | `.
    #[track_caller]
    pub fn silver(&self, pattern: &str, date: &str) -> String {
        match self.table(pattern, Layer::Silver, date, "") {
            Ok(table) => text(&table),
            Err(error) => format!("{}", error.code),
        }
    }

    /// The same for Bronze.
    #[track_caller]
    pub fn bronze(&self, pattern: &str, date: &str) -> String {
        match self.table(pattern, Layer::Bronze, date, "data") {
            Ok(table) => text(&table),
            Err(error) => format!("{}", error.code),
        }
    }
}

/// Rows as text, sorted, so that order does not matter. NULL is `∅`.
pub fn text<I>(table: &Table<I>) -> String {
    let mut rows: Vec<String> = Vec::new();
    for batch in &table.batches {
        let options = FormatOptions::default().with_null("∅");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|array| ArrayFormatter::try_new(array, &options).expect("a printable column"))
            .collect();
        for row in 0..batch.num_rows() {
            let mut line = String::new();
            for (field, column) in batch.schema().fields().iter().zip(&columns) {
                write!(line, "{}{}={}", if line.is_empty() { "" } else { " " }, field.name(), column.value(row))
                    .expect("text");
            }
            rows.push(line);
        }
    }
    rows.sort();
    rows.join(" | ")
}

/// Little patience with storage elsewhere, for services on this machine; a sign of life is silent after
/// `silence`.
pub fn impatient(silence: Duration) -> Patience {
    Patience {
        connect: Duration::from_secs(5),
        answer: Duration::from_secs(15),
        idle: Duration::from_secs(2),
        tries: 5,
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(80),
        longest_wish: Duration::from_secs(5),
        breaker_failures: 5,
        breaker_pause: Duration::from_millis(300),
        beat: silence / 6,
        silence,
    }
}

/// The files of a partition as the Python original wrote them: parts under its names, in both formats,
/// with its records. Four orders of a shop.
pub fn of_predecessor(date: &str) -> Vec<(String, Vec<u8>)> {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let mut all = Vec::new();
    for (number, ids, names) in [(1, [1, 2], ["Ann", "Bob"]), (2, [3, 4], ["Cy, Jr", "Dée"])] {
        let csv = format!("name,id\r\n\"{}\",{}\r\n{},{}\r\n", names[0], ids[0], names[1], ids[1]);
        all.push((format!("full-part-{number:04}.csv"), csv.into_bytes()));
        let batch = RecordBatch::try_from_iter([
            ("id", Arc::new(Int64Array::from(ids.to_vec())) as ArrayRef),
            ("name", Arc::new(StringArray::from(names.to_vec())) as ArrayRef),
        ])
        .expect("columns of one length");
        let mut bytes = Vec::new();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a schema that Parquet has");
        writer.write(&batch).expect("rows can be written");
        writer.close().expect("rows can be written");
        all.push((format!("full-part-{number:04}.parquet"), bytes));
    }
    let metadata = serde_json::json!({
        "timestamp": "2025-01-05T10:00:00.000000Z", "record_count": 4, "chunk_count": 2, "run_date": date,
        "system": "shop", "table": "orders", "partition_path": format!("system=shop/table=orders/pattern=full/dt={date}/"),
        "file_formats": { "csv": true, "parquet": true }, "load_pattern": "full", "reference_mode": null,
    });
    all.push(("_metadata.json".into(), serde_json::to_vec_pretty(&metadata).expect("JSON")));
    let file = |(name, bytes): &(String, Vec<u8>)| serde_json::json!({ "path": name, "size_bytes": bytes.len(), "sha256": sha256(bytes) });
    let files: Vec<_> = all.iter().map(file).collect();
    let checksums = serde_json::json!({
        "timestamp": "2025-01-05T10:00:00.000000Z", "load_pattern": "full", "files": files, "system": "shop",
        "table": "orders", "run_date": date, "config_name": null, "schema": [], "stats": { "record_count": 4 },
    });
    all.push(("_checksums.json".into(), serde_json::to_vec_pretty(&checksums).expect("JSON")));
    all
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
