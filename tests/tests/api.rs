//! APIs from the config to Silver, through the program: pages, secrets, days that add what is new, and a
//! run that is killed on the way.

use std::time::{Duration, Instant};

use medallion_tests::api::{Api, Reply, param};
use medallion_tests::{Project, Run};

const COUNT: u64 = 95;

/// Things on pages of ten, and when they were changed: ten a day.
fn things(target: &str, proof: &str) -> Reply {
    let reply = |status, body: String| Reply { status, body, delay: Duration::ZERO };
    if proof != "Bearer t0p-secret" {
        return reply(401, format!("{{\"message\":\"what is {proof}?\"}}"));
    }
    let number = |name: &str| param(target, name).and_then(|value| value.parse::<u64>().ok());
    let since = param(target, "since").unwrap_or_default();
    let day = |id: u64| format!("2025-01-{:02}", 1 + id / 10);
    let all: Vec<u64> = (1..=COUNT).filter(|id| day(*id).as_str() >= since).collect();
    let (page, size) = (number("page").unwrap_or(1), number("page_size").unwrap_or(10));
    let start = usize::try_from((page - 1) * size).unwrap_or(usize::MAX);
    let records: Vec<String> = all
        .iter()
        .skip(start)
        .take(usize::try_from(size).unwrap_or_default())
        .map(|id| format!("{{\"id\":{id},\"price\":{id}.50,\"changed\":\"{}\"}}", day(*id)))
        .collect();
    reply(200, format!("{{\"result\":{{\"things\":[{}],\"total\":{}}}}}", records.join(","), all.len()))
}

fn config(url: &str, more: &str, pattern: &str) -> String {
    format!(
        "config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ./bronze}}
  silver: {{storage_backend: local, output_dir: ./silver}}
sources:
  - name: things
    source:
      type: api
      system: shop
      table: things
      api:
        base_url: {url}
        endpoint: /v1/things
        auth_type: bearer
        auth_env_var: SHOP_TOKEN
        data_path: result.things
        pagination: {{type: page, page_size: 10, total_path: result.total}}
{more}
      run: {{load_pattern: {pattern}, schema: {{changed: date}}}}
    silver:
      domain: sales
      entity: things
      model: scd_type_1
      primary_keys: [id]
      order_column: changed
"
    )
}

fn project(url: &str, more: &str, pattern: &str) -> Project {
    Project::empty().with("things.yaml", config(url, more, pattern)).with(".env", "SHOP_TOKEN=t0p-secret\n")
}

fn rows(run: &Run) -> Vec<(String, String)> {
    let report = run.lines().pop().unwrap_or_default();
    let steps =
        report["report"]["steps"].as_array().or_else(|| report["steps"].as_array()).cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    steps.iter().map(|step| (text(&step["outcome"]), text(&step["rows"]))).collect()
}

fn did(outcome: &str, rows: u64) -> (String, String) {
    (outcome.to_owned(), rows.to_string())
}

#[test]
fn all_pages_land_in_bronze_and_silver_and_no_secret_is_said() {
    let api = Api::start(things);
    let project = project(api.url(), "", "full");
    let run = project.medallion(&["run", "--date", "2025-01-20", "--json"]).ended(0);
    assert_eq!(rows(&run), [did("written", COUNT), did("written", COUNT)], "{run}");
    assert_eq!(api.asked().len(), 10);
    let again = project.medallion(&["run", "--date", "2025-01-20", "--json"]).ended(0);
    assert_eq!(rows(&again), [did("unchanged", COUNT), did("unchanged", COUNT)], "{again}");
    for file in project.files(".").into_iter().filter(|file| file != ".env") {
        let bytes = std::fs::read(project.path(&file)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("t0p-secret"), "{file}");
    }
    assert!(!format!("{run}{again}").contains("t0p-secret"));
    assert_eq!(project.files(".cache/medallion/extract"), Vec::<String>::new(), "nothing is kept of what was landed");
}

#[test]
fn a_missing_secret_is_a_mistake_of_the_configuration_and_a_wrong_one_is_named() {
    let api = Api::start(things);
    let project = project(api.url(), "", "full");
    project.write(".env", "OTHER=x\n");
    let run = project.medallion(&["run", "--date", "2025-01-20"]).ended(1);
    assert!(run.stderr.contains("AUTH010") && run.stderr.contains("SHOP_TOKEN"), "{run}");
    assert!(api.asked().is_empty());
    project.write(".env", "SHOP_TOKEN=wr0ng-secret\n");
    let run = project.medallion(&["run", "--date", "2025-01-20"]).ended(2);
    assert!(run.stderr.contains("AUTH011") && run.stderr.contains("what is Bearer ***?"), "{run}");
    assert!(!format!("{run}").contains("wr0ng-secret"), "{run}");
}

#[test]
fn days_add_what_is_new() {
    let api = Api::start(things);
    let incremental =
        "        incremental: {cursor_field: changed, cursor_param: since, cursor_type: date, boundary_keys: [id]}\n";
    let project = project(api.url(), incremental, "cdc");
    let run = project.medallion(&["bronze", "--date", "2025-01-20", "--json"]).ended(0);
    assert_eq!(rows(&run), [did("written", COUNT)], "{run}");
    let before = api.asked().len();
    let run = project.medallion(&["bronze", "--date", "2025-01-21", "--json"]).ended(0);
    assert_eq!(rows(&run)[0].1, "0", "what stood at the cursor is not landed twice: {run}");
    assert!(api.asked()[before..].iter().all(|target| target.contains("since=2025-01-10")), "{:?}", api.asked());
}

#[test]
fn a_run_that_is_killed_goes_on_behind_its_last_whole_page() {
    let api = Api::start(|target, proof| Reply { delay: Duration::from_millis(60), ..things(target, proof) });
    let project = project(api.url(), "", "full");
    let mut tried = Vec::new();
    // Killed at another page each time.
    for pages in [2, 5, 7] {
        let before = api.asked().len();
        let mut child = project.command(&["run", "--date", "2025-01-20"]).spawn().unwrap();
        let began = Instant::now();
        while api.asked().len() < before + pages - tried.len().min(pages - 1)
            && began.elapsed() < Duration::from_secs(20)
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        drop(child.wait());
        tried = api.asked();
    }
    let run = project.medallion(&["run", "--date", "2025-01-20", "--json"]).ended(0);
    assert_eq!(rows(&run), [did("written", COUNT), did("written", COUNT)], "{run}");
    let asked = api.asked();
    let mut pages: Vec<u64> = asked.iter().filter_map(|target| param(target, "page")?.parse().ok()).collect();
    let requests = pages.len();
    pages.sort_unstable();
    pages.dedup();
    assert_eq!(pages, (1..=10).collect::<Vec<_>>());
    // Only a page that was on its way when the process died may be asked for once more.
    assert!(requests <= 10 + 2 * 3, "{requests} requests: {asked:?}");
    assert_eq!(project.files(".cache/medallion/extract"), Vec::<String>::new());
}
