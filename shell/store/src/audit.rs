//! The audit chain in the database, and its signed head outside (SEC-006, SEC-007).
//!
//! The links themselves are worked out in `domain::audit`. The head file says how far the chain had come when it was
//! last signed; the server writes it every ten seconds and at shutdown. Whoever may write the database but has no root
//! key can neither cut the tail nor make the chain anew without being seen. Whoever can put back *both* an older
//! database and an older head file is seen only if the head file is also kept elsewhere: ship it off the machine.

use core::time::Duration;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::HEXLOWER;
use domain::audit::{
    Action, Actor, AuditEvent, Broken, Entry, Hash, Head, Object, Outcome, Purpose, Stamp, Walk, link,
};
use ids::{AuditEventId, OrganizationId, PersonId, Personal, Timestamp};
use sqlx::QueryBuilder;
use sqlx::types::Uuid;

use crate::db::Db;
use crate::entropy::random_id_part;
use crate::error::{HeadError, Result, StoreError};
use crate::sealed::Column;
use crate::tx::{Tx, Write, on_engine, row, rows};

/// Entries that are checked at a time.
const PAGE: i64 = 250;
/// How long a gentle walk rests after each page: a few times as long as it works on one.
const REST: Duration = Duration::from_millis(10);

/// How fast a walk along the chain goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Resting between pages, so that people who wait for an answer do not wait for it.
    Gentle,
    /// As fast as it can.
    Full,
}
/// Entries that one statement inserts; there are as many different statements, and each is prepared once.
const INSERTED_MAX: usize = 16;
/// First line of a head file.
const HEAD_TITLE: &str = "samrom audit head v1";

/// Adds entries to the end of the chain, who did what when; how many. Writers follow one another, so the end cannot move
/// meanwhile.
pub(crate) async fn append(
    tx: &mut Tx<'_, Write>,
    events: impl Iterator<Item = (Actor, Timestamp, AuditEvent)>,
) -> Result<u64> {
    let mut end = end_of_chain(tx).await?;
    let (mut links, mut written) = (Vec::new(), 0);
    for (actor, at, event) in events {
        let id = AuditEventId::from_parts(at, random_id_part()?);
        let entry = entry(tx, Stamp { sequence: end.0 + 1, id, at, actor }, event).await?;
        let hash = link(&end.1, &entry);
        end = (entry.sequence, hash);
        links.push((stored_sequence(entry.sequence)?, entry, hash));
        written += 1;
    }
    for links in links.chunks(INSERTED_MAX) {
        insert(tx, links).await?;
    }
    Ok(written)
}

async fn entry(tx: &mut Tx<'_, Write>, stamp: Stamp, mut event: AuditEvent) -> Result<Entry> {
    let details = match event.take_details() {
        None => None,
        Some(words) => {
            let organization = event.organization().ok_or(StoreError::DetailsWithoutOrganization)?;
            let words = words.reveal().as_bytes();
            Some(tx.seal(organization, Column::AUDIT_DETAILS, stamp.id.as_bytes(), words).await?)
        }
    };
    Ok(event.into_entry(stamp, details))
}

/// Inserts a few links of the chain in one statement.
async fn insert(tx: &mut Tx<'_, Write>, links: &[(i64, Entry, Hash)]) -> Result<()> {
    const SQL: &str = "INSERT INTO audit_event (sequence, id, at, actor_kind, actor_id, action, outcome, purpose, \
         organization, about, object_kind, object_id, details, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let (head, _) = SQL.split_once("VALUES").unwrap_or((SQL, ""));
    on_engine!(tx, connection => {
        let mut query = QueryBuilder::new(head);
        query.push_values(links, |mut row, (sequence, entry, hash)| {
            let (actor_kind, actor_id) = entry.actor.parts();
            let object = entry.object.as_ref().map(Object::parts);
            row.push_bind(*sequence)
                .push_bind(entry.id.uuid())
                .push_bind(entry.at.as_millis())
                .push_bind(actor_kind)
                .push_bind(actor_id.map(|id| Uuid::from_bytes(*id)))
                .push_bind(entry.action.name())
                .push_bind(entry.outcome.name())
                .push_bind(entry.purpose.map(Purpose::name))
                .push_bind(entry.organization.map(OrganizationId::uuid))
                .push_bind(entry.about.map(PersonId::uuid))
                .push_bind(object.map(|(kind, _)| kind))
                .push_bind(object.map(|(_, id)| Uuid::from_bytes(*id)))
                .push_bind(entry.details.as_deref())
                .push_bind(hash.0.as_slice());
        });
        query.build().execute(&mut *connection).await.map(drop)
    })
    .map_err(StoreError::from)
}

