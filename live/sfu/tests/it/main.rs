//! The forwarder against real WebRTC clients (str0m), joined by memory instead of sockets.
//!
//! Payloads are random bytes behind a VP8 descriptor and one clear byte: whatever arrives was forwarded unread.

mod harness;

mod connecting;
mod forwarding;
mod noise;
mod pictures;
mod privacy;
mod roaming;
mod states;
