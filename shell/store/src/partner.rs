//! Organisations that one works with, and the people there; the own name; who came to which access (SEC-071).

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::message::Contact;
use domain::people::{Language, Organization, OrganizationKind};
use domain::staff::StaffRole;
use ids::{OrganizationId, PersonId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::office::Staff;
use crate::person::Name;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// Organisations that one page lists.
const PARTNERS_MAX: i64 = 300;

/// An organisation as its administrator sees it.
#[derive(Debug, Clone)]
pub struct Office {
    /// The organisation.
    pub organization: Organization,
    /// Who works there.
    pub staff: Vec<Staff>,
    /// Whom it works with, by name.
    pub partners: Vec<Partner>,
}

/// An organisation that one works with.
#[derive(Debug, Clone)]
pub struct Partner {
    /// The organisation.
    pub organization: Organization,
    /// How many people are entered there.
    pub people: u32,
}

/// An organisation that one works with, and its people.
#[derive(Debug, Clone)]
pub struct PartnerEntry {
    /// The organisation.
    pub organization: Organization,
    /// Who comes from there as a professional.
    pub people: Vec<PartnerPerson>,
    /// Whether somebody there administers it, so that it is theirs to change.
    pub administers_itself: bool,
}

/// Somebody who comes as a professional from an organisation that one works with.
#[derive(Debug, Clone)]
pub struct PartnerPerson {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Name,
    /// The language of texts and pages.
    pub language: Language,
    /// Where messages reach them; empty when their address is graded (SEC-072).
    pub contact: Contact,
}

/// One line of who came to which role and access.
#[derive(Debug, Clone)]
pub struct AccessLine {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// Who did it, when it was a person of the registers.
    pub by: Option<Name>,
    /// Whether it was the operator, at the command line.
    pub by_operator: bool,
    /// Whom it concerns.
    pub about: Option<Name>,
    /// The role that it is about.
    pub role: Option<StaffRole>,
}

impl Db {
    /// An organisation with those who work there and those it works with; logged for each person.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not administer it.
    pub async fn office(&self, by: By, id: OrganizationId) -> Result<Office> {
        const SQL: &str = "SELECT o.id, o.name, o.kind, (SELECT COUNT(*) FROM person n WHERE n.organization = o.id \
             AND n.kind = 'practitioner') FROM partner p JOIN organization o ON o.id = p.partner \
             WHERE p.organization = $1 ORDER BY o.name, o.id LIMIT $2";
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        tx.administers(id).await?;
        let organization = tx.organization(id).await?;
        let staff = tx.practitioners_of(id).await?;
        let mut partners = Vec::new();
        for (id, name, kind, people) in rows!(tx, SQL, (Uuid, String, String, i64), id.uuid(), PARTNERS_MAX)?
        {
            let kind = decode(&kind, "organization.kind")?;
            let organization = Organization { id: OrganizationId::from_uuid(id), name, kind };
            partners.push(Partner { organization, people: u32::try_from(people).unwrap_or(u32::MAX) });
        }
        tx.answer(Unlogged(Office { organization, staff, partners })).await
    }

    /// An organisation that one works with, and its people; logged for each.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not administer the first, or it does not work with the second.
    pub async fn partner(
        &self,
        by: By,
        organization: OrganizationId,
        partner: OrganizationId,
    ) -> Result<PartnerEntry> {
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        tx.administers(organization).await?;
        if !tx.is_partner(organization, partner).await? {
            return Err(StoreError::NotFound);
        }
        let administers_itself = tx.is_administered(partner).await?;
        let people = tx.people_from(partner).await?;
        let organization = tx.organization(partner).await?;
        tx.answer(Unlogged(PartnerEntry { organization, people, administers_itself })).await
    }

    /// Enters an organisation that one works with.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts does not administer the first.
    pub async fn add_partner(
        &self,
        by: By,
        organization: OrganizationId,
        name: &str,
        kind: OrganizationKind,
    ) -> Result<OrganizationId> {
        retrying(|| async move {
            let id = OrganizationId::from_parts(by.now, random_id_part()?);
            let mut tx = self.write(by.actor, by.now).await?;
            tx.administers(organization).await?;
            if let Some(entered) = tx.partner_named(organization, name).await? {
                return Ok(entered);
            }
            tx.insert_organization(&Organization { id, name: name.to_owned(), kind }).await?;
            tx.insert_partner(organization, id).await?;
            let event = |action| AuditEvent::new(action).of(organization).on(Object::Organization(id));
            tx.also(event(Action::OrganizationAdded));
            tx.commit(event(Action::OrganizationChanged)).await?;
            Ok(id)
        })
        .await
    }

    /// Changes name and kind of an organisation: the own one, or one that it works with and nobody administers itself.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts may not.
    pub async fn rename_organization(
        &self,
        by: By,
        organization: OrganizationId,
        changed: &Organization,
    ) -> Result<()> {
        const SQL: &str = "UPDATE organization SET name = $2, kind = $3 WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.may_enter(organization, changed.id).await?;
            change!(tx, SQL, changed.id.uuid(), changed.name.as_str(), changed.kind.code())?;
            let event = AuditEvent::new(Action::OrganizationChanged).of(organization);
            tx.commit(event.on(Object::Organization(changed.id))).await
        })
        .await
    }

    /// The partners of an organisation, by name; names of organisations only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn partners_of(&self, id: OrganizationId, now: Timestamp) -> Result<Vec<Organization>> {
        const SQL: &str = "SELECT o.id, o.name, o.kind FROM partner p JOIN organization o ON o.id = p.partner \
             WHERE p.organization = $1 ORDER BY o.name, o.id LIMIT $2";
        let mut tx = self.look(now).await?;
        let found = rows!(tx, SQL, (Uuid, String, String), id.uuid(), PARTNERS_MAX)?;
        tx.done().await?;
        let of = |(id, name, kind): (Uuid, String, String)| {
            let kind = decode(&kind, "organization.kind")?;
            Ok(Organization { id: OrganizationId::from_uuid(id), name, kind })
        };
        found.into_iter().map(of).collect()
    }

    /// The last entries about roles and access in an organisation, newest first; no word about a young person.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not administer it.
    pub async fn access_log(
        &self,
        by: By,
        organization: OrganizationId,
        lines_max: u32,
    ) -> Result<Vec<AccessLine>> {
        const SQL: &str = "SELECT e.at, e.actor_kind, e.actor_id, e.action, e.about, q.role FROM audit_event e \
             LEFT JOIN practitioner_role q ON q.id = e.object_id WHERE e.organization = $1 \
             AND e.action IN ('role_granted', 'role_ended', 'staff_link_issued', 'staff_link_used', 'staff_link_revoked', \
             'passkey_added', 'passkey_removed', 'organization_added', 'organization_changed', 'helplines_changed') \
             ORDER BY e.sequence DESC LIMIT $2";
        type Row = (i64, String, Option<Uuid>, String, Option<Uuid>, Option<String>);
        let mut tx = self.read(by.actor, Purpose::Review, by.now).await?;
        tx.administers(organization).await?;
        let mut lines = Vec::new();
        for (at, kind, actor, action, about, role) in
            rows!(tx, SQL, Row, organization.uuid(), i64::from(lines_max))?
        {
            let actor = actor.filter(|_| kind == "person").map(PersonId::from_uuid);
            let action =
                Action::from_name(&action).ok_or(StoreError::Damaged { column: "audit_event.action" })?;
            lines.push(AccessLine {
                at: Timestamp::from_millis(at),
                action,
                by: tx.staff_name(actor).await?,
                by_operator: kind == Actor::Operator.parts().0,
                about: tx.staff_name(about.map(PersonId::from_uuid)).await?,
                role: role.map(|word| decode(&word, "practitioner_role.role")).transpose()?,
            });
        }
        tx.answer(Unlogged(lines)).await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whether an organisation works with another.
    pub(crate) async fn is_partner(
        &mut self,
        organization: OrganizationId,
        other: OrganizationId,
    ) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM partner WHERE organization = $1 AND partner = $2";
        let found = row!(self, SQL, (i64,), organization.uuid(), other.uuid())?;
        Ok(found.is_some_and(|(rows,)| rows > 0))
    }

    async fn organization(&mut self, id: OrganizationId) -> Result<Organization> {
        const SQL: &str = "SELECT name, kind FROM organization WHERE id = $1";
        let (name, kind) = row!(self, SQL, (String, String), id.uuid())?.ok_or(StoreError::NotFound)?;
        Ok(Organization { id, name, kind: decode(&kind, "organization.kind")? })
    }

    async fn is_administered(&mut self, id: OrganizationId) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM practitioner_role WHERE organization = $1 \
             AND role = 'administrator' AND ended IS NULL";
        Ok(row!(self, SQL, (i64,), id.uuid())?.is_some_and(|(rows,)| rows > 0))
    }
}