fn stored_sequence(sequence: u64) -> Result<i64> {
    i64::try_from(sequence).map_err(|_| StoreError::Damaged { column: "audit_event.sequence" })
}

/// The number and hash of the last entry.
pub(crate) async fn end_of_chain<Mode>(tx: &mut Tx<'_, Mode>) -> Result<(u64, Hash)> {
    const SQL: &str = "SELECT sequence, hash FROM audit_event ORDER BY sequence DESC LIMIT 1";
    let Some((sequence, hash)) = row!(tx, SQL, (i64, Vec<u8>))? else { return Ok((0, Hash::GENESIS)) };
    let damaged = StoreError::Damaged { column: "audit_event" };
    match (u64::try_from(sequence), <[u8; 32]>::try_from(hash)) {
        (Ok(sequence), Ok(hash)) => Ok((sequence, Hash(hash))),
        _ => Err(damaged),
    }
}

type AuditRow = (
    i64,
    Uuid,
    i64,
    String,
    Option<Uuid>,
    String,
    String,
    Option<String>,
    Option<Uuid>,
    Option<Uuid>,
    Option<String>,
    Option<Uuid>,
    Option<Vec<u8>>,
    Vec<u8>,
);

/// A row as an entry and its stored hash; `None` when the row says something that no entry can say.
fn read_entry(row: &AuditRow) -> Option<(Entry, Hash)> {
    let (sequence, id, at, actor_kind, actor_id, action, outcome, purpose, organization, about, ..) = row;
    let (.., object_kind, object_id, details, hash) = row;
    let purpose = match purpose {
        None => None,
        Some(name) => Some(Purpose::from_name(name)?),
    };
    let object = match (object_kind, object_id) {
        (None, None) => None,
        (Some(kind), Some(id)) => Some(Object::from_parts(kind, *id.as_bytes())?),
        _ => return None,
    };
    let entry = Entry {
        sequence: u64::try_from(*sequence).ok()?,
        id: AuditEventId::from_uuid(*id),
        at: Timestamp::from_millis(*at),
        actor: Actor::from_parts(actor_kind, actor_id.map(Uuid::into_bytes))?,
        action: Action::from_name(action)?,
        outcome: Outcome::from_name(outcome)?,
        purpose,
        organization: organization.map(OrganizationId::from_uuid),
        about: about.map(PersonId::from_uuid),
        object,
        details: details.clone(),
    };
    Some((entry, Hash(hash.as_slice().try_into().ok()?)))
}

/// A page of entries after a number, in order.
async fn page_after<Mode>(tx: &mut Tx<'_, Mode>, after: i64) -> Result<Vec<AuditRow>> {
    const SQL: &str = "SELECT sequence, id, at, actor_kind, actor_id, action, outcome, purpose, organization, \
         about, object_kind, object_id, details, hash \
         FROM audit_event WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    rows!(tx, SQL, AuditRow, after, PAGE)
}

/// Walks the chain from a number on to its end.
async fn walk_on<Mode>(
    tx: &mut Tx<'_, Mode>,
    mut walk: Walk,
    from: u64,
    pace: Pace,
) -> Result<Result<(u64, Hash), Broken>> {
    let mut after = stored_sequence(from)?;
    loop {
        let page = page_after(tx, after).await?;
        let Some(last) = page.last() else { return Ok(walk.finish()) };
        after = last.0;
        for row in page {
            let sequence = row.0.unsigned_abs();
            let step = read_entry(&row)
                .ok_or(Broken::Altered { sequence })
                .and_then(|(entry, hash)| walk.step(&entry, &hash));
            if let Err(broken) = step {
                return Ok(Err(broken));
            }
        }
        if pace == Pace::Gentle {
            tokio::time::sleep(REST).await;
        }
    }
}

