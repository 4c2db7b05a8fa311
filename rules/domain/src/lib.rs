//! The rules, pure: no I/O, no clock, no randomness.
//!
//! [`door`] decides who may be in the room; [`meeting`] and [`people`] are the records that its facts come from;
//! [`audit`] links what was done into a chain; [`message`] is what people are told about an appointment, and when.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects))]

pub mod audit;
pub mod door;
pub mod meeting;
pub mod message;
pub mod people;
