//! What the rooms hear after a commit, so that they ask the door again at once.

use ids::{AppointmentId, ParticipantId, PersonId, SessionId, SignInId};

/// Facts changed; whoever holds an admission that rests on them is decided again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChanged {
    /// About whom or what, in the order of the writes.
    pub subjects: Vec<Subject>,
}

/// About whom or what facts changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// Everybody in a session: its state or its window.
    Session(SessionId),
    /// One seat: invitation, role, block, own withdrawal.
    Participant(ParticipantId),
    /// Everybody who came in by this sign-in.
    SignIn(SignInId),
    /// A person's register entry.
    Person(PersonId),
    /// An appointment: made, moved, invited to.
    Appointment(AppointmentId),
}
