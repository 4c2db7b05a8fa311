//! Commits withheld, forked or lost: noticed within five seconds (SEC-019), and over when healed.

use ids::Role;
use proptest::prelude::*;
use protocol::group::{GroupCommand, GroupEvent, LockAlarm};
use protocol::wire::AddGround;

use crate::story::assert_agreement;
use crate::world::World;

const HOST: Role = Role::Host;
const YOUNG: Role = Role::YoungPerson;

fn is_commit(command: &GroupCommand) -> bool {
    matches!(command, GroupCommand::Commit { .. })
}

#[test]
fn a_commit_withheld_from_one_is_noticed_by_all_within_five_seconds() {
    let mut world = World::gathered(&[HOST, YOUNG, Role::Guardian]);
    world.pass(1_000);
    let newcomer = world.arrive(9, 9, Role::Support);
    world.withheld = Some((1, is_commit));
    world.let_in(0, newcomer);
    world.settle();
    world.all_here();
    world.pass(5_000);
    for client in [0, 1, 2, newcomer] {
        assert_eq!(world.clients[client].alarms(), [LockAlarm::Diverged], "client {client}");
    }
}

#[test]
fn a_removal_withheld_from_one_is_noticed() {
    let mut world = World::gathered(&[HOST, YOUNG, Role::Guardian]);
    world.pass(1_000);
    world.withheld = Some((1, is_commit));
    world.ask_to_remove(0, 2);
    world.settle();
    world.pass(5_000);
    assert_eq!(world.clients[0].alarms(), [LockAlarm::Diverged]);
    assert_eq!(world.clients[1].alarms(), [LockAlarm::Diverged]);
}

#[test]
fn even_when_every_message_is_withheld_with_it() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    world.pass(1_000);
    world.withheld = Some((1, |_| true));
    world.pass(5_000);
    assert_eq!(world.clients[1].alarms(), [LockAlarm::Diverged], "silence of one whose line is up");
}

#[test]
fn a_late_commit_heals() {
    let mut world = World::gathered(&[HOST, YOUNG, Role::Guardian]);
    world.ask_to_remove(0, 2);
    let held: Vec<_> = world.clients[1].queue.drain(..).collect();
    world.pass(6_000);
    assert_eq!(world.clients[1].alarms(), [LockAlarm::Diverged]);
    for command in held {
        world.command(1, command);
    }
    world.all_here();
    world.pass(4_000);
    assert_agreement(&world);
    assert_eq!(world.clients[1].events.iter().filter(|e| **e == GroupEvent::AlarmOver).count(), 1);
    assert_eq!(world.clients[0].events.iter().filter(|e| **e == GroupEvent::AlarmOver).count(), 1);
}

#[test]
fn a_server_that_runs_two_groups_is_noticed() {
    let mut world = World::gathered(&[HOST, HOST, YOUNG, Role::Guardian]);
    world.pass(1_000);
    // The young person follows the first host's commit, the guardian the second's; both commits are real.
    let fork = world.epoch;
    world.ask_to_remove(0, 3);
    let first = world.ordered.last().cloned().expect("the first commit");
    world.clients.iter_mut().for_each(|client| client.queue.clear());
    world.epoch = fork;
    world.members = vec![0, 1, 2, 3];
    world.ask_to_remove(1, 2);
    let second = world.ordered.last().cloned().expect("the second commit");
    world.clients.iter_mut().for_each(|client| client.queue.clear());
    for (client, commit) in [(0, &first), (2, &first), (1, &second), (3, &second)] {
        let from = world.clients[if commit.message == first.message { 0 } else { 1 }].participant;
        world.command(client, GroupCommand::Commit { from, commit: commit.clone() });
    }
    world.members = vec![0, 1, 2, 3];
    world.all_here();
    world.pass(5_000);
    for client in [0, 1, 2, 3] {
        assert_eq!(world.clients[client].alarms(), [LockAlarm::Diverged], "client {client}");
    }
}

