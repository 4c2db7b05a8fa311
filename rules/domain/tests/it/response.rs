//! SEC-083, SEC-084: *not today* is answered with her knowledge only, and her hour becomes a talk of others only on a
//! ground; over every case.

use domain::meeting::Cause;
use domain::response::{
    CAUSES, Decision, Ground, Hour, NotAnswered, NotDecided, Standing, Withheld, answer, decide,
};
use ids::Timestamp;
use proptest::prelude::*;

const HERS: Hour =
    Hour { is_hers: true, ends: Timestamp::from_millis(1_000), is_cancelled: false, is_done: false };
const BEFORE: Timestamp = Timestamp::from_millis(999);
const ALL_CAUSES: [Cause; 6] =
    [Cause::Ill, Cause::NotToday, Cause::DidNotCome, Cause::Travel, Cause::SomethingElse, Cause::Technology];

#[test]
fn without_her_knowledge_there_is_no_answer() {
    for cause in CAUSES {
        assert_eq!(answer(&HERS, true, cause, BEFORE), Ok(()));
        assert_eq!(answer(&HERS, false, cause, BEFORE), Err(NotAnswered::SheDoesNotKnow));
    }
    assert_eq!(answer(&HERS, true, Cause::DidNotCome, BEFORE), Err(NotAnswered::Cause));
}

#[test]
fn only_a_young_persons_hour_that_is_still_to_be_is_answered_to() {
    let refused = |hour: Hour, now| answer(&hour, true, Cause::NotToday, now).expect_err("refused");
    assert_eq!(refused(Hour { is_hers: false, ..HERS }, BEFORE), NotAnswered::NotHers);
    assert_eq!(refused(Hour { is_cancelled: true, ..HERS }, BEFORE), NotAnswered::CalledOff);
    assert_eq!(refused(Hour { is_done: true, ..HERS }, BEFORE), NotAnswered::Over);
    assert_eq!(refused(HERS, Timestamp::from_millis(1_000)), NotAnswered::Over);
}

proptest! {
    #[test]
    fn whatever_else_is_so_an_answer_needs_her_knowledge(
        flags in any::<[bool; 3]>(), ends in 0_i64..2_000, now in 0_i64..2_000,
        cause in prop::sample::select(ALL_CAUSES.to_vec()),
    ) {
        let [is_hers, is_cancelled, is_done] = flags;
        let hour = Hour { is_hers, is_cancelled, is_done, ends: Timestamp::from_millis(ends) };
        prop_assert!(answer(&hour, false, cause, Timestamp::from_millis(now)).is_err());
    }
}

fn decisions() -> impl Iterator<Item = Decision> {
    let reasons = [None, Some(Withheld::HarmsHer), Some(Withheld::EndangersSomebody)];
    let talks = Ground::ALL
        .into_iter()
        .flat_map(move |ground| reasons.map(|withheld| Decision::StaffTalk { ground, withheld }));
    [Decision::Keep, Decision::CallOff].into_iter().chain(talks)
}

#[test]
fn what_was_given_is_decided_once_and_the_same_again_is_done() {
    for decision in decisions() {
        let Ok(after) = decide(Standing::Given, true, decision) else { continue };
        assert_eq!(decide(after, true, decision), Ok(after), "a second press");
        assert_eq!(decide(Standing::TakenBack, true, decision), Err(NotDecided::Meanwhile));
        for other in decisions() {
            match decide(after, true, other) {
                Ok(again) => assert_eq!(again, after),
                Err(why) => assert!(matches!(why, NotDecided::Meanwhile | NotDecided::NothingToWithhold)),
            }
        }
    }
}

#[test]
fn staff_talk_in_her_hour_only_when_offered_and_a_secret_is_about_her_or_none() {
    for decision in decisions() {
        let Decision::StaffTalk { ground, withheld } = decision else {
            assert!(decide(Standing::Given, false, decision).is_ok(), "needs no offer");
            continue;
        };
        if withheld.is_some() && ground == Ground::NotAboutHer {
            assert_eq!(decide(Standing::Given, true, decision), Err(NotDecided::NothingToWithhold));
        } else {
            assert_eq!(decide(Standing::Given, true, decision), Ok(Standing::Turned));
            assert_eq!(decide(Standing::Given, false, decision), Err(NotDecided::NotOffered));
        }
    }
}
