//! The relying party: begins and ends ceremonies for one address.

use core::time::Duration;

use ids::{PersonId, Personal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Host, Url};
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::IdentityError;
use crate::answer::{RegistrationAnswer, SignInAnswer, hash_of};
use crate::options::{CreationOptions, RequestOptions};
use crate::state::{Credential, State};

/// How long a browser lets a person look for a key.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// What devices call us.
const NAME: &str = "Samrom";

/// One address that people sign in at.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    webauthn: Webauthn,
    id: String,
}

/// A passkey that was made.
#[derive(Debug, Clone)]
pub struct Registration {
    /// SHA-256 of the credential's id, to find the passkey by.
    pub credential_hash: [u8; 32],
    /// What answers are checked against.
    pub credential: Credential,
}

/// An answer that holds.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// What the next answer is checked against.
    pub credential: Credential,
    /// The authenticator's counter; zero when it has none.
    pub counter: u32,
}

impl RelyingParty {
    /// The relying party of an address such as `https://rom.example.no` or `http://localhost:8000`: its id is the
    /// host name, its origin the whole address.
    ///
    /// # Errors
    /// [`IdentityError::Address`] when browsers make no passkeys for it.
    pub fn new(address: &str) -> Result<Self, IdentityError> {
        let origin = Url::parse(address).map_err(|_| IdentityError::Address)?;
        let Some(Host::Domain(id)) = origin.host() else { return Err(IdentityError::Address) };
        let at_home = id == "localhost" || id.ends_with(".localhost");
        if origin.scheme() != "https" && !(origin.scheme() == "http" && at_home) {
            return Err(IdentityError::Address);
        }
        let builder = WebauthnBuilder::new(id, &origin).map_err(|_| IdentityError::Address)?;
        let webauthn = builder.rp_name(NAME).timeout(TIMEOUT).build().map_err(|_| IdentityError::Address)?;
        Ok(Self { webauthn, id: id.to_owned() })
    }

    /// The host name that passkeys are bound to.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Asks for a new passkey for a person. `shown` is what the device's own list says beside our name: initials,
    /// because such lists are copied to the makers of browsers. `existing` are that person's credentials that the
    /// device must not hold already.
    ///
    /// # Errors
    /// [`IdentityError::Damaged`] when a credential cannot be read.
    pub fn begin_registration(
        &self,
        person: PersonId,
        shown: &Personal<String>,
        existing: &[Credential],
    ) -> Result<(CreationOptions, State), IdentityError> {
        let existing = existing.iter().map(|known| Ok(known.read::<Passkey>()?.cred_id().clone()));
        let existing = existing.collect::<Result<Vec<CredentialID>, IdentityError>>()?;
        let shown = Some(shown.reveal().as_str()).filter(|shown| !shown.is_empty()).unwrap_or(NAME);
        let begun = self.webauthn.start_passkey_registration(person.uuid(), shown, shown, Some(existing));
        let (challenge, state) = begun.map_err(|_| IdentityError::Damaged)?;
        let mut options: CreationOptions = part(&challenge)?;
        // webauthn-rs leaves it to the device whether a passkey can be found without a name; one button needs it.
        options.authenticator_selection.resident_key = "required".to_owned();
        options.authenticator_selection.require_resident_key = true;
        Ok((options, State::write(&state)?))
    }

    /// Checks the answer to [`RelyingParty::begin_registration`].
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn finish_registration(
        &self,
        answer: &RegistrationAnswer,
        state: &State,
    ) -> Result<Registration, IdentityError> {
        if answer.says_not_discoverable() {
            return Err(IdentityError::NotDiscoverable);
        }
        let state: PasskeyRegistration = state.read()?;
        let answer: RegisterPublicKeyCredential = theirs(answer)?;
        let passkey =
            self.webauthn.finish_passkey_registration(&answer, &state).map_err(|error| why(&error))?;
        let credential = Credential::write(&passkey)?;
        Ok(Registration { credential_hash: hash_of(passkey.cred_id()), credential })
    }

    /// Asks whoever is there to sign in by any passkey for this site.
    ///
    /// # Errors
    /// [`IdentityError::Damaged`]; it does not happen.
    pub fn begin_sign_in(&self) -> Result<(RequestOptions, State), IdentityError> {
        let begun = self.webauthn.start_discoverable_authentication();
        let (challenge, state) = begun.map_err(|_| IdentityError::Damaged)?;
        Ok((part(&challenge)?, State::write(&state)?))
    }

    /// Checks the answer to [`RelyingParty::begin_sign_in`] against the passkey that it names and whose that is.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn finish_sign_in(
        &self,
        answer: &SignInAnswer,
        state: &State,
        person: PersonId,
        credential: &Credential,
    ) -> Result<SignIn, IdentityError> {
        if answer.person() != Some(person) {
            return Err(IdentityError::Wrong);
        }
        let state: DiscoverableAuthentication = state.read()?;
        let mut passkey: Passkey = credential.read()?;
        let answer: PublicKeyCredential = theirs(answer)?;
        let held = self.webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey);
        let held = held.map_err(|error| why(&error))?;
        if !held.user_verified() {
            return Err(IdentityError::NotVerified);
        }
        passkey.update_credential(&held).ok_or(IdentityError::Wrong)?;
        Ok(SignIn { credential: Credential::write(&passkey)?, counter: held.counter() })
    }
}

/// Our options out of theirs, by the JSON that both write.
fn part<T: DeserializeOwned>(challenge: &impl Serialize) -> Result<T, IdentityError> {
    let mut whole = serde_json::to_value(challenge).map_err(|_| IdentityError::Damaged)?;
    let options = whole.get_mut("publicKey").map(serde_json::Value::take).unwrap_or_default();
    serde_json::from_value(options).map_err(|_| IdentityError::Damaged)
}

/// Their answer out of ours, by the JSON that both read.
fn theirs<T: DeserializeOwned>(answer: &impl Serialize) -> Result<T, IdentityError> {
    let whole = serde_json::to_value(answer).map_err(|_| IdentityError::Malformed)?;
    serde_json::from_value(whole).map_err(|_| IdentityError::Malformed)
}

/// The few reasons that make a difference to what a page says or the log holds.
fn why(error: &WebauthnError) -> IdentityError {
    match error {
        WebauthnError::UserNotVerified => IdentityError::NotVerified,
        WebauthnError::CredentialPossibleCompromise => IdentityError::CounterWentBack,
        _ => IdentityError::Wrong,
    }
}

/// Reads foreign bytes as both kinds of answer and checks them against ceremonies that nobody answered.
pub fn fuzz_answers(data: &[u8]) {
    let Ok(party) = RelyingParty::new("https://rom.example.no") else { return };
    let person = PersonId::from_bytes([7; 16]);
    if let Ok(answer) = RegistrationAnswer::read(data)
        && let Ok((_, state)) = party.begin_registration(person, &Personal::new("K".to_owned()), &[])
    {
        let made = party.finish_registration(&answer, &state);
        assert!(made.is_err(), "nobody knew the challenge");
    }
    if let Ok(answer) = SignInAnswer::read(data) {
        let _ = answer.credential_hash();
        assert!(data.len() <= crate::ANSWER_BYTES_MAX, "an answer that is too long was read");
    }
}
