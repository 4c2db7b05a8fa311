//! What the server gives to the pages: records, clock, the way into a room, and settings.
//!
//! The pages open no socket and read no clock and make no randomness themselves; everything of that kind comes in here, so
//! that a test can hand in a fixed clock and see the same bytes twice.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::ws::WebSocket;
use domain::closing::DeviceKind;
use domain::connections::{Code, Happening};
use domain::message::{Rules, Timetable};
use identity::RelyingParty;
use ids::{OrganizationId, ParticipantId, SessionId, SignInId, Timestamp};
use jiff::tz::TimeZone;

use crate::assets::Assets;
use crate::guesses::Guesses;
use crate::i18n::Lang;
use crate::seen::Seen;

/// A future whose type is of no interest.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An authenticated socket on its way from a page to its room (SEC-027).
#[derive(Debug)]
pub struct SocketHandover {
    /// The session it asks for; the sign-in holds a seat in it.
    pub session: SessionId,
    /// The seat.
    pub participant: ParticipantId,
    /// The sign-in that opened it; when it ends, the socket must end.
    pub sign_in: SignInId,
    /// What it was opened from, if the browser says.
    pub device: Option<DeviceKind>,
    /// The socket, upgraded.
    pub socket: WebSocket,
}

/// Somebody who waits at this moment, as the rooms know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingNow {
    /// In which session.
    pub session: SessionId,
    /// Which seat.
    pub participant: ParticipantId,
    /// Since when.
    pub since: Timestamp,
}

/// Takes an upgraded socket to its room; the future lasts as long as the socket.
pub type SocketPort = Arc<dyn Fn(SocketHandover) -> Pending<()> + Send + Sync>;
/// Who waits in these sessions now.
pub type WaitingPort = Arc<dyn Fn(&[SessionId]) -> Vec<WaitingNow> + Send + Sync>;

/// The support code of a seat in an organisation's hour, and what happened to the seat by the page that shows it.
pub type SupportCodePort =
    Arc<dyn Fn(ParticipantId, OrganizationId, Option<Happening>) -> Code + Send + Sync>;
/// What happened to the line that has a support code, in an organisation's hour; `None`: there is none (SEC-116).
pub type ConnectionLogPort =
    Arc<dyn Fn(OrganizationId, Code) -> Option<Vec<(Timestamp, Happening)>> + Send + Sync>;

/// What the server does for the pages.
#[derive(Clone)]
pub struct Ports {
    /// The time.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Takes an upgraded socket to its room; the future lasts as long as the socket.
    pub sockets: SocketPort,
    /// Who waits in these sessions now.
    pub waiting: WaitingPort,
    /// The support code of a seat.
    pub support_code: SupportCodePort,
    /// What happened under one.
    pub connection_log: ConnectionLogPort,
    /// Random bytes for this run, from the system's CSPRNG.
    pub salt: [u8; 16],
}

/// A link of the demo, for the front page.
#[derive(Debug, Clone)]
pub struct DemoLink {
    /// Who.
    pub who: store::demo::DemoRole,
    /// The whole address, on this machine.
    pub address: String,
}

impl DemoLink {
    /// The key of the words for who it is.
    #[must_use]
    pub const fn who_key(&self) -> &'static str {
        crate::demo::who_key(self.who)
    }
}

/// Whom to call, as the pages write it (CARE-14: numbers are configuration).
#[derive(Debug, Clone)]
pub struct Numbers {
    /// The emergency line for children and young people.
    pub child_line: String,
    /// The out-of-hours doctor.
    pub doctor: String,
    /// Danger to life.
    pub emergency: String,
    /// The police, when somebody is in danger; shown to clinicians only.
    pub police: String,
    /// What the reader's organisation has beside them.
    pub local: Vec<LocalLine>,
    /// What it says itself, in the reader's language.
    pub said: Vec<String>,
}

/// A number of the reader's own organisation.
#[derive(Debug, Clone)]
pub struct LocalLine {
    /// The key of the words for whose it is.
    pub key: &'static str,
    /// The number.
    pub number: String,
    /// When somebody answers, as it is to be written.
    pub hours: Option<String>,
}

impl Default for Numbers {
    /// The national numbers of Norway.
    fn default() -> Self {
        Self {
            child_line: "116 111".to_owned(),
            doctor: "116 117".to_owned(),
            emergency: "113".to_owned(),
            police: "112".to_owned(),
            local: Vec::new(),
            said: Vec::new(),
        }
    }
}

/// Who helps with the technology (CARE-15).
#[derive(Debug, Clone)]
pub struct Support {
    /// The number.
    pub phone: String,
    /// When somebody answers, as it is to be written.
    pub hours: String,
}

/// How this installation is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach us, without a slash at the end: `https://samrom.example`.
    pub base_url: String,
    /// `Some` in demo mode; its links sign in from loopback only (SEC-010).
    pub demo: Option<Vec<DemoLink>>,
    /// The language of those who asked for none.
    pub language: Lang,
    /// The zone in which times are written.
    pub time_zone: TimeZone,
    /// When messages leave.
    pub rules: Rules,
    /// Whether text messages leave: by a gateway, or as in a demo. Without, nobody is offered what only a text brings.
    pub texts: bool,
    /// Whom to call.
    pub numbers: Numbers,
    /// Who helps with the technology, if anybody does.
    pub support: Option<Support>,
}

impl Settings {
    /// When messages leave, and by whose clocks.
    #[must_use]
    pub fn timetable(&self) -> Timetable {
        Timetable { rules: self.rules.clone(), zone: self.time_zone.clone() }
    }

    /// Whether people reach us over TLS (perhaps ended by a proxy before us).
    #[must_use]
    pub fn tls(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// The state behind every page; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] holds.
pub struct Inner {
    /// The records.
    pub db: store::Db,
    /// What the server does for us.
    pub ports: Ports,
    /// How we are set up.
    pub settings: Settings,
    /// Scripts, styles and modules.
    pub assets: Assets,
    /// Who we are to passkeys; `None` when there are none at our address.
    pub(crate) relying_party: Option<RelyingParty>,
    pub(crate) guesses: Guesses,
    pub(crate) seen: Seen,
}

impl AppState {
    /// Brings the parts together.
    #[must_use]
    pub fn new(db: store::Db, ports: Ports, settings: Settings, assets: Assets) -> Self {
        let guesses = Guesses::new(ports.salt);
        let relying_party = RelyingParty::new(&settings.base_url).ok();
        Self(Arc::new(Inner { db, ports, settings, assets, relying_party, guesses, seen: Seen::default() }))
    }

    /// The time, from the server.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0.ports.clock)()
    }
}

impl std::ops::Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
