//! Devices that are lent for one hour, and people who are vouched for (SEC-085…SEC-089).

use std::time::Duration;

use domain::meeting::{Mode, WithdrawnBy};
use domain::vouching::{KnownBy, NotLent};
use ids::{
    AdmissionId, AppointmentId, Assurance, GoneReason, InvitationId, PersonId, Role, SessionId, SignInId,
};
use store::{AdmissionBegun, By, Db, Lending, NewSignIn, PersonKind, StoreError, Token};

use crate::support::{Clinic, Place, appointment, invite, minutes, person};

const KNOWN: Option<KnownBy> = Some(KnownBy::Acquaintance);

async fn signed_in(db: &Db, person: PersonId) -> SignInId {
    let lifetime = Duration::from_secs(8 * 3_600);
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
    db.sign_in(new, minutes(-60)).await.expect("written").0
}

/// Amir, who works where Nora lives, and is invited to her hour.
struct Home {
    clinic: Clinic,
    amir: PersonId,
    amirs: SignInId,
    amir_invited: InvitationId,
}

impl Home {
    async fn new(db: &Db) -> Self {
        let clinic = Clinic::new(db).await;
        let amir = person(db, clinic.organization, PersonKind::Practitioner, "Amir", "Fjell").await;
        let amir_invited = invite(db, &clinic.meeting, amir, Role::CareWorker).await.id;
        let amirs = signed_in(db, amir).await;
        Self { clinic, amir, amirs, amir_invited }
    }

    const fn lending(&self) -> Lending {
        Lending { appointment: self.clinic.meeting.id, invitation: self.clinic.nora_invited.id, known: KNOWN }
    }

    async fn lend(&self, db: &Db, at: i64) -> Token {
        let by = By::person(self.amir, minutes(at));
        db.lend(by, self.amirs, self.lending()).await.expect("written").expect("it can be lent now")
    }

    /// Lends the device and presses *start*.
    async fn begun(&self, db: &Db, at: i64) -> SignInId {
        let token = self.lend(db, at).await;
        let lent = db.signed_in(&token, minutes(at)).await.expect("answered").expect("good").sign_in.id;
        db.take_lent(By::person(self.clinic.nora, minutes(at)), lent).await.expect("written").expect("lent");
        lent
    }
}

async fn has_seat(db: &Db, person: PersonId, browser: SignInId, session: SessionId, at: i64) -> bool {
    db.seat(By::person(person, minutes(at)), browser, session).await.expect("answered").is_some()
}

pub(crate) async fn a_lent_device_opens_after_her_press_only(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let (nora, meeting) = (home.clinic.nora, &home.clinic.meeting);

    let token = home.lend(&db, -5).await;
    assert!(!has_seat(&db, home.amir, home.amirs, meeting.session, -4).await, "SEC-087: staff are out");
    let signed_in = db.signed_in(&token, minutes(-4)).await.expect("answered").expect("good");
    let lent = signed_in.sign_in.id;
    assert!(signed_in.is_shared && signed_in.sign_in.person == nora);
    assert_eq!(signed_in.sign_in.assurance, Assurance::Vouched);
    assert_eq!(signed_in.sign_in.expires, meeting.window.closes(), "it does not outlast the hour");
    assert_eq!(signed_in.scope, Some(vec![]), "nothing is open yet");
    assert!(!has_seat(&db, nora, lent, meeting.session, -4).await, "SEC-087: her own press comes first");
    assert!(db.seats_of(lent, minutes(-4)).await.expect("answered").is_empty());

    let taken = "SELECT COUNT(*) FROM audit_event WHERE action IN ('device_lent', 'vouched')";
    assert_eq!(place.count(taken).await, 2, "SEC-089");
}

