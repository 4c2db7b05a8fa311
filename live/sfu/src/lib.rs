//! The forwarder: takes media from each participant and hands it on to the others, unread.
//!
//! Sans-I/O on str0m in RTP mode. [`Forwarder`] is one session's media: it knows who may be heard and seen (from a
//! [`MediaGrant`], which only the room mints from the door's admission), gives every other person a place among the
//! fixed m-lines of [`protocol::media`], and rewrites packets from the sender's line onto the receivers' lines. It
//! opens no sockets, reads no clock and never looks at sealed payload: of a picture it reads the VP8 payload
//! descriptor and the one clear byte that says whether a frame stands alone. [`Demux`] tells a shell with many
//! sessions on one port which of them a datagram is for.
//!
//! No address of a client appears in `Debug`, logs or events (SEC-005), and none leaves towards another client
//! (SEC-004): the answers name the server's own candidates only.

#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

mod demux;
mod endpoint;
#[cfg(feature = "evil")]
mod evil;
mod forwarder;
pub mod framing;
mod grant;
mod keyframe;
mod leg;
mod offer;
mod path;
mod places;
mod srtp;
mod stun;
mod types;
mod watch;

pub use demux::Demux;
#[cfg(feature = "evil")]
pub use evil::{Evil, Overheard};
pub use forwarder::Forwarder;
pub use grant::MediaGrant;
pub use offer::OfferError;
pub use srtp::Profile;
pub use types::{IceSecrets, Output, Packet, SfuConfig, SfuEvent, Transmit, Transport};

/// Entry points for fuzzing: each takes foreign bytes and must return, whatever they are (SEC-023).
pub mod fuzz {
    pub use crate::demux::fuzz_demux;
    pub use crate::framing::fuzz_framing;
    pub use crate::keyframe::fuzz_descriptor;
    pub use crate::offer::fuzz_offer;
    pub use crate::srtp::fuzz_server_hello;
}

/// The moment at which a test begins.
#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "an Instant can come from nowhere else; tests only count from it"
)]
pub(crate) fn test_start() -> std::time::Instant {
    std::time::Instant::now()
}
