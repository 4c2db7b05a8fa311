//! What a clinician did when it was urgent, and when (CARE-14, SEC-099).
//!
//! A page tells each step until it is heard: the same step again is one step, and one that was taken back before it ever
//! arrived is kept as that. Only a host of the hour writes and reads.

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::crisis::{CrisisStep, STEPS_MAX, Told, takes};
use domain::meeting::Window;
use ids::{AppointmentId, CrisisStepId, OrganizationId, PersonId, Role, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::appointment::window;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

/// A step as its page tells it.
#[derive(Debug, Clone, Copy)]
pub struct NewCrisisStep {
    /// The id that the page drew.
    pub id: CrisisStepId,
    /// What was done.
    pub step: CrisisStep,
    /// When, by the page's clock.
    pub told: Told,
    /// Whether it was taken back.
    pub undone: bool,
}

/// A step that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotedStep {
    /// Its id.
    pub id: CrisisStepId,
    /// What was done.
    pub step: CrisisStep,
    /// Who did and noted it.
    pub by: PersonId,
    /// When it was done.
    pub done: Timestamp,
    /// When it was heard of.
    pub noted: Timestamp,
}

/// What became of a step that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noting {
    /// It stands, or stands as taken back.
    Stands,
    /// The hour takes no steps any more, or has too many; telling it again changes nothing.
    Refused,
}

/// An hour for one of its hosts.
pub(crate) struct Hosted {
    pub(crate) appointment: AppointmentId,
    organization: OrganizationId,
    pub(crate) patient: Option<PersonId>,
    pub(crate) window: Window,
}

impl Hosted {
    fn event(&self, action: Action, step: CrisisStepId) -> AuditEvent {
        self.event_on(action, Object::CrisisStep(step))
    }

    /// What one of its hosts did in it.
    pub(crate) fn event_on(&self, action: Action, object: Object) -> AuditEvent {
        let event = AuditEvent::new(action).of(self.organization).on(object);
        match self.patient {
            Some(patient) => event.about(patient),
            None => event,
        }
    }
}

