//! `medallion web`: the desktop app's front end, served on loopback to one browser.
//!
//! Owns the server's life: address, token, routes, shutdown. Never binds another address than
//! 127.0.0.1, and never answers a request that [`guard`] has not let through.

mod api;
mod assets;
mod guard;
mod jobs;

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use medallion_core::api::Engine;
use medallion_core::api::wire::Target;

use guard::Guard;
use jobs::Jobs;

/// The most a request may carry. The largest is a draft with the text it began with; the engine takes
/// texts of 16 MiB, and JSON's escapes make them longer.
const BODY_LIMIT_BYTES: usize = 40 << 20;

/// What the page may load: itself and nothing else. The desktop window has the same policy.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How to serve.
#[derive(Debug, Default)]
pub(crate) struct WebOptions {
    /// What the page opens on.
    pub(crate) target: Target,
    /// The port; 0 lets the system choose a free one.
    pub(crate) port: u16,
}

/// Why the page could not be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WebError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Bind {
        port: u16,
        #[source]
        source: std::io::Error,
    },
    /// The system gave no random bytes for the token.
    #[error("the system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// The threads or the socket failed.
    #[error("the web host stopped")]
    Serve(#[source] std::io::Error),
}

/// What every request can reach.
#[derive(Debug)]
struct Host {
    engine: Arc<Engine>,
    target: Target,
    guard: Guard,
    jobs: Arc<Jobs>,
}

/// Serves until Ctrl-C or SIGTERM, then cancels what runs and waits for it. Prints the address once.
pub(crate) fn serve(engine: Arc<Engine>, options: WebOptions) -> Result<(), WebError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(WebError::Serve)?;
    let served = runtime.block_on(async {
        let server = Server::bind(engine, options).await?;
        let mut out = std::io::stdout().lock();
        // A closed standard output does not stop the server; nothing more is printed to it.
        drop(
            writeln!(out, "Medallion Workbench is at\n\n  {}\n\nPress Ctrl-C to stop.", server.url())
                .and_then(|()| out.flush()),
        );
        drop(out);
        server.run(interrupted()).await
    });
    // A second Ctrl-C ends the program even if a job does not come to a safe point.
    runtime.shutdown_background();
    served
}

/// A bound server that does not answer yet.
struct Server {
    listener: tokio::net::TcpListener,
    address: SocketAddr,
    host: Arc<Host>,
}

impl Server {
    async fn bind(engine: Arc<Engine>, options: WebOptions) -> Result<Self, WebError> {
        let bind = |source| WebError::Bind { port: options.port, source };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(bind)?;
        let address = listener.local_addr().map_err(WebError::Serve)?;
        let guard = Guard::new(address.port()).map_err(WebError::Random)?;
        let host = Host { engine, target: options.target, guard, jobs: Arc::new(Jobs::default()) };
        Ok(Self { listener, address, host: Arc::new(host) })
    }

    fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.host.guard.token())
    }

    async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), WebError> {
        let (engine, jobs) = (self.host.engine.clone(), self.host.jobs.clone());
        let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
        let graceful = async move {
            stop.await;
            jobs.cancel_all(&engine);
            drop(stopping);
        };
        let again = async move {
            drop(stopped.await);
            interrupted().await;
        };
        let serving = axum::serve(self.listener, router(self.host)).with_graceful_shutdown(graceful);
        tokio::select! {
            served = serving => served.map_err(WebError::Serve),
            () = again => Ok(()),
        }
    }
}

fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/", get(assets::index))
        .route("/api/session", get(api::session))
        .route("/api/{command}", post(api::command))
        .fallback(get(assets::file))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(middleware::from_fn_with_state(host.clone(), guard::check))
        .layer(middleware::from_fn(harden))
        .with_state(host)
}

/// Adds the headers that every answer has, refusals included.
async fn harden(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

type Shared = State<Arc<Host>>;

/// Ends when somebody asks the program to stop.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}

#[cfg(test)]
mod tests;
