//! A copy of everything, made while others write, comes back on either engine: whole, or not at all.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use domain::audit::{Action, Purpose};
use domain::backup::Malformed;
use store::{
    By, Db, Destination, Engine, KeyError, Pace, RestoreError, RootKey, Step, StoreError, check_backup,
    restore, verify, write_head,
};

use crate::support::{Clinic, NOON, Place, minutes};

/// A copy as bytes.
async fn copy(place: &Place, db: &Db) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sink = &mut |step: Step<'_>| {
        if let Step::Bytes(more) = step {
            bytes.extend_from_slice(more);
        }
        Ok(())
    };
    let copied =
        db.backup(By::operator(minutes(5)), "0.0.0", &place.head_file(), sink).await.expect("copied");
    assert!(copied.chain_holds && copied.tables > 13 && copied.rows > 20, "{copied:?}");
    bytes
}

fn root_of(place: &Place) -> RootKey {
    RootKey::read_file(&place.key_file()).expect("readable").expect("there")
}

async fn bring_back(mut bytes: impl Read + Send, root: &RootKey, to: &Place) -> Result<(), StoreError> {
    let (key_file, head_file) = (to.key_file(), to.head_file());
    let engine = &to.options.engine;
    let to = Destination { engine, key_file: &key_file, head_file: &head_file };
    restore(&mut bytes, root, &to, By::operator(minutes(10)), &mut |_, _| {}).await
}

/// Nothing that could be opened, and no file that says that there is.
async fn nothing_there(place: &Place) {
    assert!(!place.key_file().exists() && !place.head_file().exists());
    match &place.options.engine {
        Engine::Sqlite(file) => assert!(!file.exists(), "the database was taken away again"),
        Engine::Postgres(_) => {
            let error = Db::open_existing(&place.options).await.expect_err("there is nothing");
            assert!(matches!(error, StoreError::NotFounded), "{error:?}");
            assert_eq!(place.count("SELECT COUNT(*) FROM audit_event").await, 0);
            assert_eq!(place.count("SELECT COUNT(*) FROM person").await, 0);
        }
    }
}

pub(crate) async fn it_comes_back_on_either_engine(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let link = db.issue_link(clinic.kari_at(1), clinic.nora_invited.id).await.expect("written");
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    let bytes = copy(&place, &db).await;
    let root = root_of(&place);
    let secret = root_hex(&place);
    assert!(
        !contains(&bytes, secret.as_bytes()) && !contains(&bytes, &unhex(&secret)),
        "SEC-050: no root key"
    );
    for word in ["Prøvelund", "000 11 222", link.token.reveal()] {
        assert!(!contains(&bytes, word.as_bytes()), "SEC-050: {word} is sealed or hashed");
    }
    for to in [Place::sqlite().await, Place::postgres().await] {
        bring_back(bytes.as_slice(), &root, &to).await.expect("an empty place");
        let back = Db::open(&to.options).await.expect("it opens with the key that was laid there");
        let nora = back.person(By::operator(NOON), Purpose::Operation, clinic.nora).await.expect("read");
        assert_eq!(nora.given_name.reveal(), "Nora");
        assert!(back.see_link(&link.token, None, NOON).await.expect("answered").is_some());
        the_chain_goes_on(&to, &back, &db).await;
        // It goes on: new writes, new heads.
        back.issue_link(clinic.kari_at(11), clinic.nora_invited.id).await.expect("written");
        write_head(&back, &to.head_file(), minutes(12), Pace::Full).await.expect("signed");
    }
}

/// The chain is whole, says that a copy was made, and goes on with having been brought back.
async fn the_chain_goes_on(to: &Place, back: &Db, before: &Db) {
    let report = verify(back, &to.head_file(), &before.audit_public_key(), NOON).await.expect("read");
    assert!(report.is_whole(), "{report:?}");
    let made = format!("SELECT COUNT(*) FROM audit_event WHERE action = '{}'", Action::BackedUp.name());
    assert_eq!(to.count(&made).await, 1, "the copy says that it was made");
    let said = format!("SELECT sequence FROM audit_event WHERE action = '{}'", Action::Restored.name());
    let restored = to.count(&said).await;
    assert_eq!(u64::try_from(restored).expect("positive"), report.head.expect("signed").sequence + 1);
}

