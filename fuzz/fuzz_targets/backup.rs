//! Foreign bytes as a backup: must be refused or read, never panic (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::backup(data));
