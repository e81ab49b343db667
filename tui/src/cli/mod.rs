//! The command line: one file per verb. A verb asks the engine once or twice and renders the reply;
//! it computes no path, opens no data file and judges no data.

mod args;
mod cells;
mod diff;
mod interrupt;
mod output;
mod progress;
mod scaffold;
mod table;

mod adopt;
mod app;
mod backends;
mod config;
mod discover;
mod doctor;
mod explain;
mod export;
mod gc;
mod join;
mod ls;
mod lsp;
mod migrate;
mod new;
mod plan;
mod preview;
mod profile;
mod quarantine;
mod retention;
mod rows;
mod run;
mod show;
mod validate;
mod verify;
mod watch;
mod web;

pub(crate) use table::bytes;

use std::io::{self, ErrorKind, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use medallion_core::api::Engine;
use medallion_core::api::wire::{Code, DatasetRef, ErrorBody, Layers, Target, code};
use medallion_core::world::World;

use args::{Arguments, ColorWhen, ScopeArg, Verb};
use output::{Failure, Output};

use crate::app::AppOptions;

/// Exit code of bad usage: DESIGN §4 counts it with the configuration.
const USAGE: u8 = 1;
/// Exit code when a stream cannot be written.
const STREAM: u8 = 3;

/// What every verb works with.
#[derive(Debug)]
struct Context {
    engine: Arc<Engine>,
    output: Arc<Output>,
    look: AppOptions,
    /// The working directory, at which the engine is open.
    root: PathBuf,
    world: World,
}

/// Reads the command line, does what it says, and tells the exit code.
pub(crate) fn main() -> ExitCode {
    let world = World::real();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(usage(&error)),
    };
    let world = match arguments.global.storage_scope {
        ScopeArg::Onprem => world.on_own_machines(),
        ScopeArg::Any => world,
    };
    let output = Arc::new(Output::new(&arguments.global, &world));
    let root = match working_directory() {
        Ok(root) => root,
        Err(error) => {
            output.alarm(
                &format!("error: the working directory cannot be found: {error}"),
                "change to a folder that exists",
            );
            return ExitCode::from(STREAM);
        }
    };
    let mut look = AppOptions::from_environment(world.env.as_ref());
    match arguments.global.color {
        ColorWhen::Auto => {}
        ColorWhen::Always => look.no_colour = false,
        ColorWhen::Never => look.no_colour = true,
    }
    let engine = Arc::new(Engine::open(root.clone(), world.clone()));
    let context = Context { engine, output, look, root, world };
    let result = match arguments.verb {
        _ if arguments.list_backends => backends::answer(&context),
        Some(verb) => answer(&context, verb),
        None if !look.dumb && io::stdin().is_terminal() && io::stdout().is_terminal() => {
            app::open(&context, Target::at("."))
        }
        None => {
            output::last_words(Arguments::command().render_help().to_string().trim_end());
            Ok(USAGE)
        }
    };
    ExitCode::from(result.unwrap_or_else(|failure| report(&context, failure)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks for the working directory, to hand it to the engine"
)]
fn working_directory() -> io::Result<PathBuf> {
    std::env::current_dir()
}

fn answer(context: &Context, verb: Verb) -> Result<u8, Failure> {
    match verb {
        Verb::New(args) => new::answer(context, &args),
        Verb::Discover(args) => discover::answer(context, &args),
        Verb::Validate(args) => validate::answer(context, &args),
        Verb::Doctor(args) => doctor::answer(context, &args),
        Verb::Plan(args) => plan::answer(context, &args),
        Verb::Preview(args) => preview::answer(context, &args),
        Verb::Bronze(args) => run::answer(context, &args, Layers::Bronze),
        Verb::Silver(args) => run::answer(context, &args, Layers::Silver),
        Verb::Run(args) => run::answer(context, &args, Layers::Both),
        Verb::Join(args) => join::answer(context, &args),
        Verb::Ls(args) => ls::answer(context, &args),
        Verb::Show(args) => show::answer(context, &args),
        Verb::Rows(args) => rows::answer(context, &args),
        Verb::Quarantine(args) => quarantine::answer(context, &args),
        Verb::Verify(args) => verify::answer(context, &args),
        Verb::Gc(args) => gc::answer(context, &args),
        Verb::Retention(args) => retention::answer(context, &args),
        Verb::Adopt(args) => adopt::answer(context, &args),
        Verb::Profile(args) => profile::answer(context, &args),
        Verb::Export(args) => export::answer(context, &args),
        Verb::Config(args) => config::answer(context, &args),
        Verb::Migrate(args) => migrate::answer(context, &args),
        Verb::Explain(args) => explain::answer(context, &args),
        Verb::Web(args) => web::answer(context, &args),
        Verb::Lsp => Ok(lsp::answer(context)),
        Verb::App(args) => app::open(context, args.target.target()),
    }
}

/// Says why a verb ended early, and tells the exit code.
fn report(context: &Context, failure: Failure) -> u8 {
    match failure {
        Failure::Engine(body) => {
            context.output.error(&context.engine, &body);
            body.exit
        }
        // The reader has seen enough (`medallion rows | head`).
        Failure::Stream(error) if error.kind() == ErrorKind::BrokenPipe => 0,
        Failure::Stream(error) => {
            context.output.alarm(
                &format!("error: output cannot be written: {error}"),
                "check the disk or the program that reads it",
            );
            STREAM
        }
    }
}

/// Prints help and version as asked, or a usage error with the code that has its page.
fn usage(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        drop(error.print());
        return 0;
    }
    let text = match error.kind() {
        clap::error::ErrorKind::InvalidUtf8 => {
            "an argument is not UTF-8 text\n  help: rename what it names, or change to its folder and use `.`"
                .to_owned()
        }
        _ => error.render().to_string(),
    };
    let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    // The flags could not be read, but whoever wants JSON can parse nothing else.
    if std::env::args_os().any(|argument| argument == "--json") {
        let body = refusal(code::CFG026, text.to_owned(), None);
        output::last_words(&serde_json::to_string(&body).unwrap_or(body.message));
    } else {
        output::last_words(&format!("error[{}]: {text}", code::CFG026));
    }
    USAGE
}

