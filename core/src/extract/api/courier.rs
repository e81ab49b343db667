//! One request with everything that may go wrong on its way: time limits, tries again with chance in
//! their pauses, the wishes of the server, the circuit breaker, and typed refusals.
//!
//! Every try is told to the observer, without secrets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use encoding_rs::Encoding;
use http::{HeaderMap, Method, StatusCode};
use reqwest::{Client, Response};

use super::auth::Credentials;
use super::client::words;
use super::error::ApiError;
use super::pace::{Pace, wish};
use super::request::Prepared;
use super::veil::{HIDDEN, Veil};
use crate::config::settings::Retry;
use crate::extract::observe::{Exchange, Observer, Seen, Waiting};
use crate::storage::{Breaker, Patience};
use crate::world::{Clock, Entropy};

/// A server that wants to be left alone for longer is given up, unless there is a deadline.
const LONGEST_WISH: Duration = Duration::from_mins(5);
/// Of bodies that are shown.
const SHOWN: usize = 64 << 10;
/// An answer with more bytes is given up.
const LARGEST: usize = 512 << 20;

/// Takes requests to the server of a source.
#[derive(Debug)]
pub(super) struct Courier {
    pub(super) client: Client,
    pub(super) credentials: Credentials,
    pub(super) pace: Pace,
    pub(super) retry: Retry,
    pub(super) breaker: Arc<Breaker>,
    /// Host and port, for messages.
    pub(super) host: String,
    pub(super) veil: Veil,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// `run.deadline_seconds`, and when that is.
    pub(super) deadline: Option<(u64, Instant)>,
}

/// An answer with a status that says that all is well.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    /// As text in UTF-8.
    pub(super) body: String,
    /// What was asked, for people.
    pub(super) target: String,
}

/// Why an answer is none.
pub(super) enum Unread {
    /// It may be better the next time.
    Broken(ApiError),
    /// It will not.
    Useless(ApiError),
}

/// What became of one try.
enum Try {
    Answer(Answer),
    Refused(Refused),
}

struct Refused {
    error: ApiError,
    /// Whether the next try may go better.
    again: bool,
    /// How long the server wants to be left alone.
    wish: Option<Duration>,
    /// What is told of the wait for it.
    throttled: bool,
    /// Whether a server answered at all, and was well.
    well: bool,
}

impl Courier {
    /// The time of the world, for signatures.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Asks until there is an answer that `read` can read, or no hope. `page` counts from 1.
    pub(super) async fn ask<T>(
        &self,
        prepared: &Prepared,
        page: u64,
        read: impl Fn(&Answer) -> Result<(T, u64), Unread>,
    ) -> Result<T, ApiError> {
        let patience = self.patience();
        let (mut tried, mut renewed) = (0, false);
        loop {
            if let Err(left) = self.breaker.admit(Instant::now(), &patience) {
                self.observer.saw(Seen::Waiting(Waiting::Breaker, left));
                return Err(ApiError::Resting { host: self.host.clone(), left });
            }
            if let Some((wait, why)) = self.pace.reserve(Instant::now()) {
                self.wait(wait, why).await?;
            }
            tried += 1;
            let mut request = prepared.clone();
            self.credentials.apply(&mut request, self).await?;
            let mut seen = self.seen(&request, page, tried);
            let began = Instant::now();
            let outcome = self.once(&request, &mut seen).await;
            seen.took = began.elapsed();
            let refused = match outcome {
                Try::Answer(answer) => match read(&answer) {
                    Ok((value, records)) => {
                        seen.records = records;
                        self.tell(seen);
                        self.breaker.answered();
                        self.pace.well(Instant::now(), spent(&answer.headers, self.now()));
                        return Ok(value);
                    }
                    Err(Unread::Useless(error)) => {
                        seen.error = Some(error.to_string());
                        self.tell(seen);
                        self.breaker.answered();
                        return Err(error);
                    }
                    Err(Unread::Broken(error)) => {
                        Refused { error, again: true, wish: None, throttled: false, well: true }
                    }
                },
                Try::Refused(refused) => refused,
            };
            seen.error = Some(refused.error.to_string());
            self.tell(seen);
            if refused.well {
                self.breaker.answered();
            }
            if matches!(refused.error, ApiError::Unauthorized { .. }) && !renewed {
                renewed = true;
                if self.credentials.refused().await {
                    tried -= 1;
                    continue;
                }
            }
            self.pause(refused, tried, &patience).await?;
        }
    }

