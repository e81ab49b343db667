//! `cargo xtask bench config`: how long it takes to find 200 problems in a configuration of 5,000 lines.
//!
//! Owns the file, the limit and the peers: reading the same text with PyYAML (its C parser where it has
//! one) and checking it with `jsonschema` against the published schema. A build without optimisation is
//! measured, not judged.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use medallion_core::api::Engine;
use medallion_core::api::wire::Draft;
use medallion_core::world::World;

use crate::worked::{Took, milliseconds};

const REPETITIONS: usize = 20;
const PROBLEMS: usize = 200;
const LINES: usize = 5_000;
/// Lines of one dataset.
const LINES_OF_ONE: usize = 14;
/// Nobody notices this.
const LIMIT: Duration = Duration::from_millis(50);

/// Measures and prints; fails if the limit is broken or problems are missing.
#[expect(clippy::print_stdout, reason = "a command line tool for developers")]
pub(crate) fn command(root: &Path) -> Result<()> {
    let text = text();
    let engine = Engine::open(std::env::temp_dir(), World::real());
    let draft = || Draft { file: "large.yaml".into(), text: text.clone(), environment: None };
    let mut found = 0;
    let took = Took::least(REPETITIONS, || match engine.check_text(draft()) {
        Ok(check) => {
            found = check.diagnostics.len();
            true
        }
        Err(_) => false,
    });
    let took = took.context("the check failed")?;
    let ours = milliseconds(took.clock);
    println!("{} lines, {} bytes, least of {REPETITIONS}", text.lines().count(), text.len());
    println!(
        "medallion            {ours:9.2} ms  {found} problems, {:.2} ms of work, limit {} ms",
        milliseconds(took.work),
        LIMIT.as_millis()
    );
    ensure!(found == PROBLEMS, "{found} problems were found of the {PROBLEMS} that were planted");
    match peers(root, &text) {
        Ok(lines) => {
            for (name, theirs, note) in lines {
                println!("{name:20} {theirs:9.2} ms  {note}; ours/theirs {:.3}", ours / theirs);
            }
        }
        Err(error) => println!("no peer to compare with: {error:#}"),
    }
    if took.work > LIMIT && !cfg!(debug_assertions) {
        bail!("too slow: {:.2} ms", milliseconds(took.work));
    }
    Ok(())
}

/// 5,000 lines with 200 problems: unknown keys, wrong types, wrong values, variables, no path.
pub(crate) fn text() -> String {
    let mut text = String::from("config_version: 1\nplatform:\n  bronze: {output_dir: ./lake/bronze}\nsources:\n");
    let datasets = LINES.div_ceil(LINES_OF_ONE);
    let planted = |before: usize| before * PROBLEMS / datasets;
    for index in 0..datasets {
        let problem = (planted(index) < planted(index + 1)).then(|| planted(index) % 5);
        let or =
            |kind: usize, wrong: &'static str, right: &'static str| if problem == Some(kind) { wrong } else { right };
        let _ = write!(
            text,
            "  # Dataset {index}\n  - name: dataset_{index}\n    source:\n      type: file\n      system: shop\n      table: t{index}\n      file:\n        {}: ./data/t{index}.csv # daily\n        format: {}\n      run:\n        max_rows_per_file: {}\n        {}: full\n    silver:\n",
            or(0, "paht", "path"),
            or(1, "cvs", "csv"),
            or(2, "many", "1000"),
            or(3, "laod_pattern", "load_pattern"),
        );
        let domain = or(4, "${NOT_SET}", "sales");
        let _ = writeln!(text, "      domain: {domain}");
    }
    text
}

/// Name, milliseconds and what it did.
fn peers(root: &Path, text: &str) -> Result<Vec<(String, f64, String)>> {
    let file = std::env::temp_dir().join(format!("medallion-bench-{}.yaml", std::process::id()));
    std::fs::write(&file, text)?;
    let schema = root.join("configs/schema/medallion.schema.json");
    let venv = std::env::var_os("MEDALLION_VENV").map(|venv| Path::new(&venv).join("bin/python"));
    let candidates = venv.into_iter().chain(["python3".into()]);
    let mut last = None;
    for python in candidates {
        let output = Command::new(&python).arg("-c").arg(SCRIPT).arg(&file).arg(&schema).output();
        match output {
            Ok(output) if output.status.success() => {
                std::fs::remove_file(&file)?;
                return read(&String::from_utf8_lossy(&output.stdout));
            }
            Ok(output) => {
                last = Some(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned());
            }
            Err(error) => last = Some(error.to_string()),
        }
    }
    std::fs::remove_file(&file)?;
    bail!("{}", last.unwrap_or_default())
}

fn read(output: &str) -> Result<Vec<(String, f64, String)>> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (name, time, note) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        Some((name.to_owned(), time, note.to_owned()))
    };
    output.lines().map(|text| line(text).with_context(|| format!("no figures in {text:?}"))).collect()
}

/// Reads the file, then checks it, and prints the least time of three for each.
const SCRIPT: &str = r#"
import json, sys, time
import yaml
text = open(sys.argv[1]).read()
loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
def least(call):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        result = call()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times), result
took, document = least(lambda: yaml.load(text, Loader=loader))
print(f"{loader.__name__}\t{took}\treads only")
try:
    import jsonschema
except ImportError:
    sys.exit(0)
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[2])))
checked, errors = least(lambda: len(list(validator.iter_errors(document))))
print(f"with jsonschema\t{took + checked}\treads and finds {errors} problems without places")
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_its_lines_and_problems() {
        let text = text();
        assert!((LINES..LINES + 20).contains(&text.lines().count()), "{}", text.lines().count());
        let engine = Engine::open("/", World::real());
        let check = engine.check_text(Draft { file: "large.yaml".into(), text, environment: None }).unwrap();
        assert_eq!(check.diagnostics.len(), PROBLEMS);
    }

    #[test]
    fn figures_have_three_parts() {
        assert_eq!(read("a\t1.5\tb c\n").unwrap(), [("a".to_owned(), 1.5, "b c".to_owned())]);
        assert!(read("a 1.5\n").is_err());
    }
}
