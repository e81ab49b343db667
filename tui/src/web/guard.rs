//! Who may talk to the web host: the browser that was given the token, and nobody else.
//!
//! Owns the token and the checks against other sites: `Host` (DNS rebinding), `Origin` and
//! `Sec-Fetch-Site` (other pages in the same browser), and the token itself. Never logs a token.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, HeaderValue, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Host;

/// The checks, for one server.
pub(super) struct Guard {
    token: String,
    hosts: [String; 2],
    origins: [String; 2],
    cookie: String,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Guard {
    /// A guard with a new 128-bit token, for a server on `port`.
    pub(super) fn new(port: u16) -> Result<Self, getrandom::Error> {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes)?;
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        let origins = hosts.clone().map(|host| format!("http://{host}"));
        // Browsers share cookies between the ports of a host, so the name carries the port.
        Ok(Self {
            token: format!("{:032x}", u128::from_be_bytes(bytes)),
            hosts,
            origins,
            cookie: format!("medallion-{port}"),
        })
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Whether the request was meant for this server and comes from its own page or from no page.
    fn is_ours(&self, headers: &HeaderMap) -> bool {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let one =
            |list: &[String], value: Option<&HeaderValue>| value.map(text).is_some_and(|value| list.contains(&value));
        let host = one(&self.hosts, headers.get(HOST)) && headers.get_all(HOST).iter().count() == 1;
        let origin = !headers.contains_key(ORIGIN) || one(&self.origins, headers.get(ORIGIN));
        host && origin
    }

    /// Whether the request carries the token; `Entering` when it came in the address of the page.
    fn admits(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Admission {
        let bearer = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        if bearer.is_some_and(|given| same(given, &self.token)) {
            return Admission::Known;
        }
        let entering = method == Method::GET && uri.path() == "/";
        let query = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("token="));
        if entering && query.is_some_and(|given| same(given, &self.token)) {
            return Admission::Entering;
        }
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let ours = |pair: &str| {
            pair.trim().split_once('=').is_some_and(|(name, value)| name == self.cookie && same(value, &self.token))
        };
        if same_site(headers) && cookies.flat_map(|line| line.split(';')).any(ours) {
            return Admission::Known;
        }
        Admission::Stranger
    }
}

enum Admission {
    Known,
    Entering,
    Stranger,
}

/// Whether the browser says that the request is the page's own or the user's.
fn same_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

/// Compares in a time that does not depend on where the texts differ.
fn same(given: &str, token: &str) -> bool {
    given.len() == token.len() && given.bytes().zip(token.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

/// Lets a request through, or says why not.
pub(super) async fn check(State(host): State<Arc<Host>>, request: Request, next: Next) -> Response {
    let guard = &host.guard;
    if !guard.is_ours(request.headers()) {
        return (StatusCode::FORBIDDEN, "This address belongs to another program's page.\n").into_response();
    }
    match guard.admits(request.method(), request.uri(), request.headers()) {
        Admission::Known => next.run(request).await,
        Admission::Entering => {
            let mut response = next.run(request).await;
            let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", guard.cookie, guard.token);
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            response
        }
        Admission::Stranger => {
            (StatusCode::UNAUTHORIZED, "Open the whole address that `medallion web` printed, with its token.\n")
                .into_response()
        }
    }
}
