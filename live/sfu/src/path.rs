//! Which way leads to a client, now that it may change networks in the middle of a sentence.
//!
//! str0m's ICE-lite agent stays with a path of equal priority until that path has been dead for many seconds, so the
//! choice is made here: str0m still proves every binding request, answers it and says when media may flow.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::stun::binding_request;
use crate::types::{Packet, Transport};

/// A path that has been quiet for this long gives way to one that the client nominates. Sound comes every 20 ms.
const QUIET_AFTER: Duration = Duration::from_millis(300);

/// One way to a client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) transport: Transport,
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
}

/// The way in use.
#[derive(Default)]
pub(crate) struct Paths {
    current: Option<(Path, Instant)>,
}

impl Paths {
    /// A packet that str0m has accepted: a proved binding request, or media from where one was proved.
    pub(crate) fn accepted(&mut self, packet: &Packet<'_>, now: Instant) {
        let path = Path { transport: packet.transport, client: packet.source, server: packet.destination };
        let nominated = || binding_request(packet.bytes).is_some_and(|request| request.nominates);
        let takes_over = match self.current {
            Some((current, _)) if current == path => true,
            Some((_, heard)) => now.saturating_duration_since(heard) >= QUIET_AFTER && nominated(),
            None => nominated(),
        };
        if takes_over {
            self.current = Some((path, now));
        }
    }

    /// The way to send media and handshakes.
    pub(crate) fn current(&self) -> Option<Path> {
        self.current.map(|(path, _)| path)
    }
}
