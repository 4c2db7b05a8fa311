//! Seals and opens media frames with SFrame (RFC 9605), so that the forwarder passes on what it cannot read.
//!
//! [`Sealer`] is the whole room: keys come in from the MLS member of the same client, frames go through
//! [`Sealer::seal`] and [`Sealer::open`]. It has no clock, no socket and no randomness. It fails closed (SEC-018):
//! whatever has no key, a wrong key or a wrong origin comes out as nothing at all.

mod epoch;
pub mod frame_key;
mod key_id;
mod replay;
mod sealer;

pub use epoch::FIRST_BYTE_CLEAR;
pub use key_id::KeyId;
pub use sealer::{OpenError, Sealer};
