//! A small child comes with her parents: those who answer for her say so, and nobody need ask her before they are let in.

use domain::audit::{Action, AuditEvent, Object};
use domain::meeting::Day;
use ids::{AppointmentId, PersonId};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Write, change, row, rows};

impl Db {
    /// Says that a young person is a small child who comes with her parents, or that she no longer is; whether that is new.
    /// The same again writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever says so does not answer for her (SEC-070).
    pub async fn come_with_parents(&self, by: By, patient: PersonId, comes: bool) -> Result<bool> {
        const SQL_YES: &str = "UPDATE person SET with_parents = $2 WHERE id = $1 AND with_parents IS NULL";
        const SQL_NO: &str =
            "UPDATE person SET with_parents = NULL WHERE id = $1 AND with_parents IS NOT NULL";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            let changed = if comes {
                change!(tx, SQL_YES, patient.uuid(), by.now.as_millis())?
            } else {
                change!(tx, SQL_NO, patient.uuid())?
            };
            if changed == 0 {
                return Ok(false);
            }
            tx.tell_rooms_of(patient).await?;
            let action = if comes { Action::ComesWithParents } else { Action::ComesAlone };
            let event = AuditEvent::new(action).of(organization).about(patient);
            tx.commit(event.on(Object::Person(patient))).await?;
            Ok(true)
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whether she is a small child who comes with her parents.
    pub(crate) async fn comes_with_parents(&mut self, patient: PersonId) -> Result<bool> {
        const SQL: &str = "SELECT with_parents FROM person WHERE id = $1";
        let (since,) = row!(self, SQL, (Option<i64>,), patient.uuid())?.ok_or(StoreError::NotFound)?;
        Ok(since.is_some())
    }
}

impl Tx<'_, Write> {
    /// Has everybody in her hours about now decided afresh: it is a fact of the others' seats as well.
    async fn tell_rooms_of(&mut self, patient: PersonId) -> Result<()> {
        const SQL: &str = "SELECT a.id FROM invitation i JOIN appointment a ON a.id = i.appointment \
             WHERE i.person = $1 AND i.role = 'young_person' AND a.starts < $2 AND a.ends > $3 ORDER BY a.id";
        let (from, until) = (self.now().minus(Day::AROUND), self.now().plus(Day::AROUND));
        for (hour,) in rows!(self, SQL, (Uuid,), patient.uuid(), until.as_millis(), from.as_millis())? {
            self.changed(Subject::Appointment(AppointmentId::from_uuid(hour)));
        }
        Ok(())
    }
}
