//! APIs through the extractor, against servers on real sockets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indexmap::IndexMap;

use super::*;
use crate::config::settings::{
    BasicCredentials, BodyFormat, CursorFrom, EnvVar, Grant, HttpTls, Incremental, KeyPlace, Method, NullCursor,
    OauthClient, Pagination, ParamLocation, Parent, RequestBody, Secret,
};
use crate::error::Coded;
use crate::extract::contract::{read, read_widened, request, show};
use crate::extract::observe::{Observer, Seen, Waiting};
use crate::extract::server::{Asked, Reply, Server};
use crate::world::{FixedEnvironment, World};

const SECRET: &str = "s3cr3t/of+mine";

fn pages(kind: PageKind) -> Pagination {
    Pagination {
        kind,
        max_pages: None,
        max_records: None,
        location: ParamLocation::Query,
        total_path: None,
        has_more_path: None,
    }
}
fn by_offset() -> Pagination {
    pages(PageKind::Offset { offset_param: "offset".into(), limit_param: "limit".into(), page_size: 10 })
}
fn by_page() -> Pagination {
    pages(PageKind::Page { page_param: "page".into(), limit_param: "limit".into(), page_size: 10, start_page: 1 })
}
fn by_cursor(from: CursorFrom) -> Pagination {
    pages(PageKind::Cursor { from, param: "cursor".into(), limit_param: Some("limit".into()), page_size: 10 })
}
fn by_key() -> Pagination {
    let limit_param = Some("limit".into());
    pages(PageKind::Keyset { field: "id".into(), param: "after".into(), limit_param, page_size: 10 })
}

fn api(url: &str, pagination: Pagination) -> ApiSource {
    ApiSource {
        base_url: url.to_owned(),
        endpoint: "/v1/things".into(),
        method: Method::Get,
        auth: Auth::None,
        headers: IndexMap::new(),
        header_env_vars: IndexMap::new(),
        params: IndexMap::new(),
        path_params: IndexMap::new(),
        body: None,
        data_path: Some("data".into()),
        response_schema: None,
        pagination,
        incremental: None,
        parent: None,
        tls: HttpTls::default(),
    }
}

/// Everything that is told.
#[derive(Debug, Default)]
struct Watcher(Mutex<Vec<Seen>>);

impl Observer for Watcher {
    fn saw(&self, seen: Seen) {
        self.0.lock().unwrap().push(seen);
    }
}

/// A request of an extract, with a folder for what is kept.
struct Bench {
    folder: tempfile::TempDir,
    watcher: Arc<Watcher>,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), watcher: Arc::default() }
    }
    fn request(&self) -> ExtractRequest {
        let variables = BTreeMap::from([
            ("MEDALLION_SCRATCH_DIR".to_owned(), self.folder.path().display().to_string()),
            ("TOKEN".to_owned(), SECRET.to_owned()),
            ("USER".to_owned(), "me".to_owned()),
        ]);
        // Connections of its own: tests must not trip each other's breakers.
        let world = World::real().with_environment(FixedEnvironment(variables));
        ExtractRequest { world, observer: self.watcher.clone(), ..request() }
    }
    fn kept(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("extract")).map_or(0, Iterator::count)
    }
    fn seen(&self) -> String {
        format!("{:?}", self.watcher.0.lock().unwrap())
    }
    fn waits(&self) -> Vec<Waiting> {
        let seen = self.watcher.0.lock().unwrap();
        seen.iter()
            .filter_map(|seen| match seen {
                Seen::Waiting(why, _) => Some(why.clone()),
                Seen::Exchange(_) => None,
            })
            .collect()
    }
}

fn ids(source: ApiSource, request: &ExtractRequest) -> Result<Vec<i64>, String> {
    use arrow::array::{AsArray, RecordBatch};
    use arrow::datatypes::Int64Type;
    let all = read(&ApiExtractor::new(source), request).map_err(|error| format!("{} {error}", error.code()))?;
    let column = |batch: &RecordBatch| Some(batch.column_by_name("id")?.as_primitive::<Int64Type>().values().to_vec());
    Ok(column(&all.whole).unwrap_or_default())
}

/// A server with 25 things that knows every kind of pagination.
fn things(asked: &Asked) -> Reply {
    some(asked, 25)
}

