//! Random conversations: whatever server, workers and person do in whatever order, the promises hold.
//!
//! The promises themselves stand in `scene`: they are checked at every output and after every input.

use call::{Beginning, MediaEvent, Phase};
use ids::{Assurance, EndReason, LeaveReason, Personal, RefuseReason, Role, TrackKind, WaitReason};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use protocol::content::{Around, Aside, Content, Heartbeat, Lead, Picture, SelfState};
use protocol::frame::FrameEvent;
use protocol::group::{GroupEvent, KnownAs, LockAlarm};
use protocol::wire::{
    AddGround, Answer, AskedAbout, Asking, Commit, HerWord, KeyPackageHash, MediaState, Presence,
    RejectReason, Sealed, ServerMessage, Slot, WaitingPerson, WithoutHer,
};

use crate::scene::{GROUP, ME, OTHER, SESSION, Scene, THIRD};

/// How many different steps there are in each part.
const SERVER_STEPS: u8 = 25;
const WORKER_STEPS: u8 = 16;
const PERSON_STEPS: u8 = 33;

#[derive(Debug, Clone, Copy)]
enum Step {
    Server(u8, u8),
    Worker(u8, u8),
    Person(u8),
    Time(u16),
    Open,
    Closed,
    Online,
    /// A whole way in, so that much of the time is spent inside.
    WayIn,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..SERVER_STEPS, any::<u8>()).prop_map(|(what, how)| Step::Server(what, how)),
        3 => (0..WORKER_STEPS, any::<u8>()).prop_map(|(what, how)| Step::Worker(what, how)),
        3 => (0..PERSON_STEPS).prop_map(Step::Person),
        2 => (0_u16..8_000).prop_map(Step::Time),
        1 => Just(Step::Open),
        1 => Just(Step::Closed),
        1 => Just(Step::Online),
        2 => Just(Step::WayIn),
    ];
    proptest::collection::vec(step, 1..80)
}

fn server(what: u8, how: u8, scene: &Scene) -> ServerMessage {
    let at = scene.server_now();
    let who = [ME, OTHER, THIRD][usize::from(how % 3)];
    let commit =
        Commit { group: GROUP, epoch: 1, message: vec![], added: vec![], removed: vec![], welcome: None };
    match what {
        0 => ServerMessage::Waiting {
            why: WaitReason::SentBack,
            since: at,
            reconsider_at: None,
            seen_by: vec![],
        },
        1 => ServerMessage::Waiting {
            why: WaitReason::SteppedOut,
            since: at,
            reconsider_at: None,
            seen_by: vec![],
        },
        2 if how < 60 => ServerMessage::Refused { why: RefuseReason::EndedForYou },
        3 if how < 20 => ServerMessage::Ended { reason: EndReason::EndedForAll },
        3 => ServerMessage::Ended { reason: EndReason::ServerStopping },
        4 => ServerMessage::KeyPackageWanted,
        5 => ServerMessage::Joined { group: GROUP, welcome: vec![] },
        6 => ServerMessage::CreateGroup { group: GROUP },
        7 => ServerMessage::Commit { from: who, commit },
        8 => ServerMessage::CommitLost { group: GROUP, epoch: 2 },
        9 => ServerMessage::Sealed { from: who, sealed: Sealed { group: GROUP, message: vec![] } },
        10 => ServerMessage::GroupEnded { group: GROUP },
        11 => ServerMessage::Gone { participant: who, reason: ids::GoneReason::Left, at },
        12 => ServerMessage::Answer { sdp: String::new() },
        13 => ServerMessage::Media { participant: who, state: MediaState::Silent },
        14 => ServerMessage::Screen { holder: (how > 100).then_some(who) },
        15 => ServerMessage::HostGrace { until: (how > 100).then_some(at) },
        16 => ServerMessage::Rejected { why: RejectReason::NotAdmitted },
        17 => ServerMessage::Rejected { why: RejectReason::BadOffer },
        18 => ServerMessage::Rejected { why: RejectReason::ScreenTaken },
        19 => ServerMessage::AddWanted { participant: who, key_package: vec![], ground: AddGround::CameBack },
        20 => ServerMessage::RemoveWanted { participant: who },
        21 => ServerMessage::Lobby { people: vec![guest(how)] },
        22 => ServerMessage::Slots {
            slots: vec![
                Slot { line: how % 20, participant: who, track: TrackKind::Camera },
                Slot { line: 3, participant: who, track: TrackKind::Microphone },
            ],
        },
        23 => ServerMessage::Asked {
            people: vec![AskedAbout {
                participant: THIRD,
                name: Personal::new("Third".to_owned()),
                said: None,
            }],
            without_you: (how > 100).then_some(WithoutHer::Asked),
        },
        _ => ServerMessage::Pong { number: 0, at },
    }
}

