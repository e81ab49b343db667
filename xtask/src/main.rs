//! `cargo xtask <tidy|codegen|bench>`: the workspace's own chores.
//!
//! Owns what the compiler and clippy cannot check, the files generated from tables in Rust, and the
//! comparison with other engines. Nothing here is part of the product.

mod bench;
mod bench_bronze;
mod bench_config;
mod bench_edits;
mod bench_grid;
mod codegen;
mod tidy;
mod worked;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <COMMAND>

  tidy               check the house rules: arrows, headers, sizes, names, generated files, paths
  codegen [--check]  write what is generated from tables in Rust; with --check only compare
  bench [ROWS]       measure CSV to Bronze, scd_type_1 and scd_type_2 beside DuckDB and Polars (default 1000000)
  bench bronze [ROWS] measure CSV, JSON lines and Parquet to Bronze beside them, step by step, and memory
  bench config       measure how long 200 problems in a configuration of 5,000 lines take
  bench edits        measure edits, form, completion and hover of configurations of 5,000 lines
  bench grid         measure key to frame with 1,000,000 rows open, and the first rows of 5,000,000";

#[expect(clippy::print_stderr, reason = "a command line tool for developers")]
fn main() -> ExitCode {
    let root = root();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["tidy"] => tidy::command(&root),
        ["codegen"] => codegen::write(&root),
        ["codegen", "--check"] => codegen::check(&root),
        ["bench"] => bench::command(&root, "1000000"),
        ["bench", "bronze"] => bench_bronze::command(&root, None),
        ["bench", "bronze", rows] => bench_bronze::command(&root, Some(rows)),
        ["bench", "config"] => bench_config::command(&root),
        ["bench", "edits"] => bench_edits::command(),
        ["bench", "grid"] => bench_grid::command(&root),
        ["bench", rows] => bench::command(&root, rows),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
