//! SEC-040, SEC-042, SEC-043, SEC-044: an answer holds for its own site, question, person and key, and for nothing else.

use identity::{
    Credential, IdentityError, Registration, RegistrationAnswer, RelyingParty, SignIn, SignInAnswer, State,
};
use ids::{PersonId, Personal};
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, VERIFIED};

const ORIGIN: &str = "https://rom.example.no";
const KARI: PersonId = PersonId::from_bytes([0x4b; 16]);
const NORA: PersonId = PersonId::from_bytes([0x4e; 16]);

fn party() -> RelyingParty {
    RelyingParty::new(ORIGIN).expect("a good address")
}

fn device() -> Authenticator {
    Authenticator::new(ORIGIN, "rom.example.no")
}

fn begin(existing: &[Credential]) -> (Value, State) {
    let shown = Personal::new("KP".to_owned());
    let (options, state) = party().begin_registration(KARI, &shown, existing).expect("it begins");
    (serde_json::to_value(options).expect("JSON"), state)
}

fn finish(answer: &Value, state: &State) -> Result<Registration, IdentityError> {
    party().finish_registration(&RegistrationAnswer::read(answer.to_string().as_bytes())?, state)
}

fn registered() -> (Authenticator, Credential) {
    let mut device = device();
    let (options, state) = begin(&[]);
    let made = finish(&device.create(&options), &state).expect("it holds");
    (device, made.credential)
}

fn ask() -> (Value, State) {
    let (options, state) = party().begin_sign_in().expect("it begins");
    (serde_json::to_value(options).expect("JSON"), state)
}

fn check(answer: &Value, state: &State, credential: &Credential) -> Result<SignIn, IdentityError> {
    let answer = SignInAnswer::read(answer.to_string().as_bytes())?;
    party().finish_sign_in(&answer, state, KARI, credential)
}

#[test]
fn a_passkey_is_made_and_signs_in() {
    let mut device = device();
    let (options, state) = begin(&[]);
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["requireResidentKey"], true);
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required", "SEC-040");
    assert_eq!(options["rp"], json!({ "id": "rom.example.no", "name": "Samrom" }));
    assert_eq!(options["user"]["displayName"], "KP", "initials only");
    assert_eq!(options["attestation"], "none");
    let made = finish(&device.create(&options), &state).expect("it holds");

    let (options, state) = ask();
    assert_eq!(options["userVerification"], "required", "SEC-040");
    assert_eq!(options["allowCredentials"], json!([]), "the browser offers what it has");
    let answer = device.get(&options);
    let read = SignInAnswer::read(answer.to_string().as_bytes()).expect("it is read");
    assert_eq!(read.credential_hash(), made.credential_hash);
    assert_eq!(read.person(), Some(KARI));
    assert_eq!(check(&answer, &state, &made.credential).expect("it holds").counter, 0);
}

#[test]
fn what_is_kept_survives_being_written_down() {
    let (mut device, credential) = registered();
    let credential = Credential::from_bytes(credential.into_bytes());
    let (options, state) = ask();
    let state = State::from_bytes(state.into_bytes());
    assert!(check(&device.get(&options), &state, &credential).is_ok());
    assert_eq!(format!("{state:?}{credential:?}"), "‹state›‹credential›", "SEC-021");
}

#[test]
fn a_device_that_holds_a_passkey_is_asked_for_no_second_one() {
    let (device, credential) = registered();
    let (options, _) = begin(&[credential]);
    assert_eq!(options["excludeCredentials"][0]["id"], crate::authenticator::text(&device.id));
}

#[test]
fn an_answer_for_another_site_does_not_hold() {
    for (origin, rp_id) in [
        ("https://rom.example.no.evil.example", "rom.example.no"),
        ("http://rom.example.no", "rom.example.no"),
        ("https://rom.example.no:444", "rom.example.no"),
        ("https://other.rom.example.no", "rom.example.no"),
        (ORIGIN, "example.no"),
        (ORIGIN, "evil.example"),
    ] {
        let mut stranger = Authenticator::new(origin, rp_id);
        let (options, state) = begin(&[]);
        let made = finish(&stranger.create(&options), &state);
        assert_eq!(made.unwrap_err(), IdentityError::Wrong, "{origin} {rp_id}");

        let (mut device, credential) = registered();
        (device.origin, device.rp_id) = (origin.to_owned(), rp_id.to_owned());
        let (options, state) = ask();
        let held = check(&device.get(&options), &state, &credential);
        assert_eq!(held.unwrap_err(), IdentityError::Wrong, "{origin} {rp_id}");
    }
}

