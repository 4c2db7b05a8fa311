//! Stories of lines that break, pages that reload, people who step out, and hosts who go.

use ids::{
    EndReason, GoneReason, HOST_GRACE_MS, LINE_LOST_MS, ParticipantId, Role, SEAT_KEPT_MS, WaitReason,
};
use protocol::wire::{AddGround, ClientMessage, Presence, ServerMessage};
use room::RoomEvent;

use crate::house::{House, who};

fn presence_of(house: &House, at: usize, whom: ParticipantId) -> Option<Presence> {
    match house.last(at, |m| matches!(m, ServerMessage::Roster { .. })) {
        Some(ServerMessage::Roster { people }) => {
            people.iter().find(|person| person.participant == whom).map(|person| person.presence)
        }
        _ => None,
    }
}

fn gone(house: &House, at: usize, why: GoneReason) -> bool {
    house.got(at, |m| matches!(m, ServerMessage::Gone { reason, .. } if *reason == why))
}

fn added_as_returning(house: &House, at: usize, whom: ParticipantId) -> bool {
    house.got(at, |m| {
        matches!(m, ServerMessage::AddWanted { participant, ground: AddGround::CameBack, .. } if *participant == whom)
    })
}

fn clicks(house: &House) -> usize {
    house.records.iter().filter(|event| matches!(event, RoomEvent::AdmissionBegun { .. })).count()
}

#[test]
fn a_reload_comes_back_without_a_click_and_with_one_commit() {
    let (mut house, host, young) = House::two_inside();
    let epoch = house.pages[host].epoch;
    house.forget();
    house.drop_line(young);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::LineLost));
    let young = house.arrive(who(2));
    assert!(added_as_returning(&house, host, who(2)));
    assert!(house.is_joined(young) && house.sees(host, young) && house.sees(young, host));
    assert_eq!(house.pages[host].epoch, epoch + 1, "one commit removes the old leaf and adds the new");
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::Here));
    assert_eq!(clicks(&house), 0, "her admission stood all the time");
    house.chat(host, "there you are");
    assert!(house.heard_chat(young, "there you are"));
}

#[test]
fn a_second_tab_takes_the_seat_and_the_older_is_told_so() {
    let (mut house, host, old) = House::two_inside();
    let new = house.arrive(who(2));
    assert!(house.got(old, |m| *m == ServerMessage::Ended { reason: EndReason::OpenedElsewhere }));
    assert!(house.pages[old].closed && house.is_joined(new));
    house.forget();
    house.chat(host, "one of you");
    assert!(house.heard_chat(new, "one of you") && !house.heard_chat(old, "one of you"));
}

#[test]
fn another_device_must_be_clicked_again() {
    let (mut house, host, old) = House::two_inside();
    house.forget();
    let phone = house.arrive_on(who(2), 2);
    assert!(house.pages[old].closed);
    assert!(!house.is_joined(phone) && !house.sees(host, phone));
    assert!(house.got(phone, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::NotYetLetIn, .. })));
    assert!(!house.got(host, |m| matches!(m, ServerMessage::AddWanted { .. })));
    house.click(host, phone);
    assert!(house.is_joined(phone));
}

/// SEC-019 must not cry wolf: a member alarms when one whose line is up is not heard for some seconds.
#[test]
fn missing_heartbeats_are_told_before_anybody_takes_them_for_a_fork() {
    let (mut house, host, young) = House::two_inside();
    house.chat(young, "beat");
    house.forget();
    house.wait_with(2_000, &[host]);
    assert_eq!(presence_of(&house, host, who(2)), None, "one late heartbeat is none");
    house.wait_with(1_000, &[host]);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::LineLost));
    assert!(!gone(&house, host, GoneReason::LineLost), "the line is not given up yet");
    house.chat(young, "beat");
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::Here));
    // A page that has left the group owes nobody a heartbeat.
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    house.wait_with(4_000, &[host, young]);
    house.step_in(young);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::Here));
}

