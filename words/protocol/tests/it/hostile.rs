//! Foreign bytes: refused with a reason, never a panic, never read past the limit (SEC-023, SEC-025).

use protocol::{
    DecodeError, VERSION, decode, encode,
    wire::{ClientMessage, ServerMessage},
};

use crate::samples;

/// A small generator with a fixed seed (xorshift), so that a failure comes back.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a usize")
    }
}

#[test]
fn too_long_another_version_and_leftovers_are_told_apart() {
    assert_eq!(decode::<ClientMessage>(&vec![0; ids::MESSAGE_BYTES_MAX + 1]), Err(DecodeError::TooLong));
    assert_eq!(decode::<ClientMessage>(&[0, 9, 1]), Err(DecodeError::Version(9)));
    assert_eq!(decode::<ClientMessage>(&[1]), Err(DecodeError::Malformed));
    let mut bytes = encode(&ClientMessage::EndForAll);
    bytes.push(0);
    assert_eq!(decode::<ClientMessage>(&bytes), Err(DecodeError::Malformed));
}

#[test]
fn damaged_messages_never_panic() {
    let mut noise = Noise(0x5a3f_0f0d_2026_1121);
    let mut originals: Vec<Vec<u8>> = samples::client().iter().map(encode).collect();
    originals.extend(samples::server().iter().map(encode));
    for round in 0..40_000 {
        let mut bytes = originals[round % originals.len()].clone();
        for _ in 0..=noise.below(4) {
            let at = noise.below(bytes.len());
            bytes[at] = noise.next().to_le_bytes()[0];
        }
        bytes.truncate(1 + noise.below(bytes.len()));
        let _ = decode::<ClientMessage>(&bytes);
        let _ = decode::<ServerMessage>(&bytes);
    }
    for _ in 0..40_000 {
        let mut bytes = VERSION.to_be_bytes().to_vec();
        bytes.extend((0..noise.below(200)).map(|_| noise.next().to_le_bytes()[0]));
        let _ = decode::<ClientMessage>(&bytes);
        let _ = decode::<ServerMessage>(&bytes);
    }
}
