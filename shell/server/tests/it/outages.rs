//! What breaks around the program: a full disk, a disk that takes no writes, a database that goes and comes back. It says
//! so in words, loses nothing that it acknowledged, and goes on by itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::cluster::{Cluster, we_are_root};
use crate::harness::{Answer, Browser, PATIENCE, Server, folder, log_of, program, run};

/// `unshare`, so that a mount is seen by nobody else.
fn alone() -> Command {
    let mut command = Command::new("unshare");
    if !we_are_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
}

/// Whether this machine lets us mount anything; some containers do not, and then nothing can be filled up here.
fn may_mount(data: &Path) -> bool {
    let mut command = alone();
    command.args(["--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none"]).arg(data);
    let may = command.status().is_ok_and(|status| status.success());
    if !may {
        eprintln!("NOT TRIED: this machine lets nobody mount a small disk");
    }
    may
}

/// The program on a small disk of its own: a mount in a namespace of its own.
fn on_a_small_disk(data: &Path, then: &str) -> Command {
    let mut command = alone();
    let script = format!("mount -t tmpfs -o size=24m,mode=700 none \"$0\" && {then} && exec \"$@\"");
    command
        .args(["--mount", "--propagation", "private", "sh", "-c", &script])
        .arg(data)
        .arg(program().get_program());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAMROM_")) {
        command.env_remove(name);
    }
    command
}

/// Looks at the day until it is answered as wanted; the last answer.
async fn until(browser: &Browser, data: &Path, status: u16) -> Answer {
    for _ in 0..200 {
        let answer = browser.get("/day").await;
        if answer.status == status {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never answered {status}: {}", log_of(data));
}

/// The page that says that the fault is ours.
fn is_our_fault(answer: &Answer) {
    assert!(answer.body.contains("Noe gikk galt hos oss"), "{}", answer.body);
    assert!(!answer.body.contains("SQL") && !answer.body.contains("disk"), "{}", answer.body);
}

#[tokio::test]
async fn sec_058_a_full_disk_is_told_and_survived() {
    let (_kept, data) = folder();
    if !may_mount(&data) {
        return;
    }
    let server = Server::start_by(on_a_small_disk(&data, "true"), &data, &[]).await;
    let clinician = server.sign_in("clinician").await;
    until(&clinician, &data, 200).await;
    // The disk as the server sees it.
    let inside = format!("/proc/{}/root{}/filler", server.pid(), data.display());
    let full = std::fs::write(&inside, vec![1; 32 << 20]).expect_err("24 megabytes hold no 32");
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    // There may be some pages left in files that are there already; each look writes into them.
    is_our_fault(&until(&clinician, &data, 500).await);
    assert!(log_of(&data).contains("the disk of the database is full"), "{}", log_of(&data));
    std::fs::remove_file(&inside).expect("room again");
    until(&clinician, &data, 200).await;
    // What was acknowledged is whole, and so is the chain: seen from inside, where the disk is.
    let inside = format!("/proc/{}/root{}", server.pid(), data.display());
    let copy = data.join("copy");
    let copied = Command::new("cp").args(["-r", &inside]).arg(&copy).status().expect("cp runs");
    assert!(copied.success());
    server.stop().await;
    let (code, out, err) = run(&["audit", "verify", "--data", copy.to_str().expect("text")], &data).await;
    assert_eq!(code, 0, "{out}{err}");
}

#[tokio::test]
async fn sec_058_a_disk_that_takes_no_writes_is_told_at_the_start() {
    let (_kept, data) = folder();
    if !may_mount(&data) {
        return;
    }
    let mut command = on_a_small_disk(&data, "mount -o remount,ro \"$0\"");
    command.args(["serve", "--demo", "--port", "0", "--media-port", "0", "--data"]).arg(&data);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output =
        tokio::time::timeout(PATIENCE, output).await.expect("in time").expect("no panic").expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot be used: it is read-only, gone or broken"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_058_a_database_that_goes_and_comes_back_is_told_and_found_again() {
    let (_kept, data) = folder();
    let cluster = Cluster::start().await;
    let address = cluster.address();
    let server = Server::start_with(&data, &["--database", &address]).await;
    let clinician = server.sign_in("clinician").await;
    let session = clinician.session().await;
    let mut line = clinician.socket(&session).await;
    line.hello(1).await;
    cluster.down().await;
    let answer = until(&clinician, &data, 500).await;
    is_our_fault(&answer);
    assert!(log_of(&data).contains("the database does not answer"), "{}", log_of(&data));
    assert_eq!(clinician.get("/healthz").await.status, 200, "the program itself is well");
    cluster.up().await;
    until(&clinician, &data, 200).await;
    // Who was in the room is still there.
    line.knock(&[1; 20]).await;
    let said = line.until(|message| Some(format!("{message:?}"))).await;
    assert!(!said.is_empty());
    server.stop().await;
    let path = data.to_str().expect("text");
    let (code, out, err) = run(&["audit", "verify", "--data", path, "--database", &address], &data).await;
    assert_eq!(code, 0, "{out}{err}");

    cluster.down().await;
    let (code, _, err) = run(&["serve", "--port", "0", "--data", path, "--database", &address], &data).await;
    assert!(code == 1 && err.contains("the database does not answer"), "{err}");
}
