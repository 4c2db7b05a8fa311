//! Sends what waits in the outbox: one message at a time and way, claimed before anything goes out, reported after.
//!
//! Nothing is sent twice by itself (SEC-060): what was certainly not taken waits and is tried again, what may have been
//! taken is left in doubt for a person to look at. Log lines name ids and reasons, never an address (SEC-062).

mod folder;
mod mail;
mod sms;
mod trust;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::message::{Channel, MailAddress, Outcome, Reason, Rules, State, wait_after};
use ids::{MessageId, Timestamp};
use jiff::tz::TimeZone;
use store::{Claim, Db, Parcel, Worker};
use tokio::sync::watch;
use web::message::Composer;

use crate::config::Config;
pub(crate) use crate::message::folder::FOLDER;
use crate::message::folder::Folder;
use crate::message::mail::{Letters, Smtp};
use crate::message::sms::Gateway;
use crate::{clock, entropy};

/// How often the outbox is looked into when nothing waits.
const IDLE: Duration = Duration::from_secs(2);
/// Between two messages.
const BETWEEN: Duration = Duration::from_millis(50);
/// The longest wait for a server that does not let us through.
const PAUSE_MAX: Duration = Duration::from_secs(5 * 60);
/// What a claim holds longer than the two steps of sending may take.
const LEASE_OVER_PATIENCE: Duration = Duration::from_secs(60);
/// Holds the name of this program among others on the same records.
const NAME_FILE: &str = "worker";

/// Everything that both ways need.
pub(crate) struct Post {
    db: Db,
    composer: Composer,
    rules: Rules,
    /// This program's name among others on the same records; the same after a restart.
    name: String,
    letters: Letters,
    mail: Carrier,
    sms: Carrier,
}

/// What takes a message on.
enum Carrier {
    /// Nobody: it is laid as a file.
    Folder(Folder),
    /// A mail server.
    Smtp(Smtp),
    /// A gateway for text messages.
    Gateway(Gateway),
}

impl Post {
    /// Reads passwords, tokens and certificates.
    ///
    /// # Errors
    /// When one of the files cannot be used; nothing is then sent.
    pub(crate) fn open(config: &Config, db: &Db, base_url: String) -> anyhow::Result<Self> {
        let zone = TimeZone::get(&config.time_zone).context("the time zone is not known")?;
        let nobody = || MailAddress::parse("nobody@example.invalid").context("an address of ours");
        let from = config.mail.from.clone().map_or_else(nobody, Ok)?;
        let folder = || Folder::new(&config.data);
        let mail = match &config.mail.server {
            None => Carrier::Folder(folder()),
            Some(server) => Carrier::Smtp(Smtp::open(server, &config.mail, from.host())?),
        };
        let sms = match &config.sms.url {
            None => Carrier::Folder(folder()),
            Some(url) => Carrier::Gateway(Gateway::open(url, &config.sms)?),
        };
        let letters = Letters::new(&from, &config.mail.from_name)?;
        let link_in_calendar = config.messages.link_in_calendar;
        Ok(Self {
            db: db.clone(),
            composer: Composer { base_url, zone, from, link_in_calendar },
            rules: config.messages.rules.clone(),
            name: own_name(&config.data)?,
            letters,
            mail,
            sms,
        })
    }

    /// Whether anything is laid into the folder instead of being sent.
    pub(crate) fn uses_folder(&self) -> bool {
        [&self.mail, &self.sms].iter().any(|carrier| matches!(carrier, Carrier::Folder(_)))
    }

