//! The MLS group as the server sees it: a name, a number that counts commits, and who claims to be in it.
//!
//! The server orders; it reads nothing. The first commit of each epoch wins. It accepts no commit but a host's, and
//! none that adds somebody who has no admission or was not asked for; the members check all of it again themselves,
//! because they do not trust the server (SEC-013, SEC-014).

use std::collections::{BTreeMap, BTreeSet};

use ids::{GroupId, ParticipantId};
use protocol::wire::{Commit, DeviceKey};

use crate::seat::Ask;

/// The session's group.
pub(crate) struct Group {
    pub(crate) id: GroupId,
    /// The number of the next commit.
    pub(crate) epoch: u64,
    pub(crate) members: BTreeSet<ParticipantId>,
    /// Which hosts' pages have met which devices in this group or, on the same device, in one before.
    pub(crate) removal_asked: BTreeMap<ParticipantId, Ask>,
}

impl Group {
    pub(crate) fn new(id: GroupId, founder: ParticipantId) -> Self {
        Self { id, epoch: 0, members: BTreeSet::from([founder]), removal_asked: BTreeMap::new() }
    }

    /// Puts a commit that was found good in its place.
    pub(crate) fn accept(&mut self, commit: &Commit) {
        self.epoch = self.epoch.saturating_add(1);
        for removed in &commit.removed {
            self.members.remove(removed);
            self.removal_asked.remove(removed);
        }
        self.members.extend(commit.added.iter().map(|(added, _)| *added));
    }
}

/// Which devices each host's device has been in a group with: only those may it add without a new click, and not after
/// somebody was sent back (SEC-014).
#[derive(Default)]
pub(crate) struct Met {
    together: BTreeMap<(ParticipantId, DeviceKey), BTreeSet<(ParticipantId, DeviceKey)>>,
    /// Hosts whose workers know that somebody was sent back; only a click of their own undoes it.
    sent_back: BTreeSet<(ParticipantId, ParticipantId)>,
}

/// Devices remembered for one host; more than a session with every seat and some changes of device needs.
const MET_MAX: usize = 256;

impl Met {
    /// These are now in one group.
    pub(crate) fn together(&mut self, everyone: &[(ParticipantId, DeviceKey)]) {
        for one in everyone {
            let met = self.together.entry(one.clone()).or_default();
            met.extend(everyone.iter().filter(|other| *other != one).cloned());
            while met.len() > MET_MAX {
                met.pop_first();
            }
        }
    }

    /// Somebody was sent away: whoever comes back to that seat needs a click, on the same device too.
    pub(crate) fn send_back(&mut self, whom: ParticipantId, hosts: impl IntoIterator<Item = ParticipantId>) {
        for met in self.together.values_mut() {
            met.retain(|(who, _)| *who != whom);
        }
        self.sent_back.extend(hosts.into_iter().map(|host| (host, whom)));
    }

    /// A host clicked on somebody.
    pub(crate) fn clicked(&mut self, host: ParticipantId, whom: ParticipantId) {
        self.sent_back.remove(&(host, whom));
    }

    /// Whether the first has been in a group with the second.
    pub(crate) fn knows(&self, one: &(ParticipantId, DeviceKey), other: &(ParticipantId, DeviceKey)) -> bool {
        let met = || self.together.get(one).is_some_and(|met| met.contains(other));
        !self.sent_back.contains(&(one.0, other.0)) && met()
    }
}
