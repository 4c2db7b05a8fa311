//! Two raw clients go the whole way in: links, pages, sockets, knock, wait, let in; then the power fails.

use core::time::Duration;
use std::path::Path;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use domain::audit::Purpose;
use ids::{PersonId, Personal, RefuseReason, Role, Timestamp, WaitReason};
use protocol::group::{ATTESTATION_LABEL, Attestation};
use protocol::wire::{ClientMessage, RejectReason, ServerMessage, Welcome};
use store::{By, Db, Meeting, Options};
use tokio::time::timeout;

use crate::harness::{Server, folder, log_of, name, run};

#[tokio::test]
async fn two_people_are_brought_together_and_the_records_survive_a_power_failure() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let (clinician, young) = (server.sign_in("clinician").await, server.sign_in("young person").await);
    let session = clinician.session().await;
    assert_eq!(session, young.session().await, "both are invited to the meeting that is open now");

    let mut young = young.socket(&session).await;
    let welcome = young.hello(2).await;
    assert_eq!(welcome.role, Role::YoungPerson);
    attested(&welcome);
    let hash = young.knock(b"key package of the young person").await;
    let why = young.until(waiting).await;
    assert_eq!(why, WaitReason::NoHost);

    let mut clinician = clinician.socket(&session).await;
    let welcome = clinician.hello(1).await;
    assert_eq!(welcome.role, Role::Host);
    clinician.knock(b"key package of the clinician").await;
    clinician.until(admitted).await;
    let seen = clinician.until(|message| match message {
        ServerMessage::Lobby { people } => people.first().cloned(),
        _ => None,
    });
    let seen = seen.await;
    assert_eq!(seen.name, name("Nora Demolund"));
    assert_eq!(seen.key_package.as_deref(), Some(&b"key package of the young person"[..]));

    young.send(&ClientMessage::Admit { participant: seen.participant, hash }).await;
    let refused = young.until(|message| match message {
        ServerMessage::Rejected { why } => Some(*why),
        _ => None,
    });
    assert_eq!(refused.await, RejectReason::NotAdmitted, "nobody lets herself in");

    clinician.send(&ClientMessage::Admit { participant: seen.participant, hash }).await;
    young.until(admitted).await;

    server.kill();
    let server = Server::start(&data).await;
    assert!(log_of(&data).contains("what it left standing was ended"), "both were inside");
    server.stop().await;
    let path = data.display().to_string();
    let (code, out, err) = run(&["audit", "verify", "--data", &path], &data).await;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("the audit chain is whole"), "{out}");
    let log = log_of(&data);
    assert!(!log.contains("Demolund") && !log.contains("127.0.0.1"), "SEC-005, SEC-012: {log}");
}

#[tokio::test]
async fn sec_027_a_socket_opens_for_a_seat_from_our_own_page_and_for_nobody_else() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let clinician = server.sign_in("clinician").await;
    let session = clinician.session().await;
    let foreign = clinician.try_socket(&session, "http://elsewhere.example").await;
    assert_eq!(foreign.err(), Some(403));
    let elsewhere = "01a1ffad-53c7-7cd4-a84b-000000000000";
    let origin = format!("http://clinician.localhost:{}", server.port);
    assert_eq!(clinician.try_socket(elsewhere, &origin).await.err(), Some(404), "SEC-028");
    assert!(clinician.try_socket(&session, &origin).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn sec_025_rubbish_is_answered_and_too_much_of_it_closes_the_socket() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let clinician = server.sign_in("clinician").await;
    let session = clinician.session().await;
    let mut line = clinician.socket(&session).await;
    line.hello(1).await;
    line.send_raw(b"\x00\x01rubbish".to_vec()).await;
    let why = line.until(|message| match message {
        ServerMessage::Rejected { why } => Some(*why),
        _ => None,
    });
    assert_eq!(why.await, RejectReason::BadMessage);
    line.send_raw(vec![0; ids::MESSAGE_BYTES_MAX + 1]).await;
    while line.next().await.is_some() {}
    server.stop().await;
}

#[tokio::test]
async fn a_block_written_by_another_program_reaches_a_meeting_in_progress() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let (clinician, young) = (server.sign_in("clinician").await, server.sign_in("young person").await);
    let session = clinician.session().await;
    let mut young = young.socket(&session).await;
    let now = young.arrive(2).await;
    young.until(waiting).await;

    let (records, meeting, by) = beside(&data, &session, now).await;
    let why = Personal::new("a test".to_owned());
    let young_person = person(&meeting, Role::YoungPerson);
    records.block(by, meeting.appointment.id, young_person, &why).await.expect("it is written");

    let refused = young.until(|message| match message {
        ServerMessage::Refused { why } => Some(*why),
        _ => None,
    });
    // All facts are loaded anew every fifteen seconds; this must not wait for that.
    let soon = Duration::from_millis(ids::FACTS_RELOAD_MS) * 2 / 3;
    let why = timeout(soon, refused).await.expect("the door is asked again at once");
    assert_eq!(why, RefuseReason::Blocked);
    server.stop().await;
}

