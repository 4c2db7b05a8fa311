//! What a server can do about silence, tried on the watch alone; whole groups are in `tests/it/apart.rs`.

use super::*;

const ME: ParticipantId = ParticipantId::from_bytes([9; 16]);
const NORA: ParticipantId = ParticipantId::from_bytes([1; 16]);
const CARER: ParticipantId = ParticipantId::from_bytes([2; 16]);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn watching(who: ParticipantId, other: ParticipantId) -> Watch {
    let mut watch = Watch::new(who, at(0));
    watch.enter(vec![7], vec![(other, other.as_bytes().to_vec())], at(0));
    watch.here(&[other], at(0));
    watch
}

fn watch() -> Watch {
    watching(ME, NORA)
}

/// Nora's heartbeat, which answers none of ours.
fn beat(number: u64, authenticator: u8) -> Heartbeat {
    let state = SelfState::default();
    Heartbeat { number, authenticator: vec![authenticator], heard: vec![], asks: false, state }
}

fn heard(watch: &mut Watch, heartbeat: &Heartbeat, now: Timestamp) -> bool {
    watch.heard(NORA.as_bytes(), heartbeat, now)
}

/// We say something, and Nora answers it at once.
fn answered(watch: &mut Watch, number: u64, authenticator: u8, now: Timestamp) -> bool {
    let ours = watch.beat(true, SelfState::default(), now).expect("at once");
    let heard_of = vec![Heard { from: ME, number: ours.number }];
    heard(watch, &Heartbeat { heard: heard_of, ..beat(number, authenticator) }, now)
}

/// Ticks from one moment to another; when members were first seen to be apart.
fn apart_by(watch: &mut Watch, from: i64, to: i64, mut server: impl FnMut(&mut Watch, i64)) -> Option<i64> {
    (from / 100..=to / 100).map(|tenth| tenth * 100).find(|&now| {
        server(watch, now);
        now % 500 == 0 && watch.together(at(now)) == Together::No
    })
}

#[test]
fn silence_of_one_whose_line_is_up_is_doubted_and_then_believed() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    assert_eq!(apart_by(&mut watch, 1_000, 3_900, |_, _| {}), None);
    assert_eq!(watch.together(at(4_000)), Together::Doubted);
    assert_eq!(apart_by(&mut watch, 4_100, 9_000, |_, _| {}), Some(5_500));
    assert!(answered(&mut watch, 2, 7, at(9_100)));
    assert_eq!(watch.together(at(9_100)), Together::Yes);
}

#[test]
fn a_lost_line_is_not_the_locks_fault_and_gets_time_to_speak_when_it_is_back() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    assert_eq!(apart_by(&mut watch, 1_000, 3_000, |_, _| {}), None);
    watch.here(&[], at(3_000));
    assert_eq!(apart_by(&mut watch, 3_100, 20_000, |_, _| {}), None);
    watch.here(&[NORA], at(20_000));
    assert_eq!(apart_by(&mut watch, 20_100, 24_400, |_, _| {}), None);
    assert_eq!(apart_by(&mut watch, 24_500, 30_000, |_, _| {}), Some(24_500));
}

#[test]
fn a_line_that_flickers_hides_no_silence() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    // Down whenever we look.
    let server =
        |watch: &mut Watch, now: i64| watch.here(if now % 500 == 0 { &[] } else { &[NORA] }, at(now));
    let noticed = apart_by(&mut watch, 1_100, 30_000, server);
    assert!(noticed.is_some_and(|at| at <= 7_500), "SEC-019: {noticed:?}");
}

#[test]
fn a_line_that_goes_and_comes_gains_its_time_once() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    let server =
        |watch: &mut Watch, now: i64| watch.here(if now % 6_000 < 2_500 { &[] } else { &[NORA] }, at(now));
    let noticed = apart_by(&mut watch, 1_100, 60_000, server);
    assert!(noticed.is_some_and(|at| at <= 16_000), "SEC-019: {noticed:?}");
}

#[test]
fn a_server_that_orders_epochs_gives_nobody_more_time() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    let server = |watch: &mut Watch, now: i64| {
        if now % 1_000 == 0 {
            watch.enter(vec![7], vec![(NORA, now.to_be_bytes().to_vec())], at(now));
        }
    };
    assert_eq!(apart_by(&mut watch, 1_100, 30_000, server), Some(5_500), "SEC-019");
}

#[test]
fn one_group_after_another_gives_nobody_more_time_than_one() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    let server = |watch: &mut Watch, now: i64| {
        if now % 3_000 == 0 {
            watch.resume(at(now));
            watch.enter(vec![7], vec![(NORA, now.to_be_bytes().to_vec())], at(now));
        }
    };
    let noticed = apart_by(&mut watch, 1_100, 30_000, server);
    assert!(noticed.is_some_and(|at| at <= 7_500), "SEC-019: {noticed:?}");
}

#[test]
fn a_page_that_stood_still_blames_nobody_for_it() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    assert_eq!(watch.together(at(1_000)), Together::Yes);
    assert_eq!(watch.together(at(11_000)), Together::Yes, "ten seconds of sleep");
    assert_eq!(apart_by(&mut watch, 11_100, 14_900, |_, _| {}), None);
    assert_eq!(
        apart_by(&mut watch, 15_000, 20_000, |_, _| {}),
        Some(15_000),
        "silence after that is silence"
    );
}

#[test]
fn a_page_that_is_made_to_stand_still_again_and_again_notices_all_the_same() {
    let mut watch = watch();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    let noticed =
        (1..20).map(|look| 1_000 + look * 1_600).find(|now| watch.together(at(*now)) == Together::No);
    assert!(noticed.is_some_and(|at| at <= 17_000), "{noticed:?}");
}

