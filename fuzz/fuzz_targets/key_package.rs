//! See `foreign::key_package`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::key_package(data));
