//! What a young person and her clinician have agreed, and what stands before a first hour on the screen: hers and her
//! clinicians' alone, sealed, one revision after the other (CARE-01, CARE-02, CARE-03, SEC-070, SEC-097).

use domain::our_agreement::{OurAgreement, Reach, Step, Then};
use domain::readiness::{Point, Standing};
use ids::{Personal, Role};
use store::{Answer, By, Db, StoreError, Written};

use crate::support::{Clinic, NOON, Place, invite, minutes};

const STEP: Option<Step> = Some(Step { wait_minutes: 10, then: Then::Message });

fn page(hard: &str) -> OurAgreement {
    OurAgreement {
        reach: Some(Reach::Message),
        line_lost: STEP,
        someone_came_in: STEP,
        closed_fast: STEP,
        hard: Some(hard.to_owned()),
        sign: Some("Grønn båt".to_owned()),
        ..OurAgreement::default()
    }
}

/// A clinic whose Kari answers for Nora.
async fn with_nora(db: &Db) -> Clinic {
    let clinic = Clinic::new(db).await;
    db.join_care_team(By::operator(NOON), clinic.nora, clinic.kari).await.expect("written");
    clinic
}

pub(crate) async fn it_is_written_by_revision_and_sealed(place: Place) {
    let db = place.open().await;
    let clinic = with_nora(&db).await;
    let before = db.our_agreement(clinic.kari_at(0), clinic.nora).await.expect("hers");
    assert_eq!((before.revision, before.page), (0, OurAgreement::default()));
    let first = page("gå en tur med hunden");
    for _press in 0..2 {
        let written = db.write_our_agreement(clinic.kari_at(1), clinic.nora, 0, &first).await;
        assert_eq!(written.expect("written"), Written::Stands, "the same press twice");
    }
    let second = page("ringe mormor");
    let written = db.write_our_agreement(clinic.kari_at(2), clinic.nora, 1, &second).await;
    assert_eq!(written.expect("written"), Written::Stands);
    let now = db.our_agreement(clinic.kari_at(3), clinic.nora).await.expect("hers");
    assert_eq!((now.revision, now.page, now.written), (2, second, Some(minutes(2))));
    assert_eq!(place.count("SELECT COUNT(*) FROM our_agreement").await, 2, "what stood is kept");
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'our_agreement_written'";
    assert_eq!(place.count(events).await, 2);
    let sign = async |by| db.agreed_sign(by, clinic.nora).await.expect("answered");
    assert_eq!(sign(clinic.kari_at(3)).await.expect("agreed").reveal(), "Grønn båt");
    assert_eq!(sign(By::person(clinic.nora, NOON)).await, None, "for those who answer for her");
    let plain = "SELECT COUNT(*) FROM our_agreement WHERE CAST(contents AS TEXT) LIKE '%hund%'";
    assert_eq!(place.count(plain).await, 0, "SEC-008");
}

pub(crate) async fn only_her_care_team_reads_and_writes(place: Place) {
    let db = place.open().await;
    let clinic = with_nora(&db).await;
    for stranger in [By::person(clinic.nora, NOON), By::operator(NOON), By::system(NOON)] {
        let read = db.our_agreement(stranger, clinic.nora).await;
        assert!(matches!(read, Err(StoreError::NotFound)), "{stranger:?}");
        let written = db.write_our_agreement(stranger, clinic.nora, 0, &page("x")).await;
        assert!(matches!(written, Err(StoreError::NotFound)), "{stranger:?}");
        for answer in [Answer::Tick, Answer::Open(Personal::new("det haster".to_owned())), Answer::TakeBack] {
            let answered = db.answer_point(stranger, clinic.nora, Point::Consent, &answer).await;
            assert!(matches!(answered, Err(StoreError::NotFound)), "{stranger:?}");
        }
    }
}

pub(crate) async fn two_who_write_at_once_lose_nothing(place: Place) {
    let db = place.open().await;
    let clinic = with_nora(&db).await;
    let (one, other) = (page("en"), page("to"));
    let (by, nora) = (clinic.kari_at(0), clinic.nora);
    let both =
        tokio::join!(db.write_our_agreement(by, nora, 0, &one), db.write_our_agreement(by, nora, 0, &other));
    let mut both = [both.0.expect("answered"), both.1.expect("answered")];
    both.sort_by_key(|written| *written == Written::ChangedMeanwhile);
    assert_eq!(both, [Written::Stands, Written::ChangedMeanwhile]);
    assert_eq!(place.count("SELECT COUNT(*) FROM our_agreement").await, 1);
}

