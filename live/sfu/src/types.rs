//! What goes in and out of the forwarder; types that carry addresses or secrets print redacted (SEC-005, SEC-021).

use core::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use ids::ParticipantId;
use protocol::wire::{MediaState, Slot};

/// What a forwarder must know from its shell.
#[derive(Clone, Default)]
pub struct SfuConfig {
    /// The server's own UDP addresses, as clients reach them; each is offered as a host candidate.
    pub udp: Vec<SocketAddr>,
    /// The server's own TCP addresses (ICE-TCP, passive).
    pub tcp: Vec<SocketAddr>,
}

impl fmt::Debug for SfuConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SfuConfig {{ udp: {}, tcp: {} }}", self.udp.len(), self.tcp.len())
    }
}

/// The server's ICE credentials for one connection; from the caller's CSPRNG (SEC-029).
#[derive(Clone)]
pub struct IceSecrets {
    /// 4–256 characters of `A-Z a-z 0-9 + /`; the caller chooses its form, so that a demultiplexer can read it.
    pub ufrag: String,
    /// 22–256 such characters.
    pub password: String,
}

impl fmt::Debug for IceSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IceSecrets")
    }
}

/// How a packet travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// A datagram.
    Udp,
    /// A frame of a TCP stream (RFC 4571); [`crate::framing`] takes the stream apart.
    Tcp,
}

/// One packet from the network.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    /// How it came.
    pub transport: Transport,
    /// From whom.
    pub source: SocketAddr,
    /// To which of the server's addresses: exactly as listed in [`SfuConfig`], never a wildcard.
    pub destination: SocketAddr,
    /// Its bytes, without framing.
    pub bytes: &'a [u8],
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packet {{ transport: {:?}, bytes: {} }}", self.transport, self.bytes.len())
    }
}

/// One packet for the network.
#[derive(Clone, PartialEq, Eq)]
pub struct Transmit {
    /// How it goes.
    pub transport: Transport,
    /// From which of the server's addresses.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// Its bytes, without framing.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Transmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transmit {{ transport: {:?}, bytes: {} }}", self.transport, self.bytes.len())
    }
}

/// What the forwarder wants done; poll until [`Output::Timeout`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this packet.
    Transmit(Transmit),
    /// Tell the room.
    Event(SfuEvent),
    /// Nothing more now; call `handle_timeout` at this moment at the latest.
    Timeout(Instant),
}

/// What the room must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SfuEvent {
    /// The transport of this participant stands (ICE, DTLS and SRTP keys).
    Connected(ParticipantId),
    /// Who is seen where has changed for one receiver.
    SlotsChanged {
        /// The receiver.
        to: ParticipantId,
        /// All m-lines in use, in order.
        slots: Vec<Slot>,
    },
    /// How a participant's media reaches the forwarder has changed.
    MediaState {
        /// Whose.
        participant: ParticipantId,
        /// How.
        state: MediaState,
    },
    /// This participant's transport is gone for good; a new offer is needed. The grant is kept.
    Dead(ParticipantId),
}
