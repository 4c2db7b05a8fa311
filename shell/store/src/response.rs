//! A care worker's *not today* to a young person's hour: given, changed, taken back, shown (CARE-01). It writes nothing but
//! itself; what a clinician makes of it stands in `response_decision`, and what she is told of that here (CARE-04).

use core::time::Duration;

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::meeting::{Appointment, Cause, Mode, SessionState, Window};
use domain::response::{self, Ground, Hour, NotAnswered, Standing, Withheld};
use ids::{AppointmentId, OrganizationId, PersonId, ResponseId, SignInId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// How long she is told that the staff talked in her hour.
const TOLD: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Answers of one hour that are shown.
const SHOWN_MAX: i64 = 50;

/// A care worker's answer.
#[derive(Debug, Clone, Copy)]
pub struct NewResponse {
    /// To which hour.
    pub appointment: AppointmentId,
    /// Who answers.
    pub person: PersonId,
    /// That she knows, and why was said.
    pub she_knows: bool,
    /// Why, as told.
    pub cause: Cause,
    /// Whether the staff would use the hour for a talk of their own.
    pub offers_hour: bool,
}

/// An hour as an invited care worker sees it.
#[derive(Debug, Clone)]
pub struct CareHour {
    /// When.
    pub window: Window,
    /// How people meet.
    pub mode: Mode,
    /// Who answers for it.
    pub clinician: Name,
    /// What the rules are asked with.
    pub hour: Hour,
    /// The care worker's own last answer.
    pub own: Option<Response>,
}

/// An answer to an hour.
#[derive(Debug, Clone)]
pub struct Response {
    /// Its id.
    pub id: ResponseId,
    /// Who answered.
    pub name: Name,
    /// Why, as told.
    pub cause: Cause,
    /// Whether the hour was offered for a talk of the staff.
    pub offers_hour: bool,
    /// How it stands.
    pub standing: Standing,
    /// When it was given.
    pub given: Timestamp,
    /// The talk that the staff got instead.
    pub talk: Option<AppointmentId>,
    /// On which ground they may talk in her hour.
    pub ground: Option<Ground>,
    /// Why she is not told.
    pub withheld: Option<Withheld>,
}

/// What she is told of an hour of hers in which the staff talk.
#[derive(Debug, Clone)]
pub struct Instead {
    /// Which hour.
    pub appointment: AppointmentId,
    /// When it would have begun.
    pub starts: Timestamp,
    /// Who talks with them.
    pub clinician: Name,
}

impl Db {
    /// Whether a signed-in browser is that of a care worker whose invitation to this hour stands; ids only, so that it
    /// can be asked before anything is read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_browser_of_care_worker(
        &self,
        sign_in: SignInId,
        appointment: AppointmentId,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM sign_in g JOIN invitation i ON i.person = g.person \
             WHERE g.id = $1 AND i.appointment = $2 AND g.ended IS NULL AND g.expires > $3 \
             AND i.role = 'care_worker' AND i.withdrawn_at IS NULL AND i.ended_for IS NULL \
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

    /// An hour as a care worker sees it, whom [`Db::is_browser_of_care_worker`] has let through; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn care_hour(&self, by: By, appointment: AppointmentId, person: PersonId) -> Result<CareHour> {
        const SQL: &str = "SELECT organization, given_name, family_name FROM person WHERE id = $1";
        let mut tx = self.read(by.actor, Purpose::Meeting, by.now).await?;
        let (found, state) = tx.appointment(appointment).await?;
        let hour = tx.answered_hour(&found, state).await?;
        let clinician = found.responsible;
        let (register, given, family) =
            row!(tx, SQL, (Uuid, Vec<u8>, Vec<u8>), clinician.uuid())?.ok_or(StoreError::NotFound)?;
        let register = OrganizationId::from_uuid(register);
        let name = tx.open_name(register, clinician, &given, &family).await?;
        tx.have_read(found.organization, clinician, Object::Appointment(appointment));
        let own = tx.responses(&found, Some(person)).await?.into_iter().next();
        tx.answer(Unlogged(CareHour { window: found.window, mode: found.mode, clinician: name, hour, own }))
            .await
    }

    /// Gives an answer, or changes one that is not decided; the same again is the same.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when nobody with this role is invited. That it cannot be given is an answer.
    pub async fn respond(&self, by: By, new: NewResponse) -> Result<Result<(), NotAnswered>> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.must_be_care_worker(new.appointment, new.person).await?;
            let (appointment, state) = tx.appointment(new.appointment).await?;
            let hour = tx.answered_hour(&appointment, state).await?;
            if let Err(why) = response::answer(&hour, new.she_knows, new.cause, by.now) {
                return Ok(Err(why));
            }
            let Some(id) = tx.put_response(&new).await? else { return Ok(Ok(())) };
            let event = about(&appointment, AuditEvent::new(Action::ResponseGiven));
            tx.commit(event.on(Object::Response(id))).await?;
            Ok(Ok(()))
        })
        .await
    }

    /// Takes an answer back that is not decided; whether there was one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when nobody with this role is invited.
    pub async fn take_back_response(
        &self,
        by: By,
        appointment: AppointmentId,
        person: PersonId,
    ) -> Result<bool> {
        const SQL: &str = "SELECT id FROM appointment_response WHERE appointment = $1 AND person = $2 \
             AND standing = 'given'";
        const SQL_BACK: &str = "UPDATE appointment_response SET standing = 'taken_back' WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.must_be_care_worker(appointment, person).await?;
            let Some((id,)) = row!(tx, SQL, (Uuid,), appointment.uuid(), person.uuid())? else {
                return Ok(false);
            };
            change!(tx, SQL_BACK, id)?;
            let (found, _) = tx.appointment(appointment).await?;
            let event = about(&found, AuditEvent::new(Action::ResponseTakenBack));
            tx.commit(event.on(Object::Response(ResponseId::from_uuid(id)))).await?;
            Ok(true)
        })
        .await
    }

    /// The answers to an hour, the newest first; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such appointment.
    pub async fn responses_to(&self, by: By, appointment: AppointmentId) -> Result<Vec<Response>> {
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let (found, _) = tx.appointment(appointment).await?;
        let responses = tx.responses(&found, None).await?;
        tx.answer(Unlogged(responses)).await
    }

    /// Hours of hers that became a talk with the staff, of which she is told: of the invitations that this browser may
    /// use; logged.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn talks_instead(&self, by: By, browser: SignInId) -> Result<Vec<Instead>> {
        const SQL: &str = "SELECT DISTINCT a.id, a.organization, a.starts, i.person, n.id, n.organization, \
             n.given_name, n.family_name FROM sign_in g JOIN invitation i ON i.person = g.person \
             JOIN appointment a ON a.id = i.appointment JOIN appointment_response r ON r.appointment = a.id \
             JOIN person n ON n.id = a.responsible WHERE g.id = $1 AND i.role = 'young_person' \
             AND r.standing = 'turned' AND r.withheld IS NULL AND r.decided > $2 \
             AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL)) ORDER BY a.starts DESC LIMIT 5";
        type Row = (Uuid, Uuid, i64, Uuid, Uuid, Uuid, Vec<u8>, Vec<u8>);
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let since = by.now.minus(TOLD).as_millis();
        let mut told = Vec::new();
        for found in rows!(tx, SQL, Row, browser.uuid(), since)? {
            let (id, organization, starts, person, clinician, register, given, family) = found;
            let appointment = AppointmentId::from_uuid(id);
            let (clinician, register) = (PersonId::from_uuid(clinician), OrganizationId::from_uuid(register));
            let clinician = tx.open_name(register, clinician, &given, &family).await?;
            let organization = OrganizationId::from_uuid(organization);
            tx.have_read(organization, PersonId::from_uuid(person), Object::Appointment(appointment));
            told.push(Instead { appointment, starts: Timestamp::from_millis(starts), clinician });
        }
        tx.answer(Unlogged(told)).await
    }
}

