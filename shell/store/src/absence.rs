//! When clinicians are away, and who reads in their place (CARE-07).

use domain::absence::{Absence, NotAway};
use domain::audit::{Action, AuditEvent, Object, Purpose};
use ids::{AbsenceId, OrganizationId, PersonId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::tx::{Tx, Unlogged, change, row, rows};

/// Absences that one clinician is shown.
const SHOWN_MAX: i64 = 50;

/// An absence to enter.
#[derive(Debug, Clone, Copy)]
pub struct NewAbsence {
    /// Who is away.
    pub person: PersonId,
    /// Who reads meanwhile.
    pub deputy: PersonId,
    /// The first moment.
    pub starts: Timestamp,
    /// The first moment after it.
    pub ends: Timestamp,
}

/// An absence as its person sees it.
#[derive(Debug, Clone)]
pub struct OwnAbsence {
    /// Its id.
    pub id: AbsenceId,
    /// From when to when.
    pub absence: Absence,
    /// Who reads meanwhile.
    pub deputy: Name,
}

impl Db {
    /// Enters an absence; the same again is the same.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the deputy does not treat young people at the same organisation. That it is none is
    /// an answer.
    pub async fn add_absence(&self, by: By, new: NewAbsence) -> Result<Result<(), NotAway>> {
        const SQL: &str = "INSERT INTO absence (id, person, deputy, starts, ends, created) \
             VALUES ($1, $2, $3, $4, $5, $6)";
        const SQL_SAME: &str = "SELECT COUNT(*) FROM absence WHERE person = $1 AND deputy = $2 AND starts = $3 \
             AND ends = $4 AND ended IS NULL";
        let NewAbsence { person, deputy, starts, ends } = new;
        let (from, to) = (starts.as_millis(), ends.as_millis());
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.organization_of(person).await?;
            if person == deputy || !tx.treats(deputy, organization).await? {
                return Err(StoreError::NotFound);
            }
            let (same,) =
                row!(tx, SQL_SAME, (i64,), person.uuid(), deputy.uuid(), from, to)?.unwrap_or_default();
            if same > 0 {
                return Ok(Ok(()));
            }
            let standing = tx.standing_absences(person).await?;
            if let Err(why) = Absence::new((starts, ends), standing, by.now) {
                return Ok(Err(why));
            }
            let id = AbsenceId::from_parts(by.now, random_id_part()?);
            let now = by.now.as_millis();
            change!(tx, SQL, id.uuid(), person.uuid(), deputy.uuid(), from, to, now)?;
            let event = AuditEvent::new(Action::AbsenceAdded).of(organization).about(deputy);
            tx.commit(event.on(Object::Absence(id))).await?;
            Ok(Ok(()))
        })
        .await
    }

    /// Takes an absence back; whether it stood.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there or not theirs.
    pub async fn end_absence(&self, by: By, person: PersonId, id: AbsenceId) -> Result<bool> {
        const SQL: &str = "UPDATE absence SET ended = $2 WHERE id = $1 AND ended IS NULL";
        const SQL_WHO: &str = "SELECT person, deputy FROM absence WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (owner, deputy) = row!(tx, SQL_WHO, (Uuid, Uuid), id.uuid())?.ok_or(StoreError::NotFound)?;
            if owner != person.uuid() {
                return Err(StoreError::NotFound);
            }
            if change!(tx, SQL, id.uuid(), by.now.as_millis())? == 0 {
                return Ok(false);
            }
            let organization = tx.organization_of(person).await?;
            let event =
                AuditEvent::new(Action::AbsenceEnded).of(organization).about(PersonId::from_uuid(deputy));
            tx.commit(event.on(Object::Absence(id))).await?;
            Ok(true)
        })
        .await
    }

    /// A clinician's absences that are not over, by time; logged.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn absences_of(&self, by: By, person: PersonId) -> Result<Vec<OwnAbsence>> {
        const SQL: &str = "SELECT b.id, b.starts, b.ends, n.id, n.organization, n.given_name, n.family_name \
             FROM absence b JOIN person n ON n.id = b.deputy WHERE b.person = $1 AND b.ended IS NULL AND b.ends > $2 \
             ORDER BY b.starts, b.id LIMIT $3";
        type Row = (Uuid, i64, i64, Uuid, Uuid, Vec<u8>, Vec<u8>);
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        let mut absences = Vec::new();
        for found in rows!(tx, SQL, Row, person.uuid(), by.now.as_millis(), SHOWN_MAX)? {
            let (id, starts, ends, deputy, register, given, family) = found;
            let (deputy, register) = (PersonId::from_uuid(deputy), OrganizationId::from_uuid(register));
            let name = tx.open_name(register, deputy, &given, &family).await?;
            let id = AbsenceId::from_uuid(id);
            tx.have_read(register, deputy, Object::Absence(id));
            let absence =
                Absence { starts: Timestamp::from_millis(starts), ends: Timestamp::from_millis(ends) };
            absences.push(OwnAbsence { id, absence, deputy: name });
        }
        tx.answer(Unlogged(absences)).await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Absences of somebody that stand and are not over.
    async fn standing_absences(&mut self, person: PersonId) -> Result<usize> {
        const SQL: &str = "SELECT COUNT(*) FROM absence WHERE person = $1 AND ended IS NULL AND ends > $2";
        let now = self.now().as_millis();
        let (standing,) = row!(self, SQL, (i64,), person.uuid(), now)?.unwrap_or_default();
        Ok(usize::try_from(standing).unwrap_or(usize::MAX))
    }
}
