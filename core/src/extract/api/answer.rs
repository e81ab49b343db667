//! What is in an answer: its records, and what it says of further pages.
//!
//! Records are cut out of the text of the answer, so that numbers keep their spelling and keys their
//! order.

use std::collections::HashMap;
use std::sync::Arc;

use http::HeaderMap;
use jmespath::ast::Ast;
use jmespath::{Context, Rcvar, Runtime, Variable, interpret};

use super::courier::{Answer, Unread};
use super::error::ApiError;
use super::page::{Facts, digest};
use super::veil::Veil;
use crate::config::settings::{CursorFrom, PageKind, Pagination};
use crate::extract::records::json::{self, Elements, Fields};

/// Lists in an answer that are its records, if nothing says where they are; the first one counts.
const ENVELOPES: [&str; 4] = ["items", "data", "results", "records"];
/// Numbers of records that pages usually have.
const USUAL: [u64; 10] = [10, 20, 25, 30, 50, 100, 200, 250, 500, 1_000];
/// Fields that say that there is another page.
const NEXT: [&str; 10] = [
    "next",
    "next_page",
    "next_url",
    "next_cursor",
    "nextPage",
    "nextCursor",
    "nextPageToken",
    "next_page_token",
    "nextLink",
    "@odata.nextLink",
];
/// Fields that say so if they are true.
const MORE: [&str; 3] = ["has_more", "hasMore", "hasNextPage"];
/// Fields that say how many records there are.
const TOTALS: [&str; 5] = ["total", "total_count", "totalCount", "totalResults", "total_results"];
/// Sections in which such fields are.
const SECTIONS: [&str; 7] = ["meta", "pagination", "paging", "links", "_links", "page_info", "pageInfo"];

/// Reads answers of one address.
#[derive(Debug)]
pub(super) struct Reader {
    place: Place,
    /// `data_path` as written.
    written: String,
    cursor: Option<CursorFrom>,
    key: Option<Vec<String>>,
    total: Option<Vec<String>>,
    has_more: Option<Vec<String>>,
    /// Nobody asks for a second page.
    only_one: bool,
}

/// Where the records are.
#[derive(Debug)]
enum Place {
    Envelope,
    Path(Vec<String>),
    Expression(Ast),
}

/// What an answer has.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    /// One JSON value each, without line ends.
    pub(super) records: Vec<String>,
    /// What it says of itself.
    pub(super) facts: Facts,
    /// It says that something went wrong, beside its records.
    pub(super) complaint: Option<String>,
    /// Bytes of the answer.
    pub(super) bytes: u64,
    /// The fields that it has, where it lacks the ones that were looked for.
    pub(super) lacks: Option<String>,
}

