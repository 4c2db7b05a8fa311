//! Stories: each says why it exists.

use call::{
    LettingIn, MediaCommand, MediaEvent, MediaStatus, NotNow, Output, OwnScreen, Phase, SocketCommand,
};
use ids::{
    Assurance, EndReason, GoneReason, LeaveReason, ParticipantId, Personal, Role, Timestamp, TrackKind,
    WaitReason,
};
use protocol::content::{Content, Heartbeat, Reaction, SelfState};
use protocol::frame::FrameEvent;
use protocol::group::{GroupCommand, GroupEvent, KnownAs, LockAlarm};
use protocol::media::SCREEN_LINE;
use protocol::wire::{
    ClientMessage, KeyPackageHash, MediaState, Presence, RejectReason, ServerMessage, Slot, WaitingPerson,
};

use crate::scene::{GROUP, ME, OTHER, SESSION, Scene, THIRD};

const STOP: Output = Output::Media(MediaCommand::StopAllTracks);

fn index_of(log: &[Output], wanted: impl Fn(&Output) -> bool) -> usize {
    log.iter().position(wanted).expect("it was asked for")
}

fn waiting(scene: &Scene, why: WaitReason) -> ServerMessage {
    ServerMessage::Waiting { why, since: scene.server_now(), reconsider_at: None, seen_by: vec![] }
}

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

    scene.server(waiting(&scene, WaitReason::NotYetLetIn));
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

/// CARE-03: she must be dark before anything is told, whatever the network does, and only she undoes it.
#[test]
fn care_03_someone_came_in_is_dark_first_and_told_until_heard() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.someone_came_in(now)).expect("there is something to hide");
    assert!(scene.blank && scene.live.is_empty());
    let log = scene.take();
    let stop = index_of(&log, |output| *output == STOP);
    let blank = index_of(&log, |output| *output == Output::Media(MediaCommand::BlankAll));
    let told = index_of(&log, |output| matches!(output, Output::Send(_)));
    assert!(stop < blank && blank < told, "{log:?}");
    assert_eq!(log[told], Output::Send(ClientMessage::StepOut { someone_came_in: true }));

    // The line dies before the server has heard it. The new line tells it again, and asks for nothing else.
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.wait_ms(10_000);
    scene.act(|call, now| call.handle_socket_open(now));
    scene.take();
    scene.welcome();
    scene.wait_ms(0);
    assert_eq!(scene.sent(), [ClientMessage::StepOut { someone_came_in: true }]);
    scene.wait_ms(2_000);
    assert!(scene.sent().contains(&ClientMessage::StepOut { someone_came_in: true }), "told again");
    assert_eq!(scene.call.view().phase, Phase::SomeoneCameIn { told: false });

    // Neither the wait nor a click of the host's brings her back.
    scene.server(waiting(&scene, WaitReason::SteppedOut));
    assert_eq!(scene.call.view().phase, Phase::SomeoneCameIn { told: true });
    scene.admitted();
    scene.epoch(2, &[OTHER]);
    assert!(scene.blank && scene.live.is_empty());
    scene.take();

    scene.act(|call, now| call.carry_on(now)).expect("it was pressed");
    scene.key_package(2);
    assert!(
        scene.sent().contains(&ClientMessage::StepIn { key_package: vec![2], hash: KeyPackageHash([2; 32]) })
    );
    scene.admitted();
    assert!(scene.blank, "nothing is shown before the lock is closed");
    scene.server(ServerMessage::Joined { group: GROUP, welcome: vec![9] });
    scene.epoch(3, &[OTHER]);
    assert!(!scene.blank, "the others are seen and heard again");
    assert!(scene.live.is_empty(), "one comes back muted");
    assert!(scene.call.view().own.muted_for_you);
}

/// CARE-02: closing fast is dark first, told until it is heard, and never undone.
#[test]
fn care_02_closing_fast_is_dark_first_and_told_until_heard() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.close_fast(now));
    assert!(scene.blank && scene.live.is_empty());
    let log = scene.take();
    let stop = index_of(&log, |output| *output == STOP);
    let blank = index_of(&log, |output| *output == Output::Media(MediaCommand::BlankAll));
    let told = index_of(&log, |output| matches!(output, Output::Send(_)));
    assert!(stop < blank && blank < told, "{log:?}");
    let signal = ClientMessage::Leave { reason: LeaveReason::ClosedFast };
    assert_eq!(log[told], Output::Send(signal.clone()));

    // The line was dead: the next one tells it again, and asks for nothing else.
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.wait_ms(10_000);
    scene.act(|call, now| call.handle_socket_open(now));
    scene.take();
    scene.welcome();
    scene.wait_ms(0);
    assert_eq!(scene.sent(), std::slice::from_ref(&signal));
    for brought_back in [waiting(&scene, WaitReason::NotYetLetIn), ServerMessage::KeyPackageWanted] {
        scene.server(brought_back);
        scene.admitted();
        assert_eq!(scene.call.view().phase, Phase::ClosedFast);
    }
    assert_eq!(scene.act(|call, now| call.someone_came_in(now)), Err(NotNow::WrongPhase));
    scene.act(|call, now| call.leave(LeaveReason::Left, now));
    scene.take();
    scene.wait_ms(2_000);
    assert!(scene.sent().contains(&signal), "told again");
    scene.server(ServerMessage::Ended { reason: EndReason::YouLeft });
    assert_eq!(scene.call.view().phase, Phase::Ended { why: EndReason::YouLeft });
}

