//! Reads a backup as its bytes come in: feed, then take records until there are none.
//!
//! The bytes are foreign until the closing record and its signature have been compared: every length is bounded, no
//! order of records but the right one is taken, and nothing panics (SEC-023, SEC-051).

use ids::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Closed, DIGEST_BYTES, FORMAT, Header, Kind, MAGIC, RECORD_BYTES_MAX, Record, Row, SIGNATURE_BYTES, Table,
    Value, tag,
};

/// Tables in a backup.
const TABLES_MAX: u32 = 1_000;
/// Columns of a table.
const COLUMNS_MAX: usize = 200;
/// Migrations that tables may have seen.
const MIGRATIONS_MAX: usize = 10_000;
/// Bytes of a name or of the head's text.
const WORDS_BYTES_MAX: usize = 4_096;
/// Bytes of the head of a record: kind and length.
const RECORD_HEAD_BYTES: usize = 5;
/// Bytes of the magic and the format.
const START_BYTES: usize = 16;

/// Why bytes are no whole backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not begin like one.
    #[error("this is no backup of Samrom")]
    NotABackup,
    /// A later version made it.
    #[error(
        "this backup has format {format}, and this version reads up to format {FORMAT}; use a newer version"
    )]
    Newer {
        /// Its format.
        format: u16,
    },
    /// It stops before its end.
    #[error("the backup is torn: it stops before its end")]
    Torn,
    /// Something in it is not as it was written.
    #[error("the backup was changed or damaged: {what}")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
}

const fn damaged<T>(what: &'static str) -> Result<T, Malformed> {
    Err(Malformed::Damaged { what })
}

/// What may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Magic and format.
    Start,
    /// The header.
    Header,
    /// A table or the closing record.
    Between,
    /// Rows or the end of this table.
    InTable { kinds: Vec<Kind>, rows: u64 },
    /// Nothing.
    Closed,
}

