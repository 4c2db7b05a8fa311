//! Whom to call, and the few sentences that an organisation says itself: read once from what an administrator typed,
//! plain text only, short enough for the places where they stand (SEC-076, CARE-14, CARE-15).

use crate::people::Language;

/// Characters of a telephone number as it is written.
const NUMBER_CHARS_MAX: usize = 20;
/// Digits of a number that can be dialled: short numbers have three (ITU-T E.161 and national plans), long ones fifteen.
const NUMBER_DIGITS: core::ops::RangeInclusive<usize> = 3..=15;
/// Characters of the hours in which somebody answers.
pub const HOURS_CHARS_MAX: usize = 60;
/// Characters of a sentence that an organisation says itself.
pub const SENTENCE_CHARS_MAX: usize = 280;

/// Whom one may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Line {
    /// The emergency line for children and young people.
    ChildLine,
    /// The out-of-hours doctor.
    Doctor,
    /// Danger to life.
    Emergency,
    /// The police, when somebody is in danger; for clinicians only (CARE-14).
    Police,
    /// The local child-welfare emergency service.
    ChildWelfare,
    /// The organisation itself.
    Clinic,
    /// Whoever is on duty in it; for clinicians only (CARE-14).
    Duty,
    /// Who helps with the technology.
    Support,
}

impl Line {
    /// Every line, in the order in which an administrator sees them.
    pub const ALL: [Self; 8] = [
        Self::ChildLine,
        Self::Doctor,
        Self::Emergency,
        Self::Police,
        Self::ChildWelfare,
        Self::Clinic,
        Self::Duty,
        Self::Support,
    ];
}

/// A sentence that an organisation says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sentence {
    /// What to do when help is needed out of hours.
    OutOfHours,
    /// When requests are read.
    RequestsRead,
}

impl Sentence {
    /// Every sentence.
    pub const ALL: [Self; 2] = [Self::OutOfHours, Self::RequestsRead];
}

/// Why what was typed cannot stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotPlain {
    /// It is no number that can be dialled.
    Number,
    /// It is longer than its place.
    Long,
    /// It holds something that is no plain text: a line break, a mark of another language.
    Marks,
}

/// A number with the hours in which somebody answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The number as it is written.
    pub number: String,
    /// When somebody answers, in words; `None`: always, or it goes without saying.
    pub hours: Option<String>,
}

impl Answers {
    /// Reads a number and its hours; `None` when neither was typed, which means the default.
    ///
    /// # Errors
    /// [`NotPlain`].
    pub fn read(number: &str, hours: &str) -> Result<Option<Self>, NotPlain> {
        let (number, hours) = (number.trim(), hours.trim());
        if number.is_empty() && hours.is_empty() {
            return Ok(None);
        }
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let tail = number.strip_prefix('+').unwrap_or(number);
        let written = tail.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
        if !written || !NUMBER_DIGITS.contains(&digits) || number.len() > NUMBER_CHARS_MAX {
            return Err(NotPlain::Number);
        }
        let hours = plain(hours, HOURS_CHARS_MAX)?;
        Ok(Some(Self { number: number.to_owned(), hours }))
    }
}

