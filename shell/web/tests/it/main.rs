//! The pages as a browser meets them: HTTP in, HTTP out, over a real database with the demo's people in it.

mod assets;
#[path = "../../../../rules/identity/tests/it/authenticator.rs"]
mod authenticator;
mod authorization;
mod booking;
mod day;
mod demo;
mod headers;
mod languages;
mod limits;
mod links;
mod messages;
mod passkeys;
mod requests;
mod secrets;
mod sockets;
mod world;
