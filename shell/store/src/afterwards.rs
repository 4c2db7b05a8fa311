//! The page on which she lands after an hour: what comes next, what was agreed, when they last met in which way.
//!
//! It is found by the browser that she was in the room with and by nothing else, for a while; a browser that was lent
//! finds nothing (SEC-088, SEC-113). What her clinician sees of it beside her entry stands in `questions`.

use core::time::Duration;

use domain::audit::{Object, Purpose};
use domain::balance::{Balance, Held};
use domain::meeting::{Day, MeetingKind, Mode};
use domain::questions::{Facts, Stay};
use ids::{
    AppointmentId, GoneReason, InvitationId, OrganizationId, PersonId, Personal, Role, SignInId, TaskId,
    Timestamp,
};
use jiff::tz::TimeZone;
use sqlx::types::Uuid;

use crate::By;
use crate::codes::decode;
use crate::company::CompanyNow;
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::questions::Asking;
use crate::sealed::Column;
use crate::tx::{Read, Tx, Unlogged, row, rows};

/// How long after she was let in the page knows of the hour.
const LANDING: Duration = Duration::from_secs(12 * 60 * 60);

/// What the page shows her.
#[derive(Debug, Clone)]
pub struct Landing {
    /// When they meet next, and how.
    pub next: Option<(Timestamp, Mode)>,
    /// What was agreed in the last hour that was closed.
    pub agreed: Option<AgreedThen>,
    /// When they last met in which way.
    pub balance: Balance,
    /// Whom she may ask for company, and whether she has.
    pub company: CompanyNow,
    /// Whether she is asked, and what became of it.
    pub questions: Asking,
}

/// What was agreed in one hour and is for her to see.
#[derive(Debug, Clone)]
pub struct AgreedThen {
    /// When that hour began.
    pub starts: Timestamp,
    /// Whether it is the hour that she comes from.
    pub is_this_hour: bool,
    /// Each thing.
    pub tasks: Vec<AgreedTask>,
}

/// One thing that was agreed.
#[derive(Debug, Clone)]
pub struct AgreedTask {
    /// Who will, by first name; `None`: she herself.
    pub owner: Option<Personal<String>>,
    /// What.
    pub description: Personal<String>,
    /// By which day, as 2026-11-22.
    pub due: Option<String>,
    /// Whether it was done.
    pub is_done: bool,
}

/// The hour that a browser comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LandingHour {
    pub(crate) appointment: AppointmentId,
    pub(crate) organization: OrganizationId,
    pub(crate) responsible: PersonId,
    pub(crate) person: PersonId,
    pub(crate) invitation: InvitationId,
    pub(crate) kind: MeetingKind,
    pub(crate) mode: Mode,
    pub(crate) time: (Timestamp, Timestamp),
    pub(crate) sequence: u32,
    pub(crate) stay: Stay,
    pub(crate) is_switched_off: bool,
}

#[derive(sqlx::FromRow)]
struct HourRow {
    appointment: Uuid,
    organization: Uuid,
    responsible: Uuid,
    person: Uuid,
    invitation: Uuid,
    kind: String,
    mode: String,
    starts: i64,
    ends: i64,
    sequence: i64,
    ended_for: Option<i64>,
    ended: Option<i64>,
    reason: Option<String>,
    away: Option<String>,
    questions_off: Option<i64>,
}

impl Db {
    /// What a young person's browser shows after an hour; logged. `None` when she was in no room with it lately, and when
    /// it was lent.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn landing(&self, by: By, browser: SignInId, zone: &TimeZone) -> Result<Option<Landing>> {
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let Some(hour) = tx.landing_hour(browser).await? else { return Ok(None) };
        tx.have_read(hour.organization, hour.person, Object::Appointment(hour.appointment));
        let company = tx.company_now(&hour).await?;
        let questions = tx.asking(&hour, zone).await?;
        let mut landing =
            Landing { next: None, agreed: None, balance: Balance::default(), company, questions };
        // CARE-03: whoever came in may have pressed on from the neutral page.
        if !hour.stay.may_be_watched() {
            landing.next = tx.next_hour(hour.person).await?;
            landing.agreed = tx.agreed_then(&hour).await?;
            landing.balance = tx.balance(hour.person).await?;
        }
        tx.answer(Unlogged(Some(landing))).await
    }
}

