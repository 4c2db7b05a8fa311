//! The rest of an hour by telephone: told by a host's page until it is heard, kept with the hour, once (SEC-006).
//!
//! Told as the steps of the crisis panel are: with an id of the page's, two moments of its clock, by a host of the hour and
//! nobody else. Whose number the host is shown stands here as well.

use domain::audit::{Action, Actor, Object, Purpose};
use domain::crisis::{Told, takes};
use domain::message::PhoneNumber;
use domain::our_agreement::Gone;
use ids::{
    AppointmentId, GoneReason, OrganizationId, ParticipantId, PersonId, Personal, Role, SessionId, SignInId,
    TelephoneId, Timestamp,
};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::decode;
use crate::crisis::Noting;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Unlogged, Write, change, row};

/// How often one person may say it of one hour: enough for every mistake, too few to fill anything.
const TIMES_MAX: i64 = 20;

/// That the rest is by telephone, as a page tells it.
#[derive(Debug, Clone, Copy)]
pub struct NewTelephone {
    /// The id that the page drew.
    pub id: TelephoneId,
    /// When, by the page's clock.
    pub told: Told,
    /// Whether it was taken back.
    pub undone: bool,
}

/// From when the rest of an hour was by telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telephone {
    /// Its id.
    pub id: TelephoneId,
    /// Who said so.
    pub by: PersonId,
    /// From when.
    pub since: Timestamp,
    /// When it was heard of.
    pub noted: Timestamp,
}

/// What the records have of her own number, for a host of the hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HerNumber {
    /// She is reached here.
    Known(PhoneNumber),
    /// None is entered, or the hour is nobody's.
    Missing,
    /// Her address is protected, and whoever asks does not answer for her (SEC-072).
    Protected,
    /// They agreed on something else than ringing her, and whoever asks does not answer for her and reads no agreement.
    AgreedOtherwise,
}

/// What a host of an hour needs for the rest of it by telephone.
#[derive(Debug, Clone)]
pub struct TelephoneIn {
    /// Her seat.
    pub of: Option<ParticipantId>,
    /// Her own number.
    pub number: HerNumber,
    /// How and when she was gone in a way in which a ringing telephone can betray her, if that was the last of her (CARE-03).
    pub betrays: Option<(Gone, Timestamp)>,
    /// What stands already.
    pub noted: Option<Telephone>,
}

