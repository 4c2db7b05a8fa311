//! Seats and the door's facts: every write moves its own fact, and the rooms hear of it.

use std::time::Duration;

use domain::audit::{Object, Purpose};
use domain::booking::{Change, Span};
use domain::door::{ClosingFacts, CuttingFacts, Facts, Invited, Planned};
use domain::meeting::{Day, SessionState, WithdrawnBy};
use ids::{AdmissionId, Assurance, GoneReason, ParticipantId, Personal, Role, SignInId};
use store::{AdmissionBegun, By, Db, FactChanged, NewSignIn, PersonKind, Seat, StoreError, Subject, Wanted};
use tokio::sync::broadcast::Receiver;

use crate::support::{Clinic, Place, agenda, appointment, invite, minutes, news, person, timetable};

async fn signed_in(db: &Db, person: ids::PersonId) -> (SignInId, store::Token) {
    let lifetime = Duration::from_secs(8 * 3_600);
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
    db.sign_in(new, minutes(0)).await.expect("written")
}

/// Nora has her seat, and somebody listens for changed facts.
struct Watch {
    db: Db,
    clinic: Clinic,
    seat: Seat,
    changes: Receiver<FactChanged>,
}

impl Watch {
    async fn new(place: &Place) -> Self {
        let db = place.open().await;
        let clinic = Clinic::new(&db).await;
        let (sign_in, _) = signed_in(&db, clinic.nora).await;
        let by = By::person(clinic.nora, minutes(1));
        let seat = db.seat(by, sign_in, clinic.meeting.session).await.expect("answered").expect("a seat");
        let changes = db.changes();
        Self { db, clinic, seat, changes }
    }

    /// The facts as they are after the rooms were told about `subject`.
    async fn facts_after(&mut self, subject: Subject) -> Facts {
        let heard = self.changes.try_recv().expect("the rooms are told").subjects;
        assert!(heard.contains(&subject), "{heard:?} does not name {subject:?}");
        assert!(self.changes.try_recv().is_err(), "nothing else was announced");
        self.db.facts(self.seat.key, minutes(2)).await.expect("answered")
    }

    /// Her seat's own facts.
    async fn hers(&mut self) -> Facts {
        self.facts_after(Subject::Participant(self.seat.key.participant)).await
    }

    /// The facts before anything happened, with one thing changed.
    fn but(&self, change: impl FnOnce(&mut Facts)) -> Facts {
        let mut facts = self.seat.facts.clone();
        change(&mut facts);
        facts
    }
}

pub(crate) async fn nothing_speaks_against_an_invited_person(place: Place) {
    let watch = Watch::new(&place).await;
    let expected = Facts {
        cutting: CuttingFacts {
            invitation: Invited::Yes { role: Role::YoungPerson, until: None },
            blocked: false,
            own_withdrawal: false,
            signed_out: false,
            session_ended: false,
            ended_for: false,
        },
        closing: ClosingFacts {
            window: watch.clinic.meeting.window,
            young_person_invited: true,
            comes_with_parents: false,
            planned: Planned::OnScreen,
            late_until: None,
        },
    };
    assert_eq!(watch.seat.facts, expected);
}

pub(crate) async fn an_invitation_is_taken_back_and_given_again(place: Place) {
    let mut watch = Watch::new(&place).await;
    let (db, by, invitation) = (watch.db.clone(), watch.clinic.kari_at(2), watch.clinic.nora_invited.id);
    for who in [WithdrawnBy::Clinician, WithdrawnBy::Other, WithdrawnBy::Invitee] {
        assert!(db.withdraw_invitation(by, invitation, who).await.expect("written"));
        let expected = watch.but(|facts| {
            facts.cutting.invitation = Invited::Withdrawn { role: Role::YoungPerson, by: who };
            facts.cutting.own_withdrawal = who == WithdrawnBy::Invitee;
            facts.closing.young_person_invited = who == WithdrawnBy::Other;
        });
        assert_eq!(watch.hers().await, expected);
        assert!(!db.withdraw_invitation(by, invitation, who).await.expect("answered"), "only once");
        assert!(db.restore_invitation(by, invitation).await.expect("written"));
        assert_eq!(watch.hers().await, watch.seat.facts);
    }
}

