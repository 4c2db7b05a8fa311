//! Stories of the screen, of floods, and of what reaches the forwarder.

use ids::{Role, TrackKind};
use protocol::wire::{ClientMessage, RejectReason, ServerMessage};

use crate::house::{House, who};

fn rejected(house: &House, page: usize, why: RejectReason) -> bool {
    house.got(page, |m| *m == ServerMessage::Rejected { why })
}

fn screen(house: &House, page: usize) -> Option<ids::ParticipantId> {
    match house.last(page, |m| matches!(m, ServerMessage::Screen { .. })) {
        Some(ServerMessage::Screen { holder }) => *holder,
        _ => None,
    }
}

#[test]
fn one_screen_at_a_time() {
    let (mut house, host, young) = House::two_inside();
    house.say(young, &ClientMessage::TakeScreen);
    assert_eq!((screen(&house, host), screen(&house, young)), (Some(who(2)), Some(who(2))));
    let shares = |house: &House| {
        house
            .room
            .slots(who(1))
            .iter()
            .any(|slot| slot.track == TrackKind::Screen && slot.participant == who(2))
    };
    assert!(shares(&house));
    house.say(host, &ClientMessage::TakeScreen);
    assert!(rejected(&house, host, RejectReason::ScreenTaken));
    house.say(host, &ClientMessage::DropScreen);
    assert_eq!(screen(&house, host), Some(who(2)), "nobody drops another's screen");
    house.say(young, &ClientMessage::DropScreen);
    assert_eq!(screen(&house, host), None);
    assert!(!shares(&house));
}

#[test]
fn whoever_steps_out_leaves_or_loses_the_seat_gives_the_screen_back() {
    type Deed = fn(&mut House, usize, usize);
    let deeds: [Deed; 4] = [
        |house, _, young| house.say(young, &ClientMessage::StepOut { someone_came_in: false }),
        |house, _, young| house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::ClosedFast }),
        |house, host, _| house.say(host, &ClientMessage::SendBack { participant: who(2) }),
        |house, _, young| {
            house.drop_line(young);
            house.arrive(who(2));
        },
    ];
    for deed in deeds {
        let (mut house, host, young) = House::two_inside();
        house.say(young, &ClientMessage::TakeScreen);
        deed(&mut house, host, young);
        assert_eq!(screen(&house, host), None);
    }
}

#[test]
fn the_slots_are_told_to_each_receiver() {
    let (house, host, young) = House::two_inside();
    for (page, other) in [(host, who(2)), (young, who(1))] {
        let slots = house.last(page, |m| matches!(m, ServerMessage::Slots { .. }));
        let Some(ServerMessage::Slots { slots }) = slots else { panic!("slots were told") };
        assert!(slots.len() == 2 && slots.iter().all(|slot| slot.participant == other));
    }
}

#[test]
fn an_offer_that_is_none_is_refused() {
    let (mut house, _, young) = House::two_inside();
    house.say(young, &ClientMessage::Offer { sdp: "v=0".into() });
    assert!(rejected(&house, young, RejectReason::BadOffer));
}

#[test]
fn a_flood_is_told_once_and_then_cut_off() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    let ping = protocol::encode(&ClientMessage::Ping { number: 1 });
    for _ in 0..700 {
        house.say_bytes(young, &ping);
    }
    let told = house.pages[young]
        .got
        .iter()
        .filter(|m| **m == ServerMessage::Rejected { why: RejectReason::TooFast });
    assert_eq!(told.count(), 1);
    assert!(house.pages[young].closed);
    assert!(house.got(host, |m| matches!(m, ServerMessage::Gone { .. })));
}

#[test]
fn bytes_over_the_limit_are_refused() {
    let mut house = House::new();
    let young = house.invite(2, Role::YoungPerson);
    let young = house.arrive(young);
    house.say_bytes(young, &vec![0; ids::MESSAGE_BYTES_MAX + 1]);
    assert!(rejected(&house, young, RejectReason::BadMessage));
}
