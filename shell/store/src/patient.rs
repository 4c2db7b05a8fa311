//! A young person's entry: entered, read and changed by those who answer for her and by nobody else (SEC-070).
//!
//! Every step asks inside its own transaction whether whoever acts is in her care team now; others are told that there
//! is nobody (SEC-028).

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::message::Contact;
use domain::people::Language;
use domain::protection::Protection;
use ids::{OrganizationId, PersonId, Personal, TaskId};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::{Name, NewPerson, PersonKind};
use crate::relation::RelatedEntry;
use crate::sealed::Column;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// Open tasks that one page shows.
const TASKS_SHOWN_MAX: i64 = 50;

/// A young person to enter.
#[derive(Debug, Clone)]
pub struct NewPatient {
    /// Her id, drawn with the form, so that two presses enter one person.
    pub id: PersonId,
    /// The name.
    pub name: Name,
    /// The language of texts and pages.
    pub language: Language,
    /// Where messages reach her.
    pub contact: Contact,
    /// How her address is graded.
    pub protection: Protection,
}

/// A young person's entry, for one of those who answer for her.
#[derive(Debug, Clone)]
pub struct PatientEntry {
    /// Who.
    pub id: PersonId,
    /// Whose register she is in.
    pub organization: OrganizationId,
    /// The name.
    pub name: Name,
    /// The language of texts and pages.
    pub language: Language,
    /// Where messages reach her.
    pub contact: Contact,
    /// How her address is graded.
    pub protection: Protection,
    /// Whether she is a small child who comes with her parents.
    pub comes_with_parents: bool,
    /// Who stands around her, in the order of their roles.
    pub related: Vec<RelatedEntry>,
    /// Who answers for her, whoever reads included.
    pub team: Vec<(PersonId, Name)>,
    /// What was agreed and is not done.
    pub tasks: Vec<OpenTask>,
}

/// Something agreed that is not done.
#[derive(Debug, Clone)]
pub struct OpenTask {
    /// Its id.
    pub id: TaskId,
    /// Who will.
    pub owner: Name,
    /// What.
    pub description: Personal<String>,
    /// By which day, as 2026-11-22.
    pub due: Option<String>,
}

