//! `medallion doctor`

use std::path::Path;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use medallion_tests::{Project, Run, repository};

/// Titles and outcomes of a report.
fn outcomes(run: &Run) -> Vec<(String, String)> {
    let report = run.json();
    let checks = report["checks"].as_array().into_iter().flatten();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    checks.map(|check| (text(&check["title"]), text(&check["outcome"]))).collect()
}

#[test]
fn a_healthy_workspace_says_one_line() {
    let project = Project::people();
    let before = project.files(".");
    let run = project.medallion(&["doctor"]).ended(0);
    assert!(run.stdout.is_empty() && run.stderr.starts_with("11 passed in "), "{run}");
    assert_eq!(project.files("."), before, "nothing is left behind");
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let before = project.files(".");
    let run = project.medallion(&["doctor", "--verbose"]).ended(0);
    assert!(run.stdout.contains("ok: Silver versions of people: 1 can be read, the newest of 2025-01-01"), "{run}");
    assert!(run.stdout.contains("ok: read ./people.csv: csv, 3 columns, 37 bytes"), "{run}");
    assert_eq!(project.files("."), before);
}

#[test]
fn each_failure_has_its_place_and_cure_and_no_secret() {
    let config = "\
config_version: 1
platform:
  bronze: {output_dir: ./people.csv/x}
sources:
  - name: a
    source: {type: file, system: s, table: a, file: {path: './peopel.csv'}}
  - name: b
    source: {type: file, system: s, table: b, file: {path: './people.csv'}}
    silver: {model: scd_type_1, primary_keys: [idd]}
  - name: c
    source: {type: file, system: s, table: c, file: {path: '${DATA_DRI}/c.csv'}}
x-token: {password: hunter2}
";
    let project = Project::people().with("people.yaml", config);
    let mut command = project.command(&["doctor", "people.yaml"]);
    let output = command.env("DATA_DIR", "/srv/in").output().expect("medallion starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{stdout}{stderr}");
    for line in [
        "error[CFG017]: the variable `DATA_DRI` is not set",
        "warning[DOC002]: a secret is written in clear",
        "failed[EXT010]: read ./peopel.csv: there is no file",
        "help: did you mean `people.csv`?",
        "failed[VAL012]: read ./people.csv: it has no column `idd`, which `silver.primary_keys` names",
        "failed[STG011]: write Bronze to people.csv/x:",
        "needed by a, b in people.yaml",
    ] {
        assert!(stdout.contains(line), "{line} is missing in\n{stdout}");
    }
    assert!(!stdout.contains("hunter2") && !stdout.contains("/srv/in"), "{stdout}");
    assert!(stderr.starts_with("4 failed, 1 warning, "), "{stderr}");
}

#[test]
fn the_earliest_stage_decides_the_exit_code() {
    let project = Project::people();
    std::fs::remove_file(project.path("people.csv")).unwrap();
    let run = project.medallion(&["doctor"]).ended(2);
    assert!(run.stdout.contains("failed[EXT010]: read ./people.csv"), "{run}");
    let run = project.medallion(&["doctor", "--offline"]).ended(0);
    assert!(run.stderr.starts_with("2 passed"), "{run}");
    project.write("people.csv", "id,name,note\n1,a,b\n");
    project.write("lake/bronze", "a file");
    let run = project.medallion(&["doctor"]).ended(3);
    assert!(run.stdout.contains("failed[STG011]: write Bronze to lake/bronze"), "{run}");
    let run = project.medallion(&["doctor", "none.yaml"]).ended(1);
    assert!(run.stdout.contains("error[CFG019]"), "{run}");
}

#[test]
fn a_dated_source_without_a_file_for_today_is_a_warning() {
    let project = Project::flights();
    let run = project.medallion(&["doctor"]).ended(0);
    assert!(run.stdout.contains("warning[DOC004]: read ./data/nycflights13/flights_{run_date}.csv"), "{run}");
    assert!(run.stdout.contains("the newest of 7 is of 2013-01-07"), "{run}");
}

