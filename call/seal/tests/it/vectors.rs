//! RFC 9605 Appendix C.3, suite AES_128_GCM_SHA256_128, through our own sealing and opening keys.

use seal::frame_key::{OpeningKey, SealedFrame, SealingKey};

const KEY_ID: u64 = 0x123;
const COUNTER: u64 = 0x4567;
const BASE: &str = "000102030405060708090a0b0c0d0e0f";
const CLEAR: &str = "4945544620534672616d65205747";
const PLAIN: &str = "64726166742d696574662d736672616d652d656e63";
const SEALED: &str = "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb";

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).expect("ascii"), 16).expect("hex"))
        .collect()
}

#[test]
fn sealing_matches_the_vector() {
    let mut key = SealingKey::derive(&bytes(BASE), KEY_ID, COUNTER).expect("a key");
    let mut out = Vec::new();
    key.seal(&bytes(CLEAR), &bytes(PLAIN), &mut out).expect("sealed");
    assert_eq!(out, [bytes(CLEAR), bytes(SEALED)].concat());
}

#[test]
fn opening_matches_the_vector_once() {
    let (clear, sealed) = (bytes(CLEAR), bytes(SEALED));
    let frame = SealedFrame::parse(&clear, &sealed).expect("a frame");
    assert_eq!(frame.key_id(), KEY_ID);
    let mut key = OpeningKey::derive(&bytes(BASE), KEY_ID).expect("a key");
    let mut out = Vec::new();
    key.open(&frame, &mut out).expect("opened");
    assert_eq!(out, [bytes(CLEAR), bytes(PLAIN)].concat());
    assert_eq!(key.open(&frame, &mut out), None, "SEC-017: a replay");
}

#[test]
fn every_bit_of_the_vector_counts() {
    let (clear, sealed) = (bytes(CLEAR), bytes(SEALED));
    for bit in 0..(clear.len() + sealed.len()) * 8 {
        let (mut clear, mut sealed) = (clear.clone(), sealed.clone());
        let byte = bit / 8;
        if byte < clear.len() {
            clear[byte] ^= 1 << (bit % 8);
        } else {
            sealed[byte - clear.len()] ^= 1 << (bit % 8);
        }
        let mut key = OpeningKey::derive(&bytes(BASE), KEY_ID).expect("a key");
        let opened = SealedFrame::parse(&clear, &sealed).and_then(|frame| key.open(&frame, &mut Vec::new()));
        assert_eq!(opened, None, "bit {bit}");
    }
}
