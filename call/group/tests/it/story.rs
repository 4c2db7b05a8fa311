//! Stories of honest sessions: people come, talk, leave, come back, and race.

use group::Output;
use ids::{Personal, Role, Timestamp};
use protocol::content::{Content, Heartbeat, Reaction, SelfState};
use protocol::frame::FrameKeys;
use protocol::group::{GroupCommand, GroupEvent, KnownAs};
use protocol::wire::AddGround;

use crate::world::World;

const HOST: Role = Role::Host;
const YOUNG: Role = Role::YoungPerson;
const GUARDIAN: Role = Role::Guardian;

fn chat(text: &str) -> Content {
    Content::Chat { text: Personal::new(text.to_owned()), at: Timestamp::from_millis(1) }
}

/// All members hold the same epoch, keys, members and words; nobody is alarmed.
pub(crate) fn assert_agreement(world: &World) {
    let views: Vec<_> = world.members.iter().map(|m| world.clients[*m].view().expect("inside")).collect();
    let keys: Vec<_> = world.members.iter().map(|m| world.clients[*m].frame_keys().expect("keys")).collect();
    for (view, key) in views.iter().zip(&keys) {
        assert_eq!(
            (view.group, view.epoch, view.safety_words),
            (views[0].group, world.epoch, views[0].safety_words)
        );
        assert_eq!(key, &keys[0]);
        assert_eq!(view.members.len(), world.members.len());
        let listed: Vec<_> = view.members.iter().map(|m| (m.participant, m.leaf)).collect();
        assert_eq!(listed, key.members);
    }
}

#[test]
fn a_clinician_lets_a_young_person_in_and_they_talk() {
    let mut world = World::with(&[HOST, YOUNG]);
    world.create(0);
    let (key_package, hash) = world.clients[1].key_package.clone().expect("a key package");
    let young = world.clients[1].participant;
    world.command(0, GroupCommand::Look { participant: young, key_package });
    let looked = GroupEvent::Looked { participant: young, hash, known: Some(KnownAs::New) };
    assert!(world.clients[0].events.contains(&looked));
    world.let_in(0, 1);
    world.settle();
    assert_agreement(&world);
    world.command(1, GroupCommand::Seal(chat("hei")));
    world.command(0, GroupCommand::Seal(Content::Reaction(Reaction::Heart)));
    world.settle();
    assert_eq!(world.clients[0].opened(), [(young, chat("hei"))]);
    assert_eq!(world.clients[1].opened().len(), 1);
    assert!(world.clients.iter().all(|client| client.alarms().is_empty()));
    let roles: Vec<_> =
        world.clients[1].view().expect("inside").members.iter().map(|m| (m.role, m.known)).collect();
    assert_eq!(roles, [(HOST, KnownAs::New), (YOUNG, KnownAs::Own)]);
}

/// A browser's device signs when it likes. The page counts key packages that it asked for, so that one that was asked
/// for before leaving still comes, and the next is another.
#[test]
fn a_signature_that_comes_after_leaving_still_makes_its_key_package() {
    let mut world = World::with(&[YOUNG]);
    let client = &mut world.clients[0];
    client.member.handle_command(GroupCommand::MakeKeyPackage, world.now);
    let Some(Output::SignWithDevice { ticket, bytes }) = client.member.poll_output() else {
        panic!("the device is asked")
    };
    client.member.handle_command(GroupCommand::Leave, world.now);
    let signature = client.device.sign(&bytes);
    client.member.handle_device_signature(ticket, &signature, world.now);
    let told: Vec<Output> = core::iter::from_fn(|| client.member.poll_output()).collect();
    assert!(
        told.iter().any(|output| matches!(output, Output::Event(GroupEvent::KeyPackage { .. }))),
        "{told:?}"
    );
}

#[test]
fn all_acknowledge_an_epoch_and_senders_are_told_once() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN]);
    // No page has said how it is there, so that each speaks with the first ordinary heartbeat.
    world.pass(1_000);
    for client in &world.clients {
        let epoch = client.frame_keys().expect("keys").epoch;
        let told = client.keys.iter().filter(|k| **k == FrameKeys::Acknowledged { epoch }).count();
        assert_eq!(told, 1);
    }
}

