//! See `sfu::fuzz::fuzz_server_hello`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzz::fuzz_server_hello(data));
