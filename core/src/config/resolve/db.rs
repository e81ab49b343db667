//! `source.db`.

use super::source::{db_incremental, secrets};
use super::{Around, env_var};
use crate::config::options::{DbOptions, Driver as DriverOption, IsolationOption, ParamsOption, TlsMode as TlsOption};
use crate::config::settings::{
    DbAddress, DbParams, DbRead, DbSource, DbTls, Driver, EnvVar, Isolation, Named, ParallelReads, Secret, TlsMode,
};

pub(super) fn db(options: &DbOptions, keys: impl Fn() -> Vec<String>, around: Around<'_>) -> Option<DbSource> {
    let incremental = match options.incremental.as_ref().filter(|incremental| incremental.enabled != Some(false)) {
        Some(incremental) => Some(db_incremental(incremental, keys)?),
        None => None,
    };
    let driver = options.driver.and_then(|driver| match driver {
        DriverOption::Postgres | DriverOption::Psycopg2 => Some(Driver::Postgres),
        DriverOption::Mysql => Some(Driver::Mysql),
        DriverOption::Mssql | DriverOption::Pymssql => Some(Driver::SqlServer),
        DriverOption::Sqlite => Some(Driver::Sqlite),
        DriverOption::Pyodbc => None,
    });
    Some(DbSource {
        address: address(options, driver, around)?,
        driver,
        read: read(options, around)?,
        params: match &options.params {
            Some(ParamsOption::Named(map)) => DbParams::Named(secrets(Some(map))),
            Some(ParamsOption::Placed(list)) => {
                DbParams::Placed(list.iter().map(|value| Secret::new(&value.0)).collect())
            }
            None => DbParams::Placed(Vec::new()),
        },
        incremental,
        fetch_batch_size: options.fetch_batch_size.unwrap_or(10_000),
        tls: tls(options, around),
        isolation: options.isolation_level.map(|level| match level {
            IsolationOption::ReadCommitted => Isolation::ReadCommitted,
            IsolationOption::RepeatableRead => Isolation::RepeatableRead,
            IsolationOption::Serializable => Isolation::Serializable,
            IsolationOption::Snapshot => Isolation::Snapshot,
        }),
        parallel_reads: match &options.parallel_reads {
            Some(reads) => {
                Some(ParallelReads { column: reads.column.clone()?, connections: reads.connections.unwrap_or(4) })
            }
            None => None,
        },
    })
}

fn address(options: &DbOptions, driver: Option<Driver>, around: Around<'_>) -> Option<DbAddress> {
    if let Some(dsn) = &options.dsn_env_var {
        return Some(DbAddress::Dsn(EnvVar::new(dsn)));
    }
    if driver == Some(Driver::Sqlite) {
        return Some(DbAddress::File(around.path(options.database.as_ref()?)));
    }
    let host = match (&options.host, &options.host_env_var) {
        (Some(host), _) => Named::Given(host.clone()),
        (None, Some(name)) => Named::Variable(EnvVar::new(name)),
        (None, None) => return None,
    };
    let named = |given: Option<&String>, what: &str| {
        env_var(given).unwrap_or_else(|| companion(options.host_env_var.as_deref(), what))
    };
    Some(DbAddress::Server {
        host,
        port: match options.port.and_then(|port| u16::try_from(port).ok()) {
            Some(port) => Named::Given(port),
            None => Named::Variable(named(options.port_env_var.as_ref(), "PORT")),
        },
        user: named(options.user_env_var.as_ref(), "USER"),
        password: named(options.password_env_var.as_ref(), "PASSWORD"),
        database: options.database.clone(),
    })
}

/// The variable beside that of the host: `CRM_HOST` has `CRM_USER`; without one, `DB_USER`.
fn companion(host: Option<&str>, what: &str) -> EnvVar {
    match host.and_then(|host| host.rsplit_once("HOST")) {
        Some((before, after)) => EnvVar::new(format!("{before}{what}{after}")),
        None => EnvVar::new(format!("DB_{what}")),
    }
}

fn read(options: &DbOptions, around: Around<'_>) -> Option<DbRead> {
    if let Some(query) = &options.query {
        return Some(DbRead::Query(query.clone()));
    }
    if let Some(file) = &options.query_file {
        return Some(DbRead::QueryFile(around.path(file)));
    }
    Some(DbRead::Table {
        table: options.table.clone()?,
        columns: options.columns.as_ref().map(|columns| columns.0.clone()).unwrap_or_default(),
        filter: options.filter.clone(),
    })
}

fn tls(options: &DbOptions, around: Around<'_>) -> DbTls {
    let tls = options.tls.as_ref();
    DbTls {
        mode: match tls.and_then(|tls| tls.mode) {
            Some(TlsOption::Disable) => TlsMode::Disable,
            None | Some(TlsOption::Prefer) => TlsMode::Prefer,
            Some(TlsOption::Require) => TlsMode::Require,
            Some(TlsOption::VerifyCa) => TlsMode::VerifyCa,
            Some(TlsOption::VerifyFull) => TlsMode::VerifyFull,
        },
        ca_file: around.optional_path(tls.and_then(|tls| tls.ca_file.as_ref())),
        client_cert_file: around.optional_path(tls.and_then(|tls| tls.client_cert_file.as_ref())),
        client_key_file: around.optional_path(tls.and_then(|tls| tls.client_key_file.as_ref())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_beside_the_host() {
        let of = |host: Option<&str>| companion(host, "USER").name().to_owned();
        assert_eq!(of(Some("CRM_HOST")), "CRM_USER");
        assert_eq!(of(Some("HOST_OF_CRM")), "USER_OF_CRM");
        assert_eq!(of(Some("GHOST_HOST")), "GHOST_USER");
        assert_eq!(of(Some("SERVER")), "DB_USER");
        assert_eq!(of(None), "DB_USER");
    }
}
