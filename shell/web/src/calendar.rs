//! Calendar files: one appointment for one recipient (RFC 5545, RFC 5546), the same bytes for the same input.
//!
//! Written here and not by a crate: what is at hand reads the clock, draws identifiers, keeps parameters in an order
//! that differs from run to run, and knows no time zones, which are the larger part of this file. Its reader in the
//! tests is another program's.

use domain::message::MailAddress;
use ids::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp as Instant, ToSpan as _};

/// Octets of a line before it is folded (RFC 5545 §3.1).
const LINE_OCTETS_MAX: usize = 75;
/// Changes of the clocks that are looked at around an appointment; two a year are usual.
const CHANGES_MAX: usize = 64;

/// What the file asks of the calendar that reads it (RFC 5546 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Put it in, or change it.
    Request,
    /// Take it out.
    Cancel,
}

impl Method {
    /// The word in the file and in the type of the mail's part.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// One appointment for one recipient. There is no place for others who take part, nor for where it is.
pub(crate) struct Entry<'a> {
    pub(crate) method: Method,
    /// Constant per appointment and recipient, and different for every recipient.
    pub(crate) uid: String,
    pub(crate) sequence: u32,
    /// When this file was made.
    pub(crate) stamp: Timestamp,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) zone: &'a TimeZone,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) link: Option<String>,
    pub(crate) organizer: &'a MailAddress,
    pub(crate) attendee: &'a MailAddress,
}

impl Entry<'_> {
    /// The file.
    pub(crate) fn write(&self) -> String {
        let mut lines = Lines::default();
        for line in ["BEGIN:VCALENDAR", "PRODID:-//calendar//1//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"] {
            lines.push(line);
        }
        lines.push(&format!("METHOD:{}", self.method.word()));
        let local = self.local();
        if let Some((name, ..)) = local {
            time_zone(&mut lines, name, self.zone, self.starts);
        }
        lines.push("BEGIN:VEVENT");
        lines.push(&format!("UID:{}", self.uid));
        lines.push(&format!("SEQUENCE:{}", self.sequence));
        lines.push(&format!("DTSTAMP:{}", utc(self.stamp)));
        match local {
            Some((name, starts, ends)) => {
                lines.push(&format!("DTSTART;TZID={name}:{}", civil(starts)));
                lines.push(&format!("DTEND;TZID={name}:{}", civil(ends)));
            }
            None => {
                lines.push(&format!("DTSTART:{}", utc(self.starts)));
                lines.push(&format!("DTEND:{}", utc(self.ends)));
            }
        }
        lines.push(&format!("SUMMARY:{}", escaped(&self.summary)));
        lines.push(&format!("DESCRIPTION:{}", escaped(&self.description)));
        if let Some(link) = &self.link {
            lines.push(&format!("URL:{link}"));
        }
        let status = if self.method == Method::Cancel { "CANCELLED" } else { "CONFIRMED" };
        lines.push(&format!("STATUS:{status}"));
        lines.push("CLASS:PRIVATE");
        lines.push("TRANSP:OPAQUE");
        lines.push(&format!("ORGANIZER:mailto:{}", self.organizer.reveal()));
        let role = "ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE";
        lines.push(&format!("ATTENDEE;{role}:mailto:{}", self.attendee.reveal()));
        lines.push("END:VEVENT");
        lines.push("END:VCALENDAR");
        lines.0
    }

    /// Start and end as local times with the name of their zone; `None` where a local time would be misread: in UTC
    /// itself, and in the second of two hours that carry the same name (RFC 5545 §3.3.5 takes the first).
    fn local(&self) -> Option<(&str, DateTime, DateTime)> {
        let name = self.zone.iana_name().filter(|name| !matches!(*name, "UTC" | "Etc/UTC"))?;
        let one = |at: Timestamp| {
            let instant = instant(at);
            let civil = self.zone.to_datetime(instant);
            let read = self.zone.to_ambiguous_zoned(civil).compatible().ok()?;
            (read.timestamp() == instant).then_some(civil)
        };
        Some((name, one(self.starts)?, one(self.ends)?))
    }
}

/// A moment in whole seconds, which is all that a calendar knows.
fn instant(at: Timestamp) -> Instant {
    Instant::from_second(at.as_millis().div_euclid(1_000)).unwrap_or_default()
}

fn utc(at: Timestamp) -> String {
    format!("{}Z", civil(TimeZone::UTC.to_datetime(instant(at))))
}

