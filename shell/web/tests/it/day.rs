//! The clinician's day: who waits, the hours, a new link in one tap.

use axum::http::StatusCode;
use domain::meeting::{MeetingKind, Mode, Window};
use ids::{ParticipantId, Role, Timestamp};
use store::demo::DemoRole;
use store::{By, NewAppointment, NewInvitation};

use crate::world::World;

async fn seat_of(world: &World, who: DemoRole) -> ParticipantId {
    let by = By::operator(world.now());
    let purpose = domain::audit::Purpose::Review;
    let meeting = world.db.meeting(by, purpose, world.demo.appointment).await.expect("the demo's meeting");
    let person = world.person(who).person;
    let invitee = meeting.people.iter().find(|invitee| invitee.invitation.person == person);
    invitee.expect("everybody is invited").invitation.participant
}

#[tokio::test]
async fn the_day_lists_its_hours_with_initials_and_names_a_tap_away() {
    let world = World::new().await;
    let mut clinician = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let page = clinician.get("/day").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.title(), "Dagen min · Samrom");
    page.shows("Lørdag 21. november");
    page.shows("data-color=\"brand1\">Nå</span>");
    page.shows("13.00–14.00");
    page.shows("Åpne rommet");
    page.shows("<p class=\"name\">Nora Demolund</p>");
    page.shows("Ingen venter nå.");
    let visible = page.text();
    let summary = visible.split("<summary").nth(1).expect("a guest").split('>').nth(1).expect("its text");
    assert!(summary.starts_with("ND<"), "CARE-12: initials, the young person first: {summary}");
    assert!(!visible.contains("<summary title="), "CARE-12: nor is the name shown to who points at them");
    assert!(!visible.contains("Demoklinikken"), "no agency on the page");
}

