//! A care worker's *not today* changes nothing by itself; what her clinician makes of it stands together or not at all,
//! once (SEC-083, SEC-084, CARE-01, CARE-04).

use domain::booking::NotBookable;
use domain::door::Planned;
use domain::meeting::{Cause, MeetingKind, Mode, Party};
use domain::response::{Decision, Ground, NotAnswered, NotDecided, Standing, Withheld};
use ids::{AppointmentId, PersonId, Personal, Role, SignInId};
use store::{By, Db, Deciding, NewResponse, PersonKind, SeatKey, StoreError};

use crate::support::{Clinic, NOON, Place, agenda, invite, minutes, person, timetable};

/// The hour at noon, to which Amir of the institution is invited as well.
struct Answered {
    clinic: Clinic,
    amir: PersonId,
    browser: SignInId,
    hers: SignInId,
}

impl Answered {
    async fn new(db: &Db) -> Self {
        let clinic = Clinic::new(db).await;
        let home = db
            .add_organization(By::operator(NOON), "Prøvehuset", domain::people::OrganizationKind::Institution)
            .await
            .expect("written");
        let amir = person(db, home.id, PersonKind::Practitioner, "Amir", "Prøveli").await;
        let invited = invite(db, &clinic.meeting, amir, Role::CareWorker).await;
        let press = async |invitation| {
            let link = db.issue_link(clinic.kari_at(0), invitation).await.expect("written");
            db.press_link(&link.token, None, NOON).await.expect("answered").expect("it is fresh").sign_in
        };
        let (browser, hers) = (press(invited.id).await, press(clinic.nora_invited.id).await);
        Self { clinic, amir, browser, hers }
    }

    fn says(&self, offers_hour: bool) -> NewResponse {
        NewResponse {
            appointment: self.clinic.meeting.id,
            person: self.amir,
            she_knows: true,
            cause: Cause::Travel,
            offers_hour,
        }
    }

    async fn answer(&self, db: &Db, at: i64, offers_hour: bool) {
        let by = By::person(self.amir, minutes(at));
        db.respond(by, self.says(offers_hour)).await.expect("written").expect("it can be answered");
    }

    fn deciding(&self, db: &Db, decision: Decision) -> Deciding {
        let talk = db.new_appointment_id(NOON).expect("randomness");
        Deciding { appointment: self.clinic.meeting.id, seen: 0, decision, talk }
    }

    async fn decide(&self, db: &Db, wanted: Deciding) -> Result<Option<AppointmentId>, NotDecided> {
        db.decide_response(self.clinic.kari_at(2), wanted, &timetable()).await.expect("written")
    }

    async fn planned(&self, db: &Db) -> Planned {
        let seat = SeatKey { participant: self.clinic.nora_invited.participant, sign_in: self.hers };
        db.facts(seat, minutes(3)).await.expect("answered").closing.planned
    }

    async fn standing(&self, db: &Db) -> Standing {
        let answers =
            db.responses_to(self.clinic.kari_at(3), self.clinic.meeting.id).await.expect("answered");
        answers[0].standing
    }
}

const TALK: Decision = Decision::StaffTalk { ground: Ground::Cooperation, withheld: None };

async fn nothing_waits_when_it_is_over(db: &Db, told: &Answered) {
    let over = agenda(db, told.clinic.kari, 60).await.undecided;
    assert!(over.is_empty(), "what is over is closed, not decided");
}

