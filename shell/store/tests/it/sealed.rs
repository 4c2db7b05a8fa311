//! Sealed columns: what is personal cannot be read from the tables or the file (SEC-008, SEC-009).

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use domain::audit::Purpose;
use domain::people::OrganizationKind;
use ids::{Personal, Timestamp};
use store::{By, StoreError};

use crate::support::{Clinic, NOON, Place, minutes};

/// Every table's rows as one text, bytes in hexadecimal, for looking through.
const EVERYTHING: &[&str] = &[
    "SELECT COUNT(*) FROM person WHERE HEXED(given_name) LIKE '%NEEDLE%' OR HEXED(family_name) LIKE '%NEEDLE%' \
     OR HEXED(phone) LIKE '%NEEDLE%'",
    "SELECT COUNT(*) FROM appointment WHERE HEXED(sign) LIKE '%NEEDLE%'",
    "SELECT COUNT(*) FROM audit_event WHERE HEXED(details) LIKE '%NEEDLE%'",
    "SELECT COUNT(*) FROM personal_link WHERE HEXED(token_hash) LIKE '%NEEDLE%'",
    "SELECT COUNT(*) FROM sign_in WHERE HEXED(token_hash) LIKE '%NEEDLE%'",
];

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

async fn found(place: &Place, needle: &str) -> i64 {
    let hexed = match place.options.engine {
        store::Engine::Sqlite(_) => "HEX",
        store::Engine::Postgres(_) => "UPPER(ENCODE",
    };
    let mut hits = 0;
    for sql in EVERYTHING {
        let mut sql = sql.replace("HEXED", hexed).replace("NEEDLE", &hex(needle));
        if hexed != "HEX" {
            sql = sql.replace(") LIKE", ", 'hex')) LIKE");
        }
        hits += place.count(&sql).await;
    }
    hits
}

/// Writes everything personal that there is; returns what must not be found.
async fn write_secrets(db: &store::Db) -> Vec<String> {
    let clinic = Clinic::new(db).await;
    let why = Personal::new("Hemmelig grunn".to_owned());
    assert!(db.block(clinic.kari_at(1), clinic.meeting.id, clinic.nora, &why).await.expect("written"));
    let link = db.issue_link(clinic.kari_at(2), clinic.nora_invited.id).await.expect("written");
    let pressed = db.press_link(&link.token, None, minutes(3)).await.expect("written").expect("it works");
    let cookie = pressed.cookie.expect("a new cookie");
    let line = db.log_about(clinic.kari_at(4), Purpose::Review, clinic.nora, 10).await.expect("read");
    assert!(
        line.iter().any(|line| line.details.as_ref() == Some(&why)),
        "the reason can be read with the key"
    );
    ["Nora", "Kari", "Prøvelund", "000 11 222", "Grønn båt", "Hemmelig grunn"]
        .map(str::to_owned)
        .into_iter()
        .chain([link.token.reveal().to_owned(), cookie.reveal().to_owned()])
        .collect()
}

pub(crate) async fn names_and_tokens_do_not_lie_in_the_tables(place: Place) {
    let db = place.open().await;
    for secret in write_secrets(&db).await {
        assert_eq!(found(&place, &secret).await, 0, "{secret} lies open");
    }
    // The search itself works: it finds what is put there in the clear.
    let open = hex("Nora");
    let bytes = match place.options.engine {
        store::Engine::Sqlite(_) => format!("x'{open}'"),
        store::Engine::Postgres(_) => format!("'\\x{open}'"),
    };
    place.tamper(&format!("UPDATE person SET given_name = {bytes}")).await;
    assert_eq!(found(&place, "Nora").await, 2);
}

pub(crate) async fn names_and_tokens_do_not_lie_in_the_sqlite_file() {
    let place = Place::sqlite().await;
    let db = place.open().await;
    let secrets = write_secrets(&db).await;
    let look = || {
        let mut bytes = Vec::new();
        for name in ["samrom.db", "samrom.db-wal"] {
            bytes.extend(std::fs::read(place.folder.path().join(name)).unwrap_or_default());
        }
        bytes
    };
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let (before, root_key) = (look(), std::fs::read_to_string(place.key_file()).expect("a key file"));
    db.close().await;
    for bytes in [before, look()] {
        assert!(holds(&bytes, "Prøveklinikken"), "the search finds what is not sealed");
        for secret in secrets.iter().map(String::as_str).chain([root_key.trim()]) {
            assert!(!holds(&bytes, secret), "{secret} lies open in the file");
        }
    }
}

pub(crate) async fn a_sealed_value_opens_in_its_own_place_only(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = clinic.kari_at(1);
    let swaps = [
        "UPDATE person SET given_name = (SELECT o.given_name FROM person o WHERE o.kind = 'practitioner') \
         WHERE kind = 'patient'",
        "UPDATE person SET given_name = family_name WHERE kind = 'patient'",
    ];
    for swap in swaps {
        assert_eq!(place.tamper(swap).await, 1);
        let error = db.person(by, Purpose::Care, clinic.nora).await.expect_err("it must not open");
        let expected = StoreError::Unsealable { table: "person", column: "given_name" };
        assert_eq!(error.to_string(), expected.to_string());
    }
    db.person(by, Purpose::Care, clinic.kari).await.expect("what was not moved opens");
}

pub(crate) async fn an_organisation_signs_with_its_own_key(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = By::operator(NOON);
    let other = db.add_organization(by, "En annen", OrganizationKind::School).await.expect("written");
    let key = db.signing_key(clinic.organization, NOON).await.expect("a key");
    let signature = key.sign(b"label\0", b"statement");
    let good = |public: [u8; 32], message: &[u8]| {
        UnparsedPublicKey::new(&ED25519, public).verify(message, &signature).is_ok()
    };
    assert!(good(key.public_key(), b"label\0statement"));
    assert!(!good(key.public_key(), b"label\0another"));
    let others = db.signing_key(other.id, NOON).await.expect("a key");
    assert!(!good(others.public_key(), b"label\0statement"));
    let again = place.open().await.signing_key(clinic.organization, Timestamp::from_millis(0)).await;
    assert_eq!(again.expect("a key").public_key(), key.public_key());
}
