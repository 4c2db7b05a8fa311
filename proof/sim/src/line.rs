//! Somebody's lines to the server: datagrams over two bad links, and one socket that keeps order.

use core::time::Duration;
use std::collections::VecDeque;
use std::net::SocketAddr;

use ids::ConnectionId;
use impair::{Link, Profile};

/// What a torn-off line is like.
const NOTHING_PASSES: &str = "loss=100";

/// Where a socket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// There is none.
    Closed,
    /// It stands from this moment on.
    Opening(Duration),
    /// It stands.
    Open(ConnectionId),
}

/// What the server puts on a socket.
pub(crate) enum Down {
    Message(Vec<u8>),
    Close,
}

impl Down {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Message(bytes) => bytes,
            Self::Close => &[],
        }
    }
}

/// All lines of one person.
pub(crate) struct Line {
    pub(crate) socket: Socket,
    /// Moments of arrival and what arrives, in order: a socket overtakes nothing.
    pub(crate) messages_up: VecDeque<(Duration, ConnectionId, Vec<u8>)>,
    pub(crate) messages_down: VecDeque<(Duration, ConnectionId, Down)>,
    /// Closed by the page; the server hears of it at this moment.
    pub(crate) closing: VecDeque<(Duration, ConnectionId)>,
    up: Link,
    down: Link,
    profile: Profile,
    /// How the server sees this person's address; a network may change it.
    pub(crate) outside: SocketAddr,
    torn_off: bool,
}

impl Line {
    pub(crate) fn new(profile: Profile, seed: u64, outside: SocketAddr) -> Self {
        Self {
            socket: Socket::Closed,
            messages_up: VecDeque::new(),
            messages_down: VecDeque::new(),
            closing: VecDeque::new(),
            up: Link::new(profile, seed),
            down: Link::new(profile, seed.wrapping_add(1)),
            profile,
            outside,
            torn_off: false,
        }
    }

    /// How long a message takes on the socket; what is lost below comes late instead.
    pub(crate) const fn socket_delay(&self) -> Duration {
        self.profile.delay
    }

    pub(crate) fn set_profile(&mut self, profile: Profile) {
        self.profile = profile;
        self.apply();
    }

    /// Lets nothing through any more, or everything again; what waits on the socket waits on.
    pub(crate) fn tear_off(&mut self, torn_off: bool) {
        self.torn_off = torn_off;
        self.apply();
    }

    pub(crate) const fn is_torn_off(&self) -> bool {
        self.torn_off
    }

    fn apply(&mut self) {
        let nothing = NOTHING_PASSES.parse().expect("a good profile");
        let profile = if self.torn_off { nothing } else { self.profile };
        self.up.set_profile(profile);
        self.down.set_profile(profile);
    }

    pub(crate) fn send_up(&mut self, now: Duration, bytes: Vec<u8>) {
        self.up.send(now, bytes);
    }

    pub(crate) fn send_down(&mut self, now: Duration, bytes: Vec<u8>) {
        self.down.send(now, bytes);
    }

    pub(crate) fn arrived_up(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.up.poll(now)
    }

    pub(crate) fn arrived_down(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.down.poll(now)
    }

    pub(crate) fn message_up(&mut self, now: Duration) -> Option<(ConnectionId, Vec<u8>)> {
        let due = !self.torn_off && self.messages_up.front().is_some_and(|(at, ..)| *at <= now);
        let (_, connection, bytes) = due.then(|| self.messages_up.pop_front()).flatten()?;
        Some((connection, bytes))
    }

    pub(crate) fn message_down(&mut self, now: Duration) -> Option<(ConnectionId, Down)> {
        let due = !self.torn_off && self.messages_down.front().is_some_and(|(at, ..)| *at <= now);
        let (_, connection, down) = due.then(|| self.messages_down.pop_front()).flatten()?;
        Some((connection, down))
    }

    pub(crate) fn closed(&mut self, now: Duration) -> Option<ConnectionId> {
        let sent_before = self.messages_up.is_empty();
        let due = !self.torn_off && sent_before && self.closing.front().is_some_and(|(at, _)| *at <= now);
        due.then(|| self.closing.pop_front()).flatten().map(|(_, connection)| connection)
    }

    /// When something arrives next.
    pub(crate) fn next(&self) -> Option<Duration> {
        let opening = match self.socket {
            Socket::Opening(at) => Some(at),
            Socket::Closed | Socket::Open(_) => None,
        };
        let messages_up = self.messages_up.front().map(|(at, ..)| *at);
        let messages_down = self.messages_down.front().map(|(at, ..)| *at);
        let closing = self.closing.front().map(|(at, _)| *at);
        let on_the_socket = [opening, messages_up, messages_down, closing].into_iter().flatten();
        let on_the_socket = on_the_socket.filter(|_| !self.torn_off);
        on_the_socket.chain([self.up.next_at(), self.down.next_at()].into_iter().flatten()).min()
    }
}
