//! The program `medallion`: a command line for schedulers and a terminal app for people, both on
//! the one engine. Arguments lead to a verb or the app, and that to an exit code; nothing else is here.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

mod app {
    //! x
    #[derive(Clone, Copy, Debug, Default)]
    pub(crate) struct AppOptions {
        pub(crate) no_colour: bool,
        pub(crate) ascii: bool,
        pub(crate) dumb: bool,
    }
    impl AppOptions {
        pub(crate) fn from_environment(_: &dyn medallion_core::world::Environment) -> Self {
            Self::default()
        }
    }
    #[derive(Debug, thiserror::Error)]
    pub(crate) enum AppError {
        #[error("the app needs a terminal")]
        NoTerminal,
        #[error("the terminal failed")]
        Terminal(#[from] std::io::Error),
        #[error("dumb")]
        Dumb,
        #[error("signal")]
        Signalled { signal: i32 },
    }
    pub(crate) fn run(
        _: std::sync::Arc<medallion_core::api::Engine>,
        _: medallion_core::api::wire::Target,
        _: AppOptions,
    ) -> Result<(), AppError> {
        Err(AppError::NoTerminal)
    }
}
