//! How messages leave: the hours, the mail server, the gateway for text messages. The setters of their keys stand here.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::message::{Lead, MailAddress, QuietHours, Rules};

use super::Config;
use super::keys::Value;

/// When messages leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Messages {
    /// Quiet hours and reminders.
    pub(crate) rules: Rules,
    /// Whether a link may stand in a calendar, which others may see.
    pub(crate) link_in_calendar: bool,
}

/// How the line to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS after a greeting in the clear; without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None, on this machine only.
    None,
}

/// The mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    /// Its name; `None`: mail is laid into a folder.
    pub(crate) server: Option<String>,
    /// Its port.
    pub(crate) port: u16,
    /// How the line is protected.
    pub(crate) security: Security,
    /// Who we sign in as.
    pub(crate) user: Option<String>,
    /// File with the password.
    pub(crate) password_file: Option<PathBuf>,
    /// Who the mail is from.
    pub(crate) from: Option<MailAddress>,
    /// The name beside that address.
    pub(crate) from_name: String,
    /// PEM file of authorities that are trusted instead of the public ones.
    pub(crate) authority: Option<PathBuf>,
    /// How long one step may take.
    pub(crate) patience: Duration,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: None,
            port: 587,
            security: Security::StartTls,
            user: None,
            password_file: None,
            from: None,
            from_name: String::new(),
            authority: None,
            patience: Duration::from_secs(60),
        }
    }
}

/// The gateway for text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sms {
    /// Its address; `None`: text messages are laid into a folder.
    pub(crate) url: Option<String>,
    /// File with the bearer token.
    pub(crate) token_file: Option<PathBuf>,
    /// Who the text is from; left out when empty.
    pub(crate) from: String,
    /// Names of the fields: recipient, text, reference, sender.
    pub(crate) fields: Fields,
    /// PEM file of authorities that are trusted instead of the public ones.
    pub(crate) authority: Option<PathBuf>,
    /// How long one step may take.
    pub(crate) patience: Duration,
}

/// What the gateway calls the fields of its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    /// The recipient's number.
    pub(crate) to: String,
    /// The text.
    pub(crate) text: String,
    /// Our identifier of the message, the same in every try.
    pub(crate) reference: String,
    /// The sender.
    pub(crate) from: String,
}

impl Default for Sms {
    fn default() -> Self {
        let fields = Fields {
            to: "to".into(),
            text: "text".into(),
            reference: "reference".into(),
            from: "from".into(),
        };
        let patience = Duration::from_secs(30);
        Self { url: None, token_file: None, from: String::new(), fields, authority: None, patience }
    }
}

type Set = Result<(), String>;

/// `20:00-08:00`, or empty.
pub(super) fn quiet(config: &mut Config, value: &Value) -> Set {
    let rule = "write quiet hours as \"20:00-08:00\"; empty for none";
    let quiet = match value.given() {
        None => None,
        Some(text) => {
            let (from, to) = text.split_once('-').ok_or(rule)?;
            let time = |text: &str| text.trim().parse().map_err(|_| rule);
            Some(QuietHours::new(time(from)?, time(to)?).map_err(|_| rule)?)
        }
    };
    config.messages.rules.quiet = quiet;
    Ok(())
}

/// `1d 1h`, or empty.
pub(super) fn reminders(config: &mut Config, value: &Value) -> Set {
    let rule = "write reminders as \"1d 1h\": days, hours (h) or minutes (m) before, four at most";
    let leads: Result<Vec<Lead>, _> = value.text().split_whitespace().map(str::parse).collect();
    let leads = leads.map_err(|_| rule)?;
    config.messages.rules = Rules::new(config.messages.rules.quiet, leads).map_err(|_| rule)?;
    Ok(())
}

/// A host name or an IP address, nothing before or behind.
pub(super) fn server(config: &mut Config, value: &Value) -> Set {
    let plain = |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    config.mail.server = match value.given() {
        None => None,
        Some(text) => Some(text)
            .filter(plain)
            .map(str::to_owned)
            .map(Some)
            .ok_or("a server is a name or an IP address")?,
    };
    Ok(())
}

pub(super) fn security(config: &mut Config, value: &Value) -> Set {
    config.mail.security = match value.text() {
        "starttls" => Security::StartTls,
        "tls" => Security::Tls,
        "none" => Security::None,
        _ => return Err("the kinds are starttls, tls and none (on this machine only)".into()),
    };
    Ok(())
}

pub(super) fn from(config: &mut Config, value: &Value) -> Set {
    let read = |text| MailAddress::parse(text).map_err(|_| "write it as name@example.no");
    config.mail.from = value.given().map(read).transpose()?;
    Ok(())
}

/// `https://`, or `http://` to this machine.
pub(super) fn url(config: &mut Config, value: &Value) -> Set {
    let rule = "write it as https://host/path; plain http is for this machine only";
    let good = |text: &&str| {
        let uri: axum::http::Uri = text.parse().ok()?;
        match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => Some(()),
            (Some("http"), Some(host)) => is_this_machine(host).then_some(()),
            _ => None,
        }
    };
    config.sms.url = match value.given() {
        None => None,
        Some(text) => Some(good(&text).map(|()| text.to_owned()).ok_or(rule)?),
    };
    Ok(())
}

/// The name of a field of JSON.
pub(super) fn field(value: &Value) -> Result<String, String> {
    let plain =
        |text: &&str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    value.given().filter(plain).map(str::to_owned).ok_or_else(|| "a field must have a plain name".into())
}

/// From one second to ten minutes.
pub(super) fn patience(value: &Value) -> Result<Duration, String> {
    value.whole(1, 600, "patience is from 1 to 600 seconds").map(Duration::from_secs)
}

/// What does not go together: the rule and the way out.
pub(super) fn together(config: &Config) -> Option<(&'static str, &'static str)> {
    let mail = &config.mail;
    let local = mail.server.as_deref().is_some_and(is_this_machine);
    if mail.server.is_some() && mail.from.is_none() {
        return Some((
            "mail.server needs mail.from",
            "give the address that mail comes from, in neutral words",
        ));
    }
    if mail.server.is_some() && mail.security == Security::None && !local {
        return Some((
            "mail without encryption is refused off this machine",
            "leave mail.security at starttls, or use tls",
        ));
    }
    if mail.user.is_some() != mail.password_file.is_some() {
        return Some(("mail.user and mail.password_file belong together", "give both or neither"));
    }
    if mail.user.is_some() && mail.security == Security::None {
        return Some(("a password needs encryption", "use starttls or tls, or leave out mail.user"));
    }
    None
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
