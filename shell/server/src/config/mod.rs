//! The configuration: every key in one table with its words, its default and its check, so that the reader, the
//! error messages and the reference page cannot drift apart.

mod error;
mod keys;
mod message;
mod network;
mod read;
mod reference;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

pub(crate) use message::{Mail, Messages, Security, Sms};
pub(crate) use network::Network;
pub(crate) use read::{Sources, load};
pub(crate) use reference::reference;

/// Where and how the server runs; made only by [`load`], so every value in it has passed its check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Folder of the database, the keys and the audit heads.
    pub(crate) data: PathBuf,
    /// Address of the database; `None` is SQLite inside [`Config::data`].
    pub(crate) database: Option<String>,
    /// File of the root key; `None` is `root-key` inside [`Config::data`].
    pub(crate) key_file: Option<PathBuf>,
    /// Language of somebody who has not chosen one.
    pub(crate) language: Language,
    /// The zone in which times are written.
    pub(crate) time_zone: String,
    /// Whether the demo organisation and its sign-in links exist.
    pub(crate) demo: bool,
    /// Pages and sockets.
    pub(crate) http: Http,
    /// Sound and picture.
    pub(crate) media: Media,
    /// What is written about the running.
    pub(crate) log: Log,
    /// Whom to call, as pages write it.
    pub(crate) numbers: Numbers,
    /// Who helps with the technology: number and hours.
    pub(crate) support: Support,
    /// Loopback port of `/metrics`; `None` is off.
    pub(crate) metrics_port: Option<u16>,
    /// When messages leave.
    pub(crate) messages: Messages,
    /// By which server mail leaves.
    pub(crate) mail: Mail,
    /// By which gateway text messages leave.
    pub(crate) sms: Sms,
}

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Bokmål.
    Bokmal,
    /// Nynorsk.
    Nynorsk,
    /// English.
    English,
}

/// How pages are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Http {
    /// Address to listen on.
    pub(crate) address: IpAddr,
    /// Port to listen on; 0 lets the system choose.
    pub(crate) port: u16,
    /// Scheme, host and port that people use, when a proxy stands in front.
    pub(crate) public_url: Option<String>,
    /// PEM file with the certificate chain.
    pub(crate) certificate: Option<PathBuf>,
    /// PEM file with the private key.
    pub(crate) private_key: Option<PathBuf>,
    /// Proxies on other machines that may speak plain HTTP with us.
    pub(crate) trusted_proxies: Vec<Network>,
    /// HTTPS for the local network with an authority of our own.
    pub(crate) lan: bool,
}

/// How media is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    /// The address offered to browsers; `None` is the machine's first non-loopback IPv4 address.
    pub(crate) address: Option<IpAddr>,
    /// First port; each shard takes the next, UDP and TCP alike. 0 lets the system choose.
    pub(crate) port: u16,
    /// Threads that carry media; `None` is one per core, four at most.
    pub(crate) shards: Option<u8>,
    /// Whether media may also come over TCP.
    pub(crate) tcp: bool,
}

/// Telephone numbers on the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// The emergency line for children and young people.
    pub(crate) child_line: String,
    /// The out-of-hours doctor.
    pub(crate) doctor: String,
    /// Danger to life.
    pub(crate) emergency: String,
    /// The police.
    pub(crate) police: String,
}

/// Who helps with the technology (CARE-15).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Support {
    /// The number; empty when nobody does.
    pub(crate) phone: String,
    /// When somebody answers.
    pub(crate) hours: String,
}

/// How the log looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Log {
    /// One JSON object per line instead of text.
    pub(crate) json: bool,
    /// Which lines: a level, or levels by module.
    pub(crate) filter: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            database: None,
            key_file: None,
            language: Language::Bokmal,
            time_zone: "Europe/Oslo".into(),
            demo: false,
            http: Http {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                port: 8000,
                public_url: None,
                certificate: None,
                private_key: None,
                trusted_proxies: Vec::new(),
                lan: false,
            },
            media: Media { address: None, port: 4443, shards: None, tcp: true },
            log: Log { json: false, filter: "info".into() },
            numbers: Numbers {
                child_line: "116 111".into(),
                doctor: "116 117".into(),
                emergency: "113".into(),
                police: "112".into(),
            },
            support: Support::default(),
            metrics_port: None,
            messages: Messages::default(),
            mail: Mail::default(),
            sms: Sms::default(),
        }
    }
}

impl Config {
    /// Whether pages are served over TLS by this program itself.
    pub(crate) const fn tls(&self) -> bool {
        self.http.lan || self.http.certificate.is_some()
    }
}