    /// Sends what waits for one way until `stop` turns true; a message in hand is finished first.
    pub(crate) async fn carry(self: Arc<Self>, channel: Channel, mut stop: watch::Receiver<bool>) {
        let way = if channel == Channel::Mail { "mail" } else { "sms" };
        let name = format!("{}-{way}", self.name);
        let worker = Worker { name: &name, channel, host: self.composer.from.host() };
        let mut failures = 0;
        // Before anything is claimed: what the last run held when it ended may have arrived.
        let mut looked_back = false;
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // An error means that nobody can ask any more, which is a stop as well.
                () = async { _ = stop.wait_for(|stop| *stop).await } => return,
            }
            if !looked_back {
                looked_back = self.look_back(&name).await;
                wait = if looked_back { Duration::ZERO } else { IDLE };
                continue;
            }
            wait = self.round(worker, &mut failures).await;
        }
    }

    /// Puts in doubt what the last run held; whether that could be done.
    async fn look_back(&self, name: &str) -> bool {
        match self.db.doubt_what_was_in_hand(name, clock::wall()).await {
            Ok(0) => true,
            Ok(messages) => {
                tracing::warn!(messages, "the last run ended while it was sending; what it held is in doubt");
                true
            }
            Err(error) => {
                tracing::error!(%error, "the outbox could not be looked into");
                false
            }
        }
    }

    /// One look into the outbox; how long to wait until the next.
    async fn round(&self, worker: Worker<'_>, failures: &mut u32) -> Duration {
        match self.step(worker).await {
            Ok(Step::Idle) => IDLE,
            Ok(Step::Done) => {
                *failures = 0;
                BETWEEN
            }
            Ok(Step::WayClosed) => {
                *failures = failures.saturating_add(1);
                wait_after(*failures).min(PAUSE_MAX)
            }
            Err(error) => {
                metrics::counter!("samrom_store_failures").increment(1);
                tracing::error!(%error, "the outbox could not be worked on");
                IDLE
            }
        }
    }

    async fn step(&self, worker: Worker<'_>) -> store::Result<Step> {
        let now = clock::wall();
        let late = self.db.doubt_late_claims(now).await?;
        if late > 0 {
            tracing::warn!(messages = late, "claims ran out without a report; they are in doubt");
        }
        if !self.db.message_waits(worker.channel, now).await? {
            return Ok(Step::Idle);
        }
        match self.db.claim_message(worker, self.lease(worker.channel), now).await? {
            Claim::Nothing => Ok(Step::Idle),
            Claim::SetAside(message, reason) => {
                tell(message, State::Failed, Some(reason));
                Ok(Step::Done)
            }
            Claim::Taken(parcel) => self.send(&parcel, now).await,
        }
    }

    /// Longer than both steps of sending may take together.
    fn lease(&self, channel: Channel) -> Duration {
        let patience = match self.carrier(channel) {
            Carrier::Folder(_) => Duration::ZERO,
            Carrier::Smtp(smtp) => smtp.patience(),
            Carrier::Gateway(gateway) => gateway.patience(),
        };
        patience * 2 + LEASE_OVER_PATIENCE
    }

    const fn carrier(&self, channel: Channel) -> &Carrier {
        match channel {
            Channel::Mail => &self.mail,
            Channel::Sms => &self.sms,
        }
    }

    async fn send(&self, parcel: &Parcel, now: Timestamp) -> store::Result<Step> {
        let composed = self.composer.compose(parcel, now);
        let fate = match &parcel.to {
            store::Recipient::Mail(to) => match self.letters.write(parcel, to, &composed, now) {
                Ok(letter) => self.mail.mail(parcel, &letter).await,
                Err(_) => Fate::Refused(Reason::NoAddress),
            },
            store::Recipient::Sms(to) => self.sms.text(parcel, to.reveal(), composed.text.reveal()).await,
        };
        let at = clock::wall();
        let outcome = match fate {
            Fate::Accepted => Outcome::Accepted,
            Fate::Refused(why) => Outcome::Refused(why),
            Fate::Unknown(why) => Outcome::Unknown(why),
            Fate::NotYet(why) => {
                let moments = (at, parcel.time.0);
                let again = self.rules.again(parcel.kind, parcel.tries, moments, &self.composer.zone);
                Outcome::NotYet { why, again }
            }
        };
        let state = self.db.settle_message(parcel.key, outcome, at).await?;
        let reason = match fate {
            Fate::Accepted => None,
            Fate::Refused(why) | Fate::Unknown(why) | Fate::NotYet(why) => Some(why),
        };
        if let Some(state) = state {
            tell(parcel.key.message, state, reason);
        }
        let closed = matches!(fate, Fate::NotYet(why) if why.concerns_the_way());
        Ok(if closed { Step::WayClosed } else { Step::Done })
    }
}

/// What one look led to.
enum Step {
    /// Nothing waits.
    Idle,
    /// A message was dealt with.
    Done,
    /// The next server lets nothing through.
    WayClosed,
}

/// What became of a message on its way, as whoever carries it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was taken.
    Accepted,
    /// It was certainly not taken, and may be later.
    NotYet(Reason),
    /// It was certainly not taken, and will not be.
    Refused(Reason),
    /// It may have been taken.
    Unknown(Reason),
}

impl Carrier {
    async fn mail(&self, parcel: &Parcel, letter: &mail::Letter) -> Fate {
        match self {
            Self::Folder(folder) => folder.lay(parcel.key, "eml", letter.bytes.clone()).await,
            Self::Smtp(smtp) => smtp.send(letter).await,
            Self::Gateway(_) => Fate::Refused(Reason::NoAddress),
        }
    }

    async fn text(&self, parcel: &Parcel, to: &str, text: &str) -> Fate {
        match self {
            Self::Folder(folder) => {
                let file = format!("To: {to}\n\n{text}\n");
                folder.lay(parcel.key, "txt", file.into_bytes()).await
            }
            Self::Gateway(gateway) => gateway.send(to, text, &parcel.reference).await,
            Self::Smtp(_) => Fate::Refused(Reason::NoAddress),
        }
    }
}

/// One line per message: its id, how it stands, and why.
fn tell(message: MessageId, state: State, reason: Option<Reason>) {
    let (name, word) = match state {
        State::Sent => ("samrom_messages_sent", "sent"),
        State::InDoubt => ("samrom_messages_in_doubt", "in doubt"),
        State::Queued => ("samrom_messages_put_off", "put off"),
        State::Claimed | State::Failed | State::Withdrawn => ("samrom_messages_failed", "not sent"),
    };
    metrics::counter!(name).increment(1);
    match reason {
        None => tracing::info!(%message, "a message was {word}"),
        Some(reason) => tracing::warn!(%message, ?reason, "a message is {word}"),
    }
}

/// This program's name among others on the same records, drawn once and kept in the data folder.
fn own_name(data: &Path) -> anyhow::Result<String> {
    let file = data.join(NAME_FILE);
    match std::fs::read_to_string(&file) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Ok(_) => {}
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
        Err(why) => return Err(why).context("the name of this worker cannot be read"),
    }
    let drawn: String = entropy::bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(&file, format!("{drawn}\n")).context("the name of this worker cannot be kept")?;
    Ok(drawn)
}
