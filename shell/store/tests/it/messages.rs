//! The outbox: laid in with what it is about, taken out once, and never sent twice by itself (SEC-060).

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use domain::audit::{Action, AuditEvent, Purpose};
use domain::meeting::{Mode, WithdrawnBy};
use domain::message::{
    Channel, Contact, MailAddress, MessageKind, Outcome, PhoneNumber, Planned, Reason, State, Wording,
};
use ids::{InvitationId, MessageId};
use store::{By, Claim, ClaimKey, Db, MessageLine, NewMessage, Parcel, ParcelLink, Recipient, Worker};

use crate::support::{Clinic, NOON, Place, minutes};

const LEASE: Duration = Duration::from_secs(300);
const POST: Worker<'_> = Worker { name: "post-1", channel: Channel::Mail, host: "rom.example.no" };

fn mail() -> MailAddress {
    MailAddress::parse("nora.marker@example.org").expect("an address")
}

fn new(invitation: InvitationId, kind: MessageKind, due: i64) -> NewMessage {
    NewMessage {
        invitation,
        channel: Channel::Mail,
        planned: Planned { kind, due: minutes(due), useless_after: minutes(600) },
        wording: Wording::Warm,
        way: Mode::Video,
        with_link: false,
        time: (NOON, minutes(45)),
        sequence: 0,
    }
}

/// A clinic in which Nora has a mail address.
async fn clinic(db: &Db) -> Clinic {
    let clinic = Clinic::new(db).await;
    let contact = Contact { mail: Some(mail()), phone: None, wanted: None };
    db.set_contact(By::operator(NOON), clinic.nora, &contact).await.expect("written");
    clinic
}

async fn queue(db: &Db, clinic: &Clinic, kind: MessageKind, due: i64) -> MessageId {
    let new = new(clinic.nora_invited.id, kind, due);
    db.queue_messages(clinic.kari_at(0), &[new]).await.expect("written")[0]
}

async fn queue_linked(db: &Db, clinic: &Clinic, kind: MessageKind) {
    let new = NewMessage { with_link: true, ..new(clinic.nora_invited.id, kind, 0) };
    db.queue_messages(clinic.kari_at(0), &[new]).await.expect("written");
}

async fn claim(db: &Db, worker: Worker<'_>, at: i64) -> Claim {
    db.claim_message(worker, LEASE, minutes(at)).await.expect("the database answers")
}

async fn taken(db: &Db, worker: Worker<'_>, at: i64) -> Parcel {
    match claim(db, worker, at).await {
        Claim::Taken(parcel) => *parcel,
        other => panic!("nothing was taken: {other:?}"),
    }
}

async fn settle(db: &Db, key: ClaimKey, outcome: Outcome, at: i64) -> Option<State> {
    db.settle_message(key, outcome, minutes(at)).await.expect("the database answers")
}

/// Claims what waits and says that it was taken.
async fn send(db: &Db, at: i64) -> Parcel {
    let parcel = taken(db, POST, at).await;
    assert_eq!(settle(db, parcel.key, Outcome::Accepted, at).await, Some(State::Sent));
    parcel
}

async fn nothing_waits(db: &Db, at: i64) -> bool {
    matches!(claim(db, POST, at).await, Claim::Nothing)
}

/// Kari presses.
async fn ask_again(db: &Db, clinic: &Clinic, id: MessageId, at: i64) -> bool {
    db.send_message_again(clinic.kari_at(at), id).await.expect("the database answers")
}

async fn state(db: &Db, clinic: &Clinic, id: MessageId) -> (State, Option<Reason>) {
    let progress = line(db, clinic, id).await.progress;
    (progress.state, progress.reason)
}

async fn line(db: &Db, clinic: &Clinic, id: MessageId) -> MessageLine {
    let lines = db.messages_of(clinic.kari_at(0), Purpose::Care, clinic.meeting.id).await.expect("answered");
    *lines.iter().find(|line| line.id == id).expect("it is listed")
}

pub(crate) async fn a_booking_and_its_messages_are_there_together_or_not_at_all(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let message = new(clinic.nora_invited.id, MessageKind::Invitation, 0);
    let mut tx = db.write(clinic.kari_at(0).actor, NOON).await.expect("it begins");
    tx.queue_message(&message).await.expect("laid in");
    drop(tx);
    assert_eq!(place.count("SELECT COUNT(*) FROM message").await, 0);
    let mut tx = db.write(clinic.kari_at(0).actor, NOON).await.expect("it begins");
    let id = tx.queue_message(&message).await.expect("laid in");
    tx.commit(AuditEvent::new(Action::AppointmentAdded).of(clinic.organization)).await.expect("written");
    assert_eq!(line(&db, &clinic, id).await.progress.state, State::Queued);
    let events =
        "SELECT COUNT(*) FROM audit_event WHERE action = 'message_queued' AND object_kind = 'message'";
    assert_eq!(place.count(events).await, 1, "SEC-006");
}

