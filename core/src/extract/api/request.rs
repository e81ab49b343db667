//! What is sent for a page: method, address, headers and body, with every name filled in.
//!
//! Pure; who asks is added by [`super::auth`].

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use indexmap::IndexMap;
use serde_json::Value;
use url::Url;

use super::error::ApiError;
use super::page::Ask;
use super::veil::HIDDEN;
use crate::config::settings::{
    ApiSource, BodyFormat, CursorFrom, Method as MethodSetting, PageKind, Pagination, ParamLocation, Parent, Secret,
};

/// A request that can be sent, and how it is shown.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) url: Url,
    /// The address without values that may be secret.
    pub(super) shown: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
    /// The body without values that may be secret.
    pub(super) shown_body: Option<String>,
}

/// A value, and whether it may be shown.
#[derive(Clone, Debug)]
struct Param {
    name: String,
    value: Value,
    shown: bool,
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What of the source makes up its requests.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    method: Method,
    base_url: String,
    endpoint: String,
    params: IndexMap<String, Secret>,
    path_params: IndexMap<String, Secret>,
    body: Option<(BodyFormat, Value)>,
    headers: HeaderMap,
    pub(super) pagination: Pagination,
    pub(super) data_path: Option<String>,
    run_date: String,
    /// Values of the stretch that is asked for: parameter and value.
    pub(super) bounds: Vec<(String, String)>,
}

impl Shape {
    /// Of the records themselves. `headers` are those that need no proof of who asks.
    pub(super) fn records(source: &ApiSource, run_date: &str, headers: HeaderMap) -> Result<Self, ApiError> {
        let body = match &source.body {
            None => None,
            Some(body) => {
                let mut json = serde_json::from_str(body.json.reveal())
                    .map_err(|_| ApiError::Request { reason: "the body is no JSON".to_owned() })?;
                fill(&mut json, run_date);
                Some((body.format, json))
            }
        };
        Ok(Self {
            method: match source.method {
                MethodSetting::Get => Method::GET,
                MethodSetting::Post => Method::POST,
                MethodSetting::Put => Method::PUT,
                MethodSetting::Patch => Method::PATCH,
                MethodSetting::Delete => Method::DELETE,
            },
            base_url: source.base_url.clone(),
            endpoint: source.endpoint.clone(),
            params: source.params.clone(),
            path_params: source.path_params.clone(),
            body,
            headers,
            pagination: source.pagination.clone(),
            data_path: source.data_path.clone(),
            run_date: run_date.to_owned(),
            bounds: Vec::new(),
        })
    }

    /// Of the parents: asked for with GET, and with the headers of the children.
    pub(super) fn parents(&self, parent: &Parent) -> Self {
        Self {
            method: Method::GET,
            base_url: self.base_url.clone(),
            endpoint: parent.endpoint.clone(),
            params: parent.params.clone(),
            path_params: IndexMap::new(),
            body: None,
            headers: self.headers.clone(),
            pagination: parent.pagination.clone(),
            data_path: parent.data_path.clone(),
            run_date: self.run_date.clone(),
            bounds: Vec::new(),
        }
    }

    /// The address for people, without parameters.
    pub(super) fn location(&self) -> String {
        without_user(&format!("{}{}", self.base_url, self.endpoint.replace("{run_date}", &self.run_date)))
    }

