//! Whole clients in one room, in memory: sealed media through the real room and forwarder.

mod house;
mod talk;
