//! Keys: one root key outside the database, a data key per organisation wrapped by it, and the signing keys.
//!
//! The root key is made only for a database without data, and every opening checks that it is the same one
//! (SEC-008). From it come, each by its own label: the key that wraps, the value that is checked, nothing else.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use aws_lc_rs::{constant_time, hmac};
use data_encoding::HEXLOWER_PERMISSIVE;
use ids::OrganizationId;
use zeroize::Zeroizing;

use crate::entropy::random;
use crate::error::{KeyError, Result, StoreError};
use crate::key_file::RootKeySource;

/// First byte of everything sealed, so that another cipher can come beside this one.
const SEALED_VERSION: u8 = 1;
/// Bytes of an AES-GCM nonce.
const NONCE_BYTES: usize = 12;

/// The root key: 32 bytes that open everything; `Debug` prints a placeholder.
#[derive(Clone)]
pub struct RootKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹root key›")
    }
}

impl RootKey {
    /// Reads a key from 64 hexadecimal digits (an environment variable, a file).
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| KeyError::Malformed)?;
        let bytes = Zeroizing::new(bytes);
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyError::Malformed)?;
        Ok(Self(Zeroizing::new(key)))
    }

    pub(crate) fn generate() -> Result<Self> {
        Ok(Self(random()?))
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Whether two keys are one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.bytes(), other.bytes()).is_ok()
    }

    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER_PERMISSIVE.encode(self.0.as_slice()))
    }

    /// A key for one use only, told apart by its label.
    fn derive(&self, label: &[u8]) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice()), label)
    }

    /// What is stored to know this key again; it tells nothing about the key.
    pub(crate) fn check_value(&self) -> Vec<u8> {
        self.derive(b"samrom root key check v1").as_ref().to_vec()
    }

    /// Refuses a key that the database was not made with.
    pub(crate) fn check(&self, stored: &[u8]) -> Result<(), KeyError> {
        constant_time::verify_slices_are_equal(&self.check_value(), stored).map_err(|_| KeyError::Wrong)
    }

    /// The key that wraps other keys.
    pub(crate) fn wrapping(&self) -> Result<SealingKey> {
        SealingKey::new(self.derive(b"samrom root key wrap v1").as_ref())
    }
}

/// A key that seals and opens; cheap to clone.
#[derive(Clone)]
pub(crate) struct SealingKey(Arc<RandomizedNonceKey>);

impl SealingKey {
    pub(crate) fn new(bytes: &[u8]) -> Result<Self> {
        Ok(Self(Arc::new(RandomizedNonceKey::new(&AES_256_GCM, bytes)?)))
    }

    /// Seals: version, nonce, then ciphertext with tag.
    pub(crate) fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut buffer = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(context), &mut buffer)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + buffer.len());
        sealed.push(SEALED_VERSION);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut buffer);
        Ok(sealed)
    }

    /// Opens what [`SealingKey::seal`] made for the same context; `None` for anything else.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (version, rest) = sealed.split_first()?;
        if *version != SEALED_VERSION {
            return None;
        }
        let (nonce, body) = rest.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = Zeroizing::new(body.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(context), buffer.as_mut_slice()).ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}

/// Keys of organisations made in a transaction that has not committed; they must not outlive a rollback.
pub(crate) struct FreshKeys(Vec<(OrganizationId, SealingKey)>);

impl FreshKeys {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn insert(&mut self, organization: OrganizationId, key: SealingKey) {
        self.0.push((organization, key));
    }

    pub(crate) fn find(&self, organization: OrganizationId) -> Option<SealingKey> {
        self.0.iter().find(|(id, _)| *id == organization).map(|(_, key)| key.clone())
    }
}

/// The key that wraps other keys, and the check value of the root key that it comes from.
#[derive(Clone)]
struct Wrapping {
    check: Vec<u8>,
    key: SealingKey,
}

impl Wrapping {
    fn of(root: &RootKey) -> Result<Self> {
        Ok(Self { check: root.check_value(), key: root.wrapping()? })
    }
}

/// The keys of an open database.
pub(crate) struct Keyring {
    pub(crate) source: RootKeySource,
    wrapping: Mutex<Wrapping>,
    pub(crate) audit: SigningKey,
    data: Mutex<HashMap<OrganizationId, SealingKey>>,
}

