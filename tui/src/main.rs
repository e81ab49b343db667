//! The program `medallion`: a command line for schedulers and a terminal app for people, both on
//! the one engine. Arguments lead to a verb or the app, and that to an exit code; nothing else is here.

mod app;
mod cli;
mod clipboard;
#[cfg(test)]
mod harness;
mod keys;
mod lsp;
mod screens;
mod terminal;
mod theme;
mod web;
mod widgets;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
