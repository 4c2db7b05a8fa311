//! When each signed-in browser last asked for something, as far as this run of the program remembers.
//!
//! It stands nowhere in the records: a trail of everybody's movements is nothing that anybody needs. It serves only
//! the page on which a person looks whether somebody else uses her sign-in.

use std::collections::HashMap;
use std::sync::Mutex;

use ids::{SignInId, Timestamp};

/// Browsers remembered; beyond it, the one longest unseen is forgotten.
const BROWSERS_MAX: usize = 10_000;

/// When browsers were last seen.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<SignInId, Timestamp>>);

impl Seen {
    /// A browser asked for something.
    pub(crate) fn note(&self, browser: SignInId, now: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.len() >= BROWSERS_MAX
            && !seen.contains_key(&browser)
            && let Some(oldest) = seen.iter().min_by_key(|(_, at)| **at).map(|(browser, _)| *browser)
        {
            seen.remove(&oldest);
        }
        seen.insert(browser, now);
    }

    /// When a browser last asked for something, if that is known.
    pub(crate) fn last(&self, browser: SignInId) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&browser).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(number: u32) -> SignInId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        SignInId::from_bytes(bytes)
    }

    #[test]
    fn the_last_time_counts_and_the_memory_is_bounded() {
        let seen = Seen::default();
        let at = |number: u32| Timestamp::from_millis(i64::from(number));
        assert_eq!(seen.last(browser(0)), None);
        for number in 0..=u32::try_from(BROWSERS_MAX).expect("small") {
            seen.note(browser(number), at(number));
        }
        assert_eq!(seen.last(browser(0)), None, "the one longest unseen is forgotten");
        assert_eq!(seen.last(browser(1)), Some(at(1)));
        seen.note(browser(1), at(20_000));
        assert_eq!(seen.last(browser(1)), Some(at(20_000)));
    }
}
