//! Entry point of the terminal program.

mod app;
mod clipboard;
mod keys;
mod screens;
mod terminal;
mod theme;
mod widgets;

fn main() -> std::process::ExitCode {
    let world = medallion_core::world::World::real();
    let options = app::AppOptions::from_environment(world.env.as_ref());
    let root = std::env::args().nth(1).unwrap_or_default();
    let engine = std::sync::Arc::new(medallion_core::api::Engine::open(root, world));
    match app::run(engine, medallion_core::api::wire::Target::default(), options) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(_) => std::process::ExitCode::FAILURE,
    }
}