/// An event of this hour, in the log of the young person whom it is about.
pub(crate) const fn about(appointment: &Appointment, event: AuditEvent) -> AuditEvent {
    let event = event.of(appointment.organization);
    match appointment.patient {
        Some(patient) => event.about(patient),
        None => event,
    }
}

impl<Kind> Tx<'_, Kind> {
    /// An hour as the rules of answering see it.
    async fn answered_hour(&mut self, appointment: &Appointment, state: SessionState) -> Result<Hour> {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM invitation WHERE appointment = $1 AND role = 'young_person'), \
             (SELECT COUNT(*) FROM encounter WHERE appointment = $1)";
        let (hers, closed) = row!(self, SQL, (i64, i64), appointment.id.uuid())?.unwrap_or_default();
        Ok(Hour {
            is_hers: hers > 0,
            ends: appointment.window.ends,
            is_cancelled: appointment.cancelled.is_some(),
            is_done: state.is_ended() || closed > 0,
        })
    }

    async fn must_be_care_worker(&mut self, appointment: AppointmentId, person: PersonId) -> Result<()> {
        const SQL: &str = "SELECT COUNT(*) FROM invitation i WHERE i.appointment = $1 AND i.person = $2 \
             AND i.role = 'care_worker' AND i.withdrawn_at IS NULL AND i.ended_for IS NULL \
             AND NOT EXISTS (SELECT 1 FROM block b WHERE b.appointment = i.appointment AND b.person = i.person \
             AND b.lifted IS NULL)";
        let found = row!(self, SQL, (i64,), appointment.uuid(), person.uuid())?;
        if found.is_some_and(|(rows,)| rows > 0) { Ok(()) } else { Err(StoreError::NotFound) }
    }
}