#[tokio::test]
async fn who_waits_stands_on_top_with_a_clock_and_the_title_says_so_without_a_name() {
    let world = World::new().await;
    let seat = seat_of(&world, DemoRole::YoungPerson).await;
    world.somebody_waits(DemoRole::YoungPerson, world.demo.session, seat);
    let mut clinician = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let page = clinician.get("/day").await;
    assert_eq!(page.title(), "Én venter · Samrom");
    page.shows("<span class=\"who\">ND</span>");
    page.shows("siden 13.01");
    page.shows(&format!("href=\"/meeting/{}\"", world.demo.session));
    page.shows("{&#34;waiting&#34;:1,&#34;requests&#34;:0,&#34;unread&#34;:0,&#34;answers&#34;:0}");
    let live = |waiting| format!(r#"{{"waiting":{waiting},"requests":0,"unread":0,"answers":0}}"#);
    assert_eq!(clinician.get("/day/waiting").await.text(), live(1));
    let mut elsewhere = world.signed_in(world.stranger().await).await;
    assert_eq!(elsewhere.get("/day/waiting").await.text(), live(0), "only one's own");
}

#[tokio::test]
async fn a_new_link_comes_in_one_tap_and_takes_the_old_ones_place() {
    let world = World::new().await;
    let old = world.link(DemoRole::YoungPerson);
    let mut clinician = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let form = format!("invitation={}", world.person(DemoRole::YoungPerson).invitation);
    let page = clinician.post("/day/link", &form).await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows("Hei! Vi sees i dag kl. 13.00. Kom gjerne litt før: http://localhost:8080/j/");
    page.shows("– Blå fugl</textarea>");
    page.shows("<svg");
    assert!(!page.title().contains("Nora"));
    let text = page.text();
    let (_, rest) = text.split_once("http://localhost:8080/j/").expect("the link is shown");
    let token: String = rest.chars().take_while(|letter| !letter.is_whitespace()).collect();
    assert_eq!(world.browser().get(&format!("/j/{token}")).await.status, StatusCode::OK);
    assert_eq!(world.browser().get(&old).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_makes_links_to_the_meetings_of_others() {
    let world = World::new().await;
    let young = world.person(DemoRole::YoungPerson).invitation;
    let host = world.person(DemoRole::Clinician).invitation;
    let stranger = world.stranger().await;
    let clinician = world.person(DemoRole::Clinician).person;
    for (person, invitation) in
        [(stranger, young.to_string()), (clinician, host.to_string()), (clinician, "x".to_owned())]
    {
        let mut browser = world.signed_in(person).await;
        let answer = browser.post("/day/link", &format!("invitation={invitation}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "SEC-028");
    }
    assert_eq!(world.browser().get(&world.link(DemoRole::YoungPerson)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_meeting_ended_too_soon_is_opened_again_by_its_host_while_its_time_lasts() {
    let world = World::new().await;
    let clinician_id = world.person(DemoRole::Clinician).person;
    let (session, appointment) = (world.demo.session, world.demo.appointment);
    let mut clinician = world.signed_in(clinician_id).await;
    let form = format!("session={session}");
    assert!(!clinician.get("/day").await.text().contains("/day/reopen"), "nothing has ended yet");
    assert_eq!(clinician.post("/day/reopen", &form).await.status, StatusCode::NOT_FOUND);

    let by = By::person(clinician_id, world.now());
    assert!(world.db.end_session(by, session).await.expect("it ends"));
    clinician.get("/day").await.shows("Åpne igjen");
    let (young, stranger) = (world.person(DemoRole::YoungPerson).person, world.stranger().await);
    for person in [young, stranger] {
        let refused = world.signed_in(person).await.post("/day/reopen", &form).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "SEC-028");
    }
    let answer = clinician.post("/day/reopen", &form).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/day"));
    clinician.get("/day").await.shows("Åpne rommet");

    assert!(world.db.end_session(by, session).await.expect("it ends"));
    let meeting =
        world.db.meeting(by, domain::audit::Purpose::Review, appointment).await.expect("it is read");
    let closes = meeting.appointment.window.closes();
    world.clock.store(closes.as_millis(), std::sync::atomic::Ordering::SeqCst);
    let late = clinician.post("/day/reopen", &form).await;
    assert!(late.status.is_client_error(), "its time is over");
}

#[tokio::test]
async fn a_meeting_whose_door_is_open_stays_on_the_day_over_midnight() {
    let world = World::new().await;
    let kari = world.person(DemoRole::Clinician).person;
    let by = By::person(kari, world.now());
    let demo = world.db.meeting(by, domain::audit::Purpose::Review, world.demo.appointment).await;
    // 23.40 this evening in Norway, and then a quarter past midnight.
    let starts = Timestamp::from_millis(1_795_300_800_000);
    let window = Window::new(starts, starts.plus(core::time::Duration::from_secs(45 * 60)));
    let new = NewAppointment {
        organization: demo.expect("it is read").appointment.organization,
        kind: MeetingKind::Guidance,
        mode: Mode::Video,
        patient: None,
        responsible: kari,
        window,
        notice: None,
        sign: None,
    };
    let made = world.db.add_appointment(by, &new).await.expect("it is made");
    let invitation = NewInvitation { appointment: made.id, person: kari, role: Role::Host, until: None };
    world.db.invite(by, invitation).await.expect("invited");
    let link = format!("/meeting/{}", made.session);
    for (after_start, there) in [(-60, true), (35 * 60, true), (10 * 3_600, false)] {
        let now = starts.as_millis() + after_start * 1_000;
        world.clock.store(now, std::sync::atomic::Ordering::SeqCst);
        let page = world.signed_in(kari).await.get("/day").await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.text().contains(&link), there, "{after_start} s after its start");
    }
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_itself() {
    let world = World::new().await;
    let mut clinician = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let kept = clinician.cookies.clone();
    let out = clinician.post("/sign-out", "").await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(clinician.cookies.get("samrom").map(String::as_str), Some(""));
    assert!(out.header("set-cookie").starts_with("samrom=; Max-Age=0;"));
    clinician.cookies = kept;
    assert_eq!(clinician.get("/day").await.status, StatusCode::FORBIDDEN, "a stolen cookie is worth nothing");
    assert_eq!(clinician.post("/sign-out", "").await.status, StatusCode::SEE_OTHER, "twice is no fault");
}
