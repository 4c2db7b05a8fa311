//! The rehearsal: a clinic's records leave one machine and come back on another (SEC-050, SEC-051).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cluster::Cluster;
use crate::harness::{Browser, Server, folder, run};

/// What an operator holds: the backup, the identity and the recovery words, each in a file.
struct Kept {
    backup: PathBuf,
    identity: PathBuf,
    words: PathBuf,
}

impl Kept {
    /// The options of `samrom restore` for what is kept.
    fn options(&self) -> [&str; 7] {
        [
            "restore",
            "--from",
            self.backup.to_str().expect("text"),
            "--identity",
            self.identity.to_str().expect("text"),
            "--words",
            self.words.to_str().expect("text"),
        ]
    }
}

/// Runs a command that must succeed; what it printed.
async fn good(arguments: &[&str], folder: &Path) -> String {
    let (code, out, err) = run(arguments, folder).await;
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    out.trim().to_owned()
}

/// Makes a backup of the records that the options name.
async fn back_up(records: &[&str], out: &Path) -> Kept {
    let kept =
        Kept { backup: out.join("backup.age"), identity: out.join("identity"), words: out.join("words") };
    let identity = kept.identity.display().to_string();
    let recipient = good(&["backup-key", "--to", &identity], out).await;
    assert!(recipient.starts_with("age1"), "{recipient}");
    let words = good(&[&["key", "words"], records].concat(), out).await;
    assert_eq!(words.split_whitespace().count(), 24, "SEC-052");
    fs::write(&kept.words, words).expect("written");
    let to = kept.backup.display().to_string();
    good(&[&["backup", "--to", &to, "--recipient", &recipient], records].concat(), out).await;
    kept
}

/// Somebody at work: every look at the day is written into the log (SEC-006).
fn at_work(browser: Browser) -> (Arc<AtomicBool>, tokio::task::JoinHandle<u32>) {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let work = tokio::spawn(async move {
        let mut looks = 0;
        while !stopped.load(Ordering::Relaxed) {
            assert_eq!(browser.get("/day").await.status, 200, "nobody is kept from working by a backup");
            looks += 1;
        }
        looks
    });
    (stop, work)
}

/// What is there opens: the old cookie, names, a meeting; and the chain holds.
async fn is_back(old: &Browser, data: &Path, options: &[&str]) {
    let server = Server::start_with(data, options).await;
    let day = old.moved_to(&server).get("/day").await;
    assert_eq!(day.status, 200, "{}", day.body);
    assert!(day.body.contains("Demolund") || day.body.contains("Nora"), "names open: {}", day.body);
    let clinician = server.sign_in("clinician").await;
    let session = clinician.session().await;
    let mut line = clinician.socket(&session).await;
    line.hello(1).await;
    server.stop().await;
    let path = data.display().to_string();
    let out = good(&[&["audit", "verify", "--data", &path], options].concat(), data).await;
    assert!(out.contains("the audit chain is whole"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinic_moves_to_another_machine_while_it_works() {
    let (_kept_a, a) = folder();
    let (_kept_out, out) = folder();
    let server = Server::start(&a).await;
    let clinician = server.sign_in("clinician").await;
    let (stop, work) = at_work(clinician.moved_to(&server));
    let kept = back_up(&["--data", a.to_str().expect("text")], &out).await;
    stop.store(true, Ordering::Relaxed);
    assert!(work.await.expect("nothing failed") > 1, "somebody worked meanwhile");
    server.kill();
    assert!(!out.join("backup.age.part").exists());

    let (_kept_b, b) = folder();
    let b = b.join("records");
    let into_b = [&kept.options()[..], &["--data", b.to_str().expect("text")]].concat();
    let said = good(&into_b, &out).await;
    assert!(said.contains("the audit chain is whole"), "{said}");
    is_back(&clinician, &b, &[]).await;

    let cluster = Cluster::start().await;
    let address = cluster.address();
    let (_kept_c, c) = folder();
    let database = ["--data", c.to_str().expect("text"), "--database", &address];
    let said = good(&[&kept.options()[..], &database].concat(), &out).await;
    assert!(said.contains("the audit chain is whole"), "{said}");
    is_back(&clinician, &c, &["--database", &address]).await;

    // And from there home again.
    let (_kept_home, home) = folder();
    let again = back_up(&database, &home).await;
    let d = home.join("records");
    good(&[&again.options()[..], &["--data", d.to_str().expect("text")]].concat(), &home).await;
    is_back(&clinician, &d, &[]).await;
}

#[tokio::test]
async fn sec_051_each_refusal_is_one_sentence_and_leaves_nothing() {
    let (_kept_a, a) = folder();
    let (_kept_out, out) = folder();
    Server::start(&a).await.stop().await;
    let kept = back_up(&["--data", a.to_str().expect("text")], &out).await;
    let b = out.join("b");
    let refused = async |kept: &Kept, into: &Path, why: &str| {
        let into = into.to_str().expect("text");
        let (code, said, err) = run(&[&kept.options()[..], &["--data", into]].concat(), &out).await;
        assert_eq!(code, 1, "{said}{err}");
        let err = err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert!(err.contains(why), "{why}: {err}");
    };
    let like = |identity: &str, words: &str, backup: &str| Kept {
        backup: out.join(backup),
        identity: out.join(identity),
        words: out.join(words),
    };
    good(&["backup-key", "--to", out.join("other").to_str().expect("text")], &out).await;
    refused(&like("other", "words", "backup.age"), &b, "this identity does not open the backup").await;
    fs::write(out.join("others"), format!("{} art", "abandon ".repeat(23).trim())).expect("written");
    refused(&like("identity", "others", "backup.age"), &b, "this root key is not the one").await;
    fs::write(out.join("slip"), format!("{} abandon", "abandon ".repeat(23).trim())).expect("written");
    refused(&like("identity", "slip", "backup.age"), &b, "do not belong together").await;
    let bytes = fs::read(&kept.backup).expect("there");
    for at in [bytes.len() - 1, bytes.len() / 2, 400] {
        fs::write(out.join("torn"), &bytes[..at]).expect("written");
        refused(&like("identity", "words", "torn"), &b, "backup").await;
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        fs::write(out.join("bent"), bent).expect("written");
        refused(&like("identity", "words", "bent"), &b, "backup").await;
    }
    fs::write(out.join("rubbish"), "SQLite format 3").expect("written");
    refused(&like("identity", "words", "rubbish"), &b, "this is no backup").await;
    assert!(!b.exists(), "not even the folder was made");
    let before = fs::read(a.join("audit-head")).expect("there");
    refused(&kept, &a, "is not empty").await;
    assert_eq!(fs::read(a.join("audit-head")).expect("there"), before);
    let a = a.display().to_string();
    good(&["audit", "verify", "--data", &a], &out).await;

    // Looking only: whole, and nothing was made.
    good(&[&kept.options()[..], &["--check", "--data", b.to_str().expect("text")]].concat(), &out).await;
    assert!(!b.exists());
    let to = kept.backup.display().to_string();
    let recipient = fs::read_to_string(&kept.identity).expect("there");
    let recipient =
        recipient.lines().find_map(|line| line.strip_prefix("# public key: ")).expect("it stands there");
    let (code, _, err) = run(&["backup", "--to", &to, "--recipient", recipient, "--data", &a], &out).await;
    assert!(code == 1 && err.contains("is there already"), "{err}");
    assert_eq!(fs::read(&kept.backup).expect("there"), bytes);
}
