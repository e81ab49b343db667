//! SQLite end to end, and the type matrices of servers, which need `scripts/databases.sh run`.

mod servers;
mod sqlite;

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::DbExtractor;
use crate::batch::Cursor;
use crate::config::settings::{
    DbAddress, DbParams, DbRead, DbSource, DbTls, Driver, EnvVar, Incremental, NullCursor, TlsMode,
};
use crate::extract::observe::{Exchange, Observer, Seen};
use crate::extract::{ExtractRequest, Extractor};
use crate::world::{FixedEnvironment, World};

/// A source with nothing set, read by a query.
fn source(address: DbAddress, query: &str) -> DbSource {
    DbSource {
        driver: None,
        address,
        read: DbRead::Query(query.to_owned()),
        params: DbParams::Placed(Vec::new()),
        incremental: None,
        fetch_batch_size: 10_000,
        tls: DbTls { mode: TlsMode::Prefer, ca_file: None, client_cert_file: None, client_key_file: None },
        isolation: None,
        parallel_reads: None,
    }
}

fn file(path: &Path, query: &str) -> DbSource {
    DbSource { driver: Some(Driver::Sqlite), ..source(DbAddress::File(path.to_owned()), query) }
}

fn incremental(column: &str, closed: bool) -> Incremental {
    Incremental {
        cursor: column.to_owned(),
        param: None,
        end_param: None,
        cursor_type: None,
        initial_value: None,
        end_value: None,
        lag: 0.0,
        closed,
        null_cursor: NullCursor::Include,
        boundary_keys: Vec::new(),
    }
}

fn table(name: &str) -> DbRead {
    DbRead::Table { table: name.to_owned(), columns: Vec::new(), filter: None }
}

fn with_variable(request: ExtractRequest, name: &str, value: &str) -> ExtractRequest {
    let environment = FixedEnvironment([(name.to_owned(), value.to_owned())].into());
    ExtractRequest { world: World::real().with_environment(environment), ..request }
}

fn dsn() -> DbAddress {
    DbAddress::Dsn(EnvVar::new("TEST_DSN"))
}

/// Reads to the end: the first column of each row, and the cursor.
fn walk(source: &DbSource, request: &ExtractRequest) -> (Vec<String>, Option<Cursor>) {
    let mut extraction = DbExtractor::new(source.clone()).open(request).unwrap();
    let mut cells = Vec::new();
    while let Some(batch) = extraction.next().unwrap() {
        for row in 0..batch.num_rows() {
            cells
                .push(crate::batch::render::cell_text(batch.column(0).as_ref(), row).unwrap_or_else(|| "∅".to_owned()));
        }
    }
    (cells, extraction.cursor())
}

/// What went wrong when opening or reading.
fn failure(source: &DbSource, request: &ExtractRequest) -> crate::extract::ExtractError {
    match DbExtractor::new(source.clone()).open(request) {
        Err(error) => error,
        Ok(mut extraction) => loop {
            match extraction.next() {
                Err(error) => return error,
                Ok(Some(_)) => {}
                Ok(None) => panic!("it was read to its end"),
            }
        },
    }
}

/// Keeps what was told.
#[derive(Debug, Default)]
struct Ear(Mutex<Vec<Exchange>>);

impl Observer for Ear {
    fn saw(&self, seen: Seen) {
        if let Seen::Exchange(exchange) = seen {
            self.0.lock().unwrap().push(*exchange);
        }
    }
}

fn heard(request: &mut ExtractRequest) -> Arc<Ear> {
    let ear = Arc::new(Ear::default());
    request.observer = Arc::clone(&ear) as Arc<dyn Observer>;
    ear
}
