//! What stands before a first hour on the screen: points that are ticked, or opened with a reason (CARE-01).

use std::collections::BTreeMap;

use domain::audit::{Action, Actor, AuditEvent, Object};
use domain::readiness::{Point, Readiness, Standing};
use ids::{PersonId, Personal, ReadinessId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::sealed::Column;
use crate::tx::{Tx, Write, change, row, rows};

/// How somebody answers a point.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It is settled.
    Tick,
    /// It is not, and hours on the screen are opened all the same, for this reason.
    Open(Personal<String>),
    /// What was ticked or opened is taken back.
    TakeBack,
}

impl Db {
    /// Answers a point of readiness; the same answer again writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever answers does not answer for her, or the point is not answered by hand.
    pub async fn answer_point(&self, by: By, patient: PersonId, point: Point, answer: &Answer) -> Result<()> {
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        if !point.is_ticked_by_hand() && matches!(answer, Answer::Tick) {
            return Err(StoreError::NotFound);
        }
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            let standing = tx.readiness(patient).await?.of(point);
            let same = match (answer, standing) {
                (Answer::Tick, Standing::Settled(_))
                | (Answer::Open(_), Standing::Settled(_) | Standing::Opened(_)) => true,
                (Answer::TakeBack, _) => !tx.end_point(patient, point).await?,
                (Answer::Tick, Standing::Open | Standing::Opened(_)) | (Answer::Open(_), Standing::Open) => {
                    false
                }
            };
            if same {
                return Ok(());
            }
            let id = ReadinessId::from_parts(by.now, random_id_part()?);
            let action = match answer {
                Answer::Tick | Answer::TakeBack => Action::ReadinessChanged,
                Answer::Open(_) => Action::ReadinessOpened,
            };
            if !matches!(answer, Answer::TakeBack) {
                tx.end_point(patient, point).await?;
                let reason = match answer {
                    Answer::Open(reason) => {
                        let plain = reason.reveal().as_bytes();
                        Some(tx.seal(organization, Column::READINESS_REASON, id.as_bytes(), plain).await?)
                    }
                    _ => None,
                };
                tx.insert_point(id, (patient, who), point, reason).await?;
            }
            let event = AuditEvent::new(action).of(organization).about(patient);
            tx.commit(event.on(Object::Readiness(id))).await
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// How her points stand.
    pub(crate) async fn readiness(&mut self, patient: PersonId) -> Result<Readiness> {
        const SQL: &str = "SELECT point, standing, since FROM readiness WHERE person = $1 AND ended IS NULL";
        const SQL_AGREED: &str = "SELECT written, open_parts FROM our_agreement WHERE person = $1 \
             ORDER BY revision DESC LIMIT 1";
        let mut readiness = Readiness::default();
        for (point, standing, since) in rows!(self, SQL, (String, String, i64), patient.uuid())? {
            readiness = readiness.with(decode(&point, "readiness.point")?, standing_of(&standing, since)?);
        }
        if let Some((written, 0)) = row!(self, SQL_AGREED, (i64, i64), patient.uuid())? {
            readiness = readiness.with(Point::Agreement, Standing::Settled(Timestamp::from_millis(written)));
        }
        Ok(readiness)
    }

    /// How the points of those young people stand for whom a clinician answers and has an hour between two moments; ids,
    /// points and times only.
    pub(crate) async fn readiness_between(
        &mut self,
        clinician: PersonId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<BTreeMap<PersonId, Readiness>> {
        // Nothing that is settled by hand comes after what is: the second half stands for their agreements.
        const SQL: &str = "SELECT c.patient, r.point, r.standing, r.since FROM care_team c \
             LEFT JOIN readiness r ON r.person = c.patient AND r.ended IS NULL \
             WHERE c.practitioner = $1 AND c.ended IS NULL AND EXISTS (SELECT 1 FROM appointment a \
             WHERE a.patient = c.patient AND a.starts >= $2 AND a.starts < $3) \
             UNION ALL SELECT c.patient, 'agreement', 'settled', g.written FROM care_team c \
             JOIN our_agreement g ON g.person = c.patient AND g.open_parts = 0 \
             WHERE c.practitioner = $1 AND c.ended IS NULL AND NOT EXISTS (SELECT 1 FROM our_agreement l \
             WHERE l.person = g.person AND l.revision > g.revision)";
        type Row = (Uuid, Option<String>, Option<String>, Option<i64>);
        let found = rows!(self, SQL, Row, clinician.uuid(), from.as_millis(), to.as_millis())?;
        let mut points: BTreeMap<PersonId, Readiness> = BTreeMap::new();
        for (patient, point, standing, since) in found {
            let entry = points.entry(PersonId::from_uuid(patient)).or_default();
            if let (Some(point), Some(standing), Some(since)) = (point, standing, since) {
                *entry = entry.with(decode(&point, "readiness.point")?, standing_of(&standing, since)?);
            }
        }
        Ok(points)
    }
}

impl Tx<'_, Write> {
    /// Ends what stands about a point; whether anything did.
    async fn end_point(&mut self, patient: PersonId, point: Point) -> Result<bool> {
        const SQL: &str =
            "UPDATE readiness SET ended = $3 WHERE person = $1 AND point = $2 AND ended IS NULL";
        let now = self.now().as_millis();
        Ok(change!(self, SQL, patient.uuid(), point.code(), now)? > 0)
    }

    async fn insert_point(
        &mut self,
        id: ReadinessId,
        (patient, who): (PersonId, PersonId),
        point: Point,
        reason: Option<Vec<u8>>,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO readiness (id, person, point, standing, reason, since, written_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let standing = if reason.is_some() { PointStanding::Opened } else { PointStanding::Settled };
        let now = self.now().as_millis();
        change!(
            self,
            SQL,
            id.uuid(),
            patient.uuid(),
            point.code(),
            standing.code(),
            reason,
            now,
            who.uuid()
        )?;
        Ok(())
    }
}

fn standing_of(word: &str, since: i64) -> Result<Standing> {
    let since = Timestamp::from_millis(since);
    Ok(match decode(word, "readiness.standing")? {
        PointStanding::Settled => Standing::Settled(since),
        PointStanding::Opened => Standing::Opened(since),
    })
}

/// How a point that was answered is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PointStanding {
    Settled,
    Opened,
}
