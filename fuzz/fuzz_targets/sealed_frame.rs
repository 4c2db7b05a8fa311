//! See `foreign::sealed_frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::sealed_frame(data));
