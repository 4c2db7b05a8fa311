//! Between a client and the server: one WebSocket, binary messages.
//!
//! A session goes `Hello` → `Welcome` (with the attestation) → `Knock` (with a key package; arriving is waiting) →
//! `Waiting` … `Admitted` → MLS and media → `Ended`. `Offer`/`Answer` may run while waiting, so that the connection
//! stands when the door opens; no track is forwarded before an admission.

use ids::{
    Assurance, Capabilities, EndReason, GoneReason, GroupId, LeaveReason, ParticipantId, Personal,
    RefuseReason, Role, SessionId, Timestamp, TrackKind, WaitReason,
};
use serde::{Deserialize, Serialize};

/// SHA-256 of a key package's bytes; a host's click names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyPackageHash(#[serde(with = "crate::fixed")] pub [u8; 32]);

/// A device's public key: P-256, uncompressed SEC1 (65 bytes), from a non-extractable WebCrypto key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeviceKey(pub Vec<u8>);

/// From page or bot to server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// First message on every socket; who is speaking is known from the authenticated upgrade.
    Hello {
        /// Public half of this browser's device key.
        device: DeviceKey,
        /// Whether this page was in the room before and comes back (reload, lost line).
        returning: bool,
    },
    /// Arrives: waits from now on, with a fresh key package that a host can add.
    Knock {
        /// MLS `KeyPackage`, at most [`ids::KEY_PACKAGE_BYTES_MAX`] bytes.
        key_package: Vec<u8>,
        /// Its SHA-256, checked by the server.
        hash: KeyPackageHash,
    },
    /// SDP offer with the m-lines of [`crate::media`]; candidates are stripped before it is sent.
    Offer {
        /// The offer, at most [`ids::SDP_BYTES_MAX`] bytes.
        sdp: String,
    },
    /// A host lets one person in; the hash names the key package that was on the host's screen.
    Admit {
        /// Who.
        participant: ParticipantId,
        /// Which key package.
        hash: KeyPackageHash,
    },
    /// A host sends somebody who is inside back to waiting.
    SendBack {
        /// Who.
        participant: ParticipantId,
    },
    /// A host ends the meeting for one person, inside or waiting.
    EndFor {
        /// Who.
        participant: ParticipantId,
    },
    /// A host ends the meeting for everyone.
    EndForAll,
    /// A host writes to somebody who waits; the page labels it as not sealed.
    Note {
        /// To whom.
        participant: ParticipantId,
        /// At most [`ids::TEXT_CHARS_MAX`] characters.
        text: Personal<String>,
    },
    /// An MLS commit for the server to put in order.
    Commit(Commit),
    /// Something sealed to the group (chat, heartbeat, state); the server relays it unread.
    Sealed(Sealed),
    /// What this client sends from now on, so that the forwarder knows a stopped track from a lost one.
    Sending {
        /// The tracks that are live.
        tracks: Vec<TrackKind>,
    },
    /// Asks for the room's only screen share.
    TakeScreen,
    /// Gives the screen share back.
    DropScreen,
    /// Steps out: leaves the group, keeps the seat.
    StepOut {
        /// Whether somebody came in at this side (rule CARE-03); the others are told which.
        someone_came_in: bool,
    },
    /// Comes back after stepping out, with a fresh key package.
    StepIn {
        /// MLS `KeyPackage`.
        key_package: Vec<u8>,
        /// Its SHA-256.
        hash: KeyPackageHash,
    },
    /// Leaves.
    Leave {
        /// How.
        reason: LeaveReason,
    },
    /// The page goes to the background or comes back; nothing else is to be read from silence.
    Asleep {
        /// Whether it is asleep now.
        asleep: bool,
    },
    /// Asks that the senders of this client's pictures send a key frame; used when a new key is in use.
    WantKeyframes,
    /// Proof of life every [`ids::PING_INTERVAL_MS`].
    Ping {
        /// Returned in the `Pong`.
        number: u32,
    },
    /// A young person answers whether a parent who waits may come in (SEC-114).
    Answer {
        /// Who waits.
        about: ParticipantId,
        /// What she says.
        answer: Answer,
    },
    /// A host asks a young person who is inside for some minutes without her (SEC-115).
    AskWithoutHer {
        /// Whom.
        participant: ParticipantId,
    },
    /// A young person answers that question; yes steps her out, and those who came in by her yes may stay meanwhile.
    WithoutMe {
        /// Yes or no.
        agreed: bool,
    },
}

