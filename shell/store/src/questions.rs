//! The three questions after an hour: that she was asked, what she told her clinician, and the numbers of those who
//! wanted to be counted only.
//!
//! What is told is sealed and read by that one clinician. What is counted leaves no row of anybody's: a number of a month
//! goes up by one, and nothing says by whom or when.

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::balance::Balance;
use domain::closing::Usefulness;
use domain::questions::{Answer, Answers, Counted, Felt, Month, NextTime, Question, offer, shown};
use ids::{AppointmentId, InvitationId, OrganizationId, PersonId, Personal, SignInId, Timestamp};
use jiff::tz::TimeZone;
use sqlx::types::Uuid;

use crate::By;
use crate::afterwards::LandingHour;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::sealed::Column;
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

/// Hours of which a clinician is shown what she was told.
const TOLD_MAX: i64 = 30;

/// Whether she is asked after an hour, and what became of it.
#[derive(Debug, Clone)]
pub enum Asking {
    /// She is not.
    No,
    /// She may be; [`Db::offer_questions`] writes that she is.
    New,
    /// She is, and has not sent anything.
    Open {
        /// First name of the clinician whom she may tell, if that one answers for her.
        to: Option<Personal<String>>,
    },
    /// She has sent it, and nothing of it is kept with her.
    Settled,
    /// She has told her clinician.
    Told {
        /// The clinician's first name.
        to: Personal<String>,
        /// What.
        answers: Answers,
    },
    /// She has, and took it back.
    TakenBack,
}

/// What she sends.
#[derive(Debug, Clone, Copy)]
pub enum Sent {
    /// That she does not want to answer.
    Nothing,
    /// What her clinician is to see.
    ToClinician(Answers),
    /// What is to be counted in a month and no more.
    Counted(Answers, Month),
}

/// What those who answer for her see over time.
#[derive(Debug, Clone)]
pub struct Course {
    /// When they last met in which way.
    pub balance: Balance,
    /// What she told whoever reads, by hour, the newest first.
    pub told: Vec<ToldThen>,
    /// Whether she is asked after her hours.
    pub is_asked: bool,
}

/// What she told after one hour, and how the clinician found it.
#[derive(Debug, Clone)]
pub struct ToldThen {
    /// When the hour began.
    pub starts: Timestamp,
    /// Her answers.
    pub answers: Answers,
    /// The clinician's own view, from the hour's record.
    pub own: Option<Usefulness>,
}

/// Whether she is asked after one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedIn {
    /// Not after this hour.
    pub hour_off: bool,
    /// Not at all.
    pub person_off: bool,
}

/// How a round of questions stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoundStanding {
    Open,
    Settled,
    Told,
    TakenBack,
}

struct Round {
    clinician: Option<PersonId>,
    standing: RoundStanding,
    contents: Option<Vec<u8>>,
}

