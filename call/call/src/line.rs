//! The WebSocket: hello, proof of life, loss noticed by silence, and coming back with growing pauses.

use ids::{LINE_LOST_MS, PING_INTERVAL_MS, Timestamp};
use protocol::wire::ClientMessage;

use crate::output::{Output, SocketCommand};
use crate::{Call, Changes, Phase, SERVER_SILENT_MS, is_due, later};

/// The first pause before a new try; doubled with each, up to the last.
const PAUSE_FIRST_MS: u64 = 500;
const PAUSE_LAST_MS: u64 = 8_000;
/// How long the server may take to answer after the network was reported to have changed.
const ANSWER_AFTER_CHANGE_MS: u64 = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    Closed,
    Opening,
    Open,
}

/// The state of the line.
#[derive(Debug)]
pub(crate) struct Line {
    socket: Socket,
    said_hello: bool,
    number: u32,
    failures: u32,
    ping_at: Option<Timestamp>,
    lost_at: Option<Timestamp>,
    open_at: Option<Timestamp>,
    heard_at: Timestamp,
}

impl Line {
    pub(crate) const fn new(now: Timestamp) -> Self {
        Self {
            socket: Socket::Closed,
            said_hello: false,
            number: 0,
            failures: 0,
            ping_at: None,
            lost_at: None,
            open_at: None,
            heard_at: now,
        }
    }

    pub(crate) fn heard(&mut self, now: Timestamp) {
        self.heard_at = now;
        if self.socket == Socket::Open {
            self.lost_at = Some(later(now, SERVER_SILENT_MS));
        }
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        [self.ping_at, self.lost_at, self.open_at].into_iter().flatten().min()
    }

    /// The number of the last question whether the line is alive.
    pub(crate) const fn last_ping(&self) -> u32 {
        self.number
    }

    pub(crate) fn is_open(&self) -> bool {
        self.socket == Socket::Open
    }

    /// The server's welcome: the next loss starts with the short pause again.
    pub(crate) const fn welcomed(&mut self) {
        self.failures = 0;
    }

    /// Half, more or less by the seat, so that a room does not come back in one instant.
    fn pause(&self, seat: u8) -> u64 {
        let pause =
            PAUSE_FIRST_MS.checked_shl(self.failures.min(6)).unwrap_or(PAUSE_LAST_MS).min(PAUSE_LAST_MS);
        let spread = pause.saturating_mul(u64::from(seat)) / 512;
        (pause / 2).saturating_add(spread)
    }
}

impl Call {
    /// The socket stands.
    pub fn handle_socket_open(&mut self, now: Timestamp) {
        if self.is_over() || self.line.socket != Socket::Opening {
            return;
        }
        self.line.socket = Socket::Open;
        self.line.heard(now);
        self.line.ping_at = Some(later(now, PING_INTERVAL_MS));
        self.say_hello();
        self.settle(now);
    }

    /// The socket closed or could not be opened.
    pub fn handle_socket_closed(&mut self, now: Timestamp) {
        if self.is_over() || self.line.socket == Socket::Closed {
            return;
        }
        self.line.socket = Socket::Closed;
        self.lose_line(now);
        self.settle(now);
    }

    /// The browser says that the network is there again or is another one: find out at once.
    pub fn handle_online(&mut self, now: Timestamp) {
        if self.is_over() {
            return;
        }
        match self.line.socket {
            Socket::Closed if self.line.open_at.is_some() => self.open_line(now),
            Socket::Open => {
                self.ping(now);
                self.line.lost_at = Some(later(now, ANSWER_AFTER_CHANGE_MS));
            }
            Socket::Closed | Socket::Opening => {}
        }
    }

    pub(crate) fn open_line(&mut self, now: Timestamp) {
        self.line.socket = Socket::Opening;
        self.line.said_hello = false;
        self.line.open_at = None;
        self.line.ping_at = None;
        self.line.lost_at = Some(later(now, LINE_LOST_MS));
        self.push(Output::Socket(SocketCommand::Open));
    }

    /// Says hello once both the socket and the device key are there.
    pub(crate) fn say_hello(&mut self) {
        if self.line.socket != Socket::Open || self.line.said_hello {
            return;
        }
        if let Some(device) = self.join.device.clone() {
            self.line.said_hello = true;
            self.push(Output::Send(ClientMessage::Hello { device, returning: self.join.returning }));
        }
    }

    pub(crate) fn line_timeout(&mut self, now: Timestamp) {
        if is_due(self.line.lost_at, now) {
            self.lose_line(now);
        }
        if is_due(self.line.ping_at, now) {
            self.ping(now);
        }
        if is_due(self.line.open_at, now) {
            self.open_line(now);
        }
    }

    /// Closes the socket for good; nothing reopens it.
    pub(crate) fn close_line(&mut self) {
        if self.line.socket != Socket::Closed {
            self.push(Output::Socket(SocketCommand::Close));
        }
        self.line.socket = Socket::Closed;
        (self.line.ping_at, self.line.lost_at, self.line.open_at) = (None, None, None);
        self.set_online(false);
    }

    pub(crate) fn set_online(&mut self, online: bool) {
        if self.view.online != online {
            self.view.online = online;
            self.changed(Changes::PHASE);
        }
    }

    /// The line is lost: everything of ours stops, and after a pause a new one is made. A seat comes back muted.
    pub(crate) fn lose_line(&mut self, now: Timestamp) {
        let chosen = self.view.own;
        self.forget_room();
        if matches!(self.view.phase, Phase::Waiting { .. } | Phase::Entering) {
            // Nothing was sent yet: what was chosen on arrival still stands.
            self.view.own = chosen;
        }
        self.close_line();
        self.join.lost();
        self.asked = crate::Asked::default();
        if matches!(self.view.phase, Phase::Refused { .. }) {
            return;
        }
        match self.view.phase {
            Phase::Connecting | Phase::ClosedFast => {}
            Phase::SteppedOut { .. } => self.set_phase(Phase::SteppedOut { told: false }),
            Phase::SomeoneCameIn { .. } => self.set_phase(Phase::SomeoneCameIn { told: false }),
            _ => self.set_phase(Phase::Reconnecting),
        }
        let seat = self.view.you.as_ref().and_then(|you| you.participant.as_bytes().last().copied());
        self.line.open_at = Some(later(now, self.line.pause(seat.unwrap_or(128))));
        self.line.failures = self.line.failures.saturating_add(1);
    }

    pub(crate) fn ping(&mut self, now: Timestamp) {
        self.line.ping_at = Some(later(now, PING_INTERVAL_MS));
        if self.view.online {
            self.line.number = self.line.number.wrapping_add(1);
            let number = self.line.number;
            self.push(Output::Send(ClientMessage::Ping { number }));
        }
    }
}
