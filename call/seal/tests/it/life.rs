//! The life of keys: fail closed, make before break, removal at once, and never the same key twice.

use ids::{OLD_EPOCH_KEPT_MS, SENDER_SWITCH_MS, TrackKind};
use protocol::frame::{FrameCommand, FrameEvent, FrameKeys};
use seal::{OpenError, Sealer};

use crate::{CAMERA_LINE, at, bind, install, sealer};

const FRAME: &[u8] = b"\x10 picture";
const SWITCH: i64 = SENDER_SWITCH_MS as i64;
const KEPT: i64 = OLD_EPOCH_KEPT_MS as i64;

fn sealed(sealer: &mut Sealer, millis: i64) -> Vec<u8> {
    sealer.seal(TrackKind::Camera, FRAME, at(millis)).expect("a key is there").to_vec()
}

/// Counts up with each fresh use of a key in the events so far.
fn keys_in_use(sealer: &mut Sealer) -> Vec<(u16, Option<u8>)> {
    core::iter::from_fn(|| sealer.poll_event())
        .filter_map(|event| match event {
            FrameEvent::KeyInUse { epoch, line } => Some((epoch, line)),
            FrameEvent::Counts { .. } => None,
        })
        .collect()
}

#[test]
fn without_a_key_everything_is_dropped() {
    let mut nora = Sealer::new();
    bind(&mut nora, 2);
    assert_eq!(nora.seal(TrackKind::Microphone, b"sound", at(0)), None, "SEC-018");
    assert_eq!(nora.open(CAMERA_LINE, &sealed(&mut sealer(2, 1, &[1, 2]), 0), at(0)), Err(OpenError::NoKey));
}

#[test]
fn forgetting_stops_both_directions() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let picture = sealed(&mut kari, 1);
    nora.handle_keys(FrameKeys::Forget, at(2));
    assert_eq!(nora.seal(TrackKind::Microphone, b"sound", at(3)), None);
    assert_eq!(nora.open(CAMERA_LINE, &picture, at(3)), Err(OpenError::NoKey));
}

#[test]
fn the_same_key_is_never_installed_twice() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let first = sealed(&mut nora, 1);
    nora.handle_keys(install(1, 1, &[1, 2], false), at(2));
    assert_ne!(sealed(&mut nora, 3), first, "its counter went on");
    nora.handle_keys(FrameKeys::Forget, at(4));
    nora.handle_keys(install(1, 1, &[1, 2], false), at(5));
    assert_eq!(nora.seal(TrackKind::Camera, FRAME, at(6)), None, "a counter that starts again reuses nonces");
}

#[test]
fn the_layers_of_a_track_share_its_counter() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let layers: Vec<_> = (0..3).map(|_| sealed(&mut nora, 1)).collect();
    let mut kari = sealer(2, 1, &[1, 2]);
    for layer in &layers {
        assert!(kari.open(CAMERA_LINE, layer, at(2)).is_ok());
    }
    assert_ne!(layers[0], layers[1]);
    assert_ne!(layers[1], layers[2]);
}

#[test]
fn a_sender_makes_before_it_breaks() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    nora.handle_keys(install(2, 1, &[1, 2, 3], false), at(1000));
    let before = sealed(&mut nora, 1000 + SWITCH - 1);
    assert!(kari.open(CAMERA_LINE, &before, at(1300)).is_ok(), "kari has only epoch one yet");
    kari.handle_keys(install(2, 2, &[1, 2, 3], false), at(1250));
    let after = sealed(&mut nora, 1000 + SWITCH);
    assert!(kari.open(CAMERA_LINE, &after, at(1400)).is_ok());
    assert_eq!(keys_in_use(&mut nora), [(1, None), (2, None)]);
    assert_eq!(keys_in_use(&mut kari), [(1, Some(CAMERA_LINE)), (2, Some(CAMERA_LINE))]);
}

#[test]
fn when_all_have_acknowledged_the_sender_switches_before_the_timer() {
    let mut nora = sealer(1, 2, &[1, 2]);
    nora.handle_keys(install(2, 1, &[1, 2], false), at(1000));
    sealed(&mut nora, 1001);
    nora.handle_keys(FrameKeys::Acknowledged { epoch: 2 }, at(1002));
    sealed(&mut nora, 1003);
    assert_eq!(keys_in_use(&mut nora), [(1, None), (2, None)]);
}

#[test]
fn an_old_acknowledgement_does_not_switch() {
    let mut nora = sealer(1, 2, &[1, 2]);
    nora.handle_keys(FrameKeys::Acknowledged { epoch: 1 }, at(900));
    nora.handle_keys(install(2, 1, &[1, 2], false), at(1000));
    sealed(&mut nora, 1001);
    assert_eq!(keys_in_use(&mut nora), [(1, None)]);
}

