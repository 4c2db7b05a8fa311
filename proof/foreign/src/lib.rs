//! Every parser of foreign bytes, each as a function of bytes (SEC-023): what `fuzz/` runs without end and what the
//! tests here run for a moment. A target panics when the parser does, or when bytes that nobody good made change
//! anything.

mod backup;
mod camera;
mod inside;
mod seeds;
mod session;

use core::cell::RefCell;

use group::{CredentialError, Memory, Trust, verify};
use ids::{ParticipantId, SessionId, Timestamp, TrackKind};
use protocol::frame::{FrameCommand, FrameKeys};
use protocol::group::{GroupCommand, GroupEvent};
use protocol::media::{LINES, lines_of_place};
use protocol::wire::{ClientMessage, ServerMessage};
use seal::Sealer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::inside::Inside;
use crate::session::Session;

pub use crate::backup::backup;
pub use crate::camera::camera;
pub use crate::seeds::seeds;

/// A parser of foreign bytes.
pub type Target = fn(&[u8]);

/// All targets, by the name of their binary in `fuzz/`.
pub const TARGETS: [(&str, Target); 22] = [
    ("client_message", client_message),
    ("server_message", server_message),
    ("group_command", group_command),
    ("content", content),
    ("frame_keys", frame_keys),
    ("credential", credential),
    ("memory", memory),
    ("key_package", key_package),
    ("welcome", welcome),
    ("commit", commit),
    ("application_message", application_message),
    ("sealed_frame", sealed_frame),
    ("room", room),
    ("camera", camera),
    ("demux", demux),
    ("framing", framing),
    ("headers", headers),
    ("passkey_answer", passkey_answer),
    ("offer", offer),
    ("server_hello", server_hello),
    ("vp8_descriptor", vp8_descriptor),
    ("backup", backup),
];

/// Commands after which [`group_command`] makes its group anew: making one costs a hundred times a command.
const COMMANDS_OF_A_GROUP: u32 = 64;

thread_local! {
    static INSIDE: RefCell<Inside> = RefCell::new(Inside::new());
    /// A group that commands may spoil, and how many it has taken.
    static SPENT: RefCell<(Inside, u32)> = RefCell::new((Inside::new(), 0));
}

/// A datagram whose session is to be found.
pub fn demux(data: &[u8]) {
    sfu::fuzz::fuzz_demux(data);
}

/// A stream of packets through TCP.
pub fn framing(data: &[u8]) {
    sfu::fuzz::fuzz_framing(data);
}

/// What a browser says about itself in the head of a request.
pub fn headers(data: &[u8]) {
    web::fuzz::fuzz_headers(data);
}

/// A browser's answer to a passkey ceremony.
pub fn passkey_answer(data: &[u8]) {
    identity::fuzz::fuzz_answers(data);
}

/// A browser's offer.
pub fn offer(data: &[u8]) {
    sfu::fuzz::fuzz_offer(data, moment());
}

/// The handshake's word about how media is to be encrypted.
pub fn server_hello(data: &[u8]) {
    sfu::fuzz::fuzz_server_hello(data);
}

/// The head of a packet of picture.
pub fn vp8_descriptor(data: &[u8]) {
    sfu::fuzz::fuzz_descriptor(data);
}

#[expect(
    clippy::disallowed_methods,
    reason = "an Instant can come from nowhere else; nothing here waits for it"
)]
fn moment() -> std::time::Instant {
    std::time::Instant::now()
}

/// What a client sends the server.
pub fn client_message(data: &[u8]) {
    wire::<ClientMessage>(data);
}

/// What the server sends a client.
pub fn server_message(data: &[u8]) {
    wire::<ServerMessage>(data);
}

/// What a page sends its MLS worker; the member handles whatever it says.
pub fn group_command(data: &[u8]) {
    let Ok(command) = protocol::unpack::<GroupCommand>(data) else { return };
    SPENT.with_borrow_mut(|(inside, taken)| {
        if *taken == COMMANDS_OF_A_GROUP {
            (*inside, *taken) = (Inside::new(), 0);
        }
        *taken += 1;
        inside.handle(command);
    });
}

/// What another member says under the seal.
pub fn content(data: &[u8]) {
    packed::<protocol::content::Content>(data);
}

/// What the MLS worker sends the frame worker.
pub fn frame_keys(data: &[u8]) {
    let now = Timestamp::from_millis(1);
    if let Ok(keys) = protocol::unpack::<FrameKeys>(data) {
        let mut sealer = Sealer::new();
        sealer.handle_keys(keys, now);
        let _ = sealer.seal(TrackKind::Camera, b"a frame", now);
    }
}

/// An identity inside an MLS credential. Nobody here signed one.
pub fn credential(data: &[u8]) {
    let trust = Trust { session: SessionId::from_bytes([1; 16]), organization_key: [2; 32] };
    let verified = verify(data, &[3; 32], &trust, Timestamp::from_millis(1));
    assert!(
        matches!(verified, Err(CredentialError::Malformed | CredentialError::NotAttested)),
        "believed what nobody signed"
    );
}

