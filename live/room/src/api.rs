//! What goes in and out of a room.

use core::fmt;
use std::time::{Duration, Instant};

use domain::door::Facts;
use ids::{
    AdmissionId, Assurance, ConnectionId, GoneReason, ParticipantId, PersonId, Personal, Role, SessionId,
    Timestamp,
};
use protocol::group::Attestation;
use protocol::wire::ServerMessage;
use sfu::{SfuConfig, Transmit, Transport};

/// The present moment, by both clocks; every input brings it.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// By the wall clock: what people are told and what the door judges by.
    pub wall: Timestamp,
    /// By a clock that never jumps: what deadlines are counted by.
    pub mono: Instant,
}

/// What a room must know from its shell.
#[derive(Clone)]
pub struct RoomConfig {
    /// The session.
    pub session: SessionId,
    /// The organisation's public signing key (Ed25519), told to every page.
    pub organization_key: [u8; 32],
    /// The forwarder's addresses.
    pub sfu: SfuConfig,
    /// Thirty-two bytes of the system's CSPRNG, of which ids and ICE credentials are made (SEC-029). A seed must
    /// never be used for two rooms.
    pub seed: [u8; 32],
}

impl fmt::Debug for RoomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomConfig {{ session: {} }}", self.session)
    }
}

/// A socket that the shell has authenticated.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The socket.
    pub connection: ConnectionId,
    /// The seat that the person's invitation gives.
    pub participant: ParticipantId,
    /// Who.
    pub person: PersonId,
    /// The name shown to the others.
    pub name: Personal<String>,
    /// What those who wait are told of a host: the first name (CARE-12).
    pub given: Personal<String>,
    /// How sure the server is of who it is.
    pub assurance: Assurance,
    /// What the door must know, freshly loaded; the role is in it and nowhere else.
    pub facts: Facts,
}

/// Names one [`Output::Record`] in the shell's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u64);

/// How recording went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// It is written, together with its audit event.
    Written,
    /// It could not be written; an admission that waits for this does not begin.
    Failed,
}

/// What the shell writes to the store, each together with its audit event (SEC-006).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomEvent {
    /// The first person is about to be let in.
    SessionStarted {
        /// When.
        at: Timestamp,
    },
    /// The door said yes. Takes effect only when the shell has answered [`Recorded::Written`].
    AdmissionBegun {
        /// Its id.
        admission: AdmissionId,
        /// Whose.
        participant: ParticipantId,
        /// The person.
        person: PersonId,
        /// In which role.
        role: Role,
        /// The host who clicked; `None` for the first host, whom the door lets in.
        by: Option<ParticipantId>,
        /// When.
        at: Timestamp,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// An admission is over. It has already taken effect.
    AdmissionEnded {
        /// Its id.
        admission: AdmissionId,
        /// Whose.
        participant: ParticipantId,
        /// The person.
        person: PersonId,
        /// Why.
        reason: GoneReason,
        /// How this person was gone at that moment, if they were; the same as was told when it began.
        away: Option<GoneReason>,
        /// When.
        at: Timestamp,
        /// How the media travelled last; `None`: no way was ever found.
        transport: Option<Transport>,
        /// How long this person's camera was on.
        pictured: Duration,
    },
    /// A host ended the session for one person; store it, so that the door knows it after a restart.
    EndedFor {
        /// For whom.
        participant: ParticipantId,
        /// The person.
        person: PersonId,
        /// The host.
        by: ParticipantId,
        /// When.
        at: Timestamp,
    },
    /// A host ended the session for everyone.
    SessionEnded {
        /// The host.
        by: ParticipantId,
        /// When.
        at: Timestamp,
    },
}

/// What a room wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send this on that socket.
    Send {
        /// The socket.
        connection: ConnectionId,
        /// The message.
        message: Box<ServerMessage>,
    },
    /// Close that socket, after what was sent before; no `handle_disconnected` is needed.
    Close {
        /// The socket.
        connection: ConnectionId,
    },
    /// Load these people's facts and answer each with [`crate::Room::handle_facts`].
    LoadFacts {
        /// Whose.
        participants: Vec<ParticipantId>,
    },
    /// Sign this with the organisation's key and answer with [`crate::Room::handle_attested`].
    Attest {
        /// For which socket.
        connection: ConnectionId,
        /// What to sign.
        attestation: Attestation,
    },
    /// Write this, in the order given, and answer with [`crate::Room::handle_recorded`].
    Record {
        /// Its name in the answer.
        record: RecordId,
        /// What.
        event: RoomEvent,
    },
    /// Datagrams for this ufrag are for this room; register it with [`sfu::Demux`].
    RouteMedia {
        /// The server's own half of the ICE user name.
        ufrag: String,
    },
    /// Send this packet.
    Transmit(Transmit),
    /// Nothing more now; call [`crate::Room::handle_timeout`] at the earlier of these moments.
    Timeout(Deadlines),
}

/// When a room wants to be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// By the wall clock, if the door named a moment.
    pub wall: Option<Timestamp>,
    /// By the clock that never jumps.
    pub mono: Instant,
}