pub(crate) async fn a_message_goes_out_once(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let id = queue(&db, &clinic, MessageKind::Invitation, 0).await;
    assert!(!db.message_waits(Channel::Sms, NOON).await.expect("answered"));
    assert!(db.message_waits(Channel::Mail, NOON).await.expect("answered"));
    let parcel = send(&db, 9).await;
    assert_eq!((parcel.key.message, parcel.tries), (id, 1));
    assert_eq!(parcel.to, Recipient::Mail(mail()));
    assert_eq!(parcel.reference, format!("{id}@rom.example.no"));
    assert_eq!(parcel.sign.expect("a sign").reveal(), "Grønn båt");
    assert_eq!(settle(&db, parcel.key, Outcome::Accepted, 10).await, None);
    assert!(!ask_again(&db, &clinic, id, 11).await, "it was taken");
    let events = "SELECT COUNT(*) FROM audit_event WHERE action IN ('message_claimed', 'message_sent')";
    assert_eq!(place.count(events).await, 2, "SEC-006");
}

pub(crate) async fn a_worker_has_one_in_hand(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let later = queue(&db, &clinic, MessageKind::Reminder, 5).await;
    let first = queue(&db, &clinic, MessageKind::Invitation, 0).await;
    assert_eq!(taken(&db, POST, 9).await.key.message, first, "the one that has waited longest");
    assert!(nothing_waits(&db, 9).await, "one at a time");
    let other = Worker { name: "post-2", ..POST };
    assert_eq!(taken(&db, other, 9).await.key.message, later, "another worker takes another message");
    assert!(matches!(claim(&db, Worker { name: "post-3", ..POST }, 9).await, Claim::Nothing));
}

pub(crate) async fn a_refusal_waits_and_ends_with_its_reason(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let id = queue(&db, &clinic, MessageKind::Invitation, 0).await;
    let parcel = taken(&db, POST, 1).await;
    let busy = Outcome::NotYet { why: Reason::Busy, again: Some(minutes(3)) };
    assert_eq!(settle(&db, parcel.key, busy, 1).await, Some(State::Queued));
    assert!(nothing_waits(&db, 2).await, "not before its time");
    let moved = Worker { host: "new.example.no", ..POST };
    let again = taken(&db, moved, 3).await;
    assert_eq!((again.key.claim, again.tries), (2, 2));
    assert_eq!(again.reference, parcel.reference, "the same message keeps its identifier");
    assert_eq!(settle(&db, parcel.key, Outcome::Accepted, 3).await, None);
    let refused = Outcome::Refused(Reason::RecipientRefused);
    settle(&db, again.key, refused, 4).await;
    assert_eq!(state(&db, &clinic, id).await, (State::Failed, Some(Reason::RecipientRefused)));
    assert!(nothing_waits(&db, 500).await, "nobody tries again by itself");
    assert!(ask_again(&db, &clinic, id, 20).await);
    assert_eq!(taken(&db, POST, 20).await.key.claim, 3);
}

pub(crate) async fn a_claim_without_a_report_is_a_doubt(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let id = queue(&db, &clinic, MessageKind::Invitation, 0).await;
    let parcel = taken(&db, POST, 1).await;
    assert_eq!(db.doubt_late_claims(minutes(6)).await.expect("answered"), 0, "the lease holds to its end");
    assert_eq!(db.doubt_late_claims(minutes(7)).await.expect("written"), 1);
    assert_eq!(db.doubt_late_claims(minutes(8)).await.expect("answered"), 0);
    assert_eq!(state(&db, &clinic, id).await, (State::InDoubt, Some(Reason::LeaseOver)));
    assert!(nothing_waits(&db, 9).await, "SEC-060: never by itself");
    let late = settle(&db, parcel.key, Outcome::Accepted, 9).await;
    assert_eq!(late, Some(State::Sent), "the worker's late word ends the doubt");
    let doubts = "SELECT COUNT(*) FROM audit_event WHERE action = 'message_in_doubt'";
    assert_eq!(place.count(doubts).await, 1);
}

