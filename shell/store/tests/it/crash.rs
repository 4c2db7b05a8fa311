//! A program that is killed in the middle of its work leaves whole records: what it acknowledged is there, and nothing
//! is there without its audit event (SEC-006, SEC-055). The same for an exchange of the root key (SEC-053) and for a
//! restore (SEC-051).
//!
//! The child is this very test program, killed by SIGKILL at moments that a seed spreads. What a kill cannot show is a
//! failing power line: that the disk keeps what it said it kept is the disk's part.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use domain::audit::Purpose;
use store::{
    By, Db, Destination, Engine, Pace, RootKey, Step, StoreError, Token, restore, verify, write_head,
};

use crate::support::{Clinic, NOON, Place};

/// Tells the child what to do and where.
const TASK: &str = "SAMROM_TEST_CRASH_PLACE";
/// Kills while links are written: SQLite, PostgreSQL.
const WRITE_KILLS: (u32, u32) = (150, 60);
/// Kills while the root key is exchanged.
const ROTATE_KILLS: (u32, u32) = (50, 20);
/// Kills while a backup is brought back.
const RESTORE_KILLS: (u32, u32) = (40, 15);

fn kills(place: &Place, (sqlite, postgres): (u32, u32)) -> u32 {
    if matches!(place.options.engine, Engine::Sqlite(_)) { sqlite } else { postgres }
}

/// The chain holds and reaches the head.
async fn chain_holds(place: &Place, db: &Db) {
    let report = verify(db, &place.head_file(), &db.audit_public_key(), NOON).await.expect("read");
    assert!(report.is_whole(), "{report:?}");
}

pub(crate) async fn killed_hundreds_of_times_it_loses_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    db.close().await;
    let words = [clinic.nora_invited.id.to_string(), clinic.kari_invited.id.to_string()];
    let task = place.task(&[&["write".to_owned()], &words[..]].concat());
    let mut acknowledged = 0;
    for round in 0..kills(&place, WRITE_KILLS) {
        let tokens =
            killed(&task, usize::try_from(round % 4).expect("small") + 1, spread(round, 4_000)).await;
        acknowledged += tokens.len();
        // Opened anew each time, as after a crash: nobody has held it meanwhile.
        let db = place.open().await;
        for token in &tokens {
            let token = Token::from_text(token).expect("a token");
            let link = db.see_link(&token, None, NOON).await.expect("answered");
            assert!(link.is_some(), "an acknowledged link is gone in round {round}");
        }
        let links = place.count("SELECT COUNT(*) FROM personal_link").await;
        let events = place.count("SELECT COUNT(*) FROM audit_event WHERE action = 'link_issued'").await;
        assert_eq!(links, events, "as many links as events");
        let standing = place.count("SELECT COUNT(*) FROM personal_link WHERE replaced IS NULL").await;
        assert!((1..=2).contains(&standing), "no replacing stopped half-way");
        chain_holds(&place, &db).await;
        if round % 10 == 0 {
            write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
        }
        db.close().await;
    }
    let links = place.count("SELECT COUNT(*) FROM personal_link").await;
    assert!(links >= i64::try_from(acknowledged).expect("few"), "{links} of {acknowledged}");
}

pub(crate) async fn killed_while_the_key_is_exchanged_a_pair_is_left(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    db.close().await;
    let task = place.task(&["rotate".to_owned()]);
    for round in 0..kills(&place, ROTATE_KILLS) {
        killed(&task, usize::from(round % 2 == 0), spread(round, 12_000)).await;
        let db = place.open().await;
        let nora = db.person(By::operator(NOON), Purpose::Operation, clinic.nora).await.expect("it opens");
        assert_eq!(nora.given_name.reveal(), "Nora");
        chain_holds(&place, &db).await;
        db.close().await;
    }
}

