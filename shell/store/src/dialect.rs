//! Everything that differs between SQLite and PostgreSQL, one function or constant each, at most ten.
//!
//! One text has one meaning on both engines because both give one writer at a time a fixed view: SQLite by
//! `BEGIN IMMEDIATE`, PostgreSQL by a lock that is taken before the snapshot is.

use core::time::Duration;
use std::path::Path;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

/// How long a request waits for a connection to PostgreSQL: shorter than a page may take, so that whoever waits for the
/// page is told that the fault is ours.
const POSTGRES_CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a connection to PostgreSQL that was in use is taken to be alive.
const TRUSTED: Duration = Duration::from_secs(1);
/// How long a writer waits for the writer before it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read at the same time; one more writes. One of them may be folding the log.
const READERS_MAX: u32 = 5;
/// Pages that SQLite's log may hold before writers fold it themselves (32 MB): only when nobody else does.
const LOG_PAGES_MAX: &str = "8192";
/// Connections of one program that read PostgreSQL at the same time.
const POSTGRES_READERS_MAX: u32 = 12;
/// Connections of one program that write to PostgreSQL: one writes, one waits its turn among other programs' writers.
const POSTGRES_WRITERS_MAX: u32 = 2;

/// 1. Begins a write on SQLite: takes the write lock at once, so that no later step can meet another writer.
pub(crate) const SQLITE_BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// 2. Begins a write on PostgreSQL, and makes writers follow one another. `LOCK` takes no snapshot, so the writer that had
///    to wait sees everything that the one before it wrote, and the audit chain cannot fork (SEC-007). `meta` stands for
///    the whole because nothing is ever vacuumed there: a vacuum holds a lock that this one would wait for.
pub(crate) const POSTGRES_BEGIN_WRITE: &str =
    "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE meta IN SHARE ROW EXCLUSIVE MODE";
/// 3. Begins a read on SQLite: a fixed view from the first statement on.
pub(crate) const SQLITE_BEGIN_READ: &str = "BEGIN DEFERRED";
/// 4. Begins a read on PostgreSQL: a fixed view. Writers follow one another, so each view is one that stood between two of
///    them, and nothing more is to be had by asking for serializable reads.
pub(crate) const POSTGRES_BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// 5. Begins a long look at everything on PostgreSQL: waits for a moment from which it can neither disturb writers nor be
///    disturbed by them. On SQLite every read has that from the start.
pub(crate) const POSTGRES_BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE";

/// 6. Opens SQLite: one connection that writes, a few that read. By default the writer that fills a thousand pages of the
///    log folds them into the file before it goes on, and everybody waits for it; see [`SQLITE_FOLD`].
pub(crate) async fn open_sqlite(path: &Path) -> Result<(SqlitePool, SqlitePool), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", LOG_PAGES_MAX);
    let writer = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).after_release(
        |connection, _| {
            // A full disk ends a transaction inside SQLite, and the library then believes for ever that it is open: such a
            // connection is closed and another opened.
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        },
    );
    let writer = writer.connect_with(options.clone()).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok((writer, readers))
}

/// 7. Opens PostgreSQL: a few connections that write, so that waiting writers do not keep readers out, and some that
///    read.
pub(crate) async fn open_postgres(url: &str) -> Result<(PgPool, PgPool), sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    // Every statement is made to be found by an index; to plan it anew for each value costs more than to run it.
    let settings = [("lock_timeout", "10s"), ("plan_cache_mode", "force_generic_plan")];
    let options = options.application_name("samrom").options(settings);
    let pool = |connections| {
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(POSTGRES_CONNECT_TIME_MAX)
            .test_before_acquire(false)
            .before_acquire(|connection, state| {
                // Whoever used it a moment ago has found it alive.
                Box::pin(async move {
                    if state.idle_for >= TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
    };
    let writer = pool(POSTGRES_WRITERS_MAX).connect_with(options.clone()).await?;
    let readers = pool(POSTGRES_READERS_MAX).connect_with(options).await?;
    Ok((writer, readers))
}

/// What a failure of the database means for whoever must do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Another writer was in the way; trying again may help.
    Conflict,
    /// There is no room left.
    DiskFull,
    /// The disk does not take or give what it should.
    Disk,
    /// There is nobody at the other end.
    Unreachable,
    /// Anything else: our fault, or a damaged database.
    Other,
}

/// 8. What a failure means: SQLite's codes, whose lowest byte is the kind, and PostgreSQL's classes (its appendix A).
pub(crate) fn failure(error: &sqlx::Error) -> Failure {
    let database = match error {
        sqlx::Error::Database(database) => database,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => return Failure::Unreachable,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            return Failure::Unreachable;
        }
        _ => return Failure::Other,
    };
    let code = database.code().unwrap_or_default();
    if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5) => Failure::Conflict,
            Ok(13) => Failure::DiskFull,
            Ok(8 | 10 | 14) => Failure::Disk,
            _ => Failure::Other,
        };
    }
    match code.as_ref() {
        "40001" | "40P01" | "55P03" => Failure::Conflict,
        "53100" => Failure::DiskFull,
        "25006" | "58030" => Failure::Disk,
        "53300" | "57P01" | "57P02" | "57P03" => Failure::Unreachable,
        code if code.starts_with("08") => Failure::Unreachable,
        _ => Failure::Other,
    }
}

/// 9. The tables that there are, ours only: table, column, kind of value, place in the primary key (0 for none).
pub(crate) const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, lower(c.type), c.pk \
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' \
     ORDER BY m.name, c.cid";
/// The same on PostgreSQL.
pub(crate) const POSTGRES_COLUMNS: &str = "SELECT t.relname::text, a.attname::text, \
     format_type(a.atttypid, NULL), \
     COALESCE((SELECT k.place FROM unnest(x.indkey) WITH ORDINALITY k (attribute, place) \
               WHERE k.attribute = a.attnum), 0) \
     FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace \
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_index x ON x.indrelid = t.oid AND x.indisprimary \
     WHERE s.nspname = current_schema() AND t.relkind = 'r' AND t.relname NOT LIKE '\\_%' \
     ORDER BY t.relname, a.attnum";
/// Which table refers to which.
pub(crate) const SQLITE_REFERENCES: &str = "SELECT m.name, f.\"table\" \
     FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
/// The same on PostgreSQL.
pub(crate) const POSTGRES_REFERENCES: &str = "SELECT t.relname::text, r.relname::text FROM pg_constraint c \
     JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
     JOIN pg_namespace s ON s.oid = t.relnamespace WHERE c.contype = 'f' AND s.nspname = current_schema()";

/// 10. Folds SQLite's log into its file beside those who read and write, as far as nobody reads it any more; on any
///     connection, even one that changes nothing.
pub(crate) const SQLITE_FOLD: &str = "PRAGMA wal_checkpoint(PASSIVE)";