    /// The request for a page. `path` are the names that a parent fills in.
    pub(super) fn prepare(&self, path: &[(String, String)], ask: &Ask) -> Result<Prepared, ApiError> {
        let mut headers = self.headers.clone();
        let (params, in_body) = self.params_of(ask)?;
        let (body, shown_body) = match self.body(&in_body) {
            None => (None, None),
            Some((format, real, shown)) => {
                let (kind, real, shown) = match format {
                    BodyFormat::Json => ("application/json", real.to_string(), shown.to_string()),
                    BodyFormat::Form => ("application/x-www-form-urlencoded", form(&real), form(&shown)),
                };
                headers.entry(http::header::CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
                (Some(real), Some(shown))
            }
        };
        let (url, shown) = match ask {
            Ask::Address(address) => self.follow(address, path)?,
            _ => self.address(path, &params)?,
        };
        Ok(Prepared { method: self.method.clone(), url, shown, headers, body, shown_body })
    }

    fn address(&self, path: &[(String, String)], params: &[Param]) -> Result<(Url, String), ApiError> {
        let mut real = format!("{}{}", self.base_url, self.endpoint.replace("{run_date}", &self.run_date));
        let mut shown = real.clone();
        for (name, value) in path {
            let place = format!("{{{name}}}");
            real = real.replace(&place, &encode(value));
            shown = shown.replace(&place, &encode(value));
        }
        for (name, value) in &self.path_params {
            let place = format!("{{{name}}}");
            let value = value.reveal().replace("{run_date}", &self.run_date);
            real = real.replace(&place, &encode(&value));
            shown = shown.replace(&place, HIDDEN);
        }
        let mut mark = if real.contains('?') { '&' } else { '?' };
        for Param { name, value, shown: may_be_shown } in params {
            let (name, value) = (encode(name), encode(&scalar(value)));
            real.push_str(&format!("{mark}{name}={value}"));
            shown.push_str(&format!("{mark}{name}={}", if *may_be_shown { &value } else { HIDDEN }));
            mark = '&';
        }
        let url = Url::parse(&real).map_err(|error| ApiError::Request {
            reason: format!("{} is no address: {error}", without_user(&shown)),
        })?;
        if url.host_str().is_none() || !["http", "https"].contains(&url.scheme()) {
            let reason = format!("{} is no address of the web", without_user(&shown));
            return Err(ApiError::Request { reason });
        }
        Ok((url, without_user(&shown)))
    }

    /// The address that an answer gave for the next page. It must be on the same host: credentials go
    /// nowhere else.
    fn follow(&self, address: &str, path: &[(String, String)]) -> Result<(Url, String), ApiError> {
        let (base, shown) = self.address(path, &[])?;
        let mut next = base
            .join(address)
            .map_err(|_| ApiError::Request { reason: "the address of the next page is none".to_owned() })?;
        // Behind a proxy servers often do not know that they are asked over TLS.
        if base.scheme() == "https" && next.scheme() == "http" && next.host() == base.host() && next.port().is_none() {
            let (base_port, _) = (base.port(), next.set_scheme("https"));
            let _same = next.set_port(base_port);
        }
        if !same_origin(&base, &next) {
            let to = format!("{}://{}", next.scheme(), next.host_str().unwrap_or_default());
            return Err(ApiError::Elsewhere { from: shown, to });
        }
        // What the config gives and the address repeats may be secret.
        let hidden: Vec<&str> = self.params.keys().map(String::as_str).collect();
        let mut shown = next.clone();
        if next.query().is_some() {
            let pairs: Vec<String> = next
                .query_pairs()
                .map(|(name, value)| {
                    let value = if hidden.contains(&name.as_ref()) { HIDDEN.to_owned() } else { encode(&value) };
                    format!("{}={value}", encode(&name))
                })
                .collect();
            shown.set_query(Some(&pairs.join("&")));
        }
        Ok((next, without_user(shown.as_str())))
    }

    /// Parameters of the query, and of the body.
    fn params_of(&self, ask: &Ask) -> Result<(Vec<Param>, Vec<Param>), ApiError> {
        let given = self.params.iter().map(|(name, value)| Param {
            name: name.clone(),
            value: Value::String(value.reveal().replace("{run_date}", &self.run_date)),
            shown: false,
        });
        let (mut query, mut body): (Vec<Param>, Vec<Param>) = (given.collect(), Vec::new());
        let mut add = |place: ParamLocation, name: &str, value: Value| {
            let into = if place == ParamLocation::Body { &mut body } else { &mut query };
            into.retain(|param| param.name != name);
            into.push(Param { name: name.to_owned(), value, shown: true });
        };
        let place = self.pagination.location;
        for (name, value) in &self.bounds {
            add(place, name, Value::String(value.clone()));
        }
        let raw = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        match (&self.pagination.kind, ask) {
            (PageKind::Offset { offset_param, limit_param, page_size }, Ask::Offset(offset)) => {
                add(place, offset_param, (*offset).into());
                add(place, limit_param, (*page_size).into());
            }
            (PageKind::Page { page_param, limit_param, page_size, .. }, Ask::Number(number)) => {
                add(place, page_param, (*number).into());
                add(place, limit_param, (*page_size).into());
            }
            (PageKind::Cursor { from, param, limit_param, page_size }, ask) => {
                if let Some(limit) = limit_param {
                    add(place, limit, (*page_size).into());
                }
                if let Ask::Cursor(cursor) = ask {
                    let place = if matches!(from, CursorFrom::Body(_)) { ParamLocation::Body } else { place };
                    add(place, param, raw(cursor));
                }
            }
            (PageKind::Keyset { param, limit_param, page_size, .. }, ask) => {
                if let Some(limit) = limit_param {
                    add(place, limit, (*page_size).into());
                }
                if let Ask::After(key) = ask {
                    add(place, param, raw(key));
                }
            }
            (PageKind::Window { start_param, end_param, format, .. }, Ask::Window { start, end }) => {
                add(place, start_param, Value::String(super::page::written(*start, format)?));
                add(place, end_param, Value::String(super::page::written(*end, format)?));
            }
            _ => {}
        }
        Ok((query, body))
    }

    /// The body with these parameters, and the same as it is shown.
    fn body(&self, params: &[Param]) -> Option<(BodyFormat, Value, Value)> {
        if self.body.is_none() && params.is_empty() {
            return None;
        }
        let (format, mut real) = self.body.clone().unwrap_or((BodyFormat::Json, Value::Object(serde_json::Map::new())));
        let mut shown = real.clone();
        hide(&mut shown);
        for param in params {
            set(&mut real, &param.name, &param.value);
            set(&mut shown, &param.name, &param.value);
        }
        Some((format, real, shown))
    }
}

/// Whether credentials for one may go to the other.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// An address without user name and password.
fn without_user(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => address.to_owned(),
    }
}

