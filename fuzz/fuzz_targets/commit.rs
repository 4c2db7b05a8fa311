//! See `foreign::commit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::commit(data));
