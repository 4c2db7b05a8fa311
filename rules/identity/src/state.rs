//! What is kept between the beginning of a ceremony and its end, and for good: bytes that only this crate reads.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::IdentityError;

/// What an answer is checked against: to be kept on the server, sealed, and taken for one answer only. Never to be
/// given to a browser, which could answer it again and again (SEC-042).
#[derive(Clone)]
pub struct State(Zeroizing<Vec<u8>>);

/// A passkey's public half as it is kept; to be put in the place of the old one after each sign-in.
#[derive(Clone)]
pub struct Credential(Zeroizing<Vec<u8>>);

macro_rules! kept {
    ($name:ident, $shown:literal) => {
        impl $name {
            /// Takes bytes that [`Self::into_bytes`] gave.
            #[must_use]
            pub const fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
                Self(bytes)
            }

            /// The bytes to keep, sealed.
            #[must_use]
            pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
                self.0
            }

            pub(crate) fn write<T: Serialize>(value: &T) -> Result<Self, IdentityError> {
                let bytes = serde_json::to_vec(value).map_err(|_| IdentityError::Damaged)?;
                Ok(Self(Zeroizing::new(bytes)))
            }

            pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, IdentityError> {
                serde_json::from_slice(&self.0).map_err(|_| IdentityError::Damaged)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str($shown)
            }
        }
    };
}

kept!(State, "‹state›");
kept!(Credential, "‹credential›");
