//! The rules, pure: no I/O, no clock, no randomness.
//!
//! [`door`] decides who may be in the room; [`meeting`] and [`people`] are the records that its facts come from;
//! [`staff`] are those who work here;
//! [`audit`] links what was done into a chain.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects))]

pub mod audit;
pub mod door;
pub mod meeting;
pub mod people;
pub mod staff;
