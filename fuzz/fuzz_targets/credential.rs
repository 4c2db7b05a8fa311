//! See `foreign::credential`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::credential(data));
