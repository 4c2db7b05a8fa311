//! A link is a door handle, not the door (CARE-13, SEC-009).

use std::time::Duration;

use ids::{Assurance, Role, SignInId};
use store::{By, Db, LinkLook, LinkRefused, NewSignIn, Pressed, Subject, Token};

use crate::support::{Clinic, NOON, Place, appointment, invite, minutes};

async fn press(db: &Db, token: &Token, browser: Option<SignInId>, at: i64) -> Result<Pressed, LinkRefused> {
    db.press_link(token, browser, minutes(at)).await.expect("the database answers")
}

async fn look(db: &Db, token: &Token, browser: Option<SignInId>, at: i64) -> LinkLook {
    let seen = db.see_link(token, browser, minutes(at)).await.expect("the database answers");
    seen.expect("there is such a link").look
}

pub(crate) async fn looking_binds_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let token = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written").token;
    for _ in 0..3 {
        assert_eq!(look(&db, &token, None, 1).await, LinkLook::Fresh);
    }
    let untouched = "SELECT COUNT(*) FROM personal_link WHERE bound IS NULL AND bound_at IS NULL";
    assert_eq!(place.count(untouched).await, 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM sign_in").await, 0);
    let seen = db.see_link(&token, None, minutes(1)).await.expect("answered").expect("there");
    assert_eq!(seen.inviter.given.reveal(), "Kari");
    assert_eq!(seen.sign.expect("a sign").reveal(), "Grønn båt");
}

pub(crate) async fn a_press_binds_to_one_browser(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let token = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written").token;
    let pressed = press(&db, &token, None, 2).await.expect("it works");
    assert_eq!((pressed.person, pressed.session), (clinic.nora, clinic.meeting.session));
    let cookie = pressed.cookie.expect("a new cookie");
    let signed_in = db.signed_in(&cookie, minutes(3)).await.expect("answered").expect("good");
    assert_eq!(signed_in.sign_in.id, pressed.sign_in);
    assert_eq!(signed_in.sign_in.assurance, Assurance::Link);
    assert_eq!(signed_in.scope, Some(vec![clinic.nora_invited.id]));

    assert_eq!(press(&db, &token, None, 4).await.unwrap_err(), LinkRefused::BoundElsewhere);
    assert_eq!(look(&db, &token, None, 4).await, LinkLook::Refused(LinkRefused::BoundElsewhere));
    assert_eq!(look(&db, &token, Some(pressed.sign_in), 4).await, LinkLook::Yours);
    let again = press(&db, &token, Some(pressed.sign_in), 5).await.expect("the same browser may");
    assert!(again.cookie.is_none() && again.sign_in == pressed.sign_in);
}

pub(crate) async fn a_made_up_link_leads_nowhere(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    let made_up = Token::from_text("made-up").expect("well-formed");
    assert_eq!(press(&db, &made_up, None, 5).await.unwrap_err(), LinkRefused::Unknown);
    assert!(db.see_link(&made_up, None, minutes(5)).await.expect("answered").is_none());
}

pub(crate) async fn a_new_link_ends_the_old_one_and_its_browser(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let wrong = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written").token;
    let stranger = press(&db, &wrong, None, 1).await.expect("it works");
    let by = By::person(stranger.person, minutes(1));
    let seat =
        db.seat(by, stranger.sign_in, clinic.meeting.session).await.expect("answered").expect("a seat");
    assert!(!seat.facts.cutting.signed_out);

    let mut changes = db.changes();
    let right = db.issue_link(clinic.kari_at(2), clinic.nora_invited.id).await.expect("written").token;
    let heard = changes.try_recv().expect("the rooms are told").subjects;
    assert!(heard.contains(&Subject::SignIn(stranger.sign_in)), "{heard:?}");
    assert!(db.facts(seat.key, minutes(3)).await.expect("answered").cutting.signed_out);
    assert!(db.seat(by, stranger.sign_in, clinic.meeting.session).await.expect("answered").is_none());
    assert_eq!(press(&db, &wrong, Some(stranger.sign_in), 3).await.unwrap_err(), LinkRefused::Replaced);

    let nora = press(&db, &right, None, 4).await.expect("the new one works");
    assert_ne!(nora.sign_in, stranger.sign_in);
    assert!(db.revoke_links(clinic.kari_at(5), clinic.nora_invited.id).await.expect("written"));
    assert!(!db.revoke_links(clinic.kari_at(6), clinic.nora_invited.id).await.expect("nothing to do"));
    assert_eq!(look(&db, &right, None, 6).await, LinkLook::Refused(LinkRefused::Replaced));
}

pub(crate) async fn a_browser_that_came_by_a_link_sees_that_meeting_only(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let second = appointment(&db, clinic.organization, clinic.kari, minutes(180)).await;
    let invited = invite(&db, &second, clinic.nora, Role::YoungPerson).await;
    let first_link = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written").token;
    let second_link = db.issue_link(clinic.kari_at(0), invited.id).await.expect("written").token;
    let browser = press(&db, &first_link, None, 1).await.expect("it works").sign_in;
    let by = By::person(clinic.nora, minutes(2));
    assert!(db.seat(by, browser, clinic.meeting.session).await.expect("answered").is_some());
    assert!(db.seat(by, browser, second.session).await.expect("answered").is_none());
    assert_eq!(db.seats_of(browser, minutes(2)).await.expect("answered").len(), 1);

    let pressed = press(&db, &second_link, Some(browser), 3).await.expect("it works");
    assert!(pressed.cookie.is_none(), "the browser keeps its cookie");
    assert_eq!(pressed.sign_in, browser);
    assert!(db.seat(by, browser, second.session).await.expect("answered").is_some());
    assert_eq!(db.seats_of(browser, minutes(4)).await.expect("answered").len(), 2);
    assert_eq!(look(&db, &first_link, Some(browser), 4).await, LinkLook::Yours);
}

pub(crate) async fn a_full_sign_in_is_the_person(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let second = appointment(&db, clinic.organization, clinic.kari, minutes(180)).await;
    invite(&db, &second, clinic.nora, Role::YoungPerson).await;
    let lifetime = Duration::from_secs(600);
    let full = NewSignIn { person: clinic.nora, assurance: Assurance::SignedIn, lifetime };
    let (full, _) = db.sign_in(full, minutes(5)).await.expect("written");
    assert_eq!(
        db.seats_of(full, minutes(6)).await.expect("answered").len(),
        2,
        "a full sign-in is the person"
    );
}

pub(crate) async fn a_link_has_an_end(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let issued = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written");
    assert_eq!(issued.link.expires, clinic.meeting.window.closes().plus(Duration::from_secs(24 * 3_600)));
    let last = issued.link.expires.since(NOON).as_secs() / 60;
    let last = i64::try_from(last).expect("days");
    assert_eq!(look(&db, &issued.token, None, last - 1).await, LinkLook::Fresh);
    assert_eq!(press(&db, &issued.token, None, last).await.unwrap_err(), LinkRefused::Expired);
    let late = db.issue_link(clinic.kari_at(last + 100), clinic.nora_invited.id).await.expect("written");
    assert!(press(&db, &late.token, None, last + 110).await.is_ok(), "one made late works for a while");
}
