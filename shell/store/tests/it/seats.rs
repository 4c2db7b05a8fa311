//! Seats and the door's facts: every write moves its own fact, and the rooms hear of it.

use std::time::Duration;

use domain::audit::Purpose;
use domain::door::{Facts, Invited};
use domain::meeting::{SessionState, WithdrawnBy};
use ids::{AdmissionId, Assurance, GoneReason, ParticipantId, Personal, Role, SignInId};
use store::{AdmissionBegun, By, Db, NewSignIn, PersonKind, Seat, StoreError, Subject};
use tokio::sync::broadcast::Receiver;

use crate::support::{Clinic, Place, appointment, minutes, person};

async fn signed_in(db: &Db, person: ids::PersonId) -> (SignInId, store::Token) {
    let lifetime = Duration::from_secs(8 * 3_600);
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
    db.sign_in(new, minutes(0)).await.expect("written")
}

async fn seat_of_nora(db: &Db, clinic: &Clinic) -> Seat {
    let (sign_in, _) = signed_in(db, clinic.nora).await;
    let by = By::person(clinic.nora, minutes(1));
    db.seat(by, sign_in, clinic.meeting.session).await.expect("answered").expect("a seat")
}

/// Reads the facts again after the rooms were told about `subject`.
async fn after(db: &Db, seat: &Seat, changes: &mut Receiver<store::FactChanged>, subject: Subject) -> Facts {
    let heard = changes.try_recv().expect("the rooms are told").subjects;
    assert!(heard.contains(&subject), "{heard:?} does not name {subject:?}");
    db.facts(seat.key, minutes(2)).await.expect("answered")
}

pub(crate) async fn every_write_moves_its_own_fact_and_tells_the_rooms(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let seat = seat_of_nora(&db, &clinic).await;
    let plain = seat.facts.clone();
    assert_eq!(plain.cutting.invitation, Invited::Yes { role: Role::YoungPerson, until: None });
    assert_eq!(plain.closing.window, clinic.meeting.window);
    assert!(plain.closing.young_person_invited);
    let cut = &plain.cutting;
    assert!(!(cut.blocked || cut.own_withdrawal || cut.signed_out || cut.session_ended || cut.ended_for));

    let (by, mut changes) = (clinic.kari_at(2), db.changes());
    let (invitation, session, me) = (clinic.nora_invited.id, seat.session, seat.key.participant);
    for who in [WithdrawnBy::Clinician, WithdrawnBy::Other, WithdrawnBy::Invitee] {
        assert!(db.withdraw_invitation(by, invitation, who).await.expect("written"));
        let facts = after(&db, &seat, &mut changes, Subject::Participant(me)).await;
        let mut expected = plain.clone();
        expected.cutting.invitation = Invited::Withdrawn { role: Role::YoungPerson, by: who };
        expected.cutting.own_withdrawal = who == WithdrawnBy::Invitee;
        expected.closing.young_person_invited = who == WithdrawnBy::Other;
        assert_eq!(facts, expected);
        assert!(!db.withdraw_invitation(by, invitation, who).await.expect("answered"), "only once");
        assert!(db.restore_invitation(by, invitation).await.expect("written"));
        assert_eq!(after(&db, &seat, &mut changes, Subject::Participant(me)).await, plain);
    }

    let why = Personal::new("for trygghet".to_owned());
    assert!(db.block(by, clinic.meeting.id, clinic.nora, &why).await.expect("written"));
    assert!(after(&db, &seat, &mut changes, Subject::Participant(me)).await.cutting.blocked);
    assert!(!db.block(by, clinic.meeting.id, clinic.nora, &why).await.expect("answered"), "only once");
    assert!(db.unblock(by, clinic.meeting.id, clinic.nora).await.expect("written"));
    assert_eq!(after(&db, &seat, &mut changes, Subject::Participant(me)).await, plain);

    assert!(db.end_for(by, me).await.expect("written"));
    assert!(after(&db, &seat, &mut changes, Subject::Participant(me)).await.cutting.ended_for);
    assert!(db.undo_end_for(by, me).await.expect("written"));
    assert_eq!(after(&db, &seat, &mut changes, Subject::Participant(me)).await, plain);

    assert!(db.end_session(by, session).await.expect("written"));
    assert!(after(&db, &seat, &mut changes, Subject::Session(session)).await.cutting.session_ended);
    assert!(db.reopen_session(by, session).await.expect("written"));
    assert_eq!(after(&db, &seat, &mut changes, Subject::Session(session)).await, plain);

    assert!(db.sign_out(By::person(clinic.nora, minutes(3)), seat.key.sign_in).await.expect("written"));
    assert!(after(&db, &seat, &mut changes, Subject::SignIn(seat.key.sign_in)).await.cutting.signed_out);
    assert!(changes.try_recv().is_err(), "nothing else was announced");
}

