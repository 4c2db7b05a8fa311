//! See `foreign::welcome`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::welcome(data));
