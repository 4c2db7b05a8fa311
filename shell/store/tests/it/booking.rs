//! Hours are booked, moved, converted, called off and closed, once each, however often a button is pressed.

use core::time::Duration;

use domain::booking::{Change, NotBookable, PAUSE_DEFAULT, Span};
use domain::closing::{DeviceKind, NetworkKind, NotClosable, Outcome, Travel, Usefulness};
use domain::door::Planned;
use domain::meeting::{Appointment, Cause, Mode, Party};
use domain::protection::Protection;
use domain::staff::StaffRole;
use ids::{AdmissionId, AppointmentId, GoneReason, PersonId, Personal, Role, SignInId, Timestamp};
use store::{
    AdmissionBegun, AdmissionEnd, By, Closing, Db, NewAppointment, NewBooking, NewTask, PersonKind, RoleOf,
    SeatKey, StoreError, Subject, Wanted,
};

use crate::support::{Clinic, NOON, Place, agenda, minutes, person, timetable};

const MINUTE: Duration = Duration::from_secs(60);

async fn book(db: &Db, clinic: &Clinic, new: &NewBooking) -> Result<Appointment, NotBookable> {
    match db.book(clinic.kari_at(0), new, &timetable()).await {
        Ok(booked) => Ok(booked),
        Err(StoreError::Booking(why)) => Err(why),
        Err(error) => panic!("{error}"),
    }
}

async fn change(
    db: &Db,
    clinic: &Clinic,
    appointment: AppointmentId,
    change: Change,
    seen: u32,
) -> Result<Appointment, NotBookable> {
    let wanted = Wanted { appointment, change, seen, pause: PAUSE_DEFAULT };
    match db.change_appointment(clinic.kari_at(1), wanted, &timetable()).await {
        Ok(changed) => Ok(changed),
        Err(StoreError::Booking(why)) => Err(why),
        Err(error) => panic!("{error}"),
    }
}

const OFF: Change = Change::Cancel { by: Party::YoungPerson, cause: Cause::NotToday };

pub(crate) async fn two_presses_are_one_booking(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let new = clinic.wish(&db, 120, 30, Mode::Video);
    let first = book(&db, &clinic, &new).await.expect("free");
    let again = book(&db, &clinic, &new).await.expect("the same");
    assert_eq!(first, again);
    assert_eq!(place.count("SELECT COUNT(*) FROM appointment").await, 2, "with the one at noon");
    assert_eq!(place.count("SELECT COUNT(*) FROM invitation").await, 4);
    let other = NewBooking {
        appointment: NewAppointment { patient: None, ..new.appointment.clone() },
        ..new.clone()
    };
    assert_eq!(book(&db, &clinic, &other).await, Err(NotBookable::ChangedMeanwhile), "an id is one booking");

    // Two tabs at once: side by side they must not both find the time free.
    let (one, other) = (clinic.wish(&db, 240, 30, Mode::Video), clinic.wish(&db, 250, 30, Mode::Video));
    let (one, other) = tokio::join!(book(&db, &clinic, &one), book(&db, &clinic, &other));
    let taken = [one, other].into_iter().filter(|one| *one == Err(NotBookable::YouAreTaken)).count();
    assert_eq!(taken, 1, "one of the two");
}

pub(crate) async fn nobody_is_booked_twice(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    // Kari and Nora meet at noon for an hour.
    let clash = clinic.wish(&db, 30, 30, Mode::Phone);
    assert_eq!(book(&db, &clinic, &clash).await, Err(NotBookable::YouAreTaken));
    let close = clinic.wish(&db, 62, 30, Mode::Video);
    assert_eq!(book(&db, &clinic, &close).await, Err(NotBookable::NoPause));
    let without = NewBooking { pause: Duration::ZERO, ..close };
    book(&db, &clinic, &without).await.expect("she said that it is all right");

    // Another clinician learns that Nora is taken, and nothing else.
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    let mut theirs = clinic.wish(&db, 30, 10, Mode::Office);
    theirs.appointment.responsible = jonas;
    assert_eq!(book(&db, &clinic, &theirs).await, Err(NotBookable::SomebodyIsTaken));

    // What was called off takes nobody's time.
    let off = change(&db, &clinic, clinic.meeting.id, OFF, 0).await.expect("called off");
    assert_eq!(off.cancelled.map(|off| (off.by, off.cause)), Some((Party::YoungPerson, Cause::NotToday)));
    book(&db, &clinic, &theirs).await.expect("free now");
}

