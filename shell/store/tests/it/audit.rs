//! The audit chain and its signed head, and what somebody with the database in hand cannot do unseen.

use domain::audit::{Action, Actor, AuditEvent, Broken, Object, Purpose};
use store::{By, HeadError, HeadWritten, Pace, Problem, Report, StoreError, Subject, verify, write_head};

use crate::support::{Clinic, NOON, Place, minutes};

async fn checked(place: &Place, db: &store::Db) -> Report {
    verify(db, &place.head_file(), &db.audit_public_key(), NOON).await.expect("the chain can be read")
}

/// SEC-006: dropping a write rolls it back; only `commit`, which wants an audit event, keeps it.
pub(crate) async fn a_dropped_write_leaves_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let before = place.count("SELECT COUNT(*) FROM audit_event").await;
    drop(db.write(Actor::System, NOON).await.expect("a write begins"));
    // An invitation for a person that does not exist fails half-way, after rows were written.
    let nobody = ids::PersonId::from_bytes([9; 16]);
    let new = store::NewInvitation {
        appointment: clinic.meeting.id,
        person: nobody,
        role: ids::Role::Support,
        until: None,
    };
    db.invite(By::operator(NOON), new).await.expect_err("there is no such person");
    assert_eq!(place.count("SELECT COUNT(*) FROM audit_event").await, before);
    assert_eq!(place.count("SELECT COUNT(*) FROM invitation").await, 2);
}

/// SEC-006: when the event cannot be written, nothing is.
pub(crate) async fn a_write_whose_audit_event_fails_leaves_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let mut changes = db.changes();
    place.tamper("CREATE UNIQUE INDEX trap ON audit_event (action) WHERE action = 'session_ended'").await;
    let by = clinic.kari_at(1);
    assert!(db.end_session(by, clinic.meeting.session).await.expect("written"));
    assert!(db.reopen_session(by, clinic.meeting.session).await.expect("written"));
    db.end_session(by, clinic.meeting.session).await.expect_err("the second such event is trapped");
    assert_eq!(place.count("SELECT COUNT(*) FROM session WHERE ended IS NOT NULL").await, 0);
    let heard = [changes.try_recv().is_ok(), changes.try_recv().is_ok(), changes.try_recv().is_ok()];
    assert_eq!(heard, [true, true, false], "what was not committed is not announced");
}

