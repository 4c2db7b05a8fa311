//! When a message may leave: quiet hours, and the reminders of an appointment, in local time across the weeks in which
//! the clocks change.
//!
//! The zone is handed in; nothing here knows what time it is.

use core::str::FromStr;
use core::time::Duration;

use ids::Timestamp;
use jiff::civil::Time;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp as Instant, ToSpan as _, Zoned};

use super::{MessageKind, wait_after};

/// A reminder that would come later than this before the start helps nobody.
const REMINDER_LEAST: Duration = Duration::from_secs(15 * 60);
/// A reminder sooner than this after the news itself is noise.
const REMINDER_GAP: Duration = Duration::from_secs(30 * 60);
/// Reminders of one appointment.
const LEADS_MAX: usize = 4;

/// The part of the day in which nothing leaves by itself: from one time of day to another, perhaps over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    to: Time,
}

/// The text is not a time of day, or not a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time")]
pub struct NotATime;

impl QuietHours {
    /// From eight in the evening to eight in the morning.
    pub const DEFAULT: Self = Self { from: Time::constant(20, 0, 0, 0), to: Time::constant(8, 0, 0, 0) };

    /// From one time of day, inclusive, to another, exclusive.
    ///
    /// # Errors
    /// [`NotATime`] when both are the same: that would be all day or never.
    pub fn new(from: Time, to: Time) -> Result<Self, NotATime> {
        if from == to { Err(NotATime) } else { Ok(Self { from, to }) }
    }

    /// Whether it is quiet at this time of day.
    #[must_use]
    pub fn is_quiet(self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }

    /// The first moment from `wanted` on when it is not quiet.
    #[must_use]
    pub fn after(self, wanted: Timestamp, zone: &TimeZone) -> Timestamp {
        let mut at = local(wanted, zone);
        // Once is the rule. Where the clocks go back across the end of the quiet hours, the hour that comes twice can
        // be quiet once more.
        for _ in 0..3 {
            if !self.is_quiet(at.time()) {
                break;
            }
            let Some(next) = self.end_after(&at) else { break };
            at = next;
        }
        moment(&at).max(wanted)
    }

    /// The next end of the quiet hours after a moment inside them.
    fn end_after(self, at: &Zoned) -> Option<Zoned> {
        let tonight = self.to <= self.from && self.from <= at.time();
        let date = if tonight { at.date().tomorrow().ok()? } else { at.date() };
        let zone = at.time_zone();
        let end = zone.to_ambiguous_zoned(date.to_datetime(self.to));
        if matches!(end.offset(), AmbiguousOffset::Gap { .. }) {
            // There is no such time on that day: the clocks jump over it, and it is quiet until they do.
            let before = end.earlier().ok()?.timestamp();
            let jump = zone.following(before).next()?;
            return Some(jump.timestamp().to_zoned(zone.clone()));
        }
        let first = end.clone().compatible().ok()?;
        if first.timestamp() > at.timestamp() { Some(first) } else { end.later().ok() }
    }
}

/// How long before an appointment a reminder comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lead {
    /// So many days before, at the same time of day, whatever the clocks did in between.
    Days(u8),
    /// So many minutes before.
    Minutes(u16),
}

impl Lead {
    fn before(self, starts: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Days(days) => {
                let at = local(starts, zone).checked_sub(i32::from(days).days()).ok()?;
                Some(moment(&at))
            }
            Self::Minutes(minutes) => {
                Some(starts.minus(Duration::from_secs(60).saturating_mul(u32::from(minutes))))
            }
        }
    }
}

impl FromStr for Lead {
    type Err = NotATime;

    /// Reads `1d`, `2h` or `60m`.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let unit = text.chars().last().ok_or(NotATime)?;
        let number: u16 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or(NotATime)?;
        match (unit, number) {
            (_, 0) => Err(NotATime),
            ('d', days @ 1..=30) => u8::try_from(days).map(Self::Days).map_err(|_| NotATime),
            ('h', hours @ 1..=48) => Ok(Self::Minutes(hours.saturating_mul(60))),
            ('m', minutes @ 1..=2_880) => Ok(Self::Minutes(minutes)),
            _ => Err(NotATime),
        }
    }
}

/// When messages leave, as an installation has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// When nothing leaves by itself.
    pub quiet: Option<QuietHours>,
    leads: Vec<Lead>,
}

