//! What an administrator does, and what nobody else does: roles, access, partners, helplines
//! (SEC-071, SEC-074, SEC-075, SEC-076).

use std::time::Duration;

use domain::audit::Action;
use domain::helplines::{Answers, Line, Sentence};
use domain::message::{Contact, MailAddress};
use domain::people::{Language, Organization, OrganizationKind};
use domain::staff::{NotChangeable, StaffRole};
use ids::{Assurance, OrganizationId, PersonId, Personal};
use store::{By, Db, Helplines, Name, NewSignIn, NewStaff, PersonKind, RoleOf, StoreError, Token};

use crate::support::{Clinic, NOON, Place, minutes, person};

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn somebody(db: &Db, given: &str) -> NewStaff {
    let part = |text: &str| Personal::new(text.to_owned());
    NewStaff {
        id: db.new_person_id(NOON).expect("randomness"),
        name: Name { given: part(given), family: part("Prøve") },
        language: Language::Bokmal,
        contact: Contact::default(),
    }
}

async fn grant(db: &Db, person: PersonId, organization: OrganizationId, role: StaffRole) {
    db.grant_role(By::operator(NOON), RoleOf { person, organization, role }).await.expect("written");
}

const fn is_nobody<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::NotFound))
}

/// SEC-071: every step as a clinician of the same clinic, as the administrator of another, as nobody.
pub(crate) async fn only_administrators_of_that_organisation_administer(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    grant(&db, clinic.kari, here, StaffRole::Clinician).await;
    let other = db.add_organization(By::operator(NOON), "En annen", OrganizationKind::Clinic).await;
    let other = other.expect("written").id;
    let ola = person(&db, other, PersonKind::Practitioner, "Ola", "Annen").await;
    grant(&db, ola, other, StaffRole::Administrator).await;
    let refused = async |by: By| {
        let new = somebody(&db, "Per");
        let organization =
            Organization { id: here, name: "Stjålet".to_owned(), kind: OrganizationKind::Other };
        let all = [
            is_nobody(&db.office(by, here).await),
            is_nobody(&db.staff_of(by, here).await),
            is_nobody(&db.staff_member(by, here, clinic.kari).await),
            is_nobody(&db.add_staff(by, (here, here), &new, &[]).await),
            is_nobody(&db.change_staff(by, here, here, &NewStaff { id: clinic.kari, ..new.clone() }).await),
            is_nobody(&db.set_roles(by, here, clinic.kari, &StaffRole::ALL).await),
            is_nobody(&db.hand_out_staff_link(by, (here, clinic.kari), false, DAY).await),
            is_nobody(&db.sign_out_everywhere(by, here, clinic.kari).await),
            is_nobody(&db.dismiss(by, here, clinic.kari).await),
            is_nobody(&db.rename_organization(by, here, &organization).await),
            is_nobody(&db.add_partner(by, here, "Skole", OrganizationKind::School).await),
            is_nobody(&db.partner(by, here, other).await),
            is_nobody(&db.set_helplines(by, here, &Helplines::default()).await),
            is_nobody(&db.access_log(by, here, 10).await),
        ];
        all.iter().all(|refused| *refused)
    };
    for by in [clinic.kari_at(1), By::person(ola, minutes(1)), By::person(clinic.nora, minutes(1))] {
        assert!(refused(by).await, "{by:?}");
    }
    // Through one's own organisation one does not reach another's people either.
    let his = By::person(ola, minutes(2));
    assert!(is_nobody(&db.staff_member(his, other, clinic.kari).await));
    assert!(is_nobody(&db.hand_out_staff_link(his, (other, clinic.kari), false, DAY).await));
    assert!(is_nobody(&db.add_staff(his, (other, here), &somebody(&db, "Per"), &[]).await));
    let of = RoleOf { person: ola, organization: other, role: StaffRole::Administrator };
    db.office(his, other).await.expect("his own");
    db.end_role(By::operator(minutes(3)), of).await.expect("written");
    assert!(is_nobody(&db.office(By::person(ola, minutes(4)), other).await), "now, not once");
}