    /// Asks for a token; the body of the answer.
    pub(super) async fn token(&self, request: Prepared) -> Result<String, ApiError> {
        let patience = self.patience();
        let mut tried = 0;
        loop {
            tried += 1;
            let mut seen = self.seen(&request, 0, tried);
            let began = Instant::now();
            let outcome = self.once(&request, &mut seen).await;
            seen.took = began.elapsed();
            // Tokens are not known as secrets yet.
            seen.body = seen.body.map(|_| HIDDEN.to_owned());
            let refused = match outcome {
                Try::Answer(answer) => {
                    self.tell(seen);
                    return Ok(answer.body);
                }
                Try::Refused(refused) => refused,
            };
            let reason = match &refused.error {
                ApiError::Unauthorized { said_by, .. } => format!("it answers 401 {said_by}"),
                ApiError::Forbidden { said_by, .. } => format!("it answers 403 {said_by}"),
                ApiError::Status { status, said_by, .. } => format!("it answers {status} {said_by}"),
                ApiError::Unreachable { reason, .. } => reason.clone(),
                other => other.to_string(),
            };
            let error = ApiError::NoToken {
                target: request.shown.clone(),
                reason: reason.trim_end().to_owned(),
                transient: refused.again,
            };
            seen.error = Some(error.to_string());
            self.tell(seen);
            self.pause(Refused { error, ..refused }, tried, &patience).await?;
        }
    }

    fn patience(&self) -> Patience {
        Patience {
            breaker_failures: self.retry.breaker_failures,
            breaker_pause: Duration::try_from_secs_f64(self.retry.breaker_seconds).unwrap_or_default(),
            ..Patience::default()
        }
    }

    /// Waits before the next try, or gives up.
    async fn pause(&self, refused: Refused, tried: u32, patience: &Patience) -> Result<(), ApiError> {
        if refused.throttled {
            self.pace.slower(Instant::now(), refused.wish);
        }
        let left = self.deadline.map(|(_, until)| until.saturating_duration_since(Instant::now()));
        let too_long = refused.wish.is_some_and(|wish| wish > left.unwrap_or(LONGEST_WISH));
        if !refused.again || tried >= self.retry.max_attempts || too_long {
            if refused.again && !refused.well {
                self.breaker.failed(Instant::now(), patience);
            }
            return Err(match refused.error {
                ApiError::Unreachable { target, reason, .. } => ApiError::Unreachable { target, reason, tries: tried },
                other => other,
            });
        }
        let backoff = self.backoff(tried);
        match refused.wish.filter(|wish| *wish > backoff) {
            Some(wish) => self.wait(wish, Waiting::Asked).await,
            None => self.wait(backoff, Waiting::Retry(tried + 1)).await,
        }
    }

