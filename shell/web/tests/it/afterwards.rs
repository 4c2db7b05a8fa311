//! SEC-110–SEC-112 as browsers meet them: what she lands on after an hour, whom she asks for company, three questions, and
//! what her clinician sees of it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::StatusCode;
use domain::audit::Purpose;
use domain::message::{Channel, Outcome, Reason};
use domain::our_agreement::{Adult, OurAgreement};
use ids::{AdmissionId, GoneReason};
use jiff::tz::TimeZone;
use store::demo::DemoRole;
use store::{AdmissionBegun, By, Claim, Parcel, Worker};
use web::message::Composer;

use crate::world::{Answer, Browser, World, logged};

async fn by_link(world: &World, who: DemoRole) -> Browser<'_> {
    let mut browser = world.browser();
    assert_eq!(browser.post(&world.link(who), "").await.status, StatusCode::SEE_OTHER);
    browser
}

async fn signed_in(world: &World, who: DemoRole) -> Browser<'_> {
    world.signed_in(world.person(who).person).await
}

/// Somebody was in the room of the hour that is on, and went like this.
async fn was_in(world: &World, who: DemoRole, reason: GoneReason) {
    let by = By::operator(world.now());
    let meeting = world.db.meeting(by, Purpose::Operation, world.demo.appointment).await.expect("there");
    let wanted = world.person(who).person;
    let invited = meeting.people.iter().find(|one| one.invitation.person == wanted).expect("invited");
    let begun = AdmissionBegun {
        id: AdmissionId::from_parts(world.now(), [who as u8 * 16 + reason as u8; 10]),
        session: world.demo.session,
        participant: invited.invitation.participant,
        at: world.now(),
        device: None,
    };
    let by = By::system(world.now());
    world.db.admission_begun(by, begun).await.expect("written");
    world.db.admission_ended(by, begun.id, reason).await.expect("written");
}

/// Nora's browser, from which she was in the room and left.
async fn nora_left(world: &World) -> Browser<'_> {
    let browser = by_link(world, DemoRole::YoungPerson).await;
    was_in(world, DemoRole::YoungPerson, GoneReason::Left).await;
    browser
}

async fn agree(world: &World, may_look_in: bool) {
    let (kari, nora) = (world.person(DemoRole::Clinician).person, world.person(DemoRole::YoungPerson).person);
    let page = OurAgreement {
        adult: Some(Adult {
            name: "Mormor".to_owned(),
            phone: Some("+4799887766".to_owned()),
            may_be_rung: true,
            may_look_in,
        }),
        sign: Some("Blå rev".to_owned()),
        ..OurAgreement::default()
    };
    let by = By::person(kari, world.now());
    let seen = world.db.our_agreement(by, nora).await.expect("hers").revision;
    world.db.write_our_agreement(by, nora, seen, &page).await.expect("written");
}

#[track_caller]
fn lacks(answer: &Answer, text: &str) {
    assert!(!answer.text().contains(text), "«{text}» is on the page:\n{}", answer.text());
}

fn her_page(world: &World) -> String {
    format!("/people/{}", world.person(DemoRole::YoungPerson).person)
}

const TOLD: &str = "got-said=partly&understood=&next-time=meet&readers=clinician";

#[tokio::test]
async fn she_lands_on_what_comes_and_nobody_else_does() {
    let world = World::new().await;
    let mut nora = by_link(&world, DemoRole::YoungPerson).await;
    let before = nora.get("/goodbye").await;
    lacks(&before, "Neste gang:");
    lacks(&before, "id=\"questions\"");
    was_in(&world, DemoRole::YoungPerson, GoneReason::Left).await;
    was_in(&world, DemoRole::Guardian, GoneReason::Left).await;
    let page = nora.get("/goodbye").await;
    page.shows("Neste gang: i dag kl. 17.00, på skjerm.");
    page.shows("Sist på skjerm: i dag");
    page.shows("Ta deg tid. Du kan bli på siden så lenge du vil.");
    page.shows("tel:116111");
    page.shows("Fikk du sagt det du ville?");
    lacks(&page, "id=\"company\"");
    lacks(&page, "id=\"agreed\"");
    assert_eq!(page.title(), "Samrom", "CARE-12");
    lacks(&nora.get("/not-now").await, "Neste gang:");
    let mut mona = by_link(&world, DemoRole::Guardian).await;
    let hers = mona.get("/goodbye").await;
    for text in ["Neste gang:", "Sist på skjerm", "id=\"questions\""] {
        lacks(&hers, text);
    }
    world.clock.fetch_add(13 * 3_600_000, Ordering::SeqCst);
    lacks(&nora.get("/goodbye").await, "Sist på skjerm");
}

