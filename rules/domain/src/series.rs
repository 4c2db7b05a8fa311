//! Series: the same hour again and again, by the clock on the wall, also across daylight saving.
//!
//! The reports ask for a flexible pattern: a weekly hour as well as short talks morning and afternoon. A pattern is
//! days of the week and times of day; what a time of day is on a day when the clocks change is answered as RFC 5545
//! §3.3.5 does: a time that happens twice is its first, one that does not happen is counted from the offset before.

use ids::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};

/// Hours that one series may have.
pub const HOURS_MAX: usize = 60;
/// Times in one day of a series.
pub const TIMES_MAX: usize = 4;
/// Weeks between two weeks of a series, at most.
pub const EVERY_WEEKS_MAX: u8 = 8;

/// A pattern of hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    first: Date,
    last: Date,
    days: Vec<Weekday>,
    times: Vec<Time>,
    every_weeks: u8,
}

/// Why a pattern is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPattern {
    /// No day of the week or no time of day was chosen, or too many times.
    #[error("no days or no times")]
    Empty,
    /// The last day lies before the first.
    #[error("ends before it begins")]
    Backwards,
    /// Not every first to eighth week.
    #[error("no such rhythm")]
    Rhythm,
    /// It would be more than [`HOURS_MAX`] hours, or none.
    #[error("too many hours, or none")]
    Count,
}

impl Pattern {
    /// A pattern from its first day to its last, both included; weeks are counted from the one of the first day.
    ///
    /// # Errors
    /// [`NoPattern`] when it gives no hours, or too many.
    pub fn new(
        (first, last): (Date, Date),
        mut days: Vec<Weekday>,
        mut times: Vec<Time>,
        every_weeks: u8,
    ) -> Result<Self, NoPattern> {
        days.sort_by_key(|day| day.to_monday_zero_offset());
        days.dedup();
        times.sort_unstable();
        times.dedup();
        if days.is_empty() || times.is_empty() || times.len() > TIMES_MAX {
            return Err(NoPattern::Empty);
        }
        if last < first {
            return Err(NoPattern::Backwards);
        }
        if !(1..=EVERY_WEEKS_MAX).contains(&every_weeks) {
            return Err(NoPattern::Rhythm);
        }
        let pattern = Self { first, last, days, times, every_weeks };
        // One more than may be, so that too many are seen without counting them all.
        let hours = pattern.wall_clock().take(HOURS_MAX.saturating_add(1)).count();
        if hours == 0 || hours > HOURS_MAX {
            return Err(NoPattern::Count);
        }
        Ok(pattern)
    }

    /// Day and time of each hour, in order.
    fn wall_clock(&self) -> impl Iterator<Item = (Date, Time)> {
        let monday = self.first.checked_sub(Span::new().days(self.first.weekday().to_monday_zero_offset()));
        let monday = monday.unwrap_or(self.first);
        self.first
            .series(Span::new().days(1))
            .take_while(|day| *day <= self.last)
            .filter(move |day| {
                let weeks = day.since(monday).map_or(0, |since| since.get_days().unsigned_abs() / 7);
                weeks.checked_rem(u32::from(self.every_weeks)) == Some(0)
                    && self.days.contains(&day.weekday())
            })
            .flat_map(|day| self.times.iter().map(move |time| (day, *time)))
    }

    /// The start of each hour in this zone, in order.
    #[must_use]
    pub fn starts(&self, zone: &TimeZone) -> Vec<Timestamp> {
        let starts = self.wall_clock().filter_map(|(day, time)| at(day, time, zone));
        starts.collect()
    }
}

