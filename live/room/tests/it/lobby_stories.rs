//! Stories of arriving, waiting, being let in, sent back and ended.

use ids::{EndReason, GoneReason, PEERS_MAX, RefuseReason, Role, WAITING_MAX, WaitReason};
use ids::{ParticipantId, Personal};
use protocol::wire::{ClientMessage, KeyPackageHash, RejectReason, ServerMessage};
use room::{Recorded, RoomEvent};

use crate::house::{House, who};

fn waits(house: &House, page: usize, reason: WaitReason) -> bool {
    let last =
        house.last(page, |m| matches!(m, ServerMessage::Waiting { .. } | ServerMessage::Admitted { .. }));
    matches!(last, Some(ServerMessage::Waiting { why, .. }) if *why == reason)
}

fn is_admitted(house: &House, page: usize) -> bool {
    let last =
        house.last(page, |m| matches!(m, ServerMessage::Waiting { .. } | ServerMessage::Admitted { .. }));
    matches!(last, Some(ServerMessage::Admitted { .. }))
}

fn rejected(house: &House, page: usize, why: RejectReason) -> bool {
    house.got(page, |m| *m == ServerMessage::Rejected { why })
}

#[test]
fn the_main_story_of_a_consultation() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let young = house.arrive(young);
    assert!(waits(&house, young, WaitReason::NoHost));

    let host = house.arrive(host);
    assert!(is_admitted(&house, host), "the first host is let in by the door");
    assert!(house.got(host, |m| matches!(m, ServerMessage::CreateGroup { .. })));
    assert_eq!(house.lobby(host), vec![who(2)]);
    assert!(waits(&house, young, WaitReason::NotYetLetIn));
    let seen_by = house.last(young, |m| matches!(m, ServerMessage::Waiting { .. }));
    assert!(
        matches!(seen_by, Some(ServerMessage::Waiting { seen_by, .. }) if seen_by.len() == 1
        && seen_by[0].reveal() == "first"),
        "by the first name, and no more"
    );

    house.click(host, young);
    assert!(is_admitted(&house, young) && house.is_joined(young));
    assert_eq!(house.lobby(host), Vec::<ParticipantId>::new());
    assert!(house.sees(host, young) && house.sees(young, host));
    house.chat(young, "hi");
    house.chat(host, "welcome");
    assert!(house.heard_chat(host, "hi") && house.heard_chat(young, "welcome"));
    assert!(!house.heard_chat(young, "hi"), "nobody gets her own words back");

    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    assert!(house.got(young, |m| *m == ServerMessage::Ended { reason: EndReason::YouLeft }));
    assert!(house.pages[young].closed);
    let gone = |m: &ServerMessage| matches!(m, ServerMessage::Gone { reason: GoneReason::Left, .. });
    assert!(house.got(host, gone));
    assert!(house.got(host, |m| *m == ServerMessage::RemoveWanted { participant: who(2) }));
    assert_eq!(house.pages[host].members.len(), 1, "her leaf is gone");
    assert!(!house.sees(host, young));
}

#[test]
fn what_happened_is_recorded_in_order_and_with_the_host_who_clicked() {
    let (mut house, host, _) = House::two_inside();
    house.say(host, &ClientMessage::EndForAll);
    let kinds: Vec<_> = house
        .records
        .iter()
        .map(|event| match event {
            RoomEvent::SessionStarted { .. } => "started".to_owned(),
            RoomEvent::AdmissionBegun { by, role, .. } => format!("begun {role:?} by {:?}", by.is_some()),
            RoomEvent::AdmissionEnded { reason, .. } => format!("ended {reason:?}"),
            RoomEvent::EndedFor { .. } => "ended for one".to_owned(),
            RoomEvent::SessionEnded { .. } => "session ended".to_owned(),
        })
        .collect();
    let expected = [
        "started",
        "begun Host by false",
        "begun YoungPerson by true",
        "session ended",
        "ended EndedByHost",
        "ended EndedByHost",
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn an_admission_has_no_effect_before_it_is_recorded() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let (host, young) = (house.arrive(host), house.arrive(young));
    house.writes = false;
    house.click(host, young);
    assert!(!is_admitted(&house, young) && !house.is_joined(young) && !house.sees(host, young));
    house.answer(Recorded::Written);
    house.pump();
    assert!(is_admitted(&house, young) && house.is_joined(young) && house.sees(host, young));
}

#[test]
fn an_admission_that_cannot_be_recorded_does_not_begin_and_a_new_click_works() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let (host, young) = (house.arrive(host), house.arrive(young));
    house.writes = false;
    house.click(host, young);
    house.answer(Recorded::Failed);
    house.pump();
    assert!(waits(&house, young, WaitReason::NotYetLetIn) && !house.sees(host, young));
    assert_eq!(house.lobby(host), vec![who(2)]);
    house.writes = true;
    house.wait(6_000);
    assert!(!is_admitted(&house, young), "the old click is forgotten");
    house.click(host, young);
    assert!(is_admitted(&house, young));
}

