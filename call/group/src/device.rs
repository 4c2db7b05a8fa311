//! A device key in memory, for clients without WebCrypto: bots, simulations and tests.
//!
//! A browser keeps its key non-extractable in WebCrypto and signs outside; see [`crate::Output::SignWithDevice`].

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use protocol::wire::DeviceKey;

/// A P-256 key that signs.
pub struct SoftDevice(SigningKey);

impl SoftDevice {
    /// Takes 32 random bytes as the private key; `None` in the one case in 2³² that they are no such key.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Option<Self> {
        SigningKey::from_bytes(&seed.into()).ok().map(Self)
    }

    /// The public half, uncompressed.
    #[must_use]
    pub fn key(&self) -> DeviceKey {
        DeviceKey(self.0.verifying_key().to_encoded_point(false).as_bytes().to_vec())
    }

    /// Signs as WebCrypto does: SHA-256, raw r‖s.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(bytes);
        signature.to_vec()
    }
}

/// Whether the device signed these bytes.
pub(crate) fn device_signed(device: &DeviceKey, bytes: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(&device.0);
    let signature = Signature::from_slice(signature);
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(bytes, &signature).is_ok())
}
