//! See `foreign::memory`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::memory(data));
