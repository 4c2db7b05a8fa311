//! Frames that say whose they are: a receiver can tell under which name somebody's frame was given out.

use core::time::Duration;

use ids::{ParticipantId, TrackKind};
use peer::{Clip, Clips, Picture};

/// A VP8 key frame header of 320×240 and an inter frame header (RFC 6386 §9.1).
const KEY_HEADER: [u8; 10] = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00];
const INTER_HEADER: [u8; 3] = [0x11, 0x02, 0x00];
/// The header byte of an Opus packet: full band, 20 ms, mono (RFC 6716 §3.1).
const OPUS_HEADER: [u8; 1] = [0xf8];
const MARK: [u8; 4] = *b"MARK";
/// Longer than most stories, so that a number stands for one frame.
const SECONDS: u32 = 60;
const PICTURES_PER_SECOND: u32 = 15;
const SOUNDS_PER_SECOND: u32 = 50;
const PICTURE_BYTES: usize = 1_800;
const KEY_PICTURE_BYTES: usize = 6_000;
const SOUND_BYTES: usize = 80;

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Who made it: the first byte of the participant's id.
    pub participant: u8,
    /// On which track.
    pub track: u8,
    /// The how-manieth of its clip.
    pub number: u32,
}

/// Reads a frame's marker.
#[must_use]
pub fn marker_of(frame: &[u8]) -> Option<Marker> {
    let at = frame.windows(MARK.len()).take(KEY_HEADER.len() + 1).position(|window| window == MARK)?;
    let [participant, track, a, b, c, d] = *frame.get(at + MARK.len()..)?.first_chunk::<6>()?;
    Some(Marker { participant, track, number: u32::from_be_bytes([a, b, c, d]) })
}

/// Somebody's microphone, camera and screen.
pub(crate) fn clips_of(participant: ParticipantId) -> Clips {
    let clip = |track| Some(clip_of(participant, track));
    Clips {
        microphone: clip(TrackKind::Microphone),
        camera: clip(TrackKind::Camera),
        screen: clip(TrackKind::Screen),
    }
}

fn clip_of(participant: ParticipantId, track: TrackKind) -> Clip {
    let [who, ..] = *participant.as_bytes();
    let per_second = if track == TrackKind::Microphone { SOUNDS_PER_SECOND } else { PICTURES_PER_SECOND };
    let frame = |number: u32| {
        let starts = track == TrackKind::Microphone || number == 0;
        let (header, bytes): (&[u8], _) = match (track, number) {
            (TrackKind::Microphone, _) => (&OPUS_HEADER, SOUND_BYTES),
            (_, 0) => (&KEY_HEADER, KEY_PICTURE_BYTES),
            _ => (&INTER_HEADER, PICTURE_BYTES),
        };
        let mut frame = [header, &MARK, &[who, track.number()], &number.to_be_bytes()].concat();
        frame.resize(bytes, number.to_le_bytes()[0]);
        Picture { bytes: frame, starts }
    };
    let frames = (0..SECONDS * per_second).map(frame).collect();
    Clip::new(frames, Duration::from_secs(1) / per_second).expect("the first frame starts and time passes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_says_whose_it_is() {
        let participant = ParticipantId::from_bytes([7; 16]);
        for track in TrackKind::ALL {
            for (number, frame) in clip_of(participant, track).frames().iter().enumerate() {
                let number = u32::try_from(number).expect("few frames");
                let marker = Marker { participant: 7, track: track.number(), number };
                assert_eq!(marker_of(&frame.bytes), Some(marker));
            }
        }
        assert_eq!(marker_of(&[0; 100]), None);
    }
}