/// CARE-04: nobody need ask a small child who comes with her parents; of two who are invited, both must be.
pub(crate) async fn a_small_child_comes_with_her_parents(place: Place) {
    let mut watch = Watch::new(&place).await;
    let (db, by, nora, hour) =
        (watch.db.clone(), watch.clinic.kari_at(2), watch.clinic.nora, watch.clinic.meeting.clone());
    db.join_care_team(By::operator(minutes(1)), nora, watch.clinic.kari).await.expect("written");
    watch.changes = db.changes();
    assert!(db.come_with_parents(by, nora, true).await.expect("written"));
    let with = watch.but(|facts| facts.closing.comes_with_parents = true);
    assert_eq!(watch.facts_after(Subject::Appointment(hour.id)).await, with);
    assert!(!db.come_with_parents(by, nora, true).await.expect("answered"), "only once");
    assert!(watch.changes.try_recv().is_err(), "nothing is told of it");

    let big = person(&db, watch.clinic.organization, PersonKind::Patient, "Ola", "Prøverud").await;
    let invited = invite(&db, &hour, big, Role::YoungPerson).await;
    assert_eq!(watch.facts_after(Subject::Appointment(hour.id)).await, watch.seat.facts, "he is asked");
    db.withdraw_invitation(by, invited.id, WithdrawnBy::Clinician).await.expect("written");
    assert_eq!(watch.facts_after(Subject::Appointment(hour.id)).await, with, "he does not come");

    assert!(db.come_with_parents(by, nora, false).await.expect("written"), "it is taken back");
    assert_eq!(watch.facts_after(Subject::Appointment(hour.id)).await, watch.seat.facts);
    assert!(!db.come_with_parents(by, nora, false).await.expect("answered"), "only once");
    let logged = "SELECT COUNT(*) * 10 + COUNT(DISTINCT action) FROM audit_event \
         WHERE about IS NOT NULL AND action IN ('comes_with_parents', 'comes_alone')";
    assert_eq!(place.count(logged).await, 22, "SEC-006: one of each");
}

pub(crate) async fn a_block_is_put_and_lifted(place: Place) {
    let mut watch = Watch::new(&place).await;
    let (db, by, meeting, nora) =
        (watch.db.clone(), watch.clinic.kari_at(2), watch.clinic.meeting.id, watch.clinic.nora);
    let why = Personal::new("for trygghet".to_owned());
    assert!(db.block(by, meeting, nora, &why).await.expect("written"));
    assert_eq!(watch.hers().await, watch.but(|facts| facts.cutting.blocked = true));
    assert!(!db.block(by, meeting, nora, &why).await.expect("answered"), "only once");
    assert!(db.unblock(by, meeting, nora).await.expect("written"));
    assert_eq!(watch.hers().await, watch.seat.facts);
    assert!(!db.unblock(by, meeting, nora).await.expect("answered"), "only once");
    let nobody = db.block(By::system(minutes(3)), meeting, nora, &why).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)), "somebody decides");
    assert!(db.block(watch.clinic.kari_at(4), meeting, nora, &why).await.expect("written"), "again");
}

pub(crate) async fn a_meeting_ends_for_one_and_for_all(place: Place) {
    let mut watch = Watch::new(&place).await;
    let (db, by, me) = (watch.db.clone(), watch.clinic.kari_at(2), watch.seat.key.participant);
    assert!(db.end_for(by, me).await.expect("written"));
    assert_eq!(watch.hers().await, watch.but(|facts| facts.cutting.ended_for = true));
    assert!(db.undo_end_for(by, me).await.expect("written"));
    assert_eq!(watch.hers().await, watch.seat.facts);

    let session = watch.seat.session;
    assert!(db.end_session(by, session).await.expect("written"));
    let facts = watch.facts_after(Subject::Session(session)).await;
    assert_eq!(facts, watch.but(|facts| facts.cutting.session_ended = true));
    assert!(!db.end_session(by, session).await.expect("answered"), "only once");
    assert!(db.reopen_session(by, session).await.expect("written"));
    assert_eq!(watch.facts_after(Subject::Session(session)).await, watch.seat.facts);
}

