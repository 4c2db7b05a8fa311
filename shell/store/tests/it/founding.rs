//! A database and its root key belong together (SEC-008).

use domain::audit::Purpose;
use store::{By, Db, KeyError, RootKey, RootKeySource, StoreError};

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
