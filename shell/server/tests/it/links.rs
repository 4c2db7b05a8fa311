//! What the server is linked with, and what it must never be linked with.

use std::process::Command;

/// Every crate in the server binary, by name.
fn linked() -> Vec<String> {
    let tree = ["tree", "--offline", "--package", "samrom", "--edges", "normal", "--prefix", "none"];
    let output = Command::new(env!("CARGO"))
        .args(tree)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs this test, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn sec_002_the_server_cannot_hold_a_call_key() {
    let linked = linked();
    assert!(linked.iter().any(|name| name == "sfu"), "the list is the server's: {linked:?}");
    for keys in ["group", "seal", "peer", "openmls", "sframe", "hpke-rs"] {
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
