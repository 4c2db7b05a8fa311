//! A window over frame counters: each counter opens once, and what is too old opens never (SEC-017).

/// Counters that a frame may lag behind the newest one of its key.
///
/// Three simulcast layers at thirty frames a second share one counter; this is more than ten seconds of them.
pub(crate) const WINDOW: u64 = 1024;
const WORDS: usize = 16;

/// Which counters of one key were opened.
#[derive(Debug, Default)]
pub(crate) struct ReplayWindow {
    /// One above the highest counter that was opened; zero when none was.
    next: u64,
    seen: [u64; WORDS],
}

impl ReplayWindow {
    /// Whether a frame with this counter may still be opened.
    pub(crate) fn admits(&self, counter: u64) -> bool {
        if counter >= self.next {
            // The last counter of all could not be told from its replay; no sender ever gets there.
            return counter != u64::MAX;
        }
        self.next - counter <= WINDOW && !self.bit(counter)
    }

    /// Remembers a counter whose frame was authentic; a forged counter must never get here.
    pub(crate) fn record(&mut self, counter: u64) {
        if counter >= self.next {
            let skipped = (counter - self.next).min(WINDOW);
            for back in 0..skipped {
                self.set(counter - 1 - back, false);
            }
            self.next = counter.saturating_add(1);
        }
        self.set(counter, true);
    }

    fn bit(&self, counter: u64) -> bool {
        let (word, mask) = place(counter);
        self.seen.get(word).is_some_and(|bits| bits & mask != 0)
    }

    fn set(&mut self, counter: u64, value: bool) {
        let (word, mask) = place(counter);
        if let Some(bits) = self.seen.get_mut(word) {
            if value {
                *bits |= mask;
            } else {
                *bits &= !mask;
            }
        }
    }
}

fn place(counter: u64) -> (usize, u64) {
    let slot = counter % WINDOW;
    (usize::try_from(slot / 64).unwrap_or(0), 1 << (slot % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_counter_opens_once() {
        let mut window = ReplayWindow::default();
        for counter in [0, 5, 3, 4, 2000, 1999] {
            assert!(window.admits(counter));
            window.record(counter);
            assert!(!window.admits(counter), "{counter} is a replay now");
        }
        assert!(!window.admits(5), "too old");
        assert!(window.admits(1000), "late but never seen");
    }

    #[test]
    fn the_end_of_the_counter_space_is_no_way_around() {
        let mut window = ReplayWindow::default();
        window.record(u64::MAX - 1);
        assert!(!window.admits(u64::MAX - 1));
        assert!(!window.admits(u64::MAX));
        assert!(!window.admits(3));
    }

    proptest! {
        #[test]
        fn the_window_agrees_with_a_plain_set(counters in prop::collection::vec(0u64..5000, 1..400)) {
            let mut window = ReplayWindow::default();
            let mut seen = BTreeSet::new();
            for counter in counters {
                let newest = seen.last().copied();
                let fresh = !seen.contains(&counter)
                    && newest.is_none_or(|newest: u64| newest < counter + WINDOW);
                prop_assert_eq!(window.admits(counter), fresh);
                if fresh {
                    window.record(counter);
                    seen.insert(counter);
                }
            }
        }
    }
}
