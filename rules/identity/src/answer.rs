//! What a browser sends back. Foreign bytes: bounded, every field checked before anything else sees it (SEC-023).

use data_encoding::BASE64URL_NOPAD;
use ids::PersonId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::IdentityError;

/// Bytes in an answer; the largest that authenticators give is a few thousand.
pub const ANSWER_BYTES_MAX: usize = 12 * 1024;
/// Bytes in a credential's id (WebAuthn level 3, §4: at most 1023).
const ID_BYTES_MAX: usize = 1_023;

/// An answer to a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrationAnswer {
    id: String,
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: Attestation,
    client_extension_results: Results,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "attestationObject")]
    attestation_object: String,
}

/// Of the extensions' results only that the key is discoverable is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Results {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cred_props: Option<CredProps>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredProps {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rk: Option<bool>,
}

/// An answer to a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignInAnswer {
    id: String,
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: Assertion,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Assertion {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: String,
}

impl RegistrationAnswer {
    /// Reads what the page's script sends as JSON.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`].
    pub fn read(bytes: &[u8]) -> Result<Self, IdentityError> {
        let answer: Self = read(bytes)?;
        check_id(&answer.id, &answer.raw_id, &answer.kind)?;
        for field in [&answer.response.client_data, &answer.response.attestation_object] {
            decode(field)?;
        }
        Ok(answer)
    }

    /// Whether the browser says that the key is *not* discoverable; those that say nothing are believed.
    pub(crate) fn says_not_discoverable(&self) -> bool {
        self.client_extension_results.cred_props.as_ref().is_some_and(|props| props.rk == Some(false))
    }
}

impl SignInAnswer {
    /// Reads what the page's script sends as JSON.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`].
    pub fn read(bytes: &[u8]) -> Result<Self, IdentityError> {
        let answer: Self = read(bytes)?;
        check_id(&answer.id, &answer.raw_id, &answer.kind)?;
        let Assertion { client_data, authenticator_data, signature, user_handle } = &answer.response;
        for field in [client_data, authenticator_data, signature, user_handle] {
            decode(field)?;
        }
        Ok(answer)
    }

    /// SHA-256 of the credential's id, to find the passkey by.
    #[must_use]
    pub fn credential_hash(&self) -> [u8; 32] {
        // It was decoded when it was read; nothing else makes an answer.
        hash_of(&decode(&self.raw_id).unwrap_or_default())
    }

    /// Whose key the authenticator says it is; believed only when the passkey's record says the same.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        let handle = decode(&self.response.user_handle).ok()?;
        Some(PersonId::from_bytes(handle.try_into().ok()?))
    }
}

/// The hash by which a credential is found.
pub(crate) fn hash_of(credential_id: &[u8]) -> [u8; 32] {
    Sha256::digest(credential_id).into()
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, IdentityError> {
    if bytes.len() > ANSWER_BYTES_MAX {
        return Err(IdentityError::Malformed);
    }
    serde_json::from_slice(bytes).map_err(|_| IdentityError::Malformed)
}

fn decode(text: &str) -> Result<Vec<u8>, IdentityError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| IdentityError::Malformed)
}

fn check_id(id: &str, raw_id: &str, kind: &str) -> Result<(), IdentityError> {
    let length = decode(raw_id)?.len();
    let good = kind == "public-key" && id == raw_id && (1..=ID_BYTES_MAX).contains(&length);
    if good { Ok(()) } else { Err(IdentityError::Malformed) }
}
