//! The passive-client vectors of RFC 9420 through our own `group::mls`: joining, reading proposals and commits, and
//! arriving at the epoch authenticators that other implementations arrived at.
//!
//! Only the member policy is left out, because the vectors' members are nobody of ours and do what ours refuse.

use group::mls::{CIPHERSUITE, Content, Message, Mls, MlsError, Prepared};
use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::*;
use openmls::schedule::psk::PreSharedKeyId;
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use openmls_traits::storage::StorageProvider as _;
use serde_json::Value;

const WELCOME: &str = include_str!("../vectors/passive-client-welcome.json");
const COMMITS: &str = include_str!("../vectors/passive-client-handling-commit.json");
const RANDOM: &str = include_str!("../vectors/passive-client-random.json");

/// A field of hexadecimal text.
fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("text");
    let byte = |pair: &[u8]| {
        u8::from_str_radix(core::str::from_utf8(pair).expect("ascii"), 16).expect("hexadecimal")
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A provider that knows the vector's secrets, as if it had made the key package itself.
fn provider(vector: &Value) -> OpenMlsRustCrypto {
    let provider = OpenMlsRustCrypto::default();
    let message = MlsMessageIn::tls_deserialize_exact(bytes(&vector["key_package"])).expect("a message");
    let MlsMessageBodyIn::KeyPackage(package) = message.extract() else { panic!("a key package") };
    // Not checked, because it has expired: through its stored form, which is the same before and after the checks.
    let stored = serde_json::to_value(&package).expect("it stores");
    let package: KeyPackage = serde_json::from_value(stored).expect("the stored form is the same");
    let hash = package.hash_ref(provider.crypto()).expect("a hash");
    let bundle = bundle(&package, bytes(&vector["init_priv"]), bytes(&vector["encryption_priv"]));
    provider.storage().write_key_package(&hash, &bundle).expect("memory does not fail");
    for psk in list(&vector["external_psks"]) {
        let id = PreSharedKeyId::external(bytes(&psk["psk_id"]), Vec::new());
        id.store(&provider, &bytes(&psk["psk"])).expect("memory does not fail");
    }
    provider
}

/// The library has no way to make a bundle from foreign secrets but its own stored form.
fn bundle(package: &KeyPackage, init: Vec<u8>, encryption: Vec<u8>) -> KeyPackageBundle {
    let provider = OpenMlsRustCrypto::default();
    let signer = SignatureKeyPair::new(CIPHERSUITE.signature_algorithm()).expect("a key");
    let credential = CredentialWithKey {
        credential: BasicCredential::new(b"template".to_vec()).into(),
        signature_key: signer.public().into(),
    };
    let template =
        KeyPackage::builder().build(CIPHERSUITE, &provider, &signer, credential).expect("a template");
    let mut stored = serde_json::to_value(&template).expect("it stores");
    stored["key_package"] = serde_json::to_value(package).expect("it stores");
    replace_bytes(&mut stored["private_init_key"], init);
    replace_bytes(&mut stored["private_encryption_key"], encryption);
    serde_json::from_value(stored).expect("the stored form is whole")
}

/// Puts bytes where the stored form keeps its only list of numbers.
fn replace_bytes(place: &mut Value, new: Vec<u8>) {
    match place {
        Value::Array(_) => *place = new.into(),
        Value::Object(fields) => {
            let field = fields.values_mut().next().expect("one field");
            replace_bytes(field, new);
        }
        _ => panic!("no bytes here"),
    }
}

/// Joins by the vector's welcome.
fn join(vector: &Value) -> Result<Mls, MlsError> {
    let signer = SignatureKeyPair::new(CIPHERSUITE.signature_algorithm()).expect("a key");
    let prepared = Prepared::from_parts(provider(vector), signer);
    let tree = vector["ratchet_tree"].as_str().map(|_| bytes(&vector["ratchet_tree"]));
    let joining = prepared.open_welcome(&bytes(&vector["welcome"]), tree.as_deref())?;
    joining.finish(prepared)
}

/// Runs one vector; how many epochs it went through before a message was refused.
fn run(vector: &Value) -> usize {
    let mut mls = join(vector).expect("the welcome is for us");
    assert_eq!(mls.authenticator(), bytes(&vector["initial_epoch_authenticator"]));
    let epochs = list(&vector["epochs"]);
    for (passed, epoch) in epochs.iter().enumerate() {
        for proposal in list(&epoch["proposals"]) {
            let message = Message::parse(&bytes(proposal)).expect("a message");
            let Content::Proposal(proposal) = mls.process(message).expect("a good proposal") else {
                panic!("a proposal")
            };
            mls.keep_proposal(*proposal).expect("kept");
        }
        let message = Message::parse(&bytes(&epoch["commit"])).expect("a message");
        let staged = match mls.process(message) {
            Ok(Content::Commit(staged)) => staged,
            Ok(_) => panic!("a commit"),
            Err(_) => return passed,
        };
        mls.merge(*staged).expect("merged");
        assert_eq!(mls.authenticator(), bytes(&epoch["epoch_authenticator"]));
    }
    epochs.len()
}

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn welcomes_of_other_implementations_are_understood() {
    let vectors = vectors(WELCOME);
    assert_eq!(vectors.len(), 8);
    for vector in &vectors {
        run(vector);
    }
}

#[test]
fn commits_of_other_implementations_are_understood() {
    let vectors = vectors(COMMITS);
    let passed: Vec<usize> = vectors.iter().map(run).collect();
    // Four of the vectors commit to a secret of a past epoch (a resumption PSK). Members keep no such secrets, because
    // they refuse PSKs (SEC-013); so they refuse these.
    let refused = passed.iter().filter(|epochs| **epochs == 1).count();
    let whole = passed.iter().filter(|epochs| **epochs == 2).count();
    assert_eq!((vectors.len(), whole, refused), (13, 9, 4));
}

#[test]
fn sixty_random_epochs_of_another_implementation_are_understood() {
    let epochs: usize = vectors(RANDOM).iter().map(run).sum();
    assert_eq!(epochs, 60);
}

#[test]
fn a_welcome_with_any_byte_changed_is_refused() {
    let vector = &vectors(WELCOME)[0];
    let good = bytes(&vector["welcome"]);
    for place in (4..good.len()).step_by(97) {
        let mut bad = vector.clone();
        let mut welcome = good.clone();
        welcome[place] ^= 1;
        bad["welcome"] = welcome.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        assert!(join(&bad).is_err(), "byte {place}");
    }
}