#[test]
fn a_commit_of_ours_that_is_never_ordered_is_noticed_and_sent_again() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let members = core::mem::take(&mut world.members);
    let epoch = world.epoch;
    world.epoch = 1_000;
    let newcomer = world.arrive(9, 9, Role::Support);
    world.let_in(0, newcomer);
    world.clients[0].queue.clear();
    world.epoch = epoch;
    world.members = members;
    let before = world.ordered.len();
    world.pass(5_000);
    assert_eq!(world.clients[0].alarms(), [LockAlarm::Diverged]);
    assert_eq!(world.ordered.len(), before + 1, "sent again");
    world.pass(1_000);
    assert_eq!(world.members.len(), 3);
    assert!(world.clients[0].events.contains(&GroupEvent::AlarmOver));
    assert_agreement(&world);
}

#[derive(Debug, Clone)]
enum Step {
    LetIn(usize, usize),
    Remove(usize, usize),
    ComeBack(usize, usize),
    Deliver(usize),
    Tick,
    /// Only in the evil runs: the next command for this client is lost.
    Lose(usize),
}

fn step(evil: bool) -> impl Strategy<Value = Step> {
    let (host, anyone) = (0..3usize, 0..6usize);
    let lose = if evil { 2 } else { 0 };
    prop_oneof![
        4 => (host.clone(), anyone.clone()).prop_map(|(h, g)| Step::LetIn(h, g)),
        2 => (host.clone(), anyone.clone()).prop_map(|(h, g)| Step::Remove(h, g)),
        2 => (host, anyone.clone()).prop_map(|(h, g)| Step::ComeBack(h, g)),
        12 => anyone.clone().prop_map(Step::Deliver),
        1 => Just(Step::Tick),
        lose => anyone.prop_map(Step::Lose),
    ]
}

/// Plays the steps and lets everything come to rest, ten seconds long.
fn play(steps: Vec<Step>) -> World {
    let mut world = World::with(&[HOST, HOST, HOST, YOUNG, Role::Guardian, Role::CareWorker]);
    world.create(0);
    for step in steps {
        match step {
            Step::LetIn(host, guest) if world.members.contains(&host) && !world.members.contains(&guest) => {
                world.command(guest, GroupCommand::MakeKeyPackage);
                world.let_in(host, guest);
            }
            Step::Remove(host, guest) if world.members.contains(&host) => world.ask_to_remove(host, guest),
            Step::ComeBack(host, guest) if world.members.contains(&host) && host != guest => {
                world.command(guest, GroupCommand::MakeKeyPackage);
                world.ask_on_ground(host, guest, AddGround::CameBack);
            }
            Step::Deliver(client) => {
                world.deliver(client);
            }
            Step::Tick => world.pass_undelivered(),
            Step::Lose(client) => {
                world.clients[client].queue.pop_front();
            }
            Step::LetIn(..) | Step::Remove(..) | Step::ComeBack(..) => {}
        }
    }
    world.settle();
    for _ in 0..2 {
        world.all_here();
        world.pass(5_000);
    }
    world
}

fn diverged(world: &World) -> bool {
    world.members.iter().any(|m| world.clients[*m].alarms().contains(&LockAlarm::Diverged))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Several hosts, adds, removes, returns and races in any order end in agreement, under an honest server.
    #[test]
    fn any_interleaving_ends_in_agreement(steps in prop::collection::vec(step(false), 0..60)) {
        let world = play(steps);
        assert_agreement(&world);
    }

    /// Under a server that loses whatever it likes they end in agreement or in alarm, never apart in silence.
    #[test]
    fn lost_commands_end_in_agreement_or_alarm(steps in prop::collection::vec(step(true), 0..60)) {
        let world = play(steps);
        if !diverged(&world) {
            assert_agreement(&world);
        }
    }
}