/// The rooms of a server hear of what another program writes to the same records.
pub(crate) async fn what_others_write_is_counted(place: Place) {
    let ours = place.open().await;
    let clinic = Clinic::new(&ours).await;
    let (meeting, nora, why) = (clinic.meeting.id, clinic.nora, Personal::new("a test".to_owned()));
    let before = ours.foreign_events(minutes(1)).await.expect("answered");
    assert!(ours.block(clinic.kari_at(1), meeting, nora, &why).await.expect("written"));
    assert_eq!(ours.foreign_events(minutes(1)).await.expect("answered"), before, "what we write is ours");
    let theirs = place.open().await;
    assert!(theirs.unblock(clinic.kari_at(2), meeting, nora).await.expect("written"));
    assert_eq!(ours.foreign_events(minutes(2)).await.expect("answered"), before + 1);
    assert!(theirs.foreign_events(minutes(2)).await.expect("answered") > 1, "and ours is foreign to them");
}

pub(crate) async fn signing_out_cuts(place: Place) {
    let mut watch = Watch::new(&place).await;
    let (by, sign_in) = (By::person(watch.clinic.nora, minutes(3)), watch.seat.key.sign_in);
    assert!(watch.db.sign_out(by, sign_in).await.expect("written"));
    let facts = watch.facts_after(Subject::SignIn(sign_in)).await;
    assert_eq!(facts, watch.but(|facts| facts.cutting.signed_out = true));
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
    let day = agenda(&db, clinic.kari, 1).await.meetings;
    assert_eq!(day.iter().map(|meeting| meeting.appointment.id).collect::<Vec<_>>(), [clinic.meeting.id]);
    let meeting = &day[0];
    assert_eq!((&meeting.appointment, meeting.state), (&clinic.meeting, SessionState::Planned));
    let people: Vec<_> =
        meeting.people.iter().map(|one| (one.invitation.role, one.name.given.reveal().as_str())).collect();
    assert_eq!(people, [(Role::Host, "Kari"), (Role::YoungPerson, "Nora")]);
    assert_eq!(meeting.people[0].invitation, clinic.kari_invited);
    assert!(meeting.people.iter().all(|one| one.link.is_none() && one.blocked.is_none()));

    invite(&db, &other, clinic.kari, Role::Host).await;
    let day = agenda(&db, clinic.kari, 2).await.meetings;
    assert_eq!(day.len(), 2, "a meeting where she is host is hers too");

    let issued = db.issue_link(clinic.kari_at(3), clinic.nora_invited.id).await.expect("written");
    db.press_link(&issued.token, None, minutes(4)).await.expect("answered").expect("it works");
    let found = db.meeting(clinic.kari_at(5), Purpose::Care, clinic.meeting.id).await.expect("answered");
    let link = found.people[1].link.expect("a link");
    assert_eq!((link.id, link.bound), (issued.link.id, Some(minutes(4))));
}

