//! RFC 4571 framing, sans-I/O: packets in a TCP stream, each behind two bytes of length; and the queue of a TCP leg,
//! which drops what has gone stale and keeps sound before pictures.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes that one leg may have waiting; more means that the network is slower than the room.
pub(crate) const QUEUE_BYTES_MAX: usize = 512 * 1024;
/// A picture older than this is of no use to anybody: a key frame will follow.
const PICTURE_STALE: Duration = Duration::from_millis(400);
/// Sound, and whatever sets the connection up, may wait a little longer.
const SMALL_STALE: Duration = Duration::from_millis(1_500);
/// Packets up to this size are sound, STUN, DTLS or RTCP; larger ones are pictures. A heuristic: the shell reads no
/// more of a packet than its length.
const SMALL_BYTES: usize = 400;
/// The largest packet that is accepted; media and DTLS stay well below.
pub(crate) const PACKET_BYTES_MAX: usize = 2_048;

/// A peer's stream could not be understood; the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {0} bytes is too long")]
pub(crate) struct FrameTooLong(pub(crate) usize);

/// Takes a stream apart into packets.
///
/// Call order: [`push`](Self::push) what was read, then [`next`](Self::next) until it is `Ok(None)`.
#[derive(Default)]
pub(crate) struct Deframer {
    bytes: Vec<u8>,
    read: usize,
}

impl Deframer {
    /// Adds what came.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
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
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, FrameTooLong> {
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
#[derive(Default)]
pub(crate) struct SendQueue {
    waiting: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    dropped: u64,
}

impl SendQueue {
    /// Adds a packet, framed. When the queue is full the oldest pictures go first.
    pub(crate) fn push(&mut self, packet: &[u8], now: Instant) {
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
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Vec<u8>> {
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
    pub(crate) fn take_dropped(&mut self) -> u64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

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
                while let Some(packet) = deframer.next().expect("short packets") {
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
        assert_eq!(deframer.next(), Err(FrameTooLong(65_535)));
    }

    #[test]
    fn stale_pictures_are_dropped_and_sound_goes_on() {
        let start = clock::steady();
        let mut queue = SendQueue::default();
        queue.push(&[1; 1_100], start);
        queue.push(&[2; 120], start);
        let later = start + Duration::from_millis(600);
        queue.push(&[3; 1_100], later);
        assert_eq!(queue.pop(later).map(|framed| framed[2]), Some(2));
        assert_eq!(queue.pop(later).map(|framed| framed[2]), Some(3));
        assert_eq!(queue.pop(later), None);
        assert_eq!(queue.take_dropped(), 1);
    }

    #[test]
    fn a_slow_leg_holds_a_bounded_number_of_bytes_and_loses_pictures_first() {
        let now = clock::steady();
        let mut queue = SendQueue::default();
        queue.push(&[9; 100], now);
        for _ in 0..2_000 {
            queue.push(&[1; 1_100], now);
        }
        assert!(queue.bytes <= QUEUE_BYTES_MAX);
        assert_eq!(queue.pop(now).map(|framed| framed[2]), Some(9), "the sound was kept");
        assert!(queue.take_dropped() > 1_000);
    }
}
