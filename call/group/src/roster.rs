//! Everyone in the group, each with a credential that was checked when the leaf came in.

use ids::{PEERS_MAX, ParticipantId};
use protocol::group::{KnownAs, MemberView};
use std::collections::BTreeSet;

use crate::credential::Verified;
use crate::mls::Leaf;

/// One member.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) leaf: Leaf,
    pub(crate) who: Verified,
    pub(crate) known: KnownAs,
}

/// All members, by leaf.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roster(Vec<Entry>);

impl Roster {
    /// A roster of these members; `None` when a seat is taken twice or there are more than a room holds.
    pub(crate) fn new(mut entries: Vec<Entry>) -> Option<Self> {
        let seats: BTreeSet<_> = entries.iter().map(|entry| entry.who.participant).collect();
        if seats.len() != entries.len() || entries.len() > PEERS_MAX {
            return None;
        }
        entries.sort_by_key(|entry| entry.leaf.index);
        Some(Self(entries))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.0
    }

    pub(crate) fn at(&self, leaf: u32) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.leaf.index == leaf)
    }

    pub(crate) fn of(&self, participant: ParticipantId) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.who.participant == participant)
    }

    pub(crate) fn with_key(&self, signature_key: &[u8]) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.leaf.signature_key == signature_key)
    }

    /// An identity holds the device's signature over the leaf's own MLS key, so it names one leaf and no other.
    pub(crate) fn with_identity(&self, identity: &[u8]) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.leaf.identity == identity)
    }

    pub(crate) fn views(&self) -> Vec<MemberView> {
        self.0
            .iter()
            .map(|Entry { leaf, who, known }| MemberView {
                participant: who.participant,
                name: who.name.clone(),
                role: who.role,
                leaf: leaf.index,
                known: *known,
            })
            .collect()
    }

    pub(crate) fn places(&self) -> Vec<(ParticipantId, u32)> {
        self.0.iter().map(|entry| (entry.who.participant, entry.leaf.index)).collect()
    }
}
