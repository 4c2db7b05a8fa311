//! Who stands around a young person: entered or chosen, and no longer (FHIR RelatedPerson, PractitionerRole).

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::meeting::WithdrawnBy;
use domain::message::Contact;
use domain::people::Language;
use ids::{AppointmentId, InvitationId, OrganizationId, ParticipantId, PersonId, Role};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::person::{Name, NewPerson, PersonKind};
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// People that are offered to be chosen.
const OFFERED_MAX: i64 = 200;

/// The roles that somebody around a young person may have.
pub const AROUND: [Role; 5] =
    [Role::Guardian, Role::Support, Role::CareWorker, Role::Professional, Role::Interpreter];

/// Somebody who stands around a young person, as her care team reads it.
#[derive(Debug, Clone)]
pub struct RelatedEntry {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Name,
    /// In which role they come to a meeting.
    pub role: Role,
    /// Where they work, for those who come as professionals.
    pub works_at: Option<String>,
    /// Where messages reach them, for those of her own register.
    pub contact: Option<Contact>,
}

/// Somebody to enter around a young person.
#[derive(Debug, Clone)]
pub struct NewRelated {
    /// The id, drawn with the form, so that two presses enter one person.
    pub id: PersonId,
    /// Where they work; those close to her are in her own register.
    pub works_at: Option<OrganizationId>,
    /// The name.
    pub name: Name,
    /// The language of texts and pages.
    pub language: Language,
    /// Where messages reach them.
    pub contact: Contact,
}

/// Who is to stand around a young person.
#[derive(Debug, Clone)]
pub enum Whom {
    /// Somebody who is entered.
    Known(PersonId),
    /// Somebody new.
    New(NewRelated),
}

/// Somebody who may be chosen.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Name,
    /// Where they work; `None`: somebody close to another young person of the reader's own.
    pub works_at: Option<String>,
}

/// Whether somebody in this role works with young people, rather than being close to one.
const fn is_professional(role: Role) -> bool {
    matches!(role, Role::CareWorker | Role::Professional | Role::Interpreter)
}

impl Db {
    /// Lets somebody stand around a young person in a role; whether that is new.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts does not answer for her, or that person or place is not among those
    /// that may be chosen, or does not fit the role.
    pub async fn add_relation(&self, by: By, patient: PersonId, role: Role, whom: &Whom) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            let person = match whom {
                Whom::Known(person) => *person,
                Whom::New(new) => tx.enter_related(organization, role, new).await?,
            };
            if let Whom::Known(person) = whom {
                tx.may_choose(organization, *person, role).await?;
            }
            if !AROUND.contains(&role) || person == patient {
                return Err(StoreError::NotFound);
            }
            if !tx.insert_relation(patient, person, role).await? {
                return Ok(false);
            }
            tx.commit_around(Action::RelationChanged, (organization, patient), person).await?;
            Ok(true)
        })
        .await
    }

    /// Ends that somebody stands around a young person, and takes back their invitations to her hours that have not
    /// begun; whether they did stand there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts does not answer for her.
    pub async fn end_relation(&self, by: By, patient: PersonId, person: PersonId) -> Result<bool> {
        const SQL: &str =
            "UPDATE relation SET ended = $3 WHERE patient = $1 AND person = $2 AND ended IS NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            if change!(tx, SQL, patient.uuid(), person.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            tx.take_invitations_back(organization, patient, person).await?;
            tx.commit_around(Action::RelationChanged, (organization, patient), person).await?;
            Ok(true)
        })
        .await
    }

    /// Who may be chosen to stand around a young person of the reader's own: the professionals of the organisations
    /// that hers works with, and those close to other young people of the reader's; logged for each. People whose own
    /// address is graded are not offered.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn offered_around(&self, by: By, organization: OrganizationId) -> Result<Vec<Offered>> {
        const SQL: &str = "SELECT n.id, n.organization, n.kind, n.given_name, n.family_name, o.name FROM person n \
             JOIN organization o ON o.id = n.organization WHERE n.protection = 'open' AND \
             ((n.kind = 'practitioner' AND n.organization IN (SELECT p.partner FROM partner p WHERE p.organization = $1)) \
             OR (n.kind = 'related_person' AND n.id IN (SELECT r.person FROM relation r JOIN care_team c \
             ON c.patient = r.patient WHERE c.practitioner = $2 AND c.ended IS NULL AND r.ended IS NULL))) \
             ORDER BY o.name, n.created, n.id LIMIT $3";
        type Row = (Uuid, Uuid, String, Vec<u8>, Vec<u8>, String);
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let mut offered = Vec::new();
        for (id, register, kind, given, family, place) in
            rows!(tx, SQL, Row, organization.uuid(), who.uuid(), OFFERED_MAX)?
        {
            let (person, register) = (PersonId::from_uuid(id), OrganizationId::from_uuid(register));
            let name = tx.open_name(register, person, &given, &family).await?;
            tx.have_read(register, person, Object::Person(person));
            let works = decode::<PersonKind>(&kind, "person.kind")? == PersonKind::Practitioner;
            offered.push(Offered { person, name, works_at: works.then_some(place) });
        }
        tx.answer(Unlogged(offered)).await
    }
}

