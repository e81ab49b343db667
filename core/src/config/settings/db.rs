//! A database: how it is reached, and what is read.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Serialize;

use super::{EnvVar, Incremental, Named, Secret};

/// `source.db`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct DbSource {
    /// `None`: as the connection string says.
    pub(crate) driver: Option<Driver>,
    /// How it is reached.
    pub(crate) address: DbAddress,
    /// What is read.
    pub(crate) read: DbRead,
    /// Values of parameters.
    pub(crate) params: DbParams,
    /// Asking only for what is new.
    pub(crate) incremental: Option<Incremental>,
    /// Rows at a time, at least 1.
    #[serde(skip)]
    pub(crate) fetch_batch_size: u32,
    /// Encryption.
    #[serde(skip)]
    pub(crate) tls: DbTls,
    /// `None`: that of the database.
    #[serde(skip)]
    pub(crate) isolation: Option<Isolation>,
    /// Reading over several connections.
    #[serde(skip)]
    pub(crate) parallel_reads: Option<ParallelReads>,
}

impl DbSource {
    /// What is read, as a person would name it.
    pub(crate) fn location(&self) -> String {
        let what = match &self.read {
            DbRead::Query(_) | DbRead::QueryFile(_) => "a query",
            DbRead::Table { table, .. } => table,
        };
        match &self.address {
            DbAddress::Dsn(variable) => format!("{what} of the database in `{}`", variable.name()),
            DbAddress::Server { database: Some(database), .. } => format!("{what} of `{database}`"),
            DbAddress::Server { .. } => format!("{what} of the database"),
            DbAddress::File(path) => format!("{what} of {}", path.display()),
        }
    }
}

/// Kinds of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Driver {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQL Server.
    SqlServer,
    /// SQLite.
    Sqlite,
}

/// How a database is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DbAddress {
    /// A connection string.
    Dsn(EnvVar),
    /// A server.
    Server {
        /// Host.
        host: Named<String>,
        /// Port; an unset variable means the usual one.
        port: Named<u16>,
        /// User.
        user: EnvVar,
        /// Password.
        password: EnvVar,
        /// `None`: that of the user.
        database: Option<String>,
    },
    /// SQLite: an absolute file.
    File(PathBuf),
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DbRead {
    /// The result of a query.
    Query(String),
    /// The result of the query in an absolute file.
    QueryFile(PathBuf),
    /// A table.
    Table {
        /// Its name.
        table: String,
        /// Empty: all.
        columns: Vec<String>,
        /// Only the rows for which this holds, in SQL.
        filter: Option<String>,
    },
}

/// Values of parameters, `{run_date}` still in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DbParams {
    /// For `:name`.
    Named(IndexMap<String, Secret>),
    /// For `?`.
    Placed(Vec<Secret>),
}

/// Encryption of a database connection; absolute files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DbTls {
    /// How much is asked of the server.
    pub(crate) mode: TlsMode,
    /// Further authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// The program's own certificate.
    pub(crate) client_cert_file: Option<PathBuf>,
    /// Its key.
    pub(crate) client_key_file: Option<PathBuf>,
}

/// How much encryption is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// None.
    Disable,
    /// If the server can.
    Prefer,
    /// Whoever the server is.
    Require,
    /// With a certificate of a trusted authority.
    VerifyCa,
    /// That also names the host.
    VerifyFull,
}

/// What one transaction sees of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// What was committed before each statement.
    ReadCommitted,
    /// One state.
    RepeatableRead,
    /// As if it ran alone.
    Serializable,
    /// SQL Server: one state, without locks.
    Snapshot,
}

/// Reading over several connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParallelReads {
    /// Numeric or date column by whose ranges rows are divided.
    pub(crate) column: String,
    /// At least 1.
    pub(crate) connections: u32,
}
