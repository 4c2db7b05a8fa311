//! A database and its root key belong together (SEC-008).

use domain::audit::Purpose;
use ids::Personal;
use store::{By, Db, Engine, KeyError, RootKey, RootKeySource, StoreError};

use crate::support::{Clinic, NOON, Place};

pub(crate) async fn it_opens_again_with_its_key(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let public_key = db.audit_public_key();
    db.close().await;

    let db = place.open().await;
    assert_eq!(db.audit_public_key(), public_key);
    let nora = db.person(By::operator(NOON), Purpose::Operation, clinic.nora).await.expect("read");
    assert_eq!(nora.given_name.reveal(), "Nora");
    assert_eq!(nora.phone.expect("a number").reveal(), "+47 000 11 222");
}

pub(crate) async fn a_root_key_is_never_made_over_existing_data(place: Place) {
    place.open().await.close().await;
    std::fs::remove_file(place.key_file()).expect("the key was made");
    let error = Db::open(&place.options).await.expect_err("it must not open");
    assert!(matches!(error, StoreError::Key(KeyError::Missing { .. })), "{error:?}");
    assert!(error.to_string().contains("root-key"), "the text says which file: {error}");
    assert!(!place.key_file().exists(), "no key was made over existing data");
}

pub(crate) async fn another_root_key_is_refused(mut place: Place) {
    place.open().await.close().await;
    place.options.root_key = RootKeySource::Given(RootKey::from_hex(&"5a".repeat(32)).expect("a key"));
    let error = Db::open(&place.options).await.expect_err("it must not open");
    assert!(matches!(error, StoreError::Key(KeyError::Wrong)), "{error:?}");
}

pub(crate) async fn data_without_a_key_check_is_refused(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    db.close().await;
    assert_eq!(place.tamper("DELETE FROM meta WHERE name = 'root_key_check'").await, 1);
    let error = Db::open(&place.options).await.expect_err("it must not open");
    assert!(matches!(error, StoreError::Key(KeyError::CheckMissing)), "{error:?}");
}

/// SEC-058: a database that takes the line and then says nothing is given up before a page would be.
pub(crate) async fn a_silent_database_is_given_up_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("bound").port();
    let address = format!("postgres://nobody@127.0.0.1:{port}/nothing?sslmode=disable");
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = store::Options::in_directory(folder.path(), NOON);
    options.engine = Engine::from_address(&address).expect("an address");
    let opened = tokio::time::timeout(std::time::Duration::from_secs(12), Db::open(&options)).await;
    let error = opened.expect("within a page's time").expect_err("nobody answers");
    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
}

/// The log is folded while the database is open and others may read: the file alone holds everything then, and did not
/// before.
pub(crate) async fn what_was_folded_lies_in_the_file() {
    let place = Place::sqlite().await;
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    assert!(in_the_file_alone(&place, &clinic).await.is_err(), "it lies in the log");
    db.fold().await.expect("folded");
    assert_eq!(in_the_file_alone(&place, &clinic).await.expect("it lies in the file").reveal(), "Nora");
}

/// Reads a name from a copy of the file without its log.
async fn in_the_file_alone(place: &Place, clinic: &Clinic) -> store::Result<Personal<String>> {
    let copy = Place::sqlite().await;
    let (Engine::Sqlite(from), Engine::Sqlite(to)) = (&place.options.engine, &copy.options.engine) else {
        panic!("both are files");
    };
    std::fs::copy(from, to).expect("copied");
    std::fs::copy(place.key_file(), copy.key_file()).expect("copied");
    let db = Db::open(&copy.options).await?;
    Ok(db.person(By::operator(NOON), Purpose::Operation, clinic.nora).await?.given_name)
}
