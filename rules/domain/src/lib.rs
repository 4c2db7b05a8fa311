//! The rules, pure: no I/O, no clock, no randomness.
//!
//! [`door`] decides who may be in the room; [`meeting`] and [`people`] are the records that its facts come from.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects))]

pub mod door;
pub mod meeting;
pub mod people;
