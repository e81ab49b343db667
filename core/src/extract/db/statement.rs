//! The statement that is sent: what the config asks for, wrapped where a bound, an order or a limit is
//! added. Values are bound, never written into the text.

use chrono::NaiveDate;

use super::error::DbError;
use super::lexer::{Kind, tokens};
use crate::config::settings::{DbParams, DbRead, Driver, Secret};

/// A statement in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Sql(String),
    Bind(Bind),
    /// Where the query itself asks for the cursor.
    Cursor,
}

/// A value to be bound.
#[derive(Clone, Debug)]
pub(super) struct Bind {
    pub(super) value: Bound,
    /// The type it is read as: the text of a type of the database.
    pub(super) cast: Option<String>,
    /// A value of `params` may be a secret.
    pub(super) secret: bool,
}

/// A bound value.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Text(Secret),
    Int(i64),
    Float(f64),
}

impl Bound {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Secret::new(text))
    }
}

/// A statement as a database takes it.
#[derive(Clone, Debug)]
pub(super) struct Rendered {
    pub(super) sql: String,
    pub(super) binds: Vec<Bound>,
}

/// What is put around a query.
#[derive(Clone, Debug, Default)]
pub(super) struct Wrap {
    /// What is selected; `None`: all columns.
    pub(super) select: Option<String>,
    /// Conditions, all of which must hold.
    pub(super) conditions: Vec<Vec<Piece>>,
    /// Expression by which rows are ordered.
    pub(super) order: Option<String>,
    /// Number of rows.
    pub(super) limit: Option<u64>,
}

/// A piece of a condition.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Sql(String),
    Bind(Bind),
}

impl Wrap {
    fn is_empty(&self) -> bool {
        self.select.is_none() && self.conditions.is_empty() && self.order.is_none() && self.limit.is_none()
    }
}