/// A reload after closing fast greets nobody.
#[test]
fn care_02_closing_fast_survives_a_reload() {
    let beginning =
        call::Beginning { session: SESSION, returning: true, someone_came_in: false, closed_fast: true };
    let mut scene = Scene::begin_with(Role::YoungPerson, beginning);
    assert!(scene.blank);
    scene.connect();
    scene.welcome();
    scene.wait_ms(0);
    assert_eq!(scene.sent()[1..], [ClientMessage::Leave { reason: LeaveReason::ClosedFast }]);
    scene.server(ServerMessage::Refused { why: ids::RefuseReason::SessionEnded });
    assert_eq!(scene.call.view().phase, Phase::Ended { why: EndReason::YouLeft });
}

/// A page that sleeps is muted before the others are told, and stays so.
#[test]
fn a_device_that_sleeps_is_muted_and_comes_back_muted() {
    let mut scene = Scene::inside(Role::YoungPerson);
    assert!(!scene.live.is_empty());
    scene.act(|call, now| call.set_asleep(true, now));
    let log = scene.take();
    let stop = index_of(&log, |output| *output == STOP);
    let asleep = Output::Send(ClientMessage::Asleep { asleep: true });
    assert!(stop < index_of(&log, |output| *output == asleep), "{log:?}");
    scene.act(|call, now| call.set_asleep(false, now));
    assert!(scene.live.is_empty() && scene.call.view().own.muted_for_you);
    scene.act(|call, now| call.set_microphone(true, now));
    assert_eq!(scene.live.iter().copied().collect::<Vec<_>>(), [TrackKind::Microphone]);
}

/// Who wakes on a line that died meanwhile does not wait for the next ping to find it dead.
#[test]
fn a_device_that_wakes_finds_out_at_once_whether_its_line_is_alive() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.set_asleep(true, now));
    scene.take();
    scene.act(|call, now| call.set_asleep(false, now));
    let sent = scene.sent();
    assert!(
        matches!(sent[..], [ClientMessage::Ping { .. }, ClientMessage::Asleep { asleep: false }]),
        "{sent:?}"
    );
    scene.wait_ms(2_000);
    assert_eq!(scene.call.view().phase, Phase::Reconnecting, "two seconds without an answer are enough");

    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.set_asleep(true, now));
    scene.take();
    scene.now = scene.now.plus(core::time::Duration::from_secs(60));
    scene.act(|call, now| call.set_asleep(false, now));
    let log = scene.take();
    assert!(log.contains(&Output::Socket(SocketCommand::Open)), "nothing was heard for a minute: {log:?}");
    assert!(scene.live.is_empty());
}

/// A reload in the middle of *someone came in* must not show the room.
#[test]
fn care_03_someone_came_in_survives_a_reload() {
    let beginning =
        call::Beginning { session: SESSION, returning: true, someone_came_in: true, closed_fast: false };
    let mut scene = Scene::begin_with(Role::YoungPerson, beginning);
    assert!(scene.blank);
    scene.connect();
    scene.welcome();
    scene.wait_ms(0);
    assert_eq!(scene.call.view().phase, Phase::SomeoneCameIn { told: false });
    let sent = scene.sent();
    assert!(matches!(sent[0], ClientMessage::Hello { returning: true, .. }));
    assert_eq!(sent[1..], [ClientMessage::StepOut { someone_came_in: true }]);
    scene.server(ServerMessage::Rejected { why: RejectReason::NotAdmitted });
    assert_eq!(scene.call.view().phase, Phase::SomeoneCameIn { told: true });
}

