//! Cooperative cancellation: a flag that long work looks at between batches, and a bell for work that
//! sleeps.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the one who asks and the work that stops. Cloning shares the flag.
#[derive(Clone, Default)]
pub(crate) struct CancelToken(Arc<Shared>);

#[derive(Default)]
struct Shared {
    flag: AtomicBool,
    bells: Mutex<Vec<Box<dyn Fn() + Send>>>,
}

impl CancelToken {
    /// A token nobody has cancelled.
    pub(crate) fn new() -> Self {
        Self::default()
    }
    /// Asks the work to stop at its next safe point. Nothing committed is undone.
    pub(crate) fn cancel(&self) {
        self.0.flag.store(true, Ordering::SeqCst);
        for bell in self.0.bells.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            bell();
        }
    }
    /// Whether somebody asked.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.flag.load(Ordering::SeqCst)
    }
    /// Calls `bell` whenever somebody asks, for work that waits for something else. It is called at once
    /// if somebody has asked already, and must not wait for anything.
    pub(crate) fn on_cancel(&self, bell: impl Fn() + Send + 'static) {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_cancelled() {
            bell();
        }
        bells.push(Box::new(bell));
    }
    /// Whether both are the same flag.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelToken").field(&self.is_cancelled()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn who_sleeps_is_rung() {
        let token = CancelToken::new();
        let rings = Arc::new(AtomicU32::new(0));
        let bell = |rings: &Arc<AtomicU32>| {
            let rings = rings.clone();
            move || {
                rings.fetch_add(1, Ordering::SeqCst);
            }
        };
        token.on_cancel(bell(&rings));
        assert_eq!((token.is_cancelled(), rings.load(Ordering::SeqCst)), (false, 0));
        token.clone().cancel();
        assert_eq!((token.is_cancelled(), rings.load(Ordering::SeqCst)), (true, 1));
        token.on_cancel(bell(&rings));
        assert_eq!(rings.load(Ordering::SeqCst), 2, "too late is not too late");
        assert!(token.is(&token.clone()) && !token.is(&CancelToken::new()));
    }
}
