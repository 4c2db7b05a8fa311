//! Our agreement and readiness: what may stand, and what follows from it.

use domain::our_agreement::{
    Adult, Gone, LINE_CHARS_MAX, NotAgreed, OurAgreement, Part, Reach, Ring, SIGN_CHARS_MAX, Signal, Step,
    Then, WAITS, Written,
};
use domain::readiness::{Point, Readiness, Standing};
use ids::Timestamp;
use proptest::prelude::*;

fn adult(may_be_rung: bool, phone: Option<&str>) -> Adult {
    Adult { name: " Mamma ".to_owned(), phone: phone.map(str::to_owned), may_be_rung, may_look_in: false }
}

fn written(choices: OurAgreement) -> Written {
    Written { has_adult: choices.adult.is_some(), choices }
}

#[test]
fn lines_are_kept_as_one_line_and_numbers_in_one_form() {
    let page = OurAgreement::read(written(OurAgreement {
        answers: Some("  hverdager \n etter to ".to_owned()),
        hard: Some(" \t ".to_owned()),
        sign: Some(" blå  rev ".to_owned()),
        adult: Some(adult(true, Some("998 87 766"))),
        ..OurAgreement::default()
    }))
    .expect("it stands");
    assert_eq!(page.answers.as_deref(), Some("hverdager etter to"));
    assert_eq!(page.hard, None);
    assert_eq!(page.sign.as_deref(), Some("blå rev"));
    assert_eq!(page.adult_to_ring(), Some(("Mamma", "+4799887766")));
}

#[test]
fn an_adult_is_rung_only_with_her_yes_and_a_number() {
    let ring = Some(Step { wait_minutes: WAITS[0], then: Then::CallAdult });
    let refused = Err(NotAgreed::AdultNotToBeRung(Part::Gone(Gone::ClosedFast)));
    for adult in [None, Some(adult(false, Some("99887766"))), Some(adult(true, None))] {
        let page = OurAgreement { closed_fast: ring, adult: adult.clone(), ..OurAgreement::default() };
        assert_eq!(OurAgreement::read(written(page)), refused, "{adult:?}");
        let page =
            OurAgreement { reach: Some(Reach::Adult), adult: adult.clone(), ..OurAgreement::default() };
        assert_eq!(OurAgreement::read(written(page)), Err(NotAgreed::AdultNotToBeRung(Part::Reach)));
    }
    let page = OurAgreement {
        closed_fast: ring,
        adult: Some(adult(true, Some("99887766"))),
        ..OurAgreement::default()
    };
    assert!(OurAgreement::read(written(page)).is_ok());
}

/// A message that nobody can be sent, or that nobody knows again, is no company.
#[test]
fn an_adult_is_asked_to_look_in_only_with_her_yes_a_number_and_a_sign() {
    let page = |may_look_in, phone: Option<&str>, sign: Option<&str>| OurAgreement {
        adult: Some(Adult { may_look_in, ..adult(false, phone) }),
        sign: sign.map(str::to_owned),
        ..OurAgreement::default()
    };
    let read = |choices| OurAgreement::read(written(choices));
    let (phone, sign) = (Some("99887766"), Some("Blå rev"));
    for (phone, sign) in [(None, sign), (phone, None), (None, None)] {
        assert_eq!(read(page(true, phone, sign)), Err(NotAgreed::AdultNotAsked), "{phone:?} {sign:?}");
        assert!(read(page(false, phone, sign)).is_ok(), "not asked for");
    }
    let agreed = read(page(true, phone, sign)).expect("it stands");
    assert_eq!(agreed.adult_to_look_in(), Some(("Mamma", "+4799887766")));
    assert_eq!(agreed.adult_to_ring(), None, "a yes to one is no yes to the other");
    assert_eq!(
        read(page(false, phone, sign)).expect("it stands").adult_to_look_in(),
        None,
        "off unless she said so"
    );
}

#[test]
fn an_adult_who_was_taken_out_leaves_nothing() {
    let page = OurAgreement { adult: Some(adult(true, Some("99887766"))), ..OurAgreement::default() };
    let page = OurAgreement::read(Written { choices: page, has_adult: false }).expect("it stands");
    assert_eq!(page.adult, None);
}

#[test]
fn what_cannot_stand_is_told_by_its_part() {
    let long = |chars: usize| Some("a".repeat(chars));
    let empty = OurAgreement::default;
    let nobody = Adult { name: " ".to_owned(), phone: None, may_be_rung: false, may_look_in: false };
    let cases = [
        (OurAgreement { answers: long(LINE_CHARS_MAX + 1), ..empty() }, NotAgreed::LineTooLong(Part::Reach)),
        (OurAgreement { hard: long(LINE_CHARS_MAX + 1), ..empty() }, NotAgreed::LineTooLong(Part::Hard)),
        (OurAgreement { sign: long(SIGN_CHARS_MAX + 1), ..empty() }, NotAgreed::SignTooLong),
        (
            OurAgreement { signal_meaning: long(LINE_CHARS_MAX + 1), ..empty() },
            NotAgreed::LineTooLong(Part::Signal),
        ),
        (OurAgreement { adult: Some(nobody), ..empty() }, NotAgreed::AdultName),
        (OurAgreement { adult: Some(adult(true, Some("12"))), ..empty() }, NotAgreed::AdultPhone),
        (
            OurAgreement { line_lost: Some(Step { wait_minutes: 3, then: Then::NextTime }), ..empty() },
            NotAgreed::Wait(Gone::LineLost),
        ),
    ];
    for (page, why) in cases {
        assert_eq!(OurAgreement::read(written(page)), Err(why));
    }
    let fits = OurAgreement { answers: long(LINE_CHARS_MAX), sign: long(SIGN_CHARS_MAX), ..empty() };
    assert!(OurAgreement::read(written(fits)).is_ok());
}

