//! Stories: each says why it exists.

use call::{MediaEvent, Output, Phase, SocketCommand};
use ids::{Role, TrackKind, WaitReason};
use protocol::group::GroupCommand;
use protocol::wire::{ClientMessage, KeyPackageHash, ServerMessage};

use crate::scene::{GROUP, OTHER, SESSION, Scene};

/// The main job: a young person opens her link, waits, is let in, and is seen only once the lock is closed.
#[test]
fn from_the_link_to_being_seen() {
    let mut scene = Scene::begin(Role::YoungPerson);
    assert_eq!(
        scene.take(),
        [Output::Group(GroupCommand::Start { session: SESSION }), Output::Socket(SocketCommand::Open)]
    );
    scene.connect();
    assert!(matches!(scene.sent()[..], [ClientMessage::Hello { returning: false, .. }]));
    scene.welcome();
    assert_eq!(scene.call.view().phase, Phase::Checking);
    assert_eq!(scene.sent(), [], "nothing is told before she arrives, not even the offer");

    scene.act(|call, now| call.arrive(true, true, now)).expect("the welcome has come");
    scene.key_package(1);
    let sent = scene.sent();
    assert_eq!(sent[0], ClientMessage::Knock { key_package: vec![1], hash: KeyPackageHash([1; 32]) });
    assert_eq!(sent[1], ClientMessage::Offer { sdp: "v=0\r\n".to_owned() });

    let since = scene.server_now();
    let why = WaitReason::NotYetLetIn;
    scene.server(ServerMessage::Waiting { why, since, reconsider_at: None, seen_by: vec![] });
    scene.media(MediaEvent::Connected);
    assert!(matches!(scene.call.view().phase, Phase::Waiting { why: WaitReason::NotYetLetIn, .. }));
    scene.admitted();
    assert_eq!(scene.call.view().phase, Phase::Inside);
    assert!(scene.live.is_empty(), "inside, but the lock is not closed yet");

    scene.server(ServerMessage::Joined { group: GROUP, welcome: vec![9] });
    scene.epoch(1, &[OTHER]);
    assert_eq!(scene.live.iter().copied().collect::<Vec<_>>(), [TrackKind::Microphone, TrackKind::Camera]);
    let sent = scene.sent();
    assert!(
        sent.contains(&ClientMessage::Sending { tracks: vec![TrackKind::Microphone, TrackKind::Camera] })
    );
}
