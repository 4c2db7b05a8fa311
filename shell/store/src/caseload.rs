//! Whose young people are whose, and who stands around them: a clinician sees and books her own (FHIR CareTeam).

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::protection::Protection;
use ids::{OrganizationId, PersonId, Role};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::{Name, NewPerson};
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// Young people that one clinician answers for, at most; a list that is longer is no list.
const PATIENTS_MAX: i64 = 200;

/// A young person on somebody's list.
#[derive(Debug, Clone)]
pub struct CaseloadEntry {
    /// Who.
    pub id: PersonId,
    /// The name.
    pub name: Name,
    /// How her address is graded.
    pub protection: Protection,
}

/// A young person with whom an hour can be booked.
#[derive(Debug, Clone)]
pub struct Patient {
    /// Who.
    pub id: PersonId,
    /// Whose register she is in.
    pub organization: OrganizationId,
    /// The name.
    pub name: Name,
    /// How her address is graded.
    pub protection: Protection,
    /// Who stands around her, in the order of their roles.
    pub related: Vec<Related>,
}

/// Somebody close to a young person.
#[derive(Debug, Clone)]
pub struct Related {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Name,
    /// In which role they come to a meeting.
    pub role: Role,
}

impl Db {
    /// The young people whom a clinician answers for, by given name; logged for each.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn caseload(&self, by: By, practitioner: PersonId) -> Result<Vec<CaseloadEntry>> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name, n.protection FROM care_team c \
             JOIN person n ON n.id = c.patient WHERE c.practitioner = $1 AND c.ended IS NULL \
             ORDER BY c.since, n.id LIMIT $2";
        type Row = (Uuid, Uuid, Vec<u8>, Vec<u8>, String);
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let mut patients = Vec::new();
        for (id, organization, given, family, protection) in
            rows!(tx, SQL, Row, practitioner.uuid(), PATIENTS_MAX)?
        {
            let (id, organization) = (PersonId::from_uuid(id), OrganizationId::from_uuid(organization));
            let name = tx.open_name(organization, id, &given, &family).await?;
            tx.have_read(organization, id, Object::Person(id));
            let protection = decode(&protection, "person.protection")?;
            patients.push(CaseloadEntry { id, name, protection });
        }
        patients.sort_by(|one, other| one.name.given.reveal().cmp(other.name.given.reveal()));
        tx.answer(Unlogged(patients)).await
    }

    /// One of the young people whom a clinician answers for, with those who stand around her; nobody else is read.
    /// Logged for each.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such young person, or the clinician does not answer for her.
    pub async fn own_patient(&self, by: By, practitioner: PersonId, id: PersonId) -> Result<Patient> {
        const SQL: &str = "SELECT organization, given_name, family_name FROM person WHERE id = $1";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        if !tx.is_in_care_team(id, practitioner).await? {
            return Err(StoreError::NotFound);
        }
        let found = row!(tx, SQL, (Uuid, Vec<u8>, Vec<u8>), id.uuid())?;
        let (organization, given, family) = found.ok_or(StoreError::NotFound)?;
        let organization = OrganizationId::from_uuid(organization);
        let name = tx.open_name(organization, id, &given, &family).await?;
        tx.have_read(organization, id, Object::Person(id));
        let (protection, related) = (tx.protection(id).await?, tx.related(id).await?);
        tx.answer(Unlogged(Patient { id, organization, name, protection, related })).await
    }

    /// Makes a clinician answer for a young person; whether that is new.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such young person.
    pub async fn join_care_team(&self, by: By, patient: PersonId, practitioner: PersonId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(patient).await?;
            if !tx.insert_care_team(patient, practitioner).await? {
                return Ok(false);
            }
            tx.commit_around(Action::CareTeamChanged, (organization, patient), practitioner).await?;
            Ok(true)
        })
        .await
    }

    /// Ends that a clinician answers for a young person; whether she did.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such young person.
    pub async fn leave_care_team(&self, by: By, patient: PersonId, practitioner: PersonId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(patient).await?;
            if !tx.end_care_team(patient, practitioner).await? {
                return Ok(false);
            }
            tx.commit_around(Action::CareTeamChanged, (organization, patient), practitioner).await?;
            Ok(true)
        })
        .await
    }

    /// Enters a young person with the clinician who answers for her.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn add_patient(&self, by: By, new: &NewPerson, practitioner: PersonId) -> Result<PersonId> {
        retrying(|| async move {
            let id = PersonId::from_parts(by.now, random_id_part()?);
            let mut tx = self.write(by.actor, by.now).await?;
            tx.insert_person(id, new).await?;
            tx.insert_care_team(id, practitioner).await?;
            let joined = AuditEvent::new(Action::CareTeamChanged).of(new.organization).about(id);
            tx.also(joined.on(Object::Person(practitioner)));
            let event = AuditEvent::new(Action::PersonAdded).of(new.organization).about(id);
            tx.commit(event.on(Object::Person(id))).await?;
            Ok(id)
        })
        .await
    }

    /// Notes that somebody stands close to a young person, and in which role; whether that is new.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such young person.
    pub async fn relate(&self, by: By, patient: PersonId, person: PersonId, role: Role) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(patient).await?;
            if !tx.insert_relation(patient, person, role).await? {
                return Ok(false);
            }
            tx.commit_around(Action::RelationChanged, (organization, patient), person).await?;
            Ok(true)
        })
        .await
    }
}