#[test]
fn the_first_host_tries_again_when_the_store_was_down_for_a_moment() {
    let mut house = House::new();
    let host = house.invite(1, Role::Host);
    house.writes = false;
    let host = house.arrive(host);
    house.answer(Recorded::Failed);
    house.answer(Recorded::Failed);
    house.pump();
    assert!(!is_admitted(&house, host) && house.unanswered.is_empty());
    house.writes = true;
    house.wait(6_000);
    assert!(is_admitted(&house, host));
    assert_eq!(house.records.iter().filter(|e| matches!(e, RoomEvent::SessionStarted { .. })).count(), 2);
}

#[test]
fn everyone_who_waits_is_seen_by_every_host_with_clocks() {
    let mut house = House::new();
    let hosts = [house.invite(1, Role::Host), house.invite(2, Role::Host)];
    let guests: Vec<_> = (3..7).map(|n| house.invite(n, Role::CareWorker)).collect();
    let first = house.arrive(hosts[0]);
    let second = house.arrive(hosts[1]);
    assert!(waits(&house, second, WaitReason::NotYetLetIn), "a further host is clicked in (SEC-014)");
    house.click(first, second);
    assert!(is_admitted(&house, second));
    for guest in &guests {
        house.jump(1_000);
        house.arrive(*guest);
    }
    assert_eq!(house.lobby(first), guests);
    assert_eq!(house.lobby(second), guests);
    let Some(ServerMessage::Lobby { people }) =
        house.last(first, |m| matches!(m, ServerMessage::Lobby { .. }))
    else {
        panic!("there is a lobby");
    };
    assert!(people.windows(2).all(|pair| pair[0].since < pair[1].since));
    assert!(people.iter().all(|person| person.here && person.key_package.is_some()));
}

#[test]
fn two_hosts_who_knock_at_the_same_moment_are_not_both_the_first() {
    let mut house = House::new();
    let (one, two) = (house.invite(1, Role::Host), house.invite(2, Role::Host));
    house.writes = false;
    let (one, two) = (house.arrive(one), house.arrive(two));
    house.writes = true;
    for _ in 0..4 {
        house.answer(Recorded::Written);
        house.pump();
    }
    assert!(is_admitted(&house, one));
    assert!(waits(&house, two, WaitReason::NotYetLetIn));
}

#[test]
fn a_click_on_what_is_no_longer_there_lets_nobody_in() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let (host, young) = (house.arrive(host), house.arrive(young));
    let old = crate::house::hash_of(house.pages[young].key_package.as_ref().expect("knocked"));
    house.knock(young);
    house.say(host, &ClientMessage::Admit { participant: who(2), hash: old });
    assert!(rejected(&house, host, RejectReason::StaleKeyPackage));
    assert!(!is_admitted(&house, young));
    house.say(host, &ClientMessage::Admit { participant: who(77), hash: old });
    assert!(rejected(&house, host, RejectReason::NobodyThere));
    // Nor does the refused click work later, when somebody else lets go of a place or the like.
    house.wait(20_000);
    assert!(!is_admitted(&house, young));
}

#[test]
fn a_reload_between_click_and_welcome_needs_a_new_click() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let (host, young) = (house.arrive(host), house.arrive(young));
    house.works = false;
    house.click(host, young);
    assert!(is_admitted(&house, young) && !house.is_joined(young));
    let again = house.arrive(who(2));
    assert!(!is_admitted(&house, again), "the host clicked on another key package (SEC-014)");
    house.works = true;
    house.pump();
    house.click(host, again);
    assert!(house.is_joined(again));
}

