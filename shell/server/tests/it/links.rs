//! What the server is linked with, and what it must never be linked with.

use std::process::Command;

/// Every crate in the server binary, by name; rooms of ours with `our ` before it, because others' crates may be called
/// the same (`group` is also one of elliptic curves).
fn linked() -> Vec<String> {
    let tree = ["tree", "--offline", "--package", "samrom", "--edges", "normal", "--prefix", "none"];
    let output = Command::new(env!("CARGO"))
        .args(tree)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs this test, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = |line: &str| {
        let is_ours = line.split_once(" (").is_some_and(|(_, rest)| rest.contains(std::path::MAIN_SEPARATOR));
        let name = line.split(' ').next()?;
        Some(if is_ours { format!("our {name}") } else { name.to_owned() })
    };
    text.lines().filter_map(name).collect()
}

#[test]
fn sec_002_the_server_cannot_hold_a_call_key() {
    let linked = linked();
    assert!(linked.iter().any(|name| name == "our sfu"), "the list is the server's: {linked:?}");
    for keys in ["our group", "our seal", "our peer", "openmls", "sframe", "hpke-rs"] {
        assert!(!linked.iter().any(|name| name == keys), "{keys} handles call keys");
    }
}

#[test]
fn sec_003_the_server_cannot_decode_or_keep_sound_and_pictures() {
    let linked = linked();
    for word in
        ["opus", "vpx", "vp8", "ffmpeg", "gstreamer", "webm", "matroska", "mp4", "ogg", "hound", "image"]
    {
        let found = linked.iter().find(|name| name.split(['-', '_']).any(|part| part == word));
        assert_eq!(found, None, "nothing here may decode or record");
    }
}
