//! Configurations from a first answer of a REST API: where its records are, what they are like, how
//! further pages seem to be asked for.
//!
//! Asks through the extractor that a run would use. Keeps nothing of the answer, writes no secret down.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use serde_json::Value;
use url::Url;

use super::profile::{Profile, Site};
use super::sniff::Form;
use super::write::{self, Entry, Origin};
use super::{Discovered, Search, judge};
use crate::config;
use crate::config::files::normalise;
use crate::config::secrets;
use crate::diagnostic::code;
use crate::error::Coded;
use crate::extract::{self, Exchange, ExtractError, ExtractRequest, Observer, Sample, Seen};
use crate::figures::counted;
use crate::scaffold::{ScaffoldError, free_name, identifier};

/// An answer up to here is looked at for what it says of further pages.
const BODY: usize = 16 << 20;
/// Records looked at.
const RECORDS: u64 = 10_000;
/// Lists that are found without being named.
const ENVELOPES: [&str; 4] = ["items", "data", "results", "records"];
/// Sections in which answers tell of pages; the empty one is the answer itself.
const SECTIONS: [&str; 8] = ["", "meta", "pagination", "paging", "links", "_links", "page_info", "pageInfo"];
/// What the next page is asked for with: fields of the answer, and the parameter that usually takes them.
const CURSORS: [(&str, &str); 8] = [
    ("next_cursor", "cursor"),
    ("nextCursor", "cursor"),
    ("next_page_token", "page_token"),
    ("nextPageToken", "pageToken"),
    ("endCursor", "after"),
    ("end_cursor", "after"),
    ("cursor", "cursor"),
    ("continuation_token", "continuation_token"),
];
/// Fields with the address of the next page, or its number.
const NEXT: [&str; 6] = ["next", "next_url", "nextLink", "@odata.nextLink", "next_page", "nextPage"];
/// How many records there are.
const TOTALS: [&str; 5] = ["total", "total_count", "totalCount", "total_results", "totalResults"];
/// Parameters of a request for a page: of its number, of its offset, of its size.
const PAGE: [&str; 3] = ["page", "page_number", "pageNumber"];
const OFFSET: [&str; 3] = ["offset", "skip", "start"];
const SIZE: [&str; 7] = ["page_size", "per_page", "limit", "pageSize", "perPage", "size", "top"];

/// An address, taken apart as a config has it.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) base_url: String,
    pub(super) path: String,
    pub(super) params: Vec<(String, String)>,
    /// The variable that holds a token; empty: the API is open.
    pub(super) token: String,
    /// Where the records are, if they are not found by themselves.
    pub(super) data_path: Option<String>,
    pub(super) paging: Paging,
}

/// How further pages are asked for, as far as one answer tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Paging {
    /// It says nothing.
    Untold,
    /// In a `Link` header.
    Link,
    /// By an address or cursor in the answer.
    Cursor { field: String, param: Option<String> },
    /// By number.
    Page { param: String, size: Option<(String, u64)>, total: Option<String> },
    /// By records to skip.
    Offset { param: String, size: Option<(String, u64)>, total: Option<String> },
}

impl Paging {
    /// Parameters that it sets itself.
    pub(super) fn takes(&self, name: &str) -> bool {
        match self {
            Self::Untold | Self::Link | Self::Cursor { param: None, .. } => false,
            Self::Cursor { param: Some(param), .. } => param == name,
            Self::Page { param, size, .. } | Self::Offset { param, size, .. } => {
                param == name || size.as_ref().is_some_and(|(size, _)| size == name)
            }
        }
    }
}

/// The address of an API; `None`: it is none.
pub(super) fn meant(search: &Search<'_>) -> Result<Option<Endpoint>, ScaffoldError> {
    let Ok(url) = Url::parse(search.from.trim()) else { return Ok(None) };
    if !matches!(url.scheme(), "http" | "https") {
        return Ok(None);
    }
    let odd = |what: &str| ScaffoldError::SecretInAddress { what: what.to_owned() };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(odd("a user or password"));
    }
    let params: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    if let Some((name, _)) = params.iter().find(|(name, value)| secrets::look(name, value).is_some()) {
        return Err(odd(&format!("what looks like a secret in `{name}`")));
    }
    let base_url = url.origin().ascii_serialization();
    Ok(Some(Endpoint {
        base_url,
        path: url.path().to_owned(),
        params,
        token: search.token.to_owned(),
        data_path: None,
        paging: Paging::Untold,
    }))
}

