//! Whether a database can be reached, and is asked one thing.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{DbOptions, Driver, IsolationOption, ParamsOption, SourceKind};
use crate::diagnostic::{Diagnostic, code};

const SERVER: [&str; 9] = [
    "source.db.host",
    "source.db.host_env_var",
    "source.db.port",
    "source.db.port_env_var",
    "source.db.user_env_var",
    "source.db.password_env_var",
    "source.db.database",
    "source.db.tls",
    "source.db.tls.mode",
];

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source().filter(|source| source.kind == Some(SourceKind::Db)) else { return };
    let Some(db) = &source.db else { return };
    if !dataset.unreadable("source.db.driver", db.driver.as_ref()) {
        address(dataset, db, findings);
    }
    asked(dataset, db, findings);
    parameters(dataset, db, findings);
    if db.isolation_level == Some(IsolationOption::Snapshot)
        && !matches!(db.driver, None | Some(Driver::Mssql | Driver::Pymssql | Driver::Pyodbc))
    {
        let finding = Diagnostic::error(code::CFG024, "the isolation level `snapshot` is one of SQL Server")
            .help("use `repeatable_read`: one state for the whole extract");
        dataset.report(findings, "source.db.isolation_level", Mark::Value, finding);
    }
}

fn unreachable(text: &str, help: &str) -> Diagnostic {
    Diagnostic::error(code::CFG033, text).help(help)
}

fn address(dataset: &DatasetView<'_>, db: &DbOptions, findings: &mut Findings) {
    const DSN: &str = "source.db.dsn_env_var";
    let given = |path: &str| dataset.given(path) || dataset.misspelt(path, findings);
    let host = given("source.db.host") || given("source.db.host_env_var");
    let (dsn, database) = (given(DSN), given("source.db.database"));
    if dsn {
        for path in SERVER.iter().filter(|path| !path.contains("tls") && dataset.given(path)) {
            dataset.idle(
                findings,
                path,
                ", because `dsn_env_var` holds the whole address",
                "remove it, or `dsn_env_var`",
            );
        }
        return;
    }
    let finding = match db.driver {
        Some(Driver::Sqlite) if !database => {
            Some(unreachable("a SQLite database needs its file", "add `database: ./shop.db`, or `dsn_env_var`"))
        }
        Some(Driver::Sqlite) => None,
        Some(Driver::Pyodbc) => Some(unreachable(
            "`driver: pyodbc` needs `dsn_env_var`",
            "add it: the name of the environment variable that holds the ODBC connection string",
        )),
        _ if !host => Some(unreachable(
            "nothing says where the database is",
            "add `dsn_env_var`, the name of the environment variable that holds the connection string, or `host_env_var`, that of the host",
        )),
        None => Some(unreachable(
            "nothing says what kind of database it is",
            "add `driver: postgres`, `mysql`, `mssql` or `sqlite`",
        )),
        _ => None,
    };
    if let Some(finding) = finding {
        let (place, mark) =
            if db.driver.is_some() { ("source.db.driver", Mark::Value) } else { ("source.db", Mark::Key) };
        dataset.report(findings, place, mark, finding);
    }
    for (value, variable) in
        [("source.db.host", "source.db.host_env_var"), ("source.db.port", "source.db.port_env_var")]
    {
        if dataset.given(value) && dataset.given(variable) {
            let finding = Diagnostic::error(code::CFG024, "given itself and by variable").help("remove one of the two");
            dataset.report(findings, value, Mark::Key, finding);
        }
    }
}

/// A query, a file with one, or a table.
fn asked(dataset: &DatasetView<'_>, db: &DbOptions, findings: &mut Findings) {
    const ASKED: [&str; 3] = ["source.db.query", "source.db.query_file", "source.db.table"];
    let given: Vec<&str> = ASKED.into_iter().filter(|path| dataset.given(path)).collect();
    match given.as_slice() {
        [] if !ASKED.iter().any(|path| dataset.misspelt(path, findings)) => {
            let finding =
                unreachable("nothing says what is read", "add `query: SELECT …`, `query_file`, or `table: orders`");
            dataset.report(findings, "source.db", Mark::Key, finding);
        }
        [_, second, ..] => {
            let finding =
                Diagnostic::error(code::CFG024, "more than one of `query`, `query_file` and `table` is given")
                    .help("keep one of them");
            dataset.report(findings, second, Mark::Key, finding);
        }
        _ => {}
    }
    if !given.is_empty() && !given.contains(&"source.db.table") {
        for path in ["source.db.columns", "source.db.where"] {
            if dataset.given(path) {
                dataset.idle(findings, path, " on a query", "write it into the query, or name a `table`");
            }
        }
        if db.parallel_reads.is_some() {
            let finding = Diagnostic::error(code::CFG024, "parallel reads divide a table, not a query")
                .help("name the `table`, with `columns` and `where`, or remove `parallel_reads`");
            dataset.report(findings, "source.db.parallel_reads", Mark::Key, finding);
        }
    }
}

