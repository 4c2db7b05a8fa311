//! One outgoing line of one receiver: carries now this, now that sender's track as one unbroken stream.
//!
//! A receiver's decoder must not see where one source ends and the next begins: sequence numbers go on by one, time
//! goes on by the time that passed, and the counters of the VP8 descriptor go on too (libwebrtc drops frames whose
//! picture id seems old). All of them lie outside the sealed payload.

use std::time::Instant;

use ids::{ParticipantId, TrackKind};
use str0m::rtp::{Ssrc, Vp8Descriptor, Vp8Patch};

use crate::keyframe::Shape;

/// RTP clock of VP8 (RFC 7741 §4.1) and Opus (RFC 7587 §4.1) per millisecond.
const VIDEO_TICKS_PER_MS: u32 = 90;
const AUDIO_TICKS_PER_MS: u32 = 48;
/// Time between two sources when none is known to have passed.
const STEP_MS: u32 = 20;
const PICTURE_ID_LONG: u16 = 0x7fff;
const PICTURE_ID_SHORT: u16 = 0x7f;
const KEY_INDEX: u8 = 0x1f;

/// One run of packets without a break in its numbering: an SSRC on one connection of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Counts the sender's connections, because two of them may use the same SSRC.
    pub(crate) connection: u64,
    pub(crate) ssrc: Ssrc,
}

/// What the numbers of one incoming packet are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming {
    pub(crate) run: Run,
    pub(crate) sequence: u64,
    pub(crate) time: u32,
    pub(crate) shape: Shape,
}

/// What they become on this line.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) sequence: u64,
    pub(crate) time: u32,
    pub(crate) patch: Option<Vp8Patch>,
}

/// The verdict over one packet.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Send it so.
    Forward(Outgoing),
    /// Not before a key frame: ask for one.
    NeedsKeyframe,
    /// Too old for this run.
    Drop,
}

/// One outgoing line.
#[derive(Debug)]
pub(crate) struct Leg {
    source: Option<(ParticipantId, TrackKind)>,
    ticks_per_ms: u32,
    bridge: Option<Bridge>,
    last: Option<Last>,
}

/// How the present run maps onto the line.
#[derive(Debug, Clone, Copy)]
struct Bridge {
    run: Run,
    first_sequence: u64,
    sequence_out: u64,
    time_shift: u32,
    picture_shift: u16,
    tl0_shift: u8,
    key_shift: u8,
}

/// The furthest point that the line has reached.
#[derive(Debug, Clone, Copy)]
struct Last {
    sequence: u64,
    time: u32,
    at: Instant,
    picture: u16,
    tl0: u8,
    key: u8,
}

impl Leg {
    /// A line for sound or picture that carries nothing.
    pub(crate) const fn new(track: TrackKind) -> Self {
        let ticks_per_ms = match track {
            TrackKind::Microphone => AUDIO_TICKS_PER_MS,
            TrackKind::Camera | TrackKind::Screen => VIDEO_TICKS_PER_MS,
        };
        Self { source: None, ticks_per_ms, bridge: None, last: None }
    }

    /// Binds the line to a track of somebody, or to nothing; says whether that is new.
    pub(crate) fn bind(&mut self, source: Option<(ParticipantId, TrackKind)>) -> bool {
        let changed = self.source != source;
        if changed {
            self.source = source;
            self.bridge = None;
        }
        changed
    }

    /// Whose track the line carries.
    pub(crate) const fn source(&self) -> Option<(ParticipantId, TrackKind)> {
        self.source
    }

    /// Decides over one packet of the bound source.
    pub(crate) fn pass(&mut self, packet: &Incoming, now: Instant) -> Verdict {
        let bridge = match self.bridge {
            Some(bridge) if bridge.run == packet.run => bridge,
            _ if packet.shape.starts => self.build_bridge(packet, now),
            _ => return Verdict::NeedsKeyframe,
        };
        self.bridge = Some(bridge);
        let Some(distance) = packet.sequence.checked_sub(bridge.first_sequence) else { return Verdict::Drop };
        let sequence = bridge.sequence_out.saturating_add(distance);
        let time = packet.time.wrapping_add(bridge.time_shift);
        let patch = packet.shape.descriptor.and_then(|descriptor| bridge.patch(&descriptor));
        self.advance(sequence, time, packet.shape.descriptor.as_ref(), now);
        Verdict::Forward(Outgoing { sequence, time, patch })
    }

    fn build_bridge(&self, packet: &Incoming, now: Instant) -> Bridge {
        let descriptor = packet.shape.descriptor.as_ref();
        let Some(last) = self.last else {
            return Bridge {
                run: packet.run,
                first_sequence: packet.sequence,
                sequence_out: 1,
                time_shift: 0,
                picture_shift: 0,
                tl0_shift: 0,
                key_shift: 0,
            };
        };
        let passed_ms = u32::try_from(now.saturating_duration_since(last.at).as_millis()).unwrap_or(u32::MAX);
        let time_out = last.time.wrapping_add(passed_ms.max(STEP_MS).wrapping_mul(self.ticks_per_ms));
        let picture_in = descriptor.and_then(Vp8Descriptor::picture_id).unwrap_or(0);
        let tl0_in = descriptor.and_then(Vp8Descriptor::tl0_pic_idx).unwrap_or(0);
        let key_in = descriptor.and_then(Vp8Descriptor::key_idx).unwrap_or(0);
        Bridge {
            run: packet.run,
            first_sequence: packet.sequence,
            sequence_out: last.sequence.saturating_add(1),
            time_shift: time_out.wrapping_sub(packet.time),
            picture_shift: last.picture.wrapping_add(1).wrapping_sub(picture_in) & PICTURE_ID_LONG,
            tl0_shift: last.tl0.wrapping_add(1).wrapping_sub(tl0_in),
            key_shift: last.key.wrapping_add(1).wrapping_sub(key_in) & KEY_INDEX,
        }
    }

