//! What a clinician makes of a care worker's *not today* (CARE-04), in one transaction: the answer, the hour that is called
//! off and the talk with the staff stand together or not at all; a second press finds what the first one made (SEC-084).

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object};
use domain::booking::{self, Calendar, Change, NotBookable, Span};
use domain::meeting::{Appointment, Cause, Day, MeetingKind, Party, SessionState};
use domain::message::Timetable;
use domain::response::{self, Decision, Ground, NotDecided, Standing};
use ids::{AppointmentId, PersonId, Personal, Role, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::appointment::NewAppointment;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::response::about;
use crate::tx::{Tx, Write, change, row, rows};

/// What a clinician decides about an hour, and from which sight of it.
#[derive(Debug, Clone, Copy)]
pub struct Deciding {
    /// Which hour.
    pub appointment: AppointmentId,
    /// The sequence that whoever decides had before their eyes.
    pub seen: u32,
    /// What.
    pub decision: Decision,
    /// The id of the talk, if there is to be one, made when the form was shown.
    pub talk: AppointmentId,
}

/// An answer that nobody has decided.
struct Undecided {
    cause: Cause,
    offers_hour: bool,
}

impl Db {
    /// Decides every answer to an hour that is not decided: the hour stays, is called off as told, or is called off and
    /// becomes a talk with the staff, whose id comes back. A second press finds what the first one made.
    ///
    /// # Errors
    /// [`StoreError::Booking`] when the hour can no longer be called off; [`StoreError::NotFound`]. That it cannot be
    /// decided so is an answer.
    pub async fn decide_response(
        &self,
        by: By,
        wanted: Deciding,
        timetable: &Timetable,
    ) -> Result<Result<Option<AppointmentId>, NotDecided>> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (appointment, state) = tx.appointment(wanted.appointment).await?;
            let undecided = tx.undecided(appointment.id).await?;
            let Some(first) = undecided.first() else {
                return tx.decided_before(appointment.id, wanted.decision).await;
            };
            let offers = undecided.iter().any(|one| one.offers_hour);
            let standing = match response::decide(Standing::Given, offers, wanted.decision) {
                Ok(standing) => standing,
                Err(why) => return Ok(Err(why)),
            };
            let talk = match wanted.decision {
                Decision::Keep => None,
                Decision::CallOff => {
                    tx.call_off((&appointment, state), first.cause, wanted.seen, timetable).await?;
                    None
                }
                Decision::StaffTalk { ground, .. } => {
                    if !tx.call_off((&appointment, state), first.cause, wanted.seen, timetable).await? {
                        // It was called off by other means; the time may be somebody else's by now.
                        return Err(NotBookable::Cancelled.into());
                    }
                    tx.add_talk(wanted.talk, &appointment, ground, timetable).await?;
                    Some(wanted.talk)
                }
            };
            tx.write_decision(appointment.id, standing, wanted.decision, talk).await?;
            let event = about(&appointment, AuditEvent::new(Action::ResponseDecided));
            let words = Personal::new(decision_words(standing, wanted.decision));
            tx.commit(event.on(Object::Appointment(appointment.id)).details(words)).await?;
            Ok(Ok(talk))
        })
        .await
    }
}

/// What was decided, for the log: the ground, and whether she is told.
fn decision_words(standing: Standing, decision: Decision) -> String {
    match decision {
        Decision::Keep | Decision::CallOff => standing.code().to_owned(),
        Decision::StaffTalk { ground, withheld } => {
            let told = withheld.map_or("told", Code::code);
            format!("{} {} {told}", standing.code(), ground.code())
        }
    }
}

impl<Kind> Tx<'_, Kind> {
    /// The answers to an hour that nobody has decided, the oldest first.
    async fn undecided(&mut self, appointment: AppointmentId) -> Result<Vec<Undecided>> {
        const SQL: &str = "SELECT cause, offers_hour FROM appointment_response WHERE appointment = $1 \
             AND standing = 'given' ORDER BY given, id";
        let found = rows!(self, SQL, (String, i64), appointment.uuid())?;
        let one = |(cause, offers): (String, i64)| {
            Ok(Undecided { cause: decode(&cause, "appointment_response.cause")?, offers_hour: offers != 0 })
        };
        found.into_iter().map(one).collect()
    }

    /// What was made of an hour whose answers are all decided, if this is the same decision.
    async fn decided_before(
        &mut self,
        appointment: AppointmentId,
        decision: Decision,
    ) -> Result<Result<Option<AppointmentId>, NotDecided>> {
        const SQL: &str = "SELECT standing, offers_hour, talk FROM appointment_response WHERE appointment = $1 \
             ORDER BY given DESC, id DESC LIMIT 1";
        let found = row!(self, SQL, (String, i64, Option<Uuid>), appointment.uuid())?;
        let (standing, _, talk) = found.ok_or(StoreError::NotFound)?;
        let standing = decode(&standing, "appointment_response.standing")?;
        // Who of several offered the hour does not matter any more.
        let same = response::decide(standing, true, decision);
        Ok(same.map(|_| talk.map(AppointmentId::from_uuid)))
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The hours of a clinician that are not over, to which somebody answered and nobody decided, by time: ids and times
    /// only.
    pub(crate) async fn undecided_hours(
        &mut self,
        clinician: PersonId,
    ) -> Result<Vec<(AppointmentId, Timestamp)>> {
        // From the few answers that are open to their hours; from somebody's hours to their answers it is a long way.
        const SQL: &str = "SELECT DISTINCT r.appointment, a.starts FROM appointment_response r \
             CROSS JOIN invitation i CROSS JOIN appointment a \
             WHERE r.standing = 'given' AND i.appointment = r.appointment AND i.person = $1 AND i.role = 'host' \
             AND i.withdrawn_at IS NULL AND i.starts > $3 AND a.id = r.appointment AND a.cancelled IS NULL AND a.ends > $2 \
             ORDER BY a.starts, r.appointment LIMIT 200";
        let (now, since) = (self.now().as_millis(), self.now().minus(Day::AROUND).as_millis());
        let found = rows!(self, SQL, (Uuid, i64), clinician.uuid(), now, since)?.into_iter();
        Ok(found.map(|(id, starts)| (AppointmentId::from_uuid(id), Timestamp::from_millis(starts))).collect())
    }
}

