//! Runs a workspace whose storage is elsewhere, with little patience, so that tests can kill and stop it.
//!
//! `elsewhere FOLDER DATE SILENCE_MS`: prints the codes of what failed; ends with the run's code.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program of tests")]

use std::process::ExitCode;
use std::time::Duration;

use medallion_core::api::Engine;
use medallion_core::api::wire::RunRequest;
use medallion_core::world::World;
use medallion_tests::lake;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, date, silence] = arguments.as_slice() else { return ExitCode::from(64) };
    let silence = Duration::from_millis(silence.parse().expect("milliseconds"));
    let engine = Engine::open(folder, World::real().with_patience(lake::impatient(silence)));
    let request = RunRequest { date: date.parse().ok(), ..RunRequest::default() };
    let Ok(report) = engine.run(request, &mut |_| {}) else { return ExitCode::FAILURE };
    for step in &report.steps {
        println!("{:?} {}", step.outcome, step.error.as_ref().map_or("", |error| error.code.as_str()));
    }
    ExitCode::from(report.exit)
}
