//! Which session or connection a datagram is for: by the ufrag of a binding request, then by remembered addresses.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::SocketAddr;

use crate::stun::binding_request;
use crate::types::{Packet, Transport};

/// Addresses remembered for one key; a client that changes networks more often loses its oldest.
const PATHS_PER_KEY_MAX: usize = 16;

type Path = (Transport, SocketAddr, SocketAddr);

/// Routes packets to keys (a room, a shard, a connection). Sans-I/O and without a clock.
///
/// Call order: [`register`](Self::register) a ufrag when a connection is made; [`route`](Self::route) each packet;
/// [`remember`](Self::remember) its path once the receiver has accepted it, so that only a client that knows the
/// password of its own connection can claim an address; [`forget`](Self::forget) a key when it is gone.
///
/// There is no `Debug`: it holds client addresses (SEC-005).
pub struct Demux<K> {
    ufrags: HashMap<String, K>,
    paths: HashMap<Path, K>,
    remembered: HashMap<K, VecDeque<Path>>,
}

impl<K: Copy + Eq + Hash> Default for Demux<K> {
    fn default() -> Self {
        Self { ufrags: HashMap::new(), paths: HashMap::new(), remembered: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash> Demux<K> {
    /// Packets for this ufrag belong to this key; an older registration of the same ufrag is replaced.
    pub fn register(&mut self, ufrag: &str, key: K) {
        self.ufrags.insert(ufrag.to_owned(), key);
    }

    /// Forgets everything about a key.
    pub fn forget(&mut self, key: K) {
        self.ufrags.retain(|_, other| *other != key);
        for path in self.remembered.remove(&key).unwrap_or_default() {
            if self.paths.get(&path) == Some(&key) {
                self.paths.remove(&path);
            }
        }
    }

    /// Whose packet it seems to be; nothing is proved by it.
    #[must_use]
    pub fn route(&self, packet: &Packet<'_>) -> Option<K> {
        let by_ufrag = binding_request(packet.bytes).and_then(|request| self.ufrags.get(request.local_ufrag));
        by_ufrag.or_else(|| self.paths.get(&path(packet))).copied()
    }

    /// The receiver accepted the packet: later packets on its path belong to the key.
    pub fn remember(&mut self, packet: &Packet<'_>, key: K) {
        let path = path(packet);
        if self.paths.insert(path, key) == Some(key) {
            return;
        }
        let own = self.remembered.entry(key).or_default();
        own.push_back(path);
        if own.len() > PATHS_PER_KEY_MAX
            && let Some(oldest) = own.pop_front()
            && self.paths.get(&oldest) == Some(&key)
        {
            self.paths.remove(&oldest);
        }
    }

    /// How many addresses are remembered, for a metric.
    #[must_use]
    pub fn paths(&self) -> usize {
        self.paths.len()
    }
}

const fn path(packet: &Packet<'_>) -> Path {
    (packet.transport, packet.source, packet.destination)
}

/// Routes foreign bytes.
pub fn fuzz_demux(data: &[u8]) {
    let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let packet = Packet { transport: Transport::Udp, source: nowhere, destination: nowhere, bytes: data };
    let mut demux = Demux::default();
    demux.register("me", 1_u8);
    let routed = demux.route(&packet);
    demux.remember(&packet, 2);
    assert_eq!(demux.route(&packet), routed.or(Some(2)), "a ufrag goes before an address");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(port: u16, bytes: &[u8]) -> Packet<'_> {
        Packet {
            transport: Transport::Udp,
            source: SocketAddr::from(([192, 0, 2, 1], port)),
            destination: SocketAddr::from(([192, 0, 2, 9], 443)),
            bytes,
        }
    }

    #[test]
    fn an_address_is_known_only_after_it_was_accepted() {
        let mut demux = Demux::default();
        let media = packet(1, &[0x80; 20]);
        assert_eq!(demux.route(&media), None);
        demux.remember(&media, 'a');
        assert_eq!(demux.route(&media), Some('a'));
        assert_eq!(demux.route(&Packet { transport: Transport::Tcp, ..media }), None);
        demux.forget('a');
        assert_eq!(demux.route(&media), None);
        assert_eq!(demux.paths(), 0);
    }

    #[test]
    fn a_client_that_roams_for_ever_keeps_a_bounded_number_of_addresses() {
        let mut demux = Demux::default();
        for port in 0..1_000 {
            demux.remember(&packet(port, &[]), 'a');
        }
        assert_eq!(demux.paths(), PATHS_PER_KEY_MAX);
        assert_eq!(demux.route(&packet(999, &[])), Some('a'));
        assert_eq!(demux.route(&packet(0, &[])), None);
    }

    #[test]
    fn an_address_taken_over_by_another_stays_with_it_when_the_first_is_forgotten() {
        let mut demux = Demux::default();
        demux.remember(&packet(1, &[]), 'a');
        demux.remember(&packet(1, &[]), 'b');
        demux.forget('a');
        assert_eq!(demux.route(&packet(1, &[])), Some('b'));
    }
}
