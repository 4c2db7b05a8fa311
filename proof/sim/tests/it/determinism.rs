//! One seed is one run: without that, a seed that finds a fault is worth nothing.

use std::time::Duration;

use ids::Role;
use sim::{Log, World};

fn story(seed: u64) -> Log {
    let mut world = World::new(seed);
    let line = "delay=20 jitter=15 loss=3 burst=2.5 reorder=1";
    let host = world.invite(1, Role::Host, line);
    let young = world.invite(2, Role::YoungPerson, line);
    world.open_page(host, (true, true));
    world.run_for(Duration::from_millis(300));
    world.open_page(young, (true, true));
    world.run_for(Duration::from_secs(4));
    world.act(young, |call, now| call.step_out(now)).expect("inside");
    world.run_for(Duration::from_secs(2));
    world.log().clone()
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let (one, same) = (story(1), story(1));
    assert!(one.lines().len() > 10, "there is a story:\n{one}");
    assert_eq!(one, same, "first:\n{one}\nsecond:\n{same}");
}

#[test]
fn another_seed_tells_another() {
    assert_ne!(story(1), story(2));
}
