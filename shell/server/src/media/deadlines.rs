//! One heap of moments for a whole shard, so that an idle room costs nothing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// The next moment of each key. A key has one moment; setting another replaces it.
pub(crate) struct Deadlines<K> {
    heap: BinaryHeap<Reverse<(Instant, K)>>,
    current: HashMap<K, Instant>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), current: HashMap::new() }
    }
}

impl<K: Copy + Ord + Hash> Deadlines<K> {
    /// Sets the moment of a key.
    pub(crate) fn set(&mut self, key: K, at: Instant) {
        if self.current.insert(key, at) != Some(at) {
            self.heap.push(Reverse((at, key)));
        }
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: K) {
        self.current.remove(&key);
    }

    /// The earliest moment of all.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, key))) = self.heap.peek() {
            if self.current.get(key) == Some(at) {
                return Some(*at);
            }
            // Replaced or removed since it was pushed.
            self.heap.pop();
        }
        None
    }

    /// Takes one key whose moment has come.
    pub(crate) fn due(&mut self, now: Instant) -> Option<K> {
        if self.next()? > now {
            return None;
        }
        let Reverse((_, key)) = self.heap.pop()?;
        self.current.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock;

    #[test]
    fn a_key_has_one_moment_and_the_last_one_set_counts() {
        let now = clock::steady();
        let second = Duration::from_secs(1);
        let mut deadlines = Deadlines::default();
        deadlines.set('a', now);
        deadlines.set('b', now + second);
        deadlines.set('a', now + second * 2);
        assert_eq!(deadlines.next(), Some(now + second));
        assert_eq!(deadlines.due(now), None);
        assert_eq!(deadlines.due(now + second), Some('b'));
        deadlines.remove('a');
        assert_eq!(deadlines.next(), None);
    }
}
