//! A still picture's reason, as far as the forwarder can know it.

use std::time::Duration;

use ids::TrackKind;
use protocol::wire::MediaState;
use sfu::SfuEvent;

use crate::harness::{World, person};

fn states(world: &World) -> Vec<MediaState> {
    let state = |event: &SfuEvent| match event {
        SfuEvent::MediaState { participant, state } if *participant == person(1) => Some(*state),
        _ => None,
    };
    world.events.iter().filter_map(state).collect()
}

#[test]
fn flowing_late_silent_and_idle_are_told_apart() {
    let a = person(1);
    let mut world = World::with_people(2);
    assert!(states(&world).is_empty(), "nothing is expected and nothing is said");
    world.forwarder.set_sending(a, &[TrackKind::Microphone], world.now);
    for _ in 0..100 {
        world.speak(a, TrackKind::Microphone, b"tone");
        world.run_for(Duration::from_millis(15));
    }
    assert_eq!(states(&world), [MediaState::Flowing]);
    world.run_for(Duration::from_millis(1_100));
    assert_eq!(states(&world), [MediaState::Flowing, MediaState::Late]);
    world.run_for(Duration::from_millis(2_000));
    assert_eq!(states(&world).last(), Some(&MediaState::Silent));
    world.speak(a, TrackKind::Microphone, b"tone");
    world.run_for(Duration::from_millis(50));
    assert_eq!(states(&world).last(), Some(&MediaState::Flowing));
    world.forwarder.set_sending(a, &[], world.now);
    world.run_for(Duration::from_secs(5));
    assert_eq!(states(&world).last(), Some(&MediaState::Idle));
    assert_eq!(states(&world).len(), 5);
}

#[test]
fn the_next_deadline_is_never_later_than_a_change_of_state() {
    let a = person(1);
    let mut world = World::with_people(2);
    world.forwarder.set_sending(a, &[TrackKind::Camera], world.now);
    while !matches!(world.forwarder.poll_output(), sfu::Output::Timeout(_)) {}
    let sfu::Output::Timeout(at) = world.forwarder.poll_output() else { panic!("drained") };
    assert!(at <= world.now + Duration::from_secs(1));
}
