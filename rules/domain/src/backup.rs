//! The format of a backup: tables as they are, row by row, in bytes that know no database engine.
//!
//! Pure: bytes in, bytes out. `store` reads and writes the tables, the server encrypts the stream and keeps the file.
//! The order is [`Writer::begin`], then for each table [`Writer::table`], [`Writer::rows`] and [`Writer::end_table`],
//! then [`Writer::close`] and [`Closing::signed`]. Numbers are big-endian, texts and bytes have their length before
//! them. The closing record holds SHA-256 over everything before it and a signature over that hash by the audit key,
//! so that nobody without the root key can make or change a backup unseen (SEC-050).

use ids::Timestamp;
use sha2::{Digest, Sha256};

mod reader;

pub use reader::{Malformed, Reader};

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u16 = 1;
/// Goes before the digest when it is signed.
pub const SIGNATURE_LABEL: &[u8] = b"samrom backup digest v1\0";
/// Bytes of one record; rows that do not fit into one go into several.
pub const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How every backup begins.
const MAGIC: &[u8; 14] = b"samrom backup\0";
/// Bytes of the digest.
const DIGEST_BYTES: usize = 32;
/// Bytes of the signature.
const SIGNATURE_BYTES: usize = 64;

/// The kind of value in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of 64 bits; times are milliseconds since 1970.
    Number,
    /// Text in UTF-8.
    Text,
    /// Bytes: ids, hashes, sealed values.
    Bytes,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Number => 1,
            Self::Text => 2,
            Self::Bytes => 3,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Number),
            2 => Some(Self::Text),
            3 => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// One value of one row; `Debug` tells its kind and size only (SEC-021).
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// See [`Kind::Number`].
    Number(i64),
    /// See [`Kind::Text`].
    Text(String),
    /// See [`Kind::Bytes`].
    Bytes(Vec<u8>),
}

impl Value {
    /// The kind; `None` when there is nothing.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Empty => None,
            Self::Number(_) => Some(Kind::Number),
            Self::Text(_) => Some(Kind::Text),
            Self::Bytes(_) => Some(Kind::Bytes),
        }
    }

    /// Bytes that it takes in a record.
    #[must_use]
    pub const fn size(&self) -> usize {
        match self {
            Self::Empty => 1,
            Self::Number(_) => 9,
            Self::Text(text) => text.len().saturating_add(5),
            Self::Bytes(bytes) => bytes.len().saturating_add(5),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Empty => out.push(0),
            Self::Number(number) => {
                out.push(Kind::Number.code());
                out.extend_from_slice(&number.to_be_bytes());
            }
            Self::Text(text) => {
                out.push(Kind::Text.code());
                put_bytes(out, text.as_bytes());
            }
            Self::Bytes(bytes) => {
                out.push(Kind::Bytes.code());
                put_bytes(out, bytes);
            }
        }
    }
}

impl core::fmt::Debug for Value {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Empty => f.write_str("‹empty›"),
            Self::Number(_) => f.write_str("‹number›"),
            Self::Text(text) => write!(f, "‹text of {} bytes›", text.len()),
            Self::Bytes(bytes) => write!(f, "‹{} bytes›", bytes.len()),
        }
    }
}

/// What stands first: what must be known before anything is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// When it was made.
    pub made: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// The migrations that the tables had seen, in order.
    pub migrations: Vec<i64>,
    /// The value by which the root key is known again; it tells nothing about the key.
    pub root_key_check: Vec<u8>,
    /// The audit key's seed, sealed under the root key.
    pub audit_seed: Vec<u8>,
}

/// A table, before its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of the values.
    pub columns: Vec<(String, Kind)>,
}

/// One row; a value for each column.
pub type Row = Vec<Value>;

/// What a backup consists of, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// First.
    Header(Header),
    /// A table begins.
    Table(Table),
    /// Some rows of the table that began last.
    Rows(Vec<Row>),
    /// The table ends, after so many rows.
    TableEnd {
        /// How many.
        rows: u64,
    },
    /// Last.
    Closing(Closed),
}

/// What stands last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How many tables.
    pub tables: u32,
    /// How many rows in all of them.
    pub rows: u64,
    /// The signed head of the audit chain, as the text of its file.
    pub head: Option<String>,
    /// SHA-256 over everything before it; the reader has compared it.
    pub digest: [u8; 32],
    /// The audit key's signature over [`SIGNATURE_LABEL`] and the digest; whoever has the root key compares it.
    pub signature: [u8; 64],
}

/// The kinds of record, by their first byte.
mod tag {
    pub(super) const HEADER: u8 = 1;
    pub(super) const TABLE: u8 = 2;
    pub(super) const ROWS: u8 = 3;
    pub(super) const TABLE_END: u8 = 4;
    pub(super) const CLOSING: u8 = 5;
}

/// A row or a text does not fit into a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row is too large for a backup")]
pub struct TooLarge;

