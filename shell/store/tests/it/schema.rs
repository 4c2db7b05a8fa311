//! DDL twice, DML once: the tables are the same on both engines, and every statement is understood by both.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{AssertSqlSafe, Executor, PgPool, SqlitePool};
use store::Engine;

use crate::support::Place;

/// Table, column, kind of value, whether it may be empty.
type Column = (String, String, &'static str, bool);

pub(crate) async fn both_engines_have_the_same_tables() {
    let (sqlite, postgres) = (Place::sqlite().await, Place::postgres().await);
    let (sqlite, postgres) = (describe(&sqlite).await, describe(&postgres).await);
    assert!(sqlite.columns.len() > 80, "the tables were read");
    assert_eq!(sqlite.columns, postgres.columns);
    assert!(sqlite.indexes.len() > 25, "the indexes were read");
    assert_eq!(sqlite.indexes, postgres.indexes);
    assert!(sqlite.references.len() > 15, "the references were read");
    assert_eq!(sqlite.references, postgres.references);
}

/// SEC-005: no table has a place for a client's network address.
pub(crate) async fn no_column_is_for_an_address(place: Place) {
    let found = describe(&place).await;
    let suspicious = ["addr", "ip", "host", "user_agent", "port"];
    for (table, column, ..) in &found.columns {
        let words: Vec<_> = column.split('_').collect();
        assert!(!suspicious.iter().any(|word| words.contains(word)), "{table}.{column}");
    }
}

struct Description {
    columns: BTreeSet<Column>,
    /// Table, unique, partial, columns.
    indexes: BTreeSet<(String, bool, bool, String)>,
    /// Table, column, the table that it refers to.
    references: BTreeSet<(String, String, String)>,
}

async fn describe(place: &Place) -> Description {
    place.open().await.close().await;
    match &place.options.engine {
        Engine::Sqlite(path) => describe_sqlite(path).await,
        Engine::Postgres(address) => describe_postgres(address).await,
    }
}

async fn describe_sqlite(path: &Path) -> Description {
    let pool = SqlitePool::connect(&path.display().to_string()).await.expect("sqlite opens");
    let tables = "FROM sqlite_schema m WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' \
         AND m.name NOT LIKE 'sqlite%'";
    let strict: i64 =
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) {tables} AND m.sql NOT LIKE '%STRICT'")))
            .fetch_one(&pool)
            .await
            .expect("read");
    assert_eq!(strict, 0, "every table is STRICT");
    let from = |what: &str, joined: &str| {
        AssertSqlSafe(format!("SELECT {what} {}", tables.replace(" WHERE", &format!(" {joined} WHERE"))))
    };
    let columns: Vec<(String, String, String, bool)> =
        sqlx::query_as(from("m.name, c.name, c.type, c.\"notnull\" = 0", "JOIN pragma_table_info(m.name) c"))
            .fetch_all(&pool)
            .await
            .expect("read");
    let indexes = sqlx::query_as(from(
        "m.name, i.\"unique\", i.partial, (SELECT group_concat(x.name) FROM pragma_index_info(i.name) x)",
        "JOIN pragma_index_list(m.name) i",
    ));
    // A whole-number primary key is the row's own number and has no index of its own.
    let keys = sqlx::query_as(from(
        "m.name, TRUE, FALSE, (SELECT group_concat(k.name) FROM (SELECT name FROM pragma_table_info(m.name) \
         WHERE pk > 0 ORDER BY pk) k)",
        "",
    ));
    let mut indexes: BTreeSet<_> = indexes.fetch_all(&pool).await.expect("read").into_iter().collect();
    indexes.extend(keys.fetch_all(&pool).await.expect("read"));
    let references =
        sqlx::query_as(from("m.name, f.\"from\", f.\"table\"", "JOIN pragma_foreign_key_list(m.name) f"));
    Description {
        columns: columns.into_iter().map(|(t, c, kind, empty)| (t, c, general_kind(&kind), empty)).collect(),
        indexes,
        references: references.fetch_all(&pool).await.expect("read").into_iter().collect(),
    }
}

