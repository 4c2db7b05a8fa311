//! The exchange of the root key: whatever happens in the middle, a key lies there that opens the records (SEC-053).

use std::path::PathBuf;

use domain::audit::Purpose;
use store::{By, Db, KeyError, RootKey, RootKeySource, StoreError};

use crate::support::{Clinic, NOON, Place, person};

fn next_file(place: &Place) -> PathBuf {
    place.folder.path().join("root-key.next")
}

async fn opens(place: &Place, clinic: &Clinic) {
    let db = place.open().await;
    let nora = db.person(By::operator(NOON), Purpose::Operation, clinic.nora).await.expect("read");
    assert_eq!(nora.given_name.reveal(), "Nora");
    db.close().await;
}

pub(crate) async fn the_new_key_opens_everything_and_the_old_one_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let public_key = db.audit_public_key();
    let old = RootKey::read_file(&place.key_file()).expect("readable").expect("there");
    let new = db.rotate_root_key(By::operator(NOON)).await.expect("exchanged");
    db.close().await;
    assert_eq!(
        place.count("SELECT COUNT(*) FROM audit_event WHERE action = 'root_key_rotated'").await,
        1,
        "SEC-006"
    );
    let files = std::fs::read_dir(place.folder.path()).expect("a folder").flatten();
    let keys = files.filter(|file| file.file_name().to_string_lossy().starts_with("root-key")).count();
    assert_eq!(keys, 1, "no old key is left lying about");

    opens(&place, &clinic).await;
    assert_eq!(place.open().await.audit_public_key(), public_key, "heads that were signed before stay good");
    let mut options = place.options.clone();
    options.root_key = RootKeySource::Given(RootKey::from_words(&new.to_words()).expect("words"));
    Db::open(&options).await.expect("its words open it");
    options.root_key = RootKeySource::Given(old);
    let error = Db::open(&options).await.expect_err("the old key");
    assert!(matches!(error, StoreError::Key(KeyError::Wrong)), "{error:?}");
}

/// A running server neither fails nor seals anything under a key that is gone.
pub(crate) async fn whoever_has_it_open_goes_on(place: Place) {
    let (server, operator) = (place.open().await, place.open().await);
    let first = Clinic::new(&operator).await;
    operator.rotate_root_key(By::operator(NOON)).await.expect("exchanged");
    // It has never needed this organisation's key before, and makes another's.
    let nora = server.person(By::operator(NOON), Purpose::Operation, first.nora).await.expect("read");
    assert_eq!(nora.given_name.reveal(), "Nora");
    let second = Clinic::new(&server).await;
    server.close().await;
    operator.close().await;
    opens(&place, &first).await;
    opens(&place, &second).await;
}

/// What a crash leaves before the database took the new key, and after.
pub(crate) async fn a_crash_on_either_side_of_the_commit_leaves_a_pair(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let (here, next) = (place.key_file(), next_file(&place));
    // Before: the next key lies there, the database knows nothing of it.
    std::fs::write(&next, "5a".repeat(32)).expect("written");
    opens(&place, &clinic).await;
    let before = std::fs::read(&here).expect("there");
    db.rotate_root_key(By::operator(NOON)).await.expect("what was left behind stands in nobody's way");
    // After: the database has the new key, the files have not changed places.
    std::fs::rename(&here, &next).expect("there");
    std::fs::write(&here, &before).expect("written");
    opens(&place, &clinic).await;
    assert!(!next.exists(), "and it was finished");
    // The old one is gone already, the new one not there yet.
    std::fs::rename(&here, &next).expect("there");
    opens(&place, &clinic).await;
    // A torn key in the way.
    std::fs::rename(&here, &next).expect("there");
    std::fs::write(&here, "5a5a").expect("written");
    opens(&place, &clinic).await;
    db.rotate_root_key(By::operator(NOON)).await.expect("and it can be exchanged again");
    opens(&place, &clinic).await;
}

/// An exchange that fails half-way changes nothing.
pub(crate) async fn a_failed_exchange_changes_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let before = std::fs::read(place.key_file()).expect("there");
    place.tamper("CREATE UNIQUE INDEX trap ON audit_event (action) WHERE action = 'root_key_rotated'").await;
    db.rotate_root_key(By::operator(NOON)).await.expect("the first");
    let between = std::fs::read(place.key_file()).expect("there");
    assert_ne!(before, between);
    db.rotate_root_key(By::operator(NOON)).await.expect_err("its audit event is trapped");
    assert_eq!(std::fs::read(place.key_file()).expect("there"), between);
    opens(&place, &clinic).await;
    person(&db, clinic.organization, store::PersonKind::Patient, "Una", "Prøvevik").await;
}

/// Whoever wraps something new under the root key must have it wrapped anew in `rotate.rs`: this counts the places.
#[test]
fn everything_that_the_root_key_wraps_is_known_to_the_exchange() {
    let mut found = Vec::new();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("the sources") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        found.extend(std::iter::repeat_n(name, text.matches(".wrapping(").count()));
    }
    found.sort();
    // ceremony: sealed and opened within minutes, and begun anew when the key was exchanged in between;
    // db: audit seed made, audit seed opened; sealed: data key opened, made, and the way to the key; keys: the key
    // itself; rotate: old and new.
    let known = [
        "ceremony.rs",
        "ceremony.rs",
        "db.rs",
        "db.rs",
        "keys.rs",
        "rotate.rs",
        "rotate.rs",
        "sealed.rs",
        "sealed.rs",
        "sealed.rs",
    ];
    assert_eq!(found, known, "is it in rotate.rs as well?");
}
