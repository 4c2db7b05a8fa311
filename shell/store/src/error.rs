//! What can go wrong in the store, by who is at fault.

use domain::audit::Broken;
use domain::backup::Malformed;
use sqlx::migrate::MigrateError;
use std::path::PathBuf;

use crate::dialect::{Failure, failure};

/// The store's answer.
pub type Result<T, E = StoreError> = core::result::Result<T, E>;

/// Why the store could not do it. Texts hold no personal data and reach logs only, never a page.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The hour cannot be booked or changed so; nothing was written.
    #[error(transparent)]
    Booking(#[from] domain::booking::NotBookable),
    /// What became of the hour cannot be written down so; nothing was written.
    #[error(transparent)]
    Closing(#[from] domain::closing::NotClosable),
    /// Roles or care teams cannot be changed so; nothing was written.
    #[error(transparent)]
    Staff(#[from] domain::staff::NotChangeable),
    /// There is nothing with that id, or it is not yours: the two look the same (SEC-028).
    #[error("not found")]
    NotFound,
    /// What is stored cannot be understood: a row was damaged or comes from a newer version.
    #[error("{column} holds something that cannot be understood")]
    Damaged {
        /// Table and column.
        column: &'static str,
    },
    /// A sealed column could not be opened: wrong key, or the value was moved or changed (SEC-008).
    #[error("the sealed column {table}.{column} could not be opened")]
    Unsealable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// Another writer was in the way, and still is after several tries.
    #[error("another writer was in the way")]
    Conflict(#[source] sqlx::Error),
    /// There is no room left for the database.
    #[error(
        "the disk of the database is full; nothing was kept by half, and it goes on by itself once there is room again"
    )]
    DiskFull(#[source] sqlx::Error),
    /// The disk of the database cannot be used.
    #[error(
        "the disk of the database cannot be used: it is read-only, gone or broken; nothing was kept by half, and it goes \
         on by itself once the disk takes writes again"
    )]
    Disk(#[source] sqlx::Error),
    /// The database is not there.
    #[error("the database does not answer; it is asked again at every request")]
    Unreachable(#[source] sqlx::Error),
    /// The database did not do what it was asked.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought to this version.
    #[error("the tables could not be brought up to date")]
    Migration(#[source] MigrateError),
    /// The keys and the database do not fit together.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The audit chain or its head is not whole.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// There is no data in the database, and none was to be laid down.
    #[error("the database has no data")]
    NotFounded,
    /// The address of the database is neither `sqlite:PATH` nor `postgres://…`.
    #[error("a database address is sqlite:PATH or postgres://USER@HOST/NAME")]
    Address,
    /// The system gave no randomness, or refused a key of the right length.
    #[error("the cryptographic library failed")]
    Cryptography,
    /// A copy of everything could not be written out.
    #[error("the backup could not be written: {0}")]
    Sink(#[from] std::io::Error),
    /// A row does not fit into the format of a backup.
    #[error(transparent)]
    TooLarge(#[from] domain::backup::TooLarge),
    /// A backup cannot be brought back; nothing was.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Details of an audit event can only be sealed for an organisation.
    #[error("an audit event with details needs an organisation")]
    DetailsWithoutOrganization,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database has data, but its root key is nowhere; it is never made anew over existing data (SEC-008).
    #[error(
        "the database has data, but its root key is missing at {path}; put the key file back, or make it anew from the \
         recovery words with `samrom key restore` (another key would open nothing)"
    )]
    Missing {
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// The key is not the one that this database was made with.
    #[error(
        "this root key is not the one that the database was made with; put the right key file back, or make it anew \
         from the recovery words with `samrom key restore`"
    )]
    Wrong,
    /// The database has data but not the value that a root key is checked against.
    #[error("the database has data but no root key check; it was damaged or made by something else")]
    CheckMissing,
    /// The text is not a key: 64 hexadecimal digits.
    #[error("a root key is 64 hexadecimal digits")]
    Malformed,
    /// Not as many recovery words as a key has.
    #[error("there are 24 recovery words, and {found} were given")]
    WordCount {
        /// How many.
        found: usize,
    },
    /// A word that is not in the list.
    #[error("recovery word number {place} is not in the list; look at its spelling")]
    UnknownWord {
        /// Which, counted from one.
        place: usize,
    },
    /// All words are in the list, but their checksum is another.
    #[error("these recovery words do not belong together: one is another word, or two have changed places")]
    WordsDoNotFit,
    /// A key that does not come from a file cannot be exchanged here.
    #[error("the root key does not come from a file, so it cannot be exchanged here")]
    NotInAFile,
    /// Another key lies where this one was to be written.
    #[error("another root key lies at {path} already; it is not overwritten")]
    Occupied {
        /// Where.
        path: PathBuf,
    },
    /// The key file could not be read or written.
    #[error("the key file {path} could not be read or written")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        why: std::io::Error,
    },
}

/// Why a backup cannot be brought back. Nothing of it is in the database then (SEC-051).
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It could not be read to its end, or is not as it was written.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Its bytes could not be read.
    #[error("the backup cannot be read to its end: it is torn, was changed, or its disk failed ({0})")]
    Unreadable(#[source] std::io::Error),
    /// The root key is not the one that its records are sealed with.
    #[error(
        "this root key is not the one that the backup was made under; give the recovery words that were in use then"
    )]
    WrongRootKey,
    /// Whoever made it did not have the root key.
    #[error("the backup is forged: its signature does not hold")]
    Forged,
    /// It has seen changes of the tables that this version does not know.
    #[error("the backup was made by a newer version of this program; use that version or a later one")]
    NewerTables,
    /// Its tables are not those of the version that it names.
    #[error("the backup does not fit the tables of its version: {table}")]
    OtherTables {
        /// The first table that does not.
        table: String,
    },
    /// There is something where it was to be brought back.
    #[error("{what} is not empty; a backup is brought back into an empty place only")]
    NotEmpty {
        /// Folder, database or file.
        what: String,
    },
}

/// Why the signed head of the audit chain cannot be trusted or written.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The signature is not ours.
    #[error("the audit head file is forged: its signature does not hold")]
    Forged,
    /// The file is not a head.
    #[error("the audit head file cannot be understood")]
    Malformed,
    /// The chain does not hold or is not the one that was signed.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The file could not be read or written.
    #[error("the audit head file could not be read or written: {0}")]
    File(#[source] std::io::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            error => match failure(&error) {
                Failure::Conflict => Self::Conflict(error),
                Failure::DiskFull => Self::DiskFull(error),
                Failure::Disk => Self::Disk(error),
                Failure::Unreachable => Self::Unreachable(error),
                Failure::Other => Self::Database(error),
            },
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(why) if failure(&why) != Failure::Other => why.into(),
            error => Self::Migration(error),
        }
    }
}

impl From<aws_lc_rs::error::Unspecified> for StoreError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Cryptography
    }
}