#[test]
fn heartbeats_that_were_saved_up_are_no_sign_of_life() {
    let mut watch = watch();
    let mut theirs = watching(NORA, ME);
    let state = SelfState::default();
    let mut saved = VecDeque::new();
    // Both speak, and the server gives out each second heartbeat only.
    let noticed = apart_by(&mut watch, 0, 30_000, |watch, now| {
        if now % 500 != 0 {
            return;
        }
        let ours = watch.beat(true, state, at(now)).expect("at once");
        theirs.heard(ME.as_bytes(), &ours, at(now));
        saved.push_back(theirs.beat(true, state, at(now)).expect("at once"));
        if now % 1_000 == 0
            && let Some(old) = saved.pop_front()
        {
            heard(watch, &old, at(now));
        }
    });
    assert!(
        noticed.is_some_and(|at| at <= 11_000),
        "given out late, they answer what is long past: {noticed:?}"
    );
    assert!(saved.len() > 5, "and there were more of them");
}

#[test]
fn the_first_to_be_missed_is_asked_and_who_is_asked_answers_soon() {
    let mut watch = watch();
    let state = SelfState::default();
    assert!(answered(&mut watch, 1, 7, at(1_000)));
    assert_eq!(apart_by(&mut watch, 1_000, 3_500, |_, _| {}), None);
    assert!(watch.beat(true, state, at(3_900)).is_some_and(|beat| !beat.asks));
    assert_eq!(watch.together(at(4_000)), Together::Doubted);
    let question = watch.beat(false, state, at(4_000)).expect("before it is due");
    assert!(question.asks);
    let mut theirs = watching(NORA, ME);
    assert!(theirs.beat(true, state, at(4_000)).is_some());
    assert!(theirs.heard(ME.as_bytes(), &question, at(4_100)));
    assert_eq!(theirs.beat(false, state, at(4_100)), None, "nobody can be made to talk without pause");
    let answer = theirs.beat(false, state, at(4_200)).expect("before it is due");
    assert_eq!(answer.heard, [Heard { from: ME, number: question.number }]);
    assert!(heard(&mut watch, &answer, at(4_300)));
    assert_eq!(watch.together(at(4_300)), Together::Yes);
    assert!(watch.beat(true, state, at(4_400)).is_some_and(|beat| !beat.asks));
}

#[test]
fn a_number_that_was_never_said_answers_nothing() {
    let mut watch = watch();
    let mut number = 0;
    let noticed = apart_by(&mut watch, 100, 9_000, |watch, now| {
        number += 1;
        let heard_of = vec![Heard { from: ME, number: 1_000 + number }, Heard { from: NORA, number }];
        heard(watch, &Heartbeat { heard: heard_of, ..beat(number, 7) }, at(now));
    });
    assert_eq!(noticed, Some(4_500));
}

#[test]
fn a_newcomer_gets_the_time_to_join_and_no_more() {
    let mut watch = watch();
    let all = vec![(NORA, NORA.as_bytes().to_vec()), (CARER, vec![2])];
    watch.enter(vec![8], all, at(0));
    watch.here(&[NORA, CARER], at(0));
    let mut number = 0;
    let noticed = apart_by(&mut watch, 100, 20_000, |watch, now| {
        number += 1;
        assert!(answered(watch, number, 8, at(now)));
    });
    assert_eq!(noticed, Some(6_500));
}

#[test]
fn a_heartbeat_of_another_epoch_is_no_sign_of_life_in_this_one() {
    let mut watch = watch();
    let mut number = 0;
    let noticed = apart_by(&mut watch, 100, 9_000, |watch, now| {
        number += 1;
        assert!(!answered(watch, number, 8, at(now)));
    });
    assert_eq!(noticed, Some(4_500));
    assert!(!watch.newly_acknowledged());
    assert!(answered(&mut watch, number + 1, 7, at(5_100)));
    assert_eq!(watch.together(at(5_200)), Together::Yes, "healed");
    assert!(watch.newly_acknowledged());
    assert!(!watch.newly_acknowledged(), "told once");
}

#[test]
fn a_heartbeat_that_does_not_count_up_is_a_replay() {
    let mut watch = watch();
    assert!(heard(&mut watch, &beat(5, 7), at(1)));
    assert!(!heard(&mut watch, &beat(5, 7), at(2)));
    watch.enter(vec![9], vec![(NORA, NORA.as_bytes().to_vec())], at(3));
    assert!(!heard(&mut watch, &beat(4, 9), at(4)), "numbers go on over epochs");
    assert!(heard(&mut watch, &beat(6, 9), at(5)));
}

#[test]
fn messages_of_an_unknown_epoch_alarm_unless_they_were_stragglers() {
    let mut watch = watch();
    watch.foreign(at(100));
    assert!(answered(&mut watch, 1, 7, at(200)));
    assert_ne!(watch.together(at(3_500)), Together::No, "everyone was heard after it");
    watch.foreign(at(4_000));
    watch.foreign(at(6_000));
    assert!(answered(&mut watch, 2, 7, at(5_900)));
    assert_eq!(watch.together(at(7_000)), Together::No);
}

#[test]
fn foreign_messages_between_good_ones_heal_nothing() {
    let mut watch = watch();
    let mut number = 0;
    let noticed = apart_by(&mut watch, 100, 9_000, |watch, now| {
        number += 1;
        assert!(answered(watch, number, 7, at(now)));
        if now % 200 == 0 {
            watch.foreign(at(now));
        }
    });
    assert!(noticed.is_some_and(|at| at <= 3_500), "{noticed:?}");
}