impl Tx<'_, Read> {
    /// Who stands around a young person, in the order of their roles.
    pub(crate) async fn related_entries(&mut self, patient: PersonId) -> Result<Vec<RelatedEntry>> {
        const SQL: &str = "SELECT n.id, n.organization, n.kind, n.given_name, n.family_name, r.role, o.name \
             FROM relation r JOIN person n ON n.id = r.person JOIN organization o ON o.id = n.organization \
             WHERE r.patient = $1 AND r.ended IS NULL ORDER BY r.since, n.id";
        type Row = (Uuid, Uuid, String, Vec<u8>, Vec<u8>, String, String);
        let hers = self.organization_of(patient).await?;
        let mut related = Vec::new();
        for (id, register, kind, given, family, role, place) in rows!(self, SQL, Row, patient.uuid())? {
            let (person, register) = (PersonId::from_uuid(id), OrganizationId::from_uuid(register));
            let name = self.open_name(register, person, &given, &family).await?;
            self.have_read(register, person, Object::Person(person));
            let works = decode::<PersonKind>(&kind, "person.kind")? == PersonKind::Practitioner;
            let contact = match register == hers && !works && self.shows_contact(person).await? {
                true => Some(self.contact(register, person).await?),
                false => None,
            };
            let (role, works_at) = (decode(&role, "relation.role")?, works.then_some(place));
            related.push(RelatedEntry { person, name, role, works_at, contact });
        }
        related.sort_by_key(|one| one.role);
        Ok(related)
    }
}

impl Tx<'_, Write> {
    /// Enters somebody who is to stand around a young person of this register; who.
    async fn enter_related(
        &mut self,
        organization: OrganizationId,
        role: Role,
        new: &NewRelated,
    ) -> Result<PersonId> {
        let (register, kind) = match (is_professional(role), new.works_at) {
            (true, Some(place)) if self.is_partner(organization, place).await? => {
                (place, PersonKind::Practitioner)
            }
            (false, None) => (organization, PersonKind::RelatedPerson),
            _ => return Err(StoreError::NotFound),
        };
        if self.is_entered(new.id).await? {
            // Pressed twice; whether it may be chosen is asked as for anybody else who is known.
            self.may_choose(organization, new.id, role).await?;
            return Ok(new.id);
        }
        let (name, language) = (new.name.clone(), new.language);
        let person = NewPerson { organization: register, kind, name, phone: None, language };
        self.insert_person(new.id, &person).await?;
        self.put_contact(new.id, &new.contact).await?;
        let event = AuditEvent::new(Action::PersonAdded).of(register).about(new.id);
        self.also(event.on(Object::Person(new.id)));
        Ok(new.id)
    }

    /// Makes sure that somebody is among those whom whoever acts may choose, and fits the role.
    async fn may_choose(&mut self, organization: OrganizationId, person: PersonId, role: Role) -> Result<()> {
        const SQL_WORKS: &str = "SELECT COUNT(*) FROM person n JOIN partner p ON p.partner = n.organization \
             WHERE n.id = $1 AND n.kind = 'practitioner' AND p.organization = $2";
        const SQL_CLOSE: &str = "SELECT COUNT(*) FROM person n JOIN relation r ON r.person = n.id \
             JOIN care_team c ON c.patient = r.patient WHERE n.id = $1 AND n.kind = 'related_person' \
             AND c.practitioner = $2 AND c.ended IS NULL AND r.ended IS NULL";
        let Actor::Person(who) = self.actor() else { return Err(StoreError::NotFound) };
        let found = match is_professional(role) {
            true => row!(self, SQL_WORKS, (i64,), person.uuid(), organization.uuid())?,
            false => row!(self, SQL_CLOSE, (i64,), person.uuid(), who.uuid())?,
        };
        found.filter(|(rows,)| *rows > 0).map(drop).ok_or(StoreError::NotFound)
    }

    /// Takes back somebody's invitations to the hours of a young person that have not begun.
    async fn take_invitations_back(
        &mut self,
        organization: OrganizationId,
        patient: PersonId,
        person: PersonId,
    ) -> Result<()> {
        const SQL: &str = "SELECT i.id, p.id, a.id FROM invitation i JOIN appointment a ON a.id = i.appointment \
             JOIN participant p ON p.invitation = i.id WHERE a.patient = $1 AND i.person = $2 \
             AND i.withdrawn_at IS NULL AND a.cancelled IS NULL AND a.starts > $3 ORDER BY a.starts, i.id";
        const SQL_BACK: &str = "UPDATE invitation SET withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1";
        let now = self.now().as_millis();
        let coming = rows!(self, SQL, (Uuid, Uuid, Uuid), patient.uuid(), person.uuid(), now)?;
        for (invitation, seat, appointment) in coming {
            change!(self, SQL_BACK, invitation, WithdrawnBy::Clinician.code(), now)?;
            self.changed(Subject::Participant(ParticipantId::from_uuid(seat)));
            self.changed(Subject::Appointment(AppointmentId::from_uuid(appointment)));
            let event = AuditEvent::new(Action::InvitationWithdrawn).of(organization).about(person);
            self.also(event.on(Object::Invitation(InvitationId::from_uuid(invitation))));
        }
        Ok(())
    }
}
