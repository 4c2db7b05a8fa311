//! Appointments: the clinician's day, and one meeting with everybody who is invited.

use core::time::Duration;

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::meeting::{
    Appointment, Cancelled, Invitation, MeetingKind, Mode, SessionState, Window, Withdrawal,
};
use ids::{
    AppointmentId, InvitationId, LinkId, OrganizationId, ParticipantId, PersonId, Personal, SessionId,
    Timestamp,
};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::sealed::Column;
use crate::session::state_of;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// Appointments that a day's list shows.
const DAY_MAX: i64 = 200;

/// An appointment to make.
#[derive(Debug, Clone)]
pub struct NewAppointment {
    /// The organisation that answers for it.
    pub organization: OrganizationId,
    /// What it is for.
    pub kind: MeetingKind,
    /// How people meet.
    pub mode: Mode,
    /// The young person whom it is about.
    pub patient: Option<PersonId>,
    /// The responsible clinician.
    pub responsible: PersonId,
    /// When.
    pub window: Window,
    /// The recognition sign.
    pub sign: Option<Personal<String>>,
}

/// An appointment with its session's state and everybody who is invited.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// The appointment.
    pub appointment: Appointment,
    /// How far its session has come.
    pub state: SessionState,
    /// Everybody who is or was invited: hosts first, then by role, then in the order of the invitations.
    pub people: Vec<Invitee>,
}

/// One invited person, as staff see it.
#[derive(Debug, Clone)]
pub struct Invitee {
    /// The invitation.
    pub invitation: Invitation,
    /// The name.
    pub name: Name,
    /// Blocked from this meeting since.
    pub blocked: Option<Timestamp>,
    /// The personal link that works now, if there is one.
    pub link: Option<LinkState>,
}

/// How far a personal link has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkState {
    /// Its id.
    pub id: LinkId,
    /// When it was made.
    pub created: Timestamp,
    /// When pressing it stops working.
    pub expires: Timestamp,
    /// When it was pressed.
    pub bound: Option<Timestamp>,
}

impl Db {
    /// Makes an appointment with its session; nobody is invited yet.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn add_appointment(&self, by: By, new: &NewAppointment) -> Result<Appointment> {
        retrying(|| async move {
            let id = AppointmentId::from_parts(by.now, random_id_part()?);
            let session = SessionId::from_parts(by.now, random_id_part()?);
            let mut tx = self.write(by.actor, by.now).await?;
            tx.insert_appointment(id, session, new).await?;
            tx.changed(Subject::Appointment(id));
            let event = AuditEvent::new(Action::AppointmentAdded).of(new.organization);
            tx.commit(event.on(Object::Appointment(id))).await?;
            let NewAppointment { organization, kind, mode, patient, responsible, window, sign } = new.clone();
            Ok(Appointment {
                id,
                organization,
                kind,
                mode,
                patient,
                responsible,
                window,
                sequence: 0,
                cancelled: None,
                sign,
                session,
            })
        })
        .await
    }

    /// The appointments that a clinician answers for or is host in, which start within `[from, to)`; logged for
    /// every person in them.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn day_of(
        &self,
        by: By,
        clinician: PersonId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Meeting>> {
        const SQL: &str = "SELECT a.id FROM appointment a WHERE a.starts >= $2 AND a.starts < $3 \
             AND (a.responsible = $1 OR EXISTS (SELECT 1 FROM invitation i WHERE i.appointment = a.id \
             AND i.person = $1 AND i.role = 'host' AND i.withdrawn_at IS NULL)) ORDER BY a.starts, a.id LIMIT $4";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let found = rows!(tx, SQL, (Uuid,), clinician.uuid(), from.as_millis(), to.as_millis(), DAY_MAX)?;
        let mut day = Vec::with_capacity(found.len());
        for (id,) in found {
            day.push(tx.meeting(AppointmentId::from_uuid(id)).await?);
        }
        tx.answer(Unlogged(day)).await
    }

    /// One meeting with everybody who is invited; logged for every person in it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn meeting(&self, by: By, purpose: Purpose, appointment: AppointmentId) -> Result<Meeting> {
        let mut tx = self.read(by.actor, purpose, by.now).await?;
        let meeting = tx.meeting(appointment).await?;
        tx.answer(Unlogged(meeting)).await
    }
}

