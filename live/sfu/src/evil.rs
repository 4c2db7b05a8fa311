//! A forwarder that lies or listens, for tests alone: what members must never believe (SEC-017), and what a curious
//! server gets to see (SEC-002).
//!
//! Compiled only with the feature `evil`; no shipped program turns it on.

use std::collections::HashMap;
use std::sync::Arc;

use ids::{ParticipantId, TrackKind};
use str0m::rtp::RtpPacket;

use crate::Forwarder;

/// Packets recorded of a track before they are played again and again.
const RECORD_PACKETS: usize = 60;

/// Packets kept by a forwarder that listens; later ones pass unheard.
const OVERHEARD_MAX: usize = 200_000;

/// One packet of media as the forwarder holds it, with the transport's cipher off: all that a server that wants to
/// know can work on.
#[derive(Clone, PartialEq, Eq)]
pub struct Overheard {
    /// Who sent it.
    pub sender: ParticipantId,
    /// On which track.
    pub track: TrackKind,
    /// RTP payload type.
    pub payload_type: u8,
    /// RTP sequence number, with the times that it turned over.
    pub sequence: u64,
    /// RTP time.
    pub timestamp: u32,
    /// RTP synchronisation source.
    pub ssrc: u32,
    /// RTP marker: the last packet of a frame.
    pub marker: bool,
    /// RTP payload.
    pub payload: Arc<[u8]>,
}

/// What the forwarder does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evil {
    /// Flips a bit in every packet.
    Forge,
    /// Plays the first packets of every track for ever instead of the live ones.
    Replay,
    /// Shows the screen where the camera belongs.
    CrossTrack,
    /// Shows everybody's media as somebody else's.
    CrossSender,
}

/// The lie and what it needs to remember.
pub(crate) struct Liar {
    evil: Evil,
    records: HashMap<(ParticipantId, TrackKind), Record>,
}

#[derive(Default)]
struct Record {
    packets: Vec<(u32, bool, Arc<[u8]>)>,
    played: usize,
    loop_time: u32,
}

impl Forwarder {
    /// Starts or stops lying.
    pub fn set_evil(&mut self, evil: Option<Evil>) {
        self.liar = evil.map(|evil| Liar { evil, records: HashMap::new() });
    }

    /// Keeps every packet of media from now on.
    pub fn listen(&mut self) {
        self.overheard.get_or_insert_default();
    }

    /// Every packet of media since [`Self::listen`], in order of arrival.
    #[must_use]
    pub fn overheard(&self) -> &[Overheard] {
        self.overheard.as_deref().unwrap_or_default()
    }

    pub(crate) fn overhear(&mut self, sender: ParticipantId, track: TrackKind, packet: &RtpPacket) {
        let Some(overheard) = self.overheard.as_mut().filter(|kept| kept.len() < OVERHEARD_MAX) else {
            return;
        };
        overheard.push(Overheard {
            sender,
            track,
            payload_type: *packet.header.payload_type,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            ssrc: *packet.header.ssrc,
            marker: packet.header.marker,
            payload: packet.payload.clone(),
        });
    }

    /// The packet as the liar passes it on, and as whose.
    pub(crate) fn lie(
        &mut self,
        sender: ParticipantId,
        track: TrackKind,
        packet: &mut RtpPacket,
    ) -> Option<(ParticipantId, TrackKind)> {
        let somebody_else = self.next_after(sender);
        let Some(liar) = self.liar.as_mut() else { return Some((sender, track)) };
        match liar.evil {
            Evil::Forge => {
                let mut payload = packet.payload.to_vec();
                let middle = payload.len() / 2;
                if let Some(byte) = payload.get_mut(middle.max(8)) {
                    *byte ^= 1;
                }
                packet.payload = payload.into();
            }
            Evil::Replay => liar.records.entry((sender, track)).or_default().replay(packet),
            Evil::CrossTrack => match track {
                TrackKind::Microphone => {}
                TrackKind::Camera => return None,
                TrackKind::Screen => return Some((sender, TrackKind::Camera)),
            },
            Evil::CrossSender => return Some((somebody_else, track)),
        }
        Some((sender, track))
    }
}

impl Record {
    fn replay(&mut self, packet: &mut RtpPacket) {
        if self.packets.len() < RECORD_PACKETS {
            self.packets.push((packet.header.timestamp, packet.header.marker, packet.payload.clone()));
            return;
        }
        let index = self.played % RECORD_PACKETS;
        if index == 0 {
            self.loop_time = packet.header.timestamp;
        }
        let first = self.packets.first().map_or(0, |(time, ..)| *time);
        if let Some((time, marker, payload)) = self.packets.get(index) {
            packet.header.timestamp = self.loop_time.wrapping_add(time.wrapping_sub(first));
            packet.header.marker = *marker;
            packet.payload = payload.clone();
        }
        self.played += 1;
    }
}