impl Tx<'_, Read> {
    async fn related(&mut self, patient: PersonId) -> Result<Vec<Related>> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name, r.role FROM relation r \
             JOIN person n ON n.id = r.person WHERE r.patient = $1 AND r.ended IS NULL ORDER BY r.since, n.id";
        type Row = (Uuid, Uuid, Vec<u8>, Vec<u8>, String);
        let mut related = Vec::new();
        for (id, organization, given, family, role) in rows!(self, SQL, Row, patient.uuid())? {
            let (person, organization) = (PersonId::from_uuid(id), OrganizationId::from_uuid(organization));
            let name = self.open_name(organization, person, &given, &family).await?;
            self.have_read(organization, person, Object::Person(person));
            related.push(Related { person, name, role: decode(&role, "relation.role")? });
        }
        related.sort_by_key(|one| one.role);
        Ok(related)
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whether a clinician answers for a young person.
    pub(crate) async fn is_in_care_team(
        &mut self,
        patient: PersonId,
        practitioner: PersonId,
    ) -> Result<bool> {
        const SQL: &str =
            "SELECT COUNT(*) FROM care_team WHERE patient = $1 AND practitioner = $2 AND ended IS NULL";
        let found = row!(self, SQL, (i64,), patient.uuid(), practitioner.uuid())?;
        Ok(found.ok_or(StoreError::NotFound)?.0 > 0)
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn insert_care_team(
        &mut self,
        patient: PersonId,
        practitioner: PersonId,
    ) -> Result<bool> {
        const SQL: &str = "INSERT INTO care_team (patient, practitioner, since) VALUES ($1, $2, $3) \
             ON CONFLICT (patient, practitioner, since) DO UPDATE SET ended = NULL";
        if self.is_in_care_team(patient, practitioner).await? {
            return Ok(false);
        }
        let now = self.now().as_millis();
        Ok(change!(self, SQL, patient.uuid(), practitioner.uuid(), now)? > 0)
    }

    pub(crate) async fn insert_relation(
        &mut self,
        patient: PersonId,
        person: PersonId,
        role: Role,
    ) -> Result<bool> {
        const SQL: &str = "INSERT INTO relation (patient, person, role, since) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (patient, person) WHERE ended IS NULL DO NOTHING";
        let now = self.now().as_millis();
        Ok(change!(self, SQL, patient.uuid(), person.uuid(), role.code(), now)? > 0)
    }
}
