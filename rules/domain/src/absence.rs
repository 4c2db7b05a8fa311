//! When a clinician is away, and who reads what her young people ask for meanwhile (CARE-07).

use core::time::Duration;

use ids::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest absence that can be entered at once.
pub const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Absences of one clinician that may stand at a time.
pub const STANDING_MAX: usize = 20;

/// From when to when somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Absence {
    /// The first moment.
    pub starts: Timestamp,
    /// The first moment after it.
    pub ends: Timestamp,
}

/// Why an absence cannot be entered; each has words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotAway {
    /// It ends before it begins.
    #[error("ends before it begins")]
    Backwards,
    /// It is over already.
    #[error("in the past")]
    Past,
    /// It lasts longer than [`LONGEST`].
    #[error("too long")]
    TooLong,
    /// More than [`STANDING_MAX`] would stand.
    #[error("too many")]
    TooMany,
}

impl Absence {
    /// An absence that can be entered now, beside so many that stand.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn new(
        (starts, ends): (Timestamp, Timestamp),
        standing: usize,
        now: Timestamp,
    ) -> Result<Self, NotAway> {
        if ends <= starts {
            return Err(NotAway::Backwards);
        }
        if ends <= now {
            return Err(NotAway::Past);
        }
        if ends.since(starts) > LONGEST {
            return Err(NotAway::TooLong);
        }
        if standing >= STANDING_MAX { Err(NotAway::TooMany) } else { Ok(Self { starts, ends }) }
    }

    /// Whether somebody is away at this moment.
    #[must_use]
    pub fn covers(&self, now: Timestamp) -> bool {
        self.starts <= now && now < self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * 3_600_000)
    }

    #[test]
    fn an_absence_covers_its_first_moment_and_not_its_last() {
        let absence = Absence::new((at(10), at(20)), 0, at(9)).expect("it can be entered");
        assert!(!absence.covers(at(9)) && absence.covers(at(10)) && absence.covers(at(19)));
        assert!(!absence.covers(at(20)));
    }

    #[test]
    fn what_is_no_absence_is_refused() {
        assert_eq!(Absence::new((at(10), at(10)), 0, at(9)), Err(NotAway::Backwards));
        assert_eq!(Absence::new((at(10), at(20)), 0, at(20)), Err(NotAway::Past));
        assert_eq!(Absence::new((at(0), at(401 * 24)), 0, at(9)), Err(NotAway::TooLong));
        assert_eq!(Absence::new((at(10), at(20)), STANDING_MAX, at(9)), Err(NotAway::TooMany));
        assert!(Absence::new((at(10), at(20)), 0, at(15)).is_ok(), "whoever fell ill this morning is away");
    }
}
