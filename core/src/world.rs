//! What the engine may know of the outside: environment variables, time and randomness.
//!
//! Owns the seams, never their real implementation in a front end beyond [`World::real`], the one
//! place that touches the process. Tests pass fixed values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use crate::storage::{Disk, DiskFile, RealDisk};

/// Environment variables, by name.
pub trait Environment: Send + Sync + fmt::Debug {
    /// The value of `name`, or `None` when it is not set. An empty value is set.
    fn var(&self, name: &str) -> Option<String>;
    /// All names, sorted; used to suggest the nearest one. Values are never listed.
    fn names(&self) -> Vec<String>;
}

/// The current time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now, UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// Random identifiers for attempts and runs.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Sixteen lower-case hexadecimal digits, different at each call.
    fn id(&self) -> String;
}

/// Everything the engine may ask of the outside, chosen by the front end.
#[derive(Clone, Debug)]
pub struct World {
    /// Environment variables.
    pub env: Arc<dyn Environment>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub entropy: Arc<dyn Entropy>,
    /// Local disk.
    pub disk: Arc<dyn Disk>,
}

impl World {
    /// The process environment, the system clock, and identifiers from the operating system.
    pub fn real() -> Self {
        Self {
            env: Arc::new(ProcessEnvironment),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            disk: Arc::new(RealDisk),
        }
    }
    /// The same with other environment variables.
    #[must_use]
    pub fn with_environment(mut self, env: impl Environment + 'static) -> Self {
        self.env = Arc::new(env);
        self
    }
    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
    /// The same with another disk.
    #[must_use]
    pub fn with_disk(mut self, disk: impl Disk + 'static) -> Self {
        self.disk = Arc::new(disk);
        self
    }
}

/// A fixed set of variables, for tests and for callers that pass their own.
#[derive(Clone, Debug, Default)]
pub struct FixedEnvironment(pub BTreeMap<String, String>);

impl Environment for FixedEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// A clock that always shows the same instant, for tests.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

#[derive(Debug)]
struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the process environment")]
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        names.sort();
        names
    }
}

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

#[derive(Debug)]
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn id(&self) -> String {
        // `RandomState` is seeded by the operating system and differs for each instance in a
        // process; mixed with the process id it names attempts, it is not a secret.
        use std::hash::{BuildHasher, Hasher};
        let mut hasher = std::hash::RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        format!("{:016x}", hasher.finish())
    }
}
