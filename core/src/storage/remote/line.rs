//! One HTTP request with everything that may go wrong on its way: time limits, tries again with
//! chance in their pauses, the wishes of the service (`Retry-After`), the circuit breaker, and typed
//! refusals.
//!
//! Sits below `object_store`, whose own tries are switched off. Answers are read whole before they are
//! passed on, so that one that stalls or breaks off is asked for again; callers ask for bounded pieces, or
//! take what may be large [`AsItComes`].

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use http::response::Parts;
use http::{HeaderMap, Method, StatusCode};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    ReqwestConnector,
};
use tokio::time::timeout;

use super::super::Patience;
use super::super::failure::{Cause, Failure};
use super::breaker::Breakers;
use super::refusal::{self, Dialect};
use crate::world::{Clock, Entropy};

/// A body is thought to travel at least this fast, bytes a second.
const SLOWEST: u64 = 64 * 1024;
/// Metadata services of clouds are near or not there at all.
const NEAR: Duration = Duration::from_secs(2);
/// What it means when they are not there.
const NO_IDENTITY: &str =
    "no credentials were found: no variables, no profile, and this machine has no identity of the cloud";

/// What all lines of a process share.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) patience: Patience,
    pub(super) breakers: Arc<Breakers>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// Makes lines that speak to one kind of service.
#[derive(Debug)]
pub(super) struct Connector {
    pub(super) exchange: Exchange,
    pub(super) dialect: Dialect,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Line { inner, exchange: self.exchange.clone(), dialect: self.dialect }))
    }
}

impl Connector {
    /// Speaks through this client.
    pub(super) fn over(self, inner: HttpClient) -> HttpClient {
        HttpClient::new(Line { inner, exchange: self.exchange, dialect: self.dialect })
    }
}

/// Put among the extensions of a request for a range: who asks can deal with a server that knows no ranges
/// and gives everything, with one that sends it elsewhere, and with one that has nothing in that range.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsItComes;

#[derive(Debug)]
struct Line {
    inner: HttpClient,
    exchange: Exchange,
    dialect: Dialect,
}

/// What became of one try.
enum Try {
    /// An answer to pass on.
    Answer(Parts, HttpResponseBody),
    /// No answer to pass on.
    Refused(Refused),
}

/// What a try that went wrong says.
struct Refused {
    failure: Failure,
    /// Whether the next try may go better.
    again: bool,
    /// Whether the service may have done what was asked.
    unsure: bool,
    /// How long the service wants to be left alone.
    wish: Option<Duration>,
    /// Whether a service answered at all, and was well.
    well: bool,
}

fn stop(failure: Failure) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, failure)
}

#[async_trait]
impl HttpService for Line {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let Exchange { patience, breakers, .. } = &self.exchange;
        let host = request.uri().authority().map_or_else(String::new, |authority| host_of(authority.as_str()));
        let breaker = breakers.of(&host);
        if let Err(left) = breaker.admit(Instant::now(), patience) {
            let until = self.exchange.clock.now() + chrono::TimeDelta::from_std(left).unwrap_or_default();
            return Err(stop(Failure::new(Cause::CircuitOpen(until)).host(host)));
        }
        let near = host.starts_with("169.254.") || host.starts_with("metadata.google.");
        let tries = if near { 1 } else { patience.tries.max(1) };
        let conditional = ["if-none-match", "x-goog-if-generation-match"];
        let conditional =
            *request.method() == Method::PUT && conditional.iter().any(|name| request.headers().contains_key(*name));
        let mut unsure = false;
        let mut tried = 0;
        loop {
            tried += 1;
            let refused = match self.once(request.clone(), &host, near, conditional).await {
                Try::Answer(parts, body) => {
                    breaker.answered();
                    return Ok(HttpResponse::from_parts(parts, body));
                }
                Try::Refused(refused) => refused,
            };
            if refused.well {
                breaker.answered();
            }
            let mut failure = refused.failure;
            failure.tries = tried;
            if !refused.again {
                // What stands there may be what an earlier try put, of which we never heard.
                if unsure && failure.cause == Cause::Exists {
                    failure.cause = Cause::Unsure;
                }
                return Err(stop(failure));
            }
            unsure |= conditional && refused.unsure;
            let pause = refused.wish.unwrap_or_default().max(self.pause(tried));
            if tried >= tries || refused.wish.is_some_and(|wish| wish > patience.longest_wish) {
                if !refused.well {
                    breaker.failed(Instant::now(), patience);
                }
                return Err(stop(failure));
            }
            tokio::time::sleep(pause).await;
        }
    }
}

impl Line {
    /// The pause after so many tries: doubled each time, a fifth longer or shorter by chance.
    fn pause(&self, tried: u32) -> Duration {
        let Exchange { patience, entropy, .. } = &self.exchange;
        let doubled = patience.pause.saturating_mul(1 << tried.saturating_sub(1).min(16));
        let chance = u8::from_str_radix(entropy.id().get(..2).unwrap_or_default(), 16).unwrap_or(128);
        doubled.min(patience.longest_pause).mul_f64(0.8 + 0.4 * f64::from(chance) / 255.0)
    }

