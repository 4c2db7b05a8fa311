//! The door asked again: facts that cut, facts that close, and moments that come by themselves.

use core::time::Duration;

use domain::door::Invited;
use domain::meeting::WithdrawnBy;
use ids::{FACTS_RELOAD_MS, GoneReason, RefuseReason, Role, WaitReason};
use protocol::wire::{ClientMessage, ServerMessage};
use room::{Output, RoomEvent};

use crate::house::{House, Seen, who};

fn refused(house: &House, page: usize, why: RefuseReason) -> bool {
    house.got(page, |m| *m == ServerMessage::Refused { why })
}

#[test]
fn a_block_cuts_at_once_the_forwarder_first() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.set_facts(who(2), |facts| facts.cutting.blocked = true);
    assert!(refused(&house, young, RefuseReason::Blocked));
    assert!(!house.sees(host, young) && !house.sees(young, host));
    assert!(house.got(host, |m| matches!(m, ServerMessage::Gone { reason: GoneReason::DoorClosed, .. })));
    assert_eq!(house.pages[host].members.len(), 1);
    let place = |is: &dyn Fn(&Output) -> bool| {
        house.log.iter().position(|(_, seen)| matches!(seen, Seen::Output(output) if is(output)))
    };
    let ended = place(&|o| matches!(o, Output::Record { event: RoomEvent::AdmissionEnded { .. }, .. }));
    let remove = place(
        &|o| matches!(o, Output::Send { message, .. } if matches!(**message, ServerMessage::RemoveWanted { .. })),
    );
    assert!(ended.is_some() && ended < remove, "keys change after the admission ended (SEC-024)");
    house.chat(host, "alone");
    assert!(!house.heard_chat(young, "alone"));
}

#[test]
fn a_block_lifted_lets_her_wait_again_without_a_reload() {
    let mut house = House::new();
    let young = house.invite(2, Role::YoungPerson);
    house.set_facts(young, |facts| facts.cutting.blocked = true);
    let page = house.open(young, 1);
    house.hello(page);
    assert!(refused(&house, page, RefuseReason::Blocked));
    assert!(!house.got(page, |m| matches!(m, ServerMessage::Welcome(_))));
    house.set_facts(young, |facts| facts.cutting.blocked = false);
    assert!(house.got(page, |m| matches!(m, ServerMessage::Welcome(_))));
    house.knock(page);
    assert!(house.got(page, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::NoHost, .. })));
}

#[test]
fn every_cutting_fact_cuts_a_guest_who_is_inside() {
    type Change = fn(&mut domain::door::CuttingFacts);
    let changes: [(Change, RefuseReason); 7] = [
        (|f| f.invitation = Invited::No, RefuseReason::NotInvited),
        (|f| f.blocked = true, RefuseReason::Blocked),
        (|f| f.own_withdrawal = true, RefuseReason::OwnWithdrawal),
        (|f| f.signed_out = true, RefuseReason::SignedOut),
        (|f| f.session_ended = true, RefuseReason::SessionEnded),
        (|f| f.ended_for = true, RefuseReason::EndedForYou),
        (
            |f| f.invitation = Invited::Withdrawn { role: Role::Support, by: WithdrawnBy::Other },
            RefuseReason::InvitationWithdrawn,
        ),
    ];
    for (change, why) in changes {
        let mut house = House::new();
        let (host, guest) = (house.invite(1, Role::Host), house.invite(3, Role::Support));
        let (host, guest) = (house.arrive(host), house.arrive(guest));
        house.click(host, guest);
        assert!(house.sees(host, guest));
        house.set_facts(who(3), |facts| change(&mut facts.cutting));
        assert!(refused(&house, guest, why), "{why:?}");
        assert!(!house.sees(host, guest) && house.pages[host].members.len() == 1, "{why:?}");
    }
}

#[test]
fn a_host_whose_role_is_taken_away_is_out_of_the_room_and_everyone_waits_when_no_other_comes() {
    let (mut house, host, young) = House::two_inside();
    house.set_facts(who(1), |facts| {
        facts.cutting.invitation = Invited::Yes { role: Role::CareWorker, until: None }
    });
    assert!(!house.sees(young, host));
    house.say(host, &ClientMessage::EndForAll);
    assert!(!house.pages[young].closed, "no longer a host");
    house.wait(ids::HOST_GRACE_MS + 1_000);
    assert!(house.got(young, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::HostLost, .. })));
}

