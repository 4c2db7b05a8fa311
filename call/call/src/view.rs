//! What there is to be shown: plain data that the stage draws and never changes.

use ids::{
    Assurance, Capabilities, EndReason, GoneReason, ParticipantId, Personal, RefuseReason, Role, Timestamp,
    TrackKind, WaitReason,
};
use protocol::content::{Around, Lead, Picture, Reaction, SelfState};
use protocol::group::{EpochView, KnownAs, LockAlarm};
use protocol::wire::{AskedAbout, Asking, KeyPackageHash, Presence, RejectReason, WithoutHer};

/// Everything that a stage shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// Where this person is.
    pub phase: Phase,
    /// Whether the WebSocket stands and the server has answered.
    pub online: bool,
    /// Who you are; known from the server's welcome on.
    pub you: Option<You>,
    /// Everyone inside and those who stepped out, you among them, in order of arrival.
    pub people: Vec<Tile>,
    /// Everyone who waits; hosts only.
    pub lobby: Vec<Guest>,
    /// What you are asked before it happens in your hour; young people only, inside or out by their own step.
    pub asked: Asked,
    /// The lock.
    pub lock: Lock,
    /// The chat of this session, oldest first, at most [`crate::CHAT_LINES_MAX`].
    pub chat: Vec<ChatLine>,
    /// What hosts wrote to you while you waited, oldest first; not sealed.
    pub notes: Vec<NoteLine>,
    /// What you as host wrote to those who wait, oldest first; not sealed.
    pub notes_sent: Vec<NoteSent>,
    /// What was said to you as host alone, in the order in which people first said something.
    pub confided: Vec<Confided>,
    /// Your own microphone, camera and screen.
    pub own: OwnMedia,
    /// Who shares a screen.
    pub screen: Option<ParticipantId>,
    /// What a host leads through, by that host's own sealed word.
    pub lead: Lead,
    /// The last host is gone, and everyone waits again at this moment.
    pub grace: Option<Timestamp>,
    /// Who went, and why; oldest first, a few at most. Somebody who comes back is taken out.
    pub gone: Vec<Gone>,
    /// The last thing that the server refused to do.
    pub rejected: Option<RejectReason>,
    /// Whether the media transport stands.
    pub transport: Transport,
    /// Milliseconds to add to this machine's clock to get the server's, for the clocks on the screen.
    pub clock_offset_ms: i64,
}

/// Where this person is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Phase {
    /// No line to the server yet, or not any more.
    #[default]
    Connecting,
    /// The line to the server was lost; it is being made again, and one comes back muted.
    Reconnecting,
    /// The server has answered; devices are looked at until [`crate::Call::arrive`].
    Checking,
    /// Arrived or coming back; the server has not yet said whether inside or waiting.
    Entering,
    /// Waiting: nothing is transmitted.
    Waiting {
        /// Why.
        why: WaitReason,
        /// Since when (server's time).
        since: Timestamp,
        /// When it may change by itself.
        reconsider_at: Option<Timestamp>,
        /// First names of the hosts who see you.
        seen_by: Vec<Personal<String>>,
    },
    /// The door says no.
    Refused {
        /// Why.
        why: RefuseReason,
    },
    /// Inside. Nothing is sent before [`Lock::epoch`] is there.
    Inside,
    /// Stepped out; the seat is kept.
    SteppedOut {
        /// Whether the server has heard it.
        told: bool,
    },
    /// Somebody came in (CARE-03): show the neutral page.
    SomeoneCameIn {
        /// Whether the server has heard it.
        told: bool,
    },
    /// Closed fast (CARE-02): show the neutral page; told until the server has heard it, which ends it.
    ClosedFast,
    /// Over.
    Ended {
        /// Why.
        why: EndReason,
    },
}

/// Who you are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct You {
    /// Your seat.
    pub participant: ParticipantId,
    /// Your role.
    pub role: Role,
    /// Your name as the others see it.
    pub name: Personal<String>,
    /// What you may do; `None` when not inside.
    pub capabilities: Option<Capabilities>,
    /// When the admission ends, if that is known.
    pub until: Option<Timestamp>,
}

