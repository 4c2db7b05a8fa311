//! A clinic in which everything has happened once, so that every table has a row.

use core::time::Duration;

use domain::audit::Purpose;
use domain::booking::{Change, PAUSE_DEFAULT, Span};
use domain::closing::{DeviceKind, NetworkKind, Outcome, Travel, Usefulness};
use domain::crisis::{CrisisStep, Told};
use domain::helplines::{Answers, Line, Sentence};
use domain::meeting::{Cause, Mode};
use domain::message::{Notice, Wording};
use domain::our_agreement::{Adult, OurAgreement};
use domain::people::{Language, OrganizationKind};
use domain::questions::{self, Felt, Month};
use domain::readiness::Point;
use domain::request::Wish;
use domain::staff::StaffRole;
use ids::{
    AdmissionId, AppointmentId, Assurance, CrisisStepId, GoneReason, PersonId, Personal, Role, SignInId,
    TelephoneId,
};
use store::{
    AdmissionBegun, AdmissionEnd, Answer, By, CeremonyKind, Closing, Db, Helplines, NewAbsence, NewCeremony,
    NewCrisisStep, NewPasskey, NewRequest, NewResponse, NewSignIn, NewTask, NewTelephone, Noting, PersonKind,
    RoleOf, Sent, Token, Wanted, Written,
};
use zeroize::Zeroizing;

use crate::support::{Clinic, NOON, appointment, invite, minutes, person, timetable};

const MINUTE: Duration = Duration::from_secs(60);

/// The clinic, and what is asked for afterwards.
pub(crate) struct Everything {
    pub(crate) clinic: Clinic,
    /// A link to the hour at noon that nobody has pressed.
    pub(crate) link: Token,
    /// The browser of somebody who pressed hers.
    pub(crate) cookie: Token,
    /// An hour that people were told of.
    pub(crate) booked: AppointmentId,
}

