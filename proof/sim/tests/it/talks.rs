//! The life of a talk, over ordinary lines.

use std::time::Duration;

use ids::{Role, TrackKind};
use peer::Manners;
use peer::call::Phase;
use sim::World;

use crate::cast::{GOOD, SECOND, hears, is_inside, is_waiting, meet, nobody_was_lied_to, sees, two, unmute};

/// The main job: sealed both ways, nothing refused, and nobody's frame under another's name.
#[test]
fn two_people_talk_sealed() {
    let (mut world, host, young) = two(11, GOOD);
    world.run_for(SECOND * 2);
    world.forget_frames();
    world.run_for(SECOND * 10);
    for (at, of) in [(host, young), (young, host)] {
        let sound = world.tally(at, of, TrackKind::Microphone);
        let picture = world.tally(at, of, TrackKind::Camera);
        assert!(sound.count >= 498 && picture.count >= 148, "{sound:?} {picture:?}");
        assert!(sound.longest_gap <= Duration::from_millis(30), "{sound:?}");
        assert_eq!(world.view(at).lock.frames.refused, 0);
        assert!(world.view(at).lock.alarm.is_none());
    }
    nobody_was_lied_to(&world, &[host, young]);
}

/// Nothing is forwarded to or from somebody who waits, however long (SEC-001); and how long it takes from the click
/// to the first picture is a figure that we keep small.
#[test]
fn who_waits_gets_nothing_and_the_first_picture_comes_soon_after_the_click() {
    let mut world = World::new(12);
    let host = world.invite(1, Role::Host, GOOD);
    let young = world.invite(2, Role::YoungPerson, GOOD);
    world.open_page_with(host, Manners { arrive: Some((true, true)), admit_everyone: false });
    world.run_for(SECOND * 2);
    world.open_page(young, (true, true));
    world.run_for(SECOND * 5);
    assert!(is_waiting(&world, young) && !hears(&world, young, host) && !hears(&world, host, young));
    world
        .act(host, |call, now| {
            let guest = call.view().lobby.first().expect("she waits").participant;
            call.admit(guest, now)
        })
        .expect("a host inside may");
    let clicked = world.now();
    meet(&mut world, &[host, young], SECOND * 5);
    let first = world.tally(young, host, TrackKind::Camera).first.expect("she sees") - clicked;
    assert!(
        first < Duration::from_millis(600),
        "{first:?} from the click to the first picture, 30 ms round trip"
    );
}

/// A reload is the commonest accident there is: the seat comes back by itself, within seconds, muted.
#[test]
fn a_reload_brings_the_seat_back_muted() {
    let (mut world, host, young) = two(13, GOOD);
    world.run_for(SECOND * 3);
    world.forget_frames();
    world.open_page(young, (false, false));
    let back = world.run_until(SECOND * 10, |w| is_inside(w, young) && sees(w, young, host));
    assert!(back.expect("she is back") < SECOND * 4, "{back:?}\n{}", world.log());
    world.run_for(SECOND);
    world.forget_frames();
    world.run_for(SECOND);
    assert!(!hears(&world, host, young) && !sees(&world, host, young), "muted until she says otherwise");
    unmute(&mut world, &[young]);
    meet(&mut world, &[host, young], SECOND * 3);
    assert_eq!(
        world.view(host).lock.epoch.as_ref().expect("locked").members.len(),
        2,
        "the old leaf is gone"
    );
    nobody_was_lied_to(&world, &[host, young]);
}

/// Stepping out ends sound and picture both ways at once, keeps the seat, and one tap brings it back.
#[test]
fn stepping_out_and_in_again() {
    let (mut world, host, young) = two(14, GOOD);
    world.run_for(SECOND * 2);
    world.act(young, |call, now| call.step_out(now)).expect("inside");
    world.run_for(Duration::from_millis(200));
    world.forget_frames();
    world.run_for(SECOND * 5);
    assert!(!hears(&world, host, young) && !hears(&world, young, host), "SEC-024");
    assert_eq!(world.view(host).lock.epoch.as_ref().expect("locked").members.len(), 1);
    world.act(young, |call, now| call.step_in(now)).expect("stepped out");
    let back = world.run_until(SECOND * 5, |w| is_inside(w, young) && sees(w, young, host));
    assert!(back.is_some(), "{}", world.log());
}

/// When the last host is gone, nobody is left alone with the others for longer than the grace: everyone waits again.
#[test]
fn when_the_host_vanishes_everyone_waits_again_after_the_grace() {
    let (mut world, host, young) = two(15, GOOD);
    let carer = world.invite(3, Role::CareWorker, GOOD);
    world.open_page(carer, (true, true));
    meet(&mut world, &[host, young, carer], SECOND * 10);
    world.close_page(host);
    world.run_for(SECOND * 5);
    world.forget_frames();
    world.run_for(SECOND);
    assert!(hears(&world, young, carer), "within the grace they talk on");
    assert!(world.view(young).grace.is_some(), "and are told until when");
    world.run_for(SECOND * 61);
    assert!(is_waiting(&world, young) && is_waiting(&world, carer), "{}", world.log());
    world.forget_frames();
    world.run_for(SECOND * 2);
    assert!(!hears(&world, young, carer) && !hears(&world, carer, young));
    world.open_page(host, (true, true));
    let back = world.run_until(SECOND * 5, |w| is_inside(w, young) && is_inside(w, carer));
    assert!(back.is_some(), "{}", world.log());
    unmute(&mut world, &[young, carer]);
    meet(&mut world, &[host, young, carer], SECOND * 5);
}

/// A host who comes back within the grace finds everybody where they were.
#[test]
fn a_host_who_reloads_within_the_grace_finds_everybody_inside() {
    let (mut world, host, young) = two(16, GOOD);
    world.run_for(SECOND * 2);
    world.open_page(host, (true, true));
    let back = world.run_until(SECOND * 10, |w| is_inside(w, host) && hears(w, host, young));
    assert!(back.is_some(), "{}", world.log());
    assert!(is_inside(&world, young));
    assert_ne!(world.view(young).phase, Phase::Reconnecting);
    meet(&mut world, &[host], SECOND);
}

/// A full room: everybody sees and hears everybody, each on the right line.
#[test]
fn eight_people_see_and_hear_each_other() {
    let mut world = World::new(17);
    let people: Vec<_> = (1..=8)
        .map(|number| {
            let role = match number {
                1 => Role::Host,
                2 => Role::YoungPerson,
                _ => Role::Professional,
            };
            let who = world.invite(number, role, GOOD);
            world.open_page(who, (true, true));
            world.run_for(Duration::from_millis(300));
            who
        })
        .collect();
    meet(&mut world, &people, SECOND * 20);
    world.run_for(SECOND * 2);
    world.forget_frames();
    world.run_for(SECOND * 2);
    for at in &people {
        for of in people.iter().filter(|of| *of != at) {
            let sound = world.tally(*at, *of, TrackKind::Microphone);
            assert!(sound.count >= 96, "{sound:?}");
        }
    }
    nobody_was_lied_to(&world, &people);
}
