//! Stories of parents who wait in her hour: nobody comes in, and nobody stays, behind her back (CARE-04, SEC-114,
//! SEC-115).

use domain::door::Invited;
use domain::meeting::WithdrawnBy;
use ids::{GoneReason, LeaveReason, PEERS_MAX, ParticipantId, Role, WaitReason};
use protocol::wire::{
    Answer, ClientMessage, HerWord, KeyPackageHash, PresentPerson, RejectReason, ServerMessage, WithoutHer,
};
use room::{Recorded, RoomEvent};

use crate::house::{House, who};

const HER: ParticipantId = ParticipantId::from_bytes([2; 16]);
const MOTHER: ParticipantId = ParticipantId::from_bytes([3; 16]);

/// Her clinician and she inside; her mother waits.
fn mother_waits() -> (House, usize, usize, usize) {
    let (mut house, host, young) = House::two_inside();
    let mother = house.invite(3, Role::Guardian);
    let mother = house.arrive(mother);
    (house, host, young, mother)
}

/// The same, and her mother came in by her yes.
fn mother_inside() -> (House, usize, usize, usize) {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(house.is_joined(mother) && house.sees(young, mother));
    (house, host, young, mother)
}

fn is_in(house: &House, page: usize) -> bool {
    let last =
        house.last(page, |m| matches!(m, ServerMessage::Waiting { .. } | ServerMessage::Admitted { .. }));
    matches!(last, Some(ServerMessage::Admitted { .. }))
}

/// Waits, and is told "not yet" and nothing else.
fn not_yet(house: &House, page: usize) -> bool {
    let last =
        house.last(page, |m| matches!(m, ServerMessage::Waiting { .. } | ServerMessage::Admitted { .. }));
    matches!(last, Some(ServerMessage::Waiting { why: WaitReason::NotYetLetIn, reconsider_at: None, .. }))
}

fn rejected(house: &House, page: usize, why: RejectReason) -> bool {
    house.got(page, |m| *m == ServerMessage::Rejected { why })
}

/// What she is shown: about whom she was asked, and what she said.
fn asked(house: &House, page: usize) -> Vec<(ParticipantId, Option<Answer>)> {
    match house.last(page, |m| matches!(m, ServerMessage::Asked { .. })) {
        Some(ServerMessage::Asked { people, .. }) => {
            people.iter().map(|about| (about.participant, about.said)).collect()
        }
        _ => Vec::new(),
    }
}

fn without_you(house: &House, page: usize) -> Option<WithoutHer> {
    match house.last(page, |m| matches!(m, ServerMessage::Asked { .. })) {
        Some(ServerMessage::Asked { without_you, .. }) => *without_you,
        _ => None,
    }
}

/// What a host is told about somebody who waits, and how many it is the word of.
fn word(house: &House, host: usize, about: ParticipantId) -> Option<(HerWord, usize)> {
    let Some(ServerMessage::Lobby { people }) =
        house.last(host, |m| matches!(m, ServerMessage::Lobby { .. }))
    else {
        return None;
    };
    let asking = people.iter().find(|person| person.participant == about)?.asking.as_ref()?;
    Some((asking.word, asking.whose.len()))
}

fn on_roster(house: &House, page: usize, of: ParticipantId) -> Option<PresentPerson> {
    match house.last(page, |m| matches!(m, ServerMessage::Roster { .. })) {
        Some(ServerMessage::Roster { people }) => {
            people.iter().find(|person| person.participant == of).cloned()
        }
        _ => None,
    }
}

