//! Signs of life as small files that are written again and again, for stores without locks.
//!
//! Whether one is silent is judged by the store's clock alone: the time it gave to the file against
//! the time it gave to another that we just wrote. The clock of this machine only measures how much
//! time went by since, which a step of it does not change.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::failure::{Cause, Failure};
use super::{Hold, Key, Life, Patience, StorageError, Store};

/// What stands in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Sign {
    /// The version its holder wants to commit.
    plan: u64,
    /// How often it was written.
    beat: u64,
}

impl Sign {
    fn bytes(&self) -> Vec<u8> {
        format!("{{\"plan\":{},\"beat\":{}}}", self.plan, self.beat).into_bytes()
    }
}

/// What a store's clock shows, as far as we know.
#[derive(Debug, Default)]
pub struct StoreClock(Mutex<Option<(SystemTime, Instant)>>);

/// The store's clock is looked at again after so long.
const FRESH: Duration = Duration::from_mins(1);

impl StoreClock {
    /// The store gave `modified` to a file whose writing had ended by `since`.
    fn saw(&self, modified: SystemTime, since: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((modified, since));
    }

    /// Not later than what it shows now.
    fn now(&self) -> Option<SystemTime> {
        let (modified, since) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let gone = since.elapsed();
        (gone < FRESH).then(|| modified + gone)
    }

    /// The same, looking at the store's clock where it was not looked at lately.
    fn read(&self, store: &dyn Store, beside: &Key, id: &str) -> Result<SystemTime, StorageError> {
        if let Some(now) = self.now() {
            return Ok(now);
        }
        // Named as a staged copy, so that a sweep takes it should we die here.
        let key = beside.parent().unwrap_or_default().join(&format!(".now-{id}.tmp"));
        store.replace(&key, b"now", id)?;
        let since = Instant::now();
        let modified = store.open(&key).map(|opened| opened.0.modified());
        store.remove(&key)?;
        let unknown = || StorageError::Read {
            place: store.place(&key),
            source: Failure::new(Cause::Broken).said("no time of modification").into_io(),
        };
        let modified = modified?.ok_or_else(unknown)?;
        self.saw(modified, since);
        Ok(modified)
    }
}

/// A file that is written again until this is dropped.
#[derive(Debug)]
struct Lease {
    store: Arc<dyn Store>,
    key: Key,
    patience: Patience,
    /// When the last writing that went well began.
    renewed: Arc<Mutex<Instant>>,
    /// The file stays when this ends, and falls silent.
    left: bool,
    stop: Option<Sender<()>>,
    renewing: Option<JoinHandle<()>>,
}

impl Hold for Lease {
    fn check(&self) -> Result<(), StorageError> {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if renewed.elapsed() < self.patience.lapse() {
            return Ok(());
        }
        let source = Failure::new(Cause::Lapsed).said(format!("not for {} s", renewed.elapsed().as_secs())).into_io();
        Err(StorageError::Write { place: self.store.place(&self.key), source })
    }

    fn fall_silent(mut self: Box<Self>) {
        self.left = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The last writing has to end first, or it would bring the file back.
        self.stop = None;
        if let Some(renewing) = self.renewing.take() {
            drop(renewing.join());
        }
        // Left behind it falls silent by itself.
        if !self.left {
            drop(self.store.remove(&self.key));
        }
    }
}

/// [`Store::hold`] for a store that can replace files.
pub fn hold(
    store: &Arc<dyn Store>,
    clock: &StoreClock,
    key: &Key,
    plan: u64,
    patience: Patience,
) -> Result<Box<dyn Hold>, StorageError> {
    let began = Instant::now();
    store.replace(key, &Sign { plan, beat: 0 }.bytes(), "")?;
    let ended = Instant::now();
    if let Some(modified) = store.open(key)?.0.modified() {
        clock.saw(modified, ended);
    }
    let renewed = Arc::new(Mutex::new(began));
    let (stop, stopped) = channel::<()>();
    let renewing = {
        let (store, key, renewed) = (store.clone(), key.clone(), renewed.clone());
        std::thread::Builder::new().name("sign of life".into()).spawn(move || {
            let mut beat = 0;
            while stopped.recv_timeout(patience.beat) == Err(RecvTimeoutError::Timeout) {
                beat += 1;
                let began = Instant::now();
                if store.replace(&key, &Sign { plan, beat }.bytes(), "").is_ok() {
                    *renewed.lock().unwrap_or_else(PoisonError::into_inner) = began;
                }
            }
        })
    };
    let (renewing, refused) = match renewing {
        Ok(renewing) => (Some(renewing), None),
        Err(source) => (None, Some(StorageError::Write { place: store.place(key), source })),
    };
    let lease =
        Lease { store: store.clone(), key: key.clone(), patience, renewed, left: false, stop: Some(stop), renewing };
    match refused {
        None => Ok(Box::new(lease)),
        // Dropped, the lease takes its file away.
        Some(refused) => Err(refused),
    }
}

/// [`Store::life`] for signs that [`hold`] gave. `id` is an identifier that nobody else has.
pub fn life(
    store: &dyn Store,
    clock: &StoreClock,
    key: &Key,
    id: &str,
    patience: Patience,
) -> Result<Life, StorageError> {
    let modified = match store.open(key) {
        Ok(opened) => opened.0.modified(),
        Err(StorageError::Missing { .. }) => return Ok(Life::Gone),
        Err(other) => return Err(other),
    };
    let now = clock.read(store, key, id)?;
    // A file without a time, or one of the future, is not old.
    let age = modified.and_then(|modified| now.duration_since(modified).ok()).unwrap_or_default();
    if age < patience.silence {
        return Ok(Life::Alive);
    }
    match store.read(key) {
        // What cannot be understood is none of ours; nothing may be concluded from it.
        Ok(bytes) => {
            Ok(Life::Silent { plan: serde_json::from_slice::<Sign>(&bytes).map_or(u64::MAX, |sign| sign.plan) })
        }
        Err(StorageError::Missing { .. }) => Ok(Life::Gone),
        Err(other) => Err(other),
    }
}
