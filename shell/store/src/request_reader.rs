//! What young people ask for, on the side of those who may read it: her clinician, the deputy of one who is away, the
//! team when nobody has seen it in time (SEC-081). Whether somebody may is decided by `domain::request` before a name is
//! opened; for everybody else there is no such request (SEC-028).

use domain::audit::{Object, Purpose};
use domain::request::{Closed, Ground, Reader, Reply, Standing, Step, Wish, ground};
use ids::{OrganizationId, PersonId, Personal, RequestId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::decode;
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::request::RequestState;
use crate::sealed::Column;
use crate::tx::{Read, Tx, Unlogged, row, rows};

/// Open requests that are looked through for one reader.
const OPEN_MAX: i64 = 500;

/// An open request in somebody's list; without her words.
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub person: PersonId,
    /// Her name.
    pub name: Name,
    /// For what.
    pub wish: Wish,
    /// Asked or seen.
    pub standing: Standing,
    /// When she asked.
    pub asked: Timestamp,
    /// Why it stands in this list.
    pub ground: Ground,
    /// In whose place it is read, when by a deputy.
    pub instead_of: Option<Name>,
}

/// A request as its reader sees it.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// As in the list.
    pub request: OpenRequest,
    /// Her own line.
    pub line: Option<Personal<String>>,
    /// Whether she may be rung.
    pub may_ring: bool,
    /// Who has seen it, and what was said to her.
    pub seen: Option<(Name, Option<Reply>)>,
    /// Whether the reader answers for her, and so may book hours with her.
    pub may_book: bool,
}

impl Db {
    /// One request with her words; logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none that this reader may read.
    pub async fn request(&self, by: By, reader: PersonId, id: RequestId) -> Result<ReadRequest> {
        const SQL: &str = "SELECT line FROM request WHERE id = $1";
        const SQL_NAME: &str = "SELECT organization, given_name, family_name FROM person WHERE id = $1";
        let mut tx = self.read(by.actor, Purpose::Care, by.now).await?;
        let state = tx.request_state(id).await?;
        let ground = tx.ground_of(&state, reader).await?.ok_or(StoreError::NotFound)?;
        let request = tx.open_request(id, &state, reader, ground).await?;
        let (sealed,) = row!(tx, SQL, (Option<Vec<u8>>,), id.uuid())?.ok_or(StoreError::NotFound)?;
        let line = match sealed {
            Some(sealed) => {
                Some(tx.open(state.organization, Column::REQUEST_LINE, id.as_bytes(), &sealed).await?)
            }
            None => None,
        };
        let seen = match state.seen_by {
            Some(who) => {
                let found = row!(tx, SQL_NAME, (Uuid, Vec<u8>, Vec<u8>), who.uuid())?;
                let (register, given, family) = found.ok_or(StoreError::NotFound)?;
                let register = OrganizationId::from_uuid(register);
                let name = tx.open_name(register, who, &given, &family).await?;
                tx.have_read(register, who, Object::Person(who));
                Some((name, state.reply))
            }
            None => None,
        };
        let may_book = tx.is_in_care_team(state.person, reader).await?;
        tx.answer(Unlogged(ReadRequest { request, line, may_ring: state.may_ring, seen, may_book })).await
    }

    /// A reader says that a request was seen, and what comes, or that it was answered; pressing twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none that this reader may read, and for an answer that she did not allow.
    /// That it was closed meanwhile is an answer.
    pub async fn answer_request(
        &self,
        by: By,
        reader: PersonId,
        id: RequestId,
        step: Step,
    ) -> Result<Result<(), Closed>> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let state = tx.request_state(id).await?;
            let is_mine = tx.ground_of(&state, reader).await?.is_some();
            let is_allowed = match step {
                Step::See(Reply::WillRing) => state.may_ring,
                Step::See(Reply::WillBook) | Step::Answer => true,
                Step::Withdraw => false,
            };
            if !is_mine || !is_allowed {
                return Err(StoreError::NotFound);
            }
            tx.step_request(id, &state, step).await
        })
        .await
    }
}