/// Nobody listens who is shown as gone, though the page goes on pinging.
#[test]
fn whoever_stops_saying_sealed_words_gets_no_media_and_loses_the_seat_in_the_end() {
    let (mut house, host, young) = House::two_inside();
    assert!(house.sees(young, host));
    house.chat(young, "beat");
    house.wait_with(4_000, &[host, young]);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::LineLost));
    assert!(!house.sees(young, host) && !house.sees(host, young), "told as lost, so neither way");
    house.chat(young, "beat");
    assert!(house.sees(young, host) && house.sees(host, young), "one sealed word brings both back");
    house.wait_with(LINE_LOST_MS + SEAT_KEPT_MS + 3_000, &[host, young]);
    assert!(!house.sees(young, host));
    assert_eq!(house.pages[host].members.len(), 1, "the leaf is gone, so the keys have changed");
    assert_eq!(house.lobby(host), vec![who(2)], "and the page that still pings waits for a click");
}

#[test]
fn stepping_out_is_told_once_however_often_the_page_says_it() {
    let (mut house, host, young) = House::two_inside();
    let told = |house: &House, why| {
        let is = |m: &&ServerMessage| matches!(m, ServerMessage::Gone { reason, .. } if *reason == why);
        house.pages[host].got.iter().filter(is).count()
    };
    for someone_came_in in [false, false, true, true, false] {
        house.say(young, &ClientMessage::StepOut { someone_came_in });
    }
    assert_eq!(told(&house, GoneReason::SteppedOut), 1);
    assert_eq!(told(&house, GoneReason::SomeoneCameIn), 1);
    assert_eq!(
        presence_of(&house, host, who(2)),
        Some(Presence::SomeoneCameIn),
        "only she undoes it (CARE-03)"
    );
}

#[test]
fn silence_is_told_as_a_lost_line_and_the_seat_is_kept_for_a_while() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.wait_with(LINE_LOST_MS - 1_000, &[host]);
    assert!(!gone(&house, host, GoneReason::LineLost));
    house.wait_with(2_000, &[host]);
    assert!(gone(&house, host, GoneReason::LineLost));
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::LineLost));
    assert!(!house.records.iter().any(|event| matches!(event, RoomEvent::AdmissionEnded { .. })));
    // The line comes alive again: nothing was lost, the page has been sent every commit.
    house.wait_with(3_000, &[host, young]);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::Here));
    house.chat(host, "you are back");
    assert!(house.heard_chat(young, "you are back"));
    // And now for good.
    house.wait_with(LINE_LOST_MS + SEAT_KEPT_MS + 3_000, &[host]);
    assert!(house.pages[young].closed && !house.sees(host, young));
    assert_eq!(house.pages[host].members.len(), 1);
    assert_eq!(presence_of(&house, host, who(2)), None);
    let young = house.arrive(who(2));
    assert!(!house.is_joined(young), "the seat was given up");
}

/// An hour that is ended for everybody while somebody had come in at her side did not end for her as hours end (CARE-02).
#[test]
fn how_she_was_gone_when_the_hour_was_ended_is_recorded() {
    let ended = |house: &House| {
        house.records.iter().rev().find_map(|event| match event {
            RoomEvent::AdmissionEnded { participant, reason, away, .. } if *participant == who(2) => {
                Some((*reason, *away))
            }
            _ => None,
        })
    };
    let (mut house, host, _) = House::two_inside();
    house.say(host, &ClientMessage::EndForAll);
    assert_eq!(ended(&house), Some((GoneReason::EndedByHost, None)), "she was there");
    let (mut house, host, young) = House::two_inside();
    house.say(young, &ClientMessage::StepOut { someone_came_in: true });
    house.say(host, &ClientMessage::EndForAll);
    assert_eq!(ended(&house), Some((GoneReason::EndedByHost, Some(GoneReason::SomeoneCameIn))));
    let (mut house, _, young) = House::two_inside();
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::DoneForToday });
    assert_eq!(ended(&house), Some((GoneReason::Left, Some(GoneReason::SteppedOut))));
}

