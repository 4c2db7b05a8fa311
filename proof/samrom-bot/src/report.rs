//! How it went: times, counts and the profile; ids of seats at most, never a name.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use ids::TrackKind;
use peer::call::{Call, FrameCounts, Phase};
use peer::{Frame, Profile};
use serde::Serialize;

/// What is reported.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Where it ended.
    pub(crate) phase: &'static str,
    /// Whether this was a host.
    pub(crate) host: bool,
    /// Milliseconds from the start to each of these.
    pub(crate) welcome_ms: Option<u64>,
    pub(crate) inside_ms: Option<u64>,
    pub(crate) locked_ms: Option<u64>,
    pub(crate) transport_ms: Option<u64>,
    pub(crate) first_frame_ms: Option<u64>,
    /// Milliseconds from being let in to the first picture that a decoder can start with.
    pub(crate) inside_to_first_picture_ms: Option<u64>,
    /// The SRTP profile that the server's hello named.
    pub(crate) srtp_profile: Option<String>,
    /// Members of the group at the end, oneself included.
    pub(crate) members: usize,
    /// The epoch at the end.
    pub(crate) epoch: Option<u64>,
    pub(crate) sealed: u64,
    pub(crate) opened: u64,
    pub(crate) no_key: u64,
    pub(crate) refused: u64,
    /// Frames by seat and track.
    pub(crate) tracks: BTreeMap<String, Track>,
    /// Chat lines of others.
    pub(crate) chat_lines: usize,
    /// The lock's alarm at the end, or the worst on the way.
    pub(crate) alarm: Option<String>,
}

/// Frames of one track.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Track {
    pub(crate) frames: u64,
    pub(crate) key_frames: u64,
    pub(crate) bytes: u64,
    pub(crate) first_ms: u64,
    /// The longest pause between two frames.
    pub(crate) longest_pause_ms: u64,
    #[serde(skip)]
    last: Option<Instant>,
}

impl Report {
    /// Frames of others that were opened.
    pub(crate) fn frames_opened(&self) -> u64 {
        self.tracks.values().map(|track| track.frames).sum()
    }

    /// Takes note of where the call is.
    pub(crate) fn look(&mut self, call: &Call, start: Instant, now: Instant) {
        let view = call.view();
        let since = Some(millis(start, now));
        self.phase = phase(&view.phase);
        if let Some(you) = &view.you {
            self.welcome_ms = self.welcome_ms.or(since);
            self.host = you.role.is_host();
        }
        if view.phase == Phase::Inside {
            self.inside_ms = self.inside_ms.or(since);
        }
        if let Some(epoch) = &view.lock.epoch {
            self.locked_ms = self.locked_ms.or(since);
            self.members = epoch.members.len();
            self.epoch = Some(epoch.epoch);
        }
        if let Some(alarm) = view.lock.alarm {
            self.alarm = Some(format!("{alarm:?}"));
        }
        self.chat_lines = view.chat.iter().filter(|line| !line.is_yours).count();
        let FrameCounts { sealed, opened, no_key, refused } = view.lock.frames;
        (self.sealed, self.opened, self.no_key, self.refused) = (sealed, opened, no_key, refused);
    }

    pub(crate) fn connected(&mut self, profile: Option<Profile>, start: Instant, now: Instant) {
        self.transport_ms = self.transport_ms.or(Some(millis(start, now)));
        self.srtp_profile = profile.map(|profile| format!("{profile:?}"));
    }

    pub(crate) fn frame(&mut self, frame: &Frame, start: Instant) {
        let at = millis(start, frame.at);
        self.first_frame_ms = self.first_frame_ms.or(Some(at));
        if frame.starts && frame.track == TrackKind::Camera && self.inside_to_first_picture_ms.is_none() {
            self.inside_to_first_picture_ms = self.inside_ms.map(|inside| at.saturating_sub(inside));
        }
        let track = self.tracks.entry(format!("{} {:?}", frame.participant, frame.track)).or_default();
        if track.frames == 0 {
            track.first_ms = at;
        }
        if let Some(last) = track.last {
            track.longest_pause_ms = track.longest_pause_ms.max(millis(last, frame.at));
        }
        track.last = Some(frame.at);
        track.frames += 1;
        track.key_frames += u64::from(frame.starts && !frame.track.is_audio());
        track.bytes += u64::try_from(frame.bytes.len()).unwrap_or(0);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |value: Option<u64>| value.map_or("never".to_owned(), |ms| format!("{ms} ms"));
        writeln!(f, "phase:       {}", self.phase)?;
        writeln!(f, "inside:      {}", ms(self.inside_ms))?;
        writeln!(f, "locked:      {} ({} members)", ms(self.locked_ms), self.members)?;
        writeln!(
            f,
            "transport:   {} ({})",
            ms(self.transport_ms),
            self.srtp_profile.as_deref().unwrap_or("?")
        )?;
        writeln!(f, "first frame: {}", ms(self.first_frame_ms))?;
        writeln!(
            f,
            "frames:      {} sealed, {} opened, {} without key, {} refused",
            self.sealed, self.opened, self.no_key, self.refused
        )?;
        for (name, track) in &self.tracks {
            writeln!(f, "  {name}: {} frames, longest pause {} ms", track.frames, track.longest_pause_ms)?;
        }
        write!(f, "alarm:       {}", self.alarm.as_deref().unwrap_or("none"))
    }
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}

const fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Connecting => "connecting",
        Phase::Reconnecting => "reconnecting",
        Phase::Checking => "checking",
        Phase::Entering => "entering",
        Phase::Waiting { .. } => "waiting",
        Phase::Refused { .. } => "refused",
        Phase::Inside => "inside",
        Phase::SteppedOut { .. } => "stepped-out",
        Phase::SomeoneCameIn { .. } => "someone-came-in",
        Phase::ClosedFast => "closed-fast",
        Phase::Ended { .. } => "ended",
    }
}