#[test]
fn sec_114_a_press_asks_her_and_her_yes_lets_in_by_that_very_press() {
    let (mut house, host, young, mother) = mother_waits();
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::ToAsk, 1)), "hosts know before they press");
    assert!(asked(&house, young).is_empty(), "nobody asked her yet");
    house.click(host, mother);
    assert!(!is_in(&house, mother) && !house.sees(host, mother));
    assert!(!house.got(host, |m| matches!(m, ServerMessage::Rejected { .. })));
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::Asked, 1)));
    assert_eq!(asked(&house, young), [(MOTHER, None)]);
    let name = |m: &ServerMessage| matches!(m, ServerMessage::Asked { people, .. } if people.iter().any(|about| about.name.reveal() == "name 3"));
    assert!(house.got(young, name), "she sees who waits");
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(is_in(&house, mother) && house.is_joined(mother) && house.sees(young, mother));
    assert!(asked(&house, young).is_empty(), "nothing is asked any more");
    let begun = house.records.iter().rev().find_map(|event| match event {
        RoomEvent::AdmissionBegun { participant, by, .. } => Some((*participant, *by)),
        _ => None,
    });
    assert_eq!(begun, Some((MOTHER, Some(who(1)))), "the host who pressed let her in");
}

#[test]
fn sec_114_the_mother_is_told_the_same_whether_she_was_asked_about_or_not() {
    let plain = {
        let (house, .., mother) = mother_waits();
        house.pages[mother].got.clone()
    };
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    for answer in [Answer::SayFirst, Answer::NotToday] {
        house.her_answer(young, MOTHER, answer);
        house.click(host, mother);
        assert_eq!(house.pages[mother].got, plain, "{answer:?}: not a word more, at no moment");
    }
    assert!(not_yet(&house, mother));
}

#[test]
fn sec_114_not_today_outlives_a_reload_and_a_closed_tab_and_asks_nothing_again() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::NotToday);
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::NotToday, 1)));
    assert_eq!(asked(&house, young), [(MOTHER, Some(Answer::NotToday))], "hers to change");
    let mother = house.arrive(MOTHER);
    house.forget();
    house.click(host, mother);
    assert!(rejected(&house, host, RejectReason::SheDecides) && !is_in(&house, mother));
    assert!(house.pages[young].got.is_empty(), "and she is not asked again");
    house.say(mother, &ClientMessage::Leave { reason: LeaveReason::Left });
    assert!(asked(&house, young).is_empty(), "nobody waits");
    let mother = house.arrive_on(MOTHER, 2);
    assert_eq!(asked(&house, young), [(MOTHER, Some(Answer::NotToday))]);
    house.click(host, mother);
    assert!(!is_in(&house, mother));
}

#[test]
fn sec_114_after_all_is_her_press_alone_and_hosts_press_again() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::NotToday);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!is_in(&house, mother), "her no took the press back");
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::Yes, 1)));
    house.click(host, mother);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_114_what_to_say_first_is_told_to_hosts_and_she_answers_when_she_is_ready() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::SayFirst);
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::SayFirst, 1)));
    house.click(host, mother);
    assert!(rejected(&house, host, RejectReason::SheDecides) && not_yet(&house, mother));
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(house.is_joined(mother), "by the press that asked");
}

#[test]
fn sec_114_a_yes_after_a_reload_lets_in_nobody_unseen() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    let mother = house.arrive(MOTHER);
    assert_eq!(asked(&house, young), [(MOTHER, None)], "the question stands");
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!is_in(&house, mother), "the host pressed on another key package (SEC-014)");
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::Yes, 1)));
    house.click(host, mother);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_114_a_host_who_left_between_press_and_answer_lets_nobody_in() {
    let (mut house, host, young, mother) = mother_waits();
    let other = house.invite(4, Role::Host);
    let other = house.arrive(other);
    house.click(host, other);
    house.click(host, mother);
    house.say(host, &ClientMessage::Leave { reason: LeaveReason::Left });
    house.her_answer(young, MOTHER, Answer::Yes);
    house.wait(5_000);
    assert!(!is_in(&house, mother));
    house.click(other, mother);
    assert!(house.is_joined(mother), "who is there presses again");
    // The same page is what counts, not the person.
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.drop_line(host);
    let host = house.arrive(who(1));
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!is_in(&house, mother) && word(&house, host, MOTHER) == Some((HerWord::Yes, 1)));
}

