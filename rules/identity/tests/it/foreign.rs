//! SEC-023: foreign bytes are refused, never believed, and nothing panics.

use identity::{ANSWER_BYTES_MAX, IdentityError, RegistrationAnswer, RelyingParty, SignInAnswer};
use ids::{PersonId, Personal};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;

fn good() -> [Vec<u8>; 2] {
    let party = RelyingParty::new("https://rom.example.no").expect("a good address");
    let (options, _) = party
        .begin_registration(PersonId::from_bytes([7; 16]), &Personal::new("K".to_owned()), &[])
        .expect("it begins");
    let mut device = Authenticator::new("https://rom.example.no", "rom.example.no");
    let made = device.create(&serde_json::to_value(options).expect("JSON"));
    let (options, _) = party.begin_sign_in().expect("it begins");
    let found = device.get(&serde_json::to_value(options).expect("JSON"));
    [made, found].map(|answer| answer.to_string().into_bytes())
}

#[test]
fn what_is_too_long_or_of_another_shape_is_no_answer() {
    let [made, found] = good();
    let altered = |change: fn(&mut Value)| {
        [&made, &found].map(|bytes| {
            let mut value: Value = serde_json::from_slice(bytes).expect("JSON");
            change(&mut value);
            value.to_string().into_bytes()
        })
    };
    let changes: [fn(&mut Value); 7] = [
        |value| value["type"] = json!("password"),
        |value| value["rawId"] = json!("AAAA"),
        |value| (value["rawId"], value["id"]) = (json!(""), json!("")),
        |value| (value["rawId"], value["id"]) = (json!("AA=="), json!("AA==")),
        |value| value["response"]["clientDataJSON"] = json!("not base64url!"),
        |value| value["more"] = json!(1),
        |value| {
            let long = "A".repeat(ANSWER_BYTES_MAX);
            value["response"]["clientDataJSON"] = json!(long);
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let [made, found] = altered(change);
        assert_eq!(RegistrationAnswer::read(&made).unwrap_err(), IdentityError::Malformed, "{number}");
        assert_eq!(SignInAnswer::read(&found).unwrap_err(), IdentityError::Malformed, "{number}");
    }
    let [made, found] = altered(|_| ());
    assert!(RegistrationAnswer::read(&made).is_ok() && SignInAnswer::read(&found).is_ok());
}

fn rubbish() -> impl Strategy<Value = Vec<u8>> {
    let [made, found] = good();
    let spoilt =
        (prop::sample::select(vec![made, found]), prop::collection::vec((any::<u16>(), any::<u8>()), 0..6))
            .prop_map(|(mut bytes, changes)| {
                for (place, change) in changes {
                    let length = bytes.len();
                    bytes[usize::from(place) % length] ^= change;
                }
                bytes
            });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), spoilt]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn foreign_bytes_are_refused(data in rubbish()) {
        identity::fuzz::fuzz_answers(&data);
    }
}