fn civil(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

/// TEXT (RFC 5545 §3.3.11); control characters other than line ends are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Lines with their folds.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Adds a line, folded before its octets are too many and never inside a letter (RFC 5545 §3.1).
    fn push(&mut self, line: &str) {
        let mut octets = 0;
        for letter in line.chars() {
            if octets + letter.len_utf8() > LINE_OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(letter);
            octets += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// One change of the clocks.
#[derive(Clone)]
struct Change {
    /// What the clocks showed the moment before: local time in the old offset.
    local: DateTime,
    from: Offset,
    to: Offset,
    daylight: bool,
    name: String,
}

/// The zone around an appointment (RFC 5545 §3.6.5): by rule where the clocks change by rule, else each change by itself.
fn time_zone(lines: &mut Lines, name: &str, zone: &TimeZone, starts: Timestamp) {
    lines.push("BEGIN:VTIMEZONE");
    lines.push(&format!("TZID:{name}"));
    let changes = changes(zone, instant(starts));
    for change in &changes {
        let (same, rule) = series(&changes, change);
        // A rule is written once, where its first change stands.
        let is_first = same.first().is_some_and(|first| first.local == change.local);
        if rule.is_none() || is_first {
            observance(lines, change, rule.as_deref());
        }
    }
    lines.push("END:VTIMEZONE");
}

/// The changes from the year before an appointment to the year after, with a first one that says how it was before.
fn changes(zone: &TimeZone, starts: Instant) -> Vec<Change> {
    let year = zone.to_datetime(starts).year();
    let new_year = |year: i16| {
        let first = jiff::civil::Date::new(year, 1, 1).ok()?.to_zoned(zone.clone()).ok()?;
        Some(first.timestamp())
    };
    let from = new_year(year.saturating_sub(1)).unwrap_or(Instant::MIN);
    let to = new_year(year.saturating_add(3)).unwrap_or(Instant::MAX);
    let mut info = zone.to_offset_info(from);
    let mut found = vec![Change {
        local: info.offset().to_datetime(from),
        from: info.offset(),
        to: info.offset(),
        daylight: info.dst().is_dst(),
        name: info.abbreviation().to_owned(),
    }];
    for change in zone.following(from).take_while(|change| change.timestamp() < to).take(CHANGES_MAX) {
        let before = info.offset();
        info = zone.to_offset_info(change.timestamp());
        found.push(Change {
            local: before.to_datetime(change.timestamp()),
            from: before,
            to: info.offset(),
            daylight: info.dst().is_dst(),
            name: info.abbreviation().to_owned(),
        });
    }
    if found.len() > 1 && series_covers(&found) {
        // The rules reach back to the year before the appointment, and nothing needs to be said of the time before.
        found.remove(0);
    }
    found
}

/// Whether every change after the first belongs to a yearly rule, and the appointment lies after one of each.
fn series_covers(found: &[Change]) -> bool {
    let rest = found.split_first().map_or(&[][..], |(_, rest)| rest);
    rest.iter().all(|change| series(rest, change).1.is_some())
}

/// The changes of the same kind as this one, and their yearly rule if they keep one: the same weekday of the same month
/// at the same time, counted from the month's start or its end, in at least three years on end.
fn series(changes: &[Change], of: &Change) -> (Vec<Change>, Option<String>) {
    let alike = |one: &&Change| {
        one.from == of.from && one.to == of.to && one.name == of.name && one.daylight == of.daylight
    };
    let same: Vec<Change> = changes.iter().filter(alike).cloned().collect();
    let place = |at: DateTime| (at.month(), at.weekday(), at.time());
    let steady = same.iter().all(|one| place(one.local) == place(of.local));
    let yearly = same.windows(2).all(|pair| match pair {
        [one, next] => next.local.year() == one.local.year() + 1,
        _ => true,
    });
    if same.len() < 3 || !steady || !yearly {
        return (same, None);
    }
    let last = |at: DateTime| at.checked_add(7.days()).is_ok_and(|week| week.month() != at.month());
    let nth = |at: DateTime| (at.day() - 1) / 7 + 1;
    let which = if same.iter().all(|one| last(one.local)) {
        Some(-1)
    } else {
        Some(nth(of.local)).filter(|wanted| same.iter().all(|one| nth(one.local) == *wanted))
    };
    let day = of.local.weekday();
    let rule = which.map(|which| {
        let day = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
            [usize::from(day.to_monday_zero_offset().unsigned_abs())];
        format!("FREQ=YEARLY;BYMONTH={};BYDAY={which}{day}", of.local.month())
    });
    (same, rule)
}

fn observance(lines: &mut Lines, change: &Change, rule: Option<&str>) {
    let kind = if change.daylight { "DAYLIGHT" } else { "STANDARD" };
    lines.push(&format!("BEGIN:{kind}"));
    lines.push(&format!("DTSTART:{}", civil(change.local)));
    lines.push(&format!("TZOFFSETFROM:{}", offset(change.from)));
    lines.push(&format!("TZOFFSETTO:{}", offset(change.to)));
    lines.push(&format!("TZNAME:{}", escaped(&change.name)));
    if let Some(rule) = rule {
        lines.push(&format!("RRULE:{rule}"));
    }
    lines.push(&format!("END:{kind}"));
}

/// `+0100`, with seconds where a zone has them (RFC 5545 §3.3.14).
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}