fn guest(how: u8) -> WaitingPerson {
    WaitingPerson {
        participant: THIRD,
        name: Personal::new("Third".to_owned()),
        role: Role::Guardian,
        assurance: Assurance::Link,
        since: ids::Timestamp::from_millis(0),
        here: true,
        why: WaitReason::NotYetLetIn,
        asking: (how > 200).then(|| Asking { word: HerWord::ToAsk, whose: vec![] }),
        key_package: (how > 50).then(|| vec![how]),
    }
}

fn worker(what: u8, how: u8, scene: &mut Scene) {
    let hash = KeyPackageHash([how; 32]);
    let who = [ME, OTHER, THIRD][usize::from(how % 3)];
    let event = match what {
        0 | 1 => return scene.epoch(u64::from(how), if how > 128 { &[OTHER] } else { &[OTHER, THIRD] }),
        2 | 3 => GroupEvent::KeyPackage { key_package: vec![how], hash },
        4 => GroupEvent::Looked { participant: THIRD, hash, known: (how > 50).then_some(KnownAs::New) },
        5 => GroupEvent::SendSealed(Sealed { group: GROUP, message: vec![] }),
        6 => GroupEvent::SendCommit(Commit {
            group: GROUP,
            epoch: 1,
            message: vec![],
            added: vec![],
            removed: vec![],
            welcome: None,
        }),
        7 => GroupEvent::Alarm(LockAlarm::Diverged),
        8 => GroupEvent::Alarm(LockAlarm::GhostRefused),
        9 => GroupEvent::Doubt { doubted: how > 128 },
        10 => GroupEvent::AlarmOver,
        11 => {
            let state = SelfState {
                paused: how > 128,
                showing: how.is_multiple_of(2),
                lead: Lead(how % 10),
                picture: Picture(how % 7),
                ..SelfState::default()
            };
            let heartbeat = Heartbeat {
                number: u64::from(how),
                authenticator: vec![],
                heard: vec![],
                asks: false,
                state,
            };
            GroupEvent::Opened { from: who, content: Content::Heartbeat(heartbeat) }
        }
        12 => {
            let event = FrameEvent::KeyInUse { epoch: 1, line: Some(how % 20) };
            return scene.act(|call, now| call.handle_frame(&event, now));
        }
        13 => return scene.media(MediaEvent::Failed),
        14 => return scene.media(MediaEvent::TrackLost { track: TrackKind::ALL[usize::from(how % 3)] }),
        _ => return scene.media(MediaEvent::OfferReady { sdp: "v=0\r\n".to_owned() }),
    };
    scene.group(event);
}

