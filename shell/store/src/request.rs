//! What a young person asks for, on her side: sent once, seen by whom, taken back (CARE-07).
//!
//! A browser that came by a link sees what was asked from it and nothing else: the link may lie in a wrong hand. Her own
//! line is sealed and is never read back to a page of hers. Who may read it stands in `request_reader`.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::request::{self, Closed, NotAsked, Reply, Standing, Step, Wish};
use ids::{OrganizationId, PersonId, Personal, RequestId, SignInId, Timestamp};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::sealed::Column;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// How long she is shown what became of a request.
const SHOWN: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Requests that she is shown.
const SHOWN_MAX: i64 = 10;
/// Clinicians of one young person who are named to her.
const READERS_MAX: i64 = 10;

/// A request to send.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Its id, made when the form was shown: a second press is the same request.
    pub id: RequestId,
    /// Who asks.
    pub person: PersonId,
    /// From which browser.
    pub sign_in: SignInId,
    /// For what.
    pub wish: Wish,
    /// Her own line.
    pub line: Option<Personal<String>>,
    /// Whether she may be rung.
    pub may_ring: bool,
    /// From when the whole team reads it if nobody has seen it; she was told.
    pub team_from: Timestamp,
}

/// A request as she sees it; without her line.
#[derive(Debug, Clone)]
pub struct OwnRequest {
    /// Its id.
    pub id: RequestId,
    /// For what.
    pub wish: Wish,
    /// How far it has come.
    pub standing: Standing,
    /// When she asked.
    pub asked: Timestamp,
    /// From when the whole team reads it if nobody has seen it.
    pub team_from: Timestamp,
    /// Who has seen it, and what comes.
    pub seen: Option<(Name, Option<Reply>)>,
}

/// Somebody who answers for her, as she is told before she writes.
#[derive(Debug, Clone)]
pub struct ReaderOf {
    /// Who.
    pub name: Name,
    /// Who reads instead at this moment, when the first is away.
    pub deputy: Option<Name>,
}