/// A dead line is noticed without help from the network, and the seat comes back by itself, muted.
#[test]
fn a_lost_line_comes_back_muted() {
    let mut scene = Scene::inside(Role::YoungPerson);
    assert!(!scene.live.is_empty());
    scene.wait_ms(6_499);
    assert_eq!(scene.call.view().phase, Phase::Inside);
    assert!(matches!(scene.sent()[..], [.., ClientMessage::Ping { .. }]));
    scene.wait_ms(1);
    assert_eq!(scene.call.view().phase, Phase::Reconnecting);
    let log = scene.take();
    let stop = index_of(&log, |output| *output == STOP);
    let leave = index_of(&log, |output| *output == Output::Group(GroupCommand::Leave));
    let close = index_of(&log, |output| *output == Output::Socket(SocketCommand::Close));
    assert!(stop < leave && leave < close);

    scene.wait_ms(1_000);
    assert_eq!(scene.take(), [Output::Socket(SocketCommand::Open)]);
    scene.act(|call, now| call.handle_socket_open(now));
    assert!(matches!(scene.sent()[..], [ClientMessage::Hello { returning: true, .. }]));
    scene.welcome();
    let log = scene.take();
    let renewed = index_of(&log, |output| *output == Output::Media(MediaCommand::Reconnect));
    assert_eq!(log[renewed + 1], Output::Media(MediaCommand::CreateOffer));
    let attested = index_of(&log, |output| matches!(output, Output::Group(GroupCommand::Attested { .. })));
    assert_eq!(log[attested + 1], Output::Group(GroupCommand::MakeKeyPackage), "a new leaf for each join");
    scene.key_package(2);
    assert!(matches!(scene.sent()[..], [ClientMessage::Knock { .. }, ClientMessage::Offer { .. }]));
    scene.admitted();
    scene.server(ServerMessage::Joined { group: GROUP, welcome: vec![9] });
    scene.epoch(3, &[OTHER]);
    assert!(scene.live.is_empty() && scene.call.view().own.muted_for_you);
    scene.act(|call, now| call.set_microphone(true, now));
    assert_eq!(scene.live.iter().copied().collect::<Vec<_>>(), [TrackKind::Microphone]);
}

/// A blink of the line in the waiting room does not undo what was chosen there.
#[test]
fn a_choice_made_while_waiting_outlives_a_lost_line() {
    let mut scene = Scene::begin(Role::YoungPerson);
    scene.connect();
    scene.welcome();
    scene.act(|call, now| call.arrive(true, false, now)).expect("the welcome has come");
    scene.key_package(1);
    scene.server(waiting(&scene, WaitReason::NoHost));
    scene.act(|call, now| call.handle_socket_closed(now));
    let own = scene.call.view().own;
    assert!(own.microphone && !own.camera && !own.muted_for_you);
}

/// The pauses between tries grow, so that a server that starts is not run over.
#[test]
fn tries_come_with_growing_pauses_and_at_once_when_the_network_is_back() {
    let mut scene = Scene::begin(Role::Host);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        scene.act(|call, now| call.handle_socket_closed(now));
        let from = scene.now;
        scene.take();
        while !scene.log.contains(&Output::Socket(SocketCommand::Open)) {
            scene.wait_ms(50);
        }
        pauses.push(scene.now.since(from).as_millis());
    }
    assert!(pauses.is_sorted() && pauses[0] <= 550 && (4_000..=8_100).contains(&pauses[7]), "{pauses:?}");
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.take();
    scene.act(|call, now| call.handle_online(now));
    assert_eq!(scene.take(), [Output::Socket(SocketCommand::Open)]);
}

/// A host's click names what was on the screen, and a bad or unseen key package cannot be clicked (SEC-014).
#[test]
fn sec_014_letting_in_is_possible_only_after_a_good_look() {
    let mut scene = Scene::inside(Role::Host);
    let guest = |package: Option<u8>| WaitingPerson {
        participant: THIRD,
        name: Personal::new("Third".to_owned()),
        role: Role::Guardian,
        assurance: Assurance::Link,
        since: Timestamp::from_millis(0),
        here: true,
        why: WaitReason::NotYetLetIn,
        asking: None,
        key_package: package.map(|byte| vec![byte]),
    };
    let letting_in = |scene: &Scene| scene.call.view().lobby[0].letting_in;
    let admit = |scene: &mut Scene| scene.act(|call, now| call.admit(THIRD, now));
    assert_eq!(admit(&mut scene), Err(NotNow::NobodyThere));
    scene.server(ServerMessage::Lobby { people: vec![guest(None)] });
    assert_eq!(letting_in(&scene), LettingIn::NotYet);
    scene.server(ServerMessage::Lobby { people: vec![guest(Some(1))] });
    assert_eq!(admit(&mut scene), Err(NotNow::NotLookedAt));

    // A second package comes before the first was looked at: only the answer to the second counts.
    scene.server(ServerMessage::Lobby { people: vec![guest(Some(2))] });
    let (first, second) = (KeyPackageHash([1; 32]), KeyPackageHash([2; 32]));
    let known = Some(KnownAs::New);
    scene.group(GroupEvent::Looked { participant: THIRD, hash: first, known });
    assert_eq!(letting_in(&scene), LettingIn::NotYet);
    scene.group(GroupEvent::Looked { participant: THIRD, hash: second, known });
    scene.take();
    assert_eq!(admit(&mut scene), Ok(()));
    assert_eq!(
        scene.take(),
        [
            Output::Group(GroupCommand::Clicked { participant: THIRD, hash: second }),
            Output::Send(ClientMessage::Admit { participant: THIRD, hash: second }),
        ]
    );
    assert_eq!(letting_in(&scene), LettingIn::UnderWay);
    scene.server(ServerMessage::Rejected { why: RejectReason::StaleKeyPackage });
    assert!(matches!(letting_in(&scene), LettingIn::Possible { .. }));

    scene.server(ServerMessage::Lobby { people: vec![guest(Some(3))] });
    let third = KeyPackageHash([3; 32]);
    scene.group(GroupEvent::Looked { participant: THIRD, hash: third, known: None });
    assert_eq!(letting_in(&scene), LettingIn::BadCredential);
    assert_eq!(admit(&mut scene), Err(NotNow::NotLookedAt));
}

