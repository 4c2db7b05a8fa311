//! See `sfu::fuzz::fuzz_descriptor`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzz::fuzz_descriptor(data));