fn parameters(dataset: &DatasetView<'_>, db: &DbOptions, findings: &mut Findings) {
    let Some(query) = &db.query else { return };
    let used = placeholders(query);
    let placed = match &db.params {
        Some(ParamsOption::Placed(list)) => list.len(),
        _ => 0,
    };
    if used.places < placed {
        let finding =
            Diagnostic::error(code::CFG024, format!("there are more `params` than `?` in the query: {placed}"))
                .help("remove the values that have no place");
        dataset.report(findings, "source.db.params", Mark::Key, finding);
    }
    let incremental = db.incremental.as_ref().filter(|incremental| incremental.enabled != Some(false));
    if used.places > placed {
        let finding = match incremental {
            _ if used.places > placed + 1 => Some((
                format!("{} `?` of the query have no value", used.places - placed),
                "give them in order: `params: [a, b]`; one that is left over stands for the cursor".to_owned(),
            )),
            None => Some((
                "a `?` without a value stands for the cursor, and there is no `incremental`".to_owned(),
                "add `incremental: {cursor_column: created_at, initial_value: 2024-01-01}`, or give the value in `params`".to_owned(),
            )),
            Some(incremental) if incremental.initial_value.is_none() => Some((
                "the `?` that stands for the cursor has no value on the first run".to_owned(),
                "add `initial_value:` to `incremental`".to_owned(),
            )),
            Some(_) => None,
        };
        if let (Some((text, help)), false) = (finding, dataset.unreadable("source.db.params", db.params.as_ref())) {
            dataset.report(findings, "source.db.query", Mark::Value, Diagnostic::error(code::CFG034, text).help(help));
        }
    }
    if let Some(ParamsOption::Named(map)) = &db.params {
        for name in map.keys().filter(|name| !used.names.contains(name)) {
            let finding = Diagnostic::error(code::CFG024, "a value of `params` has no place in the query")
                .help(format!("write `:{name}` where it belongs, or remove it"));
            dataset.report(findings, &format!("source.db.params.{name}"), Mark::Key, finding);
        }
    }
    let known = |name: &&String| matches!(&db.params, Some(ParamsOption::Named(map)) if map.contains_key(*name));
    if let Some(name) = used.names.iter().find(|name| !known(name))
        && !dataset.unreadable("source.db.params", db.params.as_ref())
    {
        let finding = Diagnostic::error(code::CFG024, format!("`:{name}` of the query has no value"))
            .help(format!("add it: `params: {{{name}: …}}`"));
        dataset.report(findings, "source.db.query", Mark::Value, finding);
    }
}

/// The parameters of a query.
#[derive(Debug, Default, PartialEq, Eq)]
struct Placeholders {
    /// Number of `?`.
    places: usize,
    /// Names after `:`.
    names: Vec<String>,
}

/// What stands outside of quotes and comments.
fn placeholders(query: &str) -> Placeholders {
    let mut found = Placeholders::default();
    let mut rest = query;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        let skip_to = |end: &str| after.find(end).map_or("", |at| &after[at + end.len()..]);
        rest = match character {
            '\'' | '"' | '`' => skip_to(&character.to_string()),
            '-' if after.starts_with('-') => skip_to("\n"),
            '/' if after.starts_with('*') => skip_to("*/"),
            // A cast of PostgreSQL, or an assignment.
            ':' if after.starts_with([':', '=']) => &after[1..],
            ':' => {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                let name = &after[..end];
                if name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !found.names.iter().any(|n| n == name) {
                    found.names.push(name.to_owned());
                }
                &after[end..]
            }
            '?' => {
                found.places += 1;
                after
            }
            _ => after,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_outside_of_quotes_and_comments() {
        let check = |query: &str, places: usize, names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(placeholders(query), Placeholders { places, names }, "{query}");
        };
        check("select * from t where a > ? and b = :b and c = :b", 1, &["b"]);
        check("select '?', \"a:b\", `?`, x::int, 'it''s ?' -- ? :c\n, ? /* ? */ from t", 1, &[]);
        check("select '10:30', :_x, a := 1, :5", 0, &["_x"]);
        check("select 'open ?", 0, &[]);
        check("", 0, &[]);
    }
}
