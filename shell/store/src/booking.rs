//! Booking, moving, converting and calling off: asks `domain::booking` inside the transaction that writes.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object};
use domain::booking::{self, Busy, Calendar, Change, Hour, NotBookable, Span, Standing};
use domain::meeting::{Appointment, Cancelled, Day, SessionState};
use domain::message::Timetable;
use ids::{AppointmentId, InvitationId, ParticipantId, PersonId, Role, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::appointment::NewAppointment;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::invitation::NewInvitation;
use crate::response::about;
use crate::tx::{Tx, Write, change, row, rows};

/// An hour to book, with everybody who is to come.
#[derive(Debug, Clone)]
pub struct NewBooking {
    /// Its id, made when the form was shown: a second press of the button is the same booking.
    pub id: AppointmentId,
    /// The appointment.
    pub appointment: NewAppointment,
    /// Who is invited beside the responsible clinician, who is host.
    pub people: Vec<(PersonId, Role)>,
    /// Time kept free between two hours on the screen.
    pub pause: Duration,
    /// Nobody is told before this moment; `None`: at once. The later hours of a series come to each one by one.
    pub tell_from: Option<Timestamp>,
}

/// Which hour is to change, and from which sight of it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Which.
    pub appointment: AppointmentId,
    /// What is to change.
    pub change: Change,
    /// The sequence that whoever asks had before their eyes.
    pub seen: u32,
    /// Time kept free between two hours on the screen.
    pub pause: Duration,
}

/// Whose other hours are asked for, around what.
struct Around<'a> {
    /// The hour that is asked about.
    but: AppointmentId,
    /// The responsible clinician.
    host: PersonId,
    people: &'a [PersonId],
    span: Span,
    pause: Duration,
}

