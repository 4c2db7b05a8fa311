//! What an MLS leaf says about its holder, and the checks that make it worth something (SEC-015).
//!
//! The organisation's signature proves what the server says; the device's signature proves which device made this
//! leaf's MLS key. Every leaf is checked on every Add, every commit path and in every tree that we join.

use ids::{NAME_CHARS_MAX, ParticipantId, Personal, Role, SessionId, Timestamp};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::types::SignatureScheme;
use protocol::group::{
    ATTESTATION_LABEL, Attestation, CredentialIdentity, DEVICE_LABEL, PersonTag, SignedAttestation,
};
use protocol::wire::DeviceKey;

use crate::device::device_signed;

/// Bytes of an identity; more is nobody's.
pub(crate) const IDENTITY_BYTES_MAX: usize = 2048;

/// What credentials are checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The session.
    pub session: SessionId,
    /// The organisation's Ed25519 key.
    pub organization_key: [u8; 32],
}

/// A credential whose every signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The seat.
    pub participant: ParticipantId,
    /// Who sits there, in every session the same.
    pub person: PersonTag,
    /// The role.
    pub role: Role,
    /// The name.
    pub name: Personal<String>,
    /// The device.
    pub device: DeviceKey,
}

/// Why a credential is not believed; the one who presents it is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Not a credential of ours.
    #[error("malformed credential")]
    Malformed,
    /// The organisation did not sign it.
    #[error("not attested by the organisation")]
    NotAttested,
    /// It is for another session.
    #[error("for another session")]
    OtherSession,
    /// It is not good any more.
    #[error("expired")]
    Expired,
    /// The device did not certify the MLS key.
    #[error("not certified by the device")]
    NotCertified,
}

/// Checks the attestation alone, as it comes from the server, but for its time.
pub(crate) fn verify_attestation(
    signed: &SignedAttestation,
    trust: &Trust,
) -> Result<Attestation, CredentialError> {
    let message = [ATTESTATION_LABEL, &signed.statement].concat();
    RustCrypto::default()
        .verify_signature(SignatureScheme::ED25519, &message, &trust.organization_key, &signed.signature)
        .map_err(|_| CredentialError::NotAttested)?;
    let attestation: Attestation =
        protocol::unpack(&signed.statement).map_err(|_| CredentialError::Malformed)?;
    if attestation.name.reveal().chars().count() > NAME_CHARS_MAX {
        return Err(CredentialError::Malformed);
    }
    if attestation.session != trust.session {
        return Err(CredentialError::OtherSession);
    }
    Ok(attestation)
}

/// Checks a leaf's identity against its MLS signature key; `now` is the server's time.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn verify(
    identity: &[u8],
    mls_key: &[u8],
    trust: &Trust,
    now: Timestamp,
) -> Result<Verified, CredentialError> {
    if identity.len() > IDENTITY_BYTES_MAX {
        return Err(CredentialError::Malformed);
    }
    let identity: CredentialIdentity = protocol::unpack(identity).map_err(|_| CredentialError::Malformed)?;
    let attestation = verify_attestation(&identity.attestation, trust)?;
    if attestation.expires <= now {
        return Err(CredentialError::Expired);
    }
    let certified = to_be_certified(trust.session, mls_key, &identity.attestation);
    if !device_signed(&attestation.device, &certified, &identity.device_signature) {
        return Err(CredentialError::NotCertified);
    }
    let Attestation { participant, person, role, name, device, .. } = attestation;
    Ok(Verified { participant, person, role, name, device })
}

/// What the device signs to certify a join's MLS key.
pub(crate) fn to_be_certified(
    session: SessionId,
    mls_key: &[u8],
    attestation: &SignedAttestation,
) -> Vec<u8> {
    [DEVICE_LABEL, session.as_bytes(), mls_key, &attestation.statement].concat()
}
