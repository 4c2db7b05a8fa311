//! What may be read of a picture: the VP8 payload descriptor (RFC 7741 §4.2) and the P bit of the one clear byte; and
//! how often a sender is asked for a key frame.

use std::time::{Duration, Instant};

use str0m::rtp::Vp8Descriptor;

/// Time between two key frame requests for one track.
pub(crate) const KEYFRAME_REQUEST_INTERVAL: Duration = Duration::from_millis(500);

/// What a packet shows of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// The payload descriptor of a picture; `None` for sound.
    pub(crate) descriptor: Option<Vp8Descriptor>,
    /// Whether a decoder can start at this packet.
    pub(crate) starts: bool,
}

impl Shape {
    /// A packet of sound: a decoder can start anywhere.
    pub(crate) const SOUND: Self = Self { descriptor: None, starts: true };

    /// Reads the descriptor of a VP8 packet; a malformed one starts nothing.
    pub(crate) fn of_vp8(payload: &[u8]) -> Self {
        Vp8Descriptor::parse(payload).map_or_else(
            |_| Self::default(),
            |descriptor| Self { descriptor: Some(descriptor), starts: descriptor.starts_keyframe(payload) },
        )
    }
}

/// Limits key frame requests of one track to one per [`KEYFRAME_REQUEST_INTERVAL`]; a wish that comes too early is
/// kept until its time.
#[derive(Debug, Default)]
pub(crate) struct KeyframeLimiter {
    last: Option<Instant>,
    wanted: bool,
}

impl KeyframeLimiter {
    /// Somebody needs a key frame.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame arrived: nobody waits any more.
    pub(crate) fn arrived(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask the sender now; the caller asks if so.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self.wanted && self.due().is_none_or(|at| at <= now);
        if due {
            self.wanted = false;
            self.last = Some(now);
        }
        due
    }

    /// When a kept wish may be sent.
    pub(crate) fn next(&self) -> Option<Instant> {
        if self.wanted { self.due() } else { None }
    }

    fn due(&self) -> Option<Instant> {
        self.last.map(|last| last + KEYFRAME_REQUEST_INTERVAL)
    }
}

/// Reads foreign bytes as a VP8 payload.
pub fn fuzz_descriptor(data: &[u8]) {
    let shape = Shape::of_vp8(data);
    assert!(shape.descriptor.is_some() || !shape.starts, "only a readable packet can start a picture");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_packet_of_a_key_frame_starts_a_picture() {
        assert!(Shape::of_vp8(&[0x10, 0x00, 1, 2]).starts);
        assert!(!Shape::of_vp8(&[0x10, 0x01, 1, 2]).starts, "a frame that leans on others");
        assert!(!Shape::of_vp8(&[0x00, 0x00, 1, 2]).starts, "a later packet of a frame");
        assert!(!Shape::of_vp8(&[0x11, 0x00, 1, 2]).starts, "a later partition");
        assert!(Shape::of_vp8(&[0x90, 0x80, 0x81, 0x02, 0x00, 9]).starts, "with a fifteen-bit picture id");
        assert!(!Shape::of_vp8(&[0x90, 0x80]).starts, "cut off");
        assert!(!Shape::of_vp8(&[]).starts);
    }

    #[test]
    fn a_storm_of_wishes_becomes_one_request_per_half_second() {
        let start = crate::test_start();
        let mut limiter = KeyframeLimiter::default();
        let mut asked = 0;
        for ms in 0..2_000 {
            limiter.want();
            asked += u32::from(limiter.take(start + Duration::from_millis(ms)));
        }
        assert_eq!(asked, 4);
        assert!(limiter.next().is_some());
        limiter.arrived();
        assert!(limiter.next().is_none());
    }
}
