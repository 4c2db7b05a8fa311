//! Brings a backup back into an empty place: all of it, or nothing (SEC-051).
//!
//! [`check_backup`] reads a whole backup and compares everything that can be compared without a database: its digest,
//! its signature, the root key. [`restore`] reads it again and enters every row in one transaction, whose last act is
//! the audit event that says so. Key file and signed head are on the disk before that transaction commits: whatever a
//! crash leaves, either nothing of the backup can be opened or all of it.

use std::io::Read;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use domain::audit::{Action, AuditEvent};
use domain::backup::{Closed, Header, Reader, Record, Row, SIGNATURE_LABEL, Table};
use ids::Timestamp;
use sqlx::migrate::Migrator;

use crate::By;
use crate::audit::{read_head_text, write_head_file};
use crate::catalogue::Shape;
use crate::db::{Db, Engine, audit_key, migrations_of};
use crate::error::{HeadError, RestoreError, Result, StoreError};
use crate::key_file::RootKeySource;
use crate::keys::{Keyring, RootKey, SigningKey};
use crate::tx::{Tx, Write};

/// Bytes that are read at a time.
const READ_BYTES: usize = 64 * 1024;
/// Values of one statement that enters rows; SQLite takes 32,766 at most.
const VALUES_MAX: usize = 8_000;

/// What a whole backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// When it was made.
    pub made: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// How many tables.
    pub tables: u32,
    /// How many rows in all of them.
    pub rows: u64,
    /// Whether it has a signed head of the audit chain.
    pub has_head: bool,
}

/// Where a backup is brought back to.
#[derive(Debug)]
pub struct Destination<'a> {
    /// An empty database, or none yet.
    pub engine: &'a Engine,
    /// Where the root key is to lie; nothing may lie there but that key.
    pub key_file: &'a Path,
    /// Where the signed head is to lie; nothing may lie there but that head.
    pub head_file: &'a Path,
}

/// Reads a backup from its first byte to its last and compares it with the root key. Nothing is written.
///
/// # Errors
/// [`RestoreError`].
pub fn check_backup(source: &mut (dyn Read + Send), root: &RootKey) -> Result<Checked> {
    let mut backup = Opened::begin(source, root)?;
    let Header { made, program, .. } = backup.header.clone();
    loop {
        if let Record::Closing(Closed { tables, rows, head, .. }) = backup.next()? {
            return Ok(Checked { made, program, tables, rows, has_head: head.is_some() });
        }
    }
}