#[test]
fn guests_can_do_nothing_that_hosts_can() {
    let mut house = House::new();
    let host = house.invite(1, Role::Host);
    let (inside, waiting) = (house.invite(2, Role::CareWorker), house.invite(3, Role::Professional));
    let (host, inside, waiting) = (house.arrive(host), house.arrive(inside), house.arrive(waiting));
    house.click(host, inside);
    let hash = crate::house::hash_of(house.pages[waiting].key_package.as_ref().expect("knocked"));
    let deeds = [
        ClientMessage::Admit { participant: who(3), hash },
        ClientMessage::SendBack { participant: who(1) },
        ClientMessage::EndFor { participant: who(3) },
        ClientMessage::EndForAll,
        ClientMessage::Note { participant: who(3), text: Personal::new("hello".into()) },
    ];
    for deed in &deeds {
        house.forget();
        house.say(inside, deed);
        assert!(rejected(&house, inside, RejectReason::NotHost), "{deed:?}");
        house.say(waiting, deed);
        assert!(rejected(&house, waiting, RejectReason::NotAdmitted), "{deed:?}");
        assert!(house.records.is_empty());
    }
    assert!(!is_admitted(&house, waiting) && !house.pages[host].closed);
    assert!(!house.got(inside, |m| matches!(m, ServerMessage::Lobby { .. })), "guests do not see who waits");
    assert!(!house.got(waiting, |m| matches!(m, ServerMessage::Roster { .. })), "those who wait see nobody");
}

#[test]
fn a_note_reaches_the_one_who_waits_and_nobody_else() {
    let mut house = House::new();
    let host = house.invite(1, Role::Host);
    let (one, two) = (house.invite(2, Role::YoungPerson), house.invite(3, Role::Guardian));
    let (host, one, two) = (house.arrive(host), house.arrive(one), house.arrive(two));
    let note = |text: &str| ClientMessage::Note { participant: who(2), text: Personal::new(text.into()) };
    house.say(host, &note("five minutes"));
    let is_note =
        |m: &ServerMessage| matches!(m, ServerMessage::Note { text, .. } if text.reveal() == "five minutes");
    assert!(house.got(one, is_note) && !house.got(two, is_note));
    house.say(host, &note(&"x".repeat(ids::TEXT_CHARS_MAX + 1)));
    assert!(rejected(&house, host, RejectReason::BadMessage));
    house.forget();
    house.say(host, &note(""));
    assert!(rejected(&house, host, RejectReason::BadMessage));
    house.say(host, &ClientMessage::Note { participant: who(1), text: Personal::new("me".into()) });
    assert!(rejected(&house, host, RejectReason::NobodyThere));
}

#[test]
fn sent_back_means_waiting_again_and_a_new_click() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.say(host, &ClientMessage::SendBack { participant: who(2) });
    assert!(waits(&house, young, WaitReason::SentBack));
    assert!(!house.is_joined(young) && !house.sees(host, young) && !house.sees(young, host));
    assert!(house.got(host, |m| matches!(m, ServerMessage::Gone { reason: GoneReason::SentBack, .. })));
    assert_eq!(house.pages[host].members.len(), 1);
    assert_eq!(house.lobby(host), vec![who(2)]);
    house.forget();
    house.chat(host, "between us");
    house.say(young, &ClientMessage::WantKeyframes);
    assert!(rejected(&house, young, RejectReason::NotAdmitted));
    assert!(!house.heard_chat(young, "between us"));
    // A reload does not undo it.
    let young = house.arrive(who(2));
    assert!(waits(&house, young, WaitReason::SentBack));
    house.click(host, young);
    assert!(is_admitted(&house, young) && house.is_joined(young));
}

#[test]
fn ended_for_one_stays_ended_for_her_and_goes_on_for_the_others() {
    let mut house = House::new();
    let host = house.invite(1, Role::Host);
    let (one, two) = (house.invite(2, Role::CareWorker), house.invite(3, Role::Support));
    let (host, one, two) = (house.arrive(host), house.arrive(one), house.arrive(two));
    house.click(host, one);
    house.click(host, two);
    house.say(host, &ClientMessage::EndFor { participant: who(2) });
    assert!(house.got(one, |m| *m == ServerMessage::Ended { reason: EndReason::EndedForYou }));
    assert!(house.pages[one].closed && is_admitted(&house, two));
    assert!(house.records.iter().any(|event| matches!(event, RoomEvent::EndedFor { .. })));
    let again = house.arrive(who(2));
    assert!(house.got(again, |m| *m == ServerMessage::Refused { why: RefuseReason::EndedForYou }));
    assert!(!house.got(again, |m| matches!(m, ServerMessage::Welcome(_))), "nothing is attested to her");
    house.chat(host, "still here");
    assert!(house.heard_chat(two, "still here"));
}

#[test]
fn ended_for_all_ends_it_also_for_those_who_wait_and_for_those_who_come_later() {
    let (mut house, host, young) = House::two_inside();
    let guardian = house.invite(3, Role::Guardian);
    let guardian = house.arrive(guardian);
    house.say(host, &ClientMessage::EndForAll);
    for page in [host, young, guardian] {
        assert!(house.got(page, |m| *m == ServerMessage::Ended { reason: EndReason::EndedForAll }));
        assert!(house.pages[page].closed);
    }
    assert!(house.room.is_idle());
    let late = house.arrive(who(2));
    assert!(house.got(late, |m| *m == ServerMessage::Refused { why: RefuseReason::SessionEnded }));
}

