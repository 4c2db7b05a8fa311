//! What people are told follows what is booked: together with it, once, and never as it was before (SEC-065).

use core::time::Duration;

use domain::audit::Purpose;
use domain::booking::{Change, PAUSE_DEFAULT, Span};
use domain::meeting::{Appointment, Cause, Mode, Party, WithdrawnBy};
use domain::message::{Channel, Contact, MailAddress, MessageKind, Notice, Outcome, Reason, State, Wording};
use domain::protection::Protection;
use ids::{AppointmentId, PersonId, Personal, Role};
use store::{By, Claim, Db, Manner, MessageLine, NewBooking, Parcel, ParcelLink, PersonKind, Wanted, Worker};

use crate::support::{Clinic, NOON, Place, minutes, person, timetable};

const POST: Worker<'_> = Worker { name: "post-1", channel: Channel::Mail, host: "rom.example.no" };
const LEASE: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);
const OFF: Change = Change::Cancel { by: Party::Clinic, cause: Cause::Ill };
const WARM: Notice = Notice { wording: Wording::Warm, with_link: true };

/// A clinic in which Nora has a mail address.
async fn clinic(db: &Db) -> Clinic {
    let clinic = Clinic::new(db).await;
    clinic.reach_nora(db, "nora.marker@example.org").await;
    clinic
}

/// As [`Clinic::wish`], and she is told, with the recognition sign.
fn wish(db: &Db, clinic: &Clinic, starts: i64) -> NewBooking {
    let mut new = clinic.wish(db, starts, 30, Mode::Video);
    new.appointment.sign = Some(Personal::new("Blå fugl".to_owned()));
    new.appointment.notice = Some(WARM);
    new
}

async fn book(db: &Db, clinic: &Clinic, starts: i64) -> Appointment {
    db.book(clinic.kari_at(0), &wish(db, clinic, starts), &timetable()).await.expect("free")
}

async fn change(db: &Db, clinic: &Clinic, id: AppointmentId, change: Change, seen: u32) -> Appointment {
    let wanted = Wanted { appointment: id, change, seen, pause: PAUSE_DEFAULT };
    db.change_appointment(clinic.kari_at(1), wanted, &timetable()).await.expect("it can be")
}

async fn lines(db: &Db, clinic: &Clinic, id: AppointmentId) -> Vec<MessageLine> {
    db.messages_of(clinic.kari_at(0), Purpose::Care, id).await.expect("answered")
}

/// What waits, by kind.
async fn waiting(db: &Db, clinic: &Clinic, id: AppointmentId) -> Vec<MessageKind> {
    let waits = |line: &MessageLine| line.progress.state == State::Queued;
    lines(db, clinic, id).await.iter().filter(|line| waits(line)).map(|line| line.kind).collect()
}

async fn take(db: &Db, at: i64) -> Parcel {
    match db.claim_message(POST, LEASE, minutes(at)).await.expect("answered") {
        Claim::Taken(parcel) => *parcel,
        other => panic!("nothing was taken: {other:?}"),
    }
}

async fn send(db: &Db, at: i64) -> Parcel {
    let parcel = take(db, at).await;
    db.settle_message(parcel.key, Outcome::Accepted, minutes(at)).await.expect("written");
    parcel
}

pub(crate) async fn a_booking_is_told_with_it(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    use MessageKind::{Invitation, Reminder};
    assert_eq!(waiting(&db, &clinic, booked.id).await, [Invitation, Reminder]);
    let parcel = send(&db, 1).await;
    assert_eq!((parcel.kind, parcel.time.0, parcel.sequence), (Invitation, minutes(300), 0));
    assert_eq!(parcel.sign.expect("signed").reveal(), "Blå fugl");
}

