//! The state machine of frame sealing: which epoch seals, which epochs open, and for whom.

use core::time::Duration;
use std::collections::VecDeque;

use ids::{OLD_EPOCH_KEPT_MS, ParticipantId, SENDER_SWITCH_MS, Timestamp, TrackKind};
use protocol::frame::{FrameCommand, FrameEvent, FrameKeys};
use protocol::media::LINES;
use sha2_011::{Digest, Sha256};

use crate::epoch::{Epoch, clear_bytes};
use crate::frame_key::SealedFrame;
use crate::key_id::KeyId;

/// Base keys whose reinstallation is refused; more epochs than any meeting has within the life of a page matter not.
const SPENT_MAX: usize = 256;

/// Why a frame was not opened. It is dropped in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No key for it is here, or the line is not bound yet: normal for a moment while somebody comes or goes, when
    /// frames overtake what the page and the MLS worker say.
    #[error("no key")]
    NoKey,
    /// Forged, replayed, malformed, or of another sender or track than the line is bound to.
    #[error("refused")]
    Refused,
}

/// Seals what goes out and opens what comes in.
///
/// Calls: [`handle_keys`](Self::handle_keys) with what the MLS member says,
/// [`handle_command`](Self::handle_command) with what the page says; [`seal`](Self::seal) and [`open`](Self::open) for
/// each frame; [`poll_event`](Self::poll_event) until it is empty after any of these.
#[derive(Default)]
pub struct Sealer {
    newest: Option<Epoch>,
    previous: Option<Epoch>,
    /// The epoch that seals; it lags behind the newest until the others have it (make before break).
    sealing_with_newest: bool,
    acknowledged: Option<u64>,
    spent: VecDeque<[u8; 32]>,
    lines: [Line; LINES],
    counts: Counts,
    announced: Option<u16>,
    events: VecDeque<FrameEvent>,
    scratch: Vec<u8>,
}

#[derive(Default, Clone, Copy)]
struct Line {
    source: Option<(ParticipantId, TrackKind)>,
    announced: Option<u16>,
}

#[derive(Default)]
struct Counts {
    sealed: u64,
    opened: u64,
    no_key: u64,
    refused: u64,
}

impl Sealer {
    /// A sealer without keys: it drops everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes keys from the MLS member.
    pub fn handle_keys(&mut self, keys: FrameKeys, now: Timestamp) {
        match keys {
            FrameKeys::Install { .. } => self.install(keys, now),
            FrameKeys::Acknowledged { epoch } => self.acknowledged = Some(epoch),
            FrameKeys::Forget => {
                self.newest = None;
                self.previous = None;
                self.acknowledged = None;
                self.sealing_with_newest = false;
            }
        }
    }

    /// Takes a command from the page.
    pub fn handle_command(&mut self, command: &FrameCommand) {
        match *command {
            FrameCommand::Bind { line, source } => {
                if let Some(place) = self.lines.get_mut(usize::from(line)) {
                    *place = Line { source, announced: None };
                }
            }
            FrameCommand::Count => {
                let Counts { sealed, opened, no_key, refused } = self.counts;
                self.events.push_back(FrameEvent::Counts { sealed, opened, no_key, refused });
            }
        }
    }

    /// Seals one frame of our own; `None` means drop it. The bytes stay valid until the next call.
    pub fn seal(&mut self, track: TrackKind, frame: &[u8], now: Timestamp) -> Option<&[u8]> {
        self.switch_if_due(now);
        let epoch = if self.sealing_with_newest { self.newest.as_mut() } else { self.previous.as_mut() };
        let Some(epoch) = epoch else {
            self.counts.no_key += 1;
            return None;
        };
        if epoch.seal(track, frame, &mut self.scratch).is_none() {
            self.counts.refused += 1;
            return None;
        }
        self.counts.sealed += 1;
        let low_bits = epoch.low_bits();
        if self.announced != Some(low_bits) {
            self.announced = Some(low_bits);
            self.events.push_back(FrameEvent::KeyInUse { epoch: low_bits, line: None });
        }
        Some(&self.scratch)
    }