/// Reads a backup; [`Reader::feed`], then [`Reader::poll_record`] until it has none, and [`Reader::finish`] at the end.
#[derive(Debug)]
pub struct Reader {
    buffer: Vec<u8>,
    /// How far into the buffer was read.
    at: usize,
    digest: Sha256,
    state: State,
    tables: u32,
    rows: u64,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self { buffer: Vec::new(), at: 0, digest: Sha256::new(), state: State::Start, tables: 0, rows: 0 }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next record, when enough was fed.
    ///
    /// # Errors
    /// [`Malformed`]; the reader is of no more use then.
    pub fn poll_record(&mut self) -> Result<Option<Record>, Malformed> {
        if self.state == State::Start && !self.start()? {
            return Ok(None);
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let Some((head, after)) = rest.split_at_checked(RECORD_HEAD_BYTES) else { return Ok(None) };
        let mut head_fields = Fields(head);
        let (Some(kind), Some(length)) = (head_fields.byte(), head_fields.number()) else { return Ok(None) };
        if length > RECORD_BYTES_MAX {
            return damaged("a record is too long");
        }
        if self.state == State::Closed {
            return damaged("something follows its end");
        }
        let Some(body) = after.get(..length) else { return Ok(None) };
        let body = body.to_vec();
        let whole = RECORD_HEAD_BYTES.saturating_add(length);
        // The closing record's digest does not cover itself and the signature.
        let covered = match kind {
            tag::CLOSING => whole.saturating_sub(DIGEST_BYTES).saturating_sub(SIGNATURE_BYTES),
            _ => whole,
        };
        self.digest.update(rest.get(..covered).unwrap_or_default());
        self.at = self.at.saturating_add(whole);
        self.understand(kind, &body).map(Some)
    }

    /// Whether everything was read to the end.
    ///
    /// # Errors
    /// [`Malformed::Torn`] when the closing record has not come, [`Malformed::Damaged`] when something follows it.
    pub fn finish(&self) -> Result<(), Malformed> {
        match self.state {
            State::Closed if self.at == self.buffer.len() => Ok(()),
            State::Closed => damaged("something follows its end"),
            State::Start if !MAGIC.starts_with(self.buffer.get(..MAGIC.len()).unwrap_or(&self.buffer)) => {
                Err(Malformed::NotABackup)
            }
            _ => Err(Malformed::Torn),
        }
    }

    /// Reads magic and format, when they are there.
    fn start(&mut self) -> Result<bool, Malformed> {
        let Some((start, _)) = self.buffer.split_at_checked(START_BYTES) else { return Ok(false) };
        let Some(&[high, low]) = start.strip_prefix(MAGIC) else { return Err(Malformed::NotABackup) };
        let format = u16::from_be_bytes([high, low]);
        if format > FORMAT {
            return Err(Malformed::Newer { format });
        }
        if format != FORMAT {
            return damaged("there is no such format");
        }
        self.digest.update(start);
        self.at = START_BYTES;
        self.state = State::Header;
        Ok(true)
    }

    fn understand(&mut self, kind: u8, body: &[u8]) -> Result<Record, Malformed> {
        let mut fields = Fields(body);
        let state = core::mem::replace(&mut self.state, State::Between);
        match (state, kind) {
            (State::Header, tag::HEADER) => {
                let Some(header) = fields.whole(Fields::header) else { return damaged("its header") };
                Ok(Record::Header(header))
            }
            (State::Between, tag::TABLE) if self.tables < TABLES_MAX => {
                let Some(table) = fields.whole(Fields::table) else { return damaged("the head of a table") };
                let kinds = table.columns.iter().map(|(_, kind)| *kind).collect();
                self.state = State::InTable { kinds, rows: 0 };
                self.tables = self.tables.saturating_add(1);
                Ok(Record::Table(table))
            }
            (State::InTable { kinds, rows }, tag::ROWS) => {
                let Some(read) = fields.whole(|fields| fields.rows(&kinds)) else { return damaged("a row") };
                let rows = rows.saturating_add(read.len() as u64);
                self.state = State::InTable { kinds, rows };
                Ok(Record::Rows(read))
            }
            (State::InTable { rows, .. }, tag::TABLE_END) => {
                if fields.whole(Fields::long) != Some(rows) {
                    return damaged("a table has lost or gained rows");
                }
                self.rows = self.rows.saturating_add(rows);
                Ok(Record::TableEnd { rows })
            }
            (State::Between, tag::CLOSING) => {
                self.state = State::Closed;
                let Some(closed) = fields.whole(Fields::closed) else { return damaged("its closing record") };
                self.compare(&closed)?;
                Ok(Record::Closing(closed))
            }
            _ => damaged("its parts are not in order"),
        }
    }

    fn compare(&self, closed: &Closed) -> Result<(), Malformed> {
        if (closed.tables, closed.rows) != (self.tables, self.rows) {
            return damaged("it has lost or gained tables or rows");
        }
        let digest: [u8; DIGEST_BYTES] = self.digest.clone().finalize().into();
        if digest != closed.digest {
            return damaged("its digest is another");
        }
        Ok(())
    }
}

/// The fields of a record's body, taken from the front; `None` when they are not there.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Reads something that must reach to the end of the body.
    fn whole<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let found = read(self)?;
        self.0.is_empty().then_some(found)
    }

    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn signed(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        core::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }

    fn words(&mut self) -> Option<String> {
        self.text().filter(|text| text.len() <= WORDS_BYTES_MAX)
    }

    /// A count of things that take at least one byte each, so that no count makes us reserve more than was sent.
    fn count(&mut self, most: usize) -> Option<usize> {
        self.number().filter(|count| *count <= most && *count <= self.0.len())
    }

    fn header(&mut self) -> Option<Header> {
        let made = Timestamp::from_millis(self.signed()?);
        let program = self.words()?;
        let count = self.count(MIGRATIONS_MAX)?;
        let migrations = (0..count).map(|_| self.signed()).collect::<Option<Vec<_>>>()?;
        let (root_key_check, audit_seed) = (self.bytes()?.to_vec(), self.bytes()?.to_vec());
        Some(Header { made, program, migrations, root_key_check, audit_seed })
    }

    fn table(&mut self) -> Option<Table> {
        let name = self.words()?;
        let count = self.count(COLUMNS_MAX)?;
        let column = |_| Some((self.words()?, Kind::from_code(self.byte()?)?));
        let columns = (0..count).map(column).collect::<Option<Vec<_>>>()?;
        (!columns.is_empty()).then_some(Table { name, columns })
    }

    fn rows(&mut self, kinds: &[Kind]) -> Option<Vec<Row>> {
        let count = self.count(RECORD_BYTES_MAX)?;
        let mut rows = Vec::new();
        for _ in 0..count {
            rows.push(kinds.iter().map(|kind| self.value(*kind)).collect::<Option<Row>>()?);
        }
        Some(rows)
    }

    fn value(&mut self, kind: Kind) -> Option<Value> {
        let code = self.byte()?;
        if code == 0 {
            return Some(Value::Empty);
        }
        if code != kind.code() {
            return None;
        }
        Some(match kind {
            Kind::Number => Value::Number(self.signed()?),
            Kind::Text => Value::Text(self.text()?),
            Kind::Bytes => Value::Bytes(self.bytes()?.to_vec()),
        })
    }

    fn closed(&mut self) -> Option<Closed> {
        let tables = u32::from_be_bytes(self.take(4)?.try_into().ok()?);
        let rows = self.long()?;
        let head = match self.byte()? {
            0 => None,
            1 => Some(self.words()?),
            _ => return None,
        };
        let digest = self.take(DIGEST_BYTES)?.try_into().ok()?;
        let signature = self.take(SIGNATURE_BYTES)?.try_into().ok()?;
        Some(Closed { tables, rows, head, digest, signature })
    }
}
