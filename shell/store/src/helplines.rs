//! Whom to call and what an organisation says itself, where it says otherwise than the installation (CARE-14, CARE-15).

use domain::audit::{Action, AuditEvent, Object};
use domain::helplines::{Answers, Line, Sentence};
use domain::people::Language;
use ids::{OrganizationId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::Result;
use crate::tx::{Tx, change, rows};

/// What an organisation has entered; what is missing is the installation's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Helplines {
    /// Numbers and hours.
    pub lines: Vec<(Line, Answers)>,
    /// Sentences by language.
    pub sentences: Vec<(Sentence, Language, String)>,
}

impl Helplines {
    /// A number with its hours, if the organisation has entered one.
    #[must_use]
    pub fn line(&self, wanted: Line) -> Option<&Answers> {
        self.lines.iter().find(|(line, _)| *line == wanted).map(|(_, answers)| answers)
    }

    /// A sentence in every language in which the organisation has entered it.
    #[must_use]
    pub fn texts(&self, wanted: Sentence) -> Vec<(Language, String)> {
        let of = self.sentences.iter().filter(|(sentence, ..)| *sentence == wanted);
        of.map(|(_, language, text)| (*language, text.clone())).collect()
    }
}

/// Whose numbers a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Those of the organisation whose register somebody is in, or of the one that entered that register.
    Of(OrganizationId),
    /// Nobody is signed in: the only organisation that has entered any, if there is just one.
    Anybody,
}

impl Db {
    /// What an organisation has entered itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn helplines(&self, id: OrganizationId, now: Timestamp) -> Result<Helplines> {
        let mut tx = self.look(now).await?;
        let found = tx.helplines(id).await?;
        tx.done().await?;
        Ok(found)
    }

    /// What is shown at a place.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn helplines_at(&self, place: Place, now: Timestamp) -> Result<Helplines> {
        const SQL_ENTERED: &str = "SELECT organization FROM helpline UNION SELECT organization FROM sentence";
        const SQL_BY: &str = "SELECT organization FROM partner WHERE partner = $1";
        let mut tx = self.look(now).await?;
        let all = rows!(tx, SQL_ENTERED, (Uuid,))?;
        let all: Vec<Uuid> = all.into_iter().map(|(id,)| id).collect();
        let whose = match place {
            Place::Of(id) if all.contains(&id.uuid()) => Some(id.uuid()),
            Place::Of(id) => {
                let by = rows!(tx, SQL_BY, (Uuid,), id.uuid())?;
                only(by.into_iter().map(|(id,)| id).filter(|id| all.contains(id)))
            }
            Place::Anybody => only(all.iter().copied()),
        };
        let found = match whose {
            Some(id) => tx.helplines(OrganizationId::from_uuid(id)).await?,
            None => Helplines::default(),
        };
        tx.done().await?;
        Ok(found)
    }

    /// Enters numbers and sentences in the place of what was there.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when whoever acts does not administer the organisation.
    pub async fn set_helplines(&self, by: By, id: OrganizationId, new: &Helplines) -> Result<()> {
        const SQL_NO_LINES: &str = "DELETE FROM helpline WHERE organization = $1";
        const SQL_NO_WORDS: &str = "DELETE FROM sentence WHERE organization = $1";
        const SQL_LINE: &str =
            "INSERT INTO helpline (organization, line, number, hours) VALUES ($1, $2, $3, $4)";
        const SQL_WORDS: &str =
            "INSERT INTO sentence (organization, sentence, language, words) VALUES ($1, $2, $3, $4)";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            tx.administers(id).await?;
            change!(tx, SQL_NO_LINES, id.uuid())?;
            change!(tx, SQL_NO_WORDS, id.uuid())?;
            for (line, Answers { number, hours }) in &new.lines {
                change!(tx, SQL_LINE, id.uuid(), line.code(), number.as_str(), hours.clone())?;
            }
            for (sentence, language, text) in &new.sentences {
                change!(tx, SQL_WORDS, id.uuid(), sentence.code(), language.code(), text.as_str())?;
            }
            let event = AuditEvent::new(Action::HelplinesChanged).of(id);
            tx.commit(event.on(Object::Organization(id))).await
        })
        .await
    }
}

/// The only one of some; nothing when there are several, for then nobody knows whose is meant.
fn only<T>(mut some: impl Iterator<Item = T>) -> Option<T> {
    let first = some.next();
    if some.next().is_some() { None } else { first }
}

impl<Mode> Tx<'_, Mode> {
    async fn helplines(&mut self, id: OrganizationId) -> Result<Helplines> {
        const SQL: &str = "SELECT line, number, hours FROM helpline WHERE organization = $1 ORDER BY line";
        const SQL_WORDS: &str = "SELECT sentence, language, words FROM sentence WHERE organization = $1 \
             ORDER BY sentence, language";
        let mut found = Helplines::default();
        for (line, number, hours) in rows!(self, SQL, (String, String, Option<String>), id.uuid())? {
            found.lines.push((decode(&line, "helpline.line")?, Answers { number, hours }));
        }
        for (sentence, language, words) in rows!(self, SQL_WORDS, (String, String, String), id.uuid())? {
            let language = decode(&language, "sentence.language")?;
            found.sentences.push((decode(&sentence, "sentence.sentence")?, language, words));
        }
        Ok(found)
    }
}
