//! A copy of everything as it is at one moment, while others go on writing (SEC-050).
//!
//! What comes out is `domain::backup`'s format, in the clear but for the sealed columns, which stay sealed: the root
//! key is not in it. Encrypting the stream and keeping the file is the server's part.

use std::io;
use std::path::Path;

use domain::audit::{Action, AuditEvent, Head, Purpose};
use domain::backup::{Header, Row, SIGNATURE_LABEL, Value, Writer};

use crate::By;
use crate::audit::{Pace, check_head, read_head_text, signed_head, walk_from};
use crate::catalogue::Shape;
use crate::db::{Db, retrying};
use crate::error::{HeadError, Result, StoreError};
use crate::tx::{Look, Tx};

/// Bytes of rows that are gathered before they become a record.
const RECORD_BYTES_AIM: usize = 256 * 1024;

/// What a backup hands out.
#[derive(Debug)]
pub enum Step<'a> {
    /// The next bytes of the copy.
    Bytes(&'a [u8]),
    /// A table is done.
    Table {
        /// Its name.
        name: &'a str,
        /// How many rows it had.
        rows: u64,
    },
}

/// Takes what a backup hands out.
pub type Sink<'a> = &'a mut (dyn FnMut(Step<'_>) -> io::Result<()> + Send);

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Tables.
    pub tables: u32,
    /// Rows in all of them.
    pub rows: u64,
    /// Whether the audit chain held. When it did not, the copy has the head that was signed last, so that the fault
    /// can be seen in it as well.
    pub chain_holds: bool,
}

impl Db {
    /// Copies everything into a sink. That it is done is written into the log first (SEC-006), so the copy says so too.
    ///
    /// # Errors
    /// When the database or the sink fails; what the sink has by then is no backup.
    pub async fn backup(&self, by: By, program: &str, head_file: &Path, sink: Sink<'_>) -> Result<BackedUp> {
        retrying(|| async move {
            let tx = self.write(by.actor, by.now).await?;
            tx.commit(AuditEvent::new(Action::BackedUp).purpose(Purpose::Operation)).await
        })
        .await?;
        // Before the snapshot: the chain in it then reaches at least to this head.
        let old = read_head_text(head_file)?;
        let mut tx = self.snapshot(by.now).await?;
        let shapes = tx.catalogue().await?;
        let (mut writer, begun) = Writer::begin(&tx.header(by, program).await?)?;
        sink(Step::Bytes(&begun))?;
        for shape in &shapes {
            tx.copy_table(shape, &mut writer, sink).await?;
        }
        let (head, chain_holds) = tx.head_of_now(by, old).await?;
        tx.done().await?;
        let closing = writer.close(head.as_deref())?;
        let signature = self.keyring().audit.sign(SIGNATURE_LABEL, closing.digest());
        let copied = BackedUp { tables: closing.tables, rows: closing.rows, chain_holds };
        sink(Step::Bytes(&closing.signed(&signature)))?;
        Ok(copied)
    }
}

impl Tx<'_, Look> {
    async fn header(&mut self, by: By, program: &str) -> Result<Header> {
        let lost = |column| StoreError::Damaged { column };
        Ok(Header {
            made: by.now,
            program: program.to_owned(),
            migrations: self.migrations().await?,
            root_key_check: self.meta("root_key_check").await?.ok_or(lost("meta.root_key_check"))?,
            audit_seed: self.meta("audit_seed").await?.ok_or(lost("meta.audit_seed"))?,
        })
    }

    async fn copy_table(&mut self, shape: &Shape, writer: &mut Writer, sink: Sink<'_>) -> Result<()> {
        sink(Step::Bytes(&writer.table(&shape.described())?))?;
        let (mut gathered, mut bytes, mut rows) = (Vec::<Row>::new(), 0, 0);
        self.every_row(shape, &mut |row: Row| {
            bytes += row.iter().map(Value::size).sum::<usize>();
            rows += 1;
            gathered.push(row);
            if bytes >= RECORD_BYTES_AIM {
                sink(Step::Bytes(&writer.rows(&gathered)?))?;
                gathered.clear();
                bytes = 0;
            }
            Ok(())
        })
        .await?;
        if !gathered.is_empty() {
            sink(Step::Bytes(&writer.rows(&gathered)?))?;
        }
        sink(Step::Bytes(&writer.end_table()?))?;
        sink(Step::Table { name: &shape.name, rows })?;
        Ok(())
    }

    /// A signed head of the chain as it is now; the old one, when the chain does not hold: a break is never signed away.
    async fn head_of_now(&mut self, by: By, old: Option<String>) -> Result<(Option<String>, bool)> {
        let public_key = self.db.audit_public_key();
        let Ok(signed) = old.as_deref().map(|text| check_head(text, &public_key)).transpose() else {
            return Ok((old, false));
        };
        match walk_from(self, signed, Pace::Full).await {
            Ok((sequence, hash)) => {
                let head = Head { sequence, hash, at: by.now };
                Ok((Some(signed_head(self.db, &head)), true))
            }
            Err(StoreError::Head(HeadError::Broken(_))) => Ok((old, false)),
            Err(other) => Err(other),
        }
    }
}
