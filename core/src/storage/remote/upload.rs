//! A file on its way into an object store: whole if it is small, in parts if it is not, with bounded
//! memory. Nothing has its name before [`Upload::finish`].

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::Receiver;

use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};

use super::{RemoteStore, failure, lost};
use crate::storage::failure::{Cause, Failure};
use crate::storage::{Key, StorageError, Upload};

/// Bytes of the first parts. Stores take none smaller than 5 MiB, but for the last.
const PART: usize = 8 << 20;
/// After so many parts they become twice as large, since a file has 10,000 at most.
const PARTS_OF_A_SIZE: usize = 2000;
/// Parts on their way at a time.
const IN_FLIGHT: usize = 3;

pub(super) struct RemoteUpload {
    store: RemoteStore,
    key: Key,
    path: Path,
    buffer: Vec<u8>,
    total: u64,
    parts: usize,
    upload: Option<Box<dyn MultipartUpload>>,
    running: VecDeque<Receiver<object_store::Result<()>>>,
}

impl RemoteUpload {
    pub(super) const fn new(store: RemoteStore, key: Key, path: Path) -> Self {
        Self { store, key, path, buffer: Vec::new(), total: 0, parts: 0, upload: None, running: VecDeque::new() }
    }

    fn part_size(&self) -> usize {
        PART << (self.parts / PARTS_OF_A_SIZE).min(8)
    }

    fn send(&mut self) -> io::Result<()> {
        while self.running.len() >= IN_FLIGHT {
            self.join_one()?;
        }
        let bytes = std::mem::take(&mut self.buffer);
        let mut upload = if let Some(upload) = self.upload.take() {
            upload
        } else {
            let (objects, path) = (self.store.objects(), self.path.clone());
            let begun = self.store.wait(async move { objects.put_multipart(&path).await })?;
            begun.map_err(|error| failure(&error).into_io())?
        };
        let part = upload.put_part(PutPayload::from(bytes));
        self.upload = Some(upload);
        self.parts += 1;
        self.running.push_back(self.store.start(part));
        Ok(())
    }

    fn join_one(&mut self) -> io::Result<()> {
        let Some(part) = self.running.pop_front() else { return Ok(()) };
        part.recv().map_err(|_| lost())?.map_err(|error| failure(&error).into_io())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.upload.is_none() {
            let (objects, path) = (self.store.objects(), self.path.clone());
            let bytes = PutPayload::from(std::mem::take(&mut self.buffer));
            let put = self.store.wait(async move { objects.put(&path, bytes).await })?;
            return put.map(drop).map_err(|error| failure(&error).into_io());
        }
        if !self.buffer.is_empty() {
            self.send()?;
        }
        while !self.running.is_empty() {
            self.join_one()?;
        }
        let Some(mut upload) = self.upload.take() else { return Ok(()) };
        let (ended, upload) = self.store.wait(async move { (upload.complete().await, upload) })?;
        let Err(error) = ended else { return Ok(()) };
        // A second try finds the upload gone if the first one ended it: the file is the proof. Its name
        // is ours alone.
        let (objects, path, total) = (self.store.objects(), self.path.clone(), self.total);
        let there = self.store.wait(async move { objects.head(&path).await })?;
        if there.is_ok_and(|there| there.size == total) {
            return Ok(());
        }
        self.upload = Some(upload);
        Err(match failure(&error) {
            Failure { cause: Cause::Missing, .. } => Failure::new(Cause::Broken).said("the upload is gone"),
            other => other,
        }
        .into_io())
    }
}

impl Write for RemoteUpload {
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len();
        while !bytes.is_empty() {
            let size = self.part_size();
            let fits = (size - self.buffer.len()).min(bytes.len());
            self.buffer.extend_from_slice(&bytes[..fits]);
            bytes = &bytes[fits..];
            if self.buffer.len() == size {
                self.send()?;
            }
        }
        self.total += taken as u64;
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for RemoteUpload {
    fn finish(mut self: Box<Self>) -> Result<(), StorageError> {
        self.end().map_err(|source| StorageError::Write { place: self.store.place_of(&self.key), source })
    }
}

impl Drop for RemoteUpload {
    fn drop(&mut self) {
        // Parts of an upload that is neither ended nor given up are kept, and paid for, for ever.
        let Some(mut upload) = self.upload.take() else { return };
        for part in std::mem::take(&mut self.running) {
            drop(part.recv());
        }
        drop(self.store.wait(async move { upload.abort().await }));
    }
}
