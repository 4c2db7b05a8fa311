//! The rest of an hour by telephone, over HTTP: the agreed number on the hosts' page alone, told once, proposed when the hour is
//! closed and in the text for the record (CARE-03, CARE-10, SEC-028).

use axum::http::StatusCode;
use domain::message::{Channel, Contact, PhoneNumber};
use store::By;
use store::demo::DemoRole;

use crate::world::{Browser, World, logged};

const NUMBER: &str = "+4799112233";

async fn kari(world: &World) -> Browser<'_> {
    world.signed_in(world.person(DemoRole::Clinician).person).await
}

/// Nora is reached by telephone.
async fn reached(world: &World) {
    let phone = Some(PhoneNumber::parse(NUMBER).expect("a number"));
    let contact = Contact { mail: None, phone, wanted: Some(Channel::Sms) };
    let nora = world.person(DemoRole::YoungPerson).person;
    world.db.set_contact(By::operator(world.now()), nora, &contact).await.expect("written");
}

/// Nora is reached by nothing.
async fn unreached(world: &World) {
    let nothing = Contact { mail: None, phone: None, wanted: None };
    let nora = world.person(DemoRole::YoungPerson).person;
    world.db.set_contact(By::operator(world.now()), nora, &nothing).await.expect("written");
}

/// What the script of Kari's page tells, so many minutes late.
fn told(world: &World, seat: &str, (number, minutes_ago, undone): (u8, i64, &str)) -> String {
    let said = world.now().as_millis();
    let (id, done) = (format!("01900000-0000-7000-8000-0000000000{number:02x}"), said - minutes_ago * 60_000);
    format!("id={id}&seat={seat}&kind=telephone&done={done}&said={said}&undone={undone}")
}

fn seat_in(page: &str) -> String {
    let (_, rest) = page.split_once("data-seat=\"").expect("the panel says whose it is");
    rest.split('"').next().expect("split gives one").to_owned()
}

#[tokio::test]
async fn the_number_stands_on_the_hosts_page_and_on_nobody_elses() {
    let world = World::new().await;
    let meeting = format!("/meeting/{}", world.demo.session);
    unreached(&world).await;
    kari(&world).await.get(&meeting).await.shows("Det er ikke lagt inn noe telefonnummer");
    let text = world.signed_in(world.person(DemoRole::YoungPerson).person).await.get(&meeting).await.text();
    assert!(!text.contains("ringer deg"), "nobody can ring her, and nobody says so (CARE-06)");
    reached(&world).await;
    let page = kari(&world).await.get(&meeting).await;
    page.shows("href=\"tel:+4799112233\">+47 991 12 233</a>");
    page.shows("ikke ring før tiden dere har avtalt");
    for who in [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker] {
        let text = world.signed_in(world.person(who).person).await.get(&meeting).await.text();
        assert!(!text.contains("991 12 233") && !text.contains(NUMBER), "{who:?}");
        assert!(!text.contains("id=\"telephone\""), "{who:?}");
        assert_eq!(
            text.contains("kan det hende at Kari ringer deg"),
            who == DemoRole::YoungPerson,
            "{who:?}"
        );
    }
    assert!(!logged().contains("99112233"), "SEC-012");
}

#[tokio::test]
async fn it_is_told_once_proposed_and_in_the_record() {
    let world = World::new().await;
    let (mut browser, meeting) = (kari(&world).await, format!("/meeting/{}", world.demo.session));
    let seat = seat_in(&browser.get(&meeting).await.text());
    let path = format!("{meeting}/telephone");
    let close = format!("/appointment/{}/close", world.demo.appointment);
    assert!(!browser.get(&close).await.text().contains("partly-phone"), "nobody said so");
    for _ in 0..2 {
        let form = told(&world, &seat, (1, 12, ""));
        assert_eq!(browser.post(&path, &form).await.status, StatusCode::NO_CONTENT);
    }
    let page = browser.get(&meeting).await;
    assert_eq!(page.text().matches("data-kind=\"telephone\"").count(), 1);
    page.shows("<time>12.52</time> <span>Vi tar resten på telefon</span>");
    // Nobody met in the room, and it is proposed that they talked by telephone.
    let open = browser.get(&close).await;
    open.shows("Delvis på telefon: resten fra kl. 12.52");
    assert!(open.text().contains("name=\"mode\" value=\"phone\" checked"), "{}", open.text());
    let closed = browser.post(&close, "seen=0&outcome=held&mode=video&partly-phone=yes").await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "CARE-10: {}", closed.text());
    browser.get(&close).await.shows("Resten på telefon fra kl. 12.52.");
    let corrected = browser.post(&close, "seen=1&outcome=held&mode=phone&partly-phone=yes").await;
    assert_eq!(corrected.status, StatusCode::SEE_OTHER);
    let text = browser.get(&close).await.text();
    assert!(!text.contains("Resten på telefon"), "all of it was: {text}");

    let undone = told(&world, &seat, (1, 12, "yes"));
    assert_eq!(browser.post(&path, &undone).await.status, StatusCode::NO_CONTENT);
    assert!(!browser.get(&meeting).await.text().contains("data-kind=\"telephone\""));
}

#[tokio::test]
async fn nobody_else_says_it() {
    let world = World::new().await;
    let path = format!("/meeting/{}/telephone", world.demo.session);
    let seat = seat_in(&kari(&world).await.get(&format!("/meeting/{}", world.demo.session)).await.text());
    let form = told(&world, &seat, (1, 0, ""));
    for who in [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker] {
        let mut other = world.signed_in(world.person(who).person).await;
        assert_eq!(other.post(&path, &form).await.status, StatusCode::NOT_FOUND, "{who:?}");
    }
    let mut jonas = world.signed_in(world.person(DemoRole::Colleague).person).await;
    assert_eq!(jonas.post(&path, &form).await.status, StatusCode::CONFLICT, "it waits for whoever said it");
    let mut browser = kari(&world).await;
    for half in
        ["", "kind=telephone", &form.replace("kind=telephone", "kind=opened"), &form.replace("done=", "x=")]
    {
        assert_eq!(browser.post(&path, half).await.status, StatusCode::BAD_REQUEST, "{half}");
    }
    let crisis = format!("/meeting/{}/crisis", world.demo.session);
    assert_eq!(
        browser.post(&crisis, &form).await.status,
        StatusCode::BAD_REQUEST,
        "it is no step of that panel"
    );
}
