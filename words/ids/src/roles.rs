//! Who somebody is in a meeting, and what that lets them do.

use serde::{Deserialize, Serialize};

/// A person's role in one meeting; it comes from the invitation and from nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// The responsible clinician or a colleague who may let people in.
    Host,
    /// The young person whom the meeting is for.
    YoungPerson,
    /// A parent, foster parent or guardian.
    Guardian,
    /// Staff of the institution where the young person lives.
    CareWorker,
    /// Another professional: school, municipality, general practitioner.
    Professional,
    /// An interpreter.
    Interpreter,
    /// A person whom the young person chose to have beside her.
    Support,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Host,
        Self::YoungPerson,
        Self::Guardian,
        Self::CareWorker,
        Self::Professional,
        Self::Interpreter,
        Self::Support,
    ];

    /// Whether this role lets others in, sends back and ends.
    #[must_use]
    pub const fn is_host(self) -> bool {
        matches!(self, Self::Host)
    }
}

/// How sure the server is of who somebody is; shown as *verified* or *not verified*, never hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Assurance {
    /// Holds a personal link, nothing more.
    Link,
    /// A member of staff vouched for the person.
    Vouched,
    /// Signed in as a person of a known organisation.
    SignedIn,
}

/// What an admitted participant may do; the door decides it, the room and the forwarder obey it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Capabilities {
    /// Send a microphone.
    pub microphone: bool,
    /// Send a camera.
    pub camera: bool,
    /// Share a screen.
    pub screen: bool,
    /// Write in the sealed chat.
    pub chat: bool,
    /// Let people in, send back, end.
    pub host: bool,
}

impl Capabilities {
    /// What everybody who is let in may do.
    pub const MEMBER: Self = Self { microphone: true, camera: true, screen: true, chat: true, host: false };
    /// What a host may do.
    pub const HOST: Self = Self { host: true, ..Self::MEMBER };
}

/// What a stream of media shows; part of the key id, so that one cannot be passed off as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TrackKind {
    /// A microphone (Opus).
    Microphone,
    /// A camera (VP8).
    Camera,
    /// A shared screen (VP8).
    Screen,
}

impl TrackKind {
    /// All kinds, in the order of their m-lines.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    /// The number of this kind inside an SFrame key id.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Microphone => 0,
            Self::Camera => 1,
            Self::Screen => 2,
        }
    }

    /// The kind with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Microphone),
            1 => Some(Self::Camera),
            2 => Some(Self::Screen),
            _ => None,
        }
    }

    /// Whether this is sound.
    #[must_use]
    pub const fn is_audio(self) -> bool {
        matches!(self, Self::Microphone)
    }
}
