//! The 2,048 safety words: a beginning of 32 and an end of 64, easy to read aloud and hard to mishear, the same in
//! every language, so that two people who read the page in different languages can compare them.
//!
//! They are made, not found: none is a word of Norwegian or English, so none can hurt or say something about anybody.

const BEGINNINGS: [&str; 32] = [
    "ba", "be", "bo", "bu", "da", "di", "do", "fa", "fe", "fo", "ga", "go", "ha", "hi", "jo", "ka", "ki",
    "ko", "la", "li", "lo", "ma", "mi", "mo", "na", "no", "pa", "pi", "ra", "ro", "sa", "ti",
];
const ENDS: [&str; 64] = [
    "bal", "bel", "bin", "bor", "dal", "den", "dil", "dor", "dun", "fal", "fen", "fil", "for", "fun", "gal",
    "gen", "gil", "gor", "gun", "kal", "ken", "kil", "kor", "kun", "lan", "lem", "lis", "lor", "lum", "mal",
    "men", "mir", "mor", "mun", "nal", "nel", "nim", "nor", "num", "pal", "pel", "pin", "por", "pus", "ral",
    "ren", "ril", "ron", "rum", "sal", "sen", "sil", "sor", "sum", "tal", "ten", "til", "tor", "tun", "val",
    "ven", "vil", "vor", "vum",
];

/// The word with this number; only the lowest eleven bits are read.
pub(crate) fn word(number: u16) -> String {
    let beginning = BEGINNINGS.get(usize::from(number >> 6) % BEGINNINGS.len()).copied().unwrap_or_default();
    let end = ENDS.get(usize::from(number) % ENDS.len()).copied().unwrap_or_default();
    [beginning, end].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_has_a_word_of_its_own() {
        let words: BTreeSet<String> = (0..2_048).map(word).collect();
        assert_eq!(words.len(), 2_048);
        assert!(words.iter().all(|word| word.len() == 5));
    }
}
