//! A whole session in one thread: the server's room and forwarder and whole clients, over a network that is as bad as
//! a seed makes it, in virtual time.
//!
//! [`World`] runs it; stories in `tests/it` say what must hold. One seed is one run, as far as the cryptography lets
//! it be: openmls, aws-lc and DTLS draw keys from the system, so ciphertexts differ from run to run, and a signature
//! may be a byte or two longer. Nothing that is random in that way reaches the [`Log`], and no timer depends on it;
//! str0m's own small randomness is seeded. Two tests hold this: the same seed tells the same story twice, and another
//! seed another.

mod clips;
mod line;
mod log;
mod person;
mod shell;
mod world;

pub use clips::{Marker, marker_of};
pub use line::Socket;
pub use log::Log;
pub use person::{Person, Tally};
pub use world::World;