/// SEC-028: no invitation and no such session look the same.
pub(crate) async fn somebody_without_an_invitation_has_no_seat(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let stranger = person(&db, clinic.organization, PersonKind::RelatedPerson, "Ola", "Fremmed").await;
    let (sign_in, _) = signed_in(&db, stranger).await;
    let by = By::person(stranger, minutes(1));
    assert!(db.seat(by, sign_in, clinic.meeting.session).await.expect("answered").is_none());
    let nowhere = ids::SessionId::from_bytes([9; 16]);
    assert!(db.seat(by, sign_in, nowhere).await.expect("answered").is_none());
    let made_up = store::SeatKey { participant: ParticipantId::from_bytes([9; 16]), sign_in };
    assert!(matches!(db.facts(made_up, minutes(1)).await, Err(StoreError::NotFound)));

    // Somebody else's seat with one's own browser: the facts say that this browser is not hers.
    let hers = store::SeatKey { participant: clinic.nora_invited.participant, sign_in };
    assert!(db.facts(hers, minutes(1)).await.expect("answered").cutting.signed_out);
}

pub(crate) async fn the_day_shows_the_clinicians_own_meetings(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let colleague = person(&db, clinic.organization, PersonKind::Practitioner, "Per", "Kollega").await;
    let other = appointment(&db, clinic.organization, colleague, minutes(60)).await;
    appointment(&db, clinic.organization, clinic.kari, minutes(24 * 60)).await;
    let (from, to) = (minutes(-720), minutes(720));
    let day = db.day_of(clinic.kari_at(1), clinic.kari, from, to).await.expect("answered");
    assert_eq!(day.iter().map(|meeting| meeting.appointment.id).collect::<Vec<_>>(), [clinic.meeting.id]);
    let meeting = &day[0];
    assert_eq!((&meeting.appointment, meeting.state), (&clinic.meeting, SessionState::Planned));
    let people: Vec<_> =
        meeting.people.iter().map(|one| (one.invitation.role, one.name.given.reveal().as_str())).collect();
    assert_eq!(people, [(Role::Host, "Kari"), (Role::YoungPerson, "Nora")]);
    assert_eq!(meeting.people[0].invitation, clinic.kari_invited);
    assert!(meeting.people.iter().all(|one| one.link.is_none() && one.blocked.is_none()));

    crate::support::invite(&db, &other, clinic.kari, Role::Host).await;
    let day = db.day_of(clinic.kari_at(2), clinic.kari, from, to).await.expect("answered");
    assert_eq!(day.len(), 2, "a meeting where she is host is hers too");

    let issued = db.issue_link(clinic.kari_at(3), clinic.nora_invited.id).await.expect("written");
    db.press_link(&issued.token, None, minutes(4)).await.expect("answered").expect("it works");
    let found = db.meeting(clinic.kari_at(5), Purpose::Care, clinic.meeting.id).await.expect("answered");
    let link = found.people[1].link.expect("a link");
    assert_eq!((link.id, link.bound), (issued.link.id, Some(minutes(4))));
}

pub(crate) async fn admissions_are_remembered_once(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let system = By::system(minutes(5));
    let begun = |number: u8| AdmissionBegun {
        id: AdmissionId::from_bytes([number; 16]),
        session: clinic.meeting.session,
        participant: clinic.nora_invited.participant,
        at: minutes(5),
    };
    assert!(db.admission_begun(system, begun(1)).await.expect("written"));
    assert!(!db.admission_begun(system, begun(1)).await.expect("answered"), "only once");
    let found = db.meeting(clinic.kari_at(6), Purpose::Care, clinic.meeting.id).await.expect("answered");
    assert_eq!(found.state, SessionState::Open { since: minutes(5) });
    let elsewhere = AdmissionBegun { session: ids::SessionId::from_bytes([9; 16]), ..begun(2) };
    assert!(matches!(db.admission_begun(system, elsewhere).await, Err(StoreError::NotFound)));

    assert!(db.admission_ended(system, begun(1).id, GoneReason::Left).await.expect("written"));
    assert!(!db.admission_ended(system, begun(1).id, GoneReason::LineLost).await.expect("answered"));
    assert_eq!(place.count("SELECT COUNT(*) FROM admission WHERE reason = 'left'").await, 1);

    assert!(db.admission_begun(system, begun(3)).await.expect("written"));
    assert_eq!(db.end_stale_admissions(By::system(minutes(9))).await.expect("written"), 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM admission WHERE ended IS NULL").await, 0);

    db.refused(system, clinic.nora_invited.participant, ids::RefuseReason::Blocked).await.expect("written");
    let log = db.log_about(clinic.kari_at(10), Purpose::Review, clinic.nora, 1).await.expect("answered");
    assert_eq!(log[0].entry.outcome, domain::audit::Outcome::Refused);
    assert_eq!(log[0].details.as_ref().expect("a reason").reveal(), "Blocked");
}

pub(crate) async fn signing_out_ends_the_cookie(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let (sign_in, cookie) = signed_in(&db, clinic.kari).await;
    let found = db.signed_in(&cookie, minutes(1)).await.expect("answered").expect("good");
    assert_eq!((found.sign_in.person, found.kind), (clinic.kari, PersonKind::Practitioner));
    assert_eq!((found.organization, found.scope), (clinic.organization, None));
    assert!(db.signed_in(&cookie, minutes(8 * 60)).await.expect("answered").is_none(), "it has an end");
    assert!(db.sign_out(clinic.kari_at(2), sign_in).await.expect("written"));
    assert!(!db.sign_out(clinic.kari_at(2), sign_in).await.expect("answered"), "only once");
    assert!(db.signed_in(&cookie, minutes(3)).await.expect("answered").is_none());
}
