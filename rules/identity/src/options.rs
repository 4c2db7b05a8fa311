//! What a page hands to its browser: the options of the two ceremonies in the shape of WebAuthn's own JSON
//! (§5.1.8 and §5.1.9 of level 3), bytes as base64url without padding.

use serde::{Deserialize, Serialize};

/// Options of `navigator.credentials.create()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    rp: Party,
    user: User,
    challenge: String,
    pub_key_cred_params: Vec<Algorithm>,
    timeout: u32,
    #[serde(default)]
    exclude_credentials: Vec<Descriptor>,
    pub(crate) authenticator_selection: Selection,
    attestation: String,
    pub(crate) extensions: Extensions,
}

/// Options of `navigator.credentials.get()`. No credential is named: the browser offers what it has for this site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    challenge: String,
    timeout: u32,
    rp_id: String,
    allow_credentials: Vec<Descriptor>,
    user_verification: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Party {
    id: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    name: String,
    display_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Algorithm {
    #[serde(rename = "type")]
    kind: String,
    alg: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Descriptor {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

/// Which authenticators will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Selection {
    pub(crate) resident_key: String,
    pub(crate) require_resident_key: bool,
    pub(crate) user_verification: String,
}

/// What is asked beside: whether the key is discoverable, and that it never answers without the person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
    #[serde(skip_serializing_if = "Option::is_none")]
    cred_props: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_protection_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enforce_credential_protection_policy: Option<bool>,
}
