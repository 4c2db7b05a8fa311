//! SEC-085–SEC-089 as browsers meet them: staff lend a device and are out, her own press opens the hour, leaving closes
//! it; and a code on the clinician's screen.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use domain::people::SignIn;
use ids::Assurance;
use store::Token;
use store::demo::DemoRole;

use crate::world::{Browser, World, logged};

async fn signed_in(world: &World, who: DemoRole) -> Browser<'_> {
    world.signed_in(world.person(who).person).await
}

/// The sign-in that a browser's cookie stands for, if it is good.
async fn sign_in(world: &World, browser: &Browser<'_>) -> Option<SignIn> {
    let token = Token::from_text(browser.cookies.get("samrom")?)?;
    world.db.signed_in(&token, world.now()).await.expect("answered").map(|signed_in| signed_in.sign_in)
}

/// A browser in which Amir, who works where she lives, has pressed *I have left the room*.
async fn lent(world: &World) -> Browser<'_> {
    let mut browser = signed_in(world, DemoRole::CareWorker).await;
    let lend = format!("/lend/{}", world.demo.appointment);
    let pressed = browser.post(&lend, "known=acquaintance").await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, "/here"));
    let cookie = pressed.header("set-cookie");
    assert!(!cookie.contains("Max-Age"), "SEC-087: gone with the browser: {cookie}");
    browser
}

#[tokio::test]
async fn staff_lend_the_device_she_starts_and_closing_is_the_end() {
    let world = World::new().await;
    let (amir, nora) =
        (world.person(DemoRole::CareWorker).person, world.person(DemoRole::YoungPerson).person);
    let meeting = format!("/meeting/{}", world.demo.session);
    let mut browser = signed_in(&world, DemoRole::CareWorker).await;
    let old = browser.cookies.clone();
    let lend = format!("/lend/{}", world.demo.appointment);
    browser.get(&meeting).await.shows(&format!("href=\"{lend}\""));
    browser.get(&format!("/not-today/{}", world.demo.appointment)).await.shows(&format!("href=\"{lend}\""));
    let page = browser.get(&lend).await;
    page.shows("<b>Nora Demolund</b>");
    page.shows("Jeg går ut av rommet nå");
    assert!(!page.text().contains("Mona"), "SEC-086: her alone");
    assert!(!page.text().contains("/phone"), "a code is shown by hosts");

    let unsure = browser.post(&lend, "").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    unsure.shows("Velg hvordan du vet hvem det er");
    assert_eq!(sign_in(&world, &browser).await.expect("still signed in").person, amir);

    let mut browser = lent(&world).await;
    let before = sign_in(&world, &browser).await.expect("lent");
    assert_eq!((before.person, before.assurance), (nora, Assurance::Vouched));
    assert_eq!(browser.get(&meeting).await.status, StatusCode::NOT_FOUND, "SEC-087: she has not pressed");
    let here = browser.get("/here").await;
    here.shows("Du har time med Kari.");
    here.shows("Den som hjalp deg, er logget ut her");
    assert!(!here.text().contains("Nora") && !here.text().contains("Demo"), "SEC-012: no name of hers");
    assert_eq!(here.title(), "Samrom");
    browser.get("/").await.shows("href=\"/here\"");

    let started = browser.post("/here/start", "").await;
    assert_eq!(started.header("location"), meeting);
    let room = browser.get(&meeting).await;
    room.shows("data-shared data-here=\"only\"");
    assert!(!room.text().contains("/ask"), "SEC-087: others use the device after her");
    assert_eq!(browser.get("/here").await.header("location"), meeting, "back leads forward");
    browser.get("/not-now").await.shows("data-here=\"close\"");

    let closed = browser.post("/here/close", "").await;
    assert_eq!(closed.header("location"), "/goodbye");
    assert!(closed.header("set-cookie").contains("Max-Age=0"));
    assert!(sign_in(&world, &browser).await.is_none());
    // Where Amir is signed in elsewhere, he stays so.
    browser.cookies = old;
    assert_eq!(sign_in(&world, &browser).await.expect("good").person, amir);
}

