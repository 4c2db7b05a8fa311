//! One person of a story: a client, a device that outlives reloads, lines, and what came out of them.

use core::time::Duration;
use std::collections::BTreeMap;

use ids::{ParticipantId, Role, TrackKind};
use peer::group::Memory;
use peer::{Clips, Frame, Peer};

use crate::clips::marker_of;
use crate::line::Line;

/// Frames kept of what somebody gets; later ones are only counted.
const KEPT_MAX: usize = 20_000;

/// Frames of one track of one other person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were given out.
    pub count: u64,
    /// When the first was.
    pub first: Option<Duration>,
    /// When the last was.
    pub last: Option<Duration>,
    /// The longest time between two.
    pub longest_gap: Duration,
}

/// Somebody.
pub struct Person {
    pub(crate) role: Role,
    pub(crate) peer: Option<Peer>,
    pub(crate) memory: Memory,
    /// What the person sends, when it is not the made-up frames that say whose they are.
    pub(crate) own_clips: Option<Clips>,
    /// The frames given out, when a story wants to look into them.
    pub(crate) kept: Option<Vec<Frame>>,
    #[cfg(feature = "unsealed")]
    pub(crate) unsealed: bool,
    pub(crate) line: Line,
    pub(crate) frames: BTreeMap<(ParticipantId, TrackKind), Tally>,
    /// Frames given out under another name or track than they were made for: there must never be one (SEC-017).
    pub(crate) lies: u64,
    pub(crate) phase: String,
    /// The page has something new to show.
    pub(crate) changed: bool,
    /// When the client wants to be called.
    pub(crate) due: Duration,
    pub(crate) pages: u64,
}

impl Person {
    /// The client.
    ///
    /// # Panics
    /// The page is closed: the story asks somebody who is not there.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        self.peer.as_ref().expect("the page is open")
    }

    /// What came of somebody's track since it was last forgotten.
    #[must_use]
    pub fn tally(&self, of: ParticipantId, track: TrackKind) -> Tally {
        self.frames.get(&(of, track)).cloned().unwrap_or_default()
    }

    /// The frames given out since [`World::keep_frames`](crate::World::keep_frames).
    #[must_use]
    pub fn kept(&self) -> &[Frame] {
        self.kept.as_deref().unwrap_or_default()
    }

    /// Frames given out under a wrong name or track.
    #[must_use]
    pub const fn lies(&self) -> u64 {
        self.lies
    }

    /// Counts a frame; says whether it is the first of its track. `tells` says whether its maker's frames say whose
    /// they are.
    pub(crate) fn take_frame(&mut self, frame: &Frame, tells: bool, at: Duration) -> bool {
        let marker = marker_of(&frame.bytes);
        let [who, ..] = *frame.participant.as_bytes();
        if tells && !marker.is_some_and(|m| m.participant == who && m.track == frame.track.number()) {
            self.lies += 1;
        }
        if let Some(kept) = self.kept.as_mut().filter(|kept| kept.len() < KEPT_MAX) {
            kept.push(frame.clone());
        }
        let tally = self.frames.entry((frame.participant, frame.track)).or_default();
        tally.count += 1;
        tally.longest_gap = tally.longest_gap.max(tally.last.map_or(Duration::ZERO, |last| at - last));
        tally.last = Some(at);
        let is_first = tally.first.is_none();
        tally.first.get_or_insert(at);
        is_first
    }
}