type ResponseRow = (
    Uuid,
    Uuid,
    String,
    i64,
    String,
    i64,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    Uuid,
    Vec<u8>,
    Vec<u8>,
);

impl Tx<'_, Read> {
    /// The answers to an hour, the newest first; of one person when one is named.
    async fn responses(&mut self, appointment: &Appointment, of: Option<PersonId>) -> Result<Vec<Response>> {
        const SQL: &str = "SELECT r.id, r.person, r.cause, r.offers_hour, r.standing, r.given, r.talk, r.ground, \
             r.withheld, n.organization, n.given_name, n.family_name FROM appointment_response r \
             JOIN person n ON n.id = r.person WHERE r.appointment = $1 AND r.person = COALESCE($2, r.person) \
             ORDER BY r.given DESC, r.id DESC LIMIT $3";
        let (id, whose) = (appointment.id.uuid(), of.map(PersonId::uuid));
        let mut responses = Vec::new();
        for found in rows!(self, SQL, ResponseRow, id, whose, SHOWN_MAX)? {
            let (id, person, cause, offers, standing, given, talk, ground, withheld, register, first, last) =
                found;
            let person = PersonId::from_uuid(person);
            let name = self.open_name(OrganizationId::from_uuid(register), person, &first, &last).await?;
            let id = ResponseId::from_uuid(id);
            self.have_read(appointment.organization, person, Object::Response(id));
            let ground = ground.as_deref().map(|word| decode(word, "appointment_response.ground"));
            let withheld = withheld.as_deref().map(|word| decode(word, "appointment_response.withheld"));
            responses.push(Response {
                id,
                name,
                cause: decode(&cause, "appointment_response.cause")?,
                offers_hour: offers != 0,
                standing: decode(&standing, "appointment_response.standing")?,
                given: Timestamp::from_millis(given),
                talk: talk.map(AppointmentId::from_uuid),
                ground: ground.transpose()?,
                withheld: withheld.transpose()?,
            });
        }
        Ok(responses)
    }
}

impl Tx<'_, Write> {
    /// Writes an answer, or changes the one that is not decided, also when it was taken back: however often somebody
    /// thinks otherwise, it is one answer beside those of others. `None` when it is so already.
    async fn put_response(&mut self, new: &NewResponse) -> Result<Option<ResponseId>> {
        const SQL: &str = "SELECT id, cause, offers_hour, standing FROM appointment_response WHERE appointment = $1 \
             AND person = $2 AND standing IN ('given', 'taken_back') ORDER BY standing, given DESC LIMIT 1";
        const SQL_CHANGE: &str = "UPDATE appointment_response SET cause = $2, offers_hour = $3, given = $4, \
             standing = 'given' WHERE id = $1";
        const SQL_NEW: &str = "INSERT INTO appointment_response (id, appointment, person, cause, offers_hour, \
             standing, given) VALUES ($1, $2, $3, $4, $5, 'given', $6)";
        let (appointment, person) = (new.appointment.uuid(), new.person.uuid());
        let (cause, offers, now) = (new.cause.code(), i64::from(new.offers_hour), self.now().as_millis());
        if let Some((id, was, offered, standing)) =
            row!(self, SQL, (Uuid, String, i64, String), appointment, person)?
        {
            let stands = decode::<Standing>(&standing, "appointment_response.standing")? == Standing::Given;
            if stands && was == cause && offered == offers {
                return Ok(None);
            }
            change!(self, SQL_CHANGE, id, cause, offers, now)?;
            return Ok(Some(ResponseId::from_uuid(id)));
        }
        let id = ResponseId::from_parts(self.now(), random_id_part()?);
        change!(self, SQL_NEW, id.uuid(), appointment, person, cause, offers, now)?;
        Ok(Some(id))
    }
}