#[test]
fn sec_114_an_invitation_taken_back_between_press_and_answer_lets_nobody_in() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    let by = WithdrawnBy::Clinician;
    house.set_facts(MOTHER, |facts| {
        facts.cutting.invitation = Invited::Withdrawn { role: Role::Guardian, by }
    });
    assert!(asked(&house, young).is_empty());
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(rejected(&house, young, RejectReason::NobodyThere));
    let role = Role::Guardian;
    house.set_facts(MOTHER, |facts| facts.cutting.invitation = Invited::Yes { role, until: None });
    house.wait(5_000);
    assert!(!is_in(&house, mother) && word(&house, host, MOTHER) == Some((HerWord::ToAsk, 1)));
}

#[test]
fn sec_114_without_her_nobody_can_be_asked_and_no_parent_comes_in() {
    let mut house = House::new();
    let (host, mother) = (house.invite(1, Role::Host), house.invite(3, Role::Guardian));
    let young = house.invite(2, Role::YoungPerson);
    let (host, mother) = (house.arrive(host), house.arrive(mother));
    let shut = |house: &mut House, why: &str| {
        assert_eq!(word(house, host, MOTHER), Some((HerWord::NotHere, 0)), "{why}");
        house.pages[host].got.clear();
        house.click(host, mother);
        assert!(rejected(house, host, RejectReason::SheIsNotHere) && !house.is_joined(mother), "{why}");
        house.knock(mother);
        assert!(not_yet(house, mother), "{why}");
    };
    shut(&mut house, "not come yet");
    let page = house.arrive(young);
    shut(&mut house, "waits herself");
    house.click(host, page);
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::ToAsk, 1)));
    house.say(page, &ClientMessage::Leave { reason: LeaveReason::ClosedFast });
    shut(&mut house, "closed fast");
    let page = house.arrive(young);
    house.click(host, page);
    house.say(page, &ClientMessage::StepOut { someone_came_in: true });
    shut(&mut house, "somebody came in where she is (CARE-03)");
}

#[test]
fn sec_114_in_an_hour_without_her_and_with_a_small_child_nothing_is_asked() {
    for with_parents in [false, true] {
        let mut house = House::new();
        let (host, mother) = (house.invite(1, Role::Host), house.invite(3, Role::Guardian));
        house.set_facts(MOTHER, |facts| {
            (facts.closing.young_person_invited, facts.closing.comes_with_parents) =
                (with_parents, with_parents);
        });
        let (host, mother) = (house.arrive(host), house.arrive(mother));
        assert_eq!(word(&house, host, MOTHER), None);
        house.click(host, mother);
        assert!(house.is_joined(mother), "with_parents: {with_parents}");
        // She comes and goes, and her mother stays.
        let young = house.invite(2, Role::YoungPerson);
        let young = house.arrive(young);
        house.click(host, young);
        house.say(young, &ClientMessage::Leave { reason: LeaveReason::Left });
        assert!(house.sees(host, mother));
    }
}

#[test]
fn sec_114_only_parents_are_asked_about() {
    for role in [Role::CareWorker, Role::Professional, Role::Interpreter, Role::Support, Role::Host] {
        let (mut house, host, young) = House::two_inside();
        let guest = house.invite(3, role);
        let guest = house.arrive(guest);
        assert_eq!(word(&house, host, MOTHER), None);
        house.click(host, guest);
        assert!(house.is_joined(guest) && asked(&house, young).is_empty(), "{role:?}");
    }
}

#[test]
fn sec_114_out_by_her_own_step_she_is_asked_and_her_yes_counts_when_she_is_back() {
    let (mut house, host, young, mother) = mother_waits();
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::ToAsk, 1)));
    house.click(host, mother);
    assert_eq!(asked(&house, young), [(MOTHER, None)]);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!is_in(&house, mother), "not behind her back");
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::YesWhenBack, 1)));
    house.click(host, mother);
    assert!(rejected(&house, host, RejectReason::SheIsNotHere));
    house.step_in(young);
    assert!(!is_in(&house, mother), "and nobody comes in unseen");
    house.click(host, mother);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_114_of_two_young_people_neither_answers_for_the_other() {
    let (mut house, host, young, mother) = mother_waits();
    let brother = house.invite(4, Role::YoungPerson);
    let brother = house.arrive(brother);
    house.click(host, brother);
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::ToAsk, 2)));
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!is_in(&house, mother));
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::Asked, 1)), "he sees the question");
    house.her_answer(brother, MOTHER, Answer::NotToday);
    house.say(brother, &ClientMessage::Leave { reason: LeaveReason::Left });
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::NotToday, 1)), "his no outlives his leaving");
    house.click(host, mother);
    assert!(!is_in(&house, mother));
    let brother = house.arrive(who(4));
    house.click(host, brother);
    house.her_answer(brother, MOTHER, Answer::Yes);
    house.click(host, mother);
    assert!(house.is_joined(mother));
    house.say(brother, &ClientMessage::Leave { reason: LeaveReason::Left });
    assert!(not_yet(&house, mother), "she came in by the yes of both");
}

