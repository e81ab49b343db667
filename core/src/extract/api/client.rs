//! The HTTP client of a source: certificates, proxies, compression, and where redirects may lead.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, redirect};

use super::error::ApiError;
use crate::config::settings::HttpTls;
use crate::storage;
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
    for proxy in storage::proxies(environment) {
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

/// The last cause of an error: what the system said, without addresses.
pub(super) fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut current: &(dyn std::error::Error + 'static) = &error;
    while let Some(cause) = current.source() {
        current = cause;
    }
    current.to_string()
}