impl Everything {
    pub(crate) async fn new(db: &Db) -> Self {
        db.seed_demo(NOON).await.expect("written");
        let clinic = Clinic::new(db).await;
        let jonas = person(db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
        staff(db, &clinic, jonas).await;
        let (amir, link) = amir(db, &clinic).await;
        let link_of_hers = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written");
        let pressed =
            db.press_link(&link_of_hers.token, None, NOON).await.expect("answered").expect("it is fresh");
        let cookie = pressed.cookie.expect("a new browser");
        asks_and_answers(db, &clinic, (jonas, amir), pressed.sign_in).await;
        let booked = book(db, &clinic, 120).await;
        let change = Change::Move(Span::new(minutes(180), MINUTE * 30));
        let wanted = Wanted { appointment: booked, change, seen: 0, pause: PAUSE_DEFAULT };
        db.change_appointment(clinic.kari_at(1), wanted, &timetable()).await.expect("free");
        meet_and_close(db, &clinic).await;
        afterwards(db, &clinic, jonas).await;
        let why = Personal::new("a test".to_owned());
        db.block(clinic.kari_at(62), booked, clinic.nora, &why).await.expect("written");
        Self { clinic, link, cookie, booked }
    }

    /// New hours, links and records are written as before.
    pub(crate) async fn goes_on(&self, db: &Db) {
        self.clinic.reach_nora(db, "nora.prove@example.org").await;
        let hour = book(db, &self.clinic, 300).await;
        let meeting = db.meeting(self.clinic.kari_at(93), Purpose::Care, hour).await.expect("read");
        let hers =
            meeting.people.iter().find(|one| one.invitation.person == self.clinic.nora).expect("invited");
        db.issue_link(self.clinic.kari_at(93), hers.invitation.id).await.expect("written");
        let told = db.messages_of(self.clinic.kari_at(93), Purpose::Care, hour).await.expect("read");
        assert_eq!(told.len(), 2, "an invitation and a reminder");
        let role = RoleOf {
            person: self.clinic.kari,
            organization: self.clinic.organization,
            role: StaffRole::Leader,
        };
        assert!(db.grant_role(By::operator(minutes(93)), role).await.expect("written"), "it is new");
    }
}

/// Roles, a passkey, a link for one, a ceremony under way, a partner, numbers.
async fn staff(db: &Db, clinic: &Clinic, jonas: PersonId) {
    let organization = clinic.organization;
    for (person, role) in [
        (clinic.kari, StaffRole::Administrator),
        (clinic.kari, StaffRole::Clinician),
        (jonas, StaffRole::Clinician),
    ] {
        db.grant_role(By::operator(NOON), RoleOf { person, organization, role }).await.expect("written");
    }
    db.join_care_team(By::operator(NOON), clinic.nora, clinic.kari).await.expect("written");
    agree(db, clinic).await;
    assert!(db.come_with_parents(clinic.kari_at(0), clinic.nora, true).await.expect("written"), "it is new");
    let passkey = NewPasskey {
        credential_hash: [1; 32],
        credential: Zeroizing::new(b"a credential".to_vec()),
        label: Personal::new("Kontor-PC".to_owned()),
    };
    db.add_passkey(clinic.kari_at(0), clinic.kari, &passkey).await.expect("written").expect("it is new");
    db.issue_staff_link(By::operator(NOON), jonas, false, MINUTE * 60).await.expect("written");
    let state = Zeroizing::new(b"what was asked".to_vec());
    let ceremony =
        NewCeremony { kind: CeremonyKind::Register, person: Some(clinic.kari), staff_link: None, state };
    db.begin_ceremony(&ceremony, NOON).await.expect("written");
    let by = clinic.kari_at(1);
    db.add_partner(by, organization, "Skolen", OrganizationKind::School).await.expect("written");
    let helplines = Helplines {
        lines: vec![(Line::ChildWelfare, Answers { number: "73 00 00 00".to_owned(), hours: None })],
        sentences: vec![(Sentence::OutOfHours, Language::Bokmal, "Ring.".to_owned())],
    };
    db.set_helplines(by, organization, &helplines).await.expect("written");
}

/// What stands before a first hour on the screen, and what was agreed.
async fn agree(db: &Db, clinic: &Clinic) {
    let by = clinic.kari_at(0);
    let reason = Answer::Open(Personal::new("Hun sa ja på telefon.".to_owned()));
    for (point, answer) in [(Point::MetInPerson, Answer::Tick), (Point::Consent, reason)] {
        db.answer_point(by, clinic.nora, point, &answer).await.expect("written");
    }
    let adult = Adult {
        name: "Mormor".to_owned(),
        phone: Some("+4799887766".to_owned()),
        may_be_rung: false,
        may_look_in: true,
    };
    let page = OurAgreement {
        hard: Some("gå en tur".to_owned()),
        adult: Some(adult),
        sign: Some("Grønn båt".to_owned()),
        ..OurAgreement::default()
    };
    let written = db.write_our_agreement(by, clinic.nora, 0, &page).await.expect("written");
    assert_eq!(written, Written::Stands);
}

/// Somebody who works where she lives, invited to the hour at noon.
async fn amir(db: &Db, clinic: &Clinic) -> (PersonId, Token) {
    let by = By::operator(NOON);
    let home = db.add_organization(by, "Prøvehuset", OrganizationKind::Institution).await.expect("written");
    let amir = person(db, home.id, PersonKind::Practitioner, "Amir", "Prøveli").await;
    db.relate(by, clinic.nora, amir, Role::CareWorker).await.expect("written");
    let invited = invite(db, &clinic.meeting, amir, Role::CareWorker).await;
    let link = db.issue_link(clinic.kari_at(0), invited.id).await.expect("written");
    (amir, link.token)
}

/// Her request, a deputy, *not today*.
async fn asks_and_answers(db: &Db, clinic: &Clinic, (jonas, amir): (PersonId, PersonId), browser: SignInId) {
    clinic.reach_nora(db, "nora.prove@example.org").await;
    let request = NewRequest {
        id: db.new_request_id(NOON).expect("randomness"),
        person: clinic.nora,
        sign_in: browser,
        wish: Wish::ExtraTalk,
        line: Some(Personal::new("Kan vi snakke om skolen?".to_owned())),
        may_ring: false,
        team_from: minutes(240),
    };
    db.ask(By::person(clinic.nora, NOON), &request).await.expect("written").expect("there is room");
    let away = NewAbsence { person: clinic.kari, deputy: jonas, starts: minutes(600), ends: minutes(700) };
    db.add_absence(clinic.kari_at(0), away).await.expect("written").expect("a colleague");
    let response = NewResponse {
        appointment: clinic.meeting.id,
        person: amir,
        she_knows: true,
        cause: Cause::Travel,
        offers_hour: true,
    };
    db.respond(By::person(amir, minutes(1)), response).await.expect("written").expect("it can be answered");
}

async fn book(db: &Db, clinic: &Clinic, starts: i64) -> AppointmentId {
    let mut new = clinic.wish(db, starts, 30, Mode::Video);
    new.appointment.notice = Some(Notice { wording: Wording::Warm, with_link: true });
    db.book(clinic.kari_at(0), &new, &timetable()).await.expect("free").id
}

/// Kari was there alone, rang somebody and took the rest by telephone; the hour is closed with a task.
async fn meet_and_close(db: &Db, clinic: &Clinic) {
    let begun = AdmissionBegun {
        id: AdmissionId::from_parts(NOON, [1; 10]),
        session: clinic.meeting.session,
        participant: clinic.kari_invited.participant,
        at: NOON,
        device: Some(DeviceKind::Computer),
    };
    db.admission_begun(By::system(NOON), begun).await.expect("written");
    let told = Told { done: minutes(20), said: minutes(21) };
    let id = CrisisStepId::from_parts(NOON, [3; 10]);
    let step = NewCrisisStep { id, step: CrisisStep::RangAdult, told, undone: false };
    let noted = db.note_crisis_step(clinic.kari_at(21), clinic.meeting.session, step).await;
    assert_eq!(noted.expect("written"), Noting::Stands);
    let new = NewTelephone { id: TelephoneId::from_parts(NOON, [4; 10]), told, undone: false };
    let noted = db.note_telephone(clinic.kari_at(21), clinic.meeting.session, new).await;
    assert_eq!(noted.expect("written"), Noting::Stands);
    let end = AdmissionEnd {
        reason: GoneReason::Left,
        away: None,
        network: Some(NetworkKind::Narrow),
        pictured: MINUTE,
    };
    db.admission_ended(By::system(minutes(30)), begun.id, end).await.expect("written");
    let task = NewTask {
        owner: clinic.kari,
        description: Personal::new("Ring skolen".to_owned()),
        due: Some("2026-11-20".to_owned()),
        for_her: false,
    };
    let closing = Closing {
        outcome: Outcome::Held { mode: Mode::Video },
        usefulness: Some(Usefulness::Much),
        support_talk: false,
        partly_phone: true,
        travel: Travel { ours: 0, hers: 0, escort: 0 },
        tasks: vec![task],
    };
    db.close_appointment(clinic.kari_at(61), clinic.meeting.id, 0, &closing).await.expect("written");
}

/// After an hour of hers Nora told Kari what she had to say to it and asked for company; Ola wanted to be counted only.
async fn afterwards(db: &Db, clinic: &Clinic, jonas: PersonId) {
    let ola = person(db, clinic.organization, PersonKind::Patient, "Ola", "Prøverud").await;
    let answers = questions::Answers { got_said: Some(Felt::Yes), ..questions::Answers::default() };
    let counted = Sent::Counted(answers, Month::parse("2026-11").expect("a month"));
    for (number, young, host, sent) in
        [(2, clinic.nora, clinic.kari, Sent::ToClinician(answers)), (3, ola, jonas, counted)]
    {
        let starts = minutes(-60 * i64::from(number));
        let hour = appointment(db, clinic.organization, host, starts).await;
        invite(db, &hour, host, Role::Host).await;
        let participant = invite(db, &hour, young, Role::YoungPerson).await.participant;
        let id = AdmissionId::from_parts(NOON, [number; 10]);
        let begun = AdmissionBegun { id, session: hour.session, participant, at: starts, device: None };
        db.admission_begun(By::system(minutes(63)), begun).await.expect("written");
        db.admission_ended(By::system(minutes(63)), id, GoneReason::Left).await.expect("written");
        let new = NewSignIn { person: young, assurance: Assurance::SignedIn, lifetime: MINUTE * 60 };
        let (browser, _) = db.sign_in(new, minutes(63)).await.expect("written");
        let by = By::person(young, minutes(64));
        db.offer_questions(by, browser, &timetable().zone).await.expect("written");
        db.answer_questions(by, browser, sent).await.expect("written");
        if young == clinic.nora {
            db.ask_company(by, browser).await.expect("written");
        }
    }
}