pub(crate) async fn each_change_is_told_and_reminded_of(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    send(&db, 1).await;
    use MessageKind::{Moved, OtherHost, OtherWay, Reminder};
    // Each change takes the old reminder back and tells of itself, with its own.
    let later = Change::Move(Span::new(minutes(400), MINUTE * 30));
    change(&db, &clinic, booked.id, later, 0).await;
    assert_eq!(waiting(&db, &clinic, booked.id).await, [Moved, Reminder]);
    let parcel = send(&db, 2).await;
    assert_eq!((parcel.kind, parcel.time.0, parcel.sequence), (Moved, minutes(400), 1));
    change(&db, &clinic, booked.id, Change::Convert(Mode::Phone), 1).await;
    assert_eq!(waiting(&db, &clinic, booked.id).await, [OtherWay, Reminder]);
    assert_eq!(send(&db, 2).await.way, Mode::Phone);
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    db.hand_over(clinic.kari_at(3), (booked.id, 2), jonas, &timetable()).await.expect("free");
    assert_eq!(waiting(&db, &clinic, booked.id).await, [OtherHost, Reminder]);
    send(&db, 3).await;
    let off = Wanted { appointment: booked.id, change: OFF, seen: 3, pause: PAUSE_DEFAULT };
    db.change_appointment(By::person(jonas, minutes(4)), off, &timetable()).await.expect("it can be");
    assert_eq!(waiting(&db, &clinic, booked.id).await, [MessageKind::Cancelled], "and no reminder");
    assert_eq!(send(&db, 4).await.kind, MessageKind::Cancelled);
}

pub(crate) async fn what_was_never_told_is_invited_to_or_forgotten(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    // Moved twice before anything left: she hears of it once, as it is now.
    for (seen, to) in [(0, 400), (1, 500)] {
        change(&db, &clinic, booked.id, Change::Move(Span::new(minutes(to), MINUTE * 30)), seen).await;
    }
    let parcel = send(&db, 2).await;
    assert_eq!((parcel.kind, parcel.time.0), (MessageKind::Invitation, minutes(500)));
    // There and back again: nothing is news, and she is reminded all the same.
    for (seen, to) in [(2, 600), (3, 500)] {
        change(&db, &clinic, booked.id, Change::Move(Span::new(minutes(to), MINUTE * 30)), seen).await;
    }
    assert_eq!(waiting(&db, &clinic, booked.id).await, [MessageKind::Reminder]);

    let forgotten = book(&db, &clinic, 700).await;
    change(&db, &clinic, forgotten.id, OFF, 0).await;
    assert_eq!(waiting(&db, &clinic, forgotten.id).await, [], "she never knew of it");

    // A later hour of a series is told of when it comes near.
    let mut series = wish(&db, &clinic, 30_000);
    series.tell_from = Some(minutes(20_000));
    db.book(clinic.kari_at(0), &series, &timetable()).await.expect("free");
    let dues: Vec<_> =
        lines(&db, &clinic, series.id).await.iter().map(|line| (line.kind, line.progress.due)).collect();
    let wanted = [(MessageKind::Invitation, minutes(20_000)), (MessageKind::Reminder, minutes(30_000 - 60))];
    assert_eq!(dues, wanted);
}

pub(crate) async fn a_message_about_what_has_changed_never_leaves(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    // It is in a worker's hand while the hour moves: it may arrive, so she is told that it moved.
    let old = take(&db, 1).await;
    change(&db, &clinic, booked.id, Change::Move(Span::new(minutes(400), MINUTE * 30)), 0).await;
    let again = Outcome::NotYet { why: Reason::Busy, again: Some(minutes(2)) };
    let back = db.settle_message(old.key, again, minutes(1)).await.expect("written");
    assert_eq!(back, Some(State::Queued), "it would be tried again");
    let set_aside = db.claim_message(POST, LEASE, minutes(3)).await.expect("answered");
    let next = match set_aside {
        Claim::SetAside(id, Reason::Superseded) => {
            assert_eq!(id, old.key.message);
            send(&db, 3).await
        }
        Claim::Taken(parcel) => {
            db.settle_message(parcel.key, Outcome::Accepted, minutes(3)).await.expect("written");
            let aside = db.claim_message(POST, LEASE, minutes(3)).await.expect("answered");
            assert!(matches!(aside, Claim::SetAside(id, Reason::Superseded) if id == old.key.message));
            *parcel
        }
        Claim::SetAside(..) | Claim::Nothing => panic!("something waits"),
    };
    assert_eq!((next.kind, next.time.0), (MessageKind::Moved, minutes(400)));
    let pressed = db.send_message_again(clinic.kari_at(4), old.key.message).await.expect("answered");
    assert!(!pressed, "not by a press either");
    let line = lines(&db, &clinic, booked.id).await.into_iter().find(|line| line.id == old.key.message);
    assert!(line.expect("it is listed").superseded);
}

