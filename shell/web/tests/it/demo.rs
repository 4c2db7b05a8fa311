//! Demo links sign in at once, on this machine and in demo mode only (SEC-010).

use axum::http::StatusCode;
use store::demo::DemoRole;

use crate::world::{Kind, World};

fn path(world: &World, who: DemoRole) -> String {
    format!("/demo/{}", world.person(who).sign_in.reveal())
}

#[tokio::test]
async fn each_person_comes_to_where_their_day_begins() {
    let world = World::new().await;
    let meeting = format!("/meeting/{}", world.demo.session);
    for who in DemoRole::ALL {
        let mut browser = world.browser();
        browser.host = "clinician.localhost:8080".to_owned();
        let answer = browser.get(&path(&world, who)).await;
        let expected = if who.role().is_host() { "/day" } else { meeting.as_str() };
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, expected), "{who:?}");
        assert_eq!(browser.get(expected).await.status, StatusCode::OK, "{who:?}");
    }
}

#[tokio::test]
async fn from_another_machine_or_by_another_name_there_is_no_such_link() {
    let world = World::new().await;
    for (peer, host) in [
        ("192.0.2.7:4000", "localhost:8080"),
        ("192.0.2.7:4000", "samrom.example"),
        ("127.0.0.1:4000", "rebound.example:8080"),
        ("[2001:db8::1]:4000", "clinician.localhost:8080"),
    ] {
        let mut browser = world.browser();
        browser.peer = peer.parse().expect("an address");
        browser.host = host.to_owned();
        let answer = browser.get(&path(&world, DemoRole::Clinician)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "SEC-010: {peer} {host}");
        assert!(browser.cookies.is_empty());
        assert!(!browser.get("/").await.text().contains("/demo/"), "SEC-010: the front page is silent");
    }
}

#[tokio::test]
async fn without_demo_mode_there_is_no_such_link() {
    let world = World::of(Kind { demo_mode: false, base_url: "http://localhost:8080" }).await;
    let mut browser = world.browser();
    assert_eq!(browser.get(&path(&world, DemoRole::Clinician)).await.status, StatusCode::NOT_FOUND);
    assert!(browser.cookies.is_empty());
    assert!(!browser.get("/").await.text().contains("/demo/"));
}

#[tokio::test]
async fn on_this_machine_the_front_page_names_the_invented_people() {
    let world = World::new().await;
    let page = world.browser().get("/").await;
    assert_eq!(page.text().matches("/demo/").count(), DemoRole::ALL.len());
    page.shows("oppdiktede personer");
}
