//! See `foreign::content`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::content(data));
