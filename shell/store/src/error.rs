//! What can go wrong in the store, by who is at fault.

use domain::audit::Broken;
use std::path::PathBuf;

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
    /// The database did not do what it was asked.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought to this version.
    #[error("the tables could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The keys and the database do not fit together.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The audit chain or its head is not whole.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The address of the database is neither `sqlite:PATH` nor `postgres://…`.
    #[error("a database address is sqlite:PATH or postgres://USER@HOST/NAME")]
    Address,
    /// The system gave no randomness, or refused a key of the right length.
    #[error("the cryptographic library failed")]
    Cryptography,
    /// Details of an audit event can only be sealed for an organisation.
    #[error("an audit event with details needs an organisation")]
    DetailsWithoutOrganization,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database has data, but its root key is nowhere; it is never made anew over existing data (SEC-008).
    #[error(
        "the database has data, but its root key is missing at {path}; put the key file back (a new one would open nothing)"
    )]
    Missing {
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// The key is not the one that this database was made with.
    #[error("this root key is not the one that the database was made with")]
    Wrong,
    /// The database has data but not the value that a root key is checked against.
    #[error("the database has data but no root key check; it was damaged or made by something else")]
    CheckMissing,
    /// The text is not a key: 64 hexadecimal digits.
    #[error("a root key is 64 hexadecimal digits")]
    Malformed,
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
    #[error("the audit head file could not be read or written")]
    File(#[source] std::io::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            error if crate::dialect::is_conflict(&error) => Self::Conflict(error),
            error => Self::Database(error),
        }
    }
}

impl From<aws_lc_rs::error::Unspecified> for StoreError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Cryptography
    }
}
