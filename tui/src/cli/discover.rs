//! `medallion discover`: a config that describes files, a database or an API.

use medallion_core::api::wire::DiscoverRequest;

use super::args::DiscoverArgs;
use super::output::Failure;
use super::scaffold::{Destination, deliver};
use super::{Context, interrupt};

/// The name of the one job of this process.
const JOB: &str = "command-line";

/// Exit code 1 if the config has errors, otherwise what kept it from being made.
pub(crate) fn answer(context: &Context, args: &DiscoverArgs) -> Result<u8, Failure> {
    interrupt::watch(context.engine.clone(), context.output.clone(), JOB.into());
    let made = context.engine.discover(DiscoverRequest {
        from: args.from.clone(),
        file: args.output.clone().unwrap_or_default(),
        auth_env_var: args.auth_env_var.clone().unwrap_or_default(),
        system: args.system.clone().unwrap_or_default(),
        job: JOB.into(),
    })?;
    deliver(context, &made, Destination { output: args.output.as_deref(), force: args.force })
}