/// What a young person says when she is asked whether a parent may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// Yes.
    Yes,
    /// Not today.
    NotToday,
    /// First we agree on what to say.
    SayFirst,
}

/// An MLS commit, opaque to the server but for the epoch that it claims to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The group.
    pub group: GroupId,
    /// The epoch that the commit was made in; the server accepts the first for each.
    pub epoch: u64,
    /// The MLS message.
    pub message: Vec<u8>,
    /// Whom it adds, by the key packages that hosts clicked on.
    pub added: Vec<(ParticipantId, KeyPackageHash)>,
    /// Whom it removes.
    pub removed: Vec<ParticipantId>,
    /// The MLS `Welcome` for those added, ratchet tree included.
    pub welcome: Option<Vec<u8>>,
}

/// A sealed message on its way through the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The group.
    pub group: GroupId,
    /// MLS application message (`PrivateMessage`).
    pub message: Vec<u8>,
}

/// From server to page or bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerMessage {
    /// Answer to `Hello`.
    Welcome(Box<Welcome>),
    /// You wait, and why; sent again whenever anything in it changes.
    Waiting {
        /// Why.
        why: WaitReason,
        /// Since when.
        since: Timestamp,
        /// When it may change by itself, if a moment is known.
        reconsider_at: Option<Timestamp>,
        /// The first names of the hosts who see you, as their own organisation gave them.
        seen_by: Vec<Personal<String>>,
    },
    /// The door says no.
    Refused {
        /// Why.
        why: RefuseReason,
    },
    /// A host wrote to you while you wait; not sealed.
    Note {
        /// The host's name.
        from: Personal<String>,
        /// The text.
        text: Personal<String>,
        /// When.
        at: Timestamp,
    },
    /// Everyone who waits; to hosts only, sent again on every change.
    Lobby {
        /// In order of arrival.
        people: Vec<WaitingPerson>,
    },
    /// You are let in; the MLS welcome follows from a host's worker.
    Admitted {
        /// What you may do.
        capabilities: Capabilities,
        /// When the admission ends, if that is known.
        until: Option<Timestamp>,
    },
    /// To one host: make the session's group with this id.
    CreateGroup {
        /// Its id.
        group: GroupId,
    },
    /// Send a fresh key package with `Knock` (a new group was made, or the old package was used).
    KeyPackageWanted,
    /// To a host inside: add this participant, whose admission stands.
    AddWanted {
        /// Who.
        participant: ParticipantId,
        /// The key package that was clicked on, or that a returning device sent.
        key_package: Vec<u8>,
        /// On which ground; the worker checks it against what it saw itself.
        ground: AddGround,
    },
    /// To a host inside: remove this participant, who is gone.
    RemoveWanted {
        /// Who.
        participant: ParticipantId,
    },
    /// A commit in its place, to every member (its maker included: that is the acknowledgement).
    Commit {
        /// Who made it.
        from: ParticipantId,
        /// The commit; `welcome` is left out.
        commit: Commit,
    },
    /// Another commit was first; rebuild on the present epoch.
    CommitLost {
        /// The group.
        group: GroupId,
        /// The present epoch.
        epoch: u64,
    },
    /// The MLS welcome for you.
    Joined {
        /// The group.
        group: GroupId,
        /// MLS `Welcome`.
        welcome: Vec<u8>,
    },
    /// Something sealed to the group.
    Sealed {
        /// Who sent it, says the server; the seal proves it.
        from: ParticipantId,
        /// The message.
        sealed: Sealed,
    },
    /// The group was ended; forget its keys.
    GroupEnded {
        /// Which.
        group: GroupId,
    },
    /// Everyone inside and those who stepped out; to those inside.
    Roster {
        /// In order of arrival; you are among them.
        people: Vec<PresentPerson>,
    },
    /// Somebody is gone, told apart at once.
    Gone {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: GoneReason,
        /// When.
        at: Timestamp,
    },
    /// Who is seen where: which participant's track each receiving m-line carries.
    Slots {
        /// One entry per m-line in use.
        slots: Vec<Slot>,
    },
    /// SDP answer.
    Answer {
        /// The answer, with the server's own candidates only.
        sdp: String,
    },
    /// How somebody's media reaches the forwarder.
    Media {
        /// Whose.
        participant: ParticipantId,
        /// How.
        state: MediaState,
    },
    /// Who holds the screen share.
    Screen {
        /// The holder, if any.
        holder: Option<ParticipantId>,
    },
    /// The last host is gone; everyone waits again at this moment unless one comes back.
    HostGrace {
        /// The moment; `None` when a host is back.
        until: Option<Timestamp>,
    },
    /// It is over for you.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// What you sent was refused; nothing changed.
    Rejected {
        /// Why.
        why: RejectReason,
    },
    /// Answer to `Ping`.
    Pong {
        /// From the `Ping`.
        number: u32,
        /// The server's time.
        at: Timestamp,
    },
    /// Who went before you came, and why; to a host who comes, so that no signal is lost with a page (CARE-02).
    WentBefore {
        /// In the order in which they went.
        people: Vec<GonePerson>,
    },
    /// What waits for your word, or has it; to a young person only, sent again on every change (SEC-114, SEC-115).
    Asked {
        /// The parents about whom you were asked and who wait, in order of arrival.
        people: Vec<AskedAbout>,
        /// Whether a host asks for some minutes without you, and what you said.
        without_you: Option<WithoutHer>,
    },
}

