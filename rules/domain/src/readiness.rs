//! What stands before a first hour on the screen: five points, each ticked or opened with a reason by the clinician who
//! answers for her (CARE-01, CARE-08).
//!
//! A missing point keeps nobody from her own clinician: the clinician opens with a reason, which is logged and followed
//! up. A point once settled stays settled; *our agreement* is settled when nothing of it is open.

use ids::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters in the reason for which somebody opens all the same.
pub const REASON_CHARS_MAX: usize = 300;

/// What is to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Point {
    /// The first consultation was in the same room.
    MetInPerson,
    /// She, or who consents for her, said yes to hours on the screen; a dated line by the clinician suffices.
    Consent,
    /// She was shown how it works.
    Shown,
    /// She knows what the product cannot protect her from: who is near, a second phone.
    Safety,
    /// Their agreement is made.
    Agreement,
}

impl Point {
    /// Every point, in the order in which they come up.
    pub const ALL: [Self; 5] = [Self::MetInPerson, Self::Consent, Self::Shown, Self::Safety, Self::Agreement];

    /// Whether somebody ticks it; their agreement ticks itself.
    #[must_use]
    pub const fn is_ticked_by_hand(self) -> bool {
        !matches!(self, Self::Agreement)
    }
}

/// How one point stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing is settled.
    #[default]
    Open,
    /// It is settled since this moment.
    Settled(Timestamp),
    /// It is not, and somebody who answers for her opened with a reason at this moment.
    Opened(Timestamp),
}

impl Standing {
    /// Whether nothing is asked any more.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        !matches!(self, Self::Open)
    }
}

/// How all points stand for one young person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness([Standing; Point::ALL.len()]);

impl Readiness {
    /// With one point as it stands.
    #[must_use]
    pub fn with(mut self, point: Point, standing: Standing) -> Self {
        if let Some(place) = self.0.get_mut(point as usize) {
            *place = standing;
        }
        self
    }

    /// How a point stands.
    #[must_use]
    pub fn of(&self, point: Point) -> Standing {
        self.0.get(point as usize).copied().unwrap_or_default()
    }

    /// The first point that is neither settled nor opened: the one thing missing.
    #[must_use]
    pub fn missing(&self) -> Option<Point> {
        Point::ALL.into_iter().find(|point| !self.of(*point).is_answered())
    }

    /// The points that were opened with a reason and are still to be followed up.
    pub fn to_follow_up(&self) -> impl Iterator<Item = Point> {
        Point::ALL.into_iter().filter(|point| matches!(self.of(*point), Standing::Opened(_)))
    }
}