/// The server says who is seen where, but cannot show a stranger, a camera as a screen, or oneself (SEC-017).
#[test]
fn sec_017_lines_show_only_members_on_lines_made_for_the_track() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let slot = |line, participant, track| Slot { line, participant, track };
    scene.server(ServerMessage::Slots {
        slots: vec![
            slot(3, OTHER, TrackKind::Microphone),
            slot(4, OTHER, TrackKind::Camera),
            slot(4, OTHER, TrackKind::Camera),
            slot(5, THIRD, TrackKind::Microphone),
            slot(6, OTHER, TrackKind::Screen),
            slot(SCREEN_LINE, OTHER, TrackKind::Camera),
            slot(0, OTHER, TrackKind::Microphone),
            slot(200, OTHER, TrackKind::Camera),
            slot(7, ME, TrackKind::Microphone),
        ],
    });
    let bindings = scene.bindings();
    let expected = [(3, Some((OTHER, TrackKind::Microphone))), (4, Some((OTHER, TrackKind::Camera)))];
    assert_eq!(bindings, expected);
    let tile = scene.call.view().people[1].clone();
    assert_eq!((tile.lines.microphone, tile.lines.camera, tile.lines.screen), (Some(3), Some(4), None));

    // The third is added: the waiting slot comes alive. The other is removed: the lines go dark at once.
    scene.take();
    scene.epoch(2, &[OTHER, THIRD]);
    assert_eq!(scene.bindings(), [(5, Some((THIRD, TrackKind::Microphone)))]);
    scene.take();
    scene.epoch(3, &[THIRD]);
    assert_eq!(scene.bindings(), [(3, None), (4, None)]);
}

/// SEC-018: a broken lock stops sound and picture both ways; afterwards one is heard only by one's own choice.
#[test]
fn sec_018_an_alarm_stops_everything_and_a_refused_ghost_does_not() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.group(GroupEvent::Alarm(LockAlarm::GhostRefused));
    assert!(!scene.live.is_empty() && !scene.blank, "nobody was added");
    assert_eq!(scene.call.view().lock.alarm, Some(LockAlarm::GhostRefused));

    scene.group(GroupEvent::Doubt { doubted: true });
    assert!(scene.call.view().lock.doubted, "the page says that it asks");
    scene.answers();
    scene.wait_ms(1_500);
    assert!(!scene.live.is_empty() && !scene.blank, "a doubt is no alarm");
    scene.group(GroupEvent::Alarm(LockAlarm::Diverged));
    scene.wait_ms(0);
    assert!(!scene.call.view().lock.doubted);
    assert!(scene.live.is_empty() && scene.blank);
    assert_eq!(scene.call.view().lock.alarm, Some(LockAlarm::Diverged));
    scene.act(|call, now| call.set_camera(true, now));
    assert!(scene.live.is_empty(), "not even by wish");
    assert_eq!(scene.act(|call, now| call.chat("hi", now)), Err(NotNow::NotLocked));
    scene.take();
    scene.wait_ms(2_000);
    let beats = scene.take();
    assert!(
        beats.contains(&Output::Group(GroupCommand::Tick)),
        "members go on comparing, so that the alarm can end"
    );

    scene.act(|call, now| call.set_camera(false, now));
    scene.group(GroupEvent::Doubt { doubted: false });
    scene.group(GroupEvent::AlarmOver);
    assert!(scene.live.is_empty() && !scene.blank);

    scene.act(|call, now| call.handle_worker_lost(now));
    scene.group(GroupEvent::AlarmOver);
    assert!(scene.blank && scene.call.view().lock.stopped, "a dead worker does not come back by saying so");
}

/// SEC-019 must not cry wolf: in a tunnel the others fall silent because the line does. Should they stay silent when
/// it is alive again, something is wrong.
#[test]
fn silence_on_a_line_that_stands_still_is_no_fork_until_it_is_alive_again() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.wait_ms(3_000);
    scene.answers();
    scene.take();
    scene.group(GroupEvent::Alarm(LockAlarm::Diverged));
    scene.wait_ms(2_000);
    assert_eq!(scene.call.view().lock.alarm, None, "the line stands still");
    assert!(scene.call.view().lock.doubted, "which is said");
    scene.server(ServerMessage::Pong { number: 0, at: scene.server_now() });
    scene.wait_ms(2_000);
    assert_eq!(scene.call.view().lock.alarm, None, "what had been on its way is no answer");
    scene.answers();
    scene.wait_ms(900);
    scene.group(GroupEvent::Doubt { doubted: false });
    scene.group(GroupEvent::AlarmOver);
    scene.wait_ms(1_000);
    assert_eq!(scene.call.view().lock.alarm, None, "they were heard again");
    assert!(!scene.live.is_empty() && !scene.blank);

    scene.wait_ms(3_000);
    scene.group(GroupEvent::Alarm(LockAlarm::Diverged));
    scene.answers();
    scene.wait_ms(1_100);
    assert_eq!(
        scene.call.view().lock.alarm,
        Some(LockAlarm::Diverged),
        "the line is alive and they are silent"
    );
    assert!(scene.live.is_empty() && scene.blank);
}