/// Writes a backup, record by record; keeps the digest and the counts.
#[derive(Debug)]
pub struct Writer {
    digest: Sha256,
    tables: u32,
    rows: u64,
    rows_of_table: u64,
}

impl Writer {
    /// Begins: the bytes of the magic, the format and the header.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn begin(header: &Header) -> Result<(Self, Vec<u8>), TooLarge> {
        let mut writer = Self { digest: Sha256::new(), tables: 0, rows: 0, rows_of_table: 0 };
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&FORMAT.to_be_bytes());
        let mut body = Vec::new();
        body.extend_from_slice(&header.made.as_millis().to_be_bytes());
        put_bytes(&mut body, header.program.as_bytes());
        put_count(&mut body, header.migrations.len());
        for version in &header.migrations {
            body.extend_from_slice(&version.to_be_bytes());
        }
        put_bytes(&mut body, &header.root_key_check);
        put_bytes(&mut body, &header.audit_seed);
        put_record(&mut out, tag::HEADER, &body)?;
        writer.digest.update(&out);
        Ok((writer, out))
    }

    /// A table begins.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn table(&mut self, table: &Table) -> Result<Vec<u8>, TooLarge> {
        self.tables = self.tables.saturating_add(1);
        self.rows_of_table = 0;
        let mut body = Vec::new();
        put_bytes(&mut body, table.name.as_bytes());
        put_count(&mut body, table.columns.len());
        for (name, kind) in &table.columns {
            put_bytes(&mut body, name.as_bytes());
            body.push(kind.code());
        }
        self.record(tag::TABLE, &body)
    }

    /// Some rows of the table that began last.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn rows(&mut self, rows: &[Row]) -> Result<Vec<u8>, TooLarge> {
        let mut body = Vec::new();
        put_count(&mut body, rows.len());
        for value in rows.iter().flatten() {
            value.write(&mut body);
        }
        self.rows_of_table = self.rows_of_table.saturating_add(rows.len() as u64);
        self.record(tag::ROWS, &body)
    }

    /// The table ends.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn end_table(&mut self) -> Result<Vec<u8>, TooLarge> {
        self.rows = self.rows.saturating_add(self.rows_of_table);
        let rows = self.rows_of_table;
        self.record(tag::TABLE_END, &rows.to_be_bytes())
    }

    /// Ends: everything but the signature.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn close(mut self, head: Option<&str>) -> Result<Closing, TooLarge> {
        let mut body = Vec::new();
        body.extend_from_slice(&self.tables.to_be_bytes());
        body.extend_from_slice(&self.rows.to_be_bytes());
        match head {
            None => body.push(0),
            Some(text) => {
                body.push(1);
                put_bytes(&mut body, text.as_bytes());
            }
        }
        let length = body.len().saturating_add(DIGEST_BYTES).saturating_add(SIGNATURE_BYTES);
        let mut bytes = vec![tag::CLOSING];
        bytes.extend_from_slice(&record_length(length)?.to_be_bytes());
        bytes.append(&mut body);
        self.digest.update(&bytes);
        let digest = self.digest.finalize().into();
        Ok(Closing { bytes, digest, tables: self.tables, rows: self.rows })
    }

    fn record(&mut self, tag: u8, body: &[u8]) -> Result<Vec<u8>, TooLarge> {
        let mut out = Vec::new();
        put_record(&mut out, tag, body)?;
        self.digest.update(&out);
        Ok(out)
    }
}

/// A closing record that lacks its signature.
#[derive(Debug)]
pub struct Closing {
    bytes: Vec<u8>,
    digest: [u8; DIGEST_BYTES],
    /// How many tables were written.
    pub tables: u32,
    /// How many rows were written.
    pub rows: u64,
}

impl Closing {
    /// What is to be signed after [`SIGNATURE_LABEL`].
    #[must_use]
    pub const fn digest(&self) -> &[u8; DIGEST_BYTES] {
        &self.digest
    }

    /// The last bytes of the backup.
    #[must_use]
    pub fn signed(mut self, signature: &[u8; SIGNATURE_BYTES]) -> Vec<u8> {
        self.bytes.extend_from_slice(&self.digest);
        self.bytes.extend_from_slice(signature);
        self.bytes
    }
}

fn put_record(out: &mut Vec<u8>, tag: u8, body: &[u8]) -> Result<(), TooLarge> {
    out.push(tag);
    out.extend_from_slice(&record_length(body.len())?.to_be_bytes());
    out.extend_from_slice(body);
    Ok(())
}

fn record_length(bytes: usize) -> Result<u32, TooLarge> {
    if bytes > RECORD_BYTES_MAX {
        return Err(TooLarge);
    }
    u32::try_from(bytes).map_err(|_| TooLarge)
}

/// A length that cannot be told makes its record too large, and that is refused.
fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend_from_slice(bytes);
}
