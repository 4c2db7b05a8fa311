//! The tables as they are in the database: what a backup copies and a restore fills, so that no table can be forgotten.
//!
//! Names come from our own migrations, never from a file; only they stand in the statements that are made here.

use domain::backup::{Kind, Row, Table, Value};
use sqlx::types::Uuid;
use sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Type};

use crate::dialect;
use crate::error::{Result, StoreError};
use crate::tx::{Connection, Tx, on_engine, row};

/// How an engine keeps a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Number,
    Text,
    Bytes,
    /// PostgreSQL's own type for sixteen bytes.
    Id,
}

impl Stored {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "integer" | "bigint" => Some(Self::Number),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            "uuid" => Some(Self::Id),
            _ => None,
        }
    }

    /// What it is in a backup, on whichever engine.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Number => Kind::Number,
            Self::Text => Kind::Text,
            Self::Bytes | Self::Id => Kind::Bytes,
        }
    }
}

/// One table.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, Stored)>,
    /// The columns of the primary key, in its order.
    key: Vec<(i64, String)>,
}

impl Shape {
    /// As a backup describes it.
    pub(crate) fn described(&self) -> Table {
        let columns = self.columns.iter().map(|(name, stored)| (name.clone(), stored.kind()));
        Table { name: self.name.clone(), columns: columns.collect() }
    }

    /// Reads every row, in the order of the primary key.
    fn select(&self) -> String {
        let names = |names: &mut dyn Iterator<Item = &String>| {
            names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
        };
        let columns = names(&mut self.columns.iter().map(|(name, _)| name));
        let key = names(&mut self.key.iter().map(|(_, name)| name));
        let order = if key.is_empty() { String::new() } else { format!(" ORDER BY {key}") };
        format!("SELECT {columns} FROM \"{}\"{order}", self.name)
    }

    /// Enters so many rows.
    fn insert(&self, rows: usize) -> String {
        let columns: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let width = columns.len();
        let group = |row: usize| {
            let places: Vec<_> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
            format!("({})", places.join(", "))
        };
        let groups: Vec<_> = (0..rows).map(group).collect();
        format!("INSERT INTO \"{}\" ({}) VALUES {}", self.name, columns.join(", "), groups.join(", "))
    }
}

/// What a reader of rows does with each; `Err` ends the reading.
pub(crate) type Taker<'a> = &'a mut (dyn FnMut(Row) -> Result<()> + Send);

impl<Mode> Tx<'_, Mode> {
    /// All our tables, each after those that it refers to.
    pub(crate) async fn catalogue(&mut self) -> Result<Vec<Shape>> {
        let columns = match self.connection() {
            Connection::Sqlite(connection) => {
                sqlx::query_as(dialect::SQLITE_COLUMNS).fetch_all(connection).await?
            }
            Connection::Postgres(connection) => {
                sqlx::query_as(dialect::POSTGRES_COLUMNS).fetch_all(connection).await?
            }
        };
        let references = match self.connection() {
            Connection::Sqlite(connection) => {
                sqlx::query_as(dialect::SQLITE_REFERENCES).fetch_all(connection).await?
            }
            Connection::Postgres(connection) => {
                sqlx::query_as(dialect::POSTGRES_REFERENCES).fetch_all(connection).await?
            }
        };
        in_order(shapes(columns)?, &references)
    }

    /// Migrations that the tables have seen, in order.
    pub(crate) async fn migrations(&mut self) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT version FROM _sqlx_migrations ORDER BY version";
        let found = crate::tx::rows!(self, SQL, (i64,))?;
        Ok(found.into_iter().map(|(version,)| version).collect())
    }

    /// Whether no table has a row.
    pub(crate) async fn is_empty(&mut self, shapes: &[Shape]) -> Result<bool> {
        for shape in shapes {
            let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM \"{}\" LIMIT 1) x", shape.name);
            if row!(self, AssertSqlSafe(sql), (i64,))?.is_some_and(|(rows,)| rows > 0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads every row of a table.
    pub(crate) async fn every_row(&mut self, shape: &Shape, take: Taker<'_>) -> Result<()> {
        use futures_util::TryStreamExt as _;
        on_engine!(self, connection => {
            let mut found = sqlx::query(AssertSqlSafe(shape.select())).fetch(&mut *connection);
            while let Some(row) = found.try_next().await? {
                let values = shape.columns.iter().enumerate();
                take(values.map(|(at, (_, stored))| value(&row, at, *stored)).collect::<Result<_, sqlx::Error>>()?)?;
            }
            Ok(())
        })
    }

    /// Enters rows as they are. The caller has compared their kinds with the table's.
    pub(crate) async fn enter_rows(&mut self, shape: &Shape, rows: Vec<Row>) -> Result<()> {
        let sql = AssertSqlSafe(shape.insert(rows.len()));
        on_engine!(self, connection => {
            let mut query = sqlx::query(sql);
            for (value, (_, stored)) in rows.into_iter().flat_map(|row| row.into_iter().zip(&shape.columns)) {
                query = match (stored, value) {
                    (Stored::Number, Value::Number(number)) => query.bind(Some(number)),
                    (Stored::Number, _) => query.bind(None::<i64>),
                    (Stored::Text, Value::Text(text)) => query.bind(Some(text)),
                    (Stored::Text, _) => query.bind(None::<String>),
                    (Stored::Bytes, Value::Bytes(bytes)) => query.bind(Some(bytes)),
                    (Stored::Bytes, _) => query.bind(None::<Vec<u8>>),
                    (Stored::Id, Value::Bytes(bytes)) => {
                        let id = Uuid::from_slice(&bytes).map_err(|_| StoreError::Damaged { column: "an id" })?;
                        query.bind(Some(id))
                    }
                    (Stored::Id, _) => query.bind(None::<Uuid>),
                };
            }
            query.execute(&mut *connection).await?;
            Ok(())
        })
    }
}

/// One value of a row, on either engine.
fn value<'r, R>(row: &'r R, at: usize, stored: Stored) -> Result<Value, sqlx::Error>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    i64: Held<'r, R::Database>,
    String: Held<'r, R::Database>,
    Vec<u8>: Held<'r, R::Database>,
    Uuid: Held<'r, R::Database>,
{
    Ok(match stored {
        Stored::Number => row.try_get::<Option<i64>, _>(at)?.map_or(Value::Empty, Value::Number),
        Stored::Text => row.try_get::<Option<String>, _>(at)?.map_or(Value::Empty, Value::Text),
        Stored::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map_or(Value::Empty, Value::Bytes),
        Stored::Id => row
            .try_get::<Option<Uuid>, _>(at)?
            .map_or(Value::Empty, |id| Value::Bytes(id.as_bytes().to_vec())),
    })
}

