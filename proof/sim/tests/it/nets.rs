//! Networks that are not what one would wish.

use std::time::Duration;

use ids::TrackKind;
use peer::call::MediaStatus;
use sim::World;

use crate::cast::{GOOD, SECOND, hears, is_inside, meet, nobody_was_lied_to, two, unmute};

/// Bursts of loss that redundancy of small depth does not mend: sound is lost as much as the line loses, not more;
/// pictures are repaired by sending again.
#[test]
fn ten_percent_bursty_loss_takes_no_more_than_it_must() {
    let (mut world, host, young) = two(21, "delay=25 jitter=5 loss=10 burst=2.5");
    world.run_for(SECOND * 2);
    world.forget_frames();
    world.run_for(SECOND * 20);
    for (at, of) in [(host, young), (young, host)] {
        let sound = world.tally(at, of, TrackKind::Microphone);
        let picture = world.tally(at, of, TrackKind::Camera);
        // Two lines are passed, up and down: 0.9 × 0.9.
        assert!(sound.count >= 750, "{sound:?} of 1000");
        assert!(picture.count >= 240, "{picture:?} of 300");
        assert!(world.view(at).lock.alarm.is_none());
    }
    assert!(is_inside(&world, host) && is_inside(&world, young));
    nobody_was_lied_to(&world, &[host, young]);
}

/// A phone walks out of the house: the address changes in the middle of a sentence and nobody is told.
#[test]
fn a_change_of_address_is_a_short_hole_and_nothing_more() {
    let (mut world, host, young) = two(22, GOOD);
    world.run_for(SECOND * 3);
    for port in [40_001, 40_002, 40_003] {
        world.forget_frames();
        world.change_address(young, port);
        world.run_for(SECOND * 6);
        for (at, of) in [(host, young), (young, host)] {
            let sound = world.tally(at, of, TrackKind::Microphone);
            assert!(sound.last.expect("heard again") > world.now() - Duration::from_millis(100), "{sound:?}");
        }
        let hole = world.tally(young, host, TrackKind::Microphone);
        assert!(hole.count >= 100, "{hole:?} of 300\n{}", world.log());
    }
    nobody_was_lied_to(&world, &[host, young]);
}

/// A short tunnel is not worth a word: nobody is muted, nobody has an alarm, and the talk goes on by itself.
#[test]
fn a_tunnel_of_two_seconds_mutes_nobody() {
    let (mut world, host, young) = two(23, GOOD);
    world.run_for(SECOND * 3);
    world.tear_off(young, true);
    world.run_for(SECOND * 2);
    world.tear_off(young, false);
    let back = meet(&mut world, &[host, young], SECOND * 5);
    assert!(back < SECOND * 2, "{back:?}\n{}", world.log());
    assert_eq!(world.log().moments("Diverged").count(), 0);
    nobody_was_lied_to(&world, &[host, young]);
}

/// A long tunnel: the others are told that it is the network, and the seat comes back by itself, muted. What the
/// lock says meanwhile ("members differ") is true but late news; it must be gone with the tunnel.
#[test]
fn after_a_tunnel_of_eight_seconds_the_seat_is_back_without_a_click() {
    let (mut world, host, young) = two(23, GOOD);
    world.run_for(SECOND * 3);
    world.tear_off(young, true);
    world.run_for(SECOND * 8);
    let status =
        world.view(host).people.iter().find(|tile| tile.participant == young).expect("her seat").status;
    assert!(matches!(status, MediaStatus::TheirNetwork | MediaStatus::NoAnswer), "{status:?}");
    world.tear_off(young, false);
    let locked = |w: &World, who| w.view(who).lock.alarm.is_none() && w.view(who).lock.epoch.is_some();
    let back = world.run_until(SECOND * 5, |w| is_inside(w, young) && locked(w, young) && locked(w, host));
    assert!(back.is_some(), "{}", world.log());
    unmute(&mut world, &[host, young]);
    meet(&mut world, &[host, young], SECOND * 5);
    nobody_was_lied_to(&world, &[host, young]);
}

/// A tunnel of five seconds in which nobody sends sound or picture that could show it: the others are told that the line
/// is lost, and no lock takes it for a fork, on near lines and on far ones, whenever it begins (SEC-019).
#[test]
fn a_tunnel_of_five_seconds_alarms_nobody() {
    for (seed, line, begins) in [
        (27, GOOD, 3_000),
        (28, GOOD, 3_170),
        (29, "delay=75 jitter=10", 3_290),
        (30, "delay=75 jitter=10", 3_410),
        (31, "delay=150 jitter=20", 3_130),
        (32, "delay=150 jitter=20", 3_350),
    ] {
        let (mut world, host, young) = two(seed, line);
        for who in [host, young] {
            world.act(who, |call, now| {
                call.set_microphone(false, now);
                call.set_camera(false, now);
            });
        }
        world.run_for(Duration::from_millis(begins));
        let alarm = |w: &World| [host, young].iter().any(|who| w.view(*who).lock.alarm.is_some());
        world.tear_off(young, true);
        assert_eq!(world.run_until(SECOND * 5, alarm), None, "in the tunnel, {seed}:\n{}", world.log());
        world.tear_off(young, false);
        assert_eq!(world.run_until(SECOND * 6, alarm), None, "after it, {seed}:\n{}", world.log());
        assert!(is_inside(&world, young), "{seed}");
    }
}

/// A line too narrow for pictures: sound goes on, nobody is thrown out.
#[test]
fn a_narrow_line_does_not_end_the_talk() {
    let (mut world, host, young) = two(24, GOOD);
    world.set_line(young, "delay=30 rate=300 queue=30");
    world.run_for(SECOND * 10);
    world.forget_frames();
    world.run_for(SECOND * 5);
    assert!(is_inside(&world, young) && is_inside(&world, host));
    assert!(hears(&world, host, young) && hears(&world, young, host));
    world.set_line(young, GOOD);
    world.run_for(SECOND * 3);
    meet(&mut world, &[host, young], SECOND * 3);
}
