//! *Company, please*: after an hour she asks the adult whom they agreed on to look in. When the message may leave, and
//! what she is told of it.
//!
//! Her press and nothing else sends it, once in an hour. It is of use for a short while only: an adult who is asked the
//! next morning is no company (CARE-06).

use core::time::Duration;

use ids::Timestamp;

use crate::message::{MessageKind, Planned, State};

/// How long it is of use to the adult to hear of it.
pub const OF_USE: Duration = Duration::from_secs(30 * 60);

/// The message that her press lays into the outbox.
#[must_use]
pub fn planned(pressed: Timestamp) -> Planned {
    Planned { kind: MessageKind::LookIn, due: pressed, useless_after: pressed.plus(OF_USE) }
}

/// What she is told of it. Nothing says that it was read: nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// It is on its way.
    OnItsWay,
    /// The next server has taken it.
    Sent,
    /// It may have arrived; nobody knows.
    InDoubt,
    /// It did not leave, and will not.
    NotSent,
}

impl Told {
    /// What she is told of a message that stands so, which was pressed for at one moment and is looked at from another.
    #[must_use]
    pub fn of(state: State, pressed: Timestamp, now: Timestamp) -> Self {
        match state {
            State::Queued if now > pressed.plus(OF_USE) => Self::NotSent,
            State::Queued | State::Claimed => Self::OnItsWay,
            State::Sent => Self::Sent,
            State::InDoubt => Self::InDoubt,
            State::Failed | State::Withdrawn => Self::NotSent,
        }
    }
}
