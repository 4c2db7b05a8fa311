//! A program that is killed in the middle of its work leaves whole records: what it acknowledged is there, and nothing
//! is there without its audit event (SEC-006, SEC-055). The same for hours that are booked while their messages leave,
//! none of them twice (SEC-060, SEC-065), for an exchange of the root key (SEC-053) and for a restore (SEC-051).
//!
//! The child is this very test program, killed by SIGKILL at moments that a seed spreads. What a kill cannot show is a
//! failing power line: that the disk keeps what it said it kept is the disk's part.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use domain::audit::Purpose;
use domain::meeting::Mode;
use domain::message::{Channel, MessageKind, Notice, Outcome, State, Wording};
use ids::AppointmentId;
use store::{
    By, Claim, Db, Destination, Engine, Pace, RootKey, Step, StoreError, Token, Worker, restore, verify,
    write_head,
};

use crate::support::{Clinic, NOON, Place, timetable, wish};

/// Tells the child what to do and where.
const TASK: &str = "SAMROM_TEST_CRASH_PLACE";
/// Kills while links are written: SQLite, PostgreSQL.
const WRITE_KILLS: (u32, u32) = (150, 60);
/// Kills while hours are booked and their messages leave.
const SEND_KILLS: (u32, u32) = (120, 50);
/// Each so many rounds the other side is slow to answer.
const SLOW_EVERY: u32 = 5;
/// Hours that one child books at most.
const HOURS: u32 = 40;
const POST: Worker<'_> = Worker { name: "post-1", channel: Channel::Mail, host: "rom.example.no" };
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
        let one_at_least = if acknowledged > 1 { 2 } else { 1 };
        assert!((one_at_least..=2).contains(&standing), "no replacing stopped half-way");
        chain_holds(&place, &db).await;
        if round % 10 == 0 {
            write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
        }
        db.close().await;
    }
    let links = place.count("SELECT COUNT(*) FROM personal_link").await;
    assert!(links >= i64::try_from(acknowledged).expect("few"), "{links} of {acknowledged}");
}

pub(crate) async fn killed_while_it_books_and_sends_nothing_is_lost_or_goes_twice(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    clinic.reach_nora(&db, "nora.marker@example.org").await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    db.close().await;
    let world = place.folder.path().join("what-left");
    let ids = [clinic.organization.to_string(), clinic.kari.to_string(), clinic.nora.to_string()];
    let (mut told, mut doubts) = (Vec::new(), 0);
    let kills = kills(&place, SEND_KILLS);
    for round in 0..kills {
        let words = [world.display().to_string(), round.to_string()];
        let task = place.task(&[&["send".to_owned()], &words[..], &ids[..]].concat());
        // In a slow round the other side answers late, and the kill comes between what left and its report.
        let slow = is_slow(round);
        let lines = if slow { 2 } else { usize::try_from(round % 6).expect("small") + 1 };
        told.extend(killed(&task, lines, spread(round, 9_000)).await);
        let db = place.open().await;
        let doubted = db.doubt_what_was_in_hand(POST.name, NOON).await.expect("written");
        assert!(doubted <= 1, "{doubted} in doubt after one kill");
        assert!(doubted == 1 || !slow, "it left in round {round}, and nobody doubts");
        doubts += doubted;
        whole_bookings(&place).await;
        chain_holds(&place, &db).await;
        if round % 10 == 0 {
            write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
        }
        db.close().await;
    }
    assert!(doubts >= usize::try_from(kills / SLOW_EVERY).expect("small"), "{doubts} in doubt");
    let left = std::fs::read_to_string(&world).expect("something left");
    agrees_with_the_world(&place.open().await, &told, left.lines().collect()).await;
}

fn is_slow(round: u32) -> bool {
    round % SLOW_EVERY == SLOW_EVERY - 1
}

