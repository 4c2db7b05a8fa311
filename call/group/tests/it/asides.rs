//! What is said to the hosts alone: opened by them and by nobody else, once, also across a commit (SEC-098).

use group::mls::{CheckedKeyPackage, Mls, MlsError, Prepared, SigningKey};
use ids::{ASIDE_CHARS_MAX, ParticipantId, Personal, Role};
use protocol::content::Aside;
use protocol::group::{GroupCommand, GroupEvent};

use crate::world::{Client, World};

const HOST: Role = Role::Host;
const YOUNG: Role = Role::YoungPerson;
const GUARDIAN: Role = Role::Guardian;

fn opening(text: &str) -> Aside {
    Aside::Opening { text: Personal::new(text.to_owned()) }
}

fn whereabouts(place: &str) -> Aside {
    Aside::Whereabouts { place: Personal::new(place.to_owned()), phone: Personal::new(String::new()) }
}

fn confided(client: &Client) -> Vec<(ParticipantId, Aside)> {
    let told = |event: &GroupEvent| match event {
        GroupEvent::Confided { from, aside } => Some((*from, aside.clone())),
        _ => None,
    };
    client.events.iter().filter_map(told).collect()
}

#[test]
fn only_the_hosts_are_told_and_once() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN, HOST]);
    let young = world.clients[1].participant;
    world.command(1, GroupCommand::Confide(opening("jeg vil ikke snakke om helga")));
    world.settle();
    let told = [(young, opening("jeg vil ikke snakke om helga"))];
    assert_eq!([confided(&world.clients[0]), confided(&world.clients[3])], [told.clone(), told]);
    assert_eq!(confided(&world.clients[2]), [], "CARE-06: who else is in the room learns nothing");
    assert_eq!(world.clients[2].opened(), [], "not even that something was said");
    // A commit soon after: it is said again, because the commit might have overtaken it, and shown once.
    world.ask_to_remove(0, 2);
    world.settle();
    assert_eq!(confided(&world.clients[0]).len(), 1);
    assert!(world.clients.iter().all(|client| client.alarms().is_empty()));
}

#[test]
fn a_host_who_comes_later_learns_where_she_is_and_not_what_she_said() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let young = world.clients[1].participant;
    world.command(1, GroupCommand::Confide(opening("bare til deg")));
    world.command(1, GroupCommand::Confide(whereabouts("hos bestemor")));
    world.settle();
    assert_eq!(confided(&world.clients[0]).len(), 2);
    world.pass(11_000);
    let later = world.arrive(9, 9, HOST);
    world.let_in(0, later);
    world.settle();
    assert_eq!(confided(&world.clients[later]), [(young, whereabouts("hos bestemor"))]);
    assert_eq!(confided(&world.clients[0]).len(), 2, "shown once");
}

#[test]
fn a_commit_that_overtakes_it_loses_nothing() {
    let mut world = World::gathered(&[HOST, YOUNG, GUARDIAN]);
    // Her message and the host's commit cross each other.
    world.command(1, GroupCommand::Confide(opening("på vei")));
    let kept: Vec<_> = world.clients[0].queue.drain(..).collect();
    world.ask_to_remove(0, 2);
    world.settle();
    world.clients[0].queue.extend(kept);
    world.settle();
    assert_eq!(confided(&world.clients[0]).len(), 1);
}

#[test]
fn what_is_too_long_or_empty_or_a_hosts_is_not_said() {
    let mut world = World::gathered(&[HOST, YOUNG, HOST]);
    for aside in [opening(&"x".repeat(ASIDE_CHARS_MAX + 1)), opening("  "), whereabouts("")] {
        world.command(1, GroupCommand::Confide(aside));
    }
    world.command(2, GroupCommand::Confide(opening("til en kollega")));
    world.settle();
    assert_eq!(confided(&world.clients[0]), []);
}

/// The seal itself: whoever is in the group and not the one it is for cannot open it, nor can anybody later.
#[test]
fn nobody_else_in_the_group_can_open_it() {
    let mut host = Mls::create(b"group", key(), b"host".to_vec()).expect("a group");
    let (young, other) = (prepared(b"young"), prepared(b"other"));
    let commit = host.commit(&[&young.0, &other.0], &[]).expect("both fit");
    host.merge_own().expect("in its place");
    let welcome = commit.welcome.expect("for both");
    let join = |kept: Prepared| kept.open_welcome(&welcome, None).expect("for us").finish(kept).expect("in");
    let (mut young, other) = (join(young.1), join(other.1));

    let sealed = young.seal_to(host.own_leaf(), b"bare til deg").expect("sealed");
    assert_eq!(host.open_to_us(&sealed), Ok((b"young".to_vec(), b"bare til deg".to_vec())));
    assert_eq!(other.open_to_us(&sealed), Err(MlsError::Refused));
    let mut forged = sealed.clone();
    *forged.last_mut().expect("bytes") ^= 1;
    assert_eq!(host.open_to_us(&forged), Err(MlsError::Refused));
    assert_eq!(host.open_to_us(b"rubbish"), Err(MlsError::Malformed));
    host.commit(&[], &[other.own_leaf()]).expect("it fits");
    host.merge_own().expect("in its place");
    assert_eq!(host.open_to_us(&sealed), Err(MlsError::Refused), "another epoch");
}

fn key() -> SigningKey {
    SigningKey::generate().expect("randomness")
}

fn prepared(identity: &[u8]) -> (CheckedKeyPackage, Prepared) {
    let (kept, bytes) = Prepared::new(key(), identity.to_vec()).expect("a key package");
    (CheckedKeyPackage::parse(&bytes).expect("good"), kept)
}
