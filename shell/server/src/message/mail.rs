//! Mail: the letter as bytes (RFC 5322, MIME, RFC 6047), and its way to the server that takes it (RFC 5321).
//!
//! The commands are given one by one, because what matters is *when* something fails: before the mail itself went out
//! it was certainly not taken; after that, only an answer makes it certain.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;
use domain::message::{MailAddress, Reason};
use ids::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use secrecy::{ExposeSecret as _, SecretString};
use store::Parcel;
use tokio::time::timeout;
use web::message::{CalendarFile, Composed};

use crate::config::{Mail, Security};
use crate::message::{Fate, trust};

/// How long a polite goodbye may take; the mail has been taken by then.
const GOODBYE: Duration = Duration::from_secs(2);
/// How the calendar file is called among the attachments.
const CALENDAR_NAME: &str = "calendar.ics";

/// Writes letters from one sender.
pub(super) struct Letters {
    from: Mailbox,
}

/// A letter as it leaves.
pub(super) struct Letter {
    from: Address,
    to: Address,
    pub(super) bytes: Vec<u8>,
}

impl Letters {
    pub(super) fn new(from: &MailAddress, name: &str) -> anyhow::Result<Self> {
        let address = address(from).context("mail.from cannot be used as an address")?;
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Self { from: Mailbox::new(name, address) })
    }

    /// The same parcel at the same moment gives the same bytes. `Auto-Submitted` keeps answering machines quiet
    /// (RFC 3834 §5).
    pub(super) fn write(
        &self,
        parcel: &Parcel,
        to: &MailAddress,
        composed: &Composed,
        now: Timestamp,
    ) -> anyhow::Result<Letter> {
        let to = address(to)?;
        let since = Duration::from_millis(now.as_millis().unsigned_abs());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let head = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(composed.subject.reveal().as_str())
            .date(UNIX_EPOCH + since)
            .message_id(Some(format!("<{}>", parcel.reference)))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
        let text = SinglePart::plain(composed.text.reveal().clone());
        let message = match &composed.calendar {
            None => head.singlepart(text)?,
            Some(calendar) => head.multipart(with_calendar(parcel, text, calendar)?)?,
        };
        Ok(Letter { from: self.from.email.clone(), to, bytes: message.formatted() })
    }
}

/// The text, the same for calendars, and the file for whoever has to open it by hand. The parts are told apart by a
/// line that holds the message's own id, which nobody else can have written into the text.
fn with_calendar(parcel: &Parcel, text: SinglePart, file: &CalendarFile) -> anyhow::Result<MultiPart> {
    let typed = |kind: &str| {
        let kind = format!("{kind}; charset=utf-8; method={}", file.method);
        ContentType::parse(&kind).context("a type of ours")
    };
    let body = file.text.reveal().clone();
    let inner = SinglePart::builder().header(typed("text/calendar")?).body(body.clone());
    let attached = Attachment::new(CALENDAR_NAME.to_owned()).body(body, typed("application/ics")?);
    let id = parcel.key.message;
    let either = MultiPart::alternative().boundary(format!("either-{id}")).singlepart(text).singlepart(inner);
    Ok(MultiPart::mixed().boundary(format!("parts-{id}")).multipart(either).singlepart(attached))
}

fn address(address: &MailAddress) -> anyhow::Result<Address> {
    Ok(address.reveal().parse()?)
}

/// The server that takes our mail.
pub(super) struct Smtp {
    server: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    sign_in: Option<(String, SecretString)>,
    hello: ClientId,
    patience: Duration,
}