/// Two programs with four workers each, on the same records.
pub(crate) async fn two_workers_never_take_the_same(place: Place) {
    const MESSAGES: usize = 24;
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let many = vec![new(clinic.nora_invited.id, MessageKind::Reminder, 0); MESSAGES];
    let queued = db.queue_messages(clinic.kari_at(0), &many).await.expect("written");
    let programs = [db.clone(), place.open().await];
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..8 {
        let db = programs[number % 2].clone();
        workers.spawn(async move {
            let name = format!("worker-{number}");
            let worker = Worker { name: &name, ..POST };
            let mut mine = Vec::new();
            // More often than there are messages, should they be given out twice.
            for _ in 0..2 * MESSAGES {
                let Claim::Taken(parcel) = claim(&db, worker, 1).await else { break };
                mine.push(parcel.key.message);
                settle(&db, parcel.key, Outcome::Accepted, 1).await;
            }
            mine
        });
    }
    let taken: Vec<MessageId> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), MESSAGES, "SEC-060: each once");
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>(), queued.into_iter().collect());
    let twice = "SELECT COUNT(*) FROM message WHERE claims <> 1 OR state <> 'sent'";
    assert_eq!(place.count(twice).await, 0);
}

/// Tells the child where to claim.
const PLACE: &str = "SAMROM_TEST_CLAIM_PLACE";

pub(crate) async fn a_program_killed_between_claim_and_answer_leaves_a_doubt(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let id = queue(&db, &clinic, MessageKind::Invitation, 0).await;
    let told = tokio::task::spawn_blocking({
        let task = place.task(&[]);
        move || claimed_by_a_killed_child(&task)
    });
    assert_eq!(told.await.expect("no panic"), id.to_string());
    assert_eq!(line(&db, &clinic, id).await.progress.state, State::Claimed, "committed before it went out");
    assert!(nothing_waits(&db, 2).await);
    assert_eq!(db.doubt_what_was_in_hand("another", minutes(2)).await.expect("answered"), 0);
    assert_eq!(db.doubt_what_was_in_hand(POST.name, minutes(2)).await.expect("written"), 1);
    assert_eq!(state(&db, &clinic, id).await, (State::InDoubt, Some(Reason::Stopped)));
    assert!(nothing_waits(&db, 9).await, "SEC-060: never by itself");
    assert!(ask_again(&db, &clinic, id, 10).await, "a person may");
    let again = taken(&db, POST, 10).await;
    assert_eq!((again.key.message, again.reference), (id, format!("{id}@rom.example.no")));
    let asked =
        "SELECT COUNT(*) FROM audit_event WHERE action = 'message_asked_again' AND actor_kind = 'person'";
    assert_eq!(place.count(asked).await, 1);
}

/// Starts this very test program as a child that claims and then does nothing, and kills it.
fn claimed_by_a_killed_child(task: &str) -> String {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "a_child_that_claims_and_never_answers", "--nocapture", "--test-threads=1"])
        .env(PLACE, task)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut told =
        lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("claimed ")?.1.to_owned()));
    let id = told.next().expect("it claims");
    child.kill().expect("it runs until it is killed");
    child.wait().expect("it ends");
    id
}

/// The child's part; without a task there is nothing to do.
pub(crate) async fn claim_and_never_answer() {
    let Ok(task) = std::env::var(PLACE) else { return };
    let (place, _) = Place::from_task(&task);
    let db = place.open().await;
    let parcel = taken(&db, POST, 1).await;
    println!("claimed {}", parcel.key.message);
    // Longer than the parent needs to kill it.
    tokio::time::sleep(Duration::from_secs(60)).await;
}

pub(crate) async fn a_link_goes_along_and_a_pressed_one_stays(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    queue_linked(&db, &clinic, MessageKind::Invitation).await;
    let parcel = send(&db, 1).await;
    let ParcelLink::Fresh(first) = parcel.link else { panic!("a link goes along") };

    queue_linked(&db, &clinic, MessageKind::Reminder).await;
    let parcel = send(&db, 2).await;
    let ParcelLink::Fresh(second) = parcel.link else { panic!("nobody has pressed yet") };
    assert_ne!(first.reveal(), second.reveal());

    db.press_link(&second, None, minutes(3)).await.expect("answered").expect("the newest works");

    queue_linked(&db, &clinic, MessageKind::Reminder).await;
    let parcel = send(&db, 4).await;
    assert!(matches!(parcel.link, ParcelLink::Pressed), "CARE-01, SEC-063: a reminder puts nobody out");

    let standing = "SELECT COUNT(*) FROM personal_link WHERE replaced IS NULL AND bound IS NOT NULL";
    assert_eq!(place.count(standing).await, 1);

    queue_linked(&db, &clinic, MessageKind::NewLink).await;
    assert!(matches!(taken(&db, POST, 5).await.link, ParcelLink::Fresh(_)), "a person asked for a new one");
    assert_eq!(place.count(standing).await, 0);
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'link_issued'";
    assert_eq!(place.count(events).await, 3, "SEC-006");
}

