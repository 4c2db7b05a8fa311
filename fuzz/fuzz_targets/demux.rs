//! See `sfu::fuzz::fuzz_demux`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzz::fuzz_demux(data));