impl HourRow {
    fn read(self) -> Result<LandingHour> {
        let reason = self.reason.as_deref().map(|word| decode::<GoneReason>(word, "admission.reason"));
        let stay = match (self.ended, reason.transpose()?) {
            (Some(_), Some(reason)) => Stay::Over {
                reason,
                away: self.away.as_deref().map(|word| decode(word, "admission.away")).transpose()?,
                for_her_alone: self.ended_for.is_some(),
            },
            _ => Stay::Inside,
        };
        Ok(LandingHour {
            appointment: AppointmentId::from_uuid(self.appointment),
            organization: OrganizationId::from_uuid(self.organization),
            responsible: PersonId::from_uuid(self.responsible),
            person: PersonId::from_uuid(self.person),
            invitation: InvitationId::from_uuid(self.invitation),
            kind: decode(&self.kind, "appointment.kind")?,
            mode: decode(&self.mode, "appointment.mode")?,
            time: (Timestamp::from_millis(self.starts), Timestamp::from_millis(self.ends)),
            sequence: u32::try_from(self.sequence)
                .map_err(|_| StoreError::Damaged { column: "appointment.sequence" })?,
            stay,
            is_switched_off: self.questions_off.is_some(),
        })
    }
}

impl LandingHour {
    /// What the rules of asking are asked with.
    pub(crate) const fn facts(&self, crisis_opened: bool, last_asked: Option<Timestamp>) -> Facts {
        Facts {
            role: Role::YoungPerson,
            kind: self.kind,
            // A lent browser finds no hour.
            is_shared: false,
            stay: self.stay,
            crisis_opened,
            is_switched_off: self.is_switched_off,
            last_asked,
        }
    }
}

impl<Kind> Tx<'_, Kind> {
    /// The young person's hour in whose room this browser was last, if that is not long ago.
    pub(crate) async fn landing_hour(&mut self, browser: SignInId) -> Result<Option<LandingHour>> {
        const SQL: &str = "SELECT a.id AS appointment, a.organization, a.responsible, i.person, i.id AS invitation, \
             a.kind, a.mode, a.starts, a.ends, a.sequence, i.ended_for, m.ended, m.reason, m.away, \
             COALESCE(a.questions_off, n.questions_off) AS questions_off \
             FROM sign_in g JOIN person n ON n.id = g.person JOIN invitation i ON i.person = g.person \
             JOIN participant p ON p.invitation = i.id JOIN admission m ON m.participant = p.id \
             JOIN appointment a ON a.id = i.appointment \
             WHERE g.id = $1 AND g.ended IS NULL AND g.expires > $2 AND g.shared_for IS NULL \
             AND i.role = 'young_person' AND i.starts > $3 AND m.begun > $4 \
             AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL)) \
             ORDER BY m.begun DESC, m.id DESC LIMIT 1";
        let now = self.now();
        let since = now.minus(LANDING);
        let begun = since.minus(Day::AROUND).as_millis();
        let found = row!(self, SQL, HourRow, browser.uuid(), now.as_millis(), begun, since.as_millis())?;
        found.map(HourRow::read).transpose()
    }

    /// When a young person and those who answer for her last met in which way: as it was written down, and on the screen
    /// and by telephone also in hours that nobody has closed yet.
    pub(crate) async fn balance(&mut self, patient: PersonId) -> Result<Balance> {
        const SQL: &str = "SELECT e.held_mode, e.partly_phone, MAX(a.starts) FROM invitation i JOIN appointment a ON a.id = i.appointment \
             JOIN encounter e ON e.appointment = a.id WHERE i.person = $1 AND i.role = 'young_person' \
             AND i.withdrawn_at IS NULL AND a.kind <> 'practice' AND e.held_mode IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM encounter l WHERE l.appointment = e.appointment AND l.revision > e.revision) \
             GROUP BY e.held_mode, e.partly_phone";
        const SQL_OPEN: &str = "SELECT MAX(a.starts) FROM invitation i JOIN appointment a ON a.id = i.appointment \
             JOIN participant p ON p.invitation = i.id JOIN admission m ON m.participant = p.id \
             WHERE i.person = $1 AND i.role = 'young_person' AND i.withdrawn_at IS NULL AND a.kind <> 'practice' \
             AND a.closed IS NULL AND a.cancelled IS NULL";
        const SQL_PHONE: &str = "SELECT MAX(a.starts) FROM invitation i JOIN appointment a ON a.id = i.appointment \
             JOIN session s ON s.appointment = a.id JOIN telephone t ON t.session = s.id \
             WHERE i.person = $1 AND i.role = 'young_person' AND i.withdrawn_at IS NULL AND a.kind <> 'practice' \
             AND t.undone IS NULL AND a.closed IS NULL AND a.cancelled IS NULL";
        let mut held = Vec::new();
        for (mode, partly, began) in rows!(self, SQL, (String, i64, i64), patient.uuid())? {
            let (mode, began) = (decode(&mode, "encounter.held_mode")?, Timestamp::from_millis(began));
            held.push(Held { mode, partly_phone: partly != 0, began });
        }
        for (sql, mode) in [(SQL_OPEN, Mode::Video), (SQL_PHONE, Mode::Phone)] {
            let began = row!(self, sql, (Option<i64>,), patient.uuid())?.and_then(|(began,)| began);
            held.extend(began.map(|began| Held {
                mode,
                partly_phone: false,
                began: Timestamp::from_millis(began),
            }));
        }
        Ok(Balance::of(held))
    }

    /// Somebody's first name.
    pub(crate) async fn first_name(&mut self, person: PersonId) -> Result<Personal<String>> {
        const SQL: &str = "SELECT organization, given_name FROM person WHERE id = $1";
        let (register, given) =
            row!(self, SQL, (Uuid, Vec<u8>), person.uuid())?.ok_or(StoreError::NotFound)?;
        self.open(OrganizationId::from_uuid(register), Column::GIVEN_NAME, person.as_bytes(), &given).await
    }
}

