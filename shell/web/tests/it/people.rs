//! A clinician's young people in the browser: entered, changed, graded, shared (SEC-070, SEC-072, SEC-077).

use axum::http::StatusCode;
use domain::audit::Purpose;
use domain::protection::Protection;
use ids::PersonId;
use store::By;
use store::demo::DemoRole;

use crate::world::{Answer, Browser, World};

const NEW: &str = "01900000-0000-7000-8000-000000000001";
const MONA: &str = "01900000-0000-7000-8000-000000000002";

async fn kari(world: &World) -> Browser<'_> {
    world.signed_in(world.person(DemoRole::Clinician).person).await
}

fn nora(world: &World) -> String {
    format!("/people/{}", world.person(DemoRole::YoungPerson).person)
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
    answer.shows("Alt du skrev, står her.");
    answer.shows(words);
}

#[tokio::test]
async fn a_young_person_is_entered_and_can_be_booked() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    browser.get("/day").await.shows("href=\"/people\"");
    browser.get("/book").await.shows("href=\"/people/new\"");
    let form = browser.get("/people/new").await;
    form.shows("name=\"given\"");
    assert!(!form.title().contains("Nora"));
    let typed =
        format!("id={NEW}&given=Ida&family=Demoli&language=nn&way=mail&mail=ida%40example.org&phone=");
    let twice = [browser.post("/people/new", &typed).await, browser.post("/people/new", &typed).await];
    for answer in &twice {
        leads_to(answer, &format!("/people/{NEW}"));
    }
    let page = browser.get(&format!("/people/{NEW}")).await;
    for text in ["Ida Demoli", "E-post, ida@example.org", "Nynorsk", "Kari Demodal (deg)"] {
        page.shows(text);
    }
    assert_eq!(page.title(), "Ungdom · Samrom", "SEC-012");
    let list = browser.get("/people").await;
    list.shows("<summary>ID<");
    list.shows("<p class=\"name\">Ida Demoli</p>");
    assert_eq!(list.text().matches("Ida Demoli").count(), 1, "once, behind her initials (CARE-12)");
    browser.get("/book").await.shows("Ida Demoli");
    let booked = browser
        .post(
            &format!("/book/{NEW}"),
            "id=01900000-0000-7000-8000-0000000000b1&kind=talk&mode=video&date=2026-11-25&time=10:00&minutes=30",
        )
        .await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.text());
}

#[tokio::test]
async fn what_cannot_be_read_comes_back_as_it_was_typed() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    for (more, words) in [
        ("given=+&way=none", "Skriv fornavnet."),
        ("given=Ida&way=sms", "Skriv mobilnummeret som SMS skal sendes til."),
        ("given=Ida&way=mail&mail=ida", "Skriv e-postadressen som navn@eksempel.no."),
        ("given=Ida&way=none&phone=99887766", "Velg SMS eller e-post."),
    ] {
        let typed = format!("id={NEW}&language=en&family=Demoli&protection=strict&{more}");
        let answer = browser.post("/people/new", &typed).await;
        is_refused(&answer, words);
        for kept in ["value=\"Demoli\"", "value=\"en\" checked", "value=\"strict\" checked", NEW] {
            answer.shows(kept);
        }
    }
    assert_eq!(
        browser.get(&format!("/people/{NEW}")).await.status,
        StatusCode::NOT_FOUND,
        "nothing was entered"
    );
}

#[tokio::test]
async fn a_grading_that_is_not_understood_is_not_taken_for_none() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    let typed = format!("id={NEW}&given=Ida&family=&language=nb&way=none&protection=secret");
    assert_eq!(browser.post("/people/new", &typed).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        browser.get(&format!("/people/{NEW}")).await.status,
        StatusCode::NOT_FOUND,
        "nothing was entered"
    );
}

