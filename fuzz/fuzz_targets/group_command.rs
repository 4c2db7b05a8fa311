//! Foreign bytes as a group command: must be refused or read, never panic (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::group_command(data));