/// Asks for a page, and writes down what came.
pub(super) fn discover(search: &Search<'_>, mut endpoint: Endpoint) -> Result<Discovered, ScaffoldError> {
    let system = if search.system.is_empty() { host_name(&endpoint.base_url) } else { search.system.to_owned() };
    let file = match search.file {
        "" => free_name(search.root, &system),
        named => named.to_owned(),
    };
    let config = normalise(&search.root.join(&file));
    let site = Site { search, config: &config, system: &system };
    let (mut sample, answer) = ask(&site, &endpoint)?;
    let body: Option<Value> = answer.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    endpoint.data_path = body.as_ref().and_then(place);
    if endpoint.data_path.is_some() {
        (sample, _) = ask(&site, &endpoint)?;
    }
    let records = sample.rows() as u64;
    endpoint.paging = paging(&endpoint.params, &answer.headers, body.as_ref(), records);
    let table = table_name(&endpoint.path);
    let profile = Profile::of(vec![sample], Form::json());
    let judgement = judge::judge(&table, &profile);
    let mut notes = vec![format!("{} in the first answer", counted(records, "record"))];
    if endpoint.paging == Paging::Untold && records > 0 {
        notes.push("the answer says nothing of further pages: see `pagination` if there are any".to_owned());
    }
    notes.extend(profile.notes.iter().cloned());
    notes.extend(judgement.notes.iter().cloned());
    let shown = format!("{}{}", endpoint.base_url, endpoint.path);
    let entry = Entry { table, origin: Origin::Api(Box::new(endpoint)), profile, judgement };
    let text = write::config(&site, &shown, std::slice::from_ref(&entry));
    Ok(Discovered { file, text, notes })
}

/// Remembers the last answer.
#[derive(Debug, Default)]
struct Ear(Mutex<Exchange>);

impl Observer for Ear {
    fn saw(&self, seen: Seen) {
        if let Seen::Exchange(exchange) = seen {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = *exchange;
        }
    }

    fn body_limit(&self) -> usize {
        BODY
    }
}

/// The records of one page, and the answer that they were in.
fn ask(site: &Site<'_>, endpoint: &Endpoint) -> Result<(Sample, Exchange), ScaffoldError> {
    let Search { root, world, cancel, .. } = site.search;
    let text = write::ask(endpoint);
    let loaded = config::load_text(root, &site.config.display().to_string(), &text, None, world.env.as_ref());
    let Some(mut dataset) = loaded.pipeline.and_then(|pipeline| pipeline.datasets.into_iter().next()) else {
        let why = loaded.diagnostics.first().map(|finding| finding.message.clone()).unwrap_or_default();
        return Err(ScaffoldError::Nothing { path: site.search.shown(), why });
    };
    // What fails is told at once.
    dataset.conduct.retry.max_attempts = 1;
    let ear = Arc::new(Ear::default());
    let mut request = ExtractRequest::of(&dataset, NaiveDate::MIN, None, world, cancel);
    request.observer = Arc::clone(&ear) as Arc<dyn Observer>;
    let sample = extract::sample(extract::extractor(&dataset.source).as_ref(), &request, RECORDS);
    let sample = sample.map_err(|error| match error {
        ExtractError::Cancelled => ScaffoldError::Cancelled,
        refused if endpoint.token.is_empty() && refused.code() == code::AUTH011 => ScaffoldError::NeedsToken(refused),
        other => other.into(),
    })?;
    let answer = ear.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((sample, answer))
}

/// The path to the records, where they would not be found without it.
fn place(body: &Value) -> Option<String> {
    let fields = body.as_object()?;
    if ENVELOPES.iter().any(|name| fields.get(*name).is_some_and(Value::is_array)) {
        return None;
    }
    let list = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_object));
    if let Some((name, _)) = fields.iter().find(|(name, value)| list(value) && is_plain(name)) {
        return Some(name.clone());
    }
    fields.iter().filter(|(name, _)| is_plain(name)).find_map(|(outer, value)| {
        let inner = value.as_object()?.iter().find(|(name, value)| list(value) && is_plain(name))?;
        Some(format!("{outer}.{}", inner.0))
    })
}

/// Whether a name can stand in a dotted path.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