/// What stands beside the day is neither opened nor said to have been read; an evening whose door is open is of the day.
pub(crate) async fn only_hours_of_the_day_are_read(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let beside = appointment(&db, clinic.organization, clinic.kari, minutes(13 * 60)).await;
    let emil = person(&db, clinic.organization, PersonKind::Patient, "Emil", "Beside").await;
    invite(&db, &beside, clinic.kari, Role::Host).await;
    invite(&db, &beside, emil, Role::YoungPerson).await;
    let read = async |at| {
        let log = db.log_about(clinic.kari_at(at), Purpose::Care, emil, 50).await.expect("answered");
        log.iter().filter(|line| matches!(line.entry.object, Some(Object::Appointment(_)))).count()
    };
    let before = read(0).await;
    assert_eq!(agenda(&db, clinic.kari, 0).await.meetings.len(), 1);
    assert_eq!(news(&db, clinic.kari, 0).await.hosted, [clinic.meeting.session]);
    assert_eq!(read(0).await, before, "an hour of tomorrow");
    let today = [clinic.meeting.session, beside.session];
    assert_eq!(agenda(&db, clinic.kari, 12 * 60 + 31).await.meetings.len(), 2, "its door is open");
    assert_eq!(news(&db, clinic.kari, 12 * 60 + 31).await.hosted, today);
    assert_eq!(read(12 * 60 + 32).await, before + 1);
}

/// Whoever is only host in an hour finds it on the day to which it was moved.
pub(crate) async fn a_moved_hour_is_found_where_it_is(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let per = person(&db, clinic.organization, PersonKind::Practitioner, "Per", "Kollega").await;
    invite(&db, &clinic.meeting, per, Role::Host).await;
    assert_eq!(news(&db, per, 0).await.hosted, [clinic.meeting.session]);
    let wanted = Wanted {
        appointment: clinic.meeting.id,
        seen: clinic.meeting.sequence,
        change: Change::Move(Span::new(minutes(36 * 60), Duration::from_secs(1_800))),
        pause: Duration::ZERO,
    };
    db.change_appointment(clinic.kari_at(1), wanted, &timetable()).await.expect("written");
    assert!(news(&db, per, 0).await.hosted.is_empty());
    assert!(agenda(&db, per, 0).await.meetings.is_empty());
    let tomorrow = Day { from: minutes(12 * 60), to: minutes(36 * 60 + 720), now: minutes(1) };
    let found = db.day_of(By::person(per, minutes(1)), per, &tomorrow).await.expect("answered");
    assert_eq!(found.len(), 1);
}

fn begun(clinic: &Clinic, number: u8) -> AdmissionBegun {
    AdmissionBegun {
        id: AdmissionId::from_bytes([number; 16]),
        session: clinic.meeting.session,
        participant: clinic.nora_invited.participant,
        at: minutes(5),
        device: None,
    }
}

pub(crate) async fn admissions_are_remembered_once(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let system = By::system(minutes(5));
    assert!(db.admission_begun(system, begun(&clinic, 1)).await.expect("written"));
    assert!(!db.admission_begun(system, begun(&clinic, 1)).await.expect("answered"), "only once");
    let found = db.meeting(clinic.kari_at(6), Purpose::Care, clinic.meeting.id).await.expect("answered");
    assert_eq!(found.state, SessionState::Open { since: minutes(5) });
    let elsewhere = AdmissionBegun { session: ids::SessionId::from_bytes([9; 16]), ..begun(&clinic, 2) };
    assert!(matches!(db.admission_begun(system, elsewhere).await, Err(StoreError::NotFound)));

    let id = begun(&clinic, 1).id;
    assert!(db.admission_ended(system, id, GoneReason::Left).await.expect("written"));
    assert!(!db.admission_ended(system, id, GoneReason::LineLost).await.expect("answered"));
    assert_eq!(place.count("SELECT COUNT(*) FROM admission WHERE reason = 'left'").await, 1);
}

pub(crate) async fn a_crash_leaves_no_admission_standing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    assert!(db.admission_begun(By::system(minutes(5)), begun(&clinic, 3)).await.expect("written"));
    assert_eq!(db.end_stale_admissions(By::system(minutes(9))).await.expect("written"), 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM admission WHERE ended IS NULL").await, 0);
    assert_eq!(db.end_stale_admissions(By::system(minutes(9))).await.expect("answered"), 0);
}

pub(crate) async fn a_refusal_is_part_of_the_log(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let why = ids::RefuseReason::Blocked;
    db.refused(By::system(minutes(5)), clinic.nora_invited.participant, why).await.expect("written");
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
