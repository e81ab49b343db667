//! Files at addresses of the web, to read pieces of.
//!
//! A server that gives ranges and names a mark (`ETag`, `Last-Modified`) is asked for pieces, each of which
//! has to bear the mark of the first. What any other server gives is kept whole in a private file first, so
//! that it is one content. Redirects are followed; own headers stay with the host they were written for.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use chrono::DateTime;
use futures_util::StreamExt;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use object_store::client::{HttpClient, HttpRequest, HttpRequestBody, HttpResponseBody};
use reqwest::{Client, redirect};
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::Url;

use super::blob::{Piece, RemoteBlob};
use super::line::{AsItComes, Connector};
use super::refusal::Dialect;
use super::{Connections, Threads, lost, setup};
use crate::cancel::CancelToken;
use crate::scratch::{self, Scratch};
use crate::storage::blob::LocalBlob;
use crate::storage::failure::{Cause, Failure};
use crate::storage::{Opened, Patience, Place, StorageError};
use crate::world::{Entropy, World};

/// What is asked for first: small files come whole.
const FIRST: u64 = 64 << 10;
/// Redirects that are followed.
const REDIRECTS: usize = 10;
/// Pieces of a file that is kept, under way at once.
const UNDER_WAY: usize = 8;

/// Reads files of the web. A file that was opened once stays open, so all who read it read the same content.
#[derive(Clone)]
pub(crate) struct Web(Arc<Inner>);

struct Inner {
    asker: Asker,
    threads: Arc<Threads>,
    patience: Patience,
    cancel: CancelToken,
    scratch: PathBuf,
    entropy: Arc<dyn Entropy>,
    open: Mutex<HashMap<String, Opened>>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Web")
    }
}

/// An address as messages name it: without a query, which may be signed, and without a user.
pub(crate) fn shown(address: &str) -> String {
    let (plain, query) = address.split_once(['?', '#']).map_or((address, ""), |(plain, _)| (plain, "?…"));
    let Some((scheme, rest)) = plain.split_once("://") else { return format!("{plain}{query}") };
    let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}{query}")
}

