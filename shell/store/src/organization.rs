//! Organisations and the key by which each attests who somebody is.

use domain::audit::{Action, AuditEvent, Object};
use domain::people::{Organization, OrganizationKind};
use ids::{OrganizationId, Timestamp};

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::{random, random_id_part};
use crate::error::{Result, StoreError};
use crate::keys::SigningKey;
use crate::sealed::Column;
use crate::tx::{Tx, Write, change, row};

impl Db {
    /// Enters an organisation, with a data key and a signing key of its own.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn add_organization(&self, by: By, name: &str, kind: OrganizationKind) -> Result<Organization> {
        retrying(|| async move {
            let id = OrganizationId::from_parts(by.now, random_id_part()?);
            let organization = Organization { id, name: name.to_owned(), kind };
            let mut tx = self.write(by.actor, by.now).await?;
            tx.insert_organization(&organization).await?;
            let event = AuditEvent::new(Action::OrganizationAdded);
            tx.commit(event.of(id).on(Object::Organization(id))).await?;
            Ok(organization)
        })
        .await
    }

    /// An organisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn organization(&self, id: OrganizationId, now: Timestamp) -> Result<Organization> {
        const SQL: &str = "SELECT name, kind FROM organization WHERE id = $1";
        let mut tx = self.look(now).await?;
        let (name, kind) = row!(tx, SQL, (String, String), id.uuid())?.ok_or(StoreError::NotFound)?;
        tx.done().await?;
        Ok(Organization { id, name, kind: decode(&kind, "organization.kind")? })
    }

    /// The key by which an organisation attests who somebody is; the caller signs with it and never sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn signing_key(&self, organization: OrganizationId, now: Timestamp) -> Result<SigningKey> {
        const SQL: &str = "SELECT seed FROM signing_key WHERE organization = $1";
        let mut tx = self.look(now).await?;
        let (sealed,) = row!(tx, SQL, (Vec<u8>,), organization.uuid())?.ok_or(StoreError::NotFound)?;
        let seed =
            tx.open_bytes(organization, Column::SIGNING_SEED, organization.as_bytes(), &sealed).await?;
        tx.done().await?;
        SigningKey::from_seed(&seed)
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn insert_organization(&mut self, organization: &Organization) -> Result<()> {
        const SQL: &str = "INSERT INTO organization (id, name, kind, created) VALUES ($1, $2, $3, $4)";
        const SQL_KEY: &str =
            "INSERT INTO signing_key (organization, public_key, seed, created) VALUES ($1, $2, $3, $4)";
        let (id, created) = (organization.id, self.now().as_millis());
        change!(self, SQL, id.uuid(), organization.name.as_str(), organization.kind.code(), created)?;
        self.make_data_key(id).await?;
        let seed = random::<32>()?;
        let public = SigningKey::from_seed(seed.as_slice())?.public_key().to_vec();
        let sealed = self.seal(id, Column::SIGNING_SEED, id.as_bytes(), seed.as_slice()).await?;
        change!(self, SQL_KEY, id.uuid(), public, sealed, created)?;
        Ok(())
    }
}