/// Reads plain text of at most so many characters; `None` when nothing was typed.
///
/// # Errors
/// [`NotPlain::Long`]; [`NotPlain::Marks`] for angle brackets, line breaks and what cannot be seen.
pub fn plain(text: &str, chars_max: usize) -> Result<Option<String>, NotPlain> {
    let text = text.trim();
    if text.chars().any(|letter| is_hidden(letter) || matches!(letter, '<' | '>')) {
        return Err(NotPlain::Marks);
    }
    if text.chars().count() > chars_max {
        return Err(NotPlain::Long);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Whether a letter cannot be seen: it could make a number or a name look like another, or like none (Unicode's
/// control characters, format characters, blanks that are no space, and marks that only choose a shape).
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || turns_direction(letter)
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}'
                | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a letter turns the direction in which those after it are written (UAX #9).
#[must_use]
pub const fn turns_direction(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The text in a language, or in Bokmål where that language has none.
#[must_use]
pub fn spoken(texts: &[(Language, String)], wanted: Language) -> Option<&str> {
    let of = |language| texts.iter().find(|(one, _)| *one == language).map(|(_, text)| text.as_str());
    of(wanted).or_else(|| of(Language::Bokmal))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_kept_as_they_are_written_and_can_be_dialled() {
        for good in ["113", "116 111", "+47 73 00 00 00", "02800"] {
            let read = Answers::read(good, " hele døgnet ").expect(good).expect("there is one");
            assert_eq!((read.number.as_str(), read.hours.as_deref()), (good, Some("hele døgnet")));
        }
        assert_eq!(Answers::read(" ", ""), Ok(None), "nothing typed is the default");
        for bad in ["", "12", "ring oss", "11+3", "1234 5678 9012 3456", "113; DROP", "11\u{202e}3"] {
            assert_eq!(Answers::read(bad, "alltid"), Err(NotPlain::Number), "{bad}");
        }
    }

    #[test]
    fn texts_are_plain_and_short() {
        assert_eq!(plain("  Ring 116 117. ", 20), Ok(Some("Ring 116 117.".to_owned())));
        assert_eq!(plain("   ", 20), Ok(None));
        assert_eq!(plain(&"å".repeat(20), 20), Ok(Some("å".repeat(20))), "characters, not bytes");
        assert_eq!(plain(&"å".repeat(21), 20), Err(NotPlain::Long));
        for marked in ["<b>nå</b>", "en\nto", "a\u{202e}b", "a\u{200b}b", "a\u{0}b"] {
            assert_eq!(plain(marked, 20), Err(NotPlain::Marks), "{marked:?}");
        }
        for unseen in [
            "\u{ad}",
            "\u{34f}",
            "\u{61c}",
            "\u{180e}",
            "\u{2060}",
            "\u{206a}",
            "\u{2800}",
            "\u{3164}",
            "\u{fe0f}",
            "\u{fff9}",
            "\u{ffa0}",
            "\u{e0041}",
        ] {
            assert_eq!(plain(unseen, 20), Err(NotPlain::Marks), "a name of it alone: {unseen:?}");
            assert_eq!(plain(&format!("Nora{unseen}"), 20), Err(NotPlain::Marks), "{unseen:?}");
        }
        for name in ["Åse-Lill", "Næss", "Áilu Østgård", "Ďáša", "O’Neil", "山田", "نورة", "A\u{30a}se"]
        {
            assert_eq!(plain(name, 20), Ok(Some(name.to_owned())), "names are as people have them");
        }
    }

    #[test]
    fn bokmaal_stands_in_for_a_language_without_a_text() {
        let texts = [(Language::English, "Call.".to_owned()), (Language::Bokmal, "Ring.".to_owned())];
        assert_eq!(spoken(&texts, Language::English), Some("Call."));
        assert_eq!(spoken(&texts, Language::Nynorsk), Some("Ring."));
        assert_eq!(spoken(&texts[..1], Language::Nynorsk), None, "no other language stands in");
    }

    proptest! {
        /// SEC-076: whatever was typed, what is kept has no mark-up, no second line and no more than its place.
        #[test]
        fn sec_076_what_is_kept_is_plain(text in any::<String>(), hours in any::<String>()) {
            if let Ok(Some(kept)) = plain(&text, 50) {
                prop_assert!(kept.chars().count() <= 50 && !kept.contains(['<', '>', '\n', '\r']));
                prop_assert_eq!(plain(&kept, 50), Ok(Some(kept)));
            }
            if let Ok(Some(kept)) = Answers::read(&text, &hours) {
                prop_assert!(kept.number.chars().all(|one| one.is_ascii_digit() || one == ' ' || one == '+'));
            }
        }
    }
}
