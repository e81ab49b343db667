//! Proves to an API who asks. One file for each kind that takes more than a header.
//!
//! Secrets are read before the first request: one that is missing is an error, and nothing goes out
//! without it.

mod hmac;
mod oauth;
mod sigv4;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::courier::Courier;
use super::error::ApiError;
use super::request::{Prepared, encode, header};
use super::veil::{HIDDEN, Veil};
use crate::config::settings::{Auth, BasicCredentials, EnvVar, Grant, HmacAlgorithm, KeyPlace, SignatureEncoding};
use crate::world::Environment;

/// What proves who asks, with its secrets.
#[derive(Debug)]
pub(super) enum Credentials {
    Nothing,
    Header { name: String, value: String },
    Query { param: String, key: String },
    Oauth(Box<oauth::Oauth>),
    Hmac(Signature),
    Sigv4(sigv4::Sigv4),
}

/// A signature with a secret of one's own.
#[derive(Debug)]
pub(super) struct Signature {
    secret: String,
    algorithm: HmacAlgorithm,
    header: String,
    timestamp_header: Option<String>,
    encoding: SignatureEncoding,
    signed_text: String,
}

/// Reads variables and remembers which are missing.
pub(super) struct Secrets<'a> {
    environment: &'a dyn Environment,
    veil: &'a Veil,
    missing: Vec<String>,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(environment: &'a dyn Environment, veil: &'a Veil) -> Self {
        Self { environment, veil, missing: Vec::new() }
    }
    /// The value, from now on a secret; something empty if it is missing.
    pub(super) fn read(&mut self, variable: &EnvVar) -> String {
        let Some(value) = variable.value(self.environment) else {
            if !self.missing.iter().any(|name| name == variable.name()) {
                self.missing.push(variable.name().to_owned());
            }
            return String::new();
        };
        // A line end at the end of a secret comes from the file it was copied from.
        let value = value.trim_end_matches(['\r', '\n']).to_owned();
        self.veil.add(&value);
        value
    }
    /// All that was asked for is there.
    pub(super) fn complete(self) -> Result<(), ApiError> {
        if self.missing.is_empty() { Ok(()) } else { Err(ApiError::MissingSecret { variables: self.missing }) }
    }
}

impl Credentials {
    /// With the secrets of now.
    pub(super) fn of(auth: &Auth, secrets: &mut Secrets<'_>) -> Self {
        let worded = |scheme: &str, token: &str| {
            if scheme.is_empty() { token.to_owned() } else { format!("{scheme} {token}") }
        };
        match auth {
            Auth::None => Self::Nothing,
            Auth::Bearer { token, header, scheme } => {
                Self::Header { name: header.clone(), value: worded(scheme, &secrets.read(token)) }
            }
            Auth::ApiKey { key, place } => {
                let key = secrets.read(key);
                match place {
                    KeyPlace::Header { name, scheme } => {
                        Self::Header { name: name.clone(), value: worded(scheme, &key) }
                    }
                    KeyPlace::Query { param } => Self::Query { param: param.clone(), key },
                }
            }
            Auth::Basic { credentials } => {
                let joined = match credentials {
                    BasicCredentials::Joined(both) => {
                        let both = secrets.read(both);
                        if let Some((_, password)) = both.split_once(':') {
                            secrets.veil.add(password);
                        }
                        both
                    }
                    BasicCredentials::Apart { user, password } => {
                        format!("{}:{}", secrets.read(user), secrets.read(password))
                    }
                };
                let encoded = STANDARD.encode(joined);
                secrets.veil.add(&encoded);
                Self::Header { name: "Authorization".to_owned(), value: format!("Basic {encoded}") }
            }
            Auth::Oauth2(client) => {
                let id = secrets.read(&client.client_id);
                let secret = client.client_secret.as_ref().map(|secret| secrets.read(secret));
                let refresh = match &client.grant {
                    Grant::ClientCredentials => None,
                    Grant::RefreshToken(first) => Some(secrets.read(first)),
                };
                Self::Oauth(Box::new(oauth::Oauth::new(client.clone(), id, secret, refresh)))
            }
            Auth::Hmac { secret, algorithm, header, timestamp_header, encoding, signed_text } => {
                Self::Hmac(Signature {
                    secret: secrets.read(secret),
                    algorithm: *algorithm,
                    header: header.clone(),
                    timestamp_header: timestamp_header.clone(),
                    encoding: *encoding,
                    signed_text: signed_text.clone(),
                })
            }
            Auth::Sigv4 { region, service, access_key, secret_key, session_token } => Self::Sigv4(sigv4::Sigv4 {
                region: region.clone(),
                service: service.clone(),
                access_key: secrets.read(access_key),
                secret_key: secrets.read(secret_key),
                session_token: session_token.as_ref().map(|token| secrets.read(token)),
            }),
        }
    }

    /// Adds the proof to a request, right before it is sent.
    pub(super) async fn apply(&self, request: &mut Prepared, courier: &Courier) -> Result<(), ApiError> {
        match self {
            Self::Nothing => Ok(()),
            Self::Header { name, value } => header(&mut request.headers, name, value),
            Self::Query { param, key } => {
                // The address of a next page may have it already.
                if request.url.query_pairs().any(|(name, _)| name == param.as_str()) {
                    return Ok(());
                }
                let add = |query: Option<&str>, value: &str| {
                    let start = query.filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
                    format!("{}{}={value}", start.unwrap_or_default(), encode(param))
                };
                let query = add(request.url.query(), &encode(key));
                request.url.set_query(Some(&query));
                let (address, query) = request.shown.split_once('?').unwrap_or((&request.shown, ""));
                request.shown = format!("{address}?{}", add(Some(query), HIDDEN));
                Ok(())
            }
            Self::Oauth(oauth) => {
                let token = oauth.token(courier).await?;
                header(&mut request.headers, "Authorization", &format!("Bearer {token}"))
            }
            Self::Hmac(signature) => signature.sign(request, courier.now()),
            Self::Sigv4(signer) => signer.sign(request, courier.now()),
        }
    }

    /// The server did not accept them: whether they can be renewed, which is done for the next request.
    pub(super) async fn refused(&self) -> bool {
        match self {
            Self::Oauth(oauth) => oauth.refused().await,
            _ => false,
        }
    }
}
