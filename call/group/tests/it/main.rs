//! The MLS member as a session sees it: several members, a server that puts commits in order, and evil ones.

mod apart;
mod asides;
mod evil;
mod insider;
mod interop;
mod story;
mod vectors;
mod world;
