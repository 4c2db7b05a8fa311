//! What became of an hour: who was there, written by itself; how it ended, closed by the clinician (CARE-10).

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::booking::NotBookable;
use domain::closing::{Attended, Outcome, Seen, Travel, Usefulness};
use domain::meeting::{Appointment, Day, Mode};
use ids::{AppointmentId, GoneReason, OrganizationId, PersonId, Personal, TaskId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::crisis::NotedStep;
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::sealed::Column;
use crate::telephone::Telephone;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// Hours not yet closed that are shown.
const OPEN_MAX: i64 = 50;
/// How far back one is reminded of an hour that is not closed.
const OPEN_DAYS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Tasks that one hour may have.
pub const TASKS_MAX: usize = 20;

/// What is written down when an hour is closed, or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What became of it; the only thing that has to be said.
    pub outcome: Outcome,
    /// How useful the clinician found it.
    pub usefulness: Option<Usefulness>,
    /// It was a support talk rather than treatment; proposed, never set (CARE-11).
    pub support_talk: bool,
    /// It began another way, and the rest was by telephone.
    pub partly_phone: bool,
    /// Minutes on the road on each side.
    pub travel: Travel,
    /// What somebody will do.
    pub tasks: Vec<NewTask>,
}

/// Something that somebody has agreed to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Who will.
    pub owner: PersonId,
    /// What, in words.
    pub description: Personal<String>,
    /// By which day, as 2026-11-22.
    pub due: Option<String>,
    /// Whether she sees it on her own page.
    pub for_her: bool,
}

/// A task with its state.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Who will.
    pub owner: Name,
    /// What.
    pub description: Personal<String>,
    /// By which day.
    pub due: Option<String>,
    /// When it was done.
    pub done: Option<Timestamp>,
}

/// One hour's record (FHIR Encounter).
#[derive(Debug, Clone)]
pub struct Encounter {
    /// How often it was written; 0 while it is open.
    pub revision: u32,
    /// What was written last.
    pub closing: Option<(Closing, Timestamp)>,
    /// Who was in its room.
    pub attended: Vec<Attended>,
    /// How it was to be held before, and until when, oldest first; what it was last stands in the appointment.
    pub ways: Vec<(Mode, Timestamp)>,
    /// What somebody will do.
    pub tasks: Vec<Task>,
    /// What was done when it was urgent, oldest first.
    pub crisis: Vec<NotedStep>,
    /// From when the rest was by telephone, as one of its hosts said.
    pub telephone: Option<Telephone>,
}

impl Db {
    /// Writes down what became of an hour, or corrects it; `seen` is the revision that whoever writes had before
    /// their eyes. A second press of the same button writes nothing; one that says something else is not lost in it.
    ///
    /// # Errors
    /// [`StoreError::Closing`] when it cannot be; [`StoreError::Booking`] when somebody else wrote meanwhile;
    /// [`StoreError::NotFound`], also when a task is given to somebody who was never invited to it.
    pub async fn close_appointment(
        &self,
        by: By,
        id: AppointmentId,
        seen: u32,
        closing: &Closing,
    ) -> Result<()> {
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (appointment, _) = tx.appointment(id).await?;
            let standing = tx.closing(id).await?;
            if let Some((revision, written, _)) = &standing
                && *revision == seen.saturating_add(1)
                && tx.is_written(&appointment, written, closing).await?
            {
                return Ok(());
            }
            if standing.map_or(0, |(revision, ..)| revision) != seen {
                return Err(NotBookable::ChangedMeanwhile.into());
            }
            let attended = tx.attended(id).await?;
            seen_of(&appointment, appointment.mode, &attended, None, by.now)
                .check(closing.outcome, closing.travel)?;
            tx.must_be_of_the_hour(id, &closing.tasks).await?;
            tx.insert_encounter(id, seen.saturating_add(1), who, closing).await?;
            for task in closing.tasks.iter().take(TASKS_MAX) {
                tx.insert_task(&appointment, task).await?;
            }
            let mut event = AuditEvent::new(Action::EncounterClosed).of(appointment.organization);
            if let Some(patient) = appointment.patient {
                event = event.about(patient);
            }
            tx.commit(event.on(Object::Appointment(id))).await?;
            Ok(())
        })
        .await
    }

    /// An hour's record; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn encounter(&self, by: By, id: AppointmentId) -> Result<Encounter> {
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let (appointment, _) = tx.appointment(id).await?;
        let found = tx.closing(id).await?;
        let attended = tx.attended(id).await?;
        let ways = tx.ways(id).await?;
        let tasks = tx.tasks(&appointment).await?;
        let crisis = tx.crisis_steps(id).await?;
        let telephone = tx.telephone(id).await?;
        if let Some(patient) = appointment.patient {
            tx.have_read(appointment.organization, patient, Object::Appointment(id));
        }
        let revision = found.as_ref().map_or(0, |(revision, ..)| *revision);
        let closing = found.map(|(_, closing, at)| (closing, at));
        let record = Encounter { revision, closing, attended, ways, tasks, crisis, telephone };
        tx.answer(Unlogged(record)).await
    }

    /// Marks a task as done; whether it was not before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn task_done(&self, by: By, id: TaskId) -> Result<bool> {
        const SQL: &str = "UPDATE task SET done = $2 WHERE id = $1 AND done IS NULL";
        const SQL_WHERE: &str =
            "SELECT a.organization FROM task t JOIN appointment a ON a.id = t.appointment WHERE t.id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (organization,) = row!(tx, SQL_WHERE, (Uuid,), id.uuid())?.ok_or(StoreError::NotFound)?;
            if change!(tx, SQL, id.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            let event = AuditEvent::new(Action::TaskDone).of(OrganizationId::from_uuid(organization));
            tx.commit(event.on(Object::Task(id))).await?;
            Ok(true)
        })
        .await
    }
}

