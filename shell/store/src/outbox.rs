//! The worker's side of the outbox: a message is claimed, and the claim committed, before anything goes out; then it is
//! reported on. A claim without a report is a doubt, never a second try (SEC-060).
//!
//! Writers follow one another on both engines, so two workers cannot see the same message waiting; that a worker holds
//! one claim at a time is an index of the table.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object};
use domain::meeting::Mode;
use domain::message::{
    Channel, Contact, MailAddress, MessageKind, Outcome, PhoneNumber, Progress, Reason, State, Wording,
};
use domain::people::Language;
use ids::{AppointmentId, InvitationId, MessageId, OrganizationId, PersonId, Personal, Timestamp};
use sqlx::types::Uuid;

use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::token::Token;
use crate::tx::{Tx, Write, change, row, rows};

/// Claims without a report that are settled in one write.
const STALE_MAX: i64 = 200;

/// Who takes messages out.
#[derive(Debug, Clone, Copy)]
pub struct Worker<'a> {
    /// Its name: no other worker has it, and it has the same after a restart.
    pub name: &'a str,
    /// What it carries.
    pub channel: Channel,
    /// The right side of the identifiers of the messages that it claims first (RFC 5322 §3.6.4).
    pub host: &'a str,
}

/// What a worker found.
#[derive(Debug)]
pub enum Claim {
    /// Nothing waits, or this worker has one in hand.
    Nothing,
    /// One could not be sent and was set aside.
    SetAside(MessageId, Reason),
    /// One is claimed: committed, so it may go out now.
    Taken(Box<Parcel>),
}

/// Names one claim of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimKey {
    /// The message.
    pub message: MessageId,
    /// Which of its claims.
    pub claim: u32,
}

/// A claimed message, with everything that its text is made of.
#[derive(Debug)]
pub struct Parcel {
    /// The claim.
    pub key: ClaimKey,
    /// To which invitation; constant per appointment and recipient.
    pub invitation: InvitationId,
    /// What it says.
    pub kind: MessageKind,
    /// In which wording.
    pub wording: Wording,
    /// How the two meet.
    pub way: Mode,
    /// When the appointment begins and ends.
    pub time: (Timestamp, Timestamp),
    /// How often the appointment was changed before.
    pub sequence: u32,
    /// Where to.
    pub to: Recipient,
    /// The recipient's language.
    pub language: Language,
    /// The recognition sign.
    pub sign: Option<Personal<String>>,
    /// The personal link that goes along.
    pub link: ParcelLink,
    /// How often it was tried, this try included.
    pub tries: u32,
    /// The identifier of the message, the same in every try: `id@host`.
    pub reference: String,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// To a mail address.
    Mail(MailAddress),
    /// To a telephone.
    Sms(PhoneNumber),
}

/// What a message says about a link.
#[derive(Debug)]
pub enum ParcelLink {
    /// Nothing.
    None,
    /// This one, made just now; the ones before it work no longer.
    Fresh(Token),
    /// She has pressed one already and keeps it.
    Pressed,
}

/// What the row of a message says beside its progress.
struct Facts {
    organization: OrganizationId,
    appointment: AppointmentId,
    invitation: InvitationId,
    person: PersonId,
    channel: Channel,
    kind: MessageKind,
    wording: Wording,
    way: Mode,
    with_link: bool,
    time: (Timestamp, Timestamp),
    sequence: u32,
    reference: Option<String>,
}