/// SEC-074: the last administrator stays one, however the role would end.
pub(crate) async fn the_last_administrator_stays(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let (here, kari) = (clinic.organization, clinic.kari);
    grant(&db, kari, here, StaffRole::Administrator).await;
    let last = |answer: Result<bool, StoreError>| {
        matches!(answer, Err(StoreError::Staff(NotChangeable::LastAdministrator)))
    };
    assert!(last(db.set_roles(clinic.kari_at(1), here, kari, &[StaffRole::Clinician]).await));
    assert!(last(db.dismiss(clinic.kari_at(1), here, kari).await));
    assert_eq!(db.roles_of(kari, minutes(1)).await.expect("answered").len(), 1, "nothing changed");
    let new = somebody(&db, "Per");
    db.add_staff(clinic.kari_at(2), (here, here), &new, &[]).await.expect("written");
    let both = [StaffRole::Administrator, StaffRole::Clinician];
    assert!(db.set_roles(clinic.kari_at(2), here, new.id, &both).await.expect("written"));
    assert!(!db.set_roles(clinic.kari_at(2), here, new.id, &both).await.expect("answered"), "as before");

    // Both at once: one of the two stays, whoever was first.
    let (his, hers) = (By::person(new.id, minutes(3)), clinic.kari_at(3));
    let (one, other) =
        tokio::join!(db.set_roles(hers, here, new.id, &[]), db.set_roles(his, here, kari, &[]));
    assert_eq!([&one, &other].iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {other:?}");
    let left = "SELECT COUNT(*) FROM practitioner_role WHERE role = 'administrator' AND ended IS NULL";
    assert_eq!(place.count(left).await, 1);
}

/// Somebody is entered, handed a link, signed out, and has nothing left at the end; it is all in the log.
pub(crate) async fn somebody_comes_and_goes(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    grant(&db, clinic.kari, here, StaffRole::Administrator).await;
    let new = somebody(&db, "Per");
    let enter = async || db.add_staff(clinic.kari_at(1), (here, here), &new, &[StaffRole::Clinician]).await;
    enter().await.expect("written");
    enter().await.expect("the same press");
    let issued = db.hand_out_staff_link(clinic.kari_at(2), (here, new.id), false, DAY).await.expect("made");
    assert_eq!(issued.link.expires, minutes(2 + 24 * 60));
    let sign_in = NewSignIn { person: new.id, assurance: Assurance::SignedIn, lifetime: DAY };
    let (_, token) = db.sign_in(sign_in, minutes(3)).await.expect("written");
    let entry = db.staff_member(clinic.kari_at(4), here, new.id).await.expect("answered");
    assert_eq!((entry.passkeys, entry.sign_ins, entry.link_until), (0, 1, Some(issued.link.expires)));
    assert_eq!((entry.roles, entry.works_elsewhere, entry.alone_for), (vec![StaffRole::Clinician], false, 0));
    assert_eq!(db.sign_out_everywhere(clinic.kari_at(5), here, new.id).await.expect("written"), 1);
    assert!(db.signed_in(&token, minutes(6)).await.expect("answered").is_none());
    assert!(
        db.see_staff_link(&issued.token, minutes(6)).await.expect("answered").is_some(),
        "the link waits"
    );

    nothing_is_left(&db, &clinic, new.id, &issued.token).await;
    enter().await.expect("the same press, long after");
    assert!(db.roles_of(new.id, minutes(30)).await.expect("answered").is_empty(), "it gives nothing back");
    the_log_tells_it(&db, &clinic).await;
}

async fn nothing_is_left(db: &Db, clinic: &Clinic, person: PersonId, link: &Token) {
    let here = clinic.organization;
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime: DAY };
    let (_, token) = db.sign_in(new, minutes(6)).await.expect("written");
    assert!(db.dismiss(clinic.kari_at(7), here, person).await.expect("written"));
    assert!(!db.dismiss(clinic.kari_at(8), here, person).await.expect("answered"), "nothing left");
    assert!(db.signed_in(&token, minutes(8)).await.expect("answered").is_none(), "signed in nowhere");
    let seen = db.see_staff_link(link, minutes(8)).await.expect("answered").expect("it was");
    assert!(seen.link.check(minutes(8)).is_err(), "and works no more");
    assert!(db.roles_of(person, minutes(8)).await.expect("answered").is_empty());
}

async fn the_log_tells_it(db: &Db, clinic: &Clinic) {
    let log = db.access_log(clinic.kari_at(9), clinic.organization, 10).await.expect("answered");
    let actions: Vec<Action> = log.iter().map(|line| line.action).collect();
    let (granted, ended) = (Action::RoleGranted, Action::RoleEnded);
    let expected = [Action::StaffLinkRevoked, ended, Action::StaffLinkIssued, granted];
    assert_eq!(actions[..4], expected, "newest first, and no young person's entry among them");
    assert_eq!(log[0].by.as_ref().map(|name| name.given.reveal().as_str()), Some("Kari"));
    assert_eq!(log[1].role, Some(StaffRole::Clinician));
    assert!(log.last().is_some_and(|first| first.by.is_none()), "Kari's own role: the operator's");
}

