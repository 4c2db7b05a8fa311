//! Signed-in browsers: a cookie's token, kept as a hash (SEC-009).
//!
//! A browser that came in by a personal link may use the invitations of the links it pressed and nothing else, also when
//! somebody vouched for its person, and one that was lent (`shared_device`) may use one; a full sign-in is the person.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::people::{Language, SignIn};
use ids::{Assurance, InvitationId, OrganizationId, PersonId, Personal, SignInId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::PersonKind;
use crate::sealed::Column;
use crate::token::Token;
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

/// A sign-in to make.
#[derive(Debug, Clone, Copy)]
pub struct NewSignIn {
    /// Who.
    pub person: PersonId,
    /// How sure we are of who it is.
    pub assurance: Assurance,
    /// How long pages are answered on its ground.
    pub lifetime: Duration,
}

/// A good sign-in and what pages need to know of its person; holds no name.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The sign-in.
    pub sign_in: SignIn,
    /// The organisation whose register the person is in.
    pub organization: OrganizationId,
    /// What the person is to us.
    pub kind: PersonKind,
    /// The person's language.
    pub language: Language,
    /// The invitations that this browser may use; `None`: all of the person's.
    pub scope: Option<Vec<InvitationId>>,
    /// Whether it was made by a passkey, rather than by a link or in the demo.
    pub by_passkey: bool,
    /// Whether staff lent the browser for one hour (SEC-087).
    pub is_shared: bool,
}

/// A standing sign-in as its person sees it.
#[derive(Debug, Clone)]
pub struct OwnSignIn {
    /// The sign-in.
    pub id: SignInId,
    /// How sure we were of who it is.
    pub assurance: Assurance,
    /// Since when.
    pub started: Timestamp,
    /// Until when, if nobody ends it before.
    pub expires: Timestamp,
    /// The label of the passkey that it was made by, if by one.
    pub passkey: Option<Personal<String>>,
}

