//! As a new user: a config that works on this machine is switched to S3 and to Azure by its storage
//! blocks alone.

use medallion_tests::Project;

use super::support::{Service, config, prefix, variables};

const DATE: &str = "2025-01-01";

#[test]
#[ignore = "needs scripts/services.sh run"]
fn a_local_config_moves_to_s3_and_to_azure() {
    let local = "{storage_backend: local, output_dir: ./lake}";
    let project = Project::empty().with("t.yaml", config(local)).with("t.csv", "k,v\na,1\nb,2\n東 +%,3\n");
    let medallion = |arguments: &[&str]| {
        let output = project.command(arguments).envs(variables()).output().expect("medallion starts");
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let mut rows = Vec::new();
    let blocks = [
        local.to_owned(),
        Service::S3.storage(&Service::S3.address(), &prefix("journey")),
        Service::Azure.storage(&Service::Azure.address(), &prefix("journey")),
    ];
    for (index, block) in blocks.iter().enumerate() {
        project.write("t.yaml", config(block));
        let (exit, out, err) = medallion(&["run", "--date", DATE]);
        assert_eq!(exit, Some(0), "{out}{err}");
        let (exit, out, err) = medallion(&["run", "--date", DATE, "--json"]);
        assert_eq!(exit, Some(0), "{out}{err}");
        let unchanged = |line: &&str| line.contains("\"step_finished\"") && line.contains("\"unchanged\"");
        assert_eq!(out.lines().filter(unchanged).count(), 2, "both layers stand already: {out}");
        let (exit, out, _) = medallion(&["ls"]);
        assert!(exit == Some(0) && out.contains(DATE), "{out}");
        let (exit, out, _) = medallion(&["ls", "--source", "t"]);
        assert!(exit == Some(0) && out.matches(DATE).count() == 2, "{out}");
        for layer in ["bronze", "silver"] {
            let (exit, out, err) = medallion(&["rows", "--source", "t", "--layer", layer, "--format", "csv"]);
            assert_eq!(exit, Some(0), "{err}");
            rows.push((layer, out));
        }
        let (exit, out, err) = medallion(&["doctor", "--json"]);
        assert_eq!(exit, Some(0), "{out}{err}");
        if index > 0 {
            assert!(out.contains("written, read back and removed"), "{out}");
            let files = project.files("lake");
            assert!(!files.iter().any(|file| file.contains("scratch")), "nothing new lands here: {files:?}");
        }
    }
    assert_eq!(rows[0..2], rows[2..4], "S3 has what this machine had");
    assert_eq!(rows[0..2], rows[4..6], "Azure has what this machine had");
    println!("one config on this machine, on S3 and on Azure: equal rows, second runs unchanged");
}

#[test]
fn own_machines_are_kept_whatever_a_config_says() {
    let s3 = "{storage_backend: s3, bucket: lake, s3_connection: {endpoint_url: \"https://s3.eu-west-1.amazonaws.com\"}, storage_metadata: {boundary: onprem, provider_type: s3_local}}";
    let project = Project::empty().with("t.yaml", config(s3)).with("t.csv", "k,v\na,1\n");
    for verb in ["validate", "plan", "run"] {
        let run = project.medallion(&[verb, "--storage-scope", "onprem"]).ended(1);
        assert!(run.stdout.contains("CFG036") || run.stderr.contains("CFG036"), "{run}");
        assert!(format!("{run}").contains("amazonaws.com"), "{run}");
    }
    let _valid = project.medallion(&["validate"]).ended(0);
    let here = "{storage_backend: s3, bucket: lake, s3_connection: {endpoint_url: \"http://10.0.0.5:9000\"}, storage_metadata: {boundary: onprem, provider_type: s3_local}}";
    project.write("t.yaml", config(here));
    let _refused_nothing = project.medallion(&["validate", "--storage-scope", "onprem"]).ended(0);
}

#[test]
fn kinds_of_storage_are_listed() {
    let run = Project::empty().medallion(&["--list-backends"]).ended(0);
    for kind in ["local", "s3", "azure", "gcs"] {
        assert!(run.stdout.contains(&format!("storage_backend: {kind}: ")), "{run}");
    }
    let list = Project::empty().medallion(&["--list-backends", "--json"]).ended(0).json();
    assert_eq!(list.as_array().map(Vec::len), Some(4));
}
