//! The database: opened once, checked against its root key, on SQLite or PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::audit::{Action, Actor, AuditEvent, Purpose};
use ids::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::broadcast;

use crate::change::{FactChanged, Subject};
use crate::dialect;
use crate::entropy::random;
use crate::error::{KeyError, Result, StoreError};
use crate::key_file::RootKeySource;
use crate::keys::{Keyring, RootKey, SigningKey};
use crate::readings::Readings;
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
    pub(crate) readings: Readings,
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
        Ok(Self::open_or_found(options).await?.0)
    }

    /// As [`Db::open`]; when it was founded, also the root key that it was founded with, for its words.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_or_found(options: &Options) -> Result<(Self, Option<RootKey>)> {
        let locked = Self::open_locked(&options.engine).await?;
        if let Some(keyring) = locked.unlock(options).await? {
            return Ok((locked.with(keyring), None));
        }
        if let Some((keyring, root)) = locked.found(options).await? {
            return Ok((locked.with(keyring), Some(root)));
        }
        // Another program founded it in the same moment.
        let keyring = locked.unlock(options).await?.ok_or(StoreError::NotFounded)?;
        Ok((locked.with(keyring), None))
    }

    /// As [`Db::open`], but founds nothing (SEC-054).
    ///
    /// # Errors
    /// As [`Db::open`], and [`StoreError::NotFounded`] when there is no data.
    pub async fn open_existing(options: &Options) -> Result<Self> {
        let locked = Self::open_locked(&options.engine).await?;
        match locked.unlock(options).await? {
            Some(keyring) => Ok(locked.with(keyring)),
            None => {
                locked.close().await;
                Err(StoreError::NotFounded)
            }
        }
    }

    /// Opens a database as it is, with keys that are brought in; for a restore.
    pub(crate) async fn connect(engine: &Engine, keyring: Keyring) -> Result<Self> {
        Ok(Self::locked(connect(engine).await?)?.with(keyring))
    }

    /// Brings the tables to the last of some migrations.
    pub(crate) async fn migrate(&self, migrations: Migrator) -> Result<()> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => migrations.run(writer).await?,
            Pools::Postgres { writer, .. } => migrations.run(writer).await?,
        }
        Ok(())
    }

    /// Opens a database and brings its tables up to date; its keys are not known yet.
    async fn open_locked(engine: &Engine) -> Result<Self> {
        let locked = Self::locked(connect(engine).await?)?;
        locked.migrate(migrations(engine)).await?;
        Ok(locked)
    }

    /// Until the keys are known the keyring holds throw-away ones; nothing is sealed with them.
    fn locked(pools: Pools) -> Result<Self> {
        let audit = SigningKey::from_seed(random::<32>()?.as_slice())?;
        let root = RootKey::generate()?;
        let keyring = Arc::new(Keyring::new(RootKeySource::Given(root.clone()), &root, audit)?);
        let changes = broadcast::channel(CHANGES_MAX).0;
        Ok(Self { pools, keyring, changes, own_events: Arc::default(), readings: Readings::default() })
    }

    /// The same database with its keys.
    fn with(self, keyring: Keyring) -> Self {
        Self { keyring: Arc::new(keyring), ..self }
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
                EngineTx::Postgres(writer.begin_with(dialect::POSTGRES_BEGIN_WRITE).await?)
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

    /// Begins a look whose statements need no common moment: each sees its own.
    pub(crate) async fn glance(&self, now: Timestamp) -> Result<Tx<'_, Look>> {
        let engine = match &self.pools {
            Pools::Sqlite { readers, .. } => EngineTx::SqliteSingle(readers.acquire().await?),
            Pools::Postgres { readers, .. } => EngineTx::PostgresSingle(readers.acquire().await?),
        };
        Ok(Tx::new(self, engine, Actor::System, now))
    }

    /// Begins a look at everything as it is at one moment, however long it takes and whatever others write meanwhile.
    pub(crate) async fn snapshot(&self, now: Timestamp) -> Result<Tx<'_, Look>> {
        let engine = match &self.pools {
            Pools::Sqlite { .. } => self.begin_read().await?,
            Pools::Postgres { readers, .. } => {
                EngineTx::Postgres(readers.begin_with(dialect::POSTGRES_BEGIN_SNAPSHOT).await?)
            }
        };
        Ok(Tx::new(self, engine, Actor::System, now))
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

    /// Folds SQLite's log into its file, beside those who read and write; call it several times a second.
    /// PostgreSQL does the like by itself.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub async fn fold(&self) -> Result<()> {
        if let Pools::Sqlite { readers, .. } = &self.pools {
            sqlx::query(dialect::SQLITE_FOLD).execute(readers).await?;
        }
        Ok(())
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

    /// The keys of a database with data; `None` when there is none.
    async fn unlock(&self, options: &Options) -> Result<Option<Keyring>> {
        let mut tx = self.look(options.now).await?;
        let Some(check) = tx.meta("root_key_check").await? else {
            if tx.has_data().await? {
                return Err(KeyError::CheckMissing.into());
            }
            return Ok(None);
        };
        let root = options.root_key.fitting(&check)?;
        let sealed = tx.meta("audit_seed").await?.ok_or(StoreError::Damaged { column: "meta.audit_seed" })?;
        tx.done().await?;
        Ok(Some(Keyring::new(options.root_key.clone(), &root, audit_key(&root, &sealed)?)?))
    }

    /// Lays down the first keys, and the first entry of the chain; `None` when there are keys already.
    async fn found(&self, options: &Options) -> Result<Option<(Keyring, RootKey)>> {
        let mut tx = self.write(Actor::System, options.now).await?;
        if tx.meta("root_key_check").await?.is_some() {
            return Ok(None);
        }
        let root = options.root_key.existing_or_new()?;
        let seed = random::<32>()?;
        tx.put_meta("root_key_check", root.check_value()).await?;
        tx.put_meta("audit_seed", root.wrapping()?.seal(AUDIT_SEED_LABEL, seed.as_slice())?).await?;
        tx.commit(AuditEvent::new(Action::Founded)).await?;
        let audit = SigningKey::from_seed(seed.as_slice())?;
        Ok(Some((Keyring::new(options.root_key.clone(), &root, audit)?, root)))
    }
}

