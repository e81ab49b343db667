//! A store of a kind that this version cannot reach: every call fails and says so, so that nothing
//! lands anywhere else by mistake.

use std::path::PathBuf;

use super::{Entry, Hold, Key, StorageError, Store, Upload};

/// See above.
#[derive(Debug)]
pub(super) struct UnavailableStore {
    /// As written in configs.
    pub(super) backend: &'static str,
    /// As a person would name it: `s3://bucket`.
    pub(super) address: String,
}

impl UnavailableStore {
    const fn refuse<T>(&self) -> Result<T, StorageError> {
        Err(StorageError::Unavailable { backend: self.backend })
    }
}

impl Store for UnavailableStore {
    fn create(&self, _: &Key) -> Result<Box<dyn Upload>, StorageError> {
        self.refuse()
    }
    fn settle(&self, _: &[Key]) -> Result<(), StorageError> {
        self.refuse()
    }
    fn put_new(&self, _: &Key, _: &[u8], _: &str) -> Result<(), StorageError> {
        self.refuse()
    }
    fn replace(&self, _: &Key, _: &[u8], _: &str) -> Result<(), StorageError> {
        self.refuse()
    }
    fn read(&self, _: &Key) -> Result<Vec<u8>, StorageError> {
        self.refuse()
    }
    fn open(&self, _: &Key) -> Result<std::fs::File, StorageError> {
        self.refuse()
    }
    fn list(&self, _: &Key) -> Result<Vec<Entry>, StorageError> {
        self.refuse()
    }
    fn remove(&self, _: &Key) -> Result<(), StorageError> {
        self.refuse()
    }
    fn remove_if_empty(&self, _: &Key) -> Result<(), StorageError> {
        self.refuse()
    }
    fn hold(&self, _: &Key) -> Result<Box<dyn Hold>, StorageError> {
        self.refuse()
    }
    fn is_held(&self, _: &Key) -> Result<bool, StorageError> {
        self.refuse()
    }
    fn place(&self, key: &Key) -> PathBuf {
        format!("{}/{key}", self.address).into()
    }
}