enum Found<'a> {
    List(&'a [u8]),
    One(&'a [u8]),
    Values(Vec<String>),
    Nothing { lacks: bool },
}

/// A dotted path as its keys.
pub(super) fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

impl Reader {
    /// Of answers that have records at `data_path`.
    pub(super) fn new(data_path: Option<&str>, pagination: &Pagination) -> Result<Self, ApiError> {
        let place = match data_path {
            None => Place::Envelope,
            Some("@") => Place::Path(Vec::new()),
            Some(path) if path.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter)) => {
                Place::Path(keys(path))
            }
            Some(expression) => Place::Expression(jmespath::parse(expression).map_err(|error| {
                let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
                ApiError::DataPath { path: expression.to_owned(), reason }
            })?),
        };
        let (cursor, key) = match &pagination.kind {
            PageKind::Cursor { from, .. } => (Some(from.clone()), None),
            PageKind::Keyset { field, .. } => (None, Some(keys(field))),
            _ => (None, None),
        };
        Ok(Self {
            place,
            written: data_path.unwrap_or_default().to_owned(),
            cursor,
            key,
            total: pagination.total_path.as_deref().map(keys),
            has_more: pagination.has_more_path.as_deref().map(keys),
            only_one: pagination.kind == PageKind::One,
        })
    }

    /// The records of an answer. `shown` hides secrets.
    pub(super) fn read(&self, answer: &Answer, veil: &Veil) -> Result<Read, Unread> {
        let body = answer.body.trim();
        let mut read = Read { bytes: answer.body.len() as u64, ..Read::default() };
        if body.is_empty() {
            // 204, and servers that mean it.
            read.facts = self.facts(b"null", &answer.headers, &read.records);
            return Ok(read);
        }
        let lines = of_kind(&answer.headers, &["ndjson", "jsonl", "json-seq"]);
        if lines {
            read.records = body.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            read.facts = self.facts(b"null", &answer.headers, &read.records);
            return Ok(read);
        }
        if let Err(reason) = json::check(body) {
            let reason = if body.starts_with('<') { "a page for people (HTML)".to_owned() } else { reason };
            let html = body.starts_with('<');
            let error = ApiError::NotJson { target: answer.target.clone(), reason };
            // What is cut off may come whole the next time; a page for people stays one.
            return Err(if html { Unread::Useless(error) } else { Unread::Broken(error) });
        }
        let body = body.as_bytes();
        let complaint = complaint(body).map(|said| veil.said(said));
        let inside = |said_by: &str| {
            let target = answer.target.clone();
            Err(Unread::Useless(ApiError::ErrorInside { target, said_by: said_by.to_owned() }))
        };
        match self.find(body).map_err(Unread::Useless)? {
            Found::List(list) => read.records = Elements::of(list).map(line).collect(),
            Found::Values(values) => read.records = values,
            Found::One(one) => match &complaint {
                Some(said) if one.len() == body.len() && matches!(self.place, Place::Envelope) => return inside(said),
                _ => read.records.push(line(one)),
            },
            Found::Nothing { lacks } => {
                if let Some(said) = &complaint {
                    return inside(said);
                }
                read.lacks = lacks.then(|| {
                    let fields: Vec<String> =
                        Fields::of(body).filter_map(|(key, _)| Some(format!("`{}`", key.ok()?))).take(12).collect();
                    fields.join(", ")
                });
            }
        }
        read.complaint = complaint;
        read.facts = self.facts(body, &answer.headers, &read.records);
        Ok(read)
    }

    fn find<'a>(&self, body: &'a [u8]) -> Result<Found<'a>, ApiError> {
        let odd = |what: &[u8]| ApiError::DataPath {
            path: self.written.clone(),
            reason: format!("it leads to {}, not to a list or an object", kind(what)),
        };
        match &self.place {
            Place::Envelope => match body.first() {
                Some(b'[') => Ok(Found::List(body)),
                Some(b'{') => Ok(envelope(body)),
                _ => Ok(Found::Nothing { lacks: true }),
            },
            Place::Path(path) => match json::at(body, path) {
                None => Ok(Found::Nothing { lacks: true }),
                Some(value) => match value.first() {
                    Some(b'[') => Ok(Found::List(value)),
                    Some(b'{') => Ok(Found::One(value)),
                    Some(b'n') => Ok(Found::Nothing { lacks: false }),
                    _ => Err(odd(value)),
                },
            },
            Place::Expression(ast) => {
                let mut known = Known::default();
                let root = known.variable(body);
                let mut runtime = Runtime::new();
                runtime.register_builtin_functions();
                let failed = |error: jmespath::JmespathError| ApiError::DataPath {
                    path: self.written.clone(),
                    reason: error.to_string().lines().next().unwrap_or_default().to_owned(),
                };
                let found = interpret(&root, ast, &mut Context::new(&self.written, &runtime)).map_err(failed)?;
                match found.as_ref() {
                    Variable::Null => Ok(Found::Nothing { lacks: false }),
                    Variable::Array(values) => {
                        Ok(Found::Values(values.iter().map(|value| known.text(value)).collect()))
                    }
                    Variable::Object(_) => Ok(Found::Values(vec![known.text(&found)])),
                    _ => Err(odd(known.text(&found).as_bytes())),
                }
            }
        }
    }

    fn facts(&self, body: &[u8], headers: &HeaderMap, records: &[String]) -> Facts {
        let at = |path: &Option<Vec<String>>| path.as_ref().and_then(|path| json::at(body, path));
        let field = |name: &str| json::at(body, &keys(name)).filter(|value| said(value));
        let cursor = match &self.cursor {
            None => None,
            Some(CursorFrom::LinkHeader(relation)) => link(headers, relation),
            Some(CursorFrom::Header(name)) => headers
                .get(name.as_str())
                .and_then(|value| value.to_str().ok())
                .filter(|value| !value.trim().is_empty())
                .and_then(|value| serde_json::to_string(value.trim()).ok()),
            Some(CursorFrom::Field(name) | CursorFrom::Body(name)) => {
                field(name).map(|value| String::from_utf8_lossy(value).into_owned())
            }
        };
        let last_key = self.key.as_ref().and_then(|key| {
            let value = json::at(records.last()?.as_bytes(), key)?;
            json::plain(value).map(|_| String::from_utf8_lossy(value).into_owned())
        });
        let mut all = Vec::new();
        for record in records {
            all.extend_from_slice(&digest(record.as_bytes()).to_le_bytes());
        }
        Facts {
            records: records.len() as u64,
            digest: digest(&all),
            cursor,
            last_key,
            total: at(&self.total).and_then(number),
            has_more: at(&self.has_more).map(said),
            hint: if self.only_one { hint(body, headers, records.len() as u64) } else { None },
            ..Facts::default()
        }
    }
}