#[tokio::test]
async fn a_meeting_that_was_ended_and_opened_again_takes_everybody_in_as_before() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let (clinician, young) = (server.sign_in("clinician").await, server.sign_in("young person").await);
    let session = clinician.session().await;
    let mut host = clinician.socket(&session).await;
    let now = host.arrive(1).await;
    host.until(admitted).await;
    host.send(&ClientMessage::EndForAll).await;
    while host.next().await.is_some() {}

    let mut hers = young.socket(&session).await;
    hers.say_hello(2).await;
    let refused = |message: &ServerMessage| match message {
        ServerMessage::Refused { why } => Some(*why),
        _ => None,
    };
    assert_eq!(hers.until(refused).await, RefuseReason::SessionEnded);

    let (records, _, by) = beside(&data, &session, now).await;
    assert!(records.reopen_session(by, session.parse().expect("an id")).await.expect("it is written"));
    let mut host = clinician.socket(&session).await;
    host.arrive(1).await;
    host.until(admitted).await;
    let mut hers = young.socket(&session).await;
    hers.arrive(2).await;
    assert_eq!(hers.until(waiting).await, WaitReason::NotYetLetIn);
    server.stop().await;
}

/// The day shows who waits now, not who waited once, also while the meeting goes on.
#[tokio::test]
async fn who_closes_the_page_waits_no_longer() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let (clinician, young) = (server.sign_in("clinician").await, server.sign_in("young person").await);
    let session = clinician.session().await;
    let mut host = clinician.socket(&session).await;
    host.arrive(1).await;
    host.until(admitted).await;
    let nobody = clinician.get("/day/waiting").await.body;

    let mut hers = young.socket(&session).await;
    hers.arrive(2).await;
    hers.until(waiting).await;
    assert_ne!(clinician.get("/day/waiting").await.body, nobody);
    drop(hers);
    let gone = async { while clinician.get("/day/waiting").await.body != nobody {} };
    timeout(Duration::from_secs(10), gone).await.expect("she is gone from the day");
    server.stop().await;
}

#[tokio::test]
async fn everybody_is_told_that_the_server_stops() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let clinician = server.sign_in("clinician").await;
    let session = clinician.session().await;
    let mut line = clinician.socket(&session).await;
    line.arrive(1).await;
    line.until(admitted).await;
    let told = tokio::spawn(async move {
        line.until(|message| match message {
            ServerMessage::Ended { reason } => Some(*reason),
            _ => None,
        })
        .await
    });
    server.stop().await;
    assert_eq!(told.await.expect("it was told"), ids::EndReason::ServerStopping);
    let server = Server::start(&data).await;
    assert!(
        !log_of(&data).contains("what it left standing"),
        "the end of the admission was written before the stop"
    );
    server.stop().await;
    let path = data.display().to_string();
    let (code, out, _) = run(&["audit", "verify", "--data", &path], &data).await;
    assert_eq!(code, 0, "{out}");
}

/// The same records, opened beside the server at this moment, as another program would; the meeting of this session;
/// its clinician.
async fn beside(data: &Path, session: &str, now: Timestamp) -> (Db, Meeting, By) {
    let records =
        Db::open(&Options::in_directory(data, now)).await.expect("the records open beside the server");
    let session = session.parse().expect("an id");
    let (appointment, _) = records.appointment_of(session, now).await.expect("it is there");
    let read = records.meeting(By::operator(now), Purpose::Operation, appointment).await;
    let meeting = read.expect("it is read");
    let by = By::person(person(&meeting, Role::Host), now);
    (records, meeting, by)
}

fn person(meeting: &Meeting, role: Role) -> PersonId {
    let found = meeting.people.iter().find(|invitee| invitee.invitation.role == role);
    found.expect("everybody is invited").invitation.person
}

fn waiting(message: &ServerMessage) -> Option<WaitReason> {
    match message {
        ServerMessage::Waiting { why, .. } => Some(*why),
        _ => None,
    }
}

fn admitted(message: &ServerMessage) -> Option<()> {
    matches!(message, ServerMessage::Admitted { .. }).then_some(())
}

/// The organisation's signature holds, and the statement is about this very seat.
fn attested(welcome: &Welcome) {
    let signed = &welcome.attestation;
    let message = [ATTESTATION_LABEL, &signed.statement].concat();
    UnparsedPublicKey::new(&ED25519, &welcome.organization_key)
        .verify(&message, &signed.signature)
        .expect("the signature holds");
    let statement: Attestation = protocol::unpack(&signed.statement).expect("a statement");
    assert_eq!((statement.participant, statement.session), (welcome.you, welcome.session));
}
