//! Names and tokens stand in no log line, title, header or address (SEC-005, SEC-012, SEC-021).

use store::demo::DemoRole;

use crate::world::{World, logged};

const NAMES: [&str; 6] = ["Demolund", "Nora", "Demodal", "Kari", "Demoklinikken", "Blå fugl"];

#[tokio::test]
async fn a_whole_visit_leaves_no_name_token_or_address_in_logs_titles_and_headers() {
    let world = World::new().await;
    let mut hers = world.browser();
    hers.peer = "198.51.100.77:4000".parse().expect("an address");
    let link = world.link(DemoRole::YoungPerson);
    let meeting = format!("/meeting/{}", world.demo.session);
    let mut clinician = world.browser();
    let demo = format!("/demo/{}", world.person(DemoRole::Clinician).sign_in.reveal());
    let form = format!("invitation={}", world.person(DemoRole::Guardian).invitation);
    let mut answers = vec![hers.get(&link).await, hers.post(&link, "").await, hers.get(&meeting).await];
    answers.extend([hers.get("/goodbye").await, hers.get("/nowhere-Demolund").await]);
    answers.extend([clinician.get(&demo).await, clinician.get("/day").await]);
    answers.extend([clinician.post("/day/link", &form).await, clinician.post("/sign-out", "").await]);

    for answer in &answers {
        let headers = format!("{:?}", answer.headers);
        for name in NAMES {
            assert!(!headers.contains(name), "SEC-012: {name} in {headers}");
            let titled = answer.text().contains("<title>") && answer.title().contains(name);
            assert!(!titled, "SEC-012: {name} in a title");
        }
    }
    let log = logged();
    assert!(log.contains("/j/{token}"), "the access log names routes:\n{log}");
    let cookie = hers.cookies.get("samrom").expect("she is signed in");
    let token = link.trim_start_matches("/j/");
    let secrets = [cookie.as_str(), token, demo.trim_start_matches("/demo/"), "198.51.100.77"];
    for hidden in NAMES.iter().chain(&secrets) {
        assert!(!log.contains(hidden), "SEC-005: {hidden} was logged:\n{log}");
    }
}
