//! How many messages one connection may send (SEC-025).

use core::time::Duration;
use std::time::Instant;

/// Messages that may come at once.
pub(crate) const BURST: u32 = 60;
/// Messages a second in the long run.
pub(crate) const PER_SECOND: u32 = 30;
/// Messages dropped in a row of short waits after which the connection is closed.
pub(crate) const DROPPED_MAX: u32 = 600;

/// A bucket that fills with time and is emptied by messages.
pub(crate) struct Rate {
    tokens: u32,
    filled: Instant,
    dropped: u32,
}

/// What to do with one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// Drop it and say so; only the first of a run, so that a flood is not answered by a flood.
    DropAndTell,
    Drop,
    /// Close the connection.
    Close,
}

impl Rate {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { tokens: BURST, filled: now, dropped: 0 }
    }

    pub(crate) fn message(&mut self, now: Instant) -> Verdict {
        self.fill(now);
        if let Some(left) = self.tokens.checked_sub(1) {
            self.tokens = left;
            if left > BURST / 2 {
                self.dropped = 0;
            }
            return Verdict::Take;
        }
        self.dropped = self.dropped.saturating_add(1);
        match self.dropped {
            1 => Verdict::DropAndTell,
            DROPPED_MAX.. => Verdict::Close,
            _ => Verdict::Drop,
        }
    }

    fn fill(&mut self, now: Instant) {
        let per_token = Duration::from_secs(1) / PER_SECOND;
        let passed = now.saturating_duration_since(self.filled);
        let gained = passed.as_nanos().checked_div(per_token.as_nanos()).unwrap_or(0);
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        if gained > 0 {
            self.tokens = self.tokens.saturating_add(gained).min(BURST);
            self.filled = now;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    use super::*;

    #[test]
    fn a_flood_is_told_once_and_then_cut_off_and_patience_is_rewarded() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        for _ in 0..BURST {
            assert_eq!(rate.message(start), Verdict::Take);
        }
        assert_eq!(rate.message(start), Verdict::DropAndTell);
        assert_eq!(rate.message(start), Verdict::Drop);
        let later = start + Duration::from_secs(1);
        for _ in 0..PER_SECOND {
            assert_eq!(rate.message(later), Verdict::Take);
        }
        let verdicts: Vec<_> = (0..DROPPED_MAX).map(|_| rate.message(later)).collect();
        assert_eq!(verdicts.last(), Some(&Verdict::Close));
    }

    #[test]
    fn an_ordinary_client_is_never_told_to_slow_down() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        for step in 0..10_000_u64 {
            assert_eq!(rate.message(start + Duration::from_millis(step * 50)), Verdict::Take);
        }
    }
}
