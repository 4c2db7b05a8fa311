//! What this browser remembers: the choices of the last check, and, for one tab, that it was inside.
//!
//! No name, no meeting's content and no key is kept here; a shared machine tells nothing. On a device that was lent for
//! one hour all of it lasts as long as the tab (SEC-088).

use protocol::content::Around;
use web_sys::Storage;

use crate::dom::{self, window};

/// How to take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// Picture and sound.
    Both,
    /// Sound only.
    Sound,
    /// Neither: asks for no permission at all.
    Neither,
}

impl Means {
    /// By the value in the page.
    pub(crate) fn from_value(value: &str) -> Option<Self> {
        match value {
            "both" => Some(Self::Both),
            "sound" => Some(Self::Sound),
            "neither" => Some(Self::Neither),
            _ => None,
        }
    }

    /// The value in the page.
    pub(crate) const fn value(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Sound => "sound",
            Self::Neither => "neither",
        }
    }

    /// Whether a microphone is used.
    pub(crate) const fn microphone(self) -> bool {
        !matches!(self, Self::Neither)
    }

    /// Whether a camera is used.
    pub(crate) const fn camera(self) -> bool {
        matches!(self, Self::Both)
    }
}

const MEANS: &str = "samrom-means";
const AROUND: &str = "samrom-around";
const SELF_VIEW: &str = "samrom-self-view";
const INSIDE: &str = "samrom-inside";

fn lasting() -> Option<Storage> {
    if dom::is_shared() {
        return of_tab();
    }
    window().local_storage().ok().flatten()
}

fn of_tab() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn read(storage: Option<Storage>, key: &str) -> Option<String> {
    storage?.get_item(key).ok().flatten()
}

fn write(storage: Option<Storage>, key: &str, value: &str) {
    if let Some(storage) = storage {
        // A full or forbidden store only costs the memory.
        let _ = storage.set_item(key, value);
    }
}

/// How this person took part the last time.
pub(crate) fn means() -> Option<Means> {
    Means::from_value(&read(lasting(), MEANS)?)
}

/// Remembers how.
pub(crate) fn remember_means(means: Means) {
    write(lasting(), MEANS, means.value());
}

/// What this person said the last time about who is in the room: one sign, counted from `0`, which is nothing.
pub(crate) fn around() -> Around {
    let text = read(lasting(), AROUND).unwrap_or_default();
    Around::from(text.bytes().next().unwrap_or(b'0').wrapping_sub(b'0'))
}

/// Remembers it, or forgets it when nothing is said.
pub(crate) fn remember_around(around: Around) {
    let sign = char::from(b'0'.wrapping_add(around.bits()));
    write(lasting(), AROUND, sign.encode_utf8(&mut [0; 4]));
}

/// The device chosen the last time, by the `data-do` of its control.
pub(crate) fn device(control: &str) -> Option<String> {
    read(lasting(), &["samrom-", control].concat())
}

/// Remembers a device.
pub(crate) fn remember_device(control: &str, device: &str) {
    write(lasting(), &["samrom-", control].concat(), device);
}

/// Whether noise around this person is to be dampened, which takes breath and pauses with it.
pub(crate) fn dampens_noise() -> bool {
    device("noise").is_some_and(|noise| noise == "dampened")
}

/// Remembers it.
pub(crate) fn remember_noise(dampened: bool) {
    remember_device("noise", if dampened { "dampened" } else { "" });
}

/// Whether this person wants to see herself; `None` when never chosen.
pub(crate) fn self_view() -> Option<bool> {
    Some(read(lasting(), SELF_VIEW)? == "shown")
}

/// Remembers it.
pub(crate) fn remember_self_view(shown: bool) {
    write(lasting(), SELF_VIEW, if shown { "shown" } else { "hidden" });
}

/// What this tab was doing in this session before a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Waiting or inside.
    Arrived,
    /// Somebody had come in (CARE-03); only the one who pressed undoes it.
    SomeoneCameIn,
    /// It was closed fast, and the server may not have heard it (CARE-02).
    ClosedFast,
}

/// What this tab was doing in this session.
pub(crate) fn before(session: &str) -> Option<Before> {
    let text = read(of_tab(), INSIDE)?;
    let (of, state) = text.split_once(' ')?;
    if of != session {
        return None;
    }
    Some(match state {
        "neutral" => Before::SomeoneCameIn,
        "closed" => Before::ClosedFast,
        _ => Before::Arrived,
    })
}

/// Remembers what this tab does now, for a reload.
pub(crate) fn remember_now(session: &str, now: Option<Before>) {
    match now {
        Some(Before::Arrived) => write(of_tab(), INSIDE, &[session, " arrived"].concat()),
        Some(Before::ClosedFast) => write(of_tab(), INSIDE, &[session, " closed"].concat()),
        Some(Before::SomeoneCameIn) => write(of_tab(), INSIDE, &[session, " neutral"].concat()),
        None => write(of_tab(), INSIDE, ""),
    }
}