#[test]
fn sec_114_only_she_who_was_asked_answers_and_only_about_whom_she_was_asked() {
    let (mut house, host, young, mother) = mother_waits();
    let friend = house.invite(4, Role::Support);
    let friend = house.arrive(friend);
    house.click(host, friend);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(rejected(&house, young, RejectReason::NobodyThere), "nobody asked her yet");
    house.click(host, mother);
    for page in [host, friend, mother] {
        house.forget();
        house.her_answer(page, MOTHER, Answer::Yes);
        assert!(rejected(&house, page, RejectReason::NotAdmitted) && !is_in(&house, mother));
        assert!(!house.got(page, |m| matches!(m, ServerMessage::Asked { .. })));
    }
    house.forget();
    house.say(mother, &ClientMessage::AskWithoutHer { participant: HER });
    assert!(rejected(&house, mother, RejectReason::NotAdmitted));
    house.say(friend, &ClientMessage::AskWithoutHer { participant: HER });
    assert!(rejected(&house, friend, RejectReason::NotHost) && without_you(&house, young).is_none());
}

#[test]
fn sec_114_a_full_room_says_so_to_the_mother_whether_she_was_asked_about_or_not() {
    let (mut house, host, young, mother) = mother_waits();
    for number in 10..16 {
        let guest = house.invite(number, Role::CareWorker);
        let guest = house.arrive(guest);
        house.click(host, guest);
    }
    let full = |m: &ServerMessage| matches!(m, ServerMessage::Waiting { why: WaitReason::RoomFull, .. });
    assert!(house.last(mother, |m| matches!(m, ServerMessage::Waiting { .. })).is_some_and(full));
    assert_eq!(
        house
            .room
            .slots(who(1))
            .iter()
            .map(|slot| slot.participant)
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        PEERS_MAX - 1
    );
    house.forget();
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!house.is_joined(mother) && house.pages[mother].got.is_empty());
    house.click(host, mother);
    assert!(rejected(&house, host, RejectReason::RoomFull), "the host who presses hears why");
}

#[test]
fn sec_114_a_question_goes_with_her_and_comes_back_on_her_new_page() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    let again = house.arrive(HER);
    assert_eq!(asked(&house, again), [(MOTHER, None)], "a reload loses nothing");
    house.say(again, &ClientMessage::Leave { reason: LeaveReason::Left });
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::NotHere, 0)));
    let again = house.arrive(HER);
    house.click(host, again);
    assert!(asked(&house, again).is_empty(), "she is asked by a press, not by a memory");
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::ToAsk, 1)));
    assert!(!is_in(&house, mother) && house.pages[young].closed);
}

#[test]
fn sec_115_whoever_came_in_by_her_yes_waits_again_the_moment_she_goes() {
    let ways = [
        ClientMessage::Leave { reason: LeaveReason::Left },
        ClientMessage::Leave { reason: LeaveReason::ClosedFast },
        ClientMessage::StepOut { someone_came_in: false },
        ClientMessage::StepOut { someone_came_in: true },
        ClientMessage::WithoutMe { agreed: true },
    ];
    for way in ways {
        let (mut house, host, young, mother) = mother_inside();
        house.forget();
        house.say(young, &way);
        assert!(not_yet(&house, mother) && !house.sees(host, mother) && !house.sees(mother, host), "{way:?}");
        let back = |m: &ServerMessage| matches!(m, ServerMessage::Gone { participant, reason: GoneReason::SentBack, .. } if *participant == MOTHER);
        assert!(house.got(host, back), "{way:?}: hosts are told, and their workers with them");
        assert!(!house.pages[host].members.contains(&MOTHER), "{way:?}: keys change");
        house.chat(host, "between us");
        assert!(!house.heard_chat(mother, "between us"), "{way:?}");
        house.wait(20_000);
        assert!(not_yet(&house, mother), "{way:?}: and no worker adds her again");
    }
}

