//! See `foreign::frame_keys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::frame_keys(data));
