//! Exchanges the root key: everything that it wraps is wrapped by a new one, in one transaction (SEC-053).
//!
//! The new key lies beside the old one, on the disk, before that transaction commits, and takes its place afterwards.
//! So at every moment a key lies there that opens the records, and whoever opens them next finishes what a crash left.
//! Sealed columns stay as they are: their data keys are wrapped anew, not made anew. A running server notices the
//! exchange when it next needs the root key, and reads it from the file again.

use domain::audit::{Action, AuditEvent};
use ids::OrganizationId;
use sqlx::types::Uuid;

use crate::By;
use crate::db::{AUDIT_SEED_LABEL, Db};
use crate::error::{KeyError, Result, StoreError};
use crate::key_file::{RootKeySource, drop_next, promote, write_next};
use crate::keys::{RootKey, SealingKey};
use crate::sealed::wrap_context;
use crate::tx::{Tx, Write, change, rows};

impl Db {
    /// Exchanges the root key for a new one; gives the new one, for its words.
    ///
    /// # Errors
    /// When nothing was exchanged. Should it be unknown whether the database took the new key (the line to it broke at
    /// the last moment), both keys stay, and the next opening finds out.
    pub async fn rotate_root_key(&self, by: By) -> Result<RootKey> {
        let RootKeySource::File(path) = &self.keyring().source else {
            return Err(KeyError::NotInAFile.into());
        };
        let mut tx = self.write(by.actor, by.now).await?;
        let check = tx.meta("root_key_check").await?.ok_or(KeyError::CheckMissing)?;
        // Under the lock of writers: finishes an exchange that a crash cut short, so that no key is written over.
        let old = self.keyring().source.fitting(&check)?.wrapping()?;
        let root = RootKey::generate()?;
        write_next(path, &root)?;
        if let Err(error) = tx.rewrap(&old, &root).await {
            drop_next(path);
            return Err(error);
        }
        tx.commit(AuditEvent::new(Action::RootKeyRotated)).await?;
        // Should this fail, the next opening does it: the new key lies beside the old one already.
        let _ = promote(path);
        Ok(root)
    }
}

impl Tx<'_, Write> {
    /// Everything that hangs on the root key; a test counts the places that use it.
    async fn rewrap(&mut self, old: &SealingKey, root: &RootKey) -> Result<()> {
        const SQL: &str = "SELECT organization, wrapped FROM data_key";
        const SQL_CHANGE: &str = "UPDATE data_key SET wrapped = $1 WHERE organization = $2";
        let new = root.wrapping()?;
        for (organization, wrapped) in rows!(self, SQL, (Uuid, Vec<u8>))? {
            let context = wrap_context(OrganizationId::from_uuid(organization));
            let key = old.open(&context, &wrapped);
            let key = key.ok_or(StoreError::Unsealable { table: "data_key", column: "wrapped" })?;
            change!(self, SQL_CHANGE, new.seal(&context, &key)?, organization)?;
        }
        let lost = StoreError::Damaged { column: "meta.audit_seed" };
        let sealed = self.meta("audit_seed").await?.ok_or(lost)?;
        let seed = old.open(AUDIT_SEED_LABEL, &sealed);
        let seed = seed.ok_or(StoreError::Unsealable { table: "meta", column: "audit_seed" })?;
        self.change_meta("audit_seed", new.seal(AUDIT_SEED_LABEL, &seed)?).await?;
        self.change_meta("root_key_check", root.check_value()).await
    }

    async fn change_meta(&mut self, name: &str, value: Vec<u8>) -> Result<()> {
        const SQL: &str = "UPDATE meta SET value = $1 WHERE name = $2";
        change!(self, SQL, value, name)?;
        Ok(())
    }
}
