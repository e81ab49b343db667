//! The contract itself.

use medallion_core::ext::contract::{self, Effort};
use medallion_core::ext::store_of;

use super::support::{Scene, Service, prefix, world};

fn keeps(service: Service, address: &str) {
    let scene = Scene::new(service, address, "k,v\n");
    let store = store_of(&world(), &scene.project.path(""), "t.yaml").expect("the config is right");
    let effort = Effort { rivals: service.rivals(), rounds: 5, many: 1_100, ..Effort::default() };
    match contract::run(&store, &prefix("contract"), effort) {
        Ok(passed) => {
            let things: usize = passed.iter().map(|one| one.count).sum();
            println!("{service:?}: {} checks of the contract passed, {things} things looked at", passed.len());
        }
        Err(broken) => panic!("{broken:#?}"),
    }
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn seaweedfs_keeps_the_contract() {
    keeps(Service::S3, &Service::S3.address());
}

#[test]
#[ignore = "needs scripts/services.sh run"]
fn azurite_keeps_the_contract() {
    keeps(Service::Azure, &Service::Azure.address());
}