fn some(asked: &Asked, count: u64) -> Reply {
    let size = asked.number("limit").unwrap_or(10);
    let start = asked.number("offset").or_else(|| asked.number("page").map(|page| (page - 1) * size));
    let start = start.or_else(|| asked.number("after")).or_else(|| asked.number("cursor")).unwrap_or(0).min(count);
    let end = (start + size).min(count);
    let records: Vec<String> = (start + 1..=end).map(|id| format!("{{\"id\":{id},\"name\":\"n{id}\"}}")).collect();
    let next = if end < count { end.to_string() } else { "null".into() };
    let reply = Reply::json(format!("{{\"data\":[{}],\"next\":{next},\"total\":{count}}}", records.join(",")));
    if end == count {
        return reply;
    }
    reply
        .header("X-Next", end)
        .header("Link", format!("</v1/things?cursor={start}>; rel=\"prev\", </v1/things?cursor={end}>; rel=\"next\""))
}

fn all() -> Vec<i64> {
    (1..=25).collect()
}

fn kinds() -> Vec<(&'static str, Pagination)> {
    vec![
        ("offset", by_offset()),
        ("offset with total", Pagination { total_path: Some("total".into()), ..by_offset() }),
        ("page", by_page()),
        ("field", by_cursor(CursorFrom::Field("next".into()))),
        ("link", by_cursor(CursorFrom::LinkHeader("next".into()))),
        ("header", by_cursor(CursorFrom::Header("X-Next".into()))),
        ("keyset", by_key()),
    ]
}

#[test]
fn every_kind_of_pagination_brings_all_records_in_order() {
    for (name, pagination) in kinds() {
        for in_flight in [1, 4] {
            let server = Server::start(|asked, _| things(asked));
            let bench = Bench::new();
            let mut request = bench.request();
            request.conduct.pages_in_flight = in_flight;
            assert_eq!(ids(api(&server.url, pagination.clone()), &request), Ok(all()), "{name}");
            let most = if in_flight == 1 { 4 } else { 8 };
            assert!(server.asked().len() <= most, "{name}: {} requests", server.asked().len());
        }
    }
}

/// What goes wrong at the second request, and what comes of it in the end.
type Fault = (&'static str, fn(Reply) -> Reply, Option<&'static str>);

fn faults() -> Vec<Fault> {
    fn limited(value: Option<&str>) -> Reply {
        let reply = Reply::status(429, "slow down");
        value.map_or(reply.clone(), |value| reply.header("Retry-After", value))
    }
    vec![
        ("429", |_| limited(None), None),
        ("429, at once", |_| limited(Some("0")), None),
        ("429, a past date", |_| limited(Some("Wed, 01 Jan 2020 00:00:00 GMT")), None),
        ("429, an hour", |_| limited(Some("3600")), Some("EXT044")),
        ("429, nonsense", |_| limited(Some("later")), None),
        ("503", |_| Reply::status(503, ""), None),
        ("500", |_| Reply::status(500, "oops"), None),
        ("hangs up", |reply| Reply { hang_up: true, ..reply }, None),
        ("breaks off", |reply| Reply { cut: Some(20), ..reply }, None),
        ("half a document", |reply| Reply::json(&reply.body[..30]), None),
        ("a page for people", |_| Reply::json("<html>Please sign in</html>"), Some("EXT042")),
        ("an error with status 200", |_| Reply::json("{\"error\":{\"message\":\"no\"}}"), Some("EXT043")),
        ("400", |_| Reply::status(400, "bad"), Some("EXT041")),
        ("401", |_| Reply::status(401, "who?"), Some("AUTH011")),
        ("403", |_| Reply::status(403, "no"), Some("AUTH012")),
        ("elsewhere", |_| Reply::status(302, "").header("Location", "http://elsewhere.invalid/x"), Some("AUTH014")),
    ]
}

