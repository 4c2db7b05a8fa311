//! The messages between page, bot, workers and server: types only, no rules and no I/O.
//!
//! Three conversations are written here, each in a module of its own:
//! [`wire`] between a client and the server, over one WebSocket; [`group`] between a page and its MLS worker;
//! [`frame`] between those two and the worker that seals media. All are postcard, and the first two bytes of a
//! WebSocket message are [`VERSION`]; the tests freeze their bytes.

pub mod content;
mod fixed;
pub mod frame;
pub mod group;
pub mod media;
pub mod wire;

use serde::{Serialize, de::DeserializeOwned};

/// The version of the WebSocket messages; a page of another version is told to reload.
pub const VERSION: u16 = 3;

/// Bytes could not be turned into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than [`ids::MESSAGE_BYTES_MAX`].
    #[error("message too long")]
    TooLong,
    /// Another version of the protocol.
    #[error("another protocol version")]
    Version(u16),
    /// Not a message, or with bytes left over.
    #[error("malformed message")]
    Malformed,
}

/// A message for the WebSocket: two bytes of version, then postcard.
///
/// # Panics
/// Never: the messages hold only types that postcard can write, into a growing buffer.
#[must_use]
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = VERSION.to_be_bytes().to_vec();
    bytes.extend(pack(message));
    bytes
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// Foreign bytes are refused with the reason; nothing is read past the limit.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > ids::MESSAGE_BYTES_MAX {
        return Err(DecodeError::TooLong);
    }
    let (version, body) = bytes.split_first_chunk::<2>().ok_or(DecodeError::Malformed)?;
    match u16::from_be_bytes(*version) {
        VERSION => unpack(body),
        other => Err(DecodeError::Version(other)),
    }
}

/// A message between page and workers, which are always of one build: postcard alone.
///
/// # Panics
/// Never, for the reason given at [`encode`].
#[must_use]
pub fn pack<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_allocvec(message).expect("plain data into a growing buffer cannot fail")
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// [`DecodeError::Malformed`] when the bytes are not exactly one message.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(DecodeError::Malformed),
    }
}
