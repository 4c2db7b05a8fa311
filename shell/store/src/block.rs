//! The block list of an appointment: who must not come in, for safety. It cuts at once.

use domain::audit::{Action, Actor, AuditEvent, Object};
use domain::meeting::Block;
use ids::{AppointmentId, OrganizationId, ParticipantId, PersonId, Personal};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Write, change, row};

impl Db {
    /// Blocks a person from an appointment, with the reason in words, which is sealed; whether it was not so before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such appointment, or when nobody decides (an actor without a person).
    pub async fn block(
        &self,
        by: By,
        appointment: AppointmentId,
        person: PersonId,
        why: &Personal<String>,
    ) -> Result<bool> {
        const SQL: &str = "INSERT INTO block (appointment, person, decided_by, since) \
             VALUES ($1, $2, $3, $4) \
             ON CONFLICT (appointment, person) WHERE lifted IS NULL DO NOTHING";
        let Actor::Person(decided_by) = by.actor else { return Err(StoreError::NotFound) };
        let block = Block { appointment, person, decided_by, since: by.now };
        retrying(|| {
            let block = block.clone();
            async move {
                let mut tx = self.write(by.actor, by.now).await?;
                let (found, _) = tx.appointment(appointment).await?;
                let (decided_by, since) = (block.decided_by.uuid(), block.since.as_millis());
                if change!(tx, SQL, block.appointment.uuid(), block.person.uuid(), decided_by, since)? == 0 {
                    return Ok(false);
                }
                tx.commit_block(Action::Blocked, &block, found.organization, Some(why.clone())).await?;
                Ok(true)
            }
        })
        .await
    }

    /// Lifts a block; whether there was one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such appointment, or when nobody decides.
    pub async fn unblock(&self, by: By, appointment: AppointmentId, person: PersonId) -> Result<bool> {
        const SQL: &str =
            "UPDATE block SET lifted = $3 WHERE appointment = $1 AND person = $2 AND lifted IS NULL";
        let Actor::Person(decided_by) = by.actor else { return Err(StoreError::NotFound) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (found, _) = tx.appointment(appointment).await?;
            if change!(tx, SQL, appointment.uuid(), person.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            let block = Block { appointment, person, decided_by, since: by.now };
            tx.commit_block(Action::Unblocked, &block, found.organization, None).await?;
            Ok(true)
        })
        .await
    }
}

impl Tx<'_, Write> {
    async fn commit_block(
        mut self,
        what: Action,
        block: &Block,
        organization: OrganizationId,
        why: Option<Personal<String>>,
    ) -> Result<()> {
        const SQL: &str = "SELECT p.id FROM participant p JOIN invitation i ON i.id = p.invitation \
             WHERE i.appointment = $1 AND i.person = $2";
        let seat = row!(self, SQL, (Uuid,), block.appointment.uuid(), block.person.uuid())?;
        if let Some((seat,)) = seat {
            self.changed(Subject::Participant(ParticipantId::from_uuid(seat)));
        }
        self.changed(Subject::Appointment(block.appointment));
        let event = AuditEvent::new(what).of(organization).about(block.person);
        let event = event.on(Object::Appointment(block.appointment));
        self.commit(match why {
            Some(why) => event.details(why),
            None => event,
        })
        .await
    }
}
