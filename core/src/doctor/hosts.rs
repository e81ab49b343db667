//! APIs and databases: whether their hosts can be found and reached. What needs a request or a query is
//! listed as not made, as long as the engine cannot send one; queries of databases are made by `source`.

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ask::AskApi;
use super::{About, Patient, Probe, Subject, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::config::settings::{DbAddress, DbSource, Driver, EnvVar, Named, Source};
use crate::diagnostic::code;
use crate::error::Stage;

/// For one address of a host; the check as a whole has its own limit.
const CONNECT: Duration = Duration::from_secs(3);
/// Addresses of a host that are tried.
const ADDRESSES: usize = 3;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes: Vec<Box<dyn Probe>> = Vec::new();
    for subject in &patient.files {
        for dataset in subject.file.pipeline.iter().flat_map(|pipeline| &pipeline.datasets) {
            let about = |title: String| About {
                group: CheckGroup::Source,
                title,
                datasets: vec![dataset.name.clone()],
                file: subject.file.display.clone(),
                span: None,
            };
            let value = |variable: &EnvVar| variable_of(patient, subject, variable);
            let name = &dataset.name;
            match &dataset.source {
                Source::File(_) => {}
                Source::Api(api) => {
                    let about_host = about(format!("reach the API of {name}"));
                    probes.push(reach(about_host, host_of_url(&api.base_url), "`base_url`", true));
                    let about_question = about(format!("ask the API of {name}"));
                    let today = patient.today(dataset);
                    probes.push(Box::new(AskApi::new(about_question, dataset, today, &patient.world)));
                }
                Source::Db(db) => {
                    let about_host = about(format!("reach the database of {name}"));
                    probes.extend(database(about_host, db, &value));
                }
                Source::Custom(_) => {
                    probes.push(not_made(about(format!("start the program of {name}")), "starts no programs"));
                }
            }
        }
    }
    probes
}

fn not_made(about: About, what: &str) -> Box<dyn Probe> {
    super::findings::known(about, Verdict::skipped(format!("this version {what} yet")))
}

/// What a variable holds, in the environment or in a `.env`; empty counts as nothing.
fn variable_of(patient: &Patient, subject: &Subject, variable: &EnvVar) -> Option<String> {
    let environment = patient.world.env.as_ref();
    let value = crate::config::variable(&subject.file, &subject.workspace, &patient.root, environment, variable.name());
    value.filter(|value| !value.is_empty())
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: u16,
}

fn reach(about: About, host: Option<Host>, from: &str, shown: bool) -> Box<dyn Probe> {
    let Some(host) = host else {
        let detail = format!("{from} names no host");
        return super::findings::known(about, Verdict::failed(code::DOC007, Stage::Configuration, detail));
    };
    Box::new(Reach { about, host, shown })
}

fn database(about: About, db: &DbSource, value: &dyn Fn(&EnvVar) -> Option<String>) -> Option<Box<dyn Probe>> {
    let usual = match db.driver {
        Some(Driver::Mysql) => 3306,
        Some(Driver::SqlServer) => 1433,
        _ => 5432,
    };
    match &db.address {
        // A variable that is not set is told by `variables`.
        DbAddress::Dsn(variable) => {
            let text = value(variable)?;
            if let Some(path) = text.strip_prefix("sqlite://") {
                return Some(Box::new(ReadDatabase { about, path: path.into() }));
            }
            let host = host_of_url(&text).or_else(|| host_of_pairs(&text, usual));
            Some(reach(about, host, &format!("the connection string in `{}`", variable.name()), false))
        }
        DbAddress::Server { host, port, .. } => {
            let (name, shown) = match host {
                Named::Given(name) => (name.clone(), true),
                Named::Variable(variable) => (value(variable)?, false),
            };
            let port = match port {
                Named::Given(port) => *port,
                Named::Variable(variable) => value(variable).and_then(|text| text.parse().ok()).unwrap_or(usual),
            };
            Some(Box::new(Reach { about, host: Host { name, port }, shown }))
        }
        DbAddress::File(path) => Some(Box::new(ReadDatabase { about, path: path.clone() })),
    }
}

/// The host of `scheme://user:password@host:port/path`.
fn host_of_url(url: &str) -> Option<Host> {
    let (scheme, rest) = url.split_once("://")?;
    let usual = match scheme.to_ascii_lowercase().as_str() {
        "https" => 443,
        "http" => 80,
        "postgres" | "postgresql" => 5432,
        "mysql" | "mariadb" => 3306,
        "mssql" | "sqlserver" => 1433,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    host_and_port(place, ':', usual)
}

/// The host of `Server=tcp:host,1433;…` or `host=h port=p`.
fn host_of_pairs(text: &str, usual: u16) -> Option<Host> {
    let pair = |names: &[&str]| {
        text.split([';', ' ']).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            names.contains(&name.trim().to_lowercase().as_str()).then(|| value.trim().to_owned())
        })
    };
    let server = pair(&["server", "host", "hostaddr", "data"])?;
    let port = pair(&["port"]).and_then(|port| port.parse().ok()).unwrap_or(usual);
    host_and_port(server.trim_start_matches("tcp:"), ',', port)
}

