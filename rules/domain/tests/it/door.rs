//! Properties of the door over arbitrary facts, and the few cases worth telling by name.

use core::time::Duration;

use domain::door::{
    Admission, ClosingFacts, CuttingFacts, Decision, Facts, HostPresence, Invited, Planned, Request,
    RoomState, decide, needs_her_yes,
};
use domain::meeting::{Window, WithdrawnBy};
use ids::{AdmissionId, Capabilities, ParticipantId, RefuseReason, Role, SessionId, Timestamp, WaitReason};
use proptest::prelude::*;

const SESSION: SessionId = SessionId::from_bytes([1; 16]);
const HER: ParticipantId = ParticipantId::from_bytes([2; 16]);
const ID: AdmissionId = AdmissionId::from_bytes([3; 16]);
/// The moment of most tests, inside [`open_window`].
const NOW: Timestamp = Timestamp::from_millis(10_000_000);

fn open_window() -> Window {
    Window::new(NOW.minus(Duration::from_secs(60)), NOW.plus(Duration::from_secs(60)))
}

fn good(role: Role) -> Facts {
    Facts {
        cutting: CuttingFacts {
            invitation: Invited::Yes { role, until: None },
            blocked: false,
            own_withdrawal: false,
            signed_out: false,
            session_ended: false,
            ended_for: false,
        },
        closing: ClosingFacts {
            window: open_window(),
            young_person_invited: true,
            comes_with_parents: false,
            planned: Planned::OnScreen,
            late_until: None,
        },
    }
}

const fn room(host: HostPresence, clicked: bool) -> RoomState {
    RoomState {
        host,
        clicked,
        sent_back: false,
        session_ended: false,
        ended_for: false,
        places_free: 8,
        young_person_inside: false,
        her_yes: true,
        her_no: false,
        behind_her_back: false,
    }
}

const fn request(standing: Option<&Admission>, room: RoomState) -> Request<'_> {
    Request { session: SESSION, participant: HER, admission: ID, standing, room }
}