/// SEC-019: a server that goes on talking but does not answer cannot put the question off; that line is lost, and
/// everything stops with it.
#[test]
fn a_server_that_talks_but_does_not_answer_has_lost_us() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.group(GroupEvent::Alarm(LockAlarm::Diverged));
    for _ in 0..5 {
        assert_eq!(scene.call.view().phase, Phase::Inside);
        scene.wait_ms(500);
        scene.server(ServerMessage::Pong { number: 0, at: scene.server_now() });
    }
    scene.wait_ms(1_000);
    assert_eq!(scene.call.view().phase, Phase::Reconnecting);
    assert!(scene.live.is_empty());
    assert!(!scene.call.view().lock.doubted);
}

/// The three stills are different events and must never be mixed up; camera off is none of them.
#[test]
fn a_still_picture_says_which_of_the_three_it_is() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let status = |scene: &Scene| scene.call.view().people[1].status;
    let media = |scene: &mut Scene, state| scene.server(ServerMessage::Media { participant: OTHER, state });
    let beat = |scene: &mut Scene, number, camera, paused| {
        let state = SelfState { camera, paused, ..SelfState::default() };
        let heartbeat = Heartbeat { number, authenticator: vec![], heard: vec![], asks: false, state };
        scene.group(GroupEvent::Opened { from: OTHER, content: Content::Heartbeat(heartbeat) });
    };
    assert_eq!(status(&scene), MediaStatus::Unknown);
    beat(&mut scene, 1, true, false);
    assert_eq!(status(&scene), MediaStatus::Unknown, "said to be sent, but the forwarder has not seen it");
    media(&mut scene, MediaState::Flowing);
    assert_eq!(status(&scene), MediaStatus::Flowing);
    media(&mut scene, MediaState::Late);
    assert_eq!(status(&scene), MediaStatus::TheirNetwork);
    media(&mut scene, MediaState::Silent);
    assert_eq!(status(&scene), MediaStatus::TheirNetwork, "the line is up");
    scene.wait_ms(3_500);
    assert_eq!(status(&scene), MediaStatus::NoAnswer);
    beat(&mut scene, 2, false, true);
    assert_eq!(status(&scene), MediaStatus::PausedByThem);
    beat(&mut scene, 1, true, false);
    assert_eq!(status(&scene), MediaStatus::PausedByThem, "an old statement says nothing new");
    beat(&mut scene, 3, false, false);
    assert_eq!(
        status(&scene),
        MediaStatus::Off,
        "camera and microphone off are an equal choice, not a fault"
    );
    scene.roster(&[(OTHER, Presence::LineLost)]);
    assert_eq!(status(&scene), MediaStatus::NoAnswer);
}

/// Pause is her own word, sealed and counted; what was on comes back with the pause's end and not before.
#[test]
fn a_pause_is_told_under_the_seal_and_remembers() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let last_said = |log: Vec<Output>| {
        let said = |output| match output {
            Output::Group(GroupCommand::Seal(Content::Heartbeat(heartbeat))) => Some(heartbeat),
            _ => None,
        };
        log.into_iter().filter_map(said).next_back().expect("a heartbeat")
    };
    scene.act(|call, now| call.pause(now)).expect("inside");
    assert!(scene.live.is_empty());
    let first = last_said(scene.take());
    assert_eq!(first.state, SelfState { paused: true, ..SelfState::default() });
    scene.epoch(2, &[OTHER]);
    let second = last_said(scene.take());
    assert!(second.number > first.number && second.state.paused, "a newcomer is told too");
    scene.act(|call, now| call.set_camera(false, now));
    scene.act(|call, now| call.resume(now));
    assert_eq!(scene.live.iter().copied().collect::<Vec<_>>(), [TrackKind::Microphone]);
}

