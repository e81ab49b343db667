//! `source.db`: a database query or table. Secrets are named by environment variable.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::{Columns, DbIncremental, ScalarText};

/// A database to query.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DbOptions {
    /// Kind of database. Default: as the connection string says.
    pub(crate) driver: Option<Driver>,
    /// Name of the environment variable that holds the whole connection string: an address
    /// (`postgres://…`, `mysql://…`, `sqlite://…`, `mssql://…`) or an ODBC connection string. It takes
    /// the place of host, port, user, password and database. Example: `ORDERS_DSN`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["ORDERS_DSN"]))]
    pub(crate) dsn_env_var: Option<String>,
    /// Name of the environment variable that holds the host. Example: `DB_HOST`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["DB_HOST"]))]
    pub(crate) host_env_var: Option<String>,
    /// The host itself, in the place of `host_env_var`. Example: `localhost`.
    #[schemars(length(min = 1), extend("examples" = ["localhost"]))]
    pub(crate) host: Option<String>,
    /// Name of the environment variable that holds the port. Default: the name of `host_env_var` with
    /// `HOST` replaced by `PORT`, else `DB_PORT`; if that is not set, the usual port of the database.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "x-advanced" = true, "examples" = ["DB_PORT"]))]
    pub(crate) port_env_var: Option<String>,
    /// The port itself, in the place of `port_env_var`. Example: `5432`.
    #[schemars(range(min = 1, max = 65535), extend("x-advanced" = true, "examples" = [5432]))]
    pub(crate) port: Option<u32>,
    /// Name of the environment variable that holds the user. Default: the name of `host_env_var` with
    /// `HOST` replaced by `USER`, else `DB_USER`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["DB_USER"]))]
    pub(crate) user_env_var: Option<String>,
    /// Name of the environment variable that holds the password. Default: the name of `host_env_var` with
    /// `HOST` replaced by `PASSWORD`, else `DB_PASSWORD`.
    #[schemars(extend("x-env" = true, "x-form" = "variable", "examples" = ["DB_PASSWORD"]))]
    pub(crate) password_env_var: Option<String>,
    /// Name of the database; for SQLite its file, which starts at the folder of this config. Example: `sales`.
    #[schemars(length(min = 1), extend("examples" = ["sales", "./shop.db"]))]
    pub(crate) database: Option<String>,
    /// The query. `?` and `:name` stand for `params`; a `?` without one stands for the cursor of an
    /// incremental extract. Example: `SELECT * FROM orders WHERE status = :status`.
    #[schemars(length(min = 1), extend("x-long" = true, "examples" = ["SELECT * FROM orders"]))]
    pub(crate) query: Option<String>,
    /// File with the query, in the place of `query`; relative paths start at the folder of this config.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./sql/orders.sql"]))]
    pub(crate) query_file: Option<String>,
    /// Table or view to read whole, in the place of a query. Example: `sales.orders`.
    #[schemars(length(min = 1), extend("examples" = ["sales.orders"]))]
    pub(crate) table: Option<String>,
    /// With `table`: only these columns. Default: all.
    #[schemars(extend("x-column" = "source", "examples" = [["id", "name"]]))]
    pub(crate) columns: Option<Columns>,
    /// With `table`: only the rows for which this holds, in SQL. Default: all. Example: `status <> 'draft'`.
    #[schemars(length(min = 1), extend("x-long" = true, "examples" = ["status <> 'draft'"]))]
    #[serde(rename = "where")]
    pub(crate) filter: Option<String>,
    /// Values of the parameters of the query: a map for `:name`, a list for `?`. `{run_date}` stands for
    /// the date of the run. Example: `{status: active}`.
    #[schemars(extend("examples" = [{ "status": "active" }, ["active"]]))]
    pub(crate) params: Option<ParamsOption>,
    /// Asking only for what is new since the last run. Default: everything is asked for.
    pub(crate) incremental: Option<DbIncremental>,
    /// Rows that are fetched at a time. Default: 10000.
    #[schemars(range(min = 1), extend("default" = 10000, "x-advanced" = true))]
    pub(crate) fetch_batch_size: Option<u32>,
    /// How the connection is encrypted, and whom it trusts.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) tls: Option<DbTlsOptions>,
    /// What one transaction sees of others. Extracts only read. Default: that of the database.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) isolation_level: Option<IsolationOption>,
    /// Reading one table over several connections, by ranges of a column. Default: one connection.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) parallel_reads: Option<ParallelReadsOptions>,
}

/// Kinds of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Driver {
    /// PostgreSQL.
    Postgres,
    /// PostgreSQL, under the name of a Python package.
    Psycopg2,
    /// MySQL and MariaDB.
    Mysql,
    /// SQL Server.
    Mssql,
    /// SQL Server, under the name of a Python package.
    Pymssql,
    /// Whatever the ODBC connection string in `dsn_env_var` names.
    Pyodbc,
    /// SQLite: a file.
    Sqlite,
}

/// How a database connection is encrypted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DbTlsOptions {
    /// How much is asked of the server. Default: `prefer`.
    #[schemars(extend("default" = "prefer"))]
    pub(crate) mode: Option<TlsMode>,
    /// File with certificates of authorities to trust besides the system's, PEM. Default: none.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./certs/ca.pem"]))]
    pub(crate) ca_file: Option<String>,
    /// File with the program's own certificate, PEM, for servers that ask for one. Default: none.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./certs/client.pem"]))]
    pub(crate) client_cert_file: Option<String>,
    /// File with the key of that certificate, PEM.
    #[schemars(extend("x-form" = "file_path", "examples" = ["./certs/client.key"]))]
    pub(crate) client_key_file: Option<String>,
}

/// How much encryption is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum TlsMode {
    /// None.
    Disable,
    /// Encrypted if the server can.
    Prefer,
    /// Encrypted, whoever the server is.
    Require,
    /// Encrypted, with a certificate of a trusted authority.
    VerifyCa,
    /// As `verify_ca`, and the certificate names the host.
    VerifyFull,
}

/// What one transaction sees of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum IsolationOption {
    /// What others committed before each statement.
    ReadCommitted,
    /// One state for the whole extract.
    RepeatableRead,
    /// As if it ran alone.
    Serializable,
    /// SQL Server: one state for the whole extract, without locks.
    Snapshot,
}

/// Reading over several connections.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParallelReadsOptions {
    /// Numeric or date column by whose ranges the rows are divided. Example: `id`.
    #[schemars(required, length(min = 1), extend("x-column" = "source", "examples" = ["id"]))]
    pub(crate) column: Option<String>,
    /// Number of connections. Default: 4.
    #[schemars(range(min = 1, max = 64), extend("default" = 4))]
    pub(crate) connections: Option<u32>,
}

/// Values of parameters: by name, or by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParamsOption {
    /// For `:name`.
    Named(IndexMap<String, ScalarText>),
    /// For `?`.
    Placed(Vec<ScalarText>),
}

impl<'de> Deserialize<'de> for ParamsOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        let read = if value.is_array() {
            serde_json::from_value(value).map(Self::Placed)
        } else {
            serde_json::from_value(value).map(Self::Named)
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ParamsOption {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ParamsOption".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = ScalarText::json_schema(generator);
        schemars::json_schema!({
            "anyOf": [
                { "type": "object", "additionalProperties": value },
                { "type": "array", "items": value },
            ]
        })
    }
}