pub(crate) async fn her_hosts_see_it_in_the_room_and_nobody_else(place: Place) {
    let db = place.open().await;
    let clinic = with_nora(&db).await;
    let wish = clinic.wish(&db, 120, 45, domain::meeting::Mode::Video);
    let booked = db.book(clinic.kari_at(0), &wish, &crate::support::timetable()).await.expect("booked");
    let session = booked.session;
    let by = clinic.kari_at(1);
    assert_eq!(db.agreed_in(by, session).await.expect("answered"), None, "nothing is agreed yet");
    db.write_our_agreement(by, clinic.nora, 0, &page("en tur")).await.expect("written");
    let (seat, agreed) = db.agreed_in(by, session).await.expect("answered").expect("it stands");
    assert_eq!(agreed, page("en tur"));
    let meeting = db.meeting(by, domain::audit::Purpose::Care, wish.id).await.expect("there");
    let hers = meeting.people.iter().find(|one| one.invitation.person == clinic.nora).expect("invited");
    assert_eq!(seat, hers.invitation.participant);
    let jonas = crate::support::person(
        &db,
        clinic.organization,
        store::PersonKind::Practitioner,
        "Jonas",
        "Prøvevik",
    )
    .await;
    invite(&db, &meeting.appointment, jonas, Role::Host).await;
    for other in [jonas, clinic.nora] {
        let by = By::person(other, minutes(1));
        assert_eq!(
            db.agreed_in(by, session).await.expect("answered"),
            None,
            "a host of the hour does not do"
        );
    }
}

pub(crate) async fn points_are_ticked_opened_and_taken_back(place: Place) {
    let db = place.open().await;
    let clinic = with_nora(&db).await;
    let nora = clinic.nora;
    let readiness =
        async |after| db.our_agreement(clinic.kari_at(after), nora).await.expect("hers").readiness;
    let answer = async |after, point, answer: Answer| {
        db.answer_point(clinic.kari_at(after), nora, point, &answer).await.expect("answered");
    };
    assert_eq!(readiness(0).await.missing(), Some(Point::MetInPerson));
    for _press in 0..2 {
        answer(1, Point::MetInPerson, Answer::Tick).await;
        answer(1, Point::Consent, Answer::Open(Personal::new("Hun sa ja på telefon".to_owned()))).await;
    }
    let now = readiness(2).await;
    let standing = (now.of(Point::MetInPerson), now.of(Point::Consent), now.missing());
    assert_eq!(standing, (Standing::Settled(minutes(1)), Standing::Opened(minutes(1)), Some(Point::Shown)));
    answer(3, Point::Consent, Answer::Tick).await;
    assert_eq!(readiness(4).await.of(Point::Consent), Standing::Settled(minutes(3)), "followed up");
    answer(5, Point::Consent, Answer::Open(Personal::new("for sent".to_owned()))).await;
    assert_eq!(readiness(6).await.of(Point::Consent), Standing::Settled(minutes(3)), "settled stays settled");
    for _press in 0..2 {
        answer(7, Point::Consent, Answer::TakeBack).await;
    }
    assert_eq!(readiness(8).await.of(Point::Consent), Standing::Open);
    let changed = "SELECT COUNT(*) FROM audit_event WHERE action = 'readiness_changed'";
    assert_eq!(place.count(changed).await, 3, "ticked twice, taken back once");
    assert_eq!(place.count("SELECT COUNT(*) FROM audit_event WHERE action = 'readiness_opened'").await, 1);
}

pub(crate) async fn their_agreement_ticks_itself(place: Place) {
    let db = place.open().await;
    let clinic = with_nora(&db).await;
    let (nora, point) = (clinic.nora, Point::Agreement);
    let standing =
        async |after| db.our_agreement(clinic.kari_at(after), nora).await.expect("hers").readiness.of(point);
    let by_hand = db.answer_point(clinic.kari_at(9), nora, point, &Answer::Tick).await;
    assert!(matches!(by_hand, Err(StoreError::NotFound)));
    db.write_our_agreement(clinic.kari_at(9), nora, 0, &page("x")).await.expect("written");
    assert_eq!(standing(10).await, Standing::Settled(minutes(9)));
    let open = OurAgreement { closed_fast: None, ..page("x") };
    db.write_our_agreement(clinic.kari_at(11), nora, 1, &open).await.expect("written");
    assert_eq!(standing(12).await, Standing::Open, "something of it is open again");
}
