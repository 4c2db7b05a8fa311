//! Sound and picture: sockets, framing and timers around the rooms, one thread per shard and nothing shared.

pub(crate) mod address;
mod deadlines;
mod framing;
mod ports;
