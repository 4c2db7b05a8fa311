//! Admissions as they are remembered: when the door's yes to a seat began, when and why it ended.
//!
//! The record proves nothing to the door; an admission cannot be read back from here (SEC-001).

use core::time::Duration;

use domain::audit::{Action, AuditEvent, Object};
use domain::closing::{DeviceKind, NetworkKind};
use domain::door::Admission;
use ids::{
    AdmissionId, GoneReason, InvitationId, OrganizationId, ParticipantId, PersonId, RefuseReason, SessionId,
    Timestamp,
};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::Code;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{change, row, rows};

/// An admission that began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionBegun {
    /// Its id.
    pub id: AdmissionId,
    /// Into which session.
    pub session: SessionId,
    /// Which seat.
    pub participant: ParticipantId,
    /// Since when.
    pub at: Timestamp,
    /// By what.
    pub device: Option<DeviceKind>,
}

/// How an admission ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionEnd {
    /// Why.
    pub reason: GoneReason,
    /// How they were gone at that moment, if they were: the line was lost, somebody had come in.
    pub away: Option<GoneReason>,
    /// Over what the media travelled.
    pub network: Option<NetworkKind>,
    /// How long the camera was on.
    pub pictured: Duration,
}

impl From<GoneReason> for AdmissionEnd {
    /// Nothing more is known.
    fn from(reason: GoneReason) -> Self {
        Self { reason, away: None, network: None, pictured: Duration::ZERO }
    }
}

impl From<&Admission> for AdmissionBegun {
    fn from(admission: &Admission) -> Self {
        Self {
            id: admission.id(),
            session: admission.session(),
            participant: admission.participant(),
            at: admission.admitted_at(),
            device: None,
        }
    }
}

impl Db {
    /// Remembers that somebody was let in; the first one opens the session. Whether it was not known before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such seat in that session.
    pub async fn admission_begun(&self, by: By, begun: AdmissionBegun) -> Result<bool> {
        const SQL: &str = "INSERT INTO admission (id, participant, begun, device) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO NOTHING";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_of(begun.participant).await?;
            let place = tx.invitation_place(place).await?;
            if place.session != begun.session {
                return Err(StoreError::NotFound);
            }
            let device = begun.device.map(Code::code);
            let at = begun.at.as_millis();
            if change!(tx, SQL, begun.id.uuid(), begun.participant.uuid(), at, device)? == 0 {
                return Ok(false);
            }
            tx.open_session(place.session, place.organization).await?;
            let event = AuditEvent::new(Action::Admitted).of(place.organization).about(place.person);
            tx.commit(event.on(Object::Admission(begun.id))).await?;
            Ok(true)
        })
        .await
    }

    /// Remembers that an admission ended; whether it stood. Whoever left for good, or for whom the hour was ended, has
    /// no more use of a device that was lent for it (SEC-088).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn admission_ended(
        &self,
        by: By,
        id: AdmissionId,
        end: impl Into<AdmissionEnd>,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE admission SET ended = $2, reason = $3, network = $4, pictured_ms = $5, away = $6 \
             WHERE id = $1 AND ended IS NULL";
        const SQL_WHO: &str = "SELECT i.person, a.organization, i.id FROM admission m \
             JOIN participant p ON p.id = m.participant JOIN invitation i ON i.id = p.invitation \
             JOIN appointment a ON a.id = i.appointment WHERE m.id = $1";
        let AdmissionEnd { reason, away, network, pictured } = end.into();
        let pictured = i64::try_from(pictured.as_millis()).unwrap_or(i64::MAX);
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let who = row!(tx, SQL_WHO, (Uuid, Uuid, Uuid), id.uuid())?.ok_or(StoreError::NotFound)?;
            let (person, organization) = (PersonId::from_uuid(who.0), OrganizationId::from_uuid(who.1));
            let network = network.map(Code::code);
            let (now, why, away) = (by.now.as_millis(), reason.code(), away.map(Code::code));
            if change!(tx, SQL, id.uuid(), now, why, network, pictured, away)? == 0 {
                return Ok(false);
            }
            if matches!(reason, GoneReason::Left | GoneReason::EndedByHost) {
                tx.close_lent(organization, person, InvitationId::from_uuid(who.2)).await?;
            }
            let event = AuditEvent::new(Action::AdmissionEnded).of(organization).about(person);
            tx.commit(event.on(Object::Admission(id))).await?;
            Ok(true)
        })
        .await
    }

    /// Remembers that the door refused somebody; refused attempts are part of the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn refused(&self, by: By, participant: ParticipantId, why: RefuseReason) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_of(participant).await?;
            let place = tx.invitation_place(place).await?;
            let event = AuditEvent::new(Action::Refused).of(place.organization).about(place.person).refused();
            let why = ids::Personal::new(format!("{why:?}"));
            tx.commit(event.on(Object::Participant(participant)).details(why)).await
        })
        .await
    }

    /// Ends every admission that a crash left standing; how many. For a program that serves alone, at its start.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn end_stale_admissions(&self, by: By) -> Result<usize> {
        const SQL: &str = "SELECT id FROM admission WHERE ended IS NULL ORDER BY id LIMIT 1000";
        let mut tx = self.look(by.now).await?;
        let stale = rows!(tx, SQL, (Uuid,))?;
        tx.done().await?;
        for (id,) in &stale {
            self.admission_ended(by, AdmissionId::from_uuid(*id), GoneReason::LineLost).await?;
        }
        Ok(stale.len())
    }
}
