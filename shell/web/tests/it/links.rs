//! Personal links: a door handle, not the door (CARE-13, SEC-009).

use axum::http::{Method, StatusCode};
use store::demo::DemoRole;
use store::{By, LinkLook, Token};

use crate::world::World;

fn token(path: &str) -> Token {
    Token::from_text(path.trim_start_matches("/j/")).expect("a link's path")
}

#[tokio::test]
async fn fetching_a_link_binds_and_consumes_nothing() {
    let world = World::new().await;
    let path = world.link(DemoRole::YoungPerson);
    for _ in 0..5 {
        let mut scanner = world.browser();
        let page = scanner.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(scanner.cookies.is_empty(), "SEC-009: no cookie is set");
        let seen = world.db.see_link(&token(&path), None, world.now()).await.expect("it is read");
        assert_eq!(seen.expect("it is there").look, LinkLook::Fresh, "SEC-009: still unbound");
    }
    let mut hers = world.browser();
    assert_eq!(hers.post(&path, "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_page_says_who_invites_when_and_that_nobody_sees_her_yet() {
    let world = World::new().await;
    let page = world.browser().get(&world.link(DemoRole::YoungPerson)).await;
    page.shows("Hei. Du er på rett sted.");
    page.shows("Kari har invitert deg.");
    page.shows("I dag kl. 13.00");
    page.shows("Blå fugl");
    page.shows("Ingen ser eller hører deg ennå.");
    let text = page.text();
    for hidden in ["Demolund", "Nora", "Demodal", "Demoklinikken", "BUP"] {
        assert!(!text.contains(hidden), "CARE-12: {hidden} is on the page");
    }
    assert_eq!(text.matches("data-size=\"lg\">Gå til venterommet").count(), 1, "one button");
    assert!(!text.contains("<script"), "it works without scripts");
}

#[tokio::test]
async fn her_press_binds_the_link_to_her_browser_and_to_no_other() {
    let world = World::new().await;
    let path = world.link(DemoRole::YoungPerson);
    let mut hers = world.browser();
    let pressed = hers.post(&path, "").await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER);
    assert_eq!(pressed.header("location"), format!("/meeting/{}", world.demo.session));
    let cookie = pressed.header("set-cookie");
    // The meeting ends 56 minutes from now, its door an hour later, the link a day after that.
    assert!(cookie.ends_with("; Max-Age=93360; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(hers.get(pressed.header("location")).await.status, StatusCode::OK);

    let again = hers.post(&path, "").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "her own second press works");
    assert_eq!(hers.get(&path).await.status, StatusCode::OK);

    let mut other = world.browser();
    let (looked, tried) = (other.get(&path).await, other.post(&path, "").await);
    assert_eq!((looked.status, tried.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert!(other.cookies.is_empty());
    tried.shows("Denne lenken virker ikke lenger");
}

#[tokio::test]
async fn a_link_that_never_was_and_one_that_was_replaced_look_the_same() {
    let world = World::new().await;
    let path = world.link(DemoRole::YoungPerson);
    let invitation = world.person(DemoRole::YoungPerson).invitation;
    let by = By::operator(world.now());
    world.db.issue_link(by, invitation).await.expect("a new link is made");
    let replaced = world.browser().get(&path).await;
    let unknown = world.browser().get("/j/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(replaced.status, StatusCode::NOT_FOUND);
    assert_eq!(replaced.body, unknown.body, "SEC-028");
    assert!(!unknown.text().contains("AAAAAAAA"), "the address is not repeated");
}

#[tokio::test]
async fn a_press_that_another_site_caused_does_nothing() {
    let world = World::new().await;
    let path = world.link(DemoRole::YoungPerson);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("x-nothing", "at all"),
    ] {
        let mut browser = world.browser();
        let request = browser.request(Method::POST, &path).header(name, value);
        let answer = browser.send(request.body(axum::body::Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "SEC-026: {name}: {value}");
        assert!(browser.cookies.is_empty());
    }
    let seen = world.db.see_link(&token(&path), None, world.now()).await.expect("it is read");
    assert_eq!(seen.expect("it is there").look, LinkLook::Fresh);
}

#[tokio::test]
async fn an_older_browser_is_known_by_its_origin() {
    let world = World::new().await;
    let mut browser = world.browser();
    let request = browser.request(Method::POST, &world.link(DemoRole::Guardian));
    let request = request.header("origin", "http://localhost:8080").body(axum::body::Body::empty());
    assert_eq!(browser.send(request.expect("a request")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_link_opens_one_meeting_and_nothing_else() {
    let world = World::new().await;
    let mut worker = world.browser();
    worker.post(&world.link(DemoRole::CareWorker), "").await;
    assert_eq!(worker.get(&format!("/meeting/{}", world.demo.session)).await.status, StatusCode::OK);
    assert_eq!(worker.get("/day").await.status, StatusCode::NOT_FOUND);
    let full = world.signed_in(world.person(DemoRole::CareWorker).person).await;
    let browser = full.cookies.get("samrom").and_then(|text| Token::from_text(text)).expect("signed in");
    let own = world.db.signed_in(&browser, world.now()).await.expect("read").expect("good").sign_in.id;
    for (session, ..) in world.db.seats_of(own, world.now()).await.expect("read") {
        let expected = if session == world.demo.session { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(worker.get(&format!("/meeting/{session}")).await.status, expected);
    }
}
