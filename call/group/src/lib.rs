//! The MLS member of one client (RFC 9420): who is in the group, who may change it, and the keys that come of it.
//!
//! [`Member`] is the whole room. It takes [`GroupCommand`](protocol::group::GroupCommand)s and gives [`Output`]s; it
//! has no socket and no clock of its own. Two exceptions come with openmls and are fenced in [`mls`]: its random
//! numbers, and the check of a key package's MLS lifetime against the system's clock (our own expiry, in the
//! attestation, is checked against the `now` of the caller).
//!
//! Ciphersuite: `MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519`, the one that every implementation must have. The MLS
//! keys are made for one join each; what lasts is the device key (P-256, because WebCrypto holds it without ever
//! showing it), which certifies them.

mod alarms;
mod asides;
mod credential;
mod device;
mod inside;
mod life;
mod lobby;
mod member;
mod memory;
pub mod mls;
mod pairing;
mod policy;
mod roster;
mod watch;
mod words;

pub use credential::{CredentialError, Trust, Verified, verify};
pub use device::SoftDevice;
pub use member::{Member, Output};
pub use memory::{Admitted, Memory, Pin};
