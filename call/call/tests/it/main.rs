//! Scripted conversations with a call: what is asked of its surroundings, in which order, and what is shown.

mod asked;
mod confide;
mod random;
mod scene;
mod show;
mod story;
