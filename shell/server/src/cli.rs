//! The command line. Options of `serve` are only another way to write keys of the configuration.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Samrom: a video room that nobody outside it can hear or see.
#[derive(Debug, Parser)]
#[command(name = "samrom", version)]
pub(crate) struct Cli {
    /// Configuration file; `samrom.toml` in this folder if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves pages and carries media until it is told to stop.
    Serve(Box<ServeOptions>),
    /// Works on the records of a stopped or running server.
    Admin {
        /// Which records.
        #[command(flatten)]
        records: RecordOptions,
        /// What to do.
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// The audit chain.
    Audit {
        /// Which records.
        #[command(flatten)]
        records: RecordOptions,
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
}

/// Options that name the records.
#[derive(Debug, Default, Args)]
pub(crate) struct RecordOptions {
    /// Folder of the database, keys and audit heads.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Database address: `sqlite:` or `postgres://`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    records: RecordOptions,
    /// Port for pages.
    #[arg(long)]
    port: Option<String>,
    /// Language of somebody who has not chosen one: nb, nn or en.
    #[arg(long)]
    lang: Option<String>,
    /// IP address that browsers send sound and picture to.
    #[arg(long, value_name = "IP")]
    media_address: Option<String>,
    /// First port for media, UDP and TCP.
    #[arg(long, value_name = "PORT")]
    media_port: Option<String>,
    /// HTTPS for phones on the same network, with links and a QR code.
    #[arg(long)]
    lan: bool,
    /// Invented people and a meeting, with sign-in links for this machine only.
    #[arg(long)]
    demo: bool,
}

impl RecordOptions {
    /// The options as settings.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        given([("data", &self.data), ("database", &self.database)])
    }
}

impl ServeOptions {
    /// The options as settings.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = self.records.settings();
        settings.extend(given([
            ("http.port", &self.port),
            ("language", &self.lang),
            ("media.address", &self.media_address),
            ("media.port", &self.media_port),
        ]));
        let switches = [("http.lan", self.lan), ("demo", self.demo)];
        settings.extend(switches.into_iter().filter(|(_, on)| *on).map(|(key, _)| (key, "true".to_owned())));
        settings
    }
}

fn given<const N: usize>(options: [(&'static str, &Option<String>); N]) -> Vec<(&'static str, String)> {
    options.into_iter().filter_map(|(key, value)| value.clone().map(|value| (key, value))).collect()
}

/// What `samrom admin` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Prints the reference page of the configuration.
    ConfigReference,
}

/// What `samrom audit` can do.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AuditCommand {
    /// Follows the chain from its start; names the first broken link and sees a cut tail.
    Verify,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, Command};

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_become_settings() {
        let cli =
            Cli::try_parse_from(["samrom", "serve", "--port", "0", "--demo", "--lang", "nn"]).expect("good");
        let Command::Serve(options) = cli.command else { panic!("serve was asked for") };
        let wanted = [("http.port", "0"), ("language", "nn"), ("demo", "true")];
        assert_eq!(options.settings(), wanted.map(|(key, value)| (key, value.to_owned())));
    }
}