type AppointmentRow =
    (Uuid, String, Uuid, i64, i64, i64, i64, Option<Vec<u8>>, Uuid, Option<i64>, Option<i64>);
type PlanRow = (String, Option<Uuid>, i64, Option<i64>, Option<String>, Option<String>);

impl<Mode> Tx<'_, Mode> {
    /// An appointment and how far its session has come.
    pub(crate) async fn appointment(&mut self, id: AppointmentId) -> Result<(Appointment, SessionState)> {
        const SQL: &str = "SELECT a.organization, a.kind, a.responsible, a.starts, a.ends, a.early_ms, a.late_ms, \
             a.sign, s.id, s.opened, s.ended \
             FROM appointment a JOIN session s ON s.appointment = a.id WHERE a.id = $1";
        // A row has at most sixteen columns as a tuple, so the plan comes apart.
        const SQL_PLAN: &str = "SELECT mode, patient, sequence, cancelled, cancelled_by, cancel_cause \
             FROM appointment WHERE id = $1";
        let found = row!(self, SQL, AppointmentRow, id.uuid())?.ok_or(StoreError::NotFound)?;
        let (organization, kind, responsible, starts, ends, early, late, sign, session, opened, ended) =
            found;
        let organization = OrganizationId::from_uuid(organization);
        let sign = match sign {
            Some(sealed) => Some(self.open(organization, Column::SIGN, id.as_bytes(), &sealed).await?),
            None => None,
        };
        let (mode, patient, sequence, off, by, cause) =
            row!(self, SQL_PLAN, PlanRow, id.uuid())?.ok_or(StoreError::NotFound)?;
        let appointment = Appointment {
            id,
            organization,
            kind: decode(&kind, "appointment.kind")?,
            mode: decode(&mode, "appointment.mode")?,
            patient: patient.map(PersonId::from_uuid),
            sequence: u32::try_from(sequence)
                .map_err(|_| StoreError::Damaged { column: "appointment.sequence" })?,
            cancelled: cancelled(off, by.as_deref(), cause.as_deref())?,
            responsible: PersonId::from_uuid(responsible),
            window: window(starts, ends, early, late),
            sign,
            session: SessionId::from_uuid(session),
        };
        Ok((appointment, state_of(opened, ended)))
    }
}

/// A calling-off from its three columns.
fn cancelled(at: Option<i64>, by: Option<&str>, cause: Option<&str>) -> Result<Option<Cancelled>> {
    match (at, by, cause) {
        (None, None, None) => Ok(None),
        (Some(at), Some(by), Some(cause)) => {
            let by = decode(by, "appointment.cancelled_by")?;
            let cause = decode(cause, "appointment.cancel_cause")?;
            Ok(Some(Cancelled { at: Timestamp::from_millis(at), by, cause }))
        }
        _ => Err(StoreError::Damaged { column: "appointment.cancelled" }),
    }
}

/// A window from its four columns.
pub(crate) fn window(starts: i64, ends: i64, early_ms: i64, late_ms: i64) -> Window {
    let margin = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    Window {
        starts: Timestamp::from_millis(starts),
        ends: Timestamp::from_millis(ends),
        early: margin(early_ms),
        late: margin(late_ms),
    }
}

type InviteeRow = (
    Uuid,
    Uuid,
    Uuid,
    String,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Uuid,
    Vec<u8>,
    Vec<u8>,
    Option<i64>,
);