pub(crate) async fn a_change_is_made_once_and_from_what_was_seen(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let booked = book(&db, &clinic, &clinic.wish(&db, 120, 30, Mode::Video)).await.expect("free");
    let later = Change::Move(Span::new(minutes(180), MINUTE * 30));
    let mut changes = db.changes();
    let moved = change(&db, &clinic, booked.id, later, 0).await.expect("free");
    assert_eq!((moved.window.starts, moved.sequence), (minutes(180), 1));
    assert!(
        changes.try_recv().expect("the rooms are told").subjects.contains(&Subject::Appointment(booked.id))
    );
    assert_eq!(change(&db, &clinic, booked.id, later, 0).await, Ok(moved.clone()), "pressed twice");
    assert!(changes.try_recv().is_err(), "nothing changed");
    let elsewhere = Change::Move(Span::new(minutes(240), MINUTE * 30));
    let stale = change(&db, &clinic, booked.id, elsewhere, 0).await;
    assert_eq!(stale, Err(NotBookable::ChangedMeanwhile), "another tab still shows the old time");
    let phone = change(&db, &clinic, booked.id, Change::Convert(Mode::Phone), 1).await.expect("converted");
    assert_eq!((phone.mode, phone.sequence), (Mode::Phone, 2));
    let off = change(&db, &clinic, booked.id, OFF, 2).await.expect("called off");
    assert_eq!(off.sequence, 3);
    assert_eq!(change(&db, &clinic, booked.id, elsewhere, 3).await, Err(NotBookable::Cancelled));
    assert_eq!(place.count("SELECT COUNT(*) FROM appointment_change").await, 3, "and each is remembered");
    let log = "SELECT COUNT(*) FROM audit_event WHERE action IN ('appointment_moved', 'appointment_converted', \
         'appointment_cancelled')";
    assert_eq!(place.count(log).await, 3);
}

pub(crate) async fn the_door_knows_what_the_calendar_says(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let sign_in = SignInId::from_parts(NOON, [1; 10]);
    let seat = SeatKey { participant: clinic.nora_invited.participant, sign_in };
    let planned = async || db.facts(seat, minutes(1)).await.expect("answered").closing.planned;
    assert_eq!(planned().await, Planned::OnScreen);
    let late = async || db.facts(seat, minutes(1)).await.expect("answered").closing.late_until;
    let id = clinic.meeting.id;
    assert!(db.say_late(clinic.kari_at(1), id, Some(minutes(5))).await.expect("written"));
    assert!(!db.say_late(clinic.kari_at(1), id, Some(minutes(5))).await.expect("answered"), "said once");
    assert_eq!(late().await, Some(minutes(5)));
    change(&db, &clinic, clinic.meeting.id, Change::Convert(Mode::Office), 0).await.expect("converted");
    assert_eq!(planned().await, Planned::OffScreen);
    assert_eq!(late().await, None, "what was said of the old plan is not said of the new one");
    change(&db, &clinic, clinic.meeting.id, OFF, 1).await.expect("called off");
    assert_eq!(planned().await, Planned::Cancelled);
}

fn held() -> Closing {
    Closing {
        outcome: Outcome::Held { mode: Mode::Video },
        usefulness: Some(Usefulness::Much),
        support_talk: false,
        partly_phone: false,
        travel: Travel { ours: 0, hers: 0, escort: 0 },
        tasks: Vec::new(),
    }
}

async fn close(db: &Db, clinic: &Clinic, at: i64, seen: u32, closing: &Closing) -> Result<(), StoreError> {
    db.close_appointment(clinic.kari_at(at), clinic.meeting.id, seen, closing).await
}

async fn admit(
    db: &Db,
    clinic: &Clinic,
    who: &domain::meeting::Invitation,
    number: u8,
    at: i64,
) -> AdmissionId {
    let id = AdmissionId::from_parts(NOON, [number; 10]);
    let (session, participant, device) = (clinic.meeting.session, who.participant, Some(DeviceKind::Phone));
    let begun = AdmissionBegun { id, session, participant, at: minutes(at), device };
    db.admission_begun(By::system(minutes(at)), begun).await.expect("written");
    id
}

