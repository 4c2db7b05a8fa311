//! Stories of the delivery order: one commit for each epoch, the right welcome, and hosts who vanish.

use ids::{ParticipantId, Role, WaitReason};
use protocol::wire::{AddGround, ClientMessage, Commit, RejectReason, Sealed, ServerMessage};

use crate::house::{House, hash_of, who};

fn rejected(house: &House, page: usize, why: RejectReason) -> bool {
    house.got(page, |m| *m == ServerMessage::Rejected { why })
}

fn lost(house: &House, page: usize) -> bool {
    house.got(page, |m| matches!(m, ServerMessage::CommitLost { .. }))
}

fn asked(house: &House, page: usize, whom: ParticipantId) -> usize {
    let is = |m: &&ServerMessage| matches!(m, ServerMessage::AddWanted { participant, .. } if *participant == whom);
    house.pages[page].got.iter().filter(is).count()
}

/// Two hosts inside and a guest at the door.
fn two_hosts() -> (House, usize, usize, usize) {
    let mut house = House::new();
    let (one, two, guest) =
        (house.invite(1, Role::Host), house.invite(2, Role::Host), house.invite(3, Role::CareWorker));
    let (one, two) = (house.arrive(one), house.arrive(two));
    house.click(one, two);
    let guest = house.arrive(guest);
    house.forget();
    (house, one, two, guest)
}

fn empty_commit(house: &House, page: usize) -> Commit {
    let page = &house.pages[page];
    Commit {
        group: page.group.expect("the page is in the group"),
        epoch: page.epoch,
        message: b"update".to_vec(),
        added: Vec::new(),
        removed: Vec::new(),
        welcome: None,
    }
}

#[test]
fn the_first_commit_of_an_epoch_wins_and_the_loser_is_told_and_asked_again() {
    let (mut house, one, two, guest) = two_hosts();
    house.works = false;
    house.click(one, guest);
    assert_eq!(
        (asked(&house, one, who(3)), asked(&house, two, who(3))),
        (1, 0),
        "the one who clicked is asked"
    );
    let faster = empty_commit(&house, two);
    let slower = house.pages[one].add(who(3), house.pages[guest].key_package.as_ref().expect("knocked"));
    house.say(two, &ClientMessage::Commit(faster));
    house.say(one, &slower.expect("the page is in the group"));
    assert!(lost(&house, one) && !lost(&house, two));
    assert_eq!(asked(&house, one, who(3)), 2, "what still stands is asked again");
    assert!(!house.is_joined(guest));
    house.works = true;
    house.pump();
    assert!(house.is_joined(guest));
    assert_eq!(house.pages[one].epoch, house.pages[two].epoch);
    assert_eq!(house.pages[one].members, house.pages[guest].members);
}

#[test]
fn every_member_gets_every_commit_in_order_and_the_welcome_goes_to_the_added_alone() {
    let (mut house, one, two, guest) = two_hosts();
    house.click(one, guest);
    for page in [one, two] {
        let commit = house.last(page, |m| matches!(m, ServerMessage::Commit { .. }));
        let Some(ServerMessage::Commit { from, commit }) = commit else { panic!("a commit was delivered") };
        assert_eq!((*from, commit.added.len(), commit.welcome.is_none()), (who(1), 1, true));
        assert!(!house.got(page, |m| matches!(m, ServerMessage::Joined { .. })));
    }
    assert!(house.got(guest, |m| matches!(m, ServerMessage::Joined { .. })));
    assert!(!house.got(guest, |m| matches!(m, ServerMessage::Commit { .. })));
}

#[test]
fn only_hosts_commit() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    let commit = empty_commit(&house, young);
    house.say(young, &ClientMessage::Commit(commit));
    assert!(rejected(&house, young, RejectReason::NotHost), "SEC-013");
    assert!(!house.got(host, |m| matches!(m, ServerMessage::Commit { .. })));
}

#[test]
fn a_commit_that_adds_somebody_whom_nobody_let_in_is_not_delivered() {
    let (mut house, one, two, guest) = two_hosts();
    house.works = false;
    let package = house.pages[guest].key_package.clone().expect("knocked");
    let uninvited = house.pages[one].add(who(3), &package).expect("in the group");
    house.say(one, &uninvited);
    assert!(lost(&house, one) && !house.is_joined(guest));
    // Nor may another host than the one who clicked add, nor with another package than the one clicked on.
    house.click(one, guest);
    let other = house.pages[two].add(who(3), &package).expect("in the group");
    house.say(two, &other);
    assert!(lost(&house, two) && !house.is_joined(guest));
    let wrong = house.pages[one].add(who(3), b"another package").expect("in the group");
    house.forget();
    house.say(one, &wrong);
    assert!(lost(&house, one) && !house.is_joined(guest));
    let right = house.pages[one].add(who(3), &package).expect("in the group");
    house.say(one, &right);
    assert!(house.is_joined(guest));
}