/// The headers that the config gives.
pub(super) fn header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), ApiError> {
    let unusable = |what: &str| ApiError::Request { reason: format!("the header `{name}` has {what}") };
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable("a name that headers cannot have"))?;
    let mut value =
        HeaderValue::from_str(value).map_err(|_| unusable("a value with a character that headers cannot have"))?;
    value.set_sensitive(true);
    headers.insert(header, value);
    Ok(())
}

/// Fills in the date.
fn fill(value: &mut Value, run_date: &str) {
    match value {
        Value::String(text) => *text = text.replace("{run_date}", run_date),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, run_date)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, run_date)),
        _ => {}
    }
}

/// Hides texts but the query of GraphQL, which is what one wants to see.
fn hide(value: &mut Value) {
    match value {
        Value::String(text) => HIDDEN.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => {
            fields.iter_mut().filter(|(name, _)| *name != "query").for_each(|(_, field)| hide(field));
        }
        _ => {}
    }
}

/// Puts a value at a dotted path, with the objects that it needs.
fn set(body: &mut Value, path: &str, value: &Value) {
    let mut place = body;
    for key in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(serde_json::Map::new());
        }
        let Value::Object(fields) = place else { return };
        place = fields.entry(key).or_insert(Value::Null);
    }
    *place = value.clone();
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn form(fields: &Value) -> String {
    let Value::Object(fields) = fields else { return String::new() };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(&scalar(value)))).collect();
    pairs.join("&")
}
