//! Afterwards: when she is asked and when she is not, which numbers may be shown, what *company, please* promises, and
//! the balance line.

use core::time::Duration;

use domain::balance::{Balance, Held};
use domain::company::{OF_USE, Told, planned};
use domain::meeting::{MeetingKind, Mode};
use domain::message::{MessageKind, State};
use domain::questions::{
    Answer, Answers, Counted, DAYS_BETWEEN, Facts, Felt, Month, NextTime, NotOffered, Question, SHOWN_FROM,
    Stay, offer, shown,
};
use ids::{GoneReason, Role, Timestamp};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};
use proptest::prelude::*;

const REASONS: [GoneReason; 9] = [
    GoneReason::Left,
    GoneReason::SteppedOut,
    GoneReason::ClosedFast,
    GoneReason::SomeoneCameIn,
    GoneReason::LineLost,
    GoneReason::DeviceAsleep,
    GoneReason::SentBack,
    GoneReason::EndedByHost,
    GoneReason::DoorClosed,
];

fn oslo() -> TimeZone {
    TimeZone::get("Europe/Oslo").expect("the zone data is bundled")
}

fn at(text: &str) -> Timestamp {
    let instant: Zoned = format!("{text}[Europe/Oslo]").parse().expect("a moment");
    Timestamp::from_millis(instant.timestamp().as_millisecond())
}

const fn over(reason: GoneReason) -> Stay {
    Stay::Over { reason, away: None, for_her_alone: false }
}

/// Her own hour, from which she went as one goes.
const GOOD: Facts = Facts {
    role: Role::YoungPerson,
    kind: MeetingKind::Consultation,
    is_shared: false,
    stay: over(GoneReason::Left),
    crisis_opened: false,
    is_switched_off: false,
    last_asked: None,
};

fn asked(facts: Facts) -> Result<(), NotOffered> {
    offer(&facts, at("2026-11-24T15:14"), &oslo())
}

#[test]
fn after_an_hour_that_ended_as_hours_end_she_is_asked() {
    assert_eq!(asked(GOOD), Ok(()));
    assert_eq!(asked(Facts { stay: over(GoneReason::EndedByHost), ..GOOD }), Ok(()));
    let out =
        Stay::Over { reason: GoneReason::Left, away: Some(GoneReason::SteppedOut), for_her_alone: false };
    assert_eq!(asked(Facts { stay: out, ..GOOD }), Ok(()), "she was out, and finished for today");
}

#[test]
fn nothing_is_asked_after_any_other_end() {
    for reason in REASONS {
        let is_ordinary = matches!(reason, GoneReason::Left | GoneReason::EndedByHost);
        assert_eq!(asked(Facts { stay: over(reason), ..GOOD }).is_ok(), is_ordinary, "{reason:?}");
    }
    for stay in [Stay::NeverIn, Stay::Inside] {
        assert_eq!(asked(Facts { stay, ..GOOD }), Err(NotOffered::Abnormal), "{stay:?}");
    }
    let alone = Stay::Over { reason: GoneReason::EndedByHost, away: None, for_her_alone: true };
    assert_eq!(asked(Facts { stay: alone, ..GOOD }), Err(NotOffered::Abnormal), "ended for her alone");
    for away in
        [GoneReason::SomeoneCameIn, GoneReason::LineLost, GoneReason::DeviceAsleep, GoneReason::SteppedOut]
    {
        let stay = Stay::Over { reason: GoneReason::EndedByHost, away: Some(away), for_her_alone: false };
        assert_eq!(asked(Facts { stay, ..GOOD }), Err(NotOffered::Abnormal), "she was not there: {away:?}");
    }
}

#[test]
fn care_03_after_a_safety_signal_somebody_else_may_read_the_screen() {
    let watched = |stay: Stay| stay.may_be_watched();
    for reason in REASONS {
        let warns = matches!(reason, GoneReason::ClosedFast | GoneReason::SomeoneCameIn);
        assert_eq!(watched(over(reason)), warns, "{reason:?}");
        let ended = Stay::Over { reason: GoneReason::EndedByHost, away: Some(reason), for_her_alone: false };
        assert_eq!(watched(ended), warns, "{reason:?}");
    }
    assert!(!watched(Stay::Inside) && !watched(Stay::NeverIn));
}

#[test]
fn each_condition_alone_keeps_the_form_away() {
    for role in Role::ALL {
        assert_eq!(asked(Facts { role, ..GOOD }).is_ok(), role == Role::YoungPerson, "{role:?}");
    }
    assert_eq!(asked(Facts { kind: MeetingKind::Practice, ..GOOD }), Err(NotOffered::NotHers));
    assert_eq!(asked(Facts { is_shared: true, ..GOOD }), Err(NotOffered::SharedDevice), "SEC-088");
    assert_eq!(asked(Facts { crisis_opened: true, ..GOOD }), Err(NotOffered::Crisis));
    assert_eq!(asked(Facts { is_switched_off: true, ..GOOD }), Err(NotOffered::SwitchedOff));
}