#[test]
fn a_fault_on_the_way_ends_in_the_right_records_or_a_named_failure() {
    for (kind, pagination) in kinds() {
        for (fault, spoil, code) in faults() {
            let server = Server::start(move |asked, number| {
                let reply = things(asked);
                if number == 2 { spoil(reply) } else { reply }
            });
            let bench = Bench::new();
            match (ids(api(&server.url, pagination.clone()), &bench.request()), code) {
                (Ok(came), None) => assert_eq!(came, all(), "{kind}, {fault}"),
                (Err(error), Some(code)) => assert!(error.starts_with(code), "{kind}, {fault}: {error}"),
                (other, _) => panic!("{kind}, {fault}: {other:?}"),
            }
        }
    }
}

#[test]
fn servers_that_lie_about_pages_are_found_out() {
    type Answer = fn(&Asked) -> Reply;
    let ignores: Answer = |asked| Reply::json(&things(&Asked { query: Vec::new(), ..asked.clone() }).body);
    let short: Answer = |asked| some(&Asked { query: Vec::new(), ..asked.clone() }, 7);
    let caps: Answer = |asked| {
        let mut asked = asked.clone();
        asked.query.retain(|(name, _)| name != "limit");
        asked.query.push(("limit".into(), "4".into()));
        things(&asked)
    };
    let no_such_page: Answer = |asked| {
        let reply = some(asked, 20);
        if reply.body.contains("\"data\":[]") { Reply::status(404, "Invalid page.") } else { reply }
    };
    let total = |pagination| Pagination { total_path: Some("total".into()), ..pagination };
    let promises: Answer = |asked| Reply::json(things(asked).body.replace("\"total\":25", "\"total\":30"));
    let (seven, twenty): (Vec<i64>, Vec<i64>) = ((1..=7).collect(), (1..=20).collect());
    for (name, pagination, answer, expected) in [
        ("ignores offset", by_offset(), ignores, Err("PAGE010")),
        ("ignores page", by_page(), ignores, Err("PAGE010")),
        ("ignores key", by_key(), ignores, Err("PAGE010")),
        ("ignores cursor", by_cursor(CursorFrom::Field("next".into())), ignores, Err("PAGE010")),
        ("ignores page, and has one", by_page(), short, Ok(seven.clone())),
        ("ignores offset, and has one", by_offset(), short, Ok(seven)),
        ("gives less", by_offset(), caps, Ok(all())),
        ("gives less", by_page(), caps, Ok(all())),
        ("gives less", by_key(), caps, Ok(all())),
        ("404 behind the last page", by_page(), no_such_page, Ok(twenty.clone())),
        ("404 behind the last page", by_offset(), no_such_page, Ok(twenty)),
        ("promises more", total(by_offset()), promises, Err("PAGE012")),
        ("promises more", total(by_page()), promises, Err("PAGE012")),
    ] {
        for in_flight in [1, 3] {
            let server = Server::start(move |asked, _| answer(asked));
            let bench = Bench::new();
            let mut request = bench.request();
            request.conduct.pages_in_flight = in_flight;
            let came = ids(api(&server.url, pagination.clone()), &request);
            match (&came, &expected) {
                (Ok(came), Ok(expected)) => assert_eq!(came, expected, "{name}, {pagination:?}"),
                (Err(error), Err(code)) => assert!(error.starts_with(code), "{name}: {error}"),
                _ => panic!("{name}, {pagination:?}: {came:?}"),
            }
        }
    }
}

#[test]
fn a_key_that_is_asked_for_inclusively_doubles_nothing() {
    let server = Server::start(|asked, _| {
        let mut asked = asked.clone();
        for (name, value) in &mut asked.query {
            if name == "after" {
                *value = (value.parse::<u64>().unwrap() - 1).to_string();
            }
        }
        things(&asked)
    });
    assert_eq!(ids(api(&server.url, by_key()), &Bench::new().request()), Ok(all()));
}

#[test]
fn caps_hold() {
    let server = Server::start(|asked, _| things(asked));
    let capped = Pagination { max_pages: Some(2), ..by_page() };
    assert!(ids(api(&server.url, capped), &Bench::new().request()).unwrap_err().starts_with("PAGE011"));
    let trial = Pagination { max_records: Some(12), ..by_page() };
    assert_eq!(ids(api(&server.url, trial), &Bench::new().request()), Ok((1..=12).collect()));
    let asked = server.asked().len();
    let mut few = Bench::new().request();
    few.limit = Some(5);
    few.conduct.pages_in_flight = 4;
    assert_eq!(ids(api(&server.url, by_page()), &few), Ok((1..=5).collect()));
    assert_eq!(server.asked().len(), asked + 1, "a preview asks for no page that it does not need");
}

