//! What a clinician did when it was urgent, and when: the steps of the crisis panel (CARE-14).
//!
//! A page notes a step at once, by a clock of its own and perhaps without a line, and tells it later, perhaps twice. So it
//! says two moments of the same clock: when the step was done, and when it speaks. What counts is the time between them; a
//! clock that is wrong is wrong in both.

use core::time::Duration;

use ids::Timestamp;

use crate::meeting::Window;

/// Steps that one person may note in one hour.
pub const STEPS_MAX: u32 = 200;
/// How long before an hour's door opens something can be noted about it.
pub const EARLY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long after an hour's door closes what was noted may still arrive: over a weekend.
pub const LATE: Duration = Duration::from_secs(72 * 60 * 60);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CrisisStep {
    /// The panel was opened.
    Opened,
    /// The young person was told first.
    ToldHer,
    /// The adult nearby was rung.
    RangAdult,
    /// The emergency services were rung: danger to life.
    RangEmergency,
    /// The police were rung.
    RangPolice,
    /// The out-of-hours doctor was rung.
    RangDoctor,
    /// The child-welfare emergency service was rung.
    RangChildWelfare,
    /// Child welfare was told.
    ToldChildWelfare,
    /// Somebody in the own clinic was told.
    ToldClinic,
    /// The clinician stayed in the talk.
    Stayed,
}

impl CrisisStep {
    /// Every step, in the order of the panel.
    pub const ALL: [Self; 10] = [
        Self::Opened,
        Self::ToldHer,
        Self::RangAdult,
        Self::RangEmergency,
        Self::RangPolice,
        Self::RangDoctor,
        Self::RangChildWelfare,
        Self::ToldChildWelfare,
        Self::ToldClinic,
        Self::Stayed,
    ];

    /// Whether it is something that somebody did, to be pressed, taken back and written into the record. That the panel was
    /// opened notes itself and stays.
    #[must_use]
    pub const fn is_deed(self) -> bool {
        !matches!(self, Self::Opened)
    }
}

/// When something was done, as a page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When it was done, by the page's clock.
    pub done: Timestamp,
    /// When the page says so, by the same clock.
    pub said: Timestamp,
}

impl Told {
    /// When it was done, by our clock, when it is heard at `now`.
    ///
    /// Never after `now`, and never before anything could be noted about this hour: what cannot be believed counts as done
    /// when it was heard.
    #[must_use]
    pub fn moment(self, hour: &Window, now: Timestamp) -> Timestamp {
        let done = now.minus(self.said.since(self.done));
        if done < earliest(hour) { now } else { done }
    }
}

/// Whether something can be noted about an hour at this moment.
#[must_use]
pub fn takes(hour: &Window, now: Timestamp) -> bool {
    earliest(hour) <= now && now < hour.closes().plus(LATE)
}

fn earliest(hour: &Window) -> Timestamp {
    hour.opens().minus(EARLY)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STARTS: i64 = 1_795_262_400_000;
    const MINUTE: i64 = 60_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(STARTS + minutes * MINUTE)
    }

    fn hour() -> Window {
        Window::new(at(0), at(45))
    }

    #[test]
    fn what_is_told_late_was_done_when_it_was_done() {
        let told = Told { done: at(20), said: at(50) };
        assert_eq!(told.moment(&hour(), at(50)), at(20), "half an hour without a line");
        let slow = Told { done: at(20 - 600), said: at(50 - 600) };
        assert_eq!(slow.moment(&hour(), at(50)), at(20), "the page's clock is ten hours slow");
        let ahead = Told { done: at(60), said: at(50) };
        assert_eq!(ahead.moment(&hour(), at(50)), at(50), "nothing is done after it is told");
        let broken = Told { done: at(20 - 60 * 24 * 365), said: at(50) };
        assert_eq!(broken.moment(&hour(), at(50)), at(50), "nothing was done a year before the hour");
    }

    #[test]
    fn an_hour_takes_steps_from_a_day_before_to_three_days_after() {
        let day = 24 * 60;
        for (minutes, takes_it) in
            [(-30 - day, true), (-31 - day, false), (0, true), (44 + 60 + 3 * day, true)]
        {
            assert_eq!(takes(&hour(), at(minutes)), takes_it, "{minutes} minutes");
        }
        assert!(!takes(&hour(), at(45 + 60 + 3 * day)));
    }

    #[test]
    fn only_that_the_panel_was_opened_is_no_deed() {
        let deeds = CrisisStep::ALL.into_iter().filter(|step| step.is_deed());
        assert_eq!(deeds.count(), CrisisStep::ALL.len() - 1);
    }

    proptest! {
        /// CARE-14: whatever a page says, what is kept lies between the first moment at which it can have been and now; what
        /// can be believed is kept to the millisecond; a page's clock may be wrong by any time.
        #[test]
        fn care_14_times_are_noted_as_they_were(
            done in any::<i64>(), said in any::<i64>(), now in -2_000_i64..6_000, ago in 0_i64..3_000, wrong in -1_000_000_000_000_i64..1_000_000_000_000,
        ) {
            let (hour, now) = (hour(), at(now));
            let told = Told { done: Timestamp::from_millis(done), said: Timestamp::from_millis(said) };
            let kept = told.moment(&hour, now);
            prop_assert!(kept <= now && (kept == now || kept >= earliest(&hour)));

            let done = Timestamp::from_millis(now.as_millis() - ago * MINUTE);
            let by_its_clock = |moment: Timestamp| Timestamp::from_millis(moment.as_millis() + wrong);
            let told = Told { done: by_its_clock(done), said: by_its_clock(now) };
            let kept = told.moment(&hour, now);
            prop_assert_eq!(kept, if done < earliest(&hour) { now } else { done });
        }
    }
}
