//! `samrom audit verify` sees what was done to the records behind the program's back (SEC-007).

use std::fs;

use crate::harness::{Server, folder, run};

#[tokio::test]
async fn sec_007_a_changed_entry_is_named_and_a_cut_tail_is_seen() {
    let (_kept, data) = folder();
    Server::start(&data).await.stop().await;
    let path = data.display().to_string();
    let verify = ["audit", "verify", "--data", path.as_str()];
    let (code, out, err) = run(&verify, &data).await;
    assert_eq!(code, 0, "{out}{err}");

    let database = data.join("samrom.db");
    let earlier = fs::read(&database).expect("the database");
    Server::start(&data).await.stop().await;
    let later = fs::read(&database).expect("the database");
    fs::write(&database, &earlier).expect("an older state put back");
    let (code, out, _) = run(&verify, &data).await;
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("problem: "), "{out}");

    let mut altered = later;
    let entry = find(&altered, b"founded").expect("the first entry says that the database was founded");
    altered[entry] = b'g';
    fs::write(&database, &altered).expect("an entry changed");
    let (code, out, _) = run(&verify, &data).await;
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("entry 1 "), "the first broken link is named: {out}");
}

#[tokio::test]
async fn looking_at_nothing_founds_nothing() {
    let (_kept, data) = folder();
    let path = data.join("none").display().to_string();
    let (code, _, err) = run(&["audit", "verify", "--data", &path], &data).await;
    assert_eq!(code, 1);
    assert!(err.contains("there is no database"), "{err}");
    assert!(!data.join("none/samrom.db").exists());
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
