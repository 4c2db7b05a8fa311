//! Random histories of bookings against a model that is a sheet of paper: minutes on which somebody is taken.

use core::time::Duration;
use std::collections::{HashMap, HashSet};

use domain::booking::{
    AHEAD_MAX, Busy, Calendar, Change, Hour, NotBookable, PAUSE_DEFAULT, Span, Standing, book, change,
};
use domain::meeting::{Cause, Mode, Party};
use ids::Timestamp;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_250_000_000);
const MINUTE: Duration = Duration::from_secs(60);

/// Minutes after now.
fn span(starts: u32, minutes: u32) -> Span {
    Span::new(NOW.plus(MINUTE * starts), MINUTE * minutes)
}

fn calendar(busy: &[Busy]) -> Calendar<'_> {
    Calendar { busy, pause: PAUSE_DEFAULT, now: NOW }
}

#[derive(Debug, Clone)]
enum Step {
    Book { who: usize, starts: u32, minutes: u32, mode: Mode },
    Move { which: usize, starts: u32, minutes: u32, stale: bool, twice: bool },
    Convert { which: usize, mode: Mode, stale: bool, twice: bool },
    Cancel { which: usize, stale: bool, twice: bool },
    Begin { which: usize },
    Close { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let mode = || prop::sample::select(Mode::ALL.to_vec());
    let minutes = || prop::sample::select(vec![10_u32, 20, 30, 45]);
    let (starts, which) = (|| 0_u32..240, || 0_usize..12);
    let odd = || prop::bool::weighted(0.2);
    prop_oneof![
        6 => (0_usize..3, starts(), minutes(), mode())
            .prop_map(|(who, starts, minutes, mode)| Step::Book { who, starts, minutes, mode }),
        4 => (which(), starts(), minutes(), odd(), odd())
            .prop_map(|(which, starts, minutes, stale, twice)| Step::Move { which, starts, minutes, stale, twice }),
        2 => (which(), mode(), odd(), odd())
            .prop_map(|(which, mode, stale, twice)| Step::Convert { which, mode, stale, twice }),
        2 => (which(), odd(), odd()).prop_map(|(which, stale, twice)| Step::Cancel { which, stale, twice }),
        1 => which().prop_map(|which| Step::Begin { which }),
        1 => which().prop_map(|which| Step::Close { which }),
    ]
}

/// The clinic as the product would keep it: hours of one clinician with three young people.
#[derive(Default)]
struct Clinic {
    hours: Vec<(usize, Hour)>,
}

impl Clinic {
    fn busy(&self, but: Option<usize>) -> Vec<Busy> {
        let stands = |hour: &Hour| !matches!(hour.standing, Standing::Cancelled(_));
        let others = self.hours.iter().enumerate().filter(|(at, (_, hour))| Some(*at) != but && stands(hour));
        others.map(|(_, (_, hour))| Busy { span: hour.span, mode: hour.mode, yours: true }).collect()
    }

    fn change(&mut self, which: usize, wish: Change, stale: bool, twice: bool) {
        let Some((_, before)) = self.hours.get(which).copied() else { return };
        let busy = self.busy(Some(which));
        let seen = if stale { before.sequence.wrapping_add(1) } else { before.sequence };
        let Ok(after) = change(before, wish, seen, &calendar(&busy)) else { return };
        assert!(!stale || after == before, "a change made from an older sight was let through");
        assert_eq!(
            after.sequence != before.sequence,
            after != before,
            "the sequence tells every change, once"
        );
        self.hours[which].1 = after;
        if twice {
            let again = change(after, wish, seen, &calendar(&busy)).expect("the second press is no error");
            assert_eq!(again, after, "and changes nothing");
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Book { who, starts, minutes, mode } => {
                if let Ok(hour) = book(span(starts, minutes), mode, &calendar(&self.busy(None))) {
                    self.hours.push((who, hour));
                }
            }
            Step::Move { which, starts, minutes, stale, twice } => {
                self.change(which, Change::Move(span(starts, minutes)), stale, twice);
            }
            Step::Convert { which, mode, stale, twice } => {
                self.change(which, Change::Convert(mode), stale, twice);
            }
            Step::Cancel { which, stale, twice } => {
                let wish = Change::Cancel { by: Party::YoungPerson, cause: Cause::NotToday };
                self.change(which, wish, stale, twice);
            }
            Step::Begin { which } => self.stand(which, Standing::Begun),
            Step::Close { which } => self.stand(which, Standing::Closed),
        }
    }

