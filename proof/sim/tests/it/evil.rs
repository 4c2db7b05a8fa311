//! A server that lies: members never show what it made up, and notice what it hides.

use std::collections::BTreeSet;
use std::time::Duration;

use ids::{DIVERGENCE_NOTICED_MS, ParticipantId, Role, TrackKind};
use room::Deed;
use sfu::Evil;
use sim::World;

use crate::cast::{GOOD, SECOND, hears, meet, nobody_was_lied_to, two};

/// What is refused at `at` so far.
fn refused(world: &World, at: ParticipantId) -> u64 {
    world.view(at).lock.frames.refused
}

/// SEC-017: a flipped bit anywhere behind the clear byte is refused, and when the lies stop the talk goes on.
#[test]
fn forged_frames_are_never_shown() {
    let (mut world, host, young) = two(31, GOOD);
    world.run_for(SECOND);
    world.room().evil(Deed::Media(Some(Evil::Forge)));
    world.run_for(Duration::from_millis(200));
    world.forget_frames();
    let before = refused(&world, host);
    // Pages count every two seconds.
    world.run_for(SECOND * 6);
    for (at, of) in [(host, young), (young, host)] {
        assert!(!hears(&world, at, of), "a forged frame was played");
    }
    assert!(refused(&world, host) > before + 100, "and the test can fail: forged frames did arrive");
    world.room().evil(Deed::Media(None));
    meet(&mut world, &[host, young], SECOND * 5);
    nobody_was_lied_to(&world, &[host, young]);
}

/// SEC-017: what was shown once is never shown again.
#[test]
fn replayed_frames_are_never_shown() {
    let (mut world, host, young) = two(32, GOOD);
    world.room().evil(Deed::Media(Some(Evil::Replay)));
    world.run_for(SECOND * 3);
    world.forget_frames();
    let before = refused(&world, host);
    world.run_for(SECOND * 3);
    for (at, of) in [(host, young), (young, host)] {
        assert!(!hears(&world, at, of), "a replayed frame was played");
        assert_eq!(world.tally(at, of, TrackKind::Camera).count, 0);
    }
    assert!(refused(&world, host) > before + 100, "and the test can fail: replays did arrive");
}

/// SEC-017: the screen is never shown as the camera.
#[test]
fn a_screen_is_never_shown_as_a_camera() {
    let (mut world, host, young) = two(33, GOOD);
    world.act(host, |call, now| call.share_screen(now)).expect("inside");
    let shared = world.run_until(SECOND * 5, |w| w.tally(young, host, TrackKind::Screen).count > 0);
    assert!(shared.is_some(), "{}", world.log());
    world.room().evil(Deed::Media(Some(Evil::CrossTrack)));
    world.run_for(Duration::from_millis(200));
    world.forget_frames();
    let before = refused(&world, young);
    world.run_for(SECOND * 3);
    assert_eq!(world.tally(young, host, TrackKind::Camera).count, 0);
    assert_eq!(world.tally(young, host, TrackKind::Screen).count, 0);
    assert!(refused(&world, young) > before, "and the test can fail: the screen came on the camera's line");
    assert!(hears(&world, young, host), "sound, about which nobody lies, goes on");
    nobody_was_lied_to(&world, &[host, young]);
}

/// SEC-017: nobody is shown under another's name, nor gets the own picture back as another's.
#[test]
fn one_person_is_never_shown_as_another() {
    let (mut world, host, young) = two(34, GOOD);
    let carer = world.invite(3, Role::CareWorker, GOOD);
    world.open_page(carer, (true, true));
    let people = [host, young, carer];
    meet(&mut world, &people, SECOND * 10);
    world.room().evil(Deed::Media(Some(Evil::CrossSender)));
    world.run_for(Duration::from_millis(200));
    world.forget_frames();
    let before = refused(&world, host);
    world.run_for(SECOND * 3);
    for at in people {
        for of in people {
            assert!(!hears(&world, at, of), "somebody was shown as somebody else");
        }
    }
    assert!(refused(&world, host) > before + 100, "and the test can fail: swapped frames did arrive");
    nobody_was_lied_to(&world, &people);
}

/// SEC-019: a commit that does not reach somebody is noticed within five seconds.
#[test]
fn a_withheld_commit_is_noticed() {
    let (mut world, host, young) = two(35, GOOD);
    let carer = world.invite(3, Role::CareWorker, GOOD);
    world.run_for(SECOND * 2);
    world.room().evil(Deed::Withhold(young));
    world.open_page(carer, (true, true));
    let joined = |w: &World| w.view(host).lock.epoch.as_ref().is_some_and(|epoch| epoch.members.len() == 3);
    assert!(world.run_until(SECOND * 10, joined).is_some(), "{}", world.log());
    let limit = Duration::from_millis(DIVERGENCE_NOTICED_MS);
    let noticed = world.run_until(limit, |w| w.view(young).lock.alarm.is_some());
    assert!(noticed.is_some(), "SEC-019:\n{}", world.log());
}

/// SEC-019: genuine heartbeats given out late hide nothing, because they answer what is long past.
#[test]
fn heartbeats_that_were_saved_up_are_noticed() {
    let (mut world, _, young) = two(37, GOOD);
    world.run_for(SECOND * 2);
    world.room().evil(Deed::Hoard(young));
    let limit = Duration::from_millis(DIVERGENCE_NOTICED_MS);
    let noticed = world.run_until(SECOND * 30, |w| w.view(young).lock.alarm.is_some());
    let noticed = noticed.expect("SEC-019");
    assert!(world.room().evil_store() > 0, "and the test can fail: there was more to give out");
    assert!(noticed < limit * 3, "half the words keep up for less than three limits: {noticed:?}");
}

/// SEC-019: a server that runs two orders is found out by somebody within five seconds.
#[test]
fn a_forked_order_is_noticed() {
    let (mut world, host, young) = two(36, GOOD);
    let second_host = world.invite(3, Role::Host, GOOD);
    let carer = world.invite(4, Role::CareWorker, GOOD);
    world.open_page(second_host, (true, true));
    meet(&mut world, &[host, young, second_host], SECOND * 10);
    world.room().evil(Deed::Fork(BTreeSet::from([second_host])));
    world.open_page(carer, (true, true));
    let people = [host, young, second_host];
    let words = |w: &World, who| w.view(who).lock.epoch.as_ref().map(|epoch| epoch.safety_words);
    let divided = world.run_until(SECOND * 15, |w| words(w, host) != words(w, second_host));
    assert!(divided.is_some(), "there are two orders:\n{}", world.log());
    let limit = Duration::from_millis(DIVERGENCE_NOTICED_MS);
    let noticed = world.run_until(limit, |w| people.iter().any(|who| w.view(*who).lock.alarm.is_some()));
    assert!(noticed.is_some(), "SEC-019:\n{}", world.log());
}