impl Tx<'_, Write> {
    /// Calls an hour off on the word of where she lives; whether it was standing.
    async fn call_off(
        &mut self,
        (appointment, state): (&Appointment, SessionState),
        cause: Cause,
        seen: u32,
        timetable: &Timetable,
    ) -> Result<bool> {
        let hour = self.hour(appointment, state).await?;
        let calendar = Calendar { busy: &[], pause: Duration::ZERO, now: self.now() };
        let after = booking::change(hour, Change::Cancel { by: Party::Home, cause }, seen, &calendar)?;
        if after == hour {
            return Ok(false);
        }
        self.write_change(appointment, hour, after).await?;
        let (off, _) = self.appointment(appointment.id).await?;
        self.tell(&off, None, timetable).await?;
        self.changed(Subject::Appointment(appointment.id));
        let event = about(appointment, AuditEvent::new(Action::AppointmentCancelled));
        self.also(event.on(Object::Appointment(appointment.id)));
        Ok(true)
    }

    /// Books the talk with the staff at the time of an hour that was called off in this write: the clinician and every
    /// care worker who was invited to it are free then. Who is blocked from the one is not invited to the other
    /// (SEC-096).
    ///
    /// # Errors
    /// [`NotBookable::ChangedMeanwhile`] when the id is that of another hour.
    async fn add_talk(
        &mut self,
        id: AppointmentId,
        hour: &Appointment,
        ground: Ground,
        timetable: &Timetable,
    ) -> Result<()> {
        const SQL: &str = "SELECT i.person FROM invitation i WHERE i.appointment = $1 AND i.role = 'care_worker' \
             AND i.withdrawn_at IS NULL AND i.ended_for IS NULL AND NOT EXISTS (SELECT 1 FROM block b \
             WHERE b.appointment = i.appointment AND b.person = i.person AND b.lifted IS NULL) \
             ORDER BY i.created, i.id";
        if self.has_appointment(id).await? {
            return Err(NotBookable::ChangedMeanwhile.into());
        }
        let now = self.now();
        let span = Span { starts: hour.window.starts, ends: hour.window.ends };
        booking::book(span, hour.mode, &Calendar { busy: &[], pause: Duration::ZERO, now })?;
        let new = NewAppointment {
            organization: hour.organization,
            kind: MeetingKind::Guidance,
            mode: hour.mode,
            patient: hour.patient.filter(|_| ground.is_about_her()),
            responsible: hour.responsible,
            window: hour.window,
            sign: None,
            notice: hour.notice,
        };
        let session = SessionId::from_parts(now, random_id_part()?);
        self.insert_appointment(id, session, &new).await?;
        self.invite_to(id, hour.responsible, Role::Host).await?;
        for (person,) in rows!(self, SQL, (Uuid,), hour.id.uuid())? {
            self.invite_to(id, PersonId::from_uuid(person), Role::CareWorker).await?;
        }
        let (talk, _) = self.appointment(id).await?;
        self.tell(&talk, None, timetable).await?;
        self.changed(Subject::Appointment(id));
        let event = AuditEvent::new(Action::AppointmentAdded).of(hour.organization);
        let event = match new.patient {
            Some(patient) => event.about(patient),
            None => event,
        };
        self.also(event.on(Object::Appointment(id)));
        Ok(())
    }

    async fn write_decision(
        &mut self,
        appointment: AppointmentId,
        standing: Standing,
        decision: Decision,
        talk: Option<AppointmentId>,
    ) -> Result<()> {
        const SQL: &str = "UPDATE appointment_response SET standing = $2, decided = $3, decided_by = $4, talk = $5, \
             ground = $6, withheld = $7 WHERE appointment = $1 AND standing = 'given'";
        let who = match self.actor() {
            Actor::Person(person) => Some(person.uuid()),
            _ => None,
        };
        let (ground, withheld) = match decision {
            Decision::StaffTalk { ground, withheld } => (Some(ground.code()), withheld.map(Code::code)),
            Decision::Keep | Decision::CallOff => (None, None),
        };
        let (now, talk) = (self.now().as_millis(), talk.map(AppointmentId::uuid));
        change!(self, SQL, appointment.uuid(), standing.code(), now, who, talk, ground, withheld)?;
        Ok(())
    }
}
