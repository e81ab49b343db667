//! Reads REST APIs.
//!
//! [`page`] says what is asked next, [`request`] makes it a request, [`auth`] proves who asks,
//! [`courier`] brings the answer, [`answer`] finds the records in it, [`harvest`] keeps all of that in
//! order, [`spool`] keeps what came, and [`feed`] gives it as records.

mod answer;
mod auth;
mod client;
mod courier;
mod error;
mod family;
mod feed;
mod fit;
mod harvest;
mod pace;
mod page;
mod request;
mod sieve;
mod spool;
#[cfg(test)]
mod tests;
mod veil;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::sync::mpsc::channel;
use url::Url;

pub(crate) use error::ApiError;

use super::records::objects::Objects;
use super::records::{self, About, Records, TextSource};
use super::scratch;
use super::threads::Threads;
use super::{ExtractError, ExtractRequest, Extraction, Extractor, SourceSummary};
use crate::batch::Cursor;
use crate::batch::cells::Reading;
use crate::config::settings::{ApiSource, Auth, KeyPlace, PageKind};
use crate::figures::hex;
use answer::Reader;
use auth::{Credentials, Secrets};
use courier::Courier;
use feed::{ApiFeed, Coming, Gathered};
use fit::Fit;
use harvest::{Address, Harvest, Kept, Plan};
use pace::Pace;
use request::Shape;
use sieve::Sieve;
use spool::{Role, Spool};
use veil::Veil;

/// The extractor of an API. What came of one opening serves the next, as long as it asks for the same.
pub(super) struct ApiExtractor {
    source: ApiSource,
    opened: Mutex<Option<Opened>>,
}

/// What was asked for, and what came of it.
struct Opened {
    asked: String,
    gathered: Arc<Mutex<Gathered>>,
}

impl ApiExtractor {
    /// Asks nobody yet.
    pub(super) const fn new(source: ApiSource) -> Self {
        Self { source, opened: Mutex::new(None) }
    }

    /// What came of this request, or what is on its way.
    fn gathered(&self, request: &ExtractRequest) -> Result<Arc<Mutex<Gathered>>, ApiError> {
        let asked = format!("{} {:?} {:?} {:?}", request.run_date, request.since, request.limit, request.budget);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let usable = |opened: &&Opened| {
            let gathered = opened.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            opened.asked == asked && !gathered.failed
        };
        if let Some(known) = opened.as_ref().filter(usable) {
            return Ok(known.gathered.clone());
        }
        // The file of the one before is free for the next.
        *opened = None;
        let gathered = Arc::new(Mutex::new(self.begin(request)?));
        *opened = Some(Opened { asked, gathered: gathered.clone() });
        Ok(gathered)
    }

    /// Begins to ask, where an extract before this one ended too early.
    fn begin(&self, request: &ExtractRequest) -> Result<Gathered, ApiError> {
        let world = &request.world;
        let (courier, headers) = self.courier(request)?;
        let whole = request.limit.is_none() && request.budget.is_none();
        let key = whole.then(|| self.key(request, &courier.veil));
        let mut spool = Spool::open(
            &scratch::folder(world.env.as_ref()),
            key.as_deref(),
            world.clock.now(),
            world.entropy.as_ref(),
        )?;
        let kept = kept(&mut spool)?;
        let began = kept.front().map_or_else(|| world.clock.now(), |(head, _)| head.began);
        let plan = self.plan(request, headers, began)?;
        let threads = Threads::new().map_err(|source| ApiError::Threads { source })?;
        let (sender, pages) = channel(usize::try_from(request.conduct.pages_in_flight).unwrap_or(1).max(1));
        let harvest = Harvest::new(plan, Arc::new(courier), kept, spool.path().to_path_buf(), sender);
        if let Some(handle) = threads.handle() {
            handle.spawn(harvest.run());
        }
        let bell = Arc::new(Notify::new());
        let ring = bell.clone();
        request.cancel.on_cancel(move || ring.notify_one());
        let coming = Some(Coming { threads, pages });
        Ok(Gathered { coming, spool, cancel: request.cancel.clone(), bell, failed: false })
    }

    /// Who goes to the server, and the headers of every request. All secrets are there, or it is an error.
    fn courier(&self, request: &ExtractRequest) -> Result<(Courier, HeaderMap), ApiError> {
        let (source, world, conduct) = (&self.source, &request.world, &request.conduct);
        let own = match &source.auth {
            Auth::Bearer { header, .. } | Auth::Hmac { header, .. } => Some(header.clone()),
            Auth::ApiKey { place: KeyPlace::Header { name, .. }, .. } => Some(name.clone()),
            _ => None,
        };
        let named = source.headers.keys().chain(source.header_env_vars.keys()).cloned();
        let veil = Veil::new(named.chain(own).chain(["x-amz-security-token".to_owned()]));
        let mut secrets = Secrets::new(world.env.as_ref(), &veil);
        let credentials = Credentials::of(&source.auth, &mut secrets);
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in &source.headers {
            request::header(&mut headers, name, value.reveal())?;
        }
        let mut from_variables = Vec::new();
        for (name, variable) in &source.header_env_vars {
            from_variables.push((name, secrets.read(variable)));
        }
        secrets.complete()?;
        for (name, value) in from_variables {
            request::header(&mut headers, name, &value)?;
        }
        let timeout = Duration::try_from_secs_f64(conduct.timeout_seconds).unwrap_or(Duration::MAX);
        let client = client::client(&source.tls, timeout, world.env.as_ref())?;
        let address = Url::parse(&source.base_url).ok();
        let host = address.as_ref().and_then(|url| Some((url.host_str()?.to_owned(), url.port())));
        let host = match host {
            Some((host, Some(port))) => format!("{host}:{port}"),
            Some((host, None)) => host,
            None => String::new(),
        };
        let deadline = conduct
            .deadline_seconds
            .and_then(|seconds| Some((seconds, Instant::now().checked_add(Duration::from_secs(seconds))?)));
        let courier = Courier {
            client,
            credentials,
            pace: Pace::new(conduct.rate_limit_hz, conduct.rate_limit_burst, conduct.pages_in_flight),
            retry: conduct.retry,
            breaker: world.connections.breaker(&host),
            host,
            veil,
            observer: request.observer.clone(),
            clock: world.clock.clone(),
            entropy: world.entropy.clone(),
            deadline,
        };
        Ok((courier, headers))
    }

