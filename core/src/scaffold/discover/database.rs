//! Configurations from the catalogue of a database: tables and views, columns, keys.
//!
//! Asks through the extractor that a run would use. The address is never written down: a config names
//! the variable that holds it.

use std::path::Path;

use arrow::array::Array;

use super::{Discovered, MOST, Search, written};
use crate::batch::render::cell_text;
use crate::config::files::normalise;
use crate::config::settings::{DbAddress, DbParams, DbRead, DbSource, DbTls, Driver, EnvVar, Source, TlsMode};
use crate::extract::{self, ExtractRequest};
use crate::figures::counted;
use crate::scaffold::scalar::{self, Place};
use crate::scaffold::{ScaffoldError, free_name, head, identifier};

/// What a SQLite file begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// Names of columns that say when a row was changed, best first.
const CHANGED: [&str; 14] = [
    "updated_at",
    "modified_at",
    "changed_at",
    "last_updated",
    "last_modified",
    "last_update",
    "updated_on",
    "modified_on",
    "updated",
    "modified",
    "modified_date",
    "update_time",
    "row_version",
    "rowversion",
];

/// How a database is found.
pub(super) struct Found {
    source: DbSource,
    /// How a config writes the address: keys of `source.db`.
    keys: Vec<String>,
    /// A name for the system.
    name: String,
    /// How it is called.
    shown: String,
    notes: Vec<String>,
}

/// A table or view.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    schema: String,
    name: String,
    columns: Vec<Column>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Column {
    name: String,
    data_type: String,
    required: bool,
    /// Its place in the key.
    key: Option<i64>,
}

/// The database that is meant: `env:NAME`, an address, or a SQLite file; `None`: it is none.
pub(super) fn meant(search: &Search<'_>) -> Option<Found> {
    let from = search.from.trim();
    if let Some(name) = from.strip_prefix("env:") {
        let variable = EnvVar::new(name);
        let value = variable.value(search.world.env.as_ref());
        let (driver, database) = value.as_deref().and_then(extract::database_of).unwrap_or((Driver::Postgres, None));
        return Some(Found {
            source: source(Some(driver).filter(|_| value.is_some()), DbAddress::Dsn(variable)),
            keys: vec![format!("dsn_env_var: {name}")],
            name: database.unwrap_or_else(|| identifier(name.trim_end_matches("_DSN"))),
            shown: format!("the database in {name}"),
            notes: Vec::new(),
        });
    }
    let place = normalise(&search.root.join(from.strip_prefix("sqlite://").unwrap_or(from)));
    if is_sqlite(&place) {
        let stem = place.file_stem().map(|stem| identifier(&stem.to_string_lossy())).unwrap_or_default();
        return Some(Found {
            source: source(Some(Driver::Sqlite), DbAddress::File(place)),
            keys: vec!["driver: sqlite".to_owned()],
            name: stem,
            shown: from.to_owned(),
            notes: Vec::new(),
        });
    }
    // Only what has a scheme is taken for an address: anything else is a path.
    let (driver, database) = extract::database_of(from).filter(|_| from.contains("://"))?;
    let name = database.unwrap_or_else(|| "database".to_owned());
    let variable = format!("{}_DSN", identifier(&name).to_uppercase());
    Some(Found {
        source: source(Some(driver), DbAddress::Dsn(EnvVar::new(variable.clone()).kept(Some(from.to_owned())))),
        keys: vec![format!("dsn_env_var: {variable}")],
        name,
        shown: format!("the database that shall be in {variable}"),
        notes: vec![format!(
            "put the address into the variable `{variable}`, in the environment or in `.env`; it is not written into the config"
        )],
    })
}

fn is_sqlite(path: &Path) -> bool {
    let mut head = [0; SQLITE.len()];
    std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head)).is_ok()
        && head == SQLITE
}