impl Db {
    /// An id for a request that is about to be written.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_request_id(&self, now: Timestamp) -> Result<RequestId> {
        Ok(RequestId::from_parts(now, random_id_part()?))
    }

    /// Sends a request, or finds that this very one was sent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the id is somebody else's. That too many are open is an answer.
    pub async fn ask(&self, by: By, new: &NewRequest) -> Result<Result<(), NotAsked>> {
        const SQL: &str = "SELECT person FROM request WHERE id = $1";
        const SQL_OPEN: &str =
            "SELECT COUNT(*) FROM request WHERE person = $1 AND standing IN ('asked', 'seen')";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            if let Some((person,)) = row!(tx, SQL, (Uuid,), new.id.uuid())? {
                return if person == new.person.uuid() { Ok(Ok(())) } else { Err(StoreError::NotFound) };
            }
            let (open,) = row!(tx, SQL_OPEN, (i64,), new.person.uuid())?.unwrap_or_default();
            if let Err(why) = request::one_more(usize::try_from(open).unwrap_or(usize::MAX)) {
                return Ok(Err(why));
            }
            let organization = tx.organization_of(new.person).await?;
            tx.insert_request(organization, new).await?;
            let event = AuditEvent::new(Action::RequestMade).of(organization).about(new.person);
            tx.commit(event.on(Object::Request(new.id))).await?;
            Ok(Ok(()))
        })
        .await
    }

    /// What a young person has asked for, the newest first: what is open and what was closed a short while ago. A
    /// browser that came by a link gets what was asked from it; logged.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn own_requests(&self, by: By, browser: SignInId) -> Result<Vec<OwnRequest>> {
        const SQL: &str = "SELECT r.id, r.person, r.wish, r.standing, r.asked, r.team_from, r.reply, r.organization, \
             n.id, n.organization, n.given_name, n.family_name FROM sign_in g JOIN request r ON r.person = g.person \
             LEFT JOIN person n ON n.id = r.seen_by WHERE g.id = $1 AND (g.assurance = 'signed_in' OR r.sign_in = g.id) \
             AND (r.standing IN ('asked', 'seen') OR r.changed > $2) ORDER BY r.asked DESC, r.id DESC LIMIT $3";
        type Row = (
            Uuid,
            Uuid,
            String,
            String,
            i64,
            i64,
            Option<String>,
            Uuid,
            Option<Uuid>,
            Option<Uuid>,
            Option<Vec<u8>>,
            Option<Vec<u8>>,
        );
        let since = by.now.minus(SHOWN).as_millis();
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let mut own = Vec::new();
        for found in rows!(tx, SQL, Row, browser.uuid(), since, SHOWN_MAX)? {
            let (id, person, wish, standing, asked, team_from, reply, organization, who, register, ..) =
                &found;
            let (.., given, family) = &found;
            let seen = match (who, register, given, family) {
                (Some(who), Some(register), Some(given), Some(family)) => {
                    let (who, register) = (PersonId::from_uuid(*who), OrganizationId::from_uuid(*register));
                    let name = tx.open_name(register, who, given, family).await?;
                    Some((name, reply.as_deref().map(|word| decode(word, "request.reply")).transpose()?))
                }
                _ => None,
            };
            let id = RequestId::from_uuid(*id);
            let organization = OrganizationId::from_uuid(*organization);
            tx.have_read(organization, PersonId::from_uuid(*person), Object::Request(id));
            own.push(OwnRequest {
                id,
                wish: decode(wish, "request.wish")?,
                standing: decode(standing, "request.standing")?,
                asked: Timestamp::from_millis(*asked),
                team_from: Timestamp::from_millis(*team_from),
                seen,
            });
        }
        tx.answer(Unlogged(own)).await
    }

    /// Who reads what a young person asks for, with the deputies of this moment: nobody who treats no more, for they read
    /// nothing (CARE-07, SEC-094); logged.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn readers_for(&self, by: By, person: PersonId) -> Result<Vec<ReaderOf>> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name FROM care_team c \
             JOIN person n ON n.id = c.practitioner WHERE c.patient = $1 AND c.ended IS NULL \
             AND EXISTS (SELECT 1 FROM practitioner_role q WHERE q.person = n.id AND q.organization = n.organization \
             AND q.ended IS NULL AND q.role IN ('clinician', 'leader')) \
             ORDER BY c.since, n.id LIMIT $2";
        type Row = (Uuid, Uuid, Vec<u8>, Vec<u8>);
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let mut readers = Vec::new();
        for (id, register, given, family) in rows!(tx, SQL, Row, person.uuid(), READERS_MAX)? {
            let (id, register) = (PersonId::from_uuid(id), OrganizationId::from_uuid(register));
            let name = tx.open_name(register, id, &given, &family).await?;
            tx.have_read(register, person, Object::Person(id));
            let deputy = tx.deputy_of(id).await?;
            readers.push(ReaderOf { name, deputy });
        }
        tx.answer(Unlogged(readers)).await
    }

    /// She takes a request back, from a browser that may see it; pressing twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none that this browser sees. That it was answered meanwhile is an answer.
    pub async fn withdraw_request(
        &self,
        by: By,
        browser: SignInId,
        id: RequestId,
    ) -> Result<Result<(), Closed>> {
        const SQL: &str = "SELECT COUNT(*) FROM sign_in g JOIN request r ON r.person = g.person \
             WHERE g.id = $1 AND r.id = $2 AND (g.assurance = 'signed_in' OR r.sign_in = g.id)";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let (found,) = row!(tx, SQL, (i64,), browser.uuid(), id.uuid())?.unwrap_or_default();
            if found == 0 {
                return Err(StoreError::NotFound);
            }
            let request = tx.request_state(id).await?;
            tx.step_request(id, &request, Step::Withdraw).await
        })
        .await
    }
}

/// A request without names and words: what its rules are asked with.
#[derive(Debug, Clone)]
pub(crate) struct RequestState {
    pub(crate) organization: OrganizationId,
    pub(crate) person: PersonId,
    pub(crate) standing: Standing,
    pub(crate) team_from: Timestamp,
    pub(crate) reply: Option<Reply>,
    pub(crate) may_ring: bool,
    pub(crate) seen_by: Option<PersonId>,
}

