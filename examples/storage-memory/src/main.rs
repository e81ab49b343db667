//! Adds a kind of storage to the engine: files in memory, gone when the program ends.
//!
//! Shows the three things that are needed: a [`Store`], a [`StorageFactory`] that opens it, and the
//! contract suite that says whether it can be trusted with commits. Run it: `cargo run`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use medallion_core::api::Engine;
use medallion_core::api::wire::{Outcome, RunRequest};
use medallion_core::ext::contract::{self, Effort};
use medallion_core::ext::lease::{self, StoreClock};
use medallion_core::ext::{
    Blob, Entry, Hold, Key, Life, Opened, Opening, Patience, Place, StorageError, StorageFactory, Store, Upload,
};
use medallion_core::world::World;

type Files = Arc<Mutex<BTreeMap<String, (Bytes, SystemTime)>>>;

/// A bucket in memory. Cloning shares it.
#[derive(Clone, Debug)]
struct Memory {
    bucket: String,
    files: Files,
    clock: Arc<StoreClock>,
    patience: Patience,
}

impl Memory {
    fn locked<T>(&self, act: impl FnOnce(&mut BTreeMap<String, (Bytes, SystemTime)>) -> T) -> T {
        act(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn missing(&self, key: &Key) -> StorageError {
        StorageError::Missing { place: self.place(key) }
    }
}

impl Store for Memory {
    fn create(&self, key: &Key) -> Result<Box<dyn Upload>, StorageError> {
        Ok(Box::new(Growing { store: self.clone(), key: key.clone(), bytes: Vec::new() }))
    }
    fn settle(&self, _: &[Key]) -> Result<(), StorageError> {
        Ok(())
    }
    fn put_new(&self, key: &Key, bytes: &[u8], _attempt: &str) -> Result<(), StorageError> {
        self.locked(|files| {
            if files.contains_key(key.as_str()) {
                return Err(StorageError::Exists { place: self.place(key) });
            }
            files.insert(key.to_string(), (Bytes::copy_from_slice(bytes), SystemTime::now()));
            Ok(())
        })
    }
    fn replace(&self, key: &Key, bytes: &[u8], _attempt: &str) -> Result<(), StorageError> {
        self.locked(|files| files.insert(key.to_string(), (Bytes::copy_from_slice(bytes), SystemTime::now())));
        Ok(())
    }
    fn read(&self, key: &Key) -> Result<Vec<u8>, StorageError> {
        self.locked(|files| files.get(key.as_str()).map(|(bytes, _)| bytes.to_vec())).ok_or_else(|| self.missing(key))
    }
    fn open(&self, key: &Key) -> Result<Opened, StorageError> {
        let (bytes, modified) =
            self.locked(|files| files.get(key.as_str()).cloned()).ok_or_else(|| self.missing(key))?;
        Ok(Opened(Arc::new(Snapshot { bytes, modified })))
    }
    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError> {
        let keys: Vec<String> = self.locked(|files| files.keys().cloned().collect());
        let found: BTreeSet<Entry> = keys
            .iter()
            .filter_map(|key| {
                let below = Key::root().join(key).below(folder)?.to_owned();
                Some(match below.split_once('/') {
                    Some((name, _)) => Entry { name: name.to_owned(), folder: true },
                    None => Entry { name: below, folder: false },
                })
            })
            .collect();
        Ok(found.into_iter().collect())
    }
    fn remove(&self, key: &Key) -> Result<(), StorageError> {
        self.locked(|files| files.remove(key.as_str()));
        Ok(())
    }
    fn remove_if_empty(&self, _: &Key) -> Result<(), StorageError> {
        Ok(())
    }
    fn hold(&self, key: &Key, plan: u64) -> Result<Box<dyn Hold>, StorageError> {
        let store: Arc<dyn Store> = Arc::new(self.clone());
        lease::hold(&store, &self.clock, key, plan, self.patience)
    }
    fn life(&self, key: &Key) -> Result<Life, StorageError> {
        lease::life(self, &self.clock, key, "0000000000000000", self.patience)
    }
    fn place(&self, key: &Key) -> Place {
        Place::Remote(format!("memory://{}/{key}", self.bucket))
    }
}

/// A file that gets its name when it is whole.
struct Growing {
    store: Memory,
    key: Key,
    bytes: Vec<u8>,
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for Growing {
    fn finish(self: Box<Self>) -> Result<(), StorageError> {
        self.store.replace(&self.key, &self.bytes, "")
    }
}

/// The content of a moment.
#[derive(Debug)]
struct Snapshot {
    bytes: Bytes,
    modified: SystemTime,
}

impl Blob for Snapshot {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn modified(&self) -> Option<SystemTime> {
        Some(self.modified)
    }
    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        let place = |at: u64| usize::try_from(at).map_err(io::Error::other);
        let range = place(range.start)?..place(range.end)?;
        if range.end > self.bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.bytes.slice(range))
    }
    fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        let start = usize::try_from(start).map_err(io::Error::other)?.min(self.bytes.len());
        Ok(Box::new(io::Cursor::new(self.bytes.slice(start..))))
    }
}

