//! Afterwards: the page on which she lands, whom she asks for company, and three questions whose answers go where she
//! chose and nowhere else (SEC-082, SEC-088, SEC-110…SEC-113).

use core::time::Duration;

use domain::audit::Purpose;
use domain::closing::{Outcome, Travel, Usefulness};
use domain::crisis::{CrisisStep, Told};
use domain::meeting::{Appointment, Invitation, Mode};
use domain::message::{Channel, Outcome as Fate, Reason, State};
use domain::our_agreement::{Adult, OurAgreement};
use domain::questions::{Answers, Felt, Month, NextTime, SHOWN_FROM};
use domain::staff::StaffRole;
use domain::vouching::KnownBy;
use ids::{AdmissionId, Assurance, CrisisStepId, GoneReason, PersonId, Personal, Role, SignInId};
use jiff::tz::TimeZone;
use store::{
    AdmissionBegun, AdmissionEnd, Asking, By, Claim, Closing, Company, Db, Landing, Lending, NewCrisisStep,
    NewSignIn, NewTask, Noting, PersonKind, Recipient, RoleOf, Sent, StoreError, Worker, Written,
};

use crate::support::{Clinic, NOON, Place, appointment, invite, minutes, person, timetable};

const DAY: i64 = 24 * 60;
const LEASE: Duration = Duration::from_secs(300);
const ANSWERS: Answers =
    Answers { got_said: Some(Felt::Partly), understood: None, next_time: Some(NextTime::InPerson) };

/// Kari answers for Nora, who has pressed her link.
struct After {
    clinic: Clinic,
    browser: SignInId,
}

impl After {
    async fn new(db: &Db) -> Self {
        let clinic = Clinic::new(db).await;
        db.join_care_team(By::operator(NOON), clinic.nora, clinic.kari).await.expect("written");
        let link = db.issue_link(clinic.kari_at(-5), clinic.nora_invited.id).await.expect("written");
        let pressed = db.press_link(&link.token, None, minutes(-5)).await.expect("answered").expect("fresh");
        Self { clinic, browser: pressed.sign_in }
    }

    /// She was in the room of the hour at noon, and went like this after forty minutes.
    async fn was_in(db: &Db, reason: GoneReason) -> Self {
        let after = Self::new(db).await;
        stay(db, &after.clinic.meeting, &after.clinic.nora_invited, (1, 40), reason).await;
        after
    }

    fn hers(&self, at: i64) -> By {
        By::person(self.clinic.nora, minutes(at))
    }

    async fn landing_at(&self, db: &Db, at: i64) -> Option<Landing> {
        landing(db, self.clinic.nora, self.browser, at).await
    }

    /// The form is shown to her; whether it is open.
    async fn is_asked(&self, db: &Db, browser: SignInId, at: i64) -> bool {
        let asking = db.offer_questions(self.hers(at), browser, &TimeZone::UTC).await.expect("written");
        matches!(asking, Asking::Open { .. })
    }

    async fn send(&self, db: &Db, browser: SignInId, sent: Sent, at: i64) {
        db.answer_questions(self.hers(at), browser, sent).await.expect("written");
    }

    /// A browser in which she is fully signed in.
    async fn signed_in(&self, db: &Db) -> SignInId {
        signed_in(db, self.clinic.nora).await
    }
}

async fn signed_in(db: &Db, person: PersonId) -> SignInId {
    let lifetime = Duration::from_secs(60 * 24 * 3_600);
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
    db.sign_in(new, minutes(-60)).await.expect("written").0
}

async fn landing(db: &Db, who: PersonId, browser: SignInId, at: i64) -> Option<Landing> {
    db.landing(By::person(who, minutes(at)), browser, &TimeZone::UTC).await.expect("answered")
}

/// Somebody was in the room from then to then.
async fn stay(
    db: &Db,
    hour: &Appointment,
    invited: &Invitation,
    (number, minutes_long): (u8, i64),
    end: impl Into<AdmissionEnd>,
) {
    let from = hour.window.starts;
    let begun = AdmissionBegun {
        id: AdmissionId::from_parts(from, [number; 10]),
        session: hour.session,
        participant: invited.participant,
        at: from,
        device: None,
    };
    db.admission_begun(By::system(from), begun).await.expect("written");
    let ended = from.plus(Duration::from_secs(60) * u32::try_from(minutes_long).expect("few"));
    db.admission_ended(By::system(ended), begun.id, end).await.expect("written");
}