#[test]
fn a_device_that_falls_asleep_is_told_apart_from_a_lost_line() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.say(young, &ClientMessage::Asleep { asleep: true });
    assert!(gone(&house, host, GoneReason::DeviceAsleep));
    assert!(!house.sees(young, host) && !house.sees(host, young), "nobody listens who is shown as asleep");
    house.wait_with(LINE_LOST_MS + 5_000, &[host]);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::DeviceAsleep));
    assert!(!gone(&house, host, GoneReason::LineLost));
    house.say(young, &ClientMessage::Asleep { asleep: false });
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::Here));
    house.chat(young, "here again");
    assert!(house.sees(young, host) && house.sees(host, young), "awake, both ways");
}

/// Why she is gone is between her and her clinician: who else is in the room may be the reason for it.
#[test]
fn guests_are_not_told_that_somebody_came_in_or_that_she_closed_fast() {
    let (mut house, host, young) = House::two_inside();
    let friend = house.invite(3, Role::Support);
    let friend = house.arrive(friend);
    house.click(host, friend);
    house.pump();
    assert!(house.is_joined(friend));
    house.forget();
    house.say(young, &ClientMessage::StepOut { someone_came_in: true });
    assert!(gone(&house, host, GoneReason::SomeoneCameIn) && gone(&house, friend, GoneReason::SteppedOut));
    assert!(!gone(&house, friend, GoneReason::SomeoneCameIn), "CARE-03");
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::SomeoneCameIn));
    assert_eq!(presence_of(&house, friend, who(2)), Some(Presence::SteppedOut));
    house.step_in(young);
    house.forget();
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::ClosedFast });
    assert!(gone(&house, host, GoneReason::ClosedFast) && gone(&house, friend, GoneReason::Left));
    assert!(!gone(&house, friend, GoneReason::ClosedFast), "CARE-02");
    let whole = |m: &ServerMessage| matches!(m, ServerMessage::WentBefore { .. });
    assert!(!house.got(friend, whole));
}

fn went_before(house: &House, at: usize) -> Vec<(ParticipantId, GoneReason)> {
    match house.last(at, |m| matches!(m, ServerMessage::WentBefore { .. })) {
        Some(ServerMessage::WentBefore { people }) => {
            people.iter().map(|person| (person.participant, person.reason)).collect()
        }
        _ => Vec::new(),
    }
}

/// CARE-02: a safety signal is not lost with the page that heard it.
#[test]
fn a_host_who_reloads_is_told_again_who_went_and_why() {
    let (mut house, host, young) = House::two_inside();
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::ClosedFast });
    house.drop_line(host);
    let host = house.arrive(who(1));
    assert_eq!(went_before(&house, host), [(who(2), GoneReason::ClosedFast)]);
    let young = house.arrive(who(2));
    house.drop_line(host);
    let host = house.arrive(who(1));
    assert_eq!(went_before(&house, host), [], "she waits again");
    house.drop_line(young);
}

#[test]
fn closing_fast_before_any_host_has_come_is_told_to_the_first() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let young = house.arrive(young);
    house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::ClosedFast });
    let host = house.arrive(host);
    assert_eq!(went_before(&house, host), [(who(2), GoneReason::ClosedFast)]);
}

/// What could not be said on a dead line is said on the next one, also when the seat was given up meanwhile.
#[test]
fn closing_fast_that_is_heard_late_takes_the_place_of_a_lost_line() {
    let (mut house, host, young) = House::two_inside();
    house.drop_line(young);
    assert!(gone(&house, host, GoneReason::LineLost));
    house.wait_with(SEAT_KEPT_MS + 3_000, &[host]);
    assert_eq!(presence_of(&house, host, who(2)), None, "the seat was given up");
    house.forget();
    let young = house.open(who(2), 2);
    house.hello(young);
    house.pump();
    for _ in 0..2 {
        house.say(young, &ClientMessage::Leave { reason: ids::LeaveReason::ClosedFast });
    }
    assert!(gone(&house, host, GoneReason::ClosedFast), "CARE-02");
}