#[test]
fn a_meaning_stands_only_beside_a_signal() {
    let page = |signal| OurAgreement {
        signal,
        signal_meaning: Some(" vil ha  pause ".to_owned()),
        ..OurAgreement::default()
    };
    let read = |signal| OurAgreement::read(written(page(signal))).expect("it stands").signal_meaning;
    assert_eq!(read(Some(Signal::Heart)).as_deref(), Some("vil ha pause"));
    assert_eq!(read(None), None);
}

#[test]
fn what_is_open_before_a_first_hour_is_how_she_is_reached_and_the_three_ways_of_being_gone() {
    let mut page = OurAgreement::default();
    let gone = Gone::ALL.map(Part::Gone);
    assert_eq!(page.open_parts(), [&[Part::Reach], &gone[..]].concat());
    let step = Some(Step { wait_minutes: 10, then: Then::NextTime });
    page = OurAgreement { reach: Some(Reach::Message), line_lost: step, someone_came_in: step, ..page };
    assert_eq!(page.open_parts(), [Part::Gone(Gone::ClosedFast)]);
    page.closed_fast = step;
    assert!(page.open_parts().is_empty());
}

#[test]
fn nothing_of_hers_reaches_a_log_line() {
    let page = OurAgreement { hard: Some("gå en tur".to_owned()), ..OurAgreement::default() };
    assert!(!format!("{page:?} {:?}", written(page.clone())).contains("tur"), "SEC-021");
}

fn steps() -> impl Strategy<Value = Option<Step>> {
    let step = (0_u8..40, 0..Then::ALL.len());
    proptest::option::of(step.prop_map(|(wait_minutes, then)| Step { wait_minutes, then: Then::ALL[then] }))
}

proptest! {
    /// Whatever is written: what stands never has a telephone ring where she said no, and reads the same again.
    #[test]
    fn what_stands_stands_again_and_never_rings_against_her(
        (lost, came_in, fast) in (steps(), steps(), steps()),
        answers in proptest::option::of(".{0,40}"),
        sign in proptest::option::of(".{0,24}"),
        phone in proptest::option::of("[0-9 +]{0,12}"),
        (may_be_rung, may_look_in, has_adult) in any::<(bool, bool, bool)>(),
        reach in proptest::option::of(0..Reach::ALL.len()),
    ) {
        let adult = Adult { name: "Mamma".to_owned(), phone, may_be_rung, may_look_in };
        let choices = OurAgreement {
            reach: reach.map(|one| Reach::ALL[one]),
            answers,
            line_lost: lost,
            someone_came_in: came_in,
            closed_fast: fast,
            sign,
            adult: Some(adult),
            ..OurAgreement::default()
        };
        if let Ok(page) = OurAgreement::read(Written { choices, has_adult }) {
            for gone in Gone::ALL {
                let rings_adult = page.step(gone).is_some_and(|step| step.then == Then::CallAdult);
                prop_assert!(!rings_adult || page.adult_to_ring().is_some());
            }
            prop_assert!(page.adult_to_ring().is_none() || may_be_rung);
            prop_assert_eq!(page.adult_to_look_in().is_some(), may_look_in && has_adult);
            prop_assert_eq!(OurAgreement::read(written(page.clone())), Ok(page));
        }
    }

    /// CARE-03: nothing is due before the agreed wait is over.
    #[test]
    fn nothing_is_suggested_before_the_wait_is_over(wait in 0..WAITS.len(), since in 0_i64..4_000_000_000_000) {
        let step = Step { wait_minutes: WAITS[wait], then: Then::Call };
        let due = step.not_before(Timestamp::from_millis(since)).as_millis();
        prop_assert_eq!(due - since, i64::from(WAITS[wait]) * 60_000);
    }
}

#[test]
fn the_one_thing_missing_is_the_first_that_is_neither_settled_nor_opened() {
    let now = Timestamp::from_millis(1);
    let mut readiness = Readiness::default();
    for (position, point) in Point::ALL.into_iter().enumerate() {
        assert_eq!(readiness.missing(), Some(point));
        let standing = if position % 2 == 0 { Standing::Settled(now) } else { Standing::Opened(now) };
        readiness = readiness.with(point, standing);
        assert_eq!(readiness.of(point), standing);
    }
    assert_eq!(readiness.missing(), None);
    assert_eq!(readiness.to_follow_up().collect::<Vec<_>>(), [Point::Consent, Point::Safety]);
}

#[test]
fn whom_a_clinician_rings_is_whom_they_agreed_on() {
    let adult = Adult {
        name: "Mormor".to_owned(),
        phone: Some("+4799887766".to_owned()),
        may_be_rung: true,
        may_look_in: false,
    };
    let page = |reach, line_lost, may_be_rung| OurAgreement {
        reach,
        line_lost,
        adult: Some(Adult { may_be_rung, ..adult.clone() }),
        ..OurAgreement::default()
    };
    let through = page(Some(Reach::Adult), None, true);
    assert_eq!(through.to_ring(), Ring::Adult { name: "Mormor", phone: "+4799887766" });
    assert!(!through.may_ring_her(), "it is not hers that rings");
    assert_eq!(page(Some(Reach::Adult), None, false).to_ring(), Ring::Her, "that adult may not be rung");
    assert_eq!(page(Some(Reach::Message), None, true).to_ring(), Ring::Her);
    assert!(OurAgreement::default().may_ring_her(), "nothing else was agreed");
    for then in Then::ALL {
        let lost = Some(Step { wait_minutes: 5, then });
        assert_eq!(page(None, lost, true).may_ring_her(), then == Then::Call, "{then:?}");
    }
}
