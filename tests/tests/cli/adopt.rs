//! `medallion adopt`

use medallion_tests::Project;

#[test]
fn bronze_of_the_predecessor_becomes_ours() {
    let folder = "out/system=shop/table=orders/pattern=full/dt=2025-01-05";
    let csv = "id,name\r\n1,Ann\r\n2,Bob\r\n";
    let metadata = r#"{"record_count": 2, "run_date": "2025-01-05", "system": "shop", "table": "orders",
        "partition_path": "system=shop/table=orders/pattern=full/dt=2025-01-05/", "load_pattern": "full"}"#;
    let checksums = |sha256: &str| {
        format!(r#"{{"files": [{{"path": "full-part-0001.csv", "size_bytes": 23, "sha256": "{sha256}"}}]}}"#)
    };
    let project = Project::empty()
        .with(&format!("{folder}/full-part-0001.csv"), csv)
        .with(&format!("{folder}/_metadata.json"), metadata)
        .with(&format!("{folder}/_checksums.json"), checksums(&"0".repeat(64)));
    // The file is not the one that was recorded.
    let refused = project.medallion(&["adopt", "out", "--write"]).ended(4);
    assert!(refused.stdout.contains("refused") && refused.stderr.contains("STG062"), "{refused}");
    let right = "94bfc2606765ba143d2112cc43d73adffc28017573aa020a16aa6e909489afe2";
    project.write(&format!("{folder}/_checksums.json"), checksums(right));
    let shown = project.medallion(&["adopt", "out"]).ended(0);
    assert!(shown.stderr.contains("`--write` does it"), "{shown}");
    assert_eq!(project.files("out").len(), 3, "it is only shown");
    let adopted = project.medallion(&["adopt", "out", "--write"]).ended(0);
    assert!(adopted.stdout.contains("adopted"), "{adopted}");
    assert_eq!(project.files("out").len(), 4, "one commit, and nothing else");
    let verified = project.medallion(&["verify", "out"]).ended(0);
    assert!(verified.stderr.contains("all is as it was committed"), "{verified}");
    let again = project.medallion(&["adopt", "out"]).ended(1);
    assert!(again.stderr.contains("error[STG072]"), "{again}");
}