impl<Mode> Tx<'_, Mode> {
    /// The open requests that somebody may read now, and why, unread ones first, then the oldest; ids and times only.
    pub(crate) async fn readable_by(
        &mut self,
        reader: PersonId,
    ) -> Result<Vec<(RequestId, RequestState, Ground)>> {
        // What others read is left out here, so that a clinic with much to read hides nothing of one's own; on which
        // ground the rest is read, if on any, the rules decide.
        const SQL: &str = "SELECT r.id FROM request r JOIN person n ON n.organization = r.organization \
             WHERE n.id = $1 AND r.standing IN ('asked', 'seen') AND (r.seen_by = $1 \
             OR (r.standing = 'asked' AND r.team_from <= $2) \
             OR EXISTS (SELECT 1 FROM care_team c WHERE c.patient = r.person AND c.practitioner = $1 AND c.ended IS NULL) \
             OR EXISTS (SELECT 1 FROM care_team c JOIN absence b ON b.person = c.practitioner \
             WHERE c.patient = r.person AND c.ended IS NULL AND b.deputy = $1 AND b.ended IS NULL) \
             OR NOT EXISTS (SELECT 1 FROM care_team c JOIN practitioner_role q ON q.person = c.practitioner \
             WHERE c.patient = r.person AND c.ended IS NULL AND q.organization = r.organization AND q.ended IS NULL \
             AND q.role IN ('clinician', 'leader'))) ORDER BY r.standing, r.asked, r.id LIMIT $3";
        let mut readable = Vec::new();
        let now = self.now().as_millis();
        for (id,) in rows!(self, SQL, (Uuid,), reader.uuid(), now, OPEN_MAX)? {
            let id = RequestId::from_uuid(id);
            let state = self.request_state(id).await?;
            if let Some(ground) = self.ground_of(&state, reader).await? {
                readable.push((id, state, ground));
            }
        }
        Ok(readable)
    }

    /// On which ground somebody may read a request now; ids and times only. Whoever treats no more reads nothing more, and
    /// answers for nobody, whatever list she still stands on (SEC-094).
    pub(crate) async fn ground_of(
        &mut self,
        state: &RequestState,
        reader: PersonId,
    ) -> Result<Option<Ground>> {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM care_team c JOIN person n ON n.id = c.practitioner \
             JOIN practitioner_role q ON q.person = n.id AND q.organization = n.organization \
             WHERE c.patient = $1 AND c.ended IS NULL AND q.ended IS NULL AND q.role IN ('clinician', 'leader')), \
             (SELECT COUNT(*) FROM care_team c JOIN absence b ON b.person = c.practitioner WHERE c.patient = $1 \
             AND c.ended IS NULL AND b.deputy = $2 AND b.ended IS NULL AND b.starts <= $3 AND b.ends > $3)";
        let now = self.now();
        let (responsible, deputy) =
            row!(self, SQL, (i64, i64), state.person.uuid(), reader.uuid(), now.as_millis())?
                .unwrap_or_default();
        let is_team = self.treats(reader, state.organization).await?;
        let reader = Reader {
            is_responsible: is_team && self.is_in_care_team(state.person, reader).await?,
            is_deputy: deputy > 0,
            is_team,
            has_seen: state.seen_by == Some(reader),
            somebody_is_responsible: responsible > 0,
        };
        Ok(ground(state.standing, state.team_from, &reader, now))
    }
}

impl Tx<'_, Read> {
    /// A request with her name, logged.
    pub(crate) async fn open_request(
        &mut self,
        id: RequestId,
        state: &RequestState,
        reader: PersonId,
        ground: Ground,
    ) -> Result<OpenRequest> {
        const SQL: &str = "SELECT r.wish, r.asked, n.organization, n.given_name, n.family_name FROM request r \
             JOIN person n ON n.id = r.person WHERE r.id = $1";
        type Row = (String, i64, Uuid, Vec<u8>, Vec<u8>);
        let (wish, asked, register, given, family) =
            row!(self, SQL, Row, id.uuid())?.ok_or(StoreError::NotFound)?;
        let name = self.open_name(OrganizationId::from_uuid(register), state.person, &given, &family).await?;
        self.have_read(state.organization, state.person, Object::Request(id));
        let instead_of = match ground {
            Ground::Deputy => self.who_is_away(state.person, reader).await?,
            Ground::Responsible | Ground::Seen | Ground::Team => None,
        };
        Ok(OpenRequest {
            id,
            person: state.person,
            name,
            wish: decode(&wish, "request.wish")?,
            standing: state.standing,
            asked: Timestamp::from_millis(asked),
            ground,
            instead_of,
        })
    }

    /// Who of those who answer for a young person is away and has this deputy.
    async fn who_is_away(&mut self, patient: PersonId, deputy: PersonId) -> Result<Option<Name>> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name FROM care_team c \
             JOIN absence b ON b.person = c.practitioner JOIN person n ON n.id = c.practitioner WHERE c.patient = $1 \
             AND c.ended IS NULL AND b.deputy = $2 AND b.ended IS NULL AND b.starts <= $3 AND b.ends > $3 \
             ORDER BY b.starts, b.id LIMIT 1";
        let now = self.now().as_millis();
        type Row = (Uuid, Uuid, Vec<u8>, Vec<u8>);
        let found = row!(self, SQL, Row, patient.uuid(), deputy.uuid(), now)?;
        let Some((id, register, given, family)) = found else { return Ok(None) };
        let (id, register) = (PersonId::from_uuid(id), OrganizationId::from_uuid(register));
        let name = self.open_name(register, id, &given, &family).await?;
        self.have_read(register, id, Object::Person(id));
        Ok(Some(name))
    }
}