/// An admission of somebody whom a host let in when everything was in order.
fn admitted(role: Role) -> Admission {
    match decide(&request(None, room(HostPresence::Inside, true)), &good(role), NOW) {
        Decision::Admit(admission) => admission,
        other => panic!("everything speaks for {role:?}, and yet {other:?}"),
    }
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn invited(role: Role) -> impl Strategy<Value = Invited> {
    let by = prop::sample::select(vec![WithdrawnBy::Invitee, WithdrawnBy::Clinician, WithdrawnBy::Other]);
    let until = prop::option::of((0_i64..20_000_000).prop_map(Timestamp::from_millis));
    prop_oneof![
        1 => Just(Invited::No),
        4 => until.prop_map(move |until| Invited::Yes { role, until }),
        1 => by.prop_map(move |by| Invited::Withdrawn { role, by }),
    ]
}

fn closing() -> impl Strategy<Value = ClosingFacts> {
    let moment = || (0_i64..20_000_000).prop_map(Timestamp::from_millis);
    let margin = || (0_u64..4_000).prop_map(Duration::from_secs);
    let planned = prop_oneof![8 => Just(Planned::OnScreen), 1 => Just(Planned::OffScreen), 1 => Just(Planned::Cancelled)];
    let young = (any::<bool>(), prop::bool::weighted(0.2));
    (moment(), moment(), margin(), margin(), young, planned, prop::option::of(moment())).prop_map(
        |(starts, ends, early, late, (young_person_invited, comes_with_parents), planned, late_until)| {
            ClosingFacts {
                window: Window { starts, ends, early, late },
                young_person_invited,
                comes_with_parents,
                planned,
                late_until,
            }
        },
    )
}

fn facts(role: Role) -> impl Strategy<Value = Facts> {
    // Most flags are off, so that the rarer ones are seen alone as well.
    let flag = || prop::bool::weighted(0.15);
    (invited(role), [flag(), flag(), flag(), flag(), flag()], closing()).prop_map(
        |(invitation, flags, closing)| {
            let [blocked, own_withdrawal, signed_out, session_ended, ended_for] = flags;
            let cutting =
                CuttingFacts { invitation, blocked, own_withdrawal, signed_out, session_ended, ended_for };
            Facts { cutting, closing }
        },
    )
}

fn state() -> impl Strategy<Value = RoomState> {
    let host = prop::sample::select(vec![
        HostPresence::Inside,
        HostPresence::Inside,
        HostPresence::Grace,
        HostPresence::NotYet,
        HostPresence::Lost,
    ]);
    let rare = || prop::bool::weighted(0.1);
    let her = (any::<bool>(), any::<bool>(), rare(), rare());
    (host, any::<bool>(), [rare(), rare(), rare()], 0_usize..9, her).prop_map(
        |(host, clicked, flags, places_free, (young_person_inside, her_yes, her_no, behind_her_back))| {
            let [sent_back, session_ended, ended_for] = flags;
            RoomState {
                host,
                clicked,
                sent_back,
                session_ended,
                ended_for,
                places_free,
                young_person_inside,
                her_yes,
                her_no,
                behind_her_back,
            }
        },
    )
}

/// A role, arbitrary facts in it, an arbitrary room, and whether the person is inside already.
fn case() -> impl Strategy<Value = (Role, Facts, RoomState, bool)> {
    role().prop_flat_map(|role| (Just(role), facts(role), state(), any::<bool>()))
}

/// Whether one of the facts that always cut speaks, whoever it is about: her own choice, safety, or the end.
fn cuts_anybody(facts: &CuttingFacts, room: &RoomState) -> bool {
    facts.blocked
        || facts.own_withdrawal
        || facts.signed_out
        || facts.session_ended
        || facts.ended_for
        || room.session_ended
        || room.ended_for
        || matches!(
            facts.invitation,
            Invited::No | Invited::Withdrawn { by: WithdrawnBy::Invitee | WithdrawnBy::Clinician, .. }
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cutting_fact_refuses_everybody_inside_or_out((role, facts, room, inside) in case()) {
        let standing = admitted(role);
        let decision = decide(&request(inside.then_some(&standing), room), &facts, NOW);
        if cuts_anybody(&facts.cutting, &room) {
            let refused = matches!(decision, Decision::Refuse { .. });
            prop_assert!(refused, "{:?}", decision);
        }
        if let Invited::Withdrawn { by: WithdrawnBy::Other, .. } = facts.cutting.invitation
            && role != Role::YoungPerson
        {
            let refused = matches!(decision, Decision::Refuse { .. });
            prop_assert!(refused, "{:?}", decision);
        }
        if let Invited::Yes { until: Some(until), .. } = facts.cutting.invitation
            && role != Role::YoungPerson
            && until <= NOW
        {
            let refused = matches!(decision, Decision::Refuse { .. });
            prop_assert!(refused, "{:?}", decision);
        }
    }

    #[test]
    fn a_closing_fact_cuts_nobody_while_a_host_is_present(role in role(), closing in closing(), mut state in state()) {
        (state.sent_back, state.session_ended, state.ended_for) = (false, false, false);
        (state.host, state.behind_her_back) = (HostPresence::Inside, false);
        let facts = Facts { closing, ..good(role) };
        let standing = admitted(role);
        let decision = decide(&request(Some(&standing), state), &facts, NOW);
        let Decision::Admit(renewed) = decision else { panic!("cut by a closing fact: {decision:?}") };
        prop_assert_eq!(renewed, standing);
    }

    #[test]
    fn only_her_own_choice_safety_or_the_end_keeps_a_young_person_from_her_clinician(
        facts in facts(Role::YoungPerson),
        mut state in state(),
    ) {
        // CARE-01. Her clinician is there and wants her in; somebody waits who would take the last place.
        (state.host, state.clicked) = (HostPresence::Inside, true);
        state.places_free = state.places_free.max(1);
        let decision = decide(&request(None, state), &facts, NOW);
        let may_be_kept_out = cuts_anybody(&facts.cutting, &state);
        let let_in = matches!(decision, Decision::Admit(_));
        prop_assert_eq!(let_in, !may_be_kept_out, "{:?}", decision);
        // And inside she stays, clicked or not.
        (state.clicked, state.sent_back) = (false, false);
        let standing = admitted(Role::YoungPerson);
        let decision = decide(&request(Some(&standing), state), &facts, NOW);
        let stays = matches!(decision, Decision::Admit(_));
        prop_assert_eq!(stays, !may_be_kept_out, "{:?}", decision);
    }

    #[test]
    fn nobody_enters_without_a_hosts_click_but_the_first_host((role, facts, room, _) in case()) {
        if let Decision::Admit(admission) = decide(&request(None, room), &facts, NOW) {
            let first_host = role == Role::Host && room.host != HostPresence::Inside;
            prop_assert!(first_host || (room.clicked && room.host == HostPresence::Inside));
            prop_assert_eq!(admission.role(), role, "the role is the invitation's");
            prop_assert_eq!(admission.capabilities().host, role == Role::Host);
            prop_assert_eq!((admission.id(), admission.participant(), admission.session()), (ID, HER, SESSION));
            prop_assert_eq!(admission.admitted_at(), NOW);
            prop_assert!(admission.until().is_none_or(|until| until > NOW));
            prop_assert!(room.places_free > 0);
        }
    }

    /// SEC-114: without her yes a parent is answered in every word as if no host had clicked.
    #[test]
    fn a_parent_without_her_yes_is_answered_as_if_nobody_had_clicked((role, facts, mut room, inside) in case()) {
        let standing = admitted(role);
        room.her_yes = false;
        let answer = |clicked| {
            decide(&request(inside.then_some(&standing), RoomState { clicked, ..room }), &facts, NOW)
        };
        if needs_her_yes(role, &facts.closing, room.her_no) {
            prop_assert_eq!(answer(true), answer(false));
            let let_in = !inside && matches!(answer(true), Decision::Admit(_));
            prop_assert!(!let_in, "{:?}", answer(true));
        } else {
            let asked = decide(&request(inside.then_some(&standing), RoomState { her_yes: true, ..room }), &facts, NOW);
            prop_assert_eq!(answer(room.clicked), asked, "her yes is asked for about nobody else");
        }
    }

    /// SEC-115: a parent does not stay behind her back, and hears only what somebody hears who waits.
    #[test]
    fn a_parent_does_not_stay_behind_her_back((_, facts, mut room, _) in case()) {
        (room.behind_her_back, room.sent_back) = (true, false);
        let facts = Facts { cutting: good(Role::Guardian).cutting, ..facts };
        (room.session_ended, room.ended_for) = (false, false);
        let standing = admitted(Role::Guardian);
        let decision = decide(&request(Some(&standing), room), &facts, NOW);
        prop_assert_eq!(decision, Decision::Wait { why: WaitReason::NotYetLetIn, reconsider_at: None });
    }

    #[test]
    fn an_answer_names_only_moments_to_come_and_says_the_same_twice((role, facts, room, inside) in case()) {
        let standing = admitted(role);
        let answer = || decide(&request(inside.then_some(&standing), room), &facts, NOW);
        prop_assert_eq!(answer(), answer());
        if let Decision::Wait { reconsider_at: Some(at), .. } | Decision::Refuse { reconsider_at: Some(at), .. } = answer() {
            prop_assert!(at > NOW);
        }
    }

    #[test]
    fn another_persons_admission_or_a_role_taken_away_is_worth_nothing(old in role(), new in role(), state in state()) {
        let standing = admitted(old);
        let mut request = request(Some(&standing), RoomState { clicked: false, host: HostPresence::Inside, ..state });
        if old == new {
            request.participant = ParticipantId::from_bytes([9; 16]);
        }
        let decision = decide(&request, &good(new), NOW);
        let let_in = matches!(decision, Decision::Admit(_));
        prop_assert!(!let_in, "{:?}", decision);
    }
}

#[test]
fn too_early_names_the_moment_when_the_door_opens() {
    let mut facts = good(Role::Guardian);
    let starts = NOW.plus(Duration::from_secs(7_200));
    facts.closing.window = Window::new(starts, starts.plus(Duration::from_secs(3_600)));
    let opens = facts.closing.window.opens();
    for clicked in [false, true] {
        let decision = decide(&request(None, room(HostPresence::Inside, clicked)), &facts, NOW);
        assert_eq!(decision, Decision::Wait { why: WaitReason::TooEarly, reconsider_at: Some(opens) });
    }
    let decision = decide(&request(None, room(HostPresence::Inside, true)), &facts, opens);
    assert!(matches!(decision, Decision::Admit(_)));
}

#[test]
fn too_late_keeps_a_guest_out_and_a_host_may_always_open() {
    let mut facts = good(Role::Guardian);
    facts.closing.window.ends = NOW.minus(Duration::from_secs(7_200));
    let decision = decide(&request(None, room(HostPresence::Inside, true)), &facts, NOW);
    assert_eq!(decision, Decision::Refuse { why: RefuseReason::TooLate, reconsider_at: None });
    facts.cutting.invitation = Invited::Yes { role: Role::Host, until: None };
    let decision = decide(&request(None, room(HostPresence::NotYet, false)), &facts, NOW);
    assert!(matches!(decision, Decision::Admit(admission) if admission.capabilities() == Capabilities::HOST));
}

/// What the calendar says keeps guests out, and never her own clinician nor her while her clinician is there (CARE-01).
#[test]
fn an_hour_called_off_or_held_elsewhere_is_said_so_and_parts_nobody_from_her_clinician() {
    for (planned, why) in
        [(Planned::Cancelled, RefuseReason::Cancelled), (Planned::OffScreen, RefuseReason::NotOnScreen)]
    {
        let ask = |role, host, clicked| {
            let mut facts = good(role);
            facts.closing.planned = planned;
            decide(&request(None, room(host, clicked)), &facts, NOW)
        };
        let refused = Decision::Refuse { why, reconsider_at: None };
        assert_eq!(ask(Role::Guardian, HostPresence::Inside, true), refused);
        assert_eq!(ask(Role::YoungPerson, HostPresence::NotYet, false), refused);
        assert!(matches!(ask(Role::YoungPerson, HostPresence::Inside, true), Decision::Admit(_)));
        assert!(matches!(ask(Role::Host, HostPresence::NotYet, false), Decision::Admit(_)));
    }
}

#[test]
fn the_last_place_is_the_young_persons() {
    let mut state = room(HostPresence::Inside, true);
    state.places_free = 1;
    let full = Decision::Wait { why: WaitReason::RoomFull, reconsider_at: None };
    assert_eq!(decide(&request(None, state), &good(Role::Guardian), NOW), full);
    assert!(matches!(decide(&request(None, state), &good(Role::YoungPerson), NOW), Decision::Admit(_)));
    state.young_person_inside = true;
    assert!(matches!(decide(&request(None, state), &good(Role::Guardian), NOW), Decision::Admit(_)));
}

/// SEC-114, as a table: whose yes is asked for, and what each hears without it.
#[test]
fn only_a_parent_in_her_hour_needs_her_yes() {
    let ask = |role, invited, with_parents, her_yes| {
        let mut facts = good(role);
        (facts.closing.young_person_invited, facts.closing.comes_with_parents) = (invited, with_parents);
        let state = RoomState { her_yes, young_person_inside: true, ..room(HostPresence::Inside, true) };
        matches!(decide(&request(None, state), &facts, NOW), Decision::Admit(_))
    };
    for role in Role::ALL {
        let asks = role == Role::Guardian;
        assert_eq!(ask(role, true, false, false), !asks, "{role:?}: in her hour");
        assert!(ask(role, true, false, true), "{role:?}: with her yes");
        assert!(ask(role, false, false, false), "{role:?}: in an hour without her");
        assert!(ask(role, true, true, false), "{role:?}: a small child comes with her parents");
    }
    let mut with_parents = good(Role::Guardian);
    with_parents.closing.comes_with_parents = true;
    let no = RoomState { her_yes: false, her_no: true, ..room(HostPresence::Inside, true) };
    assert!(!matches!(decide(&request(None, no), &with_parents, NOW), Decision::Admit(_)), "her no stands");
    let answer = |state| decide(&request(None, state), &good(Role::Guardian), NOW);
    let waits = |why| Decision::Wait { why, reconsider_at: None };
    let unasked = RoomState { her_yes: false, ..room(HostPresence::Inside, true) };
    assert_eq!(answer(unasked), waits(WaitReason::NotYetLetIn));
    assert_eq!(answer(RoomState { places_free: 1, ..unasked }), waits(WaitReason::RoomFull));
    assert_eq!(answer(RoomState { sent_back: true, ..unasked }), waits(WaitReason::SentBack));
}

#[test]
fn why_somebody_waits_is_told_apart() {
    let ask = |state| decide(&request(None, state), &good(Role::Guardian), NOW);
    let wait = |why| Decision::Wait { why, reconsider_at: None };
    assert_eq!(ask(room(HostPresence::NotYet, false)), wait(WaitReason::NoHost));
    assert_eq!(ask(room(HostPresence::Inside, false)), wait(WaitReason::NotYetLetIn));
    let mut facts = good(Role::YoungPerson);
    let late = NOW.plus(Duration::from_secs(600));
    facts.closing.late_until = Some(late);
    let told = Decision::Wait { why: WaitReason::HostLate, reconsider_at: Some(late) };
    let ask_late = |host, now| decide(&request(None, room(host, false)), &facts, now);
    assert_eq!(ask_late(HostPresence::NotYet, NOW), told, "CARE-09");
    assert_eq!(ask_late(HostPresence::NotYet, late), wait(WaitReason::NoHost), "later than said");
    assert_eq!(ask_late(HostPresence::Inside, NOW), wait(WaitReason::NotYetLetIn), "and here after all");
    let full = RoomState { places_free: 0, ..room(HostPresence::Inside, false) };
    assert_eq!(ask(full), wait(WaitReason::RoomFull), "said before anybody clicks in vain");
    assert_eq!(ask(room(HostPresence::Lost, false)), wait(WaitReason::HostLost));
    assert_eq!(ask(room(HostPresence::Grace, true)), wait(WaitReason::HostLost));
    assert_eq!(
        ask(RoomState { sent_back: true, ..room(HostPresence::Inside, false) }),
        wait(WaitReason::SentBack)
    );
    let standing = admitted(Role::Guardian);
    let inside = |host| decide(&request(Some(&standing), room(host, false)), &good(Role::Guardian), NOW);
    assert_eq!(inside(HostPresence::Lost), wait(WaitReason::HostLost));
    assert!(matches!(inside(HostPresence::Grace), Decision::Admit(_)));
}
