//! A whole native client, sans-I/O: what a browser is, without a screen.
//!
//! [`Peer`] holds the same cores that the page and its workers hold (`call`, `group`, `seal`) and str0m in the place
//! of the browser's peer connection. It sends [`Clip`]s instead of a camera and a microphone, and gives out opened
//! frames instead of drawing them. Bots, simulations and tests are built on it.

mod clip;
mod engine;
mod peer;
mod profile;

pub use clip::{Clip, ClipError, Picture};
pub use peer::{Clips, Frame, Manners, Now, Output, Peer, PeerConfig, PeerEvent, Transport};
pub use profile::Profile;
/// The cores inside, for those who run peers.
pub use {call, group, str0m};
