//! Threads that encode while their owner cuts and writes.
//!
//! Owns threads and the queue, never the order of results: whoever submitted a job waits for it.
//! The thread that waits does jobs of the queue meanwhile, so a pool of one worker has no threads.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take jobs from one queue. Dropping it drops the jobs that nobody has begun.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    /// Started when they are first needed.
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Threads at most, beside the one that waits.
    helpers: usize,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// A job that was submitted.
pub(crate) struct Pending<T>(Arc<Slot<T>>);

struct Slot<T> {
    result: Mutex<Option<Result<T, Box<dyn Any + Send>>>>,
    done: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Jobs run outside of every lock, so what a lock guards is whole even after a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// A pool in which `workers` threads work at once, the waiting one included.
    pub(crate) fn new(workers: NonZeroUsize) -> Self {
        Self { shared: Arc::default(), threads: Mutex::default(), helpers: workers.get() - 1 }
    }

    /// A pool without threads: jobs are done by whoever waits for them.
    pub(crate) fn inline() -> Self {
        Self::new(NonZeroUsize::MIN)
    }

    /// Whether jobs are done while nobody waits.
    pub(crate) const fn has_threads(&self) -> bool {
        self.helpers > 0
    }

    /// Adds a job behind those that wait.
    pub(crate) fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Pending<T> {
        let slot = Arc::new(Slot { result: Mutex::new(None), done: Condvar::new() });
        let filled = slot.clone();
        let job: Job = Box::new(move || {
            let result = catch_unwind(AssertUnwindSafe(job));
            *lock(&filled.result) = Some(result);
            filled.done.notify_all();
        });
        let waiting = {
            let mut queue = lock(&self.shared.queue);
            queue.jobs.push_back(job);
            queue.jobs.len()
        };
        self.shared.ready.notify_one();
        self.start(waiting);
        Pending(slot)
    }

    /// Starts a further thread if jobs wait and there may be one. One that cannot be started is not
    /// missed: the waiting thread does its work.
    fn start(&self, waiting: usize) {
        let mut threads = lock(&self.threads);
        if waiting == 0 || threads.len() >= self.helpers {
            return;
        }
        let shared = self.shared.clone();
        let started = std::thread::Builder::new().name("encoder".into()).spawn(move || shared.work());
        threads.extend(started);
    }

    /// The result of a job; until it is there, does what waits before it.
    ///
    /// # Panics
    ///
    /// With the panic of the job.
    pub(crate) fn wait<T>(&self, pending: Pending<T>) -> T {
        let slot = pending.0;
        loop {
            if let Some(result) = lock(&slot.result).take() {
                return result.unwrap_or_else(|panic| resume_unwind(panic));
            }
            let job = lock(&self.shared.queue).jobs.pop_front();
            if let Some(job) = job {
                job();
                continue;
            }
            // Nothing waits, so a thread is at it.
            let mut result = lock(&slot.result);
            while result.is_none() {
                result = slot.done.wait(result).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut queue = lock(&self.queue);
        loop {
            if queue.closed {
                return;
            }
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job();
                queue = lock(&self.queue);
            } else {
                queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let unbegun = {
            let mut queue = lock(&self.shared.queue);
            queue.closed = true;
            std::mem::take(&mut queue.jobs)
        };
        drop(unbegun);
        self.shared.ready.notify_all();
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // A job's panic is in its slot; the thread itself has none.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("helpers", &self.helpers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_to_whom_they_belong() {
        for workers in [1, 2, 5] {
            let pool = Pool::new(NonZeroUsize::new(workers).unwrap());
            let pending: Vec<_> = (0..200_u64).map(|number| pool.submit(move || number * number)).collect();
            for (number, pending) in pending.into_iter().enumerate().rev() {
                assert_eq!(pool.wait(pending), (number * number) as u64);
            }
        }
    }

    #[test]
    fn a_panic_reaches_who_waits_and_nobody_else() {
        let pool = Pool::new(NonZeroUsize::new(3).unwrap());
        let bad = pool.submit(|| -> u8 { std::panic::panic_any("lost") });
        let good = pool.submit(|| 7_u8);
        assert!(catch_unwind(AssertUnwindSafe(|| pool.wait(bad))).is_err());
        assert_eq!(pool.wait(good), 7);
    }

    #[test]
    fn what_nobody_waits_for_does_not_keep_a_pool() {
        for workers in [1, 4] {
            let pool = Pool::new(NonZeroUsize::new(workers).unwrap());
            for _ in 0..1_000 {
                drop(pool.submit(std::thread::yield_now));
            }
            drop(pool);
        }
    }
}
