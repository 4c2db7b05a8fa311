//! Foreign bytes as a vp8 descriptor: must be refused or read, never panic (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzz::fuzz_descriptor(data));
