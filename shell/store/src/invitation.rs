//! Invitations: who is invited to what, in which role; withdrawn, restored, ended for one person.

use domain::audit::{Action, AuditEvent, Object};
use domain::meeting::{Invitation, WithdrawnBy};
use ids::{AppointmentId, InvitationId, OrganizationId, ParticipantId, PersonId, Role, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::codes::Code;
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Write, change, row};

/// Somebody to invite.
#[derive(Debug, Clone, Copy)]
pub struct NewInvitation {
    /// To what.
    pub appointment: AppointmentId,
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// When the invitation ends although the meeting goes on.
    pub until: Option<Timestamp>,
}

/// Whose invitation it is and where it leads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InvitationPlace {
    pub(crate) organization: OrganizationId,
    pub(crate) appointment: AppointmentId,
    pub(crate) session: SessionId,
    pub(crate) participant: ParticipantId,
    pub(crate) person: PersonId,
    pub(crate) closes: Timestamp,
}

impl Db {
    /// Invites somebody and gives them their seat in the session.
    ///
    /// # Errors
    /// When nothing was written; a second invitation of the same person is a [`StoreError::Database`].
    pub async fn invite(&self, by: By, new: NewInvitation) -> Result<Invitation> {
        retrying(|| async move {
            let id = InvitationId::from_parts(by.now, random_id_part()?);
            let participant = ParticipantId::from_parts(by.now, random_id_part()?);
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.insert_invitation(id, participant, &new).await?;
            tx.changed(Subject::Appointment(new.appointment));
            let event = AuditEvent::new(Action::InvitationAdded).of(organization).about(new.person);
            tx.commit(event.on(Object::Invitation(id))).await?;
            let NewInvitation { appointment, person, role, until } = new;
            Ok(Invitation {
                id,
                appointment,
                person,
                participant,
                role,
                until,
                withdrawn: None,
                ended_for: None,
            })
        })
        .await
    }

