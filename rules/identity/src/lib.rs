//! Passkey ceremonies (W3C Web Authentication, level 3), sans-I/O: what a browser is asked, and whether its answer holds.
//!
//! [`RelyingParty`] begins and ends the two ceremonies. To make a passkey: [`RelyingParty::begin_registration`] →
//! the browser → [`RelyingParty::finish_registration`]. To sign in: [`RelyingParty::begin_sign_in`] → the browser →
//! [`SignInAnswer::credential_hash`] finds the passkey → [`RelyingParty::finish_sign_in`]. Between beginning and end
//! the caller keeps a [`State`], on the server only and for one answer only. Every passkey is discoverable, so nobody
//! types a name, and every ceremony asks for the person and not merely for the device (user verification).
//!
//! The checks themselves are webauthn-rs'. It draws challenges from the system's generator; that is the one thing in
//! here that is not a function of its arguments (the exception stands in `clippy.toml`).
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod answer;
mod options;
mod party;
mod state;

pub use answer::{ANSWER_BYTES_MAX, RegistrationAnswer, SignInAnswer};
pub use options::{CreationOptions, RequestOptions};
pub use party::{Registration, RelyingParty, SignIn};
pub use state::{Credential, State};

/// Why a ceremony came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdentityError {
    /// Browsers make no passkeys for this address: it has no host name, or no TLS off this machine.
    #[error("no passkeys for this address")]
    Address,
    /// The bytes are no answer to a ceremony, or too many.
    #[error("not an answer")]
    Malformed,
    /// The answer was given to another site, another question or another kind of ceremony, or its signature is wrong.
    #[error("the answer does not hold")]
    Wrong,
    /// The device did not make sure of the person.
    #[error("the person was not verified")]
    NotVerified,
    /// The counter went back: there may be two copies of the key.
    #[error("the counter went back")]
    CounterWentBack,
    /// The key cannot be found without a name, so nobody could sign in by one button.
    #[error("the passkey is not discoverable")]
    NotDiscoverable,
    /// What we kept ourselves cannot be read.
    #[error("what was kept cannot be read")]
    Damaged,
}

/// Entry point for fuzzing: takes foreign bytes and must return, whatever they are (SEC-023).
pub mod fuzz {
    pub use crate::party::fuzz_answers;
}
