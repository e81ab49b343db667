//! Threads on which async clients run, behind a face that waits.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads of one extraction. Dropping them ends what runs on them, without waiting for it.
#[derive(Debug)]
pub(crate) struct Threads(Option<Runtime>);

impl Threads {
    /// New ones; two are enough, since they wait and hand bytes on.
    ///
    /// # Errors
    ///
    /// When the system gives no threads.
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("extract").enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    /// Waits for work. Never called from one of these threads.
    ///
    /// # Errors
    ///
    /// When they are gone.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> io::Result<T> {
        let gone = || io::Error::other("the threads of the extraction are gone");
        Ok(self.0.as_ref().ok_or_else(gone)?.block_on(work))
    }

    /// For starting work that goes on while nobody waits for it.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
