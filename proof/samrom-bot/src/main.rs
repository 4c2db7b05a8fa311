//! A native client for smoke, load and soak tests: joins a meeting by its real link, sends sealed frames from a file
//! or made-up ones, opens what the others send, and says in JSON how it went.

mod clock;
mod drive;
mod http;
mod media;
mod report;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};
use peer::{Clip, Clips, Manners, Transport};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "samrom-bot", version, about = "A native Samrom client for tests")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Joins a meeting by a personal or demo link.
    Join(Join),
}

/// `samrom-bot join`.
#[derive(Debug, clap::Args)]
struct Join {
    /// The link, as a person would open it (http only).
    #[arg(long)]
    link: String,
    /// How long to stay, counted from the start.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Sound to send: Opus in Ogg. Made-up packets without it.
    #[arg(long)]
    microphone: Option<PathBuf>,
    /// Picture to send: VP8 in IVF. Made-up frames without it.
    #[arg(long)]
    camera: Option<PathBuf>,
    /// Sends nothing.
    #[arg(long)]
    silent: bool,
    /// As a host: lets in everybody whose credential is good.
    #[arg(long)]
    admit_all: bool,
    /// Shares the screen (made-up frames).
    #[arg(long)]
    screen: bool,
    /// A line to write in the chat once inside.
    #[arg(long)]
    say: Option<String>,
    /// The local address for media; found out by itself without it.
    #[arg(long)]
    address: Option<IpAddr>,
    /// What media goes over.
    #[arg(long, value_enum, default_value_t = Over::Udp)]
    transport: Over,
    /// Fails unless at least this many frames of others were opened.
    #[arg(long, default_value_t = 0)]
    require_frames: u64,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    report: Form,
    /// Neither seals nor opens media.
    #[cfg(feature = "unsealed-for-proof")]
    #[arg(long)]
    unsealed: bool,
}

/// What media goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Over {
    /// Datagrams.
    Udp,
    /// One stream, as from a network that lets no datagrams through.
    Tcp,
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A few lines.
    Text,
    /// One JSON object.
    Json,
}

// One thread for the peer and one that reads datagrams meanwhile: a socket's buffer is small beside what comes in while
// a key frame is being opened.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Command::Join(join) = Arguments::parse().command;
    match run(join).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("samrom-bot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Joins, stays and reports; says whether what was required was seen.
async fn run(join: Join) -> anyhow::Result<bool> {
    let clips = clips(&join)?;
    let task = drive::Task {
        way_in: http::find_room(&join.link).await?,
        seconds: join.seconds,
        manners: Manners { arrive: Some((!join.silent, !join.silent)), admit_everyone: join.admit_all },
        clips,
        screen: join.screen,
        say: join.say,
        address: join.address,
        transport: match join.transport {
            Over::Udp => Transport::Udp,
            Over::Tcp => Transport::Tcp,
        },
        #[cfg(feature = "unsealed-for-proof")]
        unsealed: join.unsealed,
    };
    let report = drive::join(task).await?;
    match join.report {
        Form::Json => println!("{}", serde_json::to_string_pretty(&report).context("the report")?),
        Form::Text => println!("{report}"),
    }
    Ok(report.frames_opened() >= join.require_frames)
}

fn clips(join: &Join) -> anyhow::Result<Clips> {
    let made_up = Clips::made_up();
    let microphone = match &join.microphone {
        Some(path) => Some(Clip::from_ogg(&read(path)?).context("the sound file")?),
        None => made_up.microphone,
    };
    let camera = match &join.camera {
        Some(path) => Some(Clip::from_ivf(&read(path)?).context("the picture file")?),
        None => made_up.camera,
    };
    Ok(Clips { microphone, camera, screen: made_up.screen })
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
