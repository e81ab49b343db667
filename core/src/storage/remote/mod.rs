//! Object stores: S3, Azure Storage and Google Cloud Storage through one client, blocking on the
//! outside; and files at addresses of the web.
//!
//! The only place of the engine with async code, on a runtime of its own. Owns connections and circuit
//! breakers; knows nothing of partitions or commits.

mod azure;
mod blob;
mod breaker;
mod gcs;
mod line;
mod listing;
mod profile;
mod proxies;
mod refusal;
mod s3;
mod store;
mod upload;
mod web;

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use object_store::path::Path;
use object_store::{ClientOptions, RetryConfig};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use super::failure::{Cause, Failure};
use super::refusing::RefusingStore;
use super::{Key, Patience, Store};
use crate::config::settings::{AzureCredential, EnvVar, Named, StorageSettings};
use crate::figures::hex;
use crate::world::{Environment, World};
pub(crate) use breaker::Breaker;
use breaker::Breakers;
use line::{Connector, Exchange};
pub(crate) use proxies::proxies;
use refusal::Dialect;
pub(super) use store::RemoteStore;
use store::{Client, Kind};
pub(crate) use web::{Web, shown};

/// Credentials that stand in files may change while a program runs for days.
const KEPT: Duration = Duration::from_mins(5);

/// Connections of a process: stores, the threads that serve them, and circuit breakers. Cloning shares
/// them; what is not used costs nothing.
#[derive(Clone, Default)]
pub(crate) struct Connections(Arc<Shared>);

#[derive(Default)]
struct Shared {
    patience: Patience,
    threads: Mutex<Option<Arc<Threads>>>,
    breakers: Arc<Breakers>,
    stores: Mutex<HashMap<String, (Instant, RemoteStore)>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("patience", &self.0.patience).finish_non_exhaustive()
    }
}

impl Connections {
    /// New ones that wait as long as this.
    pub(crate) fn with_patience(patience: Patience) -> Self {
        Self(Arc::new(Shared { patience, ..Shared::default() }))
    }

    /// How long is waited.
    pub(crate) fn patience(&self) -> Patience {
        self.0.patience
    }

    /// The circuit breaker of a host, the same for all that ask it.
    pub(crate) fn breaker(&self, host: &str) -> Arc<Breaker> {
        self.0.breakers.of(host)
    }

    fn threads(&self) -> io::Result<Arc<Threads>> {
        let mut threads = self.0.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(threads) = &*threads {
            return Ok(threads.clone());
        }
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("storage").enable_all().build()?;
        let new = Arc::new(Threads(Some(runtime)));
        *threads = Some(new.clone());
        Ok(new)
    }

    /// The store that these settings describe; the same one for the same settings and credentials.
    pub(super) fn open(&self, settings: &StorageSettings, world: &World) -> Arc<dyn Store> {
        let key = identity(settings, world.env.as_ref());
        let mut stores = self.0.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.retain(|_, (since, _)| since.elapsed() < KEPT);
        if let Some((_, store)) = stores.get(&key) {
            return Arc::new(store.clone());
        }
        match self.connect(settings, world) {
            Ok(store) => {
                stores.insert(key, (Instant::now(), store.clone()));
                Arc::new(store)
            }
            Err(failure) => Arc::new(RefusingStore { address: settings.address(), failure }),
        }
    }

    fn exchange(&self, world: &World) -> Exchange {
        Exchange {
            patience: self.0.patience,
            breakers: self.0.breakers.clone(),
            clock: world.clock.clone(),
            entropy: world.entropy.clone(),
        }
    }

    fn connect(&self, settings: &StorageSettings, world: &World) -> Result<RemoteStore, Failure> {
        let threads = self.threads().map_err(|error| setup(format!("no threads for storage: {error}")))?;
        let exchange = self.exchange(world);
        let around = Surroundings { environment: world.env.as_ref(), exchange };
        // Only a service that nobody vouches for has to show that it keeps its promises.
        let (client, vouched) = match settings {
            StorageSettings::Local { .. } | StorageSettings::Custom { .. } => {
                return Err(setup("this is no object store".to_owned()));
            }
            StorageSettings::S3 { bucket, connection, .. } => {
                (Client::s3(s3::connect(bucket, connection, &around)?), connection.endpoint.is_none())
            }
            StorageSettings::Azure { container, connection, .. } => {
                (Client::azure(azure::connect(container, connection, &around)?), connection.account_url.is_none())
            }
            StorageSettings::Gcs { bucket, connection, .. } => {
                (Client::gcs(gcs::connect(bucket, connection, &around)?), connection.endpoint.is_none())
            }
        };
        let kind = Kind { address: settings.address(), vouched, patience: self.0.patience };
        Ok(RemoteStore::new(client, kind, threads, world.entropy.clone()))
    }

    /// A store in memory that goes through the same code, for tests.
    #[cfg(test)]
    pub(crate) fn memory(&self, world: &World) -> Arc<dyn Store> {
        let kind = Kind { address: "memory://test".into(), vouched: false, patience: self.0.patience };
        let client = Client::memory(Arc::new(object_store::memory::InMemory::new()));
        Arc::new(RemoteStore::new(client, kind, self.threads().expect("threads"), world.entropy.clone()))
    }
}

/// The threads that serve requests. They end with the last store.
#[derive(Debug)]
struct Threads(Option<Runtime>);

