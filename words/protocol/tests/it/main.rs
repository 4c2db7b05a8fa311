//! The messages as others see them: frozen bytes, bounded reading, nothing personal in a debug line.

mod frozen;
mod hostile;
mod samples;
