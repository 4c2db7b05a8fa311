//! How people's addresses are graded, and how near whoever acts stands to them (SEC-072).

use domain::audit::{Actor, Object, Purpose};
use domain::booking::NotBookable;
use domain::meeting::Mode;
use domain::protection::{Carries, Nearness, Protection};
use ids::{AppointmentId, PersonId};

use crate::By;
use crate::codes::decode;
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

impl Db {
    /// Whether messages about an hour carry a link unless somebody says otherwise: nobody whom it concerns has a
    /// protected address (SEC-073); logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such appointment.
    pub async fn carries_a_link_by_itself(&self, by: By, id: AppointmentId) -> Result<bool> {
        const SQL: &str = "SELECT n.protection FROM person n \
             WHERE n.id IN (SELECT a.patient FROM appointment a WHERE a.id = $1) \
             OR n.id IN (SELECT i.person FROM invitation i WHERE i.appointment = $1 AND i.withdrawn_at IS NULL)";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let (hour, _) = tx.appointment(id).await?;
        let found = rows!(tx, SQL, (String,), id.uuid())?;
        let concerned: Vec<Protection> =
            found.iter().map(|(word,)| decode(word, "person.protection")).collect::<Result<_>>()?;
        if let Some(patient) = hour.patient {
            tx.have_read(hour.organization, patient, Object::Appointment(id));
        }
        tx.answer(Unlogged(Protection::may_carry(concerned, Carries::NOTHING).link)).await
    }

    /// The ways in which an hour may be held, at the grading of whom it is about (SEC-073); logged for her.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such appointment.
    pub async fn ways_of(&self, by: By, appointment: AppointmentId) -> Result<Vec<Mode>> {
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let (found, _) = tx.appointment(appointment).await?;
        let mut ways = Mode::ALL.to_vec();
        if let Some(patient) = found.patient {
            let protection = tx.protection(patient).await?;
            tx.have_read(found.organization, patient, Object::Appointment(appointment));
            ways.retain(|mode| protection.offers(*mode));
        }
        tx.answer(Unlogged(ways)).await
    }
}

impl<Kind> Tx<'_, Kind> {
    /// How a person's address is graded.
    pub(crate) async fn protection(&mut self, person: PersonId) -> Result<Protection> {
        const SQL: &str = "SELECT protection FROM person WHERE id = $1";
        let (word,) = row!(self, SQL, (String,), person.uuid())?.ok_or(StoreError::NotFound)?;
        decode(&word, "person.protection")
    }

    /// How near whoever acts stands to a person. The program and its operator act for the care team: they send its
    /// messages and show no address.
    pub(crate) async fn nearness(&mut self, person: PersonId) -> Result<Nearness> {
        const SQL: &str = "SELECT COUNT(*) FROM care_team c WHERE c.practitioner = $2 AND c.ended IS NULL \
             AND (c.patient = $1 OR c.patient IN \
             (SELECT r.patient FROM relation r WHERE r.person = $1 AND r.ended IS NULL))";
        let who = match self.actor() {
            Actor::Person(who) if who == person => return Ok(Nearness::Herself),
            Actor::Person(who) => who,
            Actor::System | Actor::Operator => return Ok(Nearness::CareTeam),
            Actor::Link(_) | Actor::StaffLink(_) => return Ok(Nearness::Elsewhere),
        };
        let found = row!(self, SQL, (i64,), person.uuid(), who.uuid())?;
        let answers = found.is_some_and(|(teams,)| teams > 0);
        Ok(if answers { Nearness::CareTeam } else { Nearness::Elsewhere })
    }

    /// Makes sure that an hour about this young person may be held in this way (SEC-073).
    pub(crate) async fn may_meet(&mut self, patient: Option<PersonId>, mode: Mode) -> Result<()> {
        let Some(patient) = patient else { return Ok(()) };
        if self.protection(patient).await?.offers(mode) { Ok(()) } else { Err(NotBookable::Protected.into()) }
    }

    /// Whether a message about an hour may carry a link: when nobody it concerns has a protected address, or when that
    /// was chosen for this very hour (SEC-073).
    pub(crate) async fn may_carry_link(
        &mut self,
        (patient, recipient): (Option<PersonId>, PersonId),
        chosen: bool,
    ) -> Result<bool> {
        let mut concerned = vec![self.protection(recipient).await?];
        if let Some(patient) = patient {
            concerned.push(self.protection(patient).await?);
        }
        Ok(Protection::may_carry(concerned, Carries { link: chosen, ..Carries::NOTHING }).link)
    }

    /// Whether telephone number and mail address of a person may be shown to whoever acts (SEC-072).
    pub(crate) async fn shows_contact(&mut self, person: PersonId) -> Result<bool> {
        let near = self.nearness(person).await?;
        Ok(self.protection(person).await?.shows_contact(near))
    }
}

impl Tx<'_, Write> {
    /// Takes back for a person's hours to come that messages about them carry a link: with a protected address that is
    /// chosen anew for each (SEC-073).
    pub(crate) async fn choose_no_link(&mut self, patient: PersonId) -> Result<()> {
        const SQL: &str =
            "UPDATE appointment SET with_link = 0 WHERE patient = $1 AND with_link = 1 AND ends > $2";
        let now = self.now().as_millis();
        change!(self, SQL, patient.uuid(), now)?;
        Ok(())
    }
}