impl Smtp {
    /// Reads the password and whom to trust.
    ///
    /// # Errors
    /// When a file cannot be used.
    pub(super) fn open(server: &str, settings: &Mail, own_host: &str) -> anyhow::Result<Self> {
        let tls = match settings.security {
            Security::None => None,
            Security::StartTls | Security::Tls => {
                let mut trusted = TlsParametersBuilder::new(server.to_owned());
                if let Some(file) = &settings.authority {
                    trusted = trusted.certificate_store(CertificateStore::None);
                    for certificate in trust::certificates(file)? {
                        let certificate = Certificate::from_der(certificate.to_vec());
                        trusted =
                            trusted.add_root_certificate(certificate.context("an authority's certificate")?);
                    }
                } else {
                    trusted = trusted.certificate_store(CertificateStore::WebpkiRoots);
                }
                Some(trusted.build_rustls().context("the mail server's name cannot be used for TLS")?)
            }
        };
        let sign_in = match (&settings.user, &settings.password_file) {
            (Some(user), Some(file)) => {
                let password = std::fs::read_to_string(file);
                let password = password.with_context(|| format!("{} cannot be read", file.display()))?;
                Some((user.clone(), SecretString::from(password.trim_end_matches(['\r', '\n']))))
            }
            _ => None,
        };
        Ok(Self {
            server: server.to_owned(),
            port: settings.port,
            security: settings.security,
            tls,
            sign_in,
            hello: ClientId::Domain(own_host.to_owned()),
            patience: settings.patience,
        })
    }

    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Brings a letter to the server, over a line of its own.
    pub(super) async fn send(&self, letter: &Letter) -> Fate {
        let mut line = match timeout(self.patience, self.until_data(letter)).await {
            Ok(Ok(line)) => line,
            Ok(Err(fate)) => return fate,
            // Nothing of the mail has left yet.
            Err(_) => return Fate::NotYet(Reason::Unreachable),
        };
        // From here on it may be taken, and only an answer says that it was not.
        match timeout(self.patience, line.message(&letter.bytes)).await {
            Ok(Ok(_)) => {
                // It has been taken, however the goodbye goes.
                let _ = timeout(GOODBYE, line.quit()).await;
                Fate::Accepted
            }
            Ok(Err(error)) if error.is_transient() => Fate::NotYet(Reason::Busy),
            Ok(Err(error)) if error.is_permanent() => Fate::Refused(Reason::Refused),
            Ok(Err(_)) => Fate::Unknown(Reason::LineLost),
            Err(_) => Fate::Unknown(Reason::Silence),
        }
    }

    /// Everything up to the server's word that it wants the mail itself (354).
    async fn until_data(&self, letter: &Letter) -> Result<AsyncSmtpConnection, Fate> {
        let mut line = self.connect().await?;
        if let Some((user, password)) = &self.sign_in {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let answer = line.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            answer.map_err(|error| refused(&error, Fate::NotYet(Reason::SignInRefused)))?;
        }
        let from = line.command(MailFrom::new(Some(letter.from.clone()), vec![])).await;
        from.map_err(|error| refused(&error, Fate::Refused(Reason::Refused)))?;
        let to = line.command(Rcpt::new(letter.to.clone(), vec![])).await;
        to.map_err(|error| refused(&error, Fate::Refused(Reason::RecipientRefused)))?;
        let data = line.command(Data).await;
        data.map_err(|error| refused(&error, Fate::Refused(Reason::Refused)))?;
        Ok(line)
    }

    /// A line that is protected as the configuration asks, or none (SEC-064).
    async fn connect(&self) -> Result<AsyncSmtpConnection, Fate> {
        let at = (self.server.as_str(), self.port);
        let wrapped = self.tls.clone().filter(|_| self.security == Security::Tls);
        let line =
            AsyncSmtpConnection::connect_tokio1(at, Some(self.patience), &self.hello, wrapped, None).await;
        let mut line = line.map_err(|error| unreached(&error))?;
        if let (Security::StartTls, Some(tls)) = (self.security, &self.tls) {
            if !line.can_starttls() {
                line.abort().await;
                return Err(Fate::NotYet(Reason::NotTrusted));
            }
            line.starttls(tls.clone(), &self.hello).await.map_err(|error| unreached(&error))?;
        }
        Ok(line)
    }
}

/// No usable line: nobody there, or nobody whom we trust.
fn unreached(error: &lettre::transport::smtp::Error) -> Fate {
    let reason = if error.is_transient() {
        Reason::Busy
    } else if error.is_tls() || trust::is_about_trust(error) {
        Reason::NotTrusted
    } else {
        Reason::Unreachable
    };
    Fate::NotYet(reason)
}

/// A no before the mail itself went out: for now, for good, or the line broke.
fn refused(error: &lettre::transport::smtp::Error, for_good: Fate) -> Fate {
    if error.is_permanent() || error.is_client() {
        for_good
    } else if error.is_transient() {
        Fate::NotYet(Reason::Busy)
    } else {
        Fate::NotYet(Reason::Unreachable)
    }
}
