//! Foreign bytes as a server hello: must be refused or read, never panic (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzz::fuzz_server_hello(data));