/// What became of the head file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadWritten {
    /// The chain was checked from the last signed head on, and signed again.
    Renewed(Head),
    /// There was no head file: the whole chain was checked and signed. After the first start this deserves a look.
    First(Head),
}

/// Checks the chain since the last signed head, then signs its present end and writes it outside the database.
///
/// Call it every few seconds and at shutdown. It never signs away a cut tail: when the chain no longer holds the entry
/// that was signed before, the old head stays.
///
/// # Errors
/// [`HeadError`] when the old head or the chain since then does not hold.
pub async fn write_head(db: &Db, path: &Path, now: Timestamp, pace: Pace) -> Result<HeadWritten> {
    let old = read_head(path, &db.audit_public_key())?;
    let mut tx = db.look(now).await?;
    let (sequence, hash) = walk_from(&mut tx, old, pace).await?;
    tx.done().await?;
    let head = Head { sequence, hash, at: now };
    let (file, text) = (path.to_owned(), signed_head(db, &head));
    let written = tokio::task::spawn_blocking(move || write_head_file(&file, &text)).await;
    written.map_err(std::io::Error::other).flatten().map_err(HeadError::File)?;
    Ok(if old.is_some() { HeadWritten::Renewed(head) } else { HeadWritten::First(head) })
}

/// The end of the chain, checked from a head on whose signature was found good, or from its start.
pub(crate) async fn walk_from<Mode>(
    tx: &mut Tx<'_, Mode>,
    signed: Option<Head>,
    pace: Pace,
) -> Result<(u64, Hash)> {
    let walk = match signed {
        None => Walk::new(None),
        Some(head) => {
            stands(tx, &head).await?;
            Walk::resume(head)
        }
    };
    let walked = walk_on(tx, walk, signed.map_or(0, |head| head.sequence), pace).await?;
    Ok(walked.map_err(HeadError::Broken)?)
}

/// Refuses when the entry that was signed is not there any more, or is another one.
async fn stands<Mode>(tx: &mut Tx<'_, Mode>, head: &Head) -> Result<()> {
    const SQL: &str = "SELECT hash FROM audit_event WHERE sequence = $1";
    let (last, _) = end_of_chain(tx).await?;
    if last < head.sequence {
        return Err(HeadError::Broken(Broken::CutTail { last, signed: head.sequence }).into());
    }
    let found = row!(tx, SQL, (Vec<u8>,), stored_sequence(head.sequence)?)?;
    let same = found.map_or(head.sequence == 0, |(hash,)| hash == head.hash.0);
    if same {
        Ok(())
    } else {
        Err(HeadError::Broken(Broken::NotTheSigned { sequence: head.sequence }).into())
    }
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries that were found good, from the first on without a break.
    pub entries: u64,
    /// The signed head, when its signature holds.
    pub head: Option<Head>,
    /// What is wrong, the first break of the chain last; empty when all is well.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What can be wrong with the chain or its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is no head file, so a cut tail cannot be seen.
    #[error("there is no signed head; a cut tail cannot be seen")]
    NoHead,
    /// The head file's signature is not ours.
    #[error("the signed head is forged")]
    ForgedHead,
    /// The head file is not a head.
    #[error("the head file cannot be understood")]
    MalformedHead,
    /// The chain breaks.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Checks the whole chain against its links and its signed head; names the first broken link.
///
/// # Errors
/// When database or file could not be read. A chain that does not hold is an answer, not an error.
pub async fn verify(db: &Db, head_file: &Path, public_key: &[u8; 32], now: Timestamp) -> Result<Report> {
    let mut problems = Vec::new();
    let head = match read_head(head_file, public_key) {
        Ok(Some(head)) => Some(head),
        Ok(None) => {
            problems.push(Problem::NoHead);
            None
        }
        Err(StoreError::Head(HeadError::Forged)) => {
            problems.push(Problem::ForgedHead);
            None
        }
        Err(StoreError::Head(HeadError::Malformed)) => {
            problems.push(Problem::MalformedHead);
            None
        }
        Err(other) => return Err(other),
    };
    let mut tx = db.look(now).await?;
    let walked = walk_on(&mut tx, Walk::new(head), 0, Pace::Full).await?;
    tx.done().await?;
    let entries = match walked {
        Ok((last, _)) => last,
        Err(broken) => {
            problems.push(broken.into());
            match broken {
                Broken::CutTail { last, .. } => last,
                Broken::Missing { sequence }
                | Broken::Altered { sequence }
                | Broken::NotTheSigned { sequence } => sequence.saturating_sub(1),
            }
        }
    };
    Ok(Report { entries, head, problems })
}

/// Reads a head file and checks its signature; `None` when there is no file.
fn read_head(path: &Path, public_key: &[u8; 32]) -> Result<Option<Head>> {
    let Some(text) = read_head_text(path)? else { return Ok(None) };
    Ok(Some(check_head(&text, public_key)?))
}

/// The text of a head file; `None` when there is no file.
pub(crate) fn read_head_text(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) if why.kind() == ErrorKind::InvalidData => Err(HeadError::Malformed.into()),
        Err(why) => Err(HeadError::File(why).into()),
    }
}

