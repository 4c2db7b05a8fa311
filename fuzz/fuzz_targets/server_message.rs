//! See `foreign::server_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::server_message(data));
