//! The rest of an hour by telephone: said once however often it is told, by a host of the hour and nobody else, and with the
//! number that they may see (SEC-006, SEC-028, SEC-072).

use domain::audit::Purpose;
use domain::closing::{Outcome, Travel};
use domain::crisis::Told;
use domain::meeting::Mode;
use domain::message::{Channel, Contact, MailAddress, PhoneNumber};
use domain::our_agreement::{Gone, OurAgreement, Step, Then};
use domain::protection::Protection;
use ids::{AdmissionId, Assurance, GoneReason, PersonId, Role, SessionId, SignInId, TelephoneId};
use store::{
    AdmissionBegun, AdmissionEnd, By, Closing, Db, HerNumber, NewSignIn, NewTelephone, Noting, PersonKind,
    StoreError, Telephone,
};

use crate::support::{Clinic, Place, invite, minutes, person, timetable};

/// Said by the page with this number, so many minutes after noon, and told then.
fn said(number: u8, since: i64, told: i64) -> NewTelephone {
    let told = Told { done: minutes(since), said: minutes(told) };
    NewTelephone { id: TelephoneId::from_bytes([number; 16]), told, undone: false }
}

/// Kari's hour with Nora from two to three.
async fn hour(db: &Db, clinic: &Clinic) -> SessionId {
    db.join_care_team(clinic.kari_at(0), clinic.nora, clinic.kari).await.expect("written");
    let wish = clinic.wish(db, 120, 60, Mode::Video);
    db.book(clinic.kari_at(0), &wish, &timetable()).await.expect("booked").session
}

/// Nora is reached by this number.
async fn number(db: &Db, clinic: &Clinic, number: &str) -> PhoneNumber {
    let phone = PhoneNumber::parse(number).expect("a number");
    let mail = MailAddress::parse("nora.prove@example.org").expect("an address");
    let contact = Contact { mail: Some(mail), phone: Some(phone.clone()), wanted: Some(Channel::Sms) };
    db.set_contact(clinic.kari_at(0), clinic.nora, &contact).await.expect("written");
    phone
}

/// Nora is reached by nothing.
async fn unreached(db: &Db, clinic: &Clinic) {
    let nothing = Contact { mail: None, phone: None, wanted: None };
    db.set_contact(clinic.kari_at(0), clinic.nora, &nothing).await.expect("written");
}

async fn entries(place: &Place, action: &str) -> i64 {
    place
        .count(&format!("SELECT COUNT(*) FROM audit_event WHERE action = '{action}' AND about IS NOT NULL"))
        .await
}

async fn note(db: &Db, by: By, session: SessionId, new: NewTelephone) -> Noting {
    db.note_telephone(by, session, new).await.expect("theirs to say")
}

/// What stands with the hour, for Kari.
async fn standing(db: &Db, clinic: &Clinic, session: SessionId) -> Option<Telephone> {
    let (appointment, _) = db.appointment_of(session, minutes(200)).await.expect("there");
    db.encounter(clinic.kari_at(200), appointment).await.expect("hers").telephone
}

pub(crate) async fn what_is_told_twice_is_one(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    for heard in [140, 141, 150] {
        assert_eq!(note(&db, clinic.kari_at(heard), session, said(1, 132, heard)).await, Noting::Stands);
    }
    let one = standing(&db, &clinic, session).await.expect("it stands");
    assert_eq!((one.by, one.since, one.noted), (clinic.kari, minutes(132), minutes(140)), "as first told");
    let elsewhere = note(&db, clinic.kari_at(151), session, said(2, 145, 151)).await;
    assert_eq!(elsewhere, Noting::Stands, "from another tab");
    assert_eq!(standing(&db, &clinic, session).await, Some(one), "the rest began when it was said first");
    assert_eq!(entries(&place, "telephone_noted").await, 2, "SEC-006");
    let week = 7 * 24 * 60;
    let late = note(&db, clinic.kari_at(week), session, said(3, 132, week)).await;
    assert_eq!(late, Noting::Refused, "the hour is long over");
}

