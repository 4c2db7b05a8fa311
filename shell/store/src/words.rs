//! Recovery words: the root key as 24 words of a fixed list (BIP 39), so that a person can write it down and read it
//! back. The last word holds a checksum, so that a slip of the pen is seen (SEC-052).

use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::keys::RootKey;

/// Words of a key: 256 bits and 8 bits of checksum, 11 bits each.
pub const RECOVERY_WORDS: usize = 24;

impl RootKey {
    /// The key as 24 words, for whoever founds the records; never for a log or a file.
    ///
    /// # Panics
    /// Never: 32 bytes are a length that the list has words for (BIP 39).
    #[must_use]
    pub fn to_words(&self) -> Zeroizing<String> {
        let words = Mnemonic::from_entropy_in(Language::English, self.bytes());
        Zeroizing::new(words.expect("32 bytes have 24 words (BIP 39)").words().collect::<Vec<_>>().join(" "))
    }

    /// Reads the words back: capitals and the space between them do not matter.
    ///
    /// # Errors
    /// [`KeyError::WordCount`], [`KeyError::UnknownWord`] with the place of the first, [`KeyError::WordsDoNotFit`].
    pub fn from_words(text: &str) -> Result<Self, KeyError> {
        let text = Zeroizing::new(text.to_lowercase());
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() != RECOVERY_WORDS {
            return Err(KeyError::WordCount { found: words.len() });
        }
        if let Some(at) = words.iter().position(|word| Language::English.find_word(word).is_none()) {
            return Err(KeyError::UnknownWord { place: at + 1 });
        }
        let text = Zeroizing::new(words.join(" "));
        let read =
            Mnemonic::parse_in_normalized(Language::English, &text).map_err(|_| KeyError::WordsDoNotFit)?;
        let (bytes, length) = read.to_entropy_array();
        let bytes = Zeroizing::new(bytes);
        let bytes = bytes.get(..length).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Self::from_bytes).ok_or(KeyError::WordsDoNotFit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the list of test vectors of BIP 39: these words and these bytes belong together.
    #[test]
    fn the_words_are_those_of_the_standard() {
        let key = RootKey::from_hex(&"7f".repeat(32)).expect("a key");
        let seven = "legal winner thank year wave sausage worth";
        let words = format!("{seven} useful {seven} useful {seven} title");
        assert_eq!(*key.to_words(), words);
        assert_eq!(RootKey::from_words(&words).expect("words").to_words(), key.to_words());
        let shouted = words.to_uppercase().replace(' ', "  \n");
        assert_eq!(RootKey::from_words(&shouted).expect("words").to_words(), key.to_words());
    }

    #[test]
    fn sec_052_a_slip_of_the_pen_is_seen_and_told_by_its_place() {
        let words = RootKey::from_hex(&"7f".repeat(32)).expect("a key").to_words();
        let less = words.trim_end_matches(" title");
        assert!(matches!(RootKey::from_words(less), Err(KeyError::WordCount { found: 23 })));
        let unknown = words.replacen("thank", "thnak", 1);
        assert!(matches!(RootKey::from_words(&unknown), Err(KeyError::UnknownWord { place: 3 })));
        let other = words.replacen("thank", "thunder", 1);
        assert!(matches!(RootKey::from_words(&other), Err(KeyError::WordsDoNotFit)));
    }
}
