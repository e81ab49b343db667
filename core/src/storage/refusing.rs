//! A store that cannot be asked, because something that is needed for it is not there: every call says
//! so, and nothing lands anywhere else by mistake.

use super::failure::Failure;
use super::{Entry, Hold, Key, Life, Opened, Place, StorageError, Store, Upload};

/// See the module.
#[derive(Debug)]
pub(super) struct RefusingStore {
    /// As a person would name it: `s3://bucket`.
    pub(super) address: String,
    /// What is missing.
    pub(super) failure: Failure,
}

impl RefusingStore {
    fn read<T>(&self, key: &Key) -> Result<T, StorageError> {
        Err(StorageError::Read { place: self.place(key), source: self.failure.clone().into_io() })
    }
    fn write<T>(&self, key: &Key) -> Result<T, StorageError> {
        Err(StorageError::Write { place: self.place(key), source: self.failure.clone().into_io() })
    }
}

impl Store for RefusingStore {
    fn create(&self, key: &Key) -> Result<Box<dyn Upload>, StorageError> {
        self.write(key)
    }
    fn settle(&self, _: &[Key]) -> Result<(), StorageError> {
        self.write(&Key::root())
    }
    fn put_new(&self, key: &Key, _: &[u8], _: &str) -> Result<(), StorageError> {
        self.write(key)
    }
    fn replace(&self, key: &Key, _: &[u8], _: &str) -> Result<(), StorageError> {
        self.write(key)
    }
    fn read(&self, key: &Key) -> Result<Vec<u8>, StorageError> {
        self.read(key)
    }
    fn open(&self, key: &Key) -> Result<Opened, StorageError> {
        self.read(key)
    }
    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError> {
        self.read(folder)
    }
    fn remove(&self, key: &Key) -> Result<(), StorageError> {
        self.write(key)
    }
    fn remove_if_empty(&self, folder: &Key) -> Result<(), StorageError> {
        self.write(folder)
    }
    fn hold(&self, key: &Key, _: u64) -> Result<Box<dyn Hold>, StorageError> {
        self.write(key)
    }
    fn life(&self, key: &Key) -> Result<Life, StorageError> {
        self.read(key)
    }
    fn place(&self, key: &Key) -> Place {
        let address = &self.address;
        Place::Remote(if *key == Key::root() { address.clone() } else { format!("{address}/{key}") })
    }
}
