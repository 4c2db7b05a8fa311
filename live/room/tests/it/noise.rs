//! Noise: whatever bytes come in by whatever way, the room neither panics nor lets anybody in (SEC-023).

use domain::door::Facts;
use ids::{ConnectionId, Role};
use proptest::prelude::*;
use protocol::group::SignedAttestation;
use protocol::wire::{ClientMessage, DeviceKey, KeyPackageHash, ServerMessage};
use room::{RecordId, Recorded};

use crate::house::{House, good_facts, who};

/// A message that a page might send, broken or not.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let message = prop_oneof![
        Just(ClientMessage::EndForAll),
        Just(ClientMessage::TakeScreen),
        Just(ClientMessage::StepOut { someone_came_in: true }),
        prop::collection::vec(any::<u8>(), 0..70)
            .prop_map(|key| ClientMessage::Hello { device: DeviceKey(key), returning: true }),
        (prop::collection::vec(any::<u8>(), 0..50), any::<[u8; 32]>())
            .prop_map(|(key_package, hash)| ClientMessage::Knock { key_package, hash: KeyPackageHash(hash) }),
        "\\PC{0,200}".prop_map(|sdp| ClientMessage::Offer { sdp }),
    ];
    let mangled = (message, any::<prop::sample::Index>(), any::<u8>(), any::<bool>()).prop_map(
        |(message, at, byte, cut)| {
            let mut bytes = protocol::encode(&message);
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= byte;
            }
            bytes
        },
    );
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), mangled]
}

fn facts() -> impl Strategy<Value = Facts> {
    (any::<[bool; 5]>(), any::<i64>(), any::<i64>(), any::<u64>()).prop_map(
        |(flags, starts, ends, margin)| {
            let mut facts = good_facts(Role::Guardian);
            let cutting = &mut facts.cutting;
            [
                cutting.blocked,
                cutting.own_withdrawal,
                cutting.signed_out,
                cutting.session_ended,
                cutting.ended_for,
            ] = flags;
            facts.closing.window.starts = ids::Timestamp::from_millis(starts);
            facts.closing.window.ends = ids::Timestamp::from_millis(ends);
            facts.closing.window.early = core::time::Duration::from_millis(margin);
            facts.closing.window.late = core::time::Duration::from_millis(margin);
            facts
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_guest_or_the_network_sends_makes_the_room_panic(
        noise in prop::collection::vec((bytes(), 0_u8..8), 0..60),
        facts in facts(),
        port in any::<u16>(),
    ) {
        let (mut house, host, young) = House::two_inside();
        let guest = house.invite(3, Role::Guardian);
        let (outside, mute) = (house.arrive(guest), house.invite(4, Role::Guardian));
        let mute = house.open(mute, 1);
        for (bytes, way) in noise {
            match way {
                0 => house.say_bytes(young, &bytes),
                1 => house.say_bytes(outside, &bytes),
                2 => house.say_bytes(mute, &bytes),
                3 => {
                    let packet = sfu::Packet {
                        transport: sfu::Transport::Tcp,
                        source: ([198, 51, 100, 7], port).into(),
                        destination: ([192, 0, 2, 1], 443).into(),
                        bytes: &bytes,
                    };
                    house.room.handle_packet(&packet, house.now);
                }
                4 => {
                    let mut id = [0; 16];
                    bytes.iter().zip(&mut id).for_each(|(byte, place)| *place = *byte);
                    let connection = ConnectionId::from_bytes(id);
                    house.room.handle_message(connection, &bytes, house.now);
                    house.room.handle_disconnected(connection, house.now);
                    let attestation = SignedAttestation { statement: bytes.clone(), signature: bytes };
                    house.room.handle_attested(connection, attestation, house.now);
                }
                5 => house.room.handle_recorded(RecordId(bytes.len() as u64), Recorded::Failed, house.now),
                6 => {
                    house.facts.insert(who(3), facts.clone());
                    house.room.handle_facts_changed(&[who(3), who(200)]);
                }
                _ => house.jump(bytes.len() as u64),
            }
            house.pump();
        }
        let told = house.got(outside, |m| matches!(m, ServerMessage::Admitted { .. } | ServerMessage::Joined { .. }));
        prop_assert!(!told && !house.sees(host, outside));
    }
}