/// A value on one line.
fn line(value: &[u8]) -> String {
    if memchr::memchr2(b'\n', b'\r', value).is_none() {
        return String::from_utf8_lossy(value).into_owned();
    }
    let mut compact = Vec::with_capacity(value.len());
    json::compact(value, &mut compact);
    String::from_utf8_lossy(&compact).into_owned()
}

fn envelope(body: &[u8]) -> Found<'_> {
    let mut empty = false;
    for name in ENVELOPES {
        match Fields::of(body).find(|(key, _)| key.as_ref().is_ok_and(|key| key == name)) {
            Some((_, list)) if list.first() == Some(&b'[') => return Found::List(list),
            Some((_, value)) => empty |= value.first() == Some(&b'n'),
            None => {}
        }
    }
    if empty { Found::Nothing { lacks: false } } else { Found::One(body) }
}

/// Whether a value says yes: neither null, false, 0 nor empty.
fn said(value: &[u8]) -> bool {
    match value.first() {
        None | Some(b'n' | b'f') => false,
        Some(b'[') => Elements::of(value).next().is_some(),
        Some(b'{') => Fields::of(value).next().is_some(),
        Some(b'"') => value.len() > 2,
        _ => value != b"0",
    }
}

/// What an answer says went wrong.
fn complaint(body: &[u8]) -> Option<&[u8]> {
    ["error", "errors"].iter().find_map(|name| {
        let (_, value) = Fields::of(body).find(|(key, _)| key.as_ref().is_ok_and(|key| key == name))?;
        said(value).then_some(value)
    })
}

fn number(value: &[u8]) -> Option<u64> {
    let text = json::plain(value)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a small whole number")]
    let whole = |number: f64| ((0.0..9e15).contains(&number) && number.fract() == 0.0).then_some(number as u64);
    text.parse().ok().or_else(|| whole(text.parse().ok()?))
}

fn kind(value: &[u8]) -> &'static str {
    match value.first() {
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn of_kind(headers: &HeaderMap, kinds: &[&str]) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kinds.iter().any(|word| kind.contains(word))
}

/// The target of a link with this relation, RFC 8288.
fn link(headers: &HeaderMap, relation: &str) -> Option<String> {
    for header in headers.get_all("link") {
        let mut rest = header.to_str().ok()?;
        while let Some(start) = rest.find('<') {
            let Some(length) = rest[start..].find('>') else { break };
            let target = &rest[start + 1..start + length];
            let after = &rest[start + length + 1..];
            let end = after.find(",<").or_else(|| after.find(", <")).unwrap_or(after.len());
            let named =
                after[..end].split(';').filter_map(|param| param.trim().split_once('=')).any(|(name, value)| {
                    let value = value.trim().trim_end_matches(',').trim_matches('"');
                    name.trim().eq_ignore_ascii_case("rel")
                        && value.split_whitespace().any(|word| word.eq_ignore_ascii_case(relation))
                });
            if named && !target.trim().is_empty() {
                return Some(target.trim().to_owned());
            }
            rest = &after[end..];
        }
    }
    None
}

/// Why there may be more than this page.
fn hint(body: &[u8], headers: &HeaderMap, records: u64) -> Option<String> {
    if link(headers, "next").is_some() {
        return Some("its `Link` header names a next page".to_owned());
    }
    let mut places = vec![(String::new(), body)];
    for section in SECTIONS {
        places.extend(json::at(body, &[section.to_owned()]).map(|value| (format!("{section}."), value)));
    }
    for (prefix, place) in places {
        for (key, value) in Fields::of(place) {
            let Ok(key) = key else { continue };
            let next = NEXT.contains(&key.as_ref()) && said(value) && value.first() != Some(&b'[');
            let more = MORE.contains(&key.as_ref()) && value.first() == Some(&b't');
            let total = TOTALS.contains(&key.as_ref()) && number(value).is_some_and(|total| total > records);
            if next || more || total {
                return Some(format!("it has `{prefix}{key}`"));
            }
        }
    }
    USUAL.contains(&records).then(|| format!("{records} records are what a page usually has"))
}