impl Db {
    /// An id for a booking that is about to be filled in.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_appointment_id(&self, now: Timestamp) -> Result<AppointmentId> {
        Ok(AppointmentId::from_parts(now, random_id_part()?))
    }

    /// Books an hour, invites everybody and lays the messages to them into the outbox (SEC-065); what was booked, also
    /// when this very booking had been made before.
    ///
    /// # Errors
    /// [`StoreError::Booking`] when it cannot be booked; nothing was written then.
    pub async fn book(&self, by: By, new: &NewBooking, timetable: &Timetable) -> Result<Appointment> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            if tx.has_appointment(new.id).await? {
                return tx.booked_before(new).await;
            }
            let span = Span { starts: new.appointment.window.starts, ends: new.appointment.window.ends };
            let host = new.appointment.responsible;
            let everybody: Vec<PersonId> =
                core::iter::once(host).chain(new.people.iter().map(|(person, _)| *person)).collect();
            let around = Around { but: new.id, host, people: &everybody, span, pause: new.pause };
            let busy = tx.busy(around).await?;
            let calendar = Calendar { busy: &busy, pause: new.pause, now: by.now };
            booking::book(span, new.appointment.mode, &calendar)?;
            let session = SessionId::from_parts(by.now, random_id_part()?);
            tx.insert_appointment(new.id, session, &new.appointment).await?;
            tx.invite_to(new.id, host, Role::Host).await?;
            for (person, role) in &new.people {
                tx.invite_to(new.id, *person, *role).await?;
            }
            let (appointment, _) = tx.appointment(new.id).await?;
            tx.tell(&appointment, new.tell_from, timetable).await?;
            tx.changed(Subject::Appointment(new.id));
            let event = about(&appointment, AuditEvent::new(Action::AppointmentAdded));
            tx.commit(event.on(Object::Appointment(new.id))).await?;
            Ok(appointment)
        })
        .await
    }

    /// Moves, converts or calls off an hour, and tells those who knew of it; what it became, also when it was so
    /// already.
    ///
    /// # Errors
    /// [`StoreError::Booking`] when it cannot be; [`StoreError::NotFound`].
    pub async fn change_appointment(
        &self,
        by: By,
        wanted: Wanted,
        timetable: &Timetable,
    ) -> Result<Appointment> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (before, state) = tx.appointment(wanted.appointment).await?;
            let hour = tx.hour(&before, state).await?;
            let span = match wanted.change {
                Change::Move(span) => span,
                Change::Convert(_) | Change::Cancel { .. } => hour.span,
            };
            let people = tx.people_of(before.id).await?;
            let (but, host, pause) = (before.id, before.responsible, wanted.pause);
            let busy = tx.busy(Around { but, host, people: &people, span, pause }).await?;
            let calendar = Calendar { busy: &busy, pause: wanted.pause, now: by.now };
            let after = booking::change(hour, wanted.change, wanted.seen, &calendar)?;
            if after == hour {
                return Ok(before);
            }
            tx.write_change(&before, hour, after).await?;
            let (appointment, _) = tx.appointment(before.id).await?;
            tx.tell(&appointment, None, timetable).await?;
            tx.changed(Subject::Appointment(before.id));
            let event = about(&before, AuditEvent::new(action_of(wanted.change)));
            tx.commit(event.on(Object::Appointment(before.id))).await?;
            Ok(appointment)
        })
        .await
    }

    /// Gives an hour to a colleague, who becomes its host; the one who had it has it no longer. `seen` is the sequence
    /// that whoever asks had before their eyes.
    ///
    /// # Errors
    /// [`StoreError::Booking`] when the colleague is taken then, or the hour can no longer change;
    /// [`StoreError::NotFound`].
    pub async fn hand_over(
        &self,
        by: By,
        (id, seen): (AppointmentId, u32),
        to: PersonId,
        timetable: &Timetable,
    ) -> Result<()> {
        const SQL: &str = "UPDATE appointment SET responsible = $2, sequence = sequence + 1 WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (before, state) = tx.appointment(id).await?;
            if before.responsible == to {
                return Ok(());
            }
            let hour = tx.hour(&before, state).await?;
            booking::may_change(&hour, seen)?;
            tx.may_meet(before.patient, before.mode).await?;
            // The same rules as for a new hour, in the colleague's calendar.
            let people = [to];
            let around =
                Around { but: id, host: to, people: &people, span: hour.span, pause: Duration::ZERO };
            let busy = tx.busy(around).await?;
            let calendar = Calendar { busy: &busy, pause: Duration::ZERO, now: by.now };
            booking::book(hour.span, hour.mode, &calendar)?;
            change!(tx, SQL, id.uuid(), to.uuid())?;
            tx.remember(&before, hour).await?;
            tx.withdraw_host(id, before.responsible).await?;
            tx.welcome_host(id, to).await?;
            let (appointment, _) = tx.appointment(id).await?;
            tx.tell(&appointment, None, timetable).await?;
            tx.changed(Subject::Appointment(id));
            // Hers is the hour, and his is what he was given: it stands in the log of both.
            let event = AuditEvent::new(Action::AppointmentHandedOver).of(before.organization);
            if let Some(patient) = before.patient {
                tx.also(event.clone().about(patient).on(Object::Appointment(id)));
            }
            tx.commit(event.about(to).on(Object::Appointment(id))).await?;
            Ok(())
        })
        .await
    }

    /// The hours of the same series that come after this one and can still change, with the sequence of each, by time;
    /// ids only. The hours of a series are counted on from the id of the first, in its last two bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rest_of_series(
        &self,
        id: AppointmentId,
        now: Timestamp,
    ) -> Result<Vec<(AppointmentId, u32)>> {
        const SQL: &str = "SELECT a.id, a.sequence FROM appointment a JOIN session s ON s.appointment = a.id \
             JOIN appointment o ON o.id = $1 WHERE a.id >= $2 AND a.id <= $3 AND a.starts > o.starts \
             AND a.responsible = o.responsible AND a.cancelled IS NULL AND s.opened IS NULL AND s.ended IS NULL \
             AND NOT EXISTS (SELECT 1 FROM encounter e WHERE e.appointment = a.id) ORDER BY a.starts, a.id";
        let counted = |count: [u8; 2]| {
            let mut bytes = *id.as_bytes();
            let [.., high, low] = &mut bytes;
            [*high, *low] = count;
            Uuid::from_bytes(bytes)
        };
        let mut tx = self.look(now).await?;
        let found = rows!(tx, SQL, (Uuid, i64), id.uuid(), counted([0; 2]), counted([u8::MAX; 2]))?;
        tx.done().await?;
        let sequence = |found: i64| {
            u32::try_from(found).map_err(|_| StoreError::Damaged { column: "appointment.sequence" })
        };
        found.into_iter().map(|(id, seen)| Ok((AppointmentId::from_uuid(id), sequence(seen)?))).collect()
    }

    /// Tells those who wait that the clinician is late, and until about when (CARE-09); `None` takes it back. Whether
    /// that is new.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn say_late(&self, by: By, id: AppointmentId, until: Option<Timestamp>) -> Result<bool> {
        const SQL: &str = "UPDATE appointment SET late_until = $2 WHERE id = $1 \
             AND COALESCE(late_until, 0) <> COALESCE($2, 0)";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (appointment, _) = tx.appointment(id).await?;
            if change!(tx, SQL, id.uuid(), until.map(Timestamp::as_millis))? == 0 {
                return Ok(false);
            }
            tx.changed(Subject::Appointment(id));
            let event = about(&appointment, AuditEvent::new(Action::SaidLate));
            tx.commit(event.on(Object::Appointment(id))).await?;
            Ok(true)
        })
        .await
    }
}

