//! People: sealed names and numbers, opened only for a logged purpose.

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::people::{Language, Person};
use ids::{OrganizationId, PersonId, Personal};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::sealed::Column;
use crate::tx::{Tx, Unlogged, Write, change, row, rows};

/// Colleagues that are offered.
const COLLEAGUES_MAX: i64 = 200;

/// What a person is to us (FHIR Practitioner, Patient, RelatedPerson); the role in a meeting is the invitation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonKind {
    /// Works in health care or another service.
    Practitioner,
    /// A young person.
    Patient,
    /// A parent, guardian or somebody close.
    RelatedPerson,
}

/// A name as the register has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What the person is called by those who know her.
    pub given: Personal<String>,
    /// The rest.
    pub family: Personal<String>,
}

impl Name {
    /// Given and family name with a space between.
    #[must_use]
    pub fn full(&self) -> Personal<String> {
        Personal::new(format!("{} {}", self.given.reveal(), self.family.reveal()))
    }

    /// The first letter of each, with its marks, for a list that another eye may see (CARE-12).
    #[must_use]
    pub fn initials(&self) -> Personal<String> {
        // A letter with what stands on it: some keyboards write Å as A and a ring (Unicode's combining marks).
        let first = |text: &Personal<String>| {
            let mut letters = text.reveal().chars();
            let letter = letters.next().into_iter();
            letter.chain(letters.take_while(|mark| matches!(mark, '\u{300}'..='\u{36f}'))).collect::<String>()
        };
        Personal::new(first(&self.given) + &first(&self.family))
    }
}

/// A person to enter.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The organisation whose register it is.
    pub organization: OrganizationId,
    /// What the person is to us.
    pub kind: PersonKind,
    /// The name.
    pub name: Name,
    /// Where a text message reaches the person.
    pub phone: Option<Personal<String>>,
    /// The language of texts and pages.
    pub language: Language,
}

impl Db {
    /// Enters a person.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn add_person(&self, by: By, new: &NewPerson) -> Result<PersonId> {
        retrying(|| async move {
            let id = PersonId::from_parts(by.now, random_id_part()?);
            let mut tx = self.write(by.actor, by.now).await?;
            tx.insert_person(id, new).await?;
            let event = AuditEvent::new(Action::PersonAdded).of(new.organization).about(id);
            tx.commit(event.on(Object::Person(id))).await?;
            Ok(id)
        })
        .await
    }

    /// Those who treat or lead in an organisation (SEC-071) but the one who asks, by given name; logged for each.
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn colleagues(&self, by: By, organization: OrganizationId) -> Result<Vec<(PersonId, Name)>> {
        const SQL: &str = "SELECT id, given_name, family_name FROM person \
             WHERE organization = $1 AND kind = 'practitioner' AND EXISTS (SELECT 1 FROM practitioner_role q \
             WHERE q.person = person.id AND q.organization = $1 AND q.ended IS NULL \
             AND q.role IN ('clinician', 'leader')) ORDER BY created, id LIMIT $2";
        let mut tx = self.read(by.actor, Purpose::Operation, by.now).await?;
        let mut found = Vec::new();
        for (id, given, family) in
            rows!(tx, SQL, (Uuid, Vec<u8>, Vec<u8>), organization.uuid(), COLLEAGUES_MAX)?
        {
            let id = PersonId::from_uuid(id);
            if by.actor == Actor::Person(id) {
                continue;
            }
            let name = tx.open_name(organization, id, &given, &family).await?;
            tx.have_read(organization, id, Object::Person(id));
            found.push((id, name));
        }
        found.sort_by(|(_, one), (_, other)| one.given.reveal().cmp(other.given.reveal()));
        tx.answer(Unlogged(found)).await
    }

    /// A person's entry in the register; logged. A graded person's number is left out for whoever does not answer for
    /// her (SEC-072).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn person(&self, by: By, purpose: Purpose, id: PersonId) -> Result<Person> {
        const SQL: &str =
            "SELECT organization, language, given_name, family_name, phone FROM person WHERE id = $1";
        type Row = (Uuid, String, Vec<u8>, Vec<u8>, Option<Vec<u8>>);
        let mut tx = self.read(by.actor, purpose, by.now).await?;
        let found = row!(tx, SQL, Row, id.uuid())?.ok_or(StoreError::NotFound)?;
        let (organization, language, given, family, phone) = found;
        let organization = OrganizationId::from_uuid(organization);
        let name = tx.open_name(organization, id, &given, &family).await?;
        let phone = match phone {
            Some(sealed) if tx.shows_contact(id).await? => {
                Some(tx.open(organization, Column::PHONE, id.as_bytes(), &sealed).await?)
            }
            _ => None,
        };
        let language = decode(&language, "person.language")?;
        tx.have_read(organization, id, Object::Person(id));
        let person =
            Person { id, organization, given_name: name.given, family_name: name.family, phone, language };
        tx.answer(Unlogged(person)).await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The organisation whose register a person is in.
    pub(crate) async fn organization_of(&mut self, person: PersonId) -> Result<OrganizationId> {
        const SQL: &str = "SELECT organization FROM person WHERE id = $1";
        let (organization,) = row!(self, SQL, (Uuid,), person.uuid())?.ok_or(StoreError::NotFound)?;
        Ok(OrganizationId::from_uuid(organization))
    }

    /// Opens both halves of a name.
    pub(crate) async fn open_name(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        given: &[u8],
        family: &[u8],
    ) -> Result<Name> {
        let row = person.as_bytes();
        let given = self.open(organization, Column::GIVEN_NAME, row, given).await?;
        let family = self.open(organization, Column::FAMILY_NAME, row, family).await?;
        Ok(Name { given, family })
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn insert_person(&mut self, id: PersonId, new: &NewPerson) -> Result<()> {
        const SQL: &str = "INSERT INTO person (id, organization, kind, language, given_name, family_name, phone, \
             created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (organization, row) = (new.organization, id.as_bytes());
        let given = new.name.given.reveal().as_bytes();
        let given = self.seal(organization, Column::GIVEN_NAME, row, given).await?;
        let family = new.name.family.reveal().as_bytes();
        let family = self.seal(organization, Column::FAMILY_NAME, row, family).await?;
        let phone = match &new.phone {
            Some(phone) => {
                Some(self.seal(organization, Column::PHONE, row, phone.reveal().as_bytes()).await?)
            }
            None => None,
        };
        let created = self.now().as_millis();
        let (kind, language) = (new.kind.code(), new.language.code());
        change!(self, SQL, id.uuid(), organization.uuid(), kind, language, given, family, phone, created)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_one_letter_of_each_name() {
        let name = |given: &str, family: &str| Name {
            given: Personal::new(given.to_owned()),
            family: Personal::new(family.to_owned()),
        };
        assert_eq!(name("Øyvind", "Ås").initials().reveal(), "ØÅ");
        assert_eq!(name("Nora", "").initials().reveal(), "N");
        assert_eq!(name("A\u{30a}se", "O\u{301}").initials().reveal(), "A\u{30a}O\u{301}");
        assert_eq!(name("Nora", "Demo").full().reveal(), "Nora Demo");
    }
}