impl Db {
    /// Writes down that she is asked after the hour that this browser comes from, if she may be; how it stands then. What
    /// was shown counts for the week, whatever she does with it.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn offer_questions(&self, by: By, browser: SignInId, zone: &TimeZone) -> Result<Asking> {
        const SQL: &str = "INSERT INTO questions (invitation, person, clinician, asked, standing) \
             VALUES ($1, $2, $3, $4, $5)";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let Some(hour) = tx.landing_hour(browser).await? else { return Ok(Asking::No) };
            match tx.asking(&hour, zone).await? {
                Asking::New => {}
                stands => return Ok(stands),
            }
            let answers_for_her = tx.is_in_care_team(hour.person, hour.responsible).await?;
            let clinician = answers_for_her.then(|| hour.responsible.uuid());
            let (now, open) = (by.now.as_millis(), RoundStanding::Open.code());
            change!(tx, SQL, hour.invitation.uuid(), hour.person.uuid(), clinician, now, open)?;
            let asking = tx.asking(&hour, zone).await?;
            tx.commit(about(&hour, Action::QuestionsAsked)).await?;
            Ok(asking)
        })
        .await
    }

    /// Takes what she sends, once: a second press, and another tab, change nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when she was not asked, or not offered to tell anybody.
    pub async fn answer_questions(&self, by: By, browser: SignInId, sent: Sent) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let hour = tx.landing_hour(browser).await?.ok_or(StoreError::NotFound)?;
            let round = tx.round(hour.invitation).await?.ok_or(StoreError::NotFound)?;
            if round.standing != RoundStanding::Open {
                return Ok(());
            }
            match sent {
                Sent::ToClinician(answers) if !answers.is_empty() => {
                    round.clinician.ok_or(StoreError::NotFound)?;
                    tx.tell_clinician(&hour, answers).await?;
                }
                Sent::Counted(answers, month) => {
                    for answer in answers.each() {
                        tx.count(hour.organization, month, answer).await?;
                    }
                    tx.set_round(&hour, RoundStanding::Settled, None).await?;
                }
                Sent::Nothing | Sent::ToClinician(_) => {
                    tx.set_round(&hour, RoundStanding::Settled, None).await?;
                }
            }
            tx.commit(about(&hour, Action::QuestionsAnswered)).await
        })
        .await
    }

    /// She takes back what she told her clinician; nothing of it is kept. A second press is the same.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this browser comes from no hour after which she was asked.
    pub async fn take_back_answers(&self, by: By, browser: SignInId) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let hour = tx.landing_hour(browser).await?.ok_or(StoreError::NotFound)?;
            let round = tx.round(hour.invitation).await?.ok_or(StoreError::NotFound)?;
            if round.standing != RoundStanding::Told {
                return Ok(());
            }
            tx.set_round(&hour, RoundStanding::TakenBack, None).await?;
            tx.commit(about(&hour, Action::QuestionsTakenBack)).await
        })
        .await
    }

    /// What one of those who answer for a young person sees of her hours over time: what she told that very clinician
    /// beside the clinician's own view, and when they last met in which way; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not answer for her (SEC-070).
    pub async fn course(&self, by: By, patient: PersonId) -> Result<Course> {
        const SQL: &str = "SELECT q.invitation, a.id, a.starts, q.contents, (SELECT e.usefulness FROM encounter e \
             WHERE e.appointment = a.id ORDER BY e.revision DESC LIMIT 1) FROM questions q \
             JOIN invitation i ON i.id = q.invitation JOIN appointment a ON a.id = i.appointment \
             WHERE q.person = $1 AND q.clinician = $2 AND q.standing = 'told' AND q.contents IS NOT NULL \
             ORDER BY a.starts DESC, a.id LIMIT $3";
        const SQL_ASKED: &str = "SELECT questions_off FROM person WHERE id = $1";
        type Row = (Uuid, Uuid, i64, Vec<u8>, Option<String>);
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let organization = tx.hers(patient).await?;
        tx.have_read(organization, patient, Object::Person(patient));
        let mut told = Vec::new();
        for (invitation, hour, starts, contents, own) in
            rows!(tx, SQL, Row, patient.uuid(), who.uuid(), TOLD_MAX)?
        {
            let answers =
                tx.open_answers(organization, InvitationId::from_uuid(invitation), &contents).await?;
            tx.have_read(organization, patient, Object::Appointment(AppointmentId::from_uuid(hour)));
            let own = own.as_deref().map(|word| decode(word, "encounter.usefulness")).transpose()?;
            told.push(ToldThen { starts: Timestamp::from_millis(starts), answers, own });
        }
        let (off,) = row!(tx, SQL_ASKED, (Option<i64>,), patient.uuid())?.ok_or(StoreError::NotFound)?;
        let course = Course { balance: tx.balance(patient).await?, told, is_asked: off.is_none() };
        tx.answer(Unlogged(course)).await
    }

    /// Chooses whether a young person is asked after her hours; the same again writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever chooses does not answer for her.
    pub async fn ask_after_hours(&self, by: By, patient: PersonId, asks: bool) -> Result<()> {
        const SQL_ON: &str =
            "UPDATE person SET questions_off = NULL WHERE id = $1 AND questions_off IS NOT NULL";
        const SQL_OFF: &str = "UPDATE person SET questions_off = $2 WHERE id = $1 AND questions_off IS NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            let changed = if asks {
                change!(tx, SQL_ON, patient.uuid())?
            } else {
                change!(tx, SQL_OFF, patient.uuid(), by.now.as_millis())?
            };
            if changed == 0 {
                return Ok(());
            }
            let event = AuditEvent::new(Action::QuestionsSwitched).of(organization).about(patient);
            tx.commit(event.on(Object::Person(patient))).await
        })
        .await
    }

    /// Chooses whether a young person is asked after one hour; the same again writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever chooses is no host of it, or it is not about her.
    pub async fn ask_after_hour(&self, by: By, hour: AppointmentId, asks: bool) -> Result<()> {
        const SQL_ON: &str =
            "UPDATE appointment SET questions_off = NULL WHERE id = $1 AND questions_off IS NOT NULL";
        const SQL_OFF: &str =
            "UPDATE appointment SET questions_off = $2 WHERE id = $1 AND questions_off IS NULL";
        const SQL_HOST: &str = "SELECT a.organization, y.person FROM appointment a \
             JOIN invitation i ON i.appointment = a.id JOIN invitation y ON y.appointment = a.id \
             WHERE a.id = $1 AND i.person = $2 AND i.role = 'host' AND i.withdrawn_at IS NULL \
             AND y.role = 'young_person' ORDER BY y.id LIMIT 1";
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let found = row!(tx, SQL_HOST, (Uuid, Uuid), hour.uuid(), who.uuid())?;
            let (organization, her) = found.ok_or(StoreError::NotFound)?;
            let changed = if asks {
                change!(tx, SQL_ON, hour.uuid())?
            } else {
                change!(tx, SQL_OFF, hour.uuid(), by.now.as_millis())?
            };
            if changed == 0 {
                return Ok(());
            }
            let event =
                AuditEvent::new(Action::QuestionsSwitched).of(OrganizationId::from_uuid(organization));
            tx.commit(event.about(PersonId::from_uuid(her)).on(Object::Appointment(hour))).await
        })
        .await
    }

    /// Whether a young person is asked after one hour; `None` when none is invited to it. Ids and states only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn asked_in(&self, hour: AppointmentId, now: Timestamp) -> Result<Option<AskedIn>> {
        const SQL: &str = "SELECT a.questions_off, n.questions_off FROM appointment a \
             JOIN invitation i ON i.appointment = a.id JOIN person n ON n.id = i.person \
             WHERE a.id = $1 AND i.role = 'young_person' AND i.withdrawn_at IS NULL AND a.kind <> 'practice' \
             ORDER BY i.id LIMIT 1";
        let mut tx = self.look(now).await?;
        let found = row!(tx, SQL, (Option<i64>, Option<i64>), hour.uuid())?;
        tx.done().await?;
        Ok(found.map(|(hour, person)| AskedIn { hour_off: hour.is_some(), person_off: person.is_some() }))
    }

    /// The numbers of an organisation that may be shown, by month, the newest first. Nobody's data.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not administer it.
    pub async fn counted(
        &self,
        by: By,
        organization: OrganizationId,
        current: Month,
    ) -> Result<Vec<Counted>> {
        const SQL: &str = "SELECT month, question, answer, times FROM questions_count WHERE organization = $1 \
             ORDER BY month DESC, question, answer";
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        tx.administers(organization).await?;
        let mut counted = Vec::new();
        for (month, question, answer, times) in
            rows!(tx, SQL, (String, String, String, i64), organization.uuid())?
        {
            let month =
                Month::parse(&month).ok_or(StoreError::Damaged { column: "questions_count.month" })?;
            let answer = answer_of(&question, &answer)?;
            counted.push(Counted { month, answer, times: u32::try_from(times).unwrap_or(u32::MAX) });
        }
        tx.answer(Unlogged(shown(&counted, current))).await
    }
}

