//! The program starts. Because this test needs it, cargo builds it before any test of the
//! workspace runs, so those in `tests/` find it fresh.

use std::process::Command;

#[test]
fn the_program_tells_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_medallion")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("medallion {}\n", env!("CARGO_PKG_VERSION")));
    assert!(output.status.success());
}
