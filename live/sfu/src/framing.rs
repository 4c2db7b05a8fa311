//! RFC 4571 framing: packets in a TCP stream, each behind two bytes of length; and the queue of a TCP leg, which drops
//! what has gone stale and keeps sound before pictures.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes that one leg may have waiting; more means that the network is slower than the room.
pub const QUEUE_BYTES_MAX: usize = 512 * 1024;
/// A picture older than this is of no use to anybody: a key frame will follow.
const PICTURE_STALE: Duration = Duration::from_millis(400);
/// Sound, and whatever sets the connection up, may wait a little longer.
const SMALL_STALE: Duration = Duration::from_millis(1_500);
/// Packets up to this size are sound, STUN, DTLS or RTCP; larger ones are pictures. A heuristic: no
/// more of a packet is read than its length.
const SMALL_BYTES: usize = 400;
/// The largest packet that is accepted; media and DTLS stay well below.
pub const PACKET_BYTES_MAX: usize = 2_048;

/// A peer's stream could not be understood; the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {0} bytes is too long")]
pub struct FrameTooLong(pub usize);

/// Takes a stream apart into packets.
///
/// Call order: [`push`](Self::push) what was read, then [`next_packet`](Self::next_packet) until it is `Ok(None)`.
#[derive(Debug, Default)]
pub struct Deframer {
    bytes: Vec<u8>,
    read: usize,
}

impl Deframer {
    /// Adds what came.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.read > 0 {
            self.bytes.drain(..self.read);
            self.read = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole packet.
    ///
    /// # Errors
    /// When the stream announces a packet beyond [`PACKET_BYTES_MAX`] (SEC-023).
    pub fn next_packet(&mut self) -> Result<Option<&[u8]>, FrameTooLong> {
        let rest = self.bytes.get(self.read..).unwrap_or_default();
        let Some((length, body)) = rest.split_first_chunk::<2>() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes(*length));
        if length > PACKET_BYTES_MAX {
            return Err(FrameTooLong(length));
        }
        let Some(packet) = body.get(..length) else { return Ok(None) };
        self.read += 2 + length;
        Ok(Some(packet))
    }
}

/// Packets on their way into one TCP connection.
#[derive(Debug, Default)]
pub struct SendQueue {
    waiting: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    dropped: u64,
}

impl SendQueue {
    /// Adds a packet, framed. When the queue is full the oldest pictures go first.
    pub fn push(&mut self, packet: &[u8], now: Instant) {
        let Ok(length) = u16::try_from(packet.len()) else { return };
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend_from_slice(packet);
        self.bytes += framed.len();
        self.waiting.push_back((now, framed));
        while self.bytes > QUEUE_BYTES_MAX {
            let oldest_picture = self.waiting.iter().position(|(_, framed)| is_picture(framed));
            self.drop_at(oldest_picture.unwrap_or(0));
        }
    }

    /// The next packet worth sending, framed.
    pub fn pop(&mut self, now: Instant) -> Option<Vec<u8>> {
        loop {
            let (queued, framed) = self.waiting.front()?;
            let patience = if is_picture(framed) { PICTURE_STALE } else { SMALL_STALE };
            if now.saturating_duration_since(*queued) <= patience {
                break;
            }
            self.drop_at(0);
        }
        let (_, framed) = self.waiting.pop_front()?;
        self.bytes -= framed.len();
        Some(framed)
    }

    /// Packets dropped since the last call, for a metric.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn drop_at(&mut self, index: usize) {
        if let Some((_, framed)) = self.waiting.remove(index) {
            self.bytes -= framed.len();
            self.dropped += 1;
        }
    }
}

const fn is_picture(framed: &[u8]) -> bool {
    framed.len() > SMALL_BYTES + 2
}

/// Takes a foreign stream apart, in pieces as long as its first byte says.
pub fn fuzz_framing(data: &[u8]) {
    let Some((&first, stream)) = data.split_first() else { return };
    let mut deframer = Deframer::default();
    let mut taken = 0;
    for piece in stream.chunks(usize::from(first) + 1) {
        deframer.push(piece);
        loop {
            match deframer.next_packet() {
                Ok(Some(packet)) => taken += packet.len() + 2,
                Ok(None) => break,
                Err(FrameTooLong(length)) => {
                    assert!(length > PACKET_BYTES_MAX, "a packet of good length was refused");
                    return;
                }
            }
        }
        assert!(deframer.bytes.len() <= PACKET_BYTES_MAX + 2 + piece.len(), "held more than a packet");
    }
    assert!(taken <= stream.len(), "more came out than went in");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_start;

    #[test]
    fn packets_come_out_whole_however_the_stream_is_cut() {
        let mut stream = Vec::new();
        for packet in [&b"one"[..], b"", b"three and more"] {
            stream.extend(u16::try_from(packet.len()).expect("short").to_be_bytes());
            stream.extend_from_slice(packet);
        }
        for cut in 1..stream.len() {
            let mut deframer = Deframer::default();
            let mut packets = Vec::new();
            for piece in stream.chunks(cut) {
                deframer.push(piece);
                while let Some(packet) = deframer.next_packet().expect("short packets") {
                    packets.push(packet.to_vec());
                }
            }
            assert_eq!(packets, [&b"one"[..], b"", b"three and more"], "cut into pieces of {cut}");
        }
    }

    #[test]
    fn sec_023_a_packet_beyond_the_limit_closes_the_stream_before_it_is_held() {
        let mut deframer = Deframer::default();
        deframer.push(&u16::MAX.to_be_bytes());
        assert_eq!(deframer.next_packet(), Err(FrameTooLong(65_535)));
    }

    #[test]
    fn stale_pictures_are_dropped_and_sound_goes_on() {
        let start = test_start();
        let mut queue = SendQueue::default();
        queue.push(&[1; 1_100], start);
        queue.push(&[2; 120], start);
        let later = start + Duration::from_millis(600);
        queue.push(&[3; 1_100], later);
        assert_eq!(queue.pop(later).and_then(|framed| framed.get(2).copied()), Some(2));
        assert_eq!(queue.pop(later).and_then(|framed| framed.get(2).copied()), Some(3));
        assert_eq!(queue.pop(later), None);
        assert_eq!(queue.take_dropped(), 1);
    }

    #[test]
    fn a_slow_leg_holds_a_bounded_number_of_bytes_and_loses_pictures_first() {
        let now = test_start();
        let mut queue = SendQueue::default();
        queue.push(&[9; 100], now);
        for _ in 0..2_000 {
            queue.push(&[1; 1_100], now);
        }
        assert!(queue.bytes <= QUEUE_BYTES_MAX);
        assert_eq!(queue.pop(now).and_then(|framed| framed.get(2).copied()), Some(9), "the sound was kept");
        assert!(queue.take_dropped() > 1_000);
    }
}