/// A name in the quotes of the database.
pub(super) fn quoted(name: &str, driver: Driver) -> String {
    match driver {
        Driver::Mysql => format!("`{}`", name.replace('`', "``")),
        Driver::SqlServer => format!("[{}]", name.replace(']', "]]")),
        Driver::Postgres | Driver::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The name of a table with its schema, quoted where it is not yet.
pub(super) fn table_name(table: &str, driver: Driver) -> String {
    if table.contains(['"', '`', '[']) {
        return table.to_owned();
    }
    table.split('.').map(|part| quoted(part, driver)).collect::<Vec<_>>().join(".")
}

/// The text of the query; that of a file was read before.
pub(super) fn text(read: &DbRead, file: Option<&str>, driver: Driver) -> String {
    match read {
        DbRead::Query(text) => text.clone(),
        DbRead::QueryFile(_) => file.unwrap_or_default().to_owned(),
        DbRead::Table { table, columns, filter } => {
            let columns = match columns.as_slice() {
                [] => "*".to_owned(),
                names => names.iter().map(|name| quoted(name, driver)).collect::<Vec<_>>().join(", "),
            };
            let filter = filter.as_ref().map_or_else(String::new, |filter| format!("\nWHERE (\n{filter}\n)"));
            format!("SELECT {columns} FROM {}{filter}", table_name(table, driver))
        }
    }
}

impl Statement {
    /// One query with its parameters.
    ///
    /// # Errors
    ///
    /// When a parameter has no value, or the text is not one statement.
    pub(super) fn new(
        sql: &str,
        params: &DbParams,
        incremental: bool,
        run_date: NaiveDate,
        driver: Driver,
    ) -> Result<Self, DbError> {
        let mut tokens = tokens(sql, driver);
        let blank = |range: &std::ops::Range<usize>| sql[range.clone()].trim().is_empty();
        while tokens.last().is_some_and(|token| match token.kind {
            Kind::End | Kind::Comment => true,
            Kind::Code => blank(&token.range),
            _ => false,
        }) {
            tokens.pop();
        }
        if tokens.iter().any(|token| token.kind == Kind::End) {
            return Err(DbError::NotAQuery { reason: "is more than one statement".into() });
        }
        if !tokens.iter().any(|token| token.kind == Kind::Code) {
            return Err(DbError::NotAQuery { reason: "is empty".into() });
        }
        let dated = |value: &Secret| Bind {
            value: Bound::text(value.reveal().replace("{run_date}", &run_date.to_string())),
            cast: None,
            secret: true,
        };
        let mut statement = Self::default();
        let mut places = 0;
        for token in tokens {
            let text = &sql[token.range.clone()];
            match token.kind {
                Kind::Code | Kind::Quoted | Kind::Comment | Kind::End => statement.push(text),
                Kind::QuestionMark => statement.push("?"),
                Kind::Place => {
                    let value = match params {
                        DbParams::Placed(values) => values.get(places),
                        DbParams::Named(_) => None,
                    };
                    places += 1;
                    match value {
                        Some(value) => statement.0.push(Part::Bind(dated(value))),
                        None if incremental => statement.0.push(Part::Cursor),
                        None => return Err(DbError::NoValue { name: format!("?{places}") }),
                    }
                }
                Kind::Name => match params {
                    DbParams::Named(values) if values.contains_key(&text[1..]) => {
                        statement.0.push(Part::Bind(dated(&values[&text[1..]])));
                    }
                    _ => return Err(DbError::NoValue { name: text.to_owned() }),
                },
            }
        }
        Ok(statement)
    }

    fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Sql(last)) => last.push_str(text),
            _ => self.0.push(Part::Sql(text.to_owned())),
        }
    }

    /// Whether the query itself asks for the cursor.
    pub(super) fn asks_for_cursor(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Cursor))
    }

    /// Values that must not be shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Bind(Bind { value: Bound::Text(text), secret: true, .. }) => Some(text.reveal()),
            _ => None,
        })
    }

    /// The cursor in the places where the query asks for it.
    #[must_use]
    pub(super) fn with_cursor(mut self, bind: &Bind) -> Self {
        for part in &mut self.0 {
            if matches!(part, Part::Cursor) {
                *part = Part::Bind(bind.clone());
            }
        }
        self
    }

    /// The types as which the values are read, in the order in which they stand.
    #[must_use]
    pub(super) fn with_casts(mut self, casts: &[Option<String>]) -> Self {
        let places = self.0.iter_mut().filter(|part| !matches!(part, Part::Sql(_)));
        for (place, cast) in places.zip(casts) {
            // The cursor brings its own.
            if let (Part::Bind(bind), Some(cast)) = (place, cast) {
                bind.cast.get_or_insert_with(|| cast.clone());
            }
        }
        self
    }

    /// Inside of another query, if anything is put around it.
    #[must_use]
    pub(super) fn wrapped(self, wrap: Wrap, driver: Driver) -> Self {
        if wrap.is_empty() {
            return self;
        }
        let mut outer = Self::default();
        let top = match (driver, wrap.limit) {
            (Driver::SqlServer, Some(limit)) => format!("TOP ({limit}) "),
            _ => String::new(),
        };
        outer.push(&format!("SELECT {top}{} FROM (\n", wrap.select.as_deref().unwrap_or("*")));
        outer.0.extend(self.0);
        // A comment at the end of the query must not take this along.
        outer.0.push(Part::Sql("\n) AS medallion_rows".to_owned()));
        for (number, condition) in wrap.conditions.into_iter().enumerate() {
            outer.push(if number == 0 { "\nWHERE (" } else { " AND (" });
            for piece in condition {
                match piece {
                    Piece::Sql(text) => outer.push(&text),
                    Piece::Bind(bind) => outer.0.push(Part::Bind(bind)),
                }
            }
            outer.push(")");
        }
        if let Some(order) = &wrap.order {
            outer.push(&format!("\nORDER BY {order}"));
        }
        if let (Some(limit), false) = (wrap.limit, driver == Driver::SqlServer) {
            outer.push(&format!("\nLIMIT {limit}"));
        }
        outer
    }

    /// As the database takes it.
    pub(super) fn rendered(&self, driver: Driver) -> Rendered {
        let mut rendered = Rendered { sql: String::new(), binds: Vec::new() };
        for part in &self.0 {
            let (bind, cast) = match part {
                Part::Sql(text) => {
                    rendered.sql.push_str(text);
                    continue;
                }
                Part::Bind(bind) => (bind.value.clone(), bind.cast.as_deref()),
                Part::Cursor => (Bound::text(""), None),
            };
            rendered.binds.push(bind);
            let number = rendered.binds.len();
            let place = match driver {
                Driver::Postgres => format!("${number}"),
                Driver::Mysql => "?".to_owned(),
                Driver::Sqlite => format!("?{number}"),
                Driver::SqlServer => format!("@P{number}"),
            };
            let place = match (driver, cast) {
                (_, None) => place,
                // Texts are bound everywhere; the server reads them as what it compares them with.
                (Driver::Postgres, Some(cast)) => format!("CAST(CAST({place} AS text) AS {cast})"),
                (_, Some(cast)) => format!("CAST({place} AS {cast})"),
            };
            rendered.sql.push_str(&place);
        }
        rendered
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn date() -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 3, 1).unwrap()
    }

    fn placed(values: &[&str]) -> DbParams {
        DbParams::Placed(values.iter().map(|value| Secret::new(*value)).collect())
    }

    fn shown(statement: &Statement, driver: Driver) -> String {
        let rendered = statement.rendered(driver);
        let binds: Vec<String> = rendered
            .binds
            .iter()
            .map(|bind| match bind {
                Bound::Text(text) => text.reveal().to_owned(),
                Bound::Int(number) => number.to_string(),
                Bound::Float(number) => format!("{number:?}"),
            })
            .collect();
        format!("{} <- {}", rendered.sql, binds.join(","))
    }

    #[test]
    fn parameters_are_bound_in_the_words_of_each_database() {
        let named = DbParams::Named(IndexMap::from_iter([("a".to_owned(), Secret::new("x{run_date}"))]));
        let both = Statement::new("select :a, ':a', ?, :a;", &named, true, date(), Driver::Postgres).unwrap();
        assert!(both.asks_for_cursor());
        let both = both.with_cursor(&Bind { value: Bound::Int(5), cast: Some("int8".into()), secret: false });
        for (driver, expected) in [
            (Driver::Postgres, "select $1, ':a', CAST(CAST($2 AS text) AS int8), $3"),
            (Driver::Mysql, "select ?, ':a', CAST(? AS int8), ?"),
            (Driver::Sqlite, "select ?1, ':a', CAST(?2 AS int8), ?3"),
            (Driver::SqlServer, "select @P1, ':a', CAST(@P2 AS int8), @P3"),
        ] {
            assert_eq!(shown(&both, driver), format!("{expected} <- x2025-03-01,5,x2025-03-01"));
        }
    }

    #[test]
    fn what_is_no_single_query_is_refused() {
        let new = |sql: &str, params: &DbParams, incremental| {
            Statement::new(sql, params, incremental, date(), Driver::Postgres)
                .map(|statement| shown(&statement, Driver::Postgres))
                .map_err(|error| error.to_string())
        };
        assert_eq!(new("select 1 -- x\n ; ;", &placed(&[]), false).unwrap(), "select 1  <- ");
        assert!(new("select 1; drop table t", &placed(&[]), false).unwrap_err().contains("more than one"));
        assert!(new(" -- nothing", &placed(&[]), false).unwrap_err().contains("empty"));
        assert!(new("select ?, ?", &placed(&["a"]), false).unwrap_err().contains("`?2`"));
        assert!(new("select :b", &placed(&[]), true).unwrap_err().contains("`:b`"));
        assert_eq!(new("select a ?? 'b', ?", &placed(&["a"]), false).unwrap(), "select a ? 'b', $1 <- a");
    }

    #[test]
    fn a_query_is_wrapped_whatever_it_is() {
        let bind = Bind { value: Bound::Int(7), cast: None, secret: false };
        let wrap = || Wrap {
            select: None,
            conditions: vec![vec![Piece::Sql("\"id\" >= ".into()), Piece::Bind(bind.clone())]],
            order: Some("\"id\"".into()),
            limit: Some(3),
        };
        let query = || {
            Statement::new(
                "select * from where_t where x = ? order by y -- last",
                &placed(&["a"]),
                true,
                date(),
                Driver::Postgres,
            )
            .unwrap()
        };
        assert_eq!(
            shown(&query().wrapped(wrap(), Driver::Postgres), Driver::Postgres),
            "SELECT * FROM (\nselect * from where_t where x = $1 order by y \n) AS medallion_rows\nWHERE (\"id\" >= $2)\nORDER BY \"id\"\nLIMIT 3 <- a,7"
        );
        assert!(
            shown(&query().wrapped(wrap(), Driver::SqlServer), Driver::SqlServer).starts_with("SELECT TOP (3) * FROM")
        );
        assert!(shown(&query().wrapped(Wrap::default(), Driver::Postgres), Driver::Postgres).starts_with("select"));
        let read = DbRead::Table {
            table: "s.Or\"der".into(),
            columns: vec!["a".into(), "b\"c".into()],
            filter: Some("x > 1 -- y".into()),
        };
        assert_eq!(
            text(&read, None, Driver::Postgres),
            "SELECT \"a\", \"b\"\"c\" FROM s.Or\"der\nWHERE (\nx > 1 -- y\n)"
        );
        let read = DbRead::Table { table: "s.t".into(), columns: vec![], filter: None };
        assert_eq!(text(&read, None, Driver::Mysql), "SELECT * FROM `s`.`t`");
        assert_eq!(text(&read, None, Driver::SqlServer), "SELECT * FROM [s].[t]");
    }
}