/// The two words that an answer is stored as.
fn words_of(answer: Answer) -> (&'static str, &'static str) {
    let word = match answer {
        Answer::GotSaid(felt) | Answer::Understood(felt) => felt.code(),
        Answer::NextTime(next) => next.code(),
    };
    (answer.question().code(), word)
}

fn answer_of(question: &str, word: &str) -> Result<Answer> {
    const COLUMN: &str = "questions_count.answer";
    Ok(match decode::<Question>(question, "questions_count.question")? {
        Question::GotSaid => Answer::GotSaid(decode::<Felt>(word, COLUMN)?),
        Question::Understood => Answer::Understood(decode::<Felt>(word, COLUMN)?),
        Question::NextTime => Answer::NextTime(decode::<NextTime>(word, COLUMN)?),
    })
}

fn about(hour: &LandingHour, action: Action) -> AuditEvent {
    let event = AuditEvent::new(action).of(hour.organization).about(hour.person);
    event.on(Object::Invitation(hour.invitation))
}

impl<Mode> Tx<'_, Mode> {
    /// Whether she is asked after an hour, and what became of it.
    pub(crate) async fn asking(&mut self, hour: &LandingHour, zone: &TimeZone) -> Result<Asking> {
        let may = self.may_be_asked(hour, zone).await?;
        let Some(round) = self.round(hour.invitation).await? else {
            return Ok(if may { Asking::New } else { Asking::No });
        };
        let to = match round.clinician {
            Some(clinician) => Some(self.first_name(clinician).await?),
            None => None,
        };
        Ok(match (round.standing, to, round.contents) {
            (RoundStanding::Open, to, _) if may => Asking::Open { to },
            (RoundStanding::Open, ..) => Asking::No,
            (RoundStanding::Told, Some(to), Some(contents)) => {
                let register = self.organization_of(hour.person).await?;
                Asking::Told { to, answers: self.open_answers(register, hour.invitation, &contents).await? }
            }
            (RoundStanding::TakenBack, ..) => Asking::TakenBack,
            (RoundStanding::Settled | RoundStanding::Told, ..) => Asking::Settled,
        })
    }

    async fn may_be_asked(&mut self, hour: &LandingHour, zone: &TimeZone) -> Result<bool> {
        const SQL: &str = "SELECT MAX(asked) FROM questions WHERE person = $1 AND invitation <> $2";
        let last = row!(self, SQL, (Option<i64>,), hour.person.uuid(), hour.invitation.uuid())?;
        let last = last.and_then(|(asked,)| asked).map(Timestamp::from_millis);
        let crisis_opened = self.crisis_opened(hour.appointment).await?;
        let facts = hour.facts(crisis_opened, last);
        Ok(offer(&facts, self.now(), zone).is_ok())
    }

    async fn round(&mut self, invitation: InvitationId) -> Result<Option<Round>> {
        const SQL: &str = "SELECT clinician, standing, contents FROM questions WHERE invitation = $1";
        let found = row!(self, SQL, (Option<Uuid>, String, Option<Vec<u8>>), invitation.uuid())?;
        let Some((clinician, standing, contents)) = found else { return Ok(None) };
        let standing = decode(&standing, "questions.standing")?;
        Ok(Some(Round { clinician: clinician.map(PersonId::from_uuid), standing, contents }))
    }

    async fn open_answers(
        &mut self,
        register: OrganizationId,
        invitation: InvitationId,
        contents: &[u8],
    ) -> Result<Answers> {
        let plain = self.open_bytes(register, Column::QUESTIONS, invitation.as_bytes(), contents).await?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::Damaged { column: "questions.contents" })
    }
}

