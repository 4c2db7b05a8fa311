//! Sound and picture: sockets, framing and timers around the rooms, one thread per shard and nothing shared.

pub(crate) mod address;
mod deadlines;
mod lines;
mod ports;
mod routes;
mod shard;
mod tcp;
mod waiting;

pub(crate) use ports::Ports;
pub(crate) use shard::{Errand, Home, LineOrder, Newcomer, Order, ShardSetup, run};
pub(crate) use waiting::Waiting;
