//! The real program as a process: its pages, its sockets, its records over a kill and a restart, its exit codes.

mod audit;
mod backup;
mod certificates;
mod cluster;
mod command_line;
mod harness;
mod keys;
mod links;
mod media_ways;
mod meeting;
mod messages;
mod operations;
mod outages;