/// The place of the sealed audit key.
pub(crate) const AUDIT_SEED_LABEL: &[u8] = b"samrom audit seed v1\0";

/// The key that signs the audit head, out of its sealed seed.
pub(crate) fn audit_key(root: &RootKey, sealed: &[u8]) -> Result<SigningKey> {
    let seed = root.wrapping()?.open(AUDIT_SEED_LABEL, sealed);
    SigningKey::from_seed(&seed.ok_or(StoreError::Unsealable { table: "meta", column: "audit_seed" })?)
}

impl<Mode> Tx<'_, Mode> {
    pub(crate) async fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        const SQL: &str = "SELECT value FROM meta WHERE name = $1";
        Ok(row!(self, SQL, (Vec<u8>,), name)?.map(|(value,)| value))
    }

    /// Whether a root key was ever used here.
    async fn has_data(&mut self) -> Result<bool> {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM data_key) + (SELECT COUNT(*) FROM audit_event)";
        Ok(row!(self, SQL, (i64,))?.is_some_and(|(rows,)| rows > 0))
    }
}

impl Tx<'_, Write> {
    async fn put_meta(&mut self, name: &str, value: Vec<u8>) -> Result<()> {
        const SQL: &str = "INSERT INTO meta (name, value) VALUES ($1, $2)";
        change!(self, SQL, name, value)?;
        Ok(())
    }
}

async fn connect(engine: &Engine) -> Result<Pools> {
    Ok(match engine {
        Engine::Sqlite(path) => {
            let (writer, readers) = dialect::open_sqlite(path).await?;
            Pools::Sqlite { writer, readers }
        }
        Engine::Postgres(url) => {
            let (writer, readers) = dialect::open_postgres(url).await?;
            Pools::Postgres { writer, readers }
        }
    })
}

/// All migrations of an engine.
fn migrations(engine: &Engine) -> Migrator {
    match engine {
        Engine::Sqlite(_) => sqlx::migrate!("migrations/sqlite"),
        Engine::Postgres(_) => sqlx::migrate!("migrations/postgres"),
    }
}

/// Some of the migrations, for tables as an older version left them; `None` when one of them is not known here.
pub(crate) fn migrations_of(engine: &Engine, wanted: &[i64]) -> Option<Migrator> {
    let all = migrations(engine);
    let known = wanted.iter().all(|version| all.version_exists(*version));
    let some = all.iter().filter(|migration| wanted.contains(&migration.version)).cloned().collect();
    known.then(|| Migrator::with_migrations(some))
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
