//! The administrator's pages: who works here, whom one works with, whom to call (SEC-071, SEC-074, SEC-076).

use axum::http::StatusCode;
use domain::staff::StaffRole;
use store::demo::DemoRole;

use crate::world::{Answer, Browser, World};

const NEW: &str = "01900000-0000-7000-8000-000000000003";

/// The demo's administrator, and the address of the clinic's pages.
async fn jonas(world: &World) -> (Browser<'_>, String) {
    let browser = world.signed_in(world.person(DemoRole::Colleague).person).await;
    (browser, format!("/admin/{}", world.clinic().await))
}

#[track_caller]
fn leads_to(answer: &Answer, path: &str) {
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, path),
        "{}",
        answer.text()
    );
}

#[track_caller]
fn is_refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows(words);
}

#[tokio::test]
async fn somebody_is_entered_handed_a_link_and_ended() {
    let world = World::new().await;
    let (mut browser, admin) = jonas(&world).await;
    leads_to(&browser.get("/admin").await, &admin);
    let office = browser.get(&admin).await;
    for text in ["Demoklinikken BUP", "Kari Demodal", "Behandler", "har ikke passnøkkel", "Demo kommune"] {
        office.shows(text);
    }
    for young in ["Nora", "Mona"] {
        assert!(!office.text().contains(young), "no young person nor her family is named here");
    }
    browser.get("/account").await.shows("href=\"/admin\"");
    let typed = format!(
        "id={NEW}&given=Per&family=Demoås&language=nb&way=mail&mail=per%40example.org&role=clinician"
    );
    let member = format!("{admin}/staff/{NEW}");
    leads_to(&browser.post(&format!("{admin}/new"), &typed).await, &member);
    leads_to(&browser.post(&format!("{admin}/new"), &typed).await, &member);
    assert_eq!(browser.get(&admin).await.text().matches("Per Demoås").count(), 1, "pressed twice");
    let shown = browser.post(&format!("{member}/link"), "").await;
    assert_eq!(shown.status, StatusCode::OK);
    shown.shows("i morgen kl. 13.04");
    shown.shows("Gi den ansikt til ansikt");
    let text = shown.text();
    let (_, rest) = text.split_once("http://localhost:8080").expect("the link is shown");
    let link: String = rest.chars().take_while(|letter| *letter != '<').collect();
    assert!(link.starts_with("/first/"));
    world.browser().get(&link).await.shows("initialene PD");
    browser.get(&member).await.shows("En lenke som ikke er brukt, virker til");
    assert!(!browser.get(&member).await.text().contains(&link), "shown once");

    leads_to(&browser.post(&format!("{member}/end"), "").await, &member);
    assert_eq!(world.browser().get(&link).await.status, StatusCode::NOT_FOUND);
    browser.get(&admin).await.shows("Ingen rolle");
    let log = browser.get(&format!("{admin}/log")).await;
    for text in
        ["Fikk rolle: Behandler, Per Demoås", "Engangslenke laget, Per Demoås", "Engangslenke tatt bort"]
    {
        log.shows(text);
    }
    assert!(!log.text().contains("Nora"), "no clinical content");
}

#[tokio::test]
async fn the_last_administrator_is_told_so_in_words() {
    let world = World::new().await;
    let (mut browser, admin) = jonas(&world).await;
    let himself = format!("{admin}/staff/{}", world.person(DemoRole::Colleague).person);
    for (step, form) in [("roles", "role=clinician"), ("end", "")] {
        let answer = browser.post(&format!("{himself}/{step}"), form).await;
        is_refused(&answer, "Da ville ingen lenger være administrator her. Gi en annen rollen først.");
        answer.shows("Ingenting er endret.");
    }
    let kari = world.person(DemoRole::Clinician).person;
    let both = "role=administrator&role=clinician";
    leads_to(
        &browser.post(&format!("{admin}/staff/{kari}/roles"), both).await,
        &format!("{admin}/staff/{kari}"),
    );
    leads_to(&browser.post(&format!("{himself}/roles"), "role=clinician").await, "/admin");
    assert_eq!(browser.get("/admin").await.status, StatusCode::NOT_FOUND, "SEC-071: at once");
    assert_eq!(browser.get("/day").await.status, StatusCode::OK, "a clinician all the same");
}