pub(crate) async fn her_press_opens_that_hour_until_it_is_closed(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let (nora, meeting) = (home.clinic.nora, &home.clinic.meeting);
    let other = appointment(&db, home.clinic.organization, home.clinic.kari, minutes(180)).await;
    invite(&db, &other, nora, Role::YoungPerson).await;
    let token = home.lend(&db, -5).await;
    let lent = db.signed_in(&token, minutes(-4)).await.expect("answered").expect("good").sign_in.id;
    let hers = By::person(nora, minutes(-3));
    let shown = db.lent_hour(hers, lent).await.expect("answered").expect("lent");
    assert_eq!((shown.clinician.reveal().as_str(), shown.has_begun), ("Kari", false));
    let session = db.take_lent(hers, lent).await.expect("written");
    assert_eq!(session, Some(meeting.session));
    assert_eq!(db.take_lent(hers, lent).await.expect("the same again"), session);
    assert!(has_seat(&db, nora, lent, meeting.session, -2).await);
    assert!(!has_seat(&db, nora, lent, other.session, -2).await, "SEC-087: no other hour of hers");
    assert_eq!(db.seats_of(lent, minutes(-2)).await.expect("answered").len(), 1);
    let taken = "SELECT COUNT(*) FROM audit_event WHERE action = 'lent_device_taken'";
    assert_eq!(place.count(taken).await, 1, "SEC-089");
}

pub(crate) async fn closed_is_closed(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let token = home.lend(&db, -5).await;
    let lent = db.signed_in(&token, minutes(-4)).await.expect("answered").expect("good").sign_in.id;
    let hers = By::person(home.clinic.nora, minutes(-3));
    assert!(db.sign_out(hers, lent).await.expect("written"));
    assert!(db.signed_in(&token, minutes(-1)).await.expect("answered").is_none());
    assert_eq!(db.take_lent(hers, lent).await.expect("answered"), None, "SEC-088: closed is closed");
}