/// One person inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// The seat.
    pub participant: ParticipantId,
    /// Whether this is you.
    pub is_you: bool,
    /// The name.
    pub name: Personal<String>,
    /// The role.
    pub role: Role,
    /// How sure the server is of who it is.
    pub assurance: Assurance,
    /// Let in at (server's time).
    pub since: Timestamp,
    /// How the person is present.
    pub presence: Presence,
    /// How the device is known; `None` until it is in the group: then it can neither see nor hear.
    pub known: Option<KnownAs>,
    /// What the person's own sealed word says about microphone, camera, screen and room; `None` before the first.
    pub said: Option<SelfState>,
    /// Why the picture moves or stands still, merged to one honest word.
    pub status: MediaStatus,
    /// The m-lines that carry this person, checked against the group; empty ones show nothing.
    pub lines: Lines,
    /// The last reaction and when it came; it is taken away after [`crate::REACTION_SHOWN_MS`].
    pub reaction: Option<(Reaction, Timestamp)>,
    /// For hosts, of a young person: how it stands with some minutes without her (SEC-115).
    pub without_her: Option<WithoutHer>,
}

/// The m-lines (indices in the offer) on which somebody is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lines {
    /// Sound.
    pub microphone: Option<u8>,
    /// Picture.
    pub camera: Option<u8>,
    /// Screen.
    pub screen: Option<u8>,
}

/// Why somebody's picture moves or stands still; the three stills are never mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MediaStatus {
    /// Not known; said as such.
    #[default]
    Unknown,
    /// What the person wants to send arrives.
    Flowing,
    /// The person chose to send neither sound nor picture, without a pause: camera and microphone off.
    Off,
    /// The person pauses, by the person's own sealed word.
    PausedByThem,
    /// The person's line is up, but media comes late or not at all.
    TheirNetwork,
    /// Nothing for three seconds.
    NoAnswer,
}

/// One person who waits, as a host sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The seat.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// The role.
    pub role: Role,
    /// How sure the server is of who it is.
    pub assurance: Assurance,
    /// Waiting since (server's time).
    pub since: Timestamp,
    /// Whether the line is up.
    pub here: bool,
    /// Why the person waits.
    pub why: WaitReason,
    /// How it stands with her yes, where nobody comes in without it: a press then asks her first (SEC-114).
    pub asking: Option<Asking>,
    /// Whether letting in is possible.
    pub letting_in: LettingIn,
}

/// What a young person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The parents who wait and about whom she was asked, with what she has said.
    pub people: Vec<AskedAbout>,
    /// Whether a host asks for some minutes without her, and what she has said.
    pub without_you: Option<WithoutHer>,
}

/// Whether somebody who waits can be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LettingIn {
    /// No key package has come, or the worker still looks at it.
    NotYet,
    /// Possible: the credential is good and the device known like this.
    Possible {
        /// How the device is known.
        known: KnownAs,
        /// The key package that a click would name.
        hash: KeyPackageHash,
    },
    /// The credential is bad; letting in is impossible.
    BadCredential,
    /// Clicked; it is under way.
    UnderWay,
}

/// What the lock shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// Members, how each is known, and safety words; `None` until the group is joined.
    pub epoch: Option<EpochView>,
    /// What is wrong, if anything.
    pub alarm: Option<LockAlarm>,
    /// Whether sound and picture were stopped because of it.
    pub stopped: bool,
    /// The others' devices are not heard, and the server was asked whether that is our own line's fault.
    pub doubted: bool,
    /// How frames fared.
    pub frames: FrameCounts,
    /// The code for the other side to scan, once asked for.
    pub pairing_code: Option<String>,
    /// Whether the last scanned code was right.
    pub paired: Option<(ParticipantId, bool)>,
}

