//! Ctrl-C: the first asks the job to stop at its next safe point, the second stops at once.

use std::sync::Arc;

use medallion_core::api::Engine;
use medallion_core::api::wire::CancelRequest;

use super::output::Output;

/// Exit code of a cancelled process.
const CANCELLED: i32 = 130;

/// Watches for interrupts until the process ends. If the watch cannot be set up, the system's own
/// behaviour stays: an interrupt ends the process, and the next run clears what it left.
pub(crate) fn watch(engine: Arc<Engine>, output: Arc<Output>, job: String) {
    let watch = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async move {
            let Ok(mut signals) = Signals::new() else { return };
            signals.next().await;
            output.redraw("");
            output.talk("cancelling: work stops at the next safe point; press Ctrl-C again to stop at once");
            if engine.cancel(CancelRequest { job }).is_err() {
                stop();
            }
            signals.next().await;
            stop();
        });
    };
    // Without the thread there is no watch, see above.
    drop(std::thread::Builder::new().name("interrupt".into()).spawn(watch));
}

/// Ends a job that has no end of its own at the first interrupt, without a word; the second ends the
/// process.
pub(crate) fn end_on_signal(engine: Arc<Engine>, job: String) {
    let watch = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async move {
            let Ok(mut signals) = Signals::new() else { return };
            signals.next().await;
            end(&engine, &job);
            signals.next().await;
            stop();
        });
    };
    // Without the thread the system's own behaviour stays.
    drop(std::thread::Builder::new().name("interrupt".into()).spawn(watch));
}

/// Asks a job to end. That it has ended by itself meanwhile is fine.
pub(crate) fn end(engine: &Engine, job: &str) {
    drop(engine.cancel(CancelRequest { job: job.to_owned() }));
}

#[expect(clippy::exit, reason = "the second interrupt must end the process from a thread that holds no work")]
fn stop() -> ! {
    std::process::exit(CANCELLED)
}

/// The signals that ask to stop: Ctrl-C, and on Unix also what schedulers send.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the Unix side can fail")]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}