/// Brings a backup back. What stood in the way, or whatever goes wrong, leaves no trace of it behind.
///
/// # Errors
/// [`RestoreError`], [`KeyError::Occupied`], or what the database says.
pub async fn restore(
    source: &mut (dyn Read + Send),
    root: &RootKey,
    to: &Destination<'_>,
    by: By,
    told: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<()> {
    let mut backup = Opened::begin(source, root)?;
    let known = migrations_of(to.engine, &backup.header.migrations);
    let tables = known.ok_or(RestoreError::NewerTables)?;
    let mut traces = Traces::default();
    if let Engine::Sqlite(file) = to.engine
        && !file.exists()
    {
        traces.database = Some(file.clone());
    }
    let key = RootKeySource::File(to.key_file.to_owned());
    let keyring = Keyring::new(key, root, backup.audit.clone())?;
    let done = match Db::connect(to.engine, keyring).await {
        Ok(db) => {
            let laid = db.lay_tables(tables, by.now).await;
            let done = match laid {
                Ok(()) => enter(&db, &mut backup, (root, to, by), &mut traces, told).await,
                Err(error) => Err(error),
            };
            db.close().await;
            done
        }
        Err(error) => Err(error),
    };
    if done.is_err() {
        traces.wipe();
    }
    done
}

impl Db {
    /// Lays the tables of some version into a database that has no row of ours; the rows of another are not touched.
    async fn lay_tables(&self, tables: Migrator, now: Timestamp) -> Result<()> {
        let not_empty = || StoreError::from(RestoreError::NotEmpty { what: "the database".to_owned() });
        let mut tx = self.look(now).await?;
        // A kind of column that is none of ours means tables that are none of ours.
        let shapes = tx.catalogue().await.map_err(|error| match error {
            StoreError::Damaged { .. } => not_empty(),
            other => other,
        })?;
        if !tx.is_empty(&shapes).await? {
            return Err(not_empty());
        }
        tx.done().await?;
        // Tables of another version stand there already, so this is no place that nobody uses.
        self.migrate(tables).await.map_err(|error| match error {
            StoreError::Migration(_) => not_empty(),
            other => other,
        })
    }
}

/// What was made on the disk, to be taken away again when the whole does not come to pass.
#[derive(Default)]
struct Traces {
    database: Option<PathBuf>,
    files: Vec<PathBuf>,
}

impl Traces {
    fn wipe(self) {
        let beside = |file: &Path, ending| PathBuf::from(format!("{}{ending}", file.display()));
        let database =
            self.database.iter().flat_map(|file| ["", "-wal", "-shm"].map(|end| beside(file, end)));
        for file in database.chain(self.files.iter().cloned()) {
            // What cannot be removed holds no row: the transaction was rolled back.
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Enters everything in one transaction.
async fn enter(
    db: &Db,
    backup: &mut Opened<'_>,
    (root, to, by): (&RootKey, &Destination<'_>, By),
    traces: &mut Traces,
    told: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<()> {
    let mut tx = db.write(by.actor, by.now).await?;
    let shapes = tx.catalogue().await?;
    if !tx.is_empty(&shapes).await? {
        return Err(RestoreError::NotEmpty { what: "the database".to_owned() }.into());
    }
    let mut missing: Vec<&Shape> = shapes.iter().collect();
    let closed = loop {
        match backup.next()? {
            Record::Table(table) => {
                let shape = missing.iter().position(|shape| fits(shape, &table)).map(|at| missing.remove(at));
                let shape = shape.ok_or_else(|| RestoreError::OtherTables { table: table.name.clone() })?;
                told(&table.name, tx.enter_table(shape, &table, backup).await?);
            }
            Record::Closing(closed) => break closed,
            // The reader lets rows and ends stand inside tables only, and those were taken there.
            Record::Header(_) | Record::Rows(_) | Record::TableEnd { .. } => {}
        }
    };
    if let Some(shape) = missing.first() {
        return Err(RestoreError::OtherTables { table: shape.name.clone() }.into());
    }
    if let Some(head) = &closed.head {
        lay_head(to.head_file, head, traces)?;
    }
    lay_key(to.key_file, root, traces)?;
    tx.commit(AuditEvent::new(Action::Restored)).await
}

/// The same name and the same columns, in whatever order.
fn fits(shape: &Shape, table: &Table) -> bool {
    let sorted = |table: &Table| {
        let mut columns: Vec<_> =
            table.columns.iter().map(|(name, kind)| (name.clone(), *kind as u8)).collect();
        columns.sort();
        columns
    };
    shape.name == table.name && sorted(&shape.described()) == sorted(table)
}

fn lay_head(path: &Path, text: &str, traces: &mut Traces) -> Result<()> {
    match read_head_text(path)? {
        Some(there) if there == text => return Ok(()),
        Some(_) => return Err(RestoreError::NotEmpty { what: path.display().to_string() }.into()),
        None => {}
    }
    traces.files.push(path.to_owned());
    write_head_file(path, text).map_err(|why| HeadError::File(why).into())
}

fn lay_key(path: &Path, root: &RootKey, traces: &mut Traces) -> Result<()> {
    if !path.exists() {
        traces.files.push(path.to_owned());
    }
    Ok(root.write_file(path)?)
}

impl Tx<'_, Write> {
    /// Enters the rows of one table, up to its end; how many.
    async fn enter_table(&mut self, shape: &Shape, table: &Table, backup: &mut Opened<'_>) -> Result<u64> {
        // For each column of the shape its place in the backup; `fits` has found each of them once.
        let place =
            |name: &String| table.columns.iter().position(|(other, _)| other == name).unwrap_or(usize::MAX);
        let places: Vec<usize> = shape.columns.iter().map(|(name, _)| place(name)).collect();
        let in_order = |row: Row| -> Row { places.iter().filter_map(|at| row.get(*at).cloned()).collect() };
        let at_once = (VALUES_MAX / shape.columns.len()).max(1);
        loop {
            match backup.next()? {
                Record::Rows(rows) => {
                    let mut rows = rows.into_iter().map(in_order).peekable();
                    while rows.peek().is_some() {
                        self.enter_rows(shape, rows.by_ref().take(at_once).collect()).await?;
                    }
                }
                Record::TableEnd { rows } => return Ok(rows),
                _ => return Err(RestoreError::OtherTables { table: table.name.clone() }.into()),
            }
        }
    }
}

/// A backup whose header fits the root key; the rest is read from its source as it is asked for.
struct Opened<'a> {
    source: &'a mut (dyn Read + Send),
    reader: Reader,
    header: Header,
    audit: SigningKey,
}

impl<'a> Opened<'a> {
    /// Reads the header and compares the root key with it, before anything else is looked at.
    fn begin(source: &'a mut (dyn Read + Send), root: &RootKey) -> Result<Self> {
        let mut reader = Reader::new();
        let Record::Header(header) = next_record(source, &mut reader)? else {
            return Err(malformed("its header").into());
        };
        root.check(&header.root_key_check).map_err(|_| RestoreError::WrongRootKey)?;
        let audit = audit_key(root, &header.audit_seed).map_err(|_| RestoreError::Forged)?;
        Ok(Self { source, reader, header, audit })
    }

    /// The next record. The closing record comes only when nothing follows it and its signature holds.
    fn next(&mut self) -> Result<Record> {
        let record = next_record(self.source, &mut self.reader)?;
        if let Record::Closing(closed) = &record {
            self.read_out()?;
            let key = UnparsedPublicKey::new(&ED25519, self.audit.public_key());
            let signed = [SIGNATURE_LABEL, &closed.digest].concat();
            key.verify(&signed, &closed.signature).map_err(|_| RestoreError::Forged)?;
        }
        Ok(record)
    }

    fn read_out(&mut self) -> Result<(), RestoreError> {
        while feed(self.source, &mut self.reader)? {
            if self.reader.poll_record()?.is_some() {
                return Err(malformed("something follows its end"));
            }
        }
        Ok(self.reader.finish()?)
    }
}

fn next_record(source: &mut dyn Read, reader: &mut Reader) -> Result<Record, RestoreError> {
    loop {
        if let Some(record) = reader.poll_record()? {
            return Ok(record);
        }
        if !feed(source, reader)? {
            reader.finish()?;
            return Err(malformed("it goes on after its end"));
        }
    }
}

/// Reads some bytes on; false at the end.
fn feed(source: &mut dyn Read, reader: &mut Reader) -> Result<bool, RestoreError> {
    let mut bytes = vec![0; READ_BYTES];
    let length = source.read(&mut bytes).map_err(RestoreError::Unreadable)?;
    reader.feed(bytes.get(..length).unwrap_or_default());
    Ok(length > 0)
}

const fn malformed(what: &'static str) -> RestoreError {
    RestoreError::Malformed(domain::backup::Malformed::Damaged { what })
}