impl Tx<'_, Write> {
    async fn tell_clinician(&mut self, hour: &LandingHour, answers: Answers) -> Result<()> {
        let damaged = |_| StoreError::Damaged { column: "questions.contents" };
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&answers).map_err(damaged)?);
        let register = self.organization_of(hour.person).await?;
        let sealed = self.seal(register, Column::QUESTIONS, hour.invitation.as_bytes(), &plain).await?;
        self.set_round(hour, RoundStanding::Told, Some(sealed)).await
    }

    async fn set_round(
        &mut self,
        hour: &LandingHour,
        standing: RoundStanding,
        contents: Option<Vec<u8>>,
    ) -> Result<()> {
        const SQL: &str = "UPDATE questions SET standing = $2, contents = $3 WHERE invitation = $1";
        change!(self, SQL, hour.invitation.uuid(), standing.code(), contents)?;
        Ok(())
    }

    /// One more of an answer in a month.
    async fn count(&mut self, organization: OrganizationId, month: Month, answer: Answer) -> Result<()> {
        const SQL: &str = "INSERT INTO questions_count (organization, month, question, answer, times) \
             VALUES ($1, $2, $3, $4, 1) ON CONFLICT (organization, month, question, answer) \
             DO UPDATE SET times = questions_count.times + 1";
        let (question, word) = words_of(answer);
        change!(self, SQL, organization.uuid(), month.to_string(), question, word)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_reads_back_from_its_two_words() {
        for answer in Answer::ALL {
            let (question, word) = words_of(answer);
            assert_eq!(answer_of(question, word).expect("ours"), answer);
        }
        assert!(answer_of("next_time", "yes").is_err(), "a word of another question");
    }
}