/// Who you are in this session, and what the server attests about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The session.
    pub session: SessionId,
    /// Your seat.
    pub you: ParticipantId,
    /// Your role.
    pub role: Role,
    /// Your name as shown to the others.
    pub name: Personal<String>,
    /// Signed statement about you for your MLS credential: [`crate::group::Attestation`] and its signature.
    pub attestation: crate::group::SignedAttestation,
    /// The organisation's public signing key (Ed25519, 32 bytes).
    #[serde(with = "crate::fixed")]
    pub organization_key: [u8; 32],
    /// The server's time.
    pub at: Timestamp,
}

/// On which ground a participant is to be added to the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddGround {
    /// This very host clicked, naming this key package.
    Clicked(KeyPackageHash),
    /// A device that was in this session with a live admission came back; the worker must know its device key.
    CameBack,
}

/// One person who waits, as hosts see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPerson {
    /// The seat.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// The role.
    pub role: Role,
    /// How sure the server is of who it is.
    pub assurance: Assurance,
    /// Waiting since.
    pub since: Timestamp,
    /// Whether the line is up now.
    pub here: bool,
    /// Why the person waits.
    pub why: WaitReason,
    /// How it stands with her yes, where nobody comes in without it (SEC-114).
    pub asking: Option<Asking>,
    /// The key package that letting in would add; the host's worker reads the device key from it.
    pub key_package: Option<Vec<u8>>,
}

/// How it stands with the yes that a parent in her hour needs, as hosts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// What was said, or what a press would do.
    pub word: HerWord,
    /// The first names of those whose word it is.
    pub whose: Vec<Personal<String>>,
}

/// What a press on *let in* would do, or what she has said. Of several young people the one who is furthest from a yes
/// counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HerWord {
    /// She is not here and cannot be asked.
    NotHere,
    /// She said *not today*; she alone changes it.
    NotToday,
    /// She wants to agree on what to say first.
    SayFirst,
    /// A press asks her.
    ToAsk,
    /// The question is laid before her; on a lost line she sees it when that is back.
    Asked,
    /// She said yes and is out of the room, asleep, or on a line that is lost: a press lets in when she is back.
    YesWhenBack,
    /// She said yes: a press lets in.
    Yes,
}