/// How further pages are asked for.
fn paging(params: &[(String, String)], headers: &[(String, String)], body: Option<&Value>, records: u64) -> Paging {
    let links = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    if links.clone().any(|(_, value)| value.contains("rel=\"next\"") || value.contains("rel=next")) {
        return Paging::Link;
    }
    let told = |names: &[&str]| {
        SECTIONS.iter().find_map(|section| {
            let within = if section.is_empty() { body? } else { body?.get(*section)? };
            let name = names.iter().find(|name| within.get(**name).is_some())?;
            let path = if section.is_empty() { (*name).to_owned() } else { format!("{section}.{name}") };
            Some((path, within.get(*name)?.clone()))
        })
    };
    let by_parameter = |names: &[&str]| params.iter().find(|(name, _)| names.contains(&name.as_str())).cloned();
    for (name, param) in CURSORS {
        if let Some((field, value)) = told(&[name])
            && (value.is_string() || value.is_null())
            && is_path(&field)
        {
            return Paging::Cursor { field, param: Some(param.to_owned()) };
        }
    }
    if let Some((field, value)) = told(&NEXT)
        && value.as_str().is_some_and(|text| text.contains('/') || text.contains('?'))
        && is_path(&field)
    {
        return Paging::Cursor { field, param: None };
    }
    let total = told(&TOTALS).filter(|(_, value)| value.is_u64()).map(|(path, _)| path).filter(|path| is_path(path));
    let size = || {
        if let Some((name, value)) = by_parameter(&SIZE) {
            return value.parse().ok().map(|size| (name, size));
        }
        let (path, value) = told(&SIZE)?;
        let name = path.rsplit('.').next().unwrap_or_default().to_owned();
        Some((name, value.as_u64().unwrap_or(records).max(1)))
    };
    let numbered = by_parameter(&PAGE).map(|(name, _)| name).or_else(|| {
        let (_, value) = told(&["page", "current_page", "currentPage", "next_page", "total_pages", "totalPages"])?;
        value.is_u64().then(|| "page".to_owned())
    });
    if let Some(param) = numbered {
        return Paging::Page { param, size: size(), total };
    }
    let skipping = by_parameter(&OFFSET).map(|(name, _)| name).or_else(|| {
        let (path, value) = told(&OFFSET)?;
        value.is_u64().then(|| path.rsplit('.').next().unwrap_or_default().to_owned())
    });
    match skipping {
        Some(param) => Paging::Offset { param, size: size(), total },
        None => Paging::Untold,
    }
}

fn is_path(path: &str) -> bool {
    path.split('.').all(is_plain)
}

/// `example` of `https://api.example.com`.
fn host_name(base_url: &str) -> String {
    let url = Url::parse(base_url).ok();
    let Some(url::Host::Domain(host)) = url.as_ref().and_then(Url::host) else { return "api".to_owned() };
    let parts: Vec<&str> = host.split('.').filter(|part| !matches!(*part, "www" | "api")).collect();
    let name = if parts.len() > 1 { parts[parts.len() - 2] } else { parts.first().copied().unwrap_or("api") };
    identifier(name)
}

/// The last part of the path that says something.
fn table_name(path: &str) -> String {
    let version = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty() && !version(part));
    let last = parts.next().unwrap_or("records");
    identifier(last.strip_suffix(".json").unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_by_headers_fields_and_parameters() {
        let none: &[(String, String)] = &[];
        let by_body = |body: Value| paging(none, none, Some(&body), 2);
        let link = vec![("link".to_owned(), "<https://a.b/?page=2>; rel=\"next\"".to_owned())];
        assert_eq!(paging(none, &link, None, 2), Paging::Link);
        let cursor = |field: &str, param: Option<&str>| Paging::Cursor {
            field: field.to_owned(),
            param: param.map(str::to_owned),
        };
        assert_eq!(
            by_body(serde_json::json!({"meta": {"next_cursor": "x"}})),
            cursor("meta.next_cursor", Some("cursor"))
        );
        assert_eq!(by_body(serde_json::json!({"nextPageToken": null})), cursor("nextPageToken", Some("pageToken")));
        assert_eq!(by_body(serde_json::json!({"links": {"next": "/v1/x?page=2"}})), cursor("links.next", None));
        assert_eq!(by_body(serde_json::json!({"next": null, "data": []})), Paging::Untold);
        let page = by_body(serde_json::json!({"page": 1, "per_page": 50, "total": 120}));
        let size = Some(("per_page".to_owned(), 50));
        assert_eq!(page, Paging::Page { param: "page".into(), size: size.clone(), total: Some("total".into()) });
        assert!(page.takes("per_page") && page.takes("page") && !page.takes("q"));
        let params = [("skip".to_owned(), "0".to_owned()), ("per_page".to_owned(), "50".to_owned())];
        let offset = paging(&params, none, None, 50);
        assert_eq!(offset, Paging::Offset { param: "skip".into(), size, total: None });
        assert_eq!(by_body(serde_json::json!({"data": [{"page": 1}]})), Paging::Untold);
    }

    #[test]
    fn records_are_found_in_unusual_places() {
        assert_eq!(place(&serde_json::json!([{"a": 1}])), None);
        assert_eq!(place(&serde_json::json!({"data": [], "things": []})), None);
        assert_eq!(place(&serde_json::json!({"count": 1, "things": [{"a": 1}]})).as_deref(), Some("things"));
        assert_eq!(place(&serde_json::json!({"result": {"things": [{"a": 1}]}})).as_deref(), Some("result.things"));
        assert_eq!(place(&serde_json::json!({"tags": ["a"]})), None, "no records");
        assert_eq!(place(&serde_json::json!({"a.b": [{}]})), None, "no path leads there");
    }

    #[test]
    fn names_come_from_the_address() {
        assert_eq!(host_name("https://api.example.com"), "example");
        assert_eq!(host_name("http://localhost:8080"), "localhost");
        assert_eq!(host_name("http://127.0.0.1:1"), "api");
        assert_eq!(table_name("/v1/Customer-Orders.json"), "customer_orders");
        assert_eq!(table_name("/v2/"), "records");
    }
}
