//! What an administrator does in one organisation: people who work there, their roles and access.
//!
//! Every step asks inside its own transaction whether whoever acts administers that organisation now; for others there
//! is no such organisation (SEC-071, SEC-028). No young person is ever read here.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::message::Contact;
use domain::people::Language;
use domain::staff::{NotChangeable, RoleChange, StaffRole};
use ids::{OrganizationId, PersonId, PractitionerRoleId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::{Name, NewPerson, PersonKind};
use crate::staff_link::IssuedStaffLink;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// People whom one page lists.
const STAFF_MAX: i64 = 500;

/// Somebody who works in an organisation.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Name,
    /// What they are there now.
    pub roles: Vec<StaffRole>,
    /// Whether they can sign in: how many passkeys they have.
    pub passkeys: u32,
}

/// Somebody who works in an organisation, in full.
#[derive(Debug, Clone)]
pub struct StaffEntry {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Name,
    /// The language of texts and pages.
    pub language: Language,
    /// Where messages reach them.
    pub contact: Contact,
    /// What they are there now.
    pub roles: Vec<StaffRole>,
    /// How many passkeys they have.
    pub passkeys: u32,
    /// In how many browsers they are signed in.
    pub sign_ins: u32,
    /// Until when a one-time link that was not used works.
    pub link_until: Option<Timestamp>,
    /// Whether they hold a role in another organisation as well; then only the operator makes links.
    pub works_elsewhere: bool,
    /// How many young people nobody else who treats answers for.
    pub alone_for: u32,
}

/// Somebody to enter who works in an organisation.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The id, drawn with the form, so that two presses enter one person.
    pub id: PersonId,
    /// The name.
    pub name: Name,
    /// The language of texts and pages.
    pub language: Language,
    /// Where messages reach them.
    pub contact: Contact,
}

impl Db {
    /// The people who work in an organisation, by given name; logged for each.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not administer it.
    pub async fn staff_of(&self, by: By, organization: OrganizationId) -> Result<Vec<Staff>> {
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        tx.administers(organization).await?;
        let staff = tx.practitioners_of(organization).await?;
        tx.answer(Unlogged(staff)).await
    }

