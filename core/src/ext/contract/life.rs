//! Checks of signs of life.

use super::super::Life;
use super::{Bench, Outcome, same, told};

/// A sign is seen while it is held, and by everybody; afterwards it is gone.
pub(super) fn signs(bench: &Bench<'_>) -> Outcome {
    let life = |name: &str| bench.store.life(&bench.key(name)).map_err(|error| told(&error));
    same("a sign that nobody gave", &life("never.lock")?, &Life::Gone)?;
    let first = bench.store.hold(&bench.key("first.lock"), 3).map_err(|error| told(&error))?;
    let second = bench.store.hold(&bench.key("second.lock"), 3).map_err(|error| told(&error))?;
    same("a sign that is held", &life("first.lock")?, &Life::Alive)?;
    first.check().map_err(|error| told(&error))?;
    drop(first);
    same("a sign that ended", &life("first.lock")?, &Life::Gone)?;
    same("another one", &life("second.lock")?, &Life::Alive)?;
    second.check().map_err(|error| told(&error))?;
    drop(second);
    same("the other one", &life("second.lock")?, &Life::Gone)?;
    let again = bench.store.hold(&bench.key("first.lock"), 4).map_err(|error| told(&error))?;
    same("a sign given again", &life("first.lock")?, &Life::Alive)?;
    drop(again);
    same("what signs leave", &bench.names(&bench.folder)?, &Vec::new())?;
    Ok(7)
}
