//! `medallion join`

use std::collections::HashSet;

use medallion_tests::Project;

const FLIGHTS: &str = "lake/silver/domain=aviation/entity=flights/v1";
const AIRLINES: &str = "lake/silver/domain=aviation/entity=airlines/v1";
const AIRPORTS: &str = "lake/silver/domain=aviation/entity=airports/v1";

fn promoted() -> Project {
    let project = Project::flights();
    let _run = project.medallion(&["run", "--date", "2013-01-01"]).ended(0);
    project
}

/// The columns of a CSV without quotes in them up to the last one wanted.
fn column(project: &Project, file: &str, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(project.path(&format!("data/nycflights13/{file}"))).unwrap_or_default();
    let mut lines = text.lines();
    let at = lines.next().and_then(|head| head.split(',').position(|there| there.trim_matches('"') == name));
    lines
        .map(|line| line.split(',').nth(at.unwrap_or(usize::MAX)).unwrap_or_default().trim_matches('"').to_owned())
        .collect()
}

#[test]
fn flights_meet_airlines_and_airports() {
    let project = promoted();
    let dests = column(&project, "flights_2013-01-01.csv", "dest");
    let known: HashSet<String> = column(&project, "airports.csv", "faa").into_iter().collect();
    let matched = dests.iter().filter(|dest| known.contains(*dest)).count();
    assert!(matched > 0 && matched < dests.len(), "the data has both");

    let joined = project
        .medallion(&["join", "--left-path", FLIGHTS, "--right-path", AIRLINES, "--join-keys", "carrier=carrier"])
        .ended(0);
    let all = dests.len();
    assert!(joined.stderr.contains(&format!("left   {all} of {all} rows have a partner (100.00 %)")), "{joined}");
    let beside = "lake/silver/domain=aviation/entity=flights_airlines/v1";
    assert!(joined.stderr.contains(beside) && joined.stderr.contains("(default; --output-path chooses)"), "{joined}");

    // The result is Silver like any other, so it is joined again: to disk and back, which changes nothing.
    let again =
        ["join", "--left-path", beside, "--right-path", AIRPORTS, "--join-keys", "dest=faa", "--strategy", "left"];
    let output = ["--output-path", "lake/silver/trips", "--json"];
    let report = |more: &[&str]| {
        let run = project.medallion(&[&again[..], &output[..], more].concat()).ended(0);
        run.lines().pop().expect("the last event has the report")["report"].clone()
    };
    let first = report(&[]);
    assert_eq!(first["outcome"], "written");
    assert_eq!(first["rows"], all.to_string());
    assert_eq!(first["figures"]["left_matched"], matched.to_string());
    assert_eq!(report(&[])["outcome"], "unchanged");
    let spilled = report(&["--rebuild", "--memory-limit", "4K"]);
    assert_ne!(spilled["figures"]["buckets"], "0");
    assert_eq!(spilled["outcome"], "unchanged", "the same rows in the same order are the same bytes");
    let verified = project.medallion(&["verify", "lake/silver/trips"]).ended(0);
    assert!(verified.stderr.contains("1 partition"), "{verified}");

    let anti =
        ["join", "--left-path", FLIGHTS, "--right-path", AIRPORTS, "--join-keys", "dest=faa", "--strategy", "anti"];
    let preview = project.medallion(&[&anti[..], &["--preview", "-n", "3"]].concat()).ended(0);
    assert!(preview.stderr.contains(&format!("result {} rows", all - matched)), "{preview}");
    assert!(preview.stderr.contains("nothing was written"), "{preview}");
    assert!(!project.path("lake/silver/domain=aviation/entity=flights_airports").exists());
}

#[test]
fn a_config_describes_a_join_with_guards() {
    let project = promoted();
    let config = |ratio: &str| {
        format!(
            "config_version: 1\nsilver_join:\n  left: {{dataset: flights}}\n  right: {{dataset: airports}}\n  output:\n    \
             path: ./lake/silver/arrivals\n    join_type: inner\n    join_key_pairs: {{dest: faa}}\n    \
             select_columns: {{flight: flight, dest: dest, right.name: airport}}\n    formats: [parquet, csv]\n    \
             quality_guards: {{match_ratio: {ratio}, null_ratio: [{{column: airport, max_ratio: 0}}]}}\n"
        )
    };
    project.write("arrivals.yaml", config("0.999"));
    let broken = project.medallion(&["join", "arrivals.yaml"]).ended(4);
    assert!(
        broken.stderr.contains("JOIN007") && broken.stderr.contains("at least 99.9 % of the left rows"),
        "{broken}"
    );
    assert!(!project.path("lake/silver/arrivals/full_snapshot").exists());
    project.write("arrivals.yaml", config("0.9"));
    let plan = project.medallion(&["join", "arrivals.yaml", "--plan"]).ended(0);
    assert!(plan.stdout.contains("column  airport: text, right.name"), "{plan}");
    let run = project.medallion(&["join", "."]).ended(0);
    assert!(run.stderr.contains("written") && run.stderr.contains("guard  holds"), "{run}");
    let files = project.files("lake/silver/arrivals/full_snapshot");
    assert!(["csv", "parquet"].iter().all(|kind| files.iter().any(|file| file.rsplit('.').next() == Some(*kind))));
    let listed = project.medallion(&["ls"]).ended(0);
    assert!(!listed.stdout.contains("arrivals.yaml"), "a join alone is no file without meaning: {listed}");
}

#[test]
fn what_cannot_be_joined_says_what_to_do() {
    let project = promoted();
    let join = |more: &[&str], exit| {
        project
            .medallion(&[&["join", "--left-path", FLIGHTS, "--right-path", AIRPORTS], more].concat())
            .ended(exit)
            .stderr
    };
    let auto = join(&[], 1);
    assert!(auto.contains("JOIN003") && auto.contains("they declare different keys, none and `faa`"), "{auto}");
    let types = join(&["--join-keys", "flight=faa"], 1);
    assert!(types.contains("JOIN004") && types.contains("integer") && types.contains("cast one of them"), "{types}");
    let column = join(&["--join-keys", "dst=faa"], 1);
    assert!(column.contains("JOIN005") && column.contains("did you mean `dest`?"), "{column}");
    let early = join(&["--join-keys", "dest=faa", "--as-of", "2012-12-31"], 4);
    assert!(early.contains("JOIN001") && early.contains("on or before 2012-12-31"), "{early}");
    let many = project.medallion(&["join", "--left-path", "lake/silver", "--right-path", AIRPORTS]).ended(1).stderr;
    assert!(many.contains("JOIN002") && many.contains("entity=flights/v1"), "{many}");
    let none = project.medallion(&["join"]).ended(1).stderr;
    assert!(none.contains("no config describes a join"), "{none}");
}