/// An hour as the rules of closing see it.
#[must_use]
pub fn seen_of<'a>(
    appointment: &Appointment,
    booked: Mode,
    attended: &'a [Attended],
    telephone: Option<Timestamp>,
    now: Timestamp,
) -> Seen<'a> {
    Seen {
        mode: appointment.mode,
        booked,
        starts: appointment.window.starts,
        is_cancelled: appointment.cancelled.is_some(),
        attended,
        telephone,
        now,
    }
}

type StayRow = (Uuid, String, i64, Option<i64>, Option<String>, Option<String>, Option<String>, Option<i64>);

/// One admission as it is told; an admission that stands lasts until now.
fn stay(row: StayRow, now: Timestamp) -> Result<(Uuid, Attended)> {
    let (who, role, begun, ended, reason, device, network, pictured) = row;
    let came = Timestamp::from_millis(begun);
    let ended_by = reason.as_deref().map(|word| decode(word, "admission.reason")).transpose()?;
    let one = Attended {
        role: decode(&role, "invitation.role")?,
        came,
        stayed: ended.map_or(now, Timestamp::from_millis).since(came),
        pictured: Duration::from_millis(u64::try_from(pictured.unwrap_or(0)).unwrap_or(0)),
        device: device.as_deref().map(|word| decode(word, "admission.device")).transpose()?,
        network: network.as_deref().map(|word| decode(word, "admission.network")).transpose()?,
        lost: u16::from(ended_by == Some(GoneReason::LineLost)),
        ended: ended_by,
    };
    Ok((who, one))
}

type ClosingRow =
    (i64, Option<String>, Option<String>, Option<String>, Option<String>, i64, i64, i64, i64, i64, i64);

