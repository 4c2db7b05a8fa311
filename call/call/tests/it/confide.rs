//! What is told to the hosts alone leaves the page when there is a host behind a closed lock, and not before; what is
//! said about the room is told under the seal; both end when somebody comes in.

use call::{Changes, NotNow, Output};
use ids::{ASIDE_CHARS_MAX, Personal, Role};
use protocol::content::{Around, Aside, Content, Heartbeat, SelfState, Surrounding};
use protocol::group::{GroupCommand, GroupEvent};

use crate::scene::{OTHER, Scene, THIRD};

fn opening(text: &str) -> Aside {
    Aside::Opening { text: Personal::new(text.to_owned()) }
}

fn whereabouts(place: &str) -> Aside {
    Aside::Whereabouts { place: Personal::new(place.to_owned()), phone: Personal::new(String::new()) }
}

fn said(scene: &mut Scene) -> Vec<Aside> {
    let only =
        |output| if let Output::Group(GroupCommand::Confide(aside)) = output { Some(aside) } else { None };
    scene.take().into_iter().filter_map(only).collect()
}

#[test]
fn it_waits_for_a_closed_lock_and_the_latest_counts() {
    let mut scene = Scene::begin(Role::YoungPerson);
    for aside in [opening("først"), whereabouts("hjemme"), opening("så")] {
        assert_eq!(scene.act(|call, now| call.confide(aside, now)), Ok(()));
    }
    assert_eq!(said(&mut scene), [], "nobody is there yet");
    scene.go_inside();
    assert_eq!(said(&mut scene), [whereabouts("hjemme"), opening("så")]);
    assert_eq!(scene.act(|call, now| call.confide(whereabouts("ute"), now)), Ok(()));
    assert_eq!(said(&mut scene), [whereabouts("ute")], "and at once when inside");
}

#[test]
fn what_does_not_fit_is_not_said() {
    let mut scene = Scene::begin(Role::YoungPerson);
    for aside in [opening(" "), opening(&"x".repeat(ASIDE_CHARS_MAX + 1)), whereabouts("")] {
        assert_eq!(scene.act(|call, now| call.confide(aside, now)), Err(NotNow::BadText));
    }
}

#[test]
fn a_host_reads_it_until_it_is_put_away_and_knows_where_she_is() {
    let mut scene = Scene::inside(Role::Host);
    scene.group(GroupEvent::Confided { from: THIRD, aside: opening("en fremmed") });
    assert_eq!(scene.call.view().confided, [], "who is not in the group says nothing");
    scene.call.take_changes();
    scene.group(GroupEvent::Confided { from: OTHER, aside: opening("jeg vil si noe") });
    scene.group(GroupEvent::Confided { from: OTHER, aside: whereabouts("hos bestemor") });
    assert!(scene.call.take_changes().has(Changes::CONFIDED));
    let one = &scene.call.view().confided[0];
    assert_eq!(
        (one.participant, one.opening.as_ref().map(|text| text.reveal().as_str())),
        (OTHER, Some("jeg vil si noe"))
    );
    scene.act(|call, _| call.put_away(OTHER));
    let one = &scene.call.view().confided[0];
    assert_eq!(one.opening, None);
    assert_eq!(one.whereabouts.as_ref().map(|(place, _)| place.reveal().as_str()), Some("hos bestemor"));
}

fn alone() -> Around {
    Around::NOTHING.toggled(Surrounding::Alone)
}

/// What was last stated about oneself since last taken, if anything.
fn stated(scene: &mut Scene) -> Option<SelfState> {
    let only = |output| match output {
        Output::Group(GroupCommand::Seal(Content::Heartbeat(heartbeat))) => Some(heartbeat.state),
        _ => None,
    };
    scene.take().into_iter().filter_map(only).next_back()
}