/// Another hour of Nora's, so many minutes after noon, in which she was as one is.
async fn another_hour(db: &Db, clinic: &Clinic, starts: i64, number: u8) -> Appointment {
    let hour = appointment(db, clinic.organization, clinic.kari, minutes(starts)).await;
    let invited = invite(db, &hour, clinic.nora, Role::YoungPerson).await;
    stay(db, &hour, &invited, (number, 40), GoneReason::Left).await;
    hour
}

fn task(owner: PersonId, what: &str, for_her: bool) -> NewTask {
    NewTask { owner, description: Personal::new(what.to_owned()), due: None, for_her }
}

async fn close(db: &Db, clinic: &Clinic, hour: &Appointment, (at, mode): (i64, Mode), tasks: Vec<NewTask>) {
    let closing = Closing {
        outcome: Outcome::Held { mode },
        usefulness: Some(Usefulness::Some),
        support_talk: false,
        partly_phone: false,
        travel: Travel::default(),
        tasks,
    };
    db.close_appointment(clinic.kari_at(at), hour.id, 0, &closing).await.expect("written");
}

fn agreed(landing: &Landing) -> Vec<String> {
    let tasks = landing.agreed.iter().flat_map(|agreed| &agreed.tasks);
    tasks.map(|task| task.description.reveal().clone()).collect()
}

/// An hour a week before, closed with something for her and something that staff keep among themselves.
async fn a_week_before(db: &Db, clinic: &Clinic) -> Appointment {
    let last = appointment(db, clinic.organization, clinic.kari, minutes(-7 * DAY)).await;
    invite(db, &last, clinic.nora, Role::YoungPerson).await;
    invite(db, &last, clinic.kari, Role::Host).await;
    let tasks = vec![task(clinic.kari, "Ring skolen", true), task(clinic.kari, "Drøft i team", false)];
    close(db, clinic, &last, (0, Mode::Office), tasks).await;
    last
}

pub(crate) async fn she_sees_what_was_agreed_with_her(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let clinic = &after.clinic;
    let last = a_week_before(&db, clinic).await;
    let shown = after.landing_at(&db, 41).await.expect("she comes from it");
    assert_eq!(
        agreed(&shown),
        ["Ring skolen"],
        "SEC-113: what staff keep among themselves is not hers to see"
    );
    let then = shown.agreed.expect("agreed");
    assert_eq!((then.starts, then.is_this_hour), (last.window.starts, false));
    assert_eq!(then.tasks[0].owner.as_ref().map(|name| name.reveal().as_str()), Some("Kari"));
    let of_this = vec![task(clinic.nora, "Skriv ned to spørsmål", true)];
    close(&db, clinic, &clinic.meeting, (61, Mode::Phone), of_this).await;
    let shown = after.landing_at(&db, 63).await.expect("a reload");
    assert_eq!(agreed(&shown), ["Skriv ned to spørsmål"]);
    let then = shown.agreed.expect("agreed");
    assert!(then.is_this_hour && then.tasks[0].owner.is_none(), "she herself");
    let read =
        "SELECT COUNT(*) FROM audit_event WHERE action = 'read' AND object_kind = 'task' AND purpose = 'own'";
    assert_eq!(place.count(read).await, 2, "SEC-006");
}

pub(crate) async fn she_sees_when_they_meet_next_and_met_last(place: Place) {
    let db = place.open().await;
    let after = After::new(&db).await;
    let clinic = &after.clinic;
    assert!(after.landing_at(&db, 40).await.is_none(), "she was in no room");
    a_week_before(&db, clinic).await;
    stay(&db, &clinic.meeting, &clinic.nora_invited, (1, 40), GoneReason::Left).await;
    let shown = after.landing_at(&db, 41).await.expect("she comes from it");
    let balance = (shown.balance.same_room, shown.balance.screen);
    assert_eq!((shown.next, balance), (None, (Some(minutes(-7 * DAY)), Some(NOON))));
    close(&db, clinic, &clinic.meeting, (61, Mode::Phone), vec![]).await;
    let next = clinic.wish(&db, 2 * DAY, 30, Mode::Office);
    db.book(clinic.kari_at(62), &next, &timetable()).await.expect("free");
    let shown = after.landing_at(&db, 63).await.expect("a reload");
    assert_eq!(shown.next, Some((minutes(2 * DAY), Mode::Office)));
    assert_eq!((shown.balance.screen, shown.balance.phone), (None, Some(NOON)), "as it was written down");
    assert!(after.landing_at(&db, 12 * 60 + 2).await.is_none(), "the page forgets");
}

