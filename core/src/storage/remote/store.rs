//! An object store as a [`Store`]: each call one or a few requests, waited for.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use object_store::aws::AmazonS3;
use object_store::gcp::GoogleCloudStorage;
use object_store::list::PaginatedListStore;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use super::azure::Container;
use super::blob::RemoteBlob;
use super::listing::{self, Continuations};
use super::upload::RemoteUpload;
use super::{Threads, failure, lost, path_of};
use crate::storage::failure::{Cause, Failure};
use crate::storage::lease::{self, StoreClock};
use crate::storage::{Entry, Hold, Key, Life, Opened, Page, Patience, Place, StorageError, Store, Upload};
use crate::world::Entropy;

/// How often a store may give a taken name again until it is not trusted.
const EXCLUSIVE_TRIES: usize = 3;

/// The client of a service, as the kinds of requests it can make.
#[derive(Clone)]
pub(super) struct Client {
    objects: Arc<dyn ObjectStore>,
    /// Lists in pages; the others list whole.
    pages: Option<Arc<dyn PaginatedListStore>>,
    /// Whether a listing can begin at any name.
    begins_anywhere: bool,
    azure: Option<Container>,
}

impl Client {
    pub(super) fn s3(client: AmazonS3) -> Self {
        let client = Arc::new(client);
        Self { objects: client.clone(), pages: Some(client), begins_anywhere: true, azure: None }
    }
    pub(super) fn gcs(client: GoogleCloudStorage) -> Self {
        let client = Arc::new(client);
        Self { objects: client.clone(), pages: Some(client), begins_anywhere: true, azure: None }
    }
    pub(super) fn azure(container: Container) -> Self {
        let client = container.client.clone();
        Self { objects: client.clone(), pages: Some(client), begins_anywhere: false, azure: Some(container) }
    }
    #[cfg(test)]
    pub(super) fn memory(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects, pages: None, begins_anywhere: false, azure: None }
    }
}

/// What is known of a store before it is asked.
pub(super) struct Kind {
    /// As a person would name it: `s3://bucket`.
    pub(super) address: String,
    /// Whether it is known to keep the promises that commits need.
    pub(super) vouched: bool,
    pub(super) patience: Patience,
}

/// See the module. Cloning shares everything.
#[derive(Clone)]
pub(crate) struct RemoteStore(Arc<Inner>);

struct Inner {
    client: Client,
    kind: Kind,
    threads: Arc<Threads>,
    entropy: Arc<dyn Entropy>,
    clock: StoreClock,
    continuations: Arc<Continuations>,
    /// It was seen to refuse a name that is taken.
    exclusive: OnceLock<()>,
}

impl fmt::Debug for RemoteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteStore").field(&self.0.kind.address).finish()
    }
}

impl RemoteStore {
    pub(super) fn new(client: Client, kind: Kind, threads: Arc<Threads>, entropy: Arc<dyn Entropy>) -> Self {
        Self(Arc::new(Inner {
            client,
            kind,
            threads,
            entropy,
            clock: StoreClock::default(),
            continuations: Arc::default(),
            exclusive: OnceLock::new(),
        }))
    }

    pub(super) fn objects(&self) -> Arc<dyn ObjectStore> {
        self.0.client.objects.clone()
    }

    pub(super) fn start<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Receiver<T> {
        self.0.threads.start(work)
    }

    pub(super) fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
        self.start(work).recv().map_err(|_| lost())
    }

    pub(super) fn place_of(&self, key: &Key) -> Place {
        let address = &self.0.kind.address;
        Place::Remote(if *key == Key::root() { address.clone() } else { format!("{address}/{key}") })
    }

    /// A request that reads.
    fn reading<T: Send + 'static>(
        &self,
        key: &Key,
        work: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> Result<T, StorageError> {
        let place = || self.place_of(key);
        let done = self.wait(work).map_err(|source| StorageError::Read { place: place(), source })?;
        done.map_err(|error| match failure(&error) {
            Failure { cause: Cause::Missing, .. } => StorageError::Missing { place: place() },
            other => StorageError::Read { place: place(), source: other.into_io() },
        })
    }

    /// A request that writes.
    fn writing<T: Send + 'static>(
        &self,
        key: &Key,
        work: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> Result<T, StorageError> {
        let place = || self.place_of(key);
        let done = self.wait(work).map_err(|source| StorageError::Write { place: place(), source })?;
        done.map_err(|error| match failure(&error) {
            Failure { cause: Cause::Exists, .. } => StorageError::Exists { place: place() },
            other => StorageError::Write { place: place(), source: other.into_io() },
        })
    }

    fn path(&self, key: &Key) -> Result<Path, StorageError> {
        path_of(key).map_err(|error| {
            let source = failure(&error).into_io();
            StorageError::Write { place: self.place_of(key), source }
        })
    }

    /// A store that gives a taken name again would lose commits, so it is not written to at all.
    fn prove_exclusive(&self, folder: &Key) -> Result<(), StorageError> {
        if self.0.kind.vouched || self.0.exclusive.get().is_some() {
            return Ok(());
        }
        let mut last = Failure::new(Cause::NotExclusive).into_io();
        for _ in 0..EXCLUSIVE_TRIES {
            let id = self.0.entropy.id();
            // Named as a staged copy, so that a sweep takes it should we die here.
            let key = folder.join(&format!(".first-{id}.tmp"));
            let second = self.put_new(&key, b"first", &id).and_then(|()| self.put_new(&key, b"second", &id));
            self.remove(&key)?;
            match second {
                Err(StorageError::Exists { .. }) => {
                    self.0.exclusive.get_or_init(|| ());
                    return Ok(());
                }
                // An answer was lost, and with it what it would have shown.
                Err(StorageError::Write { source, .. })
                    if Failure::of(&source).is_some_and(|failure| failure.cause == Cause::Unsure) =>
                {
                    last = source;
                }
                Err(other) => return Err(other),
                // Another run's sweep may have taken the first one, if we were paused in between.
                Ok(()) => {}
            }
        }
        Err(StorageError::Write { place: self.place_of(folder), source: last })
    }
}

