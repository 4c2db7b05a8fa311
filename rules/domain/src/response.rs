//! An invited care worker's *not today* to a young person's hour, and what her clinician makes of it (CARE-01, CARE-04).
//!
//! Pure. The answer changes nothing by itself: her link works and the room opens as before, so nobody shuts her out. It
//! can be given with her knowledge only. An hour becomes a talk with the staff only when they offered that, on a ground
//! that is written down when the talk is about her; she is told, unless a reason that is written down as well forbids.
//! FHIR calls the answer an AppointmentResponse.

use ids::Timestamp;
use serde::{Deserialize, Serialize};

use crate::meeting::Cause;

/// What can be told beforehand; that somebody did not come is not known yet.
pub const CAUSES: [Cause; 5] =
    [Cause::NotToday, Cause::Ill, Cause::Travel, Cause::SomethingElse, Cause::Technology];

/// How an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// It was given; her clinician has not decided.
    Given,
    /// The care worker took it back.
    TakenBack,
    /// The hour stays as it is.
    Kept,
    /// The hour was called off.
    CalledOff,
    /// The hour was called off, and the staff talk with the clinician instead.
    Turned,
}

/// The hour that is answered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Whether a young person is invited to it.
    pub is_hers: bool,
    /// When it is over.
    pub ends: Timestamp,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// Whether it was ended in its room or written down.
    pub is_done: bool,
}

/// Why an answer cannot be given; each has words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotAnswered {
    /// Nobody said that she knows.
    #[error("she does not know")]
    SheDoesNotKnow,
    /// It is no cause that can be told beforehand.
    #[error("no such cause")]
    Cause,
    /// No young person is invited: there is nobody to answer for.
    #[error("not a young person's hour")]
    NotHers,
    /// It was called off already.
    #[error("called off")]
    CalledOff,
    /// It is over.
    #[error("over")]
    Over,
}

/// Whether *not today* can be answered to an hour.
///
/// # Errors
/// The first reason why not.
pub fn answer(hour: &Hour, she_knows: bool, cause: Cause, now: Timestamp) -> Result<(), NotAnswered> {
    if !hour.is_hers {
        return Err(NotAnswered::NotHers);
    }
    if hour.is_cancelled {
        return Err(NotAnswered::CalledOff);
    }
    if hour.is_done || hour.ends <= now {
        return Err(NotAnswered::Over);
    }
    if !CAUSES.contains(&cause) {
        return Err(NotAnswered::Cause);
    }
    if she_knows { Ok(()) } else { Err(NotAnswered::SheDoesNotKnow) }
}

/// On which ground staff may talk in her hour. The interface names them in words and gives no advice on the law; a
/// lawyer confirms the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ground {
    /// She agreed, or whoever decides for her did.
    Consent,
    /// They work together on the help that she gets, and it is needed for that.
    Cooperation,
    /// A duty to tell goes before secrecy.
    Duty,
    /// Nothing is said from which she could be known.
    NotAboutHer,
}

impl Ground {
    /// Every ground, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Consent, Self::Cooperation, Self::Duty, Self::NotAboutHer];

    /// Whether she is what is talked about.
    #[must_use]
    pub const fn is_about_her(self) -> bool {
        !matches!(self, Self::NotAboutHer)
    }
}

/// Why she is not told that the staff talk in her hour; written down with who decided so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Withheld {
    /// It would harm her.
    HarmsHer,
    /// It would put somebody in danger.
    EndangersSomebody,
}

impl Withheld {
    /// Every reason, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::HarmsHer, Self::EndangersSomebody];
}

/// What her clinician decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The hour stays as it is.
    Keep,
    /// It is called off.
    CallOff,
    /// It is called off, and the clinician talks with the staff at the same time.
    StaffTalk {
        /// On which ground.
        ground: Ground,
        /// Why she is not told; `None`: she is.
        withheld: Option<Withheld>,
    },
}

/// Why an answer cannot be decided so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotDecided {
    /// It was taken back or decided otherwise meanwhile.
    #[error("decided meanwhile")]
    Meanwhile,
    /// The staff did not offer to use the hour.
    #[error("not offered")]
    NotOffered,
    /// A talk that is not about her cannot harm her by being known.
    #[error("nothing to withhold")]
    NothingToWithhold,
}

/// How an answer stands after a decision; the same when it was decided so before.
///
/// # Errors
/// The first reason why it cannot be.
pub const fn decide(
    standing: Standing,
    offers_hour: bool,
    decision: Decision,
) -> Result<Standing, NotDecided> {
    let after = match decision {
        Decision::Keep => Standing::Kept,
        Decision::CallOff => Standing::CalledOff,
        Decision::StaffTalk { ground, withheld } => {
            if withheld.is_some() && !ground.is_about_her() {
                return Err(NotDecided::NothingToWithhold);
            }
            if !offers_hour {
                return Err(NotDecided::NotOffered);
            }
            Standing::Turned
        }
    };
    match (standing, after) {
        (Standing::Given, _)
        | (Standing::Kept, Standing::Kept)
        | (Standing::CalledOff, Standing::CalledOff)
        | (Standing::Turned, Standing::Turned) => Ok(after),
        _ => Err(NotDecided::Meanwhile),
    }
}
