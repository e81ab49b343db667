//! Says what to do when the front end that `medallion web` carries has not been built.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../ui/dist");
    if !Path::new("../ui/dist/index.html").is_file() {
        println!("cargo::error=ui/dist is missing: run `make ui`");
    }
}