#[test]
fn pages_that_do_not_depend_on_each_other_are_asked_for_at_once_and_come_in_order() {
    let server = Server::start(|asked, number| {
        // Later pages are faster, and none comes before others were asked for.
        let delay = Duration::from_millis(60_u64.saturating_sub(4 * number as u64));
        Reply { delay, ..some(asked, 200) }
    });
    let bench = Bench::new();
    let mut request = bench.request();
    request.conduct.pages_in_flight = 4;
    let source = api(&server.url, Pagination { total_path: Some("total".into()), ..by_offset() });
    assert_eq!(ids(source, &request), Ok((1..=200).collect()));
    let most = server.most.load(std::sync::atomic::Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most} at once");
    assert_eq!(server.asked().len(), 20, "the total says where the end is");
}

#[test]
fn the_promises_of_an_extractor() {
    let server = Server::start(|asked, _| things(asked));
    let bench = Bench::new();
    let request = bench.request();
    let extractor = ApiExtractor::new(api(&server.url, by_page()));
    let first = read(&extractor, &request).unwrap();
    let asked = server.asked().len();
    let again = read(&extractor, &request).unwrap();
    assert_eq!(first.batches, again.batches);
    assert_eq!(server.asked().len(), asked, "nothing is asked for twice");
    let mut text = request.clone();
    text.as_text.insert("id".to_owned());
    assert!(show(&read(&extractor, &text).unwrap().whole).starts_with("id: text | name: text\n1 | n1\n"));
    assert_eq!(server.asked().len(), asked);
    for limit in [0, 1, 10, 11, 25, 26] {
        let mut limited = request.clone();
        limited.limit = Some(limit);
        let some = read(&extractor, &limited).unwrap();
        let expected = usize::try_from(limit.min(25)).unwrap();
        assert_eq!(some.whole.num_rows(), expected);
    }
    let mut extraction = extractor.open(&request).unwrap();
    request.cancel.cancel();
    assert!(matches!(extraction.next(), Err(ExtractError::Cancelled | ExtractError::Api(ApiError::Cancelled))));
    assert!(matches!(extractor.open(&request).map(|_| ()), Err(ExtractError::Cancelled)));
}

#[test]
fn who_waits_is_woken_by_a_cancellation() {
    let server = Server::start(|asked, number| {
        let delay = if number > 1 { Duration::from_secs(20) } else { Duration::ZERO };
        Reply { delay, ..things(asked) }
    });
    let bench = Bench::new();
    let request = bench.request();
    let cancel = request.cancel.clone();
    let began = Instant::now();
    let later = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        cancel.cancel();
    });
    let error = read(&ApiExtractor::new(api(&server.url, by_page())), &request).map(|_| ()).unwrap_err();
    later.join().unwrap();
    assert_eq!(error.stage(), crate::error::Stage::Cancelled);
    assert!(began.elapsed() < Duration::from_secs(8), "it did not wait for the answer");
}

#[test]
fn columns_that_come_late_widen_without_a_further_request() {
    let server = Server::start(|asked, _| {
        let page = asked.number("page").unwrap();
        let name = |id: u64| if id > 1_050 { format!("\"x{id}\",\"late\":{id}") } else { id.to_string() };
        let records: Vec<String> = ((page - 1) * 100 + 1..=page * 100)
            .filter(|id| *id <= 1_150)
            .map(|id| format!("{{\"id\":{id},\"v\":{}}}", name(id)))
            .collect();
        Reply::json(format!("{{\"data\":[{}]}}", records.join(",")))
    });
    let PageKind::Page { page_param, limit_param, start_page, .. } = by_page().kind else { panic!() };
    let source = api(&server.url, pages(PageKind::Page { page_param, limit_param, start_page, page_size: 100 }));
    let bench = Bench::new();
    let all = read_widened(&ApiExtractor::new(source), bench.request());
    assert_eq!(all.whole.num_rows(), 1_150);
    let shown = show(&all.whole);
    assert!(shown.starts_with("id: integer | v: text | late: text\n1 | 1 | ∅\n"), "{}", &shown[..80]);
    assert_eq!(server.asked().len(), 13);
}