#[tokio::test]
async fn what_was_ticked_for_her_is_hers_to_see_and_to_hide() {
    let world = World::new().await;
    let mut nora = nora_left(&world).await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let close = format!("/appointment/{}/close", world.demo.appointment);
    let form = kari.get(&close).await;
    form.shows("name=\"for-her\" value=\"yes\" checked");
    let owner = world.person(DemoRole::Clinician).person;
    let outcome = "seen=0&outcome=held&mode=video&usefulness=some";
    let sent = kari
        .post(&close, &format!("{outcome}&task=Ring+skolen&owner={owner}&due=2026-11-27&for-her=yes"))
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let page = nora.get("/goodbye").await;
    page.shows("<summary>Det dere ble enige om</summary>");
    page.shows("Ring skolen");
    page.shows("Kari, innen fredag 27. november");
    lacks(&page, "id=\"agreed\" open");
}

#[tokio::test]
async fn sec_088_nothing_of_hers_stands_on_a_lent_device() {
    let world = World::new().await;
    let mut device = signed_in(&world, DemoRole::CareWorker).await;
    device.post(&format!("/lend/{}", world.demo.appointment), "known=acquaintance").await;
    device.post("/here/start", "").await;
    was_in(&world, DemoRole::YoungPerson, GoneReason::LineLost).await;
    for path in ["/goodbye", "/not-now"] {
        let page = device.get(path).await;
        for text in ["Neste gang:", "Sist på skjerm", "id=\"questions\"", "id=\"agreed\"", "id=\"company\""]
        {
            lacks(&page, text);
        }
    }
    for path in ["/goodbye/company", "/goodbye/questions", "/goodbye/questions/back"] {
        assert_eq!(device.post(path, TOLD).await.status, StatusCode::CONFLICT, "{path}");
    }
    was_in(&world, DemoRole::YoungPerson, GoneReason::Left).await;
    lacks(&device.get("/goodbye").await, "Neste gang:");
}

#[tokio::test]
async fn nothing_is_sent_without_her_choice_of_who_sees_it() {
    let world = World::new().await;
    let mut nora = nora_left(&world).await;
    let page = nora.get("/goodbye").await;
    lacks(&page, "value=\"clinician\" checked");
    lacks(&page, "value=\"statistics\" checked");
    let refused = nora.post("/goodbye/questions", "got-said=no&understood=yes&next-time=").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("Velg hvem som får se svarene.");
    refused.shows("name=\"got-said\" value=\"no\" checked");
    refused.shows("name=\"understood\" value=\"yes\" checked");
    refused.shows("name=\"next-time\" value=\"\" checked");
    nora.get("/goodbye").await.shows("action=\"/goodbye/questions\"");
    let sent = nora.post("/goodbye/questions", "got-said=&understood=&next-time=").await;
    assert_eq!(
        sent.header("location"),
        "/goodbye#questions",
        "she would not answer, and need not say to whom"
    );
    nora.get("/goodbye").await.shows("Det er ikke flere spørsmål i dag.");
}

#[tokio::test]
async fn what_she_tells_kari_stands_beside_karis_own_view() {
    let world = World::new().await;
    let mut nora = nora_left(&world).await;
    let (mut kari, her) = (signed_in(&world, DemoRole::Clinician).await, her_page(&world));
    kari.get(&her).await.shows("Ingen svar er vist deg ennå.");
    nora.get("/goodbye").await.shows("Kari ser dem sammen med timen.");
    for form in [TOLD, TOLD, "got-said=yes&readers=statistics"] {
        let sent = nora.post("/goodbye/questions", form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        assert!(sent.header("set-cookie").contains("samrom="), "the way back shows no answers");
    }
    let page = nora.get("/goodbye").await;
    page.shows("Kari får se dette");
    page.shows("<dt>Fikk du sagt det du ville?</dt><dd>Litt</dd>");
    let close = format!("/appointment/{}/close", world.demo.appointment);
    kari.post(&close, "seen=0&outcome=held&mode=video&usefulness=much").await;
    let seen = kari.get(&her).await;
    for line in [
        "<dt>Fikk sagt det</dt><dd>Litt</dd>",
        "<dt>Følte seg forstått</dt><dd>ikke svart</dd>",
        "<dt>Neste gang</dt><dd>Møtes</dd>",
        "<dt>Ditt syn: hvor nyttig det var</dt><dd>Mye</dd>",
        "<dt>Sist på skjerm</dt><dd>i dag</dd>",
        "<dt>Sist i samme rom</dt><dd>ikke ennå</dd>",
    ] {
        seen.shows(line);
    }
    assert_eq!(seen.title(), "Ungdom · Samrom", "SEC-012");
    kari.post(&format!("{her}/team"), &format!("do=share&with={}", world.person(DemoRole::Colleague).person))
        .await;
    let mut jonas = signed_in(&world, DemoRole::Colleague).await;
    jonas.get(&her).await.shows("Ingen svar er vist deg ennå.");
    let back = nora.post("/goodbye/questions/back", "").await;
    assert_eq!(back.header("location"), "/goodbye#questions");
    nora.get("/goodbye").await.shows("Du tok svarene tilbake. De er slettet.");
    kari.get(&her).await.shows("Ingen svar er vist deg ennå.");
}

#[tokio::test]
async fn what_is_only_counted_nobody_sees() {
    let world = World::new().await;
    let mut nora = nora_left(&world).await;
    nora.get("/goodbye").await;
    nora.post("/goodbye/questions", "got-said=no&understood=no&next-time=same&readers=statistics").await;
    nora.get("/goodbye").await.shows("Det er ikke flere spørsmål i dag.");
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    kari.get(&her_page(&world)).await.shows("Ingen svar er vist deg ennå.");
    let mut jonas = signed_in(&world, DemoRole::Colleague).await;
    let office = jonas.get(&format!("/admin/{}", world.clinic().await)).await;
    office.shows("Hva ungdommene svarte");
    office.shows("Ingenting å vise ennå.");
}

#[tokio::test]
async fn her_clinician_switches_the_questions_off_and_an_abrupt_end_brings_none() {
    let world = World::new().await;
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let (her, hour) = (her_page(&world), format!("/appointment/{}", world.demo.appointment));
    let mut nora = nora_left(&world).await;
    kari.get(&hour).await.shows("Etter denne timen kan ungdommen få tre korte spørsmål.");
    assert_eq!(kari.post(&format!("{hour}/questions"), "do=off").await.header("location"), hour);
    kari.get(&hour).await.shows("Ungdommen får ikke spørsmål etter denne timen.");
    lacks(&nora.get("/goodbye").await, "id=\"questions\"");
    kari.post(&format!("{hour}/questions"), "do=on").await;
    assert_eq!(kari.post(&format!("{her}/questions"), "do=off").await.header("location"), her);
    kari.get(&hour).await.shows("Det endrer du på siden til ungdommen.");
    lacks(&nora.get("/goodbye").await, "id=\"questions\"");
    kari.post(&format!("{her}/questions"), "do=on").await;
    world.clock.fetch_add(60_000, Ordering::SeqCst);
    was_in(&world, DemoRole::YoungPerson, GoneReason::ClosedFast).await;
    let unasked = nora.get("/goodbye").await;
    lacks(&unasked, "id=\"questions\"");
    unasked.shows("tel:116111");
    for text in ["Neste gang:", "Sist på skjerm"] {
        lacks(&unasked, text);
    }
    let late = nora.post("/goodbye/questions", TOLD).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "she was not asked");
}

