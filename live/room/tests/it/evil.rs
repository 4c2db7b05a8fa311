//! The cheating server cheats: these tests only show that each deed is done, so that the tests of the members'
//! defences mean something.

use std::collections::BTreeSet;

use ids::Role;
use protocol::wire::{AddGround, ClientMessage, ServerMessage};
use room::Deed;

use crate::house::{House, hash_of, who};

fn commits(house: &House, page: usize) -> usize {
    house.pages[page].got.iter().filter(|m| matches!(m, ServerMessage::Commit { .. })).count()
}

fn three_inside() -> (House, usize, usize, usize) {
    let mut house = House::new();
    let (one, two, young) =
        (house.invite(1, Role::Host), house.invite(2, Role::Host), house.invite(3, Role::YoungPerson));
    let (one, two, young) = (house.arrive(one), house.arrive(two), house.arrive(young));
    house.click(one, two);
    house.click(one, young);
    house.forget();
    (house, one, two, young)
}

fn update(house: &House, page: usize) -> ClientMessage {
    let ClientMessage::Commit(mut commit) = house.pages[page].remove(who(9)).expect("in the group") else {
        panic!("a commit")
    };
    commit.removed.clear();
    ClientMessage::Commit(commit)
}

#[test]
fn a_withheld_commit_reaches_everyone_but_the_victim() {
    let (mut house, one, two, young) = three_inside();
    house.room.evil(Deed::Withhold(who(3)));
    let commit = update(&house, one);
    house.say(one, &commit);
    assert_eq!([commits(&house, one), commits(&house, two), commits(&house, young)], [1, 1, 0]);
}

#[test]
fn a_fork_gives_each_side_its_own_commit_for_the_same_epoch() {
    let (mut house, one, two, young) = three_inside();
    house.room.evil(Deed::Fork(BTreeSet::from([who(2), who(3)])));
    let (here, there) = (update(&house, one), update(&house, two));
    house.say(one, &here);
    house.say(two, &there);
    assert_eq!([commits(&house, one), commits(&house, two), commits(&house, young)], [1, 1, 1]);
    let from = |page: usize| match house.last(page, |m| matches!(m, ServerMessage::Commit { .. })) {
        Some(ServerMessage::Commit { from, commit }) => (*from, commit.epoch),
        _ => panic!("a commit"),
    };
    assert_eq!(from(young).0, who(2));
    assert_eq!(from(one).0, who(1));
    assert_eq!(from(one).1, from(young).1);
}

#[test]
fn a_ghost_is_named_to_the_worker_and_everything_sealed_can_be_said_twice() {
    let (mut house, one, _, young) = three_inside();
    house.works = false;
    let (ghost, key_package) = (who(66), b"ghost".to_vec());
    let ground = AddGround::Clicked(hash_of(&key_package));
    house.room.evil(Deed::Ghost { host: who(1), ghost, key_package, ground });
    house.pump();
    assert!(
        house
            .got(one, |m| matches!(m, ServerMessage::AddWanted { participant, .. } if *participant == ghost))
    );
    house.chat(one, "once");
    house.room.evil(Deed::Replay);
    house.pump();
    let heard = house.pages[young].got.iter().filter(|m| matches!(m, ServerMessage::Sealed { .. })).count();
    assert_eq!(heard, 2);
}