#[test]
fn whoever_meets_every_tuesday_is_asked_every_tuesday_and_not_in_between() {
    let after = |last: &str, now: &str| {
        let facts = Facts { last_asked: Some(at(last)), ..GOOD };
        offer(&facts, at(now), &oslo())
    };
    assert_eq!(after("2026-11-17T15:20", "2026-11-24T15:14"), Ok(()), "six days, 23 hours and 54 minutes");
    assert_eq!(after("2026-11-18T00:01", "2026-11-24T23:59"), Err(NotOffered::AskedLately));
    assert_eq!(after("2026-11-24T10:00", "2026-11-24T15:14"), Err(NotOffered::AskedLately), "twice a day");
    assert_eq!(after("2026-10-20T15:20", "2026-10-27T15:14"), Ok(()), "over the night of the clocks");
    assert_eq!(after("2026-03-24T15:20", "2026-03-31T15:14"), Ok(()), "over the other one");
    assert_eq!(after("2019-03-24T15:20", "2026-03-31T15:14"), Ok(()), "after years");
    assert_eq!(
        after("2026-11-25T10:00", "2026-11-24T15:14"),
        Err(NotOffered::AskedLately),
        "a clock put back"
    );
}

fn facts() -> impl Strategy<Value = Facts> {
    let stay = (0..REASONS.len(), proptest::option::of(0..REASONS.len()), any::<bool>(), 0..4_u8).prop_map(
        |(reason, away, for_her_alone, kind)| match kind {
            0 => Stay::NeverIn,
            1 => Stay::Inside,
            _ => Stay::Over { reason: REASONS[reason], away: away.map(|one| REASONS[one]), for_her_alone },
        },
    );
    let kinds = proptest::sample::select(MeetingKind::ALL.to_vec());
    let roles = proptest::sample::select(Role::ALL.to_vec());
    let last = proptest::option::of(0_i64..40 * 24);
    (roles, kinds, stay, any::<[bool; 3]>(), last).prop_map(|(role, kind, stay, flags, hours)| Facts {
        role,
        kind,
        is_shared: flags[0],
        stay,
        crisis_opened: flags[1],
        is_switched_off: flags[2],
        last_asked: hours.map(|hours| {
            at("2026-11-24T15:14").minus(Duration::from_secs(3_600) * u32::try_from(hours).expect("few"))
        }),
    })
}

proptest! {
    /// She is asked exactly when nothing speaks against it; and no fact that turns against it ever brings the form.
    #[test]
    fn she_is_asked_when_nothing_speaks_against_it_and_never_else(facts in facts()) {
        let now = at("2026-11-24T15:14");
        let lately = facts.last_asked.is_some_and(|last| {
            let day = |moment: Timestamp| {
                jiff::Timestamp::from_millisecond(moment.as_millis()).expect("a moment").to_zoned(oslo()).date()
            };
            // The reference counts days one by one.
            (0..DAYS_BETWEEN).any(|days| day(last) == day(now).checked_sub(days.days()).expect("a day"))
        });
        let good = facts.role == Role::YoungPerson
            && facts.kind != MeetingKind::Practice
            && facts.stay.ended_well()
            && !(facts.is_shared || facts.crisis_opened || facts.is_switched_off || lately);
        prop_assert_eq!(offer(&facts, now, &oslo()).is_ok(), good);
        for worse in [
            Facts { is_shared: true, ..facts },
            Facts { crisis_opened: true, ..facts },
            Facts { is_switched_off: true, ..facts },
            Facts { last_asked: Some(now), ..facts },
            Facts { stay: over(GoneReason::LineLost), ..facts },
        ] {
            prop_assert!(offer(&worse, now, &oslo()).is_err());
        }
    }

    /// What may be shown is never of this month, never of few, and never another number than was counted.
    #[test]
    fn numbers_are_shown_of_months_that_are_over_and_never_of_few(
        counts in proptest::collection::vec((0..3_i8, 0..Answer::ALL.len(), 0..4_u32), 0..40),
    ) {
        let month = |number: i8| Month::parse(&format!("2026-{:02}", number + 9)).expect("a month");
        let counted: Vec<Counted> = counts
            .iter()
            .map(|(number, answer, times)| Counted { month: month(*number), answer: Answer::ALL[*answer], times: *times })
            .collect();
        let told = shown(&counted, month(2));
        for one in &told {
            prop_assert!(one.month < month(2) && counted.contains(one));
            let alike = |other: &&Counted| {
                (other.month, other.answer.question()) == (one.month, one.answer.question())
            };
            prop_assert!(told.iter().filter(alike).map(|other| other.times).sum::<u32>() >= SHOWN_FROM);
        }
    }

    #[test]
    fn the_balance_is_the_last_hour_of_each_kind(
        held in proptest::collection::vec((0..4_usize, any::<bool>(), 0..50_i64), 0..20),
    ) {
        let hour = |(mode, partly_phone, at): &(usize, bool, i64)| Held {
            mode: Mode::ALL[*mode],
            partly_phone: *partly_phone,
            began: Timestamp::from_millis(*at),
        };
        let held: Vec<_> = held.iter().map(hour).collect();
        let balance = Balance::of(held.iter().copied());
        let when = |is_one: &dyn Fn(&&Held) -> bool| held.iter().filter(is_one).map(|one| one.began).max();
        let last = |ways: &[Mode]| when(&|one| ways.contains(&one.mode));
        prop_assert_eq!(balance.same_room, last(&[Mode::Office, Mode::Visit]));
        prop_assert_eq!(balance.screen, last(&[Mode::Video]));
        prop_assert_eq!(balance.phone, when(&|one| one.mode == Mode::Phone || one.partly_phone));
        prop_assert_eq!(balance.is_empty(), held.is_empty());
    }
}