/// A refusal on this side of the engine, in the engine's own form. It counts as bad usage.
fn refusal(code: Code, message: String, hint: Option<String>) -> ErrorBody {
    ErrorBody { code, message, causes: Vec::new(), hint, diagnostics: Vec::new(), exit: USAGE, transient: false }
}

/// The dataset that `--source` names, or the only one there is, and whether it has a Silver load.
fn dataset(context: &Context, target: Target, source: Option<&str>) -> Result<(DatasetRef, bool), Failure> {
    let list = context.engine.list_datasets(target.clone())?;
    let chosen = match source {
        Some(name) => list.datasets.iter().find(|summary| summary.dataset == name),
        None => list.datasets.first().filter(|_| list.datasets.len() == 1),
    };
    match (chosen, source) {
        (Some(summary), _) => Ok((DatasetRef { target, dataset: summary.dataset.clone() }, summary.silver.is_some())),
        // The engine says what is wrong with the name.
        (None, Some(name)) => Ok((DatasetRef { target, dataset: name.to_owned() }, false)),
        (None, None) => {
            let mut names: Vec<&str> = list.datasets.iter().map(|summary| summary.dataset.as_str()).collect();
            names.sort_unstable();
            let body = if names.is_empty() {
                let hint = Some("`medallion validate` says what is wrong".into());
                let mut body = refusal(code::CFG025, "there is no dataset to choose".into(), hint);
                body.diagnostics = list.unreadable.iter().flat_map(|file| file.diagnostics.clone()).collect();
                body
            } else {
                let message = format!("there are {} datasets, and none is named", names.len());
                refusal(code::CFG026, message, Some(format!("name one with --source: {}", names.join(", "))))
            };
            Err(body.into())
        }
    }
}

/// An Arrow value that cannot be shown; the engine sends none, so this is a defect.
fn unshowable(error: &arrow::error::ArrowError) -> Failure {
    refusal(code::RUN013, format!("a value cannot be shown: {error}"), None).into()
}
