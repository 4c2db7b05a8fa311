//! The seal as its users see it: RFC 9605's own vectors, and stories of what an evil forwarder may try.

mod evil;
mod life;
mod vectors;

use ids::{ParticipantId, Timestamp, TrackKind};
use protocol::frame::{FrameCommand, FrameKeys};
use seal::Sealer;

/// A participant, by number.
pub(crate) fn person(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

/// A moment, in milliseconds.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Keys of an epoch for `own`, with everyone in `members` at the leaf of their place.
pub(crate) fn install(epoch: u64, own: u8, members: &[u8], removal: bool) -> FrameKeys {
    let leaf = |number: u8| members.iter().position(|m| *m == number).expect("a member") as u32;
    FrameKeys::Install {
        epoch,
        base: [u8::try_from(epoch % 251).expect("below 256"); 32],
        own_leaf: leaf(own),
        members: members.iter().map(|m| (person(*m), leaf(*m))).collect(),
        removal,
    }
}

/// The line on which tests receive a camera.
pub(crate) const CAMERA_LINE: u8 = 4;
/// The line on which tests receive a microphone.
pub(crate) const MICROPHONE_LINE: u8 = 3;

/// A sealer of `own` in epoch 1 with the others, bound to receive from `from`.
pub(crate) fn sealer(own: u8, from: u8, members: &[u8]) -> Sealer {
    let mut sealer = Sealer::new();
    sealer.handle_keys(install(1, own, members, false), at(0));
    bind(&mut sealer, from);
    sealer
}

/// Binds the test lines to the sender.
pub(crate) fn bind(sealer: &mut Sealer, from: u8) {
    let lines = [(MICROPHONE_LINE, TrackKind::Microphone), (CAMERA_LINE, TrackKind::Camera)];
    for (line, track) in lines {
        sealer.handle_command(&FrameCommand::Bind { line, source: Some((person(from), track)) });
    }
}
