//! Asks for tokens, keeps them until half of their life is over, and keeps the refresh tokens that
//! servers give in the place of used ones.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method};
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use crate::config::settings::{OauthClient, Secret};
use crate::extract::api::courier::Courier;
use crate::extract::api::error::ApiError;
use crate::extract::api::request::{Prepared, encode, header};
use crate::extract::api::veil::HIDDEN;
use crate::extract::records::json;

/// Refresh tokens that took the place of used ones, by the one that the variable holds. They are valid
/// for whoever uses the same one, so all extracts of a process share them.
static ROTATED: LazyLock<Mutex<HashMap<String, Secret>>> = LazyLock::new(Mutex::default);

/// Of servers that do not say how long a token lives.
const LIFE: Duration = Duration::from_mins(30);

/// A client that asks for tokens.
#[derive(Debug)]
pub(in crate::extract::api) struct Oauth {
    client: OauthClient,
    id: String,
    secret: Option<String>,
    /// The refresh token of the variable.
    first: Option<String>,
    /// Held while a new one is asked for, so that one asks for all.
    token: AsyncMutex<Option<Token>>,
}

#[derive(Clone, Debug)]
struct Token {
    text: Secret,
    /// From then on a new one is asked for.
    renew: Instant,
    /// Until the server has accepted it once, there is no use in another one.
    fresh: bool,
}

impl Oauth {
    pub(super) fn new(client: OauthClient, id: String, secret: Option<String>, first: Option<String>) -> Self {
        Self { client, id, secret, first, token: AsyncMutex::default() }
    }

    /// A token that is valid, as far as is known.
    pub(super) async fn token(&self, courier: &Courier) -> Result<String, ApiError> {
        let mut token = self.token.lock().await;
        if let Some(known) = token.as_mut().filter(|known| Instant::now() < known.renew) {
            // It was handed out before, so the server had its chance to refuse it.
            known.fresh = false;
            return Ok(known.text.reveal().to_owned());
        }
        let new = self.ask(courier).await?;
        let text = new.text.reveal().to_owned();
        *token = Some(new);
        Ok(text)
    }

    /// The server refused the token: the next request asks for a new one, unless this one was new.
    pub(super) async fn refused(&self) -> bool {
        let mut token = self.token.lock().await;
        match token.take() {
            Some(known) => !known.fresh,
            // Another request had it refused, too, and removed it.
            None => true,
        }
    }

    async fn ask(&self, courier: &Courier) -> Result<Token, ApiError> {
        let began = Instant::now();
        if let Some(first) = &self.first {
            let rotated = ROTATED.lock().unwrap_or_else(PoisonError::into_inner);
            rotated.get(&self.key(first)).into_iter().for_each(|token| courier.veil.add(token.reveal()));
        }
        let prepared = self.request()?;
        let body = courier.token(prepared).await?;
        let target = self.client.token_url.clone();
        let refused =
            |reason: &str| ApiError::NoToken { target: target.clone(), reason: reason.to_owned(), transient: false };
        json::check(&body).map_err(|_| refused("the answer is not JSON"))?;
        let field = |name: &str| json::at(body.as_bytes(), &[name.to_owned()]).and_then(json::plain);
        let access = field("access_token").ok_or_else(|| refused("the answer has no `access_token`"))?;
        courier.veil.add(&access);
        if let Some(next) = field("refresh_token") {
            courier.veil.add(&next);
            if let Some(first) = &self.first {
                let mut rotated = ROTATED.lock().unwrap_or_else(PoisonError::into_inner);
                rotated.insert(self.key(first), Secret::new(next));
            }
        }
        let life = field("expires_in").and_then(|seconds| seconds.parse::<f64>().ok());
        let life = life.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(LIFE);
        Ok(Token { text: Secret::new(access), renew: began + life / 2, fresh: true })
    }

    fn key(&self, first: &str) -> String {
        format!("{}\n{}\n{first}", self.client.token_url, self.id)
    }

    fn request(&self) -> Result<Prepared, ApiError> {
        let url = Url::parse(&self.client.token_url)
            .map_err(|_| ApiError::Request { reason: "`token_url` is no address".to_owned() })?;
        let mut fields: Vec<(String, String)> = Vec::new();
        match &self.first {
            None => fields.push(("grant_type".into(), "client_credentials".into())),
            Some(first) => {
                let rotated = ROTATED.lock().unwrap_or_else(PoisonError::into_inner);
                let token = rotated.get(&self.key(first)).map_or(first.as_str(), Secret::reveal);
                fields.push(("grant_type".into(), "refresh_token".into()));
                fields.push(("refresh_token".into(), token.to_owned()));
            }
        }
        if !self.client.scopes.is_empty() {
            fields.push(("scope".into(), self.client.scopes.join(" ")));
        }
        for (name, value) in &self.client.params {
            fields.push((name.clone(), value.reveal().to_owned()));
        }
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        match &self.secret {
            Some(secret) if !self.client.secret_in_body => {
                // RFC 6749: both are encoded before they are joined.
                let both = format!("{}:{}", encode(&self.id), encode(secret));
                header(&mut headers, "Authorization", &format!("Basic {}", STANDARD.encode(both)))?;
            }
            secret => {
                fields.push(("client_id".into(), self.id.clone()));
                fields.extend(secret.iter().map(|secret| ("client_secret".to_owned(), secret.clone())));
            }
        }
        let form = |hidden: bool| {
            let pairs: Vec<String> = fields
                .iter()
                .map(|(name, value)| {
                    let value = if hidden && name != "grant_type" { HIDDEN.to_owned() } else { encode(value) };
                    format!("{}={value}", encode(name))
                })
                .collect();
            pairs.join("&")
        };
        let shown = self.client.token_url.split(['?', '#']).next().unwrap_or_default().to_owned();
        let (body, shown_body) = (Some(form(false)), Some(form(true)));
        Ok(Prepared { method: Method::POST, url, shown, headers, body, shown_body })
    }
}