impl Tx<'_, Read> {
    async fn meeting(&mut self, id: AppointmentId) -> Result<Meeting> {
        const SQL: &str = "SELECT i.id, i.person, p.id, i.role, i.until, i.withdrawn_by, i.withdrawn_at, \
             i.ended_for, n.organization, n.given_name, n.family_name, \
             (SELECT b.since FROM block b WHERE b.appointment = i.appointment AND b.person = i.person \
             AND b.lifted IS NULL) \
             FROM invitation i JOIN participant p ON p.invitation = i.id JOIN person n ON n.id = i.person \
             WHERE i.appointment = $1 ORDER BY i.created, i.id";
        let (appointment, state) = self.appointment(id).await?;
        let found = rows!(self, SQL, InviteeRow, id.uuid())?;
        let mut people = Vec::with_capacity(found.len());
        for row in found {
            let invitee = self.invitee(&appointment, row).await?;
            self.have_read(appointment.organization, invitee.invitation.person, Object::Appointment(id));
            people.push(invitee);
        }
        people.sort_by_key(|one| one.invitation.role);
        Ok(Meeting { appointment, state, people })
    }

    async fn invitee(&mut self, appointment: &Appointment, row: InviteeRow) -> Result<Invitee> {
        let (id, person, participant, role, until, by, at, ended_for, register, given, family, blocked) = row;
        let person = PersonId::from_uuid(person);
        let name = self.open_name(OrganizationId::from_uuid(register), person, &given, &family).await?;
        let invitation = Invitation {
            id: InvitationId::from_uuid(id),
            appointment: appointment.id,
            person,
            participant: ParticipantId::from_uuid(participant),
            role: decode(&role, "invitation.role")?,
            until: until.map(Timestamp::from_millis),
            withdrawn: withdrawal(by.as_deref(), at)?,
            ended_for: ended_for.map(Timestamp::from_millis),
        };
        let link = self.standing_link(invitation.id).await?;
        Ok(Invitee { invitation, name, blocked: blocked.map(Timestamp::from_millis), link })
    }

    async fn standing_link(&mut self, invitation: InvitationId) -> Result<Option<LinkState>> {
        const SQL: &str = "SELECT id, created, expires, bound_at FROM personal_link \
             WHERE invitation = $1 AND replaced IS NULL ORDER BY created DESC LIMIT 1";
        let found = row!(self, SQL, (Uuid, i64, i64, Option<i64>), invitation.uuid())?;
        Ok(found.map(|(id, created, expires, bound)| LinkState {
            id: LinkId::from_uuid(id),
            created: Timestamp::from_millis(created),
            expires: Timestamp::from_millis(expires),
            bound: bound.map(Timestamp::from_millis),
        }))
    }
}

/// A withdrawal from its two columns.
fn withdrawal(by: Option<&str>, at: Option<i64>) -> Result<Option<Withdrawal>> {
    match (by, at) {
        (None, None) => Ok(None),
        (Some(by), Some(at)) => {
            let by = decode(by, "invitation.withdrawn_by")?;
            Ok(Some(Withdrawal { by, at: Timestamp::from_millis(at) }))
        }
        _ => Err(StoreError::Damaged { column: "invitation.withdrawn_at" }),
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn insert_appointment(
        &mut self,
        id: AppointmentId,
        session: SessionId,
        new: &NewAppointment,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO appointment (id, organization, kind, responsible, starts, ends, early_ms, \
             late_ms, sign, mode, patient, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        const SQL_SESSION: &str = "INSERT INTO session (id, appointment) VALUES ($1, $2)";
        self.may_meet(new.patient, new.mode).await?;
        let sign = match &new.sign {
            Some(sign) => {
                let plain = sign.reveal().as_bytes();
                Some(self.seal(new.organization, Column::SIGN, id.as_bytes(), plain).await?)
            }
            None => None,
        };
        let created = self.now().as_millis();
        let millis = |margin: Duration| i64::try_from(margin.as_millis()).unwrap_or(i64::MAX);
        change!(
            self,
            SQL,
            id.uuid(),
            new.organization.uuid(),
            new.kind.code(),
            new.responsible.uuid(),
            new.window.starts.as_millis(),
            new.window.ends.as_millis(),
            millis(new.window.early),
            millis(new.window.late),
            sign,
            new.mode.code(),
            new.patient.map(PersonId::uuid),
            created,
        )?;
        change!(self, SQL_SESSION, session.uuid(), id.uuid())?;
        Ok(())
    }
}
