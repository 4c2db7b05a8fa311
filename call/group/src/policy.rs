//! What members accept on top of RFC 9420 (SEC-013): commits by hosts only, with Adds and Removes made in the commit
//! itself and nothing else, every added leaf certified. The server may put commits in order; it cannot make one.

use ids::{ParticipantId, Timestamp};

use crate::credential::{Trust, Verified, verify};
use crate::mls::{Change, Joining, Leaf, Message, Staged};
use crate::roster::{Entry, Roster};

/// Which rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    /// The commit or welcome does what members refuse.
    #[error("forbidden by the member policy")]
    Forbidden,
    /// A leaf's credential is not good.
    #[error("bad credential")]
    BadCredential,
}

/// A commit that passed.
#[derive(Debug)]
pub(crate) struct Passed {
    /// The leaves that come in; their indices are known after the merge.
    pub(crate) added: Vec<(Leaf, Verified)>,
    /// Whether somebody goes out for good or comes in anew.
    pub(crate) removal: bool,
}

/// A message must be encrypted to the members: external commits and proposals cannot be.
pub(crate) fn check_wire(message: &Message) -> Result<(), Violation> {
    if message.is_private() { Ok(()) } else { Err(Violation::Forbidden) }
}

/// Judges another's commit before it is merged.
pub(crate) fn check_commit(
    staged: &Staged,
    roster: &Roster,
    trust: &Trust,
    now: Timestamp,
) -> Result<Passed, Violation> {
    let committer = staged.committer.and_then(|leaf| roster.at(leaf)).ok_or(Violation::Forbidden)?;
    if !committer.who.role.is_host() || !staged.is_plain() {
        return Err(Violation::Forbidden);
    }
    // A path brings a fresh encryption key; credential and signature key stay what they were.
    let same = |leaf: &Leaf| {
        leaf.identity == committer.leaf.identity && leaf.signature_key == committer.leaf.signature_key
    };
    if staged.path_leaf().is_some_and(|leaf| !same(&leaf)) {
        return Err(Violation::BadCredential);
    }
    let mut added = Vec::new();
    let mut removed = Vec::new();
    for change in staged.changes() {
        match change {
            Change::Add { signature_key, identity } => {
                let leaf = Leaf { index: 0, signature_key, identity };
                let who = verified(&leaf, trust, now)?;
                added.push((leaf, who));
            }
            Change::Remove(leaf) => removed.push(leaf),
            Change::Other => return Err(Violation::Forbidden),
        }
    }
    let staying = roster.entries().iter().filter(|entry| !removed.contains(&entry.leaf.index)).cloned();
    let coming = added.iter().map(|(leaf, who)| entry(leaf, who));
    Roster::new(staying.chain(coming).collect()).ok_or(Violation::Forbidden)?;
    Ok(Passed { added, removal: !removed.is_empty() })
}

/// Judges a group that we are welcomed into: made for us, by a host, with everyone in it certified.
pub(crate) fn check_welcome(
    joining: &Joining,
    you: ParticipantId,
    trust: &Trust,
    now: Timestamp,
) -> Result<Roster, Violation> {
    if !joining.is_plain() {
        return Err(Violation::Forbidden);
    }
    let entries = joining
        .leaves()
        .iter()
        .map(|leaf| verified(leaf, trust, now).map(|who| entry(leaf, &who)))
        .collect::<Result<Vec<_>, _>>()?;
    let roster = Roster::new(entries).ok_or(Violation::Forbidden)?;
    let by_host = roster.at(joining.inviter()).is_some_and(|entry| entry.who.role.is_host());
    let for_you = roster.at(joining.own_leaf()).is_some_and(|entry| entry.who.participant == you);
    if by_host && for_you { Ok(roster) } else { Err(Violation::Forbidden) }
}

fn verified(leaf: &Leaf, trust: &Trust, now: Timestamp) -> Result<Verified, Violation> {
    verify(&leaf.identity, &leaf.signature_key, trust, now).map_err(|_| Violation::BadCredential)
}

fn entry(leaf: &Leaf, who: &Verified) -> Entry {
    Entry { leaf: leaf.clone(), who: who.clone(), known: protocol::group::KnownAs::New }
}
