//! Foreign bytes as the answer to a passkey ceremony: must be refused, never believed, never panic (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::passkey_answer(data));
