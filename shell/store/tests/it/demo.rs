//! The demo: plainly made up, laid in once, with a meeting that is open now at every start.

use domain::audit::Purpose;
use domain::door::Invited;
use domain::message::State;
use ids::{Assurance, Role};
use store::By;
use store::demo::DemoRole;

use crate::support::{NOON, Place, minutes};

pub(crate) async fn laying_it_in_twice_changes_nothing(place: Place) {
    let db = place.open().await;
    let first = db.seed_demo(NOON).await.expect("laid in");
    let counts = "SELECT (SELECT COUNT(*) FROM person) * 1000 + (SELECT COUNT(*) FROM appointment)";
    let before = place.count(counts).await;
    assert_eq!(before, 6_004);
    // Its day is clean: everybody knows of the hour, and nobody's printed link was ended by that.
    let told =
        db.messages_of(By::operator(NOON), Purpose::Review, first.appointment).await.expect("answered");
    assert_eq!(told.len(), 4, "those who come by a link");
    assert!(told.iter().all(|line| line.progress.state == State::Sent && !line.superseded));
    let second = db.seed_demo(minutes(5)).await.expect("laid in");
    assert_eq!(place.count(counts).await, before);
    assert_eq!((first.appointment, first.session), (second.appointment, second.session));
}

pub(crate) async fn there_is_always_a_meeting_open_now(place: Place) {
    let db = place.open().await;
    for minute in [0, 10, 59, 300, 60 * 30] {
        let demo = db.seed_demo(minutes(minute)).await.expect("laid in");
        let young = demo.people.iter().find(|one| one.who == DemoRole::YoungPerson).expect("she is there");
        let token = young.link.as_ref().expect("a personal link");
        let pressed = db.press_link(token, None, minutes(minute)).await.expect("answered").expect("it works");
        let by = By::person(pressed.person, minutes(minute));
        let seat = db.seat(by, pressed.sign_in, demo.session).await.expect("answered").expect("a seat");
        assert_eq!(seat.facts.cutting.invitation, Invited::Yes { role: Role::YoungPerson, until: None });
        assert!(seat.window.starts <= minutes(minute) && minutes(minute + 20) <= seat.window.ends);
    }
}

pub(crate) async fn demo_links_sign_in(place: Place) {
    let db = place.open().await;
    let demo = db.seed_demo(NOON).await.expect("laid in");
    for one in &demo.people {
        for _ in 0..2 {
            let found = db.sign_in_demo(&one.sign_in, minutes(1)).await.expect("answered");
            let (person, sign_in, cookie) = found.expect("it works, again and again");
            assert_eq!(person, one.person);
            let signed_in = db.signed_in(&cookie, minutes(2)).await.expect("answered").expect("good");
            assert_eq!(signed_in.sign_in.assurance, Assurance::SignedIn);
            let by = By::person(person, minutes(2));
            let seat =
                db.seat(by, sign_in, demo.session).await.expect("answered").expect("everybody has a seat");
            assert_eq!((seat.invitation, seat.role), (one.invitation, one.who.role()));
            assert!(seat.name.family.reveal().starts_with("Demo"), "plainly made up");
        }
        assert_eq!(one.link.is_none(), one.who.role() == Role::Host);
    }
    let again = db.seed_demo(minutes(3)).await.expect("laid in");
    let old = &demo.people[0].sign_in;
    assert!(db.sign_in_demo(old, minutes(4)).await.expect("answered").is_none(), "a new start has new links");
    assert!(db.sign_in_demo(&again.people[0].sign_in, minutes(4)).await.expect("answered").is_some());
}
