//! Tests of the rules from outside, where an admission cannot be made but by the door.

mod afterwards;
mod backup;
mod booking;
mod door;
mod our_agreement;
mod request;
mod response;