/// A type that an engine keeps.
trait Held<'r, D: Database>: Decode<'r, D> + Type<D> {}
impl<'r, D: Database, T: Decode<'r, D> + Type<D>> Held<'r, D> for T {}

fn shapes(columns: Vec<(String, String, String, i64)>) -> Result<Vec<Shape>> {
    let mut shapes: Vec<Shape> = Vec::new();
    for (table, column, word, place) in columns {
        let stored = Stored::from_word(&word).ok_or(StoreError::Damaged { column: "a column's kind" })?;
        if shapes.last().is_none_or(|last| last.name != table) {
            shapes.push(Shape { name: table, columns: Vec::new(), key: Vec::new() });
        }
        let Some(shape) = shapes.last_mut() else { continue };
        if place > 0 {
            shape.key.push((place, column.clone()));
        }
        shape.columns.push((column, stored));
    }
    for shape in &mut shapes {
        shape.key.sort();
    }
    Ok(shapes)
}

/// Puts each table after those that it refers to; a circle has no such order, and a test keeps circles out.
fn in_order(mut shapes: Vec<Shape>, references: &[(String, String)]) -> Result<Vec<Shape>> {
    let mut ordered: Vec<Shape> = Vec::with_capacity(shapes.len());
    while !shapes.is_empty() {
        let waits = |shape: &Shape| {
            references
                .iter()
                .any(|(from, to)| *from == shape.name && !ordered.iter().any(|done| done.name == *to))
        };
        let (later, now): (Vec<_>, Vec<_>) = shapes.into_iter().partition(waits);
        if now.is_empty() {
            return Err(StoreError::Damaged { column: "tables that refer to each other in a circle" });
        }
        ordered.extend(now);
        shapes = later;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(name: &str) -> Shape {
        Shape { name: name.into(), columns: vec![("x".into(), Stored::Number)], key: vec![(1, "x".into())] }
    }

    #[test]
    fn a_table_comes_after_those_that_it_refers_to() {
        let reference = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let all = || ["a", "b", "c"].map(shape).into();
        let ordered =
            in_order(all(), &[reference("a", "c"), reference("c", "b")]).expect("there is an order");
        assert_eq!(ordered.iter().map(|shape| shape.name.as_str()).collect::<String>(), "bca");
        in_order(all(), &[reference("a", "c"), reference("c", "a")]).expect_err("a circle");
    }

    #[test]
    fn statements_name_every_column() {
        let mut shape = shape("t");
        shape.columns.push(("y".into(), Stored::Text));
        assert_eq!(shape.select(), r#"SELECT "x", "y" FROM "t" ORDER BY "x""#);
        assert_eq!(shape.insert(2), r#"INSERT INTO "t" ("x", "y") VALUES ($1, $2), ($3, $4)"#);
    }
}
