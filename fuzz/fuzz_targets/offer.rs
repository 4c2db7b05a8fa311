//! See `sfu::fuzz::fuzz_offer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzz::fuzz_offer(data, std::time::Instant::now()));
