//! A program that is killed in the middle of its work leaves whole records: what it acknowledged is there, and nothing
//! is there without its audit event (SEC-006).

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use store::{Db, Token, verify, write_head};

use crate::support::{Clinic, NOON, Place};

/// Tells the child where to write and for which invitation.
const PLACE: &str = "SAMROM_TEST_CRASH_PLACE";
/// Acknowledged writes before the child is killed.
const WRITES: usize = 25;

pub(crate) async fn what_a_killed_program_acknowledged_is_there(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON).await.expect("signed");
    let acknowledged = tokio::task::spawn_blocking({
        let task = place.task(&[clinic.nora_invited.id.to_string(), clinic.kari_invited.id.to_string()]);
        move || acknowledged_by_a_killed_child(&task)
    });
    let acknowledged = acknowledged.await.expect("no panic");
    assert!(acknowledged.len() >= WRITES);
    for token in &acknowledged {
        let token = Token::from_text(token).expect("a token");
        assert!(
            db.see_link(&token, None, NOON).await.expect("answered").is_some(),
            "an acknowledged link is gone"
        );
    }
    let links = place.count("SELECT COUNT(*) FROM personal_link").await;
    let events = place.count("SELECT COUNT(*) FROM audit_event WHERE action = 'link_issued'").await;
    assert_eq!(links, events, "as many links as events");
    let standing = place.count("SELECT COUNT(*) FROM personal_link WHERE replaced IS NULL").await;
    assert_eq!(standing, 2, "no replacing stopped half-way");
    let report = verify(&db, &place.head_file(), &db.audit_public_key(), NOON).await.expect("read");
    assert!(report.is_whole(), "{report:?}");
}

/// Starts this very test program as a child that writes without end, and kills it while it does.
fn acknowledged_by_a_killed_child(task: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "a_child_that_writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(PLACE, task)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut told =
        lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("token ")?.1.to_owned()));
    let mut tokens: Vec<_> = told.by_ref().take(WRITES).collect();
    child.kill().expect("it runs until it is killed");
    child.wait().expect("it ends");
    tokens.extend(told);
    tokens
}

/// The child's part; without a task there is nothing to do.
pub(crate) async fn write_until_killed() {
    let Ok(task) = std::env::var(PLACE) else { return };
    let (options, words) = Place::from_task(&task);
    let db = Db::open(&options).await.expect("the database opens");
    let invitations: Vec<ids::InvitationId> = words.iter().map(|word| word.parse().expect("an id")).collect();
    // Far more than the parent waits for, so that it is killed at work.
    for number in 0..100_000 {
        let invitation = invitations[number % invitations.len()];
        let issued = db.issue_link(store::By::operator(NOON), invitation).await.expect("written");
        println!("token {}", issued.token.reveal());
    }
}