/// SEC-050: the copy is of one moment, whatever is written meanwhile.
pub(crate) async fn it_is_of_one_moment_while_others_write(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let writer = tokio::spawn({
        let (db, invitation) = (db.clone(), clinic.nora_invited.id);
        let (stop, written) = (Arc::clone(&stop), Arc::clone(&written));
        async move {
            while !stop.load(Ordering::Relaxed) {
                db.issue_link(By::operator(NOON), invitation).await.expect("nobody is kept from writing");
                written.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let mut copies = Vec::new();
    for number in 1..=3 {
        // However busy the machine is, somebody has written since the copy before, and goes on.
        while written.load(Ordering::Relaxed) < number && !writer.is_finished() {
            tokio::task::yield_now().await;
        }
        copies.push(copy(&place, &db).await);
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.expect("no panic");
    let root = root_of(&place);
    for bytes in copies {
        let to = Place::sqlite().await;
        bring_back(bytes.as_slice(), &root, &to).await.expect("an empty place");
        let back = to.open().await;
        let links = to.count("SELECT COUNT(*) FROM personal_link").await;
        let events = to.count("SELECT COUNT(*) FROM audit_event WHERE action = 'link_issued'").await;
        assert_eq!(links, events, "no write is in it by half");
        let report = verify(&back, &to.head_file(), &db.audit_public_key(), NOON).await.expect("read");
        assert!(report.is_whole(), "{report:?}");
    }
}

/// SEC-051: every way in which it is refused leaves nothing behind.
pub(crate) async fn what_is_not_whole_leaves_nothing(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    let bytes = copy(&place, &db).await;
    let root = root_of(&place);
    check_backup(&mut bytes.as_slice(), &root).expect("whole");
    no_cut_and_no_flip_passes(&bytes, &root);
    let to = if matches!(place.options.engine, Engine::Sqlite(_)) {
        Place::sqlite().await
    } else {
        Place::postgres().await
    };
    for at in [3, 100, bytes.len() / 2, bytes.len() - 64, bytes.len() - 1] {
        let error = bring_back(&bytes[..at], &root, &to).await.expect_err("torn");
        assert!(
            matches!(error, StoreError::Restore(RestoreError::Malformed(Malformed::Torn))),
            "{at}: {error:?}"
        );
        nothing_there(&to).await;
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        bring_back(bent.as_slice(), &root, &to).await.expect_err("changed");
        nothing_there(&to).await;
    }
    let wrong = RootKey::from_hex(&"5a".repeat(32)).expect("a key");
    let error = bring_back(bytes.as_slice(), &wrong, &to).await.expect_err("another key");
    assert!(matches!(error, StoreError::Restore(RestoreError::WrongRootKey)), "{error:?}");
    nothing_there(&to).await;
    let error = bring_back(bytes.as_slice().chain(Failing), &root, &to)
        .await
        .expect_err("the disk fails at the last byte");
    assert!(matches!(error, StoreError::Restore(RestoreError::Unreadable(_))), "{error:?}");
    nothing_there(&to).await;
    bring_back(copy(&place, &db).await.as_slice(), &root, &to)
        .await
        .expect("after all that it still comes back");
}

fn no_cut_and_no_flip_passes(bytes: &[u8], root: &RootKey) {
    for at in (0..bytes.len()).step_by(13).chain(bytes.len() - 70..bytes.len()) {
        check_backup(&mut &bytes[..at], root).expect_err("cut");
        let mut bent = bytes.to_vec();
        bent[at] ^= 0x10;
        check_backup(&mut bent.as_slice(), root).expect_err("changed");
    }
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// SEC-050: whoever knows only the recipient, not the root key, cannot make a copy that is believed.
pub(crate) async fn a_copy_made_without_the_root_key_is_refused(place: Place) {
    use domain::backup::{Reader, Record, Value, Writer};
    let db = place.open().await;
    Clinic::new(&db).await;
    let bytes = copy(&place, &db).await;
    let mut reader = Reader::new();
    reader.feed(&bytes);
    let Some(Record::Header(header)) = reader.poll_record().expect("good") else { panic!("a header") };
    let (mut writer, mut forged) = Writer::begin(&header).expect("small");
    while let Some(record) = reader.poll_record().expect("good") {
        forged.extend(match record {
            Record::Table(table) => writer.table(&table).expect("small"),
            Record::Rows(mut rows) => {
                // One more host in every meeting would do.
                let texts =
                    rows.iter_mut().flatten().filter(|value| **value == Value::Text("young_person".into()));
                texts.for_each(|value| *value = Value::Text("host".into()));
                writer.rows(&rows).expect("small")
            }
            Record::TableEnd { .. } => writer.end_table().expect("small"),
            Record::Closing(closed) => {
                forged.extend(writer.close(closed.head.as_deref()).expect("small").signed(&closed.signature));
                break;
            }
            Record::Header(_) => panic!("one header"),
        });
    }
    let error = check_backup(&mut forged.as_slice(), &root_of(&place)).expect_err("forged");
    assert!(matches!(error, StoreError::Restore(RestoreError::Forged)), "{error:?}");
    let to = Place::sqlite().await;
    let error = bring_back(forged.as_slice(), &root_of(&place), &to).await.expect_err("forged");
    assert!(matches!(error, StoreError::Restore(RestoreError::Forged)), "{error:?}");
    nothing_there(&to).await;
}

/// SEC-051: a copy whose tables have seen changes that this version does not know is refused, and says what to do.
pub(crate) async fn a_copy_of_a_newer_version_is_refused(place: Place) {
    use domain::backup::{Reader, Record, Writer};
    let db = place.open().await;
    let bytes = {
        Clinic::new(&db).await;
        copy(&place, &db).await
    };
    let mut reader = Reader::new();
    reader.feed(&bytes);
    let Some(Record::Header(mut header)) = reader.poll_record().expect("good") else { panic!("a header") };
    header.migrations.push(9_999);
    let (_, newer) = Writer::begin(&header).expect("small");
    let to = Place::sqlite().await;
    let error = bring_back(newer.as_slice(), &root_of(&place), &to).await.expect_err("newer");
    assert!(matches!(error, StoreError::Restore(RestoreError::NewerTables)), "{error:?}");
    assert!(error.to_string().contains("newer version"), "{error}");
    nothing_there(&to).await;
}

/// SEC-051: what is there already stays as it is.
pub(crate) async fn nothing_is_written_over(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    let bytes = copy(&place, &db).await;
    let root = root_of(&place);
    let before = place.count("SELECT COUNT(*) FROM audit_event").await;
    let error = bring_back(bytes.as_slice(), &root, &place).await.expect_err("over the very same data");
    assert!(matches!(error, StoreError::Restore(RestoreError::NotEmpty { .. })), "{error:?}");
    assert_eq!(place.count("SELECT COUNT(*) FROM audit_event").await, before);
    assert_eq!(root_hex(&place).len(), 64, "its key file is still there");

    let to = Place::sqlite().await;
    std::fs::write(to.head_file(), "of something else").expect("written");
    let error = bring_back(bytes.as_slice(), &root, &to).await.expect_err("another's head");
    assert!(matches!(error, StoreError::Restore(RestoreError::NotEmpty { .. })), "{error:?}");
    std::fs::remove_file(to.head_file()).expect("there");
    std::fs::write(to.key_file(), "5a".repeat(32)).expect("written");
    let error = bring_back(bytes.as_slice(), &root, &to).await.expect_err("another's key");
    assert!(matches!(error, StoreError::Key(KeyError::Occupied { .. })), "{error:?}");
    assert_eq!(root_hex(&to), "5a".repeat(32));
    std::fs::remove_file(to.key_file()).expect("there");
    nothing_there(&to).await;
}

/// A chain that does not hold is copied as it is, with the head that was signed before: no break is signed away.
pub(crate) async fn a_break_is_copied_and_not_signed_away(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    write_head(&db, &place.head_file(), NOON, Pace::Full).await.expect("signed");
    assert_eq!(place.tamper("DELETE FROM audit_event WHERE sequence >= 6").await, 2);
    let mut bytes = Vec::new();
    let sink = &mut |step: Step<'_>| {
        if let Step::Bytes(more) = step {
            bytes.extend_from_slice(more);
        }
        Ok(())
    };
    let copied =
        db.backup(By::operator(minutes(5)), "0.0.0", &place.head_file(), sink).await.expect("copied");
    assert!(!copied.chain_holds);
    let to = Place::sqlite().await;
    bring_back(bytes.as_slice(), &root_of(&place), &to).await.expect("an empty place");
    let back = to.open().await;
    let report = verify(&back, &to.head_file(), &db.audit_public_key(), NOON).await.expect("read");
    assert!(!report.is_whole(), "{report:?}");
}

/// A sink that fails ends the copy; others can write and copy on.
pub(crate) async fn a_full_disk_ends_a_copy_and_nothing_else(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    let mut left = 5_u32;
    let sink = &mut |_: Step<'_>| {
        left = left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    };
    let error =
        db.backup(By::operator(minutes(5)), "0.0.0", &place.head_file(), sink).await.expect_err("full");
    assert!(matches!(error, StoreError::Sink(_)), "{error:?}");
    copy(&place, &db).await;
}

fn root_hex(place: &Place) -> String {
    std::fs::read_to_string(place.key_file()).expect("there").trim().to_owned()
}

fn unhex(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
