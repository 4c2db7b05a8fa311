//! A young person's entry: hers who answers for her, graded when she must not be found, never with nobody
//! (SEC-070, SEC-072, SEC-077).

use std::time::Duration;

use domain::audit::Purpose;
use domain::booking::NotBookable;
use domain::closing::{Outcome, Travel};
use domain::door::Invited;
use domain::meeting::Mode;
use domain::message::{Channel, Contact, MailAddress, PhoneNumber};
use domain::people::{Language, OrganizationKind};
use domain::protection::Protection;
use domain::staff::{NotChangeable, StaffRole};
use ids::{OrganizationId, PersonId, Personal, Role};
use store::{
    By, Closing, Db, Name, NewAppointment, NewInvitation, NewPatient, NewRelated, NewTask, PersonKind,
    RoleOf, StoreError, Whom,
};

use crate::support::{Clinic, NOON, Place, appointment, invite, minutes, person};

fn name(given: &str, family: &str) -> Name {
    Name { given: Personal::new(given.to_owned()), family: Personal::new(family.to_owned()) }
}

fn reached(mail: &str) -> Contact {
    Contact {
        mail: Some(MailAddress::parse(mail).expect("an address")),
        phone: Some(PhoneNumber::parse("99887766").expect("a number")),
        wanted: Some(Channel::Mail),
    }
}

/// A young person as a form would send her.
fn ida(db: &Db, protection: Protection) -> NewPatient {
    let (id, language) = (db.new_person_id(NOON).expect("randomness"), Language::Nynorsk);
    NewPatient {
        id, name: name("Ida", "Prøveli"), language, contact: reached("ida@example.org"), protection
    }
}

async fn role(db: &Db, person: PersonId, organization: OrganizationId, role: StaffRole) {
    db.grant_role(By::operator(NOON), RoleOf { person, organization, role }).await.expect("written");
}

/// A clinician of the clinic beside Kari.
async fn jonas(db: &Db, clinic: &Clinic) -> PersonId {
    let jonas = person(db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    role(db, jonas, clinic.organization, StaffRole::Clinician).await;
    jonas
}

const fn is_nobody<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::NotFound))
}

pub(crate) async fn two_presses_enter_one_young_person(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let new = ida(&db, Protection::Confidential);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    db.enter_patient(clinic.kari_at(0), &new).await.expect("the same press");
    assert_eq!(place.count("SELECT COUNT(*) FROM person WHERE kind = 'patient'").await, 2, "with Nora");
    let entry = db.patient(clinic.kari_at(1), new.id).await.expect("hers");
    assert_eq!((entry.name, entry.language), (new.name.clone(), Language::Nynorsk));
    assert_eq!((entry.contact, entry.protection), (new.contact.clone(), Protection::Confidential));
    assert_eq!(entry.team.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [clinic.kari]);
    let caseload = db.caseload(clinic.kari_at(1), clinic.kari).await.expect("answered");
    assert_eq!(
        caseload.iter().map(|one| (one.id, one.protection)).collect::<Vec<_>>(),
        [(new.id, new.protection)]
    );

    // The id of somebody whom she does not answer for is no way in.
    let theirs = NewPatient { id: clinic.nora, ..new };
    assert!(is_nobody(&db.enter_patient(clinic.kari_at(1), &theirs).await));
    let by_nobody = By::person(clinic.nora, NOON);
    assert!(is_nobody(&db.enter_patient(by_nobody, &ida(&db, Protection::Open)).await), "she works nowhere");
}

