//! Who plays in the stories, and what is asked of them again and again.

use std::time::Duration;

use ids::{ParticipantId, Role, TrackKind};
use peer::call::Phase;
use sim::World;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// An ordinary line at home: 30 ms there and back.
pub(crate) const GOOD: &str = "delay=15 jitter=3";

/// A clinician and a young person who see and hear each other.
pub(crate) fn two(seed: u64, line: &str) -> (World, ParticipantId, ParticipantId) {
    let mut world = World::new(seed);
    let host = world.invite(1, Role::Host, line);
    let young = world.invite(2, Role::YoungPerson, line);
    world.open_page(host, (true, true));
    world.run_for(SECOND);
    world.open_page(young, (true, true));
    meet(&mut world, &[host, young], SECOND * 20);
    (world, host, young)
}

/// Waits until all of these see and hear each other; says how long it took.
pub(crate) fn meet(world: &mut World, people: &[ParticipantId], patience: Duration) -> Duration {
    world.forget_frames();
    let all_see = |w: &World| {
        people.iter().all(|at| people.iter().all(|of| at == of || (sees(w, *at, *of) && hears(w, *at, *of))))
    };
    let met = world.run_until(patience, all_see);
    met.unwrap_or_else(|| panic!("they never met:\n{}", world.log()))
}

pub(crate) fn sees(world: &World, at: ParticipantId, of: ParticipantId) -> bool {
    world.tally(at, of, TrackKind::Camera).count > 0
}

pub(crate) fn hears(world: &World, at: ParticipantId, of: ParticipantId) -> bool {
    world.tally(at, of, TrackKind::Microphone).count > 0
}

pub(crate) fn is_inside(world: &World, who: ParticipantId) -> bool {
    world.view(who).phase == Phase::Inside
}

pub(crate) fn is_waiting(world: &World, who: ParticipantId) -> bool {
    matches!(world.view(who).phase, Phase::Waiting { .. })
}

/// What must hold at every end: nobody got a frame under another's name (SEC-017).
pub(crate) fn nobody_was_lied_to(world: &World, people: &[ParticipantId]) {
    for who in people {
        assert_eq!(world.person(*who).lies(), 0);
    }
}

/// Everybody switches microphone and camera on, as one does after coming back muted.
pub(crate) fn unmute(world: &mut World, people: &[ParticipantId]) {
    for who in people {
        world.act(*who, |call, now| {
            call.set_microphone(true, now);
            call.set_camera(true, now);
        });
    }
}