impl Db {
    /// Notes that the rest of an hour is by telephone, or that this was taken back; told again it is the same.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever tells is no host of that session, or this id is another's.
    pub async fn note_telephone(&self, by: By, session: SessionId, new: NewTelephone) -> Result<Noting> {
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let hour = tx.hosted(session, who).await?;
            let event = |action| hour.event_on(action, Object::Telephone(new.id));
            let undone = match tx.telephone_said(new.id).await? {
                Some((of, undone)) if of == (session, who) => undone,
                Some(_) => return Err(StoreError::NotFound),
                None => {
                    let times = tx.times_said(session, who).await?;
                    if !takes(&hour.window, by.now) || times >= TIMES_MAX {
                        return Ok(Noting::Refused);
                    }
                    tx.insert_telephone((session, who), &new, new.told.moment(&hour.window, by.now)).await?;
                    tx.also(event(Action::TelephoneNoted));
                    false
                }
            };
            if new.undone && !undone {
                tx.undo_telephone(new.id).await?;
                tx.also(event(Action::TelephoneUndone));
            }
            if let Some(event) = tx.take_last_event() {
                tx.commit(event).await?;
            }
            Ok(Noting::Stands)
        })
        .await
    }

    /// Her number, and what was said already, for a host of a session; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks is no host of that session.
    pub async fn telephone_in(&self, by: By, session: SessionId) -> Result<TelephoneIn> {
        const SQL: &str = "SELECT p.id FROM participant p JOIN invitation i ON i.id = p.invitation \
             WHERE p.session = $1 AND i.person = $2";
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        let mut tx = self.read(by.actor, Purpose::Meeting, by.now).await?;
        let hour = tx.hosted(session, who).await?;
        let noted = tx.telephone(hour.appointment).await?;
        let Some(patient) = hour.patient else {
            let nobody = TelephoneIn { of: None, number: HerNumber::Missing, betrays: None, noted };
            return tx.answer(Unlogged(nobody)).await;
        };
        let seat = row!(tx, SQL, (Uuid,), session.uuid(), patient.uuid())?;
        let register = tx.organization_of(patient).await?;
        let reads = tx.is_in_care_team(patient, who).await?;
        let number = if !reads && !tx.may_ring_her(register, patient).await? {
            HerNumber::AgreedOtherwise
        } else if tx.shows_contact(patient).await? {
            let contact = tx.contact(register, patient).await?;
            tx.have_read(register, patient, Object::Person(patient));
            contact.phone.map_or(HerNumber::Missing, HerNumber::Known)
        } else {
            HerNumber::Protected
        };
        let of = seat.map(|(seat,)| ParticipantId::from_uuid(seat));
        let betrays = match of {
            Some(of) => tx.betrays(of).await?,
            None => None,
        };
        tx.answer(Unlogged(TelephoneIn { of, number, betrays, noted })).await
    }

    /// The first name of whoever is responsible for an hour, for its young person when it may be that her own telephone rings:
    /// a number of hers is entered, and they did not agree on something else. `None` for everybody else; logged.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn may_be_rung_in(
        &self,
        by: By,
        sign_in: SignInId,
        session: SessionId,
    ) -> Result<Option<Personal<String>>> {
        const SQL: &str = "SELECT i.person, i.role, a.responsible FROM session s \
             JOIN appointment a ON a.id = s.appointment JOIN invitation i ON i.appointment = a.id \
             JOIN sign_in g ON g.person = i.person \
             WHERE s.id = $1 AND g.id = $2 AND i.withdrawn_at IS NULL AND a.patient = i.person";
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let found = row!(tx, SQL, (Uuid, String, Uuid), session.uuid(), sign_in.uuid())?;
        let Some((her, role, clinician)) = found else { return tx.answer(Unlogged(None)).await };
        let (her, clinician) = (PersonId::from_uuid(her), PersonId::from_uuid(clinician));
        let is_hers = decode::<Role>(&role, "invitation.role")? == Role::YoungPerson;
        if !is_hers || !tx.may_ring(her).await? {
            return tx.answer(Unlogged(None)).await;
        }
        let name = tx.first_name(clinician).await?;
        let register = tx.organization_of(clinician).await?;
        tx.have_read(register, clinician, Object::Session(session));
        tx.answer(Unlogged(Some(name))).await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whether it may be that a young person's own telephone rings when the line of an hour breaks.
    async fn may_ring(&mut self, her: PersonId) -> Result<bool> {
        let register = self.organization_of(her).await?;
        if self.contact(register, her).await?.phone.is_none() {
            return Ok(false);
        }
        self.may_ring_her(register, her).await
    }

    /// Whether nothing they agreed on speaks against ringing her.
    async fn may_ring_her(&mut self, register: OrganizationId, her: PersonId) -> Result<bool> {
        let agreed = self.agreement_of(register, her).await?;
        Ok(agreed.is_none_or(|agreed| agreed.page.may_ring_her()))
    }

    /// Whether her last stay ended with *closed fast*, or with somebody beside her.
    async fn betrays(&mut self, of: ParticipantId) -> Result<Option<(Gone, Timestamp)>> {
        const SQL: &str = "SELECT ended, reason, away FROM admission WHERE participant = $1 \
             ORDER BY begun DESC, id DESC LIMIT 1";
        let last = row!(self, SQL, (Option<i64>, Option<String>, Option<String>), of.uuid())?;
        let Some((Some(ended), reason, away)) = last else { return Ok(None) };
        let decoded = [reason, away].into_iter().flatten().map(|word| decode(&word, "admission.reason"));
        let how = decoded.collect::<Result<Vec<GoneReason>>>()?.into_iter().find_map(|how| match how {
            GoneReason::ClosedFast => Some(Gone::ClosedFast),
            GoneReason::SomeoneCameIn => Some(Gone::SomeoneCameIn),
            _ => None,
        });
        Ok(how.map(|how| (how, Timestamp::from_millis(ended))))
    }

    /// From when the rest of an hour was by telephone: the first that stands.
    pub(crate) async fn telephone(&mut self, appointment: AppointmentId) -> Result<Option<Telephone>> {
        const SQL: &str = "SELECT t.id, t.practitioner, t.since, t.noted FROM session s \
             JOIN telephone t ON t.session = s.id WHERE s.appointment = $1 AND t.undone IS NULL \
             ORDER BY t.since, t.id LIMIT 1";
        let found = row!(self, SQL, (Uuid, Uuid, i64, i64), appointment.uuid())?;
        Ok(found.map(|(id, by, since, noted)| Telephone {
            id: TelephoneId::from_uuid(id),
            by: PersonId::from_uuid(by),
            since: Timestamp::from_millis(since),
            noted: Timestamp::from_millis(noted),
        }))
    }

    /// Of which session and whose something told is, and whether it was taken back.
    async fn telephone_said(&mut self, id: TelephoneId) -> Result<Option<((SessionId, PersonId), bool)>> {
        const SQL: &str = "SELECT session, practitioner, undone FROM telephone WHERE id = $1";
        let found = row!(self, SQL, (Uuid, Uuid, Option<i64>), id.uuid())?;
        Ok(found.map(|(session, who, undone)| {
            ((SessionId::from_uuid(session), PersonId::from_uuid(who)), undone.is_some())
        }))
    }

    async fn times_said(&mut self, session: SessionId, who: PersonId) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM telephone WHERE session = $1 AND practitioner = $2";
        let found = row!(self, SQL, (i64,), session.uuid(), who.uuid())?;
        Ok(found.map_or(0, |(times,)| times))
    }
}

impl Tx<'_, Write> {
    async fn insert_telephone(
        &mut self,
        (session, who): (SessionId, PersonId),
        new: &NewTelephone,
        since: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO telephone (id, session, practitioner, since, noted) \
             VALUES ($1, $2, $3, $4, $5)";
        let now = self.now().as_millis();
        change!(self, SQL, new.id.uuid(), session.uuid(), who.uuid(), since.as_millis(), now)?;
        Ok(())
    }

    async fn undo_telephone(&mut self, id: TelephoneId) -> Result<()> {
        const SQL: &str = "UPDATE telephone SET undone = $2 WHERE id = $1 AND undone IS NULL";
        let now = self.now().as_millis();
        change!(self, SQL, id.uuid(), now)?;
        Ok(())
    }
}
