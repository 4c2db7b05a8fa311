//! CARE-07, SEC-080–SEC-084 as browsers meet them: she asks and is told before she writes; her clinician answers; a care
//! worker answers to an hour, and what becomes of it.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use store::demo::DemoRole;

use crate::world::{Answer, Browser, World, logged};

/// The value of the first hidden field with this name.
fn hidden(answer: &Answer, name: &str) -> String {
    let text = answer.text();
    let field = format!("name=\"{name}\" value=\"");
    let (_, rest) = text.split_once(field.as_str()).expect("the form has the field");
    rest.split('"').next().expect("it ends").to_owned()
}

/// The first address on a page that begins like this.
fn address(answer: &Answer, start: &str) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once(&format!("href=\"{start}")).expect("the page leads there");
    format!("{start}{}", rest.split('"').next().expect("it ends"))
}

async fn by_link(world: &World, who: DemoRole) -> Browser<'_> {
    let mut browser = world.browser();
    assert_eq!(browser.post(&world.link(who), "").await.status, StatusCode::SEE_OTHER);
    browser
}

/// Fully signed in, for an hour.
async fn signed_in(world: &World, who: DemoRole) -> Browser<'_> {
    world.signed_in(world.person(who).person).await
}

fn later(world: &World, hours: i64) {
    world.clock.fetch_add(hours * 3_600_000, Ordering::SeqCst);
}

/// Her line in the tests; it may stand on the reader's page and nowhere else.
const WORDS: &str = "Kan vi snakke om bursdagen";

