//! Limits: how much, how often.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use store::demo::DemoRole;

use crate::world::World;

#[tokio::test]
async fn too_large_a_form_is_refused_with_a_page() {
    let world = World::new().await;
    let form = format!("lang=nb&back=/{}", "a".repeat(20_000));
    let answer = world.browser().post("/language", &form).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    answer.shows("Det ble for mye på én gang");
}

#[tokio::test]
async fn guessing_is_slowed_down_for_the_guesser_alone() {
    let world = World::new().await;
    let mut guesser = world.browser();
    guesser.peer = "198.51.100.4:4000".parse().expect("an address");
    let mut statuses = Vec::new();
    for number in 0..40 {
        statuses.push(guesser.get(&format!("/j/guess-guess-guess-{number}")).await.status);
    }
    assert_eq!(statuses.first(), Some(&StatusCode::NOT_FOUND));
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    let stopped = guesser.get(&world.link(DemoRole::YoungPerson)).await;
    assert_eq!(stopped.header("retry-after"), "60");
    stopped.shows("Vent litt");

    let mut neighbour = world.browser();
    neighbour.peer = "198.51.100.5:4000".parse().expect("an address");
    assert_eq!(neighbour.get(&world.link(DemoRole::YoungPerson)).await.status, StatusCode::OK);
    world.clock.fetch_add(60_000, Ordering::SeqCst);
    assert_eq!(guesser.get(&world.link(DemoRole::YoungPerson)).await.status, StatusCode::OK, "forgiven");
}

#[tokio::test]
async fn a_wrong_method_is_a_page_too() {
    let world = World::new().await;
    let answer = world.browser().post("/lock", "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    answer.shows("Vi finner ikke siden");
}