impl Db {
    /// An id for a person who is about to be entered.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new_person_id(&self, now: ids::Timestamp) -> Result<PersonId> {
        Ok(PersonId::from_parts(now, random_id_part()?))
    }

    /// Enters a young person in the register of the clinician who acts, and makes the clinician answer for her. The
    /// same id again is the same press.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts is no practitioner, or the id is somebody else's.
    pub async fn enter_patient(&self, by: By, new: &NewPatient) -> Result<()> {
        retrying(|| async move {
            let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.practitioner(who).await?;
            if tx.is_entered(new.id).await? {
                return tx.hers(new.id).await.map(drop);
            }
            let kind = PersonKind::Patient;
            let (name, language) = (new.name.clone(), new.language);
            tx.insert_person(new.id, &NewPerson { organization, kind, name, phone: None, language }).await?;
            tx.put_contact(new.id, &new.contact).await?;
            tx.insert_care_team(new.id, who).await?;
            let event = |action| AuditEvent::new(action).of(organization).about(new.id);
            tx.also(event(Action::CareTeamChanged).on(Object::Person(who)));
            if new.protection.is_graded() {
                tx.put_protection(new.id, new.protection).await?;
                tx.also(event(Action::ProtectionChanged).on(Object::Person(new.id)));
            }
            tx.commit(event(Action::PersonAdded).on(Object::Person(new.id))).await
        })
        .await
    }

    /// A young person's entry; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such young person, or whoever asks does not answer for her.
    pub async fn patient(&self, by: By, id: PersonId) -> Result<PatientEntry> {
        const SQL: &str = "SELECT language, given_name, family_name FROM person WHERE id = $1";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let organization = tx.hers(id).await?;
        let (language, given, family) =
            row!(tx, SQL, (String, Vec<u8>, Vec<u8>), id.uuid())?.ok_or(StoreError::NotFound)?;
        let name = tx.open_name(organization, id, &given, &family).await?;
        let language = decode(&language, "person.language")?;
        let contact = tx.contact(organization, id).await?;
        let protection = tx.protection(id).await?;
        let comes_with_parents = tx.comes_with_parents(id).await?;
        tx.have_read(organization, id, Object::Person(id));
        let related = tx.related_entries(id).await?;
        let team = tx.team(id).await?;
        let tasks = tx.open_tasks(id).await?;
        let entry = PatientEntry {
            id,
            organization,
            name,
            language,
            contact,
            protection,
            comes_with_parents,
            related,
            team,
            tasks,
        };
        tx.answer(Unlogged(entry)).await
    }

    /// Changes her name and the language of her texts.
    ///
    /// # Errors
    /// As [`Db::patient`].
    pub async fn change_patient(&self, by: By, id: PersonId, name: &Name, language: Language) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(id).await?;
            tx.put_name(organization, id, name, language).await?;
            let event = AuditEvent::new(Action::PersonChanged).of(organization).about(id);
            tx.commit(event.on(Object::Person(id))).await
        })
        .await
    }

    /// Enters where messages reach her, or somebody of her own register who stands close to her.
    ///
    /// # Errors
    /// As [`Db::patient`]; also when that person does not stand around her or is in another register.
    pub async fn set_contact_around(
        &self,
        by: By,
        patient: PersonId,
        person: PersonId,
        contact: &Contact,
    ) -> Result<()> {
        const SQL: &str = "SELECT COUNT(*) FROM relation r JOIN person n ON n.id = r.person \
             WHERE r.patient = $1 AND r.person = $2 AND r.ended IS NULL AND n.organization = $3";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            if person != patient {
                let found = row!(tx, SQL, (i64,), patient.uuid(), person.uuid(), organization.uuid())?;
                found.filter(|(rows,)| *rows > 0).ok_or(StoreError::NotFound)?;
            }
            tx.put_contact(person, contact).await?;
            let event = AuditEvent::new(Action::ContactChanged).of(organization).about(person);
            tx.commit(event.on(Object::Person(person))).await
        })
        .await
    }

    /// Enters how her address is graded; whether that is new.
    ///
    /// # Errors
    /// As [`Db::patient`].
    pub async fn set_protection(&self, by: By, id: PersonId, protection: Protection) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(id).await?;
            if tx.protection(id).await? == protection {
                return Ok(false);
            }
            tx.put_protection(id, protection).await?;
            if protection.is_graded() {
                tx.choose_no_link(id).await?;
            }
            let event = AuditEvent::new(Action::ProtectionChanged).of(organization).about(id);
            tx.commit(event.on(Object::Person(id))).await?;
            Ok(true)
        })
        .await
    }

    /// Marks something agreed in one of her hours as done; whether it was not before.
    ///
    /// # Errors
    /// As [`Db::patient`].
    pub async fn finish_task(&self, by: By, patient: PersonId, task: TaskId) -> Result<bool> {
        const SQL: &str = "UPDATE task SET done = $3 WHERE id = $1 AND done IS NULL \
             AND appointment IN (SELECT a.id FROM appointment a WHERE a.patient = $2)";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            if change!(tx, SQL, task.uuid(), patient.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            let event = AuditEvent::new(Action::TaskDone).of(organization).about(patient);
            tx.commit(event.on(Object::Task(task))).await?;
            Ok(true)
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The register of a young person whom whoever acts answers for now (SEC-070).
    pub(crate) async fn hers(&mut self, patient: PersonId) -> Result<OrganizationId> {
        let Actor::Person(who) = self.actor() else { return Err(StoreError::NotFound) };
        if !self.is_in_care_team(patient, who).await? {
            return Err(StoreError::NotFound);
        }
        self.organization_of(patient).await
    }

    /// Whether there is somebody with this id.
    pub(crate) async fn is_entered(&mut self, id: PersonId) -> Result<bool> {
        const SQL: &str = "SELECT id FROM person WHERE id = $1";
        Ok(row!(self, SQL, (Uuid,), id.uuid())?.is_some())
    }
}

impl Tx<'_, Read> {
    async fn team(&mut self, patient: PersonId) -> Result<Vec<(PersonId, Name)>> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name FROM care_team c \
             JOIN person n ON n.id = c.practitioner WHERE c.patient = $1 AND c.ended IS NULL ORDER BY c.since, n.id";
        let mut team = Vec::new();
        for (id, organization, given, family) in
            rows!(self, SQL, (Uuid, Uuid, Vec<u8>, Vec<u8>), patient.uuid())?
        {
            let (id, organization) = (PersonId::from_uuid(id), OrganizationId::from_uuid(organization));
            let name = self.open_name(organization, id, &given, &family).await?;
            self.have_read(organization, id, Object::Person(id));
            team.push((id, name));
        }
        Ok(team)
    }

    async fn open_tasks(&mut self, patient: PersonId) -> Result<Vec<OpenTask>> {
        const SQL: &str = "SELECT t.id, t.owner, n.organization, n.given_name, n.family_name, t.description, t.due, \
             a.organization FROM task t JOIN appointment a ON a.id = t.appointment \
             JOIN person n ON n.id = t.owner WHERE a.patient = $1 AND t.done IS NULL \
             ORDER BY t.created, t.id LIMIT $2";
        type Row = (Uuid, Uuid, Uuid, Vec<u8>, Vec<u8>, Vec<u8>, Option<String>, Uuid);
        let mut tasks = Vec::new();
        for (id, owner, register, given, family, sealed, due, answers) in
            rows!(self, SQL, Row, patient.uuid(), TASKS_SHOWN_MAX)?
        {
            let (id, person) = (TaskId::from_uuid(id), PersonId::from_uuid(owner));
            let register = OrganizationId::from_uuid(register);
            let owner = self.open_name(register, person, &given, &family).await?;
            self.have_read(register, person, Object::Task(id));
            let answers = OrganizationId::from_uuid(answers);
            let description = self.open(answers, Column::TASK, id.as_bytes(), &sealed).await?;
            tasks.push(OpenTask { id, owner, description, due });
        }
        Ok(tasks)
    }
}

impl Tx<'_, Write> {
    /// Enters name and language in the place of what was there.
    pub(crate) async fn put_name(
        &mut self,
        organization: OrganizationId,
        id: PersonId,
        name: &Name,
        language: Language,
    ) -> Result<()> {
        const SQL: &str = "UPDATE person SET given_name = $2, family_name = $3, language = $4 WHERE id = $1";
        let row = id.as_bytes();
        let given = name.given.reveal().as_bytes();
        let given = self.seal(organization, Column::GIVEN_NAME, row, given).await?;
        let family = name.family.reveal().as_bytes();
        let family = self.seal(organization, Column::FAMILY_NAME, row, family).await?;
        change!(self, SQL, id.uuid(), given, family, language.code())?;
        Ok(())
    }

    async fn put_protection(&mut self, id: PersonId, protection: Protection) -> Result<()> {
        const SQL: &str = "UPDATE person SET protection = $2 WHERE id = $1";
        change!(self, SQL, id.uuid(), protection.code())?;
        Ok(())
    }
}
