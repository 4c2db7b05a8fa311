//! Foreign bytes as the life of a session: the room comes to rest and lets nobody in whom the door did not (SEC-023).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| foreign::room(data));
