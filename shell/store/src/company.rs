//! *Company, please*: after an hour she asks the adult of *our agreement* to look in, once, by a message without a name.
//!
//! The message goes through the outbox like any other (SEC-060) and holds no number: whom it goes to is read from their
//! agreement when it leaves, so that a yes that was taken back meanwhile sends nothing.

use domain::audit::{Action, AuditEvent, Object};
use domain::company;
use domain::message::{Channel, PhoneNumber, State, Wording};
use domain::people::Language;
use ids::{PersonId, Personal, SignInId, Timestamp};

use crate::By;
use crate::afterwards::LandingHour;
use crate::codes::decode;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::message::NewMessage;
use crate::tx::{Tx, row};

/// Whom she may ask for company, and whether she has.
#[derive(Debug, Clone, Default)]
pub struct CompanyNow {
    /// To whom it would go, as agreed.
    pub to: Option<Company>,
    /// When she asked after this hour, and how far the message has come.
    pub asked: Option<(Timestamp, State)>,
}

/// The adult whom they agreed on.
#[derive(Debug, Clone)]
pub struct Company {
    /// What she calls them.
    pub name: Personal<String>,
    /// Where the message goes.
    pub phone: PhoneNumber,
    /// The recognition sign by which they know whom it is from.
    pub sign: Option<Personal<String>>,
    /// In which language it is written.
    pub language: Language,
}

impl Db {
    /// She asks for company; a second press is the same. Nothing is sent to anybody whom they did not agree on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this browser comes from no hour, or nobody was agreed on for this.
    pub async fn ask_company(&self, by: By, browser: SignInId) -> Result<()> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let hour = tx.landing_hour(browser).await?.ok_or(StoreError::NotFound)?;
            let CompanyNow { to, asked } = tx.company_now(&hour).await?;
            if asked.is_some() {
                return Ok(());
            }
            to.ok_or(StoreError::NotFound)?;
            let new = NewMessage {
                invitation: hour.invitation,
                channel: Channel::Sms,
                planned: company::planned(by.now),
                wording: Wording::Bare,
                way: hour.mode,
                with_link: false,
                time: hour.time,
                sequence: hour.sequence,
            };
            let id = tx.queue_message(&new).await?;
            let event = AuditEvent::new(Action::CompanyAsked).of(hour.organization).about(hour.person);
            tx.commit(event.on(Object::Message(id))).await
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// Whom she may ask for company after an hour, and whether she has.
    pub(crate) async fn company_now(&mut self, hour: &LandingHour) -> Result<CompanyNow> {
        const SQL: &str = "SELECT created, state FROM message WHERE invitation = $1 AND kind = 'look_in'";
        let asked = match row!(self, SQL, (i64, String), hour.invitation.uuid())? {
            Some((at, state)) => Some((Timestamp::from_millis(at), decode(&state, "message.state")?)),
            None => None,
        };
        Ok(CompanyNow { to: self.company_of(hour.person).await?, asked })
    }

    /// The adult whom a young person may ask for company, as their agreement stands now.
    pub(crate) async fn company_of(&mut self, person: PersonId) -> Result<Option<Company>> {
        const SQL: &str = "SELECT language FROM person WHERE id = $1";
        let organization = self.organization_of(person).await?;
        let Some(agreed) = self.agreement_of(organization, person).await? else { return Ok(None) };
        let Some((name, phone)) = agreed.page.adult_to_look_in() else { return Ok(None) };
        let Ok(phone) = PhoneNumber::parse(phone) else { return Ok(None) };
        let (language,) = row!(self, SQL, (String,), person.uuid())?.ok_or(StoreError::NotFound)?;
        Ok(Some(Company {
            name: Personal::new(name.to_owned()),
            phone,
            sign: agreed.page.recognition_sign(),
            language: decode(&language, "person.language")?,
        }))
    }
}
