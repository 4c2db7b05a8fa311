//! The database: opened once, checked against its root key, on SQLite or PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::audit::{Action, Actor, AuditEvent, Purpose};
use ids::Timestamp;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::broadcast;

use crate::change::{FactChanged, Subject};
use crate::dialect;
use crate::entropy::random;
use crate::error::{KeyError, Result, StoreError};
use crate::keys::{Keyring, RootKeySource, SealingKey, SigningKey};
use crate::tx::{EngineTx, Look, Read, Tx, Write, change, row};

/// Announcements that a slow listener may be behind before it is told that it missed some (and reloads all).
const CHANGES_MAX: usize = 1_024;
/// How often a whole transaction is tried when another writer was in the way.
const TRIES_MAX: u32 = 4;

/// Which database to open.
#[derive(Debug, Clone)]
pub enum Engine {
    /// The embedded one, in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by its `postgres://` address.
    Postgres(String),
}

impl Engine {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Address`].
    pub fn from_address(address: &str) -> Result<Self> {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Self::Postgres(address.to_owned()));
        }
        let path = address.strip_prefix("sqlite:").ok_or(StoreError::Address)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(StoreError::Address);
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which.
    pub engine: Engine,
    /// Where its root key comes from.
    pub root_key: RootKeySource,
    /// The present moment.
    pub now: Timestamp,
}

impl Options {
    /// The default: everything in one data directory (`samrom.db`, `root-key`).
    #[must_use]
    pub fn in_directory(directory: &Path, now: Timestamp) -> Self {
        Self {
            engine: Engine::Sqlite(directory.join("samrom.db")),
            root_key: RootKeySource::File(directory.join("root-key")),
            now,
        }
    }
}

/// An open database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    keyring: Arc<Keyring>,
    changes: broadcast::Sender<FactChanged>,
    /// Audit events that this process has written.
    own_events: Arc<AtomicU64>,
}

#[derive(Clone)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres { writer: PgPool, readers: PgPool },
}

impl core::fmt::Debug for Db {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self.pools {
            Pools::Sqlite { .. } => "Db(sqlite)",
            Pools::Postgres { .. } => "Db(postgres)",
        })
    }
}

impl Db {
    /// Opens a database, brings its tables up to date and checks the root key; founds it when it has no data.
    ///
    /// # Errors
    /// [`KeyError::Missing`] and [`KeyError::Wrong`] when database and root key do not belong together.
    pub async fn open(options: &Options) -> Result<Self> {
        let pools = open_pools(&options.engine).await?;
        // Until the keys are known the keyring holds throw-away ones; nothing is sealed with them.
        let unopened = Self {
            pools: pools.clone(),
            keyring: Arc::new(Keyring::new(
                SealingKey::new(random::<32>()?.as_slice())?,
                SigningKey::from_seed(random::<32>()?.as_slice())?,
            )),
            changes: broadcast::channel(1).0,
            own_events: Arc::default(),
        };
        let keyring = Arc::new(unopened.unlock_or_found(options).await?);
        let own_events = unopened.own_events;
        Ok(Self { pools, keyring, changes: broadcast::channel(CHANGES_MAX).0, own_events })
    }

    /// Begins a write: waits for the writer before it, sees everything that one wrote.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the writers before it take too long.
    pub async fn write(&self, actor: Actor, now: Timestamp) -> Result<Tx<'_, Write>> {
        let engine = match &self.pools {
            Pools::Sqlite { writer, .. } => {
                EngineTx::Sqlite(writer.begin_with(dialect::SQLITE_BEGIN_WRITE).await?)
            }
            Pools::Postgres { writer, .. } => {
                let mut tx = writer.begin_with(dialect::POSTGRES_BEGIN_WRITE).await?;
                sqlx::query(dialect::POSTGRES_LOCK_WRITERS).execute(&mut *tx).await?;
                EngineTx::Postgres(tx)
            }
        };
        Ok(Tx::new(self, engine, actor, now))
    }

    /// Begins a read of personal data, which is logged before it is answered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(&self, actor: Actor, purpose: Purpose, now: Timestamp) -> Result<Tx<'_, Read>> {
        Ok(Tx::new(self, self.begin_read().await?, actor, now).for_purpose(purpose))
    }

    /// Begins a read of what [`crate::UNLOGGED`] names.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<Tx<'_, Look>> {
        Ok(Tx::new(self, self.begin_read().await?, Actor::System, now))
    }

    async fn begin_read(&self) -> Result<EngineTx> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => {
                EngineTx::Sqlite(readers.begin_with(dialect::SQLITE_BEGIN_READ).await?)
            }
            Pools::Postgres { readers, .. } => {
                EngineTx::Postgres(readers.begin_with(dialect::POSTGRES_BEGIN_READ).await?)
            }
        })
    }

    /// Listens for changed facts. A listener that lags is told so and must reload everything.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<FactChanged> {
        self.changes.subscribe()
    }

    /// How many audit events others than this process have written, as far as it is known: the chain has a number for
    /// each. When the count has grown, another program (`samrom admin`) changed something that [`changes`](Self::changes)
    /// did not tell. Around a write of one's own it may be too low for a moment, never too high.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn foreign_events(&self, now: Timestamp) -> Result<u64> {
        let mut tx = self.look(now).await?;
        let (last, _) = crate::audit::end_of_chain(&mut tx).await?;
        tx.done().await?;
        Ok(last.saturating_sub(self.own_events.load(Ordering::Acquire)))
    }

    /// So many more audit events are ours.
    pub(crate) fn count_own(&self, events: u64) {
        self.own_events.fetch_add(events, Ordering::AcqRel);
    }

    pub(crate) fn announce(&self, subjects: Vec<Subject>) {
        if !subjects.is_empty() {
            // Nobody may be listening (a command-line tool); that is no fault.
            let _ = self.changes.send(FactChanged { subjects });
        }
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The public key that the audit head is signed with.
    #[must_use]
    pub fn audit_public_key(&self) -> [u8; 32] {
        self.keyring.audit.public_key()
    }

    /// Closes every connection and waits for it; SQLite folds its log into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }

    /// Unlocks the keys of a database with data, or founds one without.
    async fn unlock_or_found(&self, options: &Options) -> Result<Keyring> {
        let mut tx = self.write(Actor::System, options.now).await?;
        let Some(check) = tx.meta("root_key_check").await? else {
            if tx.has_data().await? {
                return Err(KeyError::CheckMissing.into());
            }
            return tx.found(&options.root_key).await;
        };
        let root = options.root_key.existing()?;
        root.check(&check)?;
        let wrapping = root.wrapping()?;
        let sealed = tx.meta("audit_seed").await?.ok_or(StoreError::Damaged { column: "meta.audit_seed" })?;
        let seed = wrapping.open(AUDIT_SEED_LABEL, &sealed);
        let seed = seed.ok_or(StoreError::Unsealable { table: "meta", column: "audit_seed" })?;
        let audit = SigningKey::from_seed(&seed)?;
        Ok(Keyring::new(wrapping, audit))
    }
}

/// The place of the sealed audit key.
const AUDIT_SEED_LABEL: &[u8] = b"samrom audit seed v1\0";

impl Tx<'_, Write> {
    async fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        const SQL: &str = "SELECT value FROM meta WHERE name = $1";
        Ok(row!(self, SQL, (Vec<u8>,), name)?.map(|(value,)| value))
    }

    async fn put_meta(&mut self, name: &str, value: Vec<u8>) -> Result<()> {
        const SQL: &str = "INSERT INTO meta (name, value) VALUES ($1, $2)";
        change!(self, SQL, name, value)?;
        Ok(())
    }

    /// Whether a root key was ever used here.
    async fn has_data(&mut self) -> Result<bool> {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM data_key) + (SELECT COUNT(*) FROM audit_event)";
        Ok(row!(self, SQL, (i64,))?.is_some_and(|(rows,)| rows > 0))
    }

    /// Lays down the first keys, and the first entry of the chain.
    async fn found(mut self, source: &RootKeySource) -> Result<Keyring> {
        let root = source.existing_or_new()?;
        let wrapping = root.wrapping()?;
        let seed = random::<32>()?;
        self.put_meta("root_key_check", root.check_value()).await?;
        self.put_meta("audit_seed", wrapping.seal(AUDIT_SEED_LABEL, seed.as_slice())?).await?;
        self.commit(AuditEvent::new(Action::Founded)).await?;
        Ok(Keyring::new(wrapping, SigningKey::from_seed(seed.as_slice())?))
    }
}

async fn open_pools(engine: &Engine) -> Result<Pools> {
    match engine {
        Engine::Sqlite(path) => {
            let (writer, readers) = dialect::open_sqlite(path).await?;
            sqlx::migrate!("migrations/sqlite").run(&writer).await?;
            Ok(Pools::Sqlite { writer, readers })
        }
        Engine::Postgres(url) => {
            let (writer, readers) = dialect::open_postgres(url).await?;
            sqlx::migrate!("migrations/postgres").run(&writer).await?;
            Ok(Pools::Postgres { writer, readers })
        }
    }
}

/// Tries a whole transaction again, a few times, when another writer was in the way.
///
/// Writers follow one another, so this happens only when somebody else (an administrator at a prompt) holds a lock.
pub(crate) async fn retrying<T, F>(mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for _ in 1..TRIES_MAX {
        match attempt().await {
            Err(StoreError::Conflict(_)) => tokio::task::yield_now().await,
            settled => return settled,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_rubbish_is_refused() {
        assert!(
            matches!(Engine::from_address("sqlite:a/b.db"), Ok(Engine::Sqlite(path)) if path == Path::new("a/b.db"))
        );
        assert!(
            matches!(Engine::from_address("sqlite:///b.db"), Ok(Engine::Sqlite(path)) if path == Path::new("/b.db"))
        );
        assert!(matches!(Engine::from_address("postgres://u@h/n"), Ok(Engine::Postgres(_))));
        for wrong in ["", "mysql://x", "sqlite:", "sqlite::memory:"] {
            assert!(matches!(Engine::from_address(wrong), Err(StoreError::Address)), "{wrong}");
        }
    }
}