#[test]
fn a_secret_that_is_missing_ends_it_before_any_request() {
    let missing = || EnvVar::new("GONE");
    let client = OauthClient {
        grant: Grant::ClientCredentials,
        token_url: "http://127.0.0.1:1/token".into(),
        client_id: missing(),
        client_secret: Some(EnvVar::new("GONE_TOO")),
        scopes: Vec::new(),
        secret_in_body: false,
        params: IndexMap::new(),
    };
    for auth in [
        Auth::Bearer { token: missing(), header: "Authorization".into(), scheme: "Bearer".into() },
        Auth::ApiKey { key: missing(), place: KeyPlace::Query { param: "key".into() } },
        Auth::Basic { credentials: BasicCredentials::Apart { user: EnvVar::new("USER"), password: missing() } },
        Auth::Oauth2(client),
        Auth::Sigv4 {
            region: "r".into(),
            service: "s".into(),
            access_key: EnvVar::new("USER"),
            secret_key: missing(),
            session_token: None,
        },
    ] {
        let server = Server::start(|asked, _| things(asked));
        let error = ids(ApiSource { auth, ..api(&server.url, by_page()) }, &Bench::new().request()).unwrap_err();
        assert!(error.starts_with("AUTH010 ") && error.contains("GONE"), "{error}");
        assert!(server.asked().is_empty());
    }
}

#[test]
fn each_kind_of_auth_proves_who_asks_and_shows_no_secret() {
    let token = || EnvVar::new("TOKEN");
    let basic = "Basic bWU6czNjcjN0L29mK21pbmU=";
    type Proves = Box<dyn Fn(&Asked) -> bool + Send + Sync>;
    let cases: Vec<(Auth, Proves)> = vec![
        (
            Auth::Bearer { token: token(), header: "Authorization".into(), scheme: "Bearer".into() },
            Box::new(|asked| asked.header("authorization") == Some(&format!("Bearer {SECRET}"))),
        ),
        (
            Auth::ApiKey { key: token(), place: KeyPlace::Header { name: "X-Key".into(), scheme: String::new() } },
            Box::new(|asked| asked.header("x-key") == Some(SECRET)),
        ),
        (
            Auth::ApiKey { key: token(), place: KeyPlace::Query { param: "key".into() } },
            Box::new(|asked| asked.param("key") == Some(SECRET)),
        ),
        (
            Auth::Basic { credentials: BasicCredentials::Apart { user: EnvVar::new("USER"), password: token() } },
            Box::new(move |asked| asked.header("authorization") == Some(basic)),
        ),
    ];
    for (auth, proves) in cases {
        for last in [200_u16, 400] {
            let proves = proves.as_ref();
            let server = Server::start(move |asked, number| {
                // A server that repeats what it was told, in every place.
                let told = format!("{:?} {:?}", asked.headers, asked.query);
                let reply = things(asked).header("X-Told", told.replace('"', ""));
                if number >= 3 { Reply { status: last, body: told, ..reply } } else { reply }
            });
            let source = ApiSource {
                auth: auth.clone(),
                header_env_vars: IndexMap::from([("X-More".to_owned(), token())]),
                params: IndexMap::from([("filter".to_owned(), Secret::new("from-a-variable"))]),
                ..api(&server.url, by_cursor(CursorFrom::LinkHeader("next".into())))
            };
            let bench = Bench::new();
            let error = ids(source, &bench.request()).unwrap_err();
            let asked = server.asked();
            assert!(asked.len() >= 3 && asked.iter().all(proves), "{asked:?}");
            assert_eq!(asked[0].header("x-more"), Some(SECRET));
            let told = format!("{error} {}", bench.seen());
            for secret in [SECRET, "s3cr3t%2Fof%2Bmine", "bWU6czNjcjN0L29mK21pbmU"] {
                assert!(!told.contains(secret), "{auth:?}: {told}");
            }
            assert!(!error.contains("from-a-variable") && told.contains("filter=***"), "{told}");
        }
    }
}