impl Threads {
    /// Starts work; its result comes by the receiver, which hears nothing if the work was lost.
    fn start<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Receiver<T> {
        let (send, receive) = sync_channel(1);
        if let Some(runtime) = &self.0 {
            drop(runtime.spawn(async move {
                // Nobody may be waiting any more.
                drop(send.send(work.await));
            }));
        }
        receive
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Who drops it may be on a thread that must not wait.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What connections are made with.
struct Surroundings<'a> {
    environment: &'a dyn Environment,
    exchange: Exchange,
}

impl Surroundings<'_> {
    fn connector(&self, dialect: Dialect) -> Connector {
        Connector { exchange: self.exchange.clone(), dialect }
    }

    /// Options of the HTTP client. Time limits are ours.
    fn options(&self, endpoint: Option<&str>) -> ClientOptions {
        ClientOptions::new()
            .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
            .with_timeout_disabled()
            .with_connect_timeout(self.exchange.patience.connect)
            .with_pool_idle_timeout(Duration::from_secs(30))
    }
}

/// Tries again are ours: they know `Retry-After` and the circuit breaker.
fn no_tries() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

/// What is needed to ask is not there.
fn setup(what: String) -> Failure {
    Failure::new(Cause::Setup(what))
}

/// Settings that the client does not take.
fn misfit(error: &object_store::Error) -> Failure {
    setup(format!("the connection cannot be made: {}", plainly(error)))
}

/// A request was lost with the threads that served it.
fn lost() -> io::Error {
    io::Error::other("the request was lost")
}

/// A key as the client takes it, letter by letter.
fn path_of(key: &Key) -> object_store::Result<Path> {
    Ok(Path::parse(key.as_str())?)
}

/// Our own refusal in the causes of an error of the client.
fn failure_of(error: &object_store::Error) -> Option<&Failure> {
    let mut current: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = current {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return Some(failure);
        }
        current = cause.source();
    }
    None
}

/// Why the client refused.
fn failure(error: &object_store::Error) -> Failure {
    use object_store::Error as Client;
    if let Some(failure) = failure_of(error) {
        return failure.clone();
    }
    let cause = match error {
        Client::NotFound { .. } => Cause::Missing,
        Client::AlreadyExists { .. } => Cause::Exists,
        Client::Precondition { .. } | Client::NotModified { .. } => Cause::Changed,
        Client::PermissionDenied { .. } => Cause::Refused,
        Client::Unauthenticated { .. } => Cause::WrongKey,
        Client::InvalidPath { .. } => Cause::BadName,
        other if other.to_string().contains("AccessDenied") => Cause::Refused,
        _ => Cause::Broken,
    };
    let said = if cause == Cause::Broken { plainly(error) } else { String::new() };
    Failure::new(cause).said(said)
}

/// What an error says, in one line without addresses, since they may be signed.
fn plainly(error: &object_store::Error) -> String {
    let text = error.to_string();
    let words = text.split_whitespace().map(|word| if word.contains("://") { "(address)" } else { word });
    let mut line = words.collect::<Vec<_>>().join(" ");
    if line.len() > 200 {
        let end = (0..=200).rev().find(|end| line.is_char_boundary(*end)).unwrap_or_default();
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Tells stores apart: by their settings and by the credentials that stand in variables.
fn identity(settings: &StorageSettings, environment: &dyn Environment) -> String {
    let mut text = match settings {
        StorageSettings::Local { .. } | StorageSettings::Custom { .. } => format!("{settings:?}"),
        StorageSettings::S3 { bucket, connection, .. } => format!("{bucket:?}{connection:?}"),
        StorageSettings::Azure { container, connection, .. } => format!("{container:?}{connection:?}"),
        StorageSettings::Gcs { bucket, connection, .. } => format!("{bucket:?}{connection:?}"),
    };
    let mut named: Vec<&EnvVar> = Vec::new();
    match settings {
        StorageSettings::Local { .. } | StorageSettings::Custom { .. } => {}
        StorageSettings::S3 { connection, .. } => {
            named.extend([&connection.access_key, &connection.secret_key]);
            named.extend(&connection.session_token);
            if let Some(Named::Variable(variable)) = &connection.endpoint {
                named.push(variable);
            }
        }
        StorageSettings::Azure { connection, .. } => {
            match &connection.credential {
                AzureCredential::ConnectionString(variable)
                | AzureCredential::AccountKey(variable)
                | AzureCredential::Sas(variable)
                | AzureCredential::ServicePrincipal { secret: variable, .. } => named.push(variable),
                AzureCredential::ManagedIdentity { .. } | AzureCredential::Default => {}
            }
            if let Some(Named::Variable(variable)) = &connection.account {
                named.push(variable);
            }
        }
        StorageSettings::Gcs { connection, .. } => {
            if let Some(Named::Variable(variable)) = &connection.credentials {
                named.push(variable);
            }
        }
    }
    for variable in named {
        text += &format!("\n{}={:?}", variable.name(), variable.value(environment));
    }
    let of_the_clouds = ["AWS_", "AZURE_", "GOOGLE_", "IDENTITY_", "HOME", "USERPROFILE"];
    for name in environment.names() {
        if of_the_clouds.iter().any(|prefix| name.starts_with(prefix)) {
            text += &format!("\n{name}={:?}", environment.var(&name));
        }
    }
    // Credentials are not kept, only whether they are the same.
    hex(&Sha256::digest(text.as_bytes()))
}
