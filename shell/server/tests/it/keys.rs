//! The root key on the command line: words at the founding, their check, the key's return and its exchange.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Server, folder, log_of, run};

/// Runs the program on a terminal of its own; what stood there.
fn at_a_terminal(arguments: &str, folder: &Path) -> String {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_samrom"));
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).current_dir(folder).output();
    String::from_utf8_lossy(&output.expect("script is there").stdout).into_owned()
}

/// The recovery words in what a terminal showed.
fn words_in(shown: &str) -> String {
    let lines = shown.lines().filter_map(|line| line.strip_prefix("    "));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn sec_052_words_are_shown_at_the_founding_to_a_terminal_only_and_once() {
    let (_kept, data) = folder();
    let found = "admin --data records organization --name Prøveklinikken --kind clinic";
    let shown = at_a_terminal(found, &data);
    let words = words_in(&shown);
    assert_eq!(words.split(' ').count(), 24, "{shown}");
    let shown = at_a_terminal(found, &data);
    assert_eq!(words_in(&shown), "", "once: {shown}");
    let records = data.join("records");
    let path = records.to_str().expect("text");
    let (code, out, _) = run(&["key", "words", "--data", path], &data).await;
    assert_eq!((code, out.split_whitespace().collect::<Vec<_>>().join(" ")), (0, words));

    // Where a service manager keeps what is printed, they are not.
    let (_kept, other) = folder();
    let server = Server::start_bare(&other, &[]).await;
    let root = fs::read_to_string(other.join("root-key")).expect("made");
    server.stop().await;
    let (_, out, _) = run(&["key", "words", "--data", other.to_str().expect("text")], &data).await;
    let first = out.lines().next().expect("words").to_owned();
    let log = log_of(&other);
    assert!(log.contains("samrom key words"), "{log}");
    assert!(!log.contains(&first) && !log.contains(root.trim()), "{log}");

    // Nor are they the concern of somebody who tries the demo.
    let (_kept, demo) = folder();
    Server::start(&demo).await.stop().await;
    assert!(!log_of(&demo).contains("recovery words"), "{}", log_of(&demo));
}

#[tokio::test]
async fn sec_008_a_lost_key_file_comes_back_from_the_words_and_from_no_others() {
    let (_kept, data) = folder();
    Server::start(&data).await.stop().await;
    let path = data.to_str().expect("text").to_owned();
    let (_, words, _) = run(&["key", "words", "--data", &path], &data).await;
    let key = fs::read(data.join("root-key")).expect("made");
    fs::remove_file(data.join("root-key")).expect("there");

    let (code, _, err) = run(&["serve", "--port", "0", "--data", &path], &data).await;
    let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && said.contains("root key is missing") && said.contains("key restore"), "{err}");
    assert!(!data.join("root-key").exists(), "none is made over existing records");

    let file = data.join("words");
    fs::write(&file, format!("{} art", "abandon ".repeat(23).trim())).expect("written");
    let restore = ["key", "restore", "--data", &path, "--words", file.to_str().expect("text")];
    let (code, _, err) = run(&restore, &data).await;
    assert!(code == 1 && err.contains("another key"), "{err}");
    assert!(!data.join("root-key").exists());
    fs::write(&file, words.to_uppercase()).expect("written");
    let (code, _, err) = run(&restore, &data).await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(fs::read(data.join("root-key")).expect("it is back"), key);

    fs::write(data.join("root-key"), "5a".repeat(32)).expect("another");
    let (code, _, err) = run(&["serve", "--port", "0", "--data", &path], &data).await;
    assert!(code == 1 && err.contains("not the one that the database"), "{err}");
    let (code, _, err) = run(&restore, &data).await;
    assert!(code == 1 && err.contains("another root key lies at"), "{err}");
}

#[tokio::test]
async fn sec_053_the_key_is_exchanged_under_a_running_server() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let path = data.to_str().expect("text").to_owned();
    let before = fs::read(data.join("root-key")).expect("made");
    let (code, words, err) = run(&["key", "rotate", "--data", &path], &data).await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(words.split_whitespace().count(), 24);
    assert_ne!(fs::read(data.join("root-key")).expect("there"), before);
    // It opens what it had not opened before the exchange.
    let clinician = server.sign_in("clinician").await;
    assert_eq!(clinician.get("/day").await.status, 200);
    server.stop().await;
    let again = Server::start(&data).await;
    let clinician = again.sign_in("clinician").await;
    assert_eq!(clinician.get("/day").await.status, 200);
    again.stop().await;
    let (code, out, _) = run(&["key", "words", "--data", &path], &data).await;
    assert_eq!((code, out), (0, words));
}

#[tokio::test]
async fn sec_054_records_are_not_founded_anew_where_there_were_some() {
    let (_kept, data) = folder();
    Server::start(&data).await.stop().await;
    let path = data.to_str().expect("text").to_owned();
    for file in ["samrom.db", "samrom.db-wal", "samrom.db-shm"] {
        let _ = fs::remove_file(data.join(file));
    }
    // Every command that opens the records goes the same way as `serve`, and this one ends by itself.
    let (code, _, err) =
        run(&["admin", "--data", &path, "organization", "--name", "Ny", "--kind", "clinic"], &data).await;
    let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && said.contains("there were records"), "{err}");
    assert!(!data.join("samrom.db").exists(), "nothing was made in their place");
}
