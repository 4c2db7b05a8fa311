//! Passkey ceremonies under way: what was asked of a browser, kept for a few minutes, answered once (SEC-042).
//!
//! The browser holds a handle, the table its hash and the state that the answer is checked against, sealed under the
//! root key because a sign-in begins before anybody knows whose it is. An answer takes the ceremony away whether it
//! is right or wrong, so no challenge is ever answered twice.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object};
use ids::{PersonId, StaffLinkId, Timestamp};
use sqlx::types::Uuid;
use zeroize::Zeroizing;

use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::Result;
use crate::token::Token;
use crate::tx::{Tx, Write, change, row};

/// How long a browser has to answer: as long as it lets a person look for a key.
pub const CEREMONY_LASTS: Duration = Duration::from_secs(5 * 60);
/// Sign-ins that may be under way at once; beyond it the oldest are forgotten (SEC-025).
const SIGN_INS_MAX: i64 = 2_000;

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CeremonyKind {
    /// To sign in by a passkey; nobody knows yet whose.
    SignIn,
    /// To make a passkey for a known person.
    Register,
}

/// A ceremony to begin.
#[derive(Debug, Clone)]
pub struct NewCeremony {
    /// What it is for.
    pub kind: CeremonyKind,
    /// Who registers.
    pub person: Option<PersonId>,
    /// The link by which that person came.
    pub staff_link: Option<StaffLinkId>,
    /// What the answer will be checked against.
    pub state: Zeroizing<Vec<u8>>,
}

/// A ceremony that was taken to be answered.
#[derive(Debug)]
pub struct Ceremony {
    /// Who registers.
    pub person: Option<PersonId>,
    /// The link by which that person came.
    pub staff_link: Option<StaffLinkId>,
    /// What the answer is checked against.
    pub state: Zeroizing<Vec<u8>>,
}

/// Why there is no ceremony to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CeremonyRefused {
    /// There is none with this handle and kind.
    Unknown,
    /// It was answered before.
    Answered,
    /// Its minutes are over.
    Expired,
}

/// Goes before a handle's hash when the state is sealed.
const STATE_LABEL: &[u8] = b"samrom ceremony state v1\0";

fn context(handle_hash: &[u8; 32]) -> Vec<u8> {
    [STATE_LABEL, handle_hash].concat()
}

impl Db {
    /// Begins a ceremony and removes those that are over; the handle goes to the page.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn begin_ceremony(&self, new: &NewCeremony, now: Timestamp) -> Result<Token> {
        const SQL: &str = "INSERT INTO ceremony (handle_hash, kind, person, staff_link, state, begun, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        const SQL_OVER: &str = "DELETE FROM ceremony WHERE expires <= $1";
        const SQL_MANY: &str = "DELETE FROM ceremony WHERE handle_hash IN (SELECT handle_hash FROM ceremony \
             WHERE kind = 'sign_in' ORDER BY begun DESC, handle_hash LIMIT 1000 OFFSET $1)";
        retrying(|| async move {
            let actor = new.person.map_or(Actor::System, Actor::Person);
            let mut tx = self.write(actor, now).await?;
            // Kept for another while, so that a late answer is told apart from a made-up one.
            change!(tx, SQL_OVER, now.minus(CEREMONY_LASTS).as_millis())?;
            change!(tx, SQL_MANY, SIGN_INS_MAX - 1)?;
            let handle = Token::generate()?;
            let hash = handle.hash();
            let state = tx.wrapping().await?.seal(&context(&hash), &new.state)?;
            let (person, link) = (new.person.map(PersonId::uuid), new.staff_link.map(StaffLinkId::uuid));
            let (begun, expires) = (now.as_millis(), now.plus(CEREMONY_LASTS).as_millis());
            change!(tx, SQL, hash.to_vec(), new.kind.code(), person, link, state, begun, expires)?;
            let event = match new.person {
                Some(person) => AuditEvent::new(Action::CeremonyBegun).about(person),
                None => AuditEvent::new(Action::CeremonyBegun),
            };
            tx.commit(event).await?;
            Ok(handle)
        })
        .await
    }

    /// Takes a ceremony to check its answer; whatever the answer is worth, there is no second time.
    ///
    /// # Errors
    /// When nothing was written; a ceremony that is not there is an answer.
    pub async fn take_ceremony(
        &self,
        handle: &Token,
        kind: CeremonyKind,
        now: Timestamp,
    ) -> Result<core::result::Result<Ceremony, CeremonyRefused>> {
        const SQL: &str =
            "SELECT kind, person, staff_link, state, expires, answered FROM ceremony WHERE handle_hash = $1";
        type Row = (String, Option<Uuid>, Option<Uuid>, Vec<u8>, i64, Option<i64>);
        let hash = &handle.hash();
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let Some(found) = row!(tx, SQL, Row, hash.to_vec())? else {
                return Ok(Err(CeremonyRefused::Unknown));
            };
            let (found_kind, person, link, state, expires, answered) = found;
            if answered.is_some() {
                return Ok(Err(CeremonyRefused::Answered));
            }
            let found_kind: CeremonyKind = decode(&found_kind, "ceremony.kind")?;
            // One that was begun under a root key that has been exchanged since is begun anew.
            let Some(state) = tx.wrapping().await?.open(&context(hash), &state) else {
                return Ok(Err(CeremonyRefused::Unknown));
            };
            let ceremony = Ceremony {
                person: person.map(PersonId::from_uuid),
                staff_link: link.map(StaffLinkId::from_uuid),
                state,
            };
            tx.answer_ceremony(hash, &ceremony).await?;
            if found_kind != kind {
                return Ok(Err(CeremonyRefused::Unknown));
            }
            if expires <= now.as_millis() {
                return Ok(Err(CeremonyRefused::Expired));
            }
            Ok(Ok(ceremony))
        })
        .await
    }
}

impl Tx<'_, Write> {
    /// Marks a ceremony as answered.
    async fn answer_ceremony(mut self, hash: &[u8; 32], ceremony: &Ceremony) -> Result<()> {
        const SQL: &str = "UPDATE ceremony SET answered = $2 WHERE handle_hash = $1 AND answered IS NULL";
        let now = self.now().as_millis();
        change!(self, SQL, hash.to_vec(), now)?;
        let mut event = AuditEvent::new(Action::CeremonyAnswered);
        if let Some(person) = ceremony.person {
            event = event.about(person);
            self.act_as(Actor::Person(person));
        }
        if let Some(link) = ceremony.staff_link {
            event = event.on(Object::StaffLink(link));
        }
        self.commit(event).await
    }
}
