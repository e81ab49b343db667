//! A small lake for tests of the engine: days of one dataset as CSV text, landed and promoted through
//! the door, and tables read back as text.

use std::fmt::Write as _;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use medallion_core::api::Engine;
use medallion_core::api::wire::{
    Count, DatasetRef, ErrorBody, Layer, Layers, Outcome, PartitionRef, RowsInfo, RowsRequest, RunReport, RunRequest,
    StepReport, Table, Target,
};
use medallion_core::world::World;

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
        let of = PartitionRef { of: DatasetRef { target: self.config(pattern), dataset: "t".into() }, layer, id };
        self.engine.rows(RowsRequest { of, table: table.into(), offset: Count(0), limit: 2000 })
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