impl<Kind> Tx<'_, Kind> {
    /// The last revision of what was written down.
    async fn closing(&mut self, id: AppointmentId) -> Result<Option<(u32, Closing, Timestamp)>> {
        const SQL: &str = "SELECT revision, held_mode, missed_by, cause, usefulness, support_talk, partly_phone, \
             travel_ours, travel_hers, travel_escort, closed FROM encounter WHERE appointment = $1 \
             ORDER BY revision DESC LIMIT 1";
        let Some(found) = row!(self, SQL, ClosingRow, id.uuid())? else { return Ok(None) };
        let (revision, held, by, cause, useful, support, partly, ours, hers, escort, closed) = found;
        let outcome = match (held, by, cause) {
            (Some(mode), None, None) => Outcome::Held { mode: decode::<Mode>(&mode, "encounter.held_mode")? },
            (None, Some(by), Some(cause)) => Outcome::NotHeld {
                by: decode(&by, "encounter.missed_by")?,
                cause: decode(&cause, "encounter.cause")?,
            },
            _ => return Err(StoreError::Damaged { column: "encounter.held_mode" }),
        };
        let usefulness = match useful {
            Some(word) => Some(decode::<Usefulness>(&word, "encounter.usefulness")?),
            None => None,
        };
        let minutes = |value: i64| u16::try_from(value).unwrap_or(u16::MAX);
        let travel = Travel { ours: minutes(ours), hers: minutes(hers), escort: minutes(escort) };
        let revision =
            u32::try_from(revision).map_err(|_| StoreError::Damaged { column: "encounter.revision" })?;
        let (support_talk, partly_phone) = (support != 0, partly != 0);
        let closing = Closing { outcome, usefulness, support_talk, partly_phone, travel, tasks: Vec::new() };
        Ok(Some((revision, closing, Timestamp::from_millis(closed))))
    }

    /// How an appointment was to be held before it was converted.
    async fn ways(&mut self, id: AppointmentId) -> Result<Vec<(Mode, Timestamp)>> {
        const SQL: &str = "SELECT c.mode, c.at, COALESCE((SELECT n.mode FROM appointment_change n \
             WHERE n.appointment = c.appointment AND n.sequence = c.sequence + 1), a.mode) \
             FROM appointment_change c JOIN appointment a ON a.id = c.appointment \
             WHERE c.appointment = $1 ORDER BY c.sequence";
        let found = rows!(self, SQL, (String, i64, String), id.uuid())?;
        let converted = found.into_iter().filter(|(before, _, after)| before != after);
        let way = |(before, at, _): (String, i64, String)| {
            Ok((decode(&before, "appointment_change.mode")?, Timestamp::from_millis(at)))
        };
        converted.map(way).collect()
    }

    /// Who was in the room of an appointment, and how long.
    async fn attended(&mut self, id: AppointmentId) -> Result<Vec<Attended>> {
        const SQL: &str = "SELECT i.id, i.role, m.begun, m.ended, m.reason, m.device, m.network, m.pictured_ms \
             FROM admission m \
             JOIN participant p ON p.id = m.participant JOIN invitation i ON i.id = p.invitation \
             WHERE i.appointment = $1 ORDER BY i.id, m.begun";
        let now = self.now();
        let mut attended: Vec<(Uuid, Attended)> = Vec::new();
        for row in rows!(self, SQL, StayRow, id.uuid())? {
            let (who, one) = stay(row, now)?;
            match attended.last_mut() {
                Some((last, known)) if *last == who => known.goes_on(&one),
                _ => attended.push((who, one)),
            }
        }
        let mut attended: Vec<Attended> = attended.into_iter().map(|(_, one)| one).collect();
        attended.sort_by_key(|one| (one.role, one.came));
        Ok(attended)
    }
}

impl Tx<'_, Read> {
    async fn tasks(&mut self, appointment: &Appointment) -> Result<Vec<Task>> {
        const SQL: &str = "SELECT t.id, t.owner, n.organization, n.given_name, n.family_name, t.description, t.due, \
             t.done FROM task t JOIN person n ON n.id = t.owner WHERE t.appointment = $1 ORDER BY t.created, t.id";
        type Row = (Uuid, Uuid, Uuid, Vec<u8>, Vec<u8>, Vec<u8>, Option<String>, Option<i64>);
        let mut tasks = Vec::new();
        for (id, owner, register, given, family, description, due, done) in
            rows!(self, SQL, Row, appointment.id.uuid())?
        {
            let (id, owner) = (TaskId::from_uuid(id), PersonId::from_uuid(owner));
            let register = OrganizationId::from_uuid(register);
            let name = self.open_name(register, owner, &given, &family).await?;
            self.have_read(register, owner, Object::Task(id));
            let description =
                self.open(appointment.organization, Column::TASK, id.as_bytes(), &description).await?;
            tasks.push(Task { id, owner: name, description, due, done: done.map(Timestamp::from_millis) });
        }
        Ok(tasks)
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The hours of a clinician that are over, by the clock or because a host ended them, and not closed, oldest first: ids
    /// and times only.
    pub(crate) async fn not_closed(
        &mut self,
        clinician: PersonId,
    ) -> Result<Vec<(AppointmentId, Timestamp)>> {
        const SQL: &str = "SELECT a.id, a.starts FROM appointment a WHERE a.responsible = $1 AND (a.ends <= $2 \
             OR EXISTS (SELECT 1 FROM session s WHERE s.appointment = a.id AND s.ended IS NOT NULL)) \
             AND a.starts >= $3 AND a.starts < $4 AND a.closed IS NULL AND a.cancelled IS NULL AND a.kind <> 'practice' \
             ORDER BY a.starts, a.id LIMIT $5";
        let (now, since) = (self.now().as_millis(), self.now().minus(OPEN_DAYS).as_millis());
        let until = self.now().plus(Day::AROUND).as_millis();
        let found = rows!(self, SQL, (Uuid, i64), clinician.uuid(), now, since, until, OPEN_MAX)?.into_iter();
        Ok(found.map(|(id, starts)| (AppointmentId::from_uuid(id), Timestamp::from_millis(starts))).collect())
    }
}