/// The head in a head file's text, when its signature holds.
pub(crate) fn check_head(text: &str, public_key: &[u8; 32]) -> Result<Head, HeadError> {
    let (head, signature) = parse_head(text).ok_or(HeadError::Malformed)?;
    let key = UnparsedPublicKey::new(&ED25519, public_key);
    key.verify(&head.statement(), &signature).map_err(|_| HeadError::Forged)?;
    Ok(head)
}

fn parse_head(text: &str) -> Option<(Head, Vec<u8>)> {
    let mut lines = text.lines();
    if lines.next()? != HEAD_TITLE {
        return None;
    }
    let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
    let sequence = value("sequence")?.parse().ok()?;
    let hash = HEXLOWER.decode(value("hash")?.as_bytes()).ok()?.try_into().ok()?;
    let at = Timestamp::from_millis(value("at")?.parse().ok()?);
    let signature = HEXLOWER.decode(value("signature")?.as_bytes()).ok()?;
    Some((Head { sequence, hash: Hash(hash), at }, signature))
}

/// A head as the text of its file, signed.
pub(crate) fn signed_head(db: &Db, head: &Head) -> String {
    let signature = db.keyring().audit.sign(&[], &head.statement());
    format!(
        "{HEAD_TITLE}\nsequence {}\nhash {}\nat {}\nsignature {}\n",
        head.sequence,
        HEXLOWER.encode(&head.hash.0),
        head.at.as_millis(),
        HEXLOWER.encode(&signature),
    )
}

/// Writes the head beside the old one and puts it in its place, so that a crash leaves one of the two whole.
pub(crate) fn write_head_file(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    crate::key_file::sync_folder(path)
}

/// One entry of a person's log, with its details opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The entry.
    pub entry: Entry,
    /// Its details in words.
    pub details: Option<Personal<String>>,
}

impl Db {
    /// The newest entries about a person, newest first: the log that she may see. Looking at it is itself logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such person.
    pub async fn log_about(
        &self,
        by: crate::By,
        purpose: Purpose,
        person: PersonId,
        lines_max: u32,
    ) -> Result<Vec<LogLine>> {
        const SQL: &str = "SELECT sequence, id, at, actor_kind, actor_id, action, outcome, purpose, organization, \
             about, object_kind, object_id, details, hash \
             FROM audit_event WHERE about = $1 ORDER BY sequence DESC LIMIT $2";
        let mut tx = self.read(by.actor, purpose, by.now).await?;
        let organization = tx.organization_of(person).await?;
        let found = rows!(tx, SQL, AuditRow, person.uuid(), i64::from(lines_max))?;
        let mut lines = Vec::with_capacity(found.len());
        for row in found {
            let (entry, _) = read_entry(&row).ok_or(StoreError::Damaged { column: "audit_event" })?;
            let details = match (&entry.details, entry.organization) {
                (Some(sealed), Some(organization)) => {
                    Some(tx.open(organization, Column::AUDIT_DETAILS, entry.id.as_bytes(), sealed).await?)
                }
                _ => None,
            };
            lines.push(LogLine { entry, details });
        }
        tx.have_read(organization, person, Object::Person(person));
        tx.answer(crate::tx::Unlogged(lines)).await
    }
}
