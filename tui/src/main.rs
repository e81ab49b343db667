//! Stand-in until the command line exists: `medallion web [TARGET] [--port N]`.

mod web;

use std::sync::Arc;

use medallion_core::api::Engine;
use medallion_core::world::World;

#[expect(clippy::disallowed_methods, reason = "the front end decides where relative paths start")]
fn main() -> Result<(), web::WebError> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let port = args.iter().position(|arg| arg == "--port").and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(0);
    let path = args.get(1).filter(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    let root = std::env::current_dir().unwrap_or_default();
    let target = medallion_core::api::wire::Target { path };
    web::serve(Arc::new(Engine::open(root, World::real())), web::WebOptions { target, port })
}