#[test]
fn stepping_out_takes_the_leaf_and_the_media_and_one_tap_brings_both_back() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.say(young, &ClientMessage::StepOut { someone_came_in: false });
    assert!(gone(&house, host, GoneReason::SteppedOut));
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::SteppedOut));
    assert!(house.got(young, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::SteppedOut, .. })));
    assert!(!house.sees(host, young) && !house.sees(young, host));
    assert_eq!(house.pages[host].members.len(), 1);
    house.chat(host, "while she is out");
    assert!(!house.heard_chat(young, "while she is out"));
    house.step_in(young);
    assert!(added_as_returning(&house, host, who(2)) && house.is_joined(young));
    assert!(house.sees(host, young) && clicks(&house) == 0);
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::Here));
}

#[test]
fn someone_came_in_survives_a_reload_and_only_she_undoes_it() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.say(young, &ClientMessage::StepOut { someone_came_in: true });
    assert!(gone(&house, host, GoneReason::SomeoneCameIn), "CARE-03");
    house.drop_line(young);
    let young = house.arrive(who(2));
    assert_eq!(presence_of(&house, host, who(2)), Some(Presence::SomeoneCameIn));
    assert!(!house.is_joined(young) && !house.sees(host, young));
    assert!(house.got(young, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::SteppedOut, .. })));
    house.step_in(young);
    assert!(house.is_joined(young) && house.sees(host, young));
}

#[test]
fn when_the_last_host_leaves_everyone_waits_after_the_grace() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    let until = house.now.wall.plus(core::time::Duration::from_millis(HOST_GRACE_MS));
    house.say(host, &ClientMessage::Leave { reason: ids::LeaveReason::Left });
    assert!(house.got(young, |m| *m == ServerMessage::HostGrace { until: Some(until) }));
    house.wait(HOST_GRACE_MS - 1_000);
    assert!(!house.got(young, |m| matches!(m, ServerMessage::Waiting { .. })));
    house.wait(2_000);
    assert!(house.got(young, |m| matches!(m, ServerMessage::Waiting { why: WaitReason::HostLost, .. })));
    assert!(!house.is_joined(young));
    // The host comes back later: a new group, and she is let in by a click.
    let host = house.arrive(who(1));
    assert!(house.got(host, |m| matches!(m, ServerMessage::CreateGroup { .. })));
    assert!(!house.is_joined(young));
    house.click(host, young);
    assert!(house.is_joined(young));
}

#[test]
fn a_host_who_is_back_in_time_ends_the_grace_and_finds_everyone() {
    let (mut house, host, young) = House::two_inside();
    let group = house.pages[host].group;
    house.forget();
    house.drop_line(host);
    assert!(house.got(young, |m| matches!(m, ServerMessage::HostGrace { until: Some(_) })));
    assert!(!house.sees(young, host), "whoever is shown as lost neither hears nor is heard");
    let host = house.arrive(who(1));
    assert!(house.got(young, |m| *m == ServerMessage::HostGrace { until: None }));
    // The group could not go on without a host in it: a new one, and nobody has to be clicked.
    assert!(house.got(young, |m| matches!(m, ServerMessage::GroupEnded { .. })));
    assert!(house.got(young, |m| matches!(m, ServerMessage::KeyPackageWanted)));
    assert!(added_as_returning(&house, host, who(2)));
    assert!(house.pages[host].group.is_some() && house.pages[host].group != group);
    assert_eq!(house.pages[host].group, house.pages[young].group);
    assert_eq!(clicks(&house), 0);
    house.chat(young, "hello again");
    assert!(house.heard_chat(host, "hello again"));
}

