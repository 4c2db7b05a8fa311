//! Who answers for a young person: shared with a colleague, handed to one, left; never with nobody (SEC-077).

use domain::audit::{Action, Actor, AuditEvent, Object};
use domain::staff::NotChangeable;
use ids::{OrganizationId, PersonId};
use sqlx::types::Uuid;

use crate::By;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Write, change, row, rows};

impl Db {
    /// Makes a colleague answer for a young person as well; whether that is new.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts does not answer for her, or there is no such colleague who treats.
    pub async fn share_patient(&self, by: By, patient: PersonId, with: PersonId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            if !tx.join(organization, patient, with).await? {
                return Ok(false);
            }
            tx.commit_around(Action::CareTeamChanged, (organization, patient), with).await?;
            Ok(true)
        })
        .await
    }

    /// Hands a young person to a colleague: the colleague answers for her, and whoever acts no longer does.
    ///
    /// # Errors
    /// As [`Db::share_patient`]; handing her to oneself is [`NotChangeable::NobodyLeft`].
    pub async fn hand_patient(&self, by: By, patient: PersonId, to: PersonId) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            if by.actor == Actor::Person(to) {
                return Err(NotChangeable::NobodyLeft.into());
            }
            let changed = |who| {
                let event = AuditEvent::new(Action::CareTeamChanged).of(organization).about(patient);
                event.on(Object::Person(who))
            };
            if tx.join(organization, patient, to).await? {
                tx.also(changed(to));
            }
            let who = tx.depart(patient).await?;
            tx.commit(changed(who)).await
        })
        .await
    }

    /// Ends that whoever acts answers for a young person.
    ///
    /// # Errors
    /// [`NotChangeable::NobodyLeft`] when no colleague who treats would be left; [`StoreError::NotFound`].
    pub async fn leave_patient(&self, by: By, patient: PersonId) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            let who = tx.depart(patient).await?;
            tx.commit_around(Action::CareTeamChanged, (organization, patient), who).await
        })
        .await
    }
}

impl Db {
    /// Gives the young people whom nobody but `from` answers for to a colleague who treats; how many. No name is read:
    /// whoever acts administers, and does not see the list.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever acts does not administer the organisation, or there is no such colleague.
    pub async fn give_list(
        &self,
        by: By,
        organization: OrganizationId,
        (from, to): (PersonId, PersonId),
    ) -> Result<u32> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.works_here(organization, from).await?;
            if from == to || !tx.treats(to, organization).await? {
                return Err(StoreError::NotFound);
            }
            let stays = tx.treats(from, organization).await?;
            let mut given = 0;
            for patient in tx.alone_with(from).await? {
                if tx.insert_care_team(patient, to).await? {
                    let event = AuditEvent::new(Action::CareTeamChanged).of(organization).about(patient);
                    tx.also(event.on(Object::Person(to)));
                    given += 1;
                }
                if !stays {
                    tx.end_care_team(patient, from).await?;
                    let event = AuditEvent::new(Action::CareTeamChanged).of(organization).about(patient);
                    tx.also(event.on(Object::Person(from)));
                }
            }
            if let Some(last) = tx.take_last_event() {
                tx.commit(last).await?;
            }
            Ok(given)
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The young people whom nobody else who treats answers for.
    pub(crate) async fn alone_with(&mut self, person: PersonId) -> Result<Vec<PersonId>> {
        const SQL: &str = "SELECT c.patient FROM care_team c WHERE c.practitioner = $1 AND c.ended IS NULL \
             AND NOT EXISTS (SELECT 1 FROM care_team d JOIN person n ON n.id = d.practitioner \
             JOIN practitioner_role q ON q.person = d.practitioner AND q.organization = n.organization \
             WHERE d.patient = c.patient AND d.practitioner <> c.practitioner AND d.ended IS NULL \
             AND q.ended IS NULL AND q.role IN ('clinician', 'leader')) ORDER BY c.since, c.patient";
        let found = rows!(self, SQL, (Uuid,), person.uuid())?;
        Ok(found.into_iter().map(|(id,)| PersonId::from_uuid(id)).collect())
    }

    /// Whether somebody treats or leads in an organisation now.
    pub(crate) async fn treats(&mut self, person: PersonId, organization: OrganizationId) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM practitioner_role q JOIN person n ON n.id = q.person \
             WHERE q.person = $1 AND q.organization = $2 AND n.organization = $2 AND q.ended IS NULL \
             AND q.role IN ('clinician', 'leader')";
        let found = row!(self, SQL, (i64,), person.uuid(), organization.uuid())?;
        Ok(found.is_some_and(|(roles,)| roles > 0))
    }
}

impl Tx<'_, Write> {
    async fn join(
        &mut self,
        organization: OrganizationId,
        patient: PersonId,
        colleague: PersonId,
    ) -> Result<bool> {
        if !self.treats(colleague, organization).await? {
            return Err(StoreError::NotFound);
        }
        self.insert_care_team(patient, colleague).await
    }

    /// Takes whoever acts out of the care team, if a colleague who treats stays in it; who that was.
    async fn depart(&mut self, patient: PersonId) -> Result<PersonId> {
        const SQL: &str = "SELECT COUNT(*) FROM care_team c JOIN person n ON n.id = c.practitioner \
             JOIN practitioner_role q ON q.person = c.practitioner AND q.organization = n.organization \
             WHERE c.patient = $1 AND c.practitioner <> $2 AND c.ended IS NULL AND q.ended IS NULL \
             AND q.role IN ('clinician', 'leader')";
        let Actor::Person(who) = self.actor() else { return Err(StoreError::NotFound) };
        let left = row!(self, SQL, (i64,), patient.uuid(), who.uuid())?;
        if left.is_none_or(|(others,)| others == 0) {
            return Err(NotChangeable::NobodyLeft.into());
        }
        self.end_care_team(patient, who).await?;
        Ok(who)
    }

    /// Ends that somebody answers for a young person; whether they did.
    pub(crate) async fn end_care_team(&mut self, patient: PersonId, practitioner: PersonId) -> Result<bool> {
        const SQL: &str =
            "UPDATE care_team SET ended = $3 WHERE patient = $1 AND practitioner = $2 AND ended IS NULL";
        let now = self.now().as_millis();
        Ok(change!(self, SQL, patient.uuid(), practitioner.uuid(), now)? > 0)
    }

    /// Commits a change of who stands by a young person; the log has it under her.
    pub(crate) async fn commit_around(
        self,
        action: Action,
        (organization, patient): (OrganizationId, PersonId),
        who: PersonId,
    ) -> Result<()> {
        let event = AuditEvent::new(action).of(organization).about(patient);
        self.commit(event.on(Object::Person(who))).await
    }
}