fn source(driver: Option<Driver>, address: DbAddress) -> DbSource {
    DbSource {
        driver,
        address,
        read: DbRead::Query(catalogue(driver.unwrap_or(Driver::Postgres)).to_owned()),
        params: DbParams::Placed(Vec::new()),
        incremental: None,
        fetch_batch_size: 10_000,
        tls: DbTls { mode: TlsMode::Prefer, ca_file: None, client_cert_file: None, client_key_file: None },
        isolation: None,
        parallel_reads: None,
    }
}

/// All columns of all tables and views that may be read: schema, table, column, type, required, place in
/// the key.
fn catalogue(driver: Driver) -> &'static str {
    match driver {
        Driver::Postgres => {
            "SELECT n.nspname::text, r.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), \
             a.attnotnull::int, array_position(i.indkey::int2[], a.attnum) \
             FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
             LEFT JOIN pg_catalog.pg_index i ON i.indrelid = r.oid AND i.indisprimary \
             WHERE r.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT r.relispartition \
             AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
             AND has_table_privilege(r.oid, 'SELECT') ORDER BY n.nspname, r.relname, a.attnum"
        }
        Driver::Mysql | Driver::SqlServer => {
            "SELECT CASE WHEN c.table_schema = DATABASE() THEN '' ELSE c.table_schema END AS a, c.table_name AS b, \
             c.column_name AS c, c.column_type AS d, c.is_nullable = 'NO' AS e, k.ordinal_position AS f \
             FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k \
             ON k.constraint_name = 'PRIMARY' AND k.table_schema = c.table_schema AND k.table_name = c.table_name \
             AND k.column_name = c.column_name \
             WHERE c.table_schema = COALESCE(DATABASE(), c.table_schema) \
             AND c.table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') \
             ORDER BY c.table_schema, c.table_name, c.ordinal_position"
        }
        Driver::Sqlite => {
            "SELECT '', m.name AS b, p.name AS c, p.type AS d, p.\"notnull\" AS e, nullif(p.pk, 0) AS f \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, p.cid"
        }
    }
}

/// Asks the catalogue, and writes down what is in it.
pub(super) fn discover(search: &Search<'_>, found: Found) -> Result<Discovered, ScaffoldError> {
    let mut tables = tables(search, &found)?;
    let system = if search.system.is_empty() { found.name.clone() } else { search.system.to_owned() };
    let file = match search.file {
        "" => free_name(search.root, &system),
        named => named.to_owned(),
    };
    let config = normalise(&search.root.join(&file));
    let mut notes = found.notes.clone();
    notes.push(format!("{} and views", counted(tables.len() as u64, "table")));
    if tables.len() > MOST {
        notes.push(format!("the first {MOST} are described"));
        tables.truncate(MOST);
    }
    if tables.is_empty() {
        let why = "the database has no table that may be read".to_owned();
        return Err(ScaffoldError::Nothing { path: search.shown(), why });
    }
    let mut keys = found.keys.clone();
    if let DbAddress::File(path) = &found.source.address {
        keys.push(format!("database: {}", scalar::text(&written(path, &config), Place::Block)));
    }
    let mut text = head::schema_line(&config, search.root);
    text.push_str(&format!(
        "# Describes the tables of {}. Look through it, then try `medallion preview`, `medallion plan`\n\
         # and `medallion run`.\n\
         config_version: 1\n\nplatform:\n  bronze:\n    storage_backend: local\n    output_dir: ./lake/bronze\n  \
         silver:\n    storage_backend: local\n    output_dir: ./lake/silver\n\nsources:\n",
        found.shown
    ));
    let mut names: Vec<String> = Vec::new();
    for (number, table) in tables.iter().enumerate() {
        let plain = identifier(&table.name);
        let of_schema = identifier(&format!("{}_{}", table.schema, table.name));
        let mut candidates = [plain, of_schema.clone()].into_iter().chain((2..).map(|n| format!("{of_schema}_{n}")));
        let name = candidates.find(|name| !name.is_empty() && !names.contains(name)).unwrap_or_default();
        if number > 0 {
            text.push('\n');
        }
        entry(&mut text, &system, &name, table, &keys);
        if table.keys().is_empty() {
            notes.push(format!("{}: no primary key, so each delivery is kept as it is", table.qualified()));
        }
        names.push(name);
    }
    Ok(Discovered { file, text, notes })
}

