//! How many segments a text message takes on a telephone network (3GPP TS 23.038 and 23.040).
//!
//! The GSM alphabet has å, æ and ø but no long dash; a single letter outside it halves what fits.

/// The basic table of TS 23.038 §6.2.1: one septet each. The escape (0x1B) is left out.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                     ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table, §6.2.1.1: an escape and another septet each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text is written on its way to the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// Seven bits a letter.
    Gsm,
    /// Sixteen bits a letter, two such units for some.
    Ucs2,
}

/// How much of the network a text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segments {
    /// How it is written.
    pub alphabet: Alphabet,
    /// Septets or 16-bit units.
    pub units: usize,
    /// How many messages it is cut into.
    pub count: usize,
}

impl Segments {
    /// Counts a text. One segment holds 160 septets or 70 units; several hold 153 or 67 each, because a header says
    /// where they belong. No letter of two units is cut in half.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let gsm = text.chars().all(in_gsm);
        let (alphabet, one, many) = if gsm { (Alphabet::Gsm, 160, 153) } else { (Alphabet::Ucs2, 70, 67) };
        let width = |letter: char| match alphabet {
            Alphabet::Gsm => 1_usize.saturating_add(usize::from(EXTENDED.contains(letter))),
            Alphabet::Ucs2 => letter.len_utf16(),
        };
        let units = text.chars().map(width).fold(0, usize::saturating_add);
        if units <= one {
            return Self { alphabet, units, count: 1 };
        }
        let (mut count, mut filled) = (1_usize, 0_usize);
        for letter in text.chars() {
            filled = filled.saturating_add(width(letter));
            if filled > many {
                count = count.saturating_add(1);
                filled = width(letter);
            }
        }
        Self { alphabet, units, count }
    }
}

/// Whether the GSM alphabet has this letter.
#[must_use]
pub fn in_gsm(letter: char) -> bool {
    BASIC.contains(letter) || EXTENDED.contains(letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_has_every_place_but_the_escape() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENDED.chars().count(), 10);
        assert!("Vi ses på lørdag. Åpne æsken!".chars().all(in_gsm));
        assert!(!in_gsm('–') && !in_gsm('«') && !in_gsm('ê') && !in_gsm('\t'));
    }

    #[test]
    fn segments_end_where_the_network_ends_them() {
        let of = |letter: &str, times: usize| {
            let Segments { alphabet, units, count } = Segments::of(&letter.repeat(times));
            (alphabet, units, count)
        };
        assert_eq!(of("a", 160), (Alphabet::Gsm, 160, 1));
        assert_eq!(of("a", 161), (Alphabet::Gsm, 161, 2));
        assert_eq!(of("a", 306), (Alphabet::Gsm, 306, 2));
        assert_eq!(of("a", 307), (Alphabet::Gsm, 307, 3));
        assert_eq!(of("€", 80), (Alphabet::Gsm, 160, 1));
        assert_eq!(of("€", 153), (Alphabet::Gsm, 306, 3), "an escape is not parted from its letter");
        assert_eq!(of("–", 70), (Alphabet::Ucs2, 70, 1));
        assert_eq!(of("–", 134), (Alphabet::Ucs2, 134, 2));
        assert_eq!(of("🐦", 35), (Alphabet::Ucs2, 70, 1));
        assert_eq!(of("🐦", 67), (Alphabet::Ucs2, 134, 3), "nor half a bird from the other");
        assert_eq!(of("", 0), (Alphabet::Gsm, 0, 1));
    }

    proptest! {
        #[test]
        fn cutting_holds_everything_and_wastes_little(text in "[a-z€–🐦]{0,500}") {
            let Segments { alphabet, units, count } = Segments::of(&text);
            let (one, many) = if alphabet == Alphabet::Gsm { (160, 153) } else { (70, 67) };
            if count == 1 {
                prop_assert!(units <= one);
            } else {
                prop_assert!(units > one && units <= count * many);
                prop_assert!(units > (count - 1) * (many - 1));
            }
        }
    }
}