/// No hour without its people and its messages, and each with its events.
async fn whole_bookings(place: &Place) {
    let halves = "SELECT COUNT(*) FROM appointment a WHERE \
        (SELECT COUNT(*) FROM invitation i WHERE i.appointment = a.id) <> 2";
    assert_eq!(place.count(halves).await, 0, "an hour without its people");
    let untold = "SELECT COUNT(*) FROM appointment a WHERE \
        (SELECT COUNT(*) FROM message m WHERE m.appointment = a.id) <> 2";
    assert_eq!(place.count(untold).await, 1, "an hour without its messages, beside the clinic's first");
    let pairs = [
        ("SELECT COUNT(*) FROM appointment", "appointment_added"),
        ("SELECT COUNT(*) FROM message", "message_queued"),
        ("SELECT COUNT(*) FROM message WHERE state = 'sent'", "message_sent"),
        ("SELECT COUNT(*) FROM message WHERE state = 'in_doubt'", "message_in_doubt"),
    ];
    for (rows, action) in pairs {
        let events =
            place.count(&format!("SELECT COUNT(*) FROM audit_event WHERE action = '{action}'")).await;
        assert_eq!(place.count(rows).await, events, "SEC-006: {action}");
    }
}

/// What was acknowledged is there, and every message is what the other side knows of it.
async fn agrees_with_the_world(db: &Db, told: &[String], left: Vec<&str>) {
    let once: BTreeSet<&str> = left.iter().copied().collect();
    assert_eq!(once.len(), left.len(), "SEC-060: a message went twice");
    let of_kind = |kind: &'static str| told.iter().filter_map(move |line| line.strip_prefix(kind));
    let sent: BTreeSet<&str> = of_kind("sent ").collect();
    let mut seen = 0;
    for id in of_kind("booked ") {
        let id: AppointmentId = id.parse().expect("an id");
        let lines = db.messages_of(By::operator(NOON), Purpose::Operation, id).await.expect("answered");
        assert_eq!(lines.len(), 2, "an acknowledged hour with its invitation and reminder");
        for line in lines.iter().filter(|line| line.kind == MessageKind::Invitation) {
            let name = line.id.to_string();
            match line.progress.state {
                State::Sent => assert!(once.contains(name.as_str()), "it never left"),
                State::InDoubt => assert!(!sent.contains(name.as_str()), "an acknowledged report is lost"),
                State::Queued => assert!(!once.contains(name.as_str()), "it left and waits again"),
                other => panic!("nobody asked for {other:?}"),
            }
            seen += usize::from(sent.contains(name.as_str()));
        }
    }
    assert!(seen > told.len() / 8, "{seen} of {} were followed to their end", told.len());
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
        Some("send") => book_and_send(&place, &words[1..]).await,
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

/// Books hour after hour and sends what waits; what leaves is written where the parent can read it.
async fn book_and_send(place: &Place, words: &[String]) {
    let [world, round, organization, kari, nora] = words else { panic!("five words: {words:?}") };
    let mut world = OpenOptions::new().create(true).append(true).open(world).expect("it opens");
    let round: u32 = round.parse().expect("a number");
    let who =
        (organization.parse().expect("an id"), kari.parse().expect("an id"), nora.parse().expect("an id"));
    let db = place.open().await;
    for hour in 1..=HOURS {
        // The clinic has its first hour at noon.
        let starts = i64::from(round * HOURS + hour + 1) * 60;
        let mut new = wish(&db, who, starts, 30, Mode::Video);
        new.appointment.notice = Some(Notice { wording: Wording::Warm, with_link: true });
        let booked = db.book(By::person(who.1, NOON), &new, &timetable()).await.expect("free");
        println!("done booked {}", booked.id);
        let lease = Duration::from_secs(300);
        let Claim::Taken(parcel) = db.claim_message(POST, lease, NOON).await.expect("answered") else {
            panic!("the invitation waits")
        };
        writeln!(world, "{}", parcel.key.message).expect("it leaves");
        println!("done left {}", parcel.key.message);
        if is_slow(round) {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        let state = db.settle_message(parcel.key, Outcome::Accepted, NOON).await.expect("written");
        assert_eq!(state, Some(State::Sent));
        println!("done sent {}", parcel.key.message);
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
