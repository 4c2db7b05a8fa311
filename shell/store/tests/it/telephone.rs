//! The rest of an hour by telephone: said once however often it is told, by a host of the hour and nobody else, and with the
//! number that they may see (SEC-006, SEC-028, SEC-072).

use domain::closing::{Outcome, Travel};
use domain::crisis::Told;
use domain::meeting::Mode;
use domain::message::{Channel, Contact, MailAddress, PhoneNumber};
use domain::our_agreement::{OurAgreement, Step, Then};
use domain::protection::Protection;
use ids::{Assurance, PersonId, Role, SessionId, SignInId, TelephoneId};
use store::{By, Closing, Db, HerNumber, NewSignIn, NewTelephone, Noting, PersonKind, StoreError};

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

async fn entries(place: &Place, action: &str) -> i64 {
    place
        .count(&format!("SELECT COUNT(*) FROM audit_event WHERE action = '{action}' AND about IS NOT NULL"))
        .await
}

pub(crate) async fn what_is_told_twice_is_one(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let note = async |heard, new| db.note_telephone(clinic.kari_at(heard), session, new).await.expect("hers");
    for heard in [140, 141, 150] {
        assert_eq!(note(heard, said(1, 132, heard)).await, Noting::Stands);
    }
    let (appointment, _) = db.appointment_of(session, minutes(150)).await.expect("there");
    let standing = async || db.encounter(clinic.kari_at(200), appointment).await.expect("hers").telephone;
    let one = standing().await.expect("it stands");
    assert_eq!(
        (one.by, one.since, one.noted),
        (clinic.kari, minutes(132), minutes(140)),
        "as it was first told"
    );
    assert_eq!(note(151, said(2, 145, 151)).await, Noting::Stands, "from another tab");
    assert_eq!(standing().await, Some(one), "the rest began when it was said first");
    assert_eq!(entries(&place, "telephone_noted").await, 2, "SEC-006");

    for _ in 0..2 {
        let undone = NewTelephone { undone: true, ..said(1, 132, 152) };
        assert_eq!(note(152, undone).await, Noting::Stands);
    }
    assert_eq!(standing().await.map(|one| one.since), Some(minutes(145)));
    assert_eq!(note(153, said(1, 132, 153)).await, Noting::Stands, "told late, and it stays taken back");
    assert_eq!(standing().await.map(|one| one.since), Some(minutes(145)));
    assert_eq!(entries(&place, "telephone_undone").await, 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM telephone").await, 2, "what was taken back is kept");
    let week = 7 * 24 * 60;
    assert_eq!(note(week, said(3, 132, week)).await, Noting::Refused, "the hour is long over");
}

pub(crate) async fn only_hosts_of_the_hour_say_it_and_see_the_number(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let session = hour(&db, &clinic).await;
    let hers = async |by: By| db.telephone_in(by, session).await;
    assert_eq!(hers(clinic.kari_at(1)).await.expect("hers").number, HerNumber::Missing);
    let phone = number(&db, &clinic, "99887766").await;
    let shown = hers(clinic.kari_at(2)).await.expect("hers");
    assert!(shown.of.is_some() && shown.noted.is_none());
    assert_eq!(shown.number, HerNumber::Known(phone.clone()));
    assert!(entries(&place, "read").await > 0, "SEC-006");

    let jonas = person(&db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    for who in [By::person(jonas, minutes(3)), By::person(clinic.nora, minutes(3)), By::system(minutes(3))] {
        assert!(matches!(hers(who).await, Err(StoreError::NotFound)), "{who:?}");
        let told = db.note_telephone(who, session, said(1, 130, 131)).await;
        assert!(matches!(told, Err(StoreError::NotFound)), "{who:?}");
    }
    let (appointment, _) = db.appointment_of(session, minutes(3)).await.expect("there");
    let meeting =
        db.meeting(clinic.kari_at(3), domain::audit::Purpose::Care, appointment).await.expect("there");
    invite(&db, &meeting.appointment, jonas, Role::Host).await;
    assert_eq!(hers(By::person(jonas, minutes(4))).await.expect("a host").number, HerNumber::Known(phone));
    db.set_protection(clinic.kari_at(4), clinic.nora, Protection::Confidential).await.expect("written");
    let protected = hers(By::person(jonas, minutes(5))).await.expect("a host");
    assert_eq!(protected.number, HerNumber::Protected, "SEC-072");
    assert!(matches!(hers(clinic.kari_at(5)).await.expect("hers").number, HerNumber::Known(_)));
    db.note_telephone(clinic.kari_at(130), session, said(1, 130, 130)).await.expect("hers");
    let his = db.note_telephone(By::person(jonas, minutes(131)), session, said(1, 130, 131)).await;
    assert!(matches!(his, Err(StoreError::NotFound)), "an id is whose it is");
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
