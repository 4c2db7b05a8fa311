//! Appointments: the clinician's day, and one meeting with everybody who is invited.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::meeting::{
    Appointment, Cancelled, Day, Invitation, MeetingKind, Mode, SessionState, Window, Withdrawal,
};
use domain::message::Notice;
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
const DAY_MAX: usize = 200;

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
    /// How people are told; `None`: not by message.
    pub notice: Option<Notice>,
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

impl Meeting {
    /// Whether this person is invited as it stands.
    #[must_use]
    pub fn invites(&self, person: PersonId) -> bool {
        self.people.iter().any(|one| one.invitation.person == person && one.invitation.withdrawn.is_none())
    }
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
            let NewAppointment { organization, kind, mode, patient, responsible, window, sign, notice } =
                new.clone();
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
                notice,
                session,
            })
        })
        .await
    }

    /// The hours of a day that a clinician answers for or is host in, by time; logged for every person in them.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn day_of(&self, by: By, clinician: PersonId, day: &Day) -> Result<Vec<Meeting>> {
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let found = tx.meetings_of(clinician, day).await?;
        tx.answer(Unlogged(found)).await
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

#[derive(sqlx::FromRow)]
struct AppointmentRow {
    id: Uuid,
    organization: Uuid,
    kind: String,
    mode: String,
    patient: Option<Uuid>,
    responsible: Uuid,
    starts: i64,
    ends: i64,
    early_ms: i64,
    late_ms: i64,
    sequence: i64,
    cancelled: Option<i64>,
    cancelled_by: Option<String>,
    cancel_cause: Option<String>,
    sign: Option<Vec<u8>>,
    wording: Option<String>,
    with_link: Option<i64>,
    session: Uuid,
    opened: Option<i64>,
    ended: Option<i64>,
}