#[tokio::test]
async fn staff_cannot_return_on_the_device_and_nobody_signs_in_beside_her() {
    let world = World::new().await;
    let mut browser = signed_in(&world, DemoRole::CareWorker).await;
    let staff = browser.cookies.clone();
    let lend = format!("/lend/{}", world.demo.appointment);
    browser.post(&lend, "known=document").await;
    let lent = browser.cookies.clone();
    browser.cookies = staff;
    assert!(sign_in(&world, &browser).await.is_none(), "SEC-087: the old cookie is worth nothing");
    assert_eq!(browser.get(&lend).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post(&lend, "known=document").await.status, StatusCode::FORBIDDEN);

    browser.cookies = lent;
    let link = world.link(DemoRole::YoungPerson);
    for started in [false, true] {
        if started {
            browser.post("/here/start", "").await;
        }
        for path in
            ["/sign-in", "/account", "/day", "/ask", "/people", "/admin", lend.as_str(), link.as_str()]
        {
            let shut = browser.get(path).await;
            assert_eq!(shut.status, StatusCode::CONFLICT, "SEC-087: {path}");
            shut.shows("Denne enheten er lånt bort til en time");
            shut.shows("action=\"/here/close\"");
        }
        for path in [lend.as_str(), link.as_str(), "/sign-in/begin", "/sign-in/finish", "/ask"] {
            let shut = browser.post(path, "known=document").await;
            assert_eq!(shut.status, StatusCode::CONFLICT, "SEC-087: {path}");
        }
    }
    let good = sign_in(&world, &browser).await.expect("nothing of that ended hers");
    assert_eq!(good.person, world.person(DemoRole::YoungPerson).person);
    world.clock.fetch_add(6 * 3_600_000, Ordering::SeqCst);
    assert!(sign_in(&world, &browser).await.is_none(), "SEC-088: it does not outlast the hour");
    assert!(!logged().contains("Demolund"), "SEC-012");
}

#[tokio::test]
async fn a_clinician_lends_to_a_parent_and_shows_a_code() {
    let world = World::new().await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let lend = format!("/lend/{}", world.demo.appointment);
    kari.get(&format!("/appointment/{}", world.demo.appointment)).await.shows(&format!("href=\"{lend}\""));
    let page = kari.get(&lend).await;
    page.shows("Nora Demolund");
    page.shows("Mona Demolund");
    assert!(!page.text().contains("Amir"), "SEC-086");
    let nobody = kari.post(&lend, "known=acquaintance").await;
    nobody.shows("Velg hvem som skal bruke enheten");
    let somebody = world.person(DemoRole::CareWorker).invitation;
    let other = kari.post(&lend, &format!("known=acquaintance&invitation={somebody}")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "SEC-086: not to staff");

    let mona = world.person(DemoRole::Guardian);
    let phone = format!("{lend}/phone");
    let unsure = kari.post(&phone, &format!("invitation={}", mona.invitation)).await;
    unsure.shows("Velg hvordan du vet hvem det er");
    let code = kari.post(&phone, &format!("known=document&invitation={}", mona.invitation)).await;
    assert_eq!(code.status, StatusCode::OK);
    code.shows("Mona skanner med kameraet");
    code.shows("til kl. 13.19");
    let text = code.text();
    let (_, rest) = text.split_once("/j/").expect("the address stands there");
    let path = format!("/j/{}", rest.split('<').next().expect("it ends"));
    let mut hers = world.browser();
    assert_eq!(hers.get(&world.link(DemoRole::Guardian)).await.status, StatusCode::NOT_FOUND, "the old one");
    hers.get(&path).await.shows("Kari har invitert deg.");
    assert_eq!(hers.post(&path, "").await.status, StatusCode::SEE_OTHER);
    let known = sign_in(&world, &hers).await.expect("good");
    assert_eq!((known.person, known.assurance), (mona.person, Assurance::Vouched));
    assert_eq!(hers.get("/here").await.status, StatusCode::NOT_FOUND, "her own telephone is not lent");
    assert_eq!(hers.post("/here/close", "").await.status, StatusCode::NOT_FOUND);

    let lent = kari.post(&lend, &format!("known=acquaintance&invitation={}", mona.invitation)).await;
    assert_eq!(lent.header("location"), "/here");
    assert_eq!(kari.get("/day").await.status, StatusCode::CONFLICT, "SEC-087");
}

#[tokio::test]
async fn too_early_and_too_late_are_said_in_words_and_change_nothing() {
    let world = World::new().await;
    let lend = format!("/lend/{}", world.demo.appointment);
    world.clock.fetch_sub(40 * 60_000, Ordering::SeqCst);
    let mut amir = signed_in(&world, DemoRole::CareWorker).await;
    let early = amir.post(&lend, "known=acquaintance").await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    early.shows("Det er for tidlig. Timen åpner i dag kl. 12.30.");
    assert!(!early.text().contains("Jeg går ut"), "a button that does nothing is not shown");
    world.clock.fetch_add(4 * 3_600_000, Ordering::SeqCst);
    let mut amir = signed_in(&world, DemoRole::CareWorker).await;
    let late = amir.post(&lend, "known=acquaintance").await;
    late.shows("Timen er over.");
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sign_in(&world, &amir).await.is_some());
}