/// JSON as values of JMESPath, and where each object came from.
#[derive(Default)]
struct Known<'a>(HashMap<*const Variable, &'a [u8]>);

impl<'a> Known<'a> {
    fn variable(&mut self, value: &'a [u8]) -> Rcvar {
        let made = match value.first() {
            Some(b'{') => {
                let fields =
                    Fields::of(value).filter_map(|(key, value)| Some((key.ok()?.into_owned(), self.variable(value))));
                Variable::Object(fields.collect())
            }
            Some(b'[') => Variable::Array(Elements::of(value).map(|value| self.variable(value)).collect()),
            Some(b'"') => Variable::String(json::string(value).unwrap_or_default().into_owned()),
            Some(b't') => Variable::Bool(true),
            Some(b'f') => Variable::Bool(false),
            Some(b'n') | None => Variable::Null,
            Some(_) => serde_json::from_slice(value).map_or(Variable::Null, Variable::Number),
        };
        let made = Arc::new(made);
        if matches!(made.as_ref(), Variable::Object(_)) {
            self.0.insert(Arc::as_ptr(&made), value);
        }
        made
    }

    /// As the answer had it, or as JSON where the expression made it.
    fn text(&self, value: &Rcvar) -> String {
        if let Some(own) = self.0.get(&Arc::as_ptr(value)) {
            return line(own);
        }
        match value.as_ref() {
            Variable::String(text) => serde_json::Value::String(text.clone()).to_string(),
            Variable::Bool(is) => is.to_string(),
            Variable::Number(number) => number.to_string(),
            Variable::Array(values) => {
                let values: Vec<String> = values.iter().map(|value| self.text(value)).collect();
                format!("[{}]", values.join(","))
            }
            Variable::Object(fields) => {
                let quoted = |name: &String| serde_json::Value::String(name.clone());
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{}:{}", quoted(name), self.text(value))).collect();
                format!("{{{}}}", fields.join(","))
            }
            Variable::Null | Variable::Expref(_) => "null".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::ParamLocation;

    fn pagination(kind: PageKind) -> Pagination {
        Pagination {
            kind,
            max_pages: None,
            max_records: None,
            location: ParamLocation::Query,
            total_path: Some("meta.total".into()),
            has_more_path: Some("meta.more".into()),
        }
    }

    fn read(path: Option<&str>, kind: PageKind, body: &str, headers: &[(&'static str, &str)]) -> Result<Read, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let reader = Reader::new(path, &pagination(kind)).map_err(|error| error.to_string())?;
        let answer = Answer { headers: map, body: body.into(), target: "https://a/b".into() };
        reader.read(&answer, &Veil::default()).map_err(|error| match error {
            Unread::Broken(error) => format!("again: {error}"),
            Unread::Useless(error) => error.to_string(),
        })
    }

    #[test]
    fn records_are_found_by_path_expression_and_envelope() {
        let nested =
            r#"{"orders": [{"z": 1, "lines": [{"y": 1.50, "a": 12345678901234567890}]}, {"lines": [{"b": 2}]}]}"#;
        for (path, body, expected) in [
            (None, "[{\"a\":1}, {\"a\":2}]", vec!["{\"a\":1}", "{\"a\":2}"]),
            (None, "{\"data\":[1],\"items\":[2]}", vec!["2"]),
            (None, "{\"data\":null,\"x\":1}", vec![]),
            (None, "{\"data\":{\"a\":1}}", vec!["{\"data\":{\"a\":1}}"]),
            (None, "", vec![]),
            (Some("r.x-y"), "{\"r\":{\"x-y\":[{\n\"a\" : 1 }]}}", vec!["{\"a\":1}"]),
            (Some("r"), "{\"r\":{\"a\":1}}", vec!["{\"a\":1}"]),
            (Some("r"), "{\"r\":null}", vec![]),
            (Some("r"), "{\"q\":1}", vec![]),
            (Some("@"), "{\"error\":\"x\"}", vec!["{\"error\":\"x\"}"]),
            (Some("orders[].lines[]"), nested, vec![r#"{"y": 1.50, "a": 12345678901234567890}"#, r#"{"b": 2}"#]),
            (Some("orders[?z].{n: z, l: length(lines)}"), nested, vec![r#"{"l":1,"n":1}"#]),
        ] {
            let found = read(path, PageKind::One, body, &[]).unwrap();
            assert_eq!(found.records, expected, "{path:?} of {body}");
        }
        let lines = read(None, PageKind::One, "{\"a\":1}\n\n{\"a\":2}\n", &[("content-type", "application/x-ndjson")]);
        assert_eq!(lines.unwrap().records.len(), 2);
        assert_eq!(
            read(Some("r"), PageKind::One, "{\"q\":1,\"p\":2}", &[]).unwrap().lacks.as_deref(),
            Some("`q`, `p`")
        );
    }

    #[test]
    fn what_is_no_answer_is_named() {
        let failed = |path, body| read(path, PageKind::One, body, &[]).map(|read| read.records).unwrap_err();
        assert_eq!(
            failed(None, "<html>"),
            "https://a/b answers with something that is not JSON: a page for people (HTML)"
        );
        assert!(failed(None, "[{\"a\":1},").starts_with("again: "));
        assert_eq!(failed(None, "{\"error\":{\"m\":\"no\"}}"), "https://a/b reports an error: {\"m\":\"no\"}");
        assert_eq!(
            failed(Some("data.x"), "{\"data\":null,\"errors\":[\"bad\"]}"),
            "https://a/b reports an error: [\"bad\"]"
        );
        assert_eq!(failed(Some("a"), "{\"a\":5}"), "`data_path: a`: it leads to a number, not to a list or an object");
        assert!(failed(Some("a[[["), "{}").starts_with("`data_path: a[[[`"));
        let partly = read(Some("data"), PageKind::One, "{\"data\":[{}],\"errors\":[1]}", &[]).unwrap();
        assert_eq!((partly.records.len(), partly.complaint.as_deref()), (1, Some("[1]")));
    }

    #[test]
    fn pages_say_what_comes_next() {
        let cursor = |from| PageKind::Cursor { from, param: "c".into(), limit_param: None, page_size: 1 };
        let next = |from, body: &str, headers: &[(&'static str, &str)]| {
            read(Some("@"), cursor(from), body, headers).unwrap().facts.cursor
        };
        let field = || CursorFrom::Field("m.next".into());
        assert_eq!(next(field(), "{\"m\":{\"next\":\"a b\"}}", &[]).as_deref(), Some("\"a b\""));
        assert_eq!(
            next(field(), "{\"m\":{\"next\":12345678901234567890}}", &[]).as_deref(),
            Some("12345678901234567890")
        );
        for nothing in ["{}", "{\"m\":{\"next\":null}}", "{\"m\":{\"next\":\"\"}}", "{\"m\":{\"next\":false}}"] {
            assert_eq!(next(field(), nothing, &[]), None, "{nothing}");
        }
        let links =
            [("link", "<https://a/b?page=1,2>; rel=\"prev\", <https://a/b?page=3>; title=\"x, y\"; rel=\"last next\"")];
        assert_eq!(next(CursorFrom::LinkHeader("next".into()), "{}", &links).as_deref(), Some("https://a/b?page=3"));
        assert_eq!(next(CursorFrom::LinkHeader("first".into()), "{}", &links), None);
        assert_eq!(next(CursorFrom::Header("X-Next".into()), "{}", &[("x-next", "t")]).as_deref(), Some("\"t\""));
        let keyset = PageKind::Keyset { field: "k.id".into(), param: "since".into(), limit_param: None, page_size: 1 };
        let facts = read(None, keyset, "[{\"k\":{\"id\":1}},{\"k\":{\"id\":7}}]", &[]).unwrap().facts;
        assert_eq!((facts.last_key.as_deref(), facts.records), (Some("7"), 2));
        let told =
            read(None, PageKind::One, "{\"items\":[],\"meta\":{\"total\":\"7\",\"more\":0}}", &[]).unwrap().facts;
        assert_eq!((told.total, told.has_more), (Some(7), Some(false)));
    }

    #[test]
    fn one_page_that_looks_like_one_of_several_is_told() {
        let hint =
            |body: &str, headers: &[(&'static str, &str)]| read(None, PageKind::One, body, headers).unwrap().facts.hint;
        assert_eq!(hint("[{}]", &[]), None);
        assert!(hint("[{}]", &[("link", "<x>; rel=next")]).is_some());
        assert_eq!(hint("{\"items\":[{}],\"total\":2}", &[]).as_deref(), Some("it has `total`"));
        assert_eq!(
            hint("{\"items\":[{}],\"total\":1,\"meta\":{\"next\":\"x\"}}", &[]).as_deref(),
            Some("it has `meta.next`")
        );
        assert!(hint(&format!("[{}]", vec!["{}"; 100].join(",")), &[]).is_some());
    }
}
