//! Booking: how an hour comes into the calendar, moves, is held another way, and is called off.
//!
//! Pure. `store` brings what stands in the calendars, inside the transaction that will write; [`book`] and [`change`]
//! say what the hour becomes or why it cannot. Two presses of one button, two tabs and a late click are the same
//! question: a change names the [`Hour::sequence`] it was made from, and a change that would change nothing is done.

use core::time::Duration;

use ids::Timestamp;
use serde::{Deserialize, Serialize};

use crate::meeting::{Cancelled, Cause, Day, Mode, Party, Window};

/// Time kept free between two hours on the screen unless the clinic says otherwise.
pub const PAUSE_DEFAULT: Duration = Duration::from_secs(5 * 60);
/// The longest hour.
pub const LONGEST: Duration = Duration::from_secs(4 * 60 * 60);
// Whoever looks for hours around a day finds each whose door is open.
const _: () = assert!(
    Window::EARLY_DEFAULT.as_secs() + LONGEST.as_secs() + Window::LATE_DEFAULT.as_secs()
        < Day::AROUND.as_secs()
);
/// How far ahead an hour may lie.
pub const AHEAD_MAX: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// How far back an hour may still be entered: what was held by telephone an hour ago belongs in the calendar too.
pub const BACK_MAX: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub starts: Timestamp,
    /// The first moment after it.
    pub ends: Timestamp,
}

impl Span {
    /// A span of this length.
    #[must_use]
    pub fn new(starts: Timestamp, length: Duration) -> Self {
        Self { starts, ends: starts.plus(length) }
    }

    /// Whether the two have a moment in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }

    /// The time between two that do not overlap; zero when they do.
    #[must_use]
    pub fn gap(self, other: Self) -> Duration {
        self.starts.since(other.ends).max(other.starts.since(self.ends))
    }
}

/// An hour as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hour {
    /// When.
    pub span: Span,
    /// How people meet.
    pub mode: Mode,
    /// Counts the changes; see [`crate::meeting::Appointment::sequence`].
    pub sequence: u32,
    /// How it stands.
    pub standing: Standing,
}

/// How an hour stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It is to be.
    Booked,
    /// Somebody is or was in its room; its time can no longer change.
    Begun,
    /// It was called off.
    Cancelled(Cancelled),
    /// What became of it is written down.
    Closed,
}

/// Another hour of somebody who is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// When.
    pub span: Span,
    /// How it is held.
    pub mode: Mode,
    /// Whether it is the booking clinician's own; of others one learns no more than that they are taken.
    pub yours: bool,
}

/// What somebody wants to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another time.
    Move(Span),
    /// Another way.
    Convert(Mode),
    /// Not at all.
    Cancel {
        /// On whose side the cause was.
        by: Party,
        /// Why, as told.
        cause: Cause,
    },
}

/// What a booking is held against.
#[derive(Debug, Clone, Copy)]
pub struct Calendar<'a> {
    /// All other standing hours near it, of everybody who is to come.
    pub busy: &'a [Busy],
    /// Time between two hours on the screen of the same clinician; zero when she says that it may be without.
    pub pause: Duration,
    /// The present moment.
    pub now: Timestamp,
}

/// Why an hour cannot be booked or changed; each has words and a way on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotBookable {
    /// It lies too far back.
    #[error("in the past")]
    Past,
    /// It lies too far ahead.
    #[error("too far ahead")]
    TooFarAhead,
    /// It has no length, or too much.
    #[error("no such length")]
    Length,
    /// The clinician has another hour then.
    #[error("the clinician is taken")]
    YouAreTaken,
    /// Somebody else who is to come has another hour then.
    #[error("somebody is taken")]
    SomebodyIsTaken,
    /// Too little time to the clinician's hour on the screen before or after; she may say that it is all right.
    #[error("no pause")]
    NoPause,
    /// Somebody else changed it meanwhile; look at it first.
    #[error("changed meanwhile")]
    ChangedMeanwhile,
    /// It is going on or is over; it is ended in its room and closed, not moved.
    #[error("begun")]
    Begun,
    /// It was called off.
    #[error("cancelled")]
    Cancelled,
    /// What became of it is already written down.
    #[error("closed")]
    Closed,
    /// Nobody is led to where she lives: her address is strictly confidential (SEC-073).
    #[error("the address is protected")]
    Protected,
}