#[test]
fn sec_115_a_lost_line_keeps_her_seat_and_a_seat_given_up_does_not() {
    let (mut house, host, young, mother) = mother_inside();
    house.drop_line(young);
    house.wait(20_000);
    assert!(house.sees(host, mother), "her seat is kept");
    house.wait(ids::SEAT_KEPT_MS);
    assert!(not_yet(&house, mother) && !house.sees(host, mother));
}

#[test]
fn sec_115_a_device_that_sleeps_on_is_a_going_however_alive_its_line_is() {
    let (mut house, host, young, mother) = mother_inside();
    house.say(young, &ClientMessage::Asleep { asleep: true });
    house.wait(20_000);
    assert!(house.sees(host, mother), "a phone that was put down for a moment");
    house.wait(ids::SEAT_KEPT_MS);
    assert!(not_yet(&house, mother) && !house.sees(host, mother));
    house.say(young, &ClientMessage::Asleep { asleep: false });
    assert!(!is_in(&house, mother), "nobody comes in unseen");
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_115_a_host_cannot_put_her_out_and_keep_her_mother() {
    let deeds = [ClientMessage::SendBack { participant: HER }, ClientMessage::EndFor { participant: HER }];
    for deed in deeds {
        let (mut house, host, _, mother) = mother_inside();
        house.say(host, &deed);
        assert!(not_yet(&house, mother) && !house.sees(host, mother), "{deed:?}");
    }
    let (mut house, host, _, mother) = mother_inside();
    house.set_facts(HER, |facts| facts.cutting.own_withdrawal = true);
    assert!(not_yet(&house, mother) && !house.sees(host, mother), "her own no to the hour");
}

#[test]
fn sec_115_she_who_is_gone_before_it_is_recorded_has_let_nobody_in() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.writes = false;
    house.her_answer(young, MOTHER, Answer::Yes);
    house.say(young, &ClientMessage::StepOut { someone_came_in: true });
    house.writes = true;
    for _ in 0..4 {
        house.answer(Recorded::Written);
        house.pump();
    }
    assert!(not_yet(&house, mother) && !house.is_joined(mother) && !house.sees(host, mother));
}

