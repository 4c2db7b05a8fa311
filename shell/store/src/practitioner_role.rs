//! Roles of members of staff in organisations (FHIR PractitionerRole), from their start to their end.

use domain::audit::{Action, AuditEvent, Object};
use domain::staff::{PractitionerRole, StaffRole};
use ids::{OrganizationId, PersonId, PractitionerRoleId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::tx::{change, row, rows};

/// A role to give or to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleOf {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub organization: OrganizationId,
    /// As what.
    pub role: StaffRole,
}

impl Db {
    /// Gives a member of staff a role; whether the person did not have it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such practitioner or organisation.
    pub async fn grant_role(&self, by: By, new: RoleOf) -> Result<bool> {
        const SQL: &str = "INSERT INTO practitioner_role (id, person, organization, role, since) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (person, organization, role) WHERE ended IS NULL DO NOTHING";
        const SQL_WHERE: &str = "SELECT id FROM organization WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.practitioner(new.person).await?;
            row!(tx, SQL_WHERE, (Uuid,), new.organization.uuid())?.ok_or(StoreError::NotFound)?;
            let id = PractitionerRoleId::from_parts(by.now, random_id_part()?);
            let (person, organization) = (new.person.uuid(), new.organization.uuid());
            let since = by.now.as_millis();
            if change!(tx, SQL, id.uuid(), person, organization, new.role.code(), since)? == 0 {
                return Ok(false);
            }
            let event = AuditEvent::new(Action::RoleGranted).of(new.organization).about(new.person);
            tx.commit(event.on(Object::PractitionerRole(id))).await?;
            Ok(true)
        })
        .await
    }

    /// Ends a role; whether the person had it.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn end_role(&self, by: By, old: RoleOf) -> Result<bool> {
        const SQL: &str = "SELECT id FROM practitioner_role WHERE person = $1 AND organization = $2 \
             AND role = $3 AND ended IS NULL";
        const SQL_END: &str = "UPDATE practitioner_role SET ended = $2 WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (person, organization) = (old.person.uuid(), old.organization.uuid());
            let Some((id,)) = row!(tx, SQL, (Uuid,), person, organization, old.role.code())? else {
                return Ok(false);
            };
            change!(tx, SQL_END, id, by.now.as_millis())?;
            let event = AuditEvent::new(Action::RoleEnded).of(old.organization).about(old.person);
            tx.commit(event.on(Object::PractitionerRole(PractitionerRoleId::from_uuid(id)))).await?;
            Ok(true)
        })
        .await
    }

    /// The roles that a person holds now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roles_of(&self, person: PersonId, now: Timestamp) -> Result<Vec<PractitionerRole>> {
        const SQL: &str = "SELECT id, organization, role, since FROM practitioner_role \
             WHERE person = $1 AND ended IS NULL ORDER BY since, id";
        type Row = (Uuid, Uuid, String, i64);
        let mut tx = self.glance(now).await?;
        let found = rows!(tx, SQL, Row, person.uuid())?;
        tx.done().await?;
        let role = |(id, organization, role, since): Row| {
            Ok(PractitionerRole {
                id: PractitionerRoleId::from_uuid(id),
                person,
                organization: OrganizationId::from_uuid(organization),
                role: decode(&role, "practitioner_role.role")?,
                since: Timestamp::from_millis(since),
                ended: None,
            })
        };
        found.into_iter().map(role).collect()
    }
}
