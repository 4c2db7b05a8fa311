//! Secrets that open a door for whoever holds them: made by the system's generator, stored as hashes only.

use core::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::entropy::random;
use crate::error::Result;

/// Bytes of randomness in a token (192 bits; 32 characters in an address).
const TOKEN_BYTES: usize = 24;
/// Characters that a token from outside may have.
const TOKEN_CHARS_MAX: usize = 64;

/// A secret in a personal link, a demo link or a cookie; `Debug` prints a placeholder (SEC-021).
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Makes a new one from the system's generator (SEC-029).
    pub(crate) fn generate() -> Result<Self> {
        let bytes = random::<TOKEN_BYTES>()?;
        Ok(Self(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice()))))
    }

    /// Takes what came from an address or a cookie; `None` when it cannot be one of ours.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let well_formed = !text.is_empty() && text.len() <= TOKEN_CHARS_MAX && text.bytes().all(ours);
        well_formed.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for an address or a cookie; never for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the text: all that is stored (SEC-009).
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹token›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_prints_redacted_and_never_comes_twice() {
        let token = Token::generate().expect("the system has randomness");
        assert_eq!(Token::from_text(token.reveal()), Some(token.clone()));
        assert_eq!(token.reveal().len(), 32);
        assert_eq!(format!("{token:?}"), "‹token›");
        assert_ne!(token.hash(), Token::generate().expect("the system has randomness").hash(), "SEC-029");
    }

    #[test]
    fn rubbish_is_not_a_token() {
        for text in ["", "a b", "æ", "../x", &"a".repeat(65)] {
            assert_eq!(Token::from_text(text), None);
        }
    }
}