impl Web {
    /// Asks nobody yet. `headers` go with every request to the host of the address; their values are secret.
    ///
    /// # Errors
    ///
    /// When a header cannot be one, or nothing can be asked here.
    pub(crate) fn new(
        connections: &Connections,
        world: &World,
        headers: &[(String, String)],
        cancel: CancelToken,
    ) -> Result<Self, Failure> {
        let mut own = HeaderMap::new();
        for (name, value) in headers {
            let unusable = |what: &str| setup(format!("the header `{name}` has {what}"));
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable("a name that headers cannot have"))?;
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| unusable("a value with a character that headers cannot have"))?;
            value.set_sensitive(true);
            own.append(name, value);
        }
        let exchange = connections.exchange(world);
        let patience = exchange.patience;
        let mut client = Client::builder()
            .user_agent(concat!("medallion/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            // Followed below, where the headers are known.
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            // Nothing but `World` reads the environment.
            .no_proxy();
        for proxy in super::proxies(world.env.as_ref()) {
            client = client.proxy(proxy);
        }
        let client = client.build().map_err(|_| setup("no connections can be made here".to_owned()))?;
        let line = Connector { exchange, dialect: Dialect::Web }.over(HttpClient::new(client));
        Ok(Self(Arc::new(Inner {
            asker: Asker { line, own },
            threads: connections.threads().map_err(|error| setup(format!("no threads for requests: {error}")))?,
            patience,
            cancel,
            scratch: scratch::folder(world.env.as_ref()),
            entropy: world.entropy.clone(),
            open: Mutex::default(),
        })))
    }

    /// The file at an address.
    ///
    /// # Errors
    ///
    /// When there is none, or the server does not give it.
    pub(crate) fn open(&self, address: &str) -> Result<Opened, StorageError> {
        if let Some(opened) = self.kept().get(address) {
            return Ok(opened.clone());
        }
        let place = || Place::Remote(shown(address));
        let opened = self.opened(address).map_err(|source| match Failure::of(&source) {
            Some(Failure { cause: Cause::Missing, .. }) => StorageError::Missing { place: place() },
            _ => StorageError::Read { place: place(), source },
        })?;
        self.kept().insert(address.to_owned(), opened.clone());
        Ok(opened)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Opened>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self, address: &str) -> io::Result<Opened> {
        let bad = |reason| Failure::new(Cause::Setup(format!("it is no address: {reason}"))).into_io();
        let url = Url::parse(address).map_err(bad)?;
        let (target, first) = (Target { own: url.clone(), url }, Some(0..FIRST));
        let answer = self.wait(self.0.asker.clone().ask(target.clone(), first, None))?.map_err(Failure::into_io)?;
        let ranged = Mark::of(&answer.parts.headers)
            .zip(stretch(&answer.parts.headers))
            .filter(|(_, (start, _))| answer.parts.status == StatusCode::PARTIAL_CONTENT && *start == 0);
        let Some((mark, (_, size))) = ranged else {
            let answer = Some(answer).filter(|answer| answer.parts.status == StatusCode::OK);
            return self.keep(&target, answer);
        };
        let modified = mark.modified();
        let Answer { target, body, .. } = answer;
        let first = self.wait(async move { body.bytes().await })?.map_err(io::Error::other)?;
        let (asker, threads) = (self.0.asker.clone(), self.0.threads.clone());
        let ask = move |range: Range<u64>| {
            let (asker, target, mark) = (asker.clone(), target.clone(), mark.clone());
            let near = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let near = near.filter(|(start, end)| start <= end && *end <= first.len());
            let near = near.map(|(start, end)| first.slice(start..end));
            threads.start(async move {
                match near {
                    Some(near) => Ok(near),
                    None => asker.piece(target, &mark, size, range).await,
                }
            })
        };
        Ok(Opened(Arc::new(RemoteBlob::new(shown(address), size, modified, Box::new(ask)))))
    }

    fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
        self.0.threads.start(work).recv().map_err(|_| lost())
    }

    /// Takes the whole file into a private one. `answer` has begun to bring it, or it is asked for.
    fn keep(&self, target: &Target, mut answer: Option<Answer>) -> io::Result<Opened> {
        let mut tried = 0;
        loop {
            tried += 1;
            let came = match answer.take() {
                Some(answer) => answer,
                None => self.wait(self.0.asker.clone().ask(target.clone(), None, None))?.map_err(Failure::into_io)?,
            };
            if came.parts.status != StatusCode::OK {
                let said = format!("{} where the file was asked for", came.parts.status.as_u16());
                return Err(Failure::new(Cause::Broken).said(said).host(came.target.host()).into_io());
            }
            let (host, modified) = (came.target.host(), Mark::of(&came.parts.headers).and_then(|mark| mark.modified()));
            let scratch = Scratch::new(&self.0.scratch, self.0.entropy.as_ref())?;
            match self.pour(came.body, &scratch)? {
                Ok(()) => {
                    let blob = LocalBlob::new(scratch.file.try_clone()?)?;
                    return Ok(Opened(Arc::new(KeptBlob { blob, modified, _scratch: scratch })));
                }
                Err(said) if tried >= self.0.patience.tries.max(1) => {
                    return Err(Failure { tries: tried, ..Failure::new(Cause::Broken).said(said).host(host) }.into_io());
                }
                Err(_) => {}
            }
        }
    }

    /// Writes a body as it comes; the inner error says why it did not come whole.
    fn pour(&self, body: HttpResponseBody, scratch: &Scratch) -> io::Result<Result<(), String>> {
        let (sender, mut receiver) = mpsc::channel::<Poured>(UNDER_WAY);
        let idle = self.0.patience.idle;
        // One that waits for a piece hears of a cancellation at once.
        let bell = sender.downgrade();
        self.0.cancel.on_cancel(move || {
            if let Some(sender) = bell.upgrade() {
                drop(sender.try_send(Poured::Stopped));
            }
        });
        let _pouring = self.0.threads.start(async move {
            let mut pieces = body.bytes_stream();
            loop {
                let next = match timeout(idle, pieces.next()).await {
                    Err(_) => Poured::Broken(format!("the answer stalled for {} s", idle.as_secs())),
                    Ok(None) => Poured::End,
                    Ok(Some(Err(error))) => {
                        Poured::Broken(format!("the answer broke off: {}", super::line::innermost(&error)))
                    }
                    Ok(Some(Ok(piece))) => Poured::Piece(piece),
                };
                let over = !matches!(next, Poured::Piece(_));
                if sender.send(next).await.is_err() || over {
                    return;
                }
            }
        });
        let mut file = &scratch.file;
        loop {
            match receiver.blocking_recv() {
                _ if self.0.cancel.is_cancelled() => return Err(io::ErrorKind::Interrupted.into()),
                Some(Poured::Piece(piece)) => file.write_all(&piece)?,
                Some(Poured::End) => return Ok(Ok(())),
                Some(Poured::Broken(said)) => return Ok(Err(said)),
                Some(Poured::Stopped) | None => return Err(lost()),
            }
        }
    }
}