async fn describe_postgres(address: &str) -> Description {
    let pool = PgPool::connect(address).await.expect("postgres opens");
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'",
    )
    .fetch_all(&pool)
    .await
    .expect("read");
    let indexes = sqlx::query_as(
        "SELECT t.relname::text, x.indisunique, x.indpred IS NOT NULL, \
         (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k(a, n) \
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.a) \
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace \
         WHERE s.nspname = 'public' AND t.relname NOT LIKE '\\_%'",
    );
    let references = sqlx::query_as(
        "SELECT t.relname::text, a.attname::text, r.relname::text FROM pg_constraint c \
         JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'",
    );
    Description {
        columns: columns.into_iter().map(|(t, c, kind, empty)| (t, c, general_kind(&kind), empty)).collect(),
        indexes: indexes.fetch_all(&pool).await.expect("read").into_iter().collect(),
        references: references.fetch_all(&pool).await.expect("read").into_iter().collect(),
    }
}

/// The kind of value behind an engine's own word. An id is sixteen bytes on SQLite.
fn general_kind(kind: &str) -> &'static str {
    match kind {
        "INTEGER" | "bigint" => "number",
        "TEXT" | "text" => "text",
        "BLOB" | "bytea" | "uuid" => "bytes",
        other => panic!("{other} is not a kind that both engines have"),
    }
}

/// Reads every `const SQL…` out of the sources, so that none can be forgotten, and lets the engine prepare it.
pub(crate) async fn every_statement_prepares(place: Place) {
    let db = place.open().await;
    let mut statements = Vec::new();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("the sources") {
        let source = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        statements.extend(statements_in(&source));
    }
    assert!(statements.len() > 60, "only {} statements found", statements.len());
    match &place.options.engine {
        Engine::Sqlite(path) => {
            let pool = SqlitePool::connect(&path.display().to_string()).await.expect("sqlite opens");
            for sql in &statements {
                let prepared = pool.prepare(AssertSqlSafe(sql.clone()).into_sql()).await;
                assert!(prepared.is_ok(), "SQLite does not understand {sql}: {:?}", prepared.err());
            }
            let nonsense = AssertSqlSafe("SELECT nothing FROM nowhere".to_owned()).into_sql();
            assert!(pool.prepare(nonsense).await.is_err());
        }
        Engine::Postgres(address) => {
            let pool = PgPool::connect(address).await.expect("postgres opens");
            for sql in &statements {
                let prepared = pool.prepare(AssertSqlSafe(sql.clone()).into_sql()).await;
                assert!(prepared.is_ok(), "PostgreSQL does not understand {sql}: {:?}", prepared.err());
            }
            let nonsense = AssertSqlSafe("SELECT nothing FROM nowhere".to_owned()).into_sql();
            assert!(pool.prepare(nonsense).await.is_err());
        }
    }
    db.close().await;
}

trait IntoSql {
    fn into_sql(self) -> sqlx::SqlStr;
}

impl IntoSql for AssertSqlSafe<String> {
    fn into_sql(self) -> sqlx::SqlStr {
        sqlx::SqlSafeStr::into_sql_str(self)
    }
}

/// The values of all constants named `SQL` or `SQL_…` in a source text.
fn statements_in(source: &str) -> Vec<String> {
    let is_statement = |rest: &&str| rest.starts_with(':') || rest.starts_with('_');
    let starts = source.match_indices("const SQL").map(|(at, found)| &source[at + found.len()..]);
    starts
        .filter(is_statement)
        .map(|rest| {
            let text = rest.split_once('"').expect("a statement has a text").1;
            let text = text.split_once("\";").expect("a statement ends").0;
            let lines = text.split("\\\n").enumerate();
            lines.map(|(number, line)| if number == 0 { line } else { line.trim_start() }).collect()
        })
        .collect()
}