/// SEC-077: the list of whoever stops goes to a colleague, and the administrator reads no name of it.
pub(crate) async fn the_list_of_whoever_stops_goes_to_a_colleague(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    let anne = person(&db, here, PersonKind::Practitioner, "Anne", "Prøve").await;
    grant(&db, anne, here, StaffRole::Administrator).await;
    let jonas = person(&db, here, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    for who in [clinic.kari, jonas] {
        grant(&db, who, here, StaffRole::Clinician).await;
    }
    let shared = person(&db, here, PersonKind::Patient, "Ida", "Prøveli").await;
    for (patient, who) in [(clinic.nora, clinic.kari), (shared, clinic.kari), (shared, jonas)] {
        db.join_care_team(By::operator(NOON), patient, who).await.expect("written");
    }
    let by = By::person(anne, minutes(1));
    assert_eq!(db.staff_member(by, here, clinic.kari).await.expect("answered").alone_for, 1);
    db.dismiss(by, here, clinic.kari).await.expect("written");
    assert_eq!(
        db.staff_member(by, here, clinic.kari).await.expect("answered").alone_for,
        1,
        "still hers alone"
    );
    it_is_given_once(&db, &clinic, by, (anne, jonas)).await;
    let reads = "SELECT COUNT(*) FROM audit_event WHERE action = 'read' \
         AND about IN (SELECT id FROM person WHERE kind = 'patient')";
    assert_eq!(place.count(reads).await, 0, "nobody's name was read");
    it_went_to(&db, &clinic, jonas, shared).await;
}

async fn it_went_to(db: &Db, clinic: &Clinic, jonas: PersonId, shared: PersonId) {
    let his = db.caseload(By::person(jonas, minutes(3)), jonas).await.expect("answered");
    assert_eq!(his.len(), 2);
    let hers = db.caseload(clinic.kari_at(3), clinic.kari).await.expect("answered");
    assert_eq!(hers.iter().map(|one| one.id).collect::<Vec<_>>(), [shared], "what is shared stays as it was");
}

async fn it_is_given_once(db: &Db, clinic: &Clinic, by: By, (anne, jonas): (PersonId, PersonId)) {
    let (here, kari) = (clinic.organization, clinic.kari);
    assert!(is_nobody(&db.give_list(clinic.kari_at(2), here, (kari, jonas)).await));
    assert!(is_nobody(&db.give_list(by, here, (kari, anne)).await), "who treats nobody gets no list");
    assert_eq!(db.give_list(by, here, (kari, jonas)).await.expect("written"), 1);
    assert_eq!(db.give_list(by, here, (kari, jonas)).await.expect("answered"), 0);
}

/// SEC-075: whoever has a role elsewhere gets no link here, for it would open the other place as well.
pub(crate) async fn who_works_elsewhere_gets_no_link_here(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    grant(&db, clinic.kari, here, StaffRole::Administrator).await;
    let other = db.add_organization(By::operator(NOON), "En annen", OrganizationKind::Clinic).await;
    let other = other.expect("written").id;
    let per = person(&db, here, PersonKind::Practitioner, "Per", "Prøve").await;
    db.hand_out_staff_link(clinic.kari_at(1), (here, per), false, DAY).await.expect("he works here only");
    grant(&db, per, other, StaffRole::Administrator).await;
    let link = db.hand_out_staff_link(clinic.kari_at(2), (here, per), false, DAY).await;
    assert!(matches!(link, Err(StoreError::Staff(NotChangeable::WorksElsewhere))));
    assert!(db.staff_member(clinic.kari_at(2), here, per).await.expect("answered").works_elsewhere);
    assert!(db.dismiss(clinic.kari_at(3), here, per).await.expect("taking away is always allowed"));
    assert_eq!(db.roles_of(per, minutes(4)).await.expect("answered").len(), 1, "not what he is elsewhere");
}

async fn a_graded_contact_is_not_shown(
    place: &Place,
    db: &Db,
    clinic: &Clinic,
    amir: (OrganizationId, &NewStaff),
) {
    let (school, amir) = amir;
    let (by, here) = (clinic.kari_at(1), clinic.organization);
    let other = db.add_organization(By::operator(NOON), "En annen", OrganizationKind::Clinic).await;
    assert!(is_nobody(&db.partner(by, here, other.expect("written").id).await), "no partner of ours");
    let entry = db.partner(by, here, school).await.expect("answered");
    assert_eq!(entry.people[0].contact, amir.contact);
    place.tamper("UPDATE person SET protection = 'confidential' WHERE kind = 'practitioner'").await;
    let entry = db.partner(by, here, school).await.expect("answered");
    assert_eq!(entry.people[0].contact, Contact::default(), "SEC-072");
}

/// Partners are entered and renamed, with their people, until they administer themselves.
pub(crate) async fn partners_are_ours_to_enter_until_they_administer_themselves(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    grant(&db, clinic.kari, here, StaffRole::Administrator).await;
    let by = clinic.kari_at(1);
    let school = db.add_partner(by, here, "Skolen", OrganizationKind::School).await.expect("written");
    let again = db.add_partner(by, here, "Skolen", OrganizationKind::School).await;
    assert_eq!(again.expect("the same press"), school);
    let contact = Contact { mail: MailAddress::parse("amir@example.org").ok(), ..Contact::default() };
    let amir = NewStaff { contact, ..somebody(&db, "Amir") };
    db.add_staff(by, (here, school), &amir, &[]).await.expect("written");
    let renamed = Organization { id: school, name: "Skolen vår".to_owned(), kind: OrganizationKind::Other };
    db.rename_organization(by, here, &renamed).await.expect("written");
    let entry = db.partner(by, here, school).await.expect("answered");
    assert_eq!((entry.organization, entry.administers_itself), (renamed.clone(), false));
    assert_eq!(entry.people.iter().map(|one| one.person).collect::<Vec<_>>(), [amir.id]);
    a_graded_contact_is_not_shown(&place, &db, &clinic, (school, &amir)).await;
    let office = db.office(by, here).await.expect("answered");
    assert_eq!(office.partners.iter().map(|one| one.people).collect::<Vec<_>>(), [1]);

    grant(&db, amir.id, school, StaffRole::Administrator).await;
    let later = clinic.kari_at(2);
    assert!(is_nobody(&db.rename_organization(later, here, &renamed).await), "theirs now");
    assert!(is_nobody(&db.add_staff(later, (here, school), &somebody(&db, "Siri"), &[]).await));
    assert!(is_nobody(&db.change_staff(later, here, school, &amir).await));
    assert!(db.partner(later, here, school).await.expect("answered").administers_itself);
}

/// SEC-077: a colleague who treats no more is nobody whom a young person is left with.
pub(crate) async fn who_treats_no_more_is_not_counted(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    grant(&db, clinic.kari, here, StaffRole::Administrator).await;
    let jonas = person(&db, here, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
    grant(&db, jonas, here, StaffRole::Clinician).await;
    for who in [clinic.kari, jonas] {
        db.join_care_team(By::operator(NOON), clinic.nora, who).await.expect("written");
    }
    let alone = async |at| {
        let entry = db.staff_member(clinic.kari_at(at), here, clinic.kari).await;
        entry.expect("answered").alone_for
    };
    assert_eq!(alone(1).await, 0);
    let of = RoleOf { person: jonas, organization: here, role: StaffRole::Clinician };
    db.end_role(By::operator(minutes(2)), of).await.expect("written");
    assert_eq!(alone(3).await, 1);
}

/// CARE-14, SEC-076: what the organisation entered is shown to its own, to its partners' and, alone, to everybody.
pub(crate) async fn helplines_are_shown_where_they_belong(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let here = clinic.organization;
    grant(&db, clinic.kari, here, StaffRole::Administrator).await;
    let by = clinic.kari_at(1);
    let school = db.add_partner(by, here, "Skolen", OrganizationKind::School).await.expect("written");
    let answers = Answers { number: "73 00 00 00".to_owned(), hours: Some("hele døgnet".to_owned()) };
    let new = Helplines {
        lines: vec![(Line::ChildWelfare, answers.clone())],
        sentences: vec![(Sentence::OutOfHours, Language::Bokmal, "Ring.".to_owned())],
    };
    let at = async |place| db.helplines_at(place, minutes(2)).await.expect("answered");
    assert_eq!(at(store::Place::Anybody).await, Helplines::default());
    db.set_helplines(by, here, &new).await.expect("written");
    db.set_helplines(by, here, &new).await.expect("in the place of what was there");
    for place in [store::Place::Of(here), store::Place::Of(school), store::Place::Anybody] {
        assert_eq!(at(place).await, new, "{place:?}");
    }
    let other = db.add_organization(By::operator(NOON), "En annen", OrganizationKind::Clinic).await;
    let other = other.expect("written").id;
    assert_eq!(at(store::Place::Of(other)).await, Helplines::default(), "not another clinic's");
    let ola = person(&db, other, PersonKind::Practitioner, "Ola", "Annen").await;
    grant(&db, ola, other, StaffRole::Administrator).await;
    let theirs = Helplines { lines: vec![(Line::Clinic, answers)], sentences: vec![] };
    db.set_helplines(By::person(ola, minutes(1)), other, &theirs).await.expect("written");
    assert_eq!(at(store::Place::Of(other)).await, theirs);
    assert_eq!(at(store::Place::Anybody).await, Helplines::default(), "nobody knows whose is meant");
}