#[test]
fn an_answer_to_another_question_does_not_hold() {
    let (mut device, credential) = registered();
    let (first, _) = ask();
    let (_, second) = ask();
    let replayed = device.get(&first);
    assert_eq!(check(&replayed, &second, &credential).unwrap_err(), IdentityError::Wrong, "SEC-042");
    let (first, _) = begin(&[]);
    let (_, second) = begin(&[]);
    assert_eq!(finish(&device.create(&first), &second).unwrap_err(), IdentityError::Wrong, "SEC-042");
}

#[test]
fn a_question_is_never_asked_twice() {
    let challenges: Vec<Value> = (0..20).map(|_| ask().0["challenge"].clone()).collect();
    for (number, challenge) in challenges.iter().enumerate() {
        assert!(challenge.as_str().is_some_and(|text| text.len() >= 43), "256 bits: {challenge}");
        assert!(!challenges[..number].contains(challenge));
    }
}

#[test]
fn a_device_that_did_not_ask_the_person_is_refused() {
    let mut device = device();
    device.flags = 0;
    let (options, state) = begin(&[]);
    assert_eq!(finish(&device.create(&options), &state).unwrap_err(), IdentityError::NotVerified, "SEC-040");
    device.flags = VERIFIED;
    let (options, state) = begin(&[]);
    let credential = finish(&device.create(&options), &state).expect("it holds").credential;
    device.flags = 0;
    let (options, state) = ask();
    let held = check(&device.get(&options), &state, &credential);
    assert_eq!(held.unwrap_err(), IdentityError::NotVerified, "SEC-040");
}

#[test]
fn a_counter_that_goes_back_or_stands_still_is_refused() {
    let (mut device, mut credential) = registered();
    for counter in [3, 4, 9] {
        device.counter = counter;
        let (options, state) = ask();
        let held = check(&device.get(&options), &state, &credential).expect("it holds");
        assert_eq!(held.counter, counter);
        credential = held.credential;
    }
    for counter in [9, 8, 0] {
        device.counter = counter;
        let (options, state) = ask();
        let held = check(&device.get(&options), &state, &credential);
        assert_eq!(held.unwrap_err(), IdentityError::CounterWentBack, "SEC-044: {counter}");
    }
}

#[test]
fn another_key_or_another_person_does_not_hold() {
    let (mut device, credential) = registered();
    let (mut other, _) = registered();
    let (options, state) = ask();
    assert_eq!(check(&other.get(&options), &state, &credential).unwrap_err(), IdentityError::Wrong);
    other.id.clone_from(&device.id);
    assert_eq!(check(&other.get(&options), &state, &credential).unwrap_err(), IdentityError::Wrong);
    let answer = SignInAnswer::read(device.get(&options).to_string().as_bytes()).expect("read");
    let held = party().finish_sign_in(&answer, &state, NORA, &credential);
    assert_eq!(held.unwrap_err(), IdentityError::Wrong, "the handle names Kari");
    device.handle = crate::authenticator::text(NORA.as_bytes());
    assert_eq!(check(&device.get(&options), &state, &credential).unwrap_err(), IdentityError::Wrong);
}

#[test]
fn an_answer_of_the_other_kind_does_not_hold() {
    let (mut device, credential) = registered();
    let (options, state) = ask();
    let mut answer = device.get(&options);
    let made = device.create(&json!({ "challenge": options["challenge"], "user": { "id": device.handle } }));
    answer["response"]["clientDataJSON"] = made["response"]["clientDataJSON"].clone();
    assert_eq!(check(&answer, &state, &credential).unwrap_err(), IdentityError::Wrong);
}

#[test]
fn a_key_that_could_not_be_found_again_is_not_taken() {
    let mut device = device();
    let (options, state) = begin(&[]);
    let mut answer = device.create(&options);
    answer["clientExtensionResults"]["credProps"]["rk"] = json!(false);
    assert_eq!(finish(&answer, &state).unwrap_err(), IdentityError::NotDiscoverable);
    answer["clientExtensionResults"] = json!({});
    assert!(finish(&answer, &state).is_ok(), "browsers that say nothing are believed");
}

#[test]
fn addresses_without_passkeys_are_told_apart() {
    for good in ["http://localhost:8000", "https://rom.example.no", "https://rom.example.no:8443"] {
        assert!(RelyingParty::new(good).is_ok(), "{good}");
    }
    assert_eq!(RelyingParty::new("https://rom.example.no:8443").expect("good").id(), "rom.example.no");
    for bad in
        ["http://rom.example.no", "https://192.0.2.7", "https://[2001:db8::1]", "ftp://localhost", "rom", ""]
    {
        assert_eq!(RelyingParty::new(bad).unwrap_err(), IdentityError::Address, "{bad}");
    }
}