    fn advance(&mut self, sequence: u64, time: u32, descriptor: Option<&Vp8Descriptor>, now: Instant) {
        if self.last.is_some_and(|last| last.sequence >= sequence) {
            return;
        }
        let (picture_shift, tl0_shift, key_shift) =
            self.bridge.map_or((0, 0, 0), |b| (b.picture_shift, b.tl0_shift, b.key_shift));
        let picture = descriptor.and_then(Vp8Descriptor::picture_id).unwrap_or(0).wrapping_add(picture_shift);
        let tl0 = descriptor.and_then(Vp8Descriptor::tl0_pic_idx).unwrap_or(0).wrapping_add(tl0_shift);
        let key = descriptor.and_then(Vp8Descriptor::key_idx).unwrap_or(0).wrapping_add(key_shift);
        let picture = picture & PICTURE_ID_LONG;
        self.last = Some(Last { sequence, time, at: now, picture, tl0, key: key & KEY_INDEX });
    }
}

impl Bridge {
    /// The descriptor's counters, moved; `None` when nothing has to be moved.
    fn patch(&self, descriptor: &Vp8Descriptor) -> Option<Vp8Patch> {
        if (self.picture_shift, self.tl0_shift, self.key_shift) == (0, 0, 0) {
            return None;
        }
        let picture = descriptor.picture_id().map(|id| id.wrapping_add(self.picture_shift) & PICTURE_ID_LONG);
        self.patch_with(descriptor, picture)
            .or_else(|| self.patch_with(descriptor, picture.map(|id| id & PICTURE_ID_SHORT)))
    }

    fn patch_with(&self, descriptor: &Vp8Descriptor, picture: Option<u16>) -> Option<Vp8Patch> {
        let mut patch = descriptor.patch();
        if let Some(picture) = picture {
            patch = patch.picture_id(picture);
        }
        if let Some(tl0) = descriptor.tl0_pic_idx() {
            patch = patch.tl0_pic_idx(tl0.wrapping_add(self.tl0_shift));
        }
        if let Some(key) = descriptor.key_idx() {
            patch = patch.key_idx(key.wrapping_add(self.key_shift) & KEY_INDEX);
        }
        patch.build().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KEY: [u8; 6] = [0x90, 0x80, 0x83, 0x00, 0x00, 9];
    const DELTA: [u8; 6] = [0x90, 0x80, 0x83, 0x01, 0x01, 9];

    fn packet(connection: u64, sequence: u64, time: u32, payload: &[u8]) -> Incoming {
        let run = Run { connection, ssrc: 7.into() };
        Incoming { run, sequence, time, shape: Shape::of_vp8(payload) }
    }

    fn forwarded(verdict: Verdict) -> (u64, u32) {
        match verdict {
            Verdict::Forward(out) => (out.sequence, out.time),
            other => panic!("not forwarded: {other:?}"),
        }
    }

    #[test]
    fn a_new_source_starts_at_a_key_frame_and_goes_on_without_a_gap() {
        let start = crate::test_start();
        let later = start + Duration::from_millis(100);
        let mut leg = Leg::new(TrackKind::Camera);
        assert!(matches!(leg.pass(&packet(1, 5_000, 900, &DELTA), start), Verdict::NeedsKeyframe));
        assert_eq!(forwarded(leg.pass(&packet(1, 5_001, 1_000, &KEY), start)), (1, 1_000));
        assert_eq!(forwarded(leg.pass(&packet(1, 5_003, 4_000, &DELTA), start)), (3, 4_000));
        assert_eq!(
            forwarded(leg.pass(&packet(1, 5_002, 1_000, &DELTA), start)),
            (2, 1_000),
            "repaired later"
        );
        assert!(matches!(leg.pass(&packet(1, 4_999, 1_000, &DELTA), start), Verdict::Drop));

        assert!(matches!(leg.pass(&packet(2, 70_000, 77, &DELTA), later), Verdict::NeedsKeyframe));
        assert_eq!(forwarded(leg.pass(&packet(2, 70_001, 77, &KEY), later)), (4, 4_000 + 9_000));
        assert_eq!(forwarded(leg.pass(&packet(2, 70_002, 177, &DELTA), later)), (5, 13_100));
    }

    #[test]
    fn picture_ids_go_on_across_sources() {
        let now = crate::test_start();
        let mut leg = Leg::new(TrackKind::Camera);
        leg.pass(&packet(1, 1, 0, &KEY), now);
        leg.pass(&packet(1, 2, 0, &DELTA), now);
        let Verdict::Forward(out) = leg.pass(&packet(2, 9, 0, &[0x90, 0x80, 0x80, 0x05, 0x00, 9]), now)
        else {
            panic!("a key frame passes")
        };
        assert!(out.patch.is_some(), "the counters move; what they become is tested with real packets");
        let last = leg.last.expect("something was sent");
        assert_eq!(last.picture, 0x302, "follows 0x301");
    }

    #[test]
    fn binding_anew_needs_a_key_frame_even_from_the_same_run() {
        let now = crate::test_start();
        let who = ParticipantId::from_bytes([1; 16]);
        let mut leg = Leg::new(TrackKind::Camera);
        assert!(leg.bind(Some((who, TrackKind::Camera))));
        leg.pass(&packet(1, 1, 0, &KEY), now);
        assert!(!leg.bind(Some((who, TrackKind::Camera))));
        assert!(leg.bind(None));
        assert!(leg.bind(Some((who, TrackKind::Camera))));
        assert!(matches!(leg.pass(&packet(1, 2, 0, &DELTA), now), Verdict::NeedsKeyframe));
    }
}
