//! Passkeys: the public half of the keys by which members of staff sign in.
//!
//! What an authenticator sent at registration is kept sealed (SEC-008) and found by the hash of its id. The counter
//! stands in a column of its own as well, so that two answers at the same moment cannot both count (SEC-044).

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use ids::{Assurance, OrganizationId, PasskeyId, PersonId, Personal, SignInId, Timestamp};
use sqlx::types::Uuid;
use zeroize::Zeroizing;

use crate::By;
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::sealed::Column;
use crate::sign_in::NewSignIn;
use crate::token::Token;
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

/// Passkeys that a person may have at a time.
pub const PASSKEYS_MAX: usize = 20;

/// A passkey to enter.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    /// SHA-256 of the credential's id.
    pub credential_hash: [u8; 32],
    /// What the answers are checked against.
    pub credential: Zeroizing<Vec<u8>>,
    /// What its owner calls it.
    pub label: Personal<String>,
}

/// A passkey to check an answer against; holds no name.
#[derive(Debug)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose it is.
    pub person: PersonId,
    /// What the answer is checked against.
    pub credential: Zeroizing<Vec<u8>>,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone)]
pub struct OwnPasskey {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub label: Personal<String>,
    /// When it was added.
    pub created: Timestamp,
    /// When somebody last signed in by it.
    pub last_used: Option<Timestamp>,
}

/// A right answer of a passkey.
#[derive(Debug, Clone)]
pub struct PasskeyAnswered {
    /// Which passkey.
    pub passkey: PasskeyId,
    /// What its next answer is checked against.
    pub credential: Zeroizing<Vec<u8>>,
    /// The authenticator's counter; zero when it has none.
    pub counter: u32,
    /// How long pages are answered on its ground.
    pub lifetime: Duration,
}

impl Db {
    /// The standing passkey with this credential id, by its hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn passkey(&self, credential_hash: &[u8; 32], now: Timestamp) -> Result<Option<Passkey>> {
        const SQL: &str = "SELECT k.id, k.person, k.credential, n.organization FROM passkey k \
             JOIN person n ON n.id = k.person WHERE k.credential_hash = $1 AND k.removed IS NULL";
        type Row = (Uuid, Uuid, Vec<u8>, Uuid);
        let mut tx = self.look(now).await?;
        let Some(found) = row!(tx, SQL, Row, credential_hash.to_vec())? else { return Ok(None) };
        let (id, person, sealed, organization) = found;
        let (id, organization) = (PasskeyId::from_uuid(id), OrganizationId::from_uuid(organization));
        let credential = tx.open_bytes(organization, Column::PASSKEY, id.as_bytes(), &sealed).await?;
        tx.done().await?;
        Ok(Some(Passkey { id, person: PersonId::from_uuid(person), credential }))
    }

    /// What a person's standing passkeys are checked against, so that none is made twice on one device.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials_of(&self, person: PersonId, now: Timestamp) -> Result<Vec<Zeroizing<Vec<u8>>>> {
        const SQL: &str = "SELECT k.id, k.credential, n.organization FROM passkey k \
             JOIN person n ON n.id = k.person WHERE k.person = $1 AND k.removed IS NULL ORDER BY k.id";
        let mut tx = self.look(now).await?;
        let mut credentials = Vec::new();
        for (id, sealed, organization) in rows!(tx, SQL, (Uuid, Vec<u8>, Uuid), person.uuid())? {
            let organization = OrganizationId::from_uuid(organization);
            let row = *PasskeyId::from_uuid(id).as_bytes();
            credentials.push(tx.open_bytes(organization, Column::PASSKEY, &row, &sealed).await?);
        }
        tx.done().await?;
        Ok(credentials)
    }

    /// A person's standing passkeys, the oldest first; logged.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn passkeys_of(&self, by: By, person: PersonId) -> Result<Vec<OwnPasskey>> {
        const SQL: &str = "SELECT k.id, k.label, k.created, k.last_used, n.organization FROM passkey k \
             JOIN person n ON n.id = k.person WHERE k.person = $1 AND k.removed IS NULL ORDER BY k.id";
        type Row = (Uuid, Vec<u8>, i64, Option<i64>, Uuid);
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let mut passkeys = Vec::new();
        for (id, label, created, last_used, organization) in rows!(tx, SQL, Row, person.uuid())? {
            let (id, organization) = (PasskeyId::from_uuid(id), OrganizationId::from_uuid(organization));
            let label = tx.open(organization, Column::PASSKEY_LABEL, id.as_bytes(), &label).await?;
            let created = Timestamp::from_millis(created);
            let last_used = last_used.map(Timestamp::from_millis);
            passkeys.push(OwnPasskey { id, label, created, last_used });
            tx.have_read(organization, person, Object::Person(person));
        }
        tx.answer(Unlogged(passkeys)).await
    }

    /// Adds a passkey to a person; `None` when that key is known already or there are [`PASSKEYS_MAX`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such person.
    pub async fn add_passkey(&self, by: By, person: PersonId, new: &NewPasskey) -> Result<Option<PasskeyId>> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(person).await?;
            let Some(id) = tx.insert_passkey(organization, person, new).await? else { return Ok(None) };
            let event = AuditEvent::new(Action::PasskeyAdded).of(organization).about(person);
            tx.commit(event.on(Object::Passkey(id))).await?;
            Ok(Some(id))
        })
        .await
    }

    /// Removes one of a person's passkeys and ends the sign-ins that were made by it, but for `kept`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there or not theirs.
    pub async fn remove_passkey(
        &self,
        by: By,
        person: PersonId,
        id: PasskeyId,
        kept: Option<SignInId>,
    ) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(person).await?;
            if !tx.end_passkey(person, id).await? {
                return Err(StoreError::NotFound);
            }
            tx.end_sign_ins_by(organization, person, id, kept).await?;
            let event = AuditEvent::new(Action::PasskeyRemoved).of(organization).about(person);
            tx.commit(event.on(Object::Passkey(id))).await
        })
        .await
    }

    /// Signs in whoever answered rightly; `None` when the passkey was removed meanwhile or its counter went back.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn sign_in_by_passkey(
        &self,
        answered: &PasskeyAnswered,
        now: Timestamp,
    ) -> Result<Option<(SignInId, Token)>> {
        const SQL: &str = "UPDATE passkey SET credential = $2, counter = $3, last_used = $4 \
             WHERE id = $1 AND removed IS NULL AND (counter < $3 OR (counter = 0 AND $3 = 0))";
        const SQL_WHO: &str = "SELECT k.person, n.organization FROM passkey k JOIN person n ON n.id = k.person \
             WHERE k.id = $1";
        const SQL_BY: &str = "UPDATE sign_in SET passkey = $2 WHERE id = $1";
        retrying(|| async move {
            let id = answered.passkey;
            let mut tx = self.write(Actor::System, now).await?;
            let (person, organization) =
                row!(tx, SQL_WHO, (Uuid, Uuid), id.uuid())?.ok_or(StoreError::NotFound)?;
            let (person, organization) =
                (PersonId::from_uuid(person), OrganizationId::from_uuid(organization));
            tx.act_as(Actor::Person(person));
            let sealed = tx.seal(organization, Column::PASSKEY, id.as_bytes(), &answered.credential).await?;
            let counter = i64::from(answered.counter);
            let event = AuditEvent::new(Action::SignedIn).of(organization).about(person);
            if change!(tx, SQL, id.uuid(), sealed, counter, now.as_millis())? == 0 {
                tx.act_as(Actor::System);
                tx.commit(event.on(Object::Passkey(id)).refused()).await?;
                return Ok(None);
            }
            let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime: answered.lifetime };
            let (sign_in, token) = tx.insert_sign_in(&new).await?;
            change!(tx, SQL_BY, sign_in.uuid(), id.uuid())?;
            tx.commit(event.on(Object::SignIn(sign_in))).await?;
            Ok(Some((sign_in, token)))
        })
        .await
    }

    /// Notes that an answer for a passkey was wrong.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn refuse_passkey(&self, passkey: &Passkey, now: Timestamp) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let organization = tx.organization_of(passkey.person).await?;
            let event = AuditEvent::new(Action::SignedIn).of(organization).about(passkey.person);
            tx.commit(event.on(Object::Passkey(passkey.id)).refused()).await
        })
        .await
    }
}