/// What a host's press on *let in* does about a parent (SEC-114).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// It lets in.
    LetsIn,
    /// It asks her.
    Asks,
    /// She has been asked, and a press asks nothing again.
    Waits,
    /// Nothing: it is hers to decide.
    SheDecides,
    /// Nothing: she is not here.
    SheIsNotHere,
}

impl HerWord {
    /// What a press does while this is her word.
    #[must_use]
    pub const fn press(self) -> Press {
        match self {
            Self::Yes => Press::LetsIn,
            Self::ToAsk => Press::Asks,
            Self::Asked => Press::Waits,
            Self::NotToday | Self::SayFirst => Press::SheDecides,
            Self::NotHere | Self::YesWhenBack => Press::SheIsNotHere,
        }
    }
}

/// A parent who waits for the word of a young person, as she is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAbout {
    /// The seat.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// What she has said, if anything.
    pub said: Option<Answer>,
}

/// How it stands with some minutes without her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WithoutHer {
    /// A host has asked, and she sees the question.
    Asked,
    /// She said that she stays; she alone changes it.
    Stays,
    /// She said yes and is out until she comes back.
    Agreed,
}

/// One person inside, or stepped out with the seat kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentPerson {
    /// The seat.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// The role.
    pub role: Role,
    /// How sure the server is of who it is.
    pub assurance: Assurance,
    /// Let in at.
    pub since: Timestamp,
    /// How the person is present.
    pub presence: Presence,
    /// How it stands with some minutes without her; to hosts only, about a young person.
    pub without_her: Option<WithoutHer>,
}

/// Somebody who went, as a host who comes later is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GonePerson {
    /// The seat.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// Why.
    pub reason: GoneReason,
    /// When.
    pub at: Timestamp,
}

/// How somebody with a seat is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// Here.
    Here,
    /// Stepped out; the seat is kept.
    SteppedOut,
    /// Somebody came in at their side; the seat is kept.
    SomeoneCameIn,
    /// The line is lost; the seat is kept for a while.
    LineLost,
    /// The device is asleep or the page in the background.
    DeviceAsleep,
}

impl Presence {
    /// How others than her hosts see it; see [`GoneReason::for_guests`].
    #[must_use]
    pub const fn for_guests(self) -> Self {
        match self {
            Self::SomeoneCameIn => Self::SteppedOut,
            other => other,
        }
    }
}

/// One receiving m-line and whose track it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// The m-line's index in the offer, counted from zero over all m-lines.
    pub line: u8,
    /// Whose.
    pub participant: ParticipantId,
    /// Which track.
    pub track: TrackKind,
}

/// How somebody's media reaches the forwarder; *paused* is not here, because only the sender can say that (sealed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaState {
    /// Packets arrive.
    Flowing,
    /// The socket is alive but media is late: their network.
    Late,
    /// Nothing at all: no answer.
    Silent,
    /// Nothing is expected: no track is live.
    Idle,
}

/// Why the server refused one message; the connection stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RejectReason {
    /// Only hosts may do that.
    NotHost,
    /// You are not inside.
    NotAdmitted,
    /// The key package on the screen is not the one waiting any more; look again.
    StaleKeyPackage,
    /// There is nobody with that seat there.
    NobodyThere,
    /// Somebody else shares a screen.
    ScreenTaken,
    /// Too long, malformed or out of order.
    BadMessage,
    /// Too many messages in a short time.
    TooFast,
    /// The room is full.
    RoomFull,
    /// The offer could not be answered.
    BadOffer,
    /// She said *not today*, wants to agree on what to say first, or stays; asking again asks nothing.
    SheDecides,
    /// She is not here and cannot be asked.
    SheIsNotHere,
}