impl Default for Rules {
    /// Quiet from eight to eight; a reminder the day before and an hour before.
    fn default() -> Self {
        Self { quiet: Some(QuietHours::DEFAULT), leads: vec![Lead::Days(1), Lead::Minutes(60)] }
    }
}

/// When messages leave, and by whose clocks.
#[derive(Debug, Clone)]
pub struct Timetable {
    /// Quiet hours and reminders.
    pub rules: Rules,
    /// The zone of those hours.
    pub zone: TimeZone,
}

/// What happened to an appointment that people are to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// It was made, or somebody was invited to it.
    Booked,
    /// It has another time.
    Moved,
    /// It is held another way.
    Converted,
    /// Somebody else holds it.
    HandedOver,
    /// It will not be.
    Cancelled,
}

/// One message to lay into the outbox, for each recipient the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// What it says.
    pub kind: MessageKind,
    /// Not before.
    pub due: Timestamp,
    /// Not after.
    pub useless_after: Timestamp,
}

impl Occasion {
    /// What a message about it is.
    #[must_use]
    pub const fn kind(self) -> MessageKind {
        match self {
            Self::Booked => MessageKind::Invitation,
            Self::Moved => MessageKind::Moved,
            Self::Converted => MessageKind::OtherWay,
            Self::HandedOver => MessageKind::OtherHost,
            Self::Cancelled => MessageKind::Cancelled,
        }
    }
}

impl Rules {
    /// Quiet hours, if there are any, and how long before an appointment its reminders come.
    ///
    /// # Errors
    /// [`NotATime`] with more than four reminders.
    pub fn new(quiet: Option<QuietHours>, leads: Vec<Lead>) -> Result<Self, NotATime> {
        if leads.len() > LEADS_MAX { Err(NotATime) } else { Ok(Self { quiet, leads }) }
    }

    /// What is to be sent on an occasion, the news first, then the reminders by time.
    #[must_use]
    pub fn plan(
        &self,
        occasion: Occasion,
        (starts, ends): (Timestamp, Timestamp),
        now: Timestamp,
        zone: &TimeZone,
    ) -> Vec<Planned> {
        let kind = occasion.kind();
        let Some(due) = self.may_go(kind, now, starts, zone) else { return Vec::new() };
        let mut plan = vec![Planned { kind, due, useless_after: ends }];
        if occasion != Occasion::Cancelled {
            plan.extend(self.reminders(starts, due, zone));
        }
        plan
    }

    /// The reminders of an appointment that people know of since `told`, by time, each once; none that is too late or
    /// follows on the heels of the news.
    #[must_use]
    pub fn reminders(&self, starts: Timestamp, told: Timestamp, zone: &TimeZone) -> Vec<Planned> {
        let kind = MessageKind::Reminder;
        let moments = self.reminder_times(starts, told, zone).into_iter();
        moments.map(|due| Planned { kind, due, useless_after: starts }).collect()
    }