pub(crate) async fn an_answer_changes_nothing_of_hers(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    let seat = SeatKey { participant: told.clinic.nora_invited.participant, sign_in: told.hers };
    let before = db.facts(seat, minutes(1)).await.expect("answered");
    told.answer(&db, 1, true).await;
    told.answer(&db, 1, true).await;
    assert_eq!(place.count("SELECT COUNT(*) FROM appointment_response").await, 1, "pressed twice");
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'response_given'";
    assert_eq!(place.count(log).await, 1);
    assert_eq!(
        db.facts(seat, minutes(1)).await.expect("answered"),
        before,
        "CARE-01: the door knows nothing of it"
    );
    let undecided = agenda(&db, told.clinic.kari, 2).await.undecided;
    assert_eq!(undecided, [(told.clinic.meeting.id, NOON)]);
    nothing_waits_when_it_is_over(&db, &told).await;
    let by = By::person(told.amir, minutes(2));
    assert!(db.take_back_response(by, told.clinic.meeting.id, told.amir).await.expect("written"));
    assert!(!db.take_back_response(by, told.clinic.meeting.id, told.amir).await.expect("answered"));
    assert!(agenda(&db, told.clinic.kari, 3).await.undecided.is_empty());
    assert_eq!(told.decide(&db, told.deciding(&db, Decision::CallOff)).await, Err(NotDecided::Meanwhile));
    assert_eq!(told.planned(&db).await, Planned::OnScreen);
}

pub(crate) async fn only_an_invited_care_worker_answers_and_with_her_knowledge(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    let (id, clinic) = (told.clinic.meeting.id, &told.clinic);
    let may = async |browser| db.is_browser_of_care_worker(browser, id, minutes(1)).await.expect("answered");
    assert!(may(told.browser).await);
    assert!(!may(told.hers).await, "a young person does not answer for herself here");
    for who in [clinic.kari, clinic.nora] {
        let new = NewResponse { person: who, ..told.says(false) };
        let refused = db.respond(By::person(who, minutes(1)), new).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
    }
    let by = By::person(told.amir, minutes(1));
    let alone = NewResponse { she_knows: false, ..told.says(true) };
    assert_eq!(db.respond(by, alone).await.expect("answered"), Err(NotAnswered::SheDoesNotKnow));
    let late = By::person(told.amir, minutes(61));
    assert_eq!(db.respond(late, told.says(true)).await.expect("answered"), Err(NotAnswered::Over));
    assert_eq!(place.count("SELECT COUNT(*) FROM appointment_response").await, 0);
    db.revoke_links(clinic.kari_at(1), invitation_of(&db, &told).await).await.expect("written");
    assert!(!may(told.browser).await, "a revoked link answers nothing");
}

async fn invitation_of(db: &Db, told: &Answered) -> ids::InvitationId {
    let purpose = domain::audit::Purpose::Care;
    let meeting =
        db.meeting(told.clinic.kari_at(1), purpose, told.clinic.meeting.id).await.expect("answered");
    let his = meeting.people.iter().find(|one| one.invitation.person == told.amir);
    his.expect("he is invited").invitation.id
}

/// SEC-096: a block for safety holds for the answer, and for the talk that comes of another's.
pub(crate) async fn whoever_is_blocked_neither_answers_nor_talks(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    let (clinic, why) = (&told.clinic, Personal::new("Skremmer henne".to_owned()));
    let siri = person(&db, clinic.organization, PersonKind::Practitioner, "Siri", "Prøve").await;
    let invited = invite(&db, &clinic.meeting, siri, Role::CareWorker).await;
    let link = db.issue_link(clinic.kari_at(0), invited.id).await.expect("written");
    let hers = db.press_link(&link.token, None, NOON).await.expect("answered").expect("it is fresh").sign_in;
    let sees =
        async || db.is_browser_of_care_worker(hers, clinic.meeting.id, minutes(1)).await.expect("answered");
    assert!(sees().await);
    assert!(db.block(clinic.kari_at(1), clinic.meeting.id, siri, &why).await.expect("written"));
    assert!(!sees().await, "nor does she see the page");
    let by = By::person(siri, minutes(1));
    let refused = db.respond(by, NewResponse { person: siri, ..told.says(true) }).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let back = db.take_back_response(by, clinic.meeting.id, siri).await;
    assert!(matches!(back, Err(StoreError::NotFound)));
    told.answer(&db, 1, true).await;
    let wanted = told.deciding(&db, TALK);
    assert_eq!(told.decide(&db, wanted).await, Ok(Some(wanted.talk)));
    let talk = db.meeting(clinic.kari_at(3), domain::audit::Purpose::Care, wanted.talk).await;
    let people: Vec<_> =
        talk.expect("it was booked").people.iter().map(|one| one.invitation.person).collect();
    assert_eq!(people, [clinic.kari, told.amir]);
}