/// Whether an hour may be booked.
///
/// # Errors
/// The first reason why not.
pub fn book(span: Span, mode: Mode, calendar: &Calendar<'_>) -> Result<Hour, NotBookable> {
    fits(span, mode, calendar)?;
    Ok(Hour { span, mode, sequence: 0, standing: Standing::Booked })
}

/// What an hour becomes; the same hour when nothing would change.
///
/// `seen` is the sequence that whoever asks had before their eyes.
///
/// # Errors
/// The first reason why not.
pub fn change(hour: Hour, change: Change, seen: u32, calendar: &Calendar<'_>) -> Result<Hour, NotBookable> {
    if is_done(&hour, change) {
        return Ok(hour);
    }
    may_change(&hour, seen)?;
    let sequence = hour.sequence.saturating_add(1);
    match change {
        Change::Move(span) => {
            fits(span, hour.mode, calendar)?;
            Ok(Hour { span, sequence, ..hour })
        }
        Change::Convert(mode) => {
            fits(hour.span, mode, calendar)?;
            Ok(Hour { mode, sequence, ..hour })
        }
        Change::Cancel { by, cause } => {
            let cancelled = Cancelled { at: calendar.now, by, cause };
            Ok(Hour { standing: Standing::Cancelled(cancelled), sequence, ..hour })
        }
    }
}

/// Whether an hour can still change, by somebody who saw it with this sequence.
///
/// # Errors
/// [`NotBookable::Cancelled`], [`NotBookable::Closed`], [`NotBookable::Begun`] or [`NotBookable::ChangedMeanwhile`].
pub const fn may_change(hour: &Hour, seen: u32) -> Result<(), NotBookable> {
    match hour.standing {
        Standing::Cancelled(_) => Err(NotBookable::Cancelled),
        Standing::Closed => Err(NotBookable::Closed),
        Standing::Begun => Err(NotBookable::Begun),
        Standing::Booked if seen != hour.sequence => Err(NotBookable::ChangedMeanwhile),
        Standing::Booked => Ok(()),
    }
}

/// A second press of the same button asks for what is so already.
fn is_done(hour: &Hour, change: Change) -> bool {
    match (change, hour.standing) {
        (Change::Cancel { .. }, Standing::Cancelled(_)) => true,
        (_, Standing::Cancelled(_)) => false,
        (Change::Move(span), _) => span == hour.span,
        (Change::Convert(mode), _) => mode == hour.mode,
        (Change::Cancel { .. }, _) => false,
    }
}

fn fits(span: Span, mode: Mode, calendar: &Calendar<'_>) -> Result<(), NotBookable> {
    let length = span.ends.since(span.starts);
    if length.is_zero() || length > LONGEST {
        return Err(NotBookable::Length);
    }
    if span.starts < calendar.now.minus(BACK_MAX) {
        return Err(NotBookable::Past);
    }
    if span.starts > calendar.now.plus(AHEAD_MAX) {
        return Err(NotBookable::TooFarAhead);
    }
    let meets = |busy: &&Busy| busy.span.overlaps(span);
    if calendar.busy.iter().filter(meets).any(|busy| busy.yours) {
        return Err(NotBookable::YouAreTaken);
    }
    if calendar.busy.iter().any(|busy| meets(&busy)) {
        return Err(NotBookable::SomebodyIsTaken);
    }
    let presses = |busy: &Busy| {
        busy.yours && busy.mode == Mode::Video && mode == Mode::Video && busy.span.gap(span) < calendar.pause
    };
    if calendar.busy.iter().any(presses) {
        return Err(NotBookable::NoPause);
    }
    Ok(())
}
