//! Where a database is: from keys of the config, an address, or an ODBC connection string.
//!
//! Everything that is needed is looked up before anything is tried. No part of a connection string is
//! ever repeated in a message.

use std::path::PathBuf;

use url::Url;

use super::error::{DbError, Hidden};
use crate::config::settings::{DbAddress, DbSource, Driver, EnvVar, Named, TlsMode};
use crate::world::Environment;

/// A database, and how to get in.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) driver: Driver,
    pub(super) place: Place,
    /// How it is called in messages.
    pub(super) shown: String,
    /// Nothing of this is shown.
    pub(super) hidden: Hidden,
    /// Settings of the connection string without effect.
    pub(super) unused: Vec<String>,
}

/// A file or a server.
#[derive(Clone)]
pub(super) enum Place {
    File(PathBuf),
    Server(Server),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Server(server) => f.debug_tuple("Server").field(&server.port).finish_non_exhaustive(),
        }
    }
}

/// A server, and how to get in.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) database: Option<String>,
    pub(super) tls: TlsMode,
}

/// The usual port.
pub(super) fn usual_port(driver: Driver) -> u16 {
    match driver {
        Driver::Postgres => 5432,
        Driver::Mysql => 3306,
        Driver::SqlServer => 1433,
        Driver::Sqlite => 0,
    }
}

/// As a person calls it.
pub(super) fn driver_name(driver: Driver) -> &'static str {
    match driver {
        Driver::Postgres => "PostgreSQL",
        Driver::Mysql => "MySQL",
        Driver::SqlServer => "SQL Server",
        Driver::Sqlite => "SQLite",
    }
}

/// Looks everything up.
///
/// # Errors
///
/// What is missing or cannot be read.
pub(super) fn target(source: &DbSource, environment: &dyn Environment) -> Result<Target, DbError> {
    let look = |variable: &EnvVar, what: &'static str| {
        let missing = || DbError::NoVariable { variable: variable.name().to_owned(), what };
        variable.value(environment).ok_or_else(missing)
    };
    let mut target = match &source.address {
        DbAddress::File(path) => Target {
            driver: Driver::Sqlite,
            shown: path.display().to_string(),
            place: Place::File(path.clone()),
            hidden: Hidden::default(),
            unused: Vec::new(),
        },
        DbAddress::Dsn(variable) => {
            let text = look(variable, "the connection string")?;
            let bad = |reason: String| DbError::BadAddress { variable: variable.name().to_owned(), reason };
            let mut target = parse(text.trim(), source.driver).map_err(bad)?;
            if matches!(&target.place, Place::File(path) if path.is_relative()) {
                return Err(bad("names a file without its folder: write `sqlite:///folder/file.db`".to_owned()));
            }
            target.hidden.hide(text.trim());
            if target.shown.is_empty() {
                target.shown = format!("the {} server of `{}`", driver_name(target.driver), variable.name());
            }
            target
        }
        DbAddress::Server { host, port, user, password, database } => {
            let driver = source.driver.unwrap_or(Driver::Postgres);
            let port = match port {
                Named::Given(port) => *port,
                Named::Variable(variable) => match variable.value(environment) {
                    Some(text) => text.trim().parse().map_err(|_| DbError::BadAddress {
                        variable: variable.name().to_owned(),
                        reason: "is no port: a number from 1 to 65535".to_owned(),
                    })?,
                    None => usual_port(driver),
                },
            };
            let (host, shown) = match host {
                Named::Given(host) => (host.clone(), format!("{host}:{port}")),
                Named::Variable(variable) => (
                    look(variable, "the host")?,
                    format!("the {} server of `{}`", driver_name(driver), variable.name()),
                ),
            };
            let (user, password) = (look(user, "the user")?, look(password, "the password")?);
            let mut hidden = Hidden::default();
            hidden.hide(&password);
            let tls = source.tls.mode;
            let database = database.clone();
            let server = Server { host, port, user, password: Some(password), database, tls };
            Target { driver, place: Place::Server(server), shown, hidden, unused: Vec::new() }
        }
    };
    if let Place::Server(server) = &mut target.place {
        // The config has the last word, where it says anything.
        if source.tls.mode != TlsMode::Prefer {
            server.tls = source.tls.mode;
        }
        if let Some(secret) = &server.password {
            target.hidden.hide(secret);
        }
    }
    Ok(target)
}

