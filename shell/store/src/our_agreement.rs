//! What a young person and her clinician have agreed, by revision (CARE-02, CARE-03, SEC-097).
//!
//! The whole page is one sealed value: nobody searches in it, and it is read as one. Each writing is a revision of its
//! own; whoever writes names the one that they saw.

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::our_agreement::OurAgreement;
use domain::readiness::Readiness;
use ids::{OrganizationId, OurAgreementId, ParticipantId, PersonId, Personal, Role, SessionId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::sealed::Column;
use crate::tx::{Tx, Unlogged, change, row};

/// Their agreement as it stands, for those who answer for her.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// Her name.
    pub name: Name,
    /// How often it was written; 0 before the first time.
    pub revision: u32,
    /// What stands.
    pub page: OurAgreement,
    /// When it was written last.
    pub written: Option<Timestamp>,
    /// What stands before a first hour on the screen.
    pub readiness: Readiness,
}

/// What was found when somebody wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It stands now.
    Stands,
    /// Somebody else wrote meanwhile; nothing was changed.
    ChangedMeanwhile,
}

/// One writing of an agreement.
pub(crate) struct Revision {
    id: OurAgreementId,
    revision: u32,
    pub(crate) page: OurAgreement,
    written: Timestamp,
}

impl Db {
    /// Their agreement and her readiness; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever asks does not answer for her (SEC-070).
    pub async fn our_agreement(&self, by: By, patient: PersonId) -> Result<Agreed> {
        const SQL: &str = "SELECT given_name, family_name FROM person WHERE id = $1";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let organization = tx.hers(patient).await?;
        let (given, family) =
            row!(tx, SQL, (Vec<u8>, Vec<u8>), patient.uuid())?.ok_or(StoreError::NotFound)?;
        let name = tx.open_name(organization, patient, &given, &family).await?;
        tx.have_read(organization, patient, Object::Person(patient));
        let readiness = tx.readiness(patient).await?;
        let agreed = match tx.agreement_of(organization, patient).await? {
            None => Agreed { name, revision: 0, page: OurAgreement::default(), written: None, readiness },
            Some(Revision { id, revision, page, written, .. }) => {
                tx.have_read(organization, patient, Object::OurAgreement(id));
                Agreed { name, revision, page, written: Some(written), readiness }
            }
        };
        tx.answer(Unlogged(agreed)).await
    }

