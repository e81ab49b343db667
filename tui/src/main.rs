//! The program `medallion`: a command line for schedulers and a terminal app for people, both on
//! the one engine. Arguments lead to a verb or the app, and that to an exit code; nothing else is here.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

mod app {
    //! x
    pub(crate) fn run(
        _: std::sync::Arc<medallion_core::api::Engine>,
        _: medallion_core::api::wire::Target,
    ) -> std::io::Result<()> {
        Ok(())
    }
}
mod web {
    //! x
    pub(crate) fn serve(
        _: std::sync::Arc<medallion_core::api::Engine>,
        _: medallion_core::api::wire::Target,
        _: u16,
    ) -> std::io::Result<()> {
        Ok(())
    }
}