/// Chat goes to the group or nowhere.
#[test]
fn chat_is_possible_only_inside_and_within_limits() {
    let mut scene = Scene::begin(Role::Host);
    assert_eq!(scene.act(|call, now| call.chat("hi", now)), Err(NotNow::NotInside));
    let mut scene = Scene::inside(Role::Host);
    assert_eq!(scene.act(|call, now| call.chat("  ", now)), Err(NotNow::BadText));
    let long = "x".repeat(ids::TEXT_CHARS_MAX + 1);
    assert_eq!(scene.act(|call, now| call.chat(&long, now)), Err(NotNow::BadText));
    assert_eq!(scene.act(|call, now| call.chat(" hi ", now)), Ok(()));
    let at = scene.server_now();
    let text = Personal::new("hi".to_owned());
    assert_eq!(scene.take(), [Output::Group(GroupCommand::Seal(Content::Chat { text: text.clone(), at }))]);

    let from_stranger = Content::Chat { text: text.clone(), at };
    scene.group(GroupEvent::Opened { from: THIRD, content: from_stranger });
    let too_long = Content::Chat { text: Personal::new(long), at };
    scene.group(GroupEvent::Opened { from: OTHER, content: too_long });
    scene.group(GroupEvent::Opened { from: OTHER, content: Content::Chat { text, at } });
    let lines: Vec<_> = scene.call.view().chat.iter().map(|line| (line.from, line.is_yours)).collect();
    assert_eq!(lines, [(ME, true), (OTHER, false)]);
}

/// The older of two tabs says so and stops; it must not fight for the seat.
#[test]
fn an_overtaken_tab_stops_for_good() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.server(ServerMessage::Ended { reason: EndReason::OpenedElsewhere });
    assert_eq!(scene.call.view().phase, Phase::Ended { why: EndReason::OpenedElsewhere });
    assert!(scene.take().starts_with(&[STOP]));
    scene.wait_ms(60_000);
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.act(|call, now| call.handle_online(now));
    scene.wait_ms(60_000);
    assert_eq!(scene.take(), []);
}

/// A server that restarts is no end: the page comes back by itself.
#[test]
fn a_stopping_server_is_waited_for() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.server(ServerMessage::Ended { reason: EndReason::ServerStopping });
    assert_eq!(scene.call.view().phase, Phase::Reconnecting);
    scene.take();
    scene.wait_ms(1_000);
    assert_eq!(scene.take(), [Output::Socket(SocketCommand::Open)]);
}

/// Sent back to waiting: nothing is transmitted from that moment, and being let in again starts muted.
#[test]
fn sent_back_means_dark_and_a_new_leaf() {
    let mut scene = Scene::inside(Role::Guardian);
    scene.server(waiting(&scene, WaitReason::SentBack));
    let log = scene.take();
    let stop = index_of(&log, |output| *output == STOP);
    assert!(stop < index_of(&log, |output| *output == Output::Group(GroupCommand::Leave)));
    assert!(scene.call.view().people.is_empty() && scene.call.view().lock.epoch.is_none());
    scene.server(ServerMessage::KeyPackageWanted);
    assert!(matches!(
        scene.take()[..],
        [Output::Group(GroupCommand::Attested { .. }), Output::Group(GroupCommand::MakeKeyPackage)]
    ));
    scene.key_package(2);
    assert!(matches!(scene.sent()[..], [ClientMessage::Knock { .. }]));
    scene.epoch(1, &[OTHER]);
    assert!(scene.call.view().lock.epoch.is_none(), "an epoch of the group that was left is stale");
}

/// The server's wish for a key package overtook its word that we wait: the package made before leaving the group was
/// forgotten with it, and no welcome for it could ever be opened.
#[test]
fn a_key_package_wanted_before_being_sent_back_is_made_again_after_it() {
    let mut scene = Scene::inside(Role::Guardian);
    scene.server(ServerMessage::KeyPackageWanted);
    scene.server(waiting(&scene, WaitReason::SentBack));
    let log = scene.take();
    let left = index_of(&log, |output| *output == Output::Group(GroupCommand::Leave));
    assert!(log[left..].contains(&Output::Group(GroupCommand::MakeKeyPackage)));
    scene.key_package(1);
    assert!(scene.sent().is_empty(), "the first package is dead");
    scene.key_package(2);
    assert!(matches!(scene.sent()[..], [ClientMessage::Knock { .. }]));
}

/// A host who is alone and reloads brings a new group: the guest falls silent meanwhile and is then heard as before.
#[test]
fn a_new_group_does_not_mute_who_never_left() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let before = scene.live.clone();
    scene.server(ServerMessage::GroupEnded { group: GROUP });
    assert!(scene.live.is_empty());
    scene.server(ServerMessage::KeyPackageWanted);
    scene.key_package(2);
    assert!(matches!(scene.sent()[..], [.., ClientMessage::Knock { .. }]));
    scene.server(ServerMessage::Joined { group: GROUP, welcome: vec![9] });
    scene.epoch(1, &[OTHER]);
    assert_eq!(scene.live, before);
    assert!(!scene.call.view().own.muted_for_you);
}