pub(crate) async fn after_a_safety_signal_nothing_of_hers_is_read_out(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::ClosedFast).await;
    let next = after.clinic.wish(&db, 2 * DAY, 30, Mode::Office);
    db.book(after.clinic.kari_at(0), &next, &timetable()).await.expect("free");
    let shown = after.landing_at(&db, 41).await.expect("she comes from it");
    assert!(shown.next.is_none() && shown.agreed.is_none() && shown.balance.is_empty(), "CARE-03");
    stay(&db, &after.clinic.meeting, &after.clinic.nora_invited, (2, 50), GoneReason::Left).await;
    assert!(
        after.landing_at(&db, 51).await.expect("hers").next.is_some(),
        "she came back, and left as one leaves"
    );
}

/// SEC-113: not a parent, not the clinician.
pub(crate) async fn nobody_else_lands_there(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::LineLost).await;
    let clinic = &after.clinic;
    let mona = person(&db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    let invited = invite(&db, &clinic.meeting, mona, Role::Guardian).await;
    stay(&db, &clinic.meeting, &invited, (2, 40), GoneReason::Left).await;
    stay(&db, &clinic.meeting, &clinic.kari_invited, (3, 40), GoneReason::Left).await;
    for other in [mona, clinic.kari] {
        let browser = signed_in(&db, other).await;
        assert!(landing(&db, other, browser, 41).await.is_none(), "it is hers alone");
        assert!(!after.is_asked(&db, browser, 41).await);
        let refused = db.ask_company(By::person(other, minutes(41)), browser).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert!(after.landing_at(&db, 41).await.is_some());
}

pub(crate) async fn neither_a_lent_device_nor_another_link_lands_there(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::LineLost).await;
    let clinic = &after.clinic;
    let other = appointment(&db, clinic.organization, clinic.kari, minutes(300)).await;
    let other = invite(&db, &other, clinic.nora, Role::YoungPerson).await.id;
    let link = db.issue_link(clinic.kari_at(41), other).await.expect("written");
    let pressed = db.press_link(&link.token, None, minutes(42)).await.expect("answered").expect("fresh");
    assert!(
        landing(&db, clinic.nora, pressed.sign_in, 43).await.is_none(),
        "SEC-082: another link, another hour"
    );

    let amir = person(&db, clinic.organization, PersonKind::Practitioner, "Amir", "Fjell").await;
    invite(&db, &clinic.meeting, amir, Role::CareWorker).await;
    let amirs = signed_in(&db, amir).await;
    let (appointment, invitation) = (clinic.meeting.id, clinic.nora_invited.id);
    let lending = Lending { appointment, invitation, known: Some(KnownBy::Acquaintance) };
    let lent = db.lend(By::person(amir, minutes(44)), amirs, lending).await.expect("written").expect("lent");
    let lent = db.signed_in(&lent, minutes(44)).await.expect("answered").expect("good").sign_in.id;
    db.take_lent(after.hers(44), lent).await.expect("written").expect("lent");
    assert!(landing(&db, clinic.nora, lent, 45).await.is_none(), "SEC-088: nothing of hers on a lent device");
}

