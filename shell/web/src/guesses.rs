//! A brake on guessing tokens: each network address may miss so often, then it has to wait.
//!
//! Only misses cost anything, so a clinic behind one address never meets the brake. What is kept is a salted hash of
//! the address, in memory, for as long as the bucket is not full again (SEC-005, SEC-025).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use ids::Timestamp;
use sha2::{Digest, Sha256};

/// Misses that an address may have at once.
const MISSES_MAX: u32 = 20;
/// Milliseconds until one miss is forgiven.
const FORGIVEN_MS: i64 = 6_000;
/// Addresses remembered; beyond it, the one longest at rest is forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// The brake.
#[derive(Debug)]
pub(crate) struct Guesses {
    salt: [u8; 16],
    buckets: Mutex<HashMap<[u8; 16], Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    misses: u32,
    at: Timestamp,
}

impl Bucket {
    /// Forgives what time has forgiven.
    fn aged(self, now: Timestamp) -> Self {
        let forgiven = now.as_millis().saturating_sub(self.at.as_millis()).max(0) / FORGIVEN_MS;
        let misses = self.misses.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
        let at = Timestamp::from_millis(self.at.as_millis().saturating_add(forgiven * FORGIVEN_MS));
        Self { misses, at }
    }
}

impl Guesses {
    pub(crate) fn new(salt: [u8; 16]) -> Self {
        Self { salt, buckets: Mutex::default() }
    }

    /// Whether this address may try a token now.
    pub(crate) fn may_try(&self, peer: IpAddr, now: Timestamp) -> bool {
        let buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        buckets.get(&self.key(peer)).is_none_or(|bucket| bucket.aged(now).misses < MISSES_MAX)
    }

    /// Notes that this address tried a token that does not exist.
    pub(crate) fn missed(&self, peer: IpAddr, now: Timestamp) {
        let key = self.key(peer);
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| bucket.aged(now).misses > 0);
            if buckets.len() >= ADDRESSES_MAX
                && let Some(oldest) = buckets.iter().min_by_key(|(_, bucket)| bucket.at).map(|(key, _)| *key)
            {
                buckets.remove(&oldest);
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { misses: 0, at: now });
        *bucket = bucket.aged(now);
        if bucket.misses == 0 {
            bucket.at = now;
        }
        bucket.misses = bucket.misses.saturating_add(1).min(MISSES_MAX);
    }

    /// Gives back what a try cost that turned out right.
    pub(crate) fn forgiven(&self, peer: IpAddr, now: Timestamp) {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&self.key(peer)) {
            *bucket = bucket.aged(now);
            bucket.misses = bucket.misses.saturating_sub(1);
        }
    }

    /// IPv6 counts by /64: that is what one subscriber holds.
    fn key(&self, peer: IpAddr) -> [u8; 16] {
        let mut hasher = Sha256::new_with_prefix(self.salt);
        match peer.to_canonical() {
            IpAddr::V4(address) => hasher.update(address.octets()),
            IpAddr::V6(address) => hasher.update(&address.octets()[..8]),
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hasher.finalize()[..16]);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_address_that_misses_too_often_waits_and_is_forgiven() {
        let guesses = Guesses::new([1; 16]);
        let (bad, good) = (IpAddr::from([203, 0, 113, 9]), IpAddr::from([203, 0, 113, 10]));
        for _ in 0..MISSES_MAX {
            assert!(guesses.may_try(bad, at(0)));
            guesses.missed(bad, at(0));
        }
        assert!(!guesses.may_try(bad, at(0)));
        assert!(guesses.may_try(good, at(0)));
        assert!(!guesses.may_try(bad, at(FORGIVEN_MS - 1)));
        assert!(guesses.may_try(bad, at(FORGIVEN_MS)));
    }

    #[test]
    fn a_try_that_turned_out_right_costs_nothing() {
        let guesses = Guesses::new([4; 16]);
        let clinic = IpAddr::from([203, 0, 113, 11]);
        for _ in 0..3 * MISSES_MAX {
            assert!(guesses.may_try(clinic, at(0)));
            guesses.missed(clinic, at(0));
            guesses.forgiven(clinic, at(0));
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let guesses = Guesses::new([2; 16]);
        for n in 0..u32::try_from(ADDRESSES_MAX + 50).expect("small") {
            guesses.missed(IpAddr::from(n.to_be_bytes()), at(0));
        }
        let kept = guesses.buckets.lock().expect("nobody panicked").len();
        assert_eq!(kept, ADDRESSES_MAX);
    }

    #[test]
    fn one_subscriber_cannot_roam_through_its_own_addresses() {
        let guesses = Guesses::new([3; 16]);
        let one: IpAddr = "2001:db8::1".parse().expect("an address");
        let other: IpAddr = "2001:db8::ffff".parse().expect("an address");
        assert_eq!(guesses.key(one), guesses.key(other));
    }
}
