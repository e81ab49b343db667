//! Files of an object store as sources.

use std::fmt::Write;
use std::sync::Arc;

use medallion_core::ext::Store;
use medallion_tests::Project;
use medallion_tests::proxy::{Asked, Fault, Proxy};

use super::support::{DATE, OLD, Scene, Service, listens, variables};

/// A dataset whose files are at `path`, which lands on this machine.
fn config(service: Service, address: &str, path: &str) -> String {
    let connection = match service {
        Service::S3 => format!(
            "s3_connection: {{endpoint_url: \"{address}\", access_key_env_var: LAKE_KEY, secret_key_env_var: LAKE_SECRET}}"
        ),
        Service::Azure => format!(
            "azure_connection: {{account_name: devstoreaccount1, account_url: \"{address}\", account_key_env_var: AZURE_KEY}}"
        ),
    };
    format!(
        "config_version: 1
platform:
  {connection}
  bronze: {{output_dir: ./lake}}
sources:
  - name: t
    source: {{type: file, system: s, table: t, file: {{path: \"{path}\"}}, run: {{load_pattern: full}}}}
"
    )
}

/// A workspace that reads from a service at some address.
struct Reader {
    project: Project,
    service: Service,
    address: String,
}

impl Reader {
    fn new(service: Service, address: &str) -> Self {
        Self { project: Project::empty(), service, address: address.to_owned() }
    }

    /// Its exit code and what it said.
    fn medallion(&self, path: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let (exit, out, err) = self.both(path, arguments);
        (exit, format!("{out}{err}"))
    }

    fn both(&self, path: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.project.write("t.yaml", config(self.service, &self.address, path));
        let output = self.project.command(arguments).envs(variables()).output().expect("medallion starts");
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// The records, sorted, after a run.
    #[track_caller]
    fn landed(&self, path: &str) -> Vec<String> {
        let (exit, told) = self.medallion(path, &["run", "--date", DATE]);
        assert_eq!(exit, Some(0), "{path}: {told}");
        let all = ["rows", "--source", "t", "--layer", "bronze", "--format", "csv", "--all"];
        let (exit, rows, told) = self.both(path, &all);
        assert_eq!(exit, Some(0), "{path}: {told}");
        let mut rows: Vec<String> =
            rows.lines().map(|line| line.split(',').take(2).collect::<Vec<_>>().join(",")).collect();
        rows.sort();
        rows
    }
}

fn put(store: &Arc<dyn Store>, scene: &Scene, path: &str, bytes: &[u8]) {
    store.put_new(&scene.key(path), bytes, "test").expect("it is new");
}

/// Where the files of a scene are, as a config says it.
fn address(service: Service, scene: &Scene, path: &str) -> String {
    let scheme = if service == Service::S3 { "s3" } else { "az" };
    format!("{scheme}://lake/{}", scene.key("")).trim_end_matches('/').to_owned() + "/" + path
}

fn long(records: u32) -> String {
    let mut text = String::from("k,v\n");
    for record in 0..records {
        writeln!(text, "{record},value-{record:08}").expect("text takes text");
    }
    text
}

/// Records of a file that comes in several pieces.
const MANY: u32 = 250_000;

fn files_are_read(service: Service) {
    let scene = Scene::new(service, &service.address(), OLD);
    assert_eq!(scene.run(super::support::world()).exit, 0);
    let store = scene.store();
    put(&store, &scene, "in/a_2025-01-01.csv", b"k,v\na,1\nb,2\n");
    put(&store, &scene, "in/a_2025-01-02.csv", b"k,v\nz,9\n");
    put(&store, &scene, "lines/x/1.jsonl", b"{\"k\": \"a\", \"v\": 1}\n");
    put(&store, &scene, "lines/y/2.jsonl", "{\"k\": \"東 +%\", \"v\": 2}\n".as_bytes());
    put(&store, &scene, "lines/y/_SUCCESS", b"");
    put(&store, &scene, "long.csv", long(MANY).as_bytes());
    let reader = Reader::new(service, &service.address());
    let at = |path: &str| address(service, &scene, path);
    assert_eq!(reader.landed(&at("in/a_{run_date}.csv")), ["a,1", "b,2", "k,v"]);
    assert_eq!(reader.landed(&at("in/")), ["a,1", "b,2", "k,v", "z,9"]);
    assert_eq!(reader.landed(&at("lines/**/*.jsonl")), ["a,1", "k,v", "東 +%,2"]);
    assert_eq!(reader.landed(&at("**/dt=2025-01-01/*.parquet"))[..3], ["a,1", "b,1", "c,1"], "Bronze is a source too");
    assert_eq!(reader.landed(&at("long.csv")).len(), MANY as usize + 1);

    let (exit, told) = reader.medallion(&at("in/a_{run_date}.csv"), &["run", "--date", "2025-01-02"]);
    assert!(exit == Some(0), "{told}");
    let (exit, told) = reader.medallion(&at("in/a_2025-01-01.csv"), &["preview", "--source", "t", "--json"]);
    assert!(exit == Some(0) && told.contains("\"a\""), "{told}");
    let (exit, told) = reader.medallion(&at("in/a_2025-01-01.csv"), &["doctor"]);
    assert!(exit == Some(0), "{told}");
    for (path, code) in [("in/none.csv", "EXT010"), ("none/*.csv", "EXT080"), ("in", "EXT011")] {
        let (exit, told) = reader.medallion(&at(path), &["run", "--date", DATE]);
        assert!(exit != Some(0) && told.contains(code) && told.contains("lake/"), "{path}: {told}");
    }
    let (exit, told) = reader.medallion(&at("long.csv").replace("//lake/", "//lkae/"), &["run", "--date", DATE]);
    assert!(exit == Some(3) && told.contains("STG020"), "{told}");
    println!("{service:?}: a file of a day, a folder, patterns, Bronze, {MANY} records; absent ones are named");
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn files_are_read_from_s3() {
    files_are_read(Service::S3);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn files_are_read_from_azure() {
    files_are_read(Service::Azure);
}

/// Every request of a run fails once; and the file is another one while it is read.
fn faults_are_met(service: Service) {
    let proxy = Proxy::new(&service.address());
    let scene = Scene::new(service, &service.address(), OLD);
    let store = scene.store();
    put(&store, &scene, "long.csv", long(MANY).as_bytes());
    let reader = Reader::new(service, &proxy.address(&service.address()));
    let path = address(service, &scene, "long.csv");
    let wanted = MANY as usize + 1;
    assert_eq!(reader.landed(&path).len(), wanted);
    let requests = proxy.count();
    for number in 1..=requests {
        for fault in [Fault::Truncate, Fault::Answer(503, None)] {
            let again = Reader::new(service, &proxy.address(&service.address()));
            proxy.rule(move |asked: &Asked| if asked.number == number { fault.clone() } else { Fault::Pass });
            assert_eq!(again.landed(&path).len(), wanted, "request {number} of {requests}");
        }
    }
    let (other, key) = (store.clone(), scene.key("long.csv"));
    let mut is_done = false;
    proxy.rule(move |asked: &Asked| {
        // The first pieces were asked for with the mark of the old content.
        if asked.method == "GET" && asked.number + 2 >= requests && !is_done {
            is_done = true;
            other.replace(&key, long(MANY + 1).as_bytes(), "test").expect("it is replaced");
        }
        Fault::Pass
    });
    let again = Reader::new(service, &proxy.address(&service.address()));
    let (exit, told) = again.medallion(&path, &["run", "--date", DATE]);
    assert!(exit != Some(0) && told.contains("changed"), "{told}");
    proxy.rule(|_| Fault::Pass);
    assert_eq!(again.landed(&path).len(), wanted + 1, "the next run reads the new file");
    println!("{service:?}: {requests} requests, each failing once in two ways; a file that changes is told");
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn faults_of_a_source_are_met_on_s3() {
    faults_are_met(Service::S3);
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn faults_of_a_source_are_met_on_azure() {
    faults_are_met(Service::Azure);
}

/// SeaweedFS gives the files of S3 as files of the web, too.
#[test]
#[ignore = "needs scripts/services.sh run"]
fn files_are_read_from_a_web_server() {
    let web = listens("MEDALLION_TEST_WEB");
    let proxy = Proxy::new(&web);
    let scene = Scene::new(Service::S3, &Service::S3.address(), OLD);
    let store = scene.store();
    put(&store, &scene, "in/a_2025-01-01.csv", b"k,v\na,1\nb,2\n");
    put(&store, &scene, "long.csv", long(MANY).as_bytes());
    let reader = Reader::new(Service::S3, &Service::S3.address());
    let at = |path: &str| format!("{}/lake/{}", proxy.address(&web), scene.key(path));
    assert_eq!(reader.landed(&at("in/a_{run_date}.csv")), ["a,1", "b,2", "k,v"]);
    let (exit, told) = reader.medallion(&at("in/none.csv"), &["run", "--date", DATE]);
    assert!(exit != Some(0) && told.contains("EXT010"), "{told}");

    let before = proxy.count();
    let wanted = MANY as usize + 1;
    assert_eq!(reader.landed(&at("long.csv")).len(), wanted);
    let requests = proxy.count() - before;
    assert!(requests > 2, "it comes in ranges: {requests}");
    for number in 1..=requests {
        for fault in [Fault::Truncate, Fault::Answer(503, None)] {
            let again = Reader::new(Service::S3, &Service::S3.address());
            proxy.rule(move |asked: &Asked| if asked.number == number { fault.clone() } else { Fault::Pass });
            assert_eq!(again.landed(&at("long.csv")).len(), wanted, "request {number} of {requests}");
        }
    }
    println!("the web: a file of a day, {MANY} records in {requests} requests, each failing once in two ways");
}