/// However often one of them thinks otherwise, what another answered is seen, and one's own is found.
pub(crate) async fn one_answer_never_hides_another(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    let (id, clinic) = (told.clinic.meeting.id, &told.clinic);
    told.answer(&db, 1, true).await;
    let siri = person(&db, clinic.organization, PersonKind::Practitioner, "Siri", "Prøve").await;
    invite(&db, &clinic.meeting, siri, Role::CareWorker).await;
    let by = By::person(siri, minutes(2));
    for _ in 0..51 {
        let new = NewResponse { person: siri, ..told.says(false) };
        db.respond(by, new).await.expect("written").expect("it can be answered");
        assert!(db.take_back_response(by, id, siri).await.expect("written"));
    }
    let seen = db.responses_to(clinic.kari_at(3), id).await.expect("answered");
    assert_eq!(
        seen.iter().map(|one| (one.name.given.reveal().as_str(), one.standing)).collect::<Vec<_>>(),
        [("Siri", Standing::TakenBack), ("Amir", Standing::Given)]
    );
    let his = db.care_hour(By::person(told.amir, minutes(3)), id, told.amir).await.expect("his");
    assert_eq!(his.own.map(|own| own.standing), Some(Standing::Given));
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'response_taken_back'";
    assert_eq!(place.count(log).await, 51, "each of them is in the log");
}

pub(crate) async fn the_hour_is_kept_once(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    told.answer(&db, 1, false).await;
    assert_eq!(told.decide(&db, told.deciding(&db, TALK)).await, Err(NotDecided::NotOffered));
    let keep = told.deciding(&db, Decision::Keep);
    for _ in 0..2 {
        assert_eq!(told.decide(&db, keep).await, Ok(None));
    }
    assert_eq!((told.standing(&db).await, told.planned(&db).await), (Standing::Kept, Planned::OnScreen));
    assert_eq!(told.decide(&db, told.deciding(&db, Decision::CallOff)).await, Err(NotDecided::Meanwhile));
    told.answer(&db, 2, false).await;
    assert_eq!(told.standing(&db).await, Standing::Given, "things change: it can be answered again");
}

pub(crate) async fn the_hour_is_called_off_as_told_once(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    told.answer(&db, 1, false).await;
    let off = told.deciding(&db, Decision::CallOff);
    let stale = db.decide_response(told.clinic.kari_at(2), Deciding { seen: 7, ..off }, &timetable()).await;
    assert!(matches!(stale, Err(StoreError::Booking(NotBookable::ChangedMeanwhile))));
    for _ in 0..2 {
        assert_eq!(told.decide(&db, off).await, Ok(None));
    }
    assert_eq!(
        (told.standing(&db).await, told.planned(&db).await),
        (Standing::CalledOff, Planned::Cancelled)
    );
    let purpose = domain::audit::Purpose::Care;
    let meeting =
        db.meeting(told.clinic.kari_at(3), purpose, told.clinic.meeting.id).await.expect("answered");
    let as_told = meeting.appointment.cancelled.map(|off| (off.by, off.cause));
    assert_eq!(as_told, Some((Party::Home, Cause::Travel)), "as it was told");
    let by = By::person(told.amir, minutes(4));
    assert_eq!(db.respond(by, told.says(false)).await.expect("answered"), Err(NotAnswered::CalledOff));
}

