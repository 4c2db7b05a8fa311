//! How a participant's media reaches the forwarder, from arrival times and what the client says it sends.
//!
//! *Paused* is not known here: only the sender can say it, sealed.

use std::time::{Duration, Instant};

use ids::TrackKind;
use protocol::wire::MediaState;

/// A track without a packet for this long is late.
pub(crate) const LATE_AFTER: Duration = Duration::from_secs(1);
/// A participant of whom nothing came for this long is silent.
pub(crate) const SILENT_AFTER: Duration = Duration::from_secs(3);

/// The arrivals of one participant's tracks.
#[derive(Debug)]
pub(crate) struct Watch {
    /// For each track: since when it is expected or when its last packet came; `None` when it is not expected.
    tracks: [Option<Instant>; 3],
    state: MediaState,
}

impl Default for Watch {
    fn default() -> Self {
        Self { tracks: [None; 3], state: MediaState::Idle }
    }
}

impl Watch {
    /// What the client says it sends from now on.
    pub(crate) fn set_sending(&mut self, sending: &[TrackKind], now: Instant) {
        for kind in TrackKind::ALL {
            if let Some(track) = self.tracks.get_mut(usize::from(kind.number())) {
                *track = sending.contains(&kind).then(|| track.unwrap_or(now));
            }
        }
    }

    /// A packet came. Packets of a track that was not announced change nothing.
    pub(crate) fn heard(&mut self, kind: TrackKind, now: Instant) {
        if let Some(Some(last)) = self.tracks.get_mut(usize::from(kind.number())) {
            *last = now;
        }
    }

    /// The state, if it is another than before.
    pub(crate) fn take_change(&mut self, now: Instant) -> Option<MediaState> {
        let state = self.evaluate(now);
        (state != self.state).then(|| {
            self.state = state;
            state
        })
    }

    /// The state that was last told.
    pub(crate) const fn told(&self) -> MediaState {
        self.state
    }

    /// When the state may change by itself.
    pub(crate) fn next(&self) -> Option<Instant> {
        let ages = match self.state {
            MediaState::Idle | MediaState::Flowing => LATE_AFTER,
            MediaState::Late => SILENT_AFTER,
            MediaState::Silent => return None,
        };
        let relevant = self.relevant();
        match self.state {
            MediaState::Late => relevant.max().map(|at| at + ages),
            _ => relevant.min().map(|at| at + ages),
        }
    }

    fn evaluate(&self, now: Instant) -> MediaState {
        let Some((oldest, newest)) = self.relevant().min().zip(self.relevant().max()) else {
            return MediaState::Idle;
        };
        if now.saturating_duration_since(newest) >= SILENT_AFTER {
            MediaState::Silent
        } else if now.saturating_duration_since(oldest) >= LATE_AFTER {
            MediaState::Late
        } else {
            MediaState::Flowing
        }
    }

    /// Microphone and camera flow all the time while they are live; a still screen may send next to nothing, so it
    /// counts only when nothing else is sent.
    fn relevant(&self) -> impl Iterator<Item = Instant> + '_ {
        let [microphone, camera, screen] = self.tracks;
        let steady = [microphone, camera];
        let screen = if steady == [None; 2] { screen } else { None };
        steady.into_iter().flatten().chain(screen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_track_is_told_from_a_lost_one() {
        let start = crate::test_start();
        let at = |ms| start + Duration::from_millis(ms);
        let mut watch = Watch::default();
        assert_eq!(watch.take_change(at(0)), None);
        watch.set_sending(&[TrackKind::Microphone, TrackKind::Camera], at(0));
        assert_eq!(watch.take_change(at(0)), Some(MediaState::Flowing));
        assert_eq!(watch.next(), Some(at(1_000)));
        watch.heard(TrackKind::Microphone, at(900));
        assert_eq!(watch.take_change(at(1_000)), Some(MediaState::Late), "the picture is missing");
        watch.set_sending(&[TrackKind::Microphone], at(1_100));
        assert_eq!(
            watch.take_change(at(1_100)),
            Some(MediaState::Flowing),
            "the picture was stopped on purpose"
        );
        assert_eq!(watch.take_change(at(1_950)), Some(MediaState::Late));
        assert_eq!(watch.next(), Some(at(3_900)));
        assert_eq!(watch.take_change(at(3_900)), Some(MediaState::Silent));
        watch.heard(TrackKind::Camera, at(4_000));
        assert_eq!(watch.take_change(at(4_000)), None, "not announced");
        watch.set_sending(&[], at(4_100));
        assert_eq!(watch.take_change(at(4_100)), Some(MediaState::Idle));
    }
}