    async fn once(&self, request: HttpRequest, host: &str, near: bool, conditional: bool) -> Try {
        let patience = &self.exchange.patience;
        let sent = request.body().content_length() as u64;
        let limit = if near { NEAR } else { patience.answer + Duration::from_secs(sent / SLOWEST) };
        let method = request.method().clone();
        let as_it_comes = request.extensions().get::<AsItComes>().is_some();
        // S3 may answer 200 and tell in the body that it failed after all.
        let may_fail_late = self.dialect == Dialect::S3
            && method == Method::POST
            && request.uri().query().is_some_and(|query| query.contains("uploadId"));
        let refused = |failure: Failure, unsure: bool| {
            Try::Refused(Refused { failure: failure.host(host), again: true, unsure, wish: None, well: false })
        };
        let response = match timeout(limit, self.inner.execute(request)).await {
            Err(_) | Ok(Err(_)) if near => {
                let failure = Failure::new(Cause::Setup(NO_IDENTITY.to_owned()));
                return Try::Refused(Refused { failure, again: false, unsure: false, wish: None, well: true });
            }
            Err(_) => {
                let said = format!("no answer in {} s", limit.as_secs());
                return refused(Failure::new(Cause::Unreachable).said(said), true);
            }
            Ok(Err(error)) => {
                let cause = transport(&error);
                let certificate = cause == Cause::Certificate;
                let unsure = error.kind() != HttpErrorKind::Connect;
                let failure = Failure::new(cause).said(innermost(&error)).host(host);
                // A certificate does not get better by asking again.
                return Try::Refused(Refused { failure, again: !certificate, unsure, wish: None, well: certificate });
            }
            Ok(Ok(response)) => response,
        };
        let (parts, body) = response.into_parts();
        let status = parts.status;
        if as_it_comes
            && (status == StatusCode::OK || status.is_redirection() || status == StatusCode::RANGE_NOT_SATISFIABLE)
        {
            return Try::Answer(parts, body);
        }
        let body = match self.whole(&method, &parts, body).await {
            Ok(body) => body,
            Err(said) => return refused(Failure::new(Cause::Broken).said(said), true),
        };
        if parts.status.is_success() {
            if may_fail_late && refusal::service_code(&parts.headers, &body).is_some() {
                let said = refusal::service_code(&parts.headers, &body).unwrap_or_default();
                return refused(Failure::new(Cause::Broken).said(said), true);
            }
            return Try::Answer(parts, body.into());
        }
        let failure = refusal::judge(self.dialect, parts.status, &parts.headers, &body, conditional).host(host);
        let failed = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
        let again = matches!(failure.cause, Cause::Throttled | Cause::Broken | Cause::Unsure);
        let wish = self.wish(&parts.headers);
        Try::Refused(Refused { failure, again, unsure: failed, wish, well: !again })
    }

    /// The whole body, each piece of which came in time.
    async fn whole(&self, method: &Method, parts: &Parts, body: HttpResponseBody) -> Result<Bytes, String> {
        let expected = parts.headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let mut whole = BytesMut::with_capacity(expected.unwrap_or_default().min(1 << 23));
        let mut pieces = body.bytes_stream();
        loop {
            match timeout(self.exchange.patience.idle, pieces.next()).await {
                Err(_) => return Err(format!("the answer stalled after {} bytes", whole.len())),
                Ok(None) => break,
                Ok(Some(Err(error))) => {
                    return Err(format!("the answer broke off after {} bytes: {}", whole.len(), innermost(&error)));
                }
                Ok(Some(Ok(piece))) => whole.extend_from_slice(&piece),
            }
        }
        match expected {
            Some(expected) if *method != Method::HEAD && expected != whole.len() => {
                Err(format!("the answer has {} bytes of {expected}", whole.len()))
            }
            _ => Ok(whole.freeze()),
        }
    }

    /// What `Retry-After` asks for: seconds, or a time by the clock of the service.
    fn wish(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let wish = text("retry-after")?;
        if let Ok(seconds) = wish.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        let time = |text: &str| Some(DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc));
        let now = text("date").and_then(time).unwrap_or_else(|| self.exchange.clock.now());
        (time(wish)? - now).to_std().ok()
    }
}

/// Host and port, without a user.
fn host_of(authority: &str) -> String {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_owned()
}

/// What kept a request from being answered.
fn transport(error: &HttpError) -> Cause {
    let mut current: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = current {
        let text = cause.to_string().to_ascii_lowercase();
        if text.contains("certificate") || text.contains("unknownissuer") {
            return Cause::Certificate;
        }
        current = cause.source();
    }
    Cause::Unreachable
}

/// The last cause of an error: what the system said. Addresses were taken out by the client.
pub(super) fn innermost(error: &HttpError) -> String {
    let mut current: &(dyn Error + 'static) = error;
    while let Some(cause) = current.source() {
        current = cause;
    }
    current.to_string()
}
