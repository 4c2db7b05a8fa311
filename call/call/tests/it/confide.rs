//! What is told to the hosts alone leaves the page when there is a host behind a closed lock, and not before.

use call::{Changes, NotNow, Output};
use ids::{ASIDE_CHARS_MAX, Personal, Role};
use protocol::content::Aside;
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
