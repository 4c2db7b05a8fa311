//! Pictures begin at key frames, go on without a gap across sources, and nobody is asked for key frames in a storm.

use std::time::Duration;

use ids::{Capabilities, TrackKind};
use sfu::MediaGrant;
use str0m::media::KeyframeRequestKind;

use crate::harness::{World, delta_packet, key_packet, person};

const PICTURE: u8 = 4;

#[test]
fn a_picture_begins_at_a_key_frame_and_the_sender_is_asked_for_one() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    world.speak(a, TrackKind::Camera, &delta_packet(7, 1));
    world.run_for(Duration::from_millis(600));
    assert!(world.received(b, PICTURE).is_empty(), "nothing that leans on what b never saw");
    assert!(!world.client(a).keyframe_requests.is_empty(), "a was asked");
    world.speak(a, TrackKind::Camera, &key_packet(8, 2));
    world.speak(a, TrackKind::Camera, &delta_packet(9, 3));
    world.run_for(Duration::from_millis(100));
    let payloads: Vec<_> = world.received(b, PICTURE).into_iter().map(|r| r.payload).collect();
    assert_eq!(payloads, [key_packet(8, 2), delta_packet(9, 3)]);
}

#[test]
fn a_receiver_in_need_is_heard_by_the_sender_once_per_half_second() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    world.speak(a, TrackKind::Camera, &key_packet(1, 1));
    world.run_for(Duration::from_millis(1_000));
    world.client(a).keyframe_requests.clear();
    for _ in 0..100 {
        let mid = world.client(b).mid(PICTURE);
        let mut direct = world.client(b).rtc.direct_api();
        direct.stream_rx_by_mid(mid, None).expect("receives").request_keyframe(KeyframeRequestKind::Pli);
        world.run_for(Duration::from_millis(20));
    }
    world.run_for(Duration::from_millis(100));
    let asked = world.client(a).keyframe_requests.len();
    assert!((4..=5).contains(&asked), "{asked} requests in two seconds");
}

#[test]
fn a_new_key_in_use_asks_every_sender_whose_picture_is_received() {
    let (a, b, c) = (person(1), person(2), person(3));
    let mut world = World::with_people(3);
    for sender in [a, b, c] {
        world.speak(sender, TrackKind::Camera, &key_packet(1, 1));
    }
    world.run_for(Duration::from_millis(1_000));
    for sender in [a, b, c] {
        world.client(sender).keyframe_requests.clear();
    }
    world.forwarder.request_keyframes(c, world.now);
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.client(a).keyframe_requests.len(), 1);
    assert_eq!(world.client(b).keyframe_requests.len(), 1);
    assert_eq!(world.client(c).keyframe_requests.len(), 0);
}

#[test]
fn one_line_shows_one_after_the_other_without_a_gap_in_any_counter() {
    let (a, b, c) = (person(1), person(2), person(3));
    let mut world = World::with_people(2);
    world.speak(a, TrackKind::Camera, &key_packet(100, 1));
    world.speak(a, TrackKind::Camera, &delta_packet(101, 2));
    world.run_for(Duration::from_millis(50));
    world.forwarder.disconnect(a, world.now);
    world.clients.remove(&a);
    world.join(c);
    world.forwarder.open(MediaGrant::mint(c, &Capabilities::MEMBER), world.now);
    world.run_until_connected();
    world.speak(c, TrackKind::Camera, &delta_packet(4, 3));
    world.speak(c, TrackKind::Camera, &key_packet(5, 4));
    world.speak(c, TrackKind::Camera, &delta_packet(6, 5));
    world.run_for(Duration::from_millis(100));
    let received = world.received(b, PICTURE);
    let sequences: Vec<u64> = received.iter().map(|r| r.sequence).collect();
    assert_eq!(sequences, [1, 2, 3, 4]);
    let pictures: Vec<u8> = received.iter().map(|r| r.payload[3]).collect();
    assert_eq!(pictures, [100, 101, 102, 103], "libwebrtc drops a picture whose id seems old");
    assert_eq!(received[2].payload[4..], key_packet(5, 4)[4..], "behind the descriptor nothing is touched");
    assert!(
        received.windows(2).all(|w| w[1].time.wrapping_sub(w[0].time) < u32::MAX / 2),
        "time goes forward"
    );
}

#[test]
fn a_packet_lost_on_the_way_down_is_sent_again_from_this_leg_alone() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    for number in 1..=20 {
        if number == 10 {
            world.drop_next_media_down = true;
        }
        let packet = if number == 1 { key_packet(1, 1) } else { delta_packet(number, number) };
        world.speak(a, TrackKind::Camera, &packet);
    }
    world.run_for(Duration::from_millis(500));
    assert!(!world.drop_next_media_down, "the test lost a packet");
    let mut sequences: Vec<u64> = world.received(b, PICTURE).iter().map(|r| r.sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=20).collect::<Vec<_>>());
}