    fn plan(
        &self,
        request: &ExtractRequest,
        headers: HeaderMap,
        began: chrono::DateTime<chrono::Utc>,
    ) -> Result<Plan, ApiError> {
        let source = &self.source;
        let run_date = request.run_date.to_string();
        let sieve = source.incremental.as_ref().map(|spec| Sieve::new(spec, request.since.as_ref())).transpose()?;
        let mut shape = Shape::records(source, &run_date, headers)?;
        let windows = match &source.pagination.kind {
            PageKind::Window { start, .. } => Some(start.as_deref()),
            _ => None,
        };
        shape.bounds = sieve.as_ref().map(|sieve| sieve.bounds(began, windows.is_some())).unwrap_or_default();
        let stretch = match (windows, &sieve) {
            (None, _) => None,
            (Some(start), Some(sieve)) => Some(sieve.stretch(start, began)?),
            (Some(start), None) => {
                Some(page::Stretch { start: start.map(sieve::time).transpose()?.unwrap_or(began), end: began })
            }
        };
        let parents = match &source.parent {
            None => None,
            Some(parent) => {
                let reader = Reader::new(parent.data_path.as_deref(), &parent.pagination)?;
                let address = Address { shape: Arc::new(shape.parents(parent)), reader: Arc::new(reader) };
                Some((address, parent.clone()))
            }
        };
        let reader = Reader::new(shape.data_path.as_deref(), &shape.pagination)?;
        Ok(Plan {
            records: Address { shape: Arc::new(shape), reader: Arc::new(reader) },
            parents,
            stretch,
            sieve,
            fit: source.response_schema.as_deref().map(Fit::read).transpose()?,
            limit: request.limit,
            budget: request.budget,
            began,
        })
    }

    /// What an extract must have in common with one before it to go on with its pages.
    fn key(&self, request: &ExtractRequest, veil: &Veil) -> String {
        let meaning = serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "source": self.source,
            "date": request.run_date,
            "since": request.since,
            // Another token may be another customer.
            "secrets": veil.digest(),
        });
        hex(&Sha256::digest(meaning.to_string().as_bytes())[..16])
    }

    fn location(&self, request: &ExtractRequest) -> String {
        let headers = HeaderMap::new();
        Shape::records(&self.source, &request.run_date.to_string(), headers)
            .map_or_else(|_| String::new(), |shape| shape.location())
    }
}

/// The pages of an extract that ended too early, for going on behind them.
fn kept(spool: &mut Spool) -> Result<VecDeque<Kept>, ApiError> {
    let mut kept = VecDeque::new();
    for number in 0..spool.len() {
        let Some(frame) = spool.read(number)? else { break };
        let parents = frame.head.role == Role::Parents;
        kept.push_back((frame.head, parents.then_some(frame.records)));
    }
    Ok(kept)
}

impl Extractor for ApiExtractor {
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        let location = self.location(request);
        let opening = Opening {
            gathered: self.gathered(request)?,
            name: PathBuf::from(&location),
            location,
            since: request.since.clone(),
            param: self.source.incremental.as_ref().and_then(|spec| spec.param.clone()).unwrap_or_default(),
            reading: Reading::typed(request.timezone),
        };
        records::open(opening, request)
    }

    fn landed(&self) {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = opened.as_ref() {
            opened.gathered.lock().unwrap_or_else(PoisonError::into_inner).spool.keep = false;
        }
    }
}

/// What was gathered, as a source of records.
struct Opening {
    gathered: Arc<Mutex<Gathered>>,
    location: String,
    name: PathBuf,
    since: Option<Cursor>,
    param: String,
    reading: Reading,
}

impl TextSource for Opening {
    fn about(&self) -> About<'_> {
        let name: &Path = &self.name;
        let summary = SourceSummary { kind: "api", location: self.location.clone(), format: "json", bytes: 0 };
        About { name, columns: None, limit: None, summary }
    }
    fn reading(&self) -> &Reading {
        &self.reading
    }
    fn start(&self, known: &[String]) -> Result<Box<dyn Records>, ExtractError> {
        let feed = ApiFeed::new(self.gathered.clone(), self.location.clone(), self.since.clone(), self.param.clone());
        Ok(Box::new(Objects::new(feed, known)))
    }
    fn grows(&self) -> bool {
        true
    }
}
