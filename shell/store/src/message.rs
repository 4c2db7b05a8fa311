//! Messages about appointments as staff see them: laid into the outbox together with what they are about, taken back,
//! listed, and sent once more when a person asks for it (SEC-060).
//!
//! How a worker takes them out stands in `outbox`; what each state may become is decided by `domain::message`.

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::meeting::Mode;
use domain::message::{Channel, MessageKind, Planned, Progress, Reason, State, Wording};
use ids::{AppointmentId, InvitationId, MessageId, OrganizationId, PersonId, Personal, SignInId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// Messages of one appointment that are listed.
const LINES_MAX: i64 = 500;

/// A message to lay into the outbox.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage {
    /// To whose invitation; it names person and appointment.
    pub invitation: InvitationId,
    /// By which way.
    pub channel: Channel,
    /// What it says, and when it may leave.
    pub planned: Planned,
    /// In which wording.
    pub wording: Wording,
    /// How the two meet.
    pub way: Mode,
    /// Whether it takes a personal link along; only a meeting on a screen has one.
    pub with_link: bool,
    /// When the appointment begins and ends, as the message says it.
    pub time: (Timestamp, Timestamp),
    /// How often the appointment was changed before (SEQUENCE of RFC 5545 §3.8.7.4).
    pub sequence: u32,
}

/// A message as staff see it; no address and no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageLine {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub person: PersonId,
    /// By which way.
    pub channel: Channel,
    /// What it says.
    pub kind: MessageKind,
    /// How far it has come.
    pub progress: Progress,
    /// Since when it is so.
    pub since: Timestamp,
    /// The appointment has changed since: it would say what is no longer so.
    pub superseded: bool,
}

impl Db {
    /// Lays messages into the outbox by themselves; what belongs to a booking goes through
    /// [`Tx::queue_message`] in the booking's own write.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such invitation; nothing was written then.
    pub async fn queue_messages(&self, by: By, new: &[NewMessage]) -> Result<Vec<MessageId>> {
        let Some((last, first)) = new.split_last() else { return Ok(Vec::new()) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let mut queued = Vec::with_capacity(new.len());
            for one in first {
                queued.push(tx.queue_message(one).await?);
            }
            let (id, event) = tx.insert_message(last).await?;
            queued.push(id);
            tx.commit(event).await?;
            Ok(queued)
        })
        .await
    }

    /// A person asks for a message to be sent once more; whether it can be. Only what failed or is in doubt can, and
    /// only while it is of use and says what is still so. What a young person asked for herself, nobody asks for again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn send_message_again(&self, by: By, id: MessageId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let mut progress = tx.progress(id).await?;
            if tx.is_superseded(id).await? || !tx.kind_of(id).await?.is_about_an_hour() {
                return Ok(false);
            }
            let led_nowhere = progress.reason == Some(Reason::NoAddress);
            if !progress.send_again(by.now) {
                return Ok(false);
            }
            if led_nowhere {
                tx.choose_way_anew(id).await?;
            }
            tx.save_progress(id, &progress).await?;
            let event = tx.about_message(id, Action::MessageAskedAgain).await?;
            tx.commit(event).await?;
            Ok(true)
        })
        .await
    }

    /// Whether a signed-in browser is that of a host of this appointment whose invitation stands; ids only, so that it
    /// can be asked before anything is read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_browser_of_host(
        &self,
        sign_in: SignInId,
        appointment: AppointmentId,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM sign_in g JOIN invitation i ON i.person = g.person \
             WHERE g.id = $1 AND i.appointment = $2 AND g.ended IS NULL AND g.expires > $3 AND i.role = 'host' \
             AND i.withdrawn_at IS NULL AND i.ended_for IS NULL \
             AND NOT EXISTS (SELECT 1 FROM block b WHERE b.appointment = i.appointment AND b.person = i.person \
             AND b.lifted IS NULL) \
             AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL))";
        let mut tx = self.look(now).await?;
        let (found,) =
            row!(tx, SQL, (i64,), sign_in.uuid(), appointment.uuid(), now.as_millis())?.unwrap_or_default();
        tx.done().await?;
        Ok(found > 0)
    }

    /// What was sent for an appointment, is on its way, failed or is in doubt, oldest first; logged for every person
    /// in it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such appointment.
    pub async fn messages_of(
        &self,
        by: By,
        purpose: Purpose,
        appointment: AppointmentId,
    ) -> Result<Vec<MessageLine>> {
        let mut tx = self.read(by.actor, purpose, by.now).await?;
        let (found, _) = tx.appointment(appointment).await?;
        let lines = tx.message_lines(appointment).await?;
        for line in &lines {
            tx.have_read(found.organization, line.person, Object::Appointment(appointment));
        }
        tx.answer(Unlogged(lines)).await
    }
}