#[test]
fn hosts_stay_after_the_others_have_left() {
    let mut house = House::new();
    let (one, two) = (house.invite(1, Role::Host), house.invite(2, Role::Host));
    let young = house.invite(3, Role::YoungPerson);
    let (one, two, young) = (house.arrive(one), house.arrive(two), house.arrive(young));
    house.click(one, two);
    house.click(two, young);
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::DoneForToday });
    house.wait(300_000);
    house.chat(one, "how was it?");
    assert!(house.heard_chat(two, "how was it?"));
}

#[test]
fn the_room_holds_eight_and_keeps_a_place_for_the_young_person() {
    let mut house = House::new();
    let host = house.invite(1, Role::Host);
    let host = house.arrive(host);
    let guests: Vec<_> = (2..10).map(|n| house.invite(n, Role::CareWorker)).collect();
    let guests: Vec<_> = guests.into_iter().map(|guest| house.arrive(guest)).collect();
    for guest in &guests {
        house.click(host, *guest);
    }
    let inside = guests.iter().filter(|guest| is_admitted(&house, **guest)).count();
    assert_eq!(inside, PEERS_MAX - 2, "one place is the host's, one is kept");
    assert!(rejected(&house, host, RejectReason::RoomFull));
    let young = house.invite(20, Role::YoungPerson);
    let young = house.arrive(young);
    house.click(host, young);
    assert!(is_admitted(&house, young), "CARE-01");
    house.say(guests[0], &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    let next = *guests.last().expect("there are guests");
    assert!(!is_admitted(&house, next), "the refused click is not kept");
    house.click(host, next);
    assert!(is_admitted(&house, next));
}

#[test]
fn a_full_waiting_room_says_so_and_takes_the_next_when_somebody_goes_but_never_keeps_the_young_person_out() {
    let mut house = House::new();
    let pages: Vec<_> = (0..u8::try_from(WAITING_MAX).expect("a small limit") + 1)
        .map(|number| {
            let guest = house.invite(100 + number, Role::Professional);
            house.arrive(guest)
        })
        .collect();
    let full = ServerMessage::Refused { why: RefuseReason::WaitingRoomFull };
    let last = *pages.last().expect("there are pages");
    assert!(house.got(last, |m| *m == full));
    assert!(pages.iter().rev().skip(1).all(|page| !house.got(*page, |m| *m == full)));
    let young = house.invite(2, Role::YoungPerson);
    let young = house.arrive(young);
    assert!(waits(&house, young, WaitReason::NoHost), "CARE-01");
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    house.say(pages[0], &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    assert!(waits(&house, last, WaitReason::NoHost));
}

#[test]
fn knocking_with_a_wrong_hash_or_a_fat_package_is_refused() {
    let mut house = House::new();
    let young = house.invite(2, Role::YoungPerson);
    let young = house.open(young, 1);
    house.hello(young);
    let bad = [(b"package".to_vec(), KeyPackageHash([0; 32])), (Vec::new(), crate::house::hash_of(b""))];
    let fat = vec![1; ids::KEY_PACKAGE_BYTES_MAX + 1];
    let fat_hash = crate::house::hash_of(&fat);
    for (key_package, hash) in bad.into_iter().chain([(fat, fat_hash)]) {
        house.forget();
        house.say(young, &ClientMessage::Knock { key_package, hash });
        assert!(rejected(&house, young, RejectReason::BadMessage));
    }
    assert!(!house.got(young, |m| matches!(m, ServerMessage::Waiting { .. })));
}

#[test]
fn nothing_is_answered_before_hello_but_a_ping() {
    let mut house = House::new();
    let young = house.invite(2, Role::YoungPerson);
    let young = house.open(young, 1);
    house.knock(young);
    assert!(rejected(&house, young, RejectReason::BadMessage));
    house.say(young, &ClientMessage::Ping { number: 5 });
    assert!(house.got(young, |m| matches!(m, ServerMessage::Pong { number: 5, .. })));
}

#[test]
fn closing_fast_while_waiting_is_told_to_the_hosts() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let (host, young) = (house.arrive(host), house.arrive(young));
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::ClosedFast });
    let gone = |m: &ServerMessage| matches!(m, ServerMessage::Gone { reason: GoneReason::ClosedFast, .. });
    assert!(house.got(host, gone), "CARE-02");
    assert!(house.lobby(host).is_empty());
}
