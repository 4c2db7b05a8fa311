//! One-time staff links: how a member of staff gets a first passkey, or a new one for a lost one (SEC-041).
//!
//! The operator makes one; looking at it writes nothing but the log of the reading; only a finished registration
//! uses it up. Unless it was made to keep them, older passkeys and sign-ins end in the same step: whoever lost a
//! device is safe from it as soon as the new one works.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::people::Language;
use domain::staff::{StaffLink, StaffLinkRefused};
use ids::{Assurance, OrganizationId, PasskeyId, PersonId, Personal, SignInId, StaffLinkId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::decode;
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::passkey::NewPasskey;
use crate::person::PersonKind;
use crate::sign_in::NewSignIn;
use crate::token::Token;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// A new staff link with its token, which is shown once and stored as a hash only.
#[derive(Debug)]
pub struct IssuedStaffLink {
    /// The link.
    pub link: StaffLink,
    /// What goes into the address.
    pub token: Token,
}

/// What somebody who opened a staff link may see.
#[derive(Debug, Clone)]
pub struct SeenStaffLink {
    /// The link.
    pub link: StaffLink,
    /// The initials of whom it is for: enough to see that it is one's own, no more.
    pub initials: Personal<String>,
    /// That person's language.
    pub language: Language,
    /// How many passkeys that person has now.
    pub passkeys: u32,
}

/// A finished registration by a staff link.
#[derive(Debug)]
pub struct StaffLinkUsed {
    /// The new passkey.
    pub passkey: PasskeyId,
    /// Who is signed in by it.
    pub person: PersonId,
    /// The sign-in.
    pub sign_in: SignInId,
    /// The cookie's token.
    pub cookie: Token,
}

/// How a staff link is used.
#[derive(Debug, Clone)]
pub struct UseStaffLink {
    /// The passkey that was made.
    pub passkey: NewPasskey,
    /// How long pages are answered on the ground of the sign-in.
    pub lifetime: Duration,
}

impl Db {
    /// Makes a one-time link for a member of staff; in the same step every older one of that person stops working.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such person or it is no practitioner.
    pub async fn issue_staff_link(
        &self,
        by: By,
        person: PersonId,
        keeps_others: bool,
        lifetime: Duration,
    ) -> Result<IssuedStaffLink> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.practitioner(person).await?;
            tx.commit_staff_link(organization, person, keeps_others, lifetime).await
        })
        .await
    }

    /// Takes a member of staff's access away at once: passkeys, sign-ins and the links that would make new ones;
    /// whether there was anything to take. This cuts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such person or it is no practitioner.
    pub async fn end_access(&self, by: By, person: PersonId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.practitioner(person).await?;
            tx.end_everything_of(organization, person).await?;
            let Some(last) = tx.take_last_event() else { return Ok(false) };
            tx.commit(last).await?;
            Ok(true)
        })
        .await
    }

    /// What the page behind a staff link shows. Consumes nothing; `None` when there is no such link.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn see_staff_link(&self, token: &Token, now: Timestamp) -> Result<Option<SeenStaffLink>> {
        let mut look = self.look(now).await?;
        let found = look.staff_link(token).await?;
        look.done().await?;
        let Some(link) = found else { return Ok(None) };
        let mut tx = self.read(Actor::StaffLink(link.id), Purpose::Own, now).await?;
        let seen = tx.seen_staff_link(link).await?;
        tx.answer(Unlogged(Some(seen))).await
    }

    /// Ends a registration by a staff link: the passkey is added, the person signed in by it, the link used up, and
    /// unless the link keeps them, older passkeys and sign-ins end. `Ok(Err(Used))` also when that key is known.
    ///
    /// # Errors
    /// When nothing was written; a link that does not work is an answer.
    pub async fn use_staff_link(
        &self,
        token: &Token,
        using: &UseStaffLink,
        now: Timestamp,
    ) -> Result<core::result::Result<StaffLinkUsed, StaffLinkRefused>> {
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let Some(link) = tx.staff_link(token).await? else { return Ok(Err(StaffLinkRefused::Unknown)) };
            if let Err(refused) = link.check(now) {
                return Ok(Err(refused));
            }
            tx.act_as(Actor::StaffLink(link.id));
            tx.use_up(&link, using).await
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The organisation of a person who works in one.
    pub(crate) async fn practitioner(&mut self, person: PersonId) -> Result<OrganizationId> {
        const SQL: &str = "SELECT organization, kind FROM person WHERE id = $1";
        let (organization, kind) =
            row!(self, SQL, (Uuid, String), person.uuid())?.ok_or(StoreError::NotFound)?;
        match decode(&kind, "person.kind")? {
            PersonKind::Practitioner => Ok(OrganizationId::from_uuid(organization)),
            PersonKind::Patient | PersonKind::RelatedPerson => Err(StoreError::NotFound),
        }
    }

    async fn staff_link(&mut self, token: &Token) -> Result<Option<StaffLink>> {
        const SQL: &str = "SELECT id, person, keeps_others, created, expires, used, replaced FROM staff_link \
             WHERE token_hash = $1";
        type Row = (Uuid, Uuid, i64, i64, i64, Option<i64>, Option<i64>);
        let token_hash = token.hash();
        let found = row!(self, SQL, Row, token_hash.to_vec())?;
        Ok(found.map(|(id, person, keeps_others, created, expires, used, replaced)| StaffLink {
            id: StaffLinkId::from_uuid(id),
            person: PersonId::from_uuid(person),
            token_hash,
            keeps_others: keeps_others != 0,
            created: Timestamp::from_millis(created),
            expires: Timestamp::from_millis(expires),
            used: used.map(Timestamp::from_millis),
            replaced: replaced.map(Timestamp::from_millis),
        }))
    }
}