/// An address, or pairs of names and values.
pub(super) fn parse(text: &str, driver: Option<Driver>) -> Result<Target, String> {
    match text.split_once(':') {
        Some((scheme, rest))
            if rest.starts_with("//") || (scheme.eq_ignore_ascii_case("sqlite") && !text.contains(';')) =>
        {
            // `postgresql+psycopg2` names a Python package behind the kind.
            let kind = scheme.split('+').next().unwrap_or_default().to_ascii_lowercase();
            match kind.as_str() {
                "sqlite" | "sqlite3" => Ok(sqlite(rest)),
                "postgres" | "postgresql" => url(text, scheme, Driver::Postgres),
                "mysql" | "mariadb" => url(text, scheme, Driver::Mysql),
                "mssql" | "sqlserver" => url(text, scheme, Driver::SqlServer),
                _ => {
                    Err("names a kind of database that cannot be read: there are postgres, mysql, mssql and sqlite"
                        .into())
                }
            }
        }
        _ => pairs(text, driver),
    }
}

/// `//relative.db`, `///absolute.db`, `//?x`, `relative.db`.
fn sqlite(rest: &str) -> Target {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or_default();
    let path = PathBuf::from(path);
    Target {
        driver: Driver::Sqlite,
        shown: path.display().to_string(),
        place: Place::File(path),
        hidden: Hidden::default(),
        unused: Vec::new(),
    }
}

fn url(text: &str, scheme: &str, driver: Driver) -> Result<Target, String> {
    // Not a scheme that addresses of the web have, so that the port is always kept.
    let neutral = format!("db{}", &text[scheme.len()..]);
    let url = Url::parse(&neutral).map_err(|error| format!("is no address: {error}"))?;
    let decoded = |text: &str| -> Result<String, String> {
        percent(text).ok_or_else(|| "has a `%` that does not stand for a character".to_owned())
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
    let host = decoded(host)?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let password = url.password().map(&decoded).transpose()?;
    let user = decoded(url.username())?;
    let database = decoded(url.path().trim_start_matches('/'))?;
    let mut pairs: Vec<(String, String)> = vec![("host".into(), host), ("user".into(), user)];
    pairs.extend(password.map(|password| ("password".to_owned(), password)));
    pairs.extend(url.port().map(|port| ("port".to_owned(), port.to_string())));
    pairs.push(("database".into(), database));
    pairs.extend(url.query_pairs().map(|(name, value)| (name.to_lowercase(), value.into_owned())));
    // SQLAlchemy names the ODBC driver; it has no meaning here.
    pairs.retain(|(name, _)| name != "driver");
    assemble(&pairs, driver)
}

fn percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// `Driver={…};Server=…;Uid=…` or `host=… dbname=…`.
fn pairs(text: &str, driver: Option<Driver>) -> Result<Target, String> {
    const UNREADABLE: &str = "is neither an address (`postgres://…`) nor made of `name=value`";
    let separator = if text.contains(';') || !text.contains(' ') { ';' } else { ' ' };
    let mut pairs = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or(UNREADABLE)?;
        let after = after.trim_start_matches(|c: char| c == ' ' && separator == ';');
        let (value, next) = value(after, separator)?;
        let name = name.trim().to_lowercase();
        if name.is_empty() || name.contains(['/', '@']) {
            return Err(UNREADABLE.into());
        }
        pairs.push((name, value));
        rest = next.trim_start_matches(|c: char| c == separator || c.is_whitespace());
    }
    if pairs.is_empty() {
        return Err(UNREADABLE.into());
    }
    let named = pairs.iter().find(|(name, _)| name == "driver").map(|(_, value)| value.to_lowercase());
    let driver = match named.as_deref() {
        Some(name) if name.contains("postgres") || name.contains("psql") => Driver::Postgres,
        Some(name) if name.contains("mysql") || name.contains("mariadb") => Driver::Mysql,
        Some(name) if name.contains("sqlite") => Driver::Sqlite,
        Some(name) if ["sql server", "freetds", "tds", "sqlsrv", "msodbc"].iter().any(|part| name.contains(part)) => {
            Driver::SqlServer
        }
        Some(_) => return Err("names an ODBC driver that is not known here".into()),
        None => match driver {
            Some(driver) => driver,
            None if pairs.iter().any(|(name, _)| name == "dbname") => Driver::Postgres,
            None => {
                return Err(
                    "does not say what kind of database it is: add `Driver={…}`, or `driver` in the config".into()
                );
            }
        },
    };
    pairs.retain(|(name, _)| name != "driver");
    assemble(&pairs, driver)
}

