//! Sealed columns: AES-256-GCM under the organisation's data key, bound to organisation, table, column and row.
//!
//! A value that is copied to another row, column or organisation does not open (SEC-008).

use ids::{OrganizationId, Personal};

use crate::entropy::random;
use crate::error::{KeyError, Result, StoreError};
use crate::keys::SealingKey;
use crate::tx::{Tx, Write, change, row};

/// The place of a sealed value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) table: &'static str,
    pub(crate) name: &'static str,
}

impl Column {
    pub(crate) const GIVEN_NAME: Self = Self { table: "person", name: "given_name" };
    pub(crate) const FAMILY_NAME: Self = Self { table: "person", name: "family_name" };
    pub(crate) const PHONE: Self = Self { table: "person", name: "phone" };
    pub(crate) const TASK: Self = Self { table: "task", name: "description" };
    pub(crate) const REQUEST_LINE: Self = Self { table: "request", name: "line" };
    pub(crate) const OUR_AGREEMENT: Self = Self { table: "our_agreement", name: "contents" };
    pub(crate) const QUESTIONS: Self = Self { table: "questions", name: "contents" };
    pub(crate) const READINESS_REASON: Self = Self { table: "readiness", name: "reason" };
    pub(crate) const EMAIL: Self = Self { table: "person", name: "email" };
    pub(crate) const SIGN: Self = Self { table: "appointment", name: "sign" };
    pub(crate) const SIGNING_SEED: Self = Self { table: "signing_key", name: "seed" };
    pub(crate) const PASSKEY: Self = Self { table: "passkey", name: "credential" };
    pub(crate) const PASSKEY_LABEL: Self = Self { table: "passkey", name: "label" };
    pub(crate) const AUDIT_DETAILS: Self = Self { table: "audit_event", name: "details" };

    /// Organisation, table, column and row as bytes that no other place has.
    fn context(self, organization: OrganizationId, row: &[u8; 16]) -> Vec<u8> {
        let mut bytes = b"samrom sealed column v1\0".to_vec();
        bytes.extend_from_slice(organization.as_bytes());
        bytes.extend_from_slice(self.table.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(row);
        bytes
    }

    const fn unsealable(self) -> StoreError {
        StoreError::Unsealable { table: self.table, column: self.name }
    }
}

/// Goes before the organisation's id when its data key is wrapped.
const WRAP_LABEL: &[u8] = b"samrom data key v1\0";

/// The place of an organisation's wrapped data key.
pub(crate) fn wrap_context(organization: OrganizationId) -> Vec<u8> {
    [WRAP_LABEL, organization.as_bytes()].concat()
}

impl<Mode> Tx<'_, Mode> {
    /// The key that wraps data keys, under the root key of this moment.
    pub(crate) async fn wrapping(&mut self) -> Result<SealingKey> {
        let check = self.meta("root_key_check").await?.ok_or(KeyError::CheckMissing)?;
        self.db.keyring().wrapping(&check)
    }

    /// The organisation's data key.
    pub(crate) async fn data_key(&mut self, organization: OrganizationId) -> Result<SealingKey> {
        const SQL: &str = "SELECT wrapped FROM data_key WHERE organization = $1";
        if let Some(key) =
            self.fresh_keys.find(organization).or_else(|| self.db.keyring().cached(organization))
        {
            return Ok(key);
        }
        let (wrapped,) = row!(self, SQL, (Vec<u8>,), organization.uuid())?.ok_or(StoreError::NotFound)?;
        let opened = self.wrapping().await?.open(&wrap_context(organization), &wrapped);
        let opened = opened.ok_or(StoreError::Unsealable { table: "data_key", column: "wrapped" })?;
        let key = SealingKey::new(&opened)?;
        self.db.keyring().cache(organization, key.clone());
        Ok(key)
    }

    /// Opens a sealed text.
    pub(crate) async fn open(
        &mut self,
        organization: OrganizationId,
        column: Column,
        row: &[u8; 16],
        sealed: &[u8],
    ) -> Result<Personal<String>> {
        let plain = self.open_bytes(organization, column, row, sealed).await?;
        String::from_utf8(plain.to_vec()).map(Personal::new).map_err(|_| column.unsealable())
    }

    /// Opens sealed bytes.
    pub(crate) async fn open_bytes(
        &mut self,
        organization: OrganizationId,
        column: Column,
        row: &[u8; 16],
        sealed: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let key = self.data_key(organization).await?;
        key.open(&column.context(organization, row), sealed).ok_or_else(|| column.unsealable())
    }
}

impl Tx<'_, Write> {
    /// Makes the data key of a new organisation.
    pub(crate) async fn make_data_key(&mut self, organization: OrganizationId) -> Result<()> {
        const SQL: &str = "INSERT INTO data_key (organization, wrapped, created) VALUES ($1, $2, $3)";
        let bytes = random::<32>()?;
        let wrapped = self.wrapping().await?.seal(&wrap_context(organization), bytes.as_slice())?;
        let created = self.now().as_millis();
        change!(self, SQL, organization.uuid(), wrapped, created)?;
        self.fresh_keys.insert(organization, SealingKey::new(bytes.as_slice())?);
        Ok(())
    }

    /// Seals a value for its place.
    pub(crate) async fn seal(
        &mut self,
        organization: OrganizationId,
        column: Column,
        row: &[u8; 16],
        plain: &[u8],
    ) -> Result<Vec<u8>> {
        let key = self.data_key(organization).await?;
        key.seal(&column.context(organization, row), plain)
    }
}