impl Db {
    /// Whether a message waits for this way now; ids and times only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn message_waits(&self, channel: Channel, now: Timestamp) -> Result<bool> {
        let mut tx = self.look(now).await?;
        let found = tx.next_message(channel).await?;
        tx.done().await?;
        Ok(found.is_some())
    }

    /// Takes the message that has waited longest; when this returns, the claim is committed and holds for `lease`.
    /// The personal link is made here, and the person's address and language are read.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn claim_message(&self, worker: Worker<'_>, lease: Duration, now: Timestamp) -> Result<Claim> {
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            if tx.has_one_in_hand(worker.name).await? {
                return Ok(Claim::Nothing);
            }
            let Some(id) = tx.next_message(worker.channel).await? else { return Ok(Claim::Nothing) };
            let facts = tx.message_facts(id).await?;
            let mut progress = tx.progress(id).await?;
            let to = tx.addressee(&facts).await?;
            if let Some(why) = tx.obstacle(&facts, to.is_none()).await? {
                progress.fail_before_sending(why);
                return tx.set_aside(id, &progress).await;
            }
            let (Some(claim), Some(to)) = (progress.claim(now, lease), to) else {
                return tx.set_aside(id, &progress).await;
            };
            tx.save_progress(id, &progress).await?;
            let reference = tx.take_in_hand(id, &facts, worker).await?;
            let parcel = tx.parcel(ClaimKey { message: id, claim }, facts, (to, reference), progress).await?;
            tx.commit_message(id, Action::MessageClaimed, None).await?;
            Ok(Claim::Taken(Box::new(parcel)))
        })
        .await
    }

    /// Reports what became of a claim; the state that the message has now, or `None` when the report changed nothing
    /// (somebody has asked for it again since).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn settle_message(
        &self,
        key: ClaimKey,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Option<State>> {
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let mut progress = tx.progress(key.message).await?;
            if !progress.settle(key.claim, outcome) {
                return Ok(None);
            }
            tx.save_progress(key.message, &progress).await?;
            tx.put_down(key.message).await?;
            let action = match progress.state {
                State::Sent => Action::MessageSent,
                State::InDoubt => Action::MessageInDoubt,
                _ => Action::MessageNotSent,
            };
            tx.commit_message(key.message, action, progress.reason).await?;
            Ok(Some(progress.state))
        })
        .await
    }

    /// Puts in doubt what this worker held when the program last ended; call it once, before the first claim.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn doubt_what_was_in_hand(&self, worker: &str, now: Timestamp) -> Result<usize> {
        const SQL: &str = "SELECT id FROM message WHERE state = 'claimed' AND worker = $1 LIMIT $2";
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let found = rows!(tx, SQL, (Uuid,), worker, STALE_MAX)?;
            tx.doubt(found, Progress::found_at_start).await
        })
        .await
    }

    /// Puts in doubt every claim whose time is over without a report, whoever held it.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn doubt_late_claims(&self, now: Timestamp) -> Result<usize> {
        const SQL: &str =
            "SELECT id FROM message WHERE state = 'claimed' AND (lease IS NULL OR lease < $1) LIMIT $2";
        let mut look = self.look(now).await?;
        let any = !rows!(look, SQL, (Uuid,), now.as_millis(), STALE_MAX)?.is_empty();
        look.done().await?;
        if !any {
            return Ok(0);
        }
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let found = rows!(tx, SQL, (Uuid,), now.as_millis(), STALE_MAX)?;
            tx.doubt(found, |progress| progress.lease_over(now)).await
        })
        .await
    }
}

