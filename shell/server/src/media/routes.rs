//! Which room a packet seems to be for, connection by connection. A room names each connection's ufrag; connections
//! that are not used any more make way for new ones, so that nobody can fill the memory by offering again and again
//! (SEC-025).

use std::collections::HashMap;
use std::time::Instant;

use ids::SessionId;
use sfu::{Demux, Packet};

/// Connections remembered for one room: several times what it can hold at once.
const ROUTES_PER_ROOM_MAX: usize = 256;

/// One connection of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Route {
    /// The room.
    pub(super) session: SessionId,
    number: u64,
}

/// All connections of a shard. There is no `Debug`: it holds client addresses (SEC-005).
#[derive(Default)]
pub(super) struct Routes {
    demux: Demux<Route>,
    used: HashMap<SessionId, HashMap<u64, Instant>>,
    next: u64,
}

impl Routes {
    /// Packets for this ufrag are for this room.
    pub(super) fn add(&mut self, session: SessionId, ufrag: &str, now: Instant) {
        let route = Route { session, number: self.next };
        self.next = self.next.wrapping_add(1);
        let used = self.used.entry(session).or_default();
        let oldest = used.iter().min_by_key(|(_, at)| **at).map(|(number, _)| *number);
        if let Some(number) = oldest.filter(|_| used.len() >= ROUTES_PER_ROOM_MAX) {
            used.remove(&number);
            self.demux.forget(Route { session, number });
        }
        used.insert(route.number, now);
        self.demux.register(ufrag, route);
    }

    /// Whose packet it seems to be.
    pub(super) fn find(&self, packet: &Packet<'_>) -> Option<Route> {
        self.demux.route(packet)
    }

    /// The room took the packet: its path belongs to the connection from now on.
    pub(super) fn taken(&mut self, packet: &Packet<'_>, route: Route, now: Instant) {
        self.demux.remember(packet, route);
        if let Some(at) = self.used.get_mut(&route.session).and_then(|used| used.get_mut(&route.number)) {
            *at = now;
        }
    }

    /// The room is gone.
    pub(super) fn forget(&mut self, session: SessionId) {
        for number in self.used.remove(&session).into_iter().flatten().map(|(number, _)| number) {
            self.demux.forget(Route { session, number });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use sfu::Transport;

    use super::*;
    use crate::clock;

    fn media_from(port: u16) -> Packet<'static> {
        let source = SocketAddr::from(([192, 0, 2, 1], port));
        let destination = SocketAddr::from(([192, 0, 2, 9], 443));
        Packet { transport: Transport::Udp, source, destination, bytes: &[0x80; 20] }
    }

    #[test]
    fn a_full_waiting_room_keeps_the_paths_of_everybody_inside() {
        let (mut routes, now) = (Routes::default(), clock::steady());
        let session = SessionId::from_bytes([1; 16]);
        for port in 0..40 {
            routes.add(session, &format!("ufrag-{port}"), now);
            let route = Route { session, number: u64::from(port) };
            routes.taken(&media_from(port), route, now);
        }
        assert!((0..40).all(|port| routes.find(&media_from(port)).is_some()));
        routes.forget(session);
        assert!((0..40).all(|port| routes.find(&media_from(port)).is_none()));
    }

    #[test]
    fn who_offers_again_and_again_pushes_out_nobody_who_is_heard() {
        let (mut routes, start) = (Routes::default(), clock::steady());
        let session = SessionId::from_bytes([1; 16]);
        routes.add(session, "heard", start);
        let heard = Route { session, number: 0 };
        for step in 0..10_000_u32 {
            let now = start + Duration::from_millis(30) * step;
            routes.add(session, &format!("again-{step}"), now);
            if step % 100 == 0 {
                routes.taken(&media_from(1), heard, now);
            }
        }
        assert_eq!(routes.find(&media_from(1)), Some(heard));
        assert!(routes.used[&session].len() <= ROUTES_PER_ROOM_MAX);
    }
}