#[test]
fn tokens_are_kept_renewed_and_rotated() {
    let server = Server::start(|asked, number| match asked.path.as_str() {
        "/token" if asked.body.contains("grant_type=refresh_token") => {
            let used =
                asked.body.split("&refresh_token=").nth(1).unwrap_or_default().split('&').next().unwrap_or_default();
            let (access, next) = match used {
                "s3cr3t%2Fof%2Bmine" => ("access-1", "rotated-1"),
                "rotated-1" => ("access-2", "rotated-2"),
                other => return Reply::status(400, &format!("{{\"error\":\"invalid_grant {other}\"}}")),
            };
            Reply::json(format!("{{\"access_token\":\"{access}\",\"refresh_token\":\"{next}\",\"expires_in\":3600}}"))
        }
        // The first token is not accepted any more after some requests.
        _ if asked.header("authorization") == Some("Bearer access-1") && number > 3 => Reply::status(401, "expired"),
        _ if asked.header("authorization").is_some_and(|proof| proof.starts_with("Bearer access-")) => things(asked),
        _ => Reply::status(401, "who?"),
    });
    let client = OauthClient {
        grant: Grant::RefreshToken(EnvVar::new("TOKEN")),
        token_url: format!("{}/token", server.url),
        client_id: EnvVar::new("USER"),
        client_secret: None,
        scopes: vec!["a".into(), "b".into()],
        secret_in_body: true,
        params: IndexMap::new(),
    };
    let bench = Bench::new();
    let source = ApiSource { auth: Auth::Oauth2(client), ..api(&server.url, by_page()) };
    assert_eq!(ids(source.clone(), &bench.request()), Ok(all()));
    let tokens = |server: &Server| server.asked().iter().filter(|asked| asked.path == "/token").count();
    assert_eq!(tokens(&server), 2, "one for all pages, and one when it was refused");
    for secret in ["access-1", "access-2", "rotated-1", "rotated-2", "s3cr3t"] {
        assert!(!bench.seen().contains(secret), "{secret} in {}", bench.seen());
    }
    let error = ids(source, &Bench::new().request()).unwrap_err();
    assert!(error.starts_with("AUTH013") && !error.contains("rotated-2"), "{error}");
}

#[test]
fn the_rate_is_held_and_complaints_are_followed() {
    let server = Server::start(|asked, _| things(asked));
    let bench = Bench::new();
    let mut request = bench.request();
    request.conduct.rate_limit_hz = Some(20.0);
    request.conduct.rate_limit_burst = 2;
    request.conduct.pages_in_flight = 4;
    assert_eq!(ids(api(&server.url, by_page()), &request), Ok(all()));
    let asked = server.asked();
    // Two at once, and then one every 50 ms; a request may be late, never early.
    for (number, one) in asked.iter().enumerate().skip(2) {
        let least = Duration::from_millis(50 * (number as u64 - 1));
        assert!(one.at - asked[0].at + Duration::from_millis(25) >= least, "request {number} came too early");
    }
    assert!(bench.waits().contains(&Waiting::RateLimit));

    let server = Server::start(|asked, number| match number {
        1 => things(asked).header("X-RateLimit-Remaining", 0).header("X-RateLimit-Reset", 1),
        _ => things(asked),
    });
    let bench = Bench::new();
    assert_eq!(ids(api(&server.url, by_page()), &bench.request()), Ok(all()));
    let asked = server.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_millis(900), "nothing remained for a second");
    assert_eq!(bench.waits(), [Waiting::Asked]);
}

#[test]
fn a_host_that_fails_too_often_is_left_alone() {
    let server = Server::start(|_, _| Reply::status(500, "oops"));
    let bench = Bench::new();
    let mut request = bench.request();
    request.conduct.retry.max_attempts = 1;
    request.conduct.retry.breaker_failures = 2;
    request.conduct.retry.breaker_seconds = 60.0;
    let codes: Vec<String> =
        (0..3).map(|_| ids(api(&server.url, by_page()), &request).unwrap_err()[..6].to_owned()).collect();
    assert_eq!((codes, server.asked().len()), (vec!["EXT041".into(), "EXT041".into(), "EXT046".into()], 2));
}