/// SEC-007: two programs with many writers each make one chain without a fork.
pub(crate) async fn writers_side_by_side_make_one_chain(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    let clinic = Clinic::new(&here).await;
    let before = place.count("SELECT COUNT(*) FROM audit_event").await;
    let mut tasks = Vec::new();
    for number in 0..40_i64 {
        let db = if number % 2 == 0 { here.clone() } else { there.clone() };
        let (invitation, by) = (clinic.nora_invited.id, clinic.kari_at(number));
        tasks.push(tokio::spawn(async move { db.issue_link(by, invitation).await.map(|_| ()) }));
    }
    for task in tasks {
        task.await.expect("no panic").expect("written");
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM personal_link WHERE replaced IS NULL").await, 1);
    write_head(&here, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    let report = checked(&place, &there).await;
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(i64::try_from(report.entries).expect("few"), before + 40);
}

pub(crate) async fn an_altered_entry_is_named(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    assert!(checked(&place, &db).await.is_whole());
    let there_and_back = [
        ("about = NULL", "about = object_id"),
        ("at = at + 1", "at = at - 1"),
        ("action = 'refused'", "action = 'person_added'"),
        ("action = 'made_up'", "action = 'person_added'"),
        ("object_kind = 'link'", "object_kind = 'person'"),
    ];
    for (change, undo) in there_and_back {
        assert_eq!(place.tamper(&format!("UPDATE audit_event SET {change} WHERE sequence = 4")).await, 1);
        let report = checked(&place, &db).await;
        assert_eq!(report.problems, [Problem::Broken(Broken::Altered { sequence: 4 })], "{change}");
        assert_eq!(report.entries, 3);
        assert_eq!(place.tamper(&format!("UPDATE audit_event SET {undo} WHERE sequence = 4")).await, 1);
        assert!(checked(&place, &db).await.is_whole(), "{undo}");
    }
}

pub(crate) async fn a_missing_entry_is_named(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    assert_eq!(place.tamper("DELETE FROM audit_event WHERE sequence = 3").await, 1);
    let report = checked(&place, &db).await;
    assert_eq!(report.problems, [Problem::Broken(Broken::Missing { sequence: 3 })]);
}

pub(crate) async fn a_cut_tail_is_seen_and_never_signed_away(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    let HeadWritten::First(head) =
        write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed")
    else {
        panic!("there was no head before");
    };
    let file = std::fs::read(place.head_file()).expect("the head was written");
    place.tamper(&format!("DELETE FROM audit_event WHERE sequence > {}", head.sequence - 2)).await;
    let cut = Broken::CutTail { last: head.sequence - 2, signed: head.sequence };
    assert_eq!(checked(&place, &db).await.problems, [Problem::Broken(cut)]);

    let error = write_head(&db, &place.head_file(), minutes(1), Pace::Full)
        .await
        .expect_err("it must not be signed away");
    assert!(matches!(error, StoreError::Head(HeadError::Broken(found)) if found == cut), "{error:?}");
    assert_eq!(std::fs::read(place.head_file()).expect("still there"), file);

    std::fs::remove_file(place.head_file()).expect("there");
    assert_eq!(checked(&place, &db).await.problems, [Problem::NoHead]);
}

pub(crate) async fn a_tail_that_was_written_anew_is_not_the_signed_one(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let HeadWritten::First(head) =
        write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed")
    else {
        panic!("there was no head before");
    };
    place.tamper(&format!("DELETE FROM audit_event WHERE sequence = {}", head.sequence)).await;
    db.issue_link(clinic.kari_at(1), clinic.nora_invited.id).await.expect("written");
    let anew = Broken::NotTheSigned { sequence: head.sequence };
    assert_eq!(checked(&place, &db).await.problems, [Problem::Broken(anew)]);
    let error =
        write_head(&db, &place.head_file(), minutes(1), Pace::Full).await.expect_err("it must not be signed");
    assert!(matches!(error, StoreError::Head(HeadError::Broken(found)) if found == anew), "{error:?}");
}

pub(crate) async fn a_forged_head_is_seen(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    let text = std::fs::read_to_string(place.head_file()).expect("written");
    let forged = text.replace("sequence 7", "sequence 2");
    assert_ne!(text, forged, "the head names entry 7");
    std::fs::write(place.head_file(), forged).expect("written");
    assert_eq!(checked(&place, &db).await.problems, [Problem::ForgedHead]);
    let error = write_head(&db, &place.head_file(), minutes(1), Pace::Full)
        .await
        .expect_err("a forged head is not replaced");
    assert!(matches!(error, StoreError::Head(HeadError::Forged)), "{error:?}");

    std::fs::write(place.head_file(), "rubbish").expect("written");
    assert_eq!(checked(&place, &db).await.problems, [Problem::MalformedHead]);

    std::fs::write(place.head_file(), text).expect("written");
    assert!(checked(&place, &db).await.is_whole());
    let report = verify(&db, &place.head_file(), &[7; 32], NOON).await.expect("read");
    assert_eq!(report.problems, [Problem::ForgedHead], "another key did not sign it");
}

pub(crate) async fn the_head_moves_with_the_chain(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let HeadWritten::First(first) =
        write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed")
    else {
        panic!("there was no head before");
    };
    db.issue_link(clinic.kari_at(1), clinic.nora_invited.id).await.expect("written");
    let second = match write_head(&db, &place.head_file(), minutes(1), Pace::Gentle).await.expect("signed") {
        HeadWritten::Renewed(head) => head,
        other @ HeadWritten::First(_) => panic!("{other:?}"),
    };
    assert_eq!(second.sequence, first.sequence + 1);
    assert_eq!(second.at, minutes(1));
    assert_eq!(checked(&place, &db).await.head, Some(second));

    // What was altered since the last head is found before it is signed.
    db.issue_link(clinic.kari_at(2), clinic.nora_invited.id).await.expect("written");
    let last = second.sequence + 1;
    place.tamper(&format!("UPDATE audit_event SET about = NULL WHERE sequence = {last}")).await;
    let error =
        write_head(&db, &place.head_file(), minutes(2), Pace::Full).await.expect_err("it must not be signed");
    let altered = Broken::Altered { sequence: last };
    assert!(matches!(error, StoreError::Head(HeadError::Broken(found)) if found == altered), "{error:?}");
}

/// SEC-006: the log is written before the answer; when it cannot be, there is no answer.
pub(crate) async fn reading_is_logged_or_not_answered(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = clinic.kari_at(1);
    db.person(by, Purpose::Care, clinic.nora).await.expect("read");
    let log = db.log_about(by, Purpose::Review, clinic.nora, 1).await.expect("read");
    let entry = &log.first().expect("a line").entry;
    assert_eq!((entry.action, entry.purpose), (Action::Read, Some(Purpose::Care)));
    assert_eq!((entry.actor, entry.object), (Actor::Person(clinic.kari), Some(Object::Person(clinic.nora))));

    let later = minutes(1).as_millis();
    let trap = format!(
        "CREATE UNIQUE INDEX trap ON audit_event (action, at) WHERE action = 'read' AND at > {later}"
    );
    place.tamper(&trap).await;
    db.person(clinic.kari_at(2), Purpose::Care, clinic.nora).await.expect("the first at that moment");
    db.person(clinic.kari_at(2), Purpose::Care, clinic.nora).await.expect_err("not logged, so not answered");
    let meeting = clinic.meeting.id;
    db.meeting(By::operator(minutes(3)), Purpose::Care, meeting).await.expect_err("two people, one line");
    db.meeting(clinic.kari_at(4), Purpose::Care, meeting).await.expect("one's own name is no line");
    db.meeting(clinic.kari_at(4), Purpose::Care, meeting).await.expect_err("the other's is");
}

/// SEC-058: the order of the chain is its numbers; a wall clock that goes back an hour breaks no link and no head.
pub(crate) async fn a_clock_that_is_put_back_breaks_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    for after_noon in [30, -60, -60, 5, -600] {
        let issued =
            db.issue_link(clinic.kari_at(after_noon), clinic.nora_invited.id).await.expect("written");
        let seen = db.see_link(&issued.token, None, minutes(after_noon)).await.expect("answered");
        assert!(seen.is_some(), "the newest link works, at {after_noon} minutes");
        write_head(&db, &place.head_file(), minutes(after_noon), Pace::Full).await.expect("signed");
        assert!(checked(&place, &db).await.is_whole(), "at {after_noon} minutes");
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM personal_link WHERE replaced IS NULL").await, 1);
}

#[expect(dead_code, reason = "only its compiling matters: futures of the store can be sent between threads")]
fn futures_can_be_sent(db: &'static store::Db, by: By, clinic: &'static Clinic) {
    fn sent<T: Send>(_: T) {}
    let event = AuditEvent::new(Action::Read);
    sent(async move { db.write(by.actor, by.now).await?.commit(event).await });
    sent(db.seed_demo(NOON));
    sent(db.meeting(by, Purpose::Care, clinic.meeting.id));
    sent(db.seat(by, ids::SignInId::from_bytes([0; 16]), clinic.meeting.session));
    sent(write_head(db, std::path::Path::new("x"), NOON, Pace::Full));
    let _ = Subject::Session(clinic.meeting.session);
}