fn person(what: u8, scene: &mut Scene) {
    scene.act(|call, now| {
        let refused = match what {
            0 => call.arrive(true, true, now),
            1 => call.admit(THIRD, now),
            2 => call.step_out(now),
            3 => call.step_in(now),
            4 => call.someone_came_in(now),
            5 | 6 => call.carry_on(now),
            7 => call.chat("hi", now),
            8 => call.pause(now),
            9 => call.share_screen(now),
            10 => call.note(THIRD, "soon", now),
            11 => call.send_back(OTHER),
            22 => call.answer(THIRD, Answer::Yes),
            23 => call.without_me(true, now),
            24 => call.without_me(false, now),
            25 => call.ask_without_her(OTHER),
            27 | 28 => call.show(true, now),
            29 => call.show(false, now),
            30 => call.lead(Lead::SHOW, now),
            31 => call.choose_picture(Picture(2), now),
            20 => {
                let text = Personal::new("bare til deg".to_owned());
                call.confide(Aside::Opening { text }, now)
            }
            _ => Ok(()),
        };
        // A refusal is a fine answer here: only the promises count.
        let _: Result<(), call::NotNow> = refused;
        match what {
            12 | 13 => call.set_microphone(true, now),
            14 | 15 => call.set_camera(true, now),
            16 => call.set_camera(false, now),
            17 => call.resume(now),
            18 => call.stop_screen(now),
            19 => call.set_asleep(true, now),
            21 => call.put_away(OTHER),
            26 => call.say_around(Around::from(7), now),
            32 => call.set_asleep(false, now),
            _ => {}
        }
    });
}

fn way_in(scene: &mut Scene) {
    scene.connect();
    scene.welcome();
    person(0, scene);
    scene.key_package(1);
    scene.admitted();
    scene.server(ServerMessage::Joined { group: GROUP, welcome: vec![] });
    scene.epoch(1, &[OTHER]);
    scene.roster(&[(OTHER, Presence::Here)]);
}

fn play(step: Step, scene: &mut Scene) {
    match step {
        Step::Server(what, how) => {
            let message = server(what, how, scene);
            scene.server(message);
        }
        Step::Worker(what, how) => worker(what, how, scene),
        Step::Person(what) => person(what, scene),
        Step::Time(ms) => scene.wait_ms(i64::from(ms)),
        Step::Open => scene.act(|call, now| call.handle_socket_open(now)),
        Step::Closed => scene.act(|call, now| call.handle_socket_closed(now)),
        Step::Online => scene.act(|call, now| call.handle_online(now)),
        Step::WayIn => way_in(scene),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// SEC-001, SEC-018, CARE-03: nothing is sealed or sent outside, tracks never outlive the phase, nothing panics,
    /// and leaving always ends dark.
    #[test]
    fn promises_hold_in_random_conversations(steps in steps(), host in any::<bool>(), before in 0..4_u8) {
        let role = if host { Role::Host } else { Role::YoungPerson };
        let (came_in, closed_fast) = (before == 1, before == 2);
        let beginning = Beginning { session: SESSION, returning: before > 0, someone_came_in: came_in, closed_fast };
        let mut scene = Scene::begin_with(role, beginning);
        for step in steps {
            play(step, &mut scene);
        }
        scene.act(|call, now| call.leave(LeaveReason::Left, now));
        prop_assert!(scene.live.is_empty());
        // Whoever closed fast tells it until it is heard (CARE-02).
        if scene.call.view().phase == Phase::ClosedFast {
            scene.server(ServerMessage::Ended { reason: EndReason::YouLeft });
        }
        scene.take();
        scene.wait_ms(60_000);
        prop_assert!(scene.take().is_empty(), "something is still asked for after the end");
    }
}

/// The random conversations reach the room often enough to mean something.
#[test]
fn random_conversations_do_get_inside() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut inside = 0;
    for _ in 0..100 {
        let tree = steps().new_tree(&mut runner).expect("steps can be made");
        let mut scene = Scene::begin(Role::Host);
        let mut was_live = false;
        for step in tree.current() {
            play(step, &mut scene);
            was_live |= !scene.live.is_empty();
        }
        inside += u32::from(was_live);
    }
    assert!(inside > 30, "only {inside} of 100 had a track running");
}