const fn action_of(change: Change) -> Action {
    match change {
        Change::Move(_) => Action::AppointmentMoved,
        Change::Convert(_) => Action::AppointmentConverted,
        Change::Cancel { .. } => Action::AppointmentCancelled,
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whether there is an hour with this id.
    pub(crate) async fn has_appointment(&mut self, id: AppointmentId) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM appointment WHERE id = $1";
        Ok(row!(self, SQL, (i64,), id.uuid())?.is_some_and(|(rows,)| rows > 0))
    }

    /// The booking that stands under this id, if it is this one.
    async fn booked_before(&mut self, new: &NewBooking) -> Result<Appointment> {
        let (standing, _) = self.appointment(new.id).await?;
        let wanted = &new.appointment;
        let same = standing.organization == wanted.organization
            && standing.responsible == wanted.responsible
            && standing.patient == wanted.patient
            && standing.kind == wanted.kind;
        if same { Ok(standing) } else { Err(StoreError::Booking(NotBookable::ChangedMeanwhile)) }
    }

    /// Everybody whose invitation stands.
    async fn people_of(&mut self, appointment: AppointmentId) -> Result<Vec<PersonId>> {
        const SQL: &str = "SELECT person FROM invitation WHERE appointment = $1 AND withdrawn_at IS NULL";
        let found = rows!(self, SQL, (Uuid,), appointment.uuid())?;
        Ok(found.into_iter().map(|(person,)| PersonId::from_uuid(person)).collect())
    }

    /// The other hours that stand around a span, with the pause on both sides.
    async fn busy(&mut self, around: Around<'_>) -> Result<Vec<Busy>> {
        const SQL: &str = "SELECT a.starts, a.ends, a.mode FROM invitation i \
             JOIN appointment a ON a.id = i.appointment JOIN session s ON s.appointment = a.id \
             WHERE i.person = $1 AND i.withdrawn_at IS NULL AND a.id <> $2 AND a.cancelled IS NULL \
             AND s.ended IS NULL AND a.ends > $3 AND i.starts > $5 AND i.starts < $4";
        let Around { but, host, people, span, pause } = around;
        let (from, to) = (span.starts.minus(pause).as_millis(), span.ends.plus(pause).as_millis());
        let begun = span.starts.minus(pause).minus(Day::AROUND).as_millis();
        let mut busy = Vec::new();
        for person in people {
            for (starts, ends, mode) in
                rows!(self, SQL, (i64, i64, String), person.uuid(), but.uuid(), from, to, begun)?
            {
                let span =
                    Span { starts: Timestamp::from_millis(starts), ends: Timestamp::from_millis(ends) };
                let mode = decode(&mode, "appointment.mode")?;
                busy.push(Busy { span, mode, yours: *person == host });
            }
        }
        Ok(busy)
    }

    /// An appointment as the rules see it.
    pub(crate) async fn hour(&mut self, appointment: &Appointment, state: SessionState) -> Result<Hour> {
        const SQL: &str = "SELECT COUNT(*) FROM encounter WHERE appointment = $1";
        let closed = row!(self, SQL, (i64,), appointment.id.uuid())?.is_some_and(|(rows,)| rows > 0);
        let standing = match (appointment.cancelled, state) {
            (Some(cancelled), _) => Standing::Cancelled(cancelled),
            (None, _) if closed => Standing::Closed,
            (None, SessionState::Planned) => Standing::Booked,
            (None, SessionState::Open { .. } | SessionState::Ended { .. }) => Standing::Begun,
        };
        let span = Span { starts: appointment.window.starts, ends: appointment.window.ends };
        Ok(Hour { span, mode: appointment.mode, sequence: appointment.sequence, standing })
    }
}

