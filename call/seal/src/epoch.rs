//! The keys of one MLS epoch: ours for sending, one per sender and track for receiving, derived when first needed.

use ids::{ParticipantId, Timestamp, TrackKind};
use protocol::frame::FrameKeys;
use zeroize::Zeroizing;

use crate::frame_key::{OpeningKey, SealedFrame, SealingKey};
use crate::key_id::KeyId;

/// Bytes of a picture frame that stay readable, inside the authenticated data: with none clear, Chromium's VP8
/// depacketizer decodes nothing. Sound is sealed whole.
pub const FIRST_BYTE_CLEAR: usize = 1;

/// How many leading bytes of a frame of this track stay readable.
pub(crate) const fn clear_bytes(track: TrackKind) -> usize {
    if track.is_audio() { 0 } else { FIRST_BYTE_CLEAR }
}

/// One epoch's keys.
pub(crate) struct Epoch {
    pub(crate) number: u64,
    pub(crate) installed: Timestamp,
    pub(crate) removal: bool,
    base: Zeroizing<[u8; 32]>,
    members: Vec<(ParticipantId, u32)>,
    sending: [SealingKey; TrackKind::ALL.len()],
    receiving: Vec<OpeningKey>,
}

impl Epoch {
    /// Takes a [`FrameKeys::Install`]; `None` for anything else or a leaf that no key id can name.
    pub(crate) fn install(keys: FrameKeys, now: Timestamp) -> Option<Self> {
        let FrameKeys::Install { epoch, base, own_leaf, members, removal } = keys else { return None };
        let base = Zeroizing::new(base);
        let sending =
            |track| SealingKey::derive(base.as_slice(), KeyId::new(track, own_leaf, epoch)?.number(), 0);
        let [microphone, camera, screen] = TrackKind::ALL;
        let sending = [sending(microphone)?, sending(camera)?, sending(screen)?];
        Some(Self { number: epoch, installed: now, removal, base, members, sending, receiving: Vec::new() })
    }

    /// The low sixteen bits, as key ids carry them.
    pub(crate) fn low_bits(&self) -> u16 {
        let [.., high, low] = self.number.to_be_bytes();
        u16::from_be_bytes([high, low])
    }

    pub(crate) fn leaf_of(&self, participant: ParticipantId) -> Option<u32> {
        self.members.iter().find(|(member, _)| *member == participant).map(|(_, leaf)| *leaf)
    }

    /// Seals into `out`; all simulcast layers of a track share its counter.
    pub(crate) fn seal(&mut self, track: TrackKind, frame: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (clear, payload) = frame.split_at_checked(clear_bytes(track))?;
        self.sending.get_mut(usize::from(track.number()))?.seal(clear, payload, out)
    }

    /// Opens into `out`. The caller has checked track and leaf against the line, so there are at most as many keys as
    /// members have tracks.
    pub(crate) fn open(&mut self, id: KeyId, frame: &SealedFrame<'_>, out: &mut Vec<u8>) -> Option<()> {
        let number = id.number();
        if let Some(key) = self.receiving.iter_mut().find(|key| key.id() == number) {
            return key.open(frame, out);
        }
        let mut key = OpeningKey::derive(self.base.as_slice(), number)?;
        let opened = key.open(frame, out);
        self.receiving.push(key);
        opened
    }
}
