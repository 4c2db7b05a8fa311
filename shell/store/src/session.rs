//! Sessions: planned, open, ended for everyone, opened again.

use domain::audit::{Action, AuditEvent, Object};
use domain::meeting::SessionState;
use ids::{AppointmentId, OrganizationId, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Write, change, row};

/// How far a session has come, from its two columns.
pub(crate) fn state_of(opened: Option<i64>, ended: Option<i64>) -> SessionState {
    match (opened, ended) {
        (_, Some(at)) => SessionState::Ended { at: Timestamp::from_millis(at) },
        (Some(since), None) => SessionState::Open { since: Timestamp::from_millis(since) },
        (None, None) => SessionState::Planned,
    }
}

impl Db {
    /// Ends a session for everyone; whether it was not ended before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn end_session(&self, by: By, session: SessionId) -> Result<bool> {
        const SQL: &str = "UPDATE session SET ended = $2 WHERE id = $1 AND ended IS NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (_, organization) = tx.appointment_of(session).await?;
            if change!(tx, SQL, session.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            tx.changed(Subject::Session(session));
            let event = AuditEvent::new(Action::SessionEnded).of(organization);
            tx.commit(event.on(Object::Session(session))).await?;
            Ok(true)
        })
        .await
    }

    /// Opens an ended session again, with the same seats; whether it was ended.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn reopen_session(&self, by: By, session: SessionId) -> Result<bool> {
        const SQL: &str = "UPDATE session SET ended = NULL WHERE id = $1 AND ended IS NOT NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (_, organization) = tx.appointment_of(session).await?;
            if change!(tx, SQL, session.uuid())? == 0 {
                return Ok(false);
            }
            tx.changed(Subject::Session(session));
            let event = AuditEvent::new(Action::SessionOpened).of(organization);
            tx.commit(event.on(Object::Session(session))).await?;
            Ok(true)
        })
        .await
    }

    /// Which appointment a session belongs to, and which organisation answers for it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn appointment_of(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<(AppointmentId, OrganizationId)> {
        let mut tx = self.look(now).await?;
        let found = tx.appointment_of(session).await?;
        tx.done().await?;
        Ok(found)
    }
}

impl<Mode> Tx<'_, Mode> {
    pub(crate) async fn appointment_of(
        &mut self,
        session: SessionId,
    ) -> Result<(AppointmentId, OrganizationId)> {
        const SQL: &str = "SELECT a.id, a.organization FROM session s JOIN appointment a ON a.id = s.appointment \
             WHERE s.id = $1";
        let (id, organization) =
            row!(self, SQL, (Uuid, Uuid), session.uuid())?.ok_or(StoreError::NotFound)?;
        Ok((AppointmentId::from_uuid(id), OrganizationId::from_uuid(organization)))
    }
}

impl Tx<'_, Write> {
    /// Marks a session as open from now, if it was only planned.
    pub(crate) async fn open_session(
        &mut self,
        session: SessionId,
        organization: OrganizationId,
    ) -> Result<()> {
        const SQL: &str = "UPDATE session SET opened = $2 WHERE id = $1 AND opened IS NULL";
        let now = self.now().as_millis();
        if change!(self, SQL, session.uuid(), now)? > 0 {
            self.changed(Subject::Session(session));
            self.also(AuditEvent::new(Action::SessionOpened).of(organization).on(Object::Session(session)));
        }
        Ok(())
    }
}
