//! Who hears whom, on which line; and how it ends.

use std::time::Duration;

use ids::{Capabilities, PEERS_MAX, ParticipantId, TrackKind};
use protocol::media::SCREEN_LINE;
use protocol::wire::Slot;
use sfu::{MediaGrant, SfuEvent};

use crate::harness::{World, key_packet, person};

/// The last slots told to somebody.
fn told(world: &World, who: ParticipantId) -> Vec<Slot> {
    let slots = world.events.iter().rev().find_map(|event| match event {
        SfuEvent::SlotsChanged { to, slots } if *to == who => Some(slots.clone()),
        _ => None,
    });
    slots.expect("told at least once")
}

fn everybody_is_heard_where_the_slots_say(count: u8) {
    let mut world = World::with_people(count);
    for speaker in 1..=count {
        world.speak(person(speaker), TrackKind::Microphone, &[speaker; 60]);
        world.speak(person(speaker), TrackKind::Camera, &key_packet(1, speaker));
    }
    world.run_for(Duration::from_millis(100));
    for listener in (1..=count).map(person) {
        let slots = told(&world, listener);
        assert_eq!(slots, world.forwarder.slots(listener));
        assert_eq!(slots.len(), 2 * (usize::from(count) - 1));
        for slot in slots {
            let expected = match slot.track {
                TrackKind::Microphone => vec![slot.participant.as_bytes()[0]; 60],
                _ => key_packet(1, slot.participant.as_bytes()[0]),
            };
            let received = world.received(listener, slot.line);
            assert!(received.iter().all(|r| r.payload == expected), "line {} carries its own", slot.line);
            assert_eq!(received.len(), 1);
            assert!(received[0].marker);
        }
    }
}

#[test]
fn three_people_hear_each_other_where_the_slots_say() {
    everybody_is_heard_where_the_slots_say(3);
}

#[test]
fn a_full_room_hears_each_other_where_the_slots_say() {
    everybody_is_heard_where_the_slots_say(u8::try_from(PEERS_MAX).expect("few"));
}

#[test]
fn pause_stops_both_directions_at_once() {
    let (a, b, c) = (person(1), person(2), person(3));
    let mut world = World::with_people(3);
    world.forwarder.pause(a, world.now);
    for _ in 0..5 {
        world.speak(a, TrackKind::Microphone, b"not for you");
        world.speak(b, TrackKind::Microphone, b"for c alone");
    }
    world.run_for(Duration::from_millis(100));
    assert!(world.client(a).received.is_empty(), "SEC-024: nothing to a");
    assert!(world.client(b).received.is_empty(), "SEC-024: nothing from a");
    assert_eq!(world.client(c).received.len(), 5);
    assert!(world.forwarder.slots(a).is_empty() && told(&world, a).is_empty());
    world.open(a);
    world.speak(a, TrackKind::Microphone, b"again");
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.client(c).received.last().expect("heard").payload, b"again");
}

#[test]
fn what_is_already_on_its_way_when_the_pause_comes_is_not_forwarded() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    let now = world.now;
    world.client(a).write(TrackKind::Microphone, b"in the air", now);
    world.run_for(Duration::from_millis(5));
    world.forwarder.pause(b, world.now);
    world.run_for(Duration::from_millis(100));
    assert!(world.client(b).received.is_empty());
}

#[test]
fn a_place_is_given_up_by_who_leaves_and_kept_by_who_stays() {
    let mut world = World::with_people(4);
    let before = told(&world, person(1));
    world.forwarder.disconnect(person(2), world.now);
    world.clients.remove(&person(2));
    world.run_for(Duration::from_millis(5));
    let after = told(&world, person(1));
    assert!(after.iter().all(|slot| before.contains(slot)), "nobody moved");
    assert!(after.iter().all(|slot| slot.participant != person(2)));
    world.join(person(5));
    world.open(person(5));
    world.run_until_connected();
    let freed = before.iter().find(|slot| slot.participant == person(2)).expect("had a place").line;
    assert!(told(&world, person(1)).iter().any(|slot| slot.line == freed && slot.participant == person(5)));
}

#[test]
fn one_screen_is_shared_and_only_by_its_holder() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    let share = |world: &mut World, who, noise| {
        world.speak(who, TrackKind::Screen, &key_packet(1, noise));
        world.run_for(Duration::from_millis(50));
    };
    share(&mut world, a, 1);
    assert!(world.received(b, SCREEN_LINE).is_empty(), "nobody holds the screen");
    world.forwarder.set_screen(Some(a), world.now);
    share(&mut world, a, 2);
    share(&mut world, b, 3);
    assert_eq!(world.received(b, SCREEN_LINE).len(), 1);
    assert!(world.received(a, SCREEN_LINE).is_empty());
    world.forwarder.set_screen(Some(b), world.now);
    share(&mut world, b, 4);
    assert_eq!(world.received(a, SCREEN_LINE).len(), 1);
}

#[test]
fn a_track_that_the_door_did_not_grant_is_not_forwarded() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    let sound_only = Capabilities { camera: false, screen: false, ..Capabilities::MEMBER };
    world.forwarder.open(MediaGrant::mint(a, &sound_only), world.now);
    world.forwarder.set_screen(Some(a), world.now);
    world.speak(a, TrackKind::Camera, &key_packet(1, 1));
    world.speak(a, TrackKind::Screen, &key_packet(1, 1));
    world.speak(a, TrackKind::Microphone, b"sound");
    world.run_for(Duration::from_millis(100));
    let received = &world.client(b).received;
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].payload, b"sound");
}