async fn ask(browser: &mut Browser<'_>, fields: &str) -> String {
    let id = hidden(&browser.get("/ask").await, "id");
    let answer = browser.post("/ask", &format!("id={id}&{fields}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    id
}

#[tokio::test]
async fn before_she_writes_she_reads_when_who_and_whom_to_call_now() {
    let world = World::new().await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let page = nora.get("/ask?wish=meet").await;
    page.shows("Dette leses på hverdager mellom 08.00 og 15.30.");
    page.shows("Kari leser det.");
    // It is Saturday; four hours of work are over on Monday at noon.
    page.shows("Har ingen sett det før mandag 23. november kl. 12.00, leser de andre");
    page.shows("tel:116111");
    page.shows("value=\"meet\" required checked");
    let text = page.text();
    assert!(
        text.find("tel:113").expect("there") < text.find("name=\"line\"").expect("there"),
        "before she writes"
    );
    assert_eq!(page.title(), "Samrom", "CARE-12");
    let meeting = format!("/meeting/{}", world.demo.session);
    nora.get(&meeting).await.shows("href=\"/ask?wish=meet\"");
    for path in ["/not-now", "/goodbye"] {
        nora.get(path).await.shows("href=\"/ask\"");
    }
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    for path in [meeting.as_str(), "/goodbye"] {
        assert!(!kari.get(path).await.text().contains("/ask"), "staff have nobody to ask here");
    }
}

#[tokio::test]
async fn an_open_day_hears_that_something_was_asked_in_numbers_alone() {
    let world = World::new().await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let live =
        |requests, unread| format!(r#"{{"waiting":0,"requests":{requests},"unread":{unread},"answers":0}}"#);
    let in_page = |text: &str| text.replace('"', "&#34;");
    assert_eq!(kari.get("/day/waiting").await.text(), live(0, 0));
    let id = ask(&mut nora, &format!("wish=meet&line={}", WORDS.replace(' ', "+"))).await;
    assert_eq!(kari.get("/day/waiting").await.text(), live(1, 1));
    let day = kari.get("/day").await;
    day.shows(&in_page(&live(1, 1)));
    day.shows("Ett ønske er ikke lest.");
    let mut jonas = signed_in(&world, DemoRole::Colleague).await;
    assert_eq!(jonas.get("/day/waiting").await.text(), live(0, 0), "SEC-081: not his to read yet");
    kari.post(&format!("/request/{id}"), "do=book").await;
    assert_eq!(kari.get("/day/waiting").await.text(), live(1, 0));
    kari.get("/day").await.shows(&in_page(&live(1, 0)));
}

#[tokio::test]
async fn what_cannot_be_sent_comes_back_with_kind_words_and_nothing_lost() {
    let world = World::new().await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let id = hidden(&nora.get("/ask").await, "id");
    let none = nora.post("/ask", &format!("id={id}&line=Hei+du")).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    none.shows("Velg hva du vil.");
    none.shows("value=\"Hei du\"");
    let long = "x".repeat(301);
    let refused = nora.post("/ask", &format!("id={id}&wish=time&may-ring=yes&line={long}")).await;
    refused.shows("301 tegn, og det er plass til 300");
    refused.shows(&long);
    refused.shows("value=\"time\" required checked");
    assert_eq!(hidden(&refused, "id"), id, "still the same request");
    for _ in 0..5 {
        ask(&mut nora, "wish=extra").await;
    }
    let more = nora.post("/ask", &format!("id={id}&wish=extra")).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    more.shows("Du har spurt om 5 ting som ikke er besvart. De er ikke glemt.");
}

#[tokio::test]
async fn her_clinician_reads_and_she_sees_who_has_seen_it() {
    let world = World::new().await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let line = WORDS.replace(' ', "+");
    let id = ask(&mut nora, &format!("wish=extra&may-ring=yes&line={line}")).await;
    let again = nora.post("/ask", &format!("id={id}&wish=extra")).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "pressed twice");
    let hers = nora.get("/ask").await;
    hers.shows("Sendt, ikke lest ennå.");
    assert_eq!(hers.text().matches("Ta tilbake").count(), 1);
    assert!(!hers.text().contains(WORDS), "CARE-12: her words do not stand on her page again");

    later(&world, 2);
    let (mut kari, mut jonas) =
        (signed_in(&world, DemoRole::Clinician).await, signed_in(&world, DemoRole::Colleague).await);
    let day = kari.get("/day").await;
    day.shows("for 2 timer siden");
    day.shows("Ikke lest");
    let text = day.text();
    assert!(
        text.find("id=\"requests\"").expect("there") < text.find("I dag</h2>").expect("there"),
        "on top, unread"
    );
    assert!(!text.contains(WORDS));
    let path = address(&day, "/request/");
    assert_eq!(path, format!("/request/{id}"));
    assert!(!jonas.get("/day").await.text().contains("/request/"));
    assert_eq!(jonas.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(jonas.post(&path, "do=answered").await.status, StatusCode::NOT_FOUND);

    let page = kari.get(&path).await;
    page.shows(WORDS);
    page.shows("Nora Demolund");
    page.shows("Det er greit å ringe");
    page.shows(&format!("href=\"/book/{}\"", world.person(DemoRole::YoungPerson).person));
    assert_eq!(page.title(), "Ønske · Samrom", "SEC-012");
    for _ in 0..2 {
        assert_eq!(kari.post(&path, "do=ring").await.status, StatusCode::SEE_OTHER);
    }
    nora.get("/ask").await.shows("Sett av Kari, som ringer deg.");
    let day = kari.get("/day").await.text();
    assert!(
        day.find("id=\"requests\"").expect("there") > day.find("I dag</h2>").expect("there"),
        "below, once seen"
    );
    assert_eq!(kari.post(&path, "do=answered").await.header("location"), "/day");
    nora.get("/ask").await.shows("Besvart av Kari.");
    assert!(!kari.get("/day").await.text().contains("/request/"));
    assert!(!logged().contains(WORDS), "SEC-012: not in a log, however detailed");
}

#[tokio::test]
async fn what_she_took_back_is_not_answered() {
    let world = World::new().await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let id = ask(&mut nora, "wish=time").await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let page = kari.get(&format!("/request/{id}")).await;
    assert!(!page.text().contains("value=\"ring\""), "CARE-03: she has not said that she may be rung");
    assert_eq!(kari.post(&format!("/request/{id}"), "do=ring").await.status, StatusCode::NOT_FOUND);
    assert_eq!(nora.post("/ask/withdraw", &format!("request={id}")).await.status, StatusCode::SEE_OTHER);
    nora.get("/ask").await.shows("Du tok det tilbake.");
    let late = kari.post(&format!("/request/{id}"), "do=book").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    late.shows("Det ble besvart eller tatt tilbake imens.");
}

#[tokio::test]
async fn a_deputy_reads_while_the_clinician_is_away_and_the_team_what_is_late() {
    let world = World::new().await;
    let (mut kari, mut jonas) =
        (signed_in(&world, DemoRole::Clinician).await, signed_in(&world, DemoRole::Colleague).await);
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let page = kari.get("/away").await;
    page.shows("Jonas Demovik");
    assert!(!page.text().contains("Amir"), "a deputy treats at the same place");
    let deputy = format!("deputy={}", world.person(DemoRole::Colleague).person);
    for (days, words) in [
        ("from=&to=", "Skriv første og siste dag"),
        ("from=2026-11-24&to=2026-11-23", "Siste dag er før den første"),
        ("from=2026-11-01&to=2026-11-02", "Den tiden er over"),
        ("from=2026-11-24&to=2029-11-23", "lengre enn et år"),
    ] {
        let refused = kari.post("/away", &format!("{days}&{deputy}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
        refused.shows(words);
    }
    // Whoever was chosen may have gone since the form was opened: the days stand.
    for gone in [String::new(), world.person(DemoRole::CareWorker).person.to_string()] {
        let refused = kari.post("/away", &format!("from=2026-11-24&to=2026-11-27&deputy={gone}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows("Den du valgte, kan ikke lese for deg.");
        refused.shows("value=\"2026-11-27\"");
    }
    let sent = kari.post("/away", &format!("from=2026-11-21&to=2026-11-22&{deputy}")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = kari.get("/away").await;
    page.shows("Fra i dag til og med i morgen");
    nora.get("/ask").await.shows("Kari er borte nå. Jonas leser det i stedet.");
    let id = ask(&mut nora, "wish=extra").await;
    jonas.get("/day").await.shows("Du leser for Kari");
    assert_eq!(jonas.get(&format!("/request/{id}")).await.status, StatusCode::OK);
    let absence = hidden(&page, "absence");
    assert_eq!(jonas.post("/away/end", &format!("absence={absence}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(kari.post("/away/end", &format!("absence={absence}")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(jonas.get(&format!("/request/{id}")).await.status, StatusCode::NOT_FOUND);
    // From Saturday 13.04 to Monday 12.00.
    later(&world, 46);
    let mut jonas = signed_in(&world, DemoRole::Colleague).await;
    assert_eq!(jonas.get(&format!("/request/{id}")).await.status, StatusCode::NOT_FOUND);
    later(&world, 1);
    let mut jonas = signed_in(&world, DemoRole::Colleague).await;
    jonas.get("/day").await.shows("ingen har sett det i tide");
    assert_eq!(jonas.post(&format!("/request/{id}"), "do=book").await.status, StatusCode::SEE_OTHER);
    let mut nora = signed_in(&world, DemoRole::YoungPerson).await;
    nora.get("/ask").await.shows("Sett av Jonas, som finner en time til deg.");
}

#[tokio::test]
async fn a_care_worker_answers_with_her_knowledge_and_the_hour_stands() {
    let world = World::new().await;
    let mut amir = by_link(&world, DemoRole::CareWorker).await;
    let path = format!("/not-today/{}", world.demo.appointment);
    amir.get(&format!("/meeting/{}", world.demo.session)).await.shows(&format!("href=\"{path}\""));
    let page = amir.get(&path).await;
    page.shows("Timen står uansett.");
    assert!(!page.text().contains("Nora"), "CARE-12: no name of hers is needed here");
    let alone = amir.post(&path, "cause=travel&offer=yes").await;
    assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
    alone.shows("Ungdommen må vite om det, og hvorfor.");
    alone.shows("value=\"travel\" required checked");
    amir.post(&path, "she-knows=yes").await.shows("Velg hva du vet");
    amir.post(&path, "she-knows=yes&cause=did-not-come").await.shows("Velg hva du vet");
    for _ in 0..2 {
        let sent = amir.post(&path, "cause=travel&offer=yes&she-knows=yes").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
    }
    amir.get(&path).await.shows("Kari ser svaret på dagen sin og bestemmer.");
    // Her link works, her page is the door's, and the hour is what it was.
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let meeting = format!("/meeting/{}", world.demo.session);
    assert_eq!(nora.get(&meeting).await.status, StatusCode::OK, "CARE-01");
    assert_eq!(nora.get(&path).await.status, StatusCode::NOT_FOUND);
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    kari.get("/day").await.shows("«Ikke i dag» er svaret fra der ungdommen bor.");
    assert_eq!(amir.post(&format!("{path}/back"), "").await.status, StatusCode::SEE_OTHER);
    assert!(!kari.get("/day").await.text().contains("«Ikke i dag»"));
}

#[tokio::test]
async fn a_clinician_decides_on_a_ground_and_she_is_told() {
    let world = World::new().await;
    let mut amir = by_link(&world, DemoRole::CareWorker).await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let answer = format!("/not-today/{}", world.demo.appointment);
    amir.post(&answer, "cause=not-today&offer=yes&she-knows=yes").await;
    let day = kari.get("/day").await;
    let path = address(&day, &format!("/appointment/{}/response", world.demo.appointment));
    let page = kari.get(&path).await;
    page.shows("Amir Demoli");
    page.shows("De tilbyr timen til veiledning.");
    let fixed = format!("seen={}&talk={}&do=talk", hidden(&page, "seen"), hidden(&page, "talk"));
    kari.post(&path, &fixed).await.shows("Velg hva som gjør at dere kan snakke om ungdommen.");
    kari.post(&path, &format!("{fixed}&ground=duty")).await.shows("Velg om ungdommen får vite det.");
    let general = kari.post(&path, &format!("{fixed}&ground=general&tell=harm")).await;
    general.shows("ingenting å holde tilbake");
    let mut talks = Vec::new();
    for _ in 0..2 {
        let decided = kari.post(&path, &format!("{fixed}&ground=cooperation&tell=yes")).await;
        assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text());
        talks.push(decided.header("location").to_owned());
    }
    assert_eq!(talks[0], talks[1], "pressed twice");
    let talk = kari.get(&talks[0]).await;
    talk.shows("Veiledning");
    talk.shows("Amir Demoli");
    assert!(!talk.text().contains("Nora"), "CARE-04: she is not asked to come");
    let told = "snakker da med voksne rundt deg";
    nora.get(&format!("/meeting/{}", world.demo.session)).await.shows(told);
    nora.get("/ask").await.shows(told);
    amir.get(&answer).await.shows("Det blir veiledning for dere på samme tid.");
    let other = kari.post(&path, "seen=0&talk=00000000-0000-7000-8000-000000000000&do=keep").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    other.shows("tatt tilbake eller bestemt imens");
}

#[tokio::test]
async fn a_reason_keeps_it_from_her_and_stands_written() {
    let world = World::new().await;
    let mut amir = by_link(&world, DemoRole::CareWorker).await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let answer = format!("/not-today/{}", world.demo.appointment);
    amir.post(&answer, "cause=not-today&offer=yes&she-knows=yes").await;
    let path = format!("/appointment/{}/response", world.demo.appointment);
    let page = kari.get(&path).await;
    let fixed = format!("seen={}&talk={}&do=talk", hidden(&page, "seen"), hidden(&page, "talk"));
    kari.post(&path, &format!("{fixed}&ground=duty&tell=danger")).await;
    for path in [format!("/meeting/{}", world.demo.session), "/ask".to_owned()] {
        let text = nora.get(&path).await.text();
        assert!(!text.contains("snakker da med"), "{path}");
    }
    let page = kari.get(&path).await;
    page.shows("En plikt til å si fra går foran taushetsplikten");
    page.shows("det vil sette noen i fare");
}