/// How frames fared since the page was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameCounts {
    /// Sealed.
    pub sealed: u64,
    /// Opened.
    pub opened: u64,
    /// Dropped for want of a key.
    pub no_key: u64,
    /// Dropped because the seal was broken, replayed, or of another sender or track.
    pub refused: u64,
}

/// One line of chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatLine {
    /// Counted from the first that came, those that went included.
    pub number: u64,
    /// Who, proven by the group.
    pub from: ParticipantId,
    /// The name at that time.
    pub name: Personal<String>,
    /// Whether you wrote it.
    pub is_yours: bool,
    /// The text.
    pub text: Personal<String>,
    /// When (server's time, by the sender's word).
    pub at: Timestamp,
}

/// A note from a host to you who wait; not sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLine {
    /// Counted from the first that came, those that went included.
    pub number: u64,
    /// The host's name.
    pub from: Personal<String>,
    /// The text.
    pub text: Personal<String>,
    /// When (server's time).
    pub at: Timestamp,
}

/// A note from you to somebody who waits; not sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSent {
    /// To whom.
    pub to: ParticipantId,
    /// The text.
    pub text: Personal<String>,
    /// When (server's time).
    pub at: Timestamp,
}

/// Your own media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnMedia {
    /// You want to be heard.
    pub microphone: bool,
    /// You want to be seen.
    pub camera: bool,
    /// Your screen share.
    pub screen: OwnScreen,
    /// You pause; what was on is remembered.
    pub paused: bool,
    /// Who is in the room with you, as you say it (CARE-05).
    pub around: Around,
    /// Your camera is turned to show something.
    pub showing: bool,
    /// What you as host lead through.
    pub lead: Lead,
    /// The picture that you have chosen as an answer.
    pub picture: Picture,
    /// What is being sent this moment.
    pub sending: SelfState,
    /// You came back, or the lock had an alarm, and were muted without asking for it.
    pub muted_for_you: bool,
    /// The device that was lost last: unplugged or blocked.
    pub lost: Option<TrackKind>,
}

/// Your own screen share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OwnScreen {
    /// Not shared.
    #[default]
    Off,
    /// Asked for.
    Asked,
    /// Shared.
    On,
}

/// Somebody who went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Who.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// Why, told apart at once (CARE-02).
    pub reason: GoneReason,
    /// When (server's time).
    pub at: Timestamp,
}

/// What somebody said to the hosts alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confided {
    /// Who.
    pub participant: ParticipantId,
    /// The name.
    pub name: Personal<String>,
    /// What she wants to say, until it is put away.
    pub opening: Option<Personal<String>>,
    /// Where she is and where she can be rung; kept when she is gone, because it is for then (CARE-14).
    pub whereabouts: Option<(Personal<String>, Personal<String>)>,
}

/// The media transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Not made yet.
    #[default]
    None,
    /// Being made.
    Connecting,
    /// Stands.
    Connected,
    /// Could not be made after several tries; sound and picture are impossible.
    Impossible,
}

/// Which parts of the view have changed: a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes(u16);

impl Changes {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Phase, who you are, line, grace, transport.
    pub const PHASE: Self = Self(1);
    /// People, screen holder and who is gone.
    pub const PEOPLE: Self = Self(1 << 1);
    /// Those who wait.
    pub const LOBBY: Self = Self(1 << 2);
    /// The lock.
    pub const LOCK: Self = Self(1 << 3);
    /// Chat.
    pub const CHAT: Self = Self(1 << 4);
    /// Notes, received and sent.
    pub const NOTES: Self = Self(1 << 5);
    /// Your own media.
    pub const OWN: Self = Self(1 << 6);
    /// The server has just said no to something.
    pub const REJECTED: Self = Self(1 << 7);
    /// What was said to the hosts alone.
    pub const CONFIDED: Self = Self(1 << 8);
    /// What one is asked.
    pub const ASKED: Self = Self(1 << 9);

    /// Whether anything of `other` is in it.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing has changed.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}
