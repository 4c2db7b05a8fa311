//! Our place in one group: what is known about the others, what we committed, what came too early.

use core::time::Duration;
use std::collections::VecDeque;

use ids::{DIVERGENCE_NOTICED_MS, GroupId, OLD_EPOCH_KEPT_MS, OWN_LINE_ASKED_MS, ParticipantId, Timestamp};
use protocol::frame::FrameKeys;
use protocol::group::EpochView;
use protocol::wire::Commit;

use crate::life::TICK_MS;
use crate::mls::{Mls, MlsError};
use crate::roster::Roster;
use crate::watch::{Together, Watch};
use crate::words::safety_words;

/// How long a commit of ours may be on its way before something is wrong, unless our own line is to blame.
const COMMIT_ORDERED: Duration = Duration::from_millis(DIVERGENCE_NOTICED_MS - TICK_MS - OWN_LINE_ASKED_MS);
/// After this long it is sent again.
const COMMIT_RESENT: Duration = Duration::from_millis(DIVERGENCE_NOTICED_MS - TICK_MS);
/// How long messages of the epoch before are still opened.
const PAST_KEPT: Duration = Duration::from_millis(OLD_EPOCH_KEPT_MS);
/// Messages of the next epoch that are kept until its commit is here.
const HELD_MAX: usize = 64;

/// A commit of ours that the server has not yet put in its place.
///
/// Nobody can decrypt a message of their own, so ours is known again by its bytes.
pub(crate) struct Pending {
    pub(crate) since: Timestamp,
    pub(crate) sent: Timestamp,
    pub(crate) commit: Commit,
}

/// Our place in one group.
pub(crate) struct Inside {
    pub(crate) id: GroupId,
    pub(crate) mls: Mls,
    pub(crate) roster: Roster,
    pub(crate) watch: Watch,
    /// The commit of ours that is on its way.
    pub(crate) pending: Option<Pending>,
    /// Commits of ours that another's commit overtook and whose *lost* is still to come.
    overtaken: u32,
    held: VecDeque<Vec<u8>>,
    past_forgotten: bool,
}

impl Inside {
    /// Our place right after creating or joining, with what was watched before.
    pub(crate) fn new(id: GroupId, mls: Mls, roster: Roster, mut watch: Watch, now: Timestamp) -> Self {
        watch.resume(now);
        watch.enter(mls.authenticator(), others(&roster, mls.own_leaf()), now);
        Self {
            id,
            mls,
            roster,
            watch,
            pending: None,
            overtaken: 0,
            held: VecDeque::new(),
            past_forgotten: true,
        }
    }

    /// The group moved to its next epoch, with this roster.
    pub(crate) fn entered(&mut self, roster: Roster, now: Timestamp) {
        self.watch.enter(self.mls.authenticator(), others(&roster, self.mls.own_leaf()), now);
        self.roster = roster;
        if self.pending.take().is_some() {
            self.overtaken += 1;
        }
        self.past_forgotten = false;
    }

    /// A commit of ours was put in its place: it is the present epoch now, and all before it were answered.
    pub(crate) fn won(&mut self) {
        self.pending = None;
        self.overtaken = 0;
    }

    /// The server says that a commit of ours lost; it answers them in the order in which we sent them. Says whether
    /// that was the one on its way.
    pub(crate) fn lost(&mut self) -> bool {
        if self.overtaken > 0 {
            self.overtaken -= 1;
            return false;
        }
        let was_on_its_way = self.pending.take().is_some();
        if was_on_its_way {
            self.mls.discard();
        }
        was_on_its_way
    }

    /// Commits whose answers are still to come, for the next time that we are in this group.
    pub(crate) fn unanswered(&self) -> (GroupId, u32) {
        (self.id, self.overtaken + u32::from(self.pending.is_some()))
    }

    /// Takes over what was unanswered when we were last in this group.
    pub(crate) fn expect_answers(&mut self, unanswered: (GroupId, u32)) {
        if unanswered.0 == self.id {
            self.overtaken += unanswered.1;
        }
    }

    /// Our commit once more, when it has been on its way for too long: its socket may have died under it.
    pub(crate) fn resend(&mut self, now: Timestamp) -> Option<Commit> {
        let pending = self.pending.as_mut().filter(|pending| now.since(pending.sent) >= COMMIT_RESENT)?;
        pending.sent = now;
        Some(pending.commit.clone())
    }

    /// The keys of this epoch for the worker that seals media.
    pub(crate) fn frame_keys(&self, removal: bool) -> Result<FrameKeys, MlsError> {
        Ok(FrameKeys::Install {
            epoch: self.mls.epoch(),
            base: self.mls.frame_base()?,
            own_leaf: self.mls.own_leaf(),
            members: self.roster.places(),
            removal,
        })
    }

    /// What the lock shows.
    pub(crate) fn view(&self) -> EpochView {
        EpochView {
            group: self.id,
            epoch: self.mls.epoch(),
            members: self.roster.views(),
            safety_words: safety_words(&self.mls.authenticator()),
        }
    }

    /// Whether messages of earlier epochs are still welcome.
    pub(crate) fn past_is_open(&self, now: Timestamp) -> bool {
        now.since(self.watch.since()) <= PAST_KEPT
    }

    /// Drops the keys of earlier epochs when their time is over.
    pub(crate) fn forget_past(&mut self, now: Timestamp) {
        if !self.past_forgotten && !self.past_is_open(now) {
            self.past_forgotten = self.mls.forget_past().is_ok();
        }
    }

    /// Keeps a message of the next epoch.
    pub(crate) fn hold(&mut self, message: Vec<u8>) {
        if self.held.len() == HELD_MAX {
            self.held.pop_front();
        }
        self.held.push_back(message);
    }

    /// Gives the kept messages out, to be tried again.
    pub(crate) fn take_held(&mut self) -> VecDeque<Vec<u8>> {
        core::mem::take(&mut self.held)
    }

    /// Whether members are together, as far as can be seen from here (SEC-019).
    pub(crate) fn together(&mut self, now: Timestamp) -> Together {
        let unordered =
            self.pending.as_ref().is_some_and(|pending| now.since(pending.since) >= COMMIT_ORDERED);
        let together = self.watch.together(now);
        if unordered { Together::No } else { together }
    }
}

fn others(roster: &Roster, own_leaf: u32) -> Vec<(ParticipantId, Vec<u8>)> {
    roster
        .entries()
        .iter()
        .filter(|entry| entry.leaf.index != own_leaf)
        .map(|entry| (entry.who.participant, entry.leaf.signature_key.clone()))
        .collect()
}