pub(crate) async fn killed_while_a_backup_comes_back_it_is_there_or_not(place: Place) {
    let from = Place::sqlite().await;
    let db = from.open().await;
    let clinic = Clinic::new(&db).await;
    let mut bytes = Vec::new();
    let sink = &mut |step: Step<'_>| {
        if let Step::Bytes(more) = step {
            bytes.extend_from_slice(more);
        }
        Ok(())
    };
    db.backup(By::operator(NOON), "0.0.0", &from.head_file(), sink).await.expect("copied");
    let file = from.folder.path().join("backup");
    std::fs::write(&file, bytes).expect("written");
    let words = ["restore".to_owned(), file.display().to_string(), from.key_file().display().to_string()];
    let (mut whole, mut nothing) = (0, 0);
    // Homes in on the commit, however fast this machine is today.
    let mut later = Duration::from_millis(20);
    for round in 0..kills(&place, RESTORE_KILLS) {
        let to = if matches!(place.options.engine, Engine::Sqlite(_)) {
            Place::sqlite().await
        } else {
            Place::postgres().await
        };
        // The child says when it begins.
        killed(&to.task(&words), 1, later + spread(round, 5_000)).await;
        match Db::open_existing(&to.options).await {
            Ok(back) => {
                let nora =
                    back.person(By::operator(NOON), Purpose::Operation, clinic.nora).await.expect("it opens");
                assert_eq!(nora.given_name.reveal(), "Nora");
                chain_holds(&to, &back).await;
                whole += 1;
                later = later * 3 / 4;
            }
            Err(StoreError::NotFounded) => {
                assert_eq!(to.count("SELECT COUNT(*) FROM person").await, 0);
                bring_back(&to, &file, &from.key_file()).await.expect("and it can be tried again");
                chain_holds(&to, &to.open().await).await;
                nothing += 1;
                later = later * 3 / 2;
            }
            Err(other) => panic!("neither all nor nothing: {other:?}"),
        }
    }
    assert!(whole > 0 && nothing > 0, "kills on both sides of the commit: {whole} and {nothing}");
}

/// Some microseconds below a limit, another for each round.
fn spread(round: u32, below: u32) -> Duration {
    let bits = u64::from(round).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    Duration::from_micros(bits % u64::from(below))
}

/// Starts a child, waits for so many lines and a little longer, kills it; everything that it acknowledged.
async fn killed(task: &str, lines: usize, later: Duration) -> Vec<String> {
    let task = task.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .args(["--exact", "a_child_that_works_until_it_is_killed", "--nocapture", "--test-threads=1"])
            .env(TASK, task)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let told = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut told =
            told.map_while(Result::ok).filter_map(|line| Some(line.split_once("done ")?.1.to_owned()));
        let mut done: Vec<_> = told.by_ref().take(lines).collect();
        assert_eq!(done.len(), lines, "the child ended by itself");
        let (_never, wait) = mpsc::channel::<()>();
        let _ = wait.recv_timeout(later);
        // It may have ended by itself, when its task has an end.
        let _ = child.kill();
        child.wait().expect("it ends");
        done.extend(told);
        done
    });
    work.await.expect("no panic")
}

/// The child's part; without a task there is nothing to do.
pub(crate) async fn work_until_killed() {
    let Ok(task) = std::env::var(TASK) else { return };
    let (place, words) = Place::from_task(&task);
    match words.first().map(String::as_str) {
        Some("write") => write_on(&place, &words[1..]).await,
        Some("rotate") => rotate_on(&place).await,
        Some("restore") => {
            println!("done beginning");
            bring_back(&place, words[1].as_ref(), words[2].as_ref()).await.expect("brought back");
        }
        other => panic!("no such task: {other:?}"),
    }
}

async fn write_on(place: &Place, words: &[String]) {
    let db = place.open().await;
    let invitations: Vec<ids::InvitationId> = words.iter().map(|word| word.parse().expect("an id")).collect();
    // Far more than the parent waits for, so that it is killed at work.
    for number in 0..100_000 {
        let invitation = invitations[number % invitations.len()];
        let issued = db.issue_link(By::operator(NOON), invitation).await.expect("written");
        println!("done {}", issued.token.reveal());
    }
}

async fn rotate_on(place: &Place) {
    let db = place.open().await;
    for _ in 0..100_000 {
        db.rotate_root_key(By::operator(NOON)).await.expect("exchanged");
        println!("done once");
    }
}

async fn bring_back(to: &Place, backup: &std::path::Path, key: &std::path::Path) -> Result<(), StoreError> {
    let root = RootKey::read_file(key).expect("readable").expect("there");
    let mut bytes = std::fs::File::open(backup).expect("there");
    let (key_file, head_file) = (to.key_file(), to.head_file());
    let engine = &to.options.engine;
    let to = Destination { engine, key_file: &key_file, head_file: &head_file };
    restore(&mut bytes, &root, &to, By::operator(NOON), &mut |_, _| {}).await
}
