//! Between the page or the MLS worker and the worker that seals media.
//!
//! [`FrameKeys`] travels on the port between the two workers only; the page has no end of that port.

use ids::{ParticipantId, TrackKind};
use serde::{Deserialize, Serialize};

/// From MLS worker to frame worker, never through the page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameKeys {
    /// A new epoch: receivers open with it at once.
    Install {
        /// The epoch; its low sixteen bits go into the key id.
        epoch: u64,
        /// MLS exporter secret of the epoch, 32 bytes; each sender's key is derived from it (RFC 9605 §5.2).
        #[serde(with = "crate::fixed")]
        base: [u8; 32],
        /// Our own leaf.
        own_leaf: u32,
        /// Every member's leaf.
        members: Vec<(ParticipantId, u32)>,
        /// Whether somebody was removed: then senders switch at once.
        removal: bool,
    },
    /// All members have acknowledged this epoch: senders may switch before the timer.
    Acknowledged {
        /// The epoch.
        epoch: u64,
    },
    /// Stop sealing and opening and forget every key.
    Forget,
}

impl core::fmt::Debug for FrameKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Install { epoch, members, removal, .. } => {
                write!(f, "Install {{ epoch: {epoch}, members: {}, removal: {removal} }}", members.len())
            }
            Self::Acknowledged { epoch } => write!(f, "Acknowledged {{ epoch: {epoch} }}"),
            Self::Forget => f.write_str("Forget"),
        }
    }
}

/// From page to frame worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameCommand {
    /// A receiving m-line shows this track of this participant; frames of any other are dropped.
    Bind {
        /// The m-line's index.
        line: u8,
        /// Whose track, and which; `None` drops everything.
        source: Option<(ParticipantId, TrackKind)>,
    },
    /// Asks for [`FrameEvent::Counts`].
    Count,
}

/// From frame worker to page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameEvent {
    /// The first frame was sealed with this epoch's key, or opened with it on this line.
    KeyInUse {
        /// The epoch's low sixteen bits.
        epoch: u16,
        /// The receiving line; `None` for our own sending.
        line: Option<u8>,
    },
    /// How frames fared since the start.
    Counts {
        /// Sealed.
        sealed: u64,
        /// Opened.
        opened: u64,
        /// Dropped because no key was there or the line not bound yet: normal for a moment while somebody comes.
        no_key: u64,
        /// Dropped because the seal was broken, replayed, or of another sender or track: an attack or a fault.
        refused: u64,
    },
}