#[tokio::test]
async fn people_come_to_stand_around_her_and_no_longer() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    let her = nora(&world);
    let page = browser.get(&her).await;
    for text in ["Mona Demolund", "Foresatt", "Amir Demoli", "Demohuset ungdomsinstitusjon"] {
        page.shows(text);
    }
    let around = format!("{her}/around");
    let typed = format!("id={MONA}&role=support&given=Tante&family=Demo&language=nb&way=sms&phone=99887766");
    leads_to(&browser.post(&around, &typed).await, &her);
    leads_to(&browser.post(&around, &typed).await, &her);
    let page = browser.get(&her).await;
    assert_eq!(page.text().matches("<p class=\"named\">Tante Demo</p>").count(), 1, "pressed twice");
    page.shows("Støtteperson");
    page.shows("value=\"+4799887766\"");
    is_refused(
        &browser.post(&around, &format!("id={MONA}&role=professional&given=A&language=nb&way=none")).await,
        "Velg arbeidssted.",
    );
    is_refused(&browser.post(&around, &format!("id={MONA}&given=A")).await, "Velg rolle.");
    is_refused(
        &browser.post(&around, &format!("role=professional&known={MONA}")).await,
        "Rollen passer ikke til personen eller arbeidsstedet.",
    );
    let changed = format!("person={MONA}&way=mail&mail=tante%40example.org&phone=");
    leads_to(&browser.post(&format!("{her}/contact"), &changed).await, &her);
    browser.get(&her).await.shows("value=\"tante@example.org\"");
    leads_to(&browser.post(&format!("{her}/apart"), &format!("person={MONA}")).await, &her);
    assert!(!browser.get(&her).await.text().contains("<p class=\"named\">Tante Demo</p>"));
}

#[tokio::test]
async fn a_grading_says_what_it_means_and_holds_the_address_back() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    let her = nora(&world);
    let id: PersonId = world.person(DemoRole::YoungPerson).person;
    let contact = format!("person={id}&way=sms&phone=99887766&mail=");
    leads_to(&browser.post(&format!("{her}/contact"), &contact).await, &her);
    let colleague = By::person(world.person(DemoRole::Colleague).person, world.now());
    assert!(world.db.contact(colleague, Purpose::Care, id).await.is_ok());
    for (value, words) in [
        ("client", "Klientadresse (kode 19)"),
        ("confidential", "Fortrolig (kode 7)"),
        ("strict", "Strengt fortrolig (kode 6)"),
    ] {
        leads_to(&browser.post(&format!("{her}/protection"), &format!("protection={value}")).await, &her);
        let page = browser.get(&her).await;
        page.shows(&format!("<b>{words}</b>"));
        page.shows("Meldinger går uten lenke og uten sted");
        browser.get("/people").await.shows(words);
        assert!(world.db.contact(colleague, Purpose::Care, id).await.is_err(), "SEC-072: {value}");
    }
    let caseload = world
        .db
        .caseload(
            By::person(world.person(DemoRole::Clinician).person, world.now()),
            world.person(DemoRole::Clinician).person,
        )
        .await;
    assert_eq!(caseload.expect("answered")[0].protection, Protection::StrictlyConfidential);
    assert_eq!(
        browser.post(&format!("{her}/protection"), "protection=nonsense").await.status,
        StatusCode::BAD_REQUEST
    );
}