#[test]
fn sec_115_coming_again_is_asked_about_again() {
    let (mut house, host, young, mother) = mother_inside();
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    house.step_in(young);
    assert!(not_yet(&house, mother) && word(&house, host, MOTHER) == Some((HerWord::ToAsk, 1)));
    house.click(host, mother);
    assert_eq!(asked(&house, young), [(MOTHER, None)], "each coming in has a yes of its own");
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(house.is_joined(mother));
    // On the same device, after a reload, the admission stands as anybody's does.
    let mother = house.arrive(MOTHER);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_115_minutes_without_her_are_hers_to_give_and_end_when_she_comes_back() {
    let (mut house, host, young, mother) = mother_inside();
    house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
    assert_eq!(without_you(&house, young), Some(WithoutHer::Asked));
    let told = |house: &House, page| on_roster(house, page, HER).and_then(|her| her.without_her);
    assert_eq!((told(&house, host), told(&house, mother)), (Some(WithoutHer::Asked), None), "hosts alone");
    house.say(young, &ClientMessage::WithoutMe { agreed: true });
    assert!(house.sees(host, mother) && !house.sees(host, young), "her mother may stay meanwhile");
    assert_eq!(told(&house, host), Some(WithoutHer::Agreed));
    let gone = |m: &ServerMessage| matches!(m, ServerMessage::Gone { reason: GoneReason::SteppedOut, .. });
    assert!(house.got(host, gone));
    house.step_in(young);
    assert!(house.is_joined(young) && house.sees(young, mother));
    assert_eq!((told(&house, host), without_you(&house, young)), (None, None));
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    assert!(not_yet(&house, mother), "the exception ended when she came back");
}

#[test]
fn sec_115_minutes_without_her_end_when_somebody_comes_in_or_she_leaves() {
    for way in [
        ClientMessage::StepOut { someone_came_in: true },
        ClientMessage::Leave { reason: LeaveReason::DoneForToday },
        ClientMessage::Leave { reason: LeaveReason::ClosedFast },
    ] {
        let (mut house, host, young, mother) = mother_inside();
        house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
        house.say(young, &ClientMessage::WithoutMe { agreed: true });
        assert!(house.sees(host, mother));
        house.say(young, &way);
        assert!(not_yet(&house, mother) && !house.sees(host, mother), "{way:?}");
    }
}

#[test]
fn sec_115_her_no_to_minutes_without_her_is_told_and_not_asked_away() {
    let (mut house, host, young, mother) = mother_inside();
    house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
    house.say(young, &ClientMessage::WithoutMe { agreed: false });
    assert_eq!(on_roster(&house, host, HER).and_then(|her| her.without_her), Some(WithoutHer::Stays));
    house.forget();
    house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
    assert!(rejected(&house, host, RejectReason::SheDecides) && house.pages[young].got.is_empty());
    assert!(house.sees(host, young) && house.sees(host, mother));
    house.say(young, &ClientMessage::WithoutMe { agreed: true });
    assert!(house.sees(host, mother) && !house.sees(host, young), "hers to change");
    house.say(host, &ClientMessage::AskWithoutHer { participant: who(77) });
    assert!(rejected(&house, host, RejectReason::NobodyThere));
}

#[test]
fn care_03_after_someone_came_in_her_page_is_told_of_no_question() {
    let (mut house, host, young, mother) = mother_waits();
    house.say(young, &ClientMessage::StepOut { someone_came_in: true });
    house.forget();
    house.click(host, mother);
    house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
    assert!(
        rejected(&house, host, RejectReason::SheIsNotHere)
            && rejected(&house, host, RejectReason::NobodyThere)
    );
    assert!(!house.got(young, |m| matches!(m, ServerMessage::Asked { .. })));
    house.step_in(young);
    assert!(asked(&house, young).is_empty());
}

#[test]
fn sec_114_a_stale_press_asks_nothing() {
    let (mut house, host, young, mother) = mother_waits();
    house.say(host, &ClientMessage::Admit { participant: MOTHER, hash: KeyPackageHash([9; 32]) });
    assert!(rejected(&house, host, RejectReason::StaleKeyPackage) && asked(&house, young).is_empty());
    house.drop_line(mother);
    house.click(host, mother);
    assert!(rejected(&house, host, RejectReason::NobodyThere) && asked(&house, young).is_empty());
}

#[test]
fn sec_114_her_no_stands_whatever_is_said_of_her_elsewhere_meanwhile() {
    for no in [Answer::NotToday, Answer::SayFirst] {
        let (mut house, host, young, mother) = mother_waits();
        house.click(host, mother);
        house.her_answer(young, MOTHER, no);
        house.set_facts(MOTHER, |facts| facts.closing.comes_with_parents = true);
        assert_eq!(asked(&house, young), [(MOTHER, Some(no))], "still hers to change");
        house.click(host, mother);
        assert!(rejected(&house, host, RejectReason::SheDecides) && !is_in(&house, mother), "{no:?}");
        house.her_answer(young, MOTHER, Answer::Yes);
        house.click(host, mother);
        assert!(house.is_joined(mother), "by her own yes");
    }
}

#[test]
fn sec_115_a_child_who_comes_with_her_parents_may_leave_before_them() {
    let (mut house, host, young, mother) = mother_inside();
    house.set_facts(MOTHER, |facts| facts.closing.comes_with_parents = true);
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    assert!(house.sees(host, mother));
}

#[test]
fn sec_114_a_yes_counts_while_she_is_there_and_not_on_a_line_that_is_lost() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::NotToday);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::Yes, 1)));
    house.drop_line(young);
    house.wait(4_000);
    for gone in ["lost", "asleep"] {
        assert_eq!(word(&house, host, MOTHER), Some((HerWord::YesWhenBack, 1)), "{gone}");
        house.click(host, mother);
        assert!(rejected(&house, host, RejectReason::SheIsNotHere) && !is_in(&house, mother), "{gone}");
        house.forget();
        let young = house.arrive(HER);
        assert_eq!(word(&house, host, MOTHER), Some((HerWord::Yes, 1)));
        house.say(young, &ClientMessage::Asleep { asleep: true });
    }
}

