//! `medallion discover`

use insta::assert_snapshot;
use std::time::Duration;

use medallion_tests::Project;
use medallion_tests::api::{Api, Reply, param};

#[test]
fn a_file_is_described() {
    let project = Project::empty().with(
        "crm/orders_2025-01-31.csv",
        "order_id;customer;zip;price;updated_at;weight\n1;Ana;01234;10.50;2025-01-01T08:00:00Z;NA\n2;Bo;98765;7.25;2025-01-02T08:00:00Z;1.5\n3;Cy, Jr;00001;0.10;2025-01-03T08:00:00Z;2.5\n",
    );
    assert_snapshot!(project.medallion(&["discover", "crm/orders_2025-01-31.csv"]), @r#"
    exit: 0
    --- stdout
    # yaml-language-server: $schema=medallion.schema.json
    # Describes what was found in crm/orders_2025-01-31.csv. What it could not know stands in comments: look through
    # it, then try `medallion preview`, `medallion plan` and `medallion run`.
    config_version: 1

    platform:
      bronze:                            # raw, as it came: one folder for each table and date
        storage_backend: local
        output_dir: ./lake/bronze
      silver:                            # curated: what people and other tools read
        storage_backend: local
        output_dir: ./lake/silver

    sources:
      - name: orders
        source:
          type: file
          system: crm
          table: orders
          file:
            path: ./crm/orders_{run_date}.csv  # one file for each date, so far 2025-01-31
            format: csv
            delimiter: ";"               # between fields
          run:
            load_pattern: full           # no column tells of changes, so each delivery is taken as the whole state
            null_values: ["", NA]        # without it weight would be text
            schema:                      # types that hold in all 3 records; the others are inferred
              order_id: integer
              zip: text                  # digits, but with zeros in front
              price: float               # if this is money, "decimal(18,2)" is exact
              updated_at: timestamptz
              weight: float
        silver:
          domain: crm
          entity: orders
          model: scd_type_1              # the last state of each key; scd_type_2 keeps its history too
          primary_keys: [order_id]       # unique and never null in all 3 records; few records prove little
          order_column: updated_at       # of the rows of a key, the one with the greatest value is the last
    --- stderr
    note: orders_{run_date}.csv: the date in its name stands as `{run_date}`, the date of the run
    note: orders_{run_date}.csv: key `order_id` is unique and never null in all 3 records
    note: saving it writes `medallion.schema.json` beside it too, from which editors know the keys
    "#);
}

#[test]
fn what_was_discovered_runs() {
    let project = Project::flights();
    std::fs::remove_file(project.path("nycflights13.yaml")).unwrap();
    let run = project.medallion(&["discover", "data/nycflights13", "-o", "nyc.yaml", "--system", "nyc"]).ended(0);
    for words in [
        "airlines.csv: key `carrier` is unique and never null in all 16 records",
        "planes.csv: key `tailnum` is unique and never null in all 3,322 records",
        "flights_{run_date}.csv: no convincing key; ",
    ] {
        assert!(run.stderr.contains(words), "{run}");
    }
    let text = std::fs::read_to_string(project.path("nyc.yaml")).unwrap();
    for line in
        ["path: ./data/nycflights13/flights_{run_date}.csv", "null_values: [\"\", NA]", "time_hour: timestamptz"]
    {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    let _run = project.medallion(&["run", "nyc.yaml", "--date", "2013-01-01..2013-01-02"]).ended(0);
    let rows = project.medallion(&["rows", "nyc.yaml", "-s", "planes", "-n", "1", "--format", "csv"]).ended(0).stdout;
    assert_eq!(
        rows,
        "tailnum,year,type,manufacturer,model,engines,seats,speed,engine\nN10156,2004,Fixed wing multi engine,EMBRAER,EMB-145XR,2,55,,Turbo-fan\n"
    );
}

#[test]
fn changes_and_histories_are_recognised() {
    let project = Project::empty()
        .with("in/c.jsonl", "{\"op\":\"I\",\"customer_id\":1,\"changed_at\":\"2025-01-01T00:00:00Z\"}\n{\"op\":\"D\",\"customer_id\":1,\"changed_at\":\"2025-01-02T00:00:00Z\"}\n")
        .with("in/h.csv", "id,name,valid_from,valid_to\n1,a,2025-01-01,2025-01-31\n1,b,2025-02-01,\n2,c,2025-01-01,\n");
    let text = project.medallion(&["discover", "in"]).ended(0).stdout;
    for line in [
        "load_pattern: cdc            # `op` says what each row does",
        "primary_keys: [customer_id]",
        "order_column: changed_at",
        "operation_column: op",
        "load_pattern: current_history  # each row has the time it was valid: `valid_from` to `valid_to`",
        "order_column: valid_from",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    project.write("c.yaml", &text);
    let _run = project.medallion(&["run", "c.yaml", "--date", "2025-01-01"]).ended(0);
}

#[test]
fn folders_of_every_kind_end_well() {
    let project = Project::empty()
        .with("empty/.keep", "")
        .with("odd/b.csv", b"\x00\x01\x02\x03\x00\x00\x01\x02")
        .with("odd/e.csv", "");
    let run = project.medallion(&["discover", "empty"]).ended(1);
    assert!(
        run.stderr.contains("error[CFG068]: there is no data to describe in [FOLDER]/empty")
            || run.stderr.contains("/empty"),
        "{run}"
    );
    let run = project.medallion(&["discover", "odd"]).ended(1);
    assert!(run.stderr.contains("b.csv: left out:") && run.stderr.contains("it is no text"), "{run}");
    assert!(run.stderr.contains("e.csv: left out:") && run.stderr.contains("it is empty"), "{run}");
    let run = project.medallion(&["discover", "od"]).ended(2);
    assert!(run.stderr.contains("error[EXT010]") && run.stderr.contains("did you mean `odd`?"), "{run}");
    let run = project.medallion(&["discover", "oracle://u:s3cret@h/d"]).ended(1);
    assert!(run.stderr.contains("error[CFG067]: a database cannot be discovered"), "{run}");
    assert!(!run.stderr.contains("s3cret"), "{run}");
    let run = project.medallion(&["discover", "postgres://u:s3cret@127.0.0.1:1/d"]).ended(2);
    assert!(run.stderr.contains("error[EXT062]") && !run.stderr.contains("s3cret"), "{run}");
    let run = project.medallion(&["discover", "env:NOBODY_SET_THIS"]).ended(1);
    assert!(run.stderr.contains("error[EXT060]"), "{run}");
}

#[test]
fn names_with_odd_characters_and_thousands_of_files() {
    let project = Project::empty();
    for name in [
        "a b.csv",
        "ü-東京.csv",
        "x${y}.csv",
        "#hash.csv",
        "q'uote\".csv",
        "*star.csv",
        "true.csv",
        "- dash.csv",
        "br{ace}.csv",
    ] {
        project.write(&format!("in/{name}"), "id,v\n1,x\n2,y\n");
    }
    for day in 0..3000 {
        let date = chrono::NaiveDate::from_ymd_opt(2015, 1, 1).unwrap() + chrono::Days::new(day);
        project.write(&format!("in/daily_{date}.csv"), "id,v\n1,x\n");
    }
    let began = std::time::Instant::now();
    let run = project.medallion(&["discover", "in", "-o", "all.yaml"]).ended(0);
    assert!(began.elapsed() < Duration::from_secs(30), "{run}");
    assert!(run.stderr.contains("2 files are left out, because their names cannot be written"), "{run}");
    let text = std::fs::read_to_string(project.path("all.yaml")).unwrap();
    assert!(text.contains("one file for each date: 3,000 from 2015-01-01 to 2023-03-19"), "{text}");
    let run = project.medallion(&["run", "all.yaml", "--date", "2015-01-01", "--json"]).ended(0);
    let report = run.lines().pop().expect("the last line has the report");
    assert_eq!(report["report"]["steps"].as_array().map(Vec::len), Some(16), "{report}");
}

#[test]
fn pieces_and_other_dates_are_described_by_one_file() {
    let project = Project::empty();
    for number in 1..=5 {
        project.write(&format!("in/part-{number:04}.csv"), "id\n1\n");
        project.write(&format!("in/log_2025010{number}.csv"), "id\n1\n");
    }
    let run = project.medallion(&["discover", "in"]).ended(0);
    assert!(run.stderr.contains("one of 5 files called part-#.csv"), "{run}");
    assert!(run.stderr.contains("5 files differ by a date that is not written like 2025-01-31"), "{run}");
    assert!(
        run.stdout.contains("path: ./in/log_20250105.csv") && run.stdout.contains("path: ./in/part-0005.csv"),
        "{run}"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_does_not_hang_it() {
    let project = Project::empty().with("in/a.csv", "id\n1\n");
    let made = std::process::Command::new("mkfifo").arg(project.path("in/pipe.csv")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let run = project.medallion(&["discover", "in"]).ended(0);
    assert!(run.stderr.contains("pipe.csv: left out:") && run.stderr.contains("it is no regular file"), "{run}");
}

/// An API that wants a token, with its records in an unusual place and on pages.
fn things(target: &str, proof: &str) -> Reply {
    let reply = |status, body: String| Reply { status, body, delay: Duration::ZERO };
    if proof != "Bearer t0p-secret" {
        return reply(401, "{\"message\":\"who are you?\"}".to_owned());
    }
    let page: u32 = param(target, "page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let record = |id: u32| {
        format!(
            "{{\"id\":{id},\"zip\":\"0{id}\",\"price\":{id}.5,\"updated_at\":\"2025-01-0{}T08:00:00Z\"}}",
            1 + id % 9
        )
    };
    let records: Vec<String> = (1..=25).skip(((page - 1) * 10) as usize).take(10).map(record).collect();
    reply(
        200,
        format!("{{\"things\":[{}],\"meta\":{{\"page\":{page},\"per_page\":10,\"total\":25}}}}", records.join(",")),
    )
}

#[test]
fn an_api_is_described_and_the_config_reads_all_its_pages() {
    let api = Api::start(things);
    let project = Project::empty().with(".env", "SHOP_TOKEN=t0p-secret\n");
    let address = format!("{}/v1/things?kind=new&page=1", api.url());
    let refused = project.medallion(&["discover", &address]).ended(1);
    assert!(refused.stderr.contains("AUTH011") && refused.stderr.contains("--auth-env-var"), "{refused}");
    let found = project
        .medallion(&["discover", &address, "--system", "shop", "--auth-env-var", "SHOP_TOKEN", "-o", "found.yaml"])
        .ended(0);
    assert!(!format!("{found}").contains("t0p-secret"), "{found}");
    let text = std::fs::read_to_string(project.path("found.yaml")).expect("it was written");
    assert_snapshot!(text.replace(api.url(), "http://HOST"), @r#"
    # yaml-language-server: $schema=medallion.schema.json
    # Describes what was found in http://HOST/v1/things. What it could not know stands in comments: look through
    # it, then try `medallion preview`, `medallion plan` and `medallion run`.
    config_version: 1

    platform:
      bronze:                            # raw, as it came: one folder for each table and date
        storage_backend: local
        output_dir: ./lake/bronze
      silver:                            # curated: what people and other tools read
        storage_backend: local
        output_dir: ./lake/silver

    sources:
      - name: things
        source:
          type: api
          system: shop
          table: things
          api:
            base_url: "http://HOST"
            endpoint: /v1/things
            params:
              kind: new
            auth_type: bearer            # or apikey, basic, oauth2, …
            auth_env_var: SHOP_TOKEN     # the variable with the token
            data_path: things            # where in an answer the records are
            pagination:
              type: page
              page_param: page
              limit_param: per_page
              page_size: 10              # a shorter page is the last one
              total_path: meta.total     # how many records there are
          run:
            load_pattern: full           # no column tells of changes, so each delivery is taken as the whole state
            schema:                      # types that hold in all 10 records; the others are inferred
              id: integer
              zip: text                  # digits, but with zeros in front
              price: float               # if this is money, "decimal(18,2)" is exact
              updated_at: timestamptz
        silver:
          domain: shop
          entity: things
          model: scd_type_1              # the last state of each key; scd_type_2 keeps its history too
          primary_keys: [id]             # unique and never null in all 10 records; few records prove little
          order_column: updated_at       # of the rows of a key, the one with the greatest value is the last
    "#);
    let run = project.medallion(&["run", "found.yaml", "--date", "2025-01-02", "--json"]).ended(0);
    assert!(run.stdout.contains("\"rows\":\"25\",\"parts\""), "{run}");
    for secret in ["https://ana:hunter2@api.example.com/v1/x", "https://api.example.com/v1/x?api_key=hunter2hunter2"] {
        let refused = project.medallion(&["discover", secret]).ended(1);
        assert!(refused.stderr.contains("DOC002") && !refused.stderr.contains("hunter2"), "{refused}");
    }
}
