//! Showing something with the camera, and what a host leads through with pictures.

use call::{NotNow, Output};
use ids::{ParticipantId, Personal, Role, TrackKind};
use protocol::content::{Content, Heartbeat, Lead, Picture, SelfState};
use protocol::group::{EpochView, GroupCommand, GroupEvent, KnownAs, MemberView};
use protocol::wire::ServerMessage;

use crate::scene::{GROUP, ME, OTHER, Scene};

/// The newest sealed word about oneself.
fn last_said(scene: &mut Scene) -> SelfState {
    let said = |output| match output {
        Output::Group(GroupCommand::Seal(Content::Heartbeat(heartbeat))) => Some(heartbeat.state),
        _ => None,
    };
    scene.take().into_iter().filter_map(said).next_back().expect("a heartbeat")
}

/// Both are in the group; the other has this role in its credential.
fn members(scene: &mut Scene, role: Role) {
    let member = |participant, leaf| MemberView {
        participant,
        name: Personal::new("Somebody".to_owned()),
        role,
        leaf,
        known: KnownAs::New,
    };
    scene.group(GroupEvent::Epoch(EpochView {
        group: GROUP,
        epoch: 2,
        members: vec![member(ME, 0), member(OTHER, 1)],
        safety_words: [1, 2, 3, 4, 5, 6],
    }));
}

fn says(scene: &mut Scene, from: ParticipantId, number: u64, state: SelfState) {
    let heartbeat = Heartbeat { number, authenticator: vec![], heard: vec![], asks: false, state };
    scene.group(GroupEvent::Opened { from, content: Content::Heartbeat(heartbeat) });
}

fn leads(step: u8) -> SelfState {
    SelfState { lead: Lead(step), ..SelfState::default() }
}

#[test]
fn showing_turns_the_camera_on_and_leaves_it_as_it_was() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.set_camera(false, now));
    scene.act(|call, now| call.show(true, now)).expect("inside");
    assert!(scene.live.contains(&TrackKind::Camera));
    assert!(last_said(&mut scene).showing);
    scene.act(|call, now| call.show(false, now)).expect("inside");
    assert!(
        !scene.live.contains(&TrackKind::Camera),
        "whoever had the camera off has it off again (CARE-11)"
    );
    assert!(!last_said(&mut scene).showing);
    scene.act(|call, now| call.set_camera(true, now));
    scene.act(|call, now| call.show(true, now)).expect("inside");
    scene.act(|call, now| call.show(false, now)).expect("inside");
    assert!(scene.live.contains(&TrackKind::Camera));
}

#[test]
fn whoever_turns_the_camera_off_or_goes_shows_nothing_any_more() {
    let mut scene = Scene::inside(Role::YoungPerson);
    scene.act(|call, now| call.show(true, now)).expect("inside");
    scene.act(|call, now| call.set_camera(false, now));
    assert!(!scene.call.view().own.showing && !last_said(&mut scene).showing);
    scene.act(|call, now| call.show(true, now)).expect("inside");
    scene.act(|call, now| call.someone_came_in(now)).expect("inside");
    assert!(!scene.call.view().own.showing, "CARE-03");
    assert_eq!(scene.act(|call, now| call.show(true, now)), Err(NotNow::NotInside));
}

/// CARE-11: a pause is a pause, and what was off before it is off after it.
#[test]
fn nothing_is_shown_in_a_pause_and_no_pause_is_ended_by_showing() {
    let mut scene = Scene::inside(Role::YoungPerson);
    for before in [true, false] {
        scene.act(|call, now| call.set_camera(before, now));
        scene.act(|call, now| call.set_microphone(true, now));
        scene.act(|call, now| call.show(true, now)).expect("inside");
        scene.act(|call, now| call.pause(now)).expect("inside");
        assert!(scene.live.is_empty() && !scene.call.view().own.showing);
        assert_eq!(scene.act(|call, now| call.show(true, now)), Err(NotNow::WrongPhase));
        scene.act(|call, now| call.show(false, now)).expect("turned back at any time");
        assert!(scene.live.is_empty() && scene.call.view().own.paused, "still in the pause");
        scene.act(|call, now| call.resume(now));
        assert_eq!(scene.live.contains(&TrackKind::Camera), before, "as it was before it was shown");
        assert!(scene.live.contains(&TrackKind::Microphone));
    }
}

#[test]
fn what_is_shown_and_led_is_ended_while_the_lock_is_not_closed() {
    let mut scene = Scene::inside(Role::Host);
    scene.act(|call, now| call.set_camera(false, now));
    scene.act(|call, now| call.show(true, now)).expect("inside");
    scene.act(|call, now| call.lead(Lead::SHOW, now)).expect("a host");
    scene.server(ServerMessage::GroupEnded { group: GROUP });
    assert_eq!(scene.act(|call, now| call.show(true, now)), Err(NotNow::NotLocked));
    scene.act(|call, now| call.show(false, now)).expect("whatever the lock is");
    scene.act(|call, now| call.lead(Lead::NOTHING, now)).expect("whatever the lock is");
    let own = &scene.call.view().own;
    assert!(
        !own.showing && !own.camera && own.lead == Lead::NOTHING,
        "with the next group nothing comes again"
    );
}

#[test]
fn only_a_host_leads_and_only_a_host_is_followed() {
    let mut scene = Scene::inside(Role::YoungPerson);
    assert_eq!(scene.act(|call, now| call.lead(Lead::SHOW, now)), Err(NotNow::NotHost));
    members(&mut scene, Role::Guardian);
    says(&mut scene, OTHER, 1, leads(3));
    assert_eq!(scene.call.view().lead, Lead::NOTHING, "a parent's page leads nobody");
    members(&mut scene, Role::Host);
    says(&mut scene, OTHER, 2, leads(3));
    assert_eq!(scene.call.view().lead, Lead(3));
    let mut host = Scene::inside(Role::Host);
    host.act(|call, now| call.lead(Lead::SHOW, now)).expect("a host");
    assert_eq!(host.call.view().lead, Lead::SHOW);
    assert_eq!(last_said(&mut host).lead, Lead::SHOW);
}

#[test]
fn a_picture_answers_the_step_that_is_led_and_no_other() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let choose = |scene: &mut Scene, number| scene.act(|call, now| call.choose_picture(Picture(number), now));
    assert_eq!(choose(&mut scene, 1), Err(NotNow::WrongPhase), "nothing is led");
    says(&mut scene, OTHER, 1, leads(1));
    assert_eq!(choose(&mut scene, 1), Err(NotNow::WrongPhase), "a wish to see something is not answered so");
    says(&mut scene, OTHER, 2, leads(3));
    choose(&mut scene, 4).expect("a step");
    assert_eq!(last_said(&mut scene).picture, Picture(4));
    choose(&mut scene, 4).expect("a step");
    assert_eq!(last_said(&mut scene).picture, Picture::NONE, "the same again takes it back");
    choose(&mut scene, 2).expect("a step");
    says(&mut scene, OTHER, 3, leads(4));
    assert_eq!(scene.call.view().own.picture, Picture::NONE, "an answer to what is over is none");
    assert_eq!(last_said(&mut scene).picture, Picture::NONE);
}