pub(crate) async fn what_was_said_by_mistake_is_taken_back(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let undone = NewTelephone { undone: true, ..said(1, 132, 152) };
    for new in [said(1, 132, 140), said(2, 145, 151), undone, undone, said(1, 132, 153)] {
        assert_eq!(note(&db, clinic.kari_at(153), session, new).await, Noting::Stands);
    }
    let stands = standing(&db, &clinic, session).await.map(|one| one.id);
    assert_eq!(stands, Some(TelephoneId::from_bytes([2; 16])), "told late, and it stays taken back");
    assert_eq!(entries(&place, "telephone_undone").await, 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM telephone").await, 2, "what was taken back is kept");
}

pub(crate) async fn only_hosts_of_the_hour_say_it_and_see_the_number(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    unreached(&db, &clinic).await;
    let hers = db.telephone_in(clinic.kari_at(1), session).await.expect("hers");
    assert_eq!(hers.number, HerNumber::Missing);
    let phone = number(&db, &clinic, "99887766").await;
    let hers = db.telephone_in(clinic.kari_at(2), session).await.expect("hers");
    assert!(hers.of.is_some() && hers.noted.is_none());
    assert_eq!(hers.number, HerNumber::Known(phone));
    assert!(entries(&place, "read").await > 0, "SEC-006");
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    for who in [By::person(jonas, minutes(3)), By::person(clinic.nora, minutes(3)), By::system(minutes(3))] {
        let read = db.telephone_in(who, session).await.map(drop);
        let told = db.note_telephone(who, session, said(1, 130, 131)).await.map(drop);
        for refused in [read, told] {
            assert!(matches!(refused, Err(StoreError::NotFound)), "{who:?}");
        }
    }
}

pub(crate) async fn a_protected_number_stays_with_those_who_answer_for_her(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let phone = number(&db, &clinic, "99887766").await;
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    let (appointment, _) = db.appointment_of(session, minutes(3)).await.expect("there");
    let meeting = db.meeting(clinic.kari_at(3), Purpose::Care, appointment).await.expect("there");
    invite(&db, &meeting.appointment, jonas, Role::Host).await;
    let shown = async |by: By| db.telephone_in(by, session).await.expect("a host").number;
    assert_eq!(shown(By::person(jonas, minutes(4))).await, HerNumber::Known(phone.clone()));
    db.set_protection(clinic.kari_at(4), clinic.nora, Protection::Confidential).await.expect("written");
    assert_eq!(shown(By::person(jonas, minutes(5))).await, HerNumber::Protected, "SEC-072");
    assert_eq!(shown(clinic.kari_at(5)).await, HerNumber::Known(phone));
    note(&db, clinic.kari_at(130), session, said(1, 130, 130)).await;
    let his = db.note_telephone(By::person(jonas, minutes(131)), session, said(1, 130, 131)).await;
    assert!(matches!(his, Err(StoreError::NotFound)), "an id is whose it is");
}

pub(crate) async fn whoever_reads_no_agreement_is_shown_no_number_that_it_keeps_from_ringing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let phone = number(&db, &clinic, "99887766").await;
    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    let (appointment, _) = db.appointment_of(session, minutes(3)).await.expect("there");
    let meeting = db.meeting(clinic.kari_at(3), Purpose::Care, appointment).await.expect("there");
    invite(&db, &meeting.appointment, jonas, Role::Host).await;
    let shown = async |by: By| db.telephone_in(by, session).await.expect("a host").number;
    for (seen, then, rings) in [(0, Then::Call, true), (1, Then::NextTime, false)] {
        let page =
            OurAgreement { line_lost: Some(Step { wait_minutes: 5, then }), ..OurAgreement::default() };
        db.write_our_agreement(clinic.kari_at(2), clinic.nora, seen, &page).await.expect("hers");
        let his = if rings { HerNumber::Known(phone.clone()) } else { HerNumber::AgreedOtherwise };
        assert_eq!(shown(By::person(jonas, minutes(4))).await, his, "{then:?}");
        assert_eq!(
            shown(clinic.kari_at(4)).await,
            HerNumber::Known(phone.clone()),
            "she reads what was agreed"
        );
    }
}

