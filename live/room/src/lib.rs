//! The server's side of a session: seats, lobby, presence, MLS delivery order, re-running the door, deadlines and
//! the relay of sealed messages. Sans-I/O: [`Room`] opens no socket, reads no clock and makes no randomness.
//!
//! Who may be inside is [`domain::door`]'s word alone; this crate only asks it and obeys. What pages say is in
//! `inbox`, what follows from the door in `entry`, what a young person is asked in `her`, lines and hosts that come and go in `presence`, the group in
//! `order`, and what each page is shown in `show`.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing))]

mod api;
mod entropy;
mod entry;
#[cfg(feature = "evil")]
mod evil;
mod group;
mod her;
mod inbox;
mod order;
mod presence;
mod rate;
mod room;
mod seat;
mod show;

pub use api::{Arrival, Deadlines, Now, Output, RecordId, Recorded, RoomConfig, RoomEvent};
#[cfg(feature = "evil")]
pub use evil::Deed;
pub use room::Room;
