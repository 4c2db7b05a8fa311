//! The crisis panel over HTTP: there for who leads the hour and nobody else; what is noted stands on the closing page and in
//! the text for the record (CARE-14, CARE-10, SEC-026, SEC-028).

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use domain::our_agreement::{Adult, OurAgreement};
use store::By;
use store::demo::DemoRole;

use crate::world::{Browser, World, logged};

/// What the script of a host's page tells, its clock being right.
struct Script<'w> {
    world: &'w World,
    seat: String,
}

impl<'w> Script<'w> {
    /// Of the page that Kari is given.
    async fn new(world: &'w World) -> Self {
        let page = clinician(world).await.get(&format!("/meeting/{}", world.demo.session)).await.text();
        let (_, rest) = page.split_once("data-seat=\"").expect("the panel says whose it is");
        let seat = rest.split('"').next().expect("split gives one").to_owned();
        Self { world, seat }
    }

    fn step(&self, number: u8, kind: &str, minutes_ago: i64, undone: &str) -> String {
        let said = self.world.now().as_millis();
        let (id, done) =
            (format!("01900000-0000-7000-8000-0000000000{number:02x}"), said - minutes_ago * 60_000);
        format!("id={id}&seat={}&kind={kind}&done={done}&said={said}&undone={undone}", self.seat)
    }
}

async fn note(browser: &mut Browser<'_>, world: &World, form: &str) -> StatusCode {
    browser.post(&format!("/meeting/{}/crisis", world.demo.session), form).await.status
}

async fn clinician(world: &World) -> Browser<'_> {
    world.signed_in(world.person(DemoRole::Clinician).person).await
}

#[tokio::test]
async fn what_was_agreed_and_whom_to_ring_stand_on_the_hosts_page_alone() {
    let world = World::new().await;
    let (kari, nora) = (world.person(DemoRole::Clinician).person, world.person(DemoRole::YoungPerson).person);
    let adult = Adult {
        name: "Tante Merkesen".to_owned(),
        phone: Some("+4799887766".to_owned()),
        may_be_rung: true,
        may_look_in: false,
    };
    let page =
        OurAgreement { adult: Some(adult), hard: Some("musikk".to_owned()), ..OurAgreement::default() };
    let written = world.db.write_our_agreement(By::person(kari, world.now()), nora, 0, &page).await;
    written.expect("hers to write");
    let meeting = format!("/meeting/{}", world.demo.session);
    let shown = clinician(&world).await.get(&meeting).await;
    for text in
        ["id=\"crisis\"", "tel:113", "tel:112", "tel:116117", "tel:+4799887766", "Tante Merkesen", "musikk"]
    {
        shown.shows(text);
    }
    assert!(!shown.title().contains("Merkesen"), "SEC-012");
    for who in [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker] {
        let text = world.signed_in(world.person(who).person).await.get(&meeting).await.text();
        assert!(!text.contains("crisis") && !text.contains("Merkesen"), "{who:?}");
    }
    // A colleague who leads the hour and does not answer for her sees whom to ring, and nothing that was agreed.
    let text = world.signed_in(world.person(DemoRole::Colleague).person).await.get(&meeting).await.text();
    assert!(
        text.contains("tel:113")
            && !text.contains("Merkesen")
            && text.contains("Det er ingen avtale å vise her.")
    );
}

#[tokio::test]
async fn what_is_noted_stands_in_the_panel_on_the_closing_page_and_in_the_record() {
    let world = World::new().await;
    let (mut kari, script) = (clinician(&world).await, Script::new(&world).await);
    let told = [
        script.step(1, "opened", 20, ""),
        script.step(2, "rang-adult", 19, ""),
        script.step(3, "rang-emergency", 1, ""),
        script.step(4, "rang-police", 1, ""),
        script.step(4, "rang-police", 1, "yes"),
        script.step(3, "rang-emergency", 1, ""),
    ];
    for form in &told {
        assert_eq!(note(&mut kari, &world, form).await, StatusCode::NO_CONTENT, "{form}");
    }
    let page = kari.get(&format!("/meeting/{}", world.demo.session)).await;
    assert_eq!(page.text().matches("<li data-id=").count(), 3, "{}", page.text());
    page.shows("<time>13.03</time> <span>Ringte 113</span>");

    let close = format!("/appointment/{}/close", world.demo.appointment);
    let open = kari.get(&close).await;
    // NOW is 13.04; what was done nineteen minutes before it was heard of says both.
    open.shows("<li>12.44 Åpnet «Hvis det haster» (kom fram kl. 13.04)</li>");
    open.shows("<li>12.45 Ringte den voksne (kom fram kl. 13.04)</li>");
    open.shows("<li>13.03 Ringte 113</li>");
    assert!(!open.text().contains("politiet"), "what was taken back does not stand");
    let closed = kari.post(&close, "seen=0&outcome=held&mode=video").await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "CARE-10: {}", closed.text());
    let page = kari.get(&close).await;
    page.shows("Kl. 12.45: Ringte den voksne.\nKl. 13.03: Ringte 113.");
    assert!(!page.text().contains("Kl. 12.44"), "that something was looked at is no deed");
}

#[tokio::test]
async fn nobody_else_notes_anything_and_no_other_site_does() {
    let world = World::new().await;
    let script = Script::new(&world).await;
    let form = script.step(1, "rang-adult", 0, "");
    for who in [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker] {
        let mut other = world.signed_in(world.person(who).person).await;
        assert_eq!(note(&mut other, &world, &form).await, StatusCode::NOT_FOUND, "{who:?}");
    }
    let mut stranger = world.signed_in(world.stranger().await).await;
    assert_eq!(note(&mut stranger, &world, &form).await, StatusCode::NOT_FOUND);
    assert_eq!(note(&mut world.browser(), &world, &form).await, StatusCode::FORBIDDEN);
    let mut kari = clinician(&world).await;
    let request = kari
        .request(Method::POST, &format!("/meeting/{}/crisis", world.demo.session))
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.clone()))
        .expect("a request");
    assert_eq!(kari.send(request).await.status, StatusCode::FORBIDDEN, "SEC-026");
    for half in ["", "kind=rang-adult", &form.replace("rang-adult", "sang"), &form.replace("done=", "done=x")]
    {
        assert_eq!(note(&mut kari, &world, half).await, StatusCode::BAD_REQUEST, "{half}");
    }
    assert_eq!(note(&mut kari, &world, &form).await, StatusCode::NO_CONTENT);
    let mut jonas = world.signed_in(world.person(DemoRole::Colleague).person).await;
    assert_eq!(note(&mut jonas, &world, &form).await, StatusCode::CONFLICT, "it waits for whoever noted it");
    world.clock.fetch_add(7 * 24 * 3_600_000, std::sync::atomic::Ordering::SeqCst);
    let mut kari = clinician(&world).await;
    let late = script.step(2, "stayed", 0, "");
    assert_eq!(
        note(&mut kari, &world, &late).await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the hour is long over"
    );
    assert!(!logged().contains("rang-adult"), "SEC-099: no log line says what was done");
}
