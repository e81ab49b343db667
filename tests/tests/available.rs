//! What this version cannot act on yet: the configuration is right, the run refuses the dataset before
//! anything of it runs, and all others run.

use medallion_core::api::Engine;
use medallion_core::api::wire::{DoctorEvent, DoctorRequest, RunReport, RunRequest, Severity, Target};
use medallion_core::world::World;
use medallion_tests::Project;

const CONFIG: &str = r"
config_version: 1
platform:
  bronze: {retention: {days: 30}}
sources:
  - name: fine
    source: {type: file, system: s, table: fine, file: {path: a.csv}}
    silver: {}
  - name: history
    source: {type: file, system: s, table: history, file: {path: a.csv}}
    silver: {model: scd_type_2, primary_keys: [id], order_column: id, expect: [{check: reference, columns: id, dataset: fine}]}
  - name: elsewhere
    source: {type: db, system: s, table: elsewhere, db: {driver: mssql, host: db.example, database: d, query: select 1}}
";

fn project(config: &str) -> (Project, Engine) {
    let project = Project::empty();
    project.write("a.csv", "id,name\n1,x\n");
    project.write("c.yaml", config);
    let engine = Engine::open(project.path(""), World::real());
    (project, engine)
}

fn request() -> RunRequest {
    RunRequest {
        target: Target::at("c.yaml"),
        date: chrono::NaiveDate::from_ymd_opt(2025, 1, 2),
        ..RunRequest::default()
    }
}

/// `dataset layer: outcome code`.
fn steps(report: &RunReport) -> Vec<String> {
    let step = |report: &medallion_core::api::wire::StepReport| {
        let code = report.error.as_ref().map_or_else(String::new, |error| format!(" {}", error.code));
        format!("{} {:?}: {:?}{code}", report.step.dataset, report.step.layer, report.outcome)
    };
    report.steps.iter().map(step).collect()
}

#[test]
fn the_configuration_is_right() {
    let (_project, engine) = project(CONFIG);
    let found = engine.validate(Target::at("c.yaml")).unwrap();
    assert_eq!((found.errors, found.warnings), (0, 0), "{:#?}", found.files[0].diagnostics);
    assert_eq!(found.files[0].datasets, ["fine", "history", "elsewhere"]);
    assert!(found.files[0].diagnostics.iter().all(|finding| finding.severity == Severity::Info));
}

#[test]
fn a_run_refuses_what_it_cannot_do_and_does_the_rest() {
    let (project, engine) = project(CONFIG);
    let mut order = Vec::new();
    let report = engine
        .run(request(), &mut |event| {
            if let medallion_core::api::wire::RunEvent::StepFinished { step, outcome, .. } = event {
                order.push(format!("{} {:?}: {outcome:?}", step.dataset, step.layer));
            }
        })
        .unwrap();
    assert_eq!(
        steps(&report),
        [
            "fine Bronze: Written",
            "fine Silver: Written",
            "history Bronze: Skipped",
            "history Silver: Failed CFG018",
            "elsewhere Bronze: Failed CFG018",
        ]
    );
    assert_eq!(order[0], "history Bronze: Skipped", "refused before anything runs: {order:#?}");
    assert_eq!(report.exit, 1);
    let error = report.steps[3].error.as_ref().unwrap();
    assert_eq!(error.message, "`history` needs `check: reference`, which this version does not have");
    assert!(error.hint.as_ref().unwrap().contains("`in_set`"), "{:?}", error.hint);
    assert!(project.path("output/system=s/table=fine").is_dir());
    for table in ["history", "elsewhere"] {
        assert!(!project.path(&format!("output/system=s/table={table}")).exists(), "{table}");
    }
}

#[test]
fn bronze_alone_runs_where_only_silver_is_missing() {
    let (_project, engine) = project(CONFIG);
    let request =
        RunRequest { sources: vec!["history".into()], layers: medallion_core::api::wire::Layers::Bronze, ..request() };
    assert_eq!(steps(&engine.run(request, &mut |_| {}).unwrap()), ["history Bronze: Written"]);
}

#[test]
fn a_plan_lists_it_among_the_problems() {
    let (_project, engine) = project(CONFIG);
    let plan = engine.plan(request()).unwrap();
    let problems: Vec<String> = plan
        .steps
        .iter()
        .flat_map(|step| step.problems.iter().map(move |problem| format!("{} {}", step.step.dataset, problem.code)))
        .collect();
    assert_eq!(problems, ["history CFG018", "elsewhere CFG018"]);
}

#[test]
fn nothing_of_an_object_store_lands_on_the_disk() {
    let config = r"
config_version: 1
platform:
  bronze: {storage_backend: s3, bucket: raw, output_dir: ./output}
  silver: {storage_backend: gcs, bucket: curated}
sources:
  - name: t
    source: {type: file, system: s, table: t, file: {path: a.csv}}
    silver: {}
";
    let (project, engine) = project(config);
    let report = engine.run(request(), &mut |_| {}).unwrap();
    assert_eq!(steps(&report), ["t Bronze: Failed STG022", "t Silver: Skipped"]);
    let listed = engine.list_datasets(Target::at("c.yaml")).unwrap();
    assert!(listed.datasets[0].bronze.is_none());
    let plan = engine.plan(request()).unwrap();
    assert_eq!(plan.steps[0].writes, "s3://raw/system=s/table=t/pattern=full/dt=2025-01-02");
    let mut codes = Vec::new();
    let asked = DoctorRequest { target: Target::at("c.yaml"), ..DoctorRequest::default() };
    engine
        .doctor(asked, &mut |event| {
            if let DoctorEvent::Checked { check } = event {
                codes.extend(check.code.map(|code| code.to_string()));
            }
        })
        .unwrap();
    assert!(codes.iter().any(|code| code.starts_with("STG")), "{codes:?}");
    assert!(!project.path("output").exists());
}
