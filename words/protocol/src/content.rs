//! What members say to each other under the seal; the server relays these bytes unread.

use ids::{ParticipantId, Personal, Timestamp};
use serde::{Deserialize, Serialize};

/// The plaintext of an MLS application message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// A line of chat.
    Chat {
        /// At most [`ids::TEXT_CHARS_MAX`] characters.
        text: Personal<String>,
        /// When the sender wrote it, by the sender's clock corrected to the server's.
        at: Timestamp,
    },
    /// A wordless signal; ordinary reactions all look the same on the wire.
    Reaction(Reaction),
    /// State and proof of being in the same epoch, every [`ids::HEARTBEAT_INTERVAL_MS`] and at each change.
    Heartbeat(Heartbeat),
    /// A host has sent somebody back to waiting, or ended the meeting for them; the other hosts' workers add that
    /// device no more without a click. Counts from hosts only.
    SentBack {
        /// Whom.
        participant: ParticipantId,
    },
}

/// A wordless reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reaction {
    /// Yes.
    Yes,
    /// No.
    No,
    /// A hand raised.
    Hand,
    /// A heart.
    Heart,
    /// A thumb up.
    Thumb,
}

/// A member's sealed statement about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Counts up by one with each; a replay or a reordering is seen.
    pub number: u64,
    /// The epoch authenticator that the sender holds (RFC 9420 §8.7), filled in by the worker.
    pub authenticator: Vec<u8>,
    /// The sender's own word about its media.
    pub state: SelfState,
}

/// What a member says about its own media; this is how *paused by them* is known from a bad line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SelfState {
    /// The microphone is open.
    pub microphone: bool,
    /// The camera is on.
    pub camera: bool,
    /// A screen is shared.
    pub screen: bool,
    /// Everything is paused on purpose.
    pub paused: bool,
}