impl Store for RemoteStore {
    fn create(&self, key: &Key) -> Result<Box<dyn Upload>, StorageError> {
        Ok(Box::new(RemoteUpload::new(self.clone(), key.clone(), self.path(key)?)))
    }

    fn settle(&self, _: &[Key]) -> Result<(), StorageError> {
        Ok(())
    }

    fn put_new(&self, key: &Key, bytes: &[u8], _attempt: &str) -> Result<(), StorageError> {
        let (objects, path, payload) = (self.objects(), self.path(key)?, PutPayload::from(bytes.to_vec()));
        self.writing(key, async move { objects.put_opts(&path, payload, PutMode::Create.into()).await }).map(drop)
    }

    fn replace(&self, key: &Key, bytes: &[u8], _attempt: &str) -> Result<(), StorageError> {
        let (objects, path, payload) = (self.objects(), self.path(key)?, PutPayload::from(bytes.to_vec()));
        self.writing(key, async move { objects.put(&path, payload).await }).map(drop)
    }

    fn read(&self, key: &Key) -> Result<Vec<u8>, StorageError> {
        let (objects, path) = (self.objects(), self.path(key)?);
        self.reading(key, async move { objects.get(&path).await?.bytes().await }).map(Vec::from)
    }

    fn open(&self, key: &Key) -> Result<Opened, StorageError> {
        let (objects, path) = (self.objects(), self.path(key)?);
        let about = {
            let path = path.clone();
            self.reading(key, async move { objects.head(&path).await })?
        };
        Ok(Opened(Arc::new(RemoteBlob::object(self.clone(), path, about))))
    }

    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError> {
        self.reading(folder, listing::list(self.objects(), folder.clone()))
    }

    fn page(&self, folder: &Key, after: Option<&str>, limit: usize) -> Result<Page, StorageError> {
        let Some(pages) = self.0.client.pages.clone() else {
            return Ok(Page::of(self.list(folder)?, after, limit));
        };
        let (continuations, begins) = (self.0.continuations.clone(), self.0.client.begins_anywhere);
        let after = after.map(str::to_owned);
        self.reading(folder, listing::page(pages, continuations, folder.clone(), after, limit, begins))
    }

    fn remove(&self, key: &Key) -> Result<(), StorageError> {
        let path = self.path(key)?;
        let removed = if let Some(azure) = self.0.client.azure.clone() {
            self.writing(key, async move { azure.remove(&path).await })
        } else {
            let objects = self.objects();
            self.writing(key, async move { objects.delete(&path).await })
        };
        match removed {
            Err(StorageError::Write { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn remove_if_empty(&self, folder: &Key) -> Result<(), StorageError> {
        let Some(azure) = self.0.client.azure.clone() else { return Ok(()) };
        let path = self.path(folder)?;
        let removed = self.writing(folder, async move { azure.remove_folder(&path).await });
        let fine = |source: &io::Error| {
            Failure::of(source).is_some_and(|failure| matches!(failure.cause, Cause::Missing | Cause::Conflict))
        };
        match removed {
            // Gone already, or somebody put a file into it meanwhile.
            Err(StorageError::Write { source, .. }) if fine(&source) => Ok(()),
            other => other,
        }
    }

    fn hold(&self, key: &Key, plan: u64) -> Result<Box<dyn Hold>, StorageError> {
        self.prove_exclusive(&key.parent().unwrap_or_default())?;
        let store: Arc<dyn Store> = Arc::new(self.clone());
        lease::hold(&store, &self.0.clock, key, plan, self.0.kind.patience)
    }

    fn may_act_late(&self) -> bool {
        true
    }
    fn life(&self, key: &Key) -> Result<Life, StorageError> {
        lease::life(self, &self.0.clock, key, &self.0.entropy.id(), self.0.kind.patience)
    }

    fn place(&self, key: &Key) -> Place {
        self.place_of(key)
    }
}