    /// One of the people who work in an organisation; logged.
    ///
    /// # Errors
    /// As [`Db::staff_of`]; also when the person is in another register.
    pub async fn staff_member(
        &self,
        by: By,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<StaffEntry> {
        const SQL: &str = "SELECT n.given_name, n.family_name, n.language, \
             (SELECT COUNT(*) FROM passkey k WHERE k.person = n.id AND k.removed IS NULL), \
             (SELECT COUNT(*) FROM sign_in g WHERE g.person = n.id AND g.ended IS NULL AND g.expires > $2), \
             (SELECT MAX(l.expires) FROM staff_link l WHERE l.person = n.id AND l.used IS NULL \
              AND l.replaced IS NULL AND l.expires > $2) FROM person n WHERE n.id = $1";
        type Row = (Vec<u8>, Vec<u8>, String, i64, i64, Option<i64>);
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        tx.works_here(organization, person).await?;
        let found = row!(tx, SQL, Row, person.uuid(), by.now.as_millis())?.ok_or(StoreError::NotFound)?;
        let (given, family, language, passkeys, sign_ins, link_until) = found;
        let entry = StaffEntry {
            person,
            name: tx.open_name(organization, person, &given, &family).await?,
            language: decode(&language, "person.language")?,
            contact: tx.contact(organization, person).await?,
            roles: tx.roles_in(organization, person).await?,
            passkeys: u32::try_from(passkeys).unwrap_or(u32::MAX),
            sign_ins: u32::try_from(sign_ins).unwrap_or(u32::MAX),
            link_until: link_until.map(Timestamp::from_millis),
            works_elsewhere: tx.works_elsewhere(organization, person).await?,
            alone_for: u32::try_from(tx.alone_with(person).await?.len()).unwrap_or(u32::MAX),
        };
        tx.have_read(organization, person, Object::Person(person));
        tx.answer(Unlogged(entry)).await
    }

    /// Enters somebody who works in an organisation, with the first roles there, or in one that it works with. The same id
    /// again is the same press: it changes nothing, whatever has become of those roles since.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts does not administer it, or may not enter people in that register.
    pub async fn add_staff(
        &self,
        by: By,
        (organization, register): (OrganizationId, OrganizationId),
        new: &NewStaff,
        roles: &[StaffRole],
    ) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.may_enter(organization, register).await?;
            if tx.is_entered(new.id).await? {
                let theirs = tx.practitioner(new.id).await?;
                return if theirs == register { Ok(()) } else { Err(StoreError::NotFound) };
            }
            let (kind, name) = (PersonKind::Practitioner, new.name.clone());
            let person =
                NewPerson { organization: register, kind, name, phone: None, language: new.language };
            tx.insert_person(new.id, &person).await?;
            tx.put_contact(new.id, &new.contact).await?;
            tx.change_roles(register, new.id, roles).await?;
            let event = AuditEvent::new(Action::PersonAdded).of(register).about(new.id);
            tx.commit(event.on(Object::Person(new.id))).await
        })
        .await
    }

    /// Changes name, language and contact of somebody who works in an organisation, or in one that it works with.
    ///
    /// # Errors
    /// As [`Db::add_staff`]; also when the person is in another register.
    pub async fn change_staff(
        &self,
        by: By,
        organization: OrganizationId,
        register: OrganizationId,
        changed: &NewStaff,
    ) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.may_enter(organization, register).await?;
            if tx.practitioner(changed.id).await? != register {
                return Err(StoreError::NotFound);
            }
            tx.put_name(register, changed.id, &changed.name, changed.language).await?;
            tx.put_contact(changed.id, &changed.contact).await?;
            let event = |action| AuditEvent::new(action).of(register).about(changed.id);
            tx.also(event(Action::ContactChanged).on(Object::Person(changed.id)));
            tx.commit(event(Action::PersonChanged).on(Object::Person(changed.id))).await
        })
        .await
    }

    /// Gives and ends roles until somebody holds these and no others; whether that changed anything.
    ///
    /// # Errors
    /// [`NotChangeable::LastAdministrator`] (SEC-074); [`StoreError::NotFound`] as in [`Db::staff_member`].
    pub async fn set_roles(
        &self,
        by: By,
        organization: OrganizationId,
        person: PersonId,
        wanted: &[StaffRole],
    ) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.works_here(organization, person).await?;
            tx.change_roles(organization, person, wanted).await?;
            let Some(last) = tx.take_last_event() else { return Ok(false) };
            tx.commit(last).await?;
            Ok(true)
        })
        .await
    }

    /// Makes a one-time link for somebody who works in an organisation (SEC-041).
    ///
    /// # Errors
    /// [`NotChangeable::WorksElsewhere`] (SEC-075); [`StoreError::NotFound`] as in [`Db::staff_member`].
    pub async fn hand_out_staff_link(
        &self,
        by: By,
        (organization, person): (OrganizationId, PersonId),
        keeps_others: bool,
        lifetime: Duration,
    ) -> Result<IssuedStaffLink> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.works_here(organization, person).await?;
            if tx.works_elsewhere(organization, person).await? {
                return Err(NotChangeable::WorksElsewhere.into());
            }
            tx.commit_staff_link(organization, person, keeps_others, lifetime).await
        })
        .await
    }

    /// Signs somebody who works in an organisation out everywhere; how often they were signed in. This cuts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] as in [`Db::staff_member`].
    pub async fn sign_out_everywhere(
        &self,
        by: By,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<u32> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.works_here(organization, person).await?;
            let ended = tx.end_sign_ins_of(organization, person, None).await?;
            if let Some(last) = tx.take_last_event() {
                tx.commit(last).await?;
            }
            Ok(ended)
        })
        .await
    }

    /// Ends everything that somebody has in an organisation: passkeys, sign-ins, links and roles; whether there was
    /// anything. This cuts.
    ///
    /// # Errors
    /// [`NotChangeable::LastAdministrator`] (SEC-074); [`StoreError::NotFound`] as in [`Db::staff_member`].
    pub async fn dismiss(&self, by: By, organization: OrganizationId, person: PersonId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.works_here(organization, person).await?;
            tx.change_roles(organization, person, &[]).await?;
            tx.end_everything_of(organization, person).await?;
            let Some(last) = tx.take_last_event() else { return Ok(false) };
            tx.commit(last).await?;
            Ok(true)
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Makes sure that whoever acts administers an organisation now (SEC-071).
    pub(crate) async fn administers(&mut self, organization: OrganizationId) -> Result<()> {
        const SQL: &str = "SELECT COUNT(*) FROM practitioner_role WHERE person = $1 AND organization = $2 \
             AND role = 'administrator' AND ended IS NULL";
        let Actor::Person(who) = self.actor() else { return Err(StoreError::NotFound) };
        let found = row!(self, SQL, (i64,), who.uuid(), organization.uuid())?;
        found.filter(|(rows,)| *rows > 0).map(drop).ok_or(StoreError::NotFound)
    }

    /// Makes sure that whoever acts administers an organisation, and that somebody is a practitioner in its register.
    pub(crate) async fn works_here(&mut self, organization: OrganizationId, person: PersonId) -> Result<()> {
        self.administers(organization).await?;
        let register = self.practitioner(person).await?;
        if register == organization { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// What somebody is in an organisation now.
    async fn roles_in(&mut self, organization: OrganizationId, person: PersonId) -> Result<Vec<StaffRole>> {
        const SQL: &str = "SELECT role FROM practitioner_role WHERE person = $1 AND organization = $2 \
             AND ended IS NULL ORDER BY since, id";
        let found = rows!(self, SQL, (String,), person.uuid(), organization.uuid())?;
        let mut roles: Vec<StaffRole> =
            found.iter().map(|(word,)| decode(word, "practitioner_role.role")).collect::<Result<_>>()?;
        roles.sort_unstable();
        Ok(roles)
    }

    async fn works_elsewhere(&mut self, organization: OrganizationId, person: PersonId) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM practitioner_role WHERE person = $1 AND organization <> $2 \
             AND ended IS NULL";
        let found = row!(self, SQL, (i64,), person.uuid(), organization.uuid())?;
        Ok(found.is_some_and(|(roles,)| roles > 0))
    }
}

impl Tx<'_, Read> {
    /// The practitioners in a register, by given name, with the roles that they hold there.
    pub(crate) async fn practitioners_of(&mut self, register: OrganizationId) -> Result<Vec<Staff>> {
        const SQL: &str = "SELECT n.id, n.given_name, n.family_name, \
             (SELECT COUNT(*) FROM passkey k WHERE k.person = n.id AND k.removed IS NULL) FROM person n \
             WHERE n.organization = $1 AND n.kind = 'practitioner' ORDER BY n.created, n.id LIMIT $2";
        let mut staff = Vec::new();
        for (id, given, family, passkeys) in
            rows!(self, SQL, (Uuid, Vec<u8>, Vec<u8>, i64), register.uuid(), STAFF_MAX)?
        {
            let person = PersonId::from_uuid(id);
            let name = self.open_name(register, person, &given, &family).await?;
            self.have_read(register, person, Object::Person(person));
            let roles = self.roles_in(register, person).await?;
            staff.push(Staff { person, name, roles, passkeys: u32::try_from(passkeys).unwrap_or(u32::MAX) });
        }
        staff.sort_by(|one, other| one.name.given.reveal().cmp(other.name.given.reveal()));
        Ok(staff)
    }
}