/// CARE-03: how she was last gone is known to every page, not only to the one that saw it.
pub(crate) async fn how_she_was_last_gone_is_known_to_every_page(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let shown = async || db.telephone_in(clinic.kari_at(1), session).await.expect("hers");
    let participant = shown().await.of.expect("her seat");
    assert_eq!(shown().await.betrays, None, "never in");
    let system = |at| By::system(minutes(at));
    let over = |reason, away| AdmissionEnd { away, ..AdmissionEnd::from(reason) };
    let stays = [
        (over(GoneReason::ClosedFast, None), Some(Gone::ClosedFast)),
        (over(GoneReason::Left, None), None),
        (over(GoneReason::SomeoneCameIn, None), Some(Gone::SomeoneCameIn)),
        (over(GoneReason::LineLost, None), None),
        (over(GoneReason::Left, Some(GoneReason::SomeoneCameIn)), Some(Gone::SomeoneCameIn)),
    ];
    for (number, (end, gone)) in (1..).zip(stays) {
        let at = 120 + 10 * i64::from(number);
        let id = AdmissionId::from_bytes([number; 16]);
        let begun = AdmissionBegun { id, session, participant, at: minutes(at), device: None };
        assert!(db.admission_begun(system(at), begun).await.expect("written"));
        assert_eq!(shown().await.betrays, None, "she is there again");
        assert!(db.admission_ended(system(at + 5), id, end).await.expect("written"));
        assert_eq!(shown().await.betrays, gone.map(|gone| (gone, minutes(at + 5))), "{end:?}");
    }
}

pub(crate) async fn she_hears_who_may_ring_unless_they_agreed_on_something_else(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let signed_in = async |who: PersonId| {
        let lifetime = std::time::Duration::from_secs(3_600 * 8);
        let new = NewSignIn { person: who, assurance: Assurance::SignedIn, lifetime };
        db.sign_in(new, minutes(0)).await.expect("written").0
    };
    let (nora, kari) = (signed_in(clinic.nora).await, signed_in(clinic.kari).await);
    let rung = async |who: PersonId, browser: SignInId| {
        let name = db.may_be_rung_in(By::person(who, minutes(1)), browser, session).await.expect("answered");
        name.map(|name| name.into_revealed())
    };
    unreached(&db, &clinic).await;
    assert_eq!(rung(clinic.nora, nora).await, None, "there is no number to ring");
    number(&db, &clinic, "99887766").await;
    assert_eq!(rung(clinic.nora, nora).await.as_deref(), Some("Kari"));
    assert_eq!(rung(clinic.kari, kari).await, None, "nobody rings a host");
    for (seen, then, rings) in [(0, Then::Message, false), (1, Then::Call, true), (2, Then::NextTime, false)]
    {
        let page =
            OurAgreement { line_lost: Some(Step { wait_minutes: 5, then }), ..OurAgreement::default() };
        db.write_our_agreement(clinic.kari_at(2), clinic.nora, seen, &page).await.expect("hers");
        assert_eq!(rung(clinic.nora, nora).await.is_some(), rings, "{then:?}");
    }
}

pub(crate) async fn the_balance_counts_an_hour_that_was_both(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let balance = async || db.course(clinic.kari_at(200), clinic.nora).await.expect("hers").balance;
    assert!(balance().await.is_empty());
    db.note_telephone(clinic.kari_at(130), session, said(1, 130, 130)).await.expect("hers");
    let begins = Some(minutes(120));
    let shown = balance().await;
    assert_eq!((shown.phone, shown.screen), (begins, None), "nobody has closed it yet");
    let (appointment, _) = db.appointment_of(session, minutes(150)).await.expect("there");
    let closing = |partly_phone| Closing {
        outcome: Outcome::Held { mode: Mode::Video },
        usefulness: None,
        support_talk: false,
        partly_phone,
        travel: Travel::default(),
        tasks: Vec::new(),
    };
    for (seen, partly, phone) in [(0, true, begins), (1, false, None)] {
        db.close_appointment(clinic.kari_at(190), appointment, seen, &closing(partly))
            .await
            .expect("written");
        let record = db.encounter(clinic.kari_at(191), appointment).await.expect("hers");
        assert_eq!(record.closing.expect("closed").0.partly_phone, partly);
        let shown = balance().await;
        assert_eq!((shown.screen, shown.phone), (begins, phone), "as it was written down: {partly}");
    }
}
