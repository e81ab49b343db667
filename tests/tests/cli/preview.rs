//! `medallion preview`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn records_are_shown_as_bronze_would_type_them() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["preview", "--date", "2025-01-01", "--verbose"]), @r#"
    exit: 0
    --- stdout
    id  name    note
     1  Ana     NULL
     2  Bo      ""
     3  "NULL"  x
    --- stderr
    note: key id: unique and never null in these records
      id    integer
      name  text
      note  text
    all 3 records of ./people.csv
    "#);
    assert!(project.files("lake").is_empty());
}

#[test]
fn a_limit_is_said_aloud() {
    let run = Project::flights().medallion(&[
        "preview",
        "--source",
        "flights",
        "--date",
        "2013-01-01",
        "-n",
        "1",
        "--format",
        "csv",
    ]);
    assert_snapshot!(run, @"
    exit: 0
    --- stdout
    year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour
    2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,[INSTANT]
    --- stderr
    first 1 record of ./data/nycflights13/flights_2013-01-01.csv
    ");
}

#[test]
fn which_dataset_must_be_clear() {
    assert_snapshot!(Project::flights().medallion(&["preview"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: there are 4 datasets, and none is named
      help: name one with --source: airlines, airports, flights, planes
    ");
    let run = Project::flights().medallion(&["preview", "--source", "flihgts"]).ended(1);
    assert!(run.stderr.contains("flihgts") && run.stderr.contains("flights"), "{run}");
}

#[test]
fn json_has_info_and_rows() {
    let reply = Project::people().medallion(&["preview", "--json", "--date", "2025-01-01"]).ended(0).json();
    assert_eq!(reply["info"]["dataset"], "people");
    assert_eq!(reply["rows"][0]["id"], "1", "64-bit integers are text");
    assert_eq!(reply["rows"].as_array().map(Vec::len), Some(3));
}

/// A server of one page of two records, which tells the token it was given.
fn shop(listener: std::net::TcpListener) {
    use std::io::{Read, Write};
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = [0_u8; 4096];
            let read = stream.read(&mut asked).unwrap_or(0);
            let known = String::from_utf8_lossy(&asked[..read]).contains("Bearer shop-t0ken");
            let (status, body) = if known {
                ("200 OK", r#"{"data":[{"id":1,"amount":"5"},{"id":1,"amount":"n/a"}],"you":"shop-t0ken"}"#)
            } else {
                ("401 Unauthorized", r#"{"error":"who are you"}"#)
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _told = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
}

#[test]
fn requests_are_told_without_secrets_and_findings_with_places() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    shop(listener);
    let project = Project::people();
    let config = format!(
        "config_version: 1\nplatform:\n  bronze: {{output_dir: ./lake}}\nsources:\n  - name: shop\n    source:\n      type: api\n      system: s\n      table: t\n      api: {{base_url: 'http://127.0.0.1:{port}', endpoint: /o, data_path: data, auth_type: bearer, auth_env_var: SHOP_TOKEN}}\n      run: {{load_pattern: full, schema: {{amount: integer}}}}\n    silver:\n      model: scd_type_1\n      primary_keys: [id]\n"
    );
    std::fs::write(project.path("shop.yaml"), config).unwrap();
    std::fs::write(project.path(".env"), "SHOP_TOKEN=shop-t0ken\n").unwrap();
    let before = project.files(".");
    let told = project.medallion(&["preview", "shop.yaml", "--json"]).ended(0);
    assert!(!told.stdout.contains("shop-t0ken"), "{told}");
    let info = &told.json()["info"];
    assert_eq!(info["exchanges"][0]["status"], 200);
    assert!(info["exchanges"][0]["body"].as_str().is_some_and(|body| body.contains("\"you\":\"***\"")), "{info}");
    assert!(info["exchanges"][0]["curl"].as_str().is_some_and(|line| line.starts_with("curl 'http://127.0.0.1")));
    let codes: Vec<_> = info["findings"].as_array().into_iter().flatten().map(|each| each["code"].clone()).collect();
    assert_eq!(codes, ["RUN082", "RUN080"], "{info}");
    assert_eq!(info["findings"][0]["place"]["line"], 11, "the section that declares types");
    let amount = &info["schema"][1];
    assert_eq!((&amount["verdict"], &amount["accept"]), (&"misfit".into(), &"text".into()), "{info}");
    assert_eq!(project.files("."), before, "nothing is written");

    std::fs::write(project.path(".env"), "SHOP_TOKEN=another-one\n").unwrap();
    let refused = project.medallion(&["preview", "shop.yaml"]).ended(2);
    assert!(refused.stderr.contains("AUTH011") && refused.stderr.contains("who are you"), "{refused}");
}

#[test]
fn a_plan_asks_no_server_unless_told_to() {
    let project = Project::people();
    // Nobody listens there.
    let config = "config_version: 1\nplatform:\n  bronze: {output_dir: ./lake}\nsources:\n  - name: shop\n    source:\n      type: api\n      system: s\n      table: t\n      api: {base_url: 'http://127.0.0.1:9', endpoint: /o, pagination: {type: none}, incremental: {cursor_field: at, cursor_param: since}}\n      run: {load_pattern: cdc}\n";
    std::fs::write(project.path("shop.yaml"), config).unwrap();
    let plan = project.medallion(&["plan", "shop.yaml", "--date", "2025-01-01"]).ended(0);
    assert!(plan.stdout.contains("cursor  at from the beginning to the newest record"), "{plan}");
}