    fn reminder_times(&self, starts: Timestamp, told: Timestamp, zone: &TimeZone) -> Vec<Timestamp> {
        let wanted = self.leads.iter().filter_map(|lead| lead.before(starts, zone));
        let kind = MessageKind::Reminder;
        let mut moments: Vec<_> =
            wanted.filter_map(|wanted| self.may_go(kind, wanted, starts, zone)).collect();
        moments.retain(|moment| *moment >= told.plus(REMINDER_GAP));
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// When a message that is wanted at a moment may leave. In quiet hours it waits for their end; when that would be
    /// too late for the appointment, a reminder is left out, and what a person has asked for goes at once.
    #[must_use]
    pub fn may_go(
        &self,
        kind: MessageKind,
        wanted: Timestamp,
        starts: Timestamp,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        let allowed = self.quiet.map_or(wanted, |quiet| quiet.after(wanted, zone));
        let in_time = allowed.plus(REMINDER_LEAST) <= starts;
        match (kind.by_the_clock(), in_time) {
            (_, true) => Some(allowed),
            (true, false) => None,
            (false, false) => Some(wanted),
        }
    }

    /// When a message that was refused for now may be tried again, after so many tries.
    #[must_use]
    pub fn again(
        &self,
        kind: MessageKind,
        tries: u32,
        (now, starts): (Timestamp, Timestamp),
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        self.may_go(kind, now.plus(wait_after(tries)), starts, zone)
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> Zoned {
    Instant::from_millisecond(at.as_millis()).unwrap_or_default().to_zoned(zone.clone())
}

fn moment(at: &Zoned) -> Timestamp {
    Timestamp::from_millis(at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;

    fn oslo() -> TimeZone {
        TimeZone::get("Europe/Oslo").expect("the zone data is bundled")
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<Instant>().expect("an instant").as_millisecond())
    }

    fn shown(moment: Timestamp) -> String {
        local(moment, &oslo()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The reference: minute by minute, until it is not quiet.
    fn slowly(quiet: QuietHours, wanted: Timestamp, zone: &TimeZone) -> Timestamp {
        let mut moment = wanted;
        loop {
            let time = local(moment, zone).time();
            let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
            let (from, to, now) = (minutes(quiet.from), minutes(quiet.to), minutes(time));
            let inside = if from < to { (from..to).contains(&now) } else { now >= from || now < to };
            if !inside {
                return moment;
            }
            // On to the next full minute.
            let millis = moment.as_millis();
            moment = Timestamp::from_millis(millis - millis.rem_euclid(MINUTE) + MINUTE);
        }
    }

    fn zones() -> impl Strategy<Value = TimeZone> {
        let names = ["Europe/Oslo", "UTC", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"];
        proptest::sample::select(names.to_vec())
            .prop_map(|name| TimeZone::get(name).expect("the zone data is bundled"))
    }

    /// Around the changes of the clocks in Europe more often than not.
    fn moments() -> impl Strategy<Value = Timestamp> {
        let changes =
            ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2027-03-28T01:00:00Z", "2027-04-03T15:00:00Z"];
        let near = (proptest::sample::select(changes.to_vec()), -2_880..2_880_i64, 0..MINUTE).prop_map(
            |(change, minutes, millis)| {
                Timestamp::from_millis(at(change).as_millis() + minutes * MINUTE + millis)
            },
        );
        let any = (1_700_000_000_000..1_900_000_000_000_i64).prop_map(Timestamp::from_millis);
        prop_oneof![3 => near, 1 => any]
    }

    fn quiet_hours() -> impl Strategy<Value = QuietHours> {
        let time = || (0..24_i8, proptest::sample::select(vec![0_i8, 15, 30, 45]));
        (time(), time()).prop_filter_map("two times of day", |((h, m), (i, n))| {
            QuietHours::new(Time::constant(h, m, 0, 0), Time::constant(i, n, 0, 0)).ok()
        })
    }

    proptest! {
        #[test]
        fn the_quick_way_out_of_the_quiet_hours_is_the_slow_one(
            quiet in quiet_hours(), wanted in moments(), zone in zones(),
        ) {
            prop_assert_eq!(quiet.after(wanted, &zone), slowly(quiet, wanted, &zone));
        }

        /// The same where the night's own hours are missing or come twice, and the quiet hours end among them.
        #[test]
        fn quiet_hours_end_well_in_the_nights_of_the_clocks(
            spring: bool, minutes in -150..150_i64, from in 20..26_i8, to in (1..4_i8, 0..4_i8),
        ) {
            let change = at(if spring { "2026-03-29T01:00:00Z" } else { "2026-10-25T01:00:00Z" });
            let wanted = Timestamp::from_millis(change.as_millis() + minutes * MINUTE);
            let (from, to) = (Time::constant(from % 24, 0, 0, 0), Time::constant(to.0, to.1 * 15, 0, 0));
            if let Ok(quiet) = QuietHours::new(from, to) {
                prop_assert_eq!(quiet.after(wanted, &oslo()), slowly(quiet, wanted, &oslo()));
            }
        }

        #[test]
        fn a_plan_keeps_its_promises(starts in moments(), before in 0..20_000_i64, occasion in 0..3_u8) {
            let (zone, rules) = (oslo(), Rules::default());
            let now = Timestamp::from_millis(starts.as_millis() - before * MINUTE);
            let ends = starts.plus(Duration::from_secs(2_700));
            let occasion = [Occasion::Booked, Occasion::Moved, Occasion::Cancelled][usize::from(occasion)];
            let plan = rules.plan(occasion, (starts, ends), now, &zone);
            let (news, reminders) = plan.split_first().expect("people are always told");
            prop_assert!(news.due >= now && !news.kind.by_the_clock());
            let quiet = |moment| QuietHours::DEFAULT.is_quiet(local(moment, &zone).time());
            prop_assert!(!quiet(news.due) || news.due == now);
            let mut last = news.due;
            for reminder in reminders {
                prop_assert!(reminder.kind == MessageKind::Reminder && occasion != Occasion::Cancelled);
                prop_assert!(!quiet(reminder.due), "nothing by the clock in quiet hours");
                prop_assert!(reminder.due.plus(REMINDER_LEAST) <= starts);
                prop_assert!(reminder.due >= news.due.plus(REMINDER_GAP) && (reminder.due > last));
                last = reminder.due;
            }
        }
    }

    #[test]
    fn the_day_before_is_at_the_same_time_of_day_in_the_weeks_of_the_clocks() {
        let zone = oslo();
        let rules = Rules::default();
        // The clocks go forward in the night to Sunday 29 March 2026, and back in the night to 25 October.
        for (starts, wanted) in [
            ("2026-03-29T12:30:00Z", ["2026-03-28 14:30", "2026-03-29 13:30"]),
            ("2026-10-25T13:30:00Z", ["2026-10-24 14:30", "2026-10-25 13:30"]),
            ("2026-11-24T13:30:00Z", ["2026-11-23 14:30", "2026-11-24 13:30"]),
        ] {
            let starts = at(starts);
            let told = starts.minus(Duration::from_secs(14 * 24 * 3_600));
            let moments: Vec<_> = rules.reminder_times(starts, told, &zone).into_iter().map(shown).collect();
            assert_eq!(moments, wanted);
        }
    }

    #[test]
    fn an_early_hour_is_reminded_of_when_the_day_begins_or_not_at_all() {
        let (zone, rules) = (oslo(), Rules::default());
        let reminders = |starts: &str| -> Vec<String> {
            let starts = at(starts);
            let told = starts.minus(Duration::from_secs(7 * 24 * 3_600));
            rules.reminder_times(starts, told, &zone).into_iter().map(shown).collect()
        };
        assert_eq!(reminders("2026-11-24T07:30:00Z"), ["2026-11-23 08:30", "2026-11-24 08:00"]);
        assert_eq!(reminders("2026-11-24T07:00:00Z"), ["2026-11-23 08:00"], "08.00 is its start");
        assert_eq!(
            reminders("2026-11-24T20:30:00Z"),
            ["2026-11-24 08:00"],
            "the evening before is quiet; 20.30 too"
        );
    }

    #[test]
    fn what_a_person_asked_for_waits_for_the_morning_unless_that_is_too_late() {
        let (zone, rules) = (oslo(), Rules::default());
        let evening = at("2026-11-23T21:00:00Z");
        let go = |kind, starts: &str| rules.may_go(kind, evening, at(starts), &zone).map(shown);
        assert_eq!(go(MessageKind::Moved, "2026-11-24T12:00:00Z").as_deref(), Some("2026-11-24 08:00"));
        assert_eq!(go(MessageKind::Cancelled, "2026-11-24T07:10:00Z").as_deref(), Some("2026-11-23 22:00"));
        assert_eq!(go(MessageKind::Reminder, "2026-11-24T07:10:00Z"), None);
        let none = Rules::new(None, vec![]).expect("few enough");
        assert_eq!(
            none.may_go(MessageKind::Moved, evening, at("2026-11-24T12:00:00Z"), &zone),
            Some(evening)
        );
    }

    #[test]
    fn leads_are_read_and_rubbish_is_refused() {
        assert_eq!("1d".parse(), Ok(Lead::Days(1)));
        assert_eq!("2h".parse(), Ok(Lead::Minutes(120)));
        assert_eq!("60m".parse(), Ok(Lead::Minutes(60)));
        for bad in ["", "d", "0d", "31d", "49h", "1w", "-1d", "1ø", "99999m"] {
            assert_eq!(bad.parse::<Lead>(), Err(NotATime), "{bad}");
        }
        assert_eq!(Rules::new(None, vec![Lead::Days(1); 5]), Err(NotATime));
        assert!(QuietHours::new(Time::midnight(), Time::midnight()).is_err());
    }
}