#[test]
fn an_extract_that_broke_off_goes_on_behind_its_last_whole_page() {
    for (name, pagination) in kinds() {
        let broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let flag = broken.clone();
        let server = Server::start(move |asked, number| {
            let broken = flag.load(std::sync::atomic::Ordering::SeqCst);
            if broken && number > 2 { Reply::status(500, "") } else { things(asked) }
        });
        let bench = Bench::new();
        let mut request = bench.request();
        request.conduct.retry.max_attempts = 1;
        let source = api(&server.url, pagination);
        assert!(ids(source.clone(), &request).unwrap_err().starts_with("EXT041"), "{name}");
        assert_eq!(bench.kept(), 1, "{name}");
        let before = server.asked();
        broken.store(false, std::sync::atomic::Ordering::SeqCst);
        let extractor = ApiExtractor::new(source.clone());
        let all_rows = read(&extractor, &bench.request()).unwrap().whole.num_rows();
        assert_eq!(all_rows, 25, "{name}");
        let after = server.asked();
        let target = |asked: &Asked| format!("{:?}", asked.query);
        let good: Vec<String> = before[..2].iter().map(target).collect();
        assert!(after[before.len()..].iter().all(|asked| !good.contains(&target(asked))), "{name}: asked for twice");
        extractor.landed();
        drop(extractor);
        assert_eq!(bench.kept(), 0, "{name}: what was landed is not kept");
        // Another token may be another customer.
        assert_eq!(ids(source, &bench.request()), Ok(all()), "{name}");
    }
}

#[test]
fn parents_lead_to_their_children_in_order() {
    for in_flight in [1, 4] {
        let server = Server::start(|asked, _| match asked.path.as_str() {
            "/v1/teams" if asked.param("page") == Some("1") => {
                Reply::json("[{\"id\":\"a/b\",\"n\":1},{\"id\":\"c\",\"n\":2}]")
            }
            "/v1/teams" if asked.param("page") == Some("2") => Reply::json("[{\"id\":\"d\",\"n\":3}]"),
            "/v1/teams" => Reply::json("[]"),
            "/v1/teams/a%2Fb/things" => Reply { delay: Duration::from_millis(50), ..some(asked, 12) },
            "/v1/teams/c/things" => some(asked, 0),
            "/v1/teams/d/things" => some(asked, 1),
            other => Reply::status(404, other),
        });
        let teams =
            pages(PageKind::Page { page_param: "page".into(), limit_param: "n".into(), page_size: 2, start_page: 1 });
        let source = ApiSource {
            endpoint: "/v1/teams/{team}/things".into(),
            parent: Some(Parent {
                endpoint: "/v1/teams".into(),
                params: IndexMap::new(),
                data_path: None,
                path_params: IndexMap::from([("team".to_owned(), "id".to_owned())]),
                keep_fields: vec!["id".into(), "n".into()],
                pagination: teams,
            }),
            ..api(&server.url, by_page())
        };
        let bench = Bench::new();
        let mut request = bench.request();
        request.conduct.pages_in_flight = in_flight;
        let rows = show(&read(&ApiExtractor::new(source), &request).unwrap().whole);
        let lines: Vec<&str> = rows.lines().collect();
        assert_eq!(lines.len(), 14, "{rows}");
        assert_eq!((lines[0], lines[1]), ("id: integer | name: text | team: text | n: integer", "1 | n1 | a/b | 1"));
        assert_eq!((lines[12], lines[13]), ("12 | n12 | a/b | 1", "1 | n1 | d | 3"));
    }
}

#[test]
fn records_that_do_not_fit_the_schema_are_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("thing.json");
    std::fs::write(&schema, "{\"properties\":{\"id\":{\"maximum\":24}}}").unwrap();
    let server = Server::start(|asked, _| things(asked));
    let source = ApiSource { response_schema: Some(schema), ..api(&server.url, by_page()) };
    let bench = Bench::new();
    let all = read(&ApiExtractor::new(source), &bench.request()).unwrap();
    assert_eq!((all.whole.num_rows(), all.unreadable.len()), (24, 1));
    assert_eq!(all.unreadable[0].raw, "{\"id\":25,\"name\":\"n25\"}");
    assert_eq!(
        all.unreadable[0].reason,
        "`/id` does not fit the response schema: 25 is greater than the maximum of 24"
    );
}

