//! What the engine may know of the outside: environment variables, time and randomness.
//!
//! Owns the seams, never their real implementation in a front end beyond [`World::real`], the one
//! place that touches the process. Tests pass fixed values.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::storage::{Connections, StorageFactory};
pub use crate::storage::{Disk, DiskFile, Patience, RealDisk};

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
    /// Threads that can run at the same time.
    pub processors: NonZeroUsize,
    /// Bytes that a run may hold of the keys of a dataset where it is not told otherwise.
    pub memory: u64,
    /// Connections to storage elsewhere.
    pub(crate) connections: Connections,
    /// Kinds of storage that were added.
    pub(crate) factories: Vec<Arc<dyn StorageFactory>>,
}

/// A quarter of the memory of the machine, or of what a container may use of it; several runs may go at
/// once, and other programs live here, too.
fn share_of_memory() -> u64 {
    const UNKNOWN: u64 = 2 << 30;
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let container = system.cgroup_limits().map(|limits| limits.total_memory);
    let all = container.into_iter().chain([system.total_memory()]).filter(|bytes| *bytes > 0).min();
    all.unwrap_or(UNKNOWN) / 4
}

impl World {
    /// The process environment, the system clock, and identifiers from the operating system.
    pub fn real() -> Self {
        Self {
            env: Arc::new(ProcessEnvironment),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            disk: Arc::new(RealDisk),
            processors: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            memory: share_of_memory(),
            connections: Connections::default(),
            factories: Vec::new(),
        }
    }
    /// The same with other environment variables.
    #[must_use]
    pub fn with_environment(mut self, env: impl Environment + 'static) -> Self {
        self.env = Arc::new(env);
        self
    }
    /// The same with other memory.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
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
    /// The same with a further kind of storage. Of two with one scheme the later one counts.
    #[must_use]
    pub fn with_storage(mut self, factory: impl StorageFactory + 'static) -> Self {
        self.factories.push(Arc::new(factory));
        self
    }
    /// The same, refusing storage in clouds whatever a config says.
    #[must_use]
    pub fn on_own_machines(mut self) -> Self {
        self.env = Arc::new(OnOwnMachines(self.env));
        self
    }
    /// The same with new connections to storage elsewhere, which wait as long as this.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.connections = Connections::with_patience(patience);
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

/// The variable that asks for storage on own machines.
pub(crate) const STORAGE_SCOPE: &str = "MEDALLION_STORAGE_SCOPE";

/// An environment in which it is set.
#[derive(Debug)]
struct OnOwnMachines(Arc<dyn Environment>);

impl Environment for OnOwnMachines {
    fn var(&self, name: &str) -> Option<String> {
        if name == STORAGE_SCOPE { Some("onprem".to_owned()) } else { self.0.var(name) }
    }
    fn names(&self) -> Vec<String> {
        let mut names = self.0.names();
        if !names.iter().any(|name| name == STORAGE_SCOPE) {
            names.push(STORAGE_SCOPE.to_owned());
            names.sort();
        }
        names
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