impl Db {
    /// Signs a person in after whoever calls has made sure of them; the token goes into the cookie.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn sign_in(&self, new: NewSignIn, now: Timestamp) -> Result<(SignInId, Token)> {
        retrying(|| async move {
            let mut tx = self.write(Actor::Person(new.person), now).await?;
            let organization = tx.organization_of(new.person).await?;
            let (id, token) = tx.insert_sign_in(&new).await?;
            let event = AuditEvent::new(Action::SignedIn).of(organization).about(new.person);
            tx.commit(event.on(Object::SignIn(id))).await?;
            Ok((id, token))
        })
        .await
    }

    /// Who sent this cookie; `None` when it is not good (any more).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn signed_in(&self, token: &Token, now: Timestamp) -> Result<Option<SignedIn>> {
        const SQL: &str = "SELECT g.id, g.person, g.assurance, g.started, g.expires, g.ended, n.organization, \
             n.kind, n.language, g.passkey, g.shared_for FROM sign_in g JOIN person n ON n.id = g.person WHERE g.token_hash = $1";
        type Row =
            (Uuid, Uuid, String, i64, i64, Option<i64>, Uuid, String, String, Option<Uuid>, Option<Uuid>);
        let token_hash = token.hash();
        let mut tx = self.glance(now).await?;
        let Some(found) = row!(tx, SQL, Row, token_hash.to_vec())? else { return Ok(None) };
        let (id, person, assurance, started, expires, ended, organization, kind, language, passkey, shared) =
            found;
        let sign_in = SignIn {
            id: SignInId::from_uuid(id),
            person: PersonId::from_uuid(person),
            assurance: decode(&assurance, "sign_in.assurance")?,
            token_hash,
            started: Timestamp::from_millis(started),
            expires: Timestamp::from_millis(expires),
            ended: ended.map(Timestamp::from_millis),
        };
        let scope = tx.scope_of(&sign_in).await?;
        tx.done().await?;
        Ok(sign_in.is_good(now).then_some(SignedIn {
            sign_in,
            organization: OrganizationId::from_uuid(organization),
            kind: decode(&kind, "person.kind")?,
            language: decode(&language, "person.language")?,
            scope,
            by_passkey: passkey.is_some(),
            is_shared: shared.is_some(),
        }))
    }

    /// Signs a browser out, at the person's wish or for safety; whether it was signed in. This cuts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn sign_out(&self, by: By, id: SignInId) -> Result<bool> {
        const SQL: &str = "UPDATE sign_in SET ended = $2 WHERE id = $1 AND ended IS NULL";
        const SQL_WHO: &str =
            "SELECT g.person, n.organization FROM sign_in g JOIN person n ON n.id = g.person WHERE g.id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let who = row!(tx, SQL_WHO, (Uuid, Uuid), id.uuid())?.ok_or(StoreError::NotFound)?;
            if change!(tx, SQL, id.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            tx.changed(Subject::SignIn(id));
            let event = AuditEvent::new(Action::SignedOut).of(OrganizationId::from_uuid(who.1));
            tx.commit(event.about(PersonId::from_uuid(who.0)).on(Object::SignIn(id))).await?;
            Ok(true)
        })
        .await
    }

    /// Where a person is signed in, the newest first; logged.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn sign_ins_of(&self, by: By, person: PersonId) -> Result<Vec<OwnSignIn>> {
        const SQL: &str = "SELECT g.id, g.assurance, g.started, g.expires, k.id, k.label, n.organization \
             FROM sign_in g JOIN person n ON n.id = g.person LEFT JOIN passkey k ON k.id = g.passkey \
             WHERE g.person = $1 AND g.ended IS NULL AND g.expires > $2 ORDER BY g.started DESC, g.id DESC";
        type Row = (Uuid, String, i64, i64, Option<Uuid>, Option<Vec<u8>>, Uuid);
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let mut sign_ins = Vec::new();
        for found in rows!(tx, SQL, Row, person.uuid(), by.now.as_millis())? {
            let (id, assurance, started, expires, passkey, label, organization) = found;
            let organization = OrganizationId::from_uuid(organization);
            let passkey = match passkey.zip(label) {
                Some((passkey, label)) => {
                    Some(tx.open(organization, Column::PASSKEY_LABEL, passkey.as_bytes(), &label).await?)
                }
                None => None,
            };
            tx.have_read(organization, person, Object::Person(person));
            sign_ins.push(OwnSignIn {
                id: SignInId::from_uuid(id),
                assurance: decode(&assurance, "sign_in.assurance")?,
                started: Timestamp::from_millis(started),
                expires: Timestamp::from_millis(expires),
                passkey,
            });
        }
        tx.answer(Unlogged(sign_ins)).await
    }

    /// Ends one of a person's sign-ins; whether it was standing. This cuts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there or not theirs.
    pub async fn end_sign_in(&self, by: By, person: PersonId, id: SignInId) -> Result<bool> {
        const SQL: &str = "SELECT person FROM sign_in WHERE id = $1";
        let mut tx = self.look(by.now).await?;
        let owner = row!(tx, SQL, (Uuid,), id.uuid())?;
        tx.done().await?;
        if owner != Some((person.uuid(),)) {
            return Err(StoreError::NotFound);
        }
        self.sign_out(by, id).await
    }

    /// Ends all of a person's sign-ins but one; how many. This cuts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such person.
    pub async fn end_other_sign_ins(&self, by: By, person: PersonId, kept: SignInId) -> Result<u32> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(person).await?;
            let ended = tx.end_sign_ins_of(organization, person, Some(kept)).await?;
            if let Some(last) = tx.take_last_event() {
                tx.commit(last).await?;
            }
            Ok(ended)
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The invitations that a browser may use; `None` for a full sign-in.
    pub(crate) async fn scope_of(&mut self, sign_in: &SignIn) -> Result<Option<Vec<InvitationId>>> {
        const SQL: &str =
            "SELECT invitation FROM sign_in_scope WHERE sign_in = $1 AND ended IS NULL ORDER BY invitation";
        if sign_in.assurance == Assurance::SignedIn {
            return Ok(None);
        }
        let found = rows!(self, SQL, (Uuid,), sign_in.id.uuid())?;
        Ok(Some(found.into_iter().map(|(id,)| InvitationId::from_uuid(id)).collect()))
    }

    /// The browser's sign-in, if it is good and this person's.
    pub(crate) async fn good_sign_in_of(
        &mut self,
        browser: Option<SignInId>,
        person: PersonId,
    ) -> Result<Option<SignInId>> {
        const SQL: &str = "SELECT id FROM sign_in WHERE id = $1 AND person = $2 AND ended IS NULL AND expires > $3 \
             AND shared_for IS NULL";
        let Some(browser) = browser else { return Ok(None) };
        let now = self.now().as_millis();
        let found = row!(self, SQL, (Uuid,), browser.uuid(), person.uuid(), now)?;
        Ok(found.map(|(id,)| SignInId::from_uuid(id)))
    }
}