fn tables(search: &Search<'_>, found: &Found) -> Result<Vec<Table>, ScaffoldError> {
    let source = Source::Db(Box::new(found.source.clone()));
    let request = ExtractRequest::alone(search.world, search.cancel);
    let mut extraction = extract::extractor(&source).open(&request)?;
    let mut tables: Vec<Table> = Vec::new();
    while let Some(batch) = extraction.next()? {
        let cell = |column: usize, row: usize| {
            let array: &dyn Array = batch.column(column).as_ref();
            cell_text(array, row)
        };
        for row in 0..batch.num_rows() {
            let text = |column: usize| cell(column, row).unwrap_or_default();
            let (schema, name) = (text(0), text(1));
            if tables.last().is_none_or(|table| table.schema != schema || table.name != name) {
                tables.push(Table { schema, name, columns: Vec::new() });
            }
            let column = Column {
                name: text(2),
                data_type: text(3).to_lowercase(),
                required: matches!(text(4).as_str(), "1" | "true"),
                key: cell(5, row).and_then(|place| place.parse().ok()),
            };
            if let Some(table) = tables.last_mut() {
                table.columns.push(column);
            }
        }
    }
    Ok(tables)
}

impl Column {
    /// Whether its values are times or numbers. SQLite keeps times as text.
    fn is_ordered(&self) -> bool {
        ["timestamp", "datetime(", "date", "int"].iter().any(|kind| self.data_type.starts_with(kind))
            || self.data_type.ends_with("int")
    }
}

impl Table {
    fn qualified(&self) -> String {
        if self.schema.is_empty() { self.name.clone() } else { format!("{}.{}", self.schema, self.name) }
    }

    /// The primary key, in its order.
    fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&Column> = self.columns.iter().filter(|column| column.key.is_some()).collect();
        keys.sort_by_key(|column| column.key);
        keys.into_iter().map(|column| column.name.as_str()).collect()
    }

    /// The column that says when a row was changed.
    fn changed(&self) -> Option<&Column> {
        CHANGED.iter().find_map(|name| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
    }
}

fn entry(text: &mut String, system: &str, name: &str, table: &Table, keys: &[String]) {
    let plain = |value: &str| scalar::text(value, Place::Block);
    let mut line = |code: String, comment: &str| {
        let comment = if comment.is_empty() { String::new() } else { format!("  # {comment}") };
        text.push_str(&scalar::aligned(&format!("{code}{comment}")));
        text.push('\n');
    };
    line(format!("  - name: {}", plain(name)), "");
    line("    source:".into(), "");
    line("      type: db".into(), "");
    line(format!("      system: {}", plain(system)), "");
    line(format!("      table: {}", plain(name)), "");
    line("      db:".into(), "");
    for key in keys {
        line(format!("        {key}"), "");
    }
    line(format!("        table: {}", plain(&table.qualified())), &counted(table.columns.len() as u64, "column"));
    let key_columns = table.keys();
    if let Some(changed) = table.changed() {
        line(
            format!(
                "        # incremental: {{cursor_column: {}}}  # with `load_pattern: cdc`: only what is new",
                changed.name
            ),
            "",
        );
    }
    line("      run:".into(), "");
    line("        load_pattern: full".into(), "each delivery is the whole state");
    line("    silver:".into(), "");
    line(format!("      domain: {}", plain(system)), "");
    line(format!("      entity: {}", plain(name)), "");
    if key_columns.is_empty() {
        line(
            "      model: periodic_snapshot".into(),
            "each delivery as it is; with a key there could be one row for each",
        );
        return;
    }
    line("      model: scd_type_1".into(), "the last state of each key");
    line(format!("      primary_keys: {}", scalar::list(key_columns)), "the primary key of the table");
    if let Some(changed) = table.changed().filter(|column| column.required && column.is_ordered()) {
        line(format!("      order_column: {}", plain(&changed.name)), &changed.data_type);
    }
}
