//! Checks that the front end is built, and generates the permissions of this host's own commands.

fn main() {
    if !std::path::Path::new("../ui/dist/index.html").is_file() {
        println!("cargo::error=ui/dist is missing: run `make ui`");
        return;
    }
    let commands = tauri_build::AppManifest::new().commands(&["call", "stream", "session"]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
