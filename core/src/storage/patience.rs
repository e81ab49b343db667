//! How long services are waited for, how often they are asked again, and how long a sign of life
//! counts. The one place with these numbers.

use std::time::Duration;

/// See the module. Tests shorten it; everybody else takes the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until a request is answered, beyond the time its body takes at 64 KiB/s.
    pub answer: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// How often a request is sent at most.
    pub tries: u32,
    /// Before the second try; doubled from then on, with a fifth of chance on either side.
    pub pause: Duration,
    /// Between two tries at most, unless the service asks for more.
    pub longest_pause: Duration,
    /// A service that asks for more is given up.
    pub longest_wish: Duration,
    /// Requests in a row that failed after all their tries, until a service is no longer asked.
    pub breaker_failures: u32,
    /// How long it is not asked then.
    pub breaker_pause: Duration,
    /// Between two renewals of a sign of life.
    pub beat: Duration,
    /// A sign of life this old, by the store's clock, is silent.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            idle: Duration::from_secs(20),
            tries: 5,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(8),
            longest_wish: Duration::from_mins(1),
            breaker_failures: 5,
            breaker_pause: Duration::from_secs(30),
            beat: Duration::from_secs(10),
            silence: Duration::from_mins(1),
        }
    }
}

impl Patience {
    /// A holder that could not renew its sign of life for so long must not commit any more: others
    /// may take it for silent soon.
    pub(crate) fn lapse(&self) -> Duration {
        self.silence.saturating_sub(self.beat)
    }
}