pub(crate) async fn she_is_asked_after_an_ordinary_end_and_once_a_week(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::LineLost).await;
    let browser = after.signed_in(&db).await;
    assert!(!after.is_asked(&db, browser, 41).await, "the line was lost");
    let count = "SELECT COUNT(*) FROM questions";
    assert_eq!(place.count(count).await, 0);
    another_hour(&db, &after.clinic, DAY, 2).await;
    assert!(matches!(
        landing(&db, after.clinic.nora, browser, DAY + 41).await.expect("hers").questions,
        Asking::New
    ));
    for _reload in 0..2 {
        assert!(after.is_asked(&db, browser, DAY + 41).await);
    }
    assert_eq!(place.count(count).await, 1);
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'questions_asked'";
    assert_eq!(place.count(events).await, 1, "SEC-006");
    for (days, number, asked) in [(4, 3, false), (8, 4, true), (9, 5, false)] {
        another_hour(&db, &after.clinic, days * DAY, number).await;
        assert_eq!(after.is_asked(&db, browser, days * DAY + 41).await, asked, "day {days}");
    }
}

pub(crate) async fn ended_while_somebody_was_there_is_no_ordinary_end(place: Place) {
    let db = place.open().await;
    let after = After::new(&db).await;
    let (meeting, hers) = (&after.clinic.meeting, &after.clinic.nora_invited);
    let away = Some(GoneReason::SomeoneCameIn);
    let end = AdmissionEnd { away, ..AdmissionEnd::from(GoneReason::EndedByHost) };
    stay(&db, meeting, hers, (1, 30), end).await;
    assert!(!after.is_asked(&db, after.browser, 41).await, "CARE-02");
    stay(&db, meeting, hers, (2, 40), GoneReason::EndedByHost).await;
    assert!(after.is_asked(&db, after.browser, 41).await, "she came back, and it ended for everybody");
    db.end_for(after.clinic.kari_at(42), hers.participant).await.expect("written");
    let shown = after.landing_at(&db, 43).await.expect("hers");
    assert!(matches!(shown.questions, Asking::No), "it was ended for her alone");
}

pub(crate) async fn her_clinician_chooses_that_she_is_not_asked(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let (kari, nora, hour) = (after.clinic.kari_at(30), after.clinic.nora, after.clinic.meeting.id);
    let may = async || {
        let shown = after.landing_at(&db, 41).await.expect("hers");
        matches!(shown.questions, Asking::New)
    };
    assert!(may().await);
    for _press in 0..2 {
        db.ask_after_hour(kari, hour, false).await.expect("written");
    }
    let asked = db.asked_in(hour, minutes(41)).await.expect("answered").expect("her hour");
    assert!(!may().await && asked.hour_off && !asked.person_off);
    db.ask_after_hours(kari, nora, false).await.expect("written");
    db.ask_after_hour(kari, hour, true).await.expect("written");
    assert!(!may().await && !after.is_asked(&db, after.browser, 41).await);
    let off = !db.course(kari, nora).await.expect("hers").is_asked;
    db.ask_after_hours(kari, nora, true).await.expect("written");
    assert!(off && may().await);
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'questions_switched'";
    assert_eq!(place.count(events).await, 4, "a second press is none");
}

pub(crate) async fn after_the_crisis_panel_nothing_is_asked(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let step = NewCrisisStep {
        id: CrisisStepId::from_bytes([9; 16]),
        step: CrisisStep::Opened,
        told: Told { done: minutes(30), said: minutes(30) },
        undone: false,
    };
    let noted = db.note_crisis_step(after.clinic.kari_at(30), after.clinic.meeting.session, step).await;
    assert_eq!(noted.expect("written"), Noting::Stands);
    assert!(!after.is_asked(&db, after.browser, 41).await);
}

pub(crate) async fn nobody_else_chooses_that_she_is_not_asked(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let (nora, hour) = (after.clinic.nora, after.clinic.meeting.id);
    for stranger in [after.hers(30), By::operator(NOON)] {
        assert!(matches!(db.ask_after_hours(stranger, nora, false).await, Err(StoreError::NotFound)));
        assert!(matches!(db.ask_after_hour(stranger, hour, false).await, Err(StoreError::NotFound)));
        assert!(matches!(db.course(stranger, nora).await, Err(StoreError::NotFound)));
    }
}

/// What a clinician sees of what she told.
async fn told(db: &Db, after: &After, by: By) -> Vec<store::ToldThen> {
    db.course(by, after.clinic.nora).await.expect("hers").told
}

