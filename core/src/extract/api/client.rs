//! The HTTP client of a source: certificates, proxies, compression, and where redirects may lead.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, NoProxy, Proxy, redirect};

use super::error::ApiError;
use crate::config::settings::HttpTls;
use crate::world::Environment;

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);
/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// A client that keeps connections. `timeout` is that of a request from its start to its last byte.
pub(super) fn client(tls: &HttpTls, timeout: Duration, environment: &dyn Environment) -> Result<Client, ApiError> {
    let mut builder = Client::builder()
        .user_agent(concat!("medallion/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(CONNECT.min(timeout))
        .redirect(redirect::Policy::custom(redirected))
        .referer(false)
        .danger_accept_invalid_certs(tls.unverified)
        // Proxies are asked for below: nothing but `World` reads the environment.
        .no_proxy();
    if let Some(file) = &tls.ca_file {
        let unusable = |reason: String| ApiError::Certificates { path: file.clone(), reason };
        let certificates = Certificate::from_pem_bundle(&read(file)?).map_err(|error| unusable(words(error)))?;
        if certificates.is_empty() {
            return Err(unusable("there is no certificate in it".to_owned()));
        }
        for certificate in certificates {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some(file) = &tls.client_cert_file {
        let mut pem = read(file)?;
        if let Some(key) = &tls.client_key_file {
            pem.push(b'\n');
            pem.extend(read(key)?);
        }
        let unusable = |error: reqwest::Error| ApiError::Certificates { path: file.clone(), reason: words(error) };
        builder = builder.identity(Identity::from_pem(&pem).map_err(unusable)?);
    }
    for proxy in proxies(environment) {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| ApiError::Request { reason: words(error) })
}

fn read(file: &Path) -> Result<Vec<u8>, ApiError> {
    std::fs::read(file).map_err(|error| ApiError::Certificates { path: file.to_path_buf(), reason: error.to_string() })
}

/// Redirects are followed to the same host only: headers with secrets go along.
fn redirected(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let Some(first) = attempt.previous().first() else { return attempt.stop() };
    let next = attempt.url();
    let same_port = first.port() == next.port();
    let same_host = first.host() == next.host() && same_port;
    let safe = first.scheme() == next.scheme() || next.scheme() == "https";
    if !same_host || !safe {
        return attempt.stop();
    }
    if attempt.previous().len() > REDIRECTS {
        return attempt.error("it redirects in circles");
    }
    attempt.follow()
}

fn proxies(environment: &dyn Environment) -> Vec<Proxy> {
    let named = |names: [&str; 2]| names.iter().find_map(|name| environment.var(name)).filter(|text| !text.is_empty());
    let except = named(["NO_PROXY", "no_proxy"]).and_then(|text| NoProxy::from_string(&text));
    let all = named(["ALL_PROXY", "all_proxy"]);
    let https = named(["HTTPS_PROXY", "https_proxy"]).or_else(|| all.clone());
    // `HTTP_PROXY` in capitals may come from a request where the program runs as CGI; that it is not.
    let http = named(["http_proxy", "HTTP_PROXY"]).or(all);
    let https = https.and_then(|address| Proxy::https(address).ok());
    let http = http.and_then(|address| Proxy::http(address).ok());
    https.into_iter().chain(http).map(|proxy| proxy.no_proxy(except.clone())).collect()
}

/// The last cause of an error: what the system said, without addresses.
pub(super) fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut current: &(dyn std::error::Error + 'static) = &error;
    while let Some(cause) = current.source() {
        current = cause;
    }
    current.to_string()
}
