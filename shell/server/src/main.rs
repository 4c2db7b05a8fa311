//! The one program: serves pages, carries media, keeps records. The shells in here are dull on purpose; what is
//! clever lives in the cores that they call.

mod admin;
mod announce;
mod audit;
mod backup;
mod clerk;
mod cli;
mod clock;
mod config;
mod connections;
mod entropy;
mod http;
mod jobs;
mod key;
mod log;
mod media;
mod message;
mod metrics;
mod pages;
mod records;
mod restore;
mod rooms;
mod serve;
mod socket;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{AdminCommand, AuditCommand, Cli, Command};
use crate::config::Sources;

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
    let settings = match &cli.command {
        Command::Admin { command, .. } if matches!(**command, AdminCommand::ConfigReference) => {
            print!("{}", config::reference());
            return Ok(ExitCode::SUCCESS);
        }
        Command::BackupKey { to } => {
            backup::make_key(to).map_err(|error| miette::miette!("{error:#}"))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Serve(options) => options.settings(),
        Command::Admin { records, .. }
        | Command::Audit { records, .. }
        | Command::Backup { records, .. }
        | Command::Restore { records, .. }
        | Command::Key { records, .. } => records.settings(),
    };
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let config = config::load(&Sources { file: cli.config, environment, options: settings })?;
    log::start(&config.log);
    let outcome = match cli.command {
        Command::Serve(_) => serve::on_runtime(serve::serve(&config)).map(|()| ExitCode::SUCCESS),
        Command::Admin { command, .. } => serve::on_runtime(async {
            let db = records::open(&config).await?;
            let done = admin::run(&config, &db, *command).await;
            db.close().await;
            done.map(|()| ExitCode::SUCCESS)
        }),
        Command::Audit { command: AuditCommand::Verify, .. } => serve::on_runtime(async {
            let db = records::open_existing(&config).await?;
            let verdict = audit::verify(&config, &db).await;
            db.close().await;
            verdict
        }),
        Command::Backup { to, recipient, .. } => serve::on_runtime(async {
            let db = records::open_existing(&config).await?;
            let done = backup::run(&config, &db, &to, &recipient).await;
            db.close().await;
            done
        }),
        Command::Restore { from, identity, words, check, .. } => {
            let wish = restore::Wish { from, identity, words, check };
            serve::on_runtime(restore::run(&config, &wish))
        }
        Command::Key { command, .. } => {
            serve::on_runtime(key::run(&config, &command)).map(|()| ExitCode::SUCCESS)
        }
        // Needs no records and was done before they were looked for.
        Command::BackupKey { .. } => Ok(ExitCode::SUCCESS),
    };
    outcome.map_err(|error| miette::miette!("{error:#}"))
}