/// What comes of a body.
enum Poured {
    Piece(Bytes),
    End,
    Broken(String),
    Stopped,
}

/// A file that was kept whole.
#[derive(Debug)]
struct KeptBlob {
    blob: LocalBlob,
    /// By the clock of the server.
    modified: Option<SystemTime>,
    _scratch: Scratch,
}

impl crate::storage::Blob for KeptBlob {
    fn len(&self) -> u64 {
        self.blob.len()
    }
    fn modified(&self) -> Option<SystemTime> {
        self.modified
    }
    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        self.blob.bytes(range)
    }
    fn reader(&self, start: u64) -> io::Result<Box<dyn io::Read + Send>> {
        self.blob.reader(start)
    }
}

/// What tells one content from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    e_tag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Mark {
    /// `None`: the server says nothing that would tell.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let (e_tag, last_modified) = (headers.get(header::ETAG).cloned(), headers.get(header::LAST_MODIFIED).cloned());
        (e_tag.is_some() || last_modified.is_some()).then_some(Self { e_tag, last_modified })
    }

    /// A mark that a server may compare (RFC 9110, 8.8.1).
    fn strong(&self) -> Option<HeaderValue> {
        self.e_tag.clone().filter(|mark| mark.as_bytes().starts_with(b"\""))
    }

    fn modified(&self) -> Option<SystemTime> {
        Some(DateTime::parse_from_rfc2822(self.last_modified.as_ref()?.to_str().ok()?).ok()?.into())
    }
}

/// Where a piece begins, and how many bytes the whole has: `Content-Range: bytes 0-99/1234`.
fn stretch(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (range, size) = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, size.trim().parse().ok()?))
}

/// What is asked, and where that led.
#[derive(Clone)]
struct Target {
    /// As the config has it.
    own: Url,
    /// Behind redirects.
    url: Url,
}

impl Target {
    fn host(&self) -> String {
        host(&self.url)
    }
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

struct Answer {
    target: Target,
    parts: Parts,
    body: HttpResponseBody,
}

#[derive(Clone)]
struct Asker {
    line: HttpClient,
    /// For the host of the config only.
    own: HeaderMap,
}

impl Asker {
    /// Asks for a file, or for a range of it. An answer is that, the whole file, or that nothing is in the
    /// range.
    async fn ask(
        self,
        mut target: Target,
        range: Option<Range<u64>>,
        mark: Option<HeaderValue>,
    ) -> Result<Answer, Failure> {
        for _ in 0..=REDIRECTS {
            let request = self.request(&target, range.as_ref(), mark.as_ref())?;
            let answer = match self.line.execute(request).await {
                Ok(answer) => answer,
                // What a redirect led to may hold for a while only.
                Err(error) if target.url != target.own && !Self::failure(&error).is_transient() => {
                    target.url = target.own.clone();
                    let request = self.request(&target, range.as_ref(), mark.as_ref())?;
                    self.line.execute(request).await.map_err(|error| Self::failure(&error))?
                }
                Err(error) => return Err(Self::failure(&error)),
            };
            let (parts, body) = answer.into_parts();
            if !parts.status.is_redirection() {
                if let Some(said) = packed(&parts.headers) {
                    return Err(Failure::new(Cause::Broken).said(said).host(target.host()));
                }
                return Ok(Answer { target, parts, body });
            }
            target.url = next(&target.url, &parts)?;
        }
        Err(Failure::new(Cause::Broken).said("it redirects in circles").host(target.host()))
    }

