//! How long something takes: by the clock, and by the time that this thread has really worked, which does
//! not grow when the machine does other things too.

use std::time::{Duration, Instant};

/// What one call took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Time of the thread's own work; where the system does not say so, [`Self::clock`].
    pub(crate) work: Duration,
    /// From start to end.
    pub(crate) clock: Duration,
}

impl Took {
    /// The least of each of `repetitions` calls; `None` if one of them did not do what it should.
    pub(crate) fn least(repetitions: usize, mut call: impl FnMut() -> bool) -> Option<Self> {
        let mut least: Option<Self> = None;
        for _ in 0..repetitions {
            let (start, before) = (Instant::now(), worked());
            if !call() {
                return None;
            }
            let clock = start.elapsed();
            let work = before.zip(worked()).map_or(clock, |(before, after)| after.saturating_sub(before));
            least = Some(least.map_or(Self { work, clock }, |least| Self {
                work: least.work.min(work),
                clock: least.clock.min(clock),
            }));
        }
        least
    }
}

/// Time that this thread has worked so far.
fn worked() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// In milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_no_work_and_a_failure_has_no_time() {
        let took = Took::least(2, || {
            std::thread::sleep(Duration::from_millis(20));
            true
        });
        let took = took.unwrap();
        assert!(took.clock >= Duration::from_millis(20));
        if worked().is_some() {
            assert!(took.work < took.clock, "{took:?}");
        }
        assert!(Took::least(3, || false).is_none());
    }
}