pub(crate) async fn what_cannot_be_sent_is_set_aside_with_its_reason(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let late = NewMessage {
        planned: Planned { kind: MessageKind::Reminder, due: NOON, useless_after: minutes(1) },
        ..new(clinic.nora_invited.id, MessageKind::Reminder, 0)
    };
    let by_phone = NewMessage { channel: Channel::Sms, ..new(clinic.kari_invited.id, MessageKind::Moved, 0) };
    let ids = db.queue_messages(clinic.kari_at(0), &[late, by_phone]).await.expect("written");
    assert!(matches!(claim(&db, POST, 2).await, Claim::SetAside(id, Reason::TooLate) if id == ids[0]));
    assert!(!ask_again(&db, &clinic, ids[0], 3).await, "it helps nobody now");

    let nobody = Contact { mail: None, phone: None, wanted: None };
    db.set_contact(By::operator(NOON), clinic.kari, &nobody).await.expect("written");
    let text = Worker { name: "text", channel: Channel::Sms, ..POST };
    assert!(matches!(claim(&db, text, 2).await, Claim::SetAside(_, Reason::NoAddress)));
    let by_mail = Contact { mail: Some(mail()), phone: None, wanted: None };
    db.set_contact(By::operator(NOON), clinic.kari, &by_mail).await.expect("written");
    assert!(ask_again(&db, &clinic, ids[1], 2).await);
    assert_eq!(send(&db, 2).await.key.message, ids[1], "it takes the way that there is now");
}

pub(crate) async fn who_is_not_invited_hears_only_that_it_is_off(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let (news, off) = (
        queue(&db, &clinic, MessageKind::Reminder, 0).await,
        queue(&db, &clinic, MessageKind::Cancelled, 1).await,
    );
    let invitation = clinic.nora_invited.id;
    db.withdraw_invitation(clinic.kari_at(1), invitation, WithdrawnBy::Clinician).await.expect("written");
    assert!(matches!(claim(&db, POST, 2).await, Claim::SetAside(id, Reason::NotInvited) if id == news));
    assert_eq!(taken(&db, POST, 2).await.key.message, off, "that it is off is told all the same");
}

pub(crate) async fn what_has_not_left_is_taken_back(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let sent = queue(&db, &clinic, MessageKind::Invitation, 0).await;
    send(&db, 1).await;
    let hers = queue(&db, &clinic, MessageKind::Reminder, 60).await;
    let his = [new(clinic.kari_invited.id, MessageKind::Reminder, 60)];
    let his = db.queue_messages(clinic.kari_at(0), &his).await.expect("written")[0];

    let mut tx = db.write(clinic.kari_at(2).actor, minutes(2)).await.expect("it begins");
    let back = tx.withdraw_messages(clinic.meeting.id, Some(clinic.nora)).await.expect("written");
    assert_eq!(back, 1);
    tx.commit(AuditEvent::new(Action::InvitationWithdrawn).of(clinic.organization)).await.expect("written");
    for (id, state) in [(sent, State::Sent), (hers, State::Withdrawn), (his, State::Queued)] {
        assert_eq!(line(&db, &clinic, id).await.progress.state, state);
    }
    assert!(!ask_again(&db, &clinic, hers, 3).await);
}

pub(crate) async fn addresses_are_sealed_and_reading_them_is_logged(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let phone = PhoneNumber::parse("99 88 77 66").ok();
    let contact = Contact { mail: Some(mail()), phone, wanted: Some(Channel::Mail) };
    db.set_contact(clinic.kari_at(0), clinic.nora, &contact).await.expect("written");
    let read = db.contact(clinic.kari_at(1), Purpose::Care, clinic.nora).await.expect("answered");
    assert_eq!(read, contact);
    let sealed = "SELECT COUNT(*) FROM person WHERE length(email) = 1 + 12 + 23 + 16";
    assert_eq!(place.count(sealed).await, 1, "SEC-008");
    for action in ["contact_changed", "read"] {
        let event =
            format!("SELECT COUNT(*) FROM audit_event WHERE action = '{action}' AND object_kind = 'person'");
        assert!(place.count(&event).await > 0, "SEC-006: {action}");
    }
    let nothing = Contact::default();
    db.set_contact(clinic.kari_at(2), clinic.kari, &nothing).await.expect("written");
    // Bound to its row: another person's address does not open here (SEC-008).
    place
        .tamper("UPDATE person SET email = (SELECT email FROM person WHERE email IS NOT NULL LIMIT 1)")
        .await;
    assert!(db.contact(clinic.kari_at(2), Purpose::Care, clinic.kari).await.is_err());
}