/// The moment at which it is this time on this day in this zone; `None` at the ends of time.
#[must_use]
pub fn at(day: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let instant: Instant = zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// This day and those after it on which people work, Monday to Friday; public holidays are not known here.
pub fn working_days(from: Date) -> impl Iterator<Item = Date> {
    from.series(Span::new().days(1)).filter(|day| day.weekday().to_monday_zero_offset() < 5)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn oslo() -> TimeZone {
        TimeZone::get("Europe/Oslo").expect("the zone data is bundled")
    }

    fn wall(at: Timestamp) -> (Date, Time) {
        let local = Instant::from_millisecond(at.as_millis()).expect("near today").to_zoned(oslo());
        (local.date(), local.time())
    }

    #[test]
    fn a_week_has_five_working_days() {
        let days: Vec<Date> = working_days(date(2026, 11, 21)).take(6).collect();
        assert_eq!(days.first(), Some(&date(2026, 11, 23)), "a Saturday is none");
        assert_eq!(days.get(4..), Some(&[date(2026, 11, 27), date(2026, 11, 30)][..]));
    }

    #[test]
    fn a_weekly_hour_stays_at_its_time_when_the_clocks_change() {
        let days = vec![Weekday::Thursday];
        let pattern =
            Pattern::new((date(2026, 10, 15), date(2026, 11, 5)), days, vec![time(14, 30, 0, 0)], 1);
        let starts = pattern.expect("four Thursdays").starts(&oslo());
        assert_eq!(starts.iter().map(|at| wall(*at).1).collect::<Vec<_>>(), [time(14, 30, 0, 0); 4]);
        let gaps: Vec<u64> = starts.windows(2).map(|two| two[1].since(two[0]).as_secs() / 3600).collect();
        assert_eq!(gaps, [168, 169, 168], "the week of 25 October has an hour more");
    }

    #[test]
    fn short_talks_morning_and_afternoon_every_weekday() {
        let days = vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday];
        let times = vec![time(15, 0, 0, 0), time(9, 0, 0, 0)];
        let pattern = Pattern::new((date(2026, 11, 24), date(2026, 11, 30)), days, times, 1);
        let starts = pattern.expect("three days").starts(&oslo());
        let days: Vec<i8> = starts.iter().map(|at| wall(*at).0.day()).collect();
        assert_eq!(days, [24, 24, 25, 25, 30, 30], "from a Tuesday to a Monday, in order");
    }

    #[test]
    fn every_other_week_counts_from_the_week_it_began_in() {
        let days = vec![Weekday::Monday, Weekday::Friday];
        let pattern =
            Pattern::new((date(2026, 11, 27), date(2026, 12, 25)), days, vec![time(10, 0, 0, 0)], 2);
        let days: Vec<i8> =
            pattern.expect("some").starts(&oslo()).iter().map(|at| wall(*at).0.day()).collect();
        assert_eq!(days, [27, 7, 11, 21, 25]);
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        let days = || vec![Weekday::Monday];
        let ten = || vec![time(10, 0, 0, 0)];
        let of = |span, days, times, weeks| Pattern::new(span, days, times, weeks).expect_err("none");
        let year = (date(2026, 1, 1), date(2027, 12, 31));
        assert_eq!(of(year, vec![], ten(), 1), NoPattern::Empty);
        assert_eq!(of(year, days(), vec![], 1), NoPattern::Empty);
        assert_eq!(of((year.1, year.0), days(), ten(), 1), NoPattern::Backwards);
        assert_eq!(of(year, days(), ten(), 0), NoPattern::Rhythm);
        assert_eq!(of(year, days(), ten(), 1), NoPattern::Count);
        let tuesday = (date(2026, 11, 24), date(2026, 11, 24));
        assert_eq!(of(tuesday, days(), ten(), 1), NoPattern::Count);
    }

    proptest! {
        /// Whatever the zone does, an hour is at its time of day unless that time does not exist on that day.
        #[test]
        fn hours_keep_their_time_of_day(offset in 0_i64..1_200, length in 0_i64..200, hour in 0_i8..24, minute in 0_i8..60) {
            let first = date(2025, 1, 1).checked_add(Span::new().days(offset)).expect("near today");
            let last = first.checked_add(Span::new().days(length)).expect("near today");
            let wanted = time(hour, minute, 0, 0);
            let days = vec![first.weekday()];
            let Ok(pattern) = Pattern::new((first, last), days, vec![wanted], 1) else { return Ok(()) };
            let starts = pattern.starts(&oslo());
            prop_assert_eq!(starts.len() as i64, length / 7 + 1);
            for (week, start) in starts.iter().enumerate() {
                let (day, time) = wall(*start);
                let due = first.checked_add(Span::new().weeks(i64::try_from(week).expect("small"))).expect("near");
                prop_assert_eq!(day, due);
                let gone = time == wanted.checked_add(Span::new().hours(1)).unwrap_or(wanted) && hour == 2;
                prop_assert!(time == wanted || gone, "{time} instead of {wanted}");
            }
        }
    }
}