/// Found by the histories: told of a later time, she would come then if the news ended with the earlier one.
pub(crate) async fn news_is_of_use_until_the_time_that_was_told(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 900).await;
    send(&db, 1).await;
    change(&db, &clinic, booked.id, Change::Move(Span::new(minutes(120), MINUTE * 30)), 0).await;
    change(&db, &clinic, booked.id, OFF, 1).await;
    assert_eq!(send(&db, 400).await.kind, MessageKind::Cancelled, "long after the time that it had last");
}

/// Found by the histories: asked for once more, taken back by a change, and it had arrived all the same.
pub(crate) async fn what_was_in_doubt_once_counts_as_told(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    let lost = take(&db, 1).await;
    db.settle_message(lost.key, Outcome::Unknown(Reason::Silence), minutes(1)).await.expect("written");
    assert!(db.send_message_again(clinic.kari_at(2), lost.key.message).await.expect("answered"));
    change(&db, &clinic, booked.id, OFF, 0).await;
    assert_eq!(waiting(&db, &clinic, booked.id).await, [MessageKind::Cancelled], "she may know of it");
    let line = lines(&db, &clinic, booked.id).await.into_iter().find(|line| line.id == lost.key.message);
    assert_eq!(line.expect("it is listed").progress.state, State::InDoubt, "staff see the doubt");
}

/// A reminder that came through where the invitation did not puts the hour into no calendar: she is invited all the same,
/// and hears when it is off.
pub(crate) async fn a_reminder_invites_nobody(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    // Both are due: the invitation is refused for now, the reminder gets through.
    for _ in 0..2 {
        let parcel = take(&db, 250).await;
        let outcome = match parcel.kind {
            MessageKind::Invitation => Outcome::NotYet { why: Reason::Refused, again: Some(minutes(280)) },
            _ => Outcome::Accepted,
        };
        db.settle_message(parcel.key, outcome, minutes(250)).await.expect("written");
    }
    db.tell_now(clinic.kari_at(251), booked.id, WARM, &timetable()).await.expect("written");
    assert!(waiting(&db, &clinic, booked.id).await.contains(&MessageKind::Invitation), "SEC-065");
    change(&db, &clinic, booked.id, OFF, 0).await;
    assert_eq!(waiting(&db, &clinic, booked.id).await, [MessageKind::Cancelled], "she may come");
}

pub(crate) async fn a_change_that_fails_tells_nothing(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let booked = book(&db, &clinic, 300).await;
    let before = place.count("SELECT COUNT(*) FROM message").await;
    let to_now = Change::Move(Span::new(minutes(30), MINUTE * 30));
    let wanted = Wanted { appointment: booked.id, change: to_now, seen: 0, pause: PAUSE_DEFAULT };
    db.change_appointment(clinic.kari_at(1), wanted, &timetable()).await.expect_err("Nora is taken then");
    db.book(clinic.kari_at(1), &wish(&db, &clinic, 310), &timetable()).await.expect_err("taken");
    assert_eq!(place.count("SELECT COUNT(*) FROM message").await, before);
    // Whoever cannot be reached, or is to be told by word of mouth, has no message; told later, she has one, once.
    let mut silent = wish(&db, &clinic, 700);
    silent.appointment.notice = None;
    db.book(clinic.kari_at(1), &silent, &timetable()).await.expect("free");
    assert_eq!(waiting(&db, &clinic, silent.id).await, []);
    for _ in 0..2 {
        db.tell_now(clinic.kari_at(2), silent.id, WARM, &timetable()).await.expect("written");
        assert_eq!(waiting(&db, &clinic, silent.id).await, [MessageKind::Invitation, MessageKind::Reminder]);
    }
}

