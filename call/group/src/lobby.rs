//! What the host's clicks allow, and which adds and removes are still to be committed (SEC-014).
//!
//! Wishes outlive a lost race: they are kept until the group itself shows that they came true.

use std::collections::VecDeque;

use ids::{PEERS_MAX, ParticipantId, WAITING_MAX};
use protocol::wire::KeyPackageHash;

use crate::mls::CheckedKeyPackage;
use crate::roster::{Entry, Roster};

/// Clicks remembered; each person who waits may have been clicked twice.
const CLICKS_MAX: usize = 2 * WAITING_MAX;
/// Wishes kept at a time.
const WISHES_MAX: usize = WAITING_MAX;

/// Somebody to be added.
pub(crate) struct Add {
    pub(crate) participant: ParticipantId,
    pub(crate) hash: KeyPackageHash,
    pub(crate) package: CheckedKeyPackage,
}

/// Clicks and wishes.
#[derive(Default)]
pub(crate) struct Lobby {
    clicked: VecDeque<(ParticipantId, KeyPackageHash)>,
    adds: Vec<Add>,
    /// MLS signature keys of leaves to be removed: a leaf that came in later is not meant.
    removes: Vec<Vec<u8>>,
}

/// What the next commit should hold.
pub(crate) struct Plan<'a> {
    pub(crate) adds: Vec<&'a Add>,
    pub(crate) remove_leaves: Vec<u32>,
    /// Who goes and does not come back in the same commit.
    pub(crate) removed: Vec<ParticipantId>,
}

impl Lobby {
    pub(crate) fn click(&mut self, participant: ParticipantId, hash: KeyPackageHash) {
        if self.is_clicked(participant, hash) {
            return;
        }
        if self.clicked.len() == CLICKS_MAX {
            self.clicked.pop_front();
        }
        self.clicked.push_back((participant, hash));
    }

    pub(crate) fn is_clicked(&self, participant: ParticipantId, hash: KeyPackageHash) -> bool {
        self.clicked.contains(&(participant, hash))
    }

    /// Somebody was sent back: clicks on them so far count no more.
    pub(crate) fn forget(&mut self, participant: ParticipantId) {
        self.clicked.retain(|(who, _)| *who != participant);
        self.adds.retain(|add| add.participant != participant);
    }

    /// Wishes for somebody to be added, in the place of an earlier wish for the same seat.
    pub(crate) fn want_add(&mut self, add: Add) {
        self.adds.retain(|earlier| earlier.participant != add.participant);
        if self.adds.len() < WISHES_MAX {
            self.adds.push(add);
        }
    }

    /// Wishes for somebody to be removed; whoever was still to be added is not.
    pub(crate) fn want_remove(&mut self, participant: ParticipantId, roster: &Roster) {
        self.adds.retain(|add| add.participant != participant);
        let Some(entry) = roster.of(participant) else { return };
        if self.removes.len() < WISHES_MAX && !self.removes.contains(&entry.leaf.signature_key) {
            self.removes.push(entry.leaf.signature_key.clone());
        }
    }

    /// Forgets wishes that the group shows to have come true, and the clicks behind them: a key package is good once.
    pub(crate) fn settle(&mut self, roster: &Roster) {
        let Self { clicked, adds, removes } = self;
        adds.retain(|add| {
            let there = roster.with_key(&add.package.leaf.signature_key).is_some();
            if there {
                clicked.retain(|click| *click != (add.participant, add.hash));
            }
            !there
        });
        removes.retain(|key| roster.with_key(key).is_some());
    }

    /// Gives up on all adds; they did not fit the group.
    pub(crate) fn drop_adds(&mut self) {
        self.adds.clear();
    }

    /// Gives up on everything; what still stands is asked for again. Clicks stay.
    pub(crate) fn drop_wishes(&mut self) {
        self.adds.clear();
        self.removes.clear();
    }

    /// The next commit, if there is anything to commit; as many adds as the room holds.
    pub(crate) fn plan(&self, roster: &Roster, own_leaf: u32) -> Option<Plan<'_>> {
        let mut leaving: Vec<&Entry> = self
            .removes
            .iter()
            .filter_map(|key| roster.with_key(key))
            .filter(|e| e.leaf.index != own_leaf)
            .collect();
        let mut adds = Vec::new();
        for add in &self.adds {
            let old = roster.of(add.participant).filter(|old| old.leaf.index != own_leaf);
            let leaves = old.filter(|old| !leaving.iter().any(|e| e.leaf.index == old.leaf.index));
            let size =
                roster.entries().len() + adds.len() + 1 - leaving.len() - usize::from(leaves.is_some());
            if size <= PEERS_MAX {
                leaving.extend(leaves);
                adds.push(add);
            }
        }
        if adds.is_empty() && leaving.is_empty() {
            return None;
        }
        // Whoever comes back is among the removed and among the added: the old leaf goes, the new one comes.
        let removed = leaving.iter().map(|e| e.who.participant).collect();
        let remove_leaves = leaving.iter().map(|e| e.leaf.index).collect();
        Some(Plan { adds, remove_leaves, removed })
    }
}