#[test]
fn a_body_carries_pages_and_cursors() {
    let server = Server::start(|asked, _| {
        let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!((asked.method.as_str(), &body["query"]), ("POST", &serde_json::json!("{ things }")));
        assert_eq!(body["variables"]["day"], "2013-01-01");
        let after = body["variables"]["after"].as_str().unwrap_or("0").to_owned();
        let mut asked = asked.clone();
        asked.query = vec![("cursor".into(), after), ("limit".into(), body["variables"]["first"].to_string())];
        Reply::json(
            things(&asked).body.replace("\"next\":10", "\"next\":\"10\"").replace("\"next\":20", "\"next\":\"20\""),
        )
    });
    let mut pagination = by_cursor(CursorFrom::Body("next".into()));
    pagination.location = ParamLocation::Body;
    if let PageKind::Cursor { param, limit_param, .. } = &mut pagination.kind {
        *param = "variables.after".into();
        *limit_param = Some("variables.first".into());
    }
    let json = Secret::new("{\"query\":\"{ things }\",\"variables\":{\"day\":\"{run_date}\"}}");
    let source = ApiSource {
        method: Method::Post,
        body: Some(RequestBody { format: BodyFormat::Json, json }),
        ..api(&server.url, pagination)
    };
    assert_eq!(ids(source, &Bench::new().request()), Ok(all()));
}

#[test]
fn an_incremental_extract_asks_for_what_is_new_and_lands_nothing_twice() {
    let day = |id: u64| id.div_ceil(2);
    let answer = move |asked: &Asked, knows: bool| {
        let since = asked.param("since").filter(|_| knows).unwrap_or("2025-01-01").to_owned();
        let records: Vec<String> = (1..=10)
            .map(|id| (id, format!("2025-01-{:02}", day(id))))
            .filter(|(_, at)| *at >= since)
            .map(|(id, at)| format!("{{\"id\":{id},\"at\":\"{at}\"}}"))
            .collect();
        Reply::json(format!("[{}]", records.join(",")))
    };
    for knows in [true, false] {
        let server = Server::start(move |asked, _| answer(asked, knows));
        let incremental = Incremental {
            cursor: "at".into(),
            param: Some("since".into()),
            end_param: None,
            cursor_type: None,
            initial_value: Some("2025-01-02".into()),
            end_value: None,
            lag: 0.0,
            closed: true,
            null_cursor: NullCursor::Include,
            boundary_keys: vec!["id".into()],
        };
        let source =
            ApiSource { data_path: None, incremental: Some(incremental), ..api(&server.url, pages(PageKind::One)) };
        let bench = Bench::new();
        let extractor = ApiExtractor::new(source.clone());
        let mut extraction = extractor.open(&bench.request()).unwrap();
        let mut rows = 0;
        while let Some(batch) = extraction.next().unwrap() {
            rows += batch.num_rows();
        }
        assert_eq!(rows, 8, "from the initial value on, whatever the server knows");
        let cursor = extraction.cursor().unwrap();
        assert_eq!(
            (cursor.value.as_str(), cursor.type_name.as_str(), cursor.boundary.len()),
            ("2025-01-05", "date", 2)
        );
        let told = extraction.take_notes().into_iter().any(|note| note.code.as_deref() == Some("STATE004"));
        assert_eq!(told, !knows);
        drop(extraction);
        extractor.landed();
        let mut next = bench.request();
        next.since = Some(cursor);
        let extractor = ApiExtractor::new(source);
        let mut extraction = extractor.open(&next).unwrap();
        assert!(extraction.next().unwrap().is_none_or(|batch| batch.num_rows() == 0));
        assert_eq!(extraction.cursor(), None);
        let last = server.asked().last().unwrap().param("since").map(str::to_owned);
        assert_eq!(last.as_deref(), Some("2025-01-05"));
    }
}

#[test]
fn a_deadline_ends_it() {
    let server = Server::start(|asked, _| Reply { delay: Duration::from_millis(700), ..things(asked) });
    let bench = Bench::new();
    let mut request = bench.request();
    request.conduct.deadline_seconds = Some(1);
    assert!(ids(api(&server.url, by_page()), &request).unwrap_err().starts_with("EXT045"));
    assert_eq!(bench.kept(), 1, "the page that came is kept");
}