#[tokio::test]
async fn roles_open_the_day_at_once_and_close_it() {
    let world = World::new().await;
    let (mut browser, admin) = jonas(&world).await;
    let per = world.staff(world.clinic().await, "Per", &[StaffRole::Support]).await;
    let mut his = world.signed_in(per).await;
    assert_eq!(his.get("/day").await.status, StatusCode::NOT_FOUND);
    let roles = format!("{admin}/staff/{per}/roles");
    browser.post(&roles, "role=leader").await;
    assert_eq!(his.get("/people").await.status, StatusCode::OK);
    browser.post(&roles, "role=administrator").await;
    assert_eq!(his.get("/people").await.status, StatusCode::NOT_FOUND);
    his.get("/").await.shows("href=\"/admin\"");
    browser.post(&format!("{admin}/staff/{per}/sign-out"), "").await;
    assert_eq!(his.get("/admin").await.status, StatusCode::FORBIDDEN, "signed out everywhere");
}

#[tokio::test]
async fn partners_get_people_who_may_stand_around_somebody() {
    let world = World::new().await;
    let (mut browser, admin) = jonas(&world).await;
    let answer = browser.post(&format!("{admin}/partners"), "name=Demoskolen&kind=school").await;
    let partner = answer.header("location").to_owned();
    assert!(partner.starts_with(&format!("{admin}/partners/")), "{}", answer.text());
    is_refused(&browser.post(&format!("{admin}/partners"), "name=+&kind=school").await, "Skriv et navn");
    let typed = format!("id={NEW}&given=Lise&family=Demolærer&language=nb&way=mail&mail=lise%40example.org");
    leads_to(&browser.post(&format!("{partner}/people"), &typed).await, &partner);
    let again = typed.replace("Lise", "Liv");
    leads_to(&browser.post(&format!("{partner}/people"), &again).await, &partner);
    browser.get(&partner).await.shows("Liv Demolærer");
    leads_to(&browser.post(&format!("{partner}/name"), "name=Demo+skole&kind=other").await, &partner);
    browser.get(&admin).await.shows("Demo skole");
    let mut kari = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let her = format!("/people/{}", world.person(DemoRole::YoungPerson).person);
    kari.get(&her).await.shows("Liv Demolærer, Demo skole");
    let known = kari.post(&format!("{her}/around"), &format!("role=professional&known={NEW}")).await;
    leads_to(&known, &her);
}

#[tokio::test]
async fn every_page_with_numbers_shows_what_the_administrator_entered() {
    let world = World::new().await;
    let (mut browser, admin) = jonas(&world).await;
    let typed = "doctor-number=73+00+00+01&child-welfare-number=73+00+00+02&child-welfare-hours=hele+d%C3%B8gnet\
         &support-number=73+00+00+03&support-hours=8%E2%80%9315&out-of-hours-nb=Ring+legevakta.&out-of-hours-en=Call.";
    let page = format!("{admin}/helplines");
    leads_to(&browser.post(&format!("{page}/save"), typed).await, &page);
    browser.get(&page).await.shows("value=\"73 00 00 02\"");
    let mut young = world.signed_in(world.person(DemoRole::YoungPerson).person).await;
    let mut care = world.signed_in(world.person(DemoRole::CareWorker).person).await;
    let mut nobody = world.browser();
    for (who, browser) in [("young", &mut young), ("care worker", &mut care), ("nobody", &mut nobody)] {
        for path in ["/", "/help", "/goodbye", "/not-now"] {
            let page = browser.get(path).await;
            for text in ["tel:73000001", "73 00 00 02", "hele døgnet", "116 111", "Ring legevakta."] {
                assert!(page.text().contains(text), "{who} {path}: {text}");
            }
            assert!(!page.text().contains("116 117"), "CARE-14: {who} {path}");
        }
        browser.get("/help").await.shows("73 00 00 03, 8–15");
    }
    young.language = Some("en");
    young.get("/help").await.shows("Call.");
    young.language = Some("nn");
    young.get("/help").await.shows("Ring legevakta.");
    let mut stranger = world.signed_in(world.stranger().await).await;
    stranger.get("/help").await.shows("116 117");

    for (field, words) in [
        ("emergency-number=ring", "Skriv et nummer som kan ringes"),
        ("out-of-hours-nb=%3Cb%3E", "Teksten kan ikke ha linjeskift"),
    ] {
        is_refused(&browser.post(&format!("{page}/save"), field).await, words);
    }
    nobody.get("/").await.shows("73 00 00 02");
}