pub(crate) async fn what_she_tells_is_sent_once_and_sealed(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let (browser, sent) = (after.browser, Sent::ToClinician(ANSWERS));
    let before = db.answer_questions(after.hers(41), browser, sent).await;
    assert!(matches!(before, Err(StoreError::NotFound)), "she was not asked");
    assert!(after.is_asked(&db, browser, 41).await);
    let other = Answers { got_said: Some(Felt::No), ..Answers::default() };
    tokio::join!(after.send(&db, browser, sent, 42), after.send(&db, browser, sent, 42));
    after.send(&db, browser, Sent::ToClinician(other), 43).await;
    let shown = after.landing_at(&db, 44).await.expect("hers").questions;
    let Asking::Told { to, answers } = shown else { panic!("she told: {shown:?}") };
    assert_eq!((to.reveal().as_str(), answers), ("Kari", ANSWERS), "another tab changes nothing");
    let plain = "SELECT COUNT(*) FROM questions WHERE CAST(contents AS TEXT) LIKE '%artly%'";
    assert_eq!(place.count(plain).await, 0, "SEC-008");
    assert_eq!(place.count("SELECT COUNT(*) FROM questions_count").await, 0, "and is not counted");
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'questions_answered'";
    assert_eq!(place.count(events).await, 1, "SEC-006");
}

/// SEC-110.
pub(crate) async fn what_she_tells_goes_to_that_clinician_alone(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let clinic = &after.clinic;
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    db.join_care_team(By::operator(NOON), clinic.nora, jonas).await.expect("written");
    after.is_asked(&db, after.browser, 41).await;
    after.send(&db, after.browser, Sent::ToClinician(ANSWERS), 42).await;
    let seen = told(&db, &after, clinic.kari_at(45)).await;
    assert_eq!((seen.len(), seen[0].answers, seen[0].own, seen[0].starts), (1, ANSWERS, None, NOON));
    close(&db, clinic, &clinic.meeting, (61, Mode::Video), vec![]).await;
    let own = told(&db, &after, clinic.kari_at(62)).await[0].own;
    assert_eq!(own, Some(Usefulness::Some), "beside each other");
    assert!(told(&db, &after, By::person(jonas, minutes(62))).await.is_empty(), "she told Kari");
    let read = "SELECT COUNT(*) FROM audit_event WHERE action = 'read' AND purpose = 'care' AND object_kind = 'appointment'";
    assert!(place.count(read).await >= 2, "SEC-006");
    db.leave_care_team(By::operator(NOON), clinic.nora, clinic.kari).await.expect("written");
    assert!(matches!(db.course(clinic.kari_at(65), clinic.nora).await, Err(StoreError::NotFound)), "SEC-094");
}

pub(crate) async fn what_she_told_she_takes_back(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    after.is_asked(&db, after.browser, 41).await;
    after.send(&db, after.browser, Sent::ToClinician(ANSWERS), 42).await;
    for _press in 0..2 {
        db.take_back_answers(after.hers(63), after.browser).await.expect("written");
    }
    assert!(told(&db, &after, after.clinic.kari_at(64)).await.is_empty());
    assert!(matches!(after.landing_at(&db, 64).await.expect("hers").questions, Asking::TakenBack));
    assert_eq!(place.count("SELECT COUNT(*) FROM questions WHERE contents IS NOT NULL").await, 0);
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'questions_taken_back'";
    assert_eq!(place.count(events).await, 1);
}

