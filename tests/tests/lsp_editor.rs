//! `medallion lsp` in a real editor: Neovim, without a screen, mends a config and writes one from nothing.
#![cfg(feature = "editor")]

use std::process::{Command, Stdio};

use medallion_tests::{Project, coverage, program, repository};

/// Mistakes of all kinds: an unknown key, an unknown value, a former name, no version, odd indentation.
const BROKEN: &str = "\
platform:
    bronze:
        storage_backend: local   # a comment that stays
        local_path: ./lake
sources:
    - name: people
      source:
          type: file
          system: crm
          table: people
          file:
              path: ./people.csv
              fromat: csv
          run:
              load_pattern: ful
";

#[test]
fn neovim_mends_a_config_and_writes_another_one() {
    let project = Project::empty().with("people.csv", "id,name\n1,Ana\n2,Bo\n").with("broken.yaml", BROKEN);
    let script = repository().join("tests/editor/neovim.lua");
    let output = Command::new("nvim")
        .args(["--headless", "--clean", "-c"])
        .arg(format!("luafile {}", script.display()))
        .current_dir(project.path(""))
        .env_clear()
        .envs(coverage())
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", project.path(""))
        .env("MEDALLION", program("medallion"))
        .env("FOLDER", project.path(""))
        .stdin(Stdio::null())
        .output()
        .expect("nvim is installed: `make setup`, or leave the test out with SKIP=editor");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // What the editor has saved is right for the command line too, and runs.
    for file in ["broken.yaml", "fresh.yaml"] {
        let run = project.medallion(&["validate", file]).ended(0);
        assert!(!run.stdout.contains("error"), "{run}");
    }
    let run = project.medallion(&["run", "fresh.yaml", "--date", "2025-01-01"]).ended(0);
    assert!(run.stdout.contains("2 rows") || run.stderr.contains('2'), "{run}");
    let fresh = std::fs::read_to_string(project.path("fresh.yaml")).expect("the file is there");
    assert!(fresh.contains("      primary_keys: [id]\n"), "{fresh}");
}