impl Tx<'_, Read> {
    /// The next hour to which a young person is invited.
    async fn next_hour(&mut self, person: PersonId) -> Result<Option<(Timestamp, Mode)>> {
        const SQL: &str = "SELECT a.starts, a.mode FROM invitation i JOIN appointment a ON a.id = i.appointment \
             WHERE i.person = $1 AND i.starts > $2 AND i.role = 'young_person' AND i.withdrawn_at IS NULL \
             AND i.ended_for IS NULL AND a.cancelled IS NULL AND a.kind <> 'practice' \
             AND NOT EXISTS (SELECT 1 FROM block b WHERE b.appointment = a.id AND b.person = i.person \
             AND b.lifted IS NULL) ORDER BY i.starts, i.id LIMIT 1";
        let now = self.now().as_millis();
        let Some((starts, mode)) = row!(self, SQL, (i64, String), person.uuid(), now)? else {
            return Ok(None);
        };
        Ok(Some((Timestamp::from_millis(starts), decode(&mode, "appointment.mode")?)))
    }

    /// What was agreed in this hour when it is closed, else in the last one before it, as far as it is for her to see.
    async fn agreed_then(&mut self, hour: &LandingHour) -> Result<Option<AgreedThen>> {
        const SQL: &str = "SELECT a.id, a.organization, a.starts FROM invitation i \
             JOIN appointment a ON a.id = i.appointment WHERE i.person = $1 AND i.starts <= $2 \
             AND i.role = 'young_person' AND i.withdrawn_at IS NULL AND a.closed IS NOT NULL \
             ORDER BY i.starts DESC, i.id DESC LIMIT 1";
        const SQL_TASKS: &str = "SELECT id, owner, description, due, done FROM task \
             WHERE appointment = $1 AND for_her = 1 ORDER BY created, id";
        type Row = (Uuid, Uuid, Vec<u8>, Option<String>, Option<i64>);
        let began = hour.time.0.as_millis();
        let found = row!(self, SQL, (Uuid, Uuid, i64), hour.person.uuid(), began)?;
        let Some((last, organization, starts)) = found else { return Ok(None) };
        let organization = OrganizationId::from_uuid(organization);
        let mut tasks = Vec::new();
        for (id, owner, description, due, done) in rows!(self, SQL_TASKS, Row, last)? {
            let (id, owner) = (TaskId::from_uuid(id), PersonId::from_uuid(owner));
            let description = self.open(organization, Column::TASK, id.as_bytes(), &description).await?;
            let owner = if owner == hour.person { None } else { Some(self.first_name(owner).await?) };
            self.have_read(organization, hour.person, Object::Task(id));
            tasks.push(AgreedTask { owner, description, due, is_done: done.is_some() });
        }
        let starts = Timestamp::from_millis(starts);
        let is_this_hour = hour.appointment == AppointmentId::from_uuid(last);
        Ok((!tasks.is_empty()).then_some(AgreedThen { starts, is_this_hour, tasks }))
    }
}