pub(crate) async fn a_clinician_who_does_not_answer_for_her_is_not_offered(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let nora = after.clinic.nora;
    let jonas = person(&db, after.clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    db.join_care_team(By::operator(NOON), nora, jonas).await.expect("written");
    db.leave_care_team(By::operator(NOON), nora, after.clinic.kari).await.expect("written");
    let asking = db.offer_questions(after.hers(41), after.browser, &TimeZone::UTC).await.expect("written");
    assert!(matches!(asking, Asking::Open { to: None }), "who would not see it is not named: {asking:?}");
    let told = db.answer_questions(after.hers(42), after.browser, Sent::ToClinician(ANSWERS)).await;
    assert!(matches!(told, Err(StoreError::NotFound)), "{told:?}");
    after.send(&db, after.browser, Sent::Nothing, 43).await;
    assert!(matches!(after.landing_at(&db, 44).await.expect("hers").questions, Asking::Settled));
}

/// She is asked in so many weeks, and wants to be counted only; presses twice each time.
async fn counted_for_weeks(db: &Db, after: &After, weeks: u32) {
    let browser = after.signed_in(db).await;
    for week in 0..weeks {
        let at = i64::from(week) * 7 * DAY;
        if week > 0 {
            another_hour(db, &after.clinic, at, 9 + u8::try_from(week).expect("few")).await;
        }
        assert!(after.is_asked(db, browser, at + 41).await, "week {week}");
        let sent = Sent::Counted(ANSWERS, Month::parse("2026-11").expect("a month"));
        tokio::join!(after.send(db, browser, sent, at + 42), after.send(db, browser, sent, at + 42));
    }
}

/// SEC-111.
pub(crate) async fn few_are_not_shown(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    counted_for_weeks(&db, &after, SHOWN_FROM - 1).await;
    let clinic = &after.clinic;
    assert!(numbers(&db, clinic, "2026-12").await.is_empty(), "four might be somebody");
    let hers =
        db.counted(after.hers(0), clinic.organization, Month::parse("2026-12").expect("a month")).await;
    assert!(matches!(hers, Err(StoreError::NotFound)), "for those who administer");
}

/// SEC-111: what is counted is a number, and nothing leads from it to anybody.
pub(crate) async fn what_is_counted_is_nobodys(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    counted_for_weeks(&db, &after, SHOWN_FROM).await;
    let clinic = &after.clinic;
    assert_eq!(numbers(&db, clinic, "2026-12").await, [5, 5], "said, and next time");
    assert!(numbers(&db, clinic, "2026-11").await.is_empty(), "not before the month is over");
    assert!(told(&db, &after, clinic.kari_at(44)).await.is_empty());
    assert_eq!(place.count("SELECT COUNT(*) FROM questions_count").await, 2, "no row for each who answered");
    assert_eq!(place.count("SELECT COUNT(*) FROM questions WHERE contents IS NOT NULL").await, 0);
    let said = "SELECT COUNT(*) FROM audit_event WHERE action = 'questions_answered' AND details IS NOT NULL";
    assert_eq!(place.count(said).await, 0, "the log does not say what, nor to whom");
}

/// What an administrator of the clinic sees from this month.
async fn numbers(db: &Db, clinic: &Clinic, month: &str) -> Vec<u32> {
    let role =
        RoleOf { person: clinic.kari, organization: clinic.organization, role: StaffRole::Administrator };
    db.grant_role(By::operator(NOON), role).await.expect("written");
    let month = Month::parse(month).expect("a month");
    let counted = db.counted(clinic.kari_at(0), clinic.organization, month).await.expect("hers");
    counted.iter().map(|one| one.times).collect()
}

fn page(may_look_in: bool) -> OurAgreement {
    OurAgreement {
        adult: Some(Adult {
            name: "Mamma".to_owned(),
            phone: Some("+4799887766".to_owned()),
            may_be_rung: true,
            may_look_in,
        }),
        sign: Some("Blå rev".to_owned()),
        ..OurAgreement::default()
    }
}

async fn agree(db: &Db, clinic: &Clinic, seen: u32, page: &OurAgreement) {
    let written = db.write_our_agreement(clinic.kari_at(0), clinic.nora, seen, page).await;
    assert_eq!(written.expect("written"), Written::Stands);
}

async fn claim(db: &Db, at: i64) -> Claim {
    let post = Worker { name: "post-1", channel: Channel::Sms, host: "rom.example.no" };
    db.claim_message(post, LEASE, minutes(at)).await.expect("answered")
}

/// SEC-112: without their yes to this there is nothing to press.
pub(crate) async fn nobody_is_asked_whom_they_did_not_agree_on(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    for agrees in [false, true] {
        if agrees {
            agree(&db, &after.clinic, 0, &page(false)).await;
        }
        assert!(after.landing_at(&db, 41).await.expect("hers").company.to.is_none(), "no false hope");
        let refused = db.ask_company(after.hers(41), after.browser).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM message").await, 0);
}

/// SEC-112: once, also after an end that was no ordinary one; and what nobody knows is told as that.
pub(crate) async fn company_is_asked_once(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::ClosedFast).await;
    agree(&db, &after.clinic, 0, &page(true)).await;
    let Company { name, phone, sign, .. } =
        after.landing_at(&db, 41).await.expect("hers").company.to.expect("agreed");
    assert_eq!((name.reveal().as_str(), phone.reveal()), ("Mamma", "+4799887766"));
    tokio::join!(async { db.ask_company(after.hers(42), after.browser).await.expect("written") }, async {
        db.ask_company(after.hers(42), after.browser).await.expect("written");
    });
    let Claim::Taken(parcel) = claim(&db, 42).await else { panic!("it waits") };
    let signed = parcel.sign.as_ref().map(Personal::reveal);
    assert_eq!((parcel.to, signed), (Recipient::Sms(phone), sign.as_ref().map(Personal::reveal)));
    assert!(matches!(parcel.link, store::ParcelLink::None));
    db.settle_message(parcel.key, Fate::Unknown(Reason::Silence), minutes(43)).await.expect("written");
    let asked = after.landing_at(&db, 44).await.expect("hers").company.asked;
    assert_eq!(asked, Some((minutes(42), State::InDoubt)), "she is told that nobody knows");
    db.ask_company(after.hers(45), after.browser).await.expect("answered");
    assert!(matches!(claim(&db, 45).await, Claim::Nothing), "SEC-060: never again by itself, nor by a press");
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'company_asked'";
    assert_eq!(place.count(events).await, 1, "SEC-006");
}

pub(crate) async fn whom_she_asks_for_company_is_between_them(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let clinic = &after.clinic;
    agree(&db, clinic, 0, &page(true)).await;
    db.ask_company(after.hers(42), after.browser).await.expect("written");
    let Claim::Taken(parcel) = claim(&db, 42).await else { panic!("it waits") };
    db.settle_message(parcel.key, Fate::Refused(Reason::Refused), minutes(43)).await.expect("written");
    let listed = db.messages_of(clinic.kari_at(46), Purpose::Care, clinic.meeting.id).await.expect("read");
    assert!(listed.is_empty(), "no host sees it");
    let again = db.send_message_again(clinic.kari_at(46), parcel.key.message).await;
    assert!(!again.expect("answered"), "nobody asks in her place");
}

pub(crate) async fn a_yes_that_was_taken_back_sends_nothing(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    agree(&db, &after.clinic, 0, &page(true)).await;
    db.ask_company(after.hers(42), after.browser).await.expect("written");
    agree(&db, &after.clinic, 1, &page(false)).await;
    assert!(matches!(claim(&db, 42).await, Claim::SetAside(_, Reason::NoAddress)));
    let asked = after.landing_at(&db, 43).await.expect("hers").company.asked;
    assert_eq!(asked, Some((minutes(42), State::Failed)));
}

pub(crate) async fn company_comes_soon_or_not_at_all_and_is_no_news_of_the_hour(place: Place) {
    let db = place.open().await;
    let after = After::was_in(&db, GoneReason::Left).await;
    let clinic = &after.clinic;
    agree(&db, clinic, 0, &page(true)).await;
    clinic.reach_nora(&db, "nora.prove@example.org").await;
    db.ask_company(after.hers(42), after.browser).await.expect("written");
    // Calling the hour off tells whoever has heard of it; she has not, whatever the adult was asked.
    db.tell_now(
        clinic.kari_at(42),
        clinic.meeting.id,
        domain::message::Notice { wording: domain::message::Wording::Warm, with_link: false },
        &timetable(),
    )
    .await
    .expect("written");
    let listed = db.messages_of(clinic.kari_at(43), Purpose::Care, clinic.meeting.id).await.expect("read");
    assert!(listed.iter().any(|line| line.kind == domain::message::MessageKind::Invitation));
    let waits = "SELECT COUNT(*) FROM message WHERE kind = 'look_in' AND state = 'queued'";
    assert_eq!(place.count(waits).await, 1, "it is not taken back with them");
    assert!(
        matches!(claim(&db, 42 + 31).await, Claim::SetAside(_, Reason::TooLate)),
        "no company the next morning"
    );
}