#[test]
fn the_booked_end_keeps_new_people_out_and_cuts_nobody() {
    let (mut house, host, young) = House::two_inside();
    let (guest, late) = (house.invite(3, Role::Support), house.invite(4, Role::Support));
    let guest = house.arrive(guest);
    house.click(host, guest);
    house.wait(3 * 3_600_000);
    house.chat(host, "still here");
    assert!(house.heard_chat(young, "still here") && house.heard_chat(guest, "still here"));
    let late = house.arrive(late);
    assert!(refused(&house, late, RefuseReason::TooLate));
    // CARE-01: she left and comes back long after the booked end; her clinician is there and may let her in.
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    let young = house.arrive(who(2));
    assert!(house.got(young, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::NotYetLetIn, .. })));
    house.click(host, young);
    assert!(house.is_joined(young));
}

#[test]
fn too_early_says_when_and_the_moment_comes_by_itself() {
    let mut house = House::new();
    let guest = house.invite(3, Role::Support);
    let opens = house.now.wall.plus(Duration::from_secs(600));
    house.set_facts(guest, |facts| {
        facts.closing.window.starts = opens;
        facts.closing.window.early = Duration::ZERO;
    });
    let page = house.arrive(guest);
    let early = |m: &ServerMessage| matches!(m, ServerMessage::Waiting { why: WaitReason::TooEarly, reconsider_at: Some(at), .. } if *at == opens);
    assert!(house.got(page, early));
    assert_eq!(house.deadlines.and_then(|deadlines| deadlines.wall), Some(opens));
    house.wait(599_000);
    assert!(!house.got(page, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::NoHost, .. })));
    house.wait(2_000);
    assert!(house.got(page, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::NoHost, .. })));
}

#[test]
fn a_click_that_the_door_did_not_follow_is_not_kept_for_later() {
    let mut house = House::new();
    let (host, guest) = (house.invite(1, Role::Host), house.invite(3, Role::Support));
    let opens = house.now.wall.plus(Duration::from_secs(60));
    house.set_facts(guest, |facts| {
        facts.closing.window.starts = opens;
        facts.closing.window.early = Duration::ZERO;
    });
    let (host, guest) = (house.arrive(host), house.arrive(guest));
    house.click(host, guest);
    house.wait(70_000);
    assert!(!house.is_joined(guest) && !house.sees(host, guest), "nobody clicked since it became possible");
    house.click(host, guest);
    assert!(house.is_joined(guest));
}

#[test]
fn a_parents_five_minutes_end_by_themselves() {
    let mut house = House::new();
    let (host, guardian) = (house.invite(1, Role::Host), house.invite(3, Role::Guardian));
    let until = house.now.wall.plus(Duration::from_secs(300));
    house.set_facts(guardian, |facts| {
        facts.cutting.invitation = Invited::Yes { role: Role::Guardian, until: Some(until) };
        facts.closing.young_person_invited = false;
    });
    let (host, guardian) = (house.arrive(host), house.arrive(guardian));
    house.click(host, guardian);
    assert!(
        house.got(guardian, |m| matches!(m, ServerMessage::Admitted { until: Some(at), .. } if *at == until))
    );
    assert_eq!(house.deadlines.and_then(|deadlines| deadlines.wall), Some(until));
    house.wait(299_000);
    assert!(house.sees(host, guardian));
    house.wait(1_001);
    assert!(refused(&house, guardian, RefuseReason::TooLate) && !house.sees(host, guardian));
}

#[test]
fn facts_are_loaded_again_as_a_net_under_the_events() {
    let (mut house, host, young) = House::two_inside();
    // A change that no event told the room about.
    house.facts.get_mut(&who(2)).expect("invited").cutting.own_withdrawal = true;
    house.wait(FACTS_RELOAD_MS - 1_000);
    assert!(house.sees(host, young));
    house.wait(2_000);
    assert!(refused(&house, young, RefuseReason::OwnWithdrawal) && !house.sees(host, young));
}