pub(crate) async fn an_hour_is_over_by_the_clock_or_its_host(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let not_closed = async |at| {
        let found = agenda(&db, clinic.kari, at).await.not_closed;
        found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert!(not_closed(30).await.is_empty(), "it goes on");
    assert_eq!(not_closed(61).await, [clinic.meeting.id]);
    assert!(db.end_session(clinic.kari_at(30), clinic.meeting.session).await.expect("written"));
    assert_eq!(not_closed(30).await, [clinic.meeting.id], "they were done early");
    assert!(db.reopen_session(clinic.kari_at(31), clinic.meeting.session).await.expect("written"));
    assert!(not_closed(31).await.is_empty(), "it goes on again");
}

pub(crate) async fn an_hour_writes_its_record(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    admit(&db, &clinic, &clinic.kari_invited, 1, 0).await;
    let first = admit(&db, &clinic, &clinic.nora_invited, 2, 2).await;
    let end = AdmissionEnd {
        reason: GoneReason::LineLost,
        away: None,
        network: Some(NetworkKind::Narrow),
        pictured: MINUTE * 4,
    };
    db.admission_ended(By::system(minutes(12)), first, end).await.expect("written");
    let second = admit(&db, &clinic, &clinic.nora_invited, 3, 13).await;
    let record = db.encounter(clinic.kari_at(40), clinic.meeting.id).await.expect("answered");
    assert_eq!(
        record.attended.iter().map(|one| one.role).collect::<Vec<_>>(),
        [Role::Host, Role::YoungPerson]
    );
    assert_eq!(record.attended[1].came, minutes(2));
    assert_eq!(record.attended[1].stayed, MINUTE * 37, "ten minutes and twenty-seven so far");
    let end = AdmissionEnd { reason: GoneReason::Left, away: None, network: None, pictured: MINUTE * 20 };
    db.admission_ended(By::system(minutes(41)), second, end).await.expect("written");
    let hers = db.encounter(clinic.kari_at(60), clinic.meeting.id).await.expect("answered").attended[1];
    assert_eq!((hers.stayed, hers.pictured, hers.lost), (MINUTE * 38, MINUTE * 24, 1));
    assert_eq!((hers.device, hers.network), (Some(DeviceKind::Phone), Some(NetworkKind::Narrow)));
    assert_eq!(hers.ended, Some(GoneReason::Left), "the last time she left");
}

pub(crate) async fn the_record_tells_how_it_was_to_be_held(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let booked = book(&db, &clinic, &clinic.wish(&db, 120, 30, Mode::Video)).await.expect("free");
    let later = Change::Move(Span::new(minutes(180), MINUTE * 30));
    change(&db, &clinic, booked.id, later, 0).await.expect("free");
    change(&db, &clinic, booked.id, Change::Convert(Mode::Phone), 1).await.expect("it can be");
    change(&db, &clinic, booked.id, Change::Convert(Mode::Visit), 2).await.expect("it can be");
    let record = db.encounter(clinic.kari_at(3), booked.id).await.expect("answered");
    let ways: Vec<Mode> = record.ways.iter().map(|(mode, _)| *mode).collect();
    assert_eq!(ways, [Mode::Video, Mode::Phone], "a move is no other way");
}

async fn what_another_tab_says_is_not_lost(db: &Db, clinic: &Clinic, closing: &Closing) {
    // From another tab that still shows it open, with more to say: that is no second press.
    for more in [
        Closing { support_talk: true, ..closing.clone() },
        Closing { tasks: vec![NewTask { due: None, ..closing.tasks[0].clone() }], ..held() },
    ] {
        let lost = close(db, clinic, 61, 0, &more).await;
        assert!(matches!(lost, Err(StoreError::Booking(NotBookable::ChangedMeanwhile))), "{lost:?}");
    }
}

pub(crate) async fn an_hour_is_closed_once_and_may_be_corrected(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let task = NewTask {
        owner: clinic.kari,
        description: Personal::new("Ring skolen".to_owned()),
        due: Some("2026-11-20".to_owned()),
        for_her: false,
    };
    let closing = Closing { tasks: vec![task], ..held() };
    close(&db, &clinic, 61, 0, &closing).await.expect("written");
    close(&db, &clinic, 61, 0, &closing).await.expect("pressed twice");
    assert!(agenda(&db, clinic.kari, 61).await.not_closed.is_empty());
    assert_eq!(place.count("SELECT COUNT(*) FROM encounter").await, 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM task").await, 1);

    what_another_tab_says_is_not_lost(&db, &clinic, &closing).await;
    let corrected = Closing { outcome: Outcome::Held { mode: Mode::Phone }, ..held() };
    let stale = close(&db, &clinic, 62, 0, &corrected).await;
    assert!(matches!(stale, Err(StoreError::Booking(NotBookable::ChangedMeanwhile))));
    close(&db, &clinic, 62, 1, &corrected).await.expect("a correction");
    let record = db.encounter(clinic.kari_at(63), clinic.meeting.id).await.expect("answered");
    let (closing, at) = record.closing.expect("closed");
    assert_eq!((record.revision, closing.outcome, at), (2, corrected.outcome, minutes(62)));
    assert_eq!(record.tasks.len(), 1);
    assert_eq!(record.tasks[0].description.reveal(), "Ring skolen");
    assert!(db.task_done(clinic.kari_at(64), record.tasks[0].id).await.expect("written"));
    assert!(!db.task_done(clinic.kari_at(64), record.tasks[0].id).await.expect("answered"));
}

/// SEC-096: a task is given to somebody of that hour; the name of nobody else is opened by it.
pub(crate) async fn tasks_go_to_people_of_the_hour(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let other = db.add_organization(By::operator(NOON), "En annen", domain::people::OrganizationKind::Clinic);
    let other = other.await.expect("written").id;
    let stranger = person(&db, other, PersonKind::Patient, "Fremmed", "Ungdom").await;
    for owner in [stranger, PersonId::from_bytes([1; 16])] {
        let task = NewTask {
            owner,
            description: Personal::new("Ring skolen".to_owned()),
            due: None,
            for_her: false,
        };
        let given = close(&db, &clinic, 61, 0, &Closing { tasks: vec![task], ..held() }).await;
        assert!(matches!(given, Err(StoreError::NotFound)), "{given:?}");
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM encounter").await, 0, "and nothing was written");
}

/// CARE-09: she waited, nobody of ours came.
pub(crate) async fn an_hour_nobody_of_ours_came_to_is_not_hers(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let hers = Outcome::NotHeld { by: Party::YoungPerson, cause: Cause::DidNotCome };
    let blamed = close(&db, &clinic, 61, 0, &Closing { outcome: hers, ..held() }).await;
    assert!(matches!(blamed, Err(StoreError::Closing(NotClosable::NotHers))), "{blamed:?}");
    let ours = Outcome::NotHeld { by: Party::Clinic, cause: Cause::SomethingElse };
    close(&db, &clinic, 61, 0, &Closing { outcome: ours, ..held() }).await.expect("written");
    let moved = Change::Move(Span::new(minutes(600), MINUTE * 30));
    assert_eq!(change(&db, &clinic, clinic.meeting.id, moved, 0).await, Err(NotBookable::Closed));
}

async fn whoever_books_reads_one(place: &Place, db: &Db, clinic: &Clinic, mona: PersonId) {
    let (by, reads) =
        (clinic.kari_at(0), "SELECT COUNT(*) FROM audit_event WHERE action = 'read' AND purpose = 'care'");
    let one = db.own_patient(by, clinic.kari, clinic.nora).await.expect("hers");
    assert_eq!(
        one.related.iter().map(|one| (one.person, one.role)).collect::<Vec<_>>(),
        [(mona, Role::Guardian)]
    );
    assert_eq!(
        place.count(reads).await,
        4,
        "and whoever books with one of them reads her and those around her"
    );
    let jonas = person(db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    for nobody in [(jonas, clinic.nora), (clinic.kari, mona), (clinic.kari, jonas)] {
        let refused = db.own_patient(By::person(nobody.0, NOON), nobody.0, nobody.1).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
    }
}

async fn a_list_reads_who_stands_in_it(place: &Place, db: &Db, clinic: &Clinic, mona: PersonId) {
    let by = clinic.kari_at(0);
    let ida = person(db, clinic.organization, PersonKind::Patient, "Ida", "Prøveli").await;
    assert!(db.join_care_team(by, ida, clinic.kari).await.expect("written"));
    let hers = db.caseload(by, clinic.kari).await.expect("answered");
    assert_eq!(hers.iter().map(|one| one.id).collect::<Vec<PersonId>>(), [ida, clinic.nora], "by name");
    let reads = "SELECT COUNT(*) FROM audit_event WHERE action = 'read' AND purpose = 'care'";
    assert_eq!(place.count(reads).await, 2, "a list reads those who stand in it");
    whoever_books_reads_one(place, db, clinic, mona).await;
    assert!(db.leave_care_team(by, ida, clinic.kari).await.expect("written"));
}

pub(crate) async fn a_clinician_sees_her_own_young_people(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = clinic.kari_at(0);
    assert!(db.caseload(by, clinic.kari).await.expect("answered").is_empty());
    assert!(db.join_care_team(by, clinic.nora, clinic.kari).await.expect("written"));
    assert!(!db.join_care_team(by, clinic.nora, clinic.kari).await.expect("answered"), "once");
    let mona = person(&db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    assert!(db.relate(by, clinic.nora, mona, Role::Guardian).await.expect("written"));
    assert!(!db.relate(by, clinic.nora, mona, Role::Guardian).await.expect("answered"), "once");
    a_list_reads_who_stands_in_it(&place, &db, &clinic, mona).await;
    assert!(db.leave_care_team(by, clinic.nora, clinic.kari).await.expect("written"));
    assert!(db.caseload(clinic.kari_at(1), clinic.kari).await.expect("answered").is_empty());
    let later = By::person(clinic.kari, Timestamp::from_millis(NOON.as_millis() + 1));
    assert!(db.join_care_team(later, clinic.nora, clinic.kari).await.expect("written"), "and again");
}

pub(crate) async fn the_rest_of_a_series_is_found(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    // The count goes on in the last two bytes, over their end.
    let first = AppointmentId::from_parts(NOON, [255; 10]);
    let mut bytes = *first.as_bytes();
    let mut ids = vec![first];
    for count in 0..3_u8 {
        (bytes[14], bytes[15]) = (0, count);
        ids.push(AppointmentId::from_bytes(bytes));
    }
    for (number, id) in (1..).zip(&ids) {
        let new = NewBooking { id: *id, ..clinic.wish(&db, number * 1_440, 30, Mode::Video) };
        book(&db, &clinic, &new).await.expect("free");
    }
    book(&db, &clinic, &clinic.wish(&db, 9_000, 30, Mode::Video)).await.expect("free, and of no series");
    let rest = async |of: usize| db.rest_of_series(ids[of], minutes(2)).await.expect("answered");
    assert_eq!(rest(0).await, [(ids[1], 0), (ids[2], 0), (ids[3], 0)]);
    assert_eq!(rest(3).await, []);
    change(&db, &clinic, ids[2], OFF, 0).await.expect("called off");
    change(&db, &clinic, ids[3], Change::Convert(Mode::Phone), 0).await.expect("by telephone");
    assert_eq!(rest(1).await, [(ids[3], 1)]);
    assert_eq!(db.rest_of_series(clinic.meeting.id, NOON).await.expect("answered"), []);
}

async fn a_visit_from_before_is_neither_moved_nor_given_away(db: &Db, clinic: &Clinic) {
    let grade = async |protection| {
        db.set_protection(clinic.kari_at(1), clinic.nora, protection).await.expect("written");
    };
    let jonas = a_colleague_who_leads(db, clinic).await;
    grade(Protection::Open).await;
    let visit = book(db, clinic, &clinic.wish(db, 600, 30, Mode::Visit)).await.expect("free");
    grade(Protection::StrictlyConfidential).await;
    let moved = Change::Move(Span::new(minutes(700), MINUTE * 30));
    assert_eq!(change(db, clinic, visit.id, moved, 0).await, Err(NotBookable::Protected));
    let given = db.hand_over(clinic.kari_at(1), (visit.id, 0), jonas, &timetable()).await;
    assert!(
        matches!(given, Err(StoreError::Booking(NotBookable::Protected))),
        "he need not know where she lives"
    );
    change(db, clinic, visit.id, Change::Convert(Mode::Office), 0).await.expect("it is held another way");
    change(db, clinic, visit.id, moved, 1).await.expect("and then it can be moved");
    db.hand_over(clinic.kari_at(1), (visit.id, 2), jonas, &timetable()).await.expect("and given away");
}

/// SEC-073: what may not be booked as a visit is not made one afterwards either.
pub(crate) async fn nobody_is_visited_by_a_detour(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    db.join_care_team(clinic.kari_at(0), clinic.nora, clinic.kari).await.expect("written");
    db.set_protection(clinic.kari_at(0), clinic.nora, Protection::StrictlyConfidential)
        .await
        .expect("written");
    let booked = book(&db, &clinic, &clinic.wish(&db, 120, 30, Mode::Video)).await.expect("free");
    let visit = change(&db, &clinic, booked.id, Change::Convert(Mode::Visit), 0).await;
    assert_eq!(visit, Err(NotBookable::Protected));
    change(&db, &clinic, booked.id, Change::Convert(Mode::Phone), 0).await.expect("by telephone");
    a_visit_from_before_is_neither_moved_nor_given_away(&db, &clinic).await;
}

/// Whatever is done with an hour of hers stands in the log as being about her.
pub(crate) async fn what_is_done_with_her_hour_is_in_her_log(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = a_colleague_who_leads(&db, &clinic).await;
    let hour = book(&db, &clinic, &clinic.wish(&db, 120, 30, Mode::Video)).await.expect("free");
    let notice = domain::message::Notice { wording: domain::message::Wording::Plain, with_link: false };
    db.tell_now(clinic.kari_at(1), hour.id, notice, &timetable()).await.expect("written");
    db.say_late(clinic.kari_at(1), hour.id, Some(minutes(130))).await.expect("written");
    db.hand_over(clinic.kari_at(1), (hour.id, 0), jonas, &timetable()).await.expect("he is free");
    let hers = "SELECT COUNT(*) FROM audit_event e JOIN person n ON n.id = e.about WHERE n.kind = 'patient' \
         AND e.action IN ('appointment_added', 'notice_changed', 'said_late', 'appointment_handed_over')";
    assert_eq!(place.count(hers).await, 4);
    let his = "SELECT COUNT(*) FROM audit_event WHERE action = 'appointment_handed_over'";
    assert_eq!(place.count(his).await, 2, "and in that of whoever got it");
}

/// Jonas, who is offered as a colleague from the moment when he has a role that treats or leads.
async fn a_colleague_who_leads(db: &Db, clinic: &Clinic) -> PersonId {
    let jonas = person(db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    let offered = async || db.colleagues(clinic.kari_at(0), clinic.organization).await.expect("answered");
    assert!(offered().await.is_empty(), "who treats nobody takes no hour over (SEC-071)");
    let of = RoleOf { person: jonas, organization: clinic.organization, role: StaffRole::Leader };
    db.grant_role(By::operator(NOON), of).await.expect("written");
    let colleagues = offered().await;
    assert_eq!(colleagues.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [jonas], "not herself, not Nora");
    jonas
}

pub(crate) async fn an_hour_is_given_to_a_colleague_who_is_free(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = a_colleague_who_leads(&db, &clinic).await;
    let mut his = clinic.wish(&db, 30, 10, Mode::Office);
    (his.appointment.responsible, his.appointment.patient, his.people) = (jonas, None, vec![]);
    let his = book(&db, &clinic, &his).await.expect("free");
    let id = clinic.meeting.id;
    let taken = db.hand_over(clinic.kari_at(1), (id, 0), jonas, &timetable()).await;
    assert!(matches!(taken, Err(StoreError::Booking(NotBookable::YouAreTaken))));
    change(&db, &clinic, his.id, OFF, 0).await.expect("called off");
    db.hand_over(clinic.kari_at(2), (id, 0), jonas, &timetable()).await.expect("free now");
    db.hand_over(clinic.kari_at(2), (id, 0), jonas, &timetable()).await.expect("pressed twice");
    let is_host = async |who| db.is_host_of(who, id, minutes(3)).await.expect("answered");
    assert_eq!((is_host(clinic.kari).await, is_host(jonas).await), (false, true));
    let by = By::operator(NOON);
    let meeting = db.meeting(by, domain::audit::Purpose::Review, id).await.expect("answered").appointment;
    assert_eq!((meeting.responsible, meeting.sequence), (jonas, 1));
    let stale = db.hand_over(clinic.kari_at(3), (id, 0), clinic.kari, &timetable()).await;
    assert!(matches!(stale, Err(StoreError::Booking(NotBookable::ChangedMeanwhile))));
    db.hand_over(clinic.kari_at(3), (id, 1), clinic.kari, &timetable()).await.expect("and back");
    assert_eq!((is_host(clinic.kari).await, is_host(jonas).await), (true, false));
}
