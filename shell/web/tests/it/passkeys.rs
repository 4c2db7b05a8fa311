//! Passkeys over HTTP: by a staff link, on the account page, at sign-in; and every way in which it comes to nothing.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use domain::staff::StaffRole;
use ids::PersonId;
use serde_json::{Value, json};
use store::demo::DemoRole;
use store::{By, RoleOf, Token};

use crate::authenticator::{Authenticator, VERIFIED};
use crate::world::{Answer, Browser, Kind, World};

fn device() -> Authenticator {
    Authenticator::new("http://localhost:8080", "localhost")
}

fn kari(world: &World) -> PersonId {
    world.person(DemoRole::Clinician).person
}

/// The script's step: JSON there and back.
async fn say(browser: &mut Browser<'_>, path: &str, what: &Value) -> (Answer, Value) {
    let request = browser.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let answer = browser.send(request.body(what.to_string().into()).expect("a request")).await;
    let json = serde_json::from_slice(&answer.body).unwrap_or_default();
    (answer, json)
}

/// Both steps at an address, with what the device answers to the options.
async fn ceremony(
    browser: &mut Browser<'_>,
    at: &str,
    answer: impl FnOnce(&Value) -> Value,
) -> (StatusCode, Value, Value) {
    let (begun, asked) = say(browser, &format!("{at}/begin"), &json!({})).await;
    assert_eq!(begun.status, StatusCode::OK, "{asked}");
    let brought =
        json!({ "handle": asked["handle"], "answer": answer(&asked["options"]), "label": " Jobb-PC " });
    let (finished, told) = say(browser, &format!("{at}/finish"), &brought).await;
    (finished.status, told, brought)
}

async fn staff_link(world: &World, person: PersonId) -> String {
    let day = Duration::from_secs(24 * 3_600);
    let issued = world.db.issue_staff_link(By::operator(world.now()), person, false, day).await;
    format!("/first/{}", issued.expect("it is made").token.reveal())
}

/// A device with Kari's passkey, made by a staff link, and the browser that made it.
async fn registered<'w>(world: &'w World, device: &mut Authenticator) -> Browser<'w> {
    let link = staff_link(world, kari(world)).await;
    let mut browser = world.browser();
    let (status, told, _) = ceremony(&mut browser, &link, |options| device.create(options)).await;
    assert_eq!((status, &told), (StatusCode::OK, &json!({ "to": "/day" })));
    browser
}