    /// Writes their agreement; `seen` is the revision that whoever writes had before their eyes. The same press again
    /// writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when whoever writes does not answer for her.
    pub async fn write_our_agreement(
        &self,
        by: By,
        patient: PersonId,
        seen: u32,
        page: &OurAgreement,
    ) -> Result<Written> {
        const SQL: &str = "INSERT INTO our_agreement (id, person, revision, contents, open_parts, written, written_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let Actor::Person(who) = by.actor else { return Err(StoreError::NotFound) };
        let contents =
            serde_json::to_vec(page).map_err(|_| StoreError::Damaged { column: "our_agreement.contents" })?;
        let contents = &zeroize::Zeroizing::new(contents);
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.hers(patient).await?;
            let standing = tx.agreement_of(organization, patient).await?;
            let next = seen.saturating_add(1);
            if standing.as_ref().is_some_and(|one| one.revision == next && one.page == *page) {
                return Ok(Written::Stands);
            }
            if standing.as_ref().map_or(0, |one| one.revision) != seen {
                return Ok(Written::ChangedMeanwhile);
            }
            let id = OurAgreementId::from_parts(by.now, random_id_part()?);
            let sealed = tx.seal(organization, Column::OUR_AGREEMENT, id.as_bytes(), contents).await?;
            let open = i64::try_from(page.open_parts().len()).unwrap_or(i64::MAX);
            let (now, next) = (by.now.as_millis(), i64::from(next));
            change!(tx, SQL, id.uuid(), patient.uuid(), next, sealed, open, now, who.uuid())?;
            let event = AuditEvent::new(Action::OurAgreementWritten).of(organization).about(patient);
            tx.commit(event.on(Object::OurAgreement(id))).await?;
            Ok(Written::Stands)
        })
        .await
    }

    /// The recognition sign that they agreed on, for texts that her clinician sends; logged. `None` when there is none or
    /// whoever asks does not answer for her.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn agreed_sign(&self, by: By, patient: PersonId) -> Result<Option<Personal<String>>> {
        let Actor::Person(who) = by.actor else { return Ok(None) };
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        if !tx.is_in_care_team(patient, who).await? {
            return tx.answer(Unlogged(None)).await;
        }
        let organization = tx.organization_of(patient).await?;
        let agreed = tx.agreement_of(organization, patient).await?;
        let sign = agreed.and_then(|one| {
            tx.have_read(organization, patient, Object::OurAgreement(one.id));
            one.page.recognition_sign()
        });
        tx.answer(Unlogged(sign)).await
    }

    /// What was agreed with the young person of a session, and her seat in it, for its hosts who answer for her; logged.
    /// `None` when there is no young person, nothing is agreed, or whoever asks is not one of them.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn agreed_in(
        &self,
        by: By,
        session: SessionId,
    ) -> Result<Option<(ParticipantId, OurAgreement)>> {
        const SQL: &str = "SELECT a.patient, i.role FROM session s JOIN appointment a ON a.id = s.appointment \
             JOIN invitation i ON i.appointment = a.id WHERE s.id = $1 AND i.person = $2 AND i.withdrawn_at IS NULL";
        const SQL_SEAT: &str = "SELECT p.id FROM participant p JOIN invitation i ON i.id = p.invitation \
             WHERE p.session = $1 AND i.person = $2";
        let Actor::Person(who) = by.actor else { return Ok(None) };
        let mut tx = self.read(by.actor, Purpose::Meeting, by.now).await?;
        let found = row!(tx, SQL, (Option<Uuid>, String), session.uuid(), who.uuid())?;
        let Some((Some(patient), role)) = found else { return tx.answer(Unlogged(None)).await };
        let patient = PersonId::from_uuid(patient);
        let is_host = crate::codes::decode::<Role>(&role, "invitation.role")?.is_host();
        if !is_host || !tx.is_in_care_team(patient, who).await? {
            return tx.answer(Unlogged(None)).await;
        }
        let organization = tx.organization_of(patient).await?;
        let seat = row!(tx, SQL_SEAT, (Uuid,), session.uuid(), patient.uuid())?;
        let agreed = match (seat, tx.agreement_of(organization, patient).await?) {
            (Some((seat,)), Some(one)) => {
                tx.have_read(organization, patient, Object::OurAgreement(one.id));
                Some((ParticipantId::from_uuid(seat), one.page))
            }
            _ => None,
        };
        tx.answer(Unlogged(agreed)).await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The revision that stands.
    pub(crate) async fn agreement_of(
        &mut self,
        organization: OrganizationId,
        patient: PersonId,
    ) -> Result<Option<Revision>> {
        const SQL: &str = "SELECT id, revision, contents, written FROM our_agreement WHERE person = $1 \
             ORDER BY revision DESC LIMIT 1";
        let damaged = StoreError::Damaged { column: "our_agreement.contents" };
        let Some((id, revision, contents, written)) =
            row!(self, SQL, (Uuid, i64, Vec<u8>, i64), patient.uuid())?
        else {
            return Ok(None);
        };
        let id = OurAgreementId::from_uuid(id);
        let plain = self.open_bytes(organization, Column::OUR_AGREEMENT, id.as_bytes(), &contents).await?;
        let page = serde_json::from_slice(&plain).map_err(|_| damaged)?;
        Ok(Some(Revision {
            id,
            revision: u32::try_from(revision).unwrap_or(u32::MAX),
            page,
            written: Timestamp::from_millis(written),
        }))
    }
}