    fn stand(&mut self, which: usize, standing: Standing) {
        if let Some((_, hour)) = self.hours.get_mut(which)
            && !matches!(hour.standing, Standing::Cancelled(_))
        {
            hour.standing = standing;
        }
    }

    /// The sheet of paper: which hour has which minute.
    fn check(&self) {
        let mut taken: HashMap<u64, usize> = HashMap::new();
        let mut on_screen: HashSet<u64> = HashSet::new();
        for (at, (_, hour)) in self.hours.iter().enumerate() {
            if matches!(hour.standing, Standing::Cancelled(_)) {
                continue;
            }
            let from = hour.span.starts.since(NOW).as_secs() / 60;
            let to = hour.span.ends.since(NOW).as_secs() / 60;
            for minute in from..to {
                assert_eq!(taken.insert(minute, at), None, "minute {minute} is taken twice");
            }
            if hour.mode == Mode::Video {
                for minute in from..to + PAUSE_DEFAULT.as_secs() / 60 {
                    assert!(on_screen.insert(minute), "less than five minutes off the screen at {minute}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_history_of_bookings_takes_a_minute_twice(steps in prop::collection::vec(step(), 1..60)) {
        let mut clinic = Clinic::default();
        for step in steps {
            clinic.take(&step);
            clinic.check();
        }
    }
}

#[test]
fn of_others_one_learns_only_that_they_are_taken() {
    let theirs = [Busy { span: span(60, 45), mode: Mode::Office, yours: false }];
    assert_eq!(book(span(90, 30), Mode::Video, &calendar(&theirs)), Err(NotBookable::SomebodyIsTaken));
    let both = [theirs[0], Busy { span: span(100, 10), mode: Mode::Phone, yours: true }];
    assert_eq!(book(span(90, 30), Mode::Video, &calendar(&both)), Err(NotBookable::YouAreTaken));
    assert!(
        book(span(105, 30), Mode::Video, &calendar(&theirs)).is_ok(),
        "they need no pause that we know of"
    );
}

#[test]
fn five_minutes_lie_between_hours_on_the_screen_unless_she_says_otherwise() {
    let before = [Busy { span: span(60, 45), mode: Mode::Video, yours: true }];
    assert_eq!(book(span(109, 30), Mode::Video, &calendar(&before)), Err(NotBookable::NoPause));
    assert!(book(span(110, 30), Mode::Video, &calendar(&before)).is_ok());
    assert!(book(span(105, 30), Mode::Phone, &calendar(&before)).is_ok(), "a telephone is no screen");
    let at_once = Calendar { pause: Duration::ZERO, ..calendar(&before) };
    assert!(book(span(105, 30), Mode::Video, &at_once).is_ok());
}

#[test]
fn an_hour_that_has_begun_or_is_closed_or_off_does_not_change() {
    let hour = book(span(60, 45), Mode::Video, &calendar(&[])).expect("free");
    let wish = Change::Move(span(120, 45));
    let cancel = Change::Cancel { by: Party::Clinic, cause: Cause::Ill };
    for (standing, why) in [(Standing::Begun, NotBookable::Begun), (Standing::Closed, NotBookable::Closed)] {
        let hour = Hour { standing, ..hour };
        assert_eq!(change(hour, wish, 0, &calendar(&[])), Err(why));
        assert_eq!(change(hour, cancel, 0, &calendar(&[])), Err(why));
    }
    let off = change(hour, cancel, 0, &calendar(&[])).expect("it can be called off");
    assert_eq!(change(off, wish, off.sequence, &calendar(&[])), Err(NotBookable::Cancelled));
    let other = Change::Cancel { by: Party::YoungPerson, cause: Cause::NotToday };
    assert_eq!(change(off, other, 0, &calendar(&[])), Ok(off), "who called it off first stands");
}

#[test]
fn impossible_times_are_told_apart() {
    let why = |span| book(span, Mode::Office, &calendar(&[])).expect_err("impossible");
    assert_eq!(why(span(60, 0)), NotBookable::Length);
    assert_eq!(why(span(60, 241)), NotBookable::Length);
    assert_eq!(why(Span { starts: NOW, ends: NOW.minus(MINUTE) }), NotBookable::Length);
    assert_eq!(why(Span::new(NOW.minus(MINUTE * 60 * 24 * 15), MINUTE)), NotBookable::Past);
    assert_eq!(why(Span::new(NOW.plus(AHEAD_MAX + MINUTE), MINUTE)), NotBookable::TooFarAhead);
    assert!(book(Span::new(NOW.minus(MINUTE * 60), MINUTE), Mode::Phone, &calendar(&[])).is_ok());
}