impl Db {
    /// Notes a step, or that it was taken back; told again it is the same step.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever tells is no host of that session, or a step with this id is another.
    pub async fn note_crisis_step(&self, by: By, session: SessionId, new: NewCrisisStep) -> Result<Noting> {
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let hour = tx.hosted(session, who).await?;
            let undone = match tx.crisis_step(new.id).await? {
                Some((of, undone)) if of == (session, who, new.step) => undone,
                Some(_) => return Err(StoreError::NotFound),
                None => {
                    let noted = tx.steps_noted(session, who).await?;
                    if !takes(&hour.window, by.now) || noted >= i64::from(STEPS_MAX) {
                        return Ok(Noting::Refused);
                    }
                    tx.insert_crisis_step((session, who), &new, new.told.moment(&hour.window, by.now))
                        .await?;
                    let deed = new.step.is_deed();
                    let action = if deed { Action::CrisisStepNoted } else { Action::CrisisPanelOpened };
                    tx.also(hour.event(action, new.id));
                    false
                }
            };
            if new.undone && new.step.is_deed() && !undone {
                tx.undo_crisis_step(new.id).await?;
                tx.also(hour.event(Action::CrisisStepUndone, new.id));
            }
            if let Some(event) = tx.take_last_event() {
                tx.commit(event).await?;
            }
            Ok(Noting::Stands)
        })
        .await
    }

    /// What stands in the crisis panel of a session, oldest first, for its hosts; logged when there is anything.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks is no host of that session.
    pub async fn crisis_steps_in(&self, by: By, session: SessionId) -> Result<Vec<NotedStep>> {
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        let mut tx = self.read(by.actor, Purpose::Meeting, by.now).await?;
        let hour = tx.hosted(session, who).await?;
        let steps = tx.crisis_steps(hour.appointment).await?;
        if let Some(patient) = hour.patient.filter(|_| !steps.is_empty()) {
            tx.have_read(hour.organization, patient, Object::Session(session));
        }
        tx.answer(Unlogged(steps)).await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whether anybody opened the crisis panel in an hour; what was done in it is not told here.
    pub(crate) async fn crisis_opened(&mut self, appointment: AppointmentId) -> Result<bool> {
        const SQL: &str =
            "SELECT COUNT(*) FROM crisis_step c JOIN session s ON s.id = c.session WHERE s.appointment = $1";
        let found = row!(self, SQL, (i64,), appointment.uuid())?;
        Ok(found.is_some_and(|(steps,)| steps > 0))
    }

    /// The hour of a session, for somebody who leads it.
    pub(crate) async fn hosted(&mut self, session: SessionId, who: PersonId) -> Result<Hosted> {
        const SQL: &str = "SELECT a.id, a.organization, a.patient, a.starts, a.ends, a.early_ms, a.late_ms, i.role \
             FROM session s JOIN appointment a ON a.id = s.appointment JOIN invitation i ON i.appointment = a.id \
             WHERE s.id = $1 AND i.person = $2 AND i.withdrawn_at IS NULL";
        type Row = (Uuid, Uuid, Option<Uuid>, i64, i64, i64, i64, String);
        let found = row!(self, SQL, Row, session.uuid(), who.uuid())?.ok_or(StoreError::NotFound)?;
        let (appointment, organization, patient, starts, ends, early, late, role) = found;
        if !decode::<Role>(&role, "invitation.role")?.is_host() {
            return Err(StoreError::NotFound);
        }
        Ok(Hosted {
            appointment: AppointmentId::from_uuid(appointment),
            organization: OrganizationId::from_uuid(organization),
            patient: patient.map(PersonId::from_uuid),
            window: window(starts, ends, early, late),
        })
    }

    /// Of which session, whose and what a step is, and whether it was taken back.
    async fn crisis_step(
        &mut self,
        id: CrisisStepId,
    ) -> Result<Option<((SessionId, PersonId, CrisisStep), bool)>> {
        const SQL: &str = "SELECT session, practitioner, step, undone FROM crisis_step WHERE id = $1";
        let Some((session, who, step, undone)) =
            row!(self, SQL, (Uuid, Uuid, String, Option<i64>), id.uuid())?
        else {
            return Ok(None);
        };
        let step = decode(&step, "crisis_step.step")?;
        let of = (SessionId::from_uuid(session), PersonId::from_uuid(who), step);
        Ok(Some((of, undone.is_some())))
    }

    async fn steps_noted(&mut self, session: SessionId, who: PersonId) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM crisis_step WHERE session = $1 AND practitioner = $2";
        let found = row!(self, SQL, (i64,), session.uuid(), who.uuid())?;
        Ok(found.map_or(0, |(steps,)| steps))
    }

    /// What stands of an hour, oldest first.
    pub(crate) async fn crisis_steps(&mut self, appointment: AppointmentId) -> Result<Vec<NotedStep>> {
        const SQL: &str = "SELECT c.id, c.step, c.practitioner, c.done, c.noted FROM session s \
             JOIN crisis_step c ON c.session = s.id WHERE s.appointment = $1 AND c.undone IS NULL ORDER BY c.done, c.id";
        let found = rows!(self, SQL, (Uuid, String, Uuid, i64, i64), appointment.uuid())?;
        let step = |(id, step, by, done, noted): (Uuid, String, Uuid, i64, i64)| {
            Ok(NotedStep {
                id: CrisisStepId::from_uuid(id),
                step: decode(&step, "crisis_step.step")?,
                by: PersonId::from_uuid(by),
                done: Timestamp::from_millis(done),
                noted: Timestamp::from_millis(noted),
            })
        };
        found.into_iter().map(step).collect()
    }
}

impl Tx<'_, Write> {
    async fn insert_crisis_step(
        &mut self,
        (session, who): (SessionId, PersonId),
        new: &NewCrisisStep,
        done: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO crisis_step (id, session, practitioner, step, done, noted) \
             VALUES ($1, $2, $3, $4, $5, $6)";
        let (now, step) = (self.now().as_millis(), new.step.code());
        change!(self, SQL, new.id.uuid(), session.uuid(), who.uuid(), step, done.as_millis(), now)?;
        Ok(())
    }

    async fn undo_crisis_step(&mut self, id: CrisisStepId) -> Result<()> {
        const SQL: &str = "UPDATE crisis_step SET undone = $2 WHERE id = $1 AND undone IS NULL";
        let now = self.now().as_millis();
        change!(self, SQL, id.uuid(), now)?;
        Ok(())
    }
}
