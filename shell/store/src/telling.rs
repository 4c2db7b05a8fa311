//! What people are told about an hour that is booked, moved, converted, handed over or called off: laid into the outbox
//! in the write that changes it, so that neither is there without the other (SEC-065).
//!
//! What is news to whom is decided by `domain::message::news`, when it leaves by the installation's timetable.

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::meeting::Appointment;
use domain::message::{Channel, Heard, Hour, MessageKind, Notice, Said, State, Timetable, news};
use ids::{AppointmentId, InvitationId, PersonId, Personal, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::Result;
use crate::message::NewMessage;
use crate::response::about;
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

/// How somebody was last summoned: the recognition sign, and the words that were chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manner {
    /// The recognition sign.
    pub sign: Option<Personal<String>>,
    /// How people were told; `None`: not by message.
    pub notice: Option<Notice>,
}

/// Somebody who comes and is told.
struct Guest {
    invitation: InvitationId,
    person: PersonId,
}

impl Db {
    /// How a clinician last summoned a young person, so that it need not be chosen again; `None` the first time.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn last_manner(
        &self,
        by: By,
        patient: PersonId,
        responsible: PersonId,
    ) -> Result<Option<Manner>> {
        const SQL: &str = "SELECT id FROM appointment WHERE patient = $1 AND responsible = $2 \
             ORDER BY created DESC, id DESC LIMIT 1";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let organization = tx.organization_of(patient).await?;
        tx.have_read(organization, patient, Object::Person(patient));
        let manner = match row!(tx, SQL, (Uuid,), patient.uuid(), responsible.uuid())? {
            Some((last,)) => {
                let (last, _) = tx.appointment(AppointmentId::from_uuid(last)).await?;
                Some(Manner { sign: last.sign, notice: last.notice })
            }
            None => None,
        };
        tx.answer(Unlogged(manner)).await
    }

    /// Chooses anew how people are told of an hour, and tells those who do not know of it yet or not as it is now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such appointment.
    pub async fn tell_now(
        &self,
        by: By,
        appointment: AppointmentId,
        notice: Notice,
        timetable: &Timetable,
    ) -> Result<()> {
        const SQL: &str = "UPDATE appointment SET wording = $2, with_link = $3 WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (mut found, _) = tx.appointment(appointment).await?;
            let with_link = i64::from(notice.with_link);
            change!(tx, SQL, appointment.uuid(), notice.wording.code(), with_link)?;
            found.notice = Some(notice);
            tx.tell(&found, None, timetable).await?;
            tx.changed(Subject::Appointment(appointment));
            let event = about(&found, AuditEvent::new(Action::NoticeChanged));
            tx.commit(event.on(Object::Appointment(appointment))).await
        })
        .await
    }
}

impl Tx<'_, Write> {
    /// Takes back what has not left about an hour, and lays in what is news to each who comes and can be reached, with
    /// the reminders; not before `from`.
    pub(crate) async fn tell(
        &mut self,
        appointment: &Appointment,
        from: Option<Timestamp>,
        timetable: &Timetable,
    ) -> Result<()> {
        self.withdraw_messages(appointment.id, None).await?;
        let Some(notice) = appointment.notice else { return Ok(()) };
        let from = from.map_or(self.now(), |from| from.max(self.now()));
        for guest in self.guests(appointment).await? {
            let Some(channel) = self.contact_of(guest.person).await?.channel() else { continue };
            self.tell_one(appointment, &guest, (notice, channel), (from, timetable)).await?;
        }
        Ok(())
    }

    async fn tell_one(
        &mut self,
        appointment: &Appointment,
        guest: &Guest,
        (notice, channel): (Notice, Channel),
        (from, timetable): (Timestamp, &Timetable),
    ) -> Result<()> {
        let window = appointment.window;
        let time = (window.starts, window.ends);
        let (way, host) = (appointment.mode, Some(appointment.responsible));
        let hour = Hour { starts: window.starts, ends: window.ends, way, host };
        let is_off = appointment.cancelled.is_some();
        let heard = self.heard(guest.invitation).await?;
        let Timetable { rules, zone } = timetable;
        let plan = match news(&heard, &hour, is_off) {
            Some(occasion) => rules.plan(occasion, time, from, zone),
            None if is_off => Vec::new(),
            None => rules.reminders(window.starts, from, zone),
        };
        for mut planned in plan {
            // Whoever was told of a later time may come then: until then it is of use to hear how it is now.
            if !planned.kind.by_the_clock() {
                let known = heard.until.unwrap_or(window.ends);
                planned.useless_after = planned.useless_after.max(known);
            }
            let new = NewMessage {
                invitation: guest.invitation,
                channel,
                planned,
                wording: notice.wording,
                way,
                with_link: notice.with_link,
                time,
                sequence: appointment.sequence,
            };
            self.queue_message(&new).await?;
        }
        Ok(())
    }

    /// Everybody whose invitation stands, beside those who hold the hour. Who was taken off or is blocked hears nothing
    /// more of it.
    async fn guests(&mut self, appointment: &Appointment) -> Result<Vec<Guest>> {
        const SQL: &str = "SELECT i.id, i.person FROM invitation i WHERE i.appointment = $1 AND i.role <> 'host' \
             AND i.withdrawn_at IS NULL AND NOT EXISTS (SELECT 1 FROM block b WHERE b.appointment = i.appointment \
             AND b.person = i.person AND b.lifted IS NULL) ORDER BY i.created, i.id";
        let found = rows!(self, SQL, (Uuid, Uuid), appointment.id.uuid())?;
        let guest = |(invitation, person)| Guest {
            invitation: InvitationId::from_uuid(invitation),
            person: PersonId::from_uuid(person),
        };
        Ok(found.into_iter().map(guest).collect())
    }

    /// What may have reached somebody about an hour.
    async fn heard(&mut self, invitation: InvitationId) -> Result<Heard> {
        const SQL: &str = "SELECT state, doubted, kind, starts, ends, way, held_by FROM message WHERE invitation = $1 \
             ORDER BY sequence DESC, created DESC, id DESC";
        type Row = (String, i64, String, i64, i64, String, Option<Uuid>);
        let mut heard = Heard::default();
        for (state, doubted, kind, starts, ends, way, host) in rows!(self, SQL, Row, invitation.uuid())? {
            let state: State = decode(&state, "message.state")?;
            let kind: MessageKind = decode(&kind, "message.kind")?;
            if !kind.is_about_an_hour() || (doubted == 0 && !state.may_have_arrived()) {
                continue;
            }
            heard.until = heard.until.max(Some(Timestamp::from_millis(ends)));
            if !kind.is_news() {
                continue;
            }
            let hour = Hour {
                starts: Timestamp::from_millis(starts),
                ends: Timestamp::from_millis(ends),
                way: decode(&way, "message.way")?,
                host: host.map(PersonId::from_uuid),
            };
            heard.said = Some(Said { kind, hour });
            break;
        }
        Ok(heard)
    }
}