impl Tx<'_, Read> {
    async fn people_from(&mut self, register: OrganizationId) -> Result<Vec<PartnerPerson>> {
        const SQL: &str = "SELECT id, given_name, family_name, language FROM person \
             WHERE organization = $1 AND kind = 'practitioner' ORDER BY created, id LIMIT $2";
        type Row = (Uuid, Vec<u8>, Vec<u8>, String);
        let mut people = Vec::new();
        for (id, given, family, language) in rows!(self, SQL, Row, register.uuid(), PARTNERS_MAX)? {
            let person = PersonId::from_uuid(id);
            let name = self.open_name(register, person, &given, &family).await?;
            self.have_read(register, person, Object::Person(person));
            let contact = match self.shows_contact(person).await? {
                true => self.contact(register, person).await?,
                false => Contact::default(),
            };
            let language = decode(&language, "person.language")?;
            people.push(PartnerPerson { person, name, language, contact });
        }
        people.sort_by(|one, other| one.name.given.reveal().cmp(other.name.given.reveal()));
        Ok(people)
    }

    /// The name of a member of staff; nobody else's is opened here.
    async fn staff_name(&mut self, id: Option<PersonId>) -> Result<Option<Name>> {
        const SQL: &str = "SELECT organization, given_name, family_name FROM person \
             WHERE id = $1 AND kind = 'practitioner'";
        let Some(id) = id else { return Ok(None) };
        let Some((register, given, family)) = row!(self, SQL, (Uuid, Vec<u8>, Vec<u8>), id.uuid())? else {
            return Ok(None);
        };
        let register = OrganizationId::from_uuid(register);
        let name = self.open_name(register, id, &given, &family).await?;
        self.have_read(register, id, Object::Person(id));
        Ok(Some(name))
    }
}

impl Tx<'_, Write> {
    /// Notes that an organisation works with another.
    pub(crate) async fn insert_partner(
        &mut self,
        organization: OrganizationId,
        other: OrganizationId,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO partner (organization, partner, since) VALUES ($1, $2, $3) \
             ON CONFLICT (organization, partner) DO NOTHING";
        let now = self.now().as_millis();
        change!(self, SQL, organization.uuid(), other.uuid(), now)?;
        Ok(())
    }

    /// A partner of this very name: the same form pressed twice enters one.
    async fn partner_named(
        &mut self,
        organization: OrganizationId,
        name: &str,
    ) -> Result<Option<OrganizationId>> {
        const SQL: &str = "SELECT o.id FROM partner p JOIN organization o ON o.id = p.partner \
             WHERE p.organization = $1 AND o.name = $2 ORDER BY o.id LIMIT 1";
        let found = row!(self, SQL, (Uuid,), organization.uuid(), name)?;
        Ok(found.map(|(id,)| OrganizationId::from_uuid(id)))
    }
}
