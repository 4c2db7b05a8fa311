//! Stories of talks between whole clients.

use std::time::Duration;

use call::{MediaStatus, Phase};
use ids::{ParticipantId, TrackKind};
use peer::{Clip, Frame, Manners, Profile, Transport};
use protocol::group::KnownAs;

use crate::house::{CARER, CLINICIAN, House, YOUNG};

const SECOND: Duration = Duration::from_secs(1);

fn are_of_the_clip(frames: &[Frame], track: TrackKind) -> bool {
    let clip = Clip::made_up(track);
    frames.iter().all(|frame| clip.frames().iter().any(|sent| sent.bytes == frame.bytes))
}

fn hears_and_sees(house: &mut House, at: ParticipantId, of: ParticipantId) {
    house.forget_frames();
    house.run(SECOND);
    let sound = house.take_frames(at, of, TrackKind::Microphone);
    let picture = house.take_frames(at, of, TrackKind::Camera);
    assert!(sound.len() >= 45, "{} of 50 packets of sound", sound.len());
    assert!(picture.len() >= 25, "{} of 30 pictures", picture.len());
    assert!(are_of_the_clip(&sound, TrackKind::Microphone) && are_of_the_clip(&picture, TrackKind::Camera));
}

fn is_neither_heard_nor_seen(house: &mut House, of: ParticipantId) {
    house.forget_frames();
    house.run(SECOND);
    for (at, guest) in &house.guests {
        assert!(guest.frames.iter().all(|frame| frame.participant != of), "{at} got frames");
    }
}

/// The main job, whole: knock, let in by a click, sealed sound and picture both ways, over GCM.
#[test]
fn two_people_hear_and_see_each_other_under_the_seal() {
    let mut house = House::new();
    house.join(YOUNG);
    house.run(SECOND);
    assert!(matches!(house.guest(YOUNG).peer.call().view().phase, Phase::Waiting { .. }));
    house.join(CLINICIAN);
    house.run(Duration::from_secs(3));
    for who in [CLINICIAN, YOUNG] {
        let guest = house.guest(who);
        assert_eq!(guest.peer.call().view().phase, Phase::Inside);
        assert!(matches!(guest.connected[..], [Some(Profile::Aes128Gcm | Profile::Aes256Gcm)]), "SEC-020");
        let first = guest.frames.iter().find(|frame| frame.track == TrackKind::Camera).expect("a picture");
        assert!(first.starts, "the first picture is a key frame");
    }
    hears_and_sees(&mut house, CLINICIAN, YOUNG);
    hears_and_sees(&mut house, YOUNG, CLINICIAN);

    let words = |house: &mut House, who| {
        let epoch = house.guest(who).peer.call().view().lock.epoch.clone().expect("a closed lock");
        assert_eq!(epoch.members.len(), 2);
        assert!(epoch.members.iter().all(|m| matches!(m.known, KnownAs::Own | KnownAs::New)));
        epoch.safety_words
    };
    assert_eq!(words(&mut house, CLINICIAN), words(&mut house, YOUNG), "SEC-016");
    for tile in house.guest(CLINICIAN).peer.call().view().people.clone() {
        assert_eq!(tile.status, MediaStatus::Flowing);
    }
    assert_eq!(house.guest(YOUNG).peer.call().view().lock.frames.refused, 0);
}

/// Where no datagram passes, the same over streams that the clients open (ICE-TCP): the server has no other address.
#[test]
fn two_people_hear_and_see_each_other_over_streams() {
    let mut house = House::over(Transport::Tcp);
    house.join(CLINICIAN);
    house.join(YOUNG);
    house.run(Duration::from_secs(4));
    assert!(house.sent.iter().all(|transport| *transport == sfu::Transport::Tcp) && house.sent.len() > 100);
    hears_and_sees(&mut house, CLINICIAN, YOUNG);
    hears_and_sees(&mut house, YOUNG, CLINICIAN);
}

/// Chat goes under the seal and both see the same line.
#[test]
fn a_line_of_chat_arrives() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.act(YOUNG, |call, now| call.chat("hei", now)).expect("inside");
    house.run(SECOND);
    for who in [CLINICIAN, YOUNG] {
        let chat = house.guest(who).peer.call().view().chat.clone();
        assert_eq!(chat.len(), 1);
        assert_eq!((chat[0].from, chat[0].text.reveal().as_str()), (YOUNG, "hei"));
    }
}

/// A third person makes a new epoch; nobody's picture breaks (make before break), and when the third is sent back,
/// the others go on under keys that the third does not have.
#[test]
fn a_third_comes_and_is_sent_back_while_two_talk_on() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.forget_frames();
    house.join(CARER);
    house.run(Duration::from_secs(3));
    let sound = house.take_frames(CLINICIAN, YOUNG, TrackKind::Microphone);
    assert!(sound.len() >= 145, "{} of 150: the change of epoch is not heard", sound.len());
    hears_and_sees(&mut house, CARER, YOUNG);
    hears_and_sees(&mut house, YOUNG, CARER);

    house.guest(CLINICIAN).peer.set_manners(Manners::default());
    house.act(CLINICIAN, |call, _| call.send_back(CARER)).expect("a host");
    house.run(Duration::from_millis(200));
    is_neither_heard_nor_seen(&mut house, CARER);
    assert!(house.guest(CARER).frames.is_empty(), "nor does the third get anything");
    hears_and_sees(&mut house, CLINICIAN, YOUNG);
    let members = house.guest(YOUNG).peer.call().view().lock.epoch.clone().expect("a closed lock").members;
    assert_eq!(members.len(), 2);
}

