//! Stories of whole sessions over bad networks. Each says why it exists.

mod determinism;
mod talks;
