//! Several questions at once: storage elsewhere answers slowly, but many at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Questions that are open at once, at most.
const MOST: usize = 16;
/// Questions for which another thread is worth its while.
const FEW: usize = 4;

/// Asks all of these; the answers are in their order. Few are asked one after the other.
pub(crate) fn together<T: Sync, R: Send>(items: &[T], ask: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = items.len().div_ceil(FEW).min(MOST);
    if threads < 2 {
        return items.iter().map(ask).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return answers };
            answers.push((at, ask(item)));
        }
    };
    let mut all: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let answers = workers.into_iter().map(|worker| match worker.join() {
            Ok(answers) => answers,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        answers.flatten().collect()
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn answers_keep_their_order_and_slow_ones_overlap() {
        for count in [0, 1, 4, 5, 200] {
            let items: Vec<usize> = (0..count).collect();
            let open = AtomicUsize::new(0);
            let began = Instant::now();
            let answers = together(&items, |item| {
                assert!(open.fetch_add(1, Ordering::SeqCst) < MOST);
                thread::sleep(Duration::from_millis(10));
                open.fetch_sub(1, Ordering::SeqCst);
                item * 2
            });
            assert_eq!(answers, (0..count).map(|item| item * 2).collect::<Vec<_>>());
            assert!(count < 200 || began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        }
    }
}