/// SEC-095: a link goes to a protected address only when it was chosen for that hour, by who was told of the protection.
#[tokio::test]
async fn a_link_to_a_protected_address_is_chosen_and_never_left_over() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    let her = world.person(DemoRole::YoungPerson).person;
    let book = format!("/book/{her}");
    browser.get(&book).await.shows("name=\"link\" value=\"yes\"");
    leads_to(
        &browser.post(&format!("/people/{her}/protection"), "protection=strict").await,
        &format!("/people/{her}"),
    );
    let by = By::operator(world.now());
    let mut hour = async |number: u8, more: &str| {
        let id = format!("01900000-0000-7000-8000-0000000000{number:02}");
        let typed =
            format!("id={id}&kind=talk&mode=video&date=2026-11-{number}&time=10:00&minutes=30&{more}");
        leads_to(&browser.post(&book, &typed).await, &format!("/appointment/{id}"));
        id
    };
    // The form stood open when she was graded.
    let before = hour(24, "words=warm&link=yes").await;
    let after = hour(25, "words=warm&link=yes-although").await;
    let none = hour(26, "words=none&link=yes").await;
    let notice = async |id: &str| {
        let id = id.parse().expect("an id");
        let found = world.db.meeting(by, Purpose::Review, id).await.expect("it is booked");
        found.appointment.notice.map(|notice| notice.with_link)
    };
    assert_eq!(
        (notice(&before).await, notice(&after).await, notice(&none).await),
        (Some(false), Some(true), None)
    );
    let messages = format!("/appointment/{none}/messages");
    browser.get(&messages).await.shows("value=\"no\" checked");
    browser.post(&format!("{messages}/tell"), "words=warm&link=yes").await;
    assert_eq!(notice(&none).await, Some(false), "a page from before");
    browser.post(&format!("{messages}/tell"), "words=warm&link=yes-although").await;
    assert_eq!(notice(&none).await, Some(true));
}

/// Said by who answers for her, and taken back; a word that is not understood says nothing (CARE-04).
#[tokio::test]
async fn a_small_child_comes_with_her_parents_until_that_is_taken_back() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    let (her, path) = (nora(&world), format!("{}/with-parents", nora(&world)));
    browser.get(&her).await.shows("Ungdommen blir spurt før foreldre slippes inn.");
    for (pressed, words) in [
        ("do=yes", "Barnet blir ikke spurt før foreldrene slippes inn."),
        ("do=yes", "Barnet blir ikke spurt før foreldrene slippes inn."),
        ("do=no", "Ungdommen blir spurt før foreldre slippes inn."),
    ] {
        leads_to(&browser.post(&path, pressed).await, &her);
        browser.get(&her).await.shows(words);
    }
    assert_eq!(browser.post(&path, "do=perhaps").await.status, StatusCode::BAD_REQUEST);
    let mut jonas = world.signed_in(world.person(DemoRole::Colleague).person).await;
    assert_eq!(jonas.post(&path, "do=yes").await.status, StatusCode::NOT_FOUND, "SEC-070");
    browser.get(&her).await.shows("Ungdommen blir spurt før foreldre slippes inn.");
}

#[tokio::test]
async fn she_is_shared_and_handed_over_and_never_left_with_nobody() {
    let world = World::new().await;
    let mut browser = kari(&world).await;
    let (her, team) = (nora(&world), format!("{}/team", nora(&world)));
    let jonas = world.person(DemoRole::Colleague).person;
    for (pressed, words) in
        [("do=leave", "Del ansvaret med en annen behandler først."), ("do=share&with=", "Velg en kollega.")]
    {
        let answer = browser.post(&team, pressed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.shows(words);
        // There was nothing to write.
        answer.shows("Ingenting er endret.");
    }
    browser.get(&her).await.shows("Jonas Demovik</option>");
    leads_to(&browser.post(&team, &format!("do=share&with={jonas}")).await, &her);
    browser.get(&her).await.shows("Jonas Demovik");
    leads_to(&browser.post(&team, "do=leave").await, "/people");
    assert_eq!(browser.get(&her).await.status, StatusCode::NOT_FOUND, "SEC-070: not hers any more");
    let mut his = world.signed_in(jonas).await;
    assert_eq!(his.get(&her).await.status, StatusCode::OK);
    let kari = world.person(DemoRole::Clinician).person;
    leads_to(&his.post(&team, &format!("do=hand&with={kari}")).await, "/people");
    assert_eq!(
        (his.get(&her).await.status, browser.get(&her).await.status),
        (StatusCode::NOT_FOUND, StatusCode::OK)
    );
}