#[test]
fn damaged_versions_are_named() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let find = |part: &str| project.files("lake").into_iter().find(|file| file.contains(part)).expect("it is there");
    let part = find("bronze/system=crm/table=people/pattern=full/dt=2025-01-01/part-0001");
    std::fs::write(project.path(&part), "short").unwrap();
    let commit = find("_loads/load_date=2025-01-01/_commits/1.json");
    std::fs::write(project.path(&commit), "{").unwrap();
    let run = project.medallion(&["doctor"]).ended(3);
    assert!(run.stdout.contains("has 5 bytes, not the "), "{run}");
    assert!(run.stdout.contains("1.json cannot be understood: EOF"), "{run}");
    assert!(run.stdout.contains("`medallion bronze --source people --date 2025-01-01` writes it anew"), "{run}");
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let _run = project.medallion(&["doctor"]).ended(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_must_stay_on_own_machines_is_looked_at() {
    let config = "config_version: 1\nplatform:\n  storage_scope: onprem\n  bronze: {storage_metadata: {boundary: onprem}}\nsources:\n  - source: {type: file, system: s, table: t, file: {path: ./people.csv}}\n";
    let run = Project::people().with("people.yaml", config).medallion(&["doctor", "-v"]);
    assert!(run.stdout.contains("ok: keep output on own machines: it is on "), "{run}");
}

#[test]
fn several_targets_are_one_report_and_the_order_is_always_the_same() {
    let project = Project::people().with(
        "more/orders.yaml",
        "config_version: 1\nsources:\n  - source: {type: file, system: s, table: o, file: {path: ../people.csv}}\n",
    );
    let first = project.medallion(&["doctor", "--json", "people.yaml", "more", "people.yaml"]).ended(0);
    let titles = outcomes(&first);
    assert_eq!(titles.iter().filter(|(title, _)| title == "check people.yaml").count(), 1, "{titles:?}");
    assert!(titles.iter().any(|(title, _)| title == "write Bronze to more/output"), "{titles:?}");
    for _ in 0..5 {
        assert_eq!(outcomes(&project.medallion(&["doctor", "--json", "people.yaml", "more"]).ended(0)), titles);
    }
    let report = first.json();
    assert_eq!((&report["failed"], &report["exit"]), (&0.into(), &0.into()));
}

#[cfg(unix)]
#[test]
fn a_pipe_as_source_does_not_hang_it() {
    let project = Project::people();
    std::fs::remove_file(project.path("people.csv")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(project.path("people.csv")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let began = Instant::now();
    let run = project.medallion(&["doctor", "--timeout", "5"]).ended(2);
    assert!(run.stdout.contains("failed[EXT019]: read ./people.csv"), "{run}");
    assert!(began.elapsed() < Duration::from_secs(20), "{run}");
}

#[test]
fn hosts_are_reached_and_asked_with_their_secrets_only() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = |port: u16| {
        format!(
            "config_version: 1\nsources:\n  - name: u\n    source:\n      type: api\n      system: s\n      table: u\n      api: {{base_url: 'http://127.0.0.1:{port}', endpoint: /u, auth_type: bearer, auth_env_var: API_TOKEN}}\n"
        )
    };
    let project = Project::empty().with("u.yaml", config(port));
    let run = project.medallion(&["doctor", "-v"]).ended(1);
    assert!(run.stdout.contains(&format!("ok: reach the API of u: 127.0.0.1:{port} answers")), "{run}");
    assert!(run.stdout.contains("skipped: ask the API of u: without API_TOKEN nothing is sent"), "{run}");
    assert!(
        run.stdout.contains("failed[DOC001]: variable API_TOKEN: is not set, or empty; used in u.yaml:8:"),
        "{run}"
    );
    drop(listener);
    project.write(".env", "API_TOKEN=t0k\n");
    let run = project.medallion(&["doctor"]).ended(2);
    assert!(run.stdout.contains("failed[DOC006]: reach the API of u:") && !run.stdout.contains("DOC001"), "{run}");
    assert!(run.stdout.contains("failed[EXT040]: ask the API of u:"), "{run}");
    assert!(!run.stdout.contains("t0k"), "{run}");
}

#[test]
fn safe_fixes_are_shown_and_applied_when_wanted() {
    let old = "platform:\n  bronze: {local_path: ./lake}   # mine\nsources:\n  - source: {type: file, system: s, table: t, file: {path: people.csv}}\n";
    let project = Project::people().with("people.yaml", old);
    let text = |project: &Project| std::fs::read_to_string(project.path("people.yaml")).unwrap();
    let run = project.medallion(&["doctor", "--fix"]);
    assert!(run.stdout.contains("+config_version: 1") && run.stderr.contains("left as it is; `--yes`"), "{run}");
    assert_eq!(text(&project), old, "nobody agreed");
    let run = project.medallion(&["doctor", "--fix", "--yes"]).ended(0);
    assert!(run.stderr.contains("people.yaml: mended") && !run.stdout.contains("CFG004]"), "{run}");
    assert!(
        text(&project).starts_with("config_version: 1\n") && text(&project).contains("# mine"),
        "{}",
        text(&project)
    );
    let run = project.medallion(&["doctor", "--fix"]).ended(0);
    assert!(run.stderr.contains("nothing can be mended safely"), "{run}");
}

#[test]
fn a_trial_that_was_killed_is_swept_by_the_next_run() {
    let project = Project::people();
    let left = "lake/bronze/.doctor-00112233445566ff.probe";
    project.write(left, "x");
    project.write("lake/bronze/.doctor-00112233445566ff.lock", "");
    project.write("lake/bronze/.doctor-notes.txt", "mine");
    let _run = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(0);
    assert!(!project.path(left).exists(), "{:?}", project.files("lake/bronze"));
    assert!(project.path("lake/bronze/.doctor-notes.txt").exists());
}

/// Only where folders can be mounted, as in a container of root.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_read_only_one_are_named() {
    struct Mounted<'a>(&'a Path);
    impl Drop for Mounted<'_> {
        fn drop(&mut self) {
            let _status = std::process::Command::new("umount").arg(self.0).status();
        }
    }
    let project = Project::people().with("lake/x", "");
    let lake = project.path("lake");
    let mount = |options: &str| {
        let mut command = std::process::Command::new("mount");
        let status =
            command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&lake).stderr(std::process::Stdio::null());
        status.status().is_ok_and(|status| status.success())
    };
    if !mount("size=64k,nr_inodes=8") {
        return;
    }
    let mounted = Mounted(&lake);
    std::fs::write(lake.join("big"), vec![0; 64 << 10]).unwrap_or_default();
    let run = project.medallion(&["doctor"]).ended(3);
    assert!(run.stdout.contains("failed[STG010]: write Bronze to lake/bronze"), "{run}");
    assert!(run.stdout.contains("help: the disk is full: make room on it, or change `output_dir`"), "{run}");
    assert!(run.stdout.contains("warning[DOC010]: space for lake/bronze: "), "{run}");
    drop(mounted);
    assert!(mount("ro"));
    let mounted = Mounted(&lake);
    let run = project.medallion(&["doctor"]).ended(3);
    assert!(
        run.stdout.contains("help: it is mounted read-only: mount it for writing, or change `output_dir`"),
        "{run}"
    );
    drop(mounted);
}

#[test]
fn many_datasets_are_examined_quickly() {
    let mut config = "config_version: 1\nsources:\n".to_owned();
    for number in 0..300 {
        config += &format!("  - source: {{type: file, system: s, table: t{number}, file: {{path: './people.csv'}}}}\n");
    }
    let project = Project::people().with("people.yaml", config);
    let began = Instant::now();
    let run = project.medallion(&["doctor", "--json"]).ended(0);
    assert!(outcomes(&run).len() > 600 && began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn the_examples_of_the_repository_are_healthy_offline() {
    let configs = repository().join("configs");
    let run = Project::empty().medallion(&["doctor", "--offline", configs.to_str().expect("a path is text")]).ended(0);
    assert_snapshot!(run.stdout, @"");
}
