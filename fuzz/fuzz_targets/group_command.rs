//! See `foreign::group_command`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::group_command(data));