type ProgressRow = (String, i64, i64, i64, i64, Option<i64>, Option<String>, i64);

/// A row's eight columns as [`Progress`].
pub(crate) fn progress_of(row: ProgressRow) -> Result<Progress> {
    let (state, due, useless_after, claims, tries, lease, reason, doubted) = row;
    let number =
        |number: i64| u32::try_from(number).map_err(|_| StoreError::Damaged { column: "message.claims" });
    Ok(Progress {
        state: decode(&state, "message.state")?,
        due: Timestamp::from_millis(due),
        useless_after: Timestamp::from_millis(useless_after),
        claims: number(claims)?,
        tries: number(tries)?,
        lease: lease.map(Timestamp::from_millis),
        reason: reason.map(|word| decode::<Reason>(&word, "message.reason")).transpose()?,
        doubted: doubted != 0,
    })
}

impl<Mode> Tx<'_, Mode> {
    /// How far a message has come.
    pub(crate) async fn progress(&mut self, id: MessageId) -> Result<Progress> {
        const SQL: &str = "SELECT state, due, useless_after, claims, tries, lease, reason, doubted FROM message WHERE id = $1";
        progress_of(row!(self, SQL, ProgressRow, id.uuid())?.ok_or(StoreError::NotFound)?)
    }

    /// What a message says.
    async fn kind_of(&mut self, id: MessageId) -> Result<MessageKind> {
        const SQL: &str = "SELECT kind FROM message WHERE id = $1";
        let (kind,) = row!(self, SQL, (String,), id.uuid())?.ok_or(StoreError::NotFound)?;
        decode(&kind, "message.kind")
    }

    /// Whether the appointment has changed since the message was laid in.
    async fn is_superseded(&mut self, id: MessageId) -> Result<bool> {
        const SQL: &str = "SELECT a.sequence - m.sequence FROM message m JOIN appointment a ON a.id = m.appointment \
             WHERE m.id = $1";
        let (age,) = row!(self, SQL, (i64,), id.uuid())?.ok_or(StoreError::NotFound)?;
        Ok(age != 0)
    }

    /// An audit event about a message: whose log it belongs to and which organisation answers for it.
    pub(crate) async fn about_message(&mut self, id: MessageId, action: Action) -> Result<AuditEvent> {
        const SQL: &str = "SELECT organization, person FROM message WHERE id = $1";
        let (organization, person) = row!(self, SQL, (Uuid, Uuid), id.uuid())?.ok_or(StoreError::NotFound)?;
        let event = AuditEvent::new(action).of(OrganizationId::from_uuid(organization));
        Ok(event.about(PersonId::from_uuid(person)).on(Object::Message(id)))
    }
}

impl Tx<'_, Read> {
    async fn message_lines(&mut self, appointment: AppointmentId) -> Result<Vec<MessageLine>> {
        const SQL: &str = "SELECT m.id, m.person, m.channel, m.kind, m.changed, m.state, m.due, m.useless_after, \
             m.claims, m.tries, m.lease, m.reason, m.doubted, a.sequence - m.sequence \
             FROM message m JOIN appointment a ON a.id = m.appointment \
             WHERE m.appointment = $1 ORDER BY m.created, m.sequence, m.due, m.id LIMIT $2";
        type Row = (
            Uuid,
            Uuid,
            String,
            String,
            i64,
            String,
            i64,
            i64,
            i64,
            i64,
            Option<i64>,
            Option<String>,
            i64,
            i64,
        );
        let line = |row: Row| {
            let (
                id,
                person,
                channel,
                kind,
                changed,
                state,
                due,
                useless_after,
                claims,
                tries,
                lease,
                reason,
                doubted,
                age,
            ) = row;
            Ok(MessageLine {
                id: MessageId::from_uuid(id),
                person: PersonId::from_uuid(person),
                channel: decode(&channel, "message.channel")?,
                kind: decode(&kind, "message.kind")?,
                progress: progress_of((state, due, useless_after, claims, tries, lease, reason, doubted))?,
                since: Timestamp::from_millis(changed),
                superseded: age != 0,
            })
        };
        let found = rows!(self, SQL, Row, appointment.uuid(), LINES_MAX)?.into_iter().map(line);
        // Whom she asks for company is between her and them.
        let told = |line: &Result<MessageLine>| line.as_ref().map_or(true, |one| one.kind.is_about_an_hour());
        found.filter(told).collect()
    }
}