/// What a browser's store gives back.
pub fn memory(data: &[u8]) {
    let memory = Memory::from_bytes(data);
    assert_eq!(Memory::from_bytes(&memory.to_bytes()), memory);
}

/// The key package of somebody who waits. Nobody here is attested but the two inside.
pub fn key_package(data: &[u8]) {
    INSIDE.with_borrow_mut(|inside| {
        let who = ParticipantId::from_bytes([9; 16]);
        let events = inside.handle(GroupCommand::Look { participant: who, key_package: data.to_vec() });
        let looked = |event: &GroupEvent| matches!(event, GroupEvent::Looked { known: None, .. });
        assert!(events.iter().all(looked), "took a stranger for somebody");
    });
}

/// A welcome. The member stays where it is.
pub fn welcome(data: &[u8]) {
    INSIDE.with_borrow_mut(|inside| {
        let group = inside.group();
        inside.unmoved(GroupCommand::Join { group, welcome: data.to_vec() });
    });
}

/// A commit: any bytes, and a real commit with these bytes laid over it. The member stays where it is.
pub fn commit(data: &[u8]) {
    INSIDE.with_borrow_mut(|inside| {
        inside.unmoved(inside.ordered(data.to_vec()));
        if let Some(spoilt) = spoil(inside.real_commit(), data) {
            inside.unmoved(inside.ordered(spoilt));
        }
    });
}

/// A sealed message: any bytes, and a real message with these bytes laid over it. Nothing opens.
pub fn application_message(data: &[u8]) {
    INSIDE.with_borrow_mut(|inside| {
        inside.unopened(data.to_vec());
        if let Some(spoilt) = spoil(inside.real_message(), data) {
            inside.unopened(spoilt);
        }
    });
}

/// A media frame on any line: as it is, and with a real frame under it. Nothing opens.
///
/// The key is made of the bytes themselves. Under one fixed key libFuzzer forged a frame within seconds: it watches
/// comparisons, so it read the right tag out of the very check that refuses the wrong one. Nobody outside the process
/// can do that, and with a key for each input neither can the fuzzer.
pub fn sealed_frame(data: &[u8]) {
    let base: [u8; 32] = Sha256::digest(data).into();
    let now = Timestamp::from_millis(1);
    let people = [ParticipantId::from_bytes([1; 16]), ParticipantId::from_bytes([2; 16])];
    let members = vec![(people[0], 0), (people[1], 1)];
    let sealer = |own_leaf| {
        let mut sealer = Sealer::new();
        let members = members.clone();
        let keys = FrameKeys::Install { epoch: 1, base, own_leaf, members, removal: false };
        sealer.handle_keys(keys, now);
        sealer
    };
    let (mut sender, mut receiver) = (sealer(0), sealer(1));
    let (_, picture) = lines_of_place(0).unwrap_or_default();
    let source = Some((people[0], TrackKind::Camera));
    receiver.handle_command(&FrameCommand::Bind { line: picture, source });
    for line in 0..=u8::try_from(LINES).unwrap_or(u8::MAX) {
        assert!(receiver.open(line, data, now).is_err(), "opened what nobody sealed");
    }
    let real = sender.seal(TrackKind::Camera, b"a picture of somebody", now).unwrap_or_default();
    if let Some(spoilt) = spoil(real, data) {
        assert!(receiver.open(picture, &spoilt, now).is_err(), "opened a spoilt frame");
    }
}

/// A session's life: what several people say in a live room, in any order, and what happens around it meanwhile.
#[expect(
    clippy::disallowed_methods,
    reason = "an Instant can come from nowhere else; a story only counts from it"
)]
pub fn room(data: &[u8]) {
    Session::two_inside(std::time::Instant::now()).live(data);
}

/// A message on the socket says the same again when it is written again.
fn wire<T: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug>(data: &[u8]) {
    if let Ok(message) = protocol::decode::<T>(data) {
        assert_eq!(protocol::decode(&protocol::encode(&message)), Ok(message));
    }
}

fn packed<T: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug>(data: &[u8]) {
    if let Ok(message) = protocol::unpack::<T>(data) {
        assert_eq!(protocol::unpack(&protocol::pack(&message)), Ok(message));
    }
}

/// Lays `data` over `real` by exclusive or, three bytes at a time: two of place, one of change. `None` when that
/// changes nothing.
fn spoil(real: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut spoilt = real.to_vec();
    for patch in data.chunks_exact(3) {
        let &[high, low, change] = patch else { continue };
        let place = usize::from(u16::from_be_bytes([high, low])).checked_rem(spoilt.len())?;
        if let Some(byte) = spoilt.get_mut(place) {
            *byte ^= change;
        }
    }
    (spoilt != real).then_some(spoilt)
}
