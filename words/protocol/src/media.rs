//! The fixed m-lines of every peer connection: one-way, all made in advance, so that nothing is renegotiated when
//! people come and go.
//!
//! The offer holds, in this order: microphone, camera and screen to send; then for each other seat a line for sound
//! and one for picture to receive; last one line to receive the room's screen.

use ids::{PEERS_MAX, TrackKind};

/// Other people whom one client can receive.
pub const OTHERS_MAX: usize = PEERS_MAX - 1;
/// M-lines that the client sends on.
pub const SENDING_LINES: usize = 3;
/// All m-lines of an offer.
pub const LINES: usize = SENDING_LINES + 2 * OTHERS_MAX + 1;
/// The m-line on which the room's screen is received.
pub const SCREEN_LINE: u8 = (LINES - 1) as u8;

/// What an m-line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The client sends this track.
    Send(TrackKind),
    /// The client receives such a track of some other participant.
    Receive(TrackKind),
}

/// The purpose of the m-line with this index.
#[must_use]
pub const fn line(index: u8) -> Option<Line> {
    match index {
        0 => Some(Line::Send(TrackKind::Microphone)),
        1 => Some(Line::Send(TrackKind::Camera)),
        2 => Some(Line::Send(TrackKind::Screen)),
        SCREEN_LINE => Some(Line::Receive(TrackKind::Screen)),
        i if i < SCREEN_LINE && i % 2 == 1 => Some(Line::Receive(TrackKind::Microphone)),
        i if i < SCREEN_LINE => Some(Line::Receive(TrackKind::Camera)),
        _ => None,
    }
}

/// The m-lines for sound and picture of the `place`-th other participant, counted from zero.
#[must_use]
pub fn lines_of_place(place: usize) -> Option<(u8, u8)> {
    let first = u8::try_from(SENDING_LINES + 2 * place).ok()?;
    (place < OTHERS_MAX).then_some((first, first + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_one_purpose() {
        let all: Vec<_> = (0..=u8::MAX).map_while(line).collect();
        assert_eq!(all.len(), LINES);
        for place in 0..OTHERS_MAX {
            let (sound, picture) = lines_of_place(place).expect("the place is below the limit");
            assert_eq!(line(sound), Some(Line::Receive(TrackKind::Microphone)));
            assert_eq!(line(picture), Some(Line::Receive(TrackKind::Camera)));
        }
        assert_eq!(lines_of_place(OTHERS_MAX), None);
        assert_eq!(line(SCREEN_LINE), Some(Line::Receive(TrackKind::Screen)));
    }
}
