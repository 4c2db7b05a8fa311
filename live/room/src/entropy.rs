//! Randomness from the shell's seed: the room generates none, it only stretches what it was given.

use ids::Timestamp;
use sha2::{Digest, Sha256};

/// A hash ratchet over the seed; an earlier value cannot be found from a later state.
pub(crate) struct Entropy([u8; 32]);

impl Entropy {
    pub(crate) const fn new(seed: [u8; 32]) -> Self {
        Self(seed)
    }

    /// Thirty-two fresh bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let out = hash(b"samrom room entropy: out", &self.0);
        self.0 = hash(b"samrom room entropy: next", &self.0);
        out
    }

    /// A fresh id of any kind.
    pub(crate) fn id<I>(&mut self, at: Timestamp, make: impl FnOnce(Timestamp, [u8; 10]) -> I) -> I {
        let [a, b, c, d, e, f, g, h, i, j, ..] = self.bytes();
        make(at, [a, b, c, d, e, f, g, h, i, j])
    }

    /// Sixty-four fresh characters that ICE allows, four bits each.
    pub(crate) fn text(&mut self) -> String {
        self.bytes()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|nibble| char::from(b'a' + nibble))
            .collect()
    }
}

fn hash(label: &[u8], state: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(label).chain_update(state).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream_and_no_value_twice() {
        let (mut one, mut same) = (Entropy::new([7; 32]), Entropy::new([7; 32]));
        let first: Vec<_> = (0..100).map(|_| one.bytes()).collect();
        let again: Vec<_> = (0..100).map(|_| same.bytes()).collect();
        assert_eq!(first, again);
        let distinct: std::collections::BTreeSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), first.len());
        assert!(one.text().bytes().all(|byte| byte.is_ascii_lowercase()));
    }
}