/// A value, in braces or quotes if it has to be, and what follows it.
fn value(text: &str, separator: char) -> Result<(String, &str), String> {
    let close = match text.chars().next() {
        Some('{') => '}',
        Some(quote @ ('\'' | '"')) => quote,
        _ => {
            let end = text.find(separator).unwrap_or(text.len());
            return Ok((text[..end].trim().to_owned(), &text[end..]));
        }
    };
    let mut value = String::new();
    let mut rest = text[1..].chars();
    while let Some(c) = rest.next() {
        if c == '\\' && close == '\'' {
            value.extend(rest.next());
        } else if c == close && rest.as_str().starts_with(close) {
            value.push(close);
            rest.next();
        } else if c == close {
            return Ok((value, rest.as_str()));
        } else {
            value.push(c);
        }
    }
    Err("has a brace or quote that is not closed".into())
}

/// The same meaning under the names that the drivers have for it.
fn assemble(pairs: &[(String, String)], driver: Driver) -> Result<Target, String> {
    let (mut host, mut port, mut user, mut password, mut database) = (String::new(), None, String::new(), None, None);
    let (mut tls, mut unused) = (TlsMode::Prefer, Vec::new());
    let number = |text: &str| text.trim().parse::<u16>().map_err(|_| "has a port that is no number".to_owned());
    for (name, value) in pairs {
        let truth = matches!(value.to_lowercase().as_str(), "yes" | "true" | "1" | "mandatory");
        match name.as_str() {
            "host" | "hostaddr" | "server" | "data source" | "address" | "addr" | "servername" => {
                let text = value.strip_prefix("tcp:").unwrap_or(value);
                let (name, behind) = text.split_once(',').map_or((text, None), |(name, port)| (name, Some(port)));
                name.trim().clone_into(&mut host);
                port = behind.map(number).transpose()?.or(port);
            }
            "port" => port = Some(number(value)?),
            "user" | "uid" | "user id" | "username" => user.clone_from(value),
            "password" | "pwd" => password = Some(value.clone()),
            "database" | "dbname" | "db" | "initial catalog" => {
                database = Some(value.clone()).filter(|name| !name.is_empty());
            }
            "sslmode" | "ssl-mode" | "ssl_mode" => {
                tls = match value.to_lowercase().replace('-', "_").as_str() {
                    "disable" | "disabled" => TlsMode::Disable,
                    "allow" | "prefer" | "preferred" => TlsMode::Prefer,
                    "require" | "required" => TlsMode::Require,
                    "verify_ca" => TlsMode::VerifyCa,
                    "verify_full" | "verify_identity" => TlsMode::VerifyFull,
                    _ => return Err("asks for an encryption that is not known".into()),
                };
            }
            "encrypt" if value.eq_ignore_ascii_case("strict") => tls = TlsMode::VerifyFull,
            "encrypt" => tls = if truth { TlsMode::Require } else { TlsMode::Disable },
            "application_name" | "app" | "charset" | "client_encoding" | "applicationintent" => {}
            _ => unused.push(name.clone()),
        }
    }
    if driver == Driver::Sqlite {
        let path = database.ok_or("names no file: `Database=…`")?;
        return Ok(sqlite(&path));
    }
    // Another instance than the first one is found by a service that is not asked here.
    if driver == Driver::SqlServer && host.contains('\\') {
        return Err("names an instance; name its port instead: `Server=host,1433`".into());
    }
    let host = if host == "." || host == "(local)" { "localhost".to_owned() } else { host };
    if host.is_empty() {
        return Err("names no host".into());
    }
    if user.is_empty() {
        return Err("names no user".into());
    }
    let port = port.unwrap_or_else(|| usual_port(driver));
    let server = Server { host, port, user, password, database, tls };
    Ok(Target { driver, place: Place::Server(server), shown: String::new(), hidden: Hidden::default(), unused })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `driver user:password@host:port/database mode`.
    fn read(text: &str, driver: Option<Driver>) -> String {
        match parse(text, driver) {
            Err(reason) => {
                assert!(!reason.contains("s3cret"), "{reason}");
                format!("! {reason}")
            }
            Ok(target) => {
                assert!(!format!("{target:?}").contains("s3cret"), "{target:?}");
                match target.place {
                    Place::File(path) => format!("{:?} {}", target.driver, path.display()),
                    Place::Server(server) => format!(
                        "{:?} {}:{}@{}:{}/{} {:?}",
                        target.driver,
                        server.user,
                        server.password.unwrap_or_default(),
                        server.host,
                        server.port,
                        server.database.unwrap_or_default(),
                        server.tls,
                    ),
                }
            }
        }
    }

    #[test]
    fn connection_strings_are_understood() {
        for (text, expected) in [
            ("postgres://u:s3cret@h/d", "Postgres u:s3cret@h:5432/d Prefer"),
            ("postgresql+psycopg2://u:a%40b%2Fc@h:5433/d%20x?sslmode=require", "Postgres u:a@b/c@h:5433/d x Require"),
            ("mysql+pymysql://u@[::1]:3307/d?ssl-mode=VERIFY_CA", "Mysql u:@::1:3307/d VerifyCa"),
            ("mariadb://u:p@h", "Mysql u:p@h:3306/ Prefer"),
            (
                "mssql+pyodbc://sa:p@h:1444/d?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes",
                "SqlServer sa:p@h:1444/d Require",
            ),
            ("sqlite:///tmp/a b.db", "Sqlite /tmp/a b.db"),
            ("sqlite://a.db?mode=ro", "Sqlite a.db"),
            ("sqlite:a.db", "Sqlite a.db"),
            (
                "DRIVER={ODBC Driver 18 for SQL Server};SERVER=tcp:h,1444;DATABASE=d;UID=sa;PWD={a;b}}c};Encrypt=yes;TrustServerCertificate=yes",
                "SqlServer sa:a;b}c@h:1444/d Require",
            ),
            (
                "Driver=PostgreSQL Unicode;Server=h;Port=5433;Database=d;Uid=u;Pwd=p=q;",
                "Postgres u:p=q@h:5433/d Prefer",
            ),
            ("Driver={MariaDB ODBC 3.1 Driver};Server=h;User=u;Password=p", "Mysql u:p@h:3306/ Prefer"),
            ("Driver=SQLite3;Database=/tmp/a.db", "Sqlite /tmp/a.db"),
            (
                "host=h port=5433 dbname=d user=u password='a b\\'c' sslmode=verify-full",
                "Postgres u:a b'c@h:5433/d VerifyFull",
            ),
            ("Server=.;Uid=u;Pwd=s3cret;Driver=FreeTDS", "SqlServer u:s3cret@localhost:1433/ Prefer"),
        ] {
            assert_eq!(read(text, None), expected, "{text}");
        }
        assert_eq!(read("Server=h;Uid=u;Pwd=p", Some(Driver::Mysql)), "Mysql u:p@h:3306/ Prefer");
    }

    #[test]
    fn what_is_no_connection_string_is_said_without_repeating_it() {
        for (text, expected) in [
            ("oracle://u:s3cret@h/d", "kind of database"),
            ("postgres://u:s3cret@/d", "host"),
            ("postgres://h/d", "no user"),
            ("postgres://u:s3cret%zz@h/d", "`%`"),
            ("s3cret", "neither"),
            ("Server=h;Uid=u;Pwd=s3cret", "what kind"),
            ("Driver={Oracle};Server=h;Uid=u;Pwd=s3cret", "ODBC driver"),
            ("Driver={SQL Server};Server=h\\SQLEXPRESS;Uid=u;Pwd=s3cret", "instance"),
            ("Driver={SQL Server;Server=h", "not closed"),
            ("", "neither"),
        ] {
            let read = read(text, None);
            assert!(read.starts_with("! ") && read.contains(expected), "{text}: {read}");
        }
    }
}