fn host_and_port(place: &str, separator: char, usual: u16) -> Option<Host> {
    if let Some(rest) = place.strip_prefix('[') {
        let (name, after) = rest.split_once(']')?;
        let port = after.strip_prefix(':').map_or(Some(usual), |port| port.parse().ok())?;
        return Some(Host { name: name.to_owned(), port });
    }
    let (name, port) = match place.rsplit_once(separator) {
        Some((name, port)) => (name, port.parse().ok()?),
        None => (place, usual),
    };
    let plain = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '{');
    plain.then(|| Host { name: name.to_owned(), port })
}

/// Opens a connection and closes it.
#[derive(Debug)]
struct Reach {
    about: About,
    host: Host,
    /// A host from a variable is not shown.
    shown: bool,
}

impl Probe for Reach {
    fn about(&self) -> About {
        self.about.clone()
    }
    fn lane(&self) -> Option<PathBuf> {
        Some(Path::new("//").join(&self.host.name))
    }
    fn examine(&self, cancel: &CancelToken) -> Verdict {
        let Host { name, port } = &self.host;
        let (host, place) = if self.shown {
            (format!("`{name}`"), format!("{name}:{port}"))
        } else {
            ("the host".to_owned(), "the host".to_owned())
        };
        let addresses: Vec<_> = match (name.as_str(), *port).to_socket_addrs() {
            Ok(addresses) => addresses.take(ADDRESSES).collect(),
            Err(error) => {
                return Verdict::failed(code::DOC005, Stage::Extraction, format!("{host} cannot be resolved: {error}"));
            }
        };
        let mut refused = None;
        for address in addresses {
            if cancel.is_cancelled() {
                return Verdict::skipped("cancelled");
            }
            match TcpStream::connect_timeout(&address, CONNECT) {
                Ok(_) => return Verdict::passed(format!("{place} answers")),
                Err(error) => refused = Some(error),
            }
        }
        let why = match refused {
            Some(error) if error.kind() == ErrorKind::TimedOut => {
                format!("{place} does not answer within {} s", CONNECT.as_secs())
            }
            Some(error) => format!("{place} cannot be reached: {error}"),
            None => format!("{host} has no address"),
        };
        Verdict::failed(code::DOC006, Stage::Extraction, why)
    }
}

/// Looks whether a file is an SQLite database.
#[derive(Debug)]
struct ReadDatabase {
    about: About,
    path: PathBuf,
}

impl Probe for ReadDatabase {
    fn about(&self) -> About {
        self.about.clone()
    }
    fn lane(&self) -> Option<PathBuf> {
        self.path.parent().map(PathBuf::from)
    }
    fn examine(&self, _: &CancelToken) -> Verdict {
        let failed = |code, detail| Verdict::failed(code, Stage::Extraction, detail);
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                failed(code::EXT010, format!("there is no file {}", self.path.display()))
            }
            Err(error) => failed(code::EXT019, format!("{} cannot be read: {error}", self.path.display())),
            Ok(about) if !about.is_file() => failed(code::EXT019, format!("{} is no file", self.path.display())),
            Ok(about) => {
                let mut head = [0; 15];
                let read = std::fs::File::open(&self.path)
                    .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
                match read {
                    Ok(()) if &head == b"SQLite format 3" => Verdict::passed(format!("SQLite, {} bytes", about.len())),
                    Ok(()) => failed(code::EXT018, format!("{} is no SQLite database", self.path.display())),
                    Err(_) if about.len() < 15 => {
                        failed(code::EXT018, format!("{} is no SQLite database", self.path.display()))
                    }
                    Err(error) => failed(code::EXT019, format!("{} cannot be read: {error}", self.path.display())),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::api::wire::CheckOutcome;

    fn about() -> About {
        About { group: CheckGroup::Source, title: String::new(), datasets: Vec::new(), file: String::new(), span: None }
    }

    #[test]
    fn hosts_are_found_in_addresses() {
        for (text, expected) in [
            ("https://api.example.com", Some(("api.example.com", 443))),
            ("http://localhost:8080/v1?x=@y", Some(("localhost", 8080))),
            ("postgres://u:p%40@db.local/sales", Some(("db.local", 5432))),
            ("mysql://u:p@[::1]:3307/x", Some(("::1", 3307))),
            ("Server=tcp:db.local,1444;Database=x;Password=p@h", Some(("db.local", 1444))),
            ("host=db.local port=5433 user=u", Some(("db.local", 5433))),
            ("https://", None),
            ("https://a:b", None),
            ("ftp://x", None),
            ("nonsense", None),
        ] {
            let host = host_of_url(text).or_else(|| host_of_pairs(text, 1));
            assert_eq!(host.as_ref().map(|host| (host.name.as_str(), host.port)), expected, "{text}");
        }
    }

    #[test]
    fn a_host_answers_or_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let look = |name: &str, port, shown| {
            Reach { about: about(), host: Host { name: name.into(), port }, shown }.examine(&CancelToken::new())
        };
        assert_eq!(look("127.0.0.1", port, true).detail, format!("127.0.0.1:{port} answers"));
        drop(listener);
        let refused = look("127.0.0.1", port, false);
        assert_eq!((refused.outcome, refused.code), (CheckOutcome::Failed, Some(code::DOC006)));
        assert!(!refused.detail.contains("127.0.0.1"), "{}", refused.detail);
        let unknown = look("no-such-host.invalid", 443, true);
        assert_eq!(unknown.code, Some(code::DOC005), "{}", unknown.detail);
    }
}
