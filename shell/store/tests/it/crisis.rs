//! What was done when it was urgent: noted once however often it is told, at the time when it was done, by a host of the
//! hour and nobody else (CARE-14, SEC-006, SEC-028, SEC-099).

use domain::audit::Purpose;
use domain::crisis::{CrisisStep, STEPS_MAX, Told};
use domain::meeting::Mode;
use ids::{CrisisStepId, PersonId, Role, SessionId};
use store::{By, Db, NewCrisisStep, NotedStep, Noting, PersonKind, StoreError};

use crate::support::{Clinic, Place, invite, minutes, person, timetable};

/// The numbered step, done and told some minutes after noon by a clock that is right.
fn step(number: u8, step: CrisisStep, done: i64, said: i64) -> NewCrisisStep {
    let told = Told { done: minutes(done), said: minutes(said) };
    NewCrisisStep { id: CrisisStepId::from_bytes([number; 16]), step, told, undone: false }
}

/// Kari's hour with Nora from two to three.
async fn hour(db: &Db, clinic: &Clinic) -> SessionId {
    db.join_care_team(clinic.kari_at(0), clinic.nora, clinic.kari).await.expect("written");
    let wish = clinic.wish(db, 120, 60, Mode::Video);
    db.book(clinic.kari_at(0), &wish, &timetable()).await.expect("booked").session
}

async fn note(db: &Db, clinic: &Clinic, session: SessionId, heard: i64, new: NewCrisisStep) -> Noting {
    db.note_crisis_step(clinic.kari_at(heard), session, new).await.expect("answered")
}

async fn standing(db: &Db, clinic: &Clinic, session: SessionId) -> Vec<NotedStep> {
    db.crisis_steps_in(clinic.kari_at(200), session).await.expect("hers")
}

fn deeds(steps: &[NotedStep]) -> Vec<CrisisStep> {
    steps.iter().map(|one| one.step).collect()
}

async fn entries(place: &Place, action: &str) -> i64 {
    place.count(&format!("SELECT COUNT(*) FROM audit_event WHERE action = '{action}'")).await
}

pub(crate) async fn a_step_told_twice_is_one(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let (opened, rang) =
        (step(1, CrisisStep::Opened, 130, 130), step(2, CrisisStep::RangEmergency, 131, 131));
    for heard in [131, 132, 140] {
        for new in [opened, rang] {
            assert_eq!(note(&db, &clinic, session, heard, new).await, Noting::Stands, "{heard}");
        }
    }
    let steps = standing(&db, &clinic, session).await;
    assert_eq!(deeds(&steps), [CrisisStep::Opened, CrisisStep::RangEmergency]);
    assert_eq!(steps[1].by, clinic.kari);
    assert_eq!(entries(&place, "crisis_panel_opened").await, 1);
    assert_eq!(entries(&place, "crisis_step_noted").await, 1, "SEC-006");
    let about = "SELECT COUNT(*) FROM audit_event WHERE action LIKE 'crisis%' AND about IS NULL";
    assert_eq!(place.count(about).await, 0, "it is part of her log");

    let other = NewCrisisStep { step: CrisisStep::RangPolice, ..rang };
    let told = db.note_crisis_step(clinic.kari_at(141), session, other).await;
    assert!(matches!(told, Err(StoreError::NotFound)), "one id is one step");
}

pub(crate) async fn what_was_taken_back_does_not_stand(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let undone = |new: NewCrisisStep| NewCrisisStep { undone: true, ..new };
    let (opened, rang) = (step(1, CrisisStep::Opened, 130, 130), step(2, CrisisStep::RangAdult, 131, 131));
    let never_told = undone(step(3, CrisisStep::RangPolice, 132, 133));
    for new in [opened, rang, undone(rang), undone(rang), rang, never_told, never_told, undone(opened)] {
        assert_eq!(note(&db, &clinic, session, 133, new).await, Noting::Stands, "{new:?}");
    }
    assert_eq!(deeds(&standing(&db, &clinic, session).await), [CrisisStep::Opened], "an opening stays");
    assert_eq!(place.count("SELECT COUNT(*) FROM crisis_step").await, 3, "what was taken back is kept");
    assert_eq!(entries(&place, "crisis_step_noted").await, 2);
    assert_eq!(entries(&place, "crisis_step_undone").await, 2);
}