#[test]
fn a_removal_switches_at_once_and_silences_who_left() {
    let mut nora = sealer(1, 3, &[1, 2, 3]);
    let mut gone = sealer(3, 1, &[1, 2, 3]);
    let late = sealed(&mut gone, 999);
    nora.handle_keys(install(2, 1, &[1, 2], true), at(1000));
    let picture = sealed(&mut nora, 1000);
    assert_eq!(gone.open(CAMERA_LINE, &picture, at(1001)), Err(OpenError::NoKey), "SEC-024");
    assert_eq!(
        nora.open(CAMERA_LINE, &late, at(1001)),
        Err(OpenError::NoKey),
        "dropped, and no fault of anybody's"
    );
}

/// A meeting in which nobody does wrong: frames overtake the page's word on whose line it is, a commit, and a removal.
#[test]
fn refused_counts_nothing_while_people_come_and_go() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = Sealer::new();
    assert_eq!(
        kari.open(CAMERA_LINE, &sealed(&mut nora, 1), at(2)),
        Err(OpenError::NoKey),
        "no line, no key"
    );
    kari.handle_keys(install(1, 2, &[1, 2], false), at(3));
    assert_eq!(
        kari.open(CAMERA_LINE, &sealed(&mut nora, 4), at(5)),
        Err(OpenError::NoKey),
        "a key and no line"
    );
    bind(&mut kari, 1);
    assert!(kari.open(CAMERA_LINE, &sealed(&mut nora, 6), at(7)).is_ok());
    // Somebody comes; her frames are here before the commit.
    let mut nils = Sealer::new();
    nils.handle_keys(install(2, 3, &[1, 2, 3], false), at(8));
    bind(&mut kari, 3);
    let early = sealed(&mut nils, 60_000);
    assert_eq!(kari.open(CAMERA_LINE, &early, at(10)), Err(OpenError::NoKey));
    kari.handle_keys(install(2, 2, &[1, 2, 3], false), at(11));
    assert!(kari.open(CAMERA_LINE, &sealed(&mut nils, 60_001), at(12)).is_ok());
    // And goes; her last frames are on their way.
    let late = sealed(&mut nils, 60_002);
    kari.handle_keys(install(3, 2, &[1, 2], true), at(60_003));
    assert_eq!(kari.open(CAMERA_LINE, &late, at(60_004)), Err(OpenError::NoKey));
    kari.handle_command(&FrameCommand::Count);
    let counts = core::iter::from_fn(|| kari.poll_event()).last();
    assert_eq!(counts, Some(FrameEvent::Counts { sealed: 0, opened: 2, no_key: 4, refused: 0 }));
}

#[test]
fn the_old_epoch_opens_for_a_while_and_no_longer() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let (first, second) = (sealed(&mut nora, 1), sealed(&mut nora, 2));
    kari.handle_keys(install(2, 2, &[1, 2], false), at(1000));
    assert!(kari.open(CAMERA_LINE, &first, at(1000 + KEPT)).is_ok());
    assert_eq!(kari.open(CAMERA_LINE, &second, at(1001 + KEPT)), Err(OpenError::NoKey));
}

#[test]
fn a_late_frame_of_the_old_epoch_does_not_move_the_current_one() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let (first, late) = (sealed(&mut nora, 1), sealed(&mut nora, 2));
    assert!(kari.open(CAMERA_LINE, &first, at(3)).is_ok());
    nora.handle_keys(install(2, 1, &[1, 2], false), at(1000));
    kari.handle_keys(install(2, 2, &[1, 2], false), at(1000));
    let new = sealed(&mut nora, 2000);
    assert!(kari.open(CAMERA_LINE, &new, at(2001)).is_ok());
    assert!(kari.open(CAMERA_LINE, &late, at(2002)).is_ok());
    let newer = sealed(&mut nora, 2003);
    assert!(kari.open(CAMERA_LINE, &newer, at(2004)).is_ok());
    assert_eq!(keys_in_use(&mut kari), [(1, Some(CAMERA_LINE)), (2, Some(CAMERA_LINE))]);
}

#[test]
fn an_older_epoch_is_not_taken_back() {
    let mut nora = sealer(1, 2, &[1, 2]);
    nora.handle_keys(install(5, 1, &[1, 2], true), at(10));
    nora.handle_keys(install(4, 1, &[1, 2], true), at(11));
    sealed(&mut nora, 12);
    assert_eq!(keys_in_use(&mut nora), [(5, None)]);
}

#[test]
fn an_empty_frame_is_dropped_where_a_byte_must_stay_clear() {
    let mut nora = sealer(1, 2, &[1, 2]);
    assert_eq!(nora.seal(TrackKind::Camera, &[], at(1)), None);
}