#[test]
fn a_host_who_reloads_alone_gets_a_new_group() {
    let mut house = House::new();
    let host = house.invite(1, Role::Host);
    let first = house.arrive(host);
    let group = house.pages[first].group;
    let second = house.arrive(host);
    assert!(house.pages[second].group.is_some() && house.pages[second].group != group);
    assert_eq!(clicks(&house), 1, "the admission stood");
}

#[test]
fn a_host_who_comes_from_another_device_must_click_on_everyone_again() {
    let (mut house, host, young) = House::two_inside();
    house.drop_line(host);
    house.forget();
    let other = house.arrive_on(who(1), 2);
    assert!(house.got(other, |m| matches!(m, ServerMessage::CreateGroup { .. })));
    assert!(!house.got(other, |m| matches!(m, ServerMessage::AddWanted { .. })), "it knows nobody (SEC-014)");
    assert!(!house.is_joined(young) && !house.sees(other, young));
    assert_eq!(house.lobby(other), vec![who(2)]);
    house.click(other, young);
    assert!(house.is_joined(young));
}

#[test]
fn a_host_who_reloads_while_another_host_is_inside_returns_to_the_same_group() {
    let mut house = House::new();
    let (one, two) = (house.invite(1, Role::Host), house.invite(2, Role::Host));
    let (one, two) = (house.arrive(one), house.arrive(two));
    house.click(one, two);
    let group = house.pages[two].group;
    house.drop_line(one);
    let one = house.arrive(who(1));
    assert!(added_as_returning(&house, two, who(1)));
    assert_eq!(house.pages[one].group, group);
}

#[test]
fn a_stepped_out_host_is_no_host_for_those_who_stay() {
    let (mut house, host, young) = House::two_inside();
    house.forget();
    house.say(host, &ClientMessage::StepOut { someone_came_in: false });
    assert!(house.got(young, |m| matches!(m, ServerMessage::HostGrace { until: Some(_) })));
    house.step_in(host);
    assert!(house.got(young, |m| *m == ServerMessage::HostGrace { until: None }));
    assert!(
        house.is_joined(host)
            && house.is_joined(young)
            && house.pages[host].group == house.pages[young].group
    );
}

#[test]
fn the_waiting_place_of_a_lost_line_is_kept_and_then_given_up() {
    let mut house = House::new();
    let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
    let (host, young) = (house.arrive(host), house.arrive(young));
    let since = house.now.wall;
    house.drop_line(young);
    let here = |house: &House| match house.last(host, |m| matches!(m, ServerMessage::Lobby { .. })) {
        Some(ServerMessage::Lobby { people }) => people.first().map(|person| (person.here, person.since)),
        _ => None,
    };
    assert_eq!(here(&house), Some((false, since)));
    house.wait(60_000);
    let young = house.arrive(who(2));
    assert_eq!(here(&house), Some((true, since)), "she has waited since she came, not since she reloaded");
    house.drop_line(young);
    house.wait(SEAT_KEPT_MS + 1_000);
    assert!(house.lobby(host).is_empty());
}

#[test]
fn a_server_that_stops_says_so() {
    let (mut house, host, young) = House::two_inside();
    house.room.handle_stopping(house.now);
    house.pump();
    for page in [host, young] {
        assert!(house.got(page, |m| *m == ServerMessage::Ended { reason: EndReason::ServerStopping }));
    }
    assert!(house.room.is_idle());
}

#[test]
fn everything_said_to_nobody_in_particular_costs_no_endless_timers() {
    let (mut house, ..) = House::two_inside();
    for _ in 0..200 {
        let deadlines = house.deadlines.expect("the room names its next deadline");
        assert!(deadlines.mono > house.now.mono, "a deadline that has passed would spin the shell");
        let by = deadlines.mono - house.now.mono;
        house.jump(u64::try_from(by.as_millis()).expect("a short time") + 1);
    }
    assert!(house.room.is_idle(), "all lines fell silent long ago");
}
