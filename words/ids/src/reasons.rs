//! Reasons as enums, never strings or bools; the interface turns each into words for the person who reads them.

use serde::{Deserialize, Serialize};

/// Why someone waits. Each has a text in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WaitReason {
    /// The appointment's window has not opened; `Wait` says when it does.
    TooEarly,
    /// No host has come yet.
    NoHost,
    /// A host sees that somebody waits and has not yet let them in.
    NotYetLetIn,
    /// A host sent the person back to waiting.
    SentBack,
    /// The person stepped out and may return in one tap.
    SteppedOut,
    /// The last host's line was lost and did not come back in time.
    HostLost,
    /// The room holds as many as it can.
    RoomFull,
    /// The host has said to be late; `Wait` says until about when.
    HostLate,
}

/// Why someone is refused. Not the same as waiting: pressing again will not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RefuseReason {
    /// There is no invitation (or it is not yours, which must look the same).
    NotInvited,
    /// The invitation was withdrawn.
    InvitationWithdrawn,
    /// The person is on the block list of this meeting.
    Blocked,
    /// The meeting has ended.
    SessionEnded,
    /// The meeting's time is over.
    TooLate,
    /// A host ended the meeting for this person.
    EndedForYou,
    /// The person said no to the meeting.
    OwnWithdrawal,
    /// The sign-in behind this seat has ended.
    SignedOut,
    /// The waiting room holds as many as it can.
    WaitingRoomFull,
    /// The hour was called off.
    Cancelled,
    /// The hour is held another way than on the screen.
    NotOnScreen,
}

/// What a person says when leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LeaveReason {
    /// Said goodbye.
    Left,
    /// Finished for today.
    DoneForToday,
    /// Pressed *close fast*: a safety signal (CARE-02).
    ClosedFast,
}

/// Why someone is no longer seen or heard, told apart at once (CARE-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GoneReason {
    /// Left with a goodbye.
    Left,
    /// Stepped out and may come back.
    SteppedOut,
    /// Closed fast.
    ClosedFast,
    /// Somebody came in at their side.
    SomeoneCameIn,
    /// The line was lost.
    LineLost,
    /// The device went to sleep or the app to the background.
    DeviceAsleep,
    /// The person waits again: a host sent them back, or the yes by which a parent was inside is over.
    SentBack,
    /// A host ended the meeting for the person.
    EndedByHost,
    /// The door took the admission back.
    DoorClosed,
}

impl GoneReason {
    /// What others than her hosts are told: that she closed fast, or that somebody came in at her side, is between her
    /// and her clinician, and who else is in the room may be the reason for it (CARE-02, CARE-03).
    #[must_use]
    pub const fn for_guests(self) -> Self {
        match self {
            Self::ClosedFast => Self::Left,
            Self::SomeoneCameIn => Self::SteppedOut,
            other => other,
        }
    }
}

/// Why a session ended for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EndReason {
    /// A host ended it for everyone.
    EndedForAll,
    /// A host ended it for this person.
    EndedForYou,
    /// The person left.
    YouLeft,
    /// The same seat was opened in another tab or on another device.
    OpenedElsewhere,
    /// The server is shutting down; the page reconnects by itself.
    ServerStopping,
}
