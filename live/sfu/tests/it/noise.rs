//! Foreign bytes of every kind, from a fixed seed: nothing panics and nothing stays behind (SEC-023).
//!
//! The same entry points are fuzzed for longer elsewhere; this keeps them honest in every run.

use std::net::SocketAddr;

use sfu::{Packet, Transport, fuzz};

use crate::harness::{Client, SERVER_UDP, World, address};

/// A small generator (xorshift, Marsaglia 2003).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).expect("below a usize")
    }

    fn bytes(&mut self, longest: usize) -> Vec<u8> {
        (0..self.below(longest)).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// The same bytes with a few changed, cut or doubled.
    fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut spoilt = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(spoilt.len());
            match self.below(4) {
                0 => spoilt.truncate(place),
                1 => spoilt.splice(place..place, bytes.iter().copied().take(20)).for_each(drop),
                _ => spoilt.get_mut(place).into_iter().for_each(|byte| *byte = self.next().to_le_bytes()[0]),
            }
        }
        spoilt
    }
}

#[test]
fn noise_is_neither_stun_nor_picture_nor_hello() {
    let mut noise = Noise(7);
    let mut request = vec![0, 1, 0, 8, 0x21, 0x12, 0xA4, 0x42];
    request.extend([7; 12]);
    request.extend([0, 6, 0, 5, b'm', b'e', b':', b'y', b'o', 0, 0, 0, 0, 0x25, 0, 0]);
    for _ in 0..50_000 {
        for bytes in [noise.bytes(80), noise.spoil(&request)] {
            fuzz::fuzz_demux(&bytes);
            fuzz::fuzz_descriptor(&bytes);
            fuzz::fuzz_server_hello(&bytes);
        }
    }
}

#[test]
fn spoilt_offers_are_answered_or_refused() {
    let mut noise = Noise(11);
    let world = World::new();
    let (_, offer) = Client::new(address(1), Transport::Udp, world.now);
    fuzz::fuzz_offer(offer.as_bytes(), world.now);
    for _ in 0..400 {
        fuzz::fuzz_offer(&noise.spoil(offer.as_bytes()), world.now);
        fuzz::fuzz_offer(&noise.bytes(200), world.now);
    }
}

#[test]
fn strangers_are_nobody_and_leave_nothing_behind() {
    let mut noise = Noise(13);
    let mut world = World::with_people(2);
    let destination = SocketAddr::from(SERVER_UDP);
    for port in 1..2_000 {
        let source = SocketAddr::from(([192, 0, 2, 66], port));
        let bytes = noise.bytes(200);
        let packet = Packet { transport: Transport::Udp, source, destination, bytes: &bytes };
        assert!(!world.forwarder.accepts(&packet));
        assert!(!world.forwarder.handle_packet(world.now, &packet));
    }
}

#[test]
fn the_frozen_offer_is_answered() {
    let offer = include_str!("offer.sdp");
    let mut world = World::new();
    let secrets = sfu::IceSecrets { ufrag: "room0001".to_owned(), password: "p".repeat(22) };
    let answer =
        world.forwarder.connect(crate::harness::person(1), offer, secrets, world.now).expect("answered");
    assert_eq!(answer.matches("\r\nm=").count(), protocol::media::LINES);
}
