//! How long one of the others has been silent, counted so that a server that calls lines up and down, orders epochs or
//! makes this page stand still gains as little as possible (SEC-019).

use ids::{ParticipantId, Timestamp};

/// Time between two ticks, which delays every judgement.
pub(crate) const TICK_MS: u64 = 500;
/// A gap between two looks at the clock that means that this page itself stood still. It counts as one tick: nobody
/// else is to blame for it, and who makes us stand still again and again puts nothing off for ever.
const STOOD_STILL_MS: u64 = 3 * TICK_MS;
/// A line that was down for this long without a break was really away, and gets the time to speak when it is back.
const AWAY_MS: u64 = 2_000;
/// What a newcomer needs to join before the first word.
const JOINING_MS: u64 = 2_000;

/// Milliseconds that count: those during which this page ran.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    counted: u64,
    looked: Option<Timestamp>,
}

impl Clock {
    /// The counted time at this moment.
    pub(crate) fn at(&mut self, now: Timestamp) -> u64 {
        let gap = self.looked.replace(now).map_or(0, |looked| now.since(looked).as_millis());
        let gap = u64::try_from(gap).unwrap_or(u64::MAX);
        self.counted += if gap >= STOOD_STILL_MS { TICK_MS } else { gap };
        self.counted
    }
}

/// The silence of one person, over all epochs and groups of a session. All times are counted.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) participant: ParticipantId,
    /// When we said what the newest of their answers in our epoch answers: then, at the earliest, it was written.
    proven: u64,
    /// How much of the time since then is not theirs to answer for.
    excused: u64,
    /// Since when the server calls the line down.
    down: Option<u64>,
    /// A return was already credited since the last answer.
    credited: bool,
}

impl Life {
    /// Somebody who was there before us; the line is down until the server calls it up.
    pub(crate) const fn found(participant: ParticipantId, at: u64) -> Self {
        Self { participant, proven: at, excused: 0, down: Some(at), credited: false }
    }

    /// Somebody who came after us.
    pub(crate) const fn newcomer(participant: ParticipantId, at: u64) -> Self {
        Self { proven: at + JOINING_MS, ..Self::found(participant, at) }
    }

    /// They answered what we said then.
    pub(crate) fn answered(&mut self, said: u64, at: u64) {
        if said > self.proven {
            (self.proven, self.excused, self.credited) = (said, 0, false);
            self.down = self.down.map(|_| at);
        }
    }

    /// The server calls the line up or down.
    pub(crate) fn line(&mut self, up: bool, at: u64) {
        match self.down {
            None if !up => self.down = Some(at),
            Some(since) if up => {
                self.down = None;
                let away = at.saturating_sub(since);
                self.excused += away;
                if away >= AWAY_MS {
                    self.credit(at);
                }
            }
            None | Some(_) => {}
        }
    }

    /// The time to speak, once for each answer: a server that makes lines go and come gains no more.
    pub(crate) fn credit(&mut self, at: u64) {
        if !self.credited {
            self.excused = at.saturating_sub(self.proven);
            self.credited = true;
        }
    }

    /// How long they have been silent while their line was up. Silence does not end with a line that flickers.
    pub(crate) fn silence(&self, at: u64) -> u64 {
        let down = self.down.map_or(0, |since| at.saturating_sub(since));
        if down >= AWAY_MS {
            return 0;
        }
        at.saturating_sub(self.proven).saturating_sub(self.excused).saturating_sub(down)
    }
}