/// SEC-070: a parent cannot say it, nor she herself, nor a colleague.
pub(crate) async fn only_her_care_team_says_that_she_comes_with_her_parents(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = jonas(&db, &clinic).await;
    let mona = person(&db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    let new = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    db.relate(By::operator(NOON), new.id, mona, Role::Guardian).await.expect("written");
    for who in [jonas, mona, new.id] {
        let said = db.come_with_parents(By::person(who, minutes(1)), new.id, true).await;
        assert!(is_nobody(&said), "{who:?}");
    }
    assert!(is_nobody(&db.come_with_parents(By::system(minutes(1)), new.id, true).await));
    let comes = async || db.patient(clinic.kari_at(2), new.id).await.expect("hers").comes_with_parents;
    assert!(!comes().await, "she is asked unless somebody says so");
    assert!(db.come_with_parents(clinic.kari_at(1), new.id, true).await.expect("written"));
    assert!(comes().await);
    db.share_patient(clinic.kari_at(3), new.id, jonas).await.expect("a colleague");
    assert!(db.come_with_parents(By::person(jonas, minutes(4)), new.id, false).await.expect("hers now"));
    assert!(!comes().await, "taken back");
}

/// SEC-070: every step as somebody who does not answer for her, and as one who did.
pub(crate) async fn only_her_care_team_reads_and_changes(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = jonas(&db, &clinic).await;
    let new = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    let refused = async |by: By| {
        let known = Whom::Known(jonas);
        let all = [
            is_nobody(&db.patient(by, new.id).await),
            is_nobody(&db.change_patient(by, new.id, &name("A", "B"), Language::English).await),
            is_nobody(&db.set_contact_around(by, new.id, new.id, &Contact::default()).await),
            is_nobody(&db.set_protection(by, new.id, Protection::ClientAddress).await),
            is_nobody(&db.add_relation(by, new.id, Role::Professional, &known).await),
            is_nobody(&db.end_relation(by, new.id, jonas).await),
            is_nobody(&db.share_patient(by, new.id, jonas).await),
            is_nobody(&db.hand_patient(by, new.id, jonas).await),
            is_nobody(&db.leave_patient(by, new.id).await),
            is_nobody(&db.finish_task(by, new.id, ids::TaskId::from_bytes([1; 16])).await),
        ];
        all.iter().all(|refused| *refused)
    };
    for stranger in [By::person(jonas, minutes(1)), By::operator(minutes(1)), By::person(new.id, minutes(1))]
    {
        assert!(refused(stranger).await, "{stranger:?}");
    }
    db.hand_patient(clinic.kari_at(2), new.id, jonas).await.expect("handed over");
    assert!(refused(clinic.kari_at(3)).await, "she answered for her once, and no longer does");
    db.patient(By::person(jonas, minutes(3)), new.id).await.expect("his now");
}

async fn herself_is_nobody_else(db: &Db, clinic: &Clinic, id: PersonId) {
    let handed = db.hand_patient(clinic.kari_at(2), id, clinic.kari).await;
    assert!(matches!(handed, Err(StoreError::Staff(NotChangeable::NobodyLeft))));
    assert_eq!(db.caseload(clinic.kari_at(2), clinic.kari).await.expect("answered").len(), 1, "she stays");
}

/// SEC-077: handed over, shared, left; never with nobody who treats.
pub(crate) async fn nobody_is_left_without_anybody(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = jonas(&db, &clinic).await;
    let new = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    let left = async |minute| db.leave_patient(clinic.kari_at(minute), new.id).await;
    let nobody =
        |answer: Result<(), StoreError>| matches!(answer, Err(StoreError::Staff(NotChangeable::NobodyLeft)));
    assert!(nobody(left(1).await), "she is the only one");
    role(&db, clinic.kari, clinic.organization, StaffRole::Clinician).await;
    herself_is_nobody_else(&db, &clinic, new.id).await;
    assert!(db.share_patient(clinic.kari_at(2), new.id, jonas).await.expect("written"));
    assert!(!db.share_patient(clinic.kari_at(2), new.id, jonas).await.expect("answered"), "once");
    herself_is_nobody_else(&db, &clinic, new.id).await;
    let of = RoleOf { person: jonas, organization: clinic.organization, role: StaffRole::Clinician };
    db.end_role(By::operator(minutes(3)), of).await.expect("written");
    assert!(nobody(left(4).await), "he is in the team and treats nobody any more");
    db.grant_role(By::operator(minutes(5)), of).await.expect("written");
    left(6).await.expect("he answers for her");
    assert!(db.caseload(clinic.kari_at(7), clinic.kari).await.expect("answered").is_empty());

    let support = person(&db, clinic.organization, PersonKind::Practitioner, "Per", "Prøve").await;
    role(&db, support, clinic.organization, StaffRole::Support).await;
    let his = By::person(jonas, minutes(8));
    assert!(
        is_nobody(&db.share_patient(his, new.id, support).await),
        "who treats nobody is no colleague here"
    );
}

async fn it_ends_with_the_team(place: &Place, db: &Db, clinic: &Clinic, (id, jonas): (PersonId, PersonId)) {
    let his = By::person(jonas, minutes(5));
    assert!(db.contact(his, Purpose::Care, id).await.is_ok(), "he answers for her as well now");
    db.leave_patient(clinic.kari_at(6), id).await.expect("he answers for her");
    assert!(db.contact(clinic.kari_at(7), Purpose::Care, id).await.is_err(), "and she no longer does");
    // Somebody close to her whose own address is graded, as long as they are close to her.
    let mona = person(db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    db.relate(By::operator(NOON), id, mona, Role::Guardian).await.expect("written");
    place.tamper("UPDATE person SET protection = 'confidential' WHERE kind = 'related_person'").await;
    let his = By::person(jonas, minutes(8));
    assert!(db.contact(his, Purpose::Care, mona).await.is_ok());
    assert!(db.end_relation(his, id, mona).await.expect("written"));
    assert!(db.contact(his, Purpose::Care, mona).await.is_err());
}

/// SEC-072: contact details of a graded person stay with herself and her care team; the change is in the log.
pub(crate) async fn a_graded_persons_contact_stays_with_her_team(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = jonas(&db, &clinic).await;
    let new = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    let his = By::person(jonas, minutes(1));
    let sees = async |by: By| {
        let contact = db.contact(by, Purpose::Care, new.id).await;
        let phone = db.person(by, Purpose::Care, new.id).await.expect("answered").phone;
        assert_eq!(contact.is_ok(), phone.is_some(), "the two ways say the same");
        contact.is_ok()
    };
    assert!(sees(his).await, "nothing is held back");
    let set = async |protection| db.set_protection(clinic.kari_at(2), new.id, protection).await;
    assert!(!set(Protection::Open).await.expect("answered"), "nothing changed, nothing is logged");
    for protection in [Protection::ClientAddress, Protection::Confidential, Protection::StrictlyConfidential]
    {
        assert!(set(protection).await.expect("written"));
        assert!(!sees(his).await, "{protection:?}: not a colleague");
        assert!(sees(clinic.kari_at(3)).await, "{protection:?}: her own clinician");
        assert!(sees(By::person(new.id, minutes(3))).await, "{protection:?}: herself");
        assert!(sees(By::system(minutes(3))).await, "{protection:?}: whoever sends her a message");
    }
    let logged = "SELECT COUNT(*) FROM audit_event WHERE action = 'protection_changed'";
    assert_eq!(place.count(logged).await, 3);
    db.share_patient(clinic.kari_at(4), new.id, jonas).await.expect("written");
    it_ends_with_the_team(&place, &db, &clinic, (new.id, jonas)).await;
}

/// SEC-073: nobody is led to where a strictly confidential person lives; every other way and grading is as before.
pub(crate) async fn nobody_is_led_to_where_she_must_not_be_found(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let new = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    for protection in Protection::ALL {
        db.set_protection(clinic.kari_at(1), new.id, protection).await.expect("written");
        for mode in Mode::ALL {
            let hour = NewAppointment {
                organization: clinic.organization,
                kind: clinic.meeting.kind,
                mode,
                patient: Some(new.id),
                responsible: clinic.kari,
                window: clinic.meeting.window,
                sign: None,
                notice: None,
            };
            let made = db.add_appointment(clinic.kari_at(2), &hour).await;
            let refused = matches!(made, Err(StoreError::Booking(NotBookable::Protected)));
            assert_eq!(refused, !protection.offers(mode), "{protection:?} {mode:?}: {made:?}");
        }
    }
    let visits = "SELECT COUNT(*) FROM appointment WHERE mode = 'visit'";
    assert_eq!(place.count(visits).await, 3, "none at the strictest");
}

/// Somebody new or known comes to stand around her; whoever no longer does is out of what is to come.
pub(crate) async fn people_come_to_stand_around_her(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    role(&db, clinic.kari, clinic.organization, StaffRole::Administrator).await;
    let school = db.add_partner(clinic.kari_at(0), clinic.organization, "Skolen", OrganizationKind::School);
    let school = school.await.expect("written");
    let elsewhere = db.add_organization(By::operator(NOON), "Ukjent", OrganizationKind::Other).await;
    let elsewhere = elsewhere.expect("written").id;
    let new = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(0), &new).await.expect("written");
    let somebody = |works_at| {
        Whom::New(NewRelated {
            id: db.new_person_id(NOON).expect("randomness"),
            works_at,
            name: name("Mona", "Prøveli"),
            language: Language::Bokmal,
            contact: reached("mona@example.org"),
        })
    };
    let add = async |role, whom: &Whom| db.add_relation(clinic.kari_at(1), new.id, role, whom).await;
    let mona = somebody(None);
    assert!(add(Role::Guardian, &mona).await.expect("written"));
    assert!(!add(Role::Guardian, &mona).await.expect("answered"), "the same press");
    assert!(add(Role::CareWorker, &somebody(Some(school))).await.expect("written"));
    for (role, whom) in [
        (Role::Guardian, somebody(Some(school))),
        (Role::Professional, somebody(None)),
        (Role::Professional, somebody(Some(elsewhere))),
        (Role::Host, somebody(None)),
        (Role::Guardian, Whom::Known(clinic.nora)),
        (Role::Professional, Whom::Known(clinic.kari)),
    ] {
        assert!(is_nobody(&add(role, &whom).await), "{role:?} {whom:?}");
    }
    let entry = db.patient(clinic.kari_at(2), new.id).await.expect("hers");
    let around: Vec<_> = entry.related.iter().map(|one| (one.role, one.works_at.as_deref())).collect();
    assert_eq!(around, [(Role::Guardian, None), (Role::CareWorker, Some("Skolen"))]);
    let mona = entry.related[0].person;
    assert_eq!(entry.related[0].contact, Some(reached("mona@example.org")));
    assert_eq!(entry.related[1].contact, None, "theirs is their own organisation's");

    whoever_is_close_to_one_may_be_chosen_for_another(&db, &clinic, mona).await;
    taking_somebody_away_takes_what_is_to_come(&db, &clinic, mona).await;
}

async fn whoever_is_close_to_one_may_be_chosen_for_another(db: &Db, clinic: &Clinic, mona: PersonId) {
    // Whoever is close to one of hers may be chosen for another of hers; a colleague has no such choice.
    db.join_care_team(clinic.kari_at(2), clinic.nora, clinic.kari).await.expect("written");
    let offered = db.offered_around(clinic.kari_at(3), clinic.organization).await.expect("answered");
    assert!(offered.iter().any(|one| one.person == mona));
    let known = db.add_relation(clinic.kari_at(3), clinic.nora, Role::Guardian, &Whom::Known(mona)).await;
    assert!(known.expect("written"));
}

async fn taking_somebody_away_takes_what_is_to_come(db: &Db, clinic: &Clinic, mona: PersonId) {
    let mut hours = Vec::new();
    for starts in [0, 600] {
        let of = appointment(db, clinic.organization, clinic.kari, minutes(starts)).await;
        let new = NewAppointment {
            organization: clinic.organization,
            kind: of.kind,
            mode: Mode::Video,
            patient: Some(clinic.nora),
            responsible: clinic.kari,
            window: of.window,
            sign: None,
            notice: None,
        };
        let hers = db.add_appointment(By::operator(NOON), &new).await.expect("written");
        hours.push((hers.session, invite(db, &hers, mona, Role::Guardian).await));
    }
    assert!(db.end_relation(clinic.kari_at(10), clinic.nora, mona).await.expect("written"));
    assert!(!db.end_relation(clinic.kari_at(11), clinic.nora, mona).await.expect("answered"), "once");
    let lifetime = Duration::from_secs(3_600);
    let new = store::NewSignIn { person: mona, assurance: ids::Assurance::SignedIn, lifetime };
    let (sign_in, _) = db.sign_in(new, minutes(12)).await.expect("written");
    let mut invited = Vec::new();
    for (session, _) in &hours {
        let seat = db.seat(By::person(mona, minutes(12)), sign_in, *session).await.expect("answered");
        invited.push(seat.is_some_and(|seat| matches!(seat.facts.cutting.invitation, Invited::Yes { .. })));
    }
    assert_eq!(invited, [true, false], "the hour that has begun is the room's; the one to come is not hers");
}

/// Who stands around another's young person, or works with another clinic, is neither chosen nor changed from here.
pub(crate) async fn what_is_others_is_neither_chosen_nor_changed(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let jonas = jonas(&db, &clinic).await;
    let (hers, his) = (ida(&db, Protection::Open), ida(&db, Protection::Open));
    db.enter_patient(clinic.kari_at(0), &hers).await.expect("written");
    db.enter_patient(By::person(jonas, NOON), &his).await.expect("written");
    let mona = person(&db, clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    db.relate(By::operator(NOON), his.id, mona, Role::Guardian).await.expect("written");
    let other = db.add_organization(By::operator(NOON), "En annen", OrganizationKind::Clinic).await;
    let other = other.expect("written").id;
    let ola = person(&db, other, PersonKind::Practitioner, "Ola", "Annen").await;
    role(&db, ola, other, StaffRole::Administrator).await;
    let school = db.add_partner(By::person(ola, NOON), other, "Skolen", OrganizationKind::School).await;
    let siri = person(&db, school.expect("written"), PersonKind::Practitioner, "Siri", "Prøve").await;
    for (role, who) in [(Role::Guardian, mona), (Role::Professional, siri)] {
        let chosen = db.add_relation(clinic.kari_at(1), hers.id, role, &Whom::Known(who)).await;
        assert!(is_nobody(&chosen), "{role:?}");
    }
    for who in [mona, jonas, his.id] {
        let changed = db.set_contact_around(clinic.kari_at(1), hers.id, who, &Contact::default()).await;
        assert!(is_nobody(&changed));
    }
    let offers_mona = async || {
        let offered = db.offered_around(By::person(jonas, minutes(2)), clinic.organization).await;
        offered.expect("answered").iter().any(|one| one.person == mona)
    };
    assert!(offers_mona().await);
    place.tamper("UPDATE person SET protection = 'confidential' WHERE kind = 'related_person'").await;
    assert!(!offers_mona().await, "who must not be found is not offered");
}

/// Tasks agreed in her hours are open until somebody who answers for her says that they are done.
pub(crate) async fn what_was_agreed_is_open_until_it_is_done(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    db.join_care_team(clinic.kari_at(0), clinic.nora, clinic.kari).await.expect("written");
    let of = &clinic.meeting;
    let new = NewAppointment {
        organization: clinic.organization,
        kind: of.kind,
        mode: Mode::Phone,
        patient: Some(clinic.nora),
        responsible: clinic.kari,
        window: of.window,
        sign: None,
        notice: None,
    };
    let hour = db.add_appointment(By::operator(NOON), &new).await.expect("written");
    let host = NewInvitation { appointment: hour.id, person: clinic.kari, role: Role::Host, until: None };
    db.invite(By::operator(NOON), host).await.expect("written");
    let task = NewTask {
        owner: clinic.kari,
        description: Personal::new("Ring skolen".to_owned()),
        due: Some("2026-11-30".to_owned()),
        for_her: false,
    };
    let closing = Closing {
        outcome: Outcome::Held { mode: Mode::Phone },
        usefulness: None,
        support_talk: false,
        partly_phone: false,
        travel: Travel::default(),
        tasks: vec![task],
    };
    db.close_appointment(clinic.kari_at(90), hour.id, 0, &closing).await.expect("written");
    let open = async |minute| db.patient(clinic.kari_at(minute), clinic.nora).await.expect("hers").tasks;
    let tasks = open(91).await;
    let [task] = tasks.as_slice() else { panic!("one task, not {}", tasks.len()) };
    assert_eq!(
        (task.description.reveal().as_str(), task.due.as_deref()),
        ("Ring skolen", Some("2026-11-30"))
    );

    // A task of somebody else's young person is none of hers.
    let other = ida(&db, Protection::Open);
    db.enter_patient(clinic.kari_at(92), &other).await.expect("written");
    assert!(!db.finish_task(clinic.kari_at(92), other.id, task.id).await.expect("answered"));
    assert_eq!(open(93).await.len(), 1);
    assert!(db.finish_task(clinic.kari_at(93), clinic.nora, task.id).await.expect("written"));
    assert!(!db.finish_task(clinic.kari_at(94), clinic.nora, task.id).await.expect("answered"), "once");
    assert!(open(95).await.is_empty());
}