pub(crate) async fn only_hosts_of_the_hour_note_and_read(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let new = step(1, CrisisStep::RangAdult, 131, 131);
    assert_eq!(note(&db, &clinic, session, 131, new).await, Noting::Stands);
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    let nobody = SessionId::from_bytes([9; 16]);
    let strangers =
        [By::person(clinic.nora, minutes(132)), By::person(jonas, minutes(132)), By::operator(minutes(132))];
    let mut tried: Vec<_> = strangers.map(|by| (by, session)).into();
    tried.push((clinic.kari_at(132), nobody));
    for (by, session) in tried {
        for new in [new, step(2, CrisisStep::RangAdult, 131, 131)] {
            let told = db.note_crisis_step(by, session, new).await;
            assert!(matches!(told, Err(StoreError::NotFound)), "{by:?}");
        }
        let read = db.crisis_steps_in(by, session).await;
        assert!(matches!(read, Err(StoreError::NotFound)), "{by:?}");
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM crisis_step").await, 1);
}

pub(crate) async fn each_host_notes_under_their_own_name(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let new = step(1, CrisisStep::RangAdult, 131, 131);
    assert_eq!(note(&db, &clinic, session, 131, new).await, Noting::Stands);
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    // He sees what was done, notes his own, and takes nothing of another's back.
    let by = clinic.kari_at(133);
    let (appointment, _) = db.appointment_of(session, by.now).await.expect("there");
    let meeting = db.meeting(by, Purpose::Care, appointment).await.expect("there");
    invite(&db, &meeting.appointment, jonas, Role::Host).await;
    let by = By::person(jonas, minutes(134));
    assert_eq!(deeds(&db.crisis_steps_in(by, session).await.expect("a host")), [CrisisStep::RangAdult]);
    let taken_back = db.note_crisis_step(by, session, NewCrisisStep { undone: true, ..new }).await;
    assert!(matches!(taken_back, Err(StoreError::NotFound)));
    let own = step(3, CrisisStep::ToldClinic, 134, 134);
    assert_eq!(db.note_crisis_step(by, session, own).await.expect("a host"), Noting::Stands);
    let who: Vec<PersonId> = standing(&db, &clinic, session).await.iter().map(|one| one.by).collect();
    assert_eq!(who, [clinic.kari, jonas]);
    let elsewhere = db.note_crisis_step(clinic.kari_at(134), clinic.meeting.session, new).await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound)), "a step stays where it was noted");
}

pub(crate) async fn times_are_kept_as_they_were(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    // Heard twenty minutes late, from a clock that is an hour fast; and a clock that jumped by a year.
    note(&db, &clinic, session, 150, step(1, CrisisStep::RangAdult, 190, 210)).await;
    note(&db, &clinic, session, 151, step(2, CrisisStep::RangDoctor, -600_000, 151)).await;
    note(&db, &clinic, session, 152, step(3, CrisisStep::Stayed, 500, 152)).await;
    let steps = standing(&db, &clinic, session).await;
    let times: Vec<_> = steps.iter().map(|one| (one.step, one.done, one.noted)).collect();
    assert_eq!(
        times,
        [
            (CrisisStep::RangAdult, minutes(130), minutes(150)),
            (CrisisStep::RangDoctor, minutes(151), minutes(151)),
            (CrisisStep::Stayed, minutes(152), minutes(152)),
        ]
    );
    let (appointment, _) = db.appointment_of(session, minutes(200)).await.expect("there");
    let record = db.encounter(clinic.kari_at(200), appointment).await.expect("hers");
    assert_eq!(record.crisis, steps, "the record of the hour has them");
}

pub(crate) async fn an_hour_takes_so_many_steps_in_its_time(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let (week, three_days) = (7 * 24 * 60, 3 * 24 * 60);
    assert_eq!(
        note(&db, &clinic, session, week, step(1, CrisisStep::Stayed, 131, week)).await,
        Noting::Refused
    );
    for number in 0..STEPS_MAX {
        let number = u8::try_from(number).expect("few");
        assert_eq!(
            note(&db, &clinic, session, 130, step(number, CrisisStep::Stayed, 130, 130)).await,
            Noting::Stands
        );
    }
    assert_eq!(
        note(&db, &clinic, session, 130, step(255, CrisisStep::Stayed, 130, 130)).await,
        Noting::Refused
    );
    let known = NewCrisisStep { undone: true, ..step(7, CrisisStep::Stayed, 130, 130) };
    assert_eq!(
        note(&db, &clinic, session, three_days, known).await,
        Noting::Stands,
        "what stands can be taken back"
    );
    assert_eq!(standing(&db, &clinic, session).await.len() + 1, STEPS_MAX as usize);
}