/// A refusal is not for ever: when the door changes its mind, the page follows, muted, without a new press.
#[test]
fn a_refusal_that_is_taken_back() {
    let mut scene = Scene::inside(Role::Guardian);
    scene.server(ServerMessage::Refused { why: ids::RefuseReason::InvitationWithdrawn });
    assert!(scene.live.is_empty());
    scene.server(waiting(&scene, WaitReason::NotYetLetIn));
    scene.server(ServerMessage::KeyPackageWanted);
    scene.key_package(2);
    assert!(matches!(scene.sent()[..], [.., ClientMessage::Knock { .. }]));
    scene.admitted();
    scene.server(ServerMessage::Joined { group: GROUP, welcome: vec![9] });
    scene.epoch(2, &[OTHER]);
    assert_eq!(scene.call.view().phase, Phase::Inside);
    assert!(scene.live.is_empty());
}

/// A page that sleeps says so on a new line too.
#[test]
fn sleep_is_told_again_on_a_new_line() {
    let mut scene = Scene::inside(Role::Guardian);
    scene.act(|call, now| call.set_asleep(true, now));
    assert_eq!(
        scene.sent(),
        [ClientMessage::Asleep { asleep: true }, ClientMessage::Sending { tracks: vec![] }]
    );
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.wait_ms(1_000);
    scene.act(|call, now| call.handle_socket_open(now));
    scene.welcome();
    scene.key_package(2);
    assert_eq!(scene.sent().last(), Some(&ClientMessage::Asleep { asleep: true }));
}

/// Stepping out keeps the seat and comes back in one tap.
#[test]
fn stepping_out_and_in() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.step_out(now)).expect("inside");
    let log = scene.take();
    let told = index_of(&log, |o| *o == Output::Send(ClientMessage::StepOut { someone_came_in: false }));
    assert!(index_of(&log, |output| *output == STOP) < told);
    scene.server(waiting(&scene, WaitReason::SteppedOut));
    assert_eq!(scene.call.view().phase, Phase::SteppedOut { told: true });
    scene.wait_with_server_ms(20_000);
    assert!(!scene.sent().iter().any(|message| matches!(message, ClientMessage::StepOut { .. })));
    scene.act(|call, now| call.step_in(now)).expect("stepped out");
    scene.key_package(2);
    assert!(matches!(scene.sent()[..], [ClientMessage::StepIn { .. }]));
    // A server that lost the seat meanwhile is arrived at anew.
    scene.server(ServerMessage::Rejected { why: RejectReason::NotAdmitted });
    scene.key_package(3);
    assert!(matches!(scene.sent()[..], [ClientMessage::Knock { .. }]));
}

/// CARE-02: closing fast is dark at once and told as what it is.
#[test]
fn care_02_closing_fast() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.close_fast(now));
    let log = scene.take();
    let leave = Output::Send(ClientMessage::Leave { reason: LeaveReason::ClosedFast });
    let told = index_of(&log, |output| *output == leave);
    assert_eq!(log[0], STOP);
    assert!(index_of(&log, |output| *output == Output::Media(MediaCommand::BlankAll)) < told);
    assert_eq!(scene.call.view().phase, Phase::ClosedFast);
    scene.server(ServerMessage::Ended { reason: EndReason::YouLeft });
    assert_eq!(scene.take().last(), Some(&Output::Socket(SocketCommand::Close)));
    assert_eq!(scene.call.view().phase, Phase::Ended { why: EndReason::YouLeft });
}

/// Who went is told apart and forgotten when they come back (CARE-02).
#[test]
fn care_02_why_someone_is_gone_is_shown() {
    let mut scene = Scene::inside(Role::Host);
    let at = scene.server_now();
    scene.server(ServerMessage::Gone { participant: OTHER, reason: GoneReason::ClosedFast, at });
    scene.roster(&[]);
    assert_eq!(scene.call.view().gone[0].reason, GoneReason::ClosedFast);
    scene.roster(&[(OTHER, Presence::Here)]);
    assert!(scene.call.view().gone.is_empty());
}

/// One screen in the room: asked for, granted, refused, and ended in the browser's own bar.
#[test]
fn the_rooms_only_screen() {
    let mut scene = Scene::inside(Role::Host);
    scene.act(|call, now| call.share_screen(now)).expect("inside");
    assert_eq!(scene.sent(), [ClientMessage::TakeScreen]);
    scene.server(ServerMessage::Screen { holder: Some(OTHER) });
    scene.server(ServerMessage::Rejected { why: RejectReason::ScreenTaken });
    assert_eq!(scene.call.view().own.screen, OwnScreen::Off);
    let off = Output::Media(MediaCommand::Publish { track: TrackKind::Screen, on: false });
    assert!(scene.take().contains(&off), "the engine lets go of the picture it holds ready");

    scene.act(|call, now| call.share_screen(now)).expect("inside");
    scene.server(ServerMessage::Screen { holder: Some(ME) });
    assert!(scene.live.contains(&TrackKind::Screen));
    scene.take();
    scene.media(MediaEvent::TrackLost { track: TrackKind::Screen });
    assert!(!scene.live.contains(&TrackKind::Screen));
    assert!(scene.sent().contains(&ClientMessage::DropScreen));
}