#[test]
fn sec_114_a_no_right_after_a_yes_is_a_no() {
    for recorded in [true, false] {
        let (mut house, host, young, mother) = mother_waits();
        house.click(host, mother);
        house.writes = recorded;
        house.her_answer(young, MOTHER, Answer::Yes);
        house.her_answer(young, MOTHER, Answer::NotToday);
        house.writes = true;
        for _ in 0..4 {
            house.answer(Recorded::Written);
            house.pump();
        }
        assert!(not_yet(&house, mother) && !house.sees(host, mother), "recorded: {recorded}");
        assert_eq!(word(&house, host, MOTHER), Some((HerWord::NotToday, 1)));
        assert_eq!(asked(&house, young), [(MOTHER, Some(Answer::NotToday))]);
    }
}

#[test]
fn sec_115_a_brother_who_comes_later_is_asked_for_himself() {
    let (mut house, host, young, mother) = mother_inside();
    let brother = house.invite(4, Role::YoungPerson);
    let brother = house.arrive(brother);
    assert!(house.sees(host, mother), "he waits, and nothing has changed");
    house.click(host, brother);
    assert!(not_yet(&house, mother) && !house.sees(host, mother), "nobody asked him");
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(!is_in(&house, mother));
    house.her_answer(brother, MOTHER, Answer::Yes);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_115_a_mother_who_was_there_before_she_was_invited_is_asked_about_when_she_comes() {
    let mut house = House::new();
    let (host, mother) = (house.invite(1, Role::Host), house.invite(3, Role::Guardian));
    house.set_facts(MOTHER, |facts| facts.closing.young_person_invited = false);
    let (host, mother) = (house.arrive(host), house.arrive(mother));
    house.click(host, mother);
    house.set_facts(MOTHER, |facts| facts.closing.young_person_invited = true);
    assert!(house.is_joined(mother), "her daughter is not there yet");
    let young = house.invite(2, Role::YoungPerson);
    let young = house.arrive(young);
    house.click(host, young);
    assert!(not_yet(&house, mother) && word(&house, host, MOTHER) == Some((HerWord::ToAsk, 1)));
}

#[test]
fn sec_114_a_record_that_fails_has_used_her_yes_up() {
    let (mut house, host, young, mother) = mother_waits();
    house.click(host, mother);
    house.writes = false;
    house.her_answer(young, MOTHER, Answer::Yes);
    house.answer(Recorded::Failed);
    house.pump();
    house.writes = true;
    house.wait(20_000);
    assert!(not_yet(&house, mother));
    assert_eq!(word(&house, host, MOTHER), Some((HerWord::ToAsk, 1)), "she is asked again");
    house.click(host, mother);
    house.her_answer(young, MOTHER, Answer::Yes);
    assert!(house.is_joined(mother));
}

#[test]
fn sec_115_her_wish_to_stay_lasts_as_long_as_she_is_there() {
    let (mut house, host, young) = House::two_inside();
    house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
    house.say(young, &ClientMessage::WithoutMe { agreed: false });
    assert_eq!(without_you(&house, young), Some(WithoutHer::Stays));
    house.say(young, &ClientMessage::Leave { reason: LeaveReason::Left });
    let young = house.arrive(HER);
    house.click(host, young);
    assert_eq!(without_you(&house, young), None);
    house.say(host, &ClientMessage::AskWithoutHer { participant: HER });
    assert_eq!(without_you(&house, young), Some(WithoutHer::Asked), "and she may be asked in the new one");
}