impl Tx<'_, Write> {
    /// Makes sure that whoever acts may enter people in a register: the own one, or that of an organisation that one
    /// works with and that nobody administers itself.
    pub(crate) async fn may_enter(
        &mut self,
        organization: OrganizationId,
        register: OrganizationId,
    ) -> Result<()> {
        self.administers(organization).await?;
        if register == organization {
            return Ok(());
        }
        let theirs = self.administrators_but(register, None).await? > 0;
        if !theirs && self.is_partner(organization, register).await? {
            return Ok(());
        }
        Err(StoreError::NotFound)
    }

    /// How many administer an organisation, one person not counted.
    async fn administrators_but(
        &mut self,
        organization: OrganizationId,
        but: Option<PersonId>,
    ) -> Result<u32> {
        const SQL: &str = "SELECT person FROM practitioner_role WHERE organization = $1 \
             AND role = 'administrator' AND ended IS NULL";
        let found = rows!(self, SQL, (Uuid,), organization.uuid())?;
        let others = found.into_iter().filter(|(id,)| Some(PersonId::from_uuid(*id)) != but).count();
        Ok(u32::try_from(others).unwrap_or(u32::MAX))
    }

    /// Gives and ends roles, each with an audit event of its own.
    async fn change_roles(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        wanted: &[StaffRole],
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO practitioner_role (id, person, organization, role, since) \
             VALUES ($1, $2, $3, $4, $5)";
        const SQL_WHICH: &str = "SELECT id FROM practitioner_role WHERE person = $1 AND organization = $2 \
             AND role = $3 AND ended IS NULL";
        const SQL_END: &str = "UPDATE practitioner_role SET ended = $2 WHERE id = $1";
        let others = self.administrators_but(organization, Some(person)).await?;
        let held = self.roles_in(organization, person).await?;
        let change = RoleChange::between(&held, wanted, others)?;
        let now = self.now();
        let event = |action, id| {
            let event = AuditEvent::new(action).of(organization).about(person);
            event.on(Object::PractitionerRole(id))
        };
        for role in change.begins {
            let id = PractitionerRoleId::from_parts(now, random_id_part()?);
            let (who, place, since) = (person.uuid(), organization.uuid(), now.as_millis());
            change!(self, SQL, id.uuid(), who, place, role.code(), since)?;
            self.also(event(Action::RoleGranted, id));
        }
        for role in change.ends {
            let found = row!(self, SQL_WHICH, (Uuid,), person.uuid(), organization.uuid(), role.code())?;
            let (id,) = found.ok_or(StoreError::NotFound)?;
            change!(self, SQL_END, id, now.as_millis())?;
            self.also(event(Action::RoleEnded, PractitionerRoleId::from_uuid(id)));
        }
        Ok(())
    }
}