/// A headset that is pulled out turns the microphone off, and the others are told.
#[test]
fn an_unplugged_headset() {
    let mut scene = Scene::inside(Role::Host);
    scene.media(MediaEvent::TrackLost { track: TrackKind::Microphone });
    let own = scene.call.view().own;
    assert!(!own.microphone && own.camera);
    assert_eq!(own.lost, Some(TrackKind::Microphone));
    assert!(scene.sent().contains(&ClientMessage::Sending { tracks: vec![TrackKind::Camera] }));
}

/// Key frames are asked for when a key is in use on a picture line, and not in storms.
#[test]
fn key_frames_are_asked_for_with_the_key_and_not_in_storms() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let slots = vec![
        Slot { line: 3, participant: OTHER, track: TrackKind::Microphone },
        Slot { line: 4, participant: OTHER, track: TrackKind::Camera },
    ];
    scene.server(ServerMessage::Slots { slots });
    scene.take();
    let in_use = |scene: &mut Scene, line| {
        scene.act(|call, now| call.handle_frame(&FrameEvent::KeyInUse { epoch: 1, line }, now));
        scene.sent().into_iter().filter(|message| *message == ClientMessage::WantKeyframes).count()
    };
    assert_eq!(in_use(&mut scene, None), 0, "our own sending");
    assert_eq!(in_use(&mut scene, Some(3)), 0, "sound has no key frames");
    assert_eq!(in_use(&mut scene, Some(4)), 1);
    for _ in 0..20 {
        assert_eq!(in_use(&mut scene, Some(4)), 0);
    }
    scene.wait_ms(500);
    assert_eq!(scene.sent().iter().filter(|message| **message == ClientMessage::WantKeyframes).count(), 1);
}

/// A transport that fails is made again a few times, and then said to be impossible.
#[test]
fn a_failing_transport_is_made_again() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.media(MediaEvent::Failed);
    scene.take();
    scene.wait_with_server_ms(1_000);
    let log = scene.take();
    assert!(log.contains(&Output::Media(MediaCommand::Reconnect)));
    assert!(
        log.contains(&Output::Media(MediaCommand::Publish { track: TrackKind::Camera, on: true })),
        "the tracks are handed to the new connection"
    );
    for _ in 0..7 {
        scene.media(MediaEvent::Failed);
        scene.wait_with_server_ms(1_000);
    }
    assert_eq!(scene.call.view().transport, call::Transport::Impossible);
}

/// A line that comes back may lie on another network: the tries of media begin to count anew.
#[test]
fn a_new_line_tries_media_afresh() {
    let mut scene = Scene::inside(Role::YoungPerson);
    for _ in 0..7 {
        scene.media(MediaEvent::Failed);
        scene.wait_with_server_ms(1_000);
    }
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.wait_ms(1_000);
    scene.connect();
    scene.welcome();
    scene.media(MediaEvent::Failed);
    assert_eq!(scene.call.view().transport, call::Transport::Connecting);
}

/// A connection that comes back before the next try is left alone.
#[test]
fn a_transport_that_comes_back_by_itself_is_kept() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.media(MediaEvent::Failed);
    scene.media(MediaEvent::Connected);
    scene.take();
    scene.wait_with_server_ms(5_000);
    let log = scene.take();
    assert!(!log.contains(&Output::Media(MediaCommand::Reconnect)), "{log:?}");
    assert_eq!(scene.call.view().transport, call::Transport::Connected);
}

/// A reaction is seen for a while and then goes.
#[test]
fn reactions_fade() {
    let mut scene = Scene::inside(Role::Host);
    scene.act(|call, now| call.react(Reaction::Yes, now)).expect("inside");
    scene.group(GroupEvent::Opened { from: OTHER, content: Content::Reaction(Reaction::Heart) });
    let shown = |scene: &Scene| -> Vec<_> {
        scene.call.view().people.iter().map(|tile| tile.reaction.map(|(reaction, _)| reaction)).collect()
    };
    assert_eq!(shown(&scene), [Some(Reaction::Yes), Some(Reaction::Heart)]);
    scene.wait_with_server_ms(7_000);
    assert_eq!(shown(&scene), [None, None]);
}

/// A note to somebody who waits is for hosts, to those who wait.
#[test]
fn notes_go_only_to_those_who_wait() {
    let nobody = ParticipantId::from_bytes([9; 16]);
    let mut scene = Scene::inside(Role::Host);
    assert_eq!(scene.act(|call, now| call.note(nobody, "soon", now)), Err(NotNow::NobodyThere));
    let mut scene = Scene::inside(Role::Guardian);
    assert_eq!(scene.act(|call, now| call.note(THIRD, "soon", now)), Err(NotNow::NotHost));
    let (from, text) = (Personal::new("Kari".to_owned()), Personal::new("soon".to_owned()));
    scene.server(ServerMessage::Note { from, text, at: Timestamp::from_millis(1) });
    assert_eq!(scene.call.view().notes.len(), 1);
}
