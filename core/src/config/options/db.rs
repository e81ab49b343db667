//! `source.db`: a database query.

use schemars::JsonSchema;
use serde::Deserialize;

/// A database to query.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DbOptions {
    /// Kind of database: `psycopg2` is PostgreSQL, `pymssql` SQL Server, `mysql` MySQL and MariaDB.
    pub(crate) driver: Option<Driver>,
    /// Name of the environment variable that holds the host.
    pub(crate) host_env_var: Option<String>,
    /// Name of the database.
    pub(crate) database: Option<String>,
    /// The query. `?` stands for the cursor of an incremental extract.
    #[schemars(required, length(min = 1))]
    pub(crate) query: Option<String>,
}

/// Kinds of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Driver {
    /// PostgreSQL.
    Psycopg2,
    /// SQL Server.
    Pymssql,
    /// MySQL and MariaDB.
    Mysql,
}
