//! Where messages reach people: sealed like their names, opened for a logged purpose.

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::message::{Channel, Contact, MailAddress, PhoneNumber};
use ids::{OrganizationId, PersonId};

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::sealed::Column;
use crate::tx::{Tx, Unlogged, Write, change, row};

impl Db {
    /// Where messages reach a person; logged. A graded person's is shown to herself and her care team only (SEC-072).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also when it is not shown to whoever asks.
    pub async fn contact(&self, by: By, purpose: Purpose, person: PersonId) -> Result<Contact> {
        let mut tx = self.read(by.actor, purpose, by.now).await?;
        let organization = tx.organization_of(person).await?;
        if !tx.shows_contact(person).await? {
            return Err(StoreError::NotFound);
        }
        let contact = tx.contact(organization, person).await?;
        tx.have_read(organization, person, Object::Person(person));
        tx.answer(Unlogged(contact)).await
    }

    /// Enters where messages reach a person, in the place of what was there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_contact(&self, by: By, person: PersonId, contact: &Contact) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let organization = tx.put_contact(person, contact).await?;
            let event = AuditEvent::new(Action::ContactChanged).of(organization).about(person);
            tx.commit(event.on(Object::Person(person))).await
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Opens address and number. What cannot be either (an entry from before they were checked) leads nowhere.
    pub(crate) async fn contact(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<Contact> {
        const SQL: &str = "SELECT email, phone, wanted_channel FROM person WHERE id = $1";
        type Row = (Option<Vec<u8>>, Option<Vec<u8>>, Option<String>);
        let (email, phone, wanted) = row!(self, SQL, Row, person.uuid())?.ok_or(StoreError::NotFound)?;
        let row = person.as_bytes();
        let mail = match email {
            Some(sealed) => Some(self.open(organization, Column::EMAIL, row, &sealed).await?),
            None => None,
        };
        let phone = match phone {
            Some(sealed) => Some(self.open(organization, Column::PHONE, row, &sealed).await?),
            None => None,
        };
        let wanted = wanted.map(|word| decode::<Channel>(&word, "person.wanted_channel")).transpose()?;
        Ok(Contact {
            mail: mail.and_then(|text| MailAddress::parse(text.reveal()).ok()),
            phone: phone.and_then(|text| PhoneNumber::parse(text.reveal()).ok()),
            wanted,
        })
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn put_contact(
        &mut self,
        person: PersonId,
        contact: &Contact,
    ) -> Result<OrganizationId> {
        const SQL: &str = "UPDATE person SET email = $2, phone = $3, wanted_channel = $4 WHERE id = $1";
        let organization = self.organization_of(person).await?;
        let row = person.as_bytes();
        let email = match &contact.mail {
            Some(mail) => Some(self.seal(organization, Column::EMAIL, row, mail.reveal().as_bytes()).await?),
            None => None,
        };
        let phone = match &contact.phone {
            Some(phone) => {
                Some(self.seal(organization, Column::PHONE, row, phone.reveal().as_bytes()).await?)
            }
            None => None,
        };
        change!(self, SQL, person.uuid(), email, phone, contact.wanted.map(Code::code))?;
        Ok(organization)
    }
}