/// Opens buckets in memory; two stores of one bucket see the same files.
#[derive(Debug, Default)]
struct MemoryFactory(Mutex<BTreeMap<String, Files>>);

impl StorageFactory for MemoryFactory {
    fn scheme(&self) -> &str {
        "memory"
    }
    fn description(&self) -> &str {
        "files in memory, gone when the program ends"
    }
    fn needs(&self) -> Vec<String> {
        vec!["`bucket`: any name".into()]
    }
    fn open(&self, opening: &Opening<'_>) -> Result<Arc<dyn Store>, String> {
        let bucket = opening.bucket.ok_or("`storage_scheme: memory` needs `bucket`")?.to_owned();
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(bucket.clone()).or_default().clone();
        let store = Memory { bucket, files, clock: Arc::default(), patience: opening.patience };
        Ok(Arc::new(store))
    }
}

const CONFIG: &str = "\
config_version: 1
platform:
  bronze: {storage_backend: custom, storage_scheme: memory, bucket: lake}
  silver: {storage_backend: custom, storage_scheme: memory, bucket: lake, prefix: silver}
sources:
  - name: people
    source: {type: file, system: crm, table: people, file: {path: ./people.csv, format: csv}}
    silver: {model: scd_type_1, primary_keys: [id]}
";

fn main() -> ExitCode {
    let folder = std::env::temp_dir().join(format!("storage-memory-{}", std::process::id()));
    let result = tried(&folder);
    drop(std::fs::remove_dir_all(&folder));
    match result {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(said) => {
            eprintln!("{said}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a config on it, twice, and the contract.
fn tried(folder: &std::path::Path) -> Result<String, String> {
    let wrong = |error: io::Error| error.to_string();
    std::fs::create_dir_all(folder).map_err(wrong)?;
    std::fs::write(folder.join("people.yaml"), CONFIG).map_err(wrong)?;
    std::fs::write(folder.join("people.csv"), "id,name\n1,Ana\n2,Bo\n").map_err(wrong)?;
    let world = World::real().with_storage(MemoryFactory::default());
    let engine = Engine::open(folder, world.clone());
    for expected in [Outcome::Written, Outcome::Unchanged] {
        let report = engine.run(RunRequest::default(), &mut |_| {}).map_err(|error| error.message)?;
        for step in &report.steps {
            if step.outcome != expected || step.rows.0 != 2 {
                return Err(format!("{expected:?} was expected, and this came: {step:?}"));
            }
        }
    }
    let store = medallion_core::ext::store_of(&world, folder, "people.yaml")?;
    let passed = contract::run(&store, "contract", Effort::default())
        .map_err(|broken| broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let things: usize = passed.iter().map(|one| one.count).sum();
    Ok(format!("memory: {} checks of the contract passed, {things} things looked at; two runs went well", passed.len()))
}
