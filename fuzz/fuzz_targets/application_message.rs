//! See `foreign::application_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::application_message(data));