#[test]
fn nobody_but_a_young_person_has_words_for_the_hosts_alone() {
    for role in [Role::Guardian, Role::CareWorker, Role::Professional, Role::Host] {
        let mut scene = Scene::inside(Role::Host);
        scene.epoch_of(2, &[OTHER], role);
        scene.group(GroupEvent::Confided { from: OTHER, aside: opening("la meg") });
        scene.group(GroupEvent::Confided { from: OTHER, aside: whereabouts("hos henne") });
        assert_eq!(scene.call.view().confided, [], "{role:?}");
    }
}

#[test]
fn a_number_alone_says_where_she_can_be_rung() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let phone = Personal::new("99887766".to_owned());
    let aside = Aside::Whereabouts { place: Personal::new(String::new()), phone };
    assert_eq!(scene.act(|call, now| call.confide(aside.clone(), now)), Ok(()));
    assert_eq!(said(&mut scene), [aside]);
}

#[test]
fn care_05_who_is_in_the_room_is_told_inside_and_at_each_change() {
    let mut scene = Scene::begin(Role::YoungPerson);
    scene.act(|call, now| call.say_around(alone(), now));
    assert_eq!(stated(&mut scene), None, "nobody is told before one is inside");
    scene.go_inside();
    assert_eq!(stated(&mut scene).map(|state| state.around), Some(alone()));
    scene.act(|call, now| call.say_around(alone(), now));
    assert_eq!(stated(&mut scene), None, "the same again is nothing new");
    let crowd = alone().toggled(Surrounding::Parent).toggled(Surrounding::Friend);
    scene.act(|call, now| call.say_around(crowd, now));
    assert_eq!(stated(&mut scene).map(|state| state.around), Some(crowd));
    scene.act(|call, now| call.pause(now)).expect("inside");
    assert_eq!(stated(&mut scene).map(|state| state.around), Some(crowd), "a pause takes nothing back");
    scene.act(|call, now| call.step_out(now)).expect("inside");
    assert_eq!(scene.call.view().own.around, crowd, "it is still so when one comes back");
}

#[test]
fn what_the_other_says_about_the_room_stands_on_the_tile() {
    let mut scene = Scene::inside(Role::Host);
    let around = |scene: &Scene| scene.call.view().people[1].said.map(|said| said.around);
    assert_eq!(around(&scene), None, "not heard is not alone");
    let state = SelfState { around: alone(), ..SelfState::default() };
    let heartbeat = Heartbeat { number: 1, authenticator: vec![], heard: vec![], asks: false, state };
    scene.group(GroupEvent::Opened { from: OTHER, content: Content::Heartbeat(heartbeat) });
    assert_eq!(around(&scene), Some(alone()));
}

#[test]
fn care_03_after_someone_came_in_or_close_fast_nothing_is_said_any_more() {
    for fast in [false, true] {
        let mut scene = Scene::inside(Role::YoungPerson);
        scene.act(|call, now| call.say_around(alone(), now));
        scene.act(|call, now| call.confide(whereabouts("hjemme"), now)).expect("fit");
        scene.take();
        scene.act(
            |call, now| if fast { call.close_fast(now) } else { call.someone_came_in(now).expect("inside") },
        );
        let own = scene.call.view().own;
        assert_eq!((own.around, own.sending.around), (Around::NOTHING, Around::NOTHING));
        assert!(scene.take().contains(&Output::Group(GroupCommand::Unsay)), "the worker forgets it too");
    }
}

#[test]
fn what_waited_to_be_told_is_not_told_after_someone_came_in() {
    let mut scene = Scene::begin(Role::YoungPerson);
    scene.connect();
    scene.welcome();
    scene.act(|call, now| call.confide(opening("bare til deg"), now)).expect("fit");
    scene.act(|call, now| call.someone_came_in(now)).expect("there is something to hide");
    assert!(!scene.take().contains(&Output::Group(GroupCommand::Unsay)), "nothing was told yet");
    scene.act(|call, now| call.carry_on(now)).expect("pressed");
    scene.act(|call, now| call.arrive(true, true, now)).expect("at the check again");
    scene.key_package(1);
    scene.admitted();
    scene.epoch(1, &[OTHER]);
    assert_eq!(said(&mut scene), []);
}
