//! The rules, pure: no I/O, no clock, no randomness.
//!
//! [`door`] decides who may be in the room; [`meeting`] and [`people`] are the records that its facts come from;
//! [`booking`], [`series`] and [`closing`] say which hours may stand in the calendars and what becomes of them;
//! [`request`] is what she asks for and who reads it, [`absence`] who reads in whose place, [`response`] what a care worker
//! answers to an hour; [`message`] is what people are told about them, and when; [`staff`] are those who work here;
//! [`our_agreement`] is what she and her clinician settle when they meet, [`readiness`] what stands before a first hour on
//! the screen; [`questions`] is what she may be asked after an hour, [`company`] whom she may ask to look in, [`balance`]
//! when they last met in which way; [`vouching`] is who may say that somebody is who they are; [`protection`] is what a
//! protected address holds back; [`helplines`] are whom to call, [`crisis`] is what was done when it was urgent; [`connections`]
//! is what happened to lines, for support; [`audit`] links what was done into a chain; [`backup`] is the format in which all of it leaves the machine.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects))]

pub mod absence;
pub mod audit;
pub mod backup;
pub mod balance;
pub mod booking;
pub mod closing;
pub mod company;
pub mod connections;
pub mod crisis;
pub mod door;
pub mod helplines;
pub mod meeting;
pub mod message;
pub mod our_agreement;
pub mod people;
pub mod protection;
pub mod questions;
pub mod readiness;
pub mod request;
pub mod response;
pub mod series;
pub mod staff;
pub mod vouching;
