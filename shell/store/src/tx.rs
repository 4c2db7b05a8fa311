//! Transactions: a write that cannot commit without its audit event, a read that is logged before it is answered.
//!
//! The macros run one text on either engine: the body is written once and compiled for both, so each keeps its own
//! types and nothing is decided at run time but which connection it is (invariant: DML once).

use core::marker::PhantomData;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use ids::{OrganizationId, PersonId, Timestamp};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection};

use crate::change::Subject;
use crate::db::Db;
use crate::error::Result;
use crate::keys::FreshKeys;
use crate::readings::Reading;

/// Runs one body with `$connection` bound to a connection of either engine.
macro_rules! on_engine {
    ($tx:expr, $connection:ident => $body:expr) => {
        match $tx.connection() {
            $crate::tx::Connection::Sqlite($connection) => $body,
            $crate::tx::Connection::Postgres($connection) => $body,
        }
    };
}

/// Every row of a query, as tuples.
macro_rules! rows {
    ($tx:expr, $sql:expr, $row:ty $(, $value:expr)* $(,)?) => {
        $crate::tx::on_engine!($tx, connection =>
            sqlx::query_as::<_, $row>($sql)$(.bind($value))*.fetch_all(&mut *connection).await
        ).map_err($crate::error::StoreError::from)
    };
}

/// The only row of a query, if there is one, as a tuple.
macro_rules! row {
    ($tx:expr, $sql:expr, $row:ty $(, $value:expr)* $(,)?) => {
        $crate::tx::on_engine!($tx, connection =>
            sqlx::query_as::<_, $row>($sql)$(.bind($value))*.fetch_optional(&mut *connection).await
        ).map_err($crate::error::StoreError::from)
    };
}

/// A statement that changes rows; how many.
macro_rules! change {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        $crate::tx::on_engine!($tx, connection =>
            sqlx::query($sql)$(.bind($value))*.execute(&mut *connection).await.map(|done| done.rows_affected())
        ).map_err($crate::error::StoreError::from)
    };
}

pub(crate) use {change, on_engine, row, rows};

/// A connection of either engine, inside a transaction.
pub(crate) enum Connection<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// A transaction of either engine, which rolls back when it is dropped, or a connection for single statements.
pub(crate) enum EngineTx {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
    SqliteSingle(PoolConnection<Sqlite>),
    PostgresSingle(PoolConnection<Postgres>),
}

impl EngineTx {
    async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
            Self::SqliteSingle(_) | Self::PostgresSingle(_) => {}
        }
        Ok(())
    }
}

/// A write: its only exit is [`Tx::commit`] (SEC-006).
#[derive(Debug)]
pub enum Write {}
/// A read of personal data: its only exit is [`Tx::answer`] (SEC-006).
#[derive(Debug)]
pub enum Read {}
/// A read of facts that hold ids and states only, or of the machinery's own tables; not logged.
#[derive(Debug)]
pub(crate) enum Look {}

/// A transaction on either engine; dropping it rolls back.
#[must_use = "a transaction that is dropped rolls back"]
pub struct Tx<'db, Mode> {
    pub(crate) db: &'db Db,
    engine: EngineTx,
    actor: Actor,
    now: Timestamp,
    purpose: Option<Purpose>,
    events: Vec<AuditEvent>,
    changed: Vec<Subject>,
    pub(crate) fresh_keys: FreshKeys,
    mode: PhantomData<Mode>,
}

impl<Mode> core::fmt::Debug for Tx<'_, Mode> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tx").field("actor", &self.actor).field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'db, Mode> Tx<'db, Mode> {
    pub(crate) const fn new(db: &'db Db, engine: EngineTx, actor: Actor, now: Timestamp) -> Self {
        Self {
            db,
            engine,
            actor,
            now,
            purpose: None,
            events: Vec::new(),
            changed: Vec::new(),
            fresh_keys: FreshKeys::new(),
            mode: PhantomData,
        }
    }

    /// The connection, for the macros of this module.
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match &mut self.engine {
            EngineTx::Sqlite(tx) => Connection::Sqlite(tx),
            EngineTx::Postgres(tx) => Connection::Postgres(tx),
            EngineTx::SqliteSingle(connection) => Connection::Sqlite(connection),
            EngineTx::PostgresSingle(connection) => Connection::Postgres(connection),
        }
    }

    /// The moment that the caller brought.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }
}

impl Tx<'_, Write> {
    /// Notes one more thing that this write does, beside the event that it is committed with.
    pub(crate) fn also(&mut self, event: AuditEvent) {
        self.events.push(event);
    }

    /// Takes back the last thing noted, to commit with it; `None` when nothing was done.
    pub(crate) fn take_last_event(&mut self) -> Option<AuditEvent> {
        self.events.pop()
    }

    /// Changes who the audit event says acted, when that is found out only inside the write.
    pub(crate) const fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Tells the rooms after the commit that facts about somebody or something changed.
    pub(crate) fn changed(&mut self, subject: Subject) {
        self.changed.push(subject);
    }

    /// Links the audit event to the chain and commits both with everything written; then tells the rooms.
    ///
    /// # Errors
    /// When anything fails, nothing was written.
    pub async fn commit(mut self, event: AuditEvent) -> Result<()> {
        let mut events = core::mem::take(&mut self.events);
        events.push(event);
        let (actor, now) = (self.actor, self.now);
        let written =
            crate::audit::append(&mut self, events.into_iter().map(|event| (actor, now, event))).await?;
        self.end(written).await
    }

    /// Links readings of others to the chain, which this write alone is made for, and commits.
    pub(crate) async fn commit_readings(mut self, readings: &[Reading]) -> Result<()> {
        let event = |one: &Reading| (one.actor, one.now, one.event.clone());
        let written = crate::audit::append(&mut self, readings.iter().map(event)).await?;
        self.end(written).await
    }

    async fn end(mut self, written: u64) -> Result<()> {
        let (db, changed) = (self.db, core::mem::take(&mut self.changed));
        // Counted before they are there: whoever compares the two in between sees too little of others, never too much.
        db.count_own(written);
        if let Err(error) = self.engine.commit().await {
            db.count_own(written.wrapping_neg());
            return Err(error);
        }
        db.announce(changed);
        Ok(())
    }
}

/// Something read that may not be looked at before the reading is logged.
#[derive(Debug)]
#[must_use = "read data is handed out by Tx::answer"]
pub struct Unlogged<T>(pub(crate) T);

impl Tx<'_, Read> {
    pub(crate) const fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Notes whose data was read.
    pub(crate) fn have_read(&mut self, organization: OrganizationId, about: PersonId, object: Object) {
        let event = AuditEvent::new(Action::Read).of(organization).about(about).on(object);
        let event = match self.purpose {
            Some(purpose) => event.purpose(purpose),
            None => event,
        };
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Logs what was read, and only then hands it out (SEC-006).
    ///
    /// # Errors
    /// When the log could not be written; nothing is handed out then.
    pub async fn answer<T>(self, read: Unlogged<T>) -> Result<T> {
        let Tx { db, engine, actor, now, events, .. } = self;
        engine.commit().await?;
        let reading = |event| Reading { actor, now, event };
        db.log_readings(events.into_iter().map(reading).collect()).await?;
        Ok(read.0)
    }
}

impl Tx<'_, Look> {
    /// Ends a look; nothing was written.
    pub(crate) async fn done(self) -> Result<()> {
        self.engine.commit().await
    }
}
