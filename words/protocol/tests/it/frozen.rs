//! The bytes of every message, frozen: an old page and a new server must agree or know that they do not.
//!
//! `SAMROM_BLESS=1 cargo test -p protocol` writes the file anew after a change that raised the version.

use std::{fmt::Write as _, fs, path::Path};

use protocol::{
    decode, encode,
    wire::{ClientMessage, ServerMessage},
};

use crate::samples::{self, MARKER};

fn listing() -> String {
    let mut lines = String::new();
    let client =
        samples::client().into_iter().map(|message| ("client", format!("{message:?}"), encode(&message)));
    let server =
        samples::server().into_iter().map(|message| ("server", format!("{message:?}"), encode(&message)));
    for (side, debug, bytes) in client.chain(server) {
        let name: String = debug.chars().take_while(char::is_ascii_alphanumeric).collect();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(lines, "{side} {name} {hex}").expect("writing to a string cannot fail");
    }
    lines
}

#[test]
fn every_message_has_the_bytes_that_it_had() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire-v3.txt");
    let now = listing();
    if std::env::var_os("SAMROM_BLESS").is_some() {
        fs::write(&path, &now).expect("the fixture can be written");
    }
    let frozen = fs::read_to_string(&path).expect("the fixture is committed");
    for (was, is) in frozen.lines().zip(now.lines()) {
        assert_eq!(was, is, "bytes changed: raise protocol::VERSION and freeze anew");
    }
    assert_eq!(frozen.lines().count(), now.lines().count(), "a message has no frozen bytes");
}

#[test]
fn every_message_comes_back_as_it_went() {
    for message in samples::client() {
        assert_eq!(decode::<ClientMessage>(&encode(&message)).as_ref(), Ok(&message));
    }
    for message in samples::server() {
        assert_eq!(decode::<ServerMessage>(&encode(&message)).as_ref(), Ok(&message));
    }
}

/// SEC-021: a message that lands in a log line by mistake names nobody.
#[test]
fn no_debug_line_carries_a_name_or_a_text() {
    let lines = samples::client().iter().map(|message| format!("{message:?}")).collect::<Vec<_>>();
    let more = samples::server().iter().map(|message| format!("{message:?}")).collect::<Vec<_>>();
    for line in lines.iter().chain(&more) {
        assert!(!line.contains(MARKER), "{line}");
    }
}
