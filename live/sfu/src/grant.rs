//! The forwarder's key to the door: without a grant nothing is forwarded (SEC-001).

use ids::{Capabilities, ParticipantId, TrackKind};

/// Permission to send and receive media in one session.
///
/// Cannot be cloned; lives until [`crate::Forwarder::pause`] or [`crate::Forwarder::disconnect`].
#[derive(Debug, PartialEq, Eq)]
pub struct MediaGrant {
    participant: ParticipantId,
    tracks: [bool; 3],
}

impl MediaGrant {
    /// Makes a grant. Called by `room` alone, and only with an `&Admission` of the door in hand; tidy checks that no
    /// other crate's source names this function (tests apart).
    #[must_use]
    pub const fn mint(participant: ParticipantId, capabilities: &Capabilities) -> Self {
        Self { participant, tracks: [capabilities.microphone, capabilities.camera, capabilities.screen] }
    }

    /// Whose grant it is.
    #[must_use]
    pub const fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// Whether this participant may send such a track.
    #[must_use]
    pub fn allows(&self, track: TrackKind) -> bool {
        self.tracks.get(usize::from(track.number())).copied().unwrap_or(false)
    }
}