impl<Mode> Tx<'_, Mode> {
    /// How a request stands.
    pub(crate) async fn request_state(&mut self, id: RequestId) -> Result<RequestState> {
        const SQL: &str = "SELECT organization, person, standing, team_from, reply, may_ring, seen_by FROM request \
             WHERE id = $1";
        type Row = (Uuid, Uuid, String, i64, Option<String>, i64, Option<Uuid>);
        let found = row!(self, SQL, Row, id.uuid())?.ok_or(StoreError::NotFound)?;
        let (organization, person, standing, team_from, reply, may_ring, seen_by) = found;
        Ok(RequestState {
            organization: OrganizationId::from_uuid(organization),
            person: PersonId::from_uuid(person),
            standing: decode(&standing, "request.standing")?,
            team_from: Timestamp::from_millis(team_from),
            reply: reply.as_deref().map(|word| decode(word, "request.reply")).transpose()?,
            may_ring: may_ring != 0,
            seen_by: seen_by.map(PersonId::from_uuid),
        })
    }
}

impl Tx<'_, Read> {
    /// Who reads in somebody's place at this moment.
    pub(crate) async fn deputy_of(&mut self, person: PersonId) -> Result<Option<Name>> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name FROM absence b \
             JOIN person n ON n.id = b.deputy WHERE b.person = $1 AND b.ended IS NULL AND b.starts <= $2 \
             AND b.ends > $2 AND EXISTS (SELECT 1 FROM practitioner_role q WHERE q.person = n.id AND q.organization = n.organization \
             AND q.ended IS NULL AND q.role IN ('clinician', 'leader')) \
             ORDER BY b.starts DESC, b.id LIMIT 1";
        let now = self.now().as_millis();
        let found = row!(self, SQL, (Uuid, Uuid, Vec<u8>, Vec<u8>), person.uuid(), now)?;
        let Some((id, register, given, family)) = found else { return Ok(None) };
        let (id, register) = (PersonId::from_uuid(id), OrganizationId::from_uuid(register));
        let name = self.open_name(register, id, &given, &family).await?;
        self.have_read(register, id, Object::Person(id));
        Ok(Some(name))
    }
}

impl Tx<'_, Write> {
    async fn insert_request(&mut self, organization: OrganizationId, new: &NewRequest) -> Result<()> {
        const SQL: &str = "INSERT INTO request (id, organization, person, sign_in, wish, line, may_ring, asked, \
             team_from, standing, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'asked', $8)";
        let line = match &new.line {
            Some(line) => {
                let plain = line.reveal().as_bytes();
                Some(self.seal(organization, Column::REQUEST_LINE, new.id.as_bytes(), plain).await?)
            }
            None => None,
        };
        let (wish, may_ring, now) = (new.wish.code(), i64::from(new.may_ring), self.now().as_millis());
        change!(
            self,
            SQL,
            new.id.uuid(),
            organization.uuid(),
            new.person.uuid(),
            new.sign_in.uuid(),
            wish,
            line,
            may_ring,
            now,
            new.team_from.as_millis(),
        )?;
        Ok(())
    }

    /// Takes a step of a request and commits it; nothing is written when it was taken before.
    pub(crate) async fn step_request(
        mut self,
        id: RequestId,
        request: &RequestState,
        step: Step,
    ) -> Result<Result<(), Closed>> {
        const SQL: &str = "UPDATE request SET standing = $2, reply = $3, seen_by = $4, seen = COALESCE(seen, $5), \
             changed = $6 WHERE id = $1";
        let standing = match request::step(request.standing, step) {
            Ok(standing) => standing,
            Err(closed) => return Ok(Err(closed)),
        };
        let who = match self.actor() {
            Actor::Person(person) => Some(person),
            _ => None,
        };
        let (action, reply, seen_by) = match step {
            Step::See(reply) => (Action::RequestSeen, Some(reply), who),
            Step::Answer => (Action::RequestAnswered, request.reply, who),
            Step::Withdraw => (Action::RequestWithdrawn, request.reply, request.seen_by),
        };
        // A second press, also of Answer by somebody else.
        if standing == request.standing && (reply == request.reply || !standing.is_open()) {
            return Ok(Ok(()));
        }
        let now = self.now().as_millis();
        let seen = seen_by.map(|_| now);
        let (word, by) = (reply.map(Code::code), seen_by.map(PersonId::uuid));
        change!(self, SQL, id.uuid(), standing.code(), word, by, seen, now)?;
        let event = AuditEvent::new(action).of(request.organization).about(request.person);
        self.commit(event.on(Object::Request(id))).await?;
        Ok(Ok(()))
    }
}