#[test]
fn a_commit_that_removes_somebody_who_is_here_is_not_delivered() {
    let (mut house, one, two, _) = two_hosts();
    let commit = house.pages[one].remove(who(2)).expect("in the group");
    house.say(one, &commit);
    assert!(lost(&house, one) && house.is_joined(two));
    assert!(!house.got(two, |m| matches!(m, ServerMessage::Commit { .. })));
}

#[test]
fn malformed_commits_are_refused() {
    let (mut house, host, _) = House::two_inside();
    let hash = hash_of(b"x");
    let plain = empty_commit(&house, host);
    let bad = [
        Commit { welcome: Some(Vec::new()), ..plain.clone() },
        Commit { added: vec![(who(5), hash)], ..plain.clone() },
        Commit { removed: vec![who(2), who(2)], ..plain.clone() },
        Commit { added: vec![(who(5), hash), (who(5), hash)], welcome: Some(Vec::new()), ..plain },
    ];
    for commit in bad {
        house.forget();
        house.say(host, &ClientMessage::Commit(commit));
        assert!(rejected(&house, host, RejectReason::BadMessage));
    }
}

#[test]
fn when_the_host_who_clicked_vanishes_the_guest_waits_for_another_click() {
    let (mut house, one, two, guest) = two_hosts();
    house.works = false;
    house.click(one, guest);
    house.drop_line(one);
    assert!(!house.is_joined(guest));
    assert!(house.got(guest, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::NotYetLetIn, .. })));
    assert_eq!(asked(&house, two, who(3)), 0, "a worker adds only what its own host clicked on (SEC-014)");
    assert_eq!(house.lobby(two), vec![who(3)]);
    house.works = true;
    house.click(two, guest);
    assert!(house.is_joined(guest));
}

#[test]
fn one_who_was_sent_back_is_not_added_by_a_host_who_only_met_the_device() {
    let (mut house, one, two, guest) = two_hosts();
    house.click(one, guest);
    house.say(one, &ClientMessage::SendBack { participant: who(3) });
    house.forget();
    house.works = false;
    house.click(one, guest);
    house.drop_line(one);
    assert_eq!(
        asked(&house, two, who(3)),
        0,
        "sent back means another click, on the same device too (SEC-014)"
    );
    assert_eq!(house.lobby(two), vec![who(3)]);
    house.works = true;
    house.click(two, guest);
    assert!(house.is_joined(guest));
}

#[test]
fn whoever_comes_in_is_told_how_the_others_media_come() {
    let (house, one, _, _) = two_hosts();
    let mut house = house;
    house.click(one, 2);
    let states: Vec<_> =
        house.pages[2].got.iter().filter(|m| matches!(m, ServerMessage::Media { .. })).collect();
    let state = protocol::wire::MediaState::Idle;
    let idle = |number| ServerMessage::Media { participant: who(number), state };
    assert_eq!(states, [&idle(1), &idle(2)]);
}

#[test]
fn when_the_only_host_vanishes_before_the_welcome_the_guest_waits() {
    let mut house = House::new();
    let (host, guest) = (house.invite(1, Role::Host), house.invite(3, Role::CareWorker));
    let (host, guest) = (house.arrive(host), house.arrive(guest));
    house.works = false;
    house.click(host, guest);
    house.drop_line(host);
    assert!(house.got(guest, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::HostLost, .. })));
    house.works = true;
    let host = house.arrive(who(1));
    assert!(!house.is_joined(guest), "the reloaded page does not know of the click");
    house.click(host, guest);
    assert!(house.is_joined(guest));
}

