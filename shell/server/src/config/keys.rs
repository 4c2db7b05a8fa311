//! The table of keys. A new setting is one row here and one field in [`Config`].

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use super::{Config, Language, message};

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in quotes.
    Text,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Switch,
}

impl Kind {
    /// How messages and the reference page call it.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Whole => "a whole number",
            Self::Switch => "true or false",
        }
    }
}

/// A value of the right kind that has not been checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// See [`Kind::Text`].
    Text(String),
    /// See [`Kind::Whole`].
    Whole(i64),
    /// See [`Kind::Switch`].
    Switch(bool),
}

impl Value {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Whole(_) | Self::Switch(_) => "",
        }
    }

    pub(super) fn given(&self) -> Option<&str> {
        Some(self.text()).filter(|text| !text.is_empty())
    }

    pub(super) const fn switch(&self) -> bool {
        matches!(self, Self::Switch(true))
    }

    pub(super) fn port(&self) -> Result<u16, String> {
        self.whole(0, u16::MAX.into(), "a port is a number from 0 to 65535")
    }

    pub(super) fn whole<T: TryFrom<i64>>(&self, low: i64, high: i64, rule: &str) -> Result<T, String> {
        match self {
            Self::Whole(number) if (low..=high).contains(number) => {
                T::try_from(*number).map_err(|_| rule.to_owned())
            }
            _ => Err(rule.to_owned()),
        }
    }

    fn address(&self) -> Result<Option<IpAddr>, String> {
        let Some(text) = self.given() else { return Ok(None) };
        text.parse().map(Some).map_err(|_| "this is no IP address, such as \"192.0.2.7\"".to_owned())
    }
}

/// One setting.
pub(super) struct Key {
    /// Dotted path in the file.
    pub(super) path: &'static str,
    /// Option of `samrom serve`, where there is one.
    pub(super) flag: Option<&'static str>,
    /// What it holds.
    pub(super) kind: Kind,
    /// The default as it would be written in the file.
    pub(super) default: &'static str,
    /// What it does, for the reference page.
    pub(super) doc: &'static str,
    /// Checks the value and puts it in its place; the error names the rule that was broken.
    pub(super) set: fn(&mut Config, &Value) -> Result<(), String>,
}

impl Key {
    /// The environment variable: `SAMROM_` and the path in capitals.
    pub(super) fn variable(&self) -> String {
        format!("SAMROM_{}", self.path.replace('.', "_").to_uppercase())
    }
}

