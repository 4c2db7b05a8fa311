//! The support code: on the page that fails, naming nobody, opening what happened to that line to those who administer the
//! organisation, for hours, and to nobody who guesses (CARE-15, SEC-116).

use axum::http::StatusCode;
use domain::connections::Happening;
use domain::staff::StaffRole;
use ids::Assurance;
use store::demo::DemoRole;
use store::{By, NewSignIn};

use crate::world::{Browser, World, logged};

async fn administrator(world: &World) -> Browser<'_> {
    let clinic = world.clinic().await;
    world.signed_in(world.staff(clinic, "Per", &[StaffRole::Administrator]).await).await
}

/// The code that somebody's page of the meeting shows.
async fn code_of(world: &World, who: DemoRole) -> String {
    let meeting = format!("/meeting/{}", world.demo.session);
    let page = world.signed_in(world.person(who).person).await.get(&meeting).await;
    // Whoever leads the hour is not told to ask the one it is for.
    let helps = if who == DemoRole::Clinician {
        "Spør den som har ansvar for Samrom hos dere."
    } else {
        "Spør den du skal møte."
    };
    page.shows(&format!("Hjelp med teknikken: {helps} Koden din er "));
    let text = page.text();
    let (_, rest) = text.split_once("Koden din er ").expect("it is shown");
    rest.split('.').next().expect("split gives one").to_owned()
}

/// Nora's seat in the meeting.
async fn seat_of_nora(world: &World) -> ids::ParticipantId {
    let person = world.person(DemoRole::YoungPerson).person;
    let lifetime = std::time::Duration::from_secs(3_600);
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
    let (sign_in, _) = world.db.sign_in(new, world.now()).await.expect("she is in the register");
    let seat = world.db.seat(By::person(person, world.now()), sign_in, world.demo.session).await;
    seat.expect("answered").expect("a seat").key.participant
}

#[tokio::test]
async fn sec_116_the_code_on_her_page_opens_what_happened_to_her_line() {
    let world = World::new().await;
    let code = code_of(&world, DemoRole::YoungPerson).await;
    assert_eq!(code_of(&world, DemoRole::YoungPerson).await, code, "a reload keeps it");
    assert_ne!(code_of(&world, DemoRole::Clinician).await, code, "a seat each");
    let seat = seat_of_nora(&world).await;
    for what in [Happening::Opened, Happening::Datagrams, Happening::Lost] {
        world.connections.lock().expect("nobody panicked").note(seat, world.now(), what);
    }
    let path = format!("/admin/{}/support", world.clinic().await);
    let mut administrator = administrator(&world).await;
    administrator.get(&path).await.shows("name=\"code\"");
    let found = administrator.post(&path, &format!("code={}", code.to_lowercase().replace(' ', "+"))).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text());
    for words in ["<time>13.04.00</time> Siden ble åpnet", "Linja til tjeneren ble åpnet", "Linja ble borte"]
    {
        found.shows(words);
    }
    let text = found.text();
    let (_, lines) = text.split_once("id=\"happened\"").expect("the lines");
    let (lines, _) = lines.split_once("</ol>").expect("they end");
    let her = world.person(DemoRole::YoungPerson).person.to_string();
    for name in ["Nora", "Demo", "127.0.0.1", &her, &seat.to_string()] {
        assert!(!lines.contains(name), "{name}");
    }
    assert!(!logged().contains(&code) && !logged().contains(&code.replace(' ', "")), "no log line has it");
}

#[tokio::test]
async fn the_help_page_has_the_code_of_the_meeting_that_one_comes_from() {
    let world = World::new().await;
    let help = format!("/help?meeting={}", world.demo.session);
    let code = code_of(&world, DemoRole::YoungPerson).await;
    let mut nora = world.signed_in(world.person(DemoRole::YoungPerson).person).await;
    nora.get(&help).await.shows(&format!("Koden din er {code}."));
    for mut who in [world.browser(), world.signed_in(world.stranger().await).await] {
        let page = who.get(&help).await;
        assert_eq!(page.status, StatusCode::OK, "it helps all the same");
        assert!(!page.text().contains("Koden din er"));
    }
    assert!(!nora.get("/help").await.text().contains("Koden din er"));
}

#[tokio::test]
async fn sec_116_another_organisation_sees_nothing_and_guessing_is_bounded() {
    let world = World::new().await;
    let code = code_of(&world, DemoRole::YoungPerson).await.replace(' ', "");
    let mut stranger = world.signed_in(world.stranger().await).await;
    let theirs = stranger.get("/admin").await.header("location").to_owned();
    let answer = stranger.post(&format!("{theirs}/support"), &format!("code={code}")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("Det er ingen slik kode");
    let path = format!("/admin/{}/support", world.clinic().await);
    for who in [DemoRole::YoungPerson, DemoRole::CareWorker, DemoRole::Guardian] {
        let mut other = world.signed_in(world.person(who).person).await;
        assert_eq!(other.post(&path, &format!("code={code}")).await.status, StatusCode::NOT_FOUND, "{who:?}");
    }
    let mut administrator = administrator(&world).await;
    administrator.peer = ([127, 0, 2, 9], 50_000).into();
    let no_code = administrator.post(&path, "code=12").await;
    assert_eq!(no_code.status, StatusCode::UNPROCESSABLE_ENTITY);
    no_code.shows("En kode er seks bokstaver.");
    let mut braked = false;
    for letter in "ACDEFHJKMNPRTUVWXYZB".chars() {
        for last in ['A', 'C'] {
            let guess = format!("code=ZZZZ{letter}{last}");
            braked |= administrator.post(&path, &guess).await.status == StatusCode::TOO_MANY_REQUESTS;
        }
    }
    assert!(braked, "guessing is bounded");
}
