//! Everything that differs between SQLite and PostgreSQL, one function or constant each, at most ten.
//!
//! One text has one meaning on both engines because both give one writer at a time a fixed view: SQLite by
//! `BEGIN IMMEDIATE`, PostgreSQL by a lock that is taken before the snapshot is.

use core::time::Duration;
use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

/// How long a writer waits for the writer before it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read at the same time; one more writes.
const READERS_MAX: u32 = 4;
/// Connections of one program that read PostgreSQL at the same time.
const POSTGRES_READERS_MAX: u32 = 12;
/// Connections of one program that write to PostgreSQL: one writes, one waits its turn among other programs' writers.
const POSTGRES_WRITERS_MAX: u32 = 2;

/// 1. Begins a write on SQLite: takes the write lock at once, so that no later step can meet another writer.
pub(crate) const SQLITE_BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// 2. Begins a write on PostgreSQL.
pub(crate) const POSTGRES_BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
/// 3. Makes writers on PostgreSQL follow one another. `LOCK` takes no snapshot, so the writer that had to wait sees
///    everything that the one before it wrote, and the audit chain cannot fork (SEC-007). `meta` stands for the
///    whole because nothing is ever vacuumed there: a vacuum holds a lock that this one would wait for.
pub(crate) const POSTGRES_LOCK_WRITERS: &str = "LOCK TABLE meta IN SHARE ROW EXCLUSIVE MODE";
/// 4. Begins a read on SQLite: a fixed view from the first statement on.
pub(crate) const SQLITE_BEGIN_READ: &str = "BEGIN DEFERRED";
/// 5. Begins a read on PostgreSQL.
pub(crate) const POSTGRES_BEGIN_READ: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY";

/// 6. Opens SQLite: one connection that writes, a few that read.
pub(crate) async fn open_sqlite(path: &Path) -> Result<(SqlitePool, SqlitePool), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON");
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok((writer, readers))
}

/// 7. Opens PostgreSQL: a few connections that write, so that waiting writers do not keep readers out, and some that
///    read.
pub(crate) async fn open_postgres(url: &str) -> Result<(PgPool, PgPool), sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name("samrom").options([("lock_timeout", "10s")]);
    let pool = |connections| PgPoolOptions::new().max_connections(connections);
    let writer = pool(POSTGRES_WRITERS_MAX).connect_with(options.clone()).await?;
    let readers = pool(POSTGRES_READERS_MAX).connect_with(options).await?;
    Ok((writer, readers))
}

/// 8. Whether trying again may help: SQLite's busy codes, PostgreSQL's serialisation, deadlock and lock time-out.
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else { return false };
    let Some(code) = database.code() else { return false };
    if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return matches!(code.as_ref(), "5" | "261" | "517" | "773");
    }
    matches!(code.as_ref(), "40001" | "40P01" | "55P03")
}
