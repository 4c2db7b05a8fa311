//! A connection comes up, and carries nothing until the door has said yes (SEC-001).

use std::time::Duration;

use ids::TrackKind;
use protocol::media::{LINES, SENDING_LINES, lines_of_place};
use sfu::{OfferError, Profile, SfuEvent, Transport};
use str0m::RtcConfig;

use crate::harness::{Client, World, address, key_packet, person};

#[test]
fn a_connection_stands_with_gcm_and_nothing_is_forwarded_before_the_grant() {
    let (a, b) = (person(1), person(2));
    let (sound, picture) = lines_of_place(0).expect("a place");
    let mut world = World::new();
    world.join(a);
    world.join(b);
    world.run_until_connected();
    assert!(world.events.contains(&SfuEvent::Connected(a)));
    assert!(matches!(world.forwarder.profile(a), Some(Profile::Aes128Gcm | Profile::Aes256Gcm)), "SEC-020");

    let talk = |world: &mut World| {
        for number in 0..10 {
            world.speak(a, TrackKind::Microphone, &[number; 80]);
            world.speak(a, TrackKind::Camera, &key_packet(number, number));
        }
        world.run_for(Duration::from_millis(100));
    };
    talk(&mut world);
    world.open(a);
    talk(&mut world);
    assert_eq!(world.client(b).received.len(), 0, "b is not let in");
    world.open(b);
    talk(&mut world);
    assert_eq!(world.received(b, sound).len(), 10, "and the test can fail: now it flows");
    assert_eq!(world.received(b, picture).len(), 10);
    assert_eq!(world.client(a).received.len(), 0, "nobody hears herself");
}

#[test]
fn the_answer_is_one_way_opus_and_vp8_without_discontinuous_transmission() {
    let mut world = World::new();
    world.join(person(1));
    let answer = &world.answers[0];
    let sections: Vec<&str> = answer.split("\r\nm=").skip(1).collect();
    assert_eq!(sections.len(), LINES);
    for (index, section) in sections.iter().enumerate() {
        let direction = if index < SENDING_LINES { "a=recvonly" } else { "a=sendonly" };
        assert!(section.lines().any(|line| line == direction), "line {index} is {direction}");
        assert!(!section.contains("a=sendrecv"));
    }
    let codecs: Vec<&str> = answer.lines().filter(|line| line.starts_with("a=rtpmap:")).collect();
    assert!(
        codecs
            .iter()
            .all(|c| ["opus/48000/2", "VP8/90000", "rtx/90000"].iter().any(|known| c.ends_with(known)))
    );
    let sound = answer.lines().find(|line| line.starts_with("a=fmtp:111")).expect("Opus has parameters");
    assert!(sound.contains("usedtx=0"), "{sound}");
    for section in sections {
        let asked = section.lines().any(|line| line.starts_with("a=fmtp:111") && line.ends_with(";cbr=1"));
        assert_eq!(asked, section.starts_with("audio "), "sizes of sound would show who speaks: {section}");
    }
    assert!(answer.contains("a=ice-lite") && answer.contains("a=setup:passive"));
    assert!(!answer.contains("ssrc-audio-level"), "levels would show who speaks");
}

#[test]
fn a_connection_over_tcp_carries_the_same() {
    let (a, b) = (person(1), person(2));
    let mut world = World::new();
    world.join_from(a, address(1), Transport::Tcp);
    world.join(b);
    world.open(a);
    world.open(b);
    world.run_until_connected();
    world.speak(a, TrackKind::Microphone, b"from tcp");
    world.speak(b, TrackKind::Microphone, b"from udp");
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.client(b).received[0].payload, b"from tcp");
    assert_eq!(world.client(a).received[0].payload, b"from udp");
}

#[test]
fn an_offer_without_our_codecs_is_refused() {
    let mut world = World::new();
    let config = RtcConfig::new().clear_codecs().enable_opus(true, false).enable_h264(true);
    let (client, offer) = Client::with_config(config, address(1), Transport::Udp, world.now);
    assert_eq!(world.introduce(person(1), client, &offer), Err(OfferError::Unsupported));
}

#[test]
fn unusable_credentials_are_the_callers_fault() {
    let mut world = World::new();
    let (_, offer) = Client::new(address(1), Transport::Udp, world.now);
    let short = sfu::IceSecrets { ufrag: "abc".to_owned(), password: "p".repeat(22) };
    let odd = sfu::IceSecrets { ufrag: "abcd".to_owned(), password: format!("{}\n", "p".repeat(22)) };
    for secrets in [short, odd] {
        assert_eq!(
            world.forwarder.connect(person(1), &offer, secrets, world.now),
            Err(OfferError::Credentials)
        );
    }
}

#[test]
fn a_new_connection_replaces_the_old_one_and_the_grant_stays() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    world.speak(a, TrackKind::Microphone, b"before");
    world.join_from(a, address(77), Transport::Udp);
    world.run_until_connected();
    world.speak(a, TrackKind::Microphone, b"after the reload");
    world.run_for(Duration::from_millis(100));
    let heard = world.received(b, 3);
    assert_eq!(heard.last().expect("heard").payload, b"after the reload");
    let sequences: Vec<u64> = heard.iter().map(|r| r.sequence).collect();
    assert_eq!(sequences, (sequences[0]..sequences[0] + sequences.len() as u64).collect::<Vec<_>>());
    assert!(!world.events.contains(&SfuEvent::Dead(a)), "a replaced connection is not a dead one");
}