async fn claim(world: &World) -> Parcel {
    let post = Worker { name: "post-1", channel: Channel::Sms, host: "rom.example.no" };
    let lease = Duration::from_secs(300);
    match world.db.claim_message(post, lease, world.now()).await.expect("answered") {
        Claim::Taken(parcel) => *parcel,
        other => panic!("nothing waits: {other:?}"),
    }
}

#[tokio::test]
async fn company_is_shown_before_it_is_sent_and_told_honestly_after() {
    let world = World::new().await;
    let mut nora = nora_left(&world).await;
    assert_eq!(nora.post("/goodbye/company", "").await.status, StatusCode::NOT_FOUND, "nobody was agreed on");
    agree(&world, false).await;
    lacks(&nora.get("/goodbye").await, "id=\"company\"");
    assert_eq!(nora.post("/goodbye/company", "").await.status, StatusCode::NOT_FOUND, "not for this");
    agree(&world, true).await;
    let page = nora.get("/goodbye").await;
    page.shows("Du kan be Mormor om å se innom. Da går denne meldingen til +47 998 87 766:");
    let text = page.text();
    let (_, shown) = text.split_once("id=\"company-text\">").expect("the message is shown");
    let shown = shown.split('<').next().expect("it ends").to_owned();
    assert_eq!(shown, "Hei. Kan du se innom? - Blå rev");
    for _press in 0..2 {
        assert_eq!(nora.post("/goodbye/company", "").await.header("location"), "/goodbye#company");
    }
    nora.get("/goodbye").await.shows("Du spurte kl. 13.04. Meldingen er på vei.");
    let parcel = claim(&world).await;
    let composer = Composer {
        base_url: "https://rom.example.no".to_owned(),
        zone: TimeZone::UTC,
        from: domain::message::MailAddress::parse("avtale@example.no").expect("an address"),
        link_in_calendar: false,
    };
    let composed = composer.compose(&parcel, world.now());
    assert_eq!(*composed.text.reveal(), shown, "exactly what she was shown");
    assert!(composed.calendar.is_none() && composed.subject.reveal().is_empty());
    let unknown = Outcome::Unknown(Reason::Silence);
    world.db.settle_message(parcel.key, unknown, world.now()).await.expect("written");
    let page = nora.get("/goodbye").await;
    page.shows("Du spurte kl. 13.04. Vi vet ikke om meldingen kom fram");
    lacks(&page, "action=\"/goodbye/company\"");
    let mut kari = signed_in(&world, DemoRole::Clinician).await;
    let messages = kari.get(&format!("/appointment/{}/messages", world.demo.appointment)).await;
    lacks(&messages, "Se innom");
    assert!(!logged().contains("99887766"), "SEC-062");
}