#[test]
fn four_are_not_shown_and_five_are() {
    let month = |text| Month::parse(text).expect("a month");
    let count = |answer, times| Counted { month: month("2026-10"), answer, times };
    let four = [count(Answer::GotSaid(Felt::Yes), 3), count(Answer::GotSaid(Felt::No), 1)];
    assert_eq!(shown(&four, month("2026-11")), []);
    let five = [four[0], four[1], count(Answer::GotSaid(Felt::Partly), 1)];
    assert_eq!(shown(&five, month("2026-11")), five);
    assert_eq!(shown(&five, month("2026-10")), [], "this month is not over");
    let other = [four[0], four[1], count(Answer::Understood(Felt::No), 1)];
    assert_eq!(shown(&other, month("2026-11")), [], "each question for itself");
}

#[test]
fn every_answer_belongs_to_its_question_and_nothing_of_hers_reaches_a_log_line() {
    let answers = Answers { got_said: Some(Felt::No), understood: None, next_time: Some(NextTime::InPerson) };
    let each: Vec<Answer> = answers.each().collect();
    assert_eq!(each, [Answer::GotSaid(Felt::No), Answer::NextTime(NextTime::InPerson)]);
    assert!(!answers.is_empty() && Answers::default().is_empty());
    assert_eq!(format!("{answers:?}"), "‹answers›", "SEC-021");
    for question in Question::ALL {
        let of = Answer::ALL.iter().filter(|answer| answer.question() == question).count();
        assert_eq!(of, if question == Question::NextTime { NextTime::ALL.len() } else { Felt::ALL.len() });
    }
}

#[test]
fn a_month_is_the_one_on_the_wall_and_reads_back() {
    assert_eq!(Month::of(at("2026-12-01T00:30"), &oslo()).to_string(), "2026-12", "in UTC it is November");
    let month = Month::parse("2026-02").expect("a month");
    assert_eq!((month.year(), month.month(), month.to_string()), (2026, 2, "2026-02".to_owned()));
    for bad in ["", "2026", "2026-13", "2026-00", "x-1"] {
        assert_eq!(Month::parse(bad), None, "{bad}");
    }
}

#[test]
fn company_leaves_at_once_or_not_at_all_and_nobody_says_that_it_was_read() {
    let pressed = at("2026-11-24T22:52");
    let message = planned(pressed);
    assert_eq!((message.kind, message.due), (MessageKind::LookIn, pressed), "also in the quiet hours");
    assert_eq!(message.useless_after, pressed.plus(OF_USE));
    let late = message.useless_after.plus(Duration::from_millis(1));
    for state in State::ALL {
        let told = Told::of(state, pressed, pressed);
        let wanted = match state {
            State::Queued | State::Claimed => Told::OnItsWay,
            State::Sent => Told::Sent,
            State::InDoubt => Told::InDoubt,
            State::Failed | State::Withdrawn => Told::NotSent,
        };
        assert_eq!(told, wanted);
        let queued = state == State::Queued;
        assert_eq!(Told::of(state, pressed, late), if queued { Told::NotSent } else { wanted });
    }
}

#[test]
fn asking_an_adult_for_company_is_no_news_of_an_hour() {
    let kind = MessageKind::LookIn;
    assert!(
        !kind.is_news() && !kind.by_the_clock() && !kind.may_have_a_link() && !kind.replaces_a_pressed_link()
    );
    assert!(MessageKind::ALL.contains(&kind));
}