impl<Mode> Tx<'_, Mode> {
    /// An appointment and how far its session has come.
    pub(crate) async fn appointment(&mut self, id: AppointmentId) -> Result<(Appointment, SessionState)> {
        const SQL: &str = "SELECT a.id, a.organization, a.kind, a.mode, a.patient, a.responsible, a.starts, a.ends, \
             a.early_ms, a.late_ms, a.sequence, a.cancelled, a.cancelled_by, a.cancel_cause, a.sign, a.wording, \
             a.with_link, s.id AS session, s.opened, s.ended \
             FROM appointment a JOIN session s ON s.appointment = a.id WHERE a.id = $1";
        let found = row!(self, SQL, AppointmentRow, id.uuid())?.ok_or(StoreError::NotFound)?;
        self.opened(found).await
    }

    async fn opened(&mut self, row: AppointmentRow) -> Result<(Appointment, SessionState)> {
        let id = AppointmentId::from_uuid(row.id);
        let organization = OrganizationId::from_uuid(row.organization);
        let sign = match &row.sign {
            Some(sealed) => Some(self.open(organization, Column::SIGN, id.as_bytes(), sealed).await?),
            None => None,
        };
        let appointment = Appointment {
            id,
            organization,
            kind: decode(&row.kind, "appointment.kind")?,
            mode: decode(&row.mode, "appointment.mode")?,
            patient: row.patient.map(PersonId::from_uuid),
            sequence: u32::try_from(row.sequence)
                .map_err(|_| StoreError::Damaged { column: "appointment.sequence" })?,
            cancelled: cancelled(row.cancelled, row.cancelled_by.as_deref(), row.cancel_cause.as_deref())?,
            responsible: PersonId::from_uuid(row.responsible),
            window: window(row.starts, row.ends, row.early_ms, row.late_ms),
            sign,
            notice: notice(row.wording.as_deref(), row.with_link)?,
            session: SessionId::from_uuid(row.session),
        };
        Ok((appointment, state_of(row.opened, row.ended)))
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

/// How people are told, from its two columns.
fn notice(wording: Option<&str>, with_link: Option<i64>) -> Result<Option<Notice>> {
    let read = |wording| decode(wording, "appointment.wording");
    let wording = wording.map(read).transpose()?;
    Ok(wording.map(|wording| Notice { wording, with_link: with_link.is_some_and(|yes| yes != 0) }))
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

#[derive(sqlx::FromRow)]
struct MeetingRow {
    #[sqlx(flatten)]
    appointment: AppointmentRow,
    invitation: Option<Uuid>,
    person: Option<Uuid>,
    participant: Option<Uuid>,
    role: Option<String>,
    until: Option<i64>,
    withdrawn_by: Option<String>,
    withdrawn_at: Option<i64>,
    ended_for: Option<i64>,
    register: Option<Uuid>,
    given_name: Option<Vec<u8>>,
    family_name: Option<Vec<u8>>,
    blocked: Option<i64>,
    link: Option<Uuid>,
    link_created: Option<i64>,
    link_expires: Option<i64>,
    link_bound: Option<i64>,
}

impl MeetingRow {
    /// The personal link that works now, if there is one.
    fn link(&self) -> Option<LinkState> {
        let ((id, created), expires) = self.link.zip(self.link_created).zip(self.link_expires)?;
        Some(LinkState {
            id: LinkId::from_uuid(id),
            created: Timestamp::from_millis(created),
            expires: Timestamp::from_millis(expires),
            bound: self.link_bound.map(Timestamp::from_millis),
        })
    }

    fn invitation(&self) -> Result<Option<Invitation>> {
        let (Some(id), Some(person), Some(participant), Some(role)) =
            (self.invitation, self.person, self.participant, &self.role)
        else {
            return Ok(None);
        };
        Ok(Some(Invitation {
            id: InvitationId::from_uuid(id),
            appointment: AppointmentId::from_uuid(self.appointment.id),
            person: PersonId::from_uuid(person),
            participant: ParticipantId::from_uuid(participant),
            role: decode(role, "invitation.role")?,
            until: self.until.map(Timestamp::from_millis),
            withdrawn: withdrawal(self.withdrawn_by.as_deref(), self.withdrawn_at)?,
            ended_for: self.ended_for.map(Timestamp::from_millis),
        }))
    }
}

impl Tx<'_, Read> {
    async fn meeting(&mut self, id: AppointmentId) -> Result<Meeting> {
        let nothing = Day { from: self.now(), to: self.now(), now: self.now() };
        let found = self.meeting_rows(Some(id), None, &nothing).await?;
        self.meetings(found).await?.pop().ok_or(StoreError::NotFound)
    }

    /// The hours of a day that somebody answers for or is host in, by time. Of hours beside the day nothing is opened.
    pub(crate) async fn meetings_of(&mut self, host: PersonId, day: &Day) -> Result<Vec<Meeting>> {
        let mut found = self.meeting_rows(None, Some(host), day).await?;
        found.retain(|MeetingRow { appointment: hour, .. }| {
            day.has(&window(hour.starts, hour.ends, hour.early_ms, hour.late_ms))
        });
        let mut meetings = self.meetings(found).await?;
        meetings.truncate(DAY_MAX);
        Ok(meetings)
    }

    /// One appointment, or those of a day ([`Day::has`]) that somebody answers for or is host in, with one row for each
    /// person who is or was invited, and one for an appointment without any.
    async fn meeting_rows(
        &mut self,
        one: Option<AppointmentId>,
        host: Option<PersonId>,
        day: &Day,
    ) -> Result<Vec<MeetingRow>> {
        // Three ways in, each by an index of its own; joined by OR in one condition none would be used. An hour that is
        // near the day and not of it is left before anybody who is invited to it is looked up.
        const SQL: &str = "SELECT a.id, a.organization, a.kind, a.mode, a.patient, a.responsible, a.starts, a.ends, \
             a.early_ms, a.late_ms, a.sequence, a.cancelled, a.cancelled_by, a.cancel_cause, a.sign, a.wording, \
             a.with_link, s.id AS session, s.opened, s.ended, i.id AS invitation, i.person, p.id AS participant, \
             i.role, i.until, i.withdrawn_by, i.withdrawn_at, i.ended_for, n.organization AS register, n.given_name, \
             n.family_name, b.since AS blocked, l.id AS link, l.created AS link_created, \
             l.expires AS link_expires, l.bound_at AS link_bound \
             FROM appointment a JOIN session s ON s.appointment = a.id \
             LEFT JOIN invitation i ON i.appointment = a.id LEFT JOIN participant p ON p.invitation = i.id \
             LEFT JOIN person n ON n.id = i.person \
             LEFT JOIN block b ON b.appointment = a.id AND b.person = i.person AND b.lifted IS NULL \
             LEFT JOIN personal_link l ON l.invitation = i.id AND l.replaced IS NULL \
             WHERE a.id IN (SELECT o.id FROM appointment o WHERE o.id = $1 \
             UNION SELECT r.id FROM appointment r WHERE r.responsible = $2 AND r.starts >= $3 AND r.starts < $4 \
             UNION SELECT h.appointment FROM invitation h WHERE h.person = $2 AND h.role = 'host' \
             AND h.withdrawn_at IS NULL AND h.starts >= $3 AND h.starts < $4) \
             AND (a.id = $1 OR (a.starts >= $5 AND a.starts < $6) \
             OR (a.starts - a.early_ms <= $7 AND a.ends + a.late_ms > $7)) \
             ORDER BY a.starts, a.id, i.created, i.id, l.created";
        let (one, host) = (one.map(AppointmentId::uuid), host.map(PersonId::uuid));
        let (from, to) = (day.from.minus(Day::AROUND).as_millis(), day.to.plus(Day::AROUND).as_millis());
        let (first, last, now) = (day.from.as_millis(), day.to.as_millis(), day.now.as_millis());
        rows!(self, SQL, MeetingRow, one, host, from, to, first, last, now)
    }

    /// Rows that follow one another by meeting and invitation, with the names opened; notes everybody as read.
    async fn meetings(&mut self, rows: Vec<MeetingRow>) -> Result<Vec<Meeting>> {
        let mut meetings: Vec<Meeting> = Vec::new();
        for row in rows {
            let id = AppointmentId::from_uuid(row.appointment.id);
            let invitee = self.invitee(&row).await?;
            if meetings.last().is_none_or(|last| last.appointment.id != id) {
                let (appointment, state) = self.opened(row.appointment).await?;
                meetings.push(Meeting { appointment, state, people: Vec::new() });
            }
            let Some(invitee) = invitee else { continue };
            let Some(Meeting { appointment, people, .. }) = meetings.last_mut() else { continue };
            // That somebody read their own name is nothing that anybody asks the log about.
            if self.actor() != Actor::Person(invitee.invitation.person) {
                self.have_read(appointment.organization, invitee.invitation.person, Object::Appointment(id));
            }
            match people.last_mut() {
                // Two links that stand: the newer one counts.
                Some(last) if last.invitation.id == invitee.invitation.id => *last = invitee,
                _ => people.push(invitee),
            }
        }
        for meeting in &mut meetings {
            meeting.people.sort_by_key(|one| one.invitation.role);
        }
        Ok(meetings)
    }

    async fn invitee(&mut self, row: &MeetingRow) -> Result<Option<Invitee>> {
        let Some(invitation) = row.invitation()? else { return Ok(None) };
        let (Some(register), Some(given), Some(family)) = (row.register, &row.given_name, &row.family_name)
        else {
            return Ok(None);
        };
        let register = OrganizationId::from_uuid(register);
        let name = self.open_name(register, invitation.person, given, family).await?;
        let blocked = row.blocked.map(Timestamp::from_millis);
        Ok(Some(Invitee { link: row.link(), invitation, name, blocked }))
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
             late_ms, sign, mode, patient, created, wording, with_link) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
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
            new.notice.map(|notice| notice.wording.code()),
            new.notice.map(|notice| i64::from(notice.with_link)),
        )?;
        change!(self, SQL_SESSION, session.uuid(), id.uuid())?;
        Ok(())
    }
}
