//! A client changes networks and stays connected; a stranger with its address gets nothing.

use std::net::SocketAddr;
use std::time::Duration;

use ids::TrackKind;
use sfu::{SfuEvent, Transmit, Transport};

use crate::harness::{SERVER_UDP, World, address, candidate, person};

/// The client leaves one network for another: the old address is gone and only the new one is used.
fn roam(world: &mut World, number: u8) {
    let client = world.client(person(1));
    let old = candidate(client.address, Transport::Udp);
    client.address = address(number);
    client.rtc.add_local_candidate(candidate(address(number), Transport::Udp));
    client.rtc.direct_api().invalidate_candidate(&old);
}

#[test]
fn a_client_that_changes_networks_is_followed() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    for number in [100, 101, 102] {
        roam(&mut world, number);
        world.run_for(Duration::from_secs(3));
        world.speak(a, TrackKind::Microphone, &[number; 40]);
        world.speak(b, TrackKind::Microphone, &[number; 50]);
        world.run_for(Duration::from_millis(100));
        assert_eq!(world.client(b).received.last().expect("heard").payload, [number; 40]);
        assert_eq!(
            world.client(a).received.last().expect("heard").payload,
            [number; 50],
            "and it is heard too"
        );
    }
    assert!(!world.events.contains(&SfuEvent::Dead(a)));
}

#[test]
fn a_client_that_comes_back_to_its_old_network_is_followed_there_too() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    for number in [100, 1, 100, 1] {
        roam(&mut world, number);
        world.run_for(Duration::from_secs(3));
        world.speak(b, TrackKind::Microphone, &[number; 50]);
        world.run_for(Duration::from_millis(100));
        assert_eq!(world.client(a).received.last().expect("heard").payload, [number; 50]);
    }
}

#[test]
fn rubbish_from_the_clients_own_address_does_not_end_its_connection() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    let destination = SocketAddr::from(SERVER_UDP);
    for round in 0..50_u8 {
        for first in [0, 1, 20, 22, 23, 25, 63, 128, 191, 255] {
            let mut bytes = vec![first, round, 0xfe, 0xfd];
            bytes.extend((0..120).map(|i: u8| i.wrapping_mul(round)));
            world.inject(Transmit { transport: Transport::Udp, source: address(1), destination, bytes });
        }
        world.run_for(Duration::from_millis(5));
    }
    world.speak(a, TrackKind::Microphone, b"still here");
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.client(b).received.last().expect("heard").payload, b"still here");
    assert!(!world.events.contains(&SfuEvent::Dead(a)));
}

#[test]
fn a_client_that_says_goodbye_is_dead_and_another_lives_on() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(3);
    world.client(a).rtc.close().expect("closes");
    world.run_for(Duration::from_millis(200));
    assert!(world.events.contains(&SfuEvent::Dead(a)));
    world.clients.remove(&a);
    world.speak(b, TrackKind::Microphone, b"and I");
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.client(person(3)).received.last().expect("heard").payload, b"and I");
}