impl Tx<'_, Write> {
    /// Invites somebody to an appointment that is being made.
    pub(crate) async fn invite_to(
        &mut self,
        appointment: AppointmentId,
        person: PersonId,
        role: Role,
    ) -> Result<InvitationId> {
        let id = InvitationId::from_parts(self.now(), random_id_part()?);
        let seat = ParticipantId::from_parts(self.now(), random_id_part()?);
        let new = NewInvitation { appointment, person, role, until: None };
        let organization = self.insert_invitation(id, seat, &new).await?;
        let event = AuditEvent::new(Action::InvitationAdded).of(organization).about(person);
        self.also(event.on(Object::Invitation(id)));
        Ok(id)
    }

    /// Keeps what an hour was before it changes.
    async fn remember(&mut self, before: &Appointment, hour: Hour) -> Result<()> {
        const SQL: &str = "INSERT INTO appointment_change (appointment, sequence, at, changed_by, starts, ends, mode) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let who = match self.actor() {
            Actor::Person(person) => Some(person.uuid()),
            _ => None,
        };
        let (id, now) = (before.id.uuid(), self.now().as_millis());
        let (starts, ends) = (hour.span.starts.as_millis(), hour.span.ends.as_millis());
        change!(self, SQL, id, i64::from(hour.sequence), now, who, starts, ends, hour.mode.code())?;
        Ok(())
    }

    /// The one who gave an hour away is host in it no longer.
    async fn withdraw_host(&mut self, id: AppointmentId, person: PersonId) -> Result<()> {
        const SQL: &str = "UPDATE invitation SET withdrawn_by = 'clinician', withdrawn_at = $3 \
             WHERE appointment = $1 AND person = $2 AND withdrawn_at IS NULL";
        let now = self.now().as_millis();
        change!(self, SQL, id.uuid(), person.uuid(), now)?;
        Ok(())
    }

    /// Makes somebody host who may have been invited before.
    async fn welcome_host(&mut self, id: AppointmentId, person: PersonId) -> Result<()> {
        const SQL: &str = "UPDATE invitation SET role = 'host', withdrawn_by = NULL, withdrawn_at = NULL \
             WHERE appointment = $1 AND person = $2";
        if change!(self, SQL, id.uuid(), person.uuid())? == 0 {
            self.invite_to(id, person, Role::Host).await?;
        }
        Ok(())
    }

    pub(crate) async fn write_change(&mut self, before: &Appointment, hour: Hour, after: Hour) -> Result<()> {
        const SQL: &str = "UPDATE appointment SET starts = $2, ends = $3, mode = $4, sequence = $5, \
             cancelled = $6, cancelled_by = $7, cancel_cause = $8, late_until = NULL WHERE id = $1";
        const SQL_INVITED: &str = "UPDATE invitation SET starts = $2 WHERE appointment = $1";
        // Also a visit that stood before her address was graded is not moved: it is held another way or called off.
        if (after.mode, after.span) != (hour.mode, hour.span) {
            self.may_meet(before.patient, after.mode).await?;
        }
        self.remember(before, hour).await?;
        let id = before.id.uuid();
        let cancelled = match after.standing {
            Standing::Cancelled(cancelled) => Some(cancelled),
            Standing::Booked | Standing::Begun | Standing::Closed => None,
        };
        let at = cancelled.map(|Cancelled { at, .. }| at.as_millis());
        let by = cancelled.map(|Cancelled { by, .. }| by.code());
        let cause = cancelled.map(|Cancelled { cause, .. }| cause.code());
        let (starts, ends) = (after.span.starts.as_millis(), after.span.ends.as_millis());
        let sequence = i64::from(after.sequence);
        change!(self, SQL, id, starts, ends, after.mode.code(), sequence, at, by, cause)?;
        if after.span.starts != hour.span.starts {
            change!(self, SQL_INVITED, id, starts)?;
        }
        Ok(())
    }
}
