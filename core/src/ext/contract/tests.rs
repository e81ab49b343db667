//! The contract of stores, in memory and in folders. Services are asked by the tests of the workspace.

use std::sync::Arc;

use super::{Effort, run};
use crate::storage::{self, Store};
use crate::world::World;

fn keeps(store: &Arc<dyn Store>) {
    let passed = run(store, "here", Effort::default());
    let passed = passed.unwrap_or_else(|broken| panic!("{broken:#?}"));
    println!("{} checks, {} things", passed.len(), passed.iter().map(|one| one.count).sum::<usize>());
}

#[test]
fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    keeps(&storage::local(&folder.path().join("new/lake"), World::real().disk));
    assert_eq!(std::fs::read_dir(folder.path().join("new/lake")).unwrap().count(), 0);
}

#[test]
fn memory_keeps_the_contract() {
    let world = World::real();
    keeps(&world.connections.memory(&world));
}