#[test]
fn each_member_tells_its_own_state_with_the_authenticator_filled_in() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let state = SelfState { camera: true, paused: true, ..SelfState::default() };
    let said = Heartbeat { number: 0, authenticator: Vec::new(), heard: vec![], asks: false, state };
    world.command(1, GroupCommand::Seal(Content::Heartbeat(said)));
    world.settle();
    let heard = world.clients[0].heartbeats();
    let heartbeat = &heard[&world.clients[1].participant];
    assert_eq!(heartbeat.state, state);
    assert_eq!(heartbeat.authenticator.len(), 32);
    world.pass(2_000);
    let again = world.clients[0].heartbeats();
    let repeated = &again[&world.clients[1].participant];
    assert_eq!(repeated.state, state, "repeated every two seconds");
    assert!(repeated.number > heartbeat.number);
}

#[test]
fn an_hour_of_peace_raises_no_alarm() {
    let mut world = World::gathered(&[HOST, HOST, YOUNG]);
    world.pass(60_000);
    for client in &world.clients {
        assert!(client.alarms().is_empty());
    }
}

#[test]
fn who_leaves_gets_no_further_key() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN]);
    world.ask_to_remove(0, 2);
    world.settle();
    assert_agreement(&world);
    assert_eq!(world.members, [0, 1]);
    assert_eq!(world.clients[2].keys.last(), Some(&FrameKeys::Forget), "SEC-024");
    let installs = |client: usize| {
        world.clients[client].keys.iter().rev().find_map(|keys| match keys {
            FrameKeys::Install { removal, .. } => Some(*removal),
            _ => None,
        })
    };
    assert_eq!(installs(1), Some(true), "a removal switches senders at once");
}

#[test]
fn a_reload_swaps_the_leaf_in_one_commit_without_a_click() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let epoch = world.epoch;
    let memory = world.clients[1].memory.clone();
    let again = world.arrive_with(2, 2, YOUNG, memory);
    world.ask_on_ground(0, again, AddGround::CameBack);
    world.settle();
    assert_eq!(world.epoch, epoch + 1, "one commit");
    assert_eq!(world.members, [0, again]);
    assert_agreement(&world);
    assert_eq!(world.clients[1].keys.last(), Some(&FrameKeys::Forget), "the older tab stops");
    let commit = world.ordered.last().expect("a commit");
    let seat = world.clients[again].participant;
    assert_eq!(commit.removed, [seat], "the old leaf goes");
    assert!(matches!(commit.added[..], [(added, _)] if added == seat), "and the new one comes");
}

#[test]
fn the_same_person_on_a_new_device_needs_a_click() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let phone = world.arrive(2, 22, YOUNG);
    world.let_in(0, phone);
    world.settle();
    assert_eq!(world.members, [0, phone]);
    assert_agreement(&world);
    let view = world.clients[0].view().expect("inside");
    let young = view.members.iter().find(|m| m.role == YOUNG).expect("there");
    assert!(matches!(young.known, KnownAs::Changed { .. }));
}

#[test]
fn the_loser_of_a_race_rebuilds_what_is_still_wanted() {
    let mut world = World::with(&[HOST, HOST, YOUNG, GUARDIAN]);
    world.create(0);
    world.let_in(0, 1);
    world.settle();
    world.let_in(0, 2);
    world.let_in(1, 3);
    world.settle();
    world.pass(1_000);
    assert_eq!(world.members.len(), 4);
    assert_agreement(&world);
    assert!(world.clients.iter().all(|client| client.alarms().is_empty()));
}

#[test]
fn several_wishes_go_in_one_commit() {
    let mut world = World::with(&[HOST, YOUNG, GUARDIAN, Role::CareWorker]);
    world.create(0);
    world.let_in(0, 1);
    world.let_in(0, 2);
    world.let_in(0, 3);
    world.settle();
    assert_eq!(world.epoch, 2, "the first alone, the others together");
    assert_agreement(&world);
}

#[test]
fn a_message_that_overtakes_its_commit_is_opened_afterwards() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN]);
    let late = world.arrive(9, 9, Role::Support);
    world.let_in(0, late);
    while world.deliver(0) {}
    world.command(0, GroupCommand::Seal(chat("after the commit")));
    let queue = &mut world.clients[1].queue;
    let commit = queue.pop_front().expect("the commit comes first");
    queue.push_back(commit);
    world.settle();
    assert_eq!(world.clients[1].opened().last().map(|(_, c)| c.clone()), Some(chat("after the commit")));
    assert_agreement(&world);
}

