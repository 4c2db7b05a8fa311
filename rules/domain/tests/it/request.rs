//! CARE-07, SEC-080, SEC-081: who may read a request and from when, over every case, and working time against a model
//! that counts minutes.

use core::time::Duration;

use domain::request::{
    Closed, Ground, LINE_CHARS_MAX, NotAsked, OPEN_MAX, OfficeHours, Reader, Reply, Standing, Step,
    UNREAD_DEFAULT, ground, line, one_more, step,
};
use ids::Timestamp;
use jiff::civil::{Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};
use proptest::prelude::*;

const MINUTE: Duration = Duration::from_secs(60);

fn oslo() -> TimeZone {
    TimeZone::get("Europe/Oslo").expect("the zone data is bundled")
}

fn at(text: &str) -> Timestamp {
    let instant: Zoned = format!("{text}[Europe/Oslo]").parse().expect("a moment");
    Timestamp::from_millis(instant.timestamp().as_millisecond())
}

fn wall(moment: Timestamp) -> String {
    let instant = Instant::from_millisecond(moment.as_millis()).expect("a moment").to_zoned(oslo());
    instant.strftime("%Y-%m-%dT%H:%M").to_string()
}

fn due(asked: &str) -> String {
    wall(OfficeHours::CLINIC_DEFAULT.after(at(asked), UNREAD_DEFAULT, &oslo()))
}

#[test]
fn four_working_hours_are_counted_over_evenings_and_weekends() {
    assert_eq!(due("2026-11-24T09:00"), "2026-11-24T13:00", "a Tuesday morning");
    assert_eq!(due("2026-11-24T13:00"), "2026-11-25T09:30", "over the evening");
    assert_eq!(due("2026-11-24T06:15"), "2026-11-24T12:00", "before anybody is there");
    assert_eq!(due("2026-11-24T15:30"), "2026-11-25T12:00", "at the last moment");
    assert_eq!(due("2026-11-20T14:30"), "2026-11-23T11:00", "over a weekend");
    assert_eq!(due("2026-11-21T13:00"), "2026-11-23T12:00", "on a Saturday");
    assert_eq!(due("2026-11-24T11:30"), "2026-11-24T15:30", "to the minute");
}

#[test]
fn the_night_when_the_clocks_change_changes_no_working_hour() {
    assert_eq!(due("2026-03-27T14:30"), "2026-03-30T11:00", "to summer");
    assert_eq!(due("2026-10-23T14:30"), "2026-10-26T11:00", "to winter");
    let night = OfficeHours::new(&[Weekday::Sunday], time(1, 0, 0, 0), time(5, 0, 0, 0)).expect("hours");
    let after = |asked: &str, hours: u32| wall(night.after(at(asked), MINUTE * 60 * hours, &oslo()));
    assert_eq!(after("2026-03-29T00:00", 3), "2026-03-29T05:00", "three hours long");
    assert_eq!(after("2026-03-29T00:00", 4), "2026-04-05T02:00", "and not four");
    assert_eq!(after("2026-10-25T00:00", 5), "2026-10-25T05:00", "five hours long");
}

#[test]
fn hours_without_days_or_length_are_none() {
    assert!(OfficeHours::new(&[], time(8, 0, 0, 0), time(15, 0, 0, 0)).is_none());
    assert!(OfficeHours::new(&[Weekday::Monday], time(8, 0, 0, 0), time(8, 0, 0, 0)).is_none());
}

