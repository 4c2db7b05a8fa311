//! Stories of whole sessions over bad networks. Each says why it exists.

mod cast;
mod determinism;
#[cfg(feature = "evil")]
mod evil;
mod nets;
mod seeds;
mod talks;