impl Tx<'_, Write> {
    /// Lays a message into the outbox in this write, so that a booking and its messages are there together or not at
    /// all; the audit event goes beside the one that the write commits with.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such invitation.
    pub async fn queue_message(&mut self, new: &NewMessage) -> Result<MessageId> {
        let (id, event) = self.insert_message(new).await?;
        self.also(event);
        Ok(id)
    }

    /// Takes back what has not left yet: an appointment's messages, or those of one person in it. Call it before the
    /// news of a change is queued. How many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn withdraw_messages(
        &mut self,
        appointment: AppointmentId,
        person: Option<PersonId>,
    ) -> Result<usize> {
        const SQL: &str = "SELECT id, person FROM message WHERE appointment = $1 AND state = 'queued' AND kind <> 'look_in' ORDER BY id";
        let found = rows!(self, SQL, (Uuid, Uuid), appointment.uuid())?;
        let wanted = |of: Uuid| person.is_none_or(|person| person.uuid() == of);
        let ids: Vec<_> = found.into_iter().filter(|(_, of)| wanted(*of)).map(|(id, _)| id).collect();
        for id in &ids {
            let id = MessageId::from_uuid(*id);
            let mut progress = self.progress(id).await?;
            if progress.withdraw() {
                self.save_progress(id, &progress).await?;
                let event = self.about_message(id, Action::MessageWithdrawn).await?;
                self.also(event);
            }
        }
        Ok(ids.len())
    }

    async fn insert_message(&mut self, new: &NewMessage) -> Result<(MessageId, AuditEvent)> {
        const SQL: &str = "INSERT INTO message (id, organization, appointment, invitation, person, channel, kind, \
             wording, way, with_link, starts, ends, sequence, state, due, useless_after, claims, tries, created, \
             changed, held_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, $17, \
             $17, (SELECT responsible FROM appointment WHERE id = $3))";
        let now = self.now();
        let id = MessageId::from_parts(now, random_id_part()?);
        let place = self.invitation_place(new.invitation).await?;
        let with_link = new.with_link && new.way == Mode::Video && new.planned.kind.may_have_a_link();
        change!(
            self,
            SQL,
            id.uuid(),
            place.organization.uuid(),
            place.appointment.uuid(),
            new.invitation.uuid(),
            place.person.uuid(),
            new.channel.code(),
            new.planned.kind.code(),
            new.wording.code(),
            new.way.code(),
            i64::from(with_link),
            new.time.0.as_millis(),
            new.time.1.as_millis(),
            i64::from(new.sequence),
            State::Queued.code(),
            new.planned.due.as_millis(),
            new.planned.useless_after.as_millis(),
            now.as_millis(),
        )?;
        let event = AuditEvent::new(Action::MessageQueued).of(place.organization).about(place.person);
        Ok((id, event.on(Object::Message(id))))
    }

    /// Takes the way that there is now, for a message that had none.
    async fn choose_way_anew(&mut self, id: MessageId) -> Result<()> {
        const SQL: &str = "SELECT person FROM message WHERE id = $1";
        const SQL_SET: &str = "UPDATE message SET channel = $2 WHERE id = $1";
        let (person,) = row!(self, SQL, (Uuid,), id.uuid())?.ok_or(StoreError::NotFound)?;
        if let Some(channel) = self.contact_of(PersonId::from_uuid(person)).await?.channel() {
            change!(self, SQL_SET, id.uuid(), channel.code())?;
        }
        Ok(())
    }

    /// Writes back what the rules decided.
    pub(crate) async fn save_progress(&mut self, id: MessageId, progress: &Progress) -> Result<()> {
        const SQL: &str = "UPDATE message SET state = $2, due = $3, claims = $4, tries = $5, lease = $6, reason = $7, \
             changed = $8, doubted = $9 WHERE id = $1";
        let Progress { state, due, useless_after: _, claims, tries, lease, reason, doubted } = *progress;
        let now = self.now().as_millis();
        change!(
            self,
            SQL,
            id.uuid(),
            state.code(),
            due.as_millis(),
            i64::from(claims),
            i64::from(tries),
            lease.map(Timestamp::as_millis),
            reason.map(Code::code),
            now,
            i64::from(doubted),
        )?;
        Ok(())
    }

    /// Commits what became of a message, with the reason as a sealed word.
    pub(crate) async fn commit_message(
        mut self,
        id: MessageId,
        action: Action,
        reason: Option<Reason>,
    ) -> Result<()> {
        let event = self.about_message(id, action).await?;
        let event = match reason {
            Some(reason) => event.details(Personal::new(reason.code().to_owned())),
            None => event,
        };
        self.commit(event).await
    }
}