#[test]
fn late_messages_of_the_epoch_before_open_for_three_seconds() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN]);
    world.command(1, GroupCommand::Seal(chat("just before")));
    let (_, soon) = world.relayed.pop().expect("relayed");
    world.command(1, GroupCommand::Seal(chat("much too late")));
    let (_, late) = world.relayed.pop().expect("relayed");
    world.clients[0].queue.clear();
    world.ask_to_remove(0, 2);
    world.settle();
    let from = world.clients[1].participant;
    world.command(0, GroupCommand::Open { from, sealed: soon });
    world.pass(3_500);
    world.command(0, GroupCommand::Open { from, sealed: late });
    assert_eq!(world.clients[0].opened(), [(from, chat("just before"))]);
}

#[test]
fn a_device_known_from_an_earlier_session_is_shown_as_the_same() {
    let mut first = World::gathered(&[HOST, YOUNG]);
    first.pass(500);
    let memory = first.clients[0].memory.clone();
    let since = memory.pins[0].first_seen;
    let mut second = World::new();
    second.session = ids::SessionId::from_bytes([8; 16]);
    second.arrive_with(1, 1, HOST, memory);
    second.arrive(2, 2, YOUNG);
    second.create(0);
    second.let_in(0, 1);
    second.settle();
    let view = second.clients[0].view().expect("inside");
    assert_eq!(view.members[1].known, KnownAs::SameAsSince(since));
}

#[test]
fn a_scanned_code_pins_the_device_and_a_wrong_one_does_not() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN]);
    world.command(0, GroupCommand::MakePairingCode);
    let code = world.clients[0].events.iter().find_map(|event| match event {
        GroupEvent::PairingCode { code } => Some(code.clone()),
        _ => None,
    });
    let code = code.expect("a code");
    let (host, guardian) = (world.clients[0].participant, world.clients[2].participant);
    world.command(1, GroupCommand::Pair { participant: guardian, code: code.clone() });
    world.command(1, GroupCommand::Pair { participant: host, code });
    let paired: Vec<_> = world.clients[1]
        .events
        .iter()
        .filter_map(|event| match event {
            GroupEvent::Paired { participant, matched } => Some((*participant, *matched)),
            _ => None,
        })
        .collect();
    assert_eq!(paired, [(guardian, false), (host, true)]);
    let view = world.clients[1].view().expect("inside");
    assert_eq!(view.members[0].known, KnownAs::MetInPerson(world.now));
    assert_eq!(view.members[2].known, KnownAs::New);
}

#[test]
fn leaving_forgets_everything_but_the_device() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    world.command(1, GroupCommand::Leave);
    assert_eq!(world.clients[1].keys.last(), Some(&FrameKeys::Forget));
    let events = world.clients[1].events.len();
    world.command(1, GroupCommand::Seal(chat("nobody hears this")));
    assert_eq!(world.clients[1].events.len(), events);
    world.command(1, GroupCommand::MakeKeyPackage);
    world.clients[1].queue.clear();
    world.ask_to_remove(0, 1);
    world.settle();
    world.ask_on_ground(0, 1, AddGround::CameBack);
    world.settle();
    assert_agreement(&world);
    assert_eq!(world.members.len(), 2, "stepped in again with a fresh key package");
}

#[test]
fn a_phone_whose_clock_is_wrong_by_a_day_is_let_in_all_the_same() {
    let mut world = World::with(&[HOST]);
    world.create(0);
    let right = world.now;
    let hello = world.arrive(2, 2, YOUNG);
    let attested = world.attested(hello);
    world.now = right.minus(core::time::Duration::from_secs(24 * 60 * 60));
    world.command(hello, attested);
    world.command(hello, GroupCommand::MakeKeyPackage);
    world.now = right;
    world.let_in(0, hello);
    while world.deliver(0) {}
    world.now = right.minus(core::time::Duration::from_secs(24 * 60 * 60));
    while world.deliver(hello) {}
    world.now = right;
    world.settle();
    assert_agreement(&world);
    assert!(world.clients.iter().all(|client| client.alarms().is_empty()));
}

#[test]
fn a_commit_that_the_server_refuses_is_not_sent_again_and_again() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let guest = world.arrive(9, 9, Role::Support);
    let epoch = world.epoch;
    let members = core::mem::take(&mut world.members);
    world.let_in(0, guest);
    world.settle();
    let sent = |world: &World| {
        world.clients[0].events.iter().filter(|event| matches!(event, GroupEvent::SendCommit(_))).count()
    };
    let before = sent(&world);
    world.members = members;
    world.pass(3_000);
    assert_eq!(sent(&world), before, "the server said that it lost, with no other commit");
    assert_eq!(world.epoch, epoch);
    world.ask_to_add(0, guest);
    world.settle();
    assert_agreement(&world);
    assert_eq!(world.members.len(), 3, "asked again, with the same click");
}