    /// Opens one frame that came in on a receiving line. The bytes stay valid until the next call.
    ///
    /// # Errors
    /// [`OpenError`] means drop it.
    pub fn open(&mut self, line: u8, frame: &[u8], now: Timestamp) -> Result<&[u8], OpenError> {
        let opened = self.open_inner(line, frame, now);
        match opened {
            Ok(low_bits) => {
                self.counts.opened += 1;
                self.announce(line, low_bits);
                Ok(&self.scratch)
            }
            Err(error) => {
                match error {
                    OpenError::NoKey => self.counts.no_key += 1,
                    OpenError::Refused => self.counts.refused += 1,
                }
                Err(error)
            }
        }
    }

    /// What to tell the page, in order.
    pub fn poll_event(&mut self) -> Option<FrameEvent> {
        self.events.pop_front()
    }

    fn install(&mut self, keys: FrameKeys, now: Timestamp) {
        let FrameKeys::Install { epoch, base, .. } = &keys else { return };
        // The same base key twice would start its counters, and so its nonces, again.
        let fingerprint: [u8; 32] = Sha256::digest(base).into();
        if self.spent.contains(&fingerprint) || self.newest.as_ref().is_some_and(|n| n.number >= *epoch) {
            return;
        }
        let Some(epoch) = Epoch::install(keys, now) else { return };
        if self.spent.len() == SPENT_MAX {
            self.spent.pop_front();
        }
        self.spent.push_back(fingerprint);
        // Two commits in quick succession: nobody may be left sealing with an epoch that is no longer kept.
        self.previous = self.newest.take();
        self.sealing_with_newest = self.previous.is_none() || epoch.removal;
        self.newest = Some(epoch);
    }

    /// Senders switch when all have the key, or with the first frame handled some time after the commit; a removal
    /// switched already. Timers would be clamped in a hidden tab; frames are not.
    fn switch_if_due(&mut self, now: Timestamp) {
        if self.sealing_with_newest {
            return;
        }
        let Some(newest) = &self.newest else { return };
        let waited = now.since(newest.installed) >= Duration::from_millis(SENDER_SWITCH_MS);
        if waited || self.acknowledged == Some(newest.number) {
            self.sealing_with_newest = true;
        }
    }

    fn open_inner(&mut self, line: u8, frame: &[u8], now: Timestamp) -> Result<u16, OpenError> {
        let place = self.lines.get(usize::from(line)).ok_or(OpenError::Refused)?;
        let (participant, track) = place.source.ok_or(OpenError::NoKey)?;
        let (clear, sealed) = frame.split_at_checked(clear_bytes(track)).ok_or(OpenError::Refused)?;
        let sealed = SealedFrame::parse(clear, sealed).ok_or(OpenError::Refused)?;
        let id = KeyId::from_number(sealed.key_id()).ok_or(OpenError::Refused)?;
        let newest = self.newest.as_mut().ok_or(OpenError::NoKey)?;
        // Whoever is no longer a member is not opened any more, not even with an old key; and nobody outside can have
        // sealed with the newest.
        if newest.leaf_of(participant).is_none() {
            let forged = newest.low_bits() == id.epoch;
            return Err(if forged { OpenError::Refused } else { OpenError::NoKey });
        }
        let since_newest = now.since(newest.installed);
        let epoch = if newest.low_bits() == id.epoch {
            newest
        } else if since_newest <= Duration::from_millis(OLD_EPOCH_KEPT_MS) {
            self.previous.as_mut().filter(|old| old.low_bits() == id.epoch).ok_or(OpenError::NoKey)?
        } else {
            return Err(OpenError::NoKey);
        };
        let leaf = epoch.leaf_of(participant).ok_or(OpenError::NoKey)?;
        if id.track != track || u32::from(id.leaf) != leaf {
            return Err(OpenError::Refused);
        }
        epoch.open(id, &sealed, &mut self.scratch).ok_or(OpenError::Refused)?;
        Ok(id.epoch)
    }

    fn announce(&mut self, line: u8, low_bits: u16) {
        let Some(place) = self.lines.get_mut(usize::from(line)) else { return };
        // A late frame of the old epoch must not make the new one look new again.
        let is_newest = self.newest.as_ref().is_some_and(|newest| newest.low_bits() == low_bits);
        if place.announced != Some(low_bits) && (is_newest || place.announced.is_none()) {
            place.announced = Some(low_bits);
            self.events.push_back(FrameEvent::KeyInUse { epoch: low_bits, line: Some(line) });
        }
    }
}
