//! The pages as a browser meets them: HTTP in, HTTP out, over a real database with the demo's people in it.

mod admin;
mod afterwards;
mod assets;
#[path = "../../../../rules/identity/tests/it/authenticator.rs"]
mod authenticator;
mod authorization;
mod booking;
mod crisis;
mod day;
mod demo;
mod during;
mod headers;
mod histories;
mod languages;
mod limits;
mod links;
mod messages;
mod passkeys;
mod people;
mod requests;
mod roles;
mod secrets;
mod shared;
mod sockets;
mod support;
mod telephone;
mod world;