    fn failure(error: &(dyn std::error::Error + 'static)) -> Failure {
        Failure::within(error).cloned().unwrap_or_else(|| Failure::new(Cause::Broken))
    }

    fn request(
        &self,
        target: &Target,
        range: Option<&Range<u64>>,
        mark: Option<&HeaderValue>,
    ) -> Result<HttpRequest, Failure> {
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = Method::GET;
        let no_address = |_| setup("it is no address that can be asked".to_owned());
        *request.uri_mut() = target.url.as_str().parse().map_err(no_address)?;
        request.extensions_mut().insert(AsItComes);
        let same_host = target.url.origin() == target.own.origin();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if same_host {
            for (name, value) in &self.own {
                headers.insert(name, value.clone());
            }
        }
        if let Some(range) = range {
            let text = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
            headers.insert(header::RANGE, HeaderValue::from_str(&text).map_err(|_| setup(text.clone()))?);
        }
        if let Some(mark) = mark {
            headers.insert(header::IF_MATCH, mark.clone());
        }
        Ok(request)
    }

    /// A piece of a file that had this mark and this size.
    async fn piece(self, target: Target, mark: &Mark, size: u64, range: Range<u64>) -> Piece {
        let (host, start, length) = (target.host(), range.start, range.end.saturating_sub(range.start));
        let answer = self.ask(target, Some(range), mark.strong()).await.map_err(|failure| match failure.cause {
            Cause::Missing => Failure { cause: Cause::Changed, ..failure }.into_io(),
            _ => failure.into_io(),
        })?;
        let headers = &answer.parts.headers;
        let is_same = Mark::of(headers).as_ref() == Some(mark);
        let failed = |cause| Failure::new(cause).host(host.clone());
        if answer.parts.status != StatusCode::PARTIAL_CONTENT {
            let cause = if is_same { Cause::Broken } else { Cause::Changed };
            return Err(failed(cause).said("it gives no ranges any more").into_io());
        }
        if !is_same || stretch(headers) != Some((start, size)) {
            return Err(failed(Cause::Changed).into_io());
        }
        let bytes = answer.body.bytes().await.map_err(|_| failed(Cause::Broken).into_io())?;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Where a redirect leads.
fn next(from: &Url, parts: &Parts) -> Result<Url, Failure> {
    let failed = |said: &str| Failure::new(Cause::Broken).said(said).host(host(from));
    let place = parts.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
    let next = place.and_then(|place| from.join(place).ok()).ok_or_else(|| failed("it redirects to nowhere"))?;
    match (from.scheme(), next.scheme()) {
        ("http", "http") | (_, "https") => Ok(next),
        _ => Err(failed("it redirects to an address without TLS")),
    }
}

/// What is wrong with the packing of an answer, if anything. What packs files is undone by who reads them.
fn packed(headers: &HeaderMap) -> Option<String> {
    let packing = headers.get(header::CONTENT_ENCODING)?.to_str().ok()?.trim().to_ascii_lowercase();
    let known = ["", "identity", "gzip", "x-gzip", "zstd"];
    (!known.contains(&packing.as_str())).then(|| "its answer is packed, though nobody asked for that".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_and_users_are_not_shown() {
        for (address, told) in [
            ("https://a.example/x/y.csv", "https://a.example/x/y.csv"),
            ("https://u:p@a.example:8443/y.csv?sig=s3cr3t#x", "https://a.example:8443/y.csv?…"),
            ("https://a.example?sig=s3cr3t/x", "https://a.example?…"),
            ("https://a.example", "https://a.example"),
        ] {
            assert_eq!(shown(address), told);
        }
    }

    #[test]
    fn a_redirect_leaves_no_tls_behind() {
        let next = |from: &str, to: &str| {
            let (mut parts, ()) = http::Response::new(()).into_parts();
            parts.headers.insert(header::LOCATION, to.parse().unwrap());
            next(&Url::parse(from).unwrap(), &parts).map(|url| url.to_string()).map_err(|failure| failure.said)
        };
        assert_eq!(next("http://a/x/y", "z?q=1"), Ok("http://a/x/z?q=1".into()));
        assert_eq!(next("http://a/x", "https://b/y"), Ok("https://b/y".into()));
        assert!(next("https://a/x", "http://a/x").unwrap_err().contains("without TLS"));
        assert!(next("https://a/x", "file:///etc/passwd").is_err());
    }

    #[test]
    fn pieces_know_their_place() {
        let of = |text: &str| stretch(&HeaderMap::from_iter([(header::CONTENT_RANGE, text.parse().unwrap())]));
        assert_eq!(of("bytes 0-99/1234"), Some((0, 1234)));
        assert_eq!((of("bytes 0-99/*"), of("bytes */0"), of("items 0-1/2")), (None, None, None));
    }
}