/// CARE-03, whole: dark at once, the others are told which it is, and she is back in one tap, muted.
#[test]
fn care_03_someone_came_in() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.act(YOUNG, |call, now| call.someone_came_in(now)).expect("inside");
    house.run(Duration::from_millis(100));
    is_neither_heard_nor_seen(&mut house, YOUNG);
    assert_eq!(house.guest(YOUNG).peer.call().view().phase, Phase::SomeoneCameIn { told: true });
    let gone = house.guest(CLINICIAN).peer.call().view().gone.clone();
    assert!(matches!(gone[..], [call::Gone { reason: ids::GoneReason::SomeoneCameIn, .. }]), "{gone:?}");

    house.act(YOUNG, |call, now| call.carry_on(now)).expect("it was pressed");
    house.run(Duration::from_secs(2));
    assert_eq!(house.guest(YOUNG).peer.call().view().phase, Phase::Inside);
    is_neither_heard_nor_seen(&mut house, YOUNG);
    house.act(YOUNG, |call, now| {
        call.set_microphone(true, now);
        call.set_camera(true, now);
    });
    house.run(SECOND);
    hears_and_sees(&mut house, CLINICIAN, YOUNG);
    hears_and_sees(&mut house, YOUNG, CLINICIAN);
}

/// A pause is her own word and not a fault of the line.
#[test]
fn a_pause_is_not_a_bad_line() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.act(YOUNG, |call, now| call.pause(now)).expect("inside");
    house.run(Duration::from_secs(4));
    is_neither_heard_nor_seen(&mut house, YOUNG);
    let status = |house: &mut House| {
        let people = house.guest(CLINICIAN).peer.call().view().people.clone();
        people.into_iter().find(|tile| tile.participant == YOUNG).expect("inside").status
    };
    assert_eq!(status(&mut house), MediaStatus::PausedByThem);
    house.act(YOUNG, |call, now| call.resume(now));
    house.run(SECOND);
    assert_eq!(status(&mut house), MediaStatus::Flowing);
    hears_and_sees(&mut house, CLINICIAN, YOUNG);
}

/// A lost WebSocket: the seat comes back by itself within seconds, without a click, muted.
#[test]
fn a_lost_line_comes_back_without_a_click_and_muted() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.guest(CLINICIAN).peer.set_manners(Manners::default());
    house.cut_socket(YOUNG);
    house.run(Duration::from_secs(4));
    assert_eq!(house.guest(YOUNG).peer.call().view().phase, Phase::Inside);
    hears_and_sees(&mut house, YOUNG, CLINICIAN);
    is_neither_heard_nor_seen(&mut house, YOUNG);
}

/// CARE-03: pressed while the line was down, it is told as soon as there is a line, as what it is.
#[test]
fn care_03_someone_came_in_while_the_line_was_down() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.cut_socket(YOUNG);
    house.act(YOUNG, |call, now| call.someone_came_in(now)).expect("there is something to hide");
    house.run(Duration::from_secs(4));
    assert_eq!(house.guest(YOUNG).peer.call().view().phase, Phase::SomeoneCameIn { told: true });
    let gone = house.guest(CLINICIAN).peer.call().view().gone.clone();
    assert!(matches!(gone[..], [call::Gone { reason: ids::GoneReason::SomeoneCameIn, .. }]), "{gone:?}");
}

/// A host who is alone with a guest and reloads: a new group, and the guest is heard as before.
#[test]
fn a_host_reloads() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    let memory = house.guest(CLINICIAN).memory.clone();
    house.join_as(CLINICIAN, |config| {
        config.memory = memory;
        config.beginning.returning = true;
        config.manners.admit_everyone = false;
    });
    house.run(Duration::from_secs(4));
    hears_and_sees(&mut house, CLINICIAN, YOUNG);
    hears_and_sees(&mut house, YOUNG, CLINICIAN);
}

/// One screen, on its own line.
#[test]
fn a_screen_is_shared() {
    let mut house = House::with(&[CLINICIAN, YOUNG]);
    house.act(CLINICIAN, |call, now| call.share_screen(now)).expect("inside");
    house.run(Duration::from_secs(2));
    let screen = house.take_frames(YOUNG, CLINICIAN, TrackKind::Screen);
    assert!(screen.len() >= 8 && screen[0].starts, "{} of 10", screen.len());
    assert!(are_of_the_clip(&screen, TrackKind::Screen));
    house.act(CLINICIAN, |call, now| call.stop_screen(now));
    house.run(Duration::from_millis(200));
    house.forget_frames();
    house.run(SECOND);
    assert!(house.take_frames(YOUNG, CLINICIAN, TrackKind::Screen).is_empty());
}

/// SEC-018: whoever does not seal is not shown, and the counter of refused frames says so.
#[cfg(feature = "unsealed-for-proof")]
#[test]
fn sec_018_unsealed_frames_are_never_shown() {
    let mut house = House::new();
    house.join(CLINICIAN);
    house.join_as(YOUNG, |config| config.unsealed = true);
    house.run(Duration::from_secs(5));
    assert!(house.guest(CLINICIAN).frames.is_empty());
    assert!(house.guest(CLINICIAN).peer.call().view().lock.frames.refused > 50);
}