/// Every key, in the order of the reference page.
pub(super) const KEYS: &[Key] = &[
    Key {
        path: "data",
        flag: Some("--data"),
        kind: Kind::Text,
        default: "\"data\"",
        doc: "Folder of everything that must survive a restart: the SQLite database, the root key, the signed audit \
              heads and the local authority. Made with access for its owner only.",
        set: |config, value| {
            config.data = value.given().map(PathBuf::from).ok_or("the folder must have a name")?;
            Ok(())
        },
    },
    Key {
        path: "database",
        flag: Some("--database"),
        kind: Kind::Text,
        default: "\"\"",
        doc: "Where records are kept: empty for SQLite inside the data folder, `sqlite://path` or \
              `postgres://user@host/name`.",
        set: |config, value| {
            let known = |url: &&str| {
                ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
            };
            config.database = match value.given() {
                None => None,
                Some(url) => Some(url)
                    .filter(known)
                    .map(|url| Some(url.to_owned()))
                    .ok_or("an address starts with sqlite: or postgres://")?,
            };
            Ok(())
        },
    },
    Key {
        path: "key_file",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "File of the root key that unlocks the sealed records; empty for `root-key` inside the data folder. It is \
              made for a new database and never over existing records. Keep a copy away from the database.",
        set: |config, value| {
            config.key_file = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "language",
        flag: Some("--lang"),
        kind: Kind::Text,
        default: "\"nb\"",
        doc: "Language of somebody who has not chosen one: `nb` (Bokmål), `nn` (Nynorsk) or `en` (English).",
        set: |config, value| {
            config.language = match value.text() {
                "nb" => Language::Bokmal,
                "nn" => Language::Nynorsk,
                "en" => Language::English,
                _ => return Err("the languages are nb, nn and en".into()),
            };
            Ok(())
        },
    },
    Key {
        path: "time_zone",
        flag: None,
        kind: Kind::Text,
        default: "\"Europe/Oslo\"",
        doc: "The zone in which times are written, by its name in the IANA database.",
        set: |config, value| {
            let name = value.text();
            jiff::tz::TimeZone::get(name).map_err(|_| "there is no such time zone")?;
            config.time_zone = name.to_owned();
            Ok(())
        },
    },
    Key {
        path: "demo",
        flag: Some("--demo"),
        kind: Kind::Switch,
        default: "false",
        doc: "Makes invented organisations with people and meetings, and sign-in links that work on this machine \
              only. Never use it with real records.",
        set: |config, value| {
            config.demo = value.switch();
            Ok(())
        },
    },
    Key {
        path: "http.address",
        flag: None,
        kind: Kind::Text,
        default: "\"127.0.0.1\"",
        doc: "Address to listen on for pages. Anything but loopback needs a certificate, `http.lan` or \
              `http.trusted_proxies`: plain HTTP is refused off this machine.",
        set: |config, value| {
            config.http.address = value.address()?.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
            Ok(())
        },
    },
    Key {
        path: "http.port",
        flag: Some("--port"),
        kind: Kind::Whole,
        default: "8000",
        doc: "Port for pages; 0 lets the system choose.",
        set: |config, value| {
            config.http.port = value.port()?;
            Ok(())
        },
    },
    Key {
        path: "http.public_url",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "What people type, such as `https://rom.example.no`, when a proxy on this machine stands in front. Links \
              are written with it and foreign origins are refused by it. Passkeys are bound to its host name for good: \
              under another name everybody needs a new one, and under an IP address there are none.",
        set: |config, value| {
            config.http.public_url = value.given().map(origin).transpose()?;
            Ok(())
        },
    },
    Key {
        path: "http.certificate",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "PEM file with the certificate and its chain. Together with `http.private_key` it turns HTTPS on. When the \
              files change, new connections get the new pair within seconds; SIGHUP asks for it at once.",
        set: |config, value| {
            config.http.certificate = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "http.private_key",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "PEM file with the private key of `http.certificate`.",
        set: |config, value| {
            config.http.private_key = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "http.trusted_proxies",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "Addresses of proxies that end HTTPS before this program, with commas between them: `192.0.2.7` or \
              `192.0.2.0/28`. From them plain HTTP is taken also on an address that is not loopback, and nobody else may \
              connect there; they are believed when `X-Forwarded-For` says for whom they ask. Needs `http.public_url`.",
        set: |config, value| {
            let all = value.text().split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::parse);
            let all: Result<Vec<_>, ()> = all.collect();
            config.http.trusted_proxies =
                all.map_err(|()| "write addresses or networks, such as \"192.0.2.7, 192.0.2.16/28\"")?;
            Ok(())
        },
    },
    Key {
        path: "http.lan",
        flag: Some("--lan"),
        kind: Kind::Switch,
        default: "false",
        doc: "Serves phones and tablets on the same network: HTTPS with a small authority of its own, kept in the data \
              folder, and links with a QR code in the terminal.",
        set: |config, value| {
            config.http.lan = value.switch();
            Ok(())
        },
    },
    Key {
        path: "media.address",
        flag: Some("--media-address"),
        kind: Kind::Text,
        default: "\"\"",
        doc: "IP address that browsers send sound and picture to. Empty: the machine's first IPv4 address that is not \
              loopback (Firefox sends nothing to loopback).",
        set: |config, value| {
            config.media.address = value.address()?;
            Ok(())
        },
    },
    Key {
        path: "media.port",
        flag: Some("--media-port"),
        kind: Kind::Whole,
        default: "4443",
        doc: "First port for media, UDP and TCP; each further shard takes the next. 0 lets the system choose.",
        set: |config, value| {
            config.media.port = value.port()?;
            Ok(())
        },
    },
    Key {
        path: "media.shards",
        flag: None,
        kind: Kind::Whole,
        default: "0",
        doc: "Threads that carry media, from 1 to 64; 0 is one per core, four at most. A meeting lives on one of them.",
        set: |config, value| {
            let shards: u8 = value.whole(0, 64, "the number of shards is from 0 to 64")?;
            config.media.shards = Some(shards).filter(|count| *count > 0);
            Ok(())
        },
    },
    Key {
        path: "media.tcp",
        flag: None,
        kind: Kind::Switch,
        default: "true",
        doc: "Whether media may come over TCP where a network lets no UDP through.",
        set: |config, value| {
            config.media.tcp = value.switch();
            Ok(())
        },
    },
    Key {
        path: "numbers.child_line",
        flag: None,
        kind: Kind::Text,
        default: "\"116 111\"",
        doc: "The emergency line for children and young people, as the pages write it.",
        set: |config, value| {
            config.numbers.child_line = number(value)?;
            Ok(())
        },
    },
    Key {
        path: "numbers.doctor",
        flag: None,
        kind: Kind::Text,
        default: "\"116 117\"",
        doc: "The out-of-hours doctor.",
        set: |config, value| {
            config.numbers.doctor = number(value)?;
            Ok(())
        },
    },
    Key {
        path: "numbers.emergency",
        flag: None,
        kind: Kind::Text,
        default: "\"113\"",
        doc: "Danger to life.",
        set: |config, value| {
            config.numbers.emergency = number(value)?;
            Ok(())
        },
    },
    Key {
        path: "numbers.police",
        flag: None,
        kind: Kind::Text,
        default: "\"112\"",
        doc: "The police, when somebody is in danger; shown to clinicians during an hour.",
        set: |config, value| {
            config.numbers.police = number(value)?;
            Ok(())
        },
    },
    Key {
        path: "support.phone",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "Who helps with the technology; stands on every page that fails. Empty when nobody does.",
        set: |config, value| {
            config.support.phone = value.text().to_owned();
            Ok(())
        },
    },
    Key {
        path: "support.hours",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "When somebody answers that number, as it is to be written: `8–16`.",
        set: |config, value| {
            config.support.hours = value.text().to_owned();
            Ok(())
        },
    },
    Key {
        path: "log.format",
        flag: None,
        kind: Kind::Text,
        default: "\"text\"",
        doc: "`text` for people or `json` for collectors. Neither holds names, network addresses or tokens.",
        set: |config, value| {
            config.log.json = match value.text() {
                "text" => false,
                "json" => true,
                _ => return Err("the formats are text and json".into()),
            };
            Ok(())
        },
    },
    Key {
        path: "log.filter",
        flag: None,
        kind: Kind::Text,
        default: "\"info\"",
        doc: "Which lines are written: `error`, `warn`, `info`, `debug`, or levels by module such as `info,samrom=debug`.",
        set: |config, value| {
            let filter = value.given().unwrap_or("info");
            tracing_subscriber::EnvFilter::try_new(filter).map_err(|_| "this is no log filter")?;
            config.log.filter = filter.to_owned();
            Ok(())
        },
    },
    Key {
        path: "metrics.port",
        flag: None,
        kind: Kind::Whole,
        default: "0",
        doc: "Port on 127.0.0.1 where `/metrics` speaks the Prometheus text format; 0 is off. No metric names a person, \
              a meeting or an address.",
        set: |config, value| {
            config.metrics_port = Some(value.port()?).filter(|port| *port > 0);
            Ok(())
        },
    },
    Key {
        path: "messages.quiet",
        flag: None,
        kind: Kind::Text,
        default: "\"20:00-08:00\"",
        doc: "The hours in which nothing leaves by itself, in `time_zone`; empty for none. What a person has \
              asked for waits as well, unless that would be too late for the appointment.",
        set: message::quiet,
    },
    Key {
        path: "messages.reminders",
        flag: None,
        kind: Kind::Text,
        default: "\"1d 1h\"",
        doc: "How long before an appointment its reminders come: days (`d`, at the same time of day), hours \
              (`h`) or minutes (`m`), four at most; empty for none.",
        set: message::reminders,
    },
    Key {
        path: "messages.link_in_calendar",
        flag: None,
        kind: Kind::Switch,
        default: "false",
        doc: "Whether the personal link stands in the calendar file as well. Others may see a calendar, so it \
              does not unless you turn it on.",
        set: |config, value| {
            config.messages.link_in_calendar = value.switch();
            Ok(())
        },
    },
    Key {
        path: "mail.server",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "The server that takes our mail. Empty: nothing is sent, and each mail is laid as a file into \
              `outbox` inside the data folder.",
        set: message::server,
    },
    Key {
        path: "mail.port",
        flag: None,
        kind: Kind::Whole,
        default: "587",
        doc: "Its port: 587 is usual for `starttls`, 465 for `tls`.",
        set: |config, value| {
            config.mail.port = value.port()?;
            Ok(())
        },
    },
    Key {
        path: "mail.security",
        flag: None,
        kind: Kind::Text,
        default: "\"starttls\"",
        doc: "How the line is protected: `starttls` (without it nothing is sent), `tls` from the first byte, \
              or `none`, which is refused off this machine.",
        set: message::security,
    },
    Key {
        path: "mail.user",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "Who we sign in as; empty where the server asks for nobody.",
        set: |config, value| {
            config.mail.user = value.given().map(str::to_owned);
            Ok(())
        },
    },
    Key {
        path: "mail.password_file",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "File with the password of `mail.user` and nothing else.",
        set: |config, value| {
            config.mail.password_file = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "mail.from",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "The address that mail comes from. Whoever sees a locked screen may see it: choose one that names \
              no service, such as `avtale@example.no`.",
        set: message::from,
    },
    Key {
        path: "mail.from_name",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "The name beside that address, as neutral as the address; empty for none.",
        set: |config, value| {
            config.mail.from_name = value.text().to_owned();
            Ok(())
        },
    },
    Key {
        path: "mail.authority",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "PEM file with the authority of the server's certificate, trusted instead of the public ones.",
        set: |config, value| {
            config.mail.authority = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "mail.patience_seconds",
        flag: None,
        kind: Kind::Whole,
        default: "60",
        doc: "How long the way up to the mail itself may take, and then the answer to it. No answer in that \
              time makes a message uncertain, and a person has to look at it.",
        set: |config, value| {
            config.mail.patience = message::patience(value)?;
            Ok(())
        },
    },
    Key {
        path: "sms.url",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "Where text messages are posted, one JSON object each. Empty: nothing is sent, and each is laid \
              as a file into `outbox` inside the data folder.",
        set: message::url,
    },
    Key {
        path: "sms.token_file",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "File with the token that goes along as `Authorization: Bearer …`; empty for none.",
        set: |config, value| {
            config.sms.token_file = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "sms.from",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "The sender that a telephone shows, in neutral words; left out of the JSON when empty.",
        set: |config, value| {
            config.sms.from = value.text().to_owned();
            Ok(())
        },
    },
    Key {
        path: "sms.to_field",
        flag: None,
        kind: Kind::Text,
        default: "\"to\"",
        doc: "The name of the field with the recipient's number (`+4799887766`).",
        set: |config, value| {
            config.sms.fields.to = message::field(value)?;
            Ok(())
        },
    },
    Key {
        path: "sms.text_field",
        flag: None,
        kind: Kind::Text,
        default: "\"text\"",
        doc: "The name of the field with the text.",
        set: |config, value| {
            config.sms.fields.text = message::field(value)?;
            Ok(())
        },
    },
    Key {
        path: "sms.reference_field",
        flag: None,
        kind: Kind::Text,
        default: "\"reference\"",
        doc: "The name of the field with our identifier of the message, which is the same in every try, so \
              that the gateway can tell a second one.",
        set: |config, value| {
            config.sms.fields.reference = message::field(value)?;
            Ok(())
        },
    },
    Key {
        path: "sms.from_field",
        flag: None,
        kind: Kind::Text,
        default: "\"from\"",
        doc: "The name of the field with `sms.from`.",
        set: |config, value| {
            config.sms.fields.from = message::field(value)?;
            Ok(())
        },
    },
    Key {
        path: "sms.authority",
        flag: None,
        kind: Kind::Text,
        default: "\"\"",
        doc: "PEM file with the authority of the gateway's certificate, trusted instead of the public ones.",
        set: |config, value| {
            config.sms.authority = value.given().map(PathBuf::from);
            Ok(())
        },
    },
    Key {
        path: "sms.patience_seconds",
        flag: None,
        kind: Kind::Whole,
        default: "30",
        doc: "How long reaching the gateway may take, and then its answer. No answer in that time makes a \
              message uncertain.",
        set: |config, value| {
            config.sms.patience = message::patience(value)?;
            Ok(())
        },
    },
];

/// A telephone number as people write it; an empty one would leave somebody without help.
fn number(value: &Value) -> Result<String, String> {
    let good = |text: &&str| text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+'));
    value
        .given()
        .filter(good)
        .map(str::to_owned)
        .ok_or_else(|| "a number has digits, spaces and perhaps a +".into())
}

/// Scheme, host and perhaps port, nothing behind; `https` unless the host is loopback.
fn origin(url: &str) -> Result<String, String> {
    let rule = "write it as https://host or https://host:port, nothing behind";
    let url = url.strip_suffix('/').unwrap_or(url);
    let host =
        url.strip_prefix("https://").or_else(|| url.strip_prefix("http://localhost").map(|_| "localhost"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(url.to_owned()),
        _ => Err(rule.into()),
    }
}
