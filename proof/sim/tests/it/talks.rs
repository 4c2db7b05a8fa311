//! Talks that must go well although the line does not.

use std::time::Duration;

use ids::{ParticipantId, Role, TrackKind};
use sim::World;

const SECOND: Duration = Duration::from_secs(1);
const GOOD: &str = "delay=15 jitter=3";

/// A clinician and a young person who see each other.
fn two(seed: u64, line: &str) -> (World, ParticipantId, ParticipantId) {
    let mut world = World::new(seed);
    let host = world.invite(1, Role::Host, line);
    let young = world.invite(2, Role::YoungPerson, line);
    world.open_page(host, (true, true));
    world.run_for(SECOND);
    world.open_page(young, (true, true));
    let met = world.run_until(SECOND * 15, |w| sees(w, host, young) && sees(w, young, host));
    assert!(met.is_some(), "they never saw each other:\n{}", world.log());
    (world, host, young)
}

fn sees(world: &World, at: ParticipantId, of: ParticipantId) -> bool {
    world.tally(at, of, TrackKind::Camera).count > 0 && world.tally(at, of, TrackKind::Microphone).count > 0
}

/// The main job over an ordinary line: sealed both ways, nothing refused, and nobody's frame under another's name.
#[test]
fn two_people_talk_sealed() {
    let (mut world, host, young) = two(11, GOOD);
    world.run_for(SECOND * 2);
    world.forget_frames();
    world.run_for(SECOND * 10);
    for (at, of) in [(host, young), (young, host)] {
        let (sound, picture) =
            (world.tally(at, of, TrackKind::Microphone), world.tally(at, of, TrackKind::Camera));
        assert!(sound.count >= 498 && picture.count >= 148, "{sound:?} {picture:?}");
        assert!(sound.longest_gap <= Duration::from_millis(30), "{sound:?}");
        assert_eq!(world.view(at).lock.frames.refused, 0);
        assert_eq!(world.person(at).lies(), 0);
        assert!(world.view(at).lock.alarm.is_none());
    }
}