    /// The pause after so many tries: doubled each time, a fifth longer or shorter by chance.
    fn backoff(&self, tried: u32) -> Duration {
        let doubled = self.retry.base_seconds * f64::from(1_u32 << tried.saturating_sub(1).min(16));
        let chance = u8::from_str_radix(self.entropy.id().get(..2).unwrap_or_default(), 16).unwrap_or(128);
        let seconds = doubled.min(self.retry.max_seconds) * (0.8 + 0.4 * f64::from(chance) / 255.0);
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    async fn wait(&self, wait: Duration, why: Waiting) -> Result<(), ApiError> {
        if let Some((seconds, _)) =
            self.deadline.filter(|(_, until)| Instant::now().checked_add(wait).is_none_or(|end| end > *until))
        {
            return Err(ApiError::Deadline { seconds });
        }
        self.observer.saw(Seen::Waiting(why, wait));
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn once(&self, request: &Prepared, seen: &mut Exchange) -> Try {
        let target = &request.shown;
        let mut sent =
            self.client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        if let Some((seconds, until)) = self.deadline {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Try::Refused(last(ApiError::Deadline { seconds }));
            }
        }
        let response = match self.in_time(sent.send()).await {
            Err(error) => return Try::Refused(last(error)),
            Ok(Err(error)) => return Try::Refused(self.transport(error, target, &request.method)),
            Ok(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        seen.status = Some(status.as_u16());
        seen.headers = self.veil.headers(&headers);
        let body = match self.in_time(whole(response)).await {
            Err(error) => return Try::Refused(last(error)),
            Ok(Ok(body)) => body,
            Ok(Err(Broken::Transport(error))) => {
                return Try::Refused(self.transport(error, target, &request.method));
            }
            Ok(Err(Broken::TooLarge)) => {
                let reason = format!("its answer is larger than {} MiB", LARGEST >> 20);
                return Try::Refused(last(ApiError::NotJson { target: target.clone(), reason }));
            }
        };
        seen.bytes = body.len() as u64;
        let Some(body) = text(&headers, body) else {
            let reason = "bytes that are no text".to_owned();
            return Try::Refused(last(ApiError::NotJson { target: target.clone(), reason }));
        };
        seen.body = Some(self.veil.hide(&body[..body.floor_char_boundary(self.observer.body_limit())]));
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Try::Answer(Answer { headers, body, target: target.clone() });
        }
        Try::Refused(self.judge(status, &headers, &body, request))
    }

    /// Nothing takes longer than the whole extract may.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, ApiError> {
        let Some((seconds, until)) = self.deadline else { return Ok(work.await) };
        tokio::time::timeout_at(until.into(), work).await.map_err(|_| ApiError::Deadline { seconds })
    }

    /// What a status means.
    fn judge(&self, status: StatusCode, headers: &HeaderMap, body: &str, request: &Prepared) -> Refused {
        let target = request.shown.clone();
        let said_by = self.veil.said(body.as_bytes());
        let wish = wish(headers, self.now());
        let limited = status == StatusCode::TOO_MANY_REQUESTS
            || (status == StatusCode::FORBIDDEN && wish.is_some())
            || (status == StatusCode::SERVICE_UNAVAILABLE && wish.is_some());
        if limited {
            let error = ApiError::Throttled { target, wish };
            return Refused { error, again: true, wish, throttled: true, well: true };
        }
        if status.is_redirection() {
            let to = headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
            let to = request.url.join(to).ok();
            let to = to.map_or_else(String::new, |to| {
                let port = to.port().map_or_else(String::new, |port| format!(":{port}"));
                format!("{}://{}{port}", to.scheme(), to.host_str().unwrap_or_default())
            });
            return last(ApiError::Elsewhere { from: target, to });
        }
        let again = match status.as_u16() {
            // What changes something is not done twice, and these do not change.
            500..=599 if request.method == Method::PATCH || matches!(status.as_u16(), 501 | 505 | 511) => false,
            408 | 425 | 500..=599 => true,
            _ => false,
        };
        let throttled = status == StatusCode::SERVICE_UNAVAILABLE;
        let error = match status {
            StatusCode::UNAUTHORIZED => ApiError::Unauthorized { target, said_by },
            StatusCode::FORBIDDEN => ApiError::Forbidden { target, said_by },
            _ => ApiError::Status { target, status: status.as_u16(), said_by },
        };
        Refused { error, again, wish, throttled, well: !status.is_server_error() }
    }

    /// What kept a request from being answered.
    fn transport(&self, error: reqwest::Error, target: &str, method: &Method) -> Refused {
        let (late, connecting, circle) = (error.is_timeout(), error.is_connect(), error.is_redirect());
        let reason = self.veil.hide(&words(error));
        let target = target.to_owned();
        let small = reason.to_ascii_lowercase();
        if small.contains("certificate") || small.contains("unknownissuer") {
            return last(ApiError::Certificate { target, reason });
        }
        if circle {
            return last(ApiError::Unreachable { target, reason, tries: 1 });
        }
        let reason = if late { "no whole answer in time".to_owned() } else { reason };
        let again = connecting || *method != Method::PATCH;
        let error = ApiError::Unreachable { target, reason, tries: 1 };
        Refused { error, again, wish: None, throttled: false, well: false }
    }

    fn seen(&self, request: &Prepared, page: u64, attempt: u32) -> Exchange {
        let cut = |text: &String| self.veil.hide(&text[..text.floor_char_boundary(SHOWN)]);
        Exchange {
            page,
            attempt,
            method: request.method.to_string(),
            target: self.veil.hide(&request.shown),
            request_headers: self.veil.headers(&request.headers),
            request_body: request.shown_body.as_ref().map(cut),
            ..Exchange::default()
        }
    }

    fn tell(&self, exchange: Exchange) {
        self.observer.saw(Seen::Exchange(Box::new(exchange)));
    }
}

/// A refusal that no further try will change.
fn last(error: ApiError) -> Refused {
    Refused { error, again: false, wish: None, throttled: false, well: true }
}

/// A server that says with a good answer that nothing remains is left alone until there is more.
fn spent(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    wish(headers, now).filter(|wish| *wish <= LONGEST_WISH)
}

enum Broken {
    Transport(reqwest::Error),
    TooLarge,
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Broken> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(Broken::Transport)? {
        if body.len() + piece.len() > LARGEST {
            return Err(Broken::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The text of a body, by its mark or the encoding that the server names, else as UTF-8; `None`: it is
/// none, and guessing would change values.
fn text(headers: &HeaderMap, body: Vec<u8>) -> Option<String> {
    let named = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok()?.split_once("charset="))
        .and_then(|(_, label)| Encoding::for_label(label.trim_matches(['"', ' ', ';']).as_bytes()));
    let encoding = named.unwrap_or(encoding_rs::UTF_8);
    if encoding == encoding_rs::UTF_8 && !body.starts_with(b"\xef\xbb\xbf") {
        return String::from_utf8(body).ok();
    }
    let (text, _, spoilt) = encoding.decode(&body);
    (!spoilt).then(|| text.into_owned())
}
