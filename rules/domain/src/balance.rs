//! The balance line: when they were last in the same room, last on the screen, last on the telephone.
//!
//! Told to both sides alike, from hours that were held; nothing follows from it by itself.

use ids::Timestamp;

use crate::meeting::Mode;

/// An hour that was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How.
    pub mode: Mode,
    /// Whether the rest of it was by telephone: then it was both.
    pub partly_phone: bool,
    /// When it began.
    pub began: Timestamp,
}

/// When an hour was last held in each way; `None`: never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// In the same room: at the clinic, or where she lives.
    pub same_room: Option<Timestamp>,
    /// On the screen.
    pub screen: Option<Timestamp>,
    /// By telephone.
    pub phone: Option<Timestamp>,
}

impl Balance {
    /// From hours that were held.
    #[must_use]
    pub fn of(held: impl IntoIterator<Item = Held>) -> Self {
        let mut balance = Self::default();
        for Held { mode, partly_phone, began } in held {
            let last = match mode {
                Mode::Office | Mode::Visit => &mut balance.same_room,
                Mode::Video => &mut balance.screen,
                Mode::Phone => &mut balance.phone,
            };
            *last = (*last).max(Some(began));
            balance.phone = balance.phone.max(Some(began).filter(|_| partly_phone));
        }
        balance
    }

    /// Whether no hour was held at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
