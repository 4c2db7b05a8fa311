//! Safety words: 66 bits of the epoch authenticator, as six indices into a list of 2,048 words (SEC-016).

use sha2::{Digest, Sha256};

/// Rounds of hashing. A server that runs two groups and looks for two epochs with the same words needs about 2³³
/// trials; this makes each of them cost 2¹⁴ hashes more, and a member only a few milliseconds for each epoch.
const ROUNDS: u32 = 1 << 14;

/// The words of an epoch.
pub(crate) fn safety_words(authenticator: &[u8]) -> [u16; 6] {
    let mut digest: [u8; 32] =
        Sha256::new().chain_update(b"samrom safety words v1\0").chain_update(authenticator).finalize().into();
    for _ in 0..ROUNDS {
        digest = Sha256::digest(digest).into();
    }
    let [a, b, c, d, e, f, g, h, i, ..] = digest.map(u128::from);
    let bits = [a, b, c, d, e, f, g, h, i].into_iter().fold(0, |bits, byte| (bits << 8) | byte);
    // Nine bytes are 72 bits; the top 66 make the words.
    core::array::from_fn(|word| {
        u16::try_from((bits >> (72 - 11 * (word + 1))) & 0x7ff).expect("eleven bits fit into sixteen")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_frozen_and_spread_over_the_whole_list() {
        assert_eq!(safety_words(&[7; 32]), safety_words(&[7; 32]));
        assert_ne!(safety_words(&[7; 32]), safety_words(&[8; 32]));
        let seen: Vec<_> = (0..40u8).flat_map(|seed| safety_words(&[seed; 32])).collect();
        assert!(seen.iter().all(|index| *index < 2048));
        assert!(seen.iter().any(|index| *index >= 1024), "the highest of the eleven bits is used");
        let last_words: std::collections::BTreeSet<_> = seen.chunks(6).map(|words| words[5]).collect();
        assert!(last_words.len() > 30, "the sixth word is as good as the first");
    }
}