#[test]
fn a_returning_guest_is_added_by_any_host_who_has_met_the_device() {
    let (mut house, one, two, guest) = two_hosts();
    house.click(one, guest);
    house.say(one, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    house.drop_line(guest);
    house.forget();
    let guest = house.arrive(who(3));
    let ground = house.last(two, |m| matches!(m, ServerMessage::AddWanted { .. }));
    assert!(matches!(ground, Some(ServerMessage::AddWanted { ground: AddGround::CameBack, .. })));
    assert!(house.is_joined(guest));
}

#[test]
fn a_returning_guest_whom_the_remaining_host_never_met_must_be_clicked() {
    let mut house = House::new();
    let (one, guest, two) =
        (house.invite(1, Role::Host), house.invite(2, Role::CareWorker), house.invite(3, Role::Host));
    let (one, guest) = (house.arrive(one), house.arrive(guest));
    house.click(one, guest);
    house.say(guest, &ClientMessage::StepOut { someone_came_in: false });
    let two = house.arrive(two);
    house.click(one, two);
    house.say(one, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    house.forget();
    house.step_in(guest);
    assert!(!house.is_joined(guest));
    assert_eq!(house.lobby(two), vec![who(2)]);
    house.click(two, guest);
    assert!(house.is_joined(guest));
}

#[test]
fn a_worker_that_does_not_answer_is_asked_again() {
    let (mut house, one, _, guest) = two_hosts();
    house.works = false;
    house.click(one, guest);
    house.wait(4_000);
    assert_eq!(asked(&house, one, who(3)), 1);
    house.wait(2_000);
    assert_eq!(asked(&house, one, who(3)), 2);
}

#[test]
fn a_worker_that_never_answers_gives_the_guest_back_to_the_lobby() {
    let (mut house, one, two, guest) = two_hosts();
    house.works = false;
    house.click(one, guest);
    house.wait(30_000);
    assert!(asked(&house, one, who(3)) > 1);
    assert_eq!(house.lobby(two), vec![who(3)], "where another host can click");
    house.works = true;
    house.click(two, guest);
    assert!(house.is_joined(guest));
}

#[test]
fn a_removal_is_asked_of_the_next_host_when_the_first_does_not_answer() {
    let (mut house, one, two, guest) = two_hosts();
    house.click(one, guest);
    house.works = false;
    house.say(guest, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    let wanted = ServerMessage::RemoveWanted { participant: who(3) };
    assert!(house.got(one, |m| *m == wanted) && !house.got(two, |m| *m == wanted));
    house.wait(6_000);
    assert!(house.got(two, |m| *m == wanted));
}

#[test]
fn sealed_messages_go_to_the_group_and_come_from_the_group_only() {
    let (mut house, host, young) = House::two_inside();
    let guardian = house.invite(3, Role::Guardian);
    let guardian = house.arrive(guardian);
    let group = house.pages[host].group.expect("in the group");
    house.say(guardian, &ClientMessage::Sealed(Sealed { group, message: b"outside".to_vec() }));
    assert!(rejected(&house, guardian, RejectReason::NotAdmitted));
    house.chat(young, "inside");
    assert!(house.heard_chat(host, "inside") && !house.heard_chat(guardian, "inside"));
    assert!(!house.heard_chat(host, "outside") && !house.heard_chat(young, "outside"));
    let other = ids::GroupId::from_bytes([1; 16]);
    house.say(young, &ClientMessage::Sealed(Sealed { group: other, message: b"elsewhere".to_vec() }));
    assert!(rejected(&house, young, RejectReason::NotAdmitted) && !house.heard_chat(host, "elsewhere"));
}

#[test]
fn somebody_let_in_but_not_yet_welcomed_neither_hears_nor_speaks_in_the_group() {
    let (mut house, one, two, guest) = two_hosts();
    house.works = false;
    house.click(one, guest);
    let group = house.pages[one].group.expect("in the group");
    house.say(guest, &ClientMessage::Sealed(Sealed { group, message: b"too soon".to_vec() }));
    assert!(rejected(&house, guest, RejectReason::NotAdmitted) && !house.heard_chat(two, "too soon"));
    house.chat(one, "not yet");
    assert!(!house.heard_chat(guest, "not yet"));
}

#[test]
fn sent_back_and_let_in_again_on_the_same_page_is_a_new_place_in_the_group() {
    let (mut house, host, young) = House::two_inside();
    house.say(host, &ClientMessage::SendBack { participant: who(2) });
    house.works = false;
    house.click(host, young);
    house.chat(host, "not yet");
    assert!(!house.is_joined(young) && !house.heard_chat(young, "not yet"));
    house.works = true;
    house.pump();
    house.chat(host, "now");
    assert!(house.is_joined(young) && house.heard_chat(young, "now"));
}

#[test]
fn the_leaf_of_somebody_let_in_again_before_her_removal_is_replaced() {
    let (mut house, host, young) = House::two_inside();
    house.works = false;
    house.say(host, &ClientMessage::SendBack { participant: who(2) });
    house.work_one(young);
    house.pump();
    house.click(host, young);
    let package = house.pages[young].key_package.clone().expect("knocked");
    let both = house.pages[host].add(who(2), &package).expect("in the group");
    assert!(matches!(&both, ClientMessage::Commit(commit) if commit.removed == vec![who(2)]));
    let ClientMessage::Commit(mut twice) = both.clone() else { panic!("a commit") };
    twice.removed.clear();
    house.say(host, &ClientMessage::Commit(twice));
    assert!(!house.is_joined(young), "two leaves for one person are refused");
    house.say(host, &both);
    assert!(house.is_joined(young));
}
