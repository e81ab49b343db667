//! Says what to do when the front end that `medallion web` carries has not been built.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../ui/dist");
    // The page alone is no front end: its scripts stand beside it.
    let scripts = std::fs::read_dir("../ui/dist/assets").is_ok_and(|mut files| files.next().is_some());
    if !Path::new("../ui/dist/index.html").is_file() || !scripts {
        println!("cargo::error=ui/dist is missing: run `make ui`");
    }
}