/// Mona, Nora's mother, invited to the hour as well.
async fn mona(db: &Db, clinic: &Clinic) -> (PersonId, InvitationId) {
    let mona = person(db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Lunde").await;
    (mona, invite(db, &clinic.meeting, mona, Role::Guardian).await.id)
}

/// Whether a lending is as if there were no such hour.
async fn is_not_there(db: &Db, by: By, browser: SignInId, lending: Lending) -> bool {
    matches!(db.lend(by, browser, lending).await, Err(StoreError::NotFound))
}

pub(crate) async fn only_those_who_stand_by_her_lend(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let clinic = &home.clinic;
    let (mona, _) = mona(&db, clinic).await;
    let stranger = person(&db, clinic.organization, PersonKind::Practitioner, "Siri", "Berg").await;
    for who in [mona, stranger, clinic.nora] {
        let (by, browser) = (By::person(who, minutes(0)), signed_in(&db, who).await);
        assert!(is_not_there(&db, by, browser, home.lending()).await, "SEC-086");
        assert!(matches!(db.lendable(by, browser, clinic.meeting.id).await, Err(StoreError::NotFound)));
    }
    let invited = home.amir_invited;
    db.withdraw_invitation(clinic.kari_at(1), invited, WithdrawnBy::Clinician).await.expect("written");
    let amirs = By::person(home.amir, minutes(2));
    assert!(is_not_there(&db, amirs, home.amirs, home.lending()).await, "SEC-086: no longer invited");
}

pub(crate) async fn it_is_lent_to_guests_of_that_hour_only(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let clinic = &home.clinic;
    let (_, mona) = mona(&db, clinic).await;
    let amirs = By::person(home.amir, minutes(0));
    for (invitation, why) in [
        (mona, "the staff where she lives help her alone"),
        (home.amir_invited, "nobody lends to themselves"),
        (clinic.kari_invited.id, "a host signs in"),
    ] {
        let to_other = Lending { invitation, ..home.lending() };
        assert!(is_not_there(&db, amirs, home.amirs, to_other).await, "SEC-086: {why}");
    }
    let elsewhere = appointment(&db, clinic.organization, clinic.kari, minutes(0)).await;
    invite(&db, &elsewhere, home.amir, Role::CareWorker).await;
    let mixed = Lending { appointment: elsewhere.id, ..home.lending() };
    assert!(is_not_there(&db, amirs, home.amirs, mixed).await, "SEC-086: of another hour");
    let karis = signed_in(&db, clinic.kari).await;
    db.withdraw_invitation(clinic.kari_at(1), mona, WithdrawnBy::Invitee).await.expect("written");
    let declined = Lending { invitation: mona, ..home.lending() };
    assert!(is_not_there(&db, clinic.kari_at(2), karis, declined).await, "SEC-086: she said no");
    assert!(has_seat(&db, clinic.kari, karis, clinic.meeting.session, 2).await, "nobody was signed out");
}

pub(crate) async fn each_sees_whom_they_may_lend_to(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let clinic = &home.clinic;
    mona(&db, clinic).await;
    let amirs = By::person(home.amir, minutes(0));
    let lendable = db.lendable(amirs, home.amirs, clinic.meeting.id).await.expect("his");
    let names: Vec<_> = lendable.people.iter().map(|one| one.name.given.reveal().clone()).collect();
    assert_eq!((names, lendable.refused), (vec!["Nora".to_owned()], None));
    let karis = signed_in(&db, clinic.kari).await;
    let hosts = db.lendable(clinic.kari_at(0), karis, clinic.meeting.id).await.expect("hers");
    assert_eq!(hosts.people.len(), 2, "a host helps her and her family");
}

pub(crate) async fn it_is_lent_while_the_door_can_be_open(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let window = home.clinic.meeting.window;
    let at = |moment: ids::Timestamp| By::person(home.amir, moment);
    let before = window.opens().minus(Duration::from_millis(1));
    for (moment, why) in [(before, NotLent::TooEarly), (window.closes(), NotLent::Over)] {
        let refused = db.lend(at(moment), home.amirs, home.lending()).await.expect("answered");
        assert_eq!(refused.unwrap_err(), why);
    }
    let appointment: AppointmentId = home.clinic.meeting.id;
    let shown = db.lendable(at(before), home.amirs, appointment).await.expect("his");
    assert_eq!(shown.refused, Some(NotLent::TooEarly));
    let wanted = store::Wanted {
        appointment,
        change: domain::booking::Change::Convert(Mode::Phone),
        seen: 0,
        pause: Duration::ZERO,
    };
    let timetable = crate::support::timetable();
    db.change_appointment(home.clinic.kari_at(-50), wanted, &timetable).await.expect("written");
    let refused = db.lend(at(window.opens()), home.amirs, home.lending()).await.expect("answered");
    assert_eq!(refused.unwrap_err(), NotLent::OffScreen);
    assert_eq!(place.count("SELECT COUNT(*) FROM sign_in WHERE ended IS NOT NULL").await, 0);
    assert_eq!(place.count("SELECT COUNT(*) FROM sign_in WHERE shared_for IS NOT NULL").await, 0);
}

pub(crate) async fn leaving_closes_it_and_a_lost_line_does_not(place: Place) {
    let db = place.open().await;
    let mut home = Home::new(&db).await;
    let (nora, session) = (home.clinic.nora, home.clinic.meeting.session);
    let mut number = 0;
    for (reason, closes) in [
        (GoneReason::LineLost, false),
        (GoneReason::DeviceAsleep, false),
        (GoneReason::SomeoneCameIn, false),
        (GoneReason::ClosedFast, false),
        (GoneReason::SteppedOut, false),
        (GoneReason::SentBack, false),
        (GoneReason::Left, true),
        (GoneReason::EndedByHost, true),
    ] {
        number += 1;
        home.amirs = signed_in(&db, home.amir).await;
        let lent = home.begun(&db, number).await;
        let by = By::person(nora, minutes(number));
        let seat = db.seat(by, lent, session).await.expect("answered").expect("hers");
        let id = AdmissionId::from_bytes([u8::try_from(number).expect("few"); 16]);
        let participant = seat.key.participant;
        let begun = AdmissionBegun { id, session, participant, at: minutes(number), device: None };
        db.admission_begun(By::system(minutes(number)), begun).await.expect("written");
        let mut changes = db.changes();
        db.admission_ended(By::system(minutes(number)), id, reason).await.expect("written");
        let told =
            changes.try_recv().is_ok_and(|heard| heard.subjects.contains(&store::Subject::SignIn(lent)));
        let open = has_seat(&db, nora, lent, session, number).await;
        assert_eq!((open, told), (!closes, closes), "SEC-088: {reason:?}");
    }
}

pub(crate) async fn who_came_by_a_link_vouches_for_nobody(place: Place) {
    let db = place.open().await;
    let home = Home::new(&db).await;
    let link = db.issue_link(home.clinic.kari_at(0), home.amir_invited).await.expect("written").token;
    let browser = db.press_link(&link, None, minutes(1)).await.expect("written").expect("fresh").sign_in;
    let amirs = By::person(home.amir, minutes(2));
    let token = db.lend(amirs, browser, home.lending()).await.expect("written").expect("it can be lent");
    let lent = db.signed_in(&token, minutes(3)).await.expect("answered").expect("good");
    assert_eq!(lent.sign_in.assurance, Assurance::Link, "SEC-085");
    assert_eq!(place.count("SELECT COUNT(*) FROM audit_event WHERE action = 'vouched'").await, 0);
    assert_eq!(place.count("SELECT COUNT(*) FROM sign_in WHERE vouched_how IS NOT NULL").await, 0);
    let chain = db.lend(By::person(home.clinic.nora, minutes(4)), lent.sign_in.id, home.lending()).await;
    assert!(matches!(chain, Err(StoreError::NotFound)), "SEC-086: a lent device lends nothing on");
}

pub(crate) async fn a_code_on_the_screen_vouches_for_who_scans_it(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let invitation = clinic.nora_invited.id;
    let by = clinic.kari_at(0);
    let old = db.issue_link(by, invitation).await.expect("written").token;
    let stranger = db.press_link(&old, None, minutes(0)).await.expect("written").expect("fresh").sign_in;
    let code = db.issue_vouched_link(by, invitation, KnownBy::Document).await.expect("written");
    assert_eq!(code.link.expires, minutes(15), "SEC-085: minutes");
    assert!(!has_seat(&db, clinic.nora, stranger, clinic.meeting.session, 0).await, "older links are out");
    assert!(db.press_link(&code.token, None, minutes(15)).await.expect("answered").is_err(), "too late");

    let pressed = db.press_link(&code.token, None, minutes(2)).await.expect("written").expect("fresh");
    let cookie = pressed.cookie.expect("a new cookie");
    let hers = db.signed_in(&cookie, minutes(600)).await.expect("answered").expect("it outlives the code");
    assert_eq!(hers.sign_in.assurance, Assurance::Vouched);
    assert_eq!(hers.scope, Some(vec![invitation]));
    assert!(!hers.is_shared);
    assert!(db.press_link(&code.token, None, minutes(3)).await.expect("answered").is_err(), "once");
}

/// Her telephone knows an hour already, by a link alone: the same browser is surer from now on.
pub(crate) async fn a_browser_that_was_known_by_a_link_is_surer_after_a_code(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = clinic.kari_at(0);
    let second = appointment(&db, clinic.organization, clinic.kari, minutes(180)).await;
    let invited = invite(&db, &second, clinic.nora, Role::YoungPerson).await.id;
    let third = appointment(&db, clinic.organization, clinic.kari, minutes(300)).await;
    let invited_too = invite(&db, &third, clinic.nora, Role::YoungPerson).await.id;
    let plain = db.issue_link(by, invited).await.expect("written").token;
    let phone = db.press_link(&plain, None, minutes(4)).await.expect("written").expect("fresh");
    let cookie = phone.cookie.expect("a new cookie");
    let code = db.issue_vouched_link(by, invited_too, KnownBy::Acquaintance).await.expect("written").token;
    let same = db.press_link(&code, Some(phone.sign_in), minutes(5)).await.expect("written").expect("fresh");
    assert_eq!(same.sign_in, phone.sign_in);
    let known = db.signed_in(&cookie, minutes(6)).await.expect("answered").expect("good");
    assert_eq!(known.sign_in.assurance, Assurance::Vouched);
    assert_eq!(place.count("SELECT COUNT(*) FROM sign_in WHERE vouched_how = 'acquaintance'").await, 1);
}

pub(crate) async fn whom_somebody_vouched_for_is_not_the_whole_person(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let other = appointment(&db, clinic.organization, clinic.kari, minutes(180)).await;
    invite(&db, &other, clinic.nora, Role::YoungPerson).await;
    let code = db.issue_vouched_link(clinic.kari_at(0), clinic.nora_invited.id, KnownBy::Document).await;
    let code = code.expect("written").token;
    let hers = db.press_link(&code, None, minutes(1)).await.expect("written").expect("fresh").sign_in;
    assert!(has_seat(&db, clinic.nora, hers, clinic.meeting.session, 2).await);
    assert!(!has_seat(&db, clinic.nora, hers, other.session, 2).await, "SEC-085: this hour only");
    assert_eq!(db.seats_of(hers, minutes(2)).await.expect("answered").len(), 1);
    let by = By::person(clinic.nora, minutes(2));
    let seat = db.seat(by, hers, clinic.meeting.session).await.expect("answered").expect("hers");
    db.revoke_links(clinic.kari_at(3), clinic.nora_invited.id).await.expect("written");
    assert!(db.facts(seat.key, minutes(4)).await.expect("answered").cutting.signed_out, "and no longer");
}