/// The way to the person, when there is one of this kind.
fn recipient(channel: Channel, contact: Contact) -> Option<Recipient> {
    match channel {
        Channel::Mail => contact.mail.map(Recipient::Mail),
        Channel::Sms => contact.phone.map(Recipient::Sms),
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The message that has waited longest for its way.
    async fn next_message(&mut self, channel: Channel) -> Result<Option<MessageId>> {
        const SQL: &str = "SELECT id FROM message WHERE state = 'queued' AND channel = $1 AND due <= $2 \
             ORDER BY due, id LIMIT 1";
        let now = self.now().as_millis();
        Ok(row!(self, SQL, (Uuid,), channel.code(), now)?.map(|(id,)| MessageId::from_uuid(id)))
    }

    async fn message_facts(&mut self, id: MessageId) -> Result<Facts> {
        const SQL: &str = "SELECT organization, appointment, invitation, person, channel, kind, wording, way, \
             with_link, starts, ends, sequence, reference FROM message WHERE id = $1";
        type Row =
            (Uuid, Uuid, Uuid, Uuid, String, String, String, String, i64, i64, i64, i64, Option<String>);
        let row = row!(self, SQL, Row, id.uuid())?.ok_or(StoreError::NotFound)?;
        let (organization, appointment, invitation, person, channel, kind, wording, way, ..) = &row;
        let (.., with_link, starts, ends, sequence, reference) = &row;
        Ok(Facts {
            organization: OrganizationId::from_uuid(*organization),
            appointment: AppointmentId::from_uuid(*appointment),
            invitation: InvitationId::from_uuid(*invitation),
            person: PersonId::from_uuid(*person),
            channel: decode(channel, "message.channel")?,
            kind: decode(kind, "message.kind")?,
            wording: decode(wording, "message.wording")?,
            way: decode(way, "message.way")?,
            with_link: *with_link != 0,
            time: (Timestamp::from_millis(*starts), Timestamp::from_millis(*ends)),
            sequence: u32::try_from(*sequence)
                .map_err(|_| StoreError::Damaged { column: "message.sequence" })?,
            reference: reference.clone(),
        })
    }
}

impl Tx<'_, Write> {
    async fn has_one_in_hand(&mut self, worker: &str) -> Result<bool> {
        const SQL: &str = "SELECT id FROM message WHERE state = 'claimed' AND worker = $1 LIMIT 1";
        Ok(row!(self, SQL, (Uuid,), worker)?.is_some())
    }

    /// Where a message goes: to its person, or to the adult whom she asks to look in, as agreed at this moment.
    async fn addressee(&mut self, facts: &Facts) -> Result<Option<Recipient>> {
        if facts.kind == MessageKind::LookIn {
            return Ok(self.company_of(facts.person).await?.map(|company| Recipient::Sms(company.phone)));
        }
        let contact = self.contact_of(facts.person).await?;
        Ok(recipient(facts.channel, contact))
    }

    pub(crate) async fn contact_of(&mut self, person: PersonId) -> Result<Contact> {
        let organization = self.organization_of(person).await?;
        self.contact(organization, person).await
    }

    /// What stands against sending, whatever the time is. That an appointment is off is told also to those whose
    /// invitation was withdrawn with it.
    async fn obstacle(&mut self, facts: &Facts, no_way: bool) -> Result<Option<Reason>> {
        const SQL: &str = "SELECT COUNT(*) FROM invitation i WHERE i.id = $1 AND i.withdrawn_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM block b WHERE b.appointment = i.appointment AND b.person = i.person \
             AND b.lifted IS NULL)";
        const SQL_NOW: &str = "SELECT sequence FROM appointment WHERE id = $1";
        if !facts.kind.is_about_an_hour() {
            return Ok(no_way.then_some(Reason::NoAddress));
        }
        let (stands,) = row!(self, SQL, (i64,), facts.invitation.uuid())?.unwrap_or_default();
        let (sequence,) = row!(self, SQL_NOW, (i64,), facts.appointment.uuid())?.unwrap_or_default();
        Ok(if sequence != i64::from(facts.sequence) {
            Some(Reason::Superseded)
        } else if stands == 0 && facts.kind != MessageKind::Cancelled {
            Some(Reason::NotInvited)
        } else if no_way {
            Some(Reason::NoAddress)
        } else {
            None
        })
    }

    async fn set_aside(mut self, id: MessageId, progress: &Progress) -> Result<Claim> {
        self.save_progress(id, progress).await?;
        self.commit_message(id, Action::MessageNotSent, progress.reason).await?;
        Ok(Claim::SetAside(id, progress.reason.unwrap_or(Reason::TooLate)))
    }

    /// Notes who holds it, and its reference with the first claim.
    async fn take_in_hand(&mut self, id: MessageId, facts: &Facts, worker: Worker<'_>) -> Result<String> {
        const SQL: &str = "UPDATE message SET worker = $2, reference = $3 WHERE id = $1";
        let host = facts.reference.clone().unwrap_or_else(|| worker.host.to_owned());
        change!(self, SQL, id.uuid(), worker.name, host.as_str())?;
        Ok(format!("{id}@{host}"))
    }

    async fn put_down(&mut self, id: MessageId) -> Result<()> {
        const SQL: &str = "UPDATE message SET worker = NULL WHERE id = $1";
        change!(self, SQL, id.uuid())?;
        Ok(())
    }

    /// Everything that the text is made of; a link is made when one is wanted and none was pressed.
    async fn parcel(
        &mut self,
        key: ClaimKey,
        facts: Facts,
        (to, reference): (Recipient, String),
        progress: Progress,
    ) -> Result<Parcel> {
        const SQL: &str = "SELECT language FROM person WHERE id = $1";
        let (language,) = row!(self, SQL, (String,), facts.person.uuid())?.ok_or(StoreError::NotFound)?;
        let (appointment, _) = self.appointment(facts.appointment).await?;
        // Asked when it leaves: the address may have been graded since the message was laid in.
        let chosen = appointment.notice.is_some_and(|notice| notice.with_link);
        let concerned = (appointment.patient, facts.person);
        let carries = facts.with_link && self.may_carry_link(concerned, chosen).await?;
        let link = if carries { self.parcel_link(&facts).await? } else { ParcelLink::None };
        let sign = match facts.kind {
            MessageKind::LookIn => self.company_of(facts.person).await?.and_then(|company| company.sign),
            _ => appointment.sign,
        };
        Ok(Parcel {
            key,
            invitation: facts.invitation,
            kind: facts.kind,
            wording: facts.wording,
            way: facts.way,
            time: facts.time,
            sequence: facts.sequence,
            to,
            language: decode(&language, "person.language")?,
            sign,
            link,
            tries: progress.tries,
            reference,
        })
    }

    /// A pressed link stays: a message that goes by itself must not put anybody out (CARE-01, SEC-063).
    async fn parcel_link(&mut self, facts: &Facts) -> Result<ParcelLink> {
        const SQL: &str = "SELECT COUNT(*) FROM personal_link WHERE invitation = $1 AND replaced IS NULL \
             AND bound IS NOT NULL AND expires > $2";
        let now = self.now().as_millis();
        let (pressed,) = row!(self, SQL, (i64,), facts.invitation.uuid(), now)?.unwrap_or_default();
        if pressed > 0 && !facts.kind.replaces_a_pressed_link() {
            return Ok(ParcelLink::Pressed);
        }
        let place = self.invitation_place(facts.invitation).await?;
        self.replace_links(facts.invitation, &place).await?;
        let issued = self.insert_link(facts.invitation, &place).await?;
        let event = AuditEvent::new(Action::LinkIssued).of(facts.organization).about(facts.person);
        self.also(event.on(Object::Link(issued.link.id)));
        Ok(ParcelLink::Fresh(issued.token))
    }

    /// Puts claims in doubt, each with its event; how many.
    async fn doubt(
        mut self,
        found: Vec<(Uuid,)>,
        mut rule: impl FnMut(&mut Progress) -> bool,
    ) -> Result<usize> {
        let mut doubted = 0;
        let mut last = None;
        for (id,) in found {
            let id = MessageId::from_uuid(id);
            let mut progress = self.progress(id).await?;
            if !rule(&mut progress) {
                continue;
            }
            self.save_progress(id, &progress).await?;
            self.put_down(id).await?;
            if let Some(event) = last.take() {
                self.also(event);
            }
            last = Some(self.about_message(id, Action::MessageInDoubt).await?);
            doubted += 1;
        }
        if let Some(event) = last {
            self.commit(event).await?;
        }
        Ok(doubted)
    }
}
