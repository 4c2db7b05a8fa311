//! A forwarder that lies, for tests alone: what members must never believe (SEC-017).
//!
//! Compiled only with the feature `evil`; no shipped program turns it on.

use std::collections::HashMap;

use ids::{ParticipantId, TrackKind};
use str0m::rtp::RtpPacket;

use crate::Forwarder;

/// Packets recorded of a track before they are played again and again.
const RECORD_PACKETS: usize = 60;

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
    packets: Vec<(u32, bool, std::sync::Arc<[u8]>)>,
    played: usize,
    loop_time: u32,
}

impl Forwarder {
    /// Starts or stops lying.
    pub fn set_evil(&mut self, evil: Option<Evil>) {
        self.liar = evil.map(|evil| Liar { evil, records: HashMap::new() });
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
