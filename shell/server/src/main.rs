//! The one program: serves pages, carries media, keeps records. The shells in here are dull on purpose; what is
//! clever lives in the cores that they call.

mod cli;
mod clock;
mod config;
mod entropy;
mod http;
mod log;
mod media;
mod metrics;

use std::process::ExitCode;

use clap::Parser as _;
use miette::IntoDiagnostic as _;

use crate::cli::{AdminCommand, Cli, Command};
use crate::config::{Config, Sources};

fn main() -> ExitCode {
    // First of all, before anything can ask for TLS: one provider of cryptography for the whole program.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("samrom: another provider of cryptography was installed first");
        return ExitCode::FAILURE;
    }
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(report) => {
            eprintln!("{report:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> miette::Result<ExitCode> {
    match cli.command {
        Command::Admin { command: AdminCommand::ConfigReference, .. } => {
            print!("{}", config::reference());
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