pub(crate) async fn the_hour_becomes_a_talk_with_the_staff_and_she_is_told(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    told.answer(&db, 1, true).await;
    let wanted = told.deciding(&db, TALK);
    // Two tabs at once, and again.
    let (one, other) = tokio::join!(told.decide(&db, wanted), told.decide(&db, wanted));
    assert_eq!((one, other), (Ok(Some(wanted.talk)), Ok(Some(wanted.talk))));
    assert_eq!(place.count("SELECT COUNT(*) FROM appointment").await, 2);
    assert_eq!(told.planned(&db).await, Planned::Cancelled);
    let purpose = domain::audit::Purpose::Care;
    let talk = db.meeting(told.clinic.kari_at(3), purpose, wanted.talk).await.expect("it was booked");
    assert_eq!((talk.appointment.kind, talk.appointment.window.starts), (MeetingKind::Guidance, NOON));
    let people: Vec<_> = talk.people.iter().map(|one| (one.invitation.person, one.invitation.role)).collect();
    assert_eq!(people, [(told.clinic.kari, Role::Host), (told.amir, Role::CareWorker)], "and not her");
    let by = By::person(told.clinic.nora, minutes(4));
    let instead = db.talks_instead(by, told.hers).await.expect("answered");
    assert_eq!(instead.len(), 1, "CARE-04: she is told");
    assert_eq!(instead[0].clinician.given.reveal(), "Kari");
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'response_decided' AND details IS NOT NULL";
    assert_eq!(place.count(log).await, 1, "ground and telling are in the log, sealed");
}

pub(crate) async fn what_is_withheld_has_a_reason_and_is_not_shown(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    told.answer(&db, 1, true).await;
    let withheld = Some(Withheld::HarmsHer);
    let general = Decision::StaffTalk { ground: Ground::NotAboutHer, withheld };
    assert_eq!(told.decide(&db, told.deciding(&db, general)).await, Err(NotDecided::NothingToWithhold));
    let secret = told.deciding(&db, Decision::StaffTalk { ground: Ground::Duty, withheld });
    assert_eq!(told.decide(&db, secret).await, Ok(Some(secret.talk)));
    let by = By::person(told.clinic.nora, minutes(4));
    assert!(db.talks_instead(by, told.hers).await.expect("answered").is_empty());
    let answers = db.responses_to(told.clinic.kari_at(3), told.clinic.meeting.id).await.expect("answered");
    assert_eq!((answers[0].ground, answers[0].withheld), (Some(Ground::Duty), withheld));
    assert_eq!(told.planned(&db).await, Planned::Cancelled, "that her hour is off is never withheld");
}

/// CARE-04: what is talked about without her is not kept as being about her, and what is about her is.
pub(crate) async fn a_talk_is_about_her_only_on_a_ground_that_is(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    let clinic = &told.clinic;
    for (ground, patient, starts) in
        [(Ground::NotAboutHer, None, 600), (Ground::Consent, Some(clinic.nora), 700)]
    {
        let mut new = clinic.wish(&db, starts, 30, Mode::Video);
        new.people.push((told.amir, Role::CareWorker));
        let hour = db.book(clinic.kari_at(0), &new, &timetable()).await.expect("free");
        let answer = NewResponse { appointment: hour.id, ..told.says(true) };
        db.respond(By::person(told.amir, minutes(1)), answer)
            .await
            .expect("written")
            .expect("it can be answered");
        let decision = Decision::StaffTalk { ground, withheld: None };
        let wanted = Deciding { appointment: hour.id, ..told.deciding(&db, decision) };
        assert_eq!(told.decide(&db, wanted).await, Ok(Some(wanted.talk)));
        let talk = db.meeting(clinic.kari_at(3), domain::audit::Purpose::Care, wanted.talk).await;
        assert_eq!(talk.expect("it was booked").appointment.patient, patient, "{ground:?}");
    }
}

pub(crate) async fn half_a_decision_is_none(place: Place) {
    let db = place.open().await;
    let told = Answered::new(&db).await;
    told.answer(&db, 1, true).await;
    // The id of the talk is taken, so that the last of its writes fails.
    let wanted = Deciding { talk: told.clinic.meeting.id, ..told.deciding(&db, TALK) };
    let taken = db.decide_response(told.clinic.kari_at(2), wanted, &timetable()).await;
    assert!(
        matches!(taken, Err(StoreError::Booking(NotBookable::ChangedMeanwhile))),
        "words, and no fault of ours"
    );
    assert_eq!(told.planned(&db).await, Planned::OnScreen, "her hour stands");
    assert_eq!(told.standing(&db).await, Standing::Given);
    assert_eq!(place.count("SELECT COUNT(*) FROM appointment").await, 1);
}