/// Mona, who can be reached by mail and comes to an hour together with Nora.
async fn with_mona(db: &Db, clinic: &Clinic, starts: i64) -> (PersonId, Appointment) {
    let mona = person(db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    let mail = MailAddress::parse("mona.marker@example.org").ok();
    let contact = Contact { mail, phone: None, wanted: None };
    db.set_contact(By::operator(NOON), mona, &contact).await.expect("written");
    let mut both = wish(db, clinic, starts);
    both.people.push((mona, Role::Guardian));
    (mona, db.book(clinic.kari_at(0), &both, &timetable()).await.expect("free"))
}

/// SEC-073: her address is protected, so a link goes to nobody about her hour.
pub(crate) async fn one_protected_address_keeps_the_link_from_everybody(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    db.join_care_team(clinic.kari_at(0), clinic.nora, clinic.kari).await.expect("written");
    with_mona(&db, &clinic, 300).await;
    db.set_protection(clinic.kari_at(1), clinic.nora, Protection::Confidential).await.expect("written");
    for _ in 0..2 {
        assert!(matches!(send(&db, 2).await.link, ParcelLink::None), "neither to her nor to her mother");
    }
}

/// Whoever was taken off an hour, or is blocked from it, hears nothing of what becomes of it.
pub(crate) async fn who_no_longer_comes_hears_nothing_more(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    for (number, starts) in [(0, 300), (1, 900)] {
        let (mona, hour) = with_mona(&db, &clinic, starts).await;
        let meeting = db.meeting(clinic.kari_at(0), Purpose::Care, hour.id).await.expect("it is booked");
        let hers = meeting.people.iter().find(|one| one.invitation.person == mona).expect("she is invited");
        let by = clinic.kari_at(1);
        match number {
            0 => db.withdraw_invitation(by, hers.invitation.id, WithdrawnBy::Clinician).await,
            _ => db.block(by, hour.id, mona, &Personal::new("Skremmer".to_owned())).await,
        }
        .expect("written");
        let later = Change::Move(Span::new(minutes(starts + 60), MINUTE * 30));
        change(&db, &clinic, hour.id, later, 0).await;
        let waits = lines(&db, &clinic, hour.id).await.into_iter();
        let to: Vec<PersonId> =
            waits.filter(|line| line.progress.state == State::Queued).map(|line| line.person).collect();
        assert!(!to.is_empty() && !to.contains(&mona), "{number}: {to:?}");
    }
}

/// SEC-073: a link that was chosen before the address was graded does not go out after it, unless it is chosen anew.
pub(crate) async fn a_protected_address_takes_the_link_back(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    db.join_care_team(clinic.kari_at(0), clinic.nora, clinic.kari).await.expect("written");
    let first = book(&db, &clinic, 300).await;
    let second = book(&db, &clinic, 500).await;
    db.set_protection(clinic.kari_at(1), clinic.nora, Protection::Confidential).await.expect("written");
    for _ in 0..2 {
        assert!(matches!(send(&db, 2).await.link, ParcelLink::None), "it was laid in with one");
    }
    // Chosen for the second hour now; the first is as it was.
    db.tell_now(clinic.kari_at(3), second.id, WARM, &timetable()).await.expect("written");
    for hour in [&first, &second] {
        change(&db, &clinic, hour.id, Change::Convert(Mode::Phone), 0).await;
        change(&db, &clinic, hour.id, Change::Convert(Mode::Video), 1).await;
        let later = Change::Move(Span::new(hour.window.starts.plus(MINUTE * 60), MINUTE * 30));
        change(&db, &clinic, hour.id, later, 2).await;
        let fresh = matches!(send(&db, 4).await.link, ParcelLink::Fresh(_));
        assert_eq!(fresh, hour.id == second.id);
    }
}

pub(crate) async fn the_last_manner_is_remembered(place: Place) {
    let db = place.open().await;
    let clinic = clinic(&db).await;
    let manner =
        async || db.last_manner(clinic.kari_at(2), clinic.nora, clinic.kari).await.expect("answered");
    assert_eq!(manner().await, None);
    book(&db, &clinic, 300).await;
    let sign = Some(Personal::new("Blå fugl".to_owned()));
    assert_eq!(manner().await, Some(Manner { sign: sign.clone(), notice: Some(WARM) }));
    let mut silent = wish(&db, &clinic, 700);
    silent.appointment.notice = None;
    db.book(clinic.kari_at(1), &silent, &timetable()).await.expect("free");
    assert_eq!(manner().await, Some(Manner { sign, notice: None }));
}