    /// Whether a person is host in an appointment: invited as such, and neither withdrawn, ended nor blocked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_host_of(
        &self,
        person: PersonId,
        appointment: AppointmentId,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM invitation i WHERE i.appointment = $1 AND i.person = $2 \
             AND i.role = 'host' AND i.withdrawn_at IS NULL AND i.ended_for IS NULL AND NOT EXISTS \
             (SELECT 1 FROM block b WHERE b.appointment = i.appointment AND b.person = i.person AND b.lifted IS NULL)";
        let mut tx = self.look(now).await?;
        let found = row!(tx, SQL, (i64,), appointment.uuid(), person.uuid())?;
        tx.done().await?;
        Ok(found.is_some_and(|(rows,)| rows > 0))
    }

    /// Takes an invitation back, or notes the invited person's own no; whether it stood.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn withdraw_invitation(&self, by: By, id: InvitationId, who: WithdrawnBy) -> Result<bool> {
        const SQL: &str = "UPDATE invitation SET withdrawn_by = $2, withdrawn_at = $3 \
             WHERE id = $1 AND withdrawn_at IS NULL";
        let action = match who {
            WithdrawnBy::Invitee => Action::InvitationDeclined,
            WithdrawnBy::Clinician | WithdrawnBy::Other => Action::InvitationWithdrawn,
        };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_place(id).await?;
            if change!(tx, SQL, id.uuid(), who.code(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            tx.commit_invitation(id, &place, action).await?;
            Ok(true)
        })
        .await
    }

    /// Gives a withdrawn invitation again; whether it was withdrawn.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn restore_invitation(&self, by: By, id: InvitationId) -> Result<bool> {
        const SQL: &str = "UPDATE invitation SET withdrawn_by = NULL, withdrawn_at = NULL \
             WHERE id = $1 AND withdrawn_at IS NOT NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_place(id).await?;
            if change!(tx, SQL, id.uuid())? == 0 {
                return Ok(false);
            }
            tx.commit_invitation(id, &place, Action::InvitationRestored).await?;
            Ok(true)
        })
        .await
    }

    /// A host ends the meeting for one person; whether it had not been ended for them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn end_for(&self, by: By, participant: ParticipantId) -> Result<bool> {
        const SQL: &str = "UPDATE invitation SET ended_for = $2 WHERE id = $1 AND ended_for IS NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let id = tx.invitation_of(participant).await?;
            let place = tx.invitation_place(id).await?;
            if change!(tx, SQL, id.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            tx.commit_invitation(id, &place, Action::EndedForPerson).await?;
            Ok(true)
        })
        .await
    }

    /// Lets a person wait again for whom a host had ended the meeting; whether that was so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn undo_end_for(&self, by: By, participant: ParticipantId) -> Result<bool> {
        const SQL: &str = "UPDATE invitation SET ended_for = NULL WHERE id = $1 AND ended_for IS NOT NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let id = tx.invitation_of(participant).await?;
            let place = tx.invitation_place(id).await?;
            if change!(tx, SQL, id.uuid())? == 0 {
                return Ok(false);
            }
            tx.commit_invitation(id, &place, Action::InvitationRestored).await?;
            Ok(true)
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The invitation behind a seat.
    pub(crate) async fn invitation_of(&mut self, participant: ParticipantId) -> Result<InvitationId> {
        const SQL: &str = "SELECT invitation FROM participant WHERE id = $1";
        let (id,) = row!(self, SQL, (Uuid,), participant.uuid())?.ok_or(StoreError::NotFound)?;
        Ok(InvitationId::from_uuid(id))
    }

    /// Whose invitation it is and where it leads.
    pub(crate) async fn invitation_place(&mut self, id: InvitationId) -> Result<InvitationPlace> {
        const SQL: &str = "SELECT a.organization, a.id, p.session, p.id, i.person, a.ends, a.late_ms \
             FROM invitation i JOIN appointment a ON a.id = i.appointment \
             JOIN participant p ON p.invitation = i.id WHERE i.id = $1";
        type Row = (Uuid, Uuid, Uuid, Uuid, Uuid, i64, i64);
        let found = row!(self, SQL, Row, id.uuid())?.ok_or(StoreError::NotFound)?;
        let (organization, appointment, session, participant, person, ends, late) = found;
        Ok(InvitationPlace {
            organization: OrganizationId::from_uuid(organization),
            appointment: AppointmentId::from_uuid(appointment),
            session: SessionId::from_uuid(session),
            participant: ParticipantId::from_uuid(participant),
            person: PersonId::from_uuid(person),
            closes: Timestamp::from_millis(ends.saturating_add(late)),
        })
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn insert_invitation(
        &mut self,
        id: InvitationId,
        participant: ParticipantId,
        new: &NewInvitation,
    ) -> Result<OrganizationId> {
        const SQL: &str = "INSERT INTO invitation (id, appointment, person, role, until, created, starts) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        const SQL_SEAT: &str = "INSERT INTO participant (id, session, invitation) VALUES ($1, $2, $3)";
        let (appointment, _) = self.appointment(new.appointment).await?;
        let until = new.until.map(Timestamp::as_millis);
        let (person, role, created) = (new.person.uuid(), new.role.code(), self.now().as_millis());
        let starts = appointment.window.starts.as_millis();
        change!(self, SQL, id.uuid(), new.appointment.uuid(), person, role, until, created, starts)?;
        change!(self, SQL_SEAT, participant.uuid(), appointment.session.uuid(), id.uuid())?;
        Ok(appointment.organization)
    }

    /// Commits a change of one invitation: the seat is decided again.
    async fn commit_invitation(
        mut self,
        id: InvitationId,
        place: &InvitationPlace,
        what: Action,
    ) -> Result<()> {
        self.changed(Subject::Participant(place.participant));
        self.changed(Subject::Appointment(place.appointment));
        let event = AuditEvent::new(what).of(place.organization).about(place.person);
        self.commit(event.on(Object::Invitation(id))).await
    }
}
