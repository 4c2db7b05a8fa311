//! What an evil forwarder may try with frames that it cannot read: none of it may be rendered (SEC-017).

use ids::TrackKind;
use proptest::prelude::*;
use protocol::frame::{FrameCommand, FrameEvent};
use seal::{OpenError, Sealer};

use crate::{CAMERA_LINE, MICROPHONE_LINE, at, bind, person, sealer};

const FRAME: &[u8] = b"\x9d a picture frame";

fn sealed(sealer: &mut Sealer, track: TrackKind, frame: &[u8]) -> Vec<u8> {
    sealer.seal(track, frame, at(1)).expect("a key is there").to_vec()
}

#[test]
fn a_frame_opens_on_its_own_line_and_its_first_byte_stays_clear() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let picture = sealed(&mut nora, TrackKind::Camera, FRAME);
    assert_eq!(picture[0], FRAME[0]);
    assert!(!picture.windows(4).any(|window| window == &FRAME[2..6]), "the rest is unreadable");
    assert_eq!(kari.open(CAMERA_LINE, &picture, at(2)), Ok(FRAME));
    let sound = sealed(&mut nora, TrackKind::Microphone, b"sound");
    assert_ne!(sound[0], b's', "sound is sealed whole");
    assert_eq!(kari.open(MICROPHONE_LINE, &sound, at(2)), Ok(&b"sound"[..]));
}

#[test]
fn a_replayed_frame_is_refused() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let picture = sealed(&mut nora, TrackKind::Camera, FRAME);
    assert!(kari.open(CAMERA_LINE, &picture, at(2)).is_ok());
    assert_eq!(kari.open(CAMERA_LINE, &picture, at(3)), Err(OpenError::Refused));
}

#[test]
fn a_camera_is_not_taken_for_a_screen() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let source = Some((person(1), TrackKind::Screen));
    kari.handle_command(&FrameCommand::Bind { line: CAMERA_LINE, source });
    let picture = sealed(&mut nora, TrackKind::Camera, FRAME);
    assert_eq!(kari.open(CAMERA_LINE, &picture, at(2)), Err(OpenError::Refused));
}

#[test]
fn one_person_is_not_taken_for_another() {
    let mut nora = sealer(1, 2, &[1, 2, 3]);
    let mut kari = sealer(2, 1, &[1, 2, 3]);
    bind(&mut kari, 3);
    let picture = sealed(&mut nora, TrackKind::Camera, FRAME);
    assert_eq!(kari.open(CAMERA_LINE, &picture, at(2)), Err(OpenError::Refused));
}

#[test]
fn an_unbound_line_shows_nothing() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    let picture = sealed(&mut nora, TrackKind::Camera, FRAME);
    assert_eq!(kari.open(CAMERA_LINE + 2, &picture, at(2)), Err(OpenError::NoKey));
    kari.handle_command(&FrameCommand::Bind { line: CAMERA_LINE, source: None });
    assert_eq!(kari.open(CAMERA_LINE, &picture, at(2)), Err(OpenError::NoKey));
    assert_eq!(kari.open(250, &picture, at(2)), Err(OpenError::Refused), "no such line");
}

#[test]
fn forged_frames_do_not_spoil_the_key() {
    let mut nora = sealer(1, 2, &[1, 2]);
    let mut kari = sealer(2, 1, &[1, 2]);
    for forgery in 0..100u8 {
        let mut picture = sealed(&mut nora, TrackKind::Camera, FRAME);
        let last = picture.len() - 1;
        picture[last] ^= forgery | 1;
        assert_eq!(kari.open(CAMERA_LINE, &picture, at(2)), Err(OpenError::Refused));
    }
    let picture = sealed(&mut nora, TrackKind::Camera, FRAME);
    assert_eq!(kari.open(CAMERA_LINE, &picture, at(3)), Ok(FRAME));
    kari.handle_command(&FrameCommand::Count);
    let counts = core::iter::from_fn(|| kari.poll_event()).last();
    assert_eq!(counts, Some(FrameEvent::Counts { sealed: 0, opened: 1, no_key: 0, refused: 100 }));
}

proptest! {
    /// SEC-023: foreign bytes never panic and never open.
    #[test]
    fn rubbish_is_never_opened(bytes in prop::collection::vec(any::<u8>(), 0..200), line in any::<u8>()) {
        let mut kari = sealer(2, 1, &[1, 2]);
        prop_assert!(kari.open(line, &bytes, at(2)).is_err());
        prop_assert!(kari.open(CAMERA_LINE, &bytes, at(2)).is_err());
    }

    #[test]
    fn any_frame_of_any_size_round_trips(
        frame in prop::collection::vec(any::<u8>(), 1..4000), camera in any::<bool>()
    ) {
        let (track, line) =
            if camera { (TrackKind::Camera, CAMERA_LINE) } else { (TrackKind::Microphone, MICROPHONE_LINE) };
        let mut nora = sealer(1, 2, &[1, 2]);
        let mut kari = sealer(2, 1, &[1, 2]);
        let bytes = sealed(&mut nora, track, &frame);
        prop_assert_eq!(kari.open(line, &bytes, at(2)), Ok(&frame[..]));
    }
}