impl Tx<'_, Read> {
    async fn seen_staff_link(&mut self, link: StaffLink) -> Result<SeenStaffLink> {
        const SQL: &str = "SELECT organization, given_name, family_name, language, \
             (SELECT COUNT(*) FROM passkey k WHERE k.person = person.id AND k.removed IS NULL) \
             FROM person WHERE id = $1";
        type Row = (Uuid, Vec<u8>, Vec<u8>, String, i64);
        let found = row!(self, SQL, Row, link.person.uuid())?.ok_or(StoreError::NotFound)?;
        let (organization, given, family, language, passkeys) = found;
        let organization = OrganizationId::from_uuid(organization);
        let name = self.open_name(organization, link.person, &given, &family).await?;
        self.have_read(organization, link.person, Object::StaffLink(link.id));
        Ok(SeenStaffLink {
            initials: name.initials(),
            language: decode(&language, "person.language")?,
            passkeys: u32::try_from(passkeys).unwrap_or(u32::MAX),
            link,
        })
    }
}

impl Tx<'_, Write> {
    async fn use_up(
        mut self,
        link: &StaffLink,
        using: &UseStaffLink,
    ) -> Result<core::result::Result<StaffLinkUsed, StaffLinkRefused>> {
        const SQL: &str = "UPDATE staff_link SET used = $2 WHERE id = $1 AND used IS NULL";
        const SQL_BY: &str = "UPDATE sign_in SET passkey = $2 WHERE id = $1";
        let (person, now) = (link.person, self.now().as_millis());
        let organization = self.practitioner(person).await?;
        if !link.keeps_others {
            self.end_all_of(organization, person).await?;
        }
        let Some(passkey) = self.insert_passkey(organization, person, &using.passkey).await? else {
            return Ok(Err(StaffLinkRefused::Used));
        };
        change!(self, SQL, link.id.uuid(), now)?;
        let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime: using.lifetime };
        let (sign_in, cookie) = self.insert_sign_in(&new).await?;
        change!(self, SQL_BY, sign_in.uuid(), passkey.uuid())?;
        let event = |action| AuditEvent::new(action).of(organization).about(person);
        self.also(event(Action::PasskeyAdded).on(Object::Passkey(passkey)));
        self.also(event(Action::SignedIn).on(Object::SignIn(sign_in)));
        self.commit(event(Action::StaffLinkUsed).on(Object::StaffLink(link.id))).await?;
        Ok(Ok(StaffLinkUsed { passkey, person, sign_in, cookie }))
    }

    /// Makes a link in the place of every older one, and commits it.
    pub(crate) async fn commit_staff_link(
        mut self,
        organization: OrganizationId,
        person: PersonId,
        keeps_others: bool,
        lifetime: Duration,
    ) -> Result<IssuedStaffLink> {
        const SQL: &str = "INSERT INTO staff_link (id, person, token_hash, keeps_others, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6)";
        let (token, now) = (Token::generate()?, self.now());
        let link = StaffLink {
            id: StaffLinkId::from_parts(now, random_id_part()?),
            person,
            token_hash: token.hash(),
            keeps_others,
            created: now,
            expires: now.plus(lifetime),
            used: None,
            replaced: None,
        };
        let (created, expires) = (link.created.as_millis(), link.expires.as_millis());
        self.replace_staff_links(person).await?;
        let (hash, keeps) = (link.token_hash.to_vec(), i64::from(keeps_others));
        change!(self, SQL, link.id.uuid(), person.uuid(), hash, keeps, created, expires)?;
        let event = AuditEvent::new(Action::StaffLinkIssued).of(organization).about(person);
        self.commit(event.on(Object::StaffLink(link.id))).await?;
        Ok(IssuedStaffLink { link, token })
    }

    /// Ends passkeys, sign-ins and links of a person, each with an audit event of its own.
    pub(crate) async fn end_everything_of(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<()> {
        const SQL: &str = "SELECT id FROM staff_link WHERE person = $1 AND used IS NULL AND replaced IS NULL";
        let links = rows!(self, SQL, (Uuid,), person.uuid())?;
        self.replace_staff_links(person).await?;
        for (id,) in links {
            let event = AuditEvent::new(Action::StaffLinkRevoked).of(organization).about(person);
            self.also(event.on(Object::StaffLink(StaffLinkId::from_uuid(id))));
        }
        self.end_all_of(organization, person).await
    }

    /// Takes away every link of a person that still works.
    async fn replace_staff_links(&mut self, person: PersonId) -> Result<()> {
        const SQL: &str =
            "UPDATE staff_link SET replaced = $2 WHERE person = $1 AND used IS NULL AND replaced IS NULL";
        let now = self.now().as_millis();
        change!(self, SQL, person.uuid(), now)?;
        Ok(())
    }

    /// Ends every passkey and every sign-in of a person.
    async fn end_all_of(&mut self, organization: OrganizationId, person: PersonId) -> Result<()> {
        const SQL: &str = "SELECT id FROM passkey WHERE person = $1 AND removed IS NULL ORDER BY id";
        for (id,) in rows!(self, SQL, (Uuid,), person.uuid())? {
            let id = PasskeyId::from_uuid(id);
            self.end_passkey(person, id).await?;
            let event = AuditEvent::new(Action::PasskeyRemoved).of(organization).about(person);
            self.also(event.on(Object::Passkey(id)));
        }
        self.end_sign_ins_of(organization, person, None).await?;
        Ok(())
    }
}
