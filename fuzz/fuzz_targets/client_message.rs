//! See `foreign::client_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::client_message(data));
