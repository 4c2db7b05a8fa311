//! What a clinician's day page shows, read in one view and logged in one write, and what its script asks for again and
//! again.

use std::collections::BTreeMap;

use domain::audit::Purpose;
use domain::meeting::Day;
use domain::readiness::Readiness;
use domain::request::Standing;
use ids::{AppointmentId, PersonId, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::appointment::{Meeting, window};
use crate::db::Db;
use crate::error::Result;
use crate::request_reader::OpenRequest;
use crate::tx::{Tx, Unlogged, rows};

/// Everything that a clinician's day page shows.
#[derive(Debug, Clone)]
pub struct Agenda {
    /// The hours of the day that she answers for or is host in, by time.
    pub meetings: Vec<Meeting>,
    /// Her hours that are not over, to which somebody answered and nobody decided, by time.
    pub undecided: Vec<(AppointmentId, Timestamp)>,
    /// Her hours that are over, by the clock or because a host ended them, and not closed, oldest first.
    pub not_closed: Vec<(AppointmentId, Timestamp)>,
    /// The open requests that she may read now, unread ones first, then the oldest.
    pub requests: Vec<OpenRequest>,
    /// How the points of readiness stand for those of them whom she answers for.
    pub readiness: BTreeMap<PersonId, Readiness>,
    /// The same in numbers.
    pub news: News,
}

/// What may be new on a clinician's day, in ids and numbers only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The sessions of the day in which she is host.
    pub hosted: Vec<SessionId>,
    /// Open requests that she may read now.
    pub requests: usize,
    /// How many of them nobody has seen.
    pub unread: usize,
    /// Her hours to which somebody answered and nobody decided.
    pub undecided: usize,
}

impl Db {
    /// A clinician's day; logged for every person in it.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn agenda(&self, by: By, clinician: PersonId, day: &Day) -> Result<Agenda> {
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let meetings = tx.meetings_of(clinician, day).await?;
        let undecided = tx.undecided_hours(clinician).await?;
        let not_closed = tx.not_closed(clinician).await?;
        let hosted = meetings.iter().filter(|one| hosts(one, clinician));
        let hosted = hosted.map(|one| one.appointment.session).collect();
        let around = (day.from.minus(Day::AROUND), day.to.plus(Day::AROUND));
        let readiness = tx.readiness_between(clinician, around).await?;
        let mut requests = Vec::new();
        for (id, state, ground) in tx.readable_by(clinician).await? {
            requests.push(tx.open_request(id, &state, clinician, ground).await?);
        }
        let unread = requests.iter().filter(|one| one.standing == Standing::Asked).count();
        let news = News { hosted, requests: requests.len(), unread, undecided: undecided.len() };
        tx.answer(Unlogged(Agenda { meetings, undecided, not_closed, requests, readiness, news })).await
    }

    /// What may be new on a clinician's day: nothing that names anybody, so that a page can ask again and again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn news_of(&self, clinician: PersonId, day: &Day) -> Result<News> {
        let mut tx = self.look(day.now).await?;
        let hosted = tx.hosted_on(clinician, day).await?;
        let readable = tx.readable_by(clinician).await?;
        let undecided = tx.undecided_hours(clinician).await?.len();
        tx.done().await?;
        let unread = readable.iter().filter(|(_, state, _)| state.standing == Standing::Asked).count();
        Ok(News { hosted, requests: readable.len(), unread, undecided })
    }
}

/// Whether somebody is host in a meeting now; what [`Tx::hosted_on`] asks the records.
fn hosts(meeting: &Meeting, person: PersonId) -> bool {
    meeting
        .people
        .iter()
        .map(|one| &one.invitation)
        .any(|one| one.person == person && one.role.is_host() && one.withdrawn.is_none())
}

impl<Mode> Tx<'_, Mode> {
    /// The sessions of a day in which somebody is host.
    async fn hosted_on(&mut self, host: PersonId, day: &Day) -> Result<Vec<SessionId>> {
        const SQL: &str = "SELECT p.session, a.starts, a.ends, a.early_ms, a.late_ms FROM invitation i \
             JOIN appointment a ON a.id = i.appointment JOIN participant p ON p.invitation = i.id \
             WHERE i.person = $1 AND i.starts >= $2 AND i.starts < $3 AND i.role = 'host' AND i.withdrawn_at IS NULL \
             ORDER BY i.starts, i.id";
        let (from, to) = (day.from.minus(Day::AROUND), day.to.plus(Day::AROUND));
        type Row = (Uuid, i64, i64, i64, i64);
        let found = rows!(self, SQL, Row, host.uuid(), from.as_millis(), to.as_millis())?;
        let of_day = found
            .into_iter()
            .filter(|(_, starts, ends, early, late)| day.has(&window(*starts, *ends, *early, *late)));
        Ok(of_day.map(|(session, ..)| SessionId::from_uuid(session)).collect())
    }
}