/// Counts minute by minute.
fn model(hours: &OfficeHours, since: Timestamp, amount: Duration) -> Timestamp {
    let mut left = amount.as_secs() / 60;
    let mut now = since;
    while left > 0 {
        let local = Instant::from_millisecond(now.as_millis()).expect("a moment").to_zoned(oslo());
        let (opens, closes) = hours.times();
        if hours.is_open_on(local.date()) && (opens..closes).contains(&local.time()) {
            left -= 1;
        }
        now = now.plus(MINUTE);
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn working_time_is_what_counting_minutes_gives(
        since in 0_i64..60 * 24 * 400,
        minutes in 1_u32..800,
        night in any::<bool>(),
    ) {
        let hours = match night {
            true => OfficeHours::new(&[Weekday::Sunday, Weekday::Monday, Weekday::Thursday], time(1, 0, 0, 0), time(5, 0, 0, 0)),
            false => Some(OfficeHours::CLINIC_DEFAULT),
        };
        let hours = hours.expect("hours");
        let since = Timestamp::from_millis(at("2026-01-01T00:00").as_millis() + since * 60_000);
        let amount = MINUTE * minutes;
        prop_assert_eq!(hours.after(since, amount, &oslo()), model(&hours, since, amount));
    }
}

fn readers() -> impl Iterator<Item = Reader> {
    (0_u8..32).map(|bits| Reader {
        is_responsible: bits & 1 != 0,
        is_deputy: bits & 2 != 0,
        is_team: bits & 4 != 0,
        has_seen: bits & 8 != 0,
        somebody_is_responsible: bits & 16 != 0,
    })
}

const TEAM_FROM: Timestamp = Timestamp::from_millis(1_000);

fn every_case() -> impl Iterator<Item = (Standing, Reader, Timestamp)> {
    let moments = [999, 1_000].map(Timestamp::from_millis);
    Standing::ALL.into_iter().flat_map(move |standing| {
        readers().flat_map(move |reader| moments.map(|now| (standing, reader, now)))
    })
}

#[test]
fn her_own_clinician_always_reads_and_nobody_from_outside_the_team_ever_does() {
    for (standing, reader, now) in every_case() {
        let found = ground(standing, TEAM_FROM, &reader, now);
        if reader.is_responsible {
            assert_eq!(found, Some(Ground::Responsible));
        } else if !reader.is_team {
            assert_eq!(found, None, "{standing:?} {reader:?}: a deputy is one of the team or none");
        }
    }
}

#[test]
fn the_team_reads_what_is_unread_after_the_set_time_and_no_moment_before() {
    let colleague = Reader {
        is_responsible: false,
        is_deputy: false,
        is_team: true,
        has_seen: false,
        somebody_is_responsible: true,
    };
    let found =
        |standing, reader: &Reader, now| ground(standing, TEAM_FROM, reader, Timestamp::from_millis(now));
    assert_eq!(found(Standing::Asked, &colleague, 999), None);
    assert_eq!(found(Standing::Asked, &colleague, 1_000), Some(Ground::Team));
    assert_eq!(found(Standing::Seen, &colleague, 1_000), None, "somebody has taken it on");
    let alone = Reader { somebody_is_responsible: false, ..colleague };
    for standing in [Standing::Asked, Standing::Seen] {
        assert_eq!(found(standing, &alone, 0), Some(Ground::Team), "nobody answers for her");
    }
    let deputy = Reader { is_deputy: true, ..colleague };
    assert_eq!(found(Standing::Asked, &deputy, 0), Some(Ground::Deputy));
    for standing in [Standing::Answered, Standing::Withdrawn] {
        for reader in [colleague, alone, deputy] {
            assert_eq!(found(standing, &reader, 5_000), None, "a closed request is open to nobody new");
        }
    }
    let took = Reader { has_seen: true, ..colleague };
    assert_eq!(found(Standing::Answered, &took, 0), Some(Ground::Seen));
}

#[test]
fn a_step_taken_twice_is_taken_once_and_what_is_closed_stays_closed() {
    for standing in Standing::ALL {
        for taken in [Step::See(Reply::WillRing), Step::See(Reply::WillBook), Step::Answer, Step::Withdraw] {
            match step(standing, taken) {
                Ok(after) => assert_eq!(step(after, taken), Ok(after), "{standing:?} {taken:?}"),
                Err(Closed) => assert!(!standing.is_open(), "an open request takes every step"),
            }
        }
    }
    assert_eq!(step(Standing::Withdrawn, Step::Answer), Err(Closed), "what she took back is not answered");
    assert_eq!(step(Standing::Answered, Step::Withdraw), Err(Closed));
}

#[test]
fn her_line_is_one_line_and_too_long_is_said() {
    assert_eq!(line("  \n\t "), Ok(None));
    assert_eq!(line(" kan vi \r\n snakke\u{0}om det? "), Ok(Some("kan vi snakke om det?".to_owned())));
    assert!(line(&"ø".repeat(LINE_CHARS_MAX)).is_ok(), "characters are counted, not bytes");
    assert_eq!(line(&"ø".repeat(LINE_CHARS_MAX + 1)), Err(NotAsked::TooLong));
    assert_eq!((one_more(OPEN_MAX - 1), one_more(OPEN_MAX)), (Ok(()), Err(NotAsked::TooMany)));
}
