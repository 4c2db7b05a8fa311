//! The pages as a browser meets them: HTTP in, HTTP out, over a real database with the demo's people in it.

mod assets;
mod authorization;
mod day;
mod demo;
mod headers;
mod languages;
mod limits;
mod links;
mod messages;
mod secrets;
mod sockets;
mod world;
