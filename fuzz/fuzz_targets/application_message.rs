//! Foreign bytes as a application message: must be refused or read, never panic (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::application_message(data));
