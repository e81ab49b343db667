//! `medallion verify`

use medallion_tests::Project;

const PARTITION: &str = "lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01";

#[test]
fn damage_has_its_code_and_its_cure() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let whole = project.medallion(&["verify"]).ended(0);
    assert!(whole.stdout.is_empty() && whole.stderr.contains("all is as it was committed"), "{whole}");
    let part = project.files(PARTITION).into_iter().find(|file| file.ends_with(".parquet")).expect("a part");
    let mut bytes = std::fs::read(project.path(&part)).expect("it is there");
    bytes[20] ^= 1;
    project.write(&part, bytes);
    project.write(&format!("{PARTITION}/copy.csv"), "id\n1\n");
    let damaged = project.medallion(&["verify", "people.yaml", "--source", "people"]).ended(4);
    for words in
        ["damaged: ", "error[STG062]", "error[STG063]", "help: `medallion bronze --source people --date 2025-01-01`"]
    {
        assert!(damaged.stdout.contains(words), "{words}\n{damaged}");
    }
    assert!(damaged.stderr.contains("2 errors, 1 damaged"), "{damaged}");
    // Sizes and footers do not tell what a hash does.
    let quick = project.medallion(&["verify", "lake", "--quick"]).ended(4);
    assert!(quick.stdout.contains("STG063") && !quick.stdout.contains("STG062"), "{quick}");
    let lines = project.medallion(&["verify", "--json"]).ended(4).lines();
    assert_eq!(lines.first().map(|line| line["event"].clone()), Some("started".into()));
    let last = lines.last().expect("a report");
    assert_eq!((&last["event"], &last["report"]["errors"]), (&"finished".into(), &"2".into()));
}

#[test]
fn nothing_to_verify_is_said() {
    let project = Project::empty().with("empty/readme.txt", "x");
    let error = project.medallion(&["verify", "empty"]).ended(1).stderr;
    assert!(error.contains("error[STG072]"), "{error}");
    let error = project.medallion(&["verify", "missing.yaml"]).ended(1).stderr;
    assert!(error.contains("CFG019"), "{error}");
}