impl Tx<'_, Write> {
    /// Ends all of a person's good sign-ins but `kept`, each with an audit event of its own; how many.
    pub(crate) async fn end_sign_ins_of(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        kept: Option<SignInId>,
    ) -> Result<u32> {
        const SQL: &str =
            "SELECT id FROM sign_in WHERE person = $1 AND ended IS NULL AND expires > $2 ORDER BY id";
        let now = self.now().as_millis();
        let mut ended = 0;
        for (id,) in rows!(self, SQL, (Uuid,), person.uuid(), now)? {
            let id = SignInId::from_uuid(id);
            if Some(id) != kept {
                self.end_sign_in_of(organization, person, id).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// Ends one sign-in, with an audit event of its own.
    pub(crate) async fn end_sign_in_of(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        id: SignInId,
    ) -> Result<()> {
        const SQL: &str = "UPDATE sign_in SET ended = $2 WHERE id = $1 AND ended IS NULL";
        let now = self.now().as_millis();
        if change!(self, SQL, id.uuid(), now)? > 0 {
            self.changed(Subject::SignIn(id));
            let event = AuditEvent::new(Action::SignedOut).of(organization).about(person);
            self.also(event.on(Object::SignIn(id)));
        }
        Ok(())
    }

    pub(crate) async fn insert_sign_in(&mut self, new: &NewSignIn) -> Result<(SignInId, Token)> {
        const SQL: &str = "INSERT INTO sign_in (id, person, assurance, token_hash, started, expires) \
             VALUES ($1, $2, $3, $4, $5, $6)";
        let now = self.now();
        let id = SignInId::from_parts(now, random_id_part()?);
        let token = Token::generate()?;
        let expires = now.plus(new.lifetime).as_millis();
        let (assurance, hash) = (new.assurance.code(), token.hash().to_vec());
        change!(self, SQL, id.uuid(), new.person.uuid(), assurance, hash, now.as_millis(), expires)?;
        Ok((id, token))
    }

    /// Lets a sign-in last at least until a moment.
    pub(crate) async fn prolong_sign_in(&mut self, id: SignInId, until: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE sign_in SET expires = $2 WHERE id = $1 AND expires < $2 AND assurance <> 'signed_in' \
             AND shared_for IS NULL";
        change!(self, SQL, id.uuid(), until.as_millis())?;
        Ok(())
    }

    /// Lets a browser use an invitation.
    pub(crate) async fn add_scope(&mut self, id: SignInId, invitation: InvitationId) -> Result<()> {
        const SQL: &str = "INSERT INTO sign_in_scope (sign_in, invitation) VALUES ($1, $2) \
             ON CONFLICT (sign_in, invitation) DO UPDATE SET ended = NULL";
        change!(self, SQL, id.uuid(), invitation.uuid())?;
        Ok(())
    }
}