impl Keyring {
    pub(crate) fn new(source: RootKeySource, root: &RootKey, audit: SigningKey) -> Result<Self> {
        let wrapping = Mutex::new(Wrapping::of(root)?);
        Ok(Self { source, wrapping, audit, data: Mutex::new(HashMap::new()) })
    }

    /// The key that wraps other keys, for the root key that the database names now: another program may have exchanged
    /// it since it was opened (SEC-053).
    pub(crate) fn wrapping(&self, check: &[u8]) -> Result<SealingKey> {
        let mut held = self.wrapping.lock().unwrap_or_else(PoisonError::into_inner);
        if held.check != check {
            *held = Wrapping::of(&self.source.fitting(check)?)?;
        }
        Ok(held.key.clone())
    }

    pub(crate) fn cached(&self, organization: OrganizationId) -> Option<SealingKey> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).get(&organization).cloned()
    }

    pub(crate) fn cache(&self, organization: OrganizationId, key: SealingKey) {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).insert(organization, key);
    }
}

/// An Ed25519 key that signs; cheap to clone, and its secret half cannot be read out.
#[derive(Clone)]
pub struct SigningKey(Arc<Ed25519KeyPair>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹signing key›")
    }
}

impl SigningKey {
    pub(crate) fn from_seed(seed: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| StoreError::Cryptography)?;
        Ok(Self(Arc::new(pair)))
    }

    /// Signs a label and a message, one after the other.
    #[must_use]
    pub fn sign(&self, label: &[u8], message: &[u8]) -> [u8; 64] {
        let signature = self.0.sign(&[label, message].concat());
        signature.as_ref().try_into().expect("an Ed25519 signature has 64 bytes (RFC 8032 §5.1.6)")
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        let public = self.0.public_key().as_ref();
        public.try_into().expect("an Ed25519 public key has 32 bytes (RFC 8032 §5.1.5)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealingKey {
        SealingKey::new(&[byte; 32]).expect("32 bytes are an AES-256 key")
    }

    #[test]
    fn sealed_text_opens_only_with_its_key_and_its_place() {
        let sealed = key(1).seal(b"here", b"text").expect("sealing works");
        assert_eq!(key(1).open(b"here", &sealed).as_deref().map(Vec::as_slice), Some(b"text".as_slice()));
        assert!(key(1).open(b"there", &sealed).is_none());
        assert!(key(2).open(b"here", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(key(1).open(b"here", &bent).is_none(), "byte {at} is not protected");
            assert!(key(1).open(b"here", &sealed[..at]).is_none());
        }
    }

    /// Storage formats: worked out apart from this code (Python's cryptography, Node's crypto); never to change.
    #[test]
    fn the_sealed_format_and_the_key_check_are_frozen() {
        let hex = |text: &str| HEXLOWER_PERMISSIVE.decode(text.as_bytes()).expect("hexadecimal");
        let sealed = hex("01070707070707070707070707f99692d084b896b8f7475109cfe3ea8dd6f3b468");
        assert_eq!(key(1).open(b"here", &sealed).as_deref().map(Vec::as_slice), Some(b"text".as_slice()));
        let root = RootKey::from_hex(&"5a".repeat(32)).expect("a key");
        let check = "887c98d9ecd15128687c4d4982159ef194abc14035549d9cef8d909dd817b3ee";
        assert_eq!(root.check_value(), hex(check));
    }

    #[test]
    fn a_root_key_is_known_again_and_another_is_refused() {
        let key = RootKey::generate().expect("the system has randomness");
        assert!(key.check(&key.check_value()).is_ok());
        let again = RootKey::from_hex(&key.to_hex()).expect("hex of a key");
        assert!(again.check(&key.check_value()).is_ok());
        let other = RootKey::generate().expect("the system has randomness");
        assert!(matches!(other.check(&key.check_value()), Err(KeyError::Wrong)));
        assert!(matches!(RootKey::from_hex("abc"), Err(KeyError::Malformed)));
        assert_eq!(format!("{key:?}"), "‹root key›");
    }
}
