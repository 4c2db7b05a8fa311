//! Tests of the room: stories of what people live through, random sequences against a reference model, and noise.
#![expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]

mod admission;
mod asking_stories;
mod door_faces;
#[cfg(feature = "evil")]
mod evil;
mod group_stories;
mod house;
mod lobby_stories;
mod media_stories;
mod noise;
mod presence_stories;
mod reference;