#[tokio::test]
async fn a_staff_link_leads_to_a_passkey_and_that_signs_in() {
    let world = World::new().await;
    let mut device = device();
    let mut first = registered(&world, &mut device).await;
    assert_eq!(first.get("/day").await.status, StatusCode::OK);
    let account = first.get("/account").await;
    account.shows("Jobb-PC");
    account.shows("Denne nettleseren");
    account.shows("Sist i bruk i dag kl. 13.04.");

    let mut again = world.browser();
    again.get("/sign-in").await.shows("Logg inn med passnøkkel");
    let (status, told, _) = ceremony(&mut again, "/sign-in", |options| device.get(options)).await;
    assert_eq!((status, told), (StatusCode::OK, json!({ "to": "/day" })));
    assert_eq!(again.get("/day").await.status, StatusCode::OK);
    first.get("/account").await.shows("Avslutt alle andre");
    assert_eq!(first.post("/account/end-others", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(again.get("/day").await.status, StatusCode::FORBIDDEN);
    assert_eq!(first.get("/day").await.status, StatusCode::OK);
}

#[tokio::test]
async fn fetching_a_staff_link_consumes_nothing_and_a_used_one_says_so() {
    let world = World::new().await;
    let link = staff_link(&world, kari(&world)).await;
    for _ in 0..4 {
        let mut scanner = world.browser();
        let page = scanner.get(&link).await;
        assert_eq!(page.status, StatusCode::OK, "SEC-041");
        page.shows("Lenken er til deg med initialene KD.");
        assert!(scanner.cookies.is_empty());
        assert!(!page.text().contains("Demodal") && !page.text().contains("Kari"), "CARE-12: initials only");
    }
    let mut device = device();
    let mut browser = world.browser();
    // Beginning and giving up consumes nothing either.
    say(&mut browser, &format!("{link}/begin"), &json!({})).await;
    let (status, ..) = ceremony(&mut browser, &link, |options| device.create(options)).await;
    assert_eq!(status, StatusCode::OK);
    let used = world.browser().get(&link).await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
    used.shows("Lenken er allerede brukt");
    let (answer, told) = say(&mut world.browser(), &format!("{link}/begin"), &json!({})).await;
    assert_eq!((answer.status, told), (StatusCode::CONFLICT, json!({ "why": "link" })));

    let replaced = staff_link(&world, kari(&world)).await;
    let expired = staff_link(&world, kari(&world)).await;
    world.browser().get(&replaced).await.shows("Det er laget en nyere lenke");
    world.clock.fetch_add(25 * 3_600_000, std::sync::atomic::Ordering::SeqCst);
    world.browser().get(&expired).await.shows("Lenken har gått ut");
    world.browser().get("/first/AAAAAAAAAAAAAAAAAAAAAAAA").await.shows("Lenken virker ikke");
}

#[tokio::test]
async fn a_challenge_is_answered_once_also_after_a_failure() {
    let world = World::new().await;
    let mut device = device();
    registered(&world, &mut device).await;
    let mut browser = world.browser();
    let (status, _, brought) = ceremony(&mut browser, "/sign-in", |options| device.get(options)).await;
    assert_eq!(status, StatusCode::OK);
    let replay = say(&mut world.browser(), "/sign-in/finish", &brought).await;
    assert_eq!((replay.0.status, &replay.1), (StatusCode::CONFLICT, &json!({ "why": "used" })), "SEC-042");
    assert!(replay.0.headers.get(header::SET_COOKIE).is_none());

    // The right answer after a wrong one to the same question.
    let (_, asked) = say(&mut browser, "/sign-in/begin", &json!({})).await;
    let right = device.get(&asked["options"]);
    let mut wrong = right.clone();
    wrong["response"]["signature"] = json!("MAYCAQECAQE");
    for (answer, why) in [(wrong, "wrong"), (right, "used")] {
        let (answer, told) =
            say(&mut browser, "/sign-in/finish", &json!({ "handle": asked["handle"], "answer": answer }))
                .await;
        assert_eq!((answer.status, told), (StatusCode::CONFLICT, json!({ "why": why })), "SEC-042");
    }
}

#[tokio::test]
async fn each_wrong_answer_is_told_by_its_own_words() {
    let world = World::new().await;
    let mut device = device();
    registered(&world, &mut device).await;
    let mut told = async |change: &dyn Fn(&mut Authenticator), back: &dyn Fn(&mut Authenticator)| {
        change(&mut device);
        let mut browser = world.browser();
        let (status, told, _) = ceremony(&mut browser, "/sign-in", |options| device.get(options)).await;
        back(&mut device);
        assert!(browser.cookies.is_empty() || status == StatusCode::OK);
        told
    };
    let nothing = |_: &mut Authenticator| ();
    let evil = |device: &mut Authenticator| device.origin = "http://evil.example".to_owned();
    let home = |device: &mut Authenticator| device.origin = "http://localhost:8080".to_owned();
    assert_eq!(told(&evil, &home).await, json!({ "why": "wrong" }), "SEC-043");
    assert_eq!(
        told(&|d| d.flags = 0, &|d| d.flags = VERIFIED).await,
        json!({ "why": "unverified" }),
        "SEC-040"
    );
    assert_eq!(told(&|d| d.counter = 5, &nothing).await, json!({ "to": "/day" }));
    assert_eq!(told(&nothing, &nothing).await, json!({ "why": "counter" }), "SEC-044");
    assert_eq!(told(&|d| d.id[0] ^= 1, &|d| d.id[0] ^= 1).await, json!({ "why": "unknown" }));
    world.clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let mut browser = world.browser();
    let (_, asked) = say(&mut browser, "/sign-in/begin", &json!({})).await;
    world.clock.fetch_add(5 * 60_000, std::sync::atomic::Ordering::SeqCst);
    let late = json!({ "handle": asked["handle"], "answer": device.get(&asked["options"]) });
    assert_eq!(say(&mut browser, "/sign-in/finish", &late).await.1, json!({ "why": "expired" }), "SEC-042");
    let (answer, _) = say(&mut browser, "/sign-in/finish", &json!({ "handle": 1 })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_registration_is_finished_where_and_by_whom_it_was_begun() {
    let world = World::new().await;
    let mut device = device();
    let mut browser = registered(&world, &mut device).await;
    // Begun on the account page, brought to another person's staff link.
    let (_, asked) = say(&mut browser, "/account/keys/begin", &json!({})).await;
    let other = world.person(DemoRole::Colleague).person;
    let link = staff_link(&world, other).await;
    let made = Authenticator::new("http://localhost:8080", "localhost").create(&asked["options"]);
    let brought = json!({ "handle": asked["handle"], "answer": made });
    let (answer, told) = say(&mut world.browser(), &format!("{link}/finish"), &brought).await;
    assert_eq!((answer.status, told), (StatusCode::CONFLICT, json!({ "why": "expired" })), "SEC-043");
    assert!(world.db.credentials_of(other, world.now()).await.expect("read").is_empty());
    world.browser().get(&link).await.shows("Lag passnøkkelen din");
    // Begun by one, brought by another who is signed in.
    let (_, asked) = say(&mut browser, "/account/keys/begin", &json!({})).await;
    let made = Authenticator::new("http://localhost:8080", "localhost").create(&asked["options"]);
    let mut colleague = world.signed_in(other).await;
    let brought = json!({ "handle": asked["handle"], "answer": made });
    let (_, told) = say(&mut colleague, "/account/keys/finish", &brought).await;
    assert_eq!(told, json!({ "why": "expired" }), "SEC-043");
}

#[tokio::test]
async fn passkeys_are_added_and_removed_on_the_account_page() {
    let world = World::new().await;
    let mut device = device();
    let mut browser = registered(&world, &mut device).await;
    // Ids of one and the same moment stand in no order.
    world.clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let mut second = Authenticator::new("http://localhost:8080", "localhost");
    let (status, told, _) = ceremony(&mut browser, "/account/keys", |options| {
        assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(1));
        second.create(options)
    })
    .await;
    assert_eq!((status, told), (StatusCode::OK, json!({ "to": "/account" })));
    let mut elsewhere = world.browser();
    ceremony(&mut elsewhere, "/sign-in", |options| second.get(options)).await;
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::OK);

    let by = By::person(kari(&world), world.now());
    let own = world.db.passkeys_of(by, kari(&world)).await.expect("read");
    assert_eq!(own.len(), 2);
    let form = format!("passkey={}", own[1].id);
    let mut stranger = world.signed_in(world.stranger().await).await;
    assert_eq!(stranger.post("/account/keys/remove", &form).await.status, StatusCode::NOT_FOUND, "SEC-046");
    assert_eq!(browser.post("/account/keys/remove", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::FORBIDDEN, "SEC-045");
    let page = browser.get("/account").await;
    page.shows("Det er den siste du har.");
    let (_, told, _) = ceremony(&mut world.browser(), "/sign-in", |options| second.get(options)).await;
    assert_eq!(told, json!({ "why": "unknown" }));

    let hers = world.db.sign_ins_of(by, kari(&world)).await.expect("read");
    let form = format!("sign_in={}", hers[0].id);
    assert_eq!(stranger.post("/account/end", &form).await.status, StatusCode::NOT_FOUND, "SEC-046");
    assert_eq!(browser.post("/account/end", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/account").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_came_by_a_personal_link_has_no_account_page() {
    let world = World::new().await;
    let mut worker = world.browser();
    worker.post(&world.link(DemoRole::CareWorker), "").await;
    assert_eq!(worker.get("/account").await.status, StatusCode::NOT_FOUND);
    let (answer, _) = say(&mut worker, "/account/keys/begin", &json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "a link must not grow into a passkey");
}

#[tokio::test]
async fn roles_stand_on_the_account_page() {
    let world = World::new().await;
    let person = kari(&world);
    let register =
        world.db.person(By::person(person, world.now()), domain::audit::Purpose::Own, person).await;
    let organization = register.expect("read").organization;
    let role = RoleOf { person, organization, role: StaffRole::Administrator };
    assert!(world.db.grant_role(By::operator(world.now()), role).await.expect("written"));
    world.signed_in(person).await.get("/account").await.shows("Administrator, ");
}

/// A step that another site caused does nothing (SEC-026), and guessing meets the brake (SEC-025).
#[tokio::test]
async fn other_sites_and_guessing_are_kept_out() {
    let world = World::new().await;
    let link = staff_link(&world, kari(&world)).await;
    for path in ["/sign-in/begin", "/sign-in/finish", &format!("{link}/begin"), "/account/keys/begin"] {
        let mut browser = world.signed_in(kari(&world)).await;
        let request = browser.request(Method::POST, path).header("sec-fetch-site", "cross-site");
        let answer = browser.send(request.body("{}".into()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut far = world.browser();
    far.peer = "203.0.113.9:4000".parse().expect("an address");
    for _ in 0..20 {
        assert_eq!(say(&mut far, "/sign-in/begin", &json!({})).await.0.status, StatusCode::OK);
    }
    for path in ["/sign-in/begin", "/sign-in/finish"] {
        assert_eq!(say(&mut far, path, &json!({})).await.0.status, StatusCode::TOO_MANY_REQUESTS, "SEC-025");
    }
    assert_eq!(far.get(&link).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_address_without_passkeys_says_so() {
    let world = World::of(Kind { demo_mode: false, base_url: "https://192.0.2.7:8443" }).await;
    let mut browser = world.browser();
    let page = browser.get("/sign-in").await;
    page.shows("data-host=\"\"");
    page.shows("Passnøkler virker ikke på denne adressen.");
    let (answer, told) = say(&mut browser, "/sign-in/begin", &json!({})).await;
    assert_eq!((answer.status, told), (StatusCode::CONFLICT, json!({ "why": "no-address" })));
}

/// SEC-012, SEC-021: neither token, handle, label nor name comes into the log.
#[tokio::test]
async fn nothing_of_a_ceremony_is_logged() {
    let world = World::new().await;
    let mut device = device();
    let link = staff_link(&world, kari(&world)).await;
    let mut browser = world.browser();
    let (_, _, brought) = ceremony(&mut browser, &link, |options| device.create(options)).await;
    let (_, _, found) = ceremony(&mut browser, "/sign-in", |options| device.get(options)).await;
    let log = crate::world::logged();
    let token = link.trim_start_matches("/first/");
    assert!(Token::from_text(token).is_some());
    for secret in [token, &brought["handle"].to_string(), &found["handle"].to_string()] {
        assert!(!log.contains(secret.trim_matches('"')), "{secret} is in the log");
    }
    assert!(!log.contains("Jobb-PC"));
    assert!(!log.contains(found["answer"]["response"]["signature"].as_str().expect("text")));
}