impl Tx<'_, Write> {
    /// Writes a passkey's row; `None` when it is known or there are too many.
    pub(crate) async fn insert_passkey(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        new: &NewPasskey,
    ) -> Result<Option<PasskeyId>> {
        const SQL: &str = "INSERT INTO passkey (id, person, credential_hash, credential, counter, label, created) \
             VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (credential_hash) DO NOTHING";
        const SQL_COUNT: &str = "SELECT COUNT(*) FROM passkey WHERE person = $1 AND removed IS NULL";
        let count = row!(self, SQL_COUNT, (i64,), person.uuid())?.map_or(0, |(count,)| count);
        if usize::try_from(count).unwrap_or(usize::MAX) >= PASSKEYS_MAX {
            return Ok(None);
        }
        let id = PasskeyId::from_parts(self.now(), random_id_part()?);
        let credential = self.seal(organization, Column::PASSKEY, id.as_bytes(), &new.credential).await?;
        let label = new.label.reveal().as_bytes();
        let label = self.seal(organization, Column::PASSKEY_LABEL, id.as_bytes(), label).await?;
        let (hash, created) = (new.credential_hash.to_vec(), self.now().as_millis());
        let written = change!(self, SQL, id.uuid(), person.uuid(), hash, credential, label, created)?;
        Ok((written > 0).then_some(id))
    }

    /// Removes one of a person's passkeys; whether it was standing.
    pub(crate) async fn end_passkey(&mut self, person: PersonId, id: PasskeyId) -> Result<bool> {
        const SQL: &str = "UPDATE passkey SET removed = $3 WHERE id = $1 AND person = $2 AND removed IS NULL";
        let now = self.now().as_millis();
        Ok(change!(self, SQL, id.uuid(), person.uuid(), now)? > 0)
    }

    /// Ends the sign-ins that were made by a passkey.
    async fn end_sign_ins_by(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        passkey: PasskeyId,
        kept: Option<SignInId>,
    ) -> Result<()> {
        const SQL: &str = "SELECT id FROM sign_in WHERE passkey = $1 AND ended IS NULL AND expires > $2";
        let now = self.now().as_millis();
        for (id,) in rows!(self, SQL, (Uuid,), passkey.uuid(), now)? {
            let id = SignInId::from_uuid(id);
            if Some(id) != kept {
                self.end_sign_in_of(organization, person, id).await?;
            }
        }
        Ok(())
    }
}
