//! Cooperative cancellation: a flag that long work looks at between batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by the one who asks and the work that stops. Cloning shares the flag.
#[derive(Clone, Debug, Default)]
pub(crate) struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token nobody has cancelled.
    pub(crate) fn new() -> Self {
        Self::default()
    }
    /// Asks the work to stop at its next safe point. Nothing committed is undone.
    pub(crate) fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    /// Whether somebody asked.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