impl Tx<'_, Write> {
    /// Whether everything that is to be written down stands there already.
    async fn is_written(&mut self, hour: &Appointment, written: &Closing, new: &Closing) -> Result<bool> {
        const SQL: &str = "SELECT id, owner, description, due, for_her FROM task WHERE appointment = $1";
        type Row = (Uuid, Uuid, Vec<u8>, Option<String>, i64);
        if *written != (Closing { tasks: Vec::new(), ..new.clone() }) {
            return Ok(false);
        }
        let mut standing = Vec::new();
        for (id, owner, description, due, for_her) in rows!(self, SQL, Row, hour.id.uuid())? {
            let row = TaskId::from_uuid(id);
            let description =
                self.open(hour.organization, Column::TASK, row.as_bytes(), &description).await?;
            let (owner, for_her) = (PersonId::from_uuid(owner), for_her != 0);
            standing.push(NewTask { owner, description, due, for_her });
        }
        Ok(new.tasks.iter().all(|task| standing.contains(task)))
    }

    /// Makes sure that tasks go to people of this hour: of nobody else the name may be opened by giving them one
    /// (SEC-096).
    async fn must_be_of_the_hour(&mut self, id: AppointmentId, tasks: &[NewTask]) -> Result<()> {
        const SQL: &str = "SELECT COUNT(*) FROM invitation WHERE appointment = $1 AND person = $2";
        for task in tasks {
            let invited = row!(self, SQL, (i64,), id.uuid(), task.owner.uuid())?;
            invited.filter(|(rows,)| *rows > 0).ok_or(StoreError::NotFound)?;
        }
        Ok(())
    }

    async fn insert_encounter(
        &mut self,
        id: AppointmentId,
        revision: u32,
        who: PersonId,
        closing: &Closing,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO encounter (appointment, revision, held_mode, missed_by, cause, usefulness, \
             support_talk, travel_ours, travel_hers, travel_escort, closed, closed_by, partly_phone) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        const SQL_CLOSED: &str = "UPDATE appointment SET closed = $2 WHERE id = $1 AND closed IS NULL";
        let (held, by, cause) = match closing.outcome {
            Outcome::Held { mode } => (Some(mode.code()), None, None),
            Outcome::NotHeld { by, cause } => (None, Some(by.code()), Some(cause.code())),
        };
        let Travel { ours, hers, escort } = closing.travel;
        let useful = closing.usefulness.map(Code::code);
        let (support, now) = (i64::from(closing.support_talk), self.now().as_millis());
        change!(
            self,
            SQL,
            id.uuid(),
            i64::from(revision),
            held,
            by,
            cause,
            useful,
            support,
            i64::from(ours),
            i64::from(hers),
            i64::from(escort),
            now,
            who.uuid(),
            i64::from(closing.partly_phone),
        )?;
        change!(self, SQL_CLOSED, id.uuid(), now)?;
        Ok(())
    }

    async fn insert_task(&mut self, appointment: &Appointment, task: &NewTask) -> Result<()> {
        const SQL: &str = "INSERT INTO task (id, appointment, owner, description, due, created, for_her) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let id = TaskId::from_parts(self.now(), random_id_part()?);
        let plain = task.description.reveal().as_bytes();
        let sealed = self.seal(appointment.organization, Column::TASK, id.as_bytes(), plain).await?;
        let now = self.now().as_millis();
        let (due, owner, for_her) = (task.due.clone(), task.owner.uuid(), i64::from(task.for_her));
        change!(self, SQL, id.uuid(), appointment.id.uuid(), owner, sealed, due, now, for_her)?;
        Ok(())
    }
}
